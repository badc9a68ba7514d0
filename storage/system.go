package storage

import (
	"context"

	"github.com/stint-pim/stint/core"
)

// SystemRows implements core.Query: those not removed, by folded name, then ID.
func (db *DB) SystemRows(ctx context.Context) (out []core.SystemRow, err error) {
	err = db.read(ctx, func(v *view) error {
		systems, err := v.q.ListSystems(v.ctx)
		if err != nil {
			return err
		}
		at := make(map[string]int, len(systems))
		for i, r := range systems {
			s, err := toSystem(r)
			if err != nil {
				return err
			}
			at[r.ID] = i
			out = append(out, core.SystemRow{System: s})
		}
		row := func(id string) *core.SystemRow {
			if i, ok := at[id]; ok {
				return &out[i]
			}
			return &core.SystemRow{} // of a removed system: counted for nobody
		}
		roles, err := v.q.CountRolesBySystem(v.ctx)
		if err != nil {
			return err
		}
		for _, r := range roles {
			row(r.SystemID).Roles = int(r.N)
		}
		busy, err := v.q.CountBusyBySystem(v.ctx)
		if err != nil {
			return err
		}
		for _, r := range busy {
			to := row(r.SystemID)
			to.Active, to.Pending, to.Stuck = int(r.Active), int(r.Pending), int(r.Failing)
		}
		drift, err := v.q.CountOpenDrift(v.ctx)
		if err != nil {
			return err
		}
		for _, r := range drift {
			row(r.SystemID).Drift = int(r.N)
		}
		return nil
	})
	return out, err
}
