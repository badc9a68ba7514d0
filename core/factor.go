package core

// beginFactor stores a new second factor that counts only once confirmed. A
// person who has a confirmed one proves it first.
func (d *decider) beginFactor(c BeginFactor) *Error {
	if d.me.ID == "" || d.me.Disabled {
		return Errorf(Unauthenticated, "", "session.none")
	}
	if f, ok := d.Factor(d.me.ID); ok && f.Confirmed {
		if err := d.prove(); err != nil {
			return err
		}
		// The present factor stays good until the new one is confirmed.
		f, _ = d.Factor(d.me.ID)
		f.Next = c.Sealed
		d.change(f)
		return nil
	}
	d.change(Factor{Person: d.me.ID, Sealed: c.Sealed})
	return nil
}

// confirmFactor makes the new factor count. The session that confirms it has
// then proven both.
func (d *decider) confirmFactor(c ConfirmFactor) *Error {
	f, ok := d.Factor(d.me.ID)
	if !ok || f.Confirmed && len(f.Next) == 0 {
		return Errorf(Conflict, "", "factor.none_new")
	}
	if d.env.Now.Before(f.LockedTill) {
		return Errorf(Locked, "code", "factor.locked", "until", Clock(f.LockedTill))
	}
	if c.Step == 0 {
		return d.useCode(f, Proof{}, true)
	}
	replaced := f.Confirmed
	if len(f.Next) > 0 {
		f.Sealed, f.Next = f.Next, nil
	}
	f.Confirmed, f.LastStep, f.Failed, f.Recovery = true, c.Step, 0, c.Recovery
	e := d.entry(FactorEnrolled)
	e.Principal, e.PrincipalName = d.me.ID, d.me.Name
	changes := []Change{f}
	if s, ok := d.Session(d.actor.Session); ok {
		s.Strength = StrengthFactor
		changes = append(changes, s)
	}
	ev := d.record(e, changes...)
	if replaced { // a first one is no surprise to anybody
		ev.Notices = d.warnOwner(NoticeFactorChanged, d.me)
	}
	return nil
}

func (d *decider) renewRecovery(c RenewRecovery) *Error {
	if err := d.prove(); err != nil {
		return err
	}
	f, _ := d.Factor(d.me.ID)
	f.Recovery = c.Recovery
	e := d.entry(FactorRenewed)
	e.Principal, e.PrincipalName = d.me.ID, d.me.Name
	d.record(e, f)
	return nil
}

// resetFactor takes a lost factor away (another administrator's doing).
func (d *decider) resetFactor(c ResetFactor) *Error {
	if err := d.may(UserAdministrator); err != nil {
		return err
	}
	p, ok := d.Person(c.Person)
	if !ok {
		return Errorf(NotFound, "person", "person.unknown")
	}
	if p.ID == d.me.ID {
		return Errorf(Refused, "person", "factor.own")
	}
	if err := d.ownProof(p.ID); err != nil {
		return err
	}
	e := d.entry(FactorReset)
	e.Principal, e.PrincipalName = p.ID, p.Name
	d.record(e, Factor{Person: p.ID}).Notices = d.warnOwner(NoticeFactorReset, p)
	d.revokeSessions(p)
	return nil
}
