package model

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// ofTerm reports whether an administrator gave an assignment another end by it.
func ofTerm(a core.Action) bool { return a == core.AdminExtend || a == core.AdminRenew }

// continued is the word in keys for how an assignment went on.
func continued(a core.Action) string {
	return pick(a == core.SelfRenew || a == core.AdminRenew, "renewed", "extended")
}

// fate is what became of a request.
type fate int

const (
	waits fate = iota
	agreed
	refused // or taken back, or not answered, or not possible any more
)

func fateOf(r core.Request) fate {
	switch r.Status {
	case core.PendingApproval:
		return waits
	case core.Denied, core.CanceledRequest, core.TimedOut, core.Failed:
		return refused
	}
	return agreed
}

// titleOf says what a request is about: what somebody asks for, or asked for
// when it waits no more.
func titleOf(say *Text, r core.RequestRow) string {
	key := "request.asks."
	switch r.Action {
	case core.SelfActivate, core.SelfProlong, core.SelfExtend, core.SelfRenew:
		if r.Status != core.PendingApproval {
			key = "request.asked."
		}
	}
	return say.T(key+string(r.Action), "who", r.PrincipalName, "role", r.RoleName)
}

// completed is the key for when a request came to its end.
func completed(r core.Request) string {
	switch {
	case r.Status == core.CanceledRequest || r.Status == core.TimedOut:
		return "request.closed"
	case r.Approval == nil:
		return "request.done"
	}
	return "request.completed"
}

// term says by which term an assignment shall go on and, once that was
// answered, by which it goes on and what holds now.
func (f *facts) term(c core.Case, now time.Time) {
	r, a := c.Request, c.Present
	if ofTerm(r.Action) {
		f.add("continue.fact."+continued(r.Action), Until(f.say, r.End))
		return
	}
	if !r.Action.OfAssignment() {
		return
	}
	as := ""
	if r.Approval != nil && r.Approval.Kind != "" {
		as = f.say.T(pick(r.Approval.Kind == core.Active, "pages.assign.wizard.active", "pages.assign.wizard.eligible"))
	}
	f.add("continue.fact.kind", f.say.T("pages.assign.fact."+kindKey(a)))
	switch fateOf(r.Request) {
	case waits:
		f.add(pick(a.State == core.Expired, "continue.fact.expired", "continue.fact.now"), Until(f.say, a.End))
		f.add("continue.fact.until", Until(f.say, r.End))
		f.add("continue.as", as)
		return
	case agreed:
		f.add("continue.fact."+continued(r.Action), Until(f.say, r.End))
		f.add("continue.as", as)
		// Of the other type it became another assignment, which the case doesn't carry.
		if as != "" || a.State.Live() && a.End.Equal(r.End) {
			return
		}
	case refused:
		f.add("continue.fact.asked", Until(f.say, r.End))
	}
	switch a.State {
	case core.Expired:
		f.add("continue.fact.expired", f.say.When(a.Ended, now))
	case core.Removed:
		f.add("continue.fact.removed", f.say.When(a.Ended, now))
	default:
		f.add("continue.fact.holds", Until(f.say, a.End))
	}
}

// start says when it begins, began or would have begun. What is extended goes on
// as it is, unless as the other type.
func (f *facts) start(r core.Request, now time.Time) {
	switch fate := fateOf(r); {
	case r.Action == core.AdminExtend || r.Action == core.SelfExtend && (r.Approval == nil || r.Approval.Kind == ""):
	case r.Start.IsZero() && fate == waits:
		f.add("request.start", f.say.T("request.at_once"))
	case r.Start.IsZero():
	case fate == refused:
		f.add("request.start.wished", f.say.When(r.Start, now))
	case r.Start.After(now):
		f.add("request.start", f.say.When(r.Start, now))
	default:
		f.add("request.started", f.say.When(r.Start, now))
	}
}
