package part

import (
	"context"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
)

// manyOptions is from how many on a Select that searches opens its search
// instead of a menu.
const manyOptions = 12

// option is a row of the search.
type option struct {
	text string
	at   int
}

// Searching makes a Select with many options open a list to search in: people,
// roles. none is what the list says where nothing fits; returns s.
func (s *Select) Searching(hint, none string) *Select {
	s.many = func() bool {
		if len(s.options) < manyOptions {
			return false
		}
		s.openSearch(hint, none)
		return true
	}
	return s
}

func (s *Select) openSearch(hint, none string) {
	c := canvasOf(s)
	if c == nil {
		return
	}
	var m *Modal
	moving := false // the arrows move; a click or Enter chooses
	var list *Table[option]
	list = NewTable(TableSpec[option]{
		Columns: []TableColumn{{Width: 100, Weight: 1}}, Bare: true,
		Key:   func(o option) string { return strconv.Itoa(o.at) },
		Cells: func(o option) []Cell { return []Cell{{Text: o.text}} },
		Empty: Pad(24, NewGentle(none).Align(fyne.TextAlignCenter)),
		Select: func(o option) {
			if !moving {
				m.Close()
				s.Pick(o.at)
			}
		},
		RowHigh: 38,
	})
	fit := func(text string) {
		text = strings.ToLower(strings.TrimSpace(text))
		var rows []option
		for i, o := range s.options {
			if strings.Contains(strings.ToLower(o), text) {
				rows = append(rows, option{oneLine(o), i})
			}
		}
		list.SetRows(rows)
		list.show()
		if len(rows) > 0 {
			list.at, list.chosen = 0, strconv.Itoa(rows[0].at)
			list.body.see()
		}
	}
	search := NewSearch(hint, fit)
	search.Keys(func(k *fyne.KeyEvent) {
		moving = true
		list.TypedKey(k)
		moving = false
	})
	take := func() {
		if list.at >= 0 && list.at < len(list.rows) {
			at := list.rows[list.at].at
			m.Close()
			s.Pick(at)
		}
	}
	m = ShowModal(c, ModalSpec{Width: 420, Top: true, Focus: search, Confirm: take,
		Content: Pad(14, Column(10, search, Fixed(0, 360, list)))})
	fit("")
}

// Found is something that a Lookup found.
type Found struct {
	Key   string
	Text  string
	About string // what tells it from others of that name
}

// LookupSpec says what a Lookup is like.
type LookupSpec struct {
	Label, Hint  string // above it, and in it while nothing is chosen
	Search, None string // in the search, and where nothing was found
	Run          Runner
	Soon         func(func()) // calls once the hands rest
	// Find returns what fits a text, page by page.
	Find   func(ctx context.Context, text, after string) (found []Found, next string, err error)
	Failed func(err error, again func()) fyne.CanvasObject
	Choose func(Found)
	Adds   bool   // it shows its hint again after a choice, which adds to something
	All    string // the first line, for no choice at all: a filter's "anyone"; chosen at first
}

// NewLookup makes a choice out of more than a list would hold: it opens a search
// that asks as one types.
func NewLookup(spec LookupSpec) *Select {
	s := NewSelect(spec.Label, nil, -1, spec.Hint, nil)
	if spec.All != "" {
		s.SetOptions([]string{spec.All}, 0)
	}
	s.many = func() bool {
		s.openLookup(spec)
		return true
	}
	return s
}

func (s *Select) openLookup(spec LookupSpec) {
	c := canvasOf(s)
	if c == nil {
		return
	}
	var m *Modal
	var list *Table[Found]
	text, moving := "", false // the arrows move; a click or Enter chooses
	choose := func(f Found) {
		m.Close()
		if !spec.Adds {
			s.SetOptions([]string{f.Text}, 0)
		}
		spec.Choose(f)
	}
	list = NewTable(TableSpec[Found]{
		Columns: []TableColumn{{Width: 100, Weight: 3}, {Width: 80, Weight: 2}},
		Key:     func(f Found) string { return f.Key },
		Cells: func(f Found) []Cell {
			return []Cell{{Text: oneLine(f.Text)}, {Text: oneLine(f.About), Look: LookMuted}}
		},
		Run: spec.Run,
		Load: func(ctx context.Context, after string) ([]Found, string, error) {
			found, next, err := spec.Find(ctx, text, after)
			if spec.All != "" && text == "" && after == "" {
				found = append([]Found{{Text: spec.All}}, found...)
			}
			return found, next, err
		},
		Failed: spec.Failed,
		Empty:  Pad(24, NewGentle(spec.None).Align(fyne.TextAlignCenter)),
		Select: func(f Found) {
			if !moving {
				choose(f)
			}
		},
		Loaded: func() {
			if len(list.rows) > 0 && list.at < 0 {
				list.at, list.chosen = 0, list.rows[0].Key
				list.body.see()
			}
		},
		Bare:    true,
		RowHigh: 38,
	})
	search := NewSearch(spec.Search, func(v string) {
		text = strings.TrimSpace(v)
		spec.Soon(func() {
			list.chosen = ""
			list.Reload()
		})
	})
	search.Keys(func(k *fyne.KeyEvent) {
		moving = true
		list.TypedKey(k)
		moving = false
	})
	m = ShowModal(c, ModalSpec{Width: 460, Top: true, Focus: search, Confirm: func() {
		if list.at >= 0 && list.at < len(list.rows) {
			choose(list.rows[list.at])
		}
	}, Content: Pad(14, Column(10, search, Fixed(0, 360, list)))})
	list.Reload()
}
