package service

import (
	"context"

	"github.com/stint-pim/stint/core"
)

// Drift see core.Service.
func (s *Service) Drift(ctx context.Context, id core.SystemID) (core.DriftReport, error) {
	out := core.DriftReport{System: id}
	if _, err := s.allowed(ctx, reading); err != nil {
		return out, err
	}
	rows, last, err := s.store.DriftOf(ctx, id)
	if err != nil {
		return out, plain(err)
	}
	out.Reading = last
	err = s.read(ctx, func(v core.View, _ reader) error {
		if _, ok := v.System(id); !ok {
			return core.Errorf(core.NotFound, "system", "system.unknown")
		}
		for _, r := range rows {
			row := core.DriftRow{Drift: r}
			role, _ := v.Role(r.Role)
			row.RoleName, row.External = role.Name, role.External
			if p, ok := v.AccountOwner(id, r.Account); ok {
				person, _ := v.Person(p)
				row.Person, row.PersonName = p, person.Name
			}
			if r.By != "" {
				by, _ := v.Person(r.By)
				row.ByName = by.Name
			}
			if g, ok := v.GrantFor(r.GrantKey); ok {
				row.GrantState, row.GrantError = g.State, g.LastErr
			}
			out.Items = append(out.Items, row)
		}
		return nil
	})
	return out, err
}
