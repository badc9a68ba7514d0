package core

import (
	"strconv"
	"strings"
	"time"
)

// An assignment that has an end can go on: it is extended before its end, or
// renewed after it. Administrators do so at once. A person asks for his own,
// and administrators of the role answer that, with other dates if they like.
// A renewed assignment is the same one again: what names it, such as a
// favourite, still fits. What members have through a group's is another one, and
// their favourites follow the role (core/service).

const (
	// ExtendWindow is how long before its end an assignment can be extended.
	// Until then its dates are updated.
	ExtendWindow = 14 * 24 * time.Hour
	// RenewWindow is how long after its end it is shown and can be renewed.
	RenewWindow = 30 * 24 * time.Hour
)

// Extendable reports whether an assignment can be extended now.
func (a Assignment) Extendable(now time.Time) bool {
	return a.Origin == Assigned && a.Via == "" && a.State == InForce && !a.Permanent() && now.Before(a.End) && !now.Before(a.End.Add(-ExtendWindow))
}

// Renewable reports whether an assignment can be renewed now.
func (a Assignment) Renewable(now time.Time) bool {
	return a.Origin == Assigned && a.Via == "" && a.State == Expired && !now.After(a.Ended.Add(RenewWindow))
}

// term is for how long an assignment shall go on.
type term struct {
	start, end time.Time // of an extension, start is zero
	permanent  bool
}

func (d *decider) extendAssignments(c ExtendAssignments) *Error {
	return d.continueAll(c.Assignments, AdminExtend, term{end: c.End, permanent: c.Permanent}, c.Justification)
}

func (d *decider) renewAssignments(c RenewAssignments) *Error {
	return d.continueAll(c.Assignments, AdminRenew, term{c.Start, c.End, c.Permanent}, c.Justification)
}

func (d *decider) continueAll(ids []AssignmentID, action Action, t term, why string) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	if len(ids) == 0 || len(ids) > MaxBatch {
		return Errorf(Invalid, "assignments", "batch.size", "field", "assignments", "max", strconv.Itoa(MaxBatch))
	}
	// What can be refused without the code is refused before it is used up.
	items, list, seen, fit, mfa := make([]ItemResult, len(ids)), make([]Assignment, len(ids)), map[AssignmentID]bool{}, 0, false
	for i, id := range ids {
		a, ok := d.present(id)
		items[i] = ItemResult{Principal: a.Principal, Role: a.Role, Scope: a.Scope, Assignment: a.ID, End: instant(t.end)}
		switch {
		case !ok:
			items[i].Err = Errorf(NotFound, "assignments", "assignment.unknown")
		case seen[id]:
			items[i].Err = Errorf(Invalid, "assignments", "batch.twice")
		default:
			p := d.policy(a.Role)
			items[i].Start, items[i].Err = d.mayContinue(a, action == AdminRenew, t)
			if items[i].Err == nil {
				items[i].Err = justification(why, a.Kind == Active && p.AssignJustification)
			}
			if items[i].Err == nil {
				fit++
				mfa = mfa || a.Kind == Active && p.AssignMFA
			}
		}
		seen[id], list[i] = true, a
	}
	if fit == 0 && !d.env.Preview {
		return items[0].Err
	}
	if mfa {
		if err := d.prove(); err != nil {
			return err
		}
	}
	done := 0
	for i, a := range list {
		if items[i].Err == nil {
			items[i].Err = d.continueOne(a, action, t, strings.TrimSpace(why), &items[i])
		}
		if items[i].Err == nil {
			done++
		}
	}
	d.result.Items = items
	return d.allRefused(done)
}

func (d *decider) continueOne(a Assignment, action Action, t term, why string, item *ItemResult) *Error {
	r := d.requestFor(a, action)
	r.ID, r.Basis, r.Start, r.End, r.Justification = RequestID(d.env.NewID("re")), a.ID, instant(t.start), instant(t.end), why
	if err := d.goOn(r); err != nil {
		return err
	}
	was := a.End
	a, _ = d.Assignment(a.ID)
	notices := d.noticesOf(NoticeExtended, a)
	for i := range notices {
		notices[i].Request, notices[i].Action, notices[i].Was, notices[i].Why = r.ID, action, was, why
	}
	d.announce(notices)
	d.cancelPending(d.pendingOn(a.ID, true), "done meanwhile by "+d.me.Name)
	r, _ = d.Request(r.ID)
	item.Request, item.Status, item.Start, item.End = r.ID, r.Status, r.Start, r.End
	return nil
}

