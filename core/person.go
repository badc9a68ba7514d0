package core

import "time"

// Person is somebody who can sign in, hold roles and be named in the log.
// People are never deleted, only disabled, so that the log keeps its names.
type Person struct {
	ID       PersonID  `json:"id"`
	Name     string    `json:"name"`     // 1 to 120 characters
	Login    string    `json:"login"`    // what is typed to sign in; 1 to 120, unique without regard to case
	Mail     string    `json:"mail"`     // empty, or an address of at most 254 characters
	Language string    `json:"language"` // of mails and messages: "en" or "de"
	Disabled bool      `json:"disabled"`
	NoDigest bool      `json:"no_digest,omitempty"` // as an administrator he wants no digest of the week
	Created  time.Time `json:"created"`
}

// Credential is a person's password, and what wrong ones did.
type Credential struct {
	Person     PersonID
	Hash       string // argon2id in PHC form
	Changed    time.Time
	MustChange bool      // an administrator set it; good for FirstPasswordLife, and for nothing but changing it
	Failed     int       // wrong passwords at open sessions since the last right one
	LockedTill time.Time // till when none is taken there; signing in is not concerned. Zero: not locked
	SignedIn   time.Time // the last time; zero: never
}

// Factor is a person's second factor: a time-based code (RFC 6238, 30 seconds,
// 6 digits, SHA-1) and recovery codes.
type Factor struct {
	Person     PersonID
	Sealed     []byte // the secret, sealed by core/seal
	Confirmed  bool   // a first right code was typed; before that it counts for nothing
	LastStep   int64  // the time step of the last code accepted; codes of it or earlier are used up
	Failed     int    // wrong codes since the last right one
	LockedTill time.Time
	Next       []byte   // a new secret, sealed, that waits to be confirmed; the present one counts until then
	Recovery   []string // hashes of recovery codes not yet used (core/auth/mfa)
}

// Limits of sign-in and proof (rules.md section 3, ASVS 6.3.1).
const (
	MaxWrongPasswords = 10 // at an open session; core/auth has those of sign-in
	MaxWrongCodes     = 10
	LockFor           = 15 * time.Minute
	RecoveryCodes     = 10
	FirstPasswordLife = 7 * 24 * time.Hour // of one that an administrator made and handed over (ASVS 6.4.1)
)

// Session is a signed-in person at one window, command line or script.
type Session struct {
	ID       SessionID `json:"id"`
	Person   PersonID  `json:"person"`
	Created  time.Time `json:"created"`
	LastSeen time.Time `json:"last_seen"` // written at most once a minute
	Expires  time.Time `json:"expires"`   // absolute
	From     string    `json:"from"`      // "window", "command line", or an address
	Strength Strength  `json:"strength"`
}

// SessionEnded deletes a session.
type SessionEnded struct{ ID SessionID }

// Session times (ASVS 7.3.1, 7.3.2).
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// Favourite is what a person wants to activate again: one role or a bundle.
type Favourite struct {
	ID            FavouriteID      `json:"id"`
	Person        PersonID         `json:"person"`
	Name          string           `json:"name"` // 1 to 120 characters
	Items         []ActivationItem `json:"items"`
	Duration      Duration         `json:"duration"`
	Justification string           `json:"justification"`
}

// FavouriteRemoved deletes a favourite.
type FavouriteRemoved struct{ ID FavouriteID }
