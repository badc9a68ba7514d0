package core

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// ask stores a request that others have to agree to. The clock of the access
// doesn't run yet: what is kept is how long it shall last.
func (d *decider) ask(r Request, ap Approval, item *ItemResult) *Error {
	r.Status, r.Approval, r.Due = PendingApproval, &ap, instant(ap.Due())
	e := d.entry(RequestPending)
	d.aboutAssignment(&e, r.Basis)
	e.Request, e.Scope, e.Justification, e.TicketSystem, e.TicketNumber = r.ID, r.Scope, r.Justification, r.Ticket.System, r.Ticket.Number
	e.Detail = string(r.Action) + " " + r.length() + ", waits for approval until " + Clock(ap.Limit)
	if !r.Start.IsZero() {
		e.Detail += ", to start " + Clock(r.Start)
	}
	d.record(e, r).Notices = d.approverNotices(r)
	item.Request, item.Status, item.Start, item.End = r.ID, r.Status, r.Start, time.Time{}
	return nil
}

// length says for how long or until when a request asks.
func (r Request) length() string {
	if r.Action.OfAssignment() {
		if r.End.IsZero() {
			return "without an end"
		}
		return "until " + Clock(r.End)
	}
	return "for " + Span(r.Duration.Std())
}

// approval is what a request begins with where a role's settings ask for it.
func (d *decider) approval(p Policy) Approval {
	return Approval{Stages: stagesOf(p), Opened: d.env.Now, Limit: instant(d.env.Now.Add(p.ApprovalTimeout.Std())), Why: p.ApproverJustification}
}

// answerable refuses what nobody could agree to: in some stage there are fewer
// people than have to, the one who asks left out.
func (d *decider) answerable(basis Assignment, p Policy) *Error {
	if !p.RequireApproval {
		return nil
	}
	return d.enough(basis, d.approval(p))
}

// enough refuses an approval that there are too few people for.
func (d *decider) enough(basis Assignment, ap Approval) *Error {
	for _, s := range ap.Stages {
		n := 0
		for _, id := range listed(d, s.Approvers, d.env.Now) {
			if id != basis.Principal && id != d.actor.Person {
				n++
			}
		}
		if n < s.Quorum {
			return Errorf(Refused, "", "approval.nobody", "role", d.roleName(basis.Role), "count", strconv.Itoa(s.Quorum))
		}
	}
	return nil
}

func (d *decider) roleName(id RoleID) string {
	r, _ := d.Role(id)
	return r.Name
}

// decideRequests answers requests that wait. Each has its own result.
func (d *decider) decideRequests(c DecideRequests) *Error {
	if len(c.Requests) == 0 || len(c.Requests) > MaxDecide {
		return Errorf(Invalid, "requests", "batch.size", "field", "requests", "max", strconv.Itoa(MaxDecide))
	}
	why := strings.TrimSpace(c.Justification)
	if err := justification(c.Justification, false); err != nil {
		return err
	}
	seen, done := map[RequestID]bool{}, 0
	for _, id := range c.Requests {
		r, _ := d.Request(id)
		item := ItemResult{Principal: r.Principal, Role: r.Role, Scope: r.Scope, Request: id}
		if seen[id] {
			item.Err = Errorf(Invalid, "requests", "batch.twice")
		} else {
			seen[id] = true
			item.Err = d.decideOne(id, c, why, &item)
		}
		if item.Err == nil {
			done++
		}
		d.result.Items = append(d.result.Items, item)
	}
	return d.allRefused(done)
}

