package core_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// The reason for which a role was dropped stands in the log.
func TestDropSaysWhy(t *testing.T) {
	for reason, want := range map[core.DropReason]string{
		"": "before its end", core.DropOnLock: "the screen was locked", core.DropOnSleep: "the computer went to sleep", core.DropOnSignOut: "the person signed out",
	} {
		s := newStage(t)
		id := s.Activate(s.ann, s.annDBA, time.Hour)
		head := s.Head().Seq
		s.Must(s.ann, core.Drop{Assignments: []core.AssignmentID{id}, Reason: reason})
		if e := s.Entries(head)[0]; e.Action != core.ActivationDropped || !strings.HasSuffix(e.Detail, want) {
			t.Errorf("%q: the entry says %s %q", reason, e.Action, e.Detail)
		}
	}
	s := newStage(t)
	s.Refused("drop.reason", s.ann, core.Drop{Assignments: []core.AssignmentID{s.Activate(s.ann, s.annDBA, time.Hour)}, Reason: "boredom"})
}

// Who signs out of Stint gives up what the settings of its role say, whichever
// program he does it with, and nothing else.
func TestSigningOutDrops(t *testing.T) {
	for _, tt := range []struct {
		name string
		out  func(*stage) (core.Actor, core.Command)
	}{
		{"of one session", func(s *stage) (core.Actor, core.Command) {
			return core.Actor{Person: s.ann, Session: "s", Strength: core.StrengthFactor}, core.CloseSession{Session: "s"}
		}},
		{"of all", func(s *stage) (core.Actor, core.Command) {
			return core.Actor{Person: s.ann, Session: "s", Strength: core.StrengthFactor}, core.EndSessions{Person: s.ann}
		}},
		{"by an administrator", func(s *stage) (core.Actor, core.Command) {
			return core.Actor{Person: s.Boss, Strength: core.StrengthFactor}, core.EndSessions{Person: s.ann}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			s.policy(s.dba, core.PolicySettings{DropOn: &[]core.DropReason{core.DropOnSignOut}})
			s.policy(s.ops, core.PolicySettings{DropOn: &[]core.DropReason{core.DropOnLock, core.DropOnSleep}})
			s.assign(s.ann, s.dba, core.Active, 0) // assigned, so it stays
			dba, ops := s.Activate(s.ann, s.annDBA, time.Hour), s.Activate(s.ann, s.annOps, time.Hour)
			if err := s.signIn(s.ann, true, &core.Proof{Step: step}); err != nil {
				t.Fatal(err)
			}
			a, cmd := tt.out(s)
			if _, err := s.bare(a, cmd); err != nil {
				t.Fatal(err)
			}
			equal(t, "with the setting", s.Assignment(dba).State, core.Removed)
			equal(t, "without", s.Assignment(ops).State, core.InForce)
			equal(t, "assigned", s.Assignment(s.permanent(s.ann, s.dba)).State, core.InForce)
			s.Verify()
		})
	}
}
