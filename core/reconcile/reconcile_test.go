package reconcile_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/engine/enginetest"
)

// set makes a company with one system, one role and Ann, who may activate it.
func set(t *testing.T) (c *enginetest.Company, sys *memory.System, ann core.PersonID, basis core.AssignmentID) {
	t.Helper()
	c = enginetest.New(t, nil)
	ann = c.Person("Ann")
	_, roles := c.System("db", []string{"dba"}, ann)
	sys = c.Kind.System("db")
	return c, sys, ann, c.Eligible(ann, roles[0])
}

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func TestActivationComesAndGoes(t *testing.T) {
	c, sys, ann, basis := set(t)
	before := c.Head().Seq
	res := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "index"})
	id := res.Items[0].Assignment
	check(t, "status before the system was asked", c.Status(id), core.PendingProvisioning)
	check(t, "held before the system was told", sys.Holds("dba", "ann"), false)
	c.Settle()
	check(t, "status", c.Status(id), core.Provisioned)
	check(t, "held", sys.Holds("dba", "ann"), true)
	check(t, "evidence", c.Grant(id).Evidence.Holds, true)
	c.Pass(59 * time.Minute)
	check(t, "held before the end", sys.Holds("dba", "ann"), true)
	c.Pass(time.Minute)
	check(t, "held after the end", sys.Holds("dba", "ann"), false)
	check(t, "state", c.Assignment(id).State, core.Expired)
	check(t, "grant", c.Grant(id).State, core.GrantAbsent)
	check(t, "story", c.Actions(before), "activation.requested grant.made activation.active activation.expired grant.removed")
	c.Verify()
}

// R1, F9: a system that is away at the end, for three days.
func TestRevocationNeverGivesUp(t *testing.T) {
	c, sys, ann, basis := set(t)
	id := c.Activate(ann, basis, time.Hour)
	sys.Fail(memory.Unreachable, -1)
	c.Pass(time.Hour)
	check(t, "state", c.Assignment(id).State, core.Expired)
	check(t, "grant", c.Grant(id).State, core.GrantRemoving)
	c.Pass(9 * time.Second)
	check(t, "stuck after 9 s", c.Grant(id).Stuck(c.Engine.Now()), false)
	c.Pass(time.Second)
	check(t, "stuck after 10 s", c.Grant(id).Stuck(c.Engine.Now()), true)
	check(t, "alarmed", c.Grant(id).Alarmed, true)
	for range 3 * 24 * 60 {
		c.Pass(time.Minute)
	}
	before := c.Head().Seq
	sys.Heal()
	c.Pass(time.Second)
	check(t, "held after the return", sys.Holds("dba", "ann"), false)
	check(t, "grant", c.Grant(id).State, core.GrantAbsent)
	check(t, "story", c.Actions(before), "grant.removed system.reachable")
	if n := len(c.Entries(0)); n > 60 {
		t.Fatalf("three days of retries wrote %d entries; the log should hold what is new only", n)
	}
}

// R28: what was there before us is left.
func TestFoundIsLeft(t *testing.T) {
	c := enginetest.New(t, nil)
	ann := c.Person("Ann")
	_, roles := c.System("db", []string{"dba"}, ann)
	sys := c.Kind.System("db")
	sys.Put("dba", "ann", true)
	basis := c.Eligible(ann, roles[0])
	id := c.Activate(ann, basis, time.Hour)
	check(t, "grant", c.Grant(id).State, core.GrantFound)
	check(t, "status", c.Status(id), core.Provisioned)
	c.Pass(time.Hour)
	check(t, "held after the end", sys.Holds("dba", "ann"), true)
	check(t, "grant after the end", c.Grant(id).State, core.GrantFound)
	// Somebody takes it away by hand; the next activation is ours.
	sys.Put("dba", "ann", false)
	id = c.Activate(ann, basis, time.Hour)
	check(t, "grant", c.Grant(id).State, core.GrantPresent)
	c.Pass(time.Hour)
	check(t, "held after the second end", sys.Holds("dba", "ann"), false)
}

