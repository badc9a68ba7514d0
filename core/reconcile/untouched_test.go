package reconcile_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
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
