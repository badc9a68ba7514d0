package service

import (
	"context"

	"github.com/stint-pim/stint/core"
)

const (
	// approversOfKind is how many people, groups and roles each are found at once.
	approversOfKind = 20
	// approversNamed is how many are named at once.
	approversNamed = 200
)

// Approvers see core.Service.
func (s *Service) Approvers(ctx context.Context, f core.ApproverFilter) ([]core.ApproverRow, error) {
	if len(f.IDs) > 0 {
		return s.approversNamed(ctx, f.IDs)
	}
	out := []core.ApproverRow{}
	enabled, page := false, core.Page{Limit: approversOfKind}
	people, err := s.People(ctx, core.PersonFilter{Text: f.Text, Disabled: &enabled}, page)
	if err != nil {
		return out, err
	}
	for _, p := range people.Items {
		out = append(out, core.ApproverRow{Approver: core.Approver{Person: p.ID}, Name: p.Name, About: p.Login})
	}
	groups, err := s.Groups(ctx, core.GroupFilter{Text: f.Text}, page)
	if err != nil {
		return out, err
	}
	for _, g := range groups.Items {
		out = append(out, core.ApproverRow{Approver: core.Approver{Group: g.ID}, Name: g.Name, Members: g.Members})
	}
	roles, err := s.Roles(ctx, core.RoleFilter{Text: f.Text}, page)
	if err != nil {
		return out, err
	}
	for _, r := range roles.Items {
		if !r.Gone {
			out = append(out, core.ApproverRow{Approver: core.Approver{Role: r.ID}, Name: r.Name, About: r.SystemName})
		}
	}
	return out, nil
}

func (s *Service) approversNamed(ctx context.Context, ids []string) ([]core.ApproverRow, error) {
	out := []core.ApproverRow{}
	if len(ids) > approversNamed {
		return out, core.Errorf(core.Invalid, "id", "batch.size", "field", "id", "max", "200")
	}
	err := s.reading(ctx, func(v core.View) error {
		for _, id := range ids {
			if row, ok := approver(v, id); ok {
				out = append(out, row)
			}
		}
		return nil
	})
	return out, err
}

// approver names whom an identifier of Approver.ID stands for.
func approver(v core.View, id string) (core.ApproverRow, bool) {
	if p, ok := v.Person(core.PersonID(id)); ok {
		return core.ApproverRow{Approver: core.Approver{Person: p.ID}, Name: p.Name, About: p.Login, Gone: p.Disabled}, true
	}
	if g, ok := v.Group(core.GroupID(id)); ok {
		return core.ApproverRow{Approver: core.Approver{Group: g.ID}, Name: g.Name, Members: len(v.MembersOf(g.ID)), Gone: g.Removed}, true
	}
	if r, ok := v.Role(core.RoleID(id)); ok {
		sys, _ := v.System(r.System)
		return core.ApproverRow{Approver: core.Approver{Role: r.ID}, Name: r.Name, About: sys.Name, Gone: r.Gone || sys.State != core.SystemConnected}, true
	}
	return core.ApproverRow{}, false
}
