package auth

import (
	"crypto/rand"
	_ "embed"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/stint-pim/stint/core"
)

// Limits of a new password in characters (ASVS 6.2.1 and 6.2.9). There is no
// rule about kinds of characters and no forced change (6.2.5, 6.2.10).
const (
	MinPassword = 12
	MaxPassword = 128
)

// CheckPassword refuses a new password that is too short or long, that is
// mostly its owner's own names, or that is among what attackers try first.
// names are the login, the name and the mail address. The error is of code
// Invalid with the field "password".
func CheckPassword(password core.Secret, names ...string) error {
	text := norm.NFKC.String(password.Reveal())
	n := utf8.RuneCountInString(text)
	refuse := func(key core.TextKey, args ...string) error {
		return core.Errorf(core.Invalid, "password", key, args...)
	}
	switch {
	case !utf8.ValidString(password.Reveal()) || strings.ContainsFunc(text, unicode.IsControl):
		return refuse("password.control")
	case n < MinPassword:
		return refuse("password.short", "limit", strconv.Itoa(MinPassword))
	case n > MaxPassword || len(password.Reveal()) > maxTyped:
		return refuse("password.long", "limit", strconv.Itoa(MaxPassword))
	}
	bits, worst := guesses(text, names)
	if bits < refuseBelow {
		switch worst {
		case pieceName:
			return refuse("password.own_name")
		case pieceRepeat, pieceRow:
			return refuse("password.pattern")
		default:
			return refuse("password.common")
		}
	}
	return nil
}

// refuseBelow is the estimate under which a password is refused. "Password1234!"
// and "summer2026summer" lie below, three words that have nothing to do with
// each other lie well above.
const refuseBelow = 32 // bits

// Strength rates a password while it is typed, from 0 (refused) to 4 (very
// strong), with a sentence that says how to better it. It is a rough guess and
// only for the person; CheckPassword alone decides.
func Strength(password core.Secret, names ...string) (score int, hint core.TextKey) {
	if password.Empty() {
		return 0, "password.hint.empty"
	}
	if len(password.Reveal()) > maxTyped {
		return 0, "password.hint.long"
	}
	text := norm.NFKC.String(password.Reveal())
	bits, worst := guesses(text, names)
	why := core.TextKey("password.hint.longer")
	switch worst {
	case pieceName:
		why = "password.hint.own_name"
	case pieceRepeat, pieceRow:
		why = "password.hint.pattern"
	case pieceCommon, pieceYear:
		why = "password.hint.common"
	}
	if err := CheckPassword(password, names...); err != nil {
		switch utf8.RuneCountInString(text); {
		case utf8.RuneCountInString(text) < MinPassword:
			return 0, "password.hint.short"
		case utf8.RuneCountInString(text) > MaxPassword:
			return 0, "password.hint.long"
		}
		return 0, why
	}
	switch {
	case bits < 44:
		return 1, why
	case bits < 60:
		return 2, "password.hint.longer"
	case bits < 80:
		return 3, "password.hint.good"
	default:
		return 4, "password.hint.strong"
	}
}

// readable has no characters that look alike (0 o, 1 i l, u v in some hands).
const readable = "23456789abcdefghjkmnpqrstvwxyz"

// FirstPassword returns a password for somebody who is told it by another
// person: four groups of five, 98 bits, good for one sign-in.
func FirstPassword() core.Secret {
	return core.NewSecret(groups(4, 5))
}

func groups(n, size int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte('-')
		}
		for range size {
			b.WriteByte(readable[below(len(readable))])
		}
	}
	return b.String()
}

// below draws a number from 0 to n-1, n at most 256, each as likely as another.
func below(n int) int {
	var b [1]byte
	for {
		_, _ = rand.Read(b[:]) // never fails (Go 1.24)
		if int(b[0]) < 256-256%n {
			return int(b[0]) % n
		}
	}
}
