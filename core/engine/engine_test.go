package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/engine/enginetest"
	memstore "github.com/stint-pim/stint/storage/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// trouble is a store that counts, and fails when it is told to.
type trouble struct {
	core.Store
	updates atomic.Int64
	mu      sync.Mutex
	hooks   hooks // guarded by mu
}

// hooks are called where they say; nil ones aren't.
type hooks struct {
	begin   func()                 // in each Update, under the writer's turn
	refuse  func(core.Event) error // for each event
	commit  func() error           // before each commit
	hide    func() error           // after it: what the engine is told
	nextDue func()                 // after NextDue has read
}

func (s *trouble) set(h hooks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = h
}

func (s *trouble) now() hooks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hooks
}

func (s *trouble) Update(ctx context.Context, f func(core.Tx) error) error {
	s.updates.Add(1)
	h := s.now()
	err := s.Store.Update(ctx, func(tx core.Tx) error {
		if h.begin != nil {
			h.begin()
		}
		if err := f(troubleTx{tx, h}); err != nil {
			return err
		}
		if h.commit != nil {
			return h.commit()
		}
		return nil
	})
	if err == nil && h.hide != nil {
		return h.hide()
	}
	return err
}

func (s *trouble) NextDue(ctx context.Context) (time.Time, bool, error) {
	at, access, err := s.Store.NextDue(ctx)
	if h := s.now(); h.nextDue != nil {
		h.nextDue()
	}
	return at, access, err
}

type troubleTx struct {
	core.Tx
	hooks hooks
}

func (t troubleTx) Apply(e core.Event) error {
	if t.hooks.refuse != nil {
		if err := t.hooks.refuse(e); err != nil {
			return err
		}
	}
	return t.Tx.Apply(e)
}

func found(t testing.TB) (*enginetest.Company, *trouble) {
	s := &trouble{Store: memstore.New()}
	return enginetest.New(t, s), s
}

func person(i int) core.AddPerson {
	return core.AddPerson{FullName: fmt.Sprint("Person ", i), Login: fmt.Sprint("p", i), Hash: "h"}
}

func as(p core.PersonID, cmd core.Command, key string) engine.Job {
	return engine.Job{Actor: core.Actor{Person: p, Strength: core.StrengthFactor, From: "window"}, Command: cmd, Key: key}
}

// While one commits, others queue; then all of them share one transaction.
func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := found(t)
		gate, inside := make(chan struct{}), make(chan struct{}, 1)
		var once sync.Once
		s.set(hooks{begin: func() {
			once.Do(func() { inside <- struct{}{}; <-gate })
		}})
		const n = 100
		var wg sync.WaitGroup
		do := func(i int) {
			if _, err := c.Engine.Do(context.Background(), as(c.Boss, person(i), "")); err != nil {
				t.Error(err)
			}
		}
		wg.Go(func() { do(0) })
		<-inside
		for i := 1; i <= n; i++ {
			wg.Go(func() { do(i) })
		}
		synctest.Wait() // everybody waits
		before := s.updates.Load()
		close(gate)
		wg.Wait()
		if got := s.updates.Load() - before; got != 1 {
			t.Errorf("%d commands took %d transactions, want 1", n, got)
		}
		c.Verify()
	})
}

