package auth

import (
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	_ "embed"
)

// A password is cut into the pieces an attacker would put it together from:
// words everybody uses, the person's own names, years, rows of the keyboard or
// the alphabet, repetitions, and single characters for the rest. The sum of
// what each piece costs to guess is the estimate (the idea is zxcvbn's, Wheeler
// 2016; this is a small cousin).

type piece int

const (
	pieceOther piece = iota
	pieceCommon
	pieceName
	pieceYear
	pieceRow
	pieceRepeat
)

//go:embed common.txt
var commonText string

// common returns the words that passwords are made of, longest first.
var common = sync.OnceValue(func() []string {
	var words []string
	for line := range strings.Lines(commonText) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words = append(words, strings.Fields(line)...)
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
})

// rows are what fingers run along.
var rows = [...]string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "azertyuiop",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm",
}

// leet undoes the usual disguises.
var leet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t", "+", "t")

// guesses estimates how many bits it takes to guess text, and says which kind
// of piece makes it easiest. Its time is bounded by the length of text, at most
// 512 characters, times the list of words.
func guesses(text string, names []string) (bits float64, worst piece) {
	plain := []rune(strings.Map(unicode.ToLower, text))
	undone := []rune(leet.Replace(string(plain))) // one rune for one rune
	own := ownWords(names)
	var covered [pieceRepeat + 1]int // characters
	seen := map[string]bool{}
	for i := 0; i < len(plain); {
		n, kind, cost := next(plain, undone, i, own)
		if kind != pieceOther {
			// The same piece again tells next to nothing.
			if chunk := string(undone[i : i+n]); seen[chunk] {
				cost = 2
			} else {
				seen[chunk] = true
			}
		}
		covered[kind] += n
		bits += cost
		i += n
	}
	if text != string(plain) {
		bits += 2 // capitals, which most people put first
	}
	for k := pieceCommon; k <= pieceRepeat; k++ {
		if covered[k] > 0 && covered[k] >= covered[worst] || worst == pieceOther && covered[k]*3 >= len(plain) {
			worst = k
		}
	}
	return bits, worst
}

// next returns the longest piece that begins at i.
func next(plain, undone []rune, i int, own []string) (n int, kind piece, cost float64) {
	n, kind, cost = 1, pieceOther, single(plain[i])
	take := func(length int, k piece, c float64) {
		if length > n {
			n, kind, cost = length, k, c
		}
	}
	rest, restUndone := string(plain[i:]), string(undone[i:])
	for _, w := range own {
		if strings.HasPrefix(rest, w) || strings.HasPrefix(restUndone, w) {
			take(len([]rune(w)), pieceName, 1)
		}
	}
	for _, w := range common() {
		if len(w) <= n {
			break // the longest come first
		}
		if strings.HasPrefix(rest, w) || strings.HasPrefix(restUndone, w) {
			take(len(w), pieceCommon, 8)
			break
		}
	}
	if l := repeated(plain[i:]); l >= 3 {
		take(l, pieceRepeat, 5+math.Log2(float64(l)))
	}
	if l := row(rest); l >= 3 {
		take(l, pieceRow, 4+math.Log2(float64(l)))
	}
	if year(rest) {
		take(4, pieceYear, 6)
	}
	return n, kind, cost
}

// single is what one more character costs. Letters count for little because
// they seldom stand by chance: English text has one to two bits a letter, names
// and invented words more.
func single(r rune) float64 {
	switch {
	case unicode.IsLetter(r) && r < 128:
		return 3.2
	case unicode.IsDigit(r):
		return 3.3
	case unicode.IsSpace(r):
		return 1
	case r < 128:
		return 4.5
	default:
		return 5
	}
}

// repeated returns how many characters from the start are one block of one to
// four again and again: "aaaa", "abcabc".
func repeated(r []rune) int {
	best := 0
	for block := 1; block <= 4 && 2*block <= len(r); block++ {
		l := block
		for l < len(r) && r[l] == r[l-block] {
			l++
		}
		if l >= 2*block && l > best && l >= 3 {
			best = l
		}
	}
	return best
}

// row returns how many characters from the start run along a row, forwards or
// backwards.
func row(s string) int {
	best := 0
	for _, r := range rows {
		for _, line := range [2]string{r, reversed(r)} {
			for at := range line {
				l := 0
				for l < len(s) && at+l < len(line) && s[l] == line[at+l] {
					l++
				}
				best = max(best, l)
			}
		}
	}
	return best
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func year(s string) bool {
	return len(s) >= 4 && (s[:2] == "19" || s[:2] == "20") && s[2] >= '0' && s[2] <= '9' && s[3] >= '0' && s[3] <= '9'
}

// ownWords are a person's names and their parts of at least three letters,
// longest first; at most forty, so that a long name costs no time.
func ownWords(names []string) []string {
	var words []string
	add := func(s string) {
		if len([]rune(s)) >= 3 && len(words) < 40 {
			words = append(words, s)
		}
	}
	for _, name := range names {
		name = strings.Map(unicode.ToLower, name)
		add(name)
		for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			add(part)
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}
