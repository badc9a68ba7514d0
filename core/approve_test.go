package core_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine/enginetest"
)

// office is a company in which Ann may activate a role that others must agree to.
type office struct {
	*enginetest.Company
	ann, bob, cleo, dan core.PersonID
	role                core.RoleID
	basis               core.AssignmentID
}

// newOffice asks for approval in the stages that plan makes; nil: the default.
func newOffice(t *testing.T, plan func(*office) []core.Stage) *office {
	t.Helper()
	c := enginetest.New(t, nil)
	o := &office{Company: c, ann: c.Person("Ann"), bob: c.Person("Bob"), cleo: c.Person("Cleo"), dan: c.Person("Dan")}
	_, roles := c.System("db", []string{"dba"}, o.ann, o.bob)
	o.role, o.basis = roles[0], c.Eligible(o.ann, roles[0])
	o.settings(func(s *core.PolicySettings) {
		if plan != nil {
			stages := plan(o)
			s.Stages = &stages
		}
	})
	c.Settle()
	return o
}

func bobAlone(o *office) []core.Stage { return []core.Stage{{Approvers: by(o.bob), Quorum: 1}} }

// settings asks for approval, and for whatever else change wants.
func (o *office) settings(change func(*core.PolicySettings)) {
	o.T.Helper()
	yes := true
	s := core.PolicySettings{RequireApproval: &yes}
	change(&s)
	o.Must(o.Boss, core.SetPolicy{Level: string(o.role), Settings: s})
}

func by(people ...core.PersonID) []core.Approver {
	out := make([]core.Approver, len(people))
	for i, p := range people {
		out[i].Person = p
	}
	return out
}

func (o *office) wish(d time.Duration) core.Activate {
	return core.Activate{Items: []core.ActivationItem{{Assignment: o.basis}}, Duration: core.Duration(d), Justification: "index the orders"}
}

func (o *office) ask(d time.Duration) core.RequestID {
	o.T.Helper()
	res := o.Must(o.ann, o.wish(d))
	if res.Items[0].Status != core.PendingApproval {
		o.T.Fatalf("status %s, want PendingApproval", res.Items[0].Status)
	}
	return res.Items[0].Request
}

func answer(id core.RequestID, yes bool) core.DecideRequests {
	return core.DecideRequests{Requests: []core.RequestID{id}, Approve: yes, Justification: "as agreed"}
}

// says lets somebody answer, and wants the request to stand so afterwards.
func (o *office) says(p core.PersonID, id core.RequestID, yes bool, want core.Status) core.Request {
	o.T.Helper()
	o.Must(p, answer(id, yes))
	return o.is(id, want)
}

func (o *office) request(id core.RequestID) (r core.Request) {
	o.T.Helper()
	o.View(func(v core.View) { r, _ = v.Request(id) })
	return r
}

func (o *office) is(id core.RequestID, want core.Status) core.Request {
	o.T.Helper()
	r := o.request(id)
	if r.Status != want {
		o.T.Errorf("status %s, want %s", r.Status, want)
	}
	return r
}

func (o *office) holds(want bool) {
	o.T.Helper()
	if o.Kind.System("db").Holds("dba", "ann") != want {
		o.T.Errorf("the system holds it: %v, want %v", !want, want)
	}
}

// The clock of the access starts when it is approved, not when it was asked.
func TestApprovedAccessStartsThen(t *testing.T) {
	o := newOffice(t, bobAlone)
	before := o.Head().Seq
	id := o.ask(time.Hour)
	o.Pass(3 * time.Hour)
	o.holds(false)
	r := o.says(o.bob, id, true, core.PendingProvisioning)
	if got, want := r.End, o.Engine.Now().Add(time.Hour); !got.Equal(want) {
		t.Errorf("ends %v, want %v", got, want)
	}
	o.Settle()
	o.is(id, core.Provisioned)
	o.holds(true)
	o.Pass(time.Hour)
	o.holds(false)
	want := "request.pending request.approved activation.approved grant.made activation.active activation.expired grant.removed"
	if got := o.Actions(before); got != want {
		t.Errorf("story %q, want %q", got, want)
	}
	o.Verify()
}

