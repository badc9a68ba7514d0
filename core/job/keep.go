package job

import (
	"context"
	"fmt"
	"time"
)

// riverTime is how River writes a time into SQLite, where times are texts and
// compare as such.
const riverTime = "2006-01-02 15:04:05.000"

// free gives back what a process that was killed was at, or it would wait for
// its rescue. It is safe only because one process has the store.
func (r *Runner) free(ctx context.Context) error {
	if _, err := r.db.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running'`); err != nil {
		return fmt.Errorf("free queue: %w", err)
	}
	return nil
}

// keep does the work of River's leader until stopping is closed: it gives out
// again whose pause is over, and what got lost between a worker and its note;
// and it prunes once a day. None of these statements writes where there is
// nothing to change. A failure is logged and tried again the next time.
func (r *Runner) keep(ctx context.Context, stopping <-chan struct{}, kept chan<- struct{}) {
	defer close(kept)
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	pruned := time.Now()
	for {
		select {
		case <-stopping:
			return
		case <-tick.C:
		}
		now := time.Now()
		err := r.giveOut(ctx, now)
		if err == nil && now.Sub(pruned) >= 24*time.Hour {
			if err = r.prune(ctx, now); err == nil {
				pruned = now
			}
		}
		if err != nil {
			r.log.ErrorContext(ctx, "the queue of mails could not be kept up; trying again", "error", err)
		}
	}
}

func (r *Runner) giveOut(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, keepEvery)
	defer cancel()
	_, err := r.db.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state IN ('scheduled', 'retryable') AND scheduled_at <= $1`,
		now.UTC().Format(riverTime))
	if err != nil {
		return fmt.Errorf("give out deliveries: %w", err)
	}
	_, err = r.db.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running' AND attempted_at < $1`,
		now.Add(-rescueAfter).UTC().Format(riverTime))
	if err != nil {
		return fmt.Errorf("rescue deliveries: %w", err)
	}
	return nil
}

// prune forgets old marks and River's finished jobs. A mark is kept longer
// than a job, so that no job outlives its mark.
func (r *Runner) prune(ctx context.Context, now time.Time) error {
	_, err := r.db.ExecContext(ctx, `DELETE FROM river_job WHERE state IN ('completed', 'cancelled', 'discarded') AND finalized_at < $1`,
		now.Add(-keepJobs).UTC().Format(riverTime))
	if err != nil {
		return fmt.Errorf("prune queue: %w", err)
	}
	// River tells listeners of new jobs here, and we have none.
	if _, err := r.db.ExecContext(ctx, `DELETE FROM river_notification`); err != nil {
		return fmt.Errorf("prune queue: %w", err)
	}
	_, err = r.db.ExecContext(ctx, `DELETE FROM delivery WHERE state = 'sent' AND done < $1 OR state = 'failed' AND done < $2`,
		now.Add(-KeepSent).UnixMicro(), now.Add(-KeepFailed).UnixMicro())
	if err != nil {
		return fmt.Errorf("prune deliveries: %w", err)
	}
	return nil
}
