package memory

import (
	"maps"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// table maps keys to rows. It is copied before the first change of a transaction.
type table[K comparable, V any] struct {
	rows map[K]V
	own  bool // rows belong to the transaction under way
}

func (t *table[K, V]) get(k K) (V, bool) { v, ok := t.rows[k]; return v, ok }

func (t *table[K, V]) writable() map[K]V {
	if !t.own {
		t.rows, t.own = maps.Clone(t.rows), true
		if t.rows == nil {
			t.rows = map[K]V{}
		}
	}
	return t.rows
}

func (t *table[K, V]) put(k K, v V) { t.writable()[k] = v }
func (t *table[K, V]) remove(k K)   { delete(t.writable(), k) }

type accountKey struct {
	person core.PersonID
	system core.SystemID
}

type rememberedKey struct {
	person core.PersonID
	key    string
}

type memberKey struct {
	group  core.GroupID
	person core.PersonID
}

type remembered struct {
	digest, result []byte
	at             time.Time
}

// state is everything a store holds.
type state struct {
	settings    core.Settings
	noted       time.Time
	clock       core.ClockMark
	digest      core.DigestMark
	restored    time.Time
	systems     table[core.SystemID, core.System]
	roles       table[core.RoleID, core.Role]
	levels      table[string, core.PolicySettings]
	people      table[core.PersonID, core.Person]
	accounts    table[accountKey, core.Account]
	credentials table[core.PersonID, core.Credential]
	factors     table[core.PersonID, core.Factor]
	sessions    table[core.SessionID, core.Session]
	favourites  table[core.FavouriteID, core.Favourite]
	assignments table[core.AssignmentID, core.Assignment]
	requests    table[core.RequestID, core.Request]
	grants      table[core.GrantID, core.Grant]
	drifts      table[core.DriftID, core.Drift]
	readings    table[core.SystemID, core.Reading]
	deputies    table[core.PersonID, core.Deputy]
	groups      table[core.GroupID, core.Group]
	members     table[memberKey, core.Member]
	remembered  table[rememberedKey, remembered]
	entries     []core.Entry // only appended to: older states see fewer of the same
	deliveries  []core.Delivery
}

// shared says that the tables belong to the state before as well.
func (s *state) shared() {
	s.systems.own, s.roles.own, s.levels.own, s.people.own = false, false, false, false
	s.accounts.own, s.credentials.own, s.factors.own, s.sessions.own = false, false, false, false
	s.favourites.own, s.assignments.own, s.requests.own, s.grants.own = false, false, false, false
	s.drifts.own, s.readings.own, s.remembered.own = false, false, false
	s.deputies.own, s.groups.own, s.members.own = false, false, false
}

func (s *state) head() core.Head {
	if len(s.entries) == 0 {
		return core.Head{}
	}
	e := s.entries[len(s.entries)-1]
	return core.Head{Seq: e.Seq, Hash: e.Hash, Time: e.Time}
}

// put stores one change as a database would: times cut to microseconds, and a
// copy of whatever could be changed from outside.
func (s *state) put(c core.Change) error {
	switch c := c.(type) {
	case core.Settings:
		s.settings = settings(c)
	case core.System:
		if c.State != core.SystemRemoved && taken(s.systems.rows, func(o core.System) bool {
			return o.ID != c.ID && o.State != core.SystemRemoved && same(o.Name, c.Name)
		}) {
			return core.Errorf(core.Conflict, "", "storage.name_taken")
		}
		s.systems.put(c.ID, system(c))
	case core.Role:
		if taken(s.roles.rows, func(o core.Role) bool { return o.ID != c.ID && o.System == c.System && o.External == c.External }) {
			return core.Errorf(core.Conflict, "", "storage.role_taken")
		}
		s.roles.put(c.ID, c)
	case core.PolicyLevel:
		s.levels.put(c.Level, policy(c.Settings))
	case core.Person:
		if taken(s.people.rows, func(o core.Person) bool { return o.ID != c.ID && same(o.Login, c.Login) }) {
			return core.Errorf(core.Conflict, "", "storage.login_taken")
		}
		c.Created = cut(c.Created)
		s.people.put(c.ID, c)
	case core.Group:
		if !c.Removed && taken(s.groups.rows, func(o core.Group) bool { return o.ID != c.ID && !o.Removed && same(o.Name, c.Name) }) {
			return core.Errorf(core.Conflict, "", "storage.group_taken")
		}
		c.Created = cut(c.Created)
		s.groups.put(c.ID, c)
	case core.Member:
		c.Since = cut(c.Since)
		s.members.put(memberKey{c.Group, c.Person}, c)
	case core.MemberRemoved:
		s.members.remove(memberKey{c.Group, c.Person})
	case core.Account:
		if taken(s.accounts.rows, func(o core.Account) bool {
			return o.Person != c.Person && o.System == c.System && o.External == c.External
		}) {
			return core.Errorf(core.Conflict, "", "storage.account_taken")
		}
		s.accounts.put(accountKey{c.Person, c.System}, c)
	case core.AccountRemoved:
		s.accounts.remove(accountKey{c.Person, c.System})
	case core.Credential:
		c.Changed, c.LockedTill, c.SignedIn = cut(c.Changed), cut(c.LockedTill), cut(c.SignedIn)
		s.credentials.put(c.Person, c)
	case core.Factor:
		s.factors.put(c.Person, factor(c))
	case core.Session:
		c.Created, c.LastSeen, c.Expires = cut(c.Created), cut(c.LastSeen), cut(c.Expires)
		s.sessions.put(c.ID, c)
	case core.Afresh:
		s.restored = cut(c.At)
		clear(s.sessions.writable())
		clear(s.remembered.writable())
		for id, f := range s.factors.writable() {
			f.LastStep = max(f.LastStep, c.Step)
			s.factors.rows[id] = f
		}
	case core.SessionEnded:
		s.sessions.remove(c.ID)
	case core.Favourite:
		s.favourites.put(c.ID, favourite(c))
	case core.FavouriteRemoved:
		s.favourites.remove(c.ID)
	case core.Assignment:
		if c.State.Live() && c.Basis != "" && taken(s.assignments.rows, func(o core.Assignment) bool {
			return o.ID != c.ID && o.State.Live() && o.Basis == c.Basis
		}) {
			return core.Errorf(core.Conflict, "", "storage.basis_live")
		}
		c.Start, c.End, c.Ended, c.Created, c.Remind = cut(c.Start), cut(c.End), cut(c.Ended), cut(c.Created), cut(c.Remind)
		s.assignments.put(c.ID, c)
	case core.Request:
		c.Start, c.End, c.Created, c.Completed = cut(c.Start), cut(c.End), cut(c.Created), cut(c.Completed)
		c.Due, c.Approval = cut(c.Due), approval(c.Approval)
		s.requests.put(c.ID, c)
	case core.Deputy:
		c.From, c.Until = cut(c.From), cut(c.Until)
		s.deputies.put(c.Person, c)
	case core.DeputyRemoved:
		s.deputies.remove(c.Person)
	case core.Grant:
		if taken(s.grants.rows, func(o core.Grant) bool { return o.ID != c.ID && o.GrantKey == c.GrantKey }) {
			return core.Errorf(core.Conflict, "", "storage.grant_taken")
		}
		c.Until, c.Since, c.Failing, c.NextTry, c.Evidence.At = cut(c.Until), cut(c.Since), cut(c.Failing), cut(c.NextTry), cut(c.Evidence.At)
		s.grants.put(c.ID, c)
	case core.Drift:
		if taken(s.drifts.rows, func(o core.Drift) bool { return o.ID != c.ID && o.GrantKey == c.GrantKey && o.Kind == c.Kind }) {
			return core.Errorf(core.Conflict, "", "storage.drift_taken")
		}
		c.First, c.Accepted = cut(c.First), cut(c.Accepted)
		s.drifts.put(c.ID, c)
	case core.DriftRemoved:
		s.drifts.remove(c.ID)
	case core.Reading:
		c.At = cut(c.At)
		s.readings.put(c.System, c)
	case core.ClockMark:
		c.At = cut(c.At)
		s.clock = c
	case core.DigestMark:
		c.Next, c.Until = cut(c.Next), cut(c.Until)
		s.digest = c
	case core.ClockSet:
		s.setClock(cut(c.Now))
	default:
		return core.Errorf(core.Internal, "", "storage.change")
	}
	return nil
}

// setClock carries out a core.ClockSet.
func (s *state) setClock(now time.Time) {
	s.noted = now
	for id, x := range s.sessions.rows {
		if x.LastSeen.After(now) || x.Created.After(now) {
			s.sessions.remove(id)
		}
	}
	locks := now.Add(core.LockFor)
	for id, c := range s.credentials.rows {
		c.LockedTill = earlier(c.LockedTill, locks)
		s.credentials.put(id, c)
	}
	for id, f := range s.factors.rows {
		f.LockedTill = earlier(f.LockedTill, locks)
		s.factors.put(id, f)
	}
	for id, g := range s.grants.rows {
		if g.Pending() && (g.NextTry.After(now) || g.Failing.After(now) || g.Since.After(now)) {
			g.NextTry, g.Failing, g.Since = time.Time{}, earlier(g.Failing, now), earlier(g.Since, now)
			s.grants.put(id, g)
		}
	}
	for id, x := range s.systems.rows {
		if x.Health.Checked.After(now) {
			x.Health.Checked = time.Time{}
		}
		x.Health.LastOK, x.Health.Since = earlier(x.Health.LastOK, now), earlier(x.Health.Since, now)
		s.systems.put(id, x)
	}
	for k, r := range s.remembered.rows {
		r.at = earlier(r.at, now)
		s.remembered.put(k, r)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func taken[K comparable, V any](rows map[K]V, by func(V) bool) bool {
	for _, v := range rows {
		if by(v) {
			return true
		}
	}
	return false
}

// same compares without regard to case.
func same(a, b string) bool { return paging.Fold(a) == paging.Fold(b) }
