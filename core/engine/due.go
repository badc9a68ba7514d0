package engine

import (
	"context"
	"time"

	"github.com/stint-pim/stint/core"
)

const (
	// tick bounds how late a step of the wall clock or a machine that woke is
	// noticed: the monotonic timer does not count sleep (F13, F14).
	tick = time.Second
	// dueTogether is how many due commands are carried out in one go: so few that
	// nobody else's command waits long for them. The systems don't wait for them
	// at all (endings).
	dueTogether = 24
	// noteEvery is how often the time is noted in the store while nothing else
	// is written, for the clock's floor after a restart; noteClosely while
	// something has an end. So a process that dies, and starts again where the
	// clock was set back, or on a machine that has none of its own and begins
	// each time where it was shut down, gives away that much at most.
	noteEvery   = time.Minute
	noteClosely = 10 * time.Second
	// pruneEvery is how often what may be forgotten is.
	pruneEvery = time.Hour
)

// Run carries out what time asks for until ctx ends. Without it the engine
// still commits; due dates then wait for RunDue.
func (e *Engine) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	e.endings.patient = true
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-e.nudge:
		case <-timer.C:
		}
		timer.Reset(e.Turn(ctx))
	}
}

// Turn does what Run does each time it wakes, and returns how long Run would
// sleep then, unless a commit wakes it earlier. It is for virtual time; it must
// not be mixed with Run.
func (e *Engine) Turn(ctx context.Context) time.Duration {
	wait := e.pause
	if err := e.RunDue(ctx); err != nil && ctx.Err() == nil {
		e.log.Error("due dates", "err", err)
		wait = func() time.Duration { return tick } // not at once: the store is in trouble
	}
	if err := e.watchClock(ctx); err != nil && ctx.Err() == nil {
		e.log.Error("note the clock", "err", err) // nothing waits for it
	}
	_, troubled := e.store.Trouble()
	// A store in trouble is asked at every turn: noting the time is what it
	// finds out by whether it can write again.
	if now := e.Now(); troubled || passed(e.noted, now, e.noteAfter()) {
		e.noted = now
		if err := e.noteTime(ctx); err != nil && ctx.Err() == nil && !troubled {
			e.log.Error("note time", "err", err)
		}
		if passed(e.pruned, now, pruneEvery) {
			e.pruned = now
			if err := e.store.Prune(ctx, now.Add(-24*time.Hour)); err != nil && ctx.Err() == nil {
				e.log.Error("prune", "err", err)
			}
		}
	}
	e.tellTrouble(ctx)
	return wait()
}

// tellTrouble tells subscribers when something became wrong with the store, or
// right again, and writes a full disk into the log.
func (e *Engine) tellTrouble(ctx context.Context) {
	t, _ := e.store.Trouble()
	e.troubleMu.Lock()
	was := e.trouble
	e.trouble = t.Kind
	e.troubleMu.Unlock()
	if was == t.Kind {
		return
	}
	e.log.Error("store", "trouble", t.Kind, "before", was)
	e.hub.publish(News{Topics: []core.Topic{core.TopicTroubles}})
	if t.Kind == core.TroubleBroken {
		return // nothing can be written any more
	}
	if _, err := e.Do(ctx, Job{Actor: core.EngineActor(), Command: core.NoteStore{Full: t.Kind != ""}}); err != nil && ctx.Err() == nil {
		e.log.Error("note trouble", "err", err)
	}
}

// Early has a token when a commit should wake Run before its time. It is for
// virtual time, beside Turn.
func (e *Engine) Early() <-chan struct{} { return e.nudge }

// passed reports whether d has passed since t; also where now is before it, as
// a corrected clock was accepted.
func passed(t, now time.Time, d time.Duration) bool { return now.Sub(t) >= d || now.Before(t) }

func (e *Engine) noteAfter() time.Duration {
	e.dueMu.Lock()
	defer e.dueMu.Unlock()
	if e.ends {
		return noteClosely
	}
	return noteEvery
}

