package reconcile_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/engine/enginetest"
	memstore "github.com/stint-pim/stint/storage/memory"
)

// setFull is set on a store that can be made full.
func setFull(t *testing.T) (c *enginetest.Company, store *forgetful, sys *memory.System, ann core.PersonID, basis core.AssignmentID) {
	t.Helper()
	store = &forgetful{Store: memstore.New()}
	c = enginetest.New(t, store)
	ann = c.Person("Ann")
	_, roles := c.System("db", []string{"dba"}, ann)
	return c, store, c.Kind.System("db"), ann, c.Eligible(ann, roles[0])
}

// endUnwritten lets time pass until something ends, of which nothing can be written.
func endUnwritten(t *testing.T, c *enginetest.Company, store *forgetful, d time.Duration) {
	t.Helper()
	store.full = true
	c.Clock.Set(c.Clock.Now().Add(d))
	if err := c.Engine.RunDue(context.Background()); !errors.Is(err, &core.Error{Code: core.Unavailable, Key: core.KeyFull}) {
		t.Fatalf("got %v, want a store that is full", err)
	}
	store.full = false
}

// F3, F7: what comes to its end is gone from the system before that is written,
// and also where it can't be.
func TestF03GoneBeforeItIsWritten(t *testing.T) {
	c, store, sys, ann, basis := setFull(t)
	id := c.Activate(ann, basis, time.Hour)
	before := c.Head().Seq
	sys.Connect("ann", 2)
	endUnwritten(t, c, store, time.Hour)
	check(t, "held before the system was told", sys.Holds("dba", "ann"), true)
	_ = c.Rec.Once(t.Context())
	check(t, "held", sys.Holds("dba", "ann"), false)
	check(t, "state", c.Assignment(id).State, core.InForce)
	check(t, "grant", c.Grant(id).State, core.GrantPresent)
	c.Pass(time.Second)
	check(t, "state", c.Assignment(id).State, core.Expired)
	g := c.Grant(id)
	check(t, "grant", g.State, core.GrantAbsent)
	check(t, "sessions that were ended then", g.Evidence.Ended, 2)
	check(t, "story", c.Actions(before), "activation.expired grant.removed")
	c.Verify()
}

// A process that dies between the two has forgotten it, and does it all again.
func TestF02KilledBetweenGoneAndWritten(t *testing.T) {
	c, store, sys, ann, basis := setFull(t)
	id := c.Activate(ann, basis, time.Hour)
	before := c.Head().Seq
	endUnwritten(t, c, store, time.Hour)
	_ = c.Rec.Once(t.Context())
	c.Restart()
	c.Pass(time.Second)
	check(t, "held", sys.Holds("dba", "ann"), false)
	check(t, "grant", c.Grant(id).State, core.GrantAbsent)
	check(t, "story", c.Actions(before), "activation.expired grant.removed")
}

// Who gets the role anew at the very moment of its end keeps it, however late
// the system hears of the end.
func TestWantedAgainAtTheEnd(t *testing.T) {
	c, store, sys, ann, basis := setFull(t)
	id := c.Activate(ann, basis, time.Hour)
	endUnwritten(t, c, store, time.Hour)
	more := c.Must(c.Boss, core.Assign{Role: c.Assignment(basis).Role, Principals: []core.PersonID{ann}, Kind: core.Active, End: c.Engine.Now().Add(24 * time.Hour), Justification: "for the move"})
	check(t, "status", c.Status(more.Items[0].Assignment), core.PendingProvisioning)
	_ = c.Rec.Once(t.Context())
	check(t, "held", sys.Holds("dba", "ann"), true)
	check(t, "status", c.Status(more.Items[0].Assignment), core.Provisioned)
	c.Pass(time.Second)
	check(t, "the first", c.Assignment(id).State, core.Expired)
	check(t, "held after it was written", sys.Holds("dba", "ann"), true)
	c.Pass(24 * time.Hour)
	check(t, "held after the second end", sys.Holds("dba", "ann"), false)
}

// What we took away ourselves is not taken for the work of somebody else.
func TestGoneIsNoDrift(t *testing.T) {
	c, store, sys, ann, basis := setFull(t)
	id := c.Activate(ann, basis, time.Hour)
	before := c.Head().Seq
	endUnwritten(t, c, store, time.Hour)
	_ = c.Rec.Once(t.Context()) // ends it, and reads the whole system
	check(t, "held", sys.Holds("dba", "ann"), false)
	c.Rec.Reading(t.Context(), c.Assignment(id).System)
	c.Pass(time.Second)
	check(t, "story", c.Actions(before), "activation.expired grant.removed")
}

// The end of the last holder of a protected role may be refused, so nobody is
// told of it before.
func TestProtectedIsDecidedFirst(t *testing.T) {
	c, store, sys, ann, basis := setFull(t)
	role := c.Assignment(basis).Role
	c.Must(c.Boss, core.UpdateRole{Role: role, Name: "dba", Privileged: true, Protected: true})
	c.Activate(ann, basis, time.Hour)
	endUnwritten(t, c, store, time.Hour)
	_ = c.Rec.Once(t.Context())
	check(t, "held while nothing is decided", sys.Holds("dba", "ann"), true)
}

// What the system answered a moment too late to be written with the end is
// written behind it: a second removal would find nothing to end, and the log
// would not know of the sessions that were.
func TestAnswerBehindTheEnd(t *testing.T) {
	c, store, sys, ann, basis := setFull(t)
	id := c.Activate(ann, basis, time.Hour)
	before := c.Head().Seq
	store.before = func() {
		store.before = nil
		list := c.Engine.Endings(c.Assignment(id).System)
		if len(list) != 1 {
			t.Errorf("the system is told of %d ends", len(list))
			return
		}
		x := list[0]
		sys.Connect(x.Account, 2)
		out, err := sys.Driver().Apply(t.Context(), []connector.Task{{Privilege: connector.Privilege{Role: x.External, Scope: x.Scope, Account: x.Account, Object: x.Object}}})
		if err != nil || out[0].Err != nil || out[0].Evidence.Ended != 2 {
			t.Errorf("the system answered %+v, %v", out, err)
			return
		}
		c.Engine.Ended([]core.Gone{{Grant: x.Grant, Cycle: x.Cycle, Evidence: out[0].Evidence, Object: out[0].Object}})
	}
	c.Clock.Set(c.Clock.Now().Add(time.Hour))
	if err := c.Engine.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, "the end", c.Assignment(id).State, core.Expired)
	check(t, "grant before the system's worker comes", c.Grant(id).State, core.GrantRemoving)
	c.Pass(time.Second)
	check(t, "grant", c.Grant(id).State, core.GrantAbsent)
	check(t, "sessions that were ended", c.Grant(id).Evidence.Ended, 2)
	check(t, "story", c.Actions(before), "activation.expired grant.removed")
	c.Verify()
}
