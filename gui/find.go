package gui

import (
	"context"
	"slices"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// finder is a choice that asks the server as one types, so that it doesn't
// matter how many there are to choose from.
func (k Kit) finder(label, hint string, find seek, choose func(part.Found)) *part.Select {
	return part.NewLookup(k.findSpec(label, hint, find, choose))
}

func (k Kit) findSpec(label, hint string, find seek, choose func(part.Found)) part.LookupSpec {
	pace := &Pace{}
	return part.LookupSpec{Label: label, Hint: hint, Search: k.say("word.find"), None: k.say("word.nothing"), Run: k.Async.Run,
		Soon: func(f func()) { k.Async.Soon(pace, f) }, Find: find, Failed: k.failed, Choose: choose}
}

// seek asks for one page of what there is to choose from.
type seek func(ctx context.Context, text, after string) ([]part.Found, string, error)

// seekPeople looks for people, but for none of those for whom not says so; nil: none.
func (k Kit) seekPeople(f core.PersonFilter, not func(core.PersonID) bool) seek {
	return func(ctx context.Context, text, after string) ([]part.Found, string, error) {
		f.Text = text
		l, err := k.Service.People(ctx, f, core.Page{After: after, Limit: 50})
		var out []part.Found
		for _, p := range l.Items {
			if not == nil || !not(p.ID) {
				out = append(out, part.Found{Key: string(p.ID), Text: p.Name, About: p.Login})
			}
		}
		return out, l.Next, err
	}
}

// seekRoles looks for the roles of what system returns, or of all systems.
func (k Kit) seekRoles(system func() core.SystemID) seek {
	return func(ctx context.Context, text, after string) ([]part.Found, string, error) {
		l, err := k.Service.Roles(ctx, core.RoleFilter{System: system(), Text: text}, core.Page{After: after, Limit: 50})
		var out []part.Found
		for _, r := range l.Items {
			out = append(out, part.Found{Key: string(r.ID), Text: r.Name, About: r.SystemName})
		}
		return out, l.Next, err
	}
}

// findPerson chooses one of the people who are not disabled; but none of those
// for whom not says so.
func (k Kit) findPerson(label, hint string, not func(core.PersonID) bool, choose func(core.PersonID)) *part.Select {
	enabled := false
	return k.finder(label, hint, k.seekPeople(core.PersonFilter{Disabled: &enabled}, not), func(f part.Found) { choose(core.PersonID(f.Key)) })
}

// findRole chooses one of the roles.
func (k Kit) findRole(label, hint string, choose func(core.RoleID)) *part.Select {
	return k.finder(label, hint, k.seekRoles(func() core.SystemID { return "" }), func(f part.Found) { choose(core.RoleID(f.Key)) })
}

// filterPerson narrows a list to what concerns one person, disabled or not; all
// is what it says for everybody, when choose is told an empty id.
func (k Kit) filterPerson(all string, choose func(core.PersonID)) *part.Select {
	return k.filter(all, k.seekPeople(core.PersonFilter{}, nil), func(f part.Found) { choose(core.PersonID(f.Key)) })
}

// filterRole narrows a list to one role of what system returns, or of all
// systems; see filterPerson.
func (k Kit) filterRole(all string, system func() core.SystemID, choose func(core.RoleID)) *part.Select {
	var s *part.Select
	s = k.filter(all, k.seekRoles(system), func(f part.Found) {
		if f.About != "" && system() == "" {
			s.SetOptions([]string{f.Text + " · " + f.About}, 0) // roles of two systems have one name
		}
		choose(core.RoleID(f.Key))
	})
	return s
}

func (k Kit) filter(all string, find seek, choose func(part.Found)) *part.Select {
	spec := k.findSpec("", "", find, choose)
	spec.All = all
	return part.NewLookup(spec).Fitting()
}

// findApprover chooses people, groups and roles to be added to those of list.
func (k Kit) findApprover(hint string, list []core.Approver, choose func(core.ApproverRow)) *part.Select {
	known := map[string]core.ApproverRow{} // whatever was found so far
	spec := k.findSpec("", hint, func(ctx context.Context, text, _ string) ([]part.Found, string, error) {
		rows, err := k.Service.Approvers(ctx, core.ApproverFilter{Text: text})
		var out []part.Found
		for _, r := range rows {
			if !slices.Contains(list, r.Approver) {
				out = append(out, part.Found{Key: r.ID(), Text: r.Name, About: model.ApproverKind(k.Text, r)})
			}
		}
		k.Async.Post(func() {
			for _, r := range rows {
				known[r.ID()] = r
			}
		})
		return out, "", err
	}, func(f part.Found) { choose(known[f.Key]) })
	spec.Adds = true
	return part.NewLookup(spec)
}

// approverNames reads the names of whoever stands in stages.
func (k Kit) approverNames(ctx context.Context, all ...core.PolicySettings) (map[string]string, error) {
	var ids []string
	for _, s := range all {
		if s.Stages == nil {
			continue
		}
		for _, st := range *s.Stages {
			for _, a := range slices.Concat(st.Approvers, st.EscalateTo) {
				ids = append(ids, a.ID())
			}
		}
	}
	slices.Sort(ids)
	out := map[string]string{}
	for few := range slices.Chunk(slices.Compact(ids), 200) { // so many are named at once
		rows, err := k.Service.Approvers(ctx, core.ApproverFilter{IDs: few})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID()] = model.ApproverName(k.Text, r)
		}
	}
	return out, nil
}
