package core

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// TextKey names a sentence of the catalogue. English stands in this package,
// because errors and the log are English; other languages stand in
// resources/translations under the same keys.
type TextKey string

// English returns the English text of a key, or the key itself.
func English(k TextKey) string {
	if s, ok := catalogue[k]; ok {
		return s
	}
	return string(k)
}

// TextKeys returns all keys in order, for the test that compares translations.
func TextKeys() []TextKey {
	keys := make([]TextKey, 0, len(catalogue))
	for k := range catalogue {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

// Fill puts args into the {name} places of text. Values are put in verbatim
// and not looked into again.
func Fill(text string, args map[string]string) string {
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	for k, v := range args {
		pairs = append(pairs, "{"+k+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Clip cuts s to at most n characters, for showing back what somebody typed;
// what is stored is never cut.
func Clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return string(r[:n-1]) + "…"
}
