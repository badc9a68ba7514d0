package core

import (
	"maps"
	"slices"
)

// scratch is a View with the changes of the command at hand laid over it, so
// that the second item of a command sees what the first one did. It covers
// what one command may both write and read again.
type scratch struct {
	View
	assignments map[AssignmentID]Assignment
	grants      map[GrantID]Grant
	requests    map[RequestID]Request
	people      map[PersonID]Person
	factors     map[PersonID]Factor
	credentials map[PersonID]Credential
	systems     map[SystemID]System
	roles       map[RoleID]Role
	levels      map[string]PolicySettings
	drifts      map[DriftID]*Drift // nil: removed
	groups      map[GroupID]Group
	members     map[memberKey]*Member  // nil: left
	accounts    map[accountOf]*Account // nil: removed
	settings    *Settings              // nil: untouched
	deputies    map[PersonID]Deputy    // named by this command
}

type accountOf struct {
	person PersonID
	system SystemID
}

func newScratch(v View) *scratch {
	return &scratch{
		View: v, assignments: map[AssignmentID]Assignment{}, grants: map[GrantID]Grant{}, requests: map[RequestID]Request{},
		people: map[PersonID]Person{}, factors: map[PersonID]Factor{}, credentials: map[PersonID]Credential{}, systems: map[SystemID]System{}, roles: map[RoleID]Role{},
		levels: map[string]PolicySettings{}, drifts: map[DriftID]*Drift{}, accounts: map[accountOf]*Account{}, groups: map[GroupID]Group{}, members: map[memberKey]*Member{},
		deputies: map[PersonID]Deputy{},
	}
}

func (s *scratch) put(c Change) {
	switch c := c.(type) {
	case Assignment:
		s.assignments[c.ID] = c
	case Grant:
		s.grants[c.ID] = c
	case Request:
		s.requests[c.ID] = c
	case Person:
		s.people[c.ID] = c
	case Factor:
		s.factors[c.Person] = c
	case Credential:
		s.credentials[c.Person] = c
	case System:
		s.systems[c.ID] = c
	case Role:
		s.roles[c.ID] = c
	case PolicyLevel:
		s.levels[c.Level] = c.Settings
	case Drift:
		s.drifts[c.ID] = &c
	case Account:
		s.accounts[accountOf{c.Person, c.System}] = &c
	case AccountRemoved:
		s.accounts[accountOf{c.Person, c.System}] = nil
	case Settings:
		s.settings = &c
	case Deputy:
		s.deputies[c.Person] = c
	case DriftRemoved:
		s.drifts[c.ID] = nil
	case Group:
		s.groups[c.ID] = c
	case Member:
		s.members[memberKey{c.Group, c.Person}] = &c
	case MemberRemoved:
		s.members[memberKey(c)] = nil
	}
}

func over[K comparable, T any](m map[K]T, k K, base func(K) (T, bool)) (T, bool) {
	if v, ok := m[k]; ok {
		return v, true
	}
	return base(k)
}

func (s *scratch) Assignment(id AssignmentID) (Assignment, bool) {
	return over(s.assignments, id, s.View.Assignment)
}
func (s *scratch) Grant(id GrantID) (Grant, bool)       { return over(s.grants, id, s.View.Grant) }
func (s *scratch) Request(id RequestID) (Request, bool) { return over(s.requests, id, s.View.Request) }
func (s *scratch) Person(id PersonID) (Person, bool)    { return over(s.people, id, s.View.Person) }
func (s *scratch) Factor(id PersonID) (Factor, bool)    { return over(s.factors, id, s.View.Factor) }
func (s *scratch) Credential(id PersonID) (Credential, bool) {
	return over(s.credentials, id, s.View.Credential)
}
func (s *scratch) System(id SystemID) (System, bool) { return over(s.systems, id, s.View.System) }
func (s *scratch) Role(id RoleID) (Role, bool)       { return over(s.roles, id, s.View.Role) }

// requestsOver returns base with the scratch's requests in place, keeping those
// that still wait.
func (s *scratch) requestsOver(base []Request, fits func(Request) bool) []Request {
	var out []Request
	seen := map[RequestID]bool{}
	for _, r := range base {
		seen[r.ID] = true
		if r, _ = s.Request(r.ID); r.Status == PendingApproval {
			out = append(out, r)
		}
	}
	fresh := len(out)
	for id, r := range s.requests {
		if !seen[id] && r.Status == PendingApproval && fits(r) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out[fresh:], func(a, b Request) int { return compareText(string(a.ID), string(b.ID)) })
	return out
}

func (s *scratch) PendingOn(id AssignmentID) []Request {
	return s.requestsOver(s.View.PendingOn(id), func(r Request) bool { return r.Basis == id })
}

func (s *scratch) PendingOf(p PersonID) []Request {
	return s.requestsOver(s.View.PendingOf(p), func(r Request) bool { return r.Principal == p })
}

func (s *scratch) GrantFor(k GrantKey) (Grant, bool) {
	for _, g := range s.grants {
		if g.GrantKey == k {
			return g, true
		}
	}
	return s.View.GrantFor(k)
}

func (s *scratch) Drift(id DriftID) (Drift, bool) {
	if r, ok := s.drifts[id]; ok {
		if r == nil {
			return Drift{}, false
		}
		return *r, true
	}
	return s.View.Drift(id)
}

