package core_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine/enginetest"
)

const day = 24 * time.Hour

// lease is a company in which Ann holds something that ends in 20 days.
type lease struct {
	*stage
	cleo core.PersonID // administers roles, as the boss does
	id   core.AssignmentID
	end  time.Time
	kind core.AssignmentKind
}

func newLease(t *testing.T, kind core.AssignmentKind) *lease {
	l := &lease{stage: newStage(t), kind: kind}
	l.cleo = l.Person("Cleo")
	l.hold(l.cleo, core.PrivilegedRoleAdministrator)
	l.Must(l.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{l.annDBA}})
	l.end = l.now().Add(20 * day)
	l.id = l.Must(l.Boss, core.Assign{Role: l.dba, Principals: []core.PersonID{l.ann}, Kind: kind, End: l.end, Justification: why}).Items[0].Assignment
	l.Settle()
	return l
}

// both runs f for an eligible and for an active assignment.
func both(t *testing.T, f func(*testing.T, *lease)) {
	for _, k := range []core.AssignmentKind{core.Eligible, core.Active} {
		t.Run(string(k), func(t *testing.T) { f(t, newLease(t, k)) })
	}
}

func (l *lease) until(t time.Time) { l.T.Helper(); l.Pass(t.Sub(l.now())) }

func (l *lease) extension(end time.Time) core.RequestExtension {
	return core.RequestExtension{Assignment: l.id, End: end, Justification: "the project goes on"}
}

func (l *lease) renewal(end time.Time) core.RequestRenewal {
	return core.RequestRenewal{Assignment: l.id, End: end, Justification: "the project goes on"}
}

func (l *lease) extend(end time.Time) core.ExtendAssignments {
	return core.ExtendAssignments{Assignments: []core.AssignmentID{l.id}, End: end, Justification: why}
}

func (l *lease) renew(end time.Time) core.RenewAssignments {
	return core.RenewAssignments{Assignments: []core.AssignmentID{l.id}, End: end, Justification: why}
}

func (l *lease) ask(c core.Command) core.RequestID {
	l.T.Helper()
	it := l.Must(l.ann, c).Items[0]
	if it.Status != core.PendingApproval || it.Assignment != l.id {
		l.T.Fatalf("asked: %+v", it)
	}
	return it.Request
}

func (l *lease) request(id core.RequestID) (r core.Request) {
	l.T.Helper()
	l.View(func(v core.View) { r, _ = v.Request(id) })
	return r
}

func (l *lease) status(id core.RequestID, want core.Status) {
	l.T.Helper()
	if r := l.request(id); r.Status != want {
		l.T.Errorf("the request is %s, want %s", r.Status, want)
	}
}

// stands wants the assignment in a state until a moment; zero: for good.
func (l *lease) stands(state core.AssignmentState, end time.Time) {
	l.T.Helper()
	if a := l.Assignment(l.id); a.State != state || !a.End.Equal(end) || a.Kind != l.kind {
		l.T.Errorf("%s %s until %v, want %s %s until %v", a.Kind, a.State, a.End, l.kind, state, end)
	}
	if l.kind == core.Active {
		l.Settle()
		if got := l.Kind.System("db").Holds("dba", "ann"); got != (state == core.InForce) {
			l.T.Errorf("the system holds it: %v", got)
		}
	}
}

// Extending opens 14 days before the end, to the microsecond, for the person
// and for administrators.
func TestExtendOpens(t *testing.T) {
	both(t, func(t *testing.T, l *lease) {
		longer := l.end.Add(30 * day)
		for _, at := range []time.Duration{20 * day, 14*day + time.Microsecond} {
			l.until(l.end.Add(-at))
			l.Refused("extend.early", l.ann, l.extension(longer))
			l.Refused("extend.early", l.Boss, l.extend(longer))
		}
		l.until(l.end.Add(-14 * day))
		before := l.Head().Seq
		l.Must(l.Boss, l.extend(longer))
		if got := l.Actions(before); got != "assignment.extended" {
			t.Errorf("story %q", got)
		}
		l.stands(core.InForce, longer)
		l.until(l.end)
		l.stands(core.InForce, longer)
		l.Verify()
	})
}

func TestExtendAsked(t *testing.T) {
	both(t, func(t *testing.T, l *lease) {
		l.until(l.end.Add(-10 * day))
		longer := l.end.Add(60 * day)
		id := l.ask(l.extension(longer))
		l.Refused("extend.pending", l.ann, l.extension(longer.Add(day)))
		l.Refused("approval.own", l.ann, answer(id, true))
		l.Refused("request.unknown", l.bob, answer(id, true))
		l.stands(core.InForce, l.end)
		// An administrator chooses another end than was asked for.
		chosen := l.end.Add(30 * day)
		yes := answer(id, true)
		yes.End = chosen
		it := l.Must(l.cleo, yes).Items[0]
		if it.Status != core.Provisioned || !it.End.Equal(chosen) {
			t.Errorf("decided: %+v", it)
		}
		l.stands(core.InForce, chosen)
		l.Refused("request.approved", l.Boss, answer(id, false))
		l.Verify()
	})
}

