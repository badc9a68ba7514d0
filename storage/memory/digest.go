package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
)

// Digest implements core.View.
func (v view) Digest() core.DigestMark { return v.s.digest }

// Standing implements core.Work.
func (s *Store) Standing(ctx context.Context, stuck, soon time.Time) (out core.Standing, err error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return out, err
	}
	systems, err := s.Systems(ctx)
	if err != nil {
		return out, err
	}
	roles := map[core.RoleID]*core.RoleCount{}
	held := map[core.RoleID]int{}
	for _, sys := range systems {
		c := core.SystemCount{System: sys.ID, Name: sys.Name}
		for _, a := range st.assignments.rows {
			if a.System != sys.ID || !a.State.Live() || a.OfGroup() {
				continue
			}
			if a.Origin == core.Activated {
				if a.Basis != "" && a.State == core.InForce {
					c.Running++
				}
				continue
			}
			role, ok := roles[a.Role]
			if !ok {
				role = &core.RoleCount{Role: a.Role, Name: st.roles.rows[a.Role].Name, System: sys.Name}
				roles[a.Role] = role
			}
			if !a.End.IsZero() && a.End.Before(cut(soon)) {
				c.Ending++
			}
			switch {
			case a.Kind == core.Eligible:
				c.Eligible++
				role.Eligible++
				held[a.Role]++
			case a.End.IsZero():
				c.Permanent++
				role.Permanent++
				held[a.Role]++
			default:
				c.Active++
			}
		}
		for _, g := range st.grants.rows {
			if g.System == sys.ID && g.Pending() && !g.Failing.IsZero() && !g.Failing.After(cut(stuck)) {
				c.Stuck++
			}
		}
		c.Outside = len(pick(st.drifts.rows, func(r core.Drift) bool { return r.System == sys.ID && r.Open() }))
		out.By = append(out.By, c)
	}
	for id := range held {
		out.Top = append(out.Top, *roles[id])
	}
	slices.SortFunc(out.Top, func(a, b core.RoleCount) int {
		return cmp.Or(cmp.Compare(held[b.Role], held[a.Role]), cmp.Compare(a.Role, b.Role))
	})
	out.Top = out.Top[:min(core.DigestTop, len(out.Top))]
	out.Waiting = len(pick(st.requests.rows, func(r core.Request) bool { return r.Status == core.PendingApproval }))
	out.Sum()
	return out, nil
}
