package core

import (
	"strings"
	"time"
)

// setUp makes the first person of an empty store. He holds Global
// Administrator and Privileged Role Administrator for good: the two roles that
// must never be without a holder.
func (d *decider) setUp(c SetUp) *Error {
	if d.People() > 0 {
		return Errorf(Conflict, "", "setup.done")
	}
	lang, err := d.personFields("", c.FullName, c.Login, c.Mail, c.Language)
	if err != nil {
		return err
	}
	if err := line("organisation", c.Organisation, 0, MaxName); err != nil {
		return err
	}
	now := d.env.Now
	p := Person{ID: PersonID(d.env.NewID("pe")), Name: strings.TrimSpace(c.FullName), Login: strings.TrimSpace(c.Login), Mail: c.Mail, Language: lang, Created: now}
	d.actor.Person, d.me = p.ID, p
	d.actor.Strength = StrengthPassword
	s := DefaultSettings()
	s.Organisation = c.Organisation
	c.Session.Person, c.Session.Created, c.Session.LastSeen, c.Session.Expires = p.ID, now, now, instant(now.Add(SessionLife))
	c.Session.Strength = StrengthPassword
	e := d.entry(StintSetUp)
	e.Principal, e.PrincipalName = p.ID, p.Name
	d.record(e, p, Credential{Person: p.ID, Hash: c.Hash, Changed: now, SignedIn: now}, s, c.Session)
	for _, r := range []string{GlobalAdministrator, PrivilegedRoleAdministrator} {
		a := Assignment{
			ID: AssignmentID(d.env.NewID("as")), Principal: p.ID, Role: StintRole(r), System: StintSystem, Scope: "/", Kind: Active, Origin: Assigned,
			Start: now, State: InForce, Request: RequestID(d.env.NewID("re")), Justification: "Set up Stint", Created: now,
		}
		req := d.requestFor(a, AdminAssign)
		req.Status, req.Completed = Provisioned, now
		d.put(a)
		e := d.entry(RoleAssigned)
		d.aboutAssignment(&e, a.ID)
		e.Request, e.Justification = req.ID, a.Justification
		d.record(e, a, req)
	}
	d.result.Person = p.ID
	return nil
}

// openSession lets somebody in. Unknown login, wrong password, a disabled
// person and a lock get the same answer (ASVS 6.3.8): one of its own for a
// right password while wrong ones have locked it would let a guesser go on
// without counting (6.3.1).
func (d *decider) openSession(c OpenSession) *Error {
	no := Errorf(Unauthenticated, "", "signin.wrong")
	p, ok := d.Person(c.Person)
	if !ok {
		d.failedSignIn(Person{}, c, "unknown login")
		return no
	}
	cr, ok := d.Credential(p.ID)
	if !ok {
		d.failedSignIn(p, c, "no password set")
		return no
	}
	locked := d.env.Now.Before(cr.LockedTill)
	if !c.Right {
		if locked {
			// The counter rests. It is written all the same, because an answer
			// without a commit comes sooner, and would tell the right password.
			d.failedSignIn(p, c, "wrong password while locked")
			return no
		}
		d.wrongPassword(p, cr, c)
		return no
	}
	if p.Disabled {
		d.failedSignIn(p, c, "the person is disabled")
		return no
	}
	if locked {
		d.failedSignIn(p, c, "right password while locked")
		return no
	}
	if cr.MustChange && d.env.Now.Sub(cr.Changed) > FirstPasswordLife {
		d.failedSignIn(p, c, "the first password is too old")
		return Errorf(Unauthenticated, "", "signin.first_old", "max", Span(FirstPasswordLife))
	}
	s := c.Session
	s.Person, s.Created, s.LastSeen = p.ID, d.env.Now, d.env.Now
	s.Expires, s.Strength = instant(d.env.Now.Add(SessionLife)), StrengthPassword
	if f, ok := d.Factor(p.ID); ok && f.Confirmed {
		if d.env.Now.Before(f.LockedTill) {
			d.failedSignIn(p, c, "right password, but the second factor is locked")
			return Errorf(Locked, "code", "factor.locked", "until", Clock(f.LockedTill))
		}
		if !c.CodeTold {
			return Errorf(ProofRequired, "code", "code.needed")
		}
		if err := d.useCode(f, d.env.Proof, !c.CodeOK); err != nil {
			return err
		}
		s.Strength = StrengthFactor
	}
	d.actor.Person, d.actor.Strength, d.me = p.ID, s.Strength, p
	cr.Failed, cr.LockedTill, cr.SignedIn = 0, time.Time{}, d.env.Now
	e := d.entry(SignedIn)
	e.Strength, e.Principal, e.PrincipalName = s.Strength, p.ID, p.Name
	d.record(e, s, cr)
	d.result.Person = p.ID
	return nil
}