// Granted by hand between our last look and our grant: not ours either.
func TestForeignIsLeft(t *testing.T) {
	c, sys, ann, basis := set(t)
	sys.Put("dba", "ann", true)
	c.Pass(time.Second)
	id := c.Activate(ann, basis, time.Hour)
	check(t, "grant", c.Grant(id).State, core.GrantFound)
	c.Pass(time.Hour)
	check(t, "held after the end", sys.Holds("dba", "ann"), true)
}

// F2: the process dies after the system was told and before that was recorded.
func TestCrashAfterGrant(t *testing.T) {
	c, sys, ann, basis := set(t)
	res := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "index"})
	sys.Put("dba", "ann", true) // as the dead process did
	c.Clock.Set(c.Clock.Now().Add(time.Second))
	c.Restart()
	c.Settle()
	id := res.Items[0].Assignment
	check(t, "grant", c.Grant(id).State, core.GrantPresent)
	c.Pass(time.Hour)
	check(t, "held after the end", sys.Holds("dba", "ann"), false)
}

// R8: the process is dead while the end comes.
func TestDownAtTheEnd(t *testing.T) {
	c, sys, ann, basis := set(t)
	id := c.Activate(ann, basis, time.Hour)
	c.Clock.Set(c.Clock.Now().Add(30 * time.Hour))
	c.Restart()
	c.Settle()
	check(t, "held", sys.Holds("dba", "ann"), false)
	check(t, "grant", c.Grant(id).State, core.GrantAbsent)
}

// F11: the change is made and the answer lost.
func TestLostAnswer(t *testing.T) {
	c, sys, ann, basis := set(t)
	sys.Fail(memory.LoseAnswer, 1)
	res := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "index"})
	c.Settle()
	c.Pass(2 * time.Second)
	id := res.Items[0].Assignment
	check(t, "grant", c.Grant(id).State, core.GrantPresent)
	c.Pass(time.Hour)
	check(t, "held after the end", sys.Holds("dba", "ann"), false)
}

// R14: two assignments want one grant; the last one to end takes it away.
func TestReferenceCount(t *testing.T) {
	c, sys, ann, basis := set(t)
	role := c.Assignment(basis).Role
	id := c.Activate(ann, basis, time.Hour)
	c.Must(c.Boss, core.Assign{Role: role, Principals: []core.PersonID{ann}, Kind: core.Active, End: c.Engine.Now().Add(2 * time.Hour), Justification: "for the move"})
	c.Pass(time.Hour)
	check(t, "state of the first", c.Assignment(id).State, core.Expired)
	check(t, "held by the second", sys.Holds("dba", "ann"), true)
	c.Pass(time.Hour)
	check(t, "held after both", sys.Holds("dba", "ann"), false)
}

// R4: the role was dropped on the system; that is as good as removed.
func TestRoleGone(t *testing.T) {
	c, sys, ann, basis := set(t)
	id := c.Activate(ann, basis, time.Hour)
	sys.DropRole("dba")
	c.Pass(time.Hour)
	check(t, "grant", c.Grant(id).State, core.GrantAbsent)
	// And it can't be granted any more; the failure says why.
	res := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "index"})
	c.Settle()
	g := c.Grant(res.Items[0].Assignment)
	check(t, "state", g.State, core.GrantGranting)
	if g.LastErr == "" || g.NextTry.Before(c.Engine.Now()) {
		t.Fatalf("a failing grant must say why and when it is tried again: %+v", g)
	}
}

// F10: a system that is away holds up no other; here in one goroutine.
func TestOneAwayOthersServed(t *testing.T) {
	c, sys, ann, basis := set(t)
	_, roles := c.System("other", []string{"ops"}, ann)
	other := c.Eligible(ann, roles[0])
	sys.Fail(memory.Unreachable, -1)
	a, b := c.Activate(ann, basis, time.Hour), c.Activate(ann, other, time.Hour)
	check(t, "the one that is away", c.Status(a), core.PendingProvisioning)
	check(t, "the other", c.Status(b), core.Provisioned)
}