func TestExtendDecided(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(-10 * day))
	longer := l.end.Add(60 * day)
	id := l.ask(l.extension(longer))
	l.Must(l.Boss, answer(id, false))
	l.status(id, core.Denied)
	l.stands(core.InForce, l.end)

	id = l.ask(l.extension(longer)) // and again
	l.Must(l.ann, core.CancelRequests{Requests: []core.RequestID{id}})
	l.status(id, core.CanceledRequest)

	id = l.ask(l.extension(longer))
	l.Pass(day)
	l.status(id, core.TimedOut)
	l.Refused("request.timed_out", l.Boss, answer(id, true))

	id = l.ask(l.extension(longer))
	yes := answer(id, true)
	for key, change := range map[core.TextKey]func(*core.DecideRequests){
		"end.long":           func(c *core.DecideRequests) { c.End = l.now().Add(366 * day) },
		"extend.earlier":     func(c *core.DecideRequests) { c.End = l.end },
		"extend.start":       func(c *core.DecideRequests) { c.Start = l.now().Add(day) },
		"end.or_permanent":   func(c *core.DecideRequests) { c.End, c.Permanent = longer, true },
		"decide.no_duration": func(c *core.DecideRequests) { c.Duration = core.Duration(time.Hour) },
	} {
		c := yes
		change(&c)
		l.Refused(key, l.Boss, c)
		l.status(id, core.PendingApproval) // he can choose other dates
	}
	yes.Permanent = true
	l.Must(l.Boss, yes)
	l.stands(core.InForce, time.Time{})
	l.Refused("extend.permanent", l.ann, l.extension(longer.Add(day)))
}

// A pending extension is no activation: what stands on the assignment goes on.
func TestExtendBesideActivation(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(-10 * day))
	id := l.ask(l.extension(l.end.Add(30 * day)))
	run := l.Activate(l.ann, l.id, time.Hour)
	l.Must(l.ann, core.Prolong{Assignment: run, Duration: core.Duration(2 * time.Hour), Justification: why})
	l.Must(l.ann, core.Drop{Assignments: []core.AssignmentID{run}})
	l.status(id, core.PendingApproval)
	// And approvers of activations have no say in it.
	l.policy(l.dba, core.PolicySettings{RequireApproval: ptr(true), Stages: &[]core.Stage{{Approvers: by(l.bob), Quorum: 1}}})
	wish := l.Must(l.ann, activate(l.id)).Items[0].Request
	l.Refused("request.unknown", l.bob, answer(id, true))
	l.Must(l.bob, answer(wish, true))
	no := answer(wish, true)
	no.End = l.end.Add(day)
	wish2 := l.ask2(t)
	no.Requests = []core.RequestID{wish2}
	l.Refused("decide.no_dates", l.bob, no)
	l.Must(l.Boss, answer(id, true))
	l.stands(core.InForce, l.end.Add(30*day))
}

// ask2 drops what runs and asks to activate once more.
func (l *lease) ask2(t *testing.T) core.RequestID {
	t.Helper()
	l.View(func(v core.View) {
		for _, a := range v.StandingOn(l.id) {
			defer l.Must(l.ann, core.Drop{Assignments: []core.AssignmentID{a.ID}})
		}
	})
	return l.Must(l.ann, activate(l.id)).Items[0].Request
}

// What an administrator does directly settles what was asked.
func TestExtendedMeanwhile(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(-10 * day))
	id := l.ask(l.extension(l.end.Add(30 * day)))
	l.Must(l.cleo, l.extend(l.end.Add(40*day)))
	l.status(id, core.CanceledRequest)
	l.stands(core.InForce, l.end.Add(40*day))
	// What is removed can go on no more, and nothing waits for it.
	l.until(l.end.Add(35 * day))
	id = l.ask(l.extension(l.end.Add(90 * day)))
	l.Must(l.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{l.id}})
	l.status(id, core.CanceledRequest)
	l.Refused("renew.removed", l.ann, l.renewal(l.end.Add(90*day)))
	l.Refused("renew.removed", l.Boss, l.renew(l.end.Add(90*day)))
}

