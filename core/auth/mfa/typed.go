package mfa

import "github.com/stint-pim/stint/core"

// Typed is a code as somebody typed it, told apart and cleaned. One of the two
// is set.
type Typed struct {
	Digits   string // six, of the authenticator
	Recovery string // twenty-four characters of crockford, without hyphens
}

// maxTyped is what is looked at, in bytes; a recovery code with a blank after
// every character is shorter.
const maxTyped = 64

// Parse tells what kind of code was typed. Blanks and hyphens are passed over,
// capitals and look-alikes of a recovery code are put right. Anything else is
// no code at all; digits of other scripts aren't either.
func Parse(code core.Secret) (Typed, bool) {
	text := code.Reveal()
	if len(text) > maxTyped {
		return Typed{}, false
	}
	clean := make([]byte, 0, len(text))
	digits := true
	for i := range len(text) {
		c := text[i]
		if c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r' {
			continue
		}
		digits = digits && c >= '0' && c <= '9'
		clean = append(clean, c)
	}
	if digits && len(clean) == 6 {
		return Typed{Digits: string(clean)}, true
	}
	if len(clean) != recoverySize {
		return Typed{}, false
	}
	for i, c := range clean {
		v, ok := canonical(c)
		if !ok {
			return Typed{}, false
		}
		clean[i] = v
	}
	return Typed{Recovery: string(clean)}, true
}
