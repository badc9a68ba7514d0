package model

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
)

// Leaver ends at once what a person's roles say must end when his screen is
// locked, his computer sleeps, or he signs out of it (rules.md section 3). It
// works beside the window: a desktop that is being locked or put to sleep may
// let nobody paint, and the roles must end all the same. What can't be done
// then, because the server is away, is tried again until it is done or the time
// of the role is over. It is safe for concurrent use.
type Leaver struct {
	now  func() time.Time
	said func(Left)

	mu    sync.Mutex
	svc   core.Service     // guarded by mu; nil: nobody is signed in
	rows  []core.AccessRow // guarded by mu; what was active when last read
	tasks []*leaving       // guarded by mu; what is left to do
	wake  chan struct{}    // cap 1: there is something to try again
}

// Left is what came of a person's leaving.
type Left struct {
	Reason core.DropReason
	Roles  []string // their names
	Over   bool     // they were dropped; else that could not be done yet
}

// leaving is one time that somebody left.
type leaving struct {
	svc    core.Service
	reason core.DropReason // empty: only the session is to be ended
	at     time.Time       // when; what was activated afterwards isn't meant
	rows   []core.AccessRow
	told   bool // that it could not be done at once
	tries  int
	busy   bool // guarded by the Leaver's mu
}

const (
	// leaveWithin is how long an event is worked on before the computer goes on:
	// logind waits five seconds as it is shipped.
	leaveWithin = 4 * time.Second
	// dropWait is how long a drop stays until the systems have been read back, so
	// that they have before a computer sleeps that has the server inside.
	dropWait = 3 * time.Second
	tryFor   = 20 * time.Second
)

// NewLeaver returns a Leaver. said, if not nil, is told what came of it, on no
// particular goroutine.
func NewLeaver(now func() time.Time, said func(Left)) *Leaver {
	// Without its monotonic part, which stands still while the computer sleeps.
	wall := func() time.Time { return now().Round(0) }
	return &Leaver{now: wall, said: said, wake: make(chan struct{}, 1)}
}

// Enter says who is signed in; nil: nobody any more.
func (l *Leaver) Enter(svc core.Service) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.svc, l.rows = svc, nil
}

// Know takes what was read, for the moment in which the server can't be asked.
func (l *Leaver) Know(a core.Access) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = a.Active
}

// Happen does what an event asks, as far as it can be done in some seconds, and
// then lets the computer go on.
func (l *Leaver) Happen(ctx context.Context, e DeskEvent) {
	if e.Done != nil {
		defer e.Done()
	}
	if e.Reason != "" {
		l.leave(e.Reason)
	}
	if e.Reason != "" || e.Woke {
		l.work(ctx, leaveWithin)
	}
}

func (l *Leaver) leave(reason core.DropReason) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.svc != nil {
		l.tasks = append(l.tasks, &leaving{svc: l.svc, reason: reason, at: l.now(), rows: ending(l.rows, reason)})
	}
}

// SignOut ends a session; what roles say about that the server itself does.
// Where it can't be told now, it is told as soon as it can.
func (l *Leaver) SignOut(ctx context.Context, svc core.Service) {
	l.mu.Lock()
	l.tasks = append(l.tasks, &leaving{svc: svc, at: l.now()})
	l.mu.Unlock()
	l.work(ctx, leaveWithin)
}

// Retry tries again what could not be done, until ctx ends.
func (l *Leaver) Retry(ctx context.Context) {
	t := time.NewTimer(0)
	defer t.Stop()
	<-t.C
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-t.C:
			l.work(ctx, tryFor)
		}
		if pause, ok := l.pause(); ok {
			t.Reset(pause)
		}
	}
}

// pause is how long until the next try; false: nothing is left.
func (l *Leaver) pause() (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.tasks) == 0 {
		return 0, false
	}
	tries := l.tasks[0].tries
	for _, t := range l.tasks {
		tries = min(tries, t.tries)
	}
	return min(time.Second<<min(tries, 5), 30*time.Second), true
}

