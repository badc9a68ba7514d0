package auth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
)

// cheap costs are for tests that hash much.
var cheap = auth.Params{Time: 1, Memory: 64, Threads: 1}

func TestHashAndVerify(t *testing.T) {
	h := auth.NewHasher(auth.DefaultParams(), 0)
	hash, err := h.Hash(t.Context(), core.NewSecret("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, "horse") {
		t.Errorf("hash = %s", hash)
	}
	for password, want := range map[string]bool{"correct horse": true, "correct horsf": false, "Correct horse": false, "correct horse ": false, "": false} {
		if got, err := h.Verify(t.Context(), auth.Known, hash, core.NewSecret(password)); got != want || err != nil {
			t.Errorf("Verify(%q) = %v, %v; want %v", password, got, err, want)
		}
	}
	if again, _ := h.Hash(t.Context(), core.NewSecret("correct horse")); again == hash {
		t.Error("two hashes of the same password are the same: no salt")
	}
	if h.Stale(hash) {
		t.Error("a fresh hash is stale")
	}
	if !auth.NewHasher(auth.Params{Time: 3, Memory: 19 << 10, Threads: 1}, 0).Stale(hash) {
		t.Error("a hash of lower cost isn't stale")
	}
}

// TestOutsideVector is the hash that the reference implementation's command
// line makes: argon2 somesalt -id -t 2 -m 16 -p 1, password "password".
func TestOutsideVector(t *testing.T) {
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	h := auth.NewHasher(cheap, 1)
	if ok, err := h.Verify(t.Context(), auth.Known, hash, core.NewSecret("password")); !ok || err != nil {
		t.Errorf("Verify = %v, %v", ok, err)
	}
}

func TestUnicodeTypedDifferently(t *testing.T) {
	h := auth.NewHasher(cheap, 1)
	hash, err := h.Hash(t.Context(), core.NewSecret("Gr\u00fc\u00dfe aus K\u00f6ln"))
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := h.Verify(t.Context(), auth.Known, hash, core.NewSecret("Gru\u0308\u00dfe aus Ko\u0308ln")); !ok {
		t.Error("the same characters in another normal form were refused")
	}
}

func TestNobody(t *testing.T) {
	h := auth.NewHasher(cheap, 1)
	for _, password := range []string{"", "anything", strings.Repeat("x", 10_000)} {
		if ok, err := h.Verify(t.Context(), auth.Known, "", core.NewSecret(password)); ok || err != nil {
			t.Errorf("Verify(nobody, %d characters) = %v, %v", len(password), ok, err)
		}
	}
	empty, err := h.Hash(t.Context(), core.NewSecret(""))
	if err != nil {
		t.Fatal(err)
	}
	// A password that is too long is not mistaken for an empty one.
	if ok, _ := h.Verify(t.Context(), auth.Known, empty, core.NewSecret(strings.Repeat("x", 10_000))); ok {
		t.Error("a password that is too long fits the hash of an empty one")
	}
}

// TestUnknownLoginCostsTheSame takes the faster of several runs of each, so
// that a busy machine doesn't decide.
func TestUnknownLoginCostsTheSame(t *testing.T) {
	h := auth.NewHasher(auth.DefaultParams(), 1)
	hash, err := h.Hash(t.Context(), core.NewSecret("right"))
	if err != nil {
		t.Fatal(err)
	}
	least := map[string]time.Duration{}
	for range 5 {
		for name, stored := range map[string]string{"known": hash, "unknown": "", "damaged": "$argon2id$nonsense"} {
			begin := time.Now()
			_, _ = h.Verify(t.Context(), auth.Known, stored, core.NewSecret("wrong"))
			if took := time.Since(begin); least[name] == 0 || took < least[name] {
				least[name] = took
			}
		}
	}
	for name, took := range least {
		if took < least["known"]/2 || took > 2*least["known"] {
			t.Errorf("%s takes %v, known takes %v", name, took, least["known"])
		}
	}
}

func TestDamagedHashes(t *testing.T) {
	h := auth.NewHasher(cheap, 1)
	good, err := h.Hash(t.Context(), core.NewSecret("x"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"nonsense":        "nonsense",
		"argon2i":         strings.Replace(good, "argon2id", "argon2i", 1),
		"version":         strings.Replace(good, "v=19", "v=16", 1),
		"much memory":     strings.Replace(good, "m=64", "m=4194304", 1),
		"many passes":     strings.Replace(good, "t=1", "t=1000000", 1),
		"no passes":       strings.Replace(good, "t=1", "t=0", 1),
		"many threads":    strings.Replace(good, "p=1", "p=255", 1),
		"overflow":        strings.Replace(good, "t=1", "t=4294967297", 1),
		"one more part":   good + "$x",
		"bad base64":      good[:len(good)-1] + "!",
		"short sum":       good[:len(good)-30],
		"beyond any size": good + strings.Repeat("A", 1000),
	}
	for name, hash := range tests {
		ok, err := h.Verify(t.Context(), auth.Known, hash, core.NewSecret("x"))
		if ok || core.CodeOf(err) != core.Internal {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
		if err != nil && strings.Contains(err.Error(), "$") {
			t.Errorf("%s: the error quotes the hash: %v", name, err)
		}
		if !h.Stale(hash) {
			t.Errorf("%s isn't stale", name)
		}
	}
}

func TestOnlySoManyAtOnce(t *testing.T) {
	h := auth.NewHasher(auth.Params{Time: 2, Memory: 8 << 10, Threads: 1}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	results := make([]error, 20)
	for i := range results {
		wg.Go(func() { _, results[i] = h.Hash(ctx, core.NewSecret("x")) })
	}
	wg.Go(cancel)
	wg.Wait()
	for _, err := range results {
		if err != nil && !errors.Is(err, &core.Error{Code: core.Canceled}) {
			t.Errorf("a waiting one that was given up: %v", err)
		}
	}
	if _, err := h.Hash(ctx, core.NewSecret("x")); core.CodeOf(err) != core.Canceled {
		t.Errorf("after cancel: %v", err)
	}
	// The slots came back.
	if _, err := h.Hash(t.Context(), core.NewSecret("x")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestTokens(t *testing.T) {
	a, b := auth.NewToken(), auth.NewToken()
	if len(a.Reveal()) != 43 || a.Reveal() == b.Reveal() {
		t.Errorf("tokens of %d characters", len(a.Reveal()))
	}
	id, ok := auth.SessionOf(a)
	if !ok || len(id) != 52 || strings.Trim(string(id), "0123456789abcdefghijklmnopqrstuv") != "" {
		t.Errorf("SessionOf = %q, %v", id, ok)
	}
	if again, _ := auth.SessionOf(a); again != id {
		t.Error("the same token gives two sessions")
	}
	for _, text := range []string{"", a.Reveal()[:42], a.Reveal() + "A", strings.Repeat("!", 43), strings.Repeat("_", 42) + "_"} {
		if id, ok := auth.SessionOf(core.NewSecret(text)); ok {
			t.Errorf("SessionOf(%q) = %q", text, id)
		}
	}
}

func FuzzVerify(f *testing.F) {
	h := auth.NewHasher(cheap, 1)
	good, _ := h.Hash(context.Background(), core.NewSecret("x"))
	f.Add(good)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, hash string) {
		if strings.Contains(hash, "m=") && len(hash) < 300 && !strings.Contains(hash, "m=64,t=1,") {
			return // costs within bounds may still be slow to compute
		}
		if ok, _ := h.Verify(t.Context(), auth.Known, hash, core.NewSecret("y")); ok {
			t.Errorf("%q is the hash of y", hash)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	h := auth.NewHasher(auth.DefaultParams(), 0)
	hash, _ := h.Hash(context.Background(), core.NewSecret("x"))
	for b.Loop() {
		_, _ = h.Verify(context.Background(), auth.Known, hash, core.NewSecret("x"))
	}
}

func ExampleHasher() {
	ctx := context.Background()
	h := auth.NewHasher(auth.DefaultParams(), 0)
	hash, _ := h.Hash(ctx, core.NewSecret("four lazy otters dance"))
	right, _ := h.Verify(ctx, auth.Known, hash, core.NewSecret("four lazy otters dance"))
	wrong, _ := h.Verify(ctx, auth.Known, hash, core.NewSecret("four lazy otters sing"))
	fmt.Println(right, wrong, h.Stale(hash))
	// Output: true false false
}