func TestRenew(t *testing.T) {
	both(t, func(t *testing.T, l *lease) {
		later := l.end.Add(90 * day)
		l.until(l.end.Add(-10 * day))
		l.Refused("renew.in_force", l.ann, l.renewal(later))
		l.until(l.end)
		l.stands(core.Expired, l.end)
		l.Refused("extend.expired", l.ann, l.extension(later))
		l.Pass(29 * day)
		id := l.ask(l.renewal(later))
		l.Refused("extend.pending", l.ann, l.renewal(later))
		yes := answer(id, true)
		yes.Start = l.now().Add(2 * day)
		if it := l.Must(l.Boss, yes).Items[0]; it.Status != core.Granted {
			t.Errorf("decided: %+v", it)
		}
		l.stands(core.Scheduled, later)
		l.Pass(2 * day)
		l.stands(core.InForce, later)
		l.status(id, core.Provisioned)
		// Directly, at once, after it expired again.
		l.until(later)
		l.Pass(30 * day)
		last := later.Add(60 * day)
		l.Must(l.cleo, l.renew(last))
		l.stands(core.InForce, last)
		// To the microsecond.
		l.until(last)
		l.Pass(30*day + time.Microsecond)
		l.Refused("renew.late", l.ann, l.renewal(last.Add(90*day)))
		l.Refused("renew.late", l.Boss, l.renew(last.Add(90*day)))
		l.Verify()
	})
}

// What ended while somebody waited to have it extended is renewed by the answer.
func TestExpiredWhileWaiting(t *testing.T) {
	both(t, func(t *testing.T, l *lease) {
		l.until(l.end.Add(-time.Hour))
		id := l.ask(l.extension(l.end.Add(30 * day)))
		l.until(l.end.Add(time.Hour))
		l.stands(core.Expired, l.end)
		l.status(id, core.PendingApproval)
		before := l.Head().Seq
		l.Must(l.Boss, answer(id, true))
		if got := l.Actions(before); got != "request.approved assignment.renewed" {
			t.Errorf("story %q", got)
		}
		l.stands(core.InForce, l.end.Add(30*day))
	})
}

// An end that has come counts, though its turn did not come yet.
func TestExtendAtTheEnd(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(-time.Hour))
	l.Clock.Set(l.end)
	l.Refused("extend.expired", l.ann, l.extension(l.end.Add(30*day)))
	before := l.Head().Seq
	l.Must(l.Boss, l.renew(l.end.Add(30*day)))
	if got := l.Actions(before); got != "assignment.expired assignment.renewed" {
		t.Errorf("story %q", got)
	}
	l.stands(core.InForce, l.end.Add(30*day))
}

// Everything that holds for assigning holds for going on.
func TestExtendKeepsToTheRules(t *testing.T) {
	l := newLease(t, core.Active)
	l.until(l.end.Add(-10 * day))
	longer := l.end.Add(30 * day)
	wish := l.extension(longer)
	wish.Justification = " "
	l.Refused("justification.needed", l.ann, wish)
	l.Refused("end.or_permanent", l.ann, core.RequestExtension{Assignment: l.id, Justification: why})
	l.Refused("end.long", l.ann, l.extension(l.now().Add(181*day)))
	l.Refused("assignment.unknown", l.bob, l.extension(longer))
	l.Refused("assignment.unknown", l.ann, core.RequestExtension{Assignment: "as_none", End: longer, Justification: why})
	l.policy(l.dba, core.PolicySettings{PermanentActive: ptr(false), AssignMFA: ptr(true)})
	l.Refused("end.permanent_not_allowed", l.ann, core.RequestExtension{Assignment: l.id, Permanent: true, Justification: why})
	silent := l.extend(longer)
	silent.Justification = ""
	l.Refused("justification.needed", l.Boss, silent)
	// The second factor of who decides, as for assigning; once for many.
	id := l.ask(l.extension(longer))
	if _, err := l.as(l.Boss, l.extend(longer)); !enginetest.IsKey(err, "code.needed") {
		t.Errorf("extended without a code: %v", err)
	}
	if _, err := l.as(l.Boss, answer(id, true)); !enginetest.IsKey(err, "code.needed") {
		t.Errorf("decided without a code: %v", err)
	}
	if _, err := l.as(l.Boss, answer(id, false)); err != nil {
		t.Errorf("denying needs no code: %v", err)
	}
	// Not what was activated, and not what begins later.
	run := l.Activate(l.ann, l.annOps, time.Hour)
	l.Refused("extend.activated", l.Boss, core.ExtendAssignments{Assignments: []core.AssignmentID{run}, End: longer, Justification: why})
	soon := l.Must(l.Boss, core.Assign{Role: l.ops, Principals: []core.PersonID{l.bob}, Kind: core.Active, Start: l.now().Add(day), End: l.now().Add(5 * day), Justification: why}).Items[0].Assignment
	l.Refused("extend.scheduled", l.Boss, core.ExtendAssignments{Assignments: []core.AssignmentID{soon}, End: longer, Justification: why})
	// Somebody who is disabled, and a role that was assigned anew meanwhile.
	id = l.ask(l.extension(longer))
	l.Must(l.Boss, core.DisablePerson{Person: l.ann})
	l.status(id, core.CanceledRequest)
	l.Refused("person.disabled", l.Boss, l.extend(longer))
	l.Must(l.Boss, core.EnablePerson{Person: l.ann})
	l.until(l.end)
	l.Must(l.Boss, core.Assign{Role: l.dba, Principals: []core.PersonID{l.ann}, Kind: core.Active, End: longer, Justification: why})
	l.Refused("assignment.exists", l.ann, l.renewal(longer))
}

