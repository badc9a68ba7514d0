package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"strings"

	"github.com/stint-pim/stint/core"
)

// tokenSize is that of a session's token in random bytes (ASVS 7.2.3 asks for 16).
const tokenSize = 32

// NewToken returns the token of a new session: 43 characters of base64url.
func NewToken() core.Secret {
	var b [tokenSize]byte
	_, _ = rand.Read(b[:]) // never fails (Go 1.24)
	return core.NewSecret(base64.RawURLEncoding.EncodeToString(b[:]))
}

// SessionOf returns the identifier under which the session of token is stored:
// the SHA-256 of its text in lower-case base32hex. A fast hash is enough,
// because nobody guesses 256 random bits; and looking the hash up, instead of
// the token, keeps both a stolen database and the time of the look-up from
// telling a token. It is false for a text that can't be a token.
func SessionOf(token core.Secret) (core.SessionID, bool) {
	text := token.Reveal()
	if len(text) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return "", false
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(text); err != nil {
		return "", false
	}
	sum := sha256.Sum256([]byte(text))
	return core.SessionID(strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))), true
}
