package core

import "time"

// Kind names the connector that speaks to a system.
type Kind string

const (
	KindStint    Kind = "stint"    // Stint's own roles; the one system that always exists
	KindPostgres Kind = "postgres" // role membership in a PostgreSQL cluster
	KindLinux    Kind = "linux"    // groups of the host the server runs on
	KindSample   Kind = "sample"   // a system in memory, for looking around; Settings["as"] says what it plays
)

// StintSystem is the identifier of Stint's own system, the same in every store.
const StintSystem SystemID = "sy_stint"

// SystemState says whether Stint hands out privileges of a system.
type SystemState string

const (
	SystemConnected SystemState = "connected"
	SystemDraining  SystemState = "draining" // removal was asked for; its grants are being taken back first (R7)
	SystemRemoved   SystemState = "removed"  // kept for the history's sake
)

// System is a target whose privileges Stint hands out.
type System struct {
	ID       SystemID          `json:"id"`
	Name     string            `json:"name"` // 1 to 120 characters, unique among systems not removed
	Kind     Kind              `json:"kind"`
	Settings map[string]string `json:"settings"` // the connector's own, never secret; at most 32 of 2,000 characters
	Sealed   []byte            `json:"-"`        // the credential, sealed by core/seal; empty where none is needed
	State    SystemState       `json:"state"`
	Created  time.Time         `json:"created"`
	Health   Health            `json:"health"`
}

// Health is what the last contact with a system showed.
type Health struct {
	Checked time.Time `json:"checked,omitzero"`  // of the last contact tried
	LastOK  time.Time `json:"last_ok,omitzero"`  // of the last one that succeeded
	Since   time.Time `json:"since,omitzero"`    // since when Error holds; zero while reachable
	Error   string    `json:"error,omitempty"`   // in plain words; empty while reachable
	Version string    `json:"version,omitempty"` // what the system calls itself
}

// OK reports whether the last contact succeeded.
func (h Health) OK() bool { return h.Error == "" && !h.LastOK.IsZero() }

// Account is who a person is on one system: a database role, a Unix user.
// A person has at most one account on a system; on Stint itself everyone is
// himself and needs none.
type Account struct {
	Person   PersonID `json:"person"`
	System   SystemID `json:"system"`
	External string   `json:"external"` // the system's own name, verbatim; 1 to 255 bytes
}

// AccountRemoved deletes the account of Person on System.
type AccountRemoved struct {
	Person PersonID
	System SystemID
}
