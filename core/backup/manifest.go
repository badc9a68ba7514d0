package backup

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/stint-pim/stint/core"
)

// Format is the version of the archive. A reader takes no other.
const Format = 1

// Manifest is the page that says what a backup is.
type Manifest struct {
	Format       int       `json:"format"`
	Made         time.Time `json:"made"` // by the engine's clock
	High         time.Time `json:"high"` // the highest time the store has seen
	Version      string    `json:"version"`
	Schema       int64     `json:"schema"`
	Host         string    `json:"host"`
	Organisation string    `json:"organisation,omitempty"`
	// Store is the hash of the first entry of the log: no other store has it.
	Store    core.Hash `json:"store"`
	Seq      int64     `json:"seq"`  // of the last entry
	Head     core.Hash `json:"head"` // and its hash
	People   int64     `json:"people"`
	Systems  int64     `json:"systems"`
	Live     int64     `json:"live_assignments"`
	Grants   int64     `json:"grants"` // that systems should hold
	Database int64     `json:"database_bytes"`
	Key      string    `json:"key_fingerprint"`
}

func (m Manifest) check() error {
	switch {
	case m.Format > Format:
		return bad("backup.newer", nil)
	case m.Format != Format, m.Made.IsZero(), m.Seq < 1, m.Database < 1, m.Database > maxDatabase:
		return bad("backup.damaged", errors.New("the manifest makes no sense"))
	}
	return nil
}

func readManifest(b []byte) (m Manifest, err error) {
	// Unknown fields are let through: a later version of the program may add
	// some without changing what the others mean.
	if err := json.Unmarshal(b, &m); err != nil {
		return m, bad("backup.damaged", err)
	}
	return m, m.check()
}
