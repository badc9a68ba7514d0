package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/failpoint"
)

// worker sends one delivery. It answers River with nothing but "done" or "not
// yet", so that a mail server that is away costs neither attempts nor space.
type worker struct {
	river.WorkerDefaults[mailArgs]
	r *Runner
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[mailArgs]) error {
	r, id := w.r, job.Args.Delivery
	d, attempts, err := r.waiting(ctx, id)
	if err != nil {
		return err
	}
	if d == nil {
		return nil // sent, given up or unknown: there is nothing to do
	}
	if r.wasTaken(id) {
		return r.sent(ctx, id, attempts)
	}
	// While nobody can be sent to, the workers wait here and fetch nothing, so
	// that a long queue costs the database nothing.
	if rest, woken, stopping := r.held(); rest > 0 {
		timer := time.NewTimer(min(rest, holdPatience))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-woken:
		case <-stopping:
		case <-ctx.Done():
		}
		return river.JobSnooze(0)
	}
	failpoint.Hit("job.send")
	err = r.send(ctx, *d)
	switch {
	case err == nil:
		failpoint.Hit("job.sent")
		r.serverWorks()
		return r.sent(ctx, id, attempts+1)
	case permanent(err):
		r.serverWorks()
		if e := r.refused(ctx, d.Notice, plain(err)); e != nil {
			r.log.ErrorContext(ctx, "that a mail was refused for good could not be written; trying again", "delivery", id, "error", e)
			if err := r.note(ctx, id, "waiting", attempts+1, err); err != nil {
				return err
			}
			return river.JobSnooze(pause(attempts + 1))
		}
		return r.note(ctx, id, "failed", attempts+1, err)
	case unconfigured(err):
		r.serverFailed()
		if err := r.giveUpStale(ctx, err); err != nil {
			return err
		}
		return river.JobSnooze(0)
	case core.CodeOf(err) == core.Canceled:
		return river.JobSnooze(0) // we are stopping; that is nobody's failure
	}
	// The pause is at least the recipient's own; where the server is at fault
	// it is the runner's, and the worker comes back to wait it out.
	wait := time.Duration(0)
	if ofRecipient(err) {
		wait = pause(attempts + 1)
	} else {
		r.serverFailed()
	}
	if err := r.note(ctx, id, "waiting", attempts+1, err); err != nil {
		return err
	}
	return river.JobSnooze(wait)
}

// waiting reads a delivery, or returns nil if it doesn't wait any more.
func (r *Runner) waiting(ctx context.Context, id core.DeliveryID) (*core.Delivery, int, error) {
	var notice string
	var attempts int
	err := r.db.QueryRowContext(ctx, `SELECT notice, attempts FROM delivery WHERE id = $1 AND state = 'waiting'`, string(id)).Scan(&notice, &attempts)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read delivery: %w", err)
	}
	d := &core.Delivery{ID: id}
	if err := json.Unmarshal([]byte(notice), &d.Notice); err != nil {
		return nil, 0, fmt.Errorf("read delivery: %w", err)
	}
	return d, attempts, nil
}

func (r *Runner) wasTaken(id core.DeliveryID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.taken[id]
}

// sent commits the mark. It doesn't end with ctx: the server has the mail, and
// only the mark keeps the next start from sending it again. Should the disk
// refuse it, this process remembers and tries again.
func (r *Runner) sent(ctx context.Context, id core.DeliveryID, attempts int) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markTimeout)
	defer cancel()
	now := time.Now().UnixMicro()
	_, err := r.db.ExecContext(ctx, `UPDATE delivery SET state = 'sent', notice = '', attempts = $2, tried = $3, last_error = '', done = $3 WHERE id = $1 AND state = 'waiting'`,
		string(id), attempts, now)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.taken[id] = true
		r.log.ErrorContext(ctx, "a mail was sent and the note about it could not be stored; trying again", "delivery", id, "error", err)
		return fmt.Errorf("mark delivery: %w", err)
	}
	delete(r.taken, id)
	failpoint.Hit("job.marked")
	return nil
}

// note stores how an attempt went.
func (r *Runner) note(ctx context.Context, id core.DeliveryID, state string, attempts int, why error) error {
	now := time.Now().UnixMicro()
	done := int64(0)
	if state == "failed" {
		done = now
		r.log.WarnContext(ctx, "a mail was refused for good", "delivery", id, "error", why)
	} else {
		r.log.InfoContext(ctx, "a mail could not be sent yet", "delivery", id, "attempts", attempts, "error", why)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markTimeout)
	defer cancel()
	_, err := r.db.ExecContext(ctx, `UPDATE delivery SET state = $2, attempts = $3, tried = $4, last_error = $5, done = $6 WHERE id = $1 AND state = 'waiting'`,
		string(id), state, attempts, now, plain(why), done)
	if err != nil {
		return fmt.Errorf("note delivery: %w", err)
	}
	return nil
}

// giveUpStale gives up what has waited too long for mail to be set up.
func (r *Runner) giveUpStale(ctx context.Context, why error) error {
	now := time.Now()
	_, err := r.db.ExecContext(ctx, `UPDATE delivery SET state = 'failed', last_error = $1, done = $2 WHERE state = 'waiting' AND attempts = 0 AND created < $3`,
		plain(why), now.UnixMicro(), now.Add(-UnconfiguredAfter).UnixMicro())
	if err != nil {
		return fmt.Errorf("give up deliveries: %w", err)
	}
	return nil
}
