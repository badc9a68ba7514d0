package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

// F23: after a restore nothing is granted on a system before all that it holds
// has been read; what is over is taken back all the same.
func TestF23ReadBeforeAnythingIsGranted(t *testing.T) {
	c, sys, ann, basis := set(t)
	old := c.Activate(ann, basis, time.Hour)
	id := c.Assignment(old).System
	c.Pass(time.Minute)
	if _, err := c.Engine.Do(t.Context(), engine.Job{Actor: core.EngineActor(), Command: core.NoteRestore{Made: c.Engine.Now(), By: "root"}}); err != nil {
		t.Fatal(err)
	}
	sys.AddAccount("zoe")
	sys.Put("dba", "zoe", true) // the backup doesn't know
	before := c.Head().Seq
	c.Clock.Set(c.Clock.Now().Add(time.Second))
	c.Restart()
	c.Must(ann, core.Drop{Assignments: []core.AssignmentID{old}})
	c.Rec.Turn(t.Context(), id)
	check(t, "what is over is held", sys.Holds("dba", "ann"), false)
	again := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "index"}).Items[0].Assignment
	if pause := c.Rec.Turn(t.Context(), id); pause <= 0 {
		t.Errorf("it looks again after %v: it spins", pause)
	}
	check(t, "granted before it was read", sys.Holds("dba", "ann"), false)
	check(t, "status", c.Status(again), core.PendingProvisioning)

	c.Rec.Reading(t.Context(), id)
	c.Rec.Turn(t.Context(), id)
	check(t, "granted when it was read", sys.Holds("dba", "ann"), true)
	check(t, "left to a person", sys.Holds("dba", "zoe"), true)
	if n := count(c.Entries(before), core.SystemReread, "1 privilege is there"); n != 1 {
		t.Errorf("%d entries tell of the reading, want 1", n)
	}
	// The next process, and the next reading, have nothing to catch up with.
	c.Clock.Set(c.Clock.Now().Add(time.Minute))
	c.Restart()
	c.Rec.Reading(t.Context(), id)
	if n := count(c.Entries(before), core.SystemReread, ""); n != 1 {
		t.Errorf("%d entries tell of the reading, want 1", n)
	}
}

func count(entries []core.Entry, kind core.EventKind, detail string) (n int) {
	for _, e := range entries {
		if e.Action == kind && strings.Contains(e.Detail, detail) {
			n++
		}
	}
	return n
}
