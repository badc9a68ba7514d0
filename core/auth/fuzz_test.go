package auth_test

import (
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
)

// FuzzSessionOf reads the tokens of sessions: two texts never name one session.
func FuzzSessionOf(f *testing.F) {
	f.Add(auth.NewToken().Reveal(), auth.NewToken().Reveal())
	f.Add("", "\x00")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, okX := auth.SessionOf(core.NewSecret(a))
		y, okY := auth.SessionOf(core.NewSecret(b))
		if okX && okY && (a == b) != (x == y) {
			t.Errorf("%q is session %s, %q is %s", a, x, b, y)
		}
	})
}

// FuzzAsk counts tries that say anything of themselves.
func FuzzAsk(f *testing.F) {
	f.Add("ann", "192.0.2.1", "")
	f.Add("\xff", "fe80::1%eth0", "laptop")
	f.Fuzz(func(t *testing.T, login, from, device string) {
		var th auth.Throttle
		y := auth.Try{Login: login, From: from, Device: device}
		for range auth.StrangerTries {
			th.Ask(y, noon)
		}
		if v := th.Ask(y, noon); !v.Beyond {
			t.Errorf("%q from %q: tries without end", login, from)
		}
	})
}
