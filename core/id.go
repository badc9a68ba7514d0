package core

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// Identifiers have a type each, so that a role can't be passed where a person
// belongs. Their text is a two-letter prefix, an underscore and 26 characters
// of lower-case base32hex: 48 bits of milliseconds and 80 random bits, so that
// they sort by age and can't be guessed.
type (
	SystemID     string // sy_
	RoleID       string // ro_
	PersonID     string // pe_
	GroupID      string // gp_
	AssignmentID string // as_
	RequestID    string // re_
	GrantID      string // gr_
	// SessionID is the SHA-256 of a session's token in base32hex; the token
	// itself is never stored.
	SessionID   string
	FavouriteID string // fa_
	DeliveryID  string // de_
	DriftID     string // dr_
)

var idText = base32.HexEncoding.WithPadding(base32.NoPadding)

// MintID returns a fresh identifier with the given two-letter prefix.
// The engine hands it to Decide as Env.NewID; tests hand in a counter.
func MintID(prefix string, now time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	_, _ = rand.Read(b[6:]) // crypto/rand.Read never fails (Go 1.24)
	return prefix + "_" + strings.ToLower(idText.EncodeToString(b[:]))
}
