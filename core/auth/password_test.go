package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
)

func TestCheckPassword(t *testing.T) {
	names := []string{"ameyer", "Alice Meyer", "alice.meyer@example.org"}
	tests := []struct {
		password string
		want     core.TextKey // empty: accepted
	}{
		{"", "password.short"},
		{"x7$kQ2!mZ9p", "password.short"}, // eleven
		{"x7$kQ2!mZ9pL", ""},              // twelve
		{strings.Repeat("ä", 11), "password.short"},
		{strings.Repeat("k7#", 43), "password.long"},
		{"four lazy otters dance", ""},
		{"vier faule Otter tanzen", ""},
		{"zürnende Ölkanne", ""},
		{"password1234", "password.common"},
		{"Password1234!", "password.common"},
		{"P@ssw0rd2026!", "password.common"},
		{"Passwort12345", "password.common"},
		{"Sommer2026Sommer2026", "password.common"},
		{"letmein123456", "password.common"},
		{"adminadminadmin", "password.common"},
		{"123456789012", "password.common"},
		{"aaaaaaaaaaaaaaaa", "password.pattern"},
		{"abcdefghijklmnop", "password.pattern"},
		{"qwertyuiop1234", "password.pattern"},
		{"xyzxyzxyzxyzxyz", "password.pattern"},
		{"alicemeyer2026", "password.own_name"},
		{"AliceMeyer!!1", "password.own_name"},
		{"alice.meyer@example.org", "password.own_name"},
		{"ameyerameyer1", "password.own_name"},
		{"line\nbreak and more of it", "password.control"},
		{"not \xff UTF-8 at all, friend", "password.control"},
	}
	for _, test := range tests {
		err := auth.CheckPassword(core.NewSecret(test.password), names...)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%q: %v", test.password, err)
		case test.want != "" && !errors.Is(err, &core.Error{Code: core.Invalid, Key: test.want}):
			t.Errorf("%q: %v; want %s", test.password, err, test.want)
		}
	}
}

func TestStrength(t *testing.T) {
	for password, want := range map[string]int{
		"":                                   0,
		"short":                              0,
		"Password1234!":                      0,
		"x7$kQ2!mZ9pL":                       1,
		"otters dance wildly":                2,
		"four lazy otters dance":             3,
		"four lazy otters dance on thin ice": 4,
		"q8#Vd2!xTp9@Lw4$Kz7&":               3,
		strings.Repeat("very long ", 20):     0,
		auth.FirstPassword().Reveal():        3,
	} {
		got, hint := auth.Strength(core.NewSecret(password), "alice")
		if got != want {
			t.Errorf("Strength(%q) = %d, %s; want %d", password, got, hint, want)
		}
		if !strings.HasPrefix(string(hint), "password.hint.") {
			t.Errorf("hint of %q: %s", password, hint)
		}
	}
}

// TestStrengthIsQuick: the meter runs at every key.
func TestStrengthIsQuick(t *testing.T) {
	for _, password := range []string{strings.Repeat("a", 512), strings.Repeat("qwe1", 128), strings.Repeat("password", 64)} {
		begin := time.Now()
		auth.Strength(core.NewSecret(password), strings.Repeat("name ", 100))
		if took := time.Since(begin); took > 500*time.Millisecond {
			t.Errorf("%q…: %v", password[:8], took)
		}
	}
}

func TestFirstPassword(t *testing.T) {
	seen := map[string]bool{}
	letters := map[rune]int{}
	for range 2000 {
		text := auth.FirstPassword().Reveal()
		if len(text) != 23 || strings.ContainsAny(text, "01ilouIO") || seen[text] {
			t.Fatalf("first password %q", text)
		}
		seen[text] = true
		if err := auth.CheckPassword(core.NewSecret(text)); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if score, _ := auth.Strength(core.NewSecret(text)); score < 3 {
			t.Fatalf("Strength(%q) = %d", text, score)
		}
		for _, r := range text {
			letters[r]++
		}
	}
	delete(letters, '-')
	if len(letters) != 30 { // 98 bits of 20 characters
		t.Errorf("%d different characters", len(letters))
	}
	for r, n := range letters { // 40,000 characters, about 1,333 of each
		if n < 1000 || n > 1700 {
			t.Errorf("%c came %d times", r, n)
		}
	}
}

func FuzzStrength(f *testing.F) {
	f.Add("Password1234!", "alice")
	f.Add("ﬃﬃﬃﬃﬃﬃ", "ß")
	f.Add("\xff\xfe", "İİİ")
	f.Fuzz(func(t *testing.T, password, name string) {
		score, _ := auth.Strength(core.NewSecret(password), name)
		if err := auth.CheckPassword(core.NewSecret(password), name); (err != nil) != (score == 0) {
			t.Errorf("%q: score %d, %v", password, score, err)
		}
	})
}
