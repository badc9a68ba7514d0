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

// openSession lets somebody in. Unknown login, wrong password and a disabled
// person get the same answer, and so does a wrong code where the login is
// guessed at (ASVS 6.3.8). Nothing here locks a login: a stranger could keep
// its owner out by that. How many tries are decided at all is counted in
// core/auth, which also says why.
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
	f, ok := d.Factor(p.ID)
	protected := ok && f.Confirmed
	if c.Beyond {
		if !protected || !c.CodeOK {
			return d.wrongTogether(p, f, c, protected)
		}
		if !c.Right {
			return d.wrongWithCode(p, f, c)
		}
	}
	if !c.Right {
		d.failedSignIn(p, c, "wrong password")
		return no
	}
	if p.Disabled {
		d.failedSignIn(p, c, "the person is disabled")
		return no
	}
	if cr.MustChange && d.env.Now.Sub(cr.Changed) > FirstPasswordLife {
		d.failedSignIn(p, c, "the first password is too old")
		return Errorf(Unauthenticated, "", "signin.first_old", "max", Span(FirstPasswordLife))
	}
	s := c.Session
	s.Person, s.Created, s.LastSeen = p.ID, d.env.Now, d.env.Now
	s.Expires, s.Strength = instant(d.env.Now.Add(SessionLife)), StrengthPassword
	if protected {
		if d.env.Now.Before(f.LockedTill) {
			d.failedSignIn(p, c, "right password, but the second factor is locked")
			if c.Beyond {
				return no
			}
			return Errorf(Locked, "code", "factor.locked", "until", Clock(f.LockedTill))
		}
		if !c.CodeTold {
			return Errorf(ProofRequired, "code", "code.needed")
		}
		if err := d.useCode(f, d.env.Proof, !c.CodeOK); err != nil {
			if c.Beyond {
				return no // used before
			}
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

// wrongTogether answers a password with a wrong code where both were asked for
// together. Each way leaves one entry, so that the time of the commit doesn't
// tell a right password. Only with that one the code counts: else strangers
// could lock a factor.
func (d *decider) wrongTogether(p Person, f Factor, c OpenSession, protected bool) *Error {
	if c.Right && protected && !p.Disabled && !d.env.Now.Before(f.LockedTill) {
		_ = d.useCode(f, Proof{}, true)
	} else {
		why := "wrong password and code, while somebody guesses at the login"
		if c.Right {
			why = "right password without a code that counts, while somebody guesses at the login"
		}
		d.failedSignIn(p, c, why)
	}
	return Errorf(Unauthenticated, "", "signin.wrong")
}

// wrongWithCode uses a right code up although the password with it was wrong:
// each code shall buy whoever has seen it one guess and no more.
func (d *decider) wrongWithCode(p Person, f Factor, c OpenSession) *Error {
	if proof := d.env.Proof; proof.Recovery != "" {
		f.Recovery = without(f.Recovery, proof.Recovery)
	} else {
		f.LastStep = max(f.LastStep, proof.Step)
	}
	d.put(f)
	d.failedSignIn(p, c, "wrong password with a right code")
	last := &d.costs[len(d.costs)-1]
	last.Changes = append(last.Changes, f)
	return Errorf(Unauthenticated, "", "signin.wrong")
}

// failedSignIn writes a sign-in that failed. People type passwords into the
// wrong field, so an unknown login is not kept.
func (d *decider) failedSignIn(p Person, c OpenSession, why string) {
	e := d.entry(SignInFailed)
	e.Outcome, e.From = OutcomeFailed, c.Session.From
	e.Principal, e.PrincipalName = p.ID, p.Name
	if c.Held > 0 {
		why += "; " + plural(c.Held, "try was", "tries were") + " turned away before it"
	}
	ev := Event{}
	if c.Warn && !c.Right {
		why += "; strangers get no further without a code"
		ev.Notices = d.warnOwner(NoticeGuessing, p)
	}
	e.Detail = why
	ev.Entry = e
	d.costs = append(d.costs, ev)
}

// wrongPassword counts a wrong password of somebody who is signed in.
func (d *decider) wrongPassword(cr Credential) {
	cr.Failed++
	why := "wrong password at an open session"
	if cr.Failed >= MaxWrongPasswords {
		cr.Failed, cr.LockedTill = 0, instant(d.env.Now.Add(LockFor))
		why += ", the last of " + plural(MaxWrongPasswords, "try", "tries") + "; locked there until " + Clock(cr.LockedTill)
	}
	d.failedSignIn(d.me, OpenSession{Session: Session{From: d.actor.From}}, why)
	d.costs[len(d.costs)-1].Changes = []Change{cr}
}

func (d *decider) closeSession(c CloseSession) *Error {
	s, ok := d.Session(c.Session)
	if !ok || s.Person != d.me.ID {
		return Errorf(NotFound, "", "session.none")
	}
	d.record(d.entry(SignedOut), SessionEnded{s.ID})
	d.dropOnSignOut(d.me.ID, DropOnSignOut.why())
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
	d.dropOnSignOut(p.ID, sessionsEnded)
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
		d.wrongPassword(cr)
		return Errorf(Unauthenticated, "password", "password.wrong")
	}
	if cr.Failed > 0 {
		cr.Failed = 0
		d.change(cr)
	}
	return nil
}
