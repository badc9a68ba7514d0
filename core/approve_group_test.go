package core_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// leads is an office in which a group answers: Bob and Cleo.
type leads struct {
	*office
	group core.GroupID
}

func newLeads(t *testing.T, quorum int) *leads {
	t.Helper()
	l := &leads{}
	l.office = newOffice(t, func(o *office) []core.Stage {
		l.group = o.Must(o.Boss, core.AddGroup{GroupName: "Leads", Members: []core.PersonID{o.bob, o.cleo}}).Group
		return []core.Stage{{Approvers: []core.Approver{{Group: l.group}}, Quorum: quorum}}
	})
	return l
}

func (l *leads) join(p core.PersonID) {
	l.T.Helper()
	l.Must(l.Boss, core.AddMembers{Group: l.group, People: []core.PersonID{p}})
}

func (l *leads) leave(p core.PersonID) core.Result {
	l.T.Helper()
	return l.Must(l.Boss, core.RemoveMembers{Group: l.group, People: []core.PersonID{p}})
}

// Who is in the group when he decides may decide, whoever was in it before.
func TestMembersDecide(t *testing.T) {
	l := newLeads(t, 2)
	id := l.ask(time.Hour)
	l.Refused("request.unknown", l.dan, answer(id, true))
	l.join(l.dan)
	l.leave(l.bob)
	l.Refused("request.unknown", l.bob, answer(id, true))
	l.says(l.dan, id, true, core.PendingApproval)
	l.Refused("approval.answered", l.dan, answer(id, true))
	// Who is in again has his voice again, and two of them make the quorum.
	l.join(l.bob)
	l.says(l.bob, id, true, core.PendingProvisioning)
	l.Settle()
	l.holds(true)
	l.Verify()
}

// Nobody decides for himself by being in the group; disabled members have no
// voice; a member's deputy has his.
func TestMembersSeats(t *testing.T) {
	l := newLeads(t, 1)
	l.join(l.ann)
	id := l.ask(time.Hour)
	l.Refused("approval.own", l.ann, answer(id, true))
	l.Must(l.bob, core.SetDeputy{Deputy: l.dan, Until: l.Engine.Now().Add(time.Hour)})
	l.Must(l.Boss, core.DisablePerson{Person: l.bob})
	l.Refused("request.unknown", l.dan, answer(id, true))
	l.Must(l.Boss, core.EnablePerson{Person: l.bob})
	r := l.says(l.dan, id, true, core.PendingProvisioning)
	if v := r.Approval.Votes[0]; v.By != l.dan || v.For != l.bob {
		t.Errorf("the voice is %+v, want Dan's for Bob", v)
	}
	// She alone, or one who can't come in, isn't enough to ask.
	l.Pass(2 * time.Hour)
	l.leave(l.bob)
	l.leave(l.cleo)
	l.Refused("approval.nobody", l.ann, l.wish(time.Hour))
}

// Members are told when it comes to them, and that nothing is left to do.
func TestMembersAreTold(t *testing.T) {
	l := newLeads(t, 1)
	sub := l.Engine.Subscribe()
	defer sub.Close()
	told := func(kind core.NoticeKind) []core.PersonID {
		out := map[core.PersonID]bool{}
		for _, n := range sub.Take().Notices {
			if n.Kind == kind {
				out[n.To] = true
			}
		}
		return slices.Sorted(maps.Keys(out))
	}
	sorted := func(p ...core.PersonID) []core.PersonID { slices.Sort(p); return p }
	l.join(l.ann)
	id := l.ask(time.Hour)
	equal(t, "asked", told(core.NoticeApprove), sorted(l.bob, l.cleo))
	l.says(l.bob, id, true, core.PendingProvisioning)
	equal(t, "told what became of it", told(core.NoticeDecided), sorted(l.ann, l.cleo))
}

// What leaves too few is done, and told, as with people who are named.
func TestLastOfAGroupIsTold(t *testing.T) {
	for _, tt := range []struct {
		name  string
		do    func(*leads) core.Command
		notes []core.TextKey
	}{
		{"a member leaves", func(l *leads) core.Command {
			return core.RemoveMembers{Group: l.group, People: []core.PersonID{l.cleo}}
		}, []core.TextKey{"note.deadlock"}},
		{"a member is disabled", func(l *leads) core.Command { return core.DisablePerson{Person: l.cleo} }, []core.TextKey{"note.deadlock"}},
		{"the group is removed", func(l *leads) core.Command { return core.RemoveGroup{Group: l.group} }, []core.TextKey{"note.group_asked", "note.deadlock"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLeads(t, 2)
			cmd := tt.do(l)
			plan, err := l.Engine.Preview(context.Background(), core.Actor{Person: l.Boss, Strength: core.StrengthFactor}, cmd)
			var keys []core.TextKey
			for _, n := range plan.Result.Notes {
				keys = append(keys, n.Key)
			}
			if err != nil || !slices.Equal(keys, tt.notes) {
				t.Fatalf("the preview says %v, %+v", err, plan.Result.Notes)
			}
			head := l.Head().Seq
			equal(t, "notes", l.Must(l.Boss, cmd).Notes, plan.Result.Notes)
			told := 0
			for _, e := range l.Entries(head) {
				if e.Action == core.ApprovalDeadlock {
					told++
				}
			}
			equal(t, "entries", told, 1)
			l.Verify()
		})
	}
	// With enough left there is nothing to tell.
	l := newLeads(t, 1)
	equal(t, "notes", l.leave(l.cleo).Notes, []core.Note(nil))
	l.leave(l.bob)
	l.Refused("stages.few", l.Boss, core.SetPolicy{Level: core.DefaultLevel, Settings: core.PolicySettings{Stages: &[]core.Stage{{Approvers: []core.Approver{{Group: l.group}}, Quorum: 1}}}})
}

