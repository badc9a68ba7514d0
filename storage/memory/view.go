package memory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// view is core.View of one state. Reading it can't fail.
type view struct{ s *state }

func (v view) Err() error              { return nil }
func (v view) Settings() core.Settings { return settings(v.s.settings) }

func (v view) System(id core.SystemID) (core.System, bool) {
	s, ok := v.s.systems.get(id)
	return system(s), ok
}

func (v view) SystemByName(name string) (core.System, bool) {
	for _, s := range v.s.systems.rows {
		if s.State != core.SystemRemoved && same(s.Name, name) {
			return system(s), true
		}
	}
	return core.System{}, false
}

func (v view) Role(id core.RoleID) (core.Role, bool) { return v.s.roles.get(id) }

func (v view) RoleByExternal(id core.SystemID, external string) (core.Role, bool) {
	for _, r := range v.s.roles.rows {
		if r.System == id && r.External == external {
			return r, true
		}
	}
	return core.Role{}, false
}

func (v view) ProtectedRoles() []core.Role {
	rs := pick(v.s.roles.rows, func(r core.Role) bool { return r.Protected })
	return first(rs, 100, func(a, b core.Role) int { return byName(a.Name, b.Name, a.ID, b.ID) })
}

func (v view) PolicyLevels(id core.RoleID) (def, system, role core.PolicySettings) {
	if r, ok := v.s.roles.get(id); ok {
		system = v.PolicyLevel(string(r.System))
	}
	return v.PolicyLevel(core.DefaultLevel), system, v.PolicyLevel(string(id))
}

func (v view) ApprovalLevels() []core.PolicyLevel {
	var ls []core.PolicyLevel
	for level, s := range v.s.levels.rows {
		if l := (core.PolicyLevel{Level: level, Settings: policy(s)}); l.Approves() {
			ls = append(ls, l)
		}
	}
	return first(ls, 5000, func(a, b core.PolicyLevel) int { return strings.Compare(a.Level, b.Level) })
}

func (v view) PolicyLevel(level string) core.PolicySettings { return policy(v.s.levels.rows[level]) }

func (v view) People() int                                 { return len(v.s.people.rows) }
func (v view) Person(id core.PersonID) (core.Person, bool) { return v.s.people.get(id) }

func (v view) PersonByLogin(login string) (core.Person, bool) {
	for _, p := range v.s.people.rows {
		if same(p.Login, login) {
			return p, true
		}
	}
	return core.Person{}, false
}

func (v view) Account(p core.PersonID, s core.SystemID) (core.Account, bool) {
	return v.s.accounts.get(accountKey{p, s})
}

func (v view) AccountOwner(s core.SystemID, external string) (core.PersonID, bool) {
	for _, a := range v.s.accounts.rows {
		if a.System == s && a.External == external {
			return a.Person, true
		}
	}
	return "", false
}

func (v view) Group(id core.GroupID) (core.Group, bool) { return v.s.groups.get(id) }

func (v view) GroupByName(name string) (core.Group, bool) {
	for _, g := range v.s.groups.rows {
		if !g.Removed && same(g.Name, name) {
			return g, true
		}
	}
	return core.Group{}, false
}

func (v view) MembersOf(id core.GroupID) []core.Member {
	ms := pick(v.s.members.rows, func(m core.Member) bool { return m.Group == id })
	return first(ms, core.MaxMembers, func(a, b core.Member) int { return cmp.Compare(a.Person, b.Person) })
}

func (v view) GroupsOf(p core.PersonID) []core.Member {
	ms := pick(v.s.members.rows, func(m core.Member) bool { return m.Person == p })
	return first(ms, 500, func(a, b core.Member) int { return cmp.Compare(a.Group, b.Group) })
}

func (v view) GivenTo(id core.GroupID) []core.Assignment {
	return v.oldest(core.MaxGiven, func(a core.Assignment) bool { return a.State.Live() && a.OfGroup() && a.Group == id })
}

func (v view) Through(id core.AssignmentID) []core.Assignment {
	return v.oldest(core.MaxMembers, func(a core.Assignment) bool { return a.State.Live() && a.Via == id && id != "" })
}