// Nobody decides on his own request: not as approver, not as administrator,
// not as a deputy of an approver, and not by naming one.
func TestNobodyDecidesForHimself(t *testing.T) {
	o := newOffice(t, func(o *office) []core.Stage { return []core.Stage{{Approvers: by(o.ann, o.bob), Quorum: 1}} })
	id := o.ask(time.Hour)
	o.Refused("approval.own", o.ann, answer(id, true))
	// As deputy of Bob.
	o.Must(o.bob, core.SetDeputy{Deputy: o.ann, Until: o.Engine.Now().Add(time.Hour)})
	o.Refused("approval.own", o.ann, answer(id, true))
	// Her own deputy has her seat, which counts for nothing here.
	o.Must(o.ann, core.SetDeputy{Deputy: o.cleo, Until: o.Engine.Now().Add(time.Hour)})
	o.Refused("approval.not_asked", o.cleo, answer(id, true))
	// An administrator who was not asked.
	o.Refused("approval.not_asked", o.Boss, answer(id, true))
	// A stranger doesn't even learn that there is one.
	o.Refused("request.unknown", o.dan, answer(id, true))
	o.says(o.bob, id, true, core.PendingProvisioning)
	// Where she is the only one who could, it can't be asked for.
	o.Pass(2 * time.Hour)
	o.settings(func(s *core.PolicySettings) { s.Stages = &[]core.Stage{{Approvers: by(o.ann), Quorum: 1}} })
	o.Refused("approval.nobody", o.ann, o.wish(time.Hour))
}

func TestStagesAndQuorum(t *testing.T) {
	o := newOffice(t, func(o *office) []core.Stage {
		return []core.Stage{{Approvers: by(o.bob, o.cleo, o.dan), Quorum: 2}, {Approvers: by(o.Boss, o.bob), Quorum: 1}}
	})
	id := o.ask(2 * time.Hour)
	o.says(o.bob, id, true, core.PendingApproval)
	o.Refused("approval.answered", o.bob, answer(id, true))
	o.Refused("approval.not_asked", o.Boss, answer(id, true)) // not yet
	shorter := answer(id, true)
	shorter.Duration = core.Duration(time.Hour)
	o.Must(o.cleo, shorter)
	if r := o.is(id, core.PendingApproval); r.Approval.Stage != 1 {
		t.Errorf("stage %d, want the second", r.Approval.Stage)
	}
	// One voice each, in whichever stage.
	o.Refused("approval.answered", o.bob, answer(id, true))
	longer := answer(id, true)
	longer.Duration = core.Duration(90 * time.Minute)
	o.Refused("approval.longer", o.Boss, longer)
	r := o.says(o.Boss, id, true, core.PendingProvisioning)
	if got, want := r.End, o.Engine.Now().Add(time.Hour); !got.Equal(want) {
		t.Errorf("ends %v, want %v: an approver shortened it", got, want)
	}
}

func TestOneDenialEndsIt(t *testing.T) {
	o := newOffice(t, func(o *office) []core.Stage { return []core.Stage{{Approvers: by(o.bob, o.cleo, o.dan), Quorum: 2}} })
	id := o.ask(time.Hour)
	o.says(o.bob, id, true, core.PendingApproval)
	silent := answer(id, false)
	silent.Justification = ""
	o.Refused("approval.why", o.cleo, silent)
	o.says(o.cleo, id, false, core.Denied)
	o.Refused("request.denied", o.dan, answer(id, true))
	o.holds(false)
	o.ask(time.Hour) // she may ask again
}

