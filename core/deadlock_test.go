package core_test

import (
	"context"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// Approver deadlock (rules.md section 5): approval is required and nobody is
// left who could give it.

// guarded makes dba need the approval of holders of ops, of whom Bob is
// eligible and Cleo was assigned.
func guarded(t *testing.T) (s *stage, cleo core.PersonID) {
	t.Helper()
	s = newStage(t)
	cleo = s.Person("Cleo")
	s.Kind.System("db").AddAccount("cleo")
	s.Must(s.Boss, core.SetAccount{Person: cleo, System: s.db, External: "cleo"})
	s.assign(cleo, s.ops, core.Active, 0)
	s.policy(s.dba, core.PolicySettings{RequireApproval: ptr(true), Stages: &[]core.Stage{{Approvers: []core.Approver{{Role: s.ops}}, Quorum: 2}}})
	return s, cleo
}

func (s *stage) live(p core.PersonID, r core.RoleID) (out []core.AssignmentID) {
	s.View(func(v core.View) {
		for _, a := range v.LiveOf(p) {
			if a.Role == r {
				out = append(out, a.ID)
			}
		}
	})
	return out
}

// What takes people away is done, since it must never wait; whoever does it is
// told before, and administrators afterwards, once.
func TestLastApproverIsTold(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(s *stage, cleo core.PersonID) core.Command
	}{
		{"disabled", func(_ *stage, cleo core.PersonID) core.Command { return core.DisablePerson{Person: cleo} }},
		{"assignments removed", func(s *stage, cleo core.PersonID) core.Command {
			return core.RemoveAssignments{Assignments: s.live(cleo, s.ops)}
		}},
		{"the system of the role is removed", func(s *stage, _ core.PersonID) core.Command {
			return core.RemoveSystem{System: s.db}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, cleo := guarded(t)
			s.Must(s.Boss, core.RemoveAssignments{Assignments: s.live(s.ann, s.ops)}) // Bob and Cleo are left
			cmd := tt.do(s, cleo)
			plan, err := s.Engine.Preview(context.Background(), core.Actor{Person: s.Boss, Strength: core.StrengthFactor}, cmd)
			if err != nil || len(plan.Result.Notes) != 1 || plan.Result.Notes[0].Key != "note.deadlock" || plan.Result.Notes[0].Args["settings"] != "dba" {
				t.Fatalf("the preview says %v, %+v", err, plan.Result.Notes)
			}
			head := s.Head().Seq
			res := s.Must(s.Boss, cmd)
			equal(t, "notes", res.Notes, plan.Result.Notes)
			var told int
			for _, e := range s.Entries(head) {
				if e.Action == core.ApprovalDeadlock {
					told++
					equal(t, "role", e.RoleName, "dba")
				}
			}
			equal(t, "entries", told, 1)
			// Others that follow are no news.
			res = s.Must(s.Boss, core.DisablePerson{Person: s.bob})
			equal(t, "notes afterwards", res.Notes, []core.Note(nil))
			s.Verify()
		})
	}
}

// While enough are left who could ever agree, there is nothing to tell: also not
// when the activation of an approver ends.
func TestEnoughApproversAreLeft(t *testing.T) {
	s, cleo := guarded(t)
	res := s.Must(s.Boss, core.RemoveAssignments{Assignments: s.live(s.ann, s.ops)})
	equal(t, "notes", res.Notes, []core.Note(nil)) // Bob could activate ops
	res = s.Must(s.bob, core.Drop{Assignments: []core.AssignmentID{s.Activate(s.bob, s.bobOps, time.Hour)}})
	equal(t, "notes after a drop", res.Notes, []core.Note(nil))
	head := s.Head().Seq
	s.Must(s.Boss, core.UpdateAssignment{Assignment: s.permanent(cleo, s.ops), End: s.now().Add(48 * time.Hour), Justification: why})
	s.Pass(48 * time.Hour)
	told := 0
	for _, e := range s.Entries(head) {
		if e.Action == core.ApprovalDeadlock {
			told++
			equal(t, "by", e.ActorName, "Stint")
		}
	}
	equal(t, "told when it expired", told, 1)
}

