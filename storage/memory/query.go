package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/filter"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// page sorts rows and returns those of one page. key gives a row's place.
func page[T any](name string, p core.Page, rows []T, by func(a, b paging.Key) int, key func(T) paging.Key) (l core.List[T], err error) {
	limit, err := paging.Limit(p)
	if err != nil {
		return l, err
	}
	after, behind, err := paging.After(name, p)
	if err != nil {
		return l, err
	}
	slices.SortFunc(rows, func(a, b T) int { return by(key(a), key(b)) })
	if behind {
		for len(rows) > 0 && by(key(rows[0]), after) <= 0 {
			rows = rows[1:]
		}
	}
	if len(rows) > limit+1 {
		rows = rows[:limit+1]
	}
	return paging.Cut(name, rows, limit, key), nil
}

func newestFirst(a, b paging.Key) int {
	return -cmp.Or(cmp.Compare(a.Num, b.Num), slices.Compare(a.ID, b.ID))
}

func nameFirst(a, b paging.Key) int {
	return cmp.Or(slices.Compare(a.Text, b.Text), slices.Compare(a.ID, b.ID))
}

func timeKey[ID ~string](t time.Time, id ID) paging.Key {
	k := paging.Key{ID: []byte(id)}
	if !t.IsZero() {
		k.Num = t.UnixMicro()
	}
	return k
}

func nameKey[ID ~string](name string, id ID) paging.Key {
	return paging.Key{Text: []byte(paging.Fold(name)), ID: []byte(id)}
}

func (st *state) assignmentRows(f core.AssignmentFilter) ([]core.AssignmentRow, error) {
	text, err := paging.Text(f.Text)
	if err != nil {
		return nil, err
	}
	var out []core.AssignmentRow
	for _, a := range st.assignments.rows {
		o := st.groups.rows[a.Group]
		p, r, s := st.people.rows[a.Principal], st.roles.rows[a.Role], st.systems.rows[a.System]
		g, q := st.grants.rows[a.Grant], st.requests.rows[a.Request]
		if !a.State.Live() && g.For != a.ID {
			g = core.Grant{} // it serves another assignment by now
		}
		state := len(f.States) == 0 || slices.Contains(f.States, a.State) ||
			!a.State.Live() && g.ID != "" && slices.Contains(f.GrantStates, g.State)
		if !state ||
			f.ID != "" && a.ID != f.ID ||
			f.Principal != "" && a.Principal != f.Principal ||
			f.Group != "" && (a.Group != f.Group || !a.OfGroup()) ||
			f.Role != "" && a.Role != f.Role ||
			f.System != "" && a.System != f.System ||
			f.Kind != "" && a.Kind != f.Kind ||
			f.Origin != "" && a.Origin != f.Origin ||
			!f.EndsBefore.IsZero() && (a.End.IsZero() || !a.End.Before(cut(f.EndsBefore))) ||
			!f.EndedAfter.IsZero() && !a.State.Live() && !a.Ended.After(cut(f.EndedAfter)) ||
			!filter.AnyHas(text, p.Name, r.Name, s.Name, o.Name) {
			continue
		}
		if _, known := st.people.rows[a.Principal]; !known {
			p.Name = o.Name
		}
		out = append(out, core.AssignmentRow{
			Assignment: a, PrincipalName: p.Name, GroupName: o.Name, PrincipalLogin: p.Login, RoleName: r.Name, SystemName: s.Name,
			SystemKind: s.Kind, SystemAs: plays(s), GrantState: g.State, GrantEvidence: g.Evidence, GrantError: g.LastErr,
			GrantFailing: g.Failing, GrantAttempts: g.Attempts, RequestStatus: q.Status,
		})
	}
	return out, nil
}

func plays(s core.System) core.Kind {
	if s.Kind != core.KindSample {
		return ""
	}
	return core.Kind(s.Settings["as"])
}

// Assignments implements core.Query.
func (s *Store) Assignments(ctx context.Context, f core.AssignmentFilter, p core.Page) (l core.List[core.AssignmentRow], err error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return l, err
	}
	rows, err := st.assignmentRows(f)
	if err != nil {
		return l, err
	}
	return page("assignments", p, rows, newestFirst, func(r core.AssignmentRow) paging.Key { return timeKey(r.Created, r.ID) })
}

// CountAssignments implements core.Query.
func (s *Store) CountAssignments(ctx context.Context, f core.AssignmentFilter) (int, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := st.assignmentRows(f)
	return min(len(rows), 100_000), err
}

// held counts the live eligible and the in-force active assignments that fit.
func (st *state) held(fits func(core.Assignment) bool) (eligible, active int) {
	for _, a := range st.assignments.rows {
		switch {
		case !fits(a):
		case a.Kind == core.Eligible && a.State.Live():
			eligible++
		case a.Kind == core.Active && a.State == core.InForce:
			active++
		}
	}
	return eligible, active
}

