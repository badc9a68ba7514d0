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

	assignments map[core.AssignmentID]core.Assignment
	grants      map[core.GrantID]core.Grant
	requests    map[core.RequestID]core.Request // without an approval, which rules take apart
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
		delete(k.assignments, c.ID)
		if c.System == core.StintSystem {
			k.holders = nil
		}
	case core.Grant:
		delete(k.grants, c.ID)
	case core.Request:
		delete(k.requests, c.ID)
	case core.Settings, core.Credential, core.Factor, core.Session, core.SessionEnded, core.Favourite, core.FavouriteRemoved,
		core.Deputy, core.DeputyRemoved, core.Group, core.Member, core.MemberRemoved, core.Drift, core.DriftRemoved, core.Reading, core.ClockMark:
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