// Many at once, whatever the order: nothing is lost and the chain is whole.
func TestManyAtOnce(t *testing.T) {
	c, _ := found(t)
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if _, err := c.Engine.Do(t.Context(), as(c.Boss, person(i), "")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	c.View(func(v core.View) {
		if v.People() != 201 {
			t.Errorf("%d people", v.People())
		}
	})
	c.Verify()
}

// A command that the store can't write takes nobody down with it; one that
// panics doesn't, either.
func TestOneBadCommand(t *testing.T) {
	c, s := found(t)
	broken := errors.New("constraint")
	refuse := func(e core.Event) error {
		for _, ch := range e.Changes {
			if p, ok := ch.(core.Person); ok && p.Login == "p1" {
				return broken
			}
		}
		return nil
	}
	jobs := []engine.Job{as(c.Boss, person(0), ""), as(c.Boss, person(1), ""), as(c.Boss, person(2), "")}
	jobs[2].Prepare = func(core.View, core.Command, *core.Env) core.Command { panic("broken invariant") }
	// Each is a caller of his own; behind a gate they end up in one batch.
	gate, inside := make(chan struct{}), make(chan struct{}, 1)
	var once sync.Once
	s.set(hooks{refuse: refuse, begin: func() { once.Do(func() { inside <- struct{}{}; <-gate }) }})
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = c.Engine.Do(context.Background(), as(c.Boss, person(9), "")) })
	<-inside
	errs := make([]error, len(jobs))
	for i, j := range jobs {
		wg.Go(func() { _, errs[i] = c.Engine.Do(context.Background(), j) })
	}
	close(gate)
	wg.Wait()
	if errs[0] != nil {
		t.Errorf("the good one: %v", errs[0])
	}
	if core.CodeOf(errs[1]) != core.Unavailable || !errors.Is(errs[1], broken) {
		t.Errorf("the one the store refuses: %v", errs[1])
	}
	if core.CodeOf(errs[2]) != core.Unavailable {
		t.Errorf("the one that panics: %v", errs[2])
	}
	s.set(hooks{})
	c.Must(c.Boss, person(3)) // and the turn is free
	c.Verify()
}

