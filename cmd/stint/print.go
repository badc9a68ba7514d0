package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

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

// table writes rows in columns that are as wide as they must be.
func (a *app) table(head []string, rows [][]cell) {
	widths := make([]int, len(head))
	all := make([][]cell, 0, len(rows)+1)
	first := make([]cell, len(head))
	for i, h := range head {
		first[i] = cell{h, faint}
	}
	all = append(append(all, first), rows...)
	for _, row := range all {
		for i := range row {
			row[i].text = plain(row[i].text)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i].text))
		}
	}
	colours := a.colours(a.Out)
	for _, row := range all {
		var b strings.Builder
		for i, cell := range row {
			text := cell.text
			if colours && cell.style != normal && text != "" {
				text = "\x1b[" + string(cell.style) + "m" + text + "\x1b[0m"
			}
			b.WriteString(text)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell.text)+2))
			}
		}
		fmt.Fprintln(a.Out, strings.TrimRight(b.String(), " "))
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
