package engine

import (
	"sync"
	"time"
)

// Clock tells the time. Readings that carry a monotonic part are used for
// elapsed time; the zero Config uses the machine's.
type Clock interface{ Now() time.Time }

type machineClock struct{}

func (machineClock) Now() time.Time { return time.Now() }

// keptClock never runs backwards: a wall clock that is set back changes
// nothing (elapsed time goes on by the monotonic clock), one that is set
// forward, or a machine that slept, moves it forward at once. So no step can
// lengthen an access (rules.md section 2, R12).
type keptClock struct {
	mu   sync.Mutex
	of   Clock
	raw  time.Time // the last reading, with its monotonic part. guarded by mu
	told time.Time // what was last told. guarded by mu
}

func newKeptClock(of Clock, floor time.Time) *keptClock {
	raw := of.Now()
	c := &keptClock{of: of, raw: raw, told: cut(raw)}
	if floor.After(c.told) {
		c.told = cut(floor)
	}
	return c
}

// Now returns UTC cut to microseconds.
func (c *keptClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw := c.of.Now()
	if gone := raw.Sub(c.raw); gone > 0 {
		c.told = c.told.Add(gone)
	}
	if wall := cut(raw); wall.After(c.told) {
		c.told = wall
	}
	c.raw = raw
	return c.told.Truncate(time.Microsecond)
}

func cut(t time.Time) time.Time { return t.Round(0).UTC().Truncate(time.Microsecond) }
