package storage

import "github.com/stint-pim/stint/core"

// keptMax bounds how many rows of one kind are kept in memory.
const keptMax = 4096

// recentMax bounds those that are asked for again soon, or never: what an
// activation wrote is asked for when the system has answered.
const recentMax = 512

// kept are rows that the rules ask for again and again and that hardly ever
// change: who somebody is, what a role is called, what its settings are. And it
// keeps what was read or written last of what does change. Only write
// transactions use it, of which there is one at a time, and only where this
// process alone writes to the database. What is put is forgotten, or kept as it
// would be read back; all is forgotten after a transaction that did not commit.
type kept struct {
	systems  map[core.SystemID]core.System
	roles    map[core.RoleID]core.Role
	levels   map[core.RoleID][3]core.PolicySettings
	approval map[string][]core.PolicyLevel // under the empty name
	people   map[core.PersonID]core.Person
	accounts map[accountKey]core.Account
	holders  map[string][]core.Person

	settings map[string]core.Settings // under the empty name
	calm     map[core.SystemID]bool   // whether nothing was found on it that is not as it should be

	head *core.Head // of the log, as committed
	high int64

	assignments map[core.AssignmentID]core.Assignment
	grants      map[core.GrantID]core.Grant
	keys        map[core.GrantKey]core.GrantID
	requests    map[core.RequestID]core.Request // without an approval, which rules take apart
	factors     map[core.PersonID]core.Factor
	credentials map[core.PersonID]core.Credential
	sessions    map[core.SessionID]core.Session
	wanted      wanted
}

type accountKey struct {
	person core.PersonID
	system core.SystemID
}

// recall returns m[k], or asks for it and keeps it.
func recall[K comparable, V any](t *tx, m func(*kept) *map[K]V, most int, k K, ask func() (V, bool)) (V, bool) {
	if t.db.kept == nil {
		return ask()
	}
	in := m(t.db.kept)
	if v, ok := (*in)[k]; ok {
		return v, true
	}
	v, ok := ask()
	if ok && t.err == nil {
		if *in == nil || len(*in) >= most {
			*in = map[K]V{}
		}
		(*in)[k] = v
	}
	return v, ok
}

// keep keeps a row as it was just written.
func keep[K comparable, V any](k *kept, m func(*kept) *map[K]V, id K, v V) {
	if k == nil {
		return
	}
	in := m(k)
	if *in == nil || len(*in) >= recentMax {
		*in = map[K]V{}
	}
	(*in)[id] = v
}

// before takes a row that is about to be written out of what is kept. Where it
// was, it is on the disk, and only what changed needs to be written.
func before[K comparable, V any](t *tx, m func(*kept) *map[K]V, id K) (was V, known bool) {
	if k := t.db.kept; k != nil {
		was, known = (*m(k))[id]
		delete(*m(k), id)
	}
	return was, known
}

func keptAssignments(k *kept) *map[core.AssignmentID]core.Assignment { return &k.assignments }
func keptGrants(k *kept) *map[core.GrantID]core.Grant                { return &k.grants }
func keptRequests(k *kept) *map[core.RequestID]core.Request          { return &k.requests }

// forget drops what a change makes untrue; after one that it doesn't know, all.
func (k *kept) forget(c core.Change) {
	if k == nil {
		return
	}
	switch c := c.(type) {
	case core.System:
		delete(k.systems, c.ID)
	case core.Role:
		delete(k.roles, c.ID)
		delete(k.levels, c.ID)
	case core.PolicyLevel:
		k.levels, k.approval = nil, nil
	case core.Person:
		delete(k.people, c.ID)
		k.holders = nil
	case core.Account:
		delete(k.accounts, accountKey{c.Person, c.System})
	case core.AccountRemoved:
		delete(k.accounts, accountKey{c.Person, c.System})
	case core.Assignment:
		if c.System == core.StintSystem {
			k.holders = nil
		}
	case core.Settings:
		k.settings = nil
	case core.Factor:
		delete(k.factors, c.Person)
	case core.Credential:
		delete(k.credentials, c.Person)
	case core.Session:
		delete(k.sessions, c.ID)
	case core.SessionEnded:
		delete(k.sessions, c.ID)
	case core.Drift:
		delete(k.calm, c.System)
	case core.DriftRemoved:
		k.calm = nil
	case core.Grant, core.Request: // renewed when they are put
	case core.Favourite, core.FavouriteRemoved,
		core.Deputy, core.DeputyRemoved, core.Group, core.Member, core.MemberRemoved, core.Reading, core.ClockMark:
	default:
		*k = kept{}
	}
}

func (t *tx) Assignment(id core.AssignmentID) (core.Assignment, bool) {
	return recall(t, keptAssignments, recentMax, id, func() (core.Assignment, bool) { return t.view.Assignment(id) })
}

func (t *tx) Grant(id core.GrantID) (core.Grant, bool) {
	return recall(t, keptGrants, recentMax, id, func() (core.Grant, bool) { return t.view.Grant(id) })
}

