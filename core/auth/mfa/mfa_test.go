package mfa_test

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
)

// rfcSecret is the secret of the test vectors of RFC 4226 and RFC 6238.
var rfcSecret = core.NewSecret(base32.StdEncoding.EncodeToString([]byte("12345678901234567890")))

// TestRFC6238 has the vectors of appendix B for SHA-1. Those have eight digits;
// six are their tail, because both are the same number modulo a power of ten.
func TestRFC6238(t *testing.T) {
	for unix, code := range map[int64]string{
		59:          "94287082",
		1111111109:  "07081804",
		1111111111:  "14050471",
		1234567890:  "89005924",
		2000000000:  "69279037",
		20000000000: "65353130",
	} {
		if unix < 60 {
			unix++ // step 1 is in the first minute; from step 2 its code still counts
		}
		step, ok := mfa.Match(rfcSecret, core.NewSecret(code[2:]), time.Unix(unix, 0))
		want := unix / 30
		if unix == 60 {
			want = 1
		}
		if !ok || step != want {
			t.Errorf("at %d: step %d, %v; want %d", unix, step, ok, want)
		}
	}
}

// TestRFC4226 has the vectors of appendix D: the counter is the step.
func TestRFC4226(t *testing.T) {
	vectors := []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"}
	for counter := 2; counter < len(vectors); counter++ {
		step, ok := mfa.Match(rfcSecret, core.NewSecret(vectors[counter]), time.Unix(int64(counter)*30+15, 0))
		if !ok || step != int64(counter) {
			t.Errorf("counter %d: step %d, %v", counter, step, ok)
		}
	}
}

func TestNeighbours(t *testing.T) {
	// Step 4 lasts from second 120 to 150. Its neighbours are 3 and 5.
	const second = time.Second
	codes := map[string]string{"before": "969429", "present": "338314", "after": "254676", "two before": "359152", "two after": "287922"}
	tests := []struct {
		into time.Duration
		want []string
	}{
		{0, []string{"before", "present"}},
		{10 * second, []string{"before", "present"}},
		{10*second + 1, []string{"present"}},
		{15 * second, []string{"present"}},
		{20*second - 1, []string{"present"}},
		{20 * second, []string{"after", "present"}},
		{30*second - 1, []string{"after", "present"}},
	}
	for _, test := range tests {
		now := time.Unix(120, 0).Add(test.into)
		got := map[string]bool{}
		for name, code := range codes {
			if _, ok := mfa.Match(rfcSecret, core.NewSecret(code), now); ok {
				got[name] = true
			}
		}
		want := map[string]bool{}
		for _, name := range test.want {
			want[name] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v into the step (-want +got):\n%s", test.into, diff)
		}
	}
}

func TestMatchRefuses(t *testing.T) {
	now := time.Unix(4*30+15, 0)
	for name, test := range map[string]struct{ secret, code string }{
		"wrong":           {rfcSecret.Reveal(), "000000"},
		"short":           {rfcSecret.Reveal(), "33831"},
		"long":            {rfcSecret.Reveal(), "3383140"},
		"empty":           {rfcSecret.Reveal(), ""},
		"other digits":    {rfcSecret.Reveal(), "３３８３１４"},
		"no secret":       {"", "338314"},
		"short secret":    {"MZXW6", "338314"},
		"damaged secret":  {"!!!!!!!!!!!!!!!!!!!!", "338314"},
		"placeholder":     {rfcSecret.Reveal(), "------"},
		"recovery code":   {rfcSecret.Reveal(), "0000-0000-0000-0000-0000-0000"},
		"trailing letter": {rfcSecret.Reveal(), "338314x"},
	} {
		if step, ok := mfa.Match(core.NewSecret(test.secret), core.NewSecret(test.code), now); ok {
			t.Errorf("%s: step %d counts", name, step)
		}
	}
	if _, ok := mfa.Match(rfcSecret, core.NewSecret("338 314"), now); !ok {
		t.Error("a blank in the middle was refused")
	}
	for _, early := range []time.Time{{}, time.Unix(-45, 0), time.Unix(0, 0)} {
		if step, ok := mfa.Match(rfcSecret, core.NewSecret("755224"), early); ok {
			t.Errorf("at %v: step %d counts", early, step)
		}
	}
}