// One wrong code counts once, however many requests it was typed for.
func TestOneCodeForManyDecisions(t *testing.T) {
	l := newLease(t, core.Active)
	two := l.Must(l.Boss, core.Assign{Role: l.ops, Principals: []core.PersonID{l.ann}, Kind: core.Active, End: l.end, Justification: why}).Items[0].Assignment
	l.Settle()
	for _, r := range []core.RoleID{l.dba, l.ops} {
		l.policy(r, core.PolicySettings{AssignMFA: ptr(true)})
	}
	l.until(l.end.Add(-10 * day))
	longer := l.end.Add(30 * day)
	wish := l.extension(longer)
	first := l.ask(wish)
	wish.Assignment = two
	second := l.Must(l.ann, wish).Items[0].Request
	c := answer(first, true)
	c.Requests = append(c.Requests, second)
	if _, err := l.wrong(l.Boss, c); !enginetest.IsKey(err, "code.wrong") {
		t.Errorf("a wrong code: %v", err)
	}
	if f := l.factor(l.Boss); f.Failed != 1 {
		t.Errorf("%d wrong codes counted", f.Failed)
	}
	l.Must(l.Boss, c)
	l.stands(core.InForce, longer)
}

// Who administers roles answers, and nobody for him: a deputy who may not
// assign does not come to it that way.
func TestWhoAnswersExtensions(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(-10 * day))
	l.Must(l.cleo, core.SetDeputy{Deputy: l.bob, Until: l.now().Add(day)})
	sub := l.Engine.Subscribe()
	defer sub.Close()
	id := l.ask(l.extension(l.end.Add(30 * day)))
	var asked []core.PersonID
	for _, n := range sub.Take().Notices {
		if n.Kind != core.NoticeApprove || n.Action != core.SelfExtend || !n.Until.Equal(l.end.Add(30*day)) || !n.Was.Equal(l.end) || n.Setting != core.Eligible {
			t.Errorf("told: %+v", n)
		}
		asked = append(asked, n.To)
	}
	slices.Sort(asked)
	want := []core.PersonID{l.Boss, l.cleo}
	slices.Sort(want)
	if !slices.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
	if _, err := l.Do(l.bob, answer(id, true)); err == nil {
		t.Error("a deputy extended it")
	}
	// Who was an administrator and is none any more has no say (R23).
	var hold core.AssignmentID
	l.View(func(v core.View) { hold = v.LiveOf(l.cleo)[0].ID })
	l.Must(l.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{hold}})
	l.Refused("request.unknown", l.cleo, answer(id, true))
	// The only administrator can't ask himself; he extends directly, as he assigns.
	own := l.Must(l.Boss, core.Assign{Role: core.StintRole(core.UserAdministrator), Principals: []core.PersonID{l.Boss}, Kind: core.Eligible, End: l.now().Add(5 * day), Justification: why}).Items[0].Assignment
	l.Refused("approval.nobody", l.Boss, core.RequestExtension{Assignment: own, End: l.end.Add(30 * day), Justification: why})
	l.Must(l.Boss, core.ExtendAssignments{Assignments: []core.AssignmentID{own}, End: l.end.Add(30 * day), Justification: why})
}

// A list: one's refusal does not hinder the others.
func TestExtendMany(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(-10 * day))
	longer := l.end.Add(30 * day)
	res, err := l.Do(l.Boss, core.ExtendAssignments{Assignments: []core.AssignmentID{l.id, l.annOps, l.id, "as_none"}, End: longer, Justification: why})
	if err != nil {
		t.Fatal(err)
	}
	var got []core.TextKey
	for _, it := range res.Items {
		key := core.TextKey("")
		if it.Err != nil {
			key = it.Err.Key
		}
		got = append(got, key)
	}
	if want := []core.TextKey{"", "extend.permanent", "batch.twice", "assignment.unknown"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	l.stands(core.InForce, longer)
	l.Refused("batch.size", l.Boss, core.RenewAssignments{End: longer, Justification: why})
}
