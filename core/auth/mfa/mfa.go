// Package mfa is the second factor: time-based codes (RFC 6238: 30 seconds, 6
// digits, SHA-1, which is what every authenticator understands) and recovery
// codes.
//
// It says whether a code is right and which one it was. That a code is good
// only once, and how many wrong ones lock the factor, is decided in core and
// made durable by the store, in the transaction of what the code was for.
package mfa

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"

	"github.com/stint-pim/stint/core"
)

const (
	// Step is how long one code is shown.
	Step = 30 * time.Second
	// Grace is how near a boundary between two steps must be for the code on
	// its other side to count, too (rules.md section 3).
	Grace = 10 * time.Second

	secretSize = 20 // bytes, as RFC 4226 section 4 R6 recommends
)

var secretText = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret makes a second factor for login: its secret for typing, and the
// same as a URI for a QR code. issuer is what the authenticator shows above
// the login; neither may be empty.
func NewSecret(issuer, login string) core.FactorOffer {
	var b [secretSize]byte
	_, _ = rand.Read(b[:]) // never fails (Go 1.24)
	secret := secretText.EncodeToString(b[:])
	return core.FactorOffer{Secret: core.NewSecret(secret), URI: core.NewSecret(uri(issuer, login, secret))}
}

// uri writes what Google's Key URI Format describes. The label is
// "issuer:login", so that neither may hold a colon; spaces are %20, because
// authenticators show a plus as it is.
func uri(issuer, login, secret string) string {
	issuer, login = strings.ReplaceAll(issuer, ":", " "), strings.ReplaceAll(login, ":", " ")
	query := strings.ReplaceAll(url.Values{
		"secret":    {secret},
		"issuer":    {issuer},
		"algorithm": {"SHA1"},
		"digits":    {"6"},
		"period":    {"30"},
	}.Encode(), "+", "%20")
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(login) + "?" + query
}

// LatestStep is the latest time step of which a code may have been good at now
// or before.
func LatestStep(now time.Time) int64 { return now.Add(Grace).Unix() / int64(Step/time.Second) }

// Match reports whether code is one of secret's that counts at now, and the
// time step it belongs to, which is never 0 for a right code. Besides the
// present step a neighbour counts while now is within Grace of the boundary
// between them: people type for some seconds, and clocks differ by some.
//
// All three candidates are computed and compared whatever the first says, so
// that time tells nothing.
func Match(secret, code core.Secret, now time.Time) (step int64, ok bool) {
	typed, wellFormed := Parse(code)
	if typed.Digits == "" {
		wellFormed = false
		typed.Digits = "------" // compared all the same
	}
	present := now.Unix() / int64(Step/time.Second)
	if present < 2 {
		return 0, false // before 1970 no code was shown
	}
	into := now.Sub(time.Unix(present*int64(Step/time.Second), 0))
	candidates := [3]struct {
		step   int64
		counts bool
	}{
		{present - 1, into <= Grace},
		{present, true},
		{present + 1, Step-into <= Grace},
	}
	var found int64
	for _, c := range candidates {
		want, err := hotp.GenerateCode(secret.Reveal(), uint64(c.step))
		if err != nil || len(secret.Reveal()) < 16 {
			return 0, false // the stored secret is damaged; it is nobody's guess
		}
		equal := subtle.ConstantTimeCompare([]byte(want), []byte(typed.Digits))
		if !c.counts {
			equal = 0
		}
		// The later one wins where two are equal by chance, so that using it up
		// uses both up.
		found = int64(subtle.ConstantTimeSelect(equal, int(c.step), int(found)))
	}
	return found, found != 0 && wellFormed
}
