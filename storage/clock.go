package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
)

// Marks of the clock: the highest time noted, and the last step with its time.
const (
	markTime    = "time"
	markStep    = "clock step" // nanoseconds
	markStepped = "clock stepped"
	// markRestored is when the store was last restored from a backup.
	markRestored = "restored"
)

func (v *view) mark(name string) int64 {
	n, err := v.q.GetMark(v.ctx, name)
	if !errors.Is(err, sql.ErrNoRows) {
		v.fail(err)
	}
	return n
}

// Clock implements core.View.
func (v *view) Clock() core.ClockMark {
	return core.ClockMark{Step: core.Duration(v.mark(markStep)), At: toTime(v.mark(markStepped))}
}

func (t *tx) putClockMark(m core.ClockMark) error {
	return errors.Join(
		t.q.SetMark(t.ctx, gen.SetMarkParams{Name: markStep, Value: int64(m.Step)}),
		t.q.SetMark(t.ctx, gen.SetMarkParams{Name: markStepped, Value: fromTime(m.At)}))
}

// setClock carries out a core.ClockSet.
func (t *tx) setClock(now time.Time) error {
	us, locks := fromTime(now), fromTime(now.Add(core.LockFor))
	if err := t.q.SetMark(t.ctx, gen.SetMarkParams{Name: markTime, Value: us}); err != nil {
		return err
	}
	for _, step := range []struct {
		do func(context.Context, int64) error
		at int64
	}{
		{t.q.EndSessionsUsedAfter, us}, {t.q.UnlockCredentials, locks}, {t.q.UnlockFactors, locks},
		{t.q.HastenGrants, us}, {t.q.HastenChecks, us}, {t.q.HastenRemembered, us},
	} {
		if err := step.do(t.ctx, step.at); err != nil {
			return err
		}
	}
	return nil
}

// Restored implements core.Work.
func (db *DB) Restored(ctx context.Context) (at time.Time, err error) {
	err = db.glance(ctx, func(v *view) error { at = toTime(v.mark(markRestored)); return v.err })
	return at, err
}

// LastTime implements core.Work.
func (db *DB) LastTime(ctx context.Context) (last time.Time, err error) {
	err = db.read(ctx, func(v *view) error {
		last = toTime(v.mark(markTime))
		h, err := v.q.GetHead(v.ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return v.err
		}
		if at := entryTime(h.TimeAt); at.After(last) {
			last = at
		}
		return errors.Join(err, v.err)
	})
	return last, err
}
