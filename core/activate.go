package core

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// activate turns eligible assignments of the actor into active ones. One
// justification, one ticket and one code serve the whole bundle; each role has
// its own result.
func (d *decider) activate(c Activate) *Error {
	if len(c.Items) == 0 || len(c.Items) > MaxBundle {
		return Errorf(Invalid, "items", "batch.size", "field", "items", "max", strconv.Itoa(MaxBundle))
	}
	start, err := d.activationStart(c.Start)
	if err != nil {
		return err
	}
	// What can be refused without the code is refused before it is used up.
	bases, results, mfa, fit := make([]Assignment, len(c.Items)), make([]ItemResult, len(c.Items)), false, 0
	seen := map[AssignmentID]bool{}
	for i, it := range c.Items {
		results[i].Start, results[i].End = start, instant(start.Add(c.Duration.Std()))
		if seen[it.Assignment] {
			results[i].Err = Errorf(Invalid, "items", "batch.twice")
			continue
		}
		seen[it.Assignment] = true
		bases[i], results[i].Err = d.mayActivate(it, c, start)
		results[i].Principal, results[i].Role, results[i].Scope = d.me.ID, bases[i].Role, bases[i].Scope
		if results[i].Err == nil {
			fit++
			mfa = mfa || d.policy(bases[i].Role).RequireMFA
		}
	}
	if fit == 0 && !d.env.Preview {
		return results[0].Err
	}
	if mfa {
		if err := d.prove(); err != nil {
			return err
		}
	}
	for i := range results {
		if results[i].Err == nil {
			results[i].Err = d.activateOne(bases[i], c, start, &results[i])
		}
	}
	d.result.Items = results
	done := 0
	for _, r := range results {
		if r.Err == nil {
			done++
		}
	}
	return d.allRefused(done)
}

func (d *decider) activationStart(t time.Time) (time.Time, *Error) {
	now := d.env.Now
	t = instant(t)
	switch {
	case t.IsZero() || t.Before(now) && now.Sub(t) <= pastSlack:
		return now, nil
	case t.Before(now):
		return t, Errorf(Invalid, "start", "start.past", "start", Clock(t))
	case t.Sub(now) > MaxActivateAhead:
		return t, Errorf(Invalid, "start", "start.far", "max", Span(MaxActivateAhead))
	}
	return t, nil
}

// mayActivate checks everything about one role but the code, and returns the
// eligible assignment with the scope asked for.
func (d *decider) mayActivate(it ActivationItem, c Activate, start time.Time) (Assignment, *Error) {
	basis, ok := d.Assignment(it.Assignment)
	if !ok || basis.Principal != d.me.ID {
		return Assignment{}, Errorf(NotFound, "items", "assignment.unknown")
	}
	if err := d.eligibleNow(basis); err != nil {
		return basis, err
	}
	for _, on := range d.StandingOn(basis.ID) {
		return basis, Errorf(Conflict, "items", "activation.exists", "until", Clock(on.End))
	}
	for _, r := range d.pendingOn(basis.ID, false) {
		return basis, Errorf(Conflict, "items", "activation.pending", "until", Clock(r.Approval.Limit))
	}
	if it.Scope != "" {
		sc, err := scope(it.Scope)
		if err != nil {
			return basis, err
		}
		if !within(sc, basis.Scope) {
			return basis, Errorf(Refused, "scope", "scope.wider", "scope", basis.Scope)
		}
		basis.Scope = sc
	}
	role, _ := d.Role(basis.Role)
	if err := d.whole(role, basis.Scope); err != nil {
		return basis, err
	}
	p := d.policy(basis.Role)
	if err := d.duration(c.Duration, p); err != nil {
		return basis, err
	}
	if !basis.End.IsZero() && start.Add(c.Duration.Std()).After(basis.End) {
		return basis, Errorf(Refused, "duration", "duration.past_eligible", "end", Clock(basis.End))
	}
	if err := justification(c.Justification, p.RequireJustification); err != nil {
		return basis, err
	}
	if err := ticket(c.Ticket, p); err != nil {
		return basis, err
	}
	return basis, d.answerable(basis, p)
}

// eligibleNow checks that an eligible assignment can be stood on. It is asked
// when an activation is requested and again when it starts (R23, R25).
func (d *decider) eligibleNow(basis Assignment) *Error {
	role, _ := d.Role(basis.Role)
	if basis.Kind != Eligible || basis.State != InForce || !basis.End.IsZero() && !d.env.Now.Before(basis.End) {
		return Errorf(Refused, "items", "assignment.not_eligible", "role", role.Name)
	}
	per, ok := d.Person(basis.Principal)
	if !ok || per.Disabled {
		return Errorf(Refused, "items", "person.disabled", "person", per.Name)
	}
	if err := d.usable(role); err != nil {
		return err
	}
	if _, ok := d.Account(basis.Principal, basis.System); !ok && basis.System != StintSystem {
		sys, _ := d.System(basis.System)
		return Errorf(Refused, "items", "account.missing", "person", per.Name, "system", sys.Name)
	}
	return nil
}

