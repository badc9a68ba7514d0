package core

import "time"

// Drift is something that a system holds otherwise than Stint left it: found by
// reading the system about once a minute (F22), shown to administrators, and
// never put right by Stint alone. What is done about each kind:
//
//   - outside: somebody holds a role that no grant of ours wants. It is listed,
//     and stays until an administrator has it taken away (RemoveOutside) or says
//     why it may stay (AcceptDrift). What was there before Stint is outside, too.
//   - lost: a privilege of ours was taken away on the system. That may be the
//     act of somebody in an emergency, so it is not granted again: what stood on
//     it ends at once, and the grant goes through Removing, so that sessions
//     that still use it are ended as well. While the row is open the privilege
//     counts as ours: if it comes back (an old server answers again, a backup is
//     restored) it is removed, because nothing else would end it any more.
//   - renamed: a role or account that holds something of ours is called
//     otherwise on the system. It is followed to its new name and taken away
//     there when it ends.
type Drift struct {
	ID DriftID `json:"id"`
	GrantKey
	Kind     DriftKind `json:"kind"`
	Object   string    `json:"object,omitempty"` // the driver's own reference to what was seen; opaque
	First    time.Time `json:"first"`            // when it was first seen
	Detail   string    `json:"detail"`           // what was seen, at most 500 characters
	Accepted time.Time `json:"accepted,omitzero"`
	By       PersonID  `json:"by,omitempty"`  // who accepted it
	Why      string    `json:"why,omitempty"` // and why
}

// Open reports whether nobody has accepted it.
func (d Drift) Open() bool { return d.Accepted.IsZero() }

// DriftKind says in which way.
type DriftKind string

// Kinds of drift, see Drift.
const (
	DriftOutside DriftKind = "outside"
	DriftLost    DriftKind = "lost"
	DriftRenamed DriftKind = "renamed"
)

// DriftRemoved deletes a row of drift.
type DriftRemoved struct{ ID DriftID }

// Reading is when a system was last read as a whole. Rows of kind outside and
// renamed were all seen then.
type Reading struct {
	System SystemID  `json:"system"`
	At     time.Time `json:"at"`   // when it began
	Held   int       `json:"held"` // how many privileges of managed roles were found
	// More counts what was seen and not kept, because MaxDrift rows are kept of
	// a system or because the system holds more than one reading takes in.
	More int `json:"more,omitempty"`
}

// Outdated reports whether r was made before the store was restored from a
// backup; a zero restored means that it never was.
func (r Reading) Outdated(restored time.Time) bool {
	return !restored.IsZero() && !r.At.After(restored)
}

// Limits of drift.
const (
	MaxDrift     = 1000 // rows kept of a system
	MaxSightings = 100  // in one command
)

// DriftRow is a row of drift with the names a screen shows.
type DriftRow struct {
	Drift
	RoleName   string     `json:"role_name"`
	External   string     `json:"external"`              // the role's own name on the system
	Person     PersonID   `json:"person,omitempty"`      // whose account it is, if anybody's
	PersonName string     `json:"person_name,omitempty"` //
	ByName     string     `json:"by_name,omitempty"`     // who accepted it
	GrantState GrantState `json:"grant_state,omitempty"` // of the grant of that name; removing: it is being taken away
	GrantError string     `json:"grant_error,omitempty"` // why that fails
}

// DriftReport is what is known of a system's drift.
type DriftReport struct {
	System  SystemID   `json:"system"`
	Reading Reading    `json:"reading"` // its At is zero where the system was never read
	Items   []DriftRow `json:"items"`   // open ones first, then newest first; at most MaxDrift
}