// What can't be committed has not happened.
func TestStoreFails(t *testing.T) {
	c, s := found(t)
	disk := errors.New("disk full")
	s.set(hooks{commit: func() error { return disk }})
	before := c.Head()
	_, err := c.Engine.Do(t.Context(), as(c.Boss, person(1), "k"))
	if core.CodeOf(err) != core.Unavailable || !errors.Is(err, disk) {
		t.Fatal(err)
	}
	if c.Head() != before {
		t.Error("something was written")
	}
	s.set(hooks{})
	if _, err = c.Engine.Do(t.Context(), as(c.Boss, person(1), "k")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = c.Engine.Do(ctx, as(c.Boss, person(2), "")); core.CodeOf(err) != core.Canceled {
		t.Errorf("canceled: %v", err)
	}
}

// An idempotency key gives the first answer again, to the same person, for the
// same command, while he is signed in (F19).
func TestIdempotency(t *testing.T) {
	c, _ := found(t)
	first, err := c.Engine.Do(t.Context(), as(c.Boss, person(1), "k"))
	if err != nil {
		t.Fatal(err)
	}
	head := c.Head()
	again, err := c.Engine.Do(t.Context(), as(c.Boss, person(1), "k"))
	if err != nil || again.Person != first.Person || again.Seq != first.Seq {
		t.Fatalf("%+v, %v, want %+v", again, err, first)
	}
	if c.Head() != head {
		t.Error("asked again, it was done again")
	}
	if _, err = c.Engine.Do(t.Context(), as(c.Boss, person(2), "k")); !enginetest.IsKey(err, "key.reused") {
		t.Errorf("another command: %v", err)
	}
	if _, err = c.Engine.Do(t.Context(), as(c.Boss, core.EnablePerson{Person: "x"}, string(make([]byte, 101)))); !enginetest.IsKey(err, "key.long") {
		t.Errorf("a long key: %v", err)
	}
	// A refusal is no answer to keep: what hindered may be gone.
	cleo := person(3)
	cleo.Login = "p1"
	if _, err = c.Engine.Do(t.Context(), as(c.Boss, cleo, "r")); !enginetest.IsKey(err, "login.taken") {
		t.Fatal(err)
	}
	c.Must(c.Boss, core.UpdatePerson{Person: first.Person, FullName: "x", Login: "free"})
	if _, err = c.Engine.Do(t.Context(), as(c.Boss, cleo, "r")); err != nil {
		t.Errorf("after the hindrance is gone: %v", err)
	}
	// Keys of one person are nothing to another.
	ann := c.Person("Ann")
	if _, err = c.Engine.Do(t.Context(), as(ann, person(1), "k")); !enginetest.IsKey(err, "rights.missing") {
		t.Errorf("Ann with the boss's key: %v", err)
	}
	// Nor to a session that has ended.
	j := as(c.Boss, person(1), "k")
	j.Actor.Session = "ended"
	if _, err = c.Engine.Do(t.Context(), j); !enginetest.IsKey(err, "session.none") {
		t.Errorf("a session that ended: %v", err)
	}
}

// handClock is for steps of the wall clock.
type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time { return c.now }

func TestClockSteps(t *testing.T) {
	store := memstore.New()
	hand := &handClock{enginetest.Start}
	start := func() *engine.Engine {
		t.Helper()
		e, err := engine.New(t.Context(), engine.Config{Store: store, Clock: hand})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := start()
	want := func(d time.Duration) {
		t.Helper()
		if got := e.Now(); !got.Equal(enginetest.Start.Add(d)) {
			t.Errorf("got %v, want %v after the start", got.Sub(enginetest.Start), d)
		}
	}
	move := func(d time.Duration) { hand.now = hand.now.Add(d) }
	want(0)
	move(time.Hour)
	want(time.Hour)
	move(-3 * time.Hour) // set back: it stands
	want(time.Hour)
	move(time.Minute) // and goes on by what elapses
	want(time.Hour + time.Minute)
	move(5 * time.Hour) // set forward: at once
	want(6*time.Hour + time.Minute)
	if err := store.NoteTime(t.Context(), e.Now()); err != nil {
		t.Fatal(err)
	}
	move(-24 * time.Hour)
	e = start() // across a restart, the highest time seen
	want(6*time.Hour + time.Minute)
	move(time.Hour)
	want(7*time.Hour + time.Minute)
	hand.now = hand.now.Add(1) // less than a microsecond
	if got := e.Now(); got.Nanosecond()%1000 != 0 || got.Location() != time.UTC {
		t.Errorf("not cut: %v", got)
	}
}

// company in a bubble, with the engine's loop running on virtual time.
func running(t *testing.T, s core.Store, f func(c *enginetest.Company, now func() time.Time)) {
	c := enginetest.New(t, s)
	// The company's clock is moved by hand; here time is the bubble's.
	eng, err := engine.New(t.Context(), engine.Config{Store: c.Store, Seal: func(string, core.Secret) ([]byte, error) { return nil, nil }, Clock: bubble{}})
	if err != nil {
		t.Fatal(err)
	}
	c.Engine = eng
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := eng.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
	f(c, eng.Now)
	cancel()
	wg.Wait()
}

// bubble is the bubble's clock moved to after the company was founded.
type bubble struct{}

func (bubble) Now() time.Time {
	return time.Now().Add(enginetest.Start.Add(time.Hour).Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)))
}

func timed(c *enginetest.Company, p core.PersonID, role string, d time.Duration) core.AssignmentID {
	return c.Must(c.Boss, core.Assign{Role: core.StintRole(role), Principals: []core.PersonID{p}, Kind: core.Active, End: c.Engine.Now().Add(d), Justification: "for a while"}).Items[0].Assignment
}

// An end comes when it comes, not at the next tick; a nearer one goes first.
func TestEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running(t, nil, func(c *enginetest.Company, now func() time.Time) {
			ann := c.Person("Ann")
			far := timed(c, ann, core.SecurityReader, 10*time.Minute+300*time.Millisecond)
			near := timed(c, ann, core.UserAdministrator, 5*time.Minute+700*time.Millisecond)
			time.Sleep(5*time.Minute + 700*time.Millisecond - time.Millisecond)
			synctest.Wait()
			if st := c.Assignment(near).State; st != core.InForce {
				t.Errorf("before its end: %s", st)
			}
			time.Sleep(time.Millisecond)
			synctest.Wait()
			a := c.Assignment(near)
			if a.State != core.Expired || !a.Ended.Equal(a.End) {
				t.Errorf("at its end: %s at %v, want %v", a.State, a.Ended, a.End)
			}
			if st := c.Assignment(far).State; st != core.InForce {
				t.Errorf("the other: %s", st)
			}
			time.Sleep(5 * time.Minute)
			synctest.Wait()
			if a := c.Assignment(far); a.State != core.Expired || !a.Ended.Equal(a.End) {
				t.Errorf("the other at its end: %s at %v", a.State, a.Ended)
			}
		})
	})
}

