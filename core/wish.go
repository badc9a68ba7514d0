package core

import "time"

// What systems should hold is computed, never counted: a grant is wanted while
// an in-force active assignment of an enabled person points at it.

// begin makes an in-force active assignment point at its grant and want it.
// Stint's own roles need no grant: holding one is being in force here, and the
// row that would be read back is the row being written.
func (d *decider) begin(a *Assignment) *Error {
	if a.System == StintSystem || a.OfGroup() {
		d.change(*a)
		return nil
	}
	g, err := d.grantOf(*a)
	if err != nil {
		return err
	}
	a.Grant = g.ID
	d.change(*a)
	d.refresh(g.ID, a.ID)
	return nil
}

// grantOf finds or makes the grant that an assignment is about.
func (d *decider) grantOf(a Assignment) (Grant, *Error) {
	role, _ := d.Role(a.Role)
	acc, ok := d.Account(a.Principal, a.System)
	if !ok {
		sys, _ := d.System(a.System)
		return Grant{}, Errorf(Refused, "", "account.missing", "person", d.nameOf(a.Principal), "system", sys.Name)
	}
	key := GrantKey{System: a.System, Role: a.Role, Scope: a.Scope, Account: acc.External}
	if g, ok := d.GrantFor(key); ok {
		return g, nil
	}
	g := Grant{ID: GrantID(d.env.NewID("gr")), GrantKey: key, External: role.External, State: GrantUnknown, Since: d.env.Now, For: a.ID}
	d.change(g)
	return g, nil
}

// foresee makes the grant row of an eligible assignment, so that what the
// system holds today is known before anything is changed (R28).
func (d *decider) foresee(a Assignment) {
	if a.System == StintSystem || a.OfGroup() {
		return
	}
	if _, err := d.grantOf(a); err != nil {
		return // no account (any more): activation will say so
	}
}

// refresh recomputes what is wanted of a grant after because began or ended.
func (d *decider) refresh(id GrantID, because AssignmentID) {
	g, ok := d.Grant(id)
	if !ok {
		return
	}
	wanted, until := false, time.Time{}
	for _, a := range d.Wanting(id) {
		if p, ok := d.Person(a.Principal); !ok || p.Disabled {
			continue
		}
		switch {
		case !wanted:
			wanted, until = true, a.End
		case until.IsZero() || a.End.IsZero():
			until = time.Time{}
		case a.End.After(until):
			until = a.End
		}
	}
	if g.Wanted == wanted && g.Until.Equal(until) {
		return
	}
	// What has come to its end may be gone from the system by now (Ending), though
	// nobody has told us yet.
	turned := g.Wanted != wanted || wanted && g.past(d.env.Now)
	g.Wanted, g.Until, g.For = wanted, until, because
	if !turned && !d.nativeExpiry(g.System) {
		d.change(g) // only our own end moved: the system need not hear of it
		return
	}
	g.Cycle++
	g.Attempts, g.Failing, g.LastErr, g.NextTry, g.Alarmed = 0, time.Time{}, "", time.Time{}, false
	switch {
	case g.State == GrantUnknown:
	case g.State == GrantFound && wanted:
		g = d.enter(g, GrantUnknown) // is it still there? Ask again before relying on it
	case g.State == GrantFound:
	case wanted && turned && g.State == GrantAbsent && d.outside(g):
		// Somebody else gave it, we know. Asked first, it is found and left; told
		// first, a process that dies before it wrote the answer would take it for
		// its own, and take it away (R28).
		g = d.enter(g, GrantUnknown)
	case wanted && (turned || d.nativeExpiry(g.System)):
		g = d.enter(g, GrantGranting)
	case !wanted && g.State != GrantAbsent:
		g = d.enter(g, GrantRemoving)
	}
	d.change(g)
}

// outside reports whether the system was seen to hold what a grant is about, and
// not by our doing.
func (d *decider) outside(g Grant) bool {
	_, ok := d.DriftFor(g.GrantKey, DriftOutside)
	return ok
}

func (d *decider) enter(g Grant, s GrantState) Grant {
	if g.State != s {
		g.State, g.Since = s, d.env.Now
	}
	return g
}

func (d *decider) nativeExpiry(id SystemID) bool {
	s, _ := d.System(id)
	return s.Settings["native_expiry"] == "true"
}

// settled reports whether a system already holds what an in-force assignment
// needs, so that its request is Provisioned at once. What was found there is
// held, too, if it was asked for since it is wanted.
func (d *decider) settled(a Assignment) bool {
	if a.System == StintSystem || a.OfGroup() {
		return true
	}
	g, ok := d.Grant(a.Grant)
	return ok && g.Wanted && (g.State == GrantPresent || g.State == GrantFound)
}

// finish ends an assignment with the given state and event, takes away what
// stands on it, and recomputes its grant.
func (d *decider) finish(a Assignment, s AssignmentState, kind EventKind, detail, why string) {
	wasScheduled := a.State == Scheduled
	a.State, a.Ended, a.Remind = s, d.env.Now, time.Time{}
	e := d.entry(kind)
	d.aboutAssignment(&e, a.ID)
	e.Request, e.Detail, e.Justification = a.Request, detail, why
	changes := []Change{a}
	if r, ok := d.Request(a.Request); ok && (r.Status == Granted || r.Status == PendingProvisioning || r.Status == PendingApproval) {
		r.Status, r.Completed = Revoked, d.env.Now
		if wasScheduled {
			r.Status = CanceledRequest
		}
		changes = append(changes, r)
	}
	d.record(e, changes...)
	if a.Grant != "" && !wasScheduled {
		d.refresh(a.Grant, a.ID)
	}
	if a.Kind == Eligible {
		for _, on := range d.StandingOn(a.ID) {
			d.finish(on, Removed, ActivationEnded, endedBasis, "")
		}
		d.cancelPending(d.pendingOn(a.ID, false), endedBasis)
	}
	if a.OfGroup() {
		for _, o := range d.Through(a.ID) {
			d.finish(o, s, kind, endedGroup+d.holder(a)+" ended", why)
		}
	}
	switch {
	case a.Origin == Activated:
		d.cancelPending(d.pendingOn(a.Basis, false), "the activation that it would prolong ended")
	case s == Removed: // what expired while somebody asks to extend it can still be renewed
		d.cancelPending(d.pendingOn(a.ID, true), "the assignment was removed")
	}
}
