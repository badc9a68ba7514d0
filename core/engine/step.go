package engine

import (
	"context"
	"time"

	"github.com/stint-pim/stint/core"
)

const (
	// stepEvery bounds how often steps of the clock are written: the first at
	// once, those of a clock that flaps together.
	stepEvery = time.Minute
	// tellEvery bounds how often administrators are told of them.
	tellEvery = time.Hour
)

// watcher is what the engine has told about the machine's clock. Of Run's
// goroutine only. Its times are those of monotonic readings, as a clock that
// flaps is what it is about.
type watcher struct {
	begun   bool
	ahead   bool // what was last told says that the clock is behind
	written time.Duration
	told    time.Duration
	ever    bool // told anything yet
}

// ClockState says how Stint's time and the machine's clock stand to each other.
func (e *Engine) ClockState(v core.View) core.ClockState {
	now, wall := e.clock.both()
	return core.ClockStateOf(now, wall, v.Clock())
}

// watchClock writes what the machine's clock did since it was last asked. An
// error means that it could not be written; it is tried again.
func (e *Engine) watchClock(ctx context.Context) error {
	w := &e.watch
	now, wall := e.clock.both()
	ahead := now.Sub(wall)
	if !w.begun {
		if err := e.beginWatch(ctx, ahead); err != nil {
			return err
		}
	}
	up := e.clock.up()
	s := e.clock.take()
	caughtUp := w.ahead && ahead <= 0
	if s.n == 0 && !caughtUp {
		return nil
	}
	if w.ever && up-w.written < stepEvery {
		e.clock.untake(s)
		return nil
	}
	c := core.NoteClock{Step: s.by, Count: s.n, Gone: s.gone, Ahead: ahead}
	return e.noteClock(ctx, c, up)
}

// beginWatch compares the clock with the time seen last, once.
func (e *Engine) beginWatch(ctx context.Context, ahead time.Duration) error {
	var mark core.ClockMark
	if err := e.store.Read(ctx, func(v core.View) error { mark = v.Clock(); return v.Err() }); err != nil {
		return err
	}
	w := &e.watch
	w.ahead = mark.Step < 0
	// What was told before this start, by this process or another, is not told
	// again: a command line that opens the store for each command would flood.
	known := w.ahead && ahead <= -mark.Step.Std()+core.ClockSlack
	if ahead >= core.ClockSlack && !known {
		if err := e.noteClock(ctx, core.NoteClock{Ahead: ahead, Start: true}, e.clock.up()); err != nil {
			return err
		}
	}
	w.begun = true
	return nil
}

func (e *Engine) noteClock(ctx context.Context, c core.NoteClock, up time.Duration) error {
	w := &e.watch
	c.Tell = (c.Start || c.Count > 0) && (!w.ever || w.told == 0 || up-w.told >= tellEvery)
	// A laptop that woke is no news for a mailbox; a clock that went back is.
	c.Mail = c.Tell && (!e.sleeps || c.Start || c.Step <= 0)
	if _, err := e.Do(ctx, Job{Actor: core.EngineActor(), Command: c}); err != nil {
		e.clock.untake(step{c.Step, c.Count, c.Gone})
		return err
	}
	w.ahead = c.Ahead >= core.ClockSlack
	w.ever, w.written = true, up
	if c.Tell {
		w.told = max(up, 1)
	}
	return nil
}