// GrantFor implements core.View. A grant never gets another key.
func (t *tx) GrantFor(key core.GrantKey) (core.Grant, bool) {
	k := t.db.kept
	if k == nil {
		return t.view.GrantFor(key)
	}
	if g, ok := k.grants[k.keys[key]]; ok && g.GrantKey == key {
		return g, true
	}
	g, ok := t.view.GrantFor(key)
	if ok {
		if k.keys == nil || len(k.keys) >= recentMax {
			k.keys = map[core.GrantKey]core.GrantID{}
		}
		k.keys[key] = g.ID
		keep(k, keptGrants, g.ID, g)
	}
	return g, ok
}

// Factor implements core.View, as do the methods below.
func (t *tx) Factor(p core.PersonID) (core.Factor, bool) {
	return recall(t, func(k *kept) *map[core.PersonID]core.Factor { return &k.factors }, recentMax, p,
		func() (core.Factor, bool) { return t.view.Factor(p) })
}

func (t *tx) Credential(p core.PersonID) (core.Credential, bool) {
	return recall(t, func(k *kept) *map[core.PersonID]core.Credential { return &k.credentials }, recentMax, p,
		func() (core.Credential, bool) { return t.view.Credential(p) })
}

func (t *tx) Session(id core.SessionID) (core.Session, bool) {
	return recall(t, func(k *kept) *map[core.SessionID]core.Session { return &k.sessions }, recentMax, id,
		func() (core.Session, bool) { return t.view.Session(id) })
}

func (t *tx) Settings() core.Settings {
	s, _ := recall(t, func(k *kept) *map[string]core.Settings { return &k.settings }, keptMax, "",
		func() (core.Settings, bool) { return t.view.Settings(), true })
	return s
}

// DriftFor looks no further where nothing at all was found.
func (t *tx) DriftFor(key core.GrantKey, kind core.DriftKind) (core.Drift, bool) {
	calm, _ := recall(t, func(k *kept) *map[core.SystemID]bool { return &k.calm }, keptMax, key.System, func() (calm, ok bool) {
		any, err := t.q.AnyDrift(t.ctx, string(key.System))
		return !any, !t.fail(err)
	})
	if calm {
		return core.Drift{}, false
	}
	return t.view.DriftFor(key, kind)
}

func (t *tx) Request(id core.RequestID) (core.Request, bool) {
	if t.db.kept != nil {
		if r, ok := t.db.kept.requests[id]; ok {
			return r, true
		}
	}
	return t.view.Request(id)
}

// System implements core.View, as do the methods below.
func (t *tx) System(id core.SystemID) (core.System, bool) {
	return recall(t, func(k *kept) *map[core.SystemID]core.System { return &k.systems }, keptMax, id,
		func() (core.System, bool) { return t.view.System(id) })
}

func (t *tx) Role(id core.RoleID) (core.Role, bool) {
	return recall(t, func(k *kept) *map[core.RoleID]core.Role { return &k.roles }, keptMax, id,
		func() (core.Role, bool) { return t.view.Role(id) })
}

func (t *tx) PolicyLevels(id core.RoleID) (def, system, role core.PolicySettings) {
	l, _ := recall(t, func(k *kept) *map[core.RoleID][3]core.PolicySettings { return &k.levels }, keptMax, id,
		func() (l [3]core.PolicySettings, ok bool) {
			l[0], l[1], l[2] = t.view.PolicyLevels(id)
			return l, true
		})
	return l[0], l[1], l[2]
}

// ApprovalLevels returns a list of its own each time, as Holders does.
func (t *tx) ApprovalLevels() []core.PolicyLevel {
	list, _ := recall(t, func(k *kept) *map[string][]core.PolicyLevel { return &k.approval }, keptMax, "",
		func() ([]core.PolicyLevel, bool) { return t.view.ApprovalLevels(), true })
	return append([]core.PolicyLevel(nil), list...)
}

func (t *tx) Person(id core.PersonID) (core.Person, bool) {
	return recall(t, func(k *kept) *map[core.PersonID]core.Person { return &k.people }, keptMax, id,
		func() (core.Person, bool) { return t.view.Person(id) })
}

func (t *tx) Account(p core.PersonID, s core.SystemID) (core.Account, bool) {
	return recall(t, func(k *kept) *map[accountKey]core.Account { return &k.accounts }, keptMax, accountKey{p, s},
		func() (core.Account, bool) { return t.view.Account(p, s) })
}

// Holders returns a list of its own each time: the rules take people out of it.
func (t *tx) Holders(roles ...core.RoleID) []core.Person {
	key := ""
	for _, r := range roles {
		key += string(r) + "\x00"
	}
	list, _ := recall(t, func(k *kept) *map[string][]core.Person { return &k.holders }, keptMax, key,
		func() ([]core.Person, bool) { return t.view.Holders(roles...), true })
	return append([]core.Person(nil), list...)
}
