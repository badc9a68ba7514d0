package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

// One due date that can't be carried out holds up none of those that are due
// with it: else a single damaged row would keep every access from ending.
func TestOneBadDueDate(t *testing.T) {
	c, s := found(t)
	bad := timed(c, c.Person("Ann"), core.SecurityReader, 5*time.Minute)
	good := timed(c, c.Person("Bob"), core.SecurityReader, 5*time.Minute)
	s.set(hooks{refuse: func(e core.Event) error {
		for _, ch := range e.Changes {
			if a, ok := ch.(core.Assignment); ok && a.ID == bad {
				return errors.New("constraint")
			}
		}
		return nil
	}})
	c.Clock.Set(c.Clock.Now().Add(5 * time.Minute))
	if err := c.Engine.RunDue(t.Context()); core.CodeOf(err) != core.Unavailable {
		t.Errorf("the bad one: %v", err)
	}
	if st := c.Assignment(good).State; st != core.Expired {
		t.Errorf("the good one: %s", st)
	}
	s.set(hooks{})
	c.Settle()
	if st := c.Assignment(bad).State; st != core.Expired {
		t.Errorf("the bad one, once it is mended: %s", st)
	}
	c.Verify()
}

// A store that panics keeps nobody else from committing: whoever recovers from
// it, as an HTTP server does, would have an engine that answers no more.
func TestAPanicInTheStore(t *testing.T) {
	c, s := found(t)
	ann := c.Person("Ann")
	s.set(hooks{refuse: func(core.Event) error { panic("broken") }})
	if _, err := c.Do(c.Boss, core.EndSessions{Person: ann}); core.CodeOf(err) != core.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
	s.set(hooks{})
	c.Must(c.Boss, core.EndSessions{Person: ann})
	c.Verify()
}

// F5: a commit that failed may have happened. What people asked for together is
// not tried once more one by one: it would be done twice, or refused because
// it was done.
func TestF05UnknownCommitIsNotRepeated(t *testing.T) {
	c, s := found(t)
	ann, bob := c.Person("Ann"), c.Person("Bob")
	before := c.Head().Seq
	s.set(hooks{hide: func() error { return errors.New("the answer was lost") }})
	jobs := []engine.Job{}
	for _, p := range []core.PersonID{ann, bob} {
		jobs = append(jobs, engine.Job{Actor: core.Actor{Person: c.Boss, Strength: core.StrengthFactor, From: "window"}, Command: core.DisablePerson{Person: p}})
	}
	for _, d := range c.Engine.DoAll(t.Context(), jobs) {
		if core.CodeOf(d.Err) != core.Unavailable {
			t.Errorf("got %v, want unavailable", d.Err)
		}
	}
	s.set(hooks{})
	if got, want := c.Actions(before), "person.disabled person.disabled"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// F5: what was committed although the engine was told otherwise ends in time as
// everything does. (Found by the simulator, seed 9: it ended when the next
// thing that the engine knew of was due.)
func TestF05UnknownCommitEndsInTime(t *testing.T) {
	c, s := found(t)
	c.Settle() // the engine knows that nothing is due
	ann := c.Person("Ann")
	far := timed(c, c.Person("Bob"), core.SecurityReader, 24*time.Hour)
	c.Settle()
	s.set(hooks{hide: func() error { return errors.New("the answer was lost") }})
	_, err := c.Do(c.Boss, core.Assign{Role: core.StintRole(core.SecurityReader), Principals: []core.PersonID{ann}, Kind: core.Active, End: c.Engine.Now().Add(5 * time.Minute), Justification: "for a look"})
	if core.CodeOf(err) != core.Unavailable {
		t.Fatalf("got %v, want unavailable", err)
	}
	s.set(hooks{})
	c.Pass(5 * time.Minute)
	var live int
	c.View(func(v core.View) { live = len(v.LiveOf(ann)) })
	if live != 0 {
		t.Error("it outlives its end")
	}
	if st := c.Assignment(far).State; st != core.InForce {
		t.Errorf("the other is %s", st)
	}
}
