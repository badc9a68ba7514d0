package core

import (
	"slices"
	"time"
)

// Env is what a decision depends on besides the state.
type Env struct {
	Now   time.Time                  // the engine's clock, which never runs backwards
	Wall  time.Time                  // the machine's clock, which may
	Zone  *time.Location             // that of the machine; nil: UTC
	NewID func(prefix string) string // fresh identifiers
	Proof Proof                      // a right code, if one was given
	Wrong bool                       // a code was given and it is not right
	// Preview decides as if a code had been given; nothing will be committed.
	Preview bool
	// Seal seals a secret for the row named by context (core/seal).
	Seal func(context string, s Secret) []byte
}

// Decision is what came of a command. Events are to be committed whether or
// not the command was refused: a refusal is an event, too.
type Decision struct {
	Events    []Event
	Result    Result
	NeedsCode bool // this command wants a fresh code
}

// Decide answers a command. It is pure: the same view, actor, command and env
// give the same answer. The error, if any, is an *Error for the person; the
// decision then holds the refusal's entry and what a wrong code costs, and no
// other effect.
func Decide(v View, a Actor, c Command, env Env) (Decision, error) {
	d := &decider{scratch: newScratch(v), actor: a, env: env, command: c}
	if a.Person != "" {
		d.me, _ = v.Person(a.Person)
	}
	err := d.decide(c)
	if err == nil {
		err = d.simulate()
	}
	if err == nil {
		err = d.proveWeakening()
	}
	if err != nil {
		d.events = d.costs
		if !env.Preview && d.logged(c, err) {
			d.events = append(d.events, d.refusal(c, err))
		}
		return Decision{Events: storable(d.events), NeedsCode: d.needsCode}, err
	}
	return Decision{Events: once(storable(append(d.costs, d.events...))), Result: d.result, NeedsCode: d.needsCode}, nil
}

// once leaves of several changes of one row, made on the way, the last.
func once(events []Event) []Event {
	seen := map[any]bool{}
	for i := len(events) - 1; i >= 0; i-- {
		keep := events[i].Changes[:0:0]
		for j := len(events[i].Changes) - 1; j >= 0; j-- {
			var id any
			switch c := events[i].Changes[j].(type) {
			case Assignment:
				id = c.ID
			case Grant:
				id = c.ID
			case Request:
				id = c.ID
			}
			if id == nil || !seen[id] {
				keep = append(keep, events[i].Changes[j])
			}
			if id != nil {
				seen[id] = true
			}
		}
		slices.Reverse(keep)
		events[i].Changes = keep
	}
	return events
}

// Refuse is the decision on a command that was refused before any rule was
// asked, such as a call whose key was used for another: its entry, and no
// other effect.
func Refuse(v View, a Actor, c Command, env Env, err *Error) Decision {
	d := &decider{scratch: newScratch(v), actor: a, env: env, command: c}
	if a.Person != "" {
		d.me, _ = v.Person(a.Person)
	}
	return Decision{Events: storable([]Event{d.refusal(c, err)})}
}

// storable makes the texts of entries what every store can hold: the answer of
// a system, or a field that was refused, may be any bytes, and a store that
// can't take an entry could not take the change it belongs to. They are also
// made one line of what can be seen, because the name of an account or the
// reply of a server may try to look like the next entry (ASVS 16.4.1).
func storable(events []Event) []Event {
	for i := range events {
		f := events[i].Entry.Fields()
		for j := range f {
			f[j] = oneLine(stored(f[j]))
		}
		events[i].Entry.SetFields(f)
	}
	return events
}

// decider is one decision in the making.
type decider struct {
	*scratch
	actor     Actor
	me        Person
	env       Env
	command   Command
	events    []Event
	costs     []Event // what a code, right or wrong, costs; survives a refusal
	result    Result
	needsCode bool
	proven    bool
	unproven  *Error // why the code of the call was not good
}