// again reports whether what somebody has through a group he also has of his own,
// or through another.
func (st *state) again(a core.Assignment) bool {
	counted := func(o core.Assignment) bool {
		return o.Kind == core.Eligible && o.State.Live() || o.State == core.InForce
	}
	given, ok := st.assignments.rows[a.Via]
	if !ok || !given.OfGroup() || given.Role != a.Role || given.Kind != a.Kind || !counted(given) {
		return false
	}
	for _, o := range st.assignments.rows {
		counts := counted(o)
		if o.Principal == a.Principal && o.Role == a.Role && o.Kind == a.Kind && counts && (o.Via == "" || o.ID < a.ID) {
			return true
		}
	}
	return false
}

// Roles implements core.Query.
func (s *Store) Roles(ctx context.Context, f core.RoleFilter, p core.Page) (l core.List[core.RoleRow], err error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return l, err
	}
	text, err := paging.Text(f.Text)
	if err != nil {
		return l, err
	}
	var rows []core.RoleRow
	for _, r := range st.roles.rows {
		sys, ok := st.systems.rows[r.System]
		if !ok || sys.State == core.SystemRemoved || f.System != "" && r.System != f.System || !filter.AnyHas(text, r.Name, r.Description, sys.Name) {
			continue
		}
		row := core.RoleRow{Role: r, SystemName: sys.Name, SystemKind: sys.Kind, SystemAs: plays(sys)}
		row.Eligible, row.Active = st.held(func(a core.Assignment) bool { return a.Role == r.ID && !a.OfGroup() && !st.again(a) })
		row.Overrides = st.levels.rows[string(r.ID)] != core.PolicySettings{}
		rows = append(rows, row)
	}
	return page("roles", p, rows, nameFirst, func(r core.RoleRow) paging.Key { return nameKey(r.Name, r.ID) })
}

// PeopleList implements core.Query.
func (s *Store) PeopleList(ctx context.Context, f core.PersonFilter, p core.Page) (l core.List[core.PersonRow], err error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return l, err
	}
	text, err := paging.Text(f.Text)
	if err != nil {
		return l, err
	}
	now := cut(s.now())
	var rows []core.PersonRow
	for _, m := range st.people.rows {
		if f.ID != "" && m.ID != f.ID || f.Disabled != nil && m.Disabled != *f.Disabled || !filter.AnyHas(text, m.Name, m.Login, m.Mail) {
			continue
		}
		factor := st.factors.rows[m.ID]
		row := core.PersonRow{Person: m, HasFactor: factor.Confirmed}
		row.Locked = factor.LockedTill.After(now) || st.credentials.rows[m.ID].LockedTill.After(now)
		row.LastSeen = st.credentials.rows[m.ID].SignedIn
		for _, e := range st.sessions.rows {
			if e.Person != m.ID || !e.Expires.After(now) {
				continue
			}
			row.Sessions++
			if e.LastSeen.After(row.LastSeen) {
				row.LastSeen = e.LastSeen
			}
		}
		row.Accounts = len(pick(st.accounts.rows, func(a core.Account) bool { return a.Person == m.ID }))
		row.Eligible, row.Active = st.held(func(a core.Assignment) bool { return a.Principal == m.ID })
		rows = append(rows, row)
	}
	return page("people", p, rows, nameFirst, func(r core.PersonRow) paging.Key { return nameKey(r.Name, r.ID) })
}