// A hundred answers at the same instant: one wins, one grant (R24).
func TestManyDecisionsAtOnce(t *testing.T) {
	o := newOffice(t, func(o *office) []core.Stage { return []core.Stage{{Approvers: by(o.bob, o.cleo), Quorum: 1}} })
	id := o.ask(time.Hour)
	var wg sync.WaitGroup
	done := make(chan error, 100)
	for i := range 100 {
		p, yes := o.bob, i%3 > 0
		if i%2 > 0 {
			p = o.cleo
		}
		wg.Go(func() {
			_, err := o.DoWith(p, answer(id, yes), nil)
			done <- err
		})
	}
	wg.Wait()
	close(done)
	won := 0
	for err := range done {
		switch {
		case err == nil:
			won++
		case !enginetest.IsKey(err, "request.approved") && !enginetest.IsKey(err, "request.denied"):
			t.Errorf("who came late was told %v", err)
		}
	}
	live := 0
	o.View(func(v core.View) { live = len(v.StandingOn(o.basis)) })
	want := map[core.Status]int{core.Denied: 0, core.PendingProvisioning: 1}
	if n, ok := want[o.request(id).Status]; won != 1 || !ok || live != n {
		t.Errorf("%d won, the request is %s, %d activations", won, o.request(id).Status, live)
	}
	o.Verify()
}

func TestUnansweredEscalatesAndTimesOut(t *testing.T) {
	o := newOffice(t, func(o *office) []core.Stage {
		return []core.Stage{{Approvers: by(o.bob), Quorum: 1, EscalateAfter: core.Duration(time.Hour), EscalateTo: by(o.cleo)}}
	})
	id := o.ask(time.Hour)
	o.Refused("approval.not_asked", o.cleo, answer(id, true))
	o.Pass(time.Hour)
	if !o.request(id).Approval.Escalated {
		t.Fatal("it did not go to others")
	}
	o.says(o.cleo, id, true, core.PendingProvisioning)

	o.Pass(2 * time.Hour)
	before := o.Head().Seq
	id = o.ask(time.Hour)
	o.Pass(24*time.Hour - time.Microsecond)
	o.is(id, core.PendingApproval)
	o.Pass(time.Microsecond)
	o.is(id, core.TimedOut)
	o.Refused("request.timed_out", o.bob, answer(id, true))
	o.holds(false)
	if got, want := o.Actions(before), "request.pending request.escalated request.timed_out command.refused"; got != want {
		t.Errorf("story %q, want %q", got, want)
	}
}

// What held when it was asked for is looked at again when it is decided (R23).
func TestWhatNoLongerHolds(t *testing.T) {
	for name, spoil := range map[string]func(*office){
		"shorter": func(o *office) {
			d := core.Duration(30 * time.Minute)
			o.settings(func(s *core.PolicySettings) { s.MaxDuration = &d })
		},
		"eligible for a moment only": func(o *office) {
			o.Must(o.Boss, core.UpdateAssignment{Assignment: o.basis, End: o.Engine.Now().Add(5 * time.Minute), Justification: "soon over"})
			o.Pass(time.Minute)
		},
	} {
		o := newOffice(t, bobAlone)
		id := o.ask(time.Hour)
		spoil(o)
		if r := o.says(o.bob, id, true, core.Failed); r.Completed.IsZero() {
			t.Errorf("%s: not completed", name)
		}
		o.Settle()
		o.holds(false)
	}
	// Who was disabled, or is eligible no more, has nothing waiting.
	o := newOffice(t, bobAlone)
	id := o.ask(time.Hour)
	o.Must(o.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{o.basis}, Justification: "left the team"})
	o.is(id, core.CanceledRequest)
	o.Refused("request.canceled", o.bob, answer(id, true))
	o = newOffice(t, bobAlone)
	id = o.ask(time.Hour)
	o.Must(o.Boss, core.DisablePerson{Person: o.ann, Justification: "on leave"})
	o.is(id, core.CanceledRequest)
	// An approver who was disabled counts no more.
	o = newOffice(t, func(o *office) []core.Stage { return []core.Stage{{Approvers: by(o.bob, o.cleo), Quorum: 1}} })
	id = o.ask(time.Hour)
	o.Must(o.Boss, core.DisablePerson{Person: o.bob, Justification: "on leave"})
	if _, err := o.Do(o.bob, answer(id, true)); core.CodeOf(err) != core.Unauthenticated {
		t.Errorf("a disabled approver: %v", err)
	}
	o.is(id, core.PendingApproval)
}

