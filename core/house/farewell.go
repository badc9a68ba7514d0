package house

import (
	"context"
	"errors"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

// Farewell drops every running activation and takes it back from its system,
// as far as that goes while ctx lasts. A server that stops for good on a
// desktop says farewell first: nobody would be left to end what it has granted.
// What can't be taken back now is taken back at the next start; it stays
// recorded. It says in the log which of the two became of how many. Run must
// have returned.
func (h *House) Farewell(ctx context.Context) error {
	dropped, err := h.dropRunning(ctx)
	if err != nil || dropped == 0 {
		return err
	}
	err = h.Settle(ctx)
	left, err2 := h.notTakenBack(context.WithoutCancel(ctx))
	if len(left) > 0 {
		h.log.Warn("activations ended with the window; some could not be taken back yet and will be at the next start", "ended", dropped, "left", left)
	} else if err2 == nil {
		h.log.Warn("activations ended with the window and were taken back", "ended", dropped)
	}
	return errors.Join(err, err2)
}

// dropRunning ends every running activation and returns how many there were.
// Systems hear of it from the reconciler.
func (h *House) dropRunning(ctx context.Context) (int, error) {
	ids, err := h.runningActivations(ctx)
	if err != nil {
		return 0, err
	}
	all := len(ids)
	for len(ids) > 0 {
		n := min(len(ids), core.MaxBatch)
		if _, err := h.Engine.Do(ctx, engine.Job{Actor: core.EngineActor(), Command: core.Drop{Assignments: ids[:n]}}); err != nil {
			return 0, err
		}
		ids = ids[n:]
	}
	return all, nil
}

// notTakenBack names what systems may still hold, at most 500.
func (h *House) notTakenBack(ctx context.Context) (left []string, err error) {
	// No state is asked for but that of grants, which these ended ones have.
	f := core.AssignmentFilter{Kind: core.Active, States: []core.AssignmentState{core.Scheduled}, GrantStates: []core.GrantState{core.GrantRemoving}}
	l, err := h.db.Assignments(ctx, f, core.Page{Limit: 500})
	for _, a := range l.Items {
		if a.GrantState == core.GrantRemoving {
			left = append(left, a.RoleName+" on "+a.SystemName)
		}
	}
	return left, err
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