// A group that was removed stays named where it was, so that what stands beside
// it can be changed, and nothing names it anew.
func TestRemovedGroupStaysNamed(t *testing.T) {
	l := newLeads(t, 1)
	yes, was := true, []core.Stage{{Approvers: []core.Approver{{Group: l.group}, {Person: l.dan}}, Quorum: 1}}
	level := func(stages []core.Stage, d time.Duration) core.SetPolicy {
		max := core.Duration(d)
		return core.SetPolicy{Level: string(l.role), Settings: core.PolicySettings{RequireApproval: &yes, Stages: &stages, MaxDuration: &max}}
	}
	l.Must(l.Boss, level(was, time.Hour))
	id := l.ask(time.Hour)
	l.Must(l.Boss, core.RemoveGroup{Group: l.group})
	l.Refused("request.unknown", l.bob, answer(id, true))
	l.says(l.dan, id, true, core.PendingProvisioning)
	l.Must(l.Boss, level(was, 2*time.Hour))
	l.Must(l.Boss, level([]core.Stage{{Approvers: by(l.dan), Quorum: 1}}, 2*time.Hour))
	_, err := l.Do(l.Boss, level(was, 2*time.Hour))
	equal(t, "the refusal names", wantKey(t, err, "stages.group_removed").Args, map[string]string{"stage": "1", "group": "Leads"})
	for _, a := range []core.Approver{{}, {Group: "gp_none"}, {Person: l.dan, Group: l.group}, {Person: l.dan, Role: l.role}} {
		l.Refused("stages.unknown", l.Boss, level([]core.Stage{{Approvers: []core.Approver{a}, Quorum: 1}}, time.Hour))
	}
}

// Whoever looks after people doesn't choose who decides about others.
func TestWhoMayLetApproversIn(t *testing.T) {
	l := newLeads(t, 1)
	l.Must(l.Boss, core.Assign{Role: core.StintRole(core.UserAdministrator), Principals: []core.PersonID{l.dan}, Kind: core.Active, Justification: why})
	l.Refused("rights.missing", l.dan, core.AddMembers{Group: l.group, People: []core.PersonID{l.dan}})
	l.Refused("rights.missing", l.dan, core.RemoveGroup{Group: l.group})
	l.Must(l.dan, core.UpdateGroup{Group: l.group, GroupName: "Chiefs"})
	l.Must(l.dan, core.RemoveMembers{Group: l.group, People: []core.PersonID{l.cleo}})
	// Also where a request is only escalated to them, or approval is off by now.
	l.settings(func(s *core.PolicySettings) {
		off := false
		s.RequireApproval = &off
		s.Stages = &[]core.Stage{{Approvers: by(l.bob), Quorum: 1, EscalateAfter: core.Duration(time.Hour), EscalateTo: []core.Approver{{Group: l.group}}}}
	})
	l.Refused("rights.missing", l.dan, core.AddMembers{Group: l.group, People: []core.PersonID{l.dan}})
	// A request keeps the stages of its time, also those that it hasn't come to.
	on := true
	l.settings(func(s *core.PolicySettings) {
		s.RequireApproval = &on
		s.Stages = &[]core.Stage{{Approvers: by(l.bob), Quorum: 1}, {Approvers: []core.Approver{{Group: l.group}}, Quorum: 1}}
	})
	id := l.ask(time.Hour)
	l.settings(func(s *core.PolicySettings) { s.Stages = &[]core.Stage{{Approvers: by(l.bob), Quorum: 1}} })
	l.Refused("rights.missing", l.dan, core.AddMembers{Group: l.group, People: []core.PersonID{l.dan}})
	l.Refused("rights.missing", l.dan, core.RemoveGroup{Group: l.group})
	if _, err := l.DoWith(l.Boss, core.AddMembers{Group: l.group, People: []core.PersonID{l.dan}}, nil); core.CodeOf(err) != core.ProofRequired {
		t.Errorf("without a code: %v", err)
	}
	l.says(l.bob, id, false, core.Denied)
	l.Must(l.dan, core.AddMembers{Group: l.group, People: []core.PersonID{l.dan}})
}

// Where a group is who could approve the last who could mend everything, its
// last member stays: the refusal names the chain.
func TestLastWhoCouldMendThroughAGroup(t *testing.T) {
	s := newStage(t)
	cleo := s.Person("Cleo")
	group := s.Must(s.Boss, core.AddGroup{GroupName: "Board", Members: []core.PersonID{cleo}}).Group
	s.lastHope(cleo, core.Approver{Group: group})
	leave := core.RemoveMembers{Group: group, People: []core.PersonID{cleo}}
	_, err := s.Do(s.ann, leave)
	equal(t, "the chain", wantKey(t, err, "last.approver").Args, map[string]string{"role": "Global Administrator", "person": "Ann", "stage": "1", "have": "0"})
	s.Refused("last.approver", s.ann, core.RemoveGroup{Group: group})
	s.Refused("last.approver", s.ann, core.DisablePerson{Person: cleo})
	s.Must(s.ann, core.AddMembers{Group: group, People: []core.PersonID{s.bob}})
	s.Must(s.ann, leave)
}
