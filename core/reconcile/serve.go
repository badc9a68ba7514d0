package reconcile

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/failpoint"
)

// serve observes, removes and grants, in that order of the batch: removals
// come first, because the store lists them first.
func (w *worker) serve(ctx context.Context, pending []core.Grant) error {
	var ask, change, done []core.Grant
	var gone []connector.Outcome
	for _, g := range pending {
		if x, ok := w.r.cfg.Engine.Gone(g.ID); ok && x.Answers(g) {
			done, gone = append(done, g), append(gone, connector.Outcome{Evidence: x.Evidence, Object: x.Object})
		} else if g.State == core.GrantUnknown || w.untouched(g) {
			ask = append(ask, g)
		} else {
			change = append(change, g)
		}
	}
	if err := w.record(ctx, done, gone, false, nil); err != nil {
		return err
	}
	for _, g := range done {
		w.r.cfg.Engine.Written(g.ID)
	}
	if len(change) > 0 {
		tasks := make([]connector.Task, len(change))
		for i, g := range change {
			tasks[i] = connector.Task{Privilege: privilege(g), Grant: g.Wanted, Until: g.Until}
		}
		first := make([]bool, len(change))
		for i, g := range change {
			first[i] = !w.tried[g.ID] && !g.Evidence.Holds
			w.tried[g.ID] = true
		}
		failpoint.Hit("reconcile.apply")
		out, err := w.driver.Apply(ctx, tasks)
		if err != nil {
			return err
		}
		failpoint.Hit("reconcile.applied")
		if err := w.record(ctx, change, out, false, first); err != nil {
			return err
		}
	}
	if len(ask) > 0 {
		asked := make([]connector.Privilege, len(ask))
		for i, g := range ask {
			asked[i] = privilege(g)
		}
		out, err := w.driver.Read(ctx, asked)
		if err != nil {
			return err
		}
		return w.record(ctx, ask, out, true, nil)
	}
	return nil
}

// untouched reports a grant that is no longer wanted before it was ever
// attempted, and was absent when last proven: what the system holds of it by
// now is somebody else's and is not taken away (R28).
func (w *worker) untouched(g core.Grant) bool {
	return g.State == core.GrantRemoving && !w.tried[g.ID] && !g.Evidence.Holds
}

func privilege(g core.Grant) connector.Privilege {
	return connector.Privilege{Role: g.External, Scope: g.Scope, Account: g.Account, Object: g.Object}
}

// record commits what a batch showed, all of it together.
func (w *worker) record(ctx context.Context, grants []core.Grant, out []connector.Outcome, observed bool, first []bool) error {
	jobs := make([]engine.Job, len(grants))
	for i, g := range grants {
		c := core.RecordOutcome{Grant: g.ID, Cycle: g.Cycle, Observed: observed, Evidence: out[i].Evidence, Object: out[i].Object}
		if err := out[i].Err; err != nil {
			c.Problem, c.Retry = connector.Problem(err), backoff(g.Attempts)
			if errors.Is(err, connector.ErrUnreachable) {
				c.Retry = probeEvery
			}
			if g.Wanted && !observed && out[i].HeldBefore && out[i].Evidence.Holds && first[i] {
				c.Foreign = true // refused, and it was there: what will be taken away one day is not ours
				delete(w.tried, g.ID)
			}
		} else if g.Wanted {
			c.Foreign = !observed && out[i].HeldBefore && first[i]
		} else if !out[i].Evidence.Holds {
			delete(w.tried, g.ID)
		} else {
			c.Foreign = observed && g.State == core.GrantRemoving
		}
		jobs[i] = engine.Job{Actor: core.EngineActor(), Command: c}
	}
	for part := range slices.Chunk(jobs, writtenTogether) {
		for _, d := range w.r.cfg.Engine.DoAll(context.WithoutCancel(ctx), part) {
			if d.Err != nil {
				return &storeError{d.Err}
			}
		}
	}
	failpoint.Hit("reconcile.recorded")
	return nil
}

// storeError says that our own store, not the system, is in trouble. What the
// system was told is told again later; that does no harm.
type storeError struct{ err error }

func (e *storeError) Error() string { return "record outcomes: " + e.err.Error() }
func (e *storeError) Unwrap() error { return e.err }

// backoff is the pause after the n-th failure in a row (n from 0).
func backoff(n int) time.Duration {
	d := retryMin
	for range n {
		if d *= 2; d >= retryMax {
			return retryMax
		}
	}
	return d
}
