package model_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

// away is a server that can be away, hang, or have ended the session.
type away struct {
	core.Service
	mu      sync.Mutex
	err     error // guarded by mu
	hangs   bool  // guarded by mu
	rows    []core.AccessRow
	dropped []core.Drop // guarded by mu
	out     int         // guarded by mu: signed out
}

func (a *away) up(ctx context.Context) error {
	a.mu.Lock()
	err, hangs := a.err, a.hangs
	a.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

func (a *away) set(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

func (a *away) Access(ctx context.Context) (core.Access, error) {
	if err := a.up(ctx); err != nil {
		return core.Access{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return core.Access{Now: time.Now(), Active: slices.Clone(a.rows)}, nil
}

func (a *away) Do(ctx context.Context, c core.Call) (core.Result, error) {
	if err := a.up(ctx); err != nil {
		return core.Result{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	d := c.Command.(core.Drop)
	for _, id := range d.Assignments {
		i := slices.IndexFunc(a.rows, func(r core.AccessRow) bool { return r.ID == id })
		if i < 0 {
			return core.Result{}, &core.Error{Code: core.Conflict, Message: "It has ended."}
		}
		a.rows = slices.Delete(a.rows, i, i+1)
	}
	a.dropped = append(a.dropped, d)
	return core.Result{}, nil
}

func (a *away) SignOut(ctx context.Context) error {
	if err := a.up(ctx); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.out++
	return nil
}

func activated(id core.AssignmentID, lasts time.Duration, on ...core.DropReason) core.AccessRow {
	r := core.AccessRow{DropOn: on}
	r.ID, r.RoleName, r.Origin, r.Kind, r.State = id, string(id), core.Activated, core.Active, core.InForce
	r.Created, r.End = time.Now(), time.Now().Add(lasts)
	return r
}

// leaving begins a person's day with roles; what was told comes back.
func leaving(t *testing.T, a *away) (l *model.Leaver, told func() []model.Left) {
	t.Helper()
	var mu sync.Mutex
	var left []model.Left
	l = model.NewLeaver(time.Now, func(x model.Left) {
		mu.Lock()
		defer mu.Unlock()
		left = append(left, x)
	})
	l.Enter(a)
	l.Know(core.Access{Active: a.rows})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); l.Retry(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return l, func() []model.Left {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(left)
	}
}

var unreachable = &core.Error{Code: core.Unavailable, Message: "It can't be reached."}

func (a *away) wants(t *testing.T, reason core.DropReason, ids ...core.AssignmentID) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	want := []core.Drop{{Assignments: ids, Reason: reason}}
	if len(ids) == 0 {
		want = nil
	}
	if diff := cmp.Diff(want, a.dropped); diff != "" {
		t.Fatalf("dropped (-want +got)\n%s", diff)
	}
}

// What says so is dropped, with the reason; the rest isn't, nor what was
// assigned. What was activated elsewhere a moment ago is, too.
func TestLeavingDrops(t *testing.T) {
	for _, reason := range core.DropReasons() {
		synctest.Test(t, func(t *testing.T) {
			assigned := activated("as_assigned", 0, core.DropReasons()...)
			assigned.Origin, assigned.End = core.Assigned, time.Time{}
			a := &away{rows: []core.AccessRow{activated("as_it", time.Hour, reason), activated("as_other", time.Hour), assigned}}
			l, told := leaving(t, a)
			a.rows = append(a.rows, activated("as_elsewhere", time.Hour, reason))
			goesOn := 0
			l.Happen(t.Context(), model.DeskEvent{Reason: reason, Done: func() {
				a.wants(t, reason, "as_it", "as_elsewhere")
				goesOn++
			}})
			if goesOn != 1 {
				t.Errorf("the computer was let go on %d times", goesOn)
			}
			want := []model.Left{{Reason: reason, Roles: []string{"as_it", "as_elsewhere"}, Over: true}}
			if diff := cmp.Diff(want, told()); diff != "" {
				t.Error(diff)
			}
			l.Happen(t.Context(), model.DeskEvent{Reason: reason}) // desktops say it twice
			a.wants(t, reason, "as_it", "as_elsewhere")
		})
	}
}

// A server that is away is tried again until it is there, and the person is told
// once that it is not done yet. What he activates afterwards is not meant.
func TestLeavingIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &away{rows: []core.AccessRow{activated("as_it", 3*time.Hour, core.DropOnLock)}, err: unreachable}
		l, told := leaving(t, a)
		l.Happen(t.Context(), model.DeskEvent{Reason: core.DropOnLock})
		time.Sleep(time.Hour)
		synctest.Wait()
		a.wants(t, core.DropOnLock)
		a.rows = append(a.rows, activated("as_later", time.Hour, core.DropOnLock))
		a.set(nil)
		time.Sleep(31 * time.Second)
		synctest.Wait()
		a.wants(t, core.DropOnLock, "as_it")
		want := []model.Left{{Reason: core.DropOnLock, Roles: []string{"as_it"}}, {Reason: core.DropOnLock, Roles: []string{"as_it"}, Over: true}}
		if diff := cmp.Diff(want, told()); diff != "" {
			t.Error(diff)
		}
	})
}

// A computer that goes to sleep is kept from it for some seconds and no longer.
// When it wakes, it is done at once.
func TestSleepingWaitsSomeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &away{rows: []core.AccessRow{activated("as_it", 3*time.Hour, core.DropOnSleep)}, hangs: true}
		l, _ := leaving(t, a)
		began := time.Now()
		l.Happen(t.Context(), model.DeskEvent{Reason: core.DropOnSleep, Done: func() {
			if d := time.Since(began); d > 4500*time.Millisecond {
				t.Errorf("the computer waited %v; logind waits 5 s", d)
			}
		}})
		a.mu.Lock()
		a.hangs = false
		a.mu.Unlock()
		l.Happen(t.Context(), model.DeskEvent{Woke: true})
		a.wants(t, core.DropOnSleep, "as_it")
	})
}

