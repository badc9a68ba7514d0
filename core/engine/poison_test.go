package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
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
