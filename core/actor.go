package core

// Strength says how strongly somebody proved who he is.
type Strength string

const (
	StrengthNone     Strength = "none"
	StrengthPassword Strength = "password" // may only enrol a second factor and change the password
	StrengthFactor   Strength = "factor"   // password and second factor at sign-in
	StrengthFresh    Strength = "fresh"    // and a code for this very request
	StrengthEngine   Strength = "engine"   // Stint itself: an expiry, an outcome
)

// Actor is who gives a command. A Service makes it from the session; nobody
// else can, so that a command without an actor can't be written.
type Actor struct {
	Person   PersonID
	Session  SessionID
	Strength Strength
	From     string // where from, as in Session.From
}

// EngineActor is Stint itself, acting on a due date or on what a system said.
func EngineActor() Actor { return Actor{Strength: StrengthEngine, From: "stint"} }

// IsEngine reports whether the actor is Stint itself.
func (a Actor) IsEngine() bool { return a.Strength == StrengthEngine }

// Proof is a code of the second factor that was found right for this very
// request. The engine makes it from the code a call carries; Decide uses it
// up. The zero value proves nothing.
type Proof struct {
	Step     int64  // time step of a time-based code
	Recovery string // or the hash of the recovery code
	// Malformed says that what was typed has the form of neither, so that it can't
	// have been a right one at any time.
	Malformed bool
}

// Given reports whether there is a proof.
func (p Proof) Given() bool { return p.Step != 0 || p.Recovery != "" }