// R7: a system is removed only after its grants are proven gone.
func TestDrain(t *testing.T) {
	c, sys, ann, basis := set(t)
	id := c.Activate(ann, basis, time.Hour)
	system := c.Assignment(id).System
	sys.Fail(memory.Unreachable, -1)
	c.Must(c.Boss, core.RemoveSystem{System: system, Justification: "moved away"})
	c.Settle()
	c.Pass(time.Minute)
	state := func() (s core.SystemState) {
		c.View(func(v core.View) { sy, _ := v.System(system); s = sy.State })
		return s
	}
	check(t, "state while it can't be told", state(), core.SystemDraining)
	sys.Heal()
	c.Pass(2 * time.Second)
	c.Pass(time.Minute)
	check(t, "held", sys.Holds("dba", "ann"), false)
	check(t, "state", state(), core.SystemRemoved)
	c.Verify()
}

// A clock that is set back lengthens nothing (R12, F13).
func TestClockBack(t *testing.T) {
	c, sys, ann, basis := set(t)
	c.Activate(ann, basis, time.Hour)
	c.Pass(30 * time.Minute)
	c.Clock.Set(c.Clock.Now().Add(-2 * time.Hour))
	c.Settle()
	c.Pass(30 * time.Minute)
	check(t, "held an hour after the start", sys.Holds("dba", "ann"), false)
}

// Activated again before the end of the last one was carried out: what the
// system holds is our own doing, not something that was there before us.
func TestAgainBeforeItWasGone(t *testing.T) {
	c, sys, ann, basis := set(t)
	c.Activate(ann, basis, time.Hour)
	sys.Fail(memory.Unreachable, -1)
	c.Pass(time.Hour)
	id := c.Activate(ann, basis, time.Hour)
	sys.Heal()
	c.Pass(2 * time.Second)
	check(t, "grant", c.Grant(id).State, core.GrantPresent)
	c.Pass(time.Hour)
	check(t, "held after the end", sys.Holds("dba", "ann"), false)
}

// The same where the first answer was lost, and where the process died between.
func TestAgainAfterLostAnswer(t *testing.T) {
	for _, restart := range []bool{false, true} {
		c, sys, ann, basis := set(t)
		sys.Fail(memory.LoseAnswer, 1)
		first := c.Activate(ann, basis, time.Hour)
		sys.Fail(memory.Unreachable, -1)
		if restart {
			c.Restart()
			c.Settle()
		}
		c.Must(ann, core.Drop{Assignments: []core.AssignmentID{first}})
		c.Pass(time.Second)
		id := c.Activate(ann, basis, time.Hour)
		sys.Heal()
		c.Pass(10 * time.Minute)
		check(t, "grant", c.Grant(id).State, core.GrantPresent)
		c.Pass(time.Hour)
		check(t, "held after the end", sys.Holds("dba", "ann"), false)
	}
}

// A process that starts with the clock set back is no excuse, either.
func TestCrashAndClockBack(t *testing.T) {
	c, sys, ann, basis := set(t)
	sys.Fail(memory.LoseAnswer, 1)
	c.Activate(ann, basis, time.Hour)
	c.Clock.Set(c.Clock.Now().Add(-24 * time.Hour))
	c.Restart()
	c.Pass(10 * time.Minute)
	c.Pass(time.Hour)
	check(t, "held after the end", sys.Holds("dba", "ann"), false)
}

// R28 once more: granted by somebody else between our look and our attempt,
// and a restart between.
func TestGrantedByOthersMeanwhile(t *testing.T) {
	for _, restart := range []bool{false, true} {
		c, sys, ann, basis := set(t)
		sys.Put("dba", "ann", true)
		if restart {
			c.Restart()
			c.Settle()
		}
		id := c.Activate(ann, basis, time.Hour)
		check(t, "grant", c.Grant(id).State, core.GrantFound)
		c.Pass(time.Hour)
		check(t, "left as it was", sys.Holds("dba", "ann"), true)
	}
}

// The same across a restart while it was held.
func TestAgainAfterRestart(t *testing.T) {
	c, sys, ann, basis := set(t)
	c.Activate(ann, basis, time.Hour)
	c.Restart()
	c.Settle()
	c.Clock.Set(c.Clock.Now().Add(time.Hour))
	if err := c.Engine.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := c.Activate(ann, basis, time.Hour)
	check(t, "grant", c.Grant(id).State, core.GrantPresent)
	c.Pass(time.Hour)
	check(t, "held after the end", sys.Holds("dba", "ann"), false)
}
