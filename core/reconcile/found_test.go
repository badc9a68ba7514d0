package reconcile_test

import (
	"context"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/engine/enginetest"
	memstore "github.com/stint-pim/stint/storage/memory"
)

// R28: given by somebody else, activated, and dropped before the system was
// told: nothing of it is Stint's, so nothing is taken away.
func TestDroppedBeforeTheFirstAttempt(t *testing.T) {
	c, sys, ann, basis := set(t)
	c.Activate(ann, basis, time.Hour)
	c.Pass(time.Hour) // proven absent
	sys.Put("dba", "ann", true)
	res := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "index"})
	id := res.Items[0].Assignment
	c.Must(ann, core.Drop{Assignments: []core.AssignmentID{id}})
	c.Settle()
	check(t, "left as it was", sys.Holds("dba", "ann"), true)
	check(t, "grant", c.Grant(id).State, core.GrantFound)
	check(t, "status", c.Status(id), core.Revoked)
}

// Given by somebody else, seen, activated, and the process killed before the
// system was told: the next one still knows that it is not Stint's. (Found by
// the simulator, seed 1001.)
func TestSeenOutsideBeforeAKill(t *testing.T) {
	c, sys, ann, basis := set(t)
	c.Activate(ann, basis, time.Hour)
	c.Pass(time.Hour) // proven absent
	sys.Put("dba", "ann", true)
	c.Pass(time.Minute)
	res := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "index"})
	id := res.Items[0].Assignment
	c.Restart()
	c.Must(ann, core.Drop{Assignments: []core.AssignmentID{id}})
	c.Settle()
	check(t, "left as it was", sys.Holds("dba", "ann"), true)
	check(t, "grant", c.Grant(id).State, core.GrantFound)
}

// Given by somebody else to an account that was renamed there: an activation
// that the system refuses for its name does not make it Stint's. (Found by the
// simulator, seeds 47 and 53.)
func TestRefusedThoughHeld(t *testing.T) {
	c, sys, ann, basis := set(t)
	c.Activate(ann, basis, time.Hour)
	c.Pass(time.Hour) // proven absent
	sys.RenameAccount("ann", "anna")
	sys.Put("dba", "anna", true)
	res := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "index"})
	id := res.Items[0].Assignment
	c.Settle()
	c.Restart()
	c.Must(ann, core.Drop{Assignments: []core.AssignmentID{id}})
	c.Settle()
	check(t, "left as it was", sys.Holds("dba", "anna"), true)
	check(t, "grant", c.Grant(id).State, core.GrantFound)
}

// But what a process before this one had made is taken away, with the sessions
// that still use it, also where somebody else had taken the role already.
func TestLostAfterRestartEndsSessions(t *testing.T) {
	c, sys, ann, basis := set(t)
	id := c.Activate(ann, basis, time.Hour)
	c.Restart()
	c.Settle()
	sys.Connect("ann", 2)
	sys.Put("dba", "ann", false)
	c.Pass(time.Minute)
	c.Pass(time.Second)
	check(t, "grant", c.Grant(id).State, core.GrantAbsent)
	check(t, "sessions ended", c.Grant(id).Evidence.Ended, 2)
}

// forgetful is a store that writes nothing while it is full.
type forgetful struct {
	core.Store
	full   bool
	before func() // what happens just before something is written, if anything
}

func (f *forgetful) Update(ctx context.Context, do func(core.Tx) error) error {
	if f.full {
		return core.Errorf(core.Unavailable, "", "storage.full")
	}
	if f.before != nil {
		f.before()
	}
	return f.Store.Update(ctx, do)
}

// A system that goes away while the disk is full is shown as away once there is
// room again. (Found by the simulator, seed 1: it passed for healthy, so that
// its address could not be corrected.)
func TestAwayIsNotedLater(t *testing.T) {
	store := &forgetful{Store: memstore.New()}
	c := enginetest.New(t, store)
	ann := c.Person("Ann")
	id, roles := c.System("db", []string{"dba"}, ann)
	c.Activate(ann, c.Eligible(ann, roles[0]), time.Hour)
	c.Kind.System("db").Fail(memory.Unreachable, -1)
	store.full = true
	c.Clock.Set(c.Clock.Now().Add(2 * time.Minute))
	_ = c.Rec.Once(t.Context())
	store.full = false
	c.Pass(2 * time.Minute)
	var s core.System
	c.View(func(v core.View) { s, _ = v.System(id) })
	if s.Health.Error == "" {
		t.Error("the system passes for healthy")
	}
}
