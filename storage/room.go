package storage

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
)

// Reserve is room on the disk that is kept for the day on which there is no
// other: access must end also then (F6).
type Reserve interface {
	// Give lets the disk have a piece of the room, and reports whether there
	// was any. Only a piece: whoever filled the disk would have the rest.
	Give() bool
	// Left reports whether there is a piece left.
	Left() bool
	// Keep takes the room again, and reports whether there is enough for it and
	// for some work besides.
	Keep() bool
}

// askRoom is how often the disk is asked whether there is room again.
const askRoom = time.Second

// room is what is known of the disk. Its turn is the writer's: guarded by mu
// only for those who look.
type room struct {
	reserve Reserve // nil: none

	mu    sync.Mutex
	full  time.Time // since when the disk is full; zero: it isn't
	spare bool      // the reserve lasts, so what may use it can go on
	asked time.Time // when the disk was last asked
}

// admit refuses a write while the disk is full, unless it may use the reserve.
func (r *room) admit(ctx context.Context, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.full.IsZero() {
		return nil
	}
	if now.Sub(r.asked).Abs() >= askRoom {
		r.asked = now
		if r.reserve == nil || r.reserve.Keep() {
			r.full, r.spare = time.Time{}, false
			return nil
		}
	}
	if core.MayUseReserve(ctx) {
		return nil
	}
	return core.Errorf(core.Unavailable, "", core.KeyFull)
}

// filled notes that a write found no room, and reports whether it makes sense
// to try it again with the reserve.
func (r *room) filled(ctx context.Context, now time.Time) (again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.full.IsZero() {
		r.full, r.asked = now, now
	}
	if core.MayUseReserve(ctx) {
		again = r.reserve != nil && r.reserve.Give()
	}
	r.spare = again || r.reserve != nil && r.reserve.Left()
	return again
}

// Trouble implements core.Store.
func (db *DB) Trouble() (core.Trouble, bool) {
	if d := db.dead.Load(); d != nil {
		return core.Trouble{Kind: core.TroubleBroken, Severity: core.SeverityBad, Since: d.since}, true
	}
	db.room.mu.Lock()
	defer db.room.mu.Unlock()
	switch {
	case db.room.full.IsZero():
		return core.Trouble{}, false
	case db.room.spare:
		return core.Trouble{Kind: core.TroubleDisk, Severity: core.SeverityWarn, Since: db.room.full}, true
	}
	return core.Trouble{Kind: core.TroubleNoReserve, Severity: core.SeverityBad, Since: db.room.full}, true
}

// death is why nothing more is written.
type death struct {
	since time.Time
	cause error
}

// die notes that nobody knows what the disk holds: asking it again would only
// make it say yes, so nothing more is written until the store is opened anew.
func (db *DB) die(err error) {
	e := core.Errorf(core.Unavailable, "", core.KeyBroken)
	e.Err = err
	db.dead.CompareAndSwap(nil, &death{since: db.now(), cause: e})
}

func isFull(err error) bool {
	return errors.Is(err, &core.Error{Code: core.Unavailable, Key: core.KeyFull})
}
