package core

import (
	"strconv"
	"strings"
	"time"
)

// assign makes people eligible or active (adminAssign). One person's refusal
// does not hinder the others.
func (d *decider) assign(c Assign) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	role, ok := d.Role(c.Role)
	if !ok {
		return Errorf(NotFound, "role", "role.unknown")
	}
	if err := d.usable(role); err != nil {
		return err
	}
	p := d.policy(role.ID)
	if n := len(c.Principals) + len(c.Groups); n == 0 || n > MaxBatch {
		return Errorf(Invalid, "principals", "batch.size", "field", "principals", "max", strconv.Itoa(MaxBatch))
	}
	if c.Kind != Eligible && c.Kind != Active {
		return Errorf(Invalid, "kind", "kind.unknown")
	}
	sc, err := scope(c.Scope)
	if err != nil {
		return err
	}
	if err := d.whole(role, sc); err != nil {
		return err
	}
	if err := justification(c.Justification, c.Kind == Active && p.AssignJustification); err != nil {
		return err
	}
	start, err := d.period(c.Kind, p, c.Start, c.End)
	if err != nil {
		return err
	}
	a := Assignment{Role: role.ID, System: role.System, Scope: sc, Kind: c.Kind, Origin: Assigned,
		Start: start, End: instant(c.End), Justification: strings.TrimSpace(c.Justification)}
	// What can be refused without the code is refused before it is used up.
	list := make([]Assignment, 0, len(c.Principals)+len(c.Groups))
	for _, who := range c.Principals {
		a.Principal = who
		list = append(list, a)
	}
	a.Principal = ""
	for _, a.Group = range c.Groups {
		list = append(list, a)
	}
	type holder struct {
		person PersonID
		group  GroupID
	}
	items, seen, fit := make([]ItemResult, len(list)), map[holder]bool{}, 0
	for i, a := range list {
		items[i] = ItemResult{Principal: a.Principal, Group: a.Group, Role: role.ID, Scope: sc, Start: start, End: a.End}
		if who := (holder{a.Principal, a.Group}); seen[who] {
			items[i].Err = Errorf(Invalid, "principals", "batch.twice")
			continue
		} else {
			seen[who] = true
		}
		if items[i].Err = d.mayAssign(a, &items[i]); items[i].Err == nil {
			fit++
		}
	}
	if fit == 0 && !d.env.Preview {
		return items[0].Err
	}
	if c.Kind == Active && p.AssignMFA {
		if err := d.prove(); err != nil {
			return err
		}
	}
	d.noteAll(list, items)
	done := 0
	for i, a := range list {
		if items[i].Err == nil {
			items[i].Err = d.assignOne(a, &items[i])
		}
		if items[i].Err == nil {
			done++
		}
	}
	d.result.Items = items
	return d.allRefused(done)
}

// allRefused turns a bundle of which nothing was done into a refusal; the
// lines stay in the result for a preview.
func (d *decider) allRefused(done int) *Error {
	if d.env.Preview || done > 0 || len(d.result.Items) == 0 {
		if !d.env.Preview {
			d.noteRefusedItems()
		}
		return nil
	}
	return d.result.Items[0].Err
}

// noteRefusedItems writes an entry for each refused line of a bundle whose
// other lines were done.
func (d *decider) noteRefusedItems() {
	for _, it := range d.result.Items {
		if it.Err == nil {
			continue
		}
		e := d.entry(CommandRefused)
		e.Outcome, e.Detail = OutcomeRefused, d.command.Verb()+": "+it.Err.Message
		d.aboutRole(&e, it.Role)
		d.about(&e, it.Principal)
		d.record(e)
	}
}

// mayAssign checks everything about one person but the code.
func (d *decider) mayAssign(a Assignment, item *ItemResult) *Error {
	if a.OfGroup() {
		return d.mayGive(a, item)
	}
	per, ok := d.Person(a.Principal)
	if !ok {
		return Errorf(NotFound, "principals", "person.unknown")
	}
	if per.Disabled {
		return Errorf(Refused, "principals", "person.disabled", "person", per.Name)
	}
	sys, _ := d.System(a.System)
	if _, ok := d.Account(a.Principal, a.System); !ok && a.System != StintSystem {
		return Errorf(Refused, "principals", "account.missing", "person", per.Name, "system", sys.Name)
	}
	for _, o := range d.LiveOf(a.Principal) {
		if o.ID == a.ID || o.Via != "" || o.Role != a.Role || o.Scope != a.Scope || o.Origin != Assigned {
			continue
		}
		if o.Kind == a.Kind {
			return exists("principals", per.Name, o)
		}
		item.Notes = append(item.Notes, Note{"note.other_kind", map[string]string{"person": per.Name, "kind": string(o.Kind)}})
	}
	return nil
}

// exists refuses what somebody has already, and says until when he has it.
func exists(field, holder string, o Assignment) *Error {
	if o.End.IsZero() {
		return Errorf(Conflict, field, "assignment.exists_always", "person", holder, "kind", string(o.Kind))
	}
	return Errorf(Conflict, field, "assignment.exists", "person", holder, "kind", string(o.Kind), "until", Clock(o.End))
}