func (d *decider) decideOne(id RequestID, c DecideRequests, why string, item *ItemResult) *Error {
	r, ok := d.Request(id)
	if !ok {
		return Errorf(NotFound, "requests", "request.unknown")
	}
	if r.Requester == d.me.ID || r.Principal == d.me.ID {
		return Errorf(Forbidden, "requests", "approval.own")
	}
	if !d.mayKnow(r) && d.may(PrivilegedRoleAdministrator) != nil {
		return Errorf(NotFound, "requests", "request.unknown")
	}
	if r.Status != PendingApproval || r.Approval == nil {
		return d.tooLate(r)
	}
	if !d.env.Now.Before(r.Approval.Limit) {
		return Errorf(Conflict, "requests", "request.timed_out", "at", Clock(r.Approval.Limit))
	}
	seat, err := d.seat(r)
	if err != nil {
		return err
	}
	if r.Approval.Why && len(why) < MinJustification {
		return Errorf(Invalid, "justification", "approval.why")
	}
	if c.Approve {
		if r, err = d.decidedTerm(r, c, why); err != nil {
			return err
		}
	}
	ap := *r.Approval
	ap.Votes = append(slices.Clone(ap.Votes), Vote{Stage: ap.Stage, By: d.me.ID, ByName: d.me.Name, For: seat, Approve: c.Approve, Why: why, At: d.env.Now})
	r.Approval = &ap
	if !c.Approve {
		d.close(r, Denied, RequestDenied, "denied by "+d.me.Name, why)
		item.Status = Denied
		return nil
	}
	if c.Duration > 0 {
		switch {
		case c.Duration.Std() < MinActivation:
			return Errorf(Invalid, "duration", "duration.short", "min", Span(MinActivation))
		case c.Duration > r.Duration:
			return Errorf(Refused, "duration", "approval.longer", "asked", Span(r.Duration.Std()))
		}
		r.Duration = c.Duration
	}
	return d.agree(r, why, item)
}

// agree counts one approval, and opens the next stage or carries the request
// out when the open one is complete.
func (d *decider) agree(r Request, why string, item *ItemResult) *Error {
	ap := *r.Approval
	s, _ := ap.Open()
	e := d.entry(RequestApproved)
	d.aboutRequest(&e, r)
	e.Justification = why
	e.Detail = strconv.Itoa(ap.Agreed()) + " of " + strconv.Itoa(s.Quorum) + " in stage " + strconv.Itoa(ap.Stage+1) + " of " + strconv.Itoa(len(ap.Stages)) + ", " + r.length()
	if ap.Agreed() >= s.Quorum {
		ap.Stage, ap.Opened, ap.Escalated = ap.Stage+1, d.env.Now, false
	}
	r.Approval = &ap
	item.Status = PendingApproval
	if _, open := ap.Open(); open {
		r.Due = instant(ap.Due())
		ev := d.record(e, r)
		if ap.Opened.Equal(d.env.Now) {
			ev.Notices = d.approverNotices(r)
		}
		return nil
	}
	d.record(e, r)
	return d.carryOut(r, item)
}

// carryOut does what a request asked for, now that all have agreed. What held
// when it was asked for is checked again (R23); what no longer holds makes it
// fail, and the requester is told why.
func (d *decider) carryOut(r Request, item *ItemResult) *Error {
	r.Due = time.Time{}
	basis, _ := d.Assignment(r.Basis)
	var err *Error
	switch {
	case r.Action == SelfProlong:
		err = d.lengthen(r, item)
	case r.Action.OfAssignment():
		err = d.goOn(r)
	default:
		err = d.enact(basis, r, item)
	}
	if err != nil {
		d.close(r, Failed, RequestFailed, "agreed, but it could not be done: "+err.Message, "")
		item.Status = Failed
		item.Notes = append(item.Notes, Note{err.Key, err.Args})
		return nil
	}
	now, _ := d.Request(r.ID)
	item.Status, item.Assignment, item.Start, item.End = now.Status, now.Assignment, now.Start, now.End
	d.announce(d.decidedNotices(now, ""))
	return nil
}

// StillFits says why a request that waits could not be carried out now, even if
// all agreed; nil: it could.
func StillFits(v View, r Request, env Env) *Error {
	if r.Status != PendingApproval {
		return nil
	}
	env.Preview = true
	if env.NewID == nil {
		env.NewID = func(prefix string) string { return prefix + "_preview" }
	}
	d := &decider{scratch: newScratch(v), actor: EngineActor(), env: env}
	basis, _ := d.Assignment(r.Basis)
	var item ItemResult
	switch {
	case r.Action == SelfProlong:
		return d.lengthen(r, &item)
	case r.Action.OfAssignment():
		return d.goOn(r)
	}
	return d.enact(basis, r, &item)
}

