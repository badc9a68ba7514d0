package mfa

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/stint-pim/stint/core"
)

// crockford is base32 without letters that look like others; what looks like
// one of it is read as that (https://www.crockford.com/base32.html).
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// recoverySize is the number of characters of a recovery code: 120 bits. From
// 112 on a plain hash is enough to store it (ASVS 6.5.2, NIST SP 800-63B
// section 3.1.2.2); fewer would want a slow one, inside the engine's one writer.
const recoverySize = 24

// groupSize is how many stand together in print.
const groupSize = 4

// NewRecovery returns as many fresh recovery codes as a person gets, written
// for people in groups of four, and the hashes to store.
func NewRecovery(person core.PersonID) (codes, hashes []string) {
	for range core.RecoveryCodes {
		var b [recoverySize]byte
		_, _ = rand.Read(b[:]) // never fails (Go 1.24)
		for i := range b {
			b[i] = crockford[b[i]%32] // 256 is a multiple of 32: each as likely as another
		}
		var text strings.Builder
		for i, c := range b {
			if i > 0 && i%groupSize == 0 {
				text.WriteByte('-')
			}
			text.WriteByte(c)
		}
		codes = append(codes, text.String())
		hashes = append(hashes, hashRecovery(person, string(b[:])))
	}
	return codes, hashes
}

// MatchRecovery returns which of hashes, as stored for person, code belongs to.
// All are compared in constant time.
func MatchRecovery(person core.PersonID, hashes []string, code core.Secret) (hash string, ok bool) {
	typed, _ := Parse(code)
	if typed.Recovery == "" {
		return "", false
	}
	got := hashRecovery(person, typed.Recovery)
	found := 0
	for _, h := range hashes {
		found |= subtle.ConstantTimeCompare([]byte(h), []byte(got))
	}
	return got, found == 1
}

// hashRecovery hashes with SHA-256, salted by the person. A slow hash serves
// to make up for what is easily guessed, and 120 random bits aren't at any
// speed; the salt keeps one table from serving for all people.
func hashRecovery(person core.PersonID, canonical string) string {
	sum := sha256.Sum256([]byte("stint/recovery/v1\x00" + string(person) + "\x00" + canonical))
	return hex.EncodeToString(sum[:])
}

// canonical returns the character of crockford that c stands for.
func canonical(c byte) (byte, bool) {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	switch c {
	case 'o':
		c = '0'
	case 'i', 'l':
		c = '1'
	}
	return c, strings.IndexByte(crockford, c) >= 0
}
