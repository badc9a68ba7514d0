package part_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
)

// TestColumnsGiveWay makes a table narrower and narrower: what matters least goes
// first, what folds stands behind its neighbour then, and nothing ever stands
// outside.
func TestColumnsGiveWay(t *testing.T) {
	for _, c := range []struct {
		width float32
		want  string
	}{
		{900, "Who Role System Until State · Ada db-admin prod-db Friday active"},
		{500, "Who Role System State · Ada db-admin prod-db active"},
		{430, "Who Role State · Ada db-admin prod-db active"},
	} {
		if got := narrow(t, c.width); got != c.want {
			t.Errorf("%v wide: %q, want %q", c.width, got, c.want)
		}
	}
	if got := narrow(t, 180); !strings.HasPrefix(got, "Who Role ") || !strings.Contains(got, "…") {
		t.Errorf("far too narrow: %q", got)
	}
}

// TestColumnsLend: a text is not cut off while another column has more room than
// it needs; where there isn't enough for all, each that is short gets the same.
func TestColumnsLend(t *testing.T) {
	for _, c := range []struct {
		name, mail string
		width      float32
		cut        []string
	}{
		{"Ada Lovelace", "ada.lovelace@analytical-engine.example.org", 700, nil},
		{"Ada Lovelace", "ada.lovelace@analytical-engine.example.org", 560, nil},
		{strings.Repeat("Ada Lovelace ", 3), "ada.lovelace@analytical-engine.example.org", 800, nil},
		{strings.Repeat("Ada Lovelace ", 20), "ada.lovelace@analytical-engine.example.org", 900, []string{"Ada"}},
		{strings.Repeat("Ada Lovelace ", 20), strings.Repeat("ada.", 60) + "@example.org", 700, []string{"Ada", "ada"}},
	} {
		tab := part.NewTable(part.TableSpec[string]{
			Columns: []part.TableColumn{{Title: "Name", Width: 140, Weight: 2}, {Title: "Mail", Width: 120, Weight: 2}, {Title: "Factor", Width: 112}, {Title: "Roles", Width: 60}},
			Key:     func(s string) string { return s },
			Cells: func(s string) []part.Cell {
				return []part.Cell{{Text: c.name}, {Text: c.mail}, {Text: "yes"}, {Text: "3"}}
			},
			Run:  direct,
			Load: func(context.Context, string) ([]string, string, error) { return []string{"Ada"}, "", nil },
		})
		win := show(t, tab, c.width, 200)
		tab.Reload()
		var cut []string
		last := float32(0)
		for _, w := range strings.Split(guitest.Words(win.Canvas()), "\n") {
			if strings.HasSuffix(w, "…") {
				cut = append(cut, w[:3])
			}
		}
		guitest.Walk(win.Canvas(), func(o fyne.CanvasObject, at fyne.Position) {
			if x, ok := o.(*canvas.Text); ok && x.Visible() {
				last = fyne.Max(last, at.X+x.MinSize().Width)
			}
		})
		if !slices.Equal(cut, c.cut) || last > c.width {
			t.Errorf("%v wide, %.20q: cut %q, want %q; the last ends at %v", c.width, c.name, cut, c.cut, last)
		}
	}
}

// One name that is far longer than the others doesn't cost the others their
// addresses.
func TestOneLongNameIsCut(t *testing.T) {
	var people []string
	for i := range 20 {
		people = append(people, "Ada Lovelace "+strconv.Itoa(i))
	}
	people[7] = "Ada " + strings.Repeat("of Lovelace ", 8)
	tab := part.NewTable(part.TableSpec[string]{
		Columns: []part.TableColumn{{Title: "Name", Width: 140, Weight: 2}, {Title: "Mail", Width: 120, Weight: 2}},
		Key:     func(s string) string { return s },
		Cells:   func(s string) []part.Cell { return []part.Cell{{Text: s}, {Text: "ada.lovelace@engine.example.org"}} },
		Run:     direct,
		Load:    func(context.Context, string) ([]string, string, error) { return people, "", nil },
	})
	win := show(t, tab, 460, 900)
	tab.Reload()
	words := guitest.Words(win.Canvas())
	if got := strings.Count(words, "ada.lovelace@engine.example.org"); got < 15 || strings.Count(words, "…") != 1 {
		t.Errorf("%d addresses are whole, %d texts are cut off", got, strings.Count(words, "…"))
	}
}

// A chip is never cut off, be it the only long one of many, or the first on the
// next page.
func TestChipsAreWhole(t *testing.T) {
	rows := func(from int) (out []string) {
		for i := range 50 {
			out = append(out, strconv.Itoa(from+i))
		}
		return out
	}
	tab := part.NewTable(part.TableSpec[string]{
		Columns: []part.TableColumn{{Title: "Who", Width: 140, Weight: 2}, {Title: "Outcome", Width: 120}},
		Key:     func(s string) string { return s },
		Cells: func(s string) []part.Cell {
			outcome := "done"
			switch s {
			case "7", "40":
				outcome = "refused"
			case "70":
				outcome = "not answered"
			}
			return []part.Cell{{Text: strings.Repeat("Ada Lovelace ", 9)}, {Text: outcome, Look: part.LookChip}}
		},
		Run: direct,
		Load: func(_ context.Context, after string) ([]string, string, error) {
			if after == "" {
				return rows(0), "more", nil
			}
			return rows(50), "", nil
		},
	})
	win := show(t, tab, 400, 6000)
	tab.Reload()
	words := guitest.Words(win.Canvas())
	if a, b := strings.Count(words, "refused"), strings.Count(words, "not answered"); a != 2 || b != 1 {
		t.Errorf("%d of 2 chips are whole, and %d of 1 on the next page", a, b)
	}
}

func narrow(t *testing.T, width float32) string {
	t.Helper()
	tab := part.NewTable(part.TableSpec[string]{
		Columns: []part.TableColumn{{Title: "Who", Width: 120, Weight: 1}, {Title: "Role", Width: 160, Weight: 1},
			{Title: "System", Width: 80, Drop: 1, Folds: true}, {Title: "Until", Width: 100, Drop: 2}, {Title: "State", Width: 104}},
		Key: func(s string) string { return s },
		Cells: func(s string) []part.Cell {
			return []part.Cell{{Text: s}, {Text: "db-admin"}, {Text: "prod-db"}, {Text: "Friday"}, {Text: "active"}}
		},
		Run:  direct,
		Load: func(context.Context, string) ([]string, string, error) { return []string{"Ada"}, "", nil },
	})
	win := show(t, tab, width, 200)
	tab.Reload()
	guitest.Walk(win.Canvas(), func(o fyne.CanvasObject, at fyne.Position) {
		if x, ok := o.(*canvas.Text); ok && at.X+x.MinSize().Width > width {
			t.Errorf("%q ends at %v of %v", x.Text, at.X+x.MinSize().Width, width)
		}
	})
	head, row, _ := strings.Cut(guitest.Words(win.Canvas()), "\nAda")
	return strings.ReplaceAll(head+" · Ada"+row, "\n", " ")
}