// The default approvers are who holds an administrator's role actively, at that moment.
func TestDefaultApprovers(t *testing.T) {
	o := newOffice(t, nil)
	id := o.ask(time.Hour)
	o.Refused("request.unknown", o.cleo, answer(id, true))
	o.Must(o.Boss, core.Assign{Role: core.StintRole(core.PrivilegedRoleAdministrator), Principals: []core.PersonID{o.cleo}, Kind: core.Active, End: o.Engine.Now().Add(time.Hour), Justification: "helps out"})
	o.says(o.cleo, id, true, core.PendingProvisioning)
}

func TestDeputyDecides(t *testing.T) {
	o := newOffice(t, func(o *office) []core.Stage { return []core.Stage{{Approvers: by(o.bob, o.Boss), Quorum: 2}} })
	now := o.Engine.Now()
	o.Refused("deputy.self", o.bob, core.SetDeputy{Deputy: o.bob, Until: now.Add(time.Hour)})
	o.Refused("end.before_start", o.bob, core.SetDeputy{Deputy: o.cleo, Until: now})
	o.Refused("deputy.long", o.bob, core.SetDeputy{Deputy: o.cleo, Until: now.Add(200 * 24 * time.Hour)})
	o.Must(o.bob, core.SetDeputy{Deputy: o.cleo, From: now.Add(time.Hour), Until: now.Add(2 * time.Hour)})
	id := o.ask(time.Hour)
	o.Refused("request.unknown", o.cleo, answer(id, true)) // not yet
	o.Pass(time.Hour)
	r := o.says(o.cleo, id, true, core.PendingApproval)
	if v := r.Approval.Votes[0]; v.By != o.cleo || v.For != o.bob {
		t.Errorf("the vote is %+v, want Cleo's for Bob", v)
	}
	o.Refused("approval.answered", o.bob, answer(id, true)) // his voice was heard
	o.says(o.Boss, id, true, core.PendingProvisioning)
	o.Pass(2 * time.Hour)
	id = o.ask(time.Hour)
	o.Refused("request.unknown", o.cleo, answer(id, true)) // no longer
}

func TestCancelWhatWaits(t *testing.T) {
	o := newOffice(t, bobAlone)
	id := o.ask(time.Hour)
	o.Refused("activation.pending", o.ann, o.wish(time.Hour))
	o.Refused("request.unknown", o.dan, core.CancelRequests{Requests: []core.RequestID{id}})
	o.Must(o.ann, core.CancelRequests{Requests: []core.RequestID{id}})
	o.is(id, core.CanceledRequest)
	id = o.ask(time.Hour)
	o.Must(o.Boss, core.CancelRequests{Requests: []core.RequestID{id}})
	o.is(id, core.CanceledRequest)
	o.Refused("request.canceled", o.ann, core.CancelRequests{Requests: []core.RequestID{id}})
}

// Prolonging passes through approval again, and counts from the decision.
func TestProlongingNeedsApprovalToo(t *testing.T) {
	o := newOffice(t, bobAlone)
	id := o.ask(time.Hour)
	o.says(o.bob, id, true, core.PendingProvisioning)
	o.Settle()
	active := o.request(id).Assignment
	res := o.Must(o.ann, core.Prolong{Assignment: active, Duration: core.Duration(2 * time.Hour), Justification: "not done yet"})
	longer := res.Items[0].Request
	o.is(longer, core.PendingApproval)
	o.Refused("prolong.pending", o.ann, core.Prolong{Assignment: active, Duration: core.Duration(2 * time.Hour), Justification: "not done yet"})
	o.Pass(30 * time.Minute)
	o.says(o.bob, longer, true, core.Provisioned)
	if got, want := o.Assignment(active).End, o.Engine.Now().Add(2*time.Hour); !got.Equal(want) {
		t.Errorf("ends %v, want %v", got, want)
	}
	// What would prolong an activation goes with it.
	longer = o.Must(o.ann, core.Prolong{Assignment: active, Duration: core.Duration(8 * time.Hour), Justification: "not done yet"}).Items[0].Request
	o.Must(o.ann, core.Drop{Assignments: []core.AssignmentID{active}})
	o.is(longer, core.CanceledRequest)
}