func (d *decider) duration(dur Duration, p Policy) *Error {
	switch {
	case dur.Std() < MinActivation:
		return Errorf(Invalid, "duration", "duration.short", "min", Span(MinActivation))
	case dur > p.MaxDuration:
		return Errorf(Refused, "duration", "duration.long", "max", Span(p.MaxDuration.Std()))
	}
	return nil
}

func (d *decider) activateOne(basis Assignment, c Activate, start time.Time, item *ItemResult) *Error {
	r := Request{
		ID: RequestID(d.env.NewID("re")), Action: SelfActivate, Requester: d.actor.Person, Principal: basis.Principal, Role: basis.Role,
		System: basis.System, Scope: basis.Scope, Basis: basis.ID, Start: start, Duration: c.Duration,
		Justification: strings.TrimSpace(c.Justification), Ticket: c.Ticket, From: d.actor.From, Created: d.env.Now,
	}
	if p := d.policy(basis.Role); p.RequireApproval {
		if !start.After(d.env.Now) {
			r.Start = time.Time{} // as soon as it is approved
		}
		return d.ask(r, d.approval(p), item)
	}
	if err := d.begun(basis, r, start, instant(start.Add(c.Duration.Std())), RoleActivated, item); err != nil {
		return err
	}
	// The last contact failed: whoever expects the role at once is told before.
	if sys, _ := d.System(basis.System); item.Status == PendingProvisioning && sys.Health.Error != "" {
		item.Notes = append(item.Notes, Note{NoteSystemAway, map[string]string{"system": sys.Name}})
	}
	return nil
}

// begun makes the activation of a request that nobody has to agree to any more.
func (d *decider) begun(basis Assignment, r Request, start, end time.Time, kind EventKind, item *ItemResult) *Error {
	now := d.env.Now
	a := Assignment{
		ID: AssignmentID(d.env.NewID("as")), Principal: basis.Principal, Role: basis.Role, System: basis.System, Scope: r.Scope,
		Kind: Active, Origin: Activated, Basis: basis.ID, Start: start, End: end, State: Scheduled,
		Request: r.ID, Justification: r.Justification, Ticket: r.Ticket, Created: now,
	}
	a.Remind = remindAt(a, now)
	e := d.entry(kind)
	if !start.After(now) {
		a.State = InForce
		if err := d.begin(&a); err != nil {
			return err
		}
	}
	r.Assignment, r.Start, r.End = a.ID, start, end
	r.Status = d.statusOf(a)
	if r.Status == Provisioned {
		r.Completed = now
	}
	d.put(a)
	d.aboutAssignment(&e, a.ID)
	e.Request, e.Justification, e.TicketSystem, e.TicketNumber = r.ID, a.Justification, a.Ticket.System, a.Ticket.Number
	e.Detail = "for " + Span(end.Sub(start)) + ", from " + Clock(a.Start) + " until " + Clock(a.End)
	d.record(e, a, r)
	if r.Status == Provisioned {
		d.nowActive(a, Evidence{})
	}
	item.Request, item.Assignment, item.Status = r.ID, a.ID, r.Status
	return nil
}

// nowActive writes that an activation is really there, and tells people.
func (d *decider) nowActive(a Assignment, ev Evidence) {
	e := d.entry(ActivationActive)
	d.aboutAssignment(&e, a.ID)
	e.Request, e.Justification, e.TicketSystem, e.TicketNumber = a.Request, a.Justification, a.Ticket.System, a.Ticket.Number
	e.Detail = proof(ev)
	if a.System == StintSystem {
		e.Detail = "in force in Stint itself"
	}
	d.record(e).Notices = d.noticesOf(NoticeActivated, a)
}

// drop ends activations before their time (selfDeactivate).
func (d *decider) drop(c Drop) *Error {
	if len(c.Assignments) == 0 || len(c.Assignments) > MaxBatch {
		return Errorf(Invalid, "assignments", "batch.size", "field", "assignments", "max", strconv.Itoa(MaxBatch))
	}
	if c.Reason != "" && c.Reason.why() == "" {
		return Errorf(Invalid, "reason", "drop.reason")
	}
	for _, id := range c.Assignments {
		a, ok := d.Assignment(id)
		if ok && a.Principal != d.me.ID {
			if err := d.may(PrivilegedRoleAdministrator); err != nil {
				ok = false // not his, and he may not even know of it
			}
		}
		switch {
		case !ok:
			return Errorf(NotFound, "assignments", "assignment.unknown")
		case a.Origin != Activated:
			return Errorf(Refused, "assignments", "drop.assigned")
		case !a.State.Live():
			return Errorf(Conflict, "assignments", "assignment.not_live")
		}
		d.result.Items = append(d.result.Items, d.dropOne(a, c.Reason.why()))
	}
	return nil
}