func (v view) Credential(p core.PersonID) (core.Credential, bool) { return v.s.credentials.get(p) }

func (v view) Factor(p core.PersonID) (core.Factor, bool) {
	f, ok := v.s.factors.get(p)
	return factor(f), ok
}

func (v view) Session(id core.SessionID) (core.Session, bool) { return v.s.sessions.get(id) }

func (v view) SessionsOf(p core.PersonID) []core.Session {
	ss := pick(v.s.sessions.rows, func(s core.Session) bool { return s.Person == p })
	return first(ss, 100, func(a, b core.Session) int { return -byTime(a.Created, b.Created, a.ID, b.ID) })
}

func (v view) Favourite(id core.FavouriteID) (core.Favourite, bool) {
	f, ok := v.s.favourites.get(id)
	return favourite(f), ok
}

func (v view) FavouritesOf(p core.PersonID) []core.Favourite {
	fs := pick(v.s.favourites.rows, func(f core.Favourite) bool { return f.Person == p })
	fs = first(fs, 100, func(a, b core.Favourite) int { return byName(a.Name, b.Name, a.ID, b.ID) })
	for i := range fs {
		fs[i] = favourite(fs[i])
	}
	return fs
}

func (v view) Assignment(id core.AssignmentID) (core.Assignment, bool) {
	return v.s.assignments.get(id)
}

// oldest returns the assignments that fit, oldest first.
func (v view) oldest(limit int, fits func(core.Assignment) bool) []core.Assignment {
	return first(pick(v.s.assignments.rows, fits), limit, func(a, b core.Assignment) int {
		return byTime(a.Created, b.Created, a.ID, b.ID)
	})
}

// most is the limit of lists whose contract names 5,000 or none.
const most = 5000

func (v view) LiveOf(p core.PersonID) []core.Assignment {
	return v.oldest(most, func(a core.Assignment) bool { return a.State.Live() && a.Principal == p })
}

func (v view) LiveFor(role core.RoleID, kind core.AssignmentKind, limit int) []core.Assignment {
	return v.oldest(limit, func(a core.Assignment) bool { return a.State.Live() && a.Role == role && a.Kind == kind })
}

func (v view) LiveOn(id core.SystemID, limit int) []core.Assignment {
	return v.oldest(limit, func(a core.Assignment) bool { return a.State.Live() && a.System == id })
}

func (v view) Clock() core.ClockMark { return v.s.clock }

func (v view) Activations(limit int) []core.Assignment {
	return v.oldest(limit, func(a core.Assignment) bool { return a.State.Live() && a.Origin == core.Activated })
}

func (v view) StandingOn(id core.AssignmentID) []core.Assignment {
	return v.oldest(most, func(a core.Assignment) bool { return a.State.Live() && a.Basis == id && id != "" })
}

func (v view) Wanting(id core.GrantID) []core.Assignment {
	return v.oldest(most, func(a core.Assignment) bool {
		return a.State == core.InForce && a.Kind == core.Active && a.Grant == id && id != ""
	})
}

func (v view) Due(now time.Time, limit int) []core.Assignment {
	now = cut(now)
	over := func(a core.Assignment) bool { return a.State.Live() && !a.End.IsZero() && !a.End.After(now) }
	ends := first(pick(v.s.assignments.rows, over), limit, func(a, b core.Assignment) int {
		return byTime(a.End, b.End, a.ID, b.ID)
	})
	starts := first(pick(v.s.assignments.rows, func(a core.Assignment) bool {
		return a.State == core.Scheduled && !a.Start.After(now) && !over(a)
	}), limit-len(ends), func(a, b core.Assignment) int { return byTime(a.Start, b.Start, a.ID, b.ID) })
	return append(ends, starts...)
}

func (v view) Request(id core.RequestID) (core.Request, bool) {
	r, ok := v.s.requests.get(id)
	r.Approval = approval(r.Approval)
	return r, ok
}