// noteTime notes the time with the turn to commit: the time must not be one
// that an AcceptClock takes back meanwhile.
func (e *Engine) noteTime(ctx context.Context) error {
	select {
	case e.queue.turn <- struct{}{}:
		defer func() { <-e.queue.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return e.store.NoteTime(ctx, e.Now())
}

// pause returns how long to wait: until the next due date, at most a tick.
func (e *Engine) pause() time.Duration {
	e.dueMu.Lock()
	defer e.dueMu.Unlock()
	if e.due.IsZero() {
		return tick
	}
	return max(0, min(tick, e.due.Sub(e.clock.Now())))
}

// RunDue carries out everything that is due now.
func (e *Engine) RunDue(ctx context.Context) error {
	for {
		e.dueMu.Lock()
		known := e.due
		e.dueMu.Unlock()
		if now := e.Now(); !known.IsZero() && now.Before(known) {
			return nil
		}
		// What can't be told to systems at once is told when its end is written.
		if err := e.foretell(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("endings", "err", err)
		}
		e.endings.untilTold(ctx)
		cmds, err := e.dueCommands(ctx)
		if err != nil {
			return err
		}
		if len(cmds) == 0 {
			if err := e.settled(ctx); err != nil {
				return err
			}
			return e.readDue(ctx)
		}
		jobs := make([]Job, len(cmds))
		var answered []core.GrantID
		for i, c := range cmds {
			if end, ok := c.(core.EndAssignment); ok {
				if g, ok := e.Gone(end.Grant); ok {
					end.Gone = &g
					answered = append(answered, end.Grant)
				}
				c = end
			}
			if _, ok := c.(core.SendDigest); ok { // it comes alone
				if c, err = e.count(ctx); err != nil {
					return err
				}
			}
			jobs[i] = Job{Actor: core.EngineActor(), Command: c}
		}
		if jobs[0].Command == nil {
			continue // there is more to count
		}
		for _, d := range e.DoAll(ctx, jobs) {
			if d.Err != nil {
				return d.Err // the store can't write; the next tick tries again
			}
		}
		e.Written(answered...)
	}
}

func (e *Engine) dueCommands(ctx context.Context) ([]core.Command, error) {
	systems, err := e.store.Systems(ctx)
	if err != nil {
		return nil, err
	}
	var draining []core.SystemID
	for _, s := range systems {
		if s.State == core.SystemDraining {
			draining = append(draining, s.ID)
		}
	}
	var cmds []core.Command
	err = e.store.Read(ctx, func(v core.View) error {
		cmds = core.Due(v, e.Now(), draining, dueTogether)
		return v.Err()
	})
	return cmds, err
}

// farOff stands for "nothing is due": it is looked at again after an hour, or
// when something new is committed.
const farOff = time.Hour

func (e *Engine) readDue(ctx context.Context) error {
	e.dueMu.Lock()
	e.heard = time.Time{}
	e.dueMu.Unlock()
	next, access, err := e.store.NextDue(ctx)
	if err != nil {
		return err
	}
	if next.IsZero() {
		next = e.Now().Add(farOff)
	}
	e.dueMu.Lock()
	defer e.dueMu.Unlock()
	e.ends = access
	// What was committed while the store was read may not be in its answer.
	if !e.heard.IsZero() && e.heard.Before(next) {
		next = e.heard
	}
	if e.due.IsZero() || !e.Now().Before(e.due) || next.Before(e.due) {
		e.due = next
	}
	return nil
}

// askDue forgets what is known of due dates, so that the store is asked: it may
// hold what nobody heard of.
func (e *Engine) askDue() {
	e.dueMu.Lock()
	e.due = time.Time{}
	e.dueMu.Unlock()
	select {
	case e.nudge <- struct{}{}:
	default:
	}
}

// noteDue hears of a due date that was just committed.
func (e *Engine) noteDue(t time.Time) {
	if t.IsZero() {
		return
	}
	e.dueMu.Lock()
	if e.heard.IsZero() || t.Before(e.heard) {
		e.heard = t
	}
	earlier := e.due.IsZero() || t.Before(e.due)
	if earlier && !e.due.IsZero() { // else the store has not been asked, and may know of something earlier
		e.due, e.ends = t, true
	}
	e.dueMu.Unlock()
	if earlier {
		select {
		case e.nudge <- struct{}{}:
		default:
		}
	}
}
