package core

import "time"

// The commands of this file are given by Stint's own parts (the gate, the
// engine's clock, the reconciler) and by nobody else: Service.Do refuses them.

// SetUp makes the first person, who becomes Global Administrator for good. It
// works only in an empty store.
type SetUp struct {
	FullName, Login, Mail, Language string
	Hash                            string
	Session                         Session // ID, From and Strength are filled by the gate
	Organisation                    string
}

// OpenSession signs somebody in. The gate has compared the password; Decide
// looks at locks, the factor and whether he may come in, and counts what was
// wrong.
type OpenSession struct {
	Login    string
	Person   PersonID // empty: nobody has that login
	Right    bool     // the password fits
	CodeTold bool     // a code was given
	CodeOK   bool     // and it is right (the Proof is in the Env); false with CodeTold: wrong
	Session  Session  // ID and From are filled by the gate
	// Beyond: so many wrong passwords were tried for this login that one without
	// a code isn't looked at; a code was given (core/auth has the reasons).
	Beyond bool
	Held   int  // tries that were turned away since the last one that was decided
	Warn   bool // if this one is wrong, the owner is to be told that somebody guesses
}

// CloseSession signs out.
type CloseSession struct{ Session SessionID }

// TouchSession notes that a session is in use.
type TouchSession struct{ Session SessionID }

// ChangePassword replaces the actor's own password. The gate has compared the
// present one.
type ChangePassword struct {
	Right bool // the present password fits
	Hash  string
}

// CheckPassword counts a password typed to unlock a window.
type CheckPassword struct{ Right bool }

// BeginFactor stores a new, unconfirmed second factor of the actor.
type BeginFactor struct{ Sealed []byte }

// ConfirmFactor confirms the actor's new factor and gives it recovery codes.
type ConfirmFactor struct {
	Step     int64    // of the right code; 0: the code was wrong
	Recovery []string // hashes
}

// RenewRecovery replaces the actor's recovery codes; it needs a fresh code.
type RenewRecovery struct{ Recovery []string }

// StartAssignment and EndAssignment carry out a due date.
type StartAssignment struct{ Assignment AssignmentID }

// PassRequest does what time asks of a request that waits for approval.
type PassRequest struct{ Request RequestID }

// RemindAssignment tells people that an assignment ends soon.
type RemindAssignment struct{ Assignment AssignmentID }

// SendDigest mails the digest of a week. Without one it only plans the next.
type SendDigest struct{ Digest *Digest }

// EndAssignment ends an assignment whose end has come.
type EndAssignment struct {
	Assignment AssignmentID
	Grant      GrantID // that it wants; empty: none
	Gone       *Gone   // the system was already seen to hold it no longer
}

// Ending is a privilege of which the last end has come, so that a system may be
// told at once, while the end itself is still being decided and written: that
// it goes was decided, and made durable, when its end was set. Those of
// protected roles are not among them, because their end may be refused.
type Ending struct {
	Assignment AssignmentID // whose end it is
	At         time.Time    // the end
	System     SystemID
	Grant      GrantID
	Cycle      int64
	External   string
	Scope      string
	Account    string
	Object     string
}

// Gone is what a system answered after it was told of an Ending.
type Gone struct {
	Grant    GrantID
	Cycle    int64    // of the Ending
	Evidence Evidence // holds nothing
	Object   string
}

// Answers reports whether g is still waiting to hear that the system let go.
// Where somebody has changed his mind since, g is in a later cycle.
func (x Gone) Answers(g Grant) bool {
	return g.State == GrantRemoving && g.Cycle == x.Cycle+1
}

// RecordOutcome notes what a system answered about a grant. Cycle is the one
// the attempt began in.
type RecordOutcome struct {
	Grant    GrantID
	Cycle    int64
	Observed bool     // only asked, nothing changed
	Foreign  bool     // it was there before our first attempt, also one that failed, so it is not ours
	Evidence Evidence // of the read-back; At is zero where the system gave none
	Object   string   // what the driver calls it; empty: unchanged
	Problem  string   // in plain words; empty: the attempt succeeded
	// Retry is the pause before the next attempt after a Problem.
	Retry time.Duration
}

// RecordHealth notes whether a system could be reached.
type RecordHealth struct {
	System  SystemID
	Version string
	Problem string // empty: reachable
}