func (v view) pending(limit int, fits func(core.Request) bool) []core.Request {
	rs := first(pick(v.s.requests.rows, func(r core.Request) bool { return r.Status == core.PendingApproval && fits(r) }), limit,
		func(a, b core.Request) int { return byTime(a.Created, b.Created, a.ID, b.ID) })
	for i := range rs {
		rs[i].Approval = approval(rs[i].Approval)
	}
	return rs
}

func (v view) PendingOn(id core.AssignmentID) []core.Request {
	return v.pending(100, func(r core.Request) bool { return r.Basis == id })
}

func (v view) Named(id core.GroupID) bool {
	for _, r := range v.s.requests.rows {
		if r.Status == core.PendingApproval && r.Approval != nil && slices.ContainsFunc(r.Approval.Stages, func(s core.Stage) bool {
			return slices.Contains(s.Approvers, core.Approver{Group: id}) || slices.Contains(s.EscalateTo, core.Approver{Group: id})
		}) {
			return true
		}
	}
	return false
}

func (v view) PendingOf(p core.PersonID) []core.Request {
	return v.pending(500, func(r core.Request) bool { return r.Principal == p })
}

func (v view) RemindersDue(now time.Time, limit int) []core.Assignment {
	now = cut(now)
	return first(pick(v.s.assignments.rows, func(a core.Assignment) bool { return !a.Remind.IsZero() && !a.Remind.After(now) }), limit,
		func(a, b core.Assignment) int { return byTime(a.Remind, b.Remind, a.ID, b.ID) })
}

func (v view) RequestsDue(now time.Time, limit int) []core.Request {
	now = cut(now)
	rs := first(pick(v.s.requests.rows, func(r core.Request) bool { return !r.Due.IsZero() && !r.Due.After(now) }), limit,
		func(a, b core.Request) int { return byTime(a.Due, b.Due, a.ID, b.ID) })
	for i := range rs {
		rs[i].Approval = approval(rs[i].Approval)
	}
	return rs
}

func (v view) Deputy(p core.PersonID) (core.Deputy, bool) { return v.s.deputies.get(p) }

func (v view) DeputyFor(p core.PersonID) []core.Deputy {
	return first(pick(v.s.deputies.rows, func(d core.Deputy) bool { return d.Deputy == p }), 100, func(a, b core.Deputy) int {
		return cmp.Compare(a.Person, b.Person)
	})
}

func (v view) Grant(id core.GrantID) (core.Grant, bool) { return v.s.grants.get(id) }

func (v view) GrantFor(k core.GrantKey) (core.Grant, bool) {
	for _, g := range v.s.grants.rows {
		if g.GrantKey == k {
			return g, true
		}
	}
	return core.Grant{}, false
}

func (v view) GrantsOn(id core.SystemID) int {
	return len(pick(v.s.grants.rows, func(g core.Grant) bool {
		return g.System == id && (g.Wanted || g.Pending() && g.State != core.GrantUnknown)
	}))
}

func (v view) Holders(roles ...core.RoleID) []core.Person {
	holds := map[core.PersonID]bool{}
	for _, a := range v.s.assignments.rows {
		if a.State == core.InForce && a.Kind == core.Active && slices.Contains(roles, a.Role) {
			holds[a.Principal] = true
		}
	}
	ps := pick(v.s.people.rows, func(p core.Person) bool { return holds[p.ID] })
	return first(ps, 100, func(a, b core.Person) int { return byName(a.Name, b.Name, a.ID, b.ID) })
}

func pick[K comparable, V any](rows map[K]V, fits func(V) bool) []V {
	var out []V
	for _, v := range rows {
		if fits(v) {
			out = append(out, v)
		}
	}
	return out
}

// first sorts vs and returns the first n.
func first[V any](vs []V, n int, by func(a, b V) int) []V {
	slices.SortFunc(vs, by)
	return vs[:min(max(n, 0), len(vs))]
}

func byTime[ID ~string](a, b time.Time, ai, bi ID) int {
	return cmp.Or(a.Compare(b), cmp.Compare(ai, bi))
}

func byName[ID ~string](a, b string, ai, bi ID) int {
	return cmp.Or(cmp.Compare(paging.Fold(a), paging.Fold(b)), cmp.Compare(ai, bi))
}
