package core_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// Of each way in which an access ends the log tells whose doing it was and why.
func TestWhoEndedIt(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(s *stage, run core.AssignmentID)
		want core.Ended
	}{
		"its time": {func(s *stage, _ core.AssignmentID) { s.Pass(2 * time.Hour) }, core.Ended{Cause: core.EndTime, By: "Stint"}},
		"the person": {func(s *stage, run core.AssignmentID) { s.Must(s.ann, core.Drop{Assignments: []core.AssignmentID{run}}) },
			core.Ended{Cause: core.EndDropped, By: "Ann", Itself: true}},
		"the lock": {func(s *stage, run core.AssignmentID) {
			s.Must(s.ann, core.Drop{Assignments: []core.AssignmentID{run}, Reason: core.DropOnLock})
		}, core.Ended{Cause: core.EndLock, By: "Ann", Itself: true}},
		"the sleep": {func(s *stage, run core.AssignmentID) {
			s.Must(s.ann, core.Drop{Assignments: []core.AssignmentID{run}, Reason: core.DropOnSleep})
		}, core.Ended{Cause: core.EndSleep, By: "Ann", Itself: true}},
		"signing out": {func(s *stage, run core.AssignmentID) {
			s.Must(s.ann, core.Drop{Assignments: []core.AssignmentID{run}, Reason: core.DropOnSignOut})
		}, core.Ended{Cause: core.EndSignOut, By: "Ann", Itself: true}},
		"all sessions": {func(s *stage, _ core.AssignmentID) {
			s.policy(s.dba, core.PolicySettings{DropOn: &[]core.DropReason{core.DropOnSignOut}})
			if err := s.signIn(s.ann, true, &core.Proof{Step: step}); err != nil {
				t.Fatal(err)
			}
			s.Must(s.Boss, core.EndSessions{Person: s.ann})
		}, core.Ended{Cause: core.EndAllSessions, By: "Bo Boss"}},
		"an administrator": {func(s *stage, run core.AssignmentID) {
			s.Must(s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{run}, Justification: "the freeze begins"})
		}, core.Ended{Cause: core.EndRemoved, By: "Bo Boss", Why: "the freeze begins"}},
		"what it stood on": {func(s *stage, _ core.AssignmentID) {
			s.Must(s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.annDBA}, Justification: "other duties"})
		}, core.Ended{Cause: core.EndBasis, By: "Bo Boss", Why: "other duties", On: core.EndRemoved}},
		"a shorter one": {func(s *stage, _ core.AssignmentID) {
			s.Must(s.Boss, core.UpdateAssignment{Assignment: s.annDBA, Start: s.Assignment(s.annDBA).Start, End: s.now().Add(10 * time.Minute), Justification: why})
		}, core.Ended{Cause: core.EndShortened, By: "Bo Boss"}},
		"who is disabled": {func(s *stage, _ core.AssignmentID) { s.Must(s.Boss, core.DisablePerson{Person: s.ann}) },
			core.Ended{Cause: core.EndDisabled, By: "Bo Boss"}},
		"the clock": {func(s *stage, _ core.AssignmentID) {
			s.Clock.Step(-time.Hour)
			s.Settle()
			s.Must(s.Boss, core.AcceptClock{Justification: "it was an hour ahead"})
		}, core.Ended{Cause: core.EndClock, By: "Bo Boss", Why: "it was an hour ahead"}},
		"the system": {func(s *stage, _ core.AssignmentID) {
			s.Must(s.Boss, core.RemoveSystem{System: s.db, Justification: "it is sold"})
			s.Settle()
		}, core.Ended{Cause: core.EndSystem, By: "Stint"}},
		"the system itself": {func(s *stage, _ core.AssignmentID) {
			s.Kind.System("db").Put("dba", "ann", false)
			s.Pass(2 * time.Minute)
		}, core.Ended{Cause: core.EndLost, By: "Stint"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			run := s.Activate(s.ann, s.annDBA, time.Hour)
			s.Settle()
			if got := s.ended(run); got != (core.Ended{}) {
				t.Errorf("before its end: %+v", got)
			}
			c.do(s, run)
			if a := s.Assignment(run); a.State.Live() {
				t.Fatalf("it is %s", a.State)
			}
			equal(t, "ended", s.ended(run), c.want)
		})
	}
}

// Who leaves a group, and whose group has a role no longer, is told which group.
func TestWhoEndedWhatAGroupHad(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*crew, core.AssignmentID)
		want core.Ended
	}{
		"left": {func(c *crew, _ core.AssignmentID) {
			c.Must(c.wim, core.RemoveMembers{Group: c.group, People: []core.PersonID{c.ann}, Justification: "left the team"})
		}, core.Ended{Cause: core.EndLeft, By: "Wim", Why: "left the team", Group: "Operators"}},
		"the group's": {func(c *crew, given core.AssignmentID) {
			c.Must(c.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{given}, Justification: "no longer needed"})
		}, core.Ended{Cause: core.EndGroup, By: "Bo Boss", Why: "no longer needed", Group: "Operators"}},
	} {
		t.Run(name, func(t *testing.T) {
			cr := newCrew(t)
			given := cr.gives(core.Eligible, time.Time{})
			run := cr.Activate(cr.ann, cr.through(given, cr.ann).ID, time.Hour)
			c.do(cr, given)
			equal(t, "ended", cr.ended(run), c.want)
		})
	}
}

func (s *stage) ended(id core.AssignmentID) core.Ended {
	s.T.Helper()
	told, err := s.Store.Story(s.T.Context(), id)
	if err != nil {
		s.T.Fatal(err)
	}
	out, _ := core.EndOf(told, id)
	return out
}
