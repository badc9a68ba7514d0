package memory

import (
	"cmp"
	"context"
	"math"

	"github.com/stint-pim/stint/core"
)

func (v view) Drift(id core.DriftID) (core.Drift, bool) { return v.s.drifts.get(id) }

func (v view) DriftFor(k core.GrantKey, kind core.DriftKind) (core.Drift, bool) {
	for _, r := range v.s.drifts.rows {
		if r.GrantKey == k && r.Kind == kind {
			return r, true
		}
	}
	return core.Drift{}, false
}

func (v view) CountDrift(id core.SystemID) int {
	return len(pick(v.s.drifts.rows, func(r core.Drift) bool { return r.System == id }))
}

// DriftOf implements core.Work.
func (s *Store) DriftOf(ctx context.Context, id core.SystemID) ([]core.Drift, core.Reading, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, core.Reading{System: id}, err
	}
	last, _ := st.readings.get(id)
	last.System = id
	rows := pick(st.drifts.rows, func(r core.Drift) bool { return r.System == id })
	accepted := func(r core.Drift) int {
		if r.Open() {
			return 0
		}
		return 1
	}
	return first(rows, core.MaxDrift, func(a, b core.Drift) int {
		return cmp.Or(accepted(a)-accepted(b), b.First.Compare(a.First), cmp.Compare(a.ID, b.ID))
	}), last, nil
}

// Attempted implements core.Work.
func (s *Store) Attempted(ctx context.Context, id core.SystemID, after core.GrantID, limit int) (out []core.GrantID, err error) {
	gs, err := s.LiveGrants(ctx, id, after, math.MaxInt)
	for _, g := range gs {
		if g.State != core.GrantUnknown && g.State != core.GrantFound && len(out) < limit {
			out = append(out, g.ID)
		}
	}
	return out, err
}

// LiveGrants implements core.Work.
func (s *Store) LiveGrants(ctx context.Context, id core.SystemID, after core.GrantID, limit int) ([]core.Grant, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	gs := pick(st.grants.rows, func(g core.Grant) bool { return g.System == id && g.State != core.GrantAbsent && g.ID > after })
	return first(gs, limit, func(a, b core.Grant) int { return cmp.Compare(a.ID, b.ID) }), nil
}
