// Package seal keeps small secrets unreadable at rest: the credentials of
// systems, the seeds of second factors, the password of the mail server.
//
// A Box seals with NaCl's secretbox (XSalsa20-Poly1305). Each place a secret
// may stand in has a context, such as "system:sy_…", and a key of its own
// derived from it: a sealed value that is copied to another row, or to another
// column, doesn't open there. OpenKey finds the one key that all of this hangs
// on, and never makes a second one while sealed data wait for the first.
//
// The package never logs and never puts plaintext, key or ciphertext into an
// error. It doesn't protect against somebody who runs as the same user while
// the program runs, and says so in the settings.
package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/nacl/secretbox"

	"github.com/stint-pim/stint/core"
)

const (
	version   = 1  // the first byte of whatever is sealed; another scheme takes another
	nonceSize = 24 // of XSalsa20: long enough to be drawn at random for ever
	keySize   = 32

	// MaxPlain is how much a Box seals at most, in bytes. A private key in
	// PEM fits; a file doesn't, and isn't meant to.
	MaxPlain = 64 << 10

	// Overhead is by how many bytes a sealed value is longer than its plaintext.
	Overhead = 1 + nonceSize + secretbox.Overhead
)

// Box seals and opens. It is safe for concurrent use. The zero value is
// unusable; make one with New or with Key.Box.
type Box struct{ key [keySize]byte }

// New returns the box of a key.
func New(key [32]byte) *Box { return &Box{key: key} }

// Seal seals plain for context. Sealing the same twice gives different bytes.
// It fails only for what is longer than MaxPlain, and for an empty context.
func (b *Box) Seal(context string, plain []byte) ([]byte, error) {
	if len(plain) > MaxPlain {
		return nil, core.Errorf(core.Invalid, "secret", "seal.too_long", "limit", fmt.Sprint(MaxPlain))
	}
	key, err := b.derive(context)
	if err != nil {
		return nil, err
	}
	var nonce [nonceSize]byte
	_, _ = rand.Read(nonce[:]) // never fails (Go 1.24)
	out := make([]byte, 0, len(plain)+Overhead)
	out = append(out, version)
	out = append(out, nonce[:]...)
	return secretbox.Seal(out, plain, &nonce, key), nil
}

// Open returns what was sealed for context. A wrong key, another context, a
// changed byte and an unknown version all give the same error, of code
// Internal and key "seal.wrong_key": there is nothing else to tell them by.
func (b *Box) Open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < Overhead || len(sealed) > MaxPlain+Overhead || sealed[0] != version {
		return nil, core.Errorf(core.Internal, "", "seal.wrong_key")
	}
	key, err := b.derive(context)
	if err != nil {
		return nil, err
	}
	var nonce [nonceSize]byte
	copy(nonce[:], sealed[1:])
	plain, ok := secretbox.Open(nil, sealed[1+nonceSize:], &nonce, key)
	if !ok {
		return nil, core.Errorf(core.Internal, "", "seal.wrong_key")
	}
	return plain, nil
}

// SealSecret seals s, and returns nil for an empty one: no credential needs no
// sealing, and a column that is empty says so.
func (b *Box) SealSecret(context string, s core.Secret) ([]byte, error) {
	if s.Empty() {
		return nil, nil
	}
	return b.Seal(context, []byte(s.Reveal()))
}

// OpenSecret is the reverse of SealSecret.
func (b *Box) OpenSecret(context string, sealed []byte) (core.Secret, error) {
	if len(sealed) == 0 {
		return core.Secret{}, nil
	}
	plain, err := b.Open(context, sealed)
	if err != nil {
		return core.Secret{}, err
	}
	return core.NewSecret(string(plain)), nil
}

// derive makes the key of one context by HKDF-SHA-256 (RFC 5869). secretbox
// has no associated data; a key per context does the same service, and the
// version stands in it so that schemes can't be confused either.
func (b *Box) derive(context string) (*[keySize]byte, error) {
	if context == "" {
		return nil, core.Errorf(core.Internal, "", "seal.wrong_key")
	}
	k, err := hkdf.Key(sha256.New, b.key[:], nil, "stint/seal/v1\x00"+context, keySize)
	if err != nil {
		return nil, core.Wrap(core.Internal, "seal.wrong_key", err)
	}
	return (*[keySize]byte)(k), nil
}

// The contexts in use. A context is for ever: what was sealed for one opens
// only with it.

// SystemContext is that of a system's credential.
func SystemContext(id core.SystemID) string { return "system:" + string(id) }

// FactorContext is that of a person's second factor.
func FactorContext(id core.PersonID) string { return "factor:" + string(id) }

// DeviceContext is the beginning of that of the devices at which a person has
// signed in.
func DeviceContext(id core.PersonID) string { return "device:" + string(id) }

// MailContext is that of the mail server's password.
const MailContext = "settings:mail"