func (d *decider) assignOne(a Assignment, item *ItemResult) *Error {
	now := d.env.Now
	a.ID, a.Request, a.Created = AssignmentID(d.env.NewID("as")), RequestID(d.env.NewID("re")), now
	a.State = Scheduled
	if !a.Start.After(now) {
		a.State = InForce
	}
	a.Remind = remindAt(a, now)
	r := d.requestFor(a, AdminAssign)
	e := d.entry(RoleAssigned)
	d.change(a)
	d.aboutAssignment(&e, a.ID)
	e.Request, e.Justification = r.ID, a.Justification
	e.Detail = string(a.Kind) + " from " + Clock(a.Start) + " until " + Clock(a.End)
	if a.State == InForce && a.Kind == Active {
		if err := d.begin(&a); err != nil {
			return err
		}
	} else {
		d.foresee(a)
	}
	r.Status = d.statusOf(a)
	if r.Status == Provisioned {
		r.Completed = now
	}
	ev := d.record(e, a, r)
	ev.Notices = d.noticesOf(NoticeAssigned, a)
	item.Request, item.Assignment, item.Status = r.ID, a.ID, r.Status
	if a.OfGroup() {
		d.spread(a)
	}
	return nil
}

func (d *decider) statusOf(a Assignment) Status {
	switch {
	case a.State == Scheduled:
		return Granted
	case a.Kind == Eligible || d.settled(a):
		return Provisioned
	}
	return PendingProvisioning
}

func (d *decider) requestFor(a Assignment, action Action) Request {
	return Request{ID: a.Request, Action: action, Requester: d.actor.Person, Principal: a.Principal, Role: a.Role, System: a.System,
		Scope: a.Scope, Assignment: a.ID, Start: a.Start, End: a.End, Justification: a.Justification, Ticket: a.Ticket, From: d.actor.From, Created: d.env.Now}
}

// whole refuses a role for a part of a system that has no parts: the narrower
// scope would promise a limit that nothing keeps. On Stint itself it would
// quietly hold for everything; a connector would refuse it for ever, and each
// scope that somebody thinks of would leave a grant that can never be served.
func (d *decider) whole(role Role, sc string) *Error {
	if sc == "/" {
		return nil
	}
	switch sys, _ := d.System(role.System); sys.Kind {
	case KindStint:
		return Errorf(Refused, "scope", "scope.stint", "role", role.Name)
	case KindPostgres, KindLinux:
		return Errorf(Refused, "scope", "scope.none", "system", sys.Name)
	}
	return nil
}

// over reports whether an assignment's end has come, though the due date may
// not have been carried out yet.
func (d *decider) over(a Assignment) bool { return !a.End.IsZero() && !d.env.Now.Before(a.End) }

// usable checks that privileges of a role can be handed out at all.
func (d *decider) usable(role Role) *Error {
	sys, ok := d.System(role.System)
	if !ok || sys.State != SystemConnected {
		return Errorf(Refused, "role", "system.not_connected", "system", sys.Name)
	}
	if role.Gone {
		return Errorf(Refused, "role", "role.gone", "role", role.Name, "system", sys.Name)
	}
	return nil
}

// period checks the dates of an assignment against its policy and returns the start.
func (d *decider) period(kind AssignmentKind, p Policy, start, end time.Time) (time.Time, *Error) {
	now := d.env.Now
	start, end = instant(start), instant(end)
	switch {
	case start.IsZero() || start.Before(now) && now.Sub(start) <= pastSlack:
		start = now
	case start.Before(now):
		return start, Errorf(Invalid, "start", "start.past", "start", Clock(start))
	case start.Sub(now) > MaxAhead:
		return start, Errorf(Invalid, "start", "start.far", "max", Span(MaxAhead))
	}
	permanent, longest := p.PermanentEligible, p.EligibleFor.Std()
	if kind == Active {
		permanent, longest = p.PermanentActive, p.ActiveFor.Std()
	}
	switch {
	case end.IsZero() && !permanent:
		return start, Errorf(Refused, "end", "end.permanent_not_allowed", "kind", string(kind), "max", Span(longest))
	case end.IsZero():
		return start, nil
	case !end.After(start):
		return start, Errorf(Invalid, "end", "end.before_start")
	case end.Sub(start) < MinActivation:
		return start, Errorf(Invalid, "end", "end.short", "min", Span(MinActivation))
	case end.Sub(start) > longest:
		return start, Errorf(Refused, "end", "end.long", "kind", string(kind), "max", Span(longest))
	}
	return start, nil
}

