package job

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/riverqueue/river"
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

// tend runs River while something waits, until stopping is closed, and does the
// work of River's leader: it gives out again whose pause is over, and what got
// lost between a worker and its note; and it prunes once a day. None of its
// statements writes where there is nothing to change. A failure is logged and
// tried again the next time.
func (r *Runner) tend(ctx context.Context, client *river.Client[*sql.Tx], stopping <-chan struct{}, tended chan<- struct{}) {
	defer close(tended)
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	pruned, works := time.Now(), false
	for first := true; ; first = false {
		resting := false
		if !first {
			select {
			case <-stopping:
				return
			case <-r.news:
			case <-tick.C:
				resting = true
			}
		}
		waits, err := r.anyWaiting(ctx)
		switch {
		case err != nil:
		case waits && !works:
			if err = client.Start(ctx); err == nil {
				works = true
			}
		case !waits && works && resting:
			works = !rest(ctx, client, stopping)
		}
		if err == nil && resting && works {
			err = r.giveOut(ctx, time.Now())
		}
		if now := time.Now(); err == nil && now.Sub(pruned) >= 24*time.Hour {
			if err = r.prune(ctx, now); err == nil {
				pruned = now
			}
		}
		if err != nil {
			r.log.ErrorContext(ctx, "the queue of mails could not be kept up; trying again", "error", err)
		}
	}
}

// rest stops River, which has nothing to do, and reports whether it could.
// Closing stopping breaks the wait off: then it stops anyway.
func rest(ctx context.Context, client *river.Client[*sql.Tx], stopping <-chan struct{}) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return client.Stop(ctx) == nil
}

// anyWaiting reports whether a delivery waits. On the writing handle it waits
// itself for the transaction that has just inserted one.
func (r *Runner) anyWaiting(ctx context.Context) (is bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, keepEvery)
	defer cancel()
	err = r.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM delivery WHERE state = 'waiting')`).Scan(&is)
	if err != nil {
		return false, fmt.Errorf("look for deliveries: %w", err)
	}
	return is, nil
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
