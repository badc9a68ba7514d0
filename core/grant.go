package core

import "time"

// GrantState is what Stint last proved about one privilege on one system. A
// test holds the rules to these arrows, and these to the rules:
//
//	new ──▶ Unknown | Removing
//	Unknown ──observed──▶ Found | Absent | Granting
//	Absent ──wanted──▶ Granting
//	Absent ──wanted, and seen to be there──▶ Unknown
//	Granting ──read back──▶ Present | Found
//	Granting ──refused, and there before──▶ Unknown
//	Granting ──unwanted──▶ Removing
//	Present ──unwanted──▶ Removing
//	Present ──unwanted, and gone since its end──▶ Absent
//	Present ──to get a new end, or wanted again at its end──▶ Granting
//	Removing ──read back──▶ Absent | Found
//	Removing ──wanted again──▶ Granting
//	Absent ──seen to be there all the same──▶ Removing
//	Found ──wanted──▶ Unknown
//	Found ──seen to be gone──▶ Absent
//	Found ──an administrator has it taken away──▶ Removing
//
// Found was there before us: wanted or not, it is left as it is, until an
// administrator has it taken away (RemoveOutside); new rows that begin with
// Removing are of the same kind. A Present one that is seen to be gone was
// taken away on the system, not by us: what wants it ends, so that it is
// unwanted, and Removing ends sessions that still use it (see Drift).
//
// Stuck is no state but Grant.Stuck: an attempt at Granting or Removing that
// has kept failing for StuckAfter. It is retried for ever.
type GrantState string

const (
	GrantUnknown  GrantState = "unknown"
	GrantGranting GrantState = "granting"
	GrantPresent  GrantState = "present"
	GrantRemoving GrantState = "removing"
	GrantAbsent   GrantState = "absent"
	GrantFound    GrantState = "found"
)

// StuckAfter is how long attempts fail before a grant is shown as stuck (F9).
const StuckAfter = 10 * time.Second

// GrantKey names one privilege on one system.
type GrantKey struct {
	System  SystemID `json:"system"`
	Role    RoleID   `json:"role"`
	Scope   string   `json:"scope"`
	Account string   `json:"account"` // the person's account there, verbatim
}

// Grant is what a system should hold because of assignments in force, and what
// it was last proven to hold. There is at most one per key, however many
// assignments want it (R14). A grant row is made when somebody becomes
// eligible, so that what was there before us is known before we change it (R28).
type Grant struct {
	ID GrantID `json:"id"`
	GrantKey
	External string     `json:"external"`       // the role's own name on the system when the grant was made
	Wanted   bool       `json:"wanted"`         // at least one assignment in force wants it
	Until    time.Time  `json:"until,omitzero"` // the latest end of those; zero: no end, or not wanted
	State    GrantState `json:"state"`
	Evidence Evidence   `json:"evidence,omitzero"` // of the last proof
	Since    time.Time  `json:"since"`             // of this state
	// Cycle counts the times Wanted or Until changed. An outcome that was
	// begun in an earlier cycle proves what the system holds, not that the
	// present wish was served.
	Cycle    int64     `json:"cycle"`
	Attempts int       `json:"attempts"`               // failed in a row
	Failing  time.Time `json:"failing_since,omitzero"` // since when they fail; zero: they don't
	LastErr  string    `json:"last_error,omitempty"`   // in plain words
	NextTry  time.Time `json:"next_try,omitzero"`      // not before; zero: at once
	Alarmed  bool      `json:"alarmed"`                // the stuck entry has been written
	// Object is the driver's own reference to role and account, such as a
	// database's object identifiers: it leads to them also when they were
	// renamed, and away from others that got their names. Opaque; empty: none.
	Object string `json:"object,omitempty"`
	// For is the assignment whose start or end last changed the wish, for the story in the log.
	For AssignmentID `json:"for,omitempty"`
}

// Evidence is what a system answered when it was read back.
type Evidence struct {
	At     time.Time `json:"at"`                       // when it answered
	Holds  bool      `json:"holds"`                    // what it said
	Query  string    `json:"query"`                    // what was asked, without secrets
	Answer string    `json:"answer"`                   // what it answered, at most 500 characters
	Ended  int       `json:"ended_sessions,omitempty"` // live sessions ended in the same step
}

// Pending reports whether the system has something to be asked or told.
func (g Grant) Pending() bool {
	return g.State == GrantUnknown || g.State == GrantGranting || g.State == GrantRemoving
}

// past reports whether the last end of what wants it has come.
func (g Grant) past(now time.Time) bool { return !g.Until.IsZero() && !now.Before(g.Until) }

// Stuck reports whether attempts have been failing for StuckAfter.
func (g Grant) Stuck(now time.Time) bool {
	return g.Pending() && !g.Failing.IsZero() && now.Sub(g.Failing) >= StuckAfter
}