// updateAssignment changes the dates of an assigned one (adminUpdate).
func (d *decider) updateAssignment(c UpdateAssignment) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	a, ok := d.Assignment(c.Assignment)
	if !ok {
		return Errorf(NotFound, "assignment", "assignment.unknown")
	}
	if !a.State.Live() || a.Origin != Assigned || d.over(a) {
		return Errorf(Conflict, "assignment", "assignment.not_live")
	}
	if err := d.ownOnly(a); err != nil {
		return err
	}
	if a.State == InForce && !c.Start.IsZero() && !instant(c.Start).Equal(a.Start) {
		return Errorf(Refused, "start", "start.fixed", "start", Clock(a.Start))
	}
	role, _ := d.Role(a.Role)
	if err := d.usable(role); err != nil {
		return err
	}
	p := d.policy(a.Role)
	if err := justification(c.Justification, a.Kind == Active && p.AssignJustification); err != nil {
		return err
	}
	if c.Permanent != c.End.IsZero() {
		return Errorf(Invalid, "end", "end.or_permanent")
	}
	old, start := a, a.Start
	if a.State == Scheduled && !c.Start.IsZero() {
		start = c.Start
	}
	end := instant(c.End)
	if a.State == InForce {
		if !end.IsZero() && !end.After(d.env.Now) {
			return Errorf(Invalid, "end", "end.past")
		}
		if err := d.lasting(a.Kind, p, d.env.Now, end); err != nil {
			return err
		}
	} else if s, err := d.period(a.Kind, p, start, end); err != nil {
		return err
	} else {
		a.Start = s
	}
	if a.Kind == Active && p.AssignMFA {
		if err := d.prove(); err != nil {
			return err
		}
	}
	a.End = end
	a.Remind = remindAt(a, d.env.Now)
	r := d.requestFor(a, AdminUpdate)
	r.ID, r.Status, r.Completed = RequestID(d.env.NewID("re")), Provisioned, d.env.Now
	r.Justification = strings.TrimSpace(c.Justification)
	e := d.entry(AssignmentUpdated)
	d.aboutAssignment(&e, a.ID)
	e.Request, e.Justification = r.ID, r.Justification
	e.Detail = "from " + Clock(old.Start) + " – " + Clock(old.End) + " to " + Clock(a.Start) + " – " + Clock(a.End)
	d.record(e, a, r)
	d.moved(a)
	d.result.Items = []ItemResult{{Principal: a.Principal, Role: a.Role, Scope: a.Scope, Request: r.ID, Assignment: a.ID, Status: r.Status, Start: a.Start, End: a.End}}
	return nil
}

// moved does what follows from new dates of an assignment: what its grant has to
// hold until, what members have through it, and what stands on an eligible one
// and can't outlast it.
func (d *decider) moved(a Assignment) {
	if a.Grant != "" {
		d.refresh(a.Grant, a.ID)
	}
	for _, on := range d.StandingOn(a.ID) {
		if !a.End.IsZero() && on.End.After(a.End) {
			d.finish(on, Removed, ActivationEnded, endedShortened, "")
		}
	}
	if a.OfGroup() {
		d.follow(a)
	}
}

// lasting checks a new end of something already in force, counted from now.
func (d *decider) lasting(kind AssignmentKind, p Policy, from, end time.Time) *Error {
	_, err := d.period(kind, p, from, end)
	return err
}

// removeAssignments ends assignments at once (adminRemove).
func (d *decider) removeAssignments(c RemoveAssignments) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	if len(c.Assignments) == 0 || len(c.Assignments) > MaxBatch {
		return Errorf(Invalid, "assignments", "batch.size", "field", "assignments", "max", strconv.Itoa(MaxBatch))
	}
	if err := justification(c.Justification, false); err != nil {
		return err
	}
	seen := map[AssignmentID]bool{}
	for _, id := range c.Assignments {
		a, ok := d.Assignment(id)
		if !ok {
			return Errorf(NotFound, "assignments", "assignment.unknown")
		}
		if seen[id] {
			return Errorf(Invalid, "assignments", "batch.twice")
		}
		seen[id] = true
		if was, _ := d.View.Assignment(id); was.State.Live() && !a.State.Live() {
			// It stood on one that comes before it in the list, and went with it.
			d.result.Items = append(d.result.Items, ItemResult{Principal: a.Principal, Role: a.Role, Scope: a.Scope, Assignment: a.ID, Status: Revoked, Start: a.Start, End: a.Ended})
			continue
		}
		if !a.State.Live() {
			return Errorf(Conflict, "assignments", "assignment.not_live")
		}
		if err := d.ownOnly(a); err != nil {
			return err
		}
		d.removeOne(a, strings.TrimSpace(c.Justification))
	}
	return nil
}

func (d *decider) removeOne(a Assignment, why string) {
	item := ItemResult{Principal: a.Principal, Role: a.Role, Scope: a.Scope, Assignment: a.ID, Status: Revoked, Start: a.Start, End: d.env.Now}
	for _, on := range d.StandingOn(a.ID) {
		item.Notes = append(item.Notes, Note{"note.ends_activation", map[string]string{"until": Clock(on.End)}})
	}
	r := d.requestFor(a, AdminRemove)
	r.ID, r.Status, r.Completed, r.Justification = RequestID(d.env.NewID("re")), Revoked, d.env.Now, why
	item.Request = r.ID
	d.change(r)
	kind := AssignmentRemoved
	if a.Origin == Activated {
		kind = ActivationEnded
	}
	d.finish(a, Removed, kind, endedRemoved, why)
	d.announce(d.noticesOf(NoticeUnassigned, a))
	d.result.Items = append(d.result.Items, item)
}
