package engine

import (
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/failpoint"
)

// Clock tells the time. Readings that carry a monotonic part are used for
// elapsed time; the zero Config uses the machine's. A Clock may also have a
// method Elapsed() time.Duration, which then counts what elapses instead.
type Clock interface{ Now() time.Time }

type machineClock struct{}

func (machineClock) Now() time.Time { return time.Now() }

// keptClock never runs backwards: a wall clock that is set back changes
// nothing (elapsed time goes on by the monotonic clock), one that is set
// forward, or a machine that slept, moves it forward at once. So no step can
// lengthen an access (rules.md section 2, R12). Only accept moves it back.
//
// It also collects the steps of the wall clock until somebody takes them.
type keptClock struct {
	mu   sync.Mutex
	of   Clock
	last reading       // guarded by mu
	told time.Time     // what was last told. guarded by mu
	step step          // not taken yet. guarded by mu
	run  time.Duration // what elapsed since the clock was made. guarded by mu
}

// reading is what the machine's clocks say at one moment.
type reading struct {
	raw     time.Time // with its monotonic part, if it has one
	wall    time.Time
	elapsed time.Duration // where the Clock counts that itself
}

// step is what the wall clock did against the monotonic one.
type step struct {
	by   time.Duration // all steps together; back is negative
	n    int
	gone time.Duration // by how much the kept time went forward because of them
}

func newKeptClock(of Clock, floor time.Time) *keptClock {
	c := &keptClock{of: of}
	c.last = c.read()
	c.told = c.last.wall
	if floor.After(c.told) {
		c.told = cut(floor)
	}
	return c
}

func (c *keptClock) read() reading {
	r := reading{raw: c.of.Now()}
	r.wall = cut(r.raw.Add(failpoint.Skew()))
	if e, ok := c.of.(interface{ Elapsed() time.Duration }); ok {
		r.elapsed = e.Elapsed()
	}
	return r
}

// since is what elapsed between two readings, whatever the wall clock did.
func (c *keptClock) since(r reading) time.Duration {
	if _, ok := c.of.(interface{ Elapsed() time.Duration }); ok {
		return r.elapsed - c.last.elapsed
	}
	return max(0, r.raw.Sub(c.last.raw))
}

// Now returns UTC cut to microseconds.
func (c *keptClock) Now() time.Time {
	now, _ := c.both()
	return now
}

// both returns the kept time and the machine's clock at one moment.
func (c *keptClock) both() (now, wall time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.read()
	gone := c.since(r)
	by := r.wall.Sub(c.last.wall) - gone
	c.told, c.run = c.told.Add(gone), c.run+gone
	jump := r.wall.Sub(c.told)
	if jump > 0 {
		c.told = r.wall
	}
	// Where wall and elapsed time come from the same reading, as with a Clock
	// without a monotonic part, forward can't be told from time that passed.
	if by >= core.ClockSlack || by <= -core.ClockSlack {
		c.step.by += by
		c.step.n++
		c.step.gone += max(0, jump)
	}
	c.last = r
	return c.told.Truncate(time.Microsecond), r.wall
}

// take returns the steps since it was last called.
func (c *keptClock) take() step {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.step
	c.step = step{}
	return s
}

// untake puts steps back that could not be told.
func (c *keptClock) untake(s step) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step.by, c.step.n, c.step.gone = c.step.by+s.by, c.step.n+s.n, c.step.gone+s.gone
}

// up is what elapsed since the clock was made, as of the last reading.
func (c *keptClock) up() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.run
}

// accept moves the kept time back to what was committed as the time; what the
// wall clock says beyond that is taken at the next reading. Steps that were not
// told yet are over with it.
func (c *keptClock) accept(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told, c.step = at, step{}
}

func cut(t time.Time) time.Time { return t.Round(0).UTC().Truncate(time.Microsecond) }
