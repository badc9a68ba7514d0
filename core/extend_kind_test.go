package core_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// decide answers a request with another type, and returns what came of it.
func (l *lease) decide(id core.RequestID, kind core.AssignmentKind, change func(*core.DecideRequests)) core.Assignment {
	l.T.Helper()
	c := answer(id, true)
	c.Kind = kind
	if change != nil {
		change(&c)
	}
	it := l.Must(l.cleo, c).Items[0]
	l.Settle()
	a := l.Assignment(it.Assignment)
	if a.Kind != kind || a.Request != id || a.Origin != core.Assigned {
		l.T.Errorf("decided as %+v", a)
	}
	return a
}

func (l *lease) holds(want bool) {
	l.T.Helper()
	l.Settle()
	if got := l.Kind.System("db").Holds("dba", "ann"); got != want {
		l.T.Errorf("the system holds it: %v, want %v", got, want)
	}
}

// An administrator lets an eligible assignment go on as an active one: it is
// another, at once, and what stood on the old one is over.
func TestExtendedAsActive(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(-10 * day))
	run := l.Activate(l.ann, l.id, time.Hour)
	l.holds(true)
	id := l.ask(l.extension(l.end.Add(30 * day)))
	before := l.Head().Seq
	a := l.decide(id, core.Active, nil)
	if got, want := l.Actions(before), "request.approved assignment.extended assignment.removed activation.ended"; got != want {
		t.Errorf("story %q, want %q", got, want)
	}
	if a.ID == l.id || a.State != core.InForce || !a.End.Equal(l.end.Add(30*day)) {
		t.Errorf("it goes on as %+v", a)
	}
	l.status(id, core.Provisioned)
	for _, over := range []core.AssignmentID{l.id, run} {
		if s := l.Assignment(over).State; s != core.Removed {
			t.Errorf("%s is %s", over, s)
		}
	}
	l.holds(true) // all the time: what both want is not taken away between them
	l.Refused("renew.removed", l.ann, l.renewal(l.end.Add(60*day)))
	l.until(a.End)
	l.holds(false)
	l.Verify()
}

// And the other way, from a later start on; until then nothing changes.
func TestExtendedAsEligibleLater(t *testing.T) {
	l := newLease(t, core.Active)
	l.until(l.end.Add(-10 * day))
	id := l.ask(l.extension(l.end.Add(30 * day)))
	start, end := l.end.Add(-2*day), l.end.Add(5*day)
	a := l.decide(id, core.Eligible, func(c *core.DecideRequests) { c.Start, c.End = start, end })
	if a.State != core.Scheduled || !a.Start.Equal(start) || !a.End.Equal(end) {
		t.Errorf("it goes on as %+v", a)
	}
	l.status(id, core.Granted)
	l.stands(core.InForce, start)
	l.until(start)
	l.stands(core.Expired, start)
	l.status(id, core.Provisioned)
	l.Activate(l.ann, a.ID, time.Hour)
	l.holds(true)
	l.Verify()
}

// What starts behind the present end leaves that as it is.
func TestExtendedWithAGap(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(-10 * day))
	id := l.ask(l.extension(l.end.Add(30 * day)))
	a := l.decide(id, core.Active, func(c *core.DecideRequests) { c.Start, c.End = l.end.Add(5*day), l.end.Add(9*day) })
	l.stands(core.InForce, l.end)
	l.until(l.end.Add(5 * day))
	l.stands(core.Expired, l.end)
	l.holds(true)
	l.until(a.End)
	l.holds(false)
	l.Verify()
}

// What is renewed stays the same assignment, also as the other type.
func TestRenewedAsTheOtherKind(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(3 * day))
	id := l.ask(l.renewal(l.end.Add(30 * day)))
	a := l.decide(id, core.Active, func(c *core.DecideRequests) { c.Start = l.now().Add(day) })
	if a.ID != l.id || a.State != core.Scheduled {
		t.Errorf("renewed as %+v", a)
	}
	l.kind = core.Active
	l.Pass(day)
	l.stands(core.InForce, l.end.Add(30*day))
	l.Verify()
}

// Every rule for the other type holds: what it needs is asked for, and what it
// may not be is refused while something else can be chosen.
func TestOtherKindIsHeldToItsRules(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.until(l.end.Add(-10 * day))
	longer := l.end.Add(100 * day)
	l.policy(l.dba, core.PolicySettings{ActiveFor: ptr(core.Duration(60 * day)), PermanentActive: ptr(false), AssignMFA: ptr(true), ApproverJustification: ptr(false)})
	id := l.ask(l.extension(longer))
	with := func(change func(*core.DecideRequests)) core.DecideRequests {
		c := answer(id, true)
		c.Kind, c.End = core.Active, l.end.Add(30*day)
		change(&c)
		return c
	}
	for key, change := range map[core.TextKey]func(*core.DecideRequests){
		"kind.unknown":              func(c *core.DecideRequests) { c.Kind = "both" },
		"end.long":                  func(c *core.DecideRequests) { c.End = longer },
		"end.permanent_not_allowed": func(c *core.DecideRequests) { c.End, c.Permanent = time.Time{}, true },
		"approval.why":              func(c *core.DecideRequests) { c.Justification = "" },
	} {
		l.Refused(key, l.Boss, with(change))
		l.status(id, core.PendingApproval)
	}
	_, err := l.as(l.Boss, with(func(*core.DecideRequests) {}))
	if core.CodeOf(err) != core.ProofRequired {
		t.Errorf("without a code: %v", err)
	}
	// One that is there already stands in the way.
	l.Must(l.Boss, core.Assign{Role: l.dba, Principals: []core.PersonID{l.ann}, Kind: core.Active, End: l.end, Justification: why})
	l.Refused("assignment.exists", l.Boss, with(func(*core.DecideRequests) {}))
	l.status(id, core.PendingApproval)
	// An activation has no type to choose.
	l.policy(l.ops, core.PolicySettings{RequireApproval: ptr(true), Stages: &[]core.Stage{{Approvers: by(l.bob), Quorum: 1}}})
	wish := l.Must(l.ann, activate(l.annOps)).Items[0].Request
	c := answer(wish, true)
	c.Kind = core.Active
	l.Refused("decide.no_dates", l.bob, c)
}

// To make somebody active in a role that has power over Stint takes a code, also
// by answering his request.
func TestOtherKindWeakens(t *testing.T) {
	l := newLease(t, core.Eligible)
	l.protect(l.dba)
	l.until(l.end.Add(-10 * day))
	id := l.ask(l.extension(l.end.Add(30 * day)))
	c := answer(id, true)
	c.Kind, c.End = core.Active, l.end.Add(-day) // sooner over than before
	_, err := l.as(l.cleo, c)
	if core.CodeOf(err) != core.ProofRequired {
		t.Errorf("without a code: %v", err)
	}
	l.Must(l.cleo, c)
}
