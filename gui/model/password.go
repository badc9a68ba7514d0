package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// LeastPassword and MostPassword are the lengths that are taken (NIST SP
// 800-63B-4 section 3.1.1: at least 15 where it is the only factor, 8 with a
// second one; the server has the last word).
const (
	LeastPassword = 12
	MostPassword  = 256
)

// PasswordStrength says how good a password looks: bars of four, a tone and a
// word. It is a hint while typing, no rule.
func PasswordStrength(say *Text, p string) (bars int, tone Tone, word string) {
	n := utf8.RuneCountInString(p)
	if n == 0 {
		return 0, TonePlain, ""
	}
	if n < LeastPassword {
		return 1, ToneBad, say.T("newpw.short")
	}
	kinds := map[int]bool{}
	seen := map[rune]bool{}
	words := len(strings.Fields(p))
	for _, r := range p {
		seen[r] = true
		switch {
		case unicode.IsLower(r):
			kinds[0] = true
		case unicode.IsUpper(r):
			kinds[1] = true
		case unicode.IsDigit(r):
			kinds[2] = true
		default:
			kinds[3] = true
		}
	}
	score := n + 3*(len(kinds)-1) + 2*min(words, 5)
	if len(seen) < 6 { // "aaaaaaaaaaaa"
		score = 0
	}
	switch {
	case score < 16:
		return 2, ToneWarn, say.T("newpw.weak")
	case score < 24:
		return 3, ToneGood, say.T("newpw.good")
	}
	return 4, ToneGood, say.T("newpw.strong")
}