func (d *decider) decide(c Command) *Error {
	if err := d.admit(c); err != nil {
		return err
	}
	switch c := c.(type) {
	case Assign:
		return d.assign(c)
	case UpdateAssignment:
		return d.updateAssignment(c)
	case RemoveAssignments:
		return d.removeAssignments(c)
	case Activate:
		return d.activate(c)
	case Drop:
		return d.drop(c)
	case Prolong:
		return d.prolong(c)
	case ExtendAssignments:
		return d.extendAssignments(c)
	case RenewAssignments:
		return d.renewAssignments(c)
	case RequestExtension:
		return d.requestExtension(c)
	case RequestRenewal:
		return d.requestRenewal(c)
	case DecideRequests:
		return d.decideRequests(c)
	case CancelRequests:
		return d.cancelRequests(c)
	case SetDeputy:
		return d.setDeputy(c)
	case SaveFavourite:
		return d.saveFavourite(c)
	case RemoveFavourite:
		return d.removeFavourite(c)
	case AddSystem:
		return d.addSystem(c)
	case UpdateSystem:
		return d.updateSystem(c)
	case RemoveSystem:
		return d.removeSystem(c)
	case AddRoles:
		return d.addRoles(c)
	case UpdateRole:
		return d.updateRole(c)
	case RemoveOutside:
		return d.removeOutside(c)
	case AcceptDrift:
		return d.acceptDrift(c)
	case SetPolicy:
		return d.setPolicy(c)
	case SetPolicies:
		return d.setPolicies(c)
	case ChangeSettings:
		return d.changeSettings(c)
	case AddPerson:
		return d.addPerson(c)
	case UpdatePerson:
		return d.updatePerson(c)
	case DisablePerson:
		return d.disablePerson(c)
	case EnablePerson:
		return d.enablePerson(c)
	case SetAccount:
		return d.setAccount(c)
	case AddGroup:
		return d.addGroup(c)
	case UpdateGroup:
		return d.updateGroup(c)
	case RemoveGroup:
		return d.removeGroup(c)
	case AddMembers:
		return d.addMembers(c)
	case RemoveMembers:
		return d.removeMembers(c)
	case ResetPassword:
		return d.resetPassword(c)
	case ResetFactor:
		return d.resetFactor(c)
	case EndSessions:
		return d.endSessions(c)
	case AcceptClock:
		return d.acceptClock(c)
	}
	return d.decideInternal(c)
}

func (d *decider) decideInternal(c Command) *Error {
	switch c := c.(type) {
	case SetUp:
		return d.setUp(c)
	case OpenSession:
		return d.openSession(c)
	case CloseSession:
		return d.closeSession(c)
	case TouchSession:
		return d.touchSession(c)
	case ChangePassword:
		return d.changePassword(c)
	case CheckPassword:
		return d.checkPassword(c)
	case BeginFactor:
		return d.beginFactor(c)
	case ConfirmFactor:
		return d.confirmFactor(c)
	case RenewRecovery:
		return d.renewRecovery(c)
	case StartAssignment:
		return d.startAssignment(c)
	case EndAssignment:
		return d.endAssignment(c)
	case RemindAssignment:
		return d.remindAssignment(c)
	case SendDigest:
		return d.sendDigest(c)
	case PassRequest:
		return d.passRequest(c)
	case RecordOutcome:
		return d.recordOutcome(c)
	case RecordHealth:
		return d.recordHealth(c)
	case RecordDrift:
		return d.recordDrift(c)
	case FinishDrain:
		return d.finishDrain(c)
	case NoteExport:
		return d.noteExport(c)
	case NoteVerify:
		return d.noteVerify(c)
	case NoteMailTest:
		return d.noteMailTest(c)
	case BeginBackup:
		return d.beginBackup()
	case NoteBackup:
		return d.noteBackup(c)
	case NoteRestore:
		return d.noteRestore(c)
	case NoteStore:
		return d.noteStore(c)
	case NoteClock:
		return d.noteClock(c)
	}
	return Errorf(Internal, "", "command.unknown", "command", c.Verb())
}

// admit checks what holds for every public command: that somebody is there,
// enabled, and signed in with both password and second factor.
func (d *decider) admit(c Command) *Error {
	if d.actor.Session != "" && !d.actor.IsEngine() {
		// As it is in this very transaction: a session that was ended a moment
		// ago carries nothing out any more (ASVS 8.3.2).
		s, p, err := LiveSession(d, d.actor.Session, d.env.Now)
		if err != nil || p.ID != d.actor.Person {
			return Errorf(Unauthenticated, "", "session.none")
		}
		d.actor.Strength = s.Strength
	}
	if d.actor.IsEngine() || !IsPublic(c) {
		return nil
	}
	return d.signedIn()
}

// signedIn checks that the actor is enabled, and signed in with all that signing
// in takes.
func (d *decider) signedIn() *Error {
	if d.me.ID == "" || d.me.Disabled {
		return Errorf(Unauthenticated, "", "session.none")
	}
	if d.actor.Strength != StrengthFactor && d.actor.Strength != StrengthFresh {
		return Errorf(Forbidden, "", "factor.first")
	}
	if cr, ok := d.Credential(d.me.ID); !ok || cr.MustChange {
		return Errorf(Forbidden, "", "password.first")
	}
	return nil
}

