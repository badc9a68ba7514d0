package service

import (
	"context"
	"errors"
	"slices"

	"github.com/stint-pim/stint/core"
)

// mine bounds what is read for "My access"; a person with more rows is shown
// the newest.
const mine = 500

// Access see core.Service.
func (s *Service) Access(ctx context.Context) (core.Access, error) {
	who, err := s.allowed(ctx, anyone)
	if err != nil {
		return core.Access{}, err
	}
	own := core.AssignmentFilter{Principal: who.person.ID}
	live, gone := own, own
	live.States = []core.AssignmentState{core.Scheduled, core.InForce}
	live.GrantStates = []core.GrantState{core.GrantRemoving}
	gone.States, gone.Origin, gone.EndedAfter = []core.AssignmentState{core.Expired}, core.Assigned, who.now.Add(-core.RenewWindow)
	rows, err1 := s.store.Assignments(ctx, live, core.Page{Limit: mine})
	expired, err2 := s.store.Assignments(ctx, gone, core.Page{Limit: 50})
	pending, err3 := s.store.Requests(ctx, core.RequestFilter{Principal: who.person.ID, Statuses: []core.Status{core.PendingApproval}}, core.Page{Limit: 100})
	if err := errors.Join(err1, err2, err3); err != nil {
		return core.Access{}, plain(err)
	}
	acc := core.Access{Now: who.now, Expired: lapsed(expired.Items, rows.Items), Pending: pending.Items}
	asked := map[core.AssignmentID]core.RequestID{}
	for _, q := range pending.Items {
		if !q.Action.OfAssignment() {
			asked[q.Basis] = q.ID
		}
	}
	err = s.read(ctx, func(v core.View, r reader) error {
		acc.Favourites = follow(v, v.FavouritesOf(r.person.ID), rows.Items)
		running := map[core.AssignmentID]core.AssignmentID{}
		for _, a := range rows.Items {
			if a.Basis != "" && a.State.Live() {
				running[a.Basis] = a.ID
			}
		}
		for _, a := range rows.Items {
			p := core.PolicyOf(v, a.Role).Unnoted()
			switch {
			case a.Kind == core.Eligible && a.State == core.InForce:
				account, _ := v.Account(r.person.ID, a.System)
				acc.Eligible = append(acc.Eligible, core.EligibleRow{
					AssignmentRow: a, Policy: p, Account: account.External, Residual: string(s.traits(a.SystemKind).Residual), Now: running[a.ID], Asked: asked[a.ID], Blocked: blocked(v, r, a),
				})
			case a.Kind == core.Eligible:
			case a.State == core.Scheduled:
				acc.Scheduled = append(acc.Scheduled, s.accessRow(a, p))
			default:
				acc.Active = append(acc.Active, s.accessRow(a, p))
			}
		}
		return nil
	})
	slices.SortStableFunc(acc.Active, byEnd)
	slices.SortStableFunc(acc.Scheduled, func(a, b core.AccessRow) int { return a.Start.Compare(b.Start) })
	return acc, err
}

// lapsed leaves out what was assigned anew after it expired, and what came
// through a group, which is renewed there.
func lapsed(expired, live []core.AssignmentRow) []core.AssignmentRow {
	return slices.DeleteFunc(expired, func(r core.AssignmentRow) bool {
		return r.Via != "" || slices.ContainsFunc(live, func(a core.AssignmentRow) bool {
			return a.State.Live() && a.Origin == core.Assigned && a.Role == r.Role && a.Scope == r.Scope && a.Kind == r.Kind
		})
	})
}

// byEnd sorts what ends soonest first and what never ends last.
func byEnd(a, b core.AccessRow) int {
	switch {
	case a.End.IsZero() && b.End.IsZero():
		return 0
	case a.End.IsZero():
		return 1
	case b.End.IsZero():
		return -1
	}
	return a.End.Compare(b.End)
}

func (s *Service) accessRow(a core.AssignmentRow, p core.Policy) core.AccessRow {
	row := core.AccessRow{AssignmentRow: a, Residual: string(s.traits(a.SystemKind).Residual)}
	if !a.End.IsZero() {
		row.Duration = core.Duration(a.End.Sub(a.Start))
	}
	if a.Origin == core.Activated && p.AllowProlong && a.State == core.InForce {
		row.MaxProlong = p.MaxDuration
	}
	if a.Origin == core.Activated {
		row.DropOn = p.DropOn
	}
	return row
}

// blocked says why an eligible role can't be activated now.
func blocked(v core.View, r reader, a core.AssignmentRow) *core.Error {
	sys, _ := v.System(a.System)
	if sys.State != core.SystemConnected {
		return core.Errorf(core.Refused, "", "system.not_connected", "system", a.SystemName)
	}
	role, _ := v.Role(a.Role)
	if role.Gone {
		return core.Errorf(core.Refused, "", "role.gone", "role", role.Name, "system", a.SystemName)
	}
	if _, ok := v.Account(r.person.ID, a.System); !ok && a.System != core.StintSystem {
		return core.Errorf(core.Refused, "", "account.missing", "person", r.person.Name, "system", a.SystemName)
	}
	return nil
}

func (s *Service) traits(k core.Kind) core.Traits {
	if kind, ok := s.cfg.Kinds[k]; ok {
		return kind.Info().Traits
	}
	return core.Traits{}
}

// Reasons see core.Service.
func (s *Service) Reasons(ctx context.Context) ([]string, error) {
	if _, err := s.allowed(ctx, anyone); err != nil {
		return nil, err
	}
	list, err := s.store.Reasons(ctx, s.person, 10)
	return list, plain(err)
}
