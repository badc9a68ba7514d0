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
	// Kinds are the kinds of systems that there are, with the names of their
	// settings; nil: whatever is said is taken.
	Kinds map[Kind][]string
	Proof Proof // a right code, if one was given
	Wrong bool  // a code was given and it is not right
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
	case NoteMailRefused:
		return d.noteMailRefused(c)
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

// change adds changes without a line of their own in the log.
func (d *decider) change(changes ...Change) { d.record(Entry{}, changes...) }

func (d *decider) policy(r RoleID) Policy { return PolicyOf(d, r) }

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
