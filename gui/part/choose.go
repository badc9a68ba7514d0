package part

import (
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
		Columns: []TableColumn{{Width: 100, Weight: 1}},
		Key:     func(o option) string { return strconv.Itoa(o.at) },
		Cells:   func(o option) []Cell { return []Cell{{Text: o.text}} },
		Empty:   Pad(24, NewGentle(none).Align(fyne.TextAlignCenter)),
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