// A start that is still to come when it is approved is kept; one that has
// passed meanwhile becomes now.
func TestApprovedForLater(t *testing.T) {
	o := newOffice(t, bobAlone)
	later := o.wish(time.Hour)
	later.Start = o.Engine.Now().Add(4 * time.Hour)
	id := o.Must(o.ann, later).Items[0].Request
	o.Pass(time.Hour)
	r := o.says(o.bob, id, true, core.Granted)
	if !r.Start.Equal(later.Start) {
		t.Errorf("starts %v, want %v", r.Start, later.Start)
	}
	o.Pass(3 * time.Hour)
	o.is(id, core.Provisioned)
	o.holds(true)
}

func TestStagesAreChecked(t *testing.T) {
	o := newOffice(t, bobAlone)
	set := func(stages ...core.Stage) core.SetPolicy {
		return core.SetPolicy{Level: string(o.role), Settings: core.PolicySettings{Stages: &stages}}
	}
	for key, c := range map[core.TextKey]core.SetPolicy{
		"stages.count":      set(),
		"stages.quorum":     set(core.Stage{Approvers: by(o.bob)}),
		"stages.few":        set(core.Stage{Approvers: by(o.bob, o.bob), Quorum: 2}),
		"stages.unknown":    set(core.Stage{Approvers: []core.Approver{{}}, Quorum: 1}),
		"stages.escalation": set(core.Stage{Approvers: by(o.bob), Quorum: 1, EscalateAfter: core.Duration(time.Minute), EscalateTo: by(o.cleo)}),
		"stages.approvers":  set(core.Stage{Approvers: by(make([]core.PersonID, 21)...), Quorum: 1}),
	} {
		o.Refused(key, o.Boss, c)
	}
}

// Approvers are asked, and the requester is told.
func TestApprovalNotices(t *testing.T) {
	o := newOffice(t, func(o *office) []core.Stage { return []core.Stage{{Approvers: by(o.bob, o.cleo), Quorum: 1}} })
	o.Must(o.cleo, core.SetDeputy{Deputy: o.dan, Until: o.Engine.Now().Add(time.Hour)})
	sub := o.Engine.Subscribe()
	defer sub.Close()
	told := func(kind core.NoticeKind) map[core.PersonID]core.Notice {
		out := map[core.PersonID]core.Notice{}
		for _, n := range sub.Take().Notices {
			if n.Kind == kind {
				out[n.To] = n
			}
		}
		return out
	}
	id := o.ask(time.Hour)
	asked := told(core.NoticeApprove)
	for _, p := range []core.PersonID{o.bob, o.cleo, o.dan} {
		if n := asked[p]; n.Request != id || n.Who != "Ann" || n.Role != "dba" || n.Lasts != core.Duration(time.Hour) {
			t.Errorf("%s was told %+v", o.PersonOf(p).Name, n)
		}
	}
	if len(asked) != 3 {
		t.Errorf("%d were asked, want 3", len(asked))
	}
	o.says(o.bob, id, false, core.Denied)
	decided := told(core.NoticeDecided)
	if n := decided[o.ann]; n.Status != core.Denied || n.By != "Bob" || !n.Own {
		t.Errorf("Ann was told %+v", n)
	}
	if n, ok := decided[o.cleo]; !ok || n.Own {
		t.Errorf("Cleo was told %+v", n)
	}
}