func (d *decider) dropOne(a Assignment, why string) ItemResult {
	r := d.requestFor(a, SelfDeactivate)
	r.ID, r.Status, r.Completed, r.Justification = RequestID(d.env.NewID("re")), Revoked, d.env.Now, ""
	kind, detail := ActivationDropped, dropped(why)
	if a.State == Scheduled {
		kind, detail, r.Status = ActivationCanceled, "before its start", CanceledRequest
		if why != "" {
			detail += ": " + why
		}
	}
	d.change(r)
	d.finish(a, Removed, kind, detail, "")
	return ItemResult{Principal: a.Principal, Role: a.Role, Scope: a.Scope, Request: r.ID, Assignment: a.ID, Status: r.Status, Start: a.Start, End: d.env.Now}
}

// dropOnSignOut ends what a person holds by activation of roles whose settings
// say that it ends when he signs out. That is decided here and not by the
// program he signs out with: whichever it is, he has said that he is done.
func (d *decider) dropOnSignOut(p PersonID, why string) {
	for _, a := range d.LiveOf(p) {
		if a.Origin == Activated && a.State == InForce && slices.Contains(d.policy(a.Role).DropOn, DropOnSignOut) {
			d.dropOne(a, why)
		}
	}
}

// prolong moves the end of a running activation (selfProlong). It passes the
// same policy again.
func (d *decider) prolong(c Prolong) *Error {
	a, ok := d.Assignment(c.Assignment)
	if !ok || a.Principal != d.me.ID {
		return Errorf(NotFound, "assignment", "assignment.unknown")
	}
	if a.Origin != Activated || a.State != InForce || d.over(a) {
		return Errorf(Conflict, "assignment", "activation.not_running")
	}
	p := d.policy(a.Role)
	if !p.AllowProlong {
		return Errorf(Refused, "", "prolong.not_allowed")
	}
	basis, _ := d.Assignment(a.Basis)
	if err := d.eligibleNow(basis); err != nil {
		return err
	}
	if err := d.duration(c.Duration, p); err != nil {
		return err
	}
	end := instant(d.env.Now.Add(c.Duration.Std()))
	switch {
	case end.Before(a.End):
		return Errorf(Invalid, "duration", "prolong.earlier", "end", Clock(a.End))
	case !basis.End.IsZero() && end.After(basis.End):
		return Errorf(Refused, "duration", "duration.past_eligible", "end", Clock(basis.End))
	}
	if err := justification(c.Justification, p.RequireJustification); err != nil {
		return err
	}
	if err := ticket(c.Ticket, p); err != nil {
		return err
	}
	for _, r := range d.pendingOn(a.Basis, false) {
		return Errorf(Conflict, "assignment", "prolong.pending", "until", Clock(r.Approval.Limit))
	}
	if err := d.answerable(basis, p); err != nil {
		return err
	}
	if p.RequireMFA {
		if err := d.prove(); err != nil {
			return err
		}
	}
	r := d.requestFor(a, SelfProlong)
	r.ID, r.Basis, r.Duration = RequestID(d.env.NewID("re")), a.Basis, c.Duration
	r.Justification, r.Ticket = strings.TrimSpace(c.Justification), c.Ticket
	item := ItemResult{Principal: a.Principal, Role: a.Role, Scope: a.Scope, Assignment: a.ID}
	if p.RequireApproval {
		r.Start, r.End = time.Time{}, time.Time{}
		if err := d.ask(r, d.approval(p), &item); err != nil {
			return err
		}
	} else if err := d.lengthen(r, &item); err != nil {
		return err
	}
	d.result.Items = []ItemResult{item}
	return nil
}

// lengthen moves the end of the activation that a request is about. It is
// looked at again, because approval takes its time.
func (d *decider) lengthen(r Request, item *ItemResult) *Error {
	a, _ := d.Assignment(r.Assignment)
	if a.State != InForce || d.over(a) {
		return Errorf(Conflict, "assignment", "activation.not_running")
	}
	basis, _ := d.Assignment(a.Basis)
	if err := d.eligibleNow(basis); err != nil {
		return err
	}
	if err := d.duration(r.Duration, d.policy(a.Role)); err != nil {
		return err
	}
	end := instant(d.env.Now.Add(r.Duration.Std()))
	switch {
	case end.Before(a.End):
		return Errorf(Invalid, "duration", "prolong.earlier", "end", Clock(a.End))
	case !basis.End.IsZero() && end.After(basis.End):
		return Errorf(Refused, "duration", "duration.past_eligible", "end", Clock(basis.End))
	}
	old := a.End
	a.End = end
	a.Remind = remindAt(a, d.env.Now)
	r.Start, r.End, r.Status, r.Completed = a.Start, end, Provisioned, d.env.Now
	e := d.entry(ActivationProlonged)
	d.aboutAssignment(&e, a.ID)
	e.Request, e.Justification, e.TicketSystem, e.TicketNumber = r.ID, r.Justification, r.Ticket.System, r.Ticket.Number
	e.Detail = "from " + Clock(old) + " to " + Clock(end)
	ev := d.record(e, a, r)
	ev.Notices = d.noticesOf(NoticeProlonged, a)
	if a.Grant != "" {
		d.refresh(a.Grant, a.ID)
	}
	item.Request, item.Assignment, item.Status, item.Start, item.End = r.ID, a.ID, r.Status, a.Start, a.End
	return nil
}