// enact makes the activation that was asked for. Its clock starts now, or at
// the start that was wished if that is still to come.
func (d *decider) enact(basis Assignment, r Request, item *ItemResult) *Error {
	start := r.Start
	if start.Before(d.env.Now) {
		start = d.env.Now
	}
	if err := d.eligibleNow(basis); err != nil {
		return err
	}
	for _, on := range d.StandingOn(basis.ID) {
		return Errorf(Conflict, "items", "activation.exists", "until", Clock(on.End))
	}
	if err := d.duration(r.Duration, d.policy(basis.Role)); err != nil {
		return err
	}
	end := instant(start.Add(r.Duration.Std()))
	if !basis.End.IsZero() && end.After(basis.End) {
		if end = basis.End; end.Sub(start) < MinActivation {
			return Errorf(Refused, "duration", "duration.past_eligible", "end", Clock(basis.End))
		}
	}
	basis.Scope = r.Scope
	return d.begun(basis, r, start, end, ActivationApproved, item)
}

// close ends a request that waits, with the entry that says why and what the
// people concerned are told.
func (d *decider) close(r Request, s Status, kind EventKind, detail, why string) {
	r.Status, r.Completed, r.Due = s, d.env.Now, time.Time{}
	e := d.entry(kind)
	d.aboutRequest(&e, r)
	e.Detail, e.Justification = detail, why
	if s == Failed || s == TimedOut {
		e.Outcome = OutcomeFailed
	}
	d.record(e, r).Notices = d.decidedNotices(r, detail)
}

func (d *decider) aboutRequest(e *Entry, r Request) {
	d.aboutRole(e, r.Role)
	d.about(e, r.Principal)
	e.Request, e.Scope, e.Assignment = r.ID, r.Scope, r.Assignment
	if e.Assignment == "" {
		e.Assignment = r.Basis
	}
}

// tooLate tells who comes late what became of the request, and by whom.
func (d *decider) tooLate(r Request) *Error {
	if r.Approval == nil {
		return Errorf(Conflict, "requests", "request.not_pending", "status", string(r.Status))
	}
	switch r.Status {
	case TimedOut:
		return Errorf(Conflict, "requests", "request.timed_out", "at", Clock(r.Completed))
	case CanceledRequest:
		return Errorf(Conflict, "requests", "request.canceled", "at", Clock(r.Completed))
	}
	who := ""
	if n := len(r.Approval.Votes); n > 0 {
		who = r.Approval.Votes[n-1].ByName
	}
	key := TextKey("request.approved")
	if r.Status == Denied {
		key = "request.denied"
	}
	return Errorf(Conflict, "requests", key, "who", who)
}

// cancelRequests takes requests back before they are answered: by who asked, or
// by an administrator.
func (d *decider) cancelRequests(c CancelRequests) *Error {
	if len(c.Requests) == 0 || len(c.Requests) > MaxDecide {
		return Errorf(Invalid, "requests", "batch.size", "field", "requests", "max", strconv.Itoa(MaxDecide))
	}
	for _, id := range c.Requests {
		r, ok := d.Request(id)
		if ok && r.Requester != d.me.ID && d.may(PrivilegedRoleAdministrator) != nil {
			ok = false // not his, and he may not even know of it
		}
		switch {
		case !ok:
			return Errorf(NotFound, "requests", "request.unknown")
		case r.Status != PendingApproval:
			return d.tooLate(r)
		}
		d.close(r, CanceledRequest, RequestCanceled, "canceled by "+d.me.Name, "")
		d.result.Items = append(d.result.Items, ItemResult{Principal: r.Principal, Role: r.Role, Scope: r.Scope, Request: r.ID, Status: CanceledRequest})
	}
	return nil
}

// cancelPending cancels what waits on an eligible assignment that ends, or for
// an activation that is over.
func (d *decider) cancelPending(list []Request, why string) {
	for _, r := range list {
		d.close(r, CanceledRequest, RequestCanceled, why, "")
	}
}

// passRequest does what time asks of a request that waits: it also goes to
// others, or times out.
func (d *decider) passRequest(c PassRequest) *Error {
	r, ok := d.Request(c.Request)
	if !ok || r.Status != PendingApproval || r.Approval == nil || d.env.Now.Before(r.Due) {
		return nil
	}
	ap := *r.Approval
	if !d.env.Now.Before(ap.Limit) {
		d.close(r, TimedOut, RequestTimedOut, "nobody decided until "+Clock(ap.Limit), "")
		return nil
	}
	ap.Escalated = true
	r.Approval, r.Due = &ap, ap.Limit
	e := d.entry(RequestEscalated)
	d.aboutRequest(&e, r)
	e.Detail = "unanswered since " + Clock(ap.Opened) + "; it also goes to others"
	d.record(e, r).Notices = d.approverNotices(r)
	return nil
}