// SystemRows implements core.Query.
func (s *Store) SystemRows(ctx context.Context) ([]core.SystemRow, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	systems, err := s.Systems(ctx)
	if err != nil {
		return nil, err
	}
	var out []core.SystemRow
	for _, sys := range systems {
		row := core.SystemRow{System: sys}
		row.Drift = len(pick(st.drifts.rows, func(r core.Drift) bool { return r.System == sys.ID && r.Open() }))
		row.Roles = len(pick(st.roles.rows, func(r core.Role) bool { return r.System == sys.ID }))
		for _, g := range st.grants.rows {
			if g.System != sys.ID {
				continue
			}
			if g.Wanted {
				row.Active++
			}
			if g.Pending() {
				row.Pending++
				if !g.Failing.IsZero() {
					row.Stuck++
				}
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// Groups implements core.Query.
func (s *Store) Groups(ctx context.Context, f core.GroupFilter, p core.Page) (l core.List[core.GroupRow], err error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return l, err
	}
	text, err := paging.Text(f.Text)
	if err != nil {
		return l, err
	}
	var rows []core.GroupRow
	for _, g := range st.groups.rows {
		if g.Removed || f.ID != "" && g.ID != f.ID || !filter.AnyHas(text, g.Name) {
			continue
		}
		rows = append(rows, core.GroupRow{Group: g,
			Members: len(pick(st.members.rows, func(m core.Member) bool { return m.Group == g.ID })),
			Given:   len(pick(st.assignments.rows, func(a core.Assignment) bool { return a.State.Live() && a.OfGroup() && a.Group == g.ID }))})
	}
	return page("groups", p, rows, nameFirst, func(r core.GroupRow) paging.Key { return nameKey(r.Name, r.ID) })
}

// Members implements core.Query.
func (s *Store) Members(ctx context.Context, id core.GroupID) ([]core.MemberRow, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	var out []core.MemberRow
	for _, m := range st.members.rows {
		if p, ok := st.people.rows[m.Person]; ok && m.Group == id {
			out = append(out, core.MemberRow{Member: m, Name: p.Name, Login: p.Login, Disabled: p.Disabled})
		}
	}
	return first(out, core.MaxMembers, func(a, b core.MemberRow) int { return byName(a.Name, b.Name, a.Person, b.Person) }), nil
}

// AccountsOf implements core.Query.
func (s *Store) AccountsOf(ctx context.Context, id core.PersonID) ([]core.AccountRow, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	var out []core.AccountRow
	for _, a := range st.accounts.rows {
		if sys, ok := st.systems.rows[a.System]; ok && a.Person == id {
			out = append(out, core.AccountRow{Account: a, SystemName: sys.Name, SystemKind: sys.Kind})
		}
	}
	return first(out, 1000, func(a, b core.AccountRow) int { return byName(a.SystemName, b.SystemName, a.System, b.System) }), nil
}

// Requests implements core.Query.
func (s *Store) Requests(ctx context.Context, f core.RequestFilter, p core.Page) (l core.List[core.RequestRow], err error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return l, err
	}
	var rows []core.RequestRow
	for _, q := range st.requests.rows {
		if f.Principal != "" && q.Principal != f.Principal || f.Role != "" && q.Role != f.Role ||
			len(f.Asked) > 0 && !slices.ContainsFunc(f.Asked, func(p core.PersonID) bool { return st.asked(q, p) }) ||
			len(f.Statuses) > 0 && !slices.Contains(f.Statuses, q.Status) || len(f.Actions) > 0 && !slices.Contains(f.Actions, q.Action) {
			continue
		}
		q.Approval = approval(q.Approval)
		p, known := st.people.rows[q.Principal]
		if !known {
			p.Name = st.groups.rows[st.assignments.rows[q.Assignment].Group].Name
		}
		rows = append(rows, core.RequestRow{
			Request: q, RequesterName: st.people.rows[q.Requester].Name, PrincipalName: p.Name,
			RoleName: st.roles.rows[q.Role].Name, SystemName: st.systems.rows[q.System].Name,
		})
	}
	return page("requests", p, rows, newestFirst, func(r core.RequestRow) paging.Key { return timeKey(r.Created, r.ID) })
}

// asked reports whether a request waits for an answer of a person.
func (st *state) asked(q core.Request, p core.PersonID) bool {
	if q.Status != core.PendingApproval || q.Approval == nil {
		return false
	}
	return slices.ContainsFunc(q.Approval.Asked(), func(a core.Approver) bool {
		for _, m := range st.members.rows {
			if m.Group == a.Group && m.Person == p {
				return true
			}
		}
		for _, h := range st.assignments.rows {
			if h.Role == a.Role && h.Principal == p && h.Kind == core.Active && h.State == core.InForce {
				return true
			}
		}
		return a.Person == p
	})
}

// Reasons implements core.Query.
func (s *Store) Reasons(ctx context.Context, id core.PersonID, limit int) ([]string, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	qs := pick(st.requests.rows, func(q core.Request) bool {
		return q.Requester == id && (q.Action == core.SelfActivate || q.Action == core.SelfProlong)
	})
	qs = first(qs, 500, func(a, b core.Request) int { return -byTime(a.Created, b.Created, a.ID, b.ID) })
	var out []string
	for _, q := range qs {
		if q.Justification != "" && len(out) < limit && !slices.Contains(out, q.Justification) {
			out = append(out, q.Justification)
		}
	}
	return out, nil
}

// SessionOf implements core.Query.
func (s *Store) SessionOf(ctx context.Context, id core.SessionID) (ses core.Session, p core.Person, ok bool, err error) {
	err = s.Read(ctx, func(v core.View) error {
		if ses, ok = v.Session(id); ok {
			p, ok = v.Person(ses.Person)
		}
		return v.Err()
	})
	return ses, p, ok, err
}