func (d *decider) requestExtension(c RequestExtension) *Error {
	return d.requestTerm(c.Assignment, SelfExtend, term{end: c.End, permanent: c.Permanent}, c.Justification)
}

func (d *decider) requestRenewal(c RequestRenewal) *Error {
	return d.requestTerm(c.Assignment, SelfRenew, term{c.Start, c.End, c.Permanent}, c.Justification)
}

// requestTerm asks the administrators. The role's approvers have no say: they
// agree to activations of who is eligible, not to who is.
func (d *decider) requestTerm(id AssignmentID, action Action, t term, why string) *Error {
	a, ok := d.Assignment(id)
	if !ok || a.Principal != d.me.ID {
		return Errorf(NotFound, "assignment", "assignment.unknown")
	}
	a, _ = d.present(id)
	if _, err := d.mayContinue(a, action == SelfRenew, t); err != nil {
		return err
	}
	for _, r := range d.pendingOn(id, true) {
		return Errorf(Conflict, "assignment", "extend.pending", "until", Clock(r.Approval.Limit))
	}
	if err := justification(why, true); err != nil {
		return err
	}
	p := d.policy(a.Role)
	ap := Approval{Stages: []Stage{{Quorum: 1}}, Opened: d.env.Now, Limit: instant(d.env.Now.Add(p.ApprovalTimeout.Std())),
		Why: p.ApproverJustification || a.Kind == Active && p.AssignJustification}
	if err := d.enough(a, ap); err != nil {
		return err
	}
	r := d.requestFor(a, action)
	r.ID, r.Basis, r.Start, r.End, r.Justification = RequestID(d.env.NewID("re")), a.ID, instant(t.start), instant(t.end), strings.TrimSpace(why)
	item := ItemResult{Principal: a.Principal, Role: a.Role, Scope: a.Scope, Assignment: a.ID}
	if err := d.ask(r, ap, &item); err != nil {
		return err
	}
	d.result.Items = []ItemResult{item}
	return nil
}

// present is an assignment as it is at this moment: one whose end has come is
// ended, though its turn may come only in a second.
func (d *decider) present(id AssignmentID) (Assignment, bool) {
	a, ok := d.Assignment(id)
	if ok && a.Origin == Assigned && a.State.Live() && d.over(a) {
		_ = d.endAssignment(EndAssignment{Assignment: id}) // it ends, or is kept: both show below
		a, ok = d.Assignment(id)
	}
	return a, ok
}

// mayContinue checks that an assignment may go on now and so long, and returns
// from when on it would.
func (d *decider) mayContinue(a Assignment, renew bool, t term) (time.Time, *Error) {
	if t.permanent != t.end.IsZero() {
		return a.Start, Errorf(Invalid, "end", "end.or_permanent")
	}
	opens, closes := a.End.Add(-ExtendWindow), a.Ended.Add(RenewWindow)
	switch {
	case a.Origin != Assigned:
		return a.Start, Errorf(Refused, "assignments", "extend.activated")
	case a.Via != "":
		return a.Start, d.ownOnly(a)
	case a.State == Removed:
		return a.Start, Errorf(Refused, "assignments", "renew.removed")
	case a.State == Scheduled:
		return a.Start, Errorf(Refused, "assignments", "extend.scheduled", "start", Clock(a.Start))
	case a.State == InForce && a.Permanent():
		return a.Start, Errorf(Refused, "assignments", "extend.permanent")
	case a.State == InForce && d.env.Now.Before(opens):
		return a.Start, Errorf(Refused, "assignments", "extend.early", "opens", Clock(opens), "end", Clock(a.End))
	case a.State == InForce && renew:
		return a.Start, Errorf(Refused, "assignments", "renew.in_force", "end", Clock(a.End))
	case a.State == Expired && d.env.Now.After(closes):
		return a.Start, Errorf(Refused, "assignments", "renew.late", "end", Clock(a.End), "closed", Clock(closes))
	case a.State == Expired && !renew:
		return a.Start, Errorf(Refused, "assignments", "extend.expired", "end", Clock(a.End), "closes", Clock(closes))
	}
	return d.termFits(a, a.Kind, t.start, t.end)
}