// setDeputy names who decides for the actor between two dates, or nobody.
func (d *decider) setDeputy(c SetDeputy) *Error {
	e := d.entry(DeputySet)
	if c.Login != "" && c.Deputy == "" {
		per, ok := d.PersonByLogin(c.Login)
		if !ok {
			return Errorf(NotFound, "deputy", "person.unknown")
		}
		c.Deputy = per.ID
	}
	if c.Deputy == "" {
		e.Detail = "nobody"
		d.record(e, DeputyRemoved{d.me.ID})
		return nil
	}
	per, ok := d.Person(c.Deputy)
	from, until := instant(c.From), instant(c.Until)
	if from.IsZero() || from.Before(d.env.Now) {
		from = d.env.Now
	}
	switch {
	case !ok:
		return Errorf(NotFound, "deputy", "person.unknown")
	case per.ID == d.me.ID:
		return Errorf(Refused, "deputy", "deputy.self")
	case per.Disabled:
		return Errorf(Refused, "deputy", "person.disabled", "person", per.Name)
	case !until.After(from):
		return Errorf(Invalid, "until", "end.before_start")
	case until.Sub(from) > MaxDeputyFor:
		return Errorf(Invalid, "until", "deputy.long", "max", Span(MaxDeputyFor))
	}
	d.about(&e, per.ID)
	e.Detail = "from " + Clock(from) + " until " + Clock(until)
	d.record(e, Deputy{Person: d.me.ID, Deputy: per.ID, From: from, Until: until})
	return nil
}

// stages checks the stages of a policy: their limits, and that in each there
// are enough people who could ever agree. Without that nobody could use the role
// (deadlock.go).
func (d *decider) stages(s PolicySettings, was *[]Stage) *Error {
	if s.Stages == nil {
		return nil
	}
	if len(*s.Stages) == 0 || len(*s.Stages) > MaxStages {
		return Errorf(Invalid, "approval_stages", "stages.count", "max", strconv.Itoa(MaxStages))
	}
	for i, st := range *s.Stages {
		n := strconv.Itoa(i + 1)
		if st.Quorum < 1 || st.Quorum > MaxQuorum {
			return Errorf(Invalid, "approval_stages", "stages.quorum", "stage", n, "max", strconv.Itoa(MaxQuorum))
		}
		if st.EscalateAfter != 0 && (st.EscalateAfter.Std() < MinEscalation || len(st.EscalateTo) == 0) {
			return Errorf(Invalid, "approval_stages", "stages.escalation", "stage", n, "min", Span(MinEscalation))
		}
		for _, list := range [][]Approver{st.Approvers, st.EscalateTo} {
			if err := d.approvers(list, was, n); err != nil {
				return err
			}
		}
		one := Policy{RequireApproval: true, Stages: []Stage{st}}
		if _, have, short := reachOf(d, asked(one.Stages)).short(one, ""); short {
			return Errorf(Refused, "approval_stages", "stages.few", "stage", n, "have", strconv.Itoa(have), "want", strconv.Itoa(st.Quorum))
		}
	}
	return nil
}

// approvers checks a list. A group that was removed may stay where it was, so that
// other settings can be changed beside it; nothing names it anew.
func (d *decider) approvers(list []Approver, was *[]Stage, stage string) *Error {
	if len(list) > MaxApprovers {
		return Errorf(Invalid, "approval_stages", "stages.approvers", "stage", stage, "max", strconv.Itoa(MaxApprovers))
	}
	for _, a := range list {
		_, person := d.Person(a.Person)
		g, group := d.Group(a.Group)
		_, role := d.Role(a.Role)
		if g.Removed && (a == Approver{Group: a.Group}) && (was == nil || !names(*was, a)) {
			return Errorf(NotFound, "approval_stages", "stages.group_removed", "stage", stage, "group", g.Name)
		}
		if (a != Approver{Person: a.Person} && a != Approver{Group: a.Group} && a != Approver{Role: a.Role}) || !person && !group && !role {
			return Errorf(NotFound, "approval_stages", "stages.unknown", "stage", stage)
		}
	}
	return nil
}
