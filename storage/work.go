package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
)

// NextDue implements core.Work.
func (db *DB) NextDue(ctx context.Context) (at time.Time, access bool, err error) {
	err = db.read(ctx, func(v *view) error {
		for _, next := range []func(context.Context) (int64, error){v.q.NextEnd, v.q.NextStart, v.q.NextRequestDue, v.q.NextReminder} {
			us, err := next(v.ctx)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			if t := toTime(us); !access || t.Before(at) {
				at, access = t, true
			}
		}
		if t := v.Digest().Next; !t.IsZero() && (!access || t.Before(at)) {
			at = t
		}
		return v.err
	})
	return at, access, err
}

// PendingGrants implements core.Work.
func (db *DB) PendingGrants(ctx context.Context, id core.SystemID, now time.Time, limit int) (out []core.Grant, err error) {
	err = db.glance(ctx, func(v *view) error {
		rs, err := v.q.ListPendingGrants(v.ctx, gen.ListPendingGrantsParams{
			SystemID: string(id), NextTryAt: now.UnixMicro(), N: bound(limit),
		})
		out = all(v, rs, err, toGrant)
		return v.err
	})
	return out, err
}

// Endings implements core.Work.
func (db *DB) Endings(ctx context.Context, now time.Time, after core.Ending, limit int) (out []core.Ending, err error) {
	err = db.glance(ctx, func(v *view) error {
		rs, err := v.q.ListEndings(v.ctx, gen.ListEndingsParams{
			AfterAt: fromTime(after.At), AfterID: string(after.Assignment), Now: now.UnixMicro(), N: bound(limit),
		})
		out = all(v, rs, err, func(r gen.ListEndingsRow) (core.Ending, error) {
			return core.Ending{
				Assignment: core.AssignmentID(r.ID), At: toTime(r.EndAt), System: core.SystemID(r.SystemID), Grant: core.GrantID(r.GrantID),
				Cycle: r.Cycle, External: r.External, Scope: r.Scope, Account: r.Account, Object: r.Object,
			}, nil
		})
		return v.err
	})
	return out, err
}

// NextTry implements core.Work.
func (db *DB) NextTry(ctx context.Context, id core.SystemID) (at time.Time, ok bool, err error) {
	err = db.glance(ctx, func(v *view) error {
		us, err := v.q.NextTry(v.ctx, string(id))
		at, ok = toTime(us), !v.fail(err)
		return v.err
	})
	return at, ok, err
}

// Systems implements core.Work.
func (db *DB) Systems(ctx context.Context) (out []core.System, err error) {
	err = db.glance(ctx, func(v *view) error {
		rs, err := v.q.ListSystems(v.ctx)
		out = all(v, rs, err, toSystem)
		return v.err
	})
	return out, err
}

// Prune implements core.Work.
func (db *DB) Prune(ctx context.Context, before time.Time) error {
	return db.update(ctx, func(t *tx) error {
		if err := t.q.DeleteRememberedBefore(t.ctx, fromTime(before)); err != nil {
			return err
		}
		if t.db.kept != nil {
			t.db.kept.sessions = nil
		}
		return t.q.DeleteSessionsExpired(t.ctx, fromTime(before))
	})
}

// NoteTime implements core.Work. A time before the one noted changes nothing.
func (db *DB) NoteTime(ctx context.Context, now time.Time) error {
	err := db.update(ctx, func(t *tx) error {
		return t.q.RaiseMark(t.ctx, gen.RaiseMarkParams{Name: markTime, Value: fromTime(now)})
	})
	if err != nil {
		return err
	}
	return db.checkpoint(ctx)
}

// checkpoint is done while little happens, and shows whether the disk still
// takes what it promised to keep.
func (db *DB) checkpoint(ctx context.Context) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	conn, err := db.writer.Conn(ctx)
	if err != nil {
		return db.translate(fmt.Errorf("wait for the writer: %w", err))
	}
	defer func() { _ = conn.Close() }() // only hands the connection back
	if err := db.engine.Checkpoint(ctx, conn); err != nil {
		if db.engine.Fatal(err) {
			db.die(err)
		}
		err = db.translate(fmt.Errorf("checkpoint: %w", err))
		if isFull(err) {
			db.room.filled(ctx, db.now())
		}
		return err
	}
	return nil
}
