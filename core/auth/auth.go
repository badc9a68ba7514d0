package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/stint-pim/stint/core"
)

// Params are the costs of argon2id (RFC 9106).
type Params struct {
	Time    uint32 // passes
	Memory  uint32 // KiB
	Threads uint8
}

// DefaultParams are OWASP's for argon2id (Password Storage Cheat Sheet:
// 19 MiB, 2 passes, 1 thread), about 25 ms on a small machine.
func DefaultParams() Params { return Params{Time: 2, Memory: 19 << 10, Threads: 1} }

// What Verify takes from a stored hash at most. Somebody who can write a hash
// must not be able to make the server take 4 GiB for an hour.
const (
	maxTime    = 10
	maxMemory  = 256 << 10 // KiB
	maxThreads = 8
	saltSize   = 16
	hashSize   = 32
	// maxTyped bounds what is hashed, in bytes: MaxPassword characters of four bytes.
	maxTyped = 4 * MaxPassword
)

// Hasher hashes and compares passwords, a few at a time: each takes Memory and
// a processor for a while, and a flood of sign-ins must leave both to the rest
// of the server. It is safe for concurrent use; one serves the whole program.
type Hasher struct {
	params Params
	line   line   // of those who wait to hash
	nobody string // compared with where there is no hash
}

// NewHasher returns a hasher that computes at most atOnce hashes together; 0
// is half the processors, at least one.
func NewHasher(p Params, atOnce int) *Hasher {
	if atOnce <= 0 {
		atOnce = max(1, runtime.GOMAXPROCS(0)/2)
	}
	h := &Hasher{params: p, line: line{free: atOnce}}
	// No password gives this hash: it is drawn, not computed.
	var salt [saltSize]byte
	var sum [hashSize]byte
	_, _ = rand.Read(salt[:]) // never fails (Go 1.24)
	_, _ = rand.Read(sum[:])
	h.nobody = phc{p, salt[:], sum[:]}.String()
	return h
}

// Hash returns the hash of password in PHC form, with a salt of its own. It
// waits for its turn; the error is core.Canceled if ctx ends first.
func (h *Hasher) Hash(ctx context.Context, password core.Secret) (string, error) {
	if len(password.Reveal()) > maxTyped {
		return "", core.Errorf(core.Invalid, "password", "password.long", "limit", strconv.Itoa(MaxPassword))
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	sum, err := h.compute(ctx, Known, password, phc{h.params, salt, make([]byte, hashSize)})
	if err != nil {
		return "", err
	}
	return phc{h.params, salt, sum}.String(), nil
}

// Verify reports whether hash is of password. An empty hash belongs to nobody:
// the answer is false and takes as long as any other, so that time doesn't
// tell which logins exist (ASVS 6.3.8). A hash that can't be read is an error
// of code Internal, after the same time. Where too many strangers wait already,
// it is Unavailable at once.
func (h *Hasher) Verify(ctx context.Context, who Turn, hash string, password core.Secret) (bool, error) {
	text := hash
	if text == "" {
		text = h.nobody
	}
	want, err := parsePHC(text)
	if err != nil {
		want, _ = parsePHC(h.nobody)
	}
	tooLong := len(password.Reveal()) > maxTyped
	if tooLong {
		password = core.NewSecret("") // no such password was ever accepted; only the time is spent
	}
	got, failed := h.compute(ctx, who, password, want)
	if failed != nil {
		return false, failed
	}
	if err != nil {
		return false, core.Wrap(core.Internal, "password.hash_damaged", err)
	}
	return subtle.ConstantTimeCompare(got, want.sum) == 1 && !tooLong && hash != "", nil
}

// Stale reports whether hash was made with other costs than this hasher's, so
// that it should be made anew while the password is at hand.
func (h *Hasher) Stale(hash string) bool {
	p, err := parsePHC(hash)
	return err != nil || p.Params != h.params || len(p.salt) != saltSize || len(p.sum) != hashSize
}

func (h *Hasher) compute(ctx context.Context, who Turn, password core.Secret, p phc) ([]byte, error) {
	if err := h.line.enter(ctx, who); err != nil {
		return nil, err
	}
	defer h.line.leave()
	// One password may be typed as different bytes: "ü" on one keyboard is "u"
	// and a diaeresis on another. NIST SP 800-63B section 3.1.1.2 asks for NFKC.
	typed := norm.NFKC.Bytes([]byte(password.Reveal()))
	return argon2.IDKey(typed, p.salt, p.Time, p.Memory, p.Threads, uint32(len(p.sum))), nil
}

// phc is a hash with what it was made with, written as
// $argon2id$v=19$m=19456,t=2,p=1$salt$sum (the PHC string format).
type phc struct {
	Params
	salt, sum []byte
}

func (p phc) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.Memory, p.Time, p.Threads, enc.EncodeToString(p.salt), enc.EncodeToString(p.sum))
}

// errHash names the part that is wrong, and never quotes it.
type errHash string

func (e errHash) Error() string { return "stored hash: " + string(e) }

func parsePHC(s string) (phc, error) {
	var p phc
	if len(s) > 300 {
		return p, errHash("too long")
	}
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" {
		return p, errHash("not argon2id")
	}
	if part[2] != "v="+strconv.Itoa(argon2.Version) {
		return p, errHash("unknown version")
	}
	cost := strings.Split(part[3], ",")
	if len(cost) != 3 {
		return p, errHash("costs")
	}
	number := func(text, name string, least, most uint64) uint64 {
		digits, ok := strings.CutPrefix(text, name+"=")
		n, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || n < least || n > most {
			return 0
		}
		return n
	}
	p.Memory = uint32(number(cost[0], "m", 8, maxMemory))
	p.Time = uint32(number(cost[1], "t", 1, maxTime))
	p.Threads = uint8(number(cost[2], "p", 1, maxThreads))
	if p.Memory == 0 || p.Time == 0 || p.Threads == 0 {
		return p, errHash("costs")
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.Strict().DecodeString(part[4]); err != nil || len(p.salt) < 8 || len(p.salt) > 64 {
		return p, errHash("salt")
	}
	if p.sum, err = base64.RawStdEncoding.Strict().DecodeString(part[5]); err != nil || len(p.sum) < 16 || len(p.sum) > 64 {
		return p, errHash("sum")
	}
	return p, nil
}