// A policy that nobody could satisfy is refused, wherever in the settings it
// comes from; two who could only approve each other don't count.
func TestDeadlockedPolicy(t *testing.T) {
	s := newStage(t)
	named := func(a ...core.Approver) *[]core.Stage { return &[]core.Stage{{Approvers: a, Quorum: 1}} }
	s.Refused("stages.few", s.Boss, core.SetPolicy{Level: string(s.dba), Settings: core.PolicySettings{Stages: named(core.Approver{Role: s.wheel})}})
	// Whoever is eligible could become active; so that is fine.
	s.policy(s.dba, core.PolicySettings{RequireApproval: ptr(true), Stages: named(core.Approver{Role: s.ops})})
	// But not if that again needs somebody who holds dba.
	s.Refused("stages.deadlock", s.Boss, core.SetPolicy{Level: string(s.ops), Settings: core.PolicySettings{RequireApproval: ptr(true), Stages: named(core.Approver{Role: s.dba})}})
	s.Refused("stages.deadlock", s.Boss, core.SetPolicy{Level: string(s.db), Settings: core.PolicySettings{RequireApproval: ptr(true), Stages: named(core.Approver{Role: s.dba})}})
	s.assign(s.bob, s.dba, core.Active, 0)
	s.policy(s.ops, core.PolicySettings{RequireApproval: ptr(true), Stages: named(core.Approver{Role: s.dba})})
	// Approval is off at first, and turned on by default later.
	s.policy(s.wheel, core.PolicySettings{Stages: named(core.Approver{Person: s.ann})})
	s.Must(s.Boss, core.DisablePerson{Person: s.ann})
	s.Refused("stages.deadlock", s.Boss, core.SetPolicy{Level: core.DefaultLevel, Settings: core.PolicySettings{RequireApproval: ptr(true)}})
	s.Must(s.Boss, core.EnablePerson{Person: s.ann})
	s.policy(core.DefaultLevel, core.PolicySettings{RequireApproval: ptr(true)})
}

// lastHope makes Ann, once cleo has agreed as the approver given, the only one
// left who could mend everything: nobody holds Global Administrator for good. It
// returns what she is eligible with.
func (s *stage) lastHope(cleo core.PersonID, approver core.Approver) core.AssignmentID {
	s.T.Helper()
	ga, pra := core.StintRole(core.GlobalAdministrator), core.StintRole(core.PrivilegedRoleAdministrator)
	basis := s.Eligible(s.ann, ga)
	s.policy(ga, core.PolicySettings{RequireApproval: ptr(true), Stages: &[]core.Stage{{Approvers: []core.Approver{approver}, Quorum: 1}}})
	req := s.Must(s.ann, activate(basis)).Items[0].Request
	s.Must(cleo, core.DecideRequests{Requests: []core.RequestID{req}, Approve: true, Justification: why})
	a, b := s.Assignment(s.permanent(s.Boss, ga)), s.Assignment(s.permanent(s.Boss, pra))
	a.State, b.State = core.Removed, core.Removed
	if err := s.Store.Update(context.Background(), func(tx core.Tx) error { return tx.Apply(core.Event{Changes: []core.Change{a, b}}) }); err != nil {
		s.T.Fatal(err)
	}
	return basis
}

// A store may come to be without anybody who holds Global Administrator for
// good, by other ways than commands. Then who is eligible is all that is left,
// and so is who could approve that.
func TestLastWhoCouldMend(t *testing.T) {
	ga := core.StintRole(core.GlobalAdministrator)
	s := newStage(t)
	cleo := s.Person("Cleo")
	basis := s.lastHope(cleo, core.Approver{Person: cleo})
	disable := core.DisablePerson{Person: cleo}
	s.Refused("last.approver", s.ann, disable)
	s.Refused("last.approver", s.ann, core.SetPolicy{Level: string(ga), Settings: core.PolicySettings{RequireApproval: ptr(true), Stages: &[]core.Stage{{Approvers: []core.Approver{{Person: cleo}, {Person: s.ann}}, Quorum: 2}}}})
	s.Must(s.ann, core.SetPolicy{Level: string(ga), Settings: core.PolicySettings{RequireApproval: ptr(true), Stages: &[]core.Stage{{Approvers: []core.Approver{{Person: cleo}, {Person: s.bob}}, Quorum: 1}}}})
	s.Must(s.ann, disable)
	s.Refused("last.approver", s.ann, core.DisablePerson{Person: s.bob})
	s.Must(s.ann, core.SetPolicy{Level: string(ga)})
	s.Must(s.ann, core.DisablePerson{Person: s.bob})
	s.Refused("last.eligible", s.ann, core.RemoveAssignments{Assignments: []core.AssignmentID{basis}})
}
