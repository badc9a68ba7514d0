package guitest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stint-pim/stint/core"
)

func page[T any](all []T, p core.Page) core.List[T] {
	at := 0
	_, _ = fmt.Sscanf(p.After, "%d", &at)
	limit := p.Limit
	if limit == 0 {
		limit = 50
	}
	end := min(at+limit, len(all))
	l := core.List[T]{Items: all[min(at, end):end]}
	if end < len(all) {
		l.Next = fmt.Sprint(end)
	}
	return l
}

func has(text string, in ...string) bool {
	for _, s := range in {
		if strings.Contains(strings.ToLower(s), strings.ToLower(text)) {
			return true
		}
	}
	return text == ""
}

// Assignments implements core.Service.
func (f *Fake) Assignments(_ context.Context, q core.AssignmentFilter, p core.Page) (core.List[core.AssignmentRow], error) {
	var out []core.AssignmentRow
	for _, r := range f.Rows {
		if (q.Kind == "" || r.Kind == q.Kind) && (q.Role == "" || r.Role == q.Role) && (q.System == "" || r.System == q.System) &&
			(q.Principal == "" || r.Principal == q.Principal) && (q.Origin == "" || r.Origin == q.Origin) && has(q.Text, r.PrincipalName, r.RoleName, r.SystemName) && inStates(r.State, q.States) {
			out = append(out, r)
		}
	}
	return page(out, p), f.up()
}

func inStates(s core.AssignmentState, of []core.AssignmentState) bool {
	for _, o := range of {
		if o == s {
			return true
		}
	}
	return len(of) == 0
}

// CountAssignments implements core.Service.
func (f *Fake) CountAssignments(ctx context.Context, q core.AssignmentFilter) (int, error) {
	l, err := f.Assignments(ctx, q, core.Page{Limit: 1 << 30})
	return len(l.Items), err
}

// Roles implements core.Service.
func (f *Fake) Roles(_ context.Context, q core.RoleFilter, p core.Page) (core.List[core.RoleRow], error) {
	var out []core.RoleRow
	for _, r := range f.RoleRows {
		if (q.System == "" || q.System == r.System) && has(q.Text, r.Name, r.SystemName, r.Description) {
			out = append(out, r)
		}
	}
	return page(out, p), f.up()
}

// RolePage implements core.Service.
func (f *Fake) RolePage(_ context.Context, id core.RoleID) (core.RolePage, error) {
	for _, r := range f.RoleRows {
		if r.ID == id {
			p, from := core.ResolvePolicy(core.PolicySettings{}, core.PolicySettings{}, core.PolicySettings{})
			return core.RolePage{Role: r, Policy: p, Origins: from}, f.up()
		}
	}
	return core.RolePage{}, core.Errorf(core.NotFound, "role", "role.unknown")
}

// People implements core.Service.
func (f *Fake) People(_ context.Context, q core.PersonFilter, p core.Page) (core.List[core.PersonRow], error) {
	var out []core.PersonRow
	for _, r := range f.Persons {
		if has(q.Text, r.Name, r.Login, r.Mail) {
			out = append(out, r)
		}
	}
	return page(out, p), f.up()
}

// Approvers implements core.Service.
func (f *Fake) Approvers(_ context.Context, q core.ApproverFilter) ([]core.ApproverRow, error) {
	var all, out []core.ApproverRow
	for _, p := range f.Persons {
		all = append(all, core.ApproverRow{Approver: core.Approver{Person: p.ID}, Name: p.Name, About: p.Login, Gone: p.Disabled})
	}
	for _, g := range f.Crews {
		all = append(all, core.ApproverRow{Approver: core.Approver{Group: g.Group.ID}, Name: g.Group.Name, Members: len(g.Members), Gone: g.Group.Removed})
	}
	for _, r := range f.RoleRows {
		all = append(all, core.ApproverRow{Approver: core.Approver{Role: r.ID}, Name: r.Name, About: r.SystemName, Gone: r.Gone})
	}
	for _, a := range all {
		if len(q.IDs) == 0 && !a.Gone && has(q.Text, a.Name, a.About) || slices.Contains(q.IDs, a.ID()) {
			out = append(out, a)
		}
	}
	return out, f.up()
}

// Groups implements core.Service.
func (f *Fake) Groups(_ context.Context, q core.GroupFilter, p core.Page) (core.List[core.GroupRow], error) {
	var out []core.GroupRow
	for _, g := range f.Crews {
		if (q.ID == "" || g.Group.ID == q.ID) && has(q.Text, g.Group.Name) {
			row := g.Group
			row.Members, row.Given = len(g.Members), len(g.Given)
			out = append(out, row)
		}
	}
	return page(out, p), f.up()
}

// GroupPage implements core.Service.
func (f *Fake) GroupPage(_ context.Context, id core.GroupID) (core.GroupPage, error) {
	for _, g := range f.Crews {
		if g.Group.ID == id {
			return g, f.up()
		}
	}
	return core.GroupPage{}, core.Errorf(core.NotFound, "group", "group.unknown")
}

// PersonPage implements core.Service.
func (f *Fake) PersonPage(_ context.Context, id core.PersonID) (core.PersonPage, error) {
	for _, r := range f.Persons {
		if r.ID == id {
			return core.PersonPage{Person: r}, f.up()
		}
	}
	return core.PersonPage{}, core.Errorf(core.NotFound, "person", "person.unknown")
}

// Drift implements core.Service.
func (f *Fake) Drift(_ context.Context, id core.SystemID) (core.DriftReport, error) {
	r := f.Drifted[id]
	r.System = id
	return r, f.up()
}

// Systems implements core.Service.
func (f *Fake) Systems(context.Context) ([]core.SystemRow, error) { return f.Targets, f.up() }

// Requests implements core.Service.
func (f *Fake) Requests(context.Context, core.RequestFilter, core.Page) (core.List[core.RequestRow], error) {
	return core.List[core.RequestRow]{}, f.up()
}

// Cases implements core.Service.
func (f *Fake) Cases(context.Context, core.Page) (core.List[core.RequestRow], error) {
	return core.List[core.RequestRow]{Items: f.Waiting}, f.up()
}

// Case implements core.Service.
func (f *Fake) Case(_ context.Context, id core.RequestID) (core.Case, error) {
	for _, c := range f.CaseData {
		if c.Request.ID == id {
			return c, f.up()
		}
	}
	return core.Case{}, core.Errorf(core.NotFound, "request", "request.unknown")
}

// Deputies implements core.Service.
func (f *Fake) Deputies(context.Context) (core.Deputies, error) { return f.DeputyData, f.up() }

// Entries implements core.Service.
func (f *Fake) Entries(_ context.Context, q core.EntryFilter, p core.Page) (core.List[core.Entry], error) {
	var out []core.Entry
	for _, e := range f.Log {
		if strings.HasPrefix(string(e.Action), string(q.Action)) && (q.Role == "" || q.Role == e.Role) &&
			(q.Person == "" || q.Person == e.Actor || q.Person == e.Principal) && has(q.Text, e.ActorName, e.RoleName, e.SystemName, e.Justification, e.Detail) {
			out = append(out, e)
		}
	}
	return page(out, p), f.up()
}

// Story implements core.Service.
func (f *Fake) Story(_ context.Context, id core.AssignmentID) ([]core.Entry, error) {
	var out []core.Entry
	for i := len(f.Log) - 1; i >= 0; i-- {
		if f.Log[i].Assignment == id {
			out = append(out, f.Log[i])
		}
	}
	return out, f.up()
}