// termFits checks a new term against all that an assignment has to keep to, as
// one of that kind. It is asked when somebody asks for it, and again when it is
// decided (R23).
func (d *decider) termFits(a Assignment, kind AssignmentKind, start, end time.Time) (time.Time, *Error) {
	role, _ := d.Role(a.Role)
	if err := d.usable(role); err != nil {
		return a.Start, err
	}
	other := kind != a.Kind
	was := a.State
	if a.Kind = kind; other {
		a.ID = "" // it will be another one, beside which there may be none of its kind
	}
	if err := d.mayAssign(a, &ItemResult{}); err != nil {
		return a.Start, err
	}
	p, end := d.policy(a.Role), instant(end)
	switch {
	case was != Expired && (was != InForce || a.Origin != Assigned):
		return a.Start, Errorf(Refused, "assignments", "renew.removed")
	case was == Expired || other:
		return d.period(kind, p, start, end)
	case !start.IsZero() && !instant(start).Equal(a.Start):
		return a.Start, Errorf(Refused, "start", "extend.start", "start", Clock(a.Start))
	case !end.IsZero() && !end.After(a.End):
		return a.Start, Errorf(Invalid, "end", "extend.earlier", "end", Clock(a.End))
	}
	return a.Start, d.lasting(kind, p, d.env.Now, end)
}

// kindOf is the type that an assignment goes on as.
func (r Request) kindOf(a Assignment) AssignmentKind {
	if r.Approval != nil && r.Approval.Kind != "" {
		return r.Approval.Kind
	}
	return a.Kind
}

// decidedTerm is a request with the type and the dates that who approves it
// wants. What does not fit is refused here, while he can choose others.
func (d *decider) decidedTerm(r Request, c DecideRequests, why string) (Request, *Error) {
	dates := c.Permanent || !c.Start.IsZero() || !c.End.IsZero()
	switch {
	case !r.Action.OfAssignment() && (dates || c.Kind != ""):
		return r, Errorf(Invalid, "end", "decide.no_dates")
	case !r.Action.OfAssignment():
		return r, nil
	case c.Duration > 0:
		return r, Errorf(Invalid, "duration", "decide.no_duration")
	case c.Permanent && !c.End.IsZero():
		return r, Errorf(Invalid, "end", "end.or_permanent")
	case c.Kind != "" && c.Kind != Eligible && c.Kind != Active:
		return r, Errorf(Invalid, "kind", "kind.unknown")
	}
	if !c.Start.IsZero() {
		r.Start = instant(c.Start)
	}
	if c.Permanent || !c.End.IsZero() {
		r.End = instant(c.End)
	}
	a, _ := d.present(r.Basis)
	if c.Kind != "" && c.Kind != a.Kind {
		ap := *r.Approval
		ap.Kind = c.Kind
		r.Approval = &ap
	}
	kind, p := r.kindOf(a), d.policy(a.Role)
	if _, err := d.termFits(a, kind, d.wished(r), r.End); err != nil {
		return r, err
	}
	if kind == Active && p.AssignJustification && len(why) < MinJustification {
		return r, Errorf(Invalid, "justification", "approval.why")
	}
	if kind == Active && p.AssignMFA {
		return r, d.prove()
	}
	return r, nil
}

// wished is the start that a request asks for, if it is still to come.
func (d *decider) wished(r Request) time.Time {
	if r.Start.Before(d.env.Now) {
		return time.Time{}
	}
	return r.Start
}