// failedSignIn writes a sign-in that failed. People type passwords into the
// wrong field, so an unknown login is not kept.
func (d *decider) failedSignIn(p Person, c OpenSession, why string) {
	e := d.entry(SignInFailed)
	e.Outcome, e.Detail, e.From = OutcomeFailed, why, c.Session.From
	e.Principal, e.PrincipalName = p.ID, p.Name
	d.costs = append(d.costs, Event{Entry: e})
}

func (d *decider) wrongPassword(p Person, cr Credential, c OpenSession) {
	cr.Failed++
	why := "wrong password"
	if cr.Failed >= MaxWrongPasswords {
		cr.Failed, cr.LockedTill = 0, instant(d.env.Now.Add(LockFor))
		why = "wrong password, the last of " + plural(MaxWrongPasswords, "try", "tries") + "; locked until " + Clock(cr.LockedTill)
	}
	d.failedSignIn(p, c, why)
	d.costs[len(d.costs)-1].Changes = []Change{cr}
}

func (d *decider) closeSession(c CloseSession) *Error {
	s, ok := d.Session(c.Session)
	if !ok || s.Person != d.me.ID {
		return Errorf(NotFound, "", "session.none")
	}
	d.record(d.entry(SignedOut), SessionEnded{s.ID})
	return nil
}

func (d *decider) touchSession(c TouchSession) *Error {
	s, ok := d.Session(c.Session)
	if !ok {
		return Errorf(Unauthenticated, "", "session.none")
	}
	s.LastSeen = d.env.Now
	d.change(s)
	return nil
}

// endSessions signs a person out everywhere.
func (d *decider) endSessions(c EndSessions) *Error {
	if c.Person != d.me.ID {
		if err := d.may(UserAdministrator); err != nil {
			return err
		}
	}
	p, ok := d.Person(c.Person)
	if !ok {
		return Errorf(NotFound, "person", "person.unknown")
	}
	if err := d.guarded(p.ID); err != nil {
		return err
	}
	if len(d.SessionsOf(p.ID)) == 0 {
		e := d.entry(SessionRevoked)
		e.Principal, e.PrincipalName, e.Detail = p.ID, p.Name, "there was no session to end"
		d.record(e)
	}
	d.revokeSessions(p)
	return nil
}

func (d *decider) revokeSessions(p Person) {
	var changes []Change
	for _, s := range d.SessionsOf(p.ID) {
		changes = append(changes, SessionEnded{s.ID})
	}
	if len(changes) == 0 {
		return
	}
	e := d.entry(SessionRevoked)
	e.Principal, e.PrincipalName, e.Detail = p.ID, p.Name, plural(len(changes), "session", "sessions")+" ended"
	d.record(e, changes...)
}

// changePassword replaces the actor's own password, and ends his other sessions.
func (d *decider) changePassword(c ChangePassword) *Error {
	cr, ok := d.Credential(d.me.ID)
	if !ok {
		return Errorf(Unauthenticated, "", "session.none")
	}
	if err := d.checkPassword(CheckPassword{c.Right}); err != nil {
		return err
	}
	cr.Hash, cr.Changed, cr.MustChange, cr.Failed, cr.LockedTill = c.Hash, d.env.Now, false, 0, time.Time{}
	e := d.entry(PasswordChanged)
	e.Principal, e.PrincipalName = d.me.ID, d.me.Name
	changes := []Change{cr}
	for _, s := range d.SessionsOf(d.me.ID) {
		if s.ID != d.actor.Session {
			changes = append(changes, SessionEnded{s.ID})
		}
	}
	d.record(e, changes...).Notices = d.warnOwner(NoticePasswordChanged, d.me)
	return nil
}

// checkPassword counts a present password that was typed again.
func (d *decider) checkPassword(c CheckPassword) *Error {
	cr, ok := d.Credential(d.me.ID)
	if !ok {
		return Errorf(Unauthenticated, "", "session.none")
	}
	if d.env.Now.Before(cr.LockedTill) {
		return Errorf(Locked, "password", "signin.locked", "until", Clock(cr.LockedTill))
	}
	if !c.Right {
		d.wrongPassword(d.me, cr, OpenSession{Session: Session{From: d.actor.From}})
		return Errorf(Unauthenticated, "password", "password.wrong")
	}
	if cr.Failed > 0 {
		cr.Failed = 0
		d.change(cr)
	}
	return nil
}
