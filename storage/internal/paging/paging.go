// Package paging holds what every store must do alike with lists: how text is
// folded for comparison, how big a page is, and what a cursor looks like.
package paging

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/stint-pim/stint/core"
)

const (
	defaultLimit = 50
	maxLimit     = 500
	// MaxText bounds a text filter, in bytes: more than any name has.
	MaxText = 1000
	// maxCursor bounds a cursor that comes back from outside, in bytes.
	maxCursor = 4000
)

// Separator parts the columns that a text filter looks in. Fold never
// produces it, so no filter matches across two of them.
const Separator = "\x01"

// Fold returns s as it is compared without regard to case: by letter, in any
// script. Upper first, so that letters with two small forms (σ and ς) agree.
// U+0000 and U+0001 become U+FFFD, as engines stop or choke at the first and
// the second parts columns.
func Fold(s string) string {
	s = strings.ToLower(strings.ToUpper(s))
	return folder.Replace(s)
}

var folder = strings.NewReplacer("\x00", "\uFFFD", Separator, "\uFFFD")

// FoldAll folds several columns into one to look in.
func FoldAll(parts ...string) string {
	for i := range parts {
		parts[i] = Fold(parts[i])
	}
	return strings.Join(parts, Separator)
}

// Text checks and folds a text filter.
func Text(s string) (string, error) {
	if len(s) > MaxText {
		return "", core.Errorf(core.Invalid, "text", "storage.filter_long")
	}
	return Fold(s), nil
}

// Limit returns how many items a page holds.
func Limit(p core.Page) (int, error) {
	switch {
	case p.Limit == 0:
		return defaultLimit, nil
	case p.Limit < 1 || p.Limit > maxLimit:
		return 0, core.Errorf(core.Invalid, "limit", "storage.page_limit")
	}
	return p.Limit, nil
}

// Key says where in a list an item stands: lists are ordered by a number or by
// a folded name, and then by identifier.
type Key struct {
	Num  int64  `json:"n,omitempty"`
	Text []byte `json:"t,omitempty"` // bytes, because names may be any
	ID   []byte `json:"i,omitempty"`
}

type cursor struct {
	List string `json:"l"`
	Key
}

// Cursor writes the place behind an item of a list.
func Cursor(list string, k Key) string {
	b, err := json.Marshal(cursor{list, k})
	if err != nil {
		panic(err) // numbers and bytes always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// After reads a cursor. ok is false for the start of the list. A cursor that
// no page of this list gave is an Error of code Invalid.
func After(list string, p core.Page) (k Key, ok bool, err error) {
	if p.After == "" {
		return Key{}, false, nil
	}
	bad := core.Errorf(core.Invalid, "after", "storage.cursor")
	if len(p.After) > maxCursor {
		return Key{}, false, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(p.After)
	if err != nil {
		return Key{}, false, bad
	}
	var c cursor
	if err := json.Unmarshal(b, &c); err != nil || c.List != list {
		return Key{}, false, bad
	}
	return c.Key, true, nil
}

// Cut makes a page of one item more than its limit: the surplus one only
// says that there is more.
func Cut[T any](list string, items []T, limit int, key func(T) Key) core.List[T] {
	l := core.List[T]{Items: items}
	if len(items) > limit {
		l.Items = items[:limit]
		l.Next = Cursor(list, key(items[limit-1]))
	}
	return l
}