// A store in trouble is asked once a second, not in a circle; then what is
// overdue ends.
func TestStoreErrorDoesNotSpin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &trouble{Store: memstore.New()}
		running(t, s, func(c *enginetest.Company, now func() time.Time) {
			id := timed(c, c.Person("Ann"), core.SecurityReader, 5*time.Minute)
			time.Sleep(4 * time.Minute)
			synctest.Wait()
			s.set(hooks{commit: func() error { return errors.New("disk full") }})
			before := s.updates.Load()
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			if n := s.updates.Load() - before; n < 50 || n > 150 {
				t.Errorf("%d tries in a minute of trouble", n)
			}
			s.set(hooks{})
			time.Sleep(time.Second)
			synctest.Wait()
			if st := c.Assignment(id).State; st != core.Expired {
				t.Errorf("a second after the trouble: %s", st)
			}
		})
	})
}

// A due date that is committed while the loop reads the next one is not lost.
func TestDueWhileReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &trouble{Store: memstore.New()}
		running(t, s, func(c *enginetest.Company, now func() time.Time) {
			ann := c.Person("Ann")
			timed(c, ann, core.SecurityReader, 5*time.Minute)
			var once sync.Once
			made := make(chan core.AssignmentID, 1)
			s.set(hooks{nextDue: func() {
				once.Do(func() { made <- timed(c, ann, core.UserAdministrator, 5*time.Minute) })
			}})
			time.Sleep(5 * time.Minute)
			synctest.Wait()
			if len(made) == 0 {
				t.Fatal("the loop did not read")
			}
			time.Sleep(5 * time.Minute)
			synctest.Wait()
			if st := c.Assignment(<-made).State; st != core.Expired {
				t.Errorf("at its end: %s", st)
			}
		})
	})
}

// What was overdue when the engine started is not forgotten over something
// committed before the first look.
func TestOverdueAtStart(t *testing.T) {
	c, _ := found(t)
	ann := c.Person("Ann")
	id := timed(c, ann, core.SecurityReader, 5*time.Minute)
	c.Clock.Set(c.Clock.Now().Add(time.Hour))
	c.Restart()
	timed(c, ann, core.UserAdministrator, 24*time.Hour)
	if err := c.Engine.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := c.Assignment(id).State; st != core.Expired {
		t.Errorf("got %s", st)
	}
}

// News that nobody takes is merged, and never more than so much.
func TestSubscription(t *testing.T) {
	c, _ := found(t)
	sub := c.Engine.Subscribe()
	ann := c.Person("Ann")
	for range 120 {
		id := timed(c, ann, core.SecurityReader, time.Hour)
		c.Must(c.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{id}})
	}
	if len(sub.C) != 1 {
		t.Fatal("no token")
	}
	<-sub.C
	n := sub.Take()
	if n.Seq != c.Head().Seq || len(n.Notices) != 100 {
		t.Errorf("seq %d, want %d; %d notices, want 100", n.Seq, c.Head().Seq, len(n.Notices))
	}
	count := map[core.Topic]int{}
	for _, tp := range n.Topics {
		count[tp]++
	}
	for _, tp := range []core.Topic{core.TopicAssignments, core.TopicAudit, core.TopicPeople} {
		if count[tp] != 1 {
			t.Errorf("%s is there %d times", tp, count[tp])
		}
	}
	if again := sub.Take(); len(again.Topics) != 0 || len(again.Notices) != 0 || again.Seq != n.Seq {
		t.Errorf("taken twice: %+v", again)
	}
	sub.Close()
	c.Person("Bob")
	if len(sub.C) != 0 || len(sub.Take().Topics) != 0 {
		t.Error("news after Close")
	}
}