// logged reports whether a refusal of c is written here. Sign-in writes its
// own, and so does a wrong code or password: one entry says it.
func (d *decider) logged(c Command, err *Error) bool {
	switch c.(type) {
	case OpenSession, TouchSession:
		return false
	case CheckPassword, ConfirmFactor, ChangePassword:
		return len(d.costs) == 0
	}
	return err.Code != Internal && !d.actor.IsEngine()
}

// maxRefusal bounds the sentence of a refusal in the log, in characters.
const maxRefusal = 1000

func (d *decider) refusal(c Command, err *Error) Event {
	e := d.entry(CommandRefused)
	e.Outcome = OutcomeRefused
	e.Detail = shown(c.Verb()+": "+err.Message, maxRefusal)
	d.subject(&e, c)
	return Event{Entry: e}
}

// subject names in an entry what a refused command was about, as far as it exists.
func (d *decider) subject(e *Entry, c Command) {
	switch c := c.(type) {
	case Assign:
		d.aboutRole(e, c.Role)
		if len(c.Principals) == 1 {
			d.about(e, c.Principals[0])
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case UpdateAssignment:
		d.aboutAssignment(e, c.Assignment)
	case RemoveAssignments:
		if len(c.Assignments) == 1 {
			d.aboutAssignment(e, c.Assignments[0])
		}
	case Activate:
		if len(c.Items) == 1 {
			d.aboutAssignment(e, c.Items[0].Assignment)
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case Drop:
		if len(c.Assignments) == 1 {
			d.aboutAssignment(e, c.Assignments[0])
		}
	case Prolong:
		d.aboutAssignment(e, c.Assignment)
	case ExtendAssignments:
		if len(c.Assignments) == 1 {
			d.aboutAssignment(e, c.Assignments[0])
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case RenewAssignments:
		if len(c.Assignments) == 1 {
			d.aboutAssignment(e, c.Assignments[0])
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case RequestExtension:
		d.aboutAssignment(e, c.Assignment)
		e.Justification = shown(c.Justification, MaxJustification)
	case RequestRenewal:
		d.aboutAssignment(e, c.Assignment)
		e.Justification = shown(c.Justification, MaxJustification)
	case DecideRequests:
		if len(c.Requests) == 1 {
			if r, ok := d.Request(c.Requests[0]); ok {
				d.aboutRequest(e, r)
			}
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case UpdateRole:
		d.aboutRole(e, c.Role)
	case RemoveOutside:
		d.aboutDrift(e, c.Drift)
		e.Justification = shown(c.Justification, MaxJustification)
	case AcceptDrift:
		d.aboutDrift(e, c.Drift)
		e.Justification = shown(c.Justification, MaxJustification)
	case UpdateSystem:
		d.aboutSystem(e, c.System)
	case RemoveSystem:
		d.aboutSystem(e, c.System)
	case DisablePerson:
		d.about(e, c.Person)
	case ResetFactor:
		d.about(e, c.Person)
	case ResetPassword:
		d.about(e, c.Person)
	case UpdatePerson:
		d.about(e, c.Person)
	case SetAccount:
		d.about(e, c.Person)
		d.aboutSystem(e, c.System)
	}
}

// entry begins an audit entry by the actor.
func (d *decider) entry(kind EventKind) Entry {
	e := Entry{Time: d.env.Now, Actor: d.actor.Person, ActorName: d.me.Name, Strength: d.actor.Strength, From: d.actor.From, Action: kind, Outcome: OutcomeDone}
	if d.actor.IsEngine() {
		e.ActorName = "Stint"
	}
	if d.proven {
		e.Strength = StrengthFresh
	}
	return e
}

func (d *decider) about(e *Entry, p PersonID) {
	if per, ok := d.Person(p); ok {
		e.Principal, e.PrincipalName = per.ID, per.Name
	}
}

func (d *decider) aboutRole(e *Entry, id RoleID) {
	if r, ok := d.Role(id); ok {
		e.Role, e.RoleName = r.ID, r.Name
		d.aboutSystem(e, r.System)
	}
}

func (d *decider) aboutSystem(e *Entry, id SystemID) {
	if s, ok := d.System(id); ok {
		e.System, e.SystemName = s.ID, s.Name
	}
}

func (d *decider) aboutDrift(e *Entry, id DriftID) {
	if r, ok := d.Drift(id); ok {
		d.aboutRole(e, r.Role)
		if p, ok := d.AccountOwner(r.System, r.Account); ok {
			d.about(e, p)
		}
		e.Scope = r.Scope
	}
}

func (d *decider) aboutAssignment(e *Entry, id AssignmentID) {
	a, ok := d.Assignment(id)
	if !ok {
		return
	}
	d.aboutRole(e, a.Role)
	d.about(e, a.Principal)
	if a.OfGroup() {
		e.PrincipalName = d.holder(a)
	}
	e.Assignment, e.Scope = a.ID, a.Scope
}

// record adds an event with its entry, and lays its changes over the view.
func (d *decider) record(e Entry, changes ...Change) *Event {
	for _, c := range changes {
		d.put(c)
	}
	d.events = append(d.events, Event{Entry: e, Changes: changes})
	return &d.events[len(d.events)-1]
}

// change adds changes without a line of their own in the log.
func (d *decider) change(changes ...Change) { d.record(Entry{}, changes...) }

func (d *decider) policy(r RoleID) Policy { return PolicyOf(d, r) }

// prove uses up the code of the call. Without one it refuses, but for a preview.
func (d *decider) prove() *Error {
	d.needsCode = true
	if d.env.Preview || d.proven {
		return nil
	}
	if d.unproven != nil {
		return d.unproven // one code, one answer: the next item doesn't count it again
	}
	f, ok := d.Factor(d.me.ID)
	if !ok || !f.Confirmed {
		return Errorf(Refused, "", "factor.missing")
	}
	if d.env.Now.Before(f.LockedTill) {
		return Errorf(Locked, "code", "factor.locked", "until", Clock(f.LockedTill))
	}
	if !d.env.Proof.Given() && !d.env.Wrong {
		return Errorf(ProofRequired, "code", "code.needed")
	}
	d.unproven = d.useCode(f, d.env.Proof, d.env.Wrong)
	return d.unproven
}

// useCode counts a wrong code, or marks a right one as used.
func (d *decider) useCode(f Factor, p Proof, wrong bool) *Error {
	owner, _ := d.Person(f.Person)
	cost := func(kind EventKind, out Outcome, detail string, tell NoticeKind) {
		e := d.entry(kind)
		e.Outcome, e.Detail = out, detail
		if e.Actor == "" {
			e.Actor, e.ActorName = f.Person, d.nameOf(f.Person)
		}
		d.put(f)
		ev := Event{Entry: e, Changes: []Change{f}}
		if tell != "" {
			ev.Notices = d.warnOwner(tell, owner)
		}
		d.costs = append(d.costs, ev)
	}
	used := !wrong && p.Recovery == "" && p.Step <= f.LastStep
	if p.Recovery != "" && !contains(f.Recovery, p.Recovery) {
		wrong = true
	}
	if wrong || used {
		f.Failed++
		kind, key, tell := FactorFailed, TextKey("code.wrong"), NoticeKind("")
		if used {
			// Somebody may have seen the code and be second to type it, or, worse,
			// first (ASVS 6.5.1).
			kind, key, tell = CodeReused, "code.used", NoticeCodeReused
		}
		if f.Failed >= MaxWrongCodes {
			f.Failed, f.LockedTill = 0, d.env.Now.Add(LockFor)
			cost(FactorLocked, OutcomeFailed, "too many wrong codes; locked until "+f.LockedTill.UTC().Format(time.RFC3339), NoticeFactorLocked)
			return Errorf(Locked, "code", "factor.locked", "until", Clock(f.LockedTill))
		}
		cost(kind, OutcomeFailed, "", tell)
		return Errorf(ProofRequired, "code", key)
	}
	f.Failed = 0
	if p.Recovery != "" {
		f.Recovery = without(f.Recovery, p.Recovery)
		cost(RecoveryUsed, OutcomeDone, plural(len(f.Recovery), "recovery code", "recovery codes")+" left", "")
	} else {
		f.LastStep = p.Step
		d.put(f)
		d.costs = append(d.costs, Event{Changes: []Change{f}})
	}
	d.proven = true
	return nil
}

func (d *decider) nameOf(p PersonID) string {
	per, _ := d.Person(p)
	return per.Name
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func without(list []string, s string) []string {
	var out []string
	for _, x := range list {
		if x != s {
			out = append(out, x)
		}
	}
	return out
}
