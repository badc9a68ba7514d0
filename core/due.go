package core

import "time"

// Due returns the commands that time asks for now, at most limit: assignments
// that end, assignments that start, requests that nobody answers, what is left
// on systems that are being removed, reminders, and the digest. The engine asks
// whenever the next due date has come and until the answer is empty. An answer
// is a wish: Decide looks again.
func Due(v View, now time.Time, draining []SystemID, limit int) []Command {
	var out []Command
	for _, a := range v.Due(now, limit) {
		if !a.End.IsZero() && !now.Before(a.End) {
			out = append(out, EndAssignment{Assignment: a.ID, Grant: a.Grant})
		} else if a.State == Scheduled && !now.Before(a.Start) {
			out = append(out, StartAssignment{a.ID})
		}
	}
	if len(out) < limit {
		for _, r := range v.RequestsDue(now, limit-len(out)) {
			out = append(out, PassRequest{r.ID})
		}
	}
	for _, s := range draining {
		if len(out) >= limit {
			break
		}
		for _, a := range v.LiveOn(s, limit-len(out)) {
			out = append(out, EndAssignment{Assignment: a.ID, Grant: a.Grant})
		}
	}
	if len(out) < limit { // last: nothing waits longer because people are told
		for _, a := range v.RemindersDue(now, limit-len(out)) {
			out = append(out, RemindAssignment{a.ID})
		}
	}
	if len(out) == 0 { // it takes longest
		if m := v.Digest(); m.Next.IsZero() && v.Settings().digests() || !m.Next.IsZero() && !now.Before(m.Next) {
			out = append(out, SendDigest{})
		}
	}
	return out
}

// startAssignment puts a scheduled assignment in force. What held when it was
// asked for is checked again (R23, R25); what no longer holds ends it.
func (d *decider) startAssignment(c StartAssignment) *Error {
	a, ok := d.Assignment(c.Assignment)
	if !ok || a.State != Scheduled || d.env.Now.Before(a.Start) {
		return nil
	}
	var err *Error
	if a.Origin == Activated {
		basis, _ := d.Assignment(a.Basis)
		err = d.eligibleNow(basis)
	} else {
		err = d.assignableNow(a)
	}
	if err != nil {
		kind := AssignmentRemoved
		if a.Origin == Activated {
			kind = ActivationEnded
		}
		d.finish(a, Removed, kind, "could not start: "+err.Message, "")
		return nil
	}
	a.State = InForce
	if a.Kind == Active {
		if err := d.begin(&a); err != nil {
			return err
		}
	} else {
		d.foresee(a)
	}
	kind := AssignmentStarted
	if a.Origin == Activated {
		kind = ActivationStarted
	}
	e := d.entry(kind)
	changes := []Change{a}
	d.put(a)
	d.aboutAssignment(&e, a.ID)
	e.Request, e.Justification = a.Request, a.Justification
	if r, ok := d.Request(a.Request); ok && r.Status == Granted {
		r.Status = d.statusOf(a)
		if r.Status == Provisioned {
			r.Completed = d.env.Now
		}
		changes = append(changes, r)
	}
	d.record(e, changes...)
	if a.Origin == Activated && d.statusOf(a) == Provisioned {
		d.nowActive(a, Evidence{})
	}
	return nil
}

func (d *decider) assignableNow(a Assignment) *Error {
	role, _ := d.Role(a.Role)
	if err := d.usable(role); err != nil {
		return err
	}
	if a.System == StintSystem || a.Kind == Eligible || a.OfGroup() {
		return nil // whoever is eligible needs his account when he activates
	}
	if _, ok := d.Account(a.Principal, a.System); !ok {
		sys, _ := d.System(a.System)
		return Errorf(Refused, "", "account.missing", "person", d.nameOf(a.Principal), "system", sys.Name)
	}
	return nil
}

// keptFor is how long an assignment that may not end is kept before it is
// looked at again.
const keptFor = 24 * time.Hour

// endAssignment ends what has reached its end, or stands on a system that is
// being removed. The last hold of a protected role is kept and said so
// (rules.md section 5).
func (d *decider) endAssignment(c EndAssignment) *Error {
	a, ok := d.Assignment(c.Assignment)
	if !ok || !a.State.Live() {
		return nil
	}
	sys, _ := d.System(a.System)
	if g, ok := d.Assignment(a.Via); ok && g.State.Live() && (d.over(g) || sys.State == SystemDraining) {
		// It ends with all that comes through it, or is kept with all.
		if err := d.endAssignment(EndAssignment{Assignment: g.ID}); err != nil {
			return err
		}
		return d.seenGone(c.Gone)
	}
	if sys.State == SystemDraining {
		d.finish(a, Removed, endedKind(a, AssignmentRemoved, ActivationEnded), endedSystem, "")
		return nil
	}
	if a.End.IsZero() || d.env.Now.Before(a.End) {
		return nil
	}
	if err := d.keeps(a); err != nil {
		a.End = instant(d.env.Now.Add(keptFor))
		a.Remind = remindAt(a, d.env.Now)
		e := d.entry(AssignmentKept)
		d.aboutAssignment(&e, a.ID)
		e.Outcome, e.Detail = OutcomeRefused, "its end came, but it is kept for another "+Span(keptFor)+": "+err.Message
		d.record(e, a)
		d.moved(a)
		return nil
	}
	d.finish(a, Expired, endedKind(a, AssignmentExpired, ActivationExpired), endedTime+Clock(a.End), "")
	a, _ = d.Assignment(a.ID)
	switch {
	case a.Origin == Assigned:
		d.announce(d.remindNotices(NoticeExpired, a))
	case a.System == StintSystem:
		d.announce(d.noticesOf(NoticeEnded, a))
	}
	return d.seenGone(c.Gone)
}

// seenGone takes in that a system let go when an end came. Where somebody has
// changed his mind since, that proves nothing, and the system is asked again.
func (d *decider) seenGone(gone *Gone) *Error {
	if gone == nil || gone.Evidence.Holds || gone.Evidence.At.IsZero() {
		return nil
	}
	if g, ok := d.Grant(gone.Grant); ok && gone.Answers(g) {
		return d.recordOutcome(RecordOutcome{Grant: g.ID, Cycle: g.Cycle, Evidence: gone.Evidence, Object: gone.Object})
	}
	return nil
}

func endedKind(a Assignment, assigned, activated EventKind) EventKind {
	if a.Origin == Activated {
		return activated
	}
	return assigned
}