func (s *scratch) DriftFor(k GrantKey, kind DriftKind) (Drift, bool) {
	for _, r := range s.drifts {
		if r != nil && r.GrantKey == k && r.Kind == kind {
			return *r, true
		}
	}
	r, ok := s.View.DriftFor(k, kind)
	if now, touched := s.drifts[r.ID]; ok && touched && now == nil {
		return Drift{}, false
	}
	return r, ok
}

func (s *scratch) PolicyLevels(id RoleID) (def, system, role PolicySettings) {
	def, system, role = s.View.PolicyLevels(id)
	r, _ := s.Role(id)
	for level, to := range map[string]*PolicySettings{DefaultLevel: &def, string(r.System): &system, string(id): &role} {
		if p, ok := s.levels[level]; ok {
			*to = p
		}
	}
	return def, system, role
}

func (s *scratch) PolicyLevel(level string) PolicySettings {
	if p, ok := s.levels[level]; ok {
		return p
	}
	return s.View.PolicyLevel(level)
}

func (s *scratch) ApprovalLevels() []PolicyLevel {
	out := slices.DeleteFunc(slices.Clone(s.View.ApprovalLevels()), func(l PolicyLevel) bool {
		_, changed := s.levels[l.Level]
		return changed
	})
	for _, level := range slices.Sorted(maps.Keys(s.levels)) {
		if l := (PolicyLevel{level, s.levels[level]}); l.Approves() {
			out = append(out, l)
		}
	}
	return out
}

func (s *scratch) ProtectedRoles() []Role {
	var out []Role
	for _, r := range s.View.ProtectedRoles() {
		if n, ok := s.roles[r.ID]; ok {
			r = n
		}
		if r.Protected {
			out = append(out, r)
		}
	}
	for _, r := range s.roles {
		if r.Protected && !slices.ContainsFunc(out, func(o Role) bool { return o.ID == r.ID }) {
			out = append(out, r)
		}
	}
	return out
}

// merged returns base with the scratch's assignments in place, keeping those
// that still fit.
func (s *scratch) merged(base []Assignment, fits func(Assignment) bool) []Assignment {
	out := make([]Assignment, 0, len(base)+len(s.assignments))
	seen := map[AssignmentID]bool{}
	for _, a := range base {
		seen[a.ID] = true
		if n, ok := s.assignments[a.ID]; ok {
			a = n
		}
		if fits(a) {
			out = append(out, a)
		}
	}
	fresh := len(out)
	for id, a := range s.assignments {
		if !seen[id] && fits(a) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out[fresh:], func(a, b Assignment) int { return compareText(string(a.ID), string(b.ID)) })
	return out
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *scratch) LiveOf(p PersonID) []Assignment {
	return s.merged(s.View.LiveOf(p), func(a Assignment) bool { return a.Principal == p && a.State.Live() })
}

func (s *scratch) LiveFor(r RoleID, k AssignmentKind, limit int) []Assignment {
	return s.merged(s.View.LiveFor(r, k, limit), func(a Assignment) bool { return a.Role == r && a.Kind == k && a.State.Live() })
}

func (s *scratch) LiveOn(y SystemID, limit int) []Assignment {
	return s.merged(s.View.LiveOn(y, limit), func(a Assignment) bool { return a.System == y && a.State.Live() })
}

func (s *scratch) Account(p PersonID, y SystemID) (Account, bool) {
	if a, touched := s.accounts[accountOf{p, y}]; touched {
		if a == nil {
			return Account{}, false
		}
		return *a, true
	}
	return s.View.Account(p, y)
}

func (s *scratch) Group(id GroupID) (Group, bool) { return over(s.groups, id, s.View.Group) }

func (s *scratch) MembersOf(id GroupID) []Member {
	var out []Member
	for _, m := range s.View.MembersOf(id) {
		if _, touched := s.members[memberKey{m.Group, m.Person}]; !touched {
			out = append(out, m)
		}
	}
	for k, m := range s.members {
		if m != nil && k.Group == id {
			out = append(out, *m)
		}
	}
	slices.SortFunc(out, func(a, b Member) int { return compareText(string(a.Person), string(b.Person)) })
	return out
}

func (s *scratch) GroupsOf(p PersonID) []Member {
	var out []Member
	for _, m := range s.View.GroupsOf(p) {
		if _, touched := s.members[memberKey{m.Group, p}]; !touched {
			out = append(out, m)
		}
	}
	for k, m := range s.members {
		if m != nil && k.Person == p {
			out = append(out, *m)
		}
	}
	slices.SortFunc(out, func(a, b Member) int { return compareText(string(a.Group), string(b.Group)) })
	return out
}

func (s *scratch) GivenTo(id GroupID) []Assignment {
	return s.merged(s.View.GivenTo(id), func(a Assignment) bool { return a.Group == id && a.OfGroup() && a.State.Live() })
}

func (s *scratch) Through(id AssignmentID) []Assignment {
	return s.merged(s.View.Through(id), func(a Assignment) bool { return a.Via == id && id != "" && a.State.Live() })
}

func (s *scratch) StandingOn(id AssignmentID) []Assignment {
	return s.merged(s.View.StandingOn(id), func(a Assignment) bool { return a.Basis == id && a.State.Live() })
}

func (s *scratch) Wanting(id GrantID) []Assignment {
	return s.merged(s.View.Wanting(id), func(a Assignment) bool { return a.Grant == id && a.State == InForce })
}
