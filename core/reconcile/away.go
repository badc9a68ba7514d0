package reconcile

import (
	"context"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/engine"
)

// away notes that the system as a whole could not be served. The grants that
// wait stay due, so that they go out the moment it is back; they are noted as
// failing at once, when they become stuck, and from then on once a minute.
func (w *worker) away(ctx context.Context, pending []core.Grant, cause error) {
	if ctx.Err() != nil {
		return // we are stopping; nothing is known of the system
	}
	w.close()
	w.checked = w.now()
	w.unhealthy(ctx, cause)
	now := w.now()
	if !w.since.IsZero() && w.ago(w.noted) < noteEvery && !becameStuck(pending, now) {
		return
	}
	if w.since.IsZero() {
		w.since = now
	}
	w.noted = now
	jobs := make([]engine.Job, len(pending))
	for i, g := range pending {
		jobs[i] = engine.Job{Actor: core.EngineActor(), Command: core.RecordOutcome{Grant: g.ID, Cycle: g.Cycle, Problem: connector.Problem(cause)}}
	}
	for _, d := range w.r.cfg.Engine.DoAll(context.WithoutCancel(ctx), jobs) {
		if d.Err != nil {
			w.r.cfg.Log.Error("note failing grants", "err", d.Err)
			return
		}
	}
}

// becameStuck reports whether a grant should be noted now: one that is not yet
// known to be failing, or has just been failing for long enough.
func becameStuck(pending []core.Grant, now time.Time) bool {
	for _, g := range pending {
		if g.Failing.IsZero() || !g.Alarmed && g.Stuck(now) {
			return true
		}
	}
	return false
}

func (w *worker) unhealthy(ctx context.Context, cause error) {
	problem := connector.Problem(cause)
	// What could not be written is written the next time: else the system would
	// pass for healthy while it is away, and its address could not be changed.
	if problem != w.problem && w.note(ctx, core.RecordHealth{System: w.id, Problem: problem}) {
		w.problem = problem
	}
}

func (w *worker) healthy(ctx context.Context, version string) {
	w.since = time.Time{}
	w.mu.Lock()
	h := w.system.Health
	w.mu.Unlock()
	if w.problem == "" && h.OK() && h.Error == "" && w.ago(h.Checked) < checkEvery && version == "" {
		return
	}
	w.problem = ""
	w.note(ctx, core.RecordHealth{System: w.id, Version: version})
}
