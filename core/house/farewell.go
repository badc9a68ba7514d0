package house

import (
	"context"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

// Farewell drops every running activation and takes it back from its system,
// as far as that goes while ctx lasts. A server that stops for good on a
// desktop says farewell first: nobody would be left to end what it has granted.
// What can't be taken back now is taken back at the next start; it stays
// recorded. Run must have returned.
func (h *House) Farewell(ctx context.Context) error {
	ids, err := h.runningActivations(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	for len(ids) > 0 {
		n := min(len(ids), core.MaxBatch)
		if _, err := h.Engine.Do(ctx, engine.Job{Actor: core.EngineActor(), Command: core.Drop{Assignments: ids[:n]}}); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return h.Settle(ctx)
}

func (h *House) runningActivations(ctx context.Context) (ids []core.AssignmentID, err error) {
	f := core.AssignmentFilter{Origin: core.Activated, States: []core.AssignmentState{core.InForce}}
	for after := ""; ; {
		l, err := h.db.Assignments(ctx, f, core.Page{After: after, Limit: 500})
		if err != nil {
			return nil, err
		}
		for _, a := range l.Items {
			ids = append(ids, a.ID)
		}
		if after = l.Next; after == "" {
			return ids, nil
		}
	}
}