// work tries everything that is left and that nobody else is trying.
func (l *Leaver) work(ctx context.Context, within time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	l.mu.Lock()
	var mine []*leaving
	for _, t := range l.tasks {
		if !t.busy {
			t.busy = true
			t.tries++
			mine = append(mine, t)
		}
	}
	l.mu.Unlock()
	for _, t := range mine {
		done := l.try(ctx, t)
		l.mu.Lock()
		t.busy = false
		if done {
			l.tasks = slices.DeleteFunc(l.tasks, func(o *leaving) bool { return o == t })
		}
		l.mu.Unlock()
	}
	select {
	case l.wake <- struct{}{}: // for Retry, to look what is left
	default:
	}
}

// try does a task, and reports whether nothing is left to do.
func (l *Leaver) try(ctx context.Context, t *leaving) bool {
	if t.reason == "" {
		return final(t.svc.SignOut(ctx))
	}
	// As it is now: what was activated elsewhere ends too, and what has ended
	// meanwhile is no error.
	access, err := t.svc.Access(ctx)
	if err == nil {
		since := access.Now.Add(-l.now().Sub(t.at)) // by the server's clock
		t.rows = slices.DeleteFunc(ending(access.Active, t.reason), func(r core.AccessRow) bool { return r.Created.After(since) })
		if len(t.rows) == 0 {
			return true
		}
	}
	if len(t.rows) > 0 && (err == nil || !final(err)) {
		err = drop(ctx, t)
	}
	switch {
	case err == nil:
		l.tell(t, true)
		return true
	case t.over(l.now()):
		return true
	case final(err) && core.CodeOf(err) != core.Conflict && core.CodeOf(err) != core.NotFound:
		l.tell(t, false) // the session is over: nobody is left who may
		return true
	}
	if !t.told {
		t.told = true
		l.tell(t, false)
	}
	return false
}

func drop(ctx context.Context, t *leaving) error {
	cmd := core.Drop{Reason: t.reason}
	for _, r := range t.rows[:min(len(t.rows), core.MaxBatch)] {
		cmd.Assignments = append(cmd.Assignments, r.ID)
	}
	_, err := t.svc.Do(ctx, core.Call{Command: cmd, Wait: dropWait})
	return err
}

func (l *Leaver) tell(t *leaving, over bool) {
	if l.said == nil || len(t.rows) == 0 {
		return
	}
	left := Left{Reason: t.reason, Over: over}
	for _, r := range t.rows {
		left.Roles = append(left.Roles, r.RoleName)
	}
	l.said(left)
}

// ending are the running activations that end for a reason.
func ending(rows []core.AccessRow, reason core.DropReason) (out []core.AccessRow) {
	for _, r := range rows {
		if r.Origin == core.Activated && r.State == core.InForce && slices.Contains(r.DropOn, reason) {
			out = append(out, r)
		}
	}
	return out
}

// over reports whether the time of all that is meant has run out. Where that
// could never be read, a day is enough: no activation lasts longer.
func (t *leaving) over(now time.Time) bool {
	if len(t.rows) == 0 {
		return now.Sub(t.at) > core.MaxMaxDuration
	}
	return !slices.ContainsFunc(t.rows, func(r core.AccessRow) bool { return r.End.IsZero() || now.Before(r.End) })
}

// final reports whether trying again would change nothing.
func final(err error) bool {
	switch core.CodeOf(err) {
	case core.Unavailable, core.Canceled, core.Internal:
		return false
	}
	return true
}

// LeftText says what came of a person's leaving, for the desktop.
func LeftText(t *Text, l Left) (title, text string) {
	args := []string{"role", l.Roles[0], "n", strconv.Itoa(len(l.Roles))}
	if !l.Over {
		return t.T("notice.left.not_yet", args...), t.T("notice.left.again")
	}
	return t.T("notice.left.over", args...), t.T("notice.left." + string(l.Reason))
}