// Nothing is tried for ever: not when the time of a role is over, and not when
// the session is.
func TestLeavingEnds(t *testing.T) {
	for _, tt := range []struct {
		name  string
		err   error
		after time.Duration
	}{
		{"its time is over", unreachable, 2 * time.Hour},
		{"the session is over", &core.Error{Code: core.Unauthenticated, Message: "Sign in."}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &away{rows: []core.AccessRow{activated("as_it", time.Hour, core.DropOnLock)}, err: tt.err}
				l, told := leaving(t, a)
				l.Happen(t.Context(), model.DeskEvent{Reason: core.DropOnLock})
				time.Sleep(tt.after)
				a.set(nil)
				time.Sleep(time.Hour)
				synctest.Wait()
				a.wants(t, core.DropOnLock)
				if n := len(told()); n != 1 || told()[0].Over {
					t.Errorf("told %v", told())
				}
			})
		})
	}
}

// One that ended meanwhile keeps none of the others.
func TestLeavingWithOneThatEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &away{rows: []core.AccessRow{activated("as_gone", time.Minute, core.DropOnLock), activated("as_it", time.Hour, core.DropOnLock)}, err: unreachable}
		l, _ := leaving(t, a)
		l.Happen(t.Context(), model.DeskEvent{Reason: core.DropOnLock})
		a.mu.Lock()
		a.rows = a.rows[1:]
		a.mu.Unlock()
		a.set(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		a.wants(t, core.DropOnLock, "as_it")
	})
}

// Signing out without the server ends the session when it is back.
func TestSignOutIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &away{err: unreachable}
		l, _ := leaving(t, a)
		l.Enter(nil)
		l.SignOut(t.Context(), a)
		a.set(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if a.out != 1 {
			t.Errorf("signed out %d times", a.out)
		}
		l.Happen(t.Context(), model.DeskEvent{Reason: core.DropOnLock}) // nobody is signed in
		a.wants(t, core.DropOnLock)
	})
}