// RecordDrift notes what a reading of a whole system showed. A large reading
// comes in several; the last one is Done.
type RecordDrift struct {
	System SystemID
	Began  time.Time  // of the reading, by the engine's clock
	Seen   []Sighting // at most MaxSightings
	Gone   []DriftID  // rows that were not seen again; at most MaxSightings
	Done   bool
	Held   int // of the whole reading, see Reading
	More   int
	// Restored says that it is the first whole reading since a backup was
	// restored; Unknown is how much it showed of which the backup knows nothing.
	Restored bool
	Unknown  int
	// People are told once of a reading, by the first of its commands that has
	// something given outside. Others is how many of them the later ones bring;
	// Told, in those, are the sightings of the first: where one of them was news,
	// all has been told.
	Others int
	Told   []Sighting
}

// Sighting is one thing that a system holds otherwise than Stint left it.
type Sighting struct {
	Kind    DriftKind // outside or renamed; what was lost is an outcome (RecordOutcome)
	Role    RoleID
	Scope   string
	Account string
	Object  string
	Detail  string
}

// FinishDrain forgets a draining system once no grant is left on it.
type FinishDrain struct{ System SystemID }

// NoteExport and NoteVerify write that somebody exported or verified the log;
// NoteMailTest that a test mail was sent.
type NoteExport struct {
	Format string
	Filter string
	Count  int64
	Hash   string // SHA-256 of the file in hexadecimal
}

// NoteVerify see NoteExport.
type NoteVerify struct {
	Count int64
	Break *Break
}

// NoteMailTest see NoteExport.
type NoteMailTest struct {
	To      string
	Problem string
}

// NoteMailRefused writes that a mail will not be delivered: the server refused
// it, or its recipient, for good.
type NoteMailRefused struct {
	Notice  Notice
	Problem string
}

// NoteStore writes that the store's disk became full, or has room again.
type NoteStore struct{ Full bool }

func (SetUp) Verb() string            { return "set-up" }
func (OpenSession) Verb() string      { return "sign-in" }
func (CloseSession) Verb() string     { return "sign-out" }
func (TouchSession) Verb() string     { return "touch-session" }
func (ChangePassword) Verb() string   { return "change-password" }
func (CheckPassword) Verb() string    { return "check-password" }
func (BeginFactor) Verb() string      { return "begin-factor" }
func (ConfirmFactor) Verb() string    { return "confirm-factor" }
func (RenewRecovery) Verb() string    { return "renew-recovery" }
func (StartAssignment) Verb() string  { return "start-assignment" }
func (PassRequest) Verb() string      { return "pass-request" }
func (EndAssignment) Verb() string    { return "end-assignment" }
func (RemindAssignment) Verb() string { return "remind-assignment" }
func (SendDigest) Verb() string       { return "send-digest" }
func (RecordOutcome) Verb() string    { return "record-outcome" }
func (RecordHealth) Verb() string     { return "record-health" }
func (RecordDrift) Verb() string      { return "record-drift" }
func (FinishDrain) Verb() string      { return "finish-drain" }
func (NoteExport) Verb() string       { return "note-export" }
func (NoteVerify) Verb() string       { return "note-verify" }
func (NoteMailTest) Verb() string     { return "note-mail-test" }
func (NoteMailRefused) Verb() string  { return "note-mail-refused" }
func (NoteStore) Verb() string        { return "note-store" }
func (NoteClock) Verb() string        { return "note-clock" }

// Public lists a zero value of every command that Service.Do takes, in the
// order of the API's document.
func Public() []Command {
	return []Command{
		Assign{}, UpdateAssignment{}, RemoveAssignments{}, Activate{}, Drop{}, Prolong{}, ExtendAssignments{}, RenewAssignments{}, RequestExtension{}, RequestRenewal{}, DecideRequests{}, CancelRequests{}, SetDeputy{}, SaveFavourite{}, RemoveFavourite{},
		AddSystem{}, UpdateSystem{}, RemoveSystem{}, AddRoles{}, UpdateRole{}, RemoveOutside{}, AcceptDrift{}, SetPolicy{}, SetPolicies{}, ChangeSettings{},
		AddPerson{}, UpdatePerson{}, DisablePerson{}, EnablePerson{}, SetAccount{}, AddGroup{}, UpdateGroup{}, RemoveGroup{}, AddMembers{}, RemoveMembers{}, ResetPassword{}, ResetFactor{}, EndSessions{}, AcceptClock{},
	}
}

// IsPublic reports whether Service.Do takes c.
func IsPublic(c Command) bool {
	for _, p := range Public() {
		if p.Verb() == c.Verb() {
			return true
		}
	}
	return false
}