// goOn gives an assignment the term of a request that nobody has to agree to
// any more. What expired while somebody waited to have it extended is renewed.
func (d *decider) goOn(r Request) *Error {
	a, _ := d.present(r.Basis)
	kind := r.kindOf(a)
	start, err := d.termFits(a, kind, d.wished(r), r.End)
	if err != nil {
		return err
	}
	if kind != a.Kind && a.State == InForce {
		return d.goOnAs(a, kind, start, r)
	}
	old := a
	a.Kind, a.Start, a.End = kind, start, r.End
	r.Start, r.Assignment = start, a.ID
	event, detail := AssignmentExtended, "until "+Clock(a.End)+", before until "+Clock(old.End)
	if old.State == Expired {
		event, detail = AssignmentRenewed, "from "+Clock(a.Start)+" until "+Clock(a.End)+"; it had expired "+Clock(old.Ended)
		if kind != old.Kind {
			detail = string(kind) + " " + detail + " as " + string(old.Kind)
		}
		a.State, a.Ended, a.Grant, a.Request, a.Justification = Scheduled, time.Time{}, "", r.ID, r.Justification
		if err := d.start(&a); err != nil {
			return err
		}
	}
	a.Remind = remindAt(a, d.env.Now)
	r.Status = Provisioned
	if old.State == Expired {
		r.Status = d.statusOf(a)
	}
	if r.Status == Provisioned {
		r.Completed = d.env.Now
	}
	e := d.entry(event)
	d.aboutAssignment(&e, a.ID)
	e.Request, e.Justification, e.Detail = r.ID, r.Justification, detail
	d.record(e, a, r)
	switch {
	case old.State == InForce:
		d.moved(a)
	case a.OfGroup():
		d.spread(a)
	}
	return nil
}

// start puts an assignment that is scheduled in force if its time has come.
func (d *decider) start(a *Assignment) *Error {
	if !a.Start.After(d.env.Now) {
		a.State = InForce
	}
	if a.State == InForce && a.Kind == Active {
		return d.begin(a)
	}
	d.foresee(*a)
	return nil
}

// goOnAs lets an assignment in force go on as one of the other type. That is
// another assignment, because what stands on an eligible one can't stand on an
// active one. It begins before the old one ends, so that what both want is not
// taken away between them.
func (d *decider) goOnAs(old Assignment, kind AssignmentKind, start time.Time, r Request) *Error {
	a := old
	a.ID, a.Request, a.Created = AssignmentID(d.env.NewID("as")), r.ID, d.env.Now
	a.Kind, a.Start, a.End, a.Justification = kind, start, r.End, r.Justification
	a.State, a.Ended, a.Grant = Scheduled, time.Time{}, ""
	d.change(a)
	if err := d.start(&a); err != nil {
		return err
	}
	a.Remind = remindAt(a, d.env.Now)
	r.Start, r.Assignment, r.Status = start, a.ID, d.statusOf(a)
	if r.Status == Provisioned {
		r.Completed = d.env.Now
	}
	e := d.entry(AssignmentExtended)
	d.change(a)
	d.aboutAssignment(&e, a.ID)
	e.Request, e.Justification = r.ID, r.Justification
	e.Detail = string(kind) + " from " + Clock(a.Start) + " until " + Clock(a.End) + "; it was " + string(old.Kind) + " until " + Clock(old.End)
	d.record(e, a, r)
	switch {
	case a.State == InForce:
		d.finish(old, Removed, AssignmentRemoved, "it goes on as "+string(kind), r.Justification)
	case old.End.After(start):
		old.End, old.Remind = start, time.Time{}
		e := d.entry(AssignmentUpdated)
		d.aboutAssignment(&e, old.ID)
		e.Request, e.Detail = r.ID, "until "+Clock(start)+", from when on it goes on as "+string(kind)
		d.record(e, old)
		d.moved(old)
	}
	return nil
}

// pendingOn returns the requests that wait on an assignment: those by which it
// shall go on, or the activations that stand on it.
func (d *decider) pendingOn(id AssignmentID, ofAssignment bool) []Request {
	var out []Request
	for _, r := range d.PendingOn(id) {
		if r.Action.OfAssignment() == ofAssignment {
			out = append(out, r)
		}
	}
	return out
}
