package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"
	"golang.org/x/text/width"

	"github.com/stint-pim/stint/core"
)

// writeJSON writes v for programs.
func (a *app) writeJSON(v any) error {
	e := json.NewEncoder(a.Out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return core.Wrap(core.Unavailable, "cli.output", err)
	}
	return nil
}

// plain makes text from elsewhere safe to show at a terminal: a role or an
// account may be named with the sequences that move the cursor or lie about
// what stands before them.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
			return '\ufffd'
		}
		return r
	}, s)
}

// style is how a cell is coloured; a word always says the same as the colour.
type style string

const (
	normal style = ""
	strong style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	amber  style = "33"
	blue   style = "34"
	violet style = "35"
)

// cell is a text in a table.
type cell struct {
	text  string
	style style
}

func c(text string, s ...style) cell {
	if len(s) == 0 {
		return cell{text, normal}
	}
	return cell{text, s[0]}
}

// colours reports whether w shows colours and its reader wants them
// (https://no-color.org).
func (a *app) colours(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// columns is how many columns of a terminal s takes: East Asian signs and
// emoji take two, marks that stand on another sign none.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// fit cuts s to n columns, and shows that it did.
func fit(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	var b strings.Builder
	used := 1 // the mark at the end
	for _, r := range s {
		if used += columns(string(r)); used > n {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}

// table writes rows in columns that are as wide as they must be. A column that
// says nothing is left out. On a screen the widest give way until a row fits
// a line; into a pipe everything goes whole.
func (a *app) table(head []string, rows [][]cell) {
	all := make([][]cell, 0, len(rows)+1)
	first := make([]cell, len(head))
	for i, h := range head {
		first[i] = cell{h, faint}
	}
	all = append(append(all, first), rows...)
	widths := make([]int, len(head))
	for n, row := range all {
		for i := range row {
			row[i].text = plain(row[i].text)
			if n > 0 && row[i].text != "" && (head[i] != "SCOPE" || row[i].text != "/") {
				widths[i] = max(widths[i], columns(row[i].text))
			}
		}
	}
	for i, w := range widths {
		if w > 0 {
			widths[i] = max(w, columns(head[i]))
		}
	}
	if screen, _, ok := a.screen(); ok {
		narrow(widths, rigid(head), screen)
	}
	colours := a.colours(a.Out)
	for _, row := range all {
		var b strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			text := fit(cell.text, widths[i])
			pad := strings.Repeat(" ", widths[i]-columns(text)+2)
			if colours && cell.style != normal && text != "" {
				text = "\x1b[" + string(cell.style) + "m" + text + "\x1b[0m"
			}
			b.WriteString(text + pad)
		}
		fmt.Fprintln(a.Out, strings.TrimRight(b.String(), " "))
	}
}

// rigid says which columns are of no use when cut: times, states, numbers.
// Names and sentences give way.
func rigid(head []string) []bool {
	out := make([]bool, len(head))
	for i, h := range head {
		switch h {
		case "WHO", "ROLE", "SYSTEM", "SCOPE", "FOR", "WHY", "NAME", "MAIL", "HELD BY", "DESCRIPTION", "VALUE", "NOW", "THEN", "":
		default:
			out[i] = true
		}
	}
	return out
}

// narrow makes the widest columns that aren't rigid narrower until all fit
// into screen, but none narrower than a dozen.
func narrow(widths []int, rigid []bool, screen int) {
	total := 0
	for _, w := range widths {
		if w > 0 {
			total += w + 2
		}
	}
	for ; total-2 > screen; total-- {
		widest := -1
		for i, w := range widths {
			if !rigid[i] && w > 12 && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// when shows a time as the clock on the wall does.
func (a *app) when(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	t = t.Local()
	if sameDay(t, a.Now().Local()) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// left says how long something still lasts: "41 min left".
func left(d time.Duration) string {
	switch {
	case d <= 0:
		return "over"
	case d < time.Minute:
		return fmt.Sprintf("%d s left", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min left", int(d.Minutes()))
	case d < 48*time.Hour:
		h, m := int(d.Hours()), int(d.Minutes())%60
		if m == 0 {
			return fmt.Sprintf("%d h left", h)
		}
		return fmt.Sprintf("%d h %d min left", h, m)
	}
	return fmt.Sprintf("%d days left", int(d.Hours()/24))
}

// until shows the end of an assignment.
func (a *app) until(end time.Time) string {
	if end.IsZero() {
		return "permanent"
	}
	return a.when(end)
}

// lasting says how long something holds, behind what it is.
func (a *app) lasting(end time.Time) string {
	if end.IsZero() {
		return "permanent"
	}
	return "until " + a.when(end)
}

// short writes a duration as people type it: 1h30m, 14d.
func short(d core.Duration) string {
	s := strings.ToLower(strings.TrimPrefix(d.String(), "P"))
	return strings.Replace(s, "t", "", 1)
}

// say writes a sentence about what was done.
func (a *app) say(format string, args ...any) {
	if !a.json {
		fmt.Fprintln(a.Out, plain(fmt.Sprintf(format, args...)))
	}
}