func TestNewSecret(t *testing.T) {
	offer := mfa.NewSecret("Stint: Müller & Söhne", "bob+x@example.org")
	raw, err := base32.StdEncoding.DecodeString(offer.Secret.Reveal())
	if err != nil || len(raw) != 20 {
		t.Errorf("secret: %d bytes, %v; want 160 bits", len(raw), err)
	}
	u, err := url.Parse(offer.URI.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Stint  Müller & Söhne:bob+x@example.org" {
		t.Errorf("URI has %q, %q, %q", u.Scheme, u.Host, u.Path)
	}
	want := url.Values{"secret": {offer.Secret.Reveal()}, "issuer": {"Stint  Müller & Söhne"}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	if strings.ContainsAny(offer.URI.Reveal(), " +") && !strings.Contains(offer.URI.Reveal(), "bob+x") {
		t.Errorf("URI has blanks or pluses: %s", offer.URI.Reveal())
	}
	if other := mfa.NewSecret("a", "b"); other.Secret == offer.Secret {
		t.Error("the same secret twice")
	}
}

func TestRecovery(t *testing.T) {
	codes, hashes := mfa.NewRecovery("pe_alice")
	if len(codes) != core.RecoveryCodes || len(hashes) != core.RecoveryCodes {
		t.Fatalf("%d codes, %d hashes", len(codes), len(hashes))
	}
	seen := map[string]bool{}
	for i, code := range codes {
		if len(code) != 29 || strings.ContainsAny(code, "ilou") || seen[code] {
			t.Errorf("code %q", code)
		}
		seen[code] = true
		disguises := []string{code, strings.ToUpper(code), " " + strings.ReplaceAll(code, "-", "  ") + "\n", strings.NewReplacer("0", "O", "1", "l").Replace(code)}
		for _, typed := range disguises {
			if hash, ok := mfa.MatchRecovery("pe_alice", hashes, core.NewSecret(typed)); !ok || hash != hashes[i] {
				t.Errorf("%q: %v", typed, ok)
			}
		}
		if _, ok := mfa.MatchRecovery("pe_bob", hashes, core.NewSecret(code)); ok {
			t.Error("the code of somebody else counts")
		}
		rest := append(append([]string{}, hashes[:i]...), hashes[i+1:]...)
		if _, ok := mfa.MatchRecovery("pe_alice", rest, core.NewSecret(code)); ok {
			t.Error("a used code counts")
		}
	}
	for _, typed := range []string{"", "0000-0000-0000-0000-0000-0000", "123456", codes[0] + "0"} {
		if _, ok := mfa.MatchRecovery("pe_alice", hashes, core.NewSecret(typed)); ok {
			t.Errorf("%q counts", typed)
		}
	}
}

// TestOneOfMany: whatever is typed, it is right for at most the steps shown.
func TestOneOfMany(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(60, 1<<33).Draw(t, "now"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		code := fmt.Sprintf("%06d", rapid.IntRange(0, 999_999).Draw(t, "code"))
		step, ok := mfa.Match(rfcSecret, core.NewSecret(code), now)
		if !ok {
			return
		}
		present := now.Unix() / 30
		if step < present-1 || step > present+1 {
			t.Fatalf("step %d at %d", step, present)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"123456", "123 456", "k7mq-p2xx-0000-1111-abcd-wxyz", "", "１２３４５６", "-", "OIL0-oil0-OIL0-oil0-0000-0000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		typed, ok := mfa.Parse(core.NewSecret(text))
		if ok != (typed.Digits != "" || typed.Recovery != "") || typed.Digits != "" && typed.Recovery != "" {
			t.Fatalf("Parse(%q) = %+v, %v", text, typed, ok)
		}
		if !ok {
			return
		}
		// What it makes is clean, and it reads it as the same again.
		clean := typed.Digits + typed.Recovery
		if strings.Trim(clean, "0123456789abcdefghjkmnpqrstvwxyz") != "" {
			t.Errorf("Parse(%q) = %q", text, clean)
		}
		if again, _ := mfa.Parse(core.NewSecret(clean)); again != typed {
			t.Errorf("Parse(%q) = %+v, and then %+v", text, typed, again)
		}
	})
}

func ExampleMatch() {
	offer := mfa.NewSecret("Stint", "alice")
	_, ok := mfa.Match(offer.Secret, core.NewSecret("not a code"), time.Now())
	fmt.Println(offer.Secret, ok)
	// Output: (secret) false
}
