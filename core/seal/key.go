package seal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/stint-pim/stint/core"
)

// Source says where a key is kept.
type Source string

const (
	FromKeyring Source = "keyring" // the desktop's: GNOME Keyring, KWallet, macOS Keychain, Windows Credential Manager
	FromFile    Source = "file"    // a file that only its owner can read
)

// KeyFile is the name of the key's file beside the store.
const KeyFile = "stint.key"

// service is what the desktop's keyring lists the key under.
const service = "stint"

// keyringPatience bounds one call to the keyring. It is long because a locked
// keyring asks the person for its password first.
const keyringPatience = 2 * time.Minute

// Key is the key of one store, and where it is kept.
type Key struct {
	secret [keySize]byte
	Source Source
	Path   string // of the file; empty for the keyring
	Fresh  bool   // it was made just now
}

// Box returns the box of the key.
func (k *Key) Box() *Box { return New(k.secret) }

// Fingerprint is the same for the same key and tells nothing about it. People
// compare it after they moved a store to another machine.
func (k *Key) Fingerprint() string {
	sum := sha256.Sum256(append([]byte("stint/seal/fingerprint\x00"), k.secret[:]...))
	return hex.EncodeToString(sum[:6])
}

// Text is the key as it stands in a key's file, for a backup.
func (k *Key) Text() core.Secret { return core.NewSecret(encodeKey(k.secret)) }

// ParseKey reads what Text wrote.
func ParseKey(text core.Secret) (*Key, error) {
	secret, err := decodeKey(text.Reveal())
	if err != nil {
		return nil, core.Wrap(core.Invalid, "seal.wrong_key", err)
	}
	return &Key{secret: secret}, nil
}

// String keeps the key out of logs that print a whole struct.
func (k *Key) String() string { return "key " + k.Fingerprint() + " (" + string(k.Source) + ")" }

// GoString see String.
func (k *Key) GoString() string { return k.String() }

// Keyring is the part of a desktop's keyring that a key needs. Get returns an
// error that is keyring.ErrNotFound where the keyring works and has no such entry.
type Keyring interface {
	Get(service, account string) (string, error)
	Set(service, account, text string) error
}

// Desktop is the keyring of the session this process runs in.
type Desktop struct{}

// Get see Keyring.
func (Desktop) Get(service, account string) (string, error) {
	if !session() {
		return "", errNoSession
	}
	return keyring.Get(service, account)
}

// Set see Keyring.
func (Desktop) Set(service, account, text string) error {
	if !session() {
		return errNoSession
	}
	return keyring.Set(service, account, text)
}

// Options say where OpenKey looks.
type Options struct {
	StoreID string  // names the entry in the keyring; 1 to 100 characters
	Fresh   bool    // nothing is sealed yet, so a key may be made
	File    string  // STINT_KEY_FILE: this file and nothing else; empty: KeyFile in the store's directory
	Keyring Keyring // nil: none (a server without a desktop)
}

// OpenKey finds the key of the store in dir, or makes one if o.Fresh.
//
// It looks at o.File alone where that is set; else at KeyFile in dir, then at
// the keyring. A new key goes into the keyring, or into the file where there
// is no keyring that can give it back. Without o.Fresh a missing key is an
// error and never made good by a new one, which would open nothing: it is
// Unavailable if the keyring may yet come back, else Refused.
func OpenKey(ctx context.Context, dir string, o Options) (*Key, error) {
	path := o.File
	if path == "" {
		path = filepath.Join(dir, KeyFile)
	}
	key, err := readKeyFile(path)
	if key != nil || err != nil {
		return key, err
	}
	if o.File != "" || o.Keyring == nil {
		if !o.Fresh {
			return nil, core.Errorf(core.Refused, "key", "seal.key_missing", "path", path)
		}
		return makeKeyFile(path)
	}
	ring := patient{ring: o.Keyring, account: o.StoreID}
	key, err = ring.get(ctx)
	switch {
	case key != nil:
		return key, nil
	case ctx.Err() != nil:
		return nil, core.Wrap(core.Canceled, "seal.canceled", ctx.Err())
	case errors.Is(err, errDamaged):
		return nil, core.Wrap(core.Refused, "seal.keyring_damaged", err)
	case !o.Fresh && errors.Is(err, keyring.ErrNotFound):
		return nil, core.Errorf(core.Refused, "key", "seal.key_missing_everywhere", "path", path)
	case !o.Fresh:
		return nil, core.Wrap(core.Unavailable, "seal.keyring_unreachable", err, "path", path)
	case !errors.Is(err, keyring.ErrNotFound):
		return makeKeyFile(path) // no keyring here
	}
	key, err = ring.make(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, core.Wrap(core.Canceled, "seal.canceled", ctx.Err())
		}
		return makeKeyFile(path) // it reads but doesn't keep
	}
	return key, nil
}

var errDamaged = errors.New("not a key")

func newKey() [keySize]byte {
	var b [keySize]byte
	_, _ = rand.Read(b[:]) // never fails (Go 1.24)
	return b
}

// A key is written as base64 without padding, 43 characters.
func encodeKey(k [keySize]byte) string { return base64.RawStdEncoding.EncodeToString(k[:]) }

func decodeKey(s string) (k [keySize]byte, err error) {
	b, err := base64.RawStdEncoding.Strict().DecodeString(strings.TrimSpace(s))
	if err != nil || len(b) != keySize {
		return k, errDamaged // and not err, which would quote the key's characters
	}
	return [keySize]byte(b), nil
}

// patient calls a keyring that knows no context. A call given up on goes on in
// its goroutine until the keyring answers: there is no way to stop it, and its
// answer is thrown away.
type patient struct {
	ring    Keyring
	account string
}

func (p patient) get(ctx context.Context) (*Key, error) {
	text, err := p.wait(ctx, func() (string, error) { return p.ring.Get(service, p.account) })
	if err != nil {
		return nil, err
	}
	secret, err := decodeKey(text)
	if err != nil {
		return nil, err
	}
	return &Key{secret: secret, Source: FromKeyring}, nil
}

// make stores a new key and reads it back: some keyrings accept what they
// forget, and a key that can't be read again would lock up what it sealed.
func (p patient) make(ctx context.Context) (*Key, error) {
	secret := newKey()
	_, err := p.wait(ctx, func() (string, error) {
		return "", p.ring.Set(service, p.account, encodeKey(secret))
	})
	if err != nil {
		return nil, err
	}
	key, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	if key.secret != secret {
		return nil, errDamaged
	}
	key.Fresh = true
	return key, nil
}

func (p patient) wait(ctx context.Context, call func() (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, keyringPatience)
	defer cancel()
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := call()
		got <- answer{text, err}
	}()
	select {
	case a := <-got:
		return a.text, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
