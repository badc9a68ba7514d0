package mail

import (
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// section is a part of a mail that has several. Bars are numbers that people
// would rather look at than read; they are cells of a table, because mail
// programs show no pictures and run no scripts, and the text has them, too.
type section struct {
	Title string
	Rows  []row
	Over  string // above the bars
	Bars  []bar
	Items []item
	Note  string
}

type bar struct {
	Label   string
	N       int
	Percent int // of the longest; at least 1 where there is something to show
}

// Strokes are the bar of the text.
func (b bar) Strokes() string {
	const longest = 24
	return strings.Repeat("#", (b.Percent*longest+99)/100)
}

// Rest is what a table needs beside the bar.
func (b bar) Rest() int { return 100 - b.Percent }

type item struct{ Name, Text string }

// figures are the numbers of one sentence of a digest.
type figures struct {
	Span         string // of days
	Weeks        int    // that were missed and are told, too; 0: none
	N, M, Before int
	Compare      bool // Before is known
	Quiet        bool
}

// number says a sentence with numbers.
func (s *sayer) number(name string, f figures) string {
	f.Span, f.Weeks, f.Quiet = s.words.figures.Span, s.words.figures.Weeks, s.words.figures.Quiet
	t := *s
	t.words.figures = f
	out := t.text(name)
	s.err = t.err
	return out
}

// digestPage fills the numbers of a week into the page of its notice. What is
// nothing is left out: a quiet week makes a short mail.
func digestPage(p *page, g core.Digest, say *sayer) {
	p.Intro = say.text("intro")
	add := func(s section) {
		if len(s.Rows)+len(s.Bars)+len(s.Items) > 0 {
			aligned(s.Rows)
			p.Sections = append(p.Sections, s)
		}
	}
	add(digestWaits(g, say))
	add(digestWeek(g, say))
	now := section{Title: say.text("title_now")}
	for _, x := range []struct {
		name string
		n    int
	}{{"permanent", g.Permanent}, {"active", g.Active}, {"eligible", g.Eligible}, {"running", g.Running}} {
		if x.n > 0 {
			now.Rows = append(now.Rows, row{Label: say.text("digest_" + x.name), Value: say.number("assignments", figures{N: x.n})})
		}
	}
	add(now)
	if g.Week.Quiet() {
		return // what stands and where is as it was
	}
	top := section{Title: say.text("title_top")}
	for _, r := range g.Top {
		top.Items = append(top.Items, item{oneLine(r.Name) + " · " + oneLine(r.System), held(say, r.Permanent, r.Eligible, r.Activations)})
	}
	add(top)
	systems := section{Title: say.text("title_systems")}
	for _, s := range g.Systems {
		if s.Permanent+s.Eligible+s.Activations+s.Stuck+s.Outside == 0 {
			continue
		}
		text := held(say, s.Permanent, s.Eligible, s.Activations)
		for _, x := range []struct {
			name string
			n    int
		}{{"part_stuck", s.Stuck}, {"part_outside", s.Outside}} {
			if x.n > 0 {
				text += ", " + say.number(x.name, figures{N: x.n})
			}
		}
		systems.Items = append(systems.Items, item{oneLine(s.Name), text})
	}
	if g.More > 0 {
		systems.Note = say.number("more_systems", figures{N: g.More})
	}
	add(systems)
}

// digestWaits is what an administrator may want to do something about.
func digestWaits(g core.Digest, say *sayer) section {
	s := section{Title: say.text("title_waits")}
	for _, x := range []struct {
		name string
		n    int
		of   func(core.SystemCount) int
	}{
		{"waiting", g.Waiting, nil},
		{"stuck", g.Stuck, func(c core.SystemCount) int { return c.Stuck }},
		{"outside", g.Outside, func(c core.SystemCount) int { return c.Outside }},
		{"ending", g.Ending, nil},
	} {
		if x.n == 0 {
			continue
		}
		value := say.number("value_"+x.name, figures{N: x.n})
		var where []string
		for _, c := range g.Systems {
			if x.of != nil && x.of(c) > 0 && len(where) < 3 {
				where = append(where, oneLine(c.Name))
			}
		}
		if len(where) > 0 {
			value += "\n" + strings.Join(where, ", ")
		}
		s.Rows = append(s.Rows, row{Label: say.text("digest_" + x.name), Value: value, Strong: x.name != "ending"})
	}
	return s
}

func digestWeek(g core.Digest, say *sayer) section {
	s := section{Title: say.text("title_week")}
	before := core.Week{}
	if g.Before != nil {
		before = *g.Before
	}
	add := func(name, value string, n, was int) {
		if n == 0 && was == 0 {
			return
		}
		if g.Before != nil {
			value += say.number("before", figures{Before: was})
		}
		s.Rows = append(s.Rows, row{Label: say.text("digest_" + name), Value: value})
	}
	w := g.Week
	add("activated", say.number("value_activated", figures{N: w.Activations, M: w.People}), w.Activations, before.Activations)
	add("requests", parts(say, "part_approved", w.Approved, "part_denied", w.Denied, "part_unanswered", w.Unanswered),
		w.Approved+w.Denied+w.Unanswered, before.Approved+before.Denied+before.Unanswered)
	add("made", parts(say, "part_eligible", w.MadeEligible, "part_active", w.MadeActive), w.MadeEligible+w.MadeActive, before.MadeEligible+before.MadeActive)
	if made := w.MadeEligible + w.MadeActive; made > 0 {
		last := &s.Rows[len(s.Rows)-1]
		for _, m := range g.Made {
			name := "made_active"
			if m.Kind == core.Eligible {
				name = "made_eligible"
			}
			last.Value += "\n" + oneLine(m.Who) + ": " + oneLine(m.Role) + " · " + oneLine(m.System) + " (" + say.text(name) + ")"
		}
		if more := made - len(g.Made); more > 0 {
			last.Value += "\n" + say.number("more", figures{N: more})
		}
	}
	add("ended", say.number("assignments", figures{N: w.Ended}), w.Ended, before.Ended)
	add("refused", say.number("commands", figures{N: w.Refused}), w.Refused, before.Refused)
	if w.Activations > 0 {
		s.Over, s.Bars = say.text("by_day"), bars(g.Days, say.language)
	}
	return s
}

// held says what there is of a role or on a system.
func held(say *sayer, permanent, eligible, activations int) string {
	return parts(say, "part_permanent", permanent, "part_eligible", eligible, "part_activated", activations)
}

// parts lists the numbers that are not nothing: pairs of a name and a number.
func parts(say *sayer, pairs ...any) string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if n := pairs[i+1].(int); n > 0 {
			out = append(out, say.number(pairs[i].(string), figures{N: n}))
		}
	}
	if len(out) == 0 {
		return say.text("nothing")
	}
	return strings.Join(out, ", ")
}

func bars(days []core.DayCount, language string) []bar {
	most := 0
	for _, d := range days {
		most = max(most, d.N)
	}
	var out []bar
	for _, d := range days {
		out = append(out, bar{Label: dayLabel(d.Date, language), N: d.N, Percent: (d.N*100 + most - 1) / max(most, 1)})
	}
	return out
}

// dayLabel writes a date as it stands beside a bar: all have the same width.
func dayLabel(date, language string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return oneLine(date)
	}
	if language == "de" {
		return [...]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}[t.Weekday()] + t.Format(" 02.01.")
	}
	return t.Format("Mon _2 Jan")
}

// spanOf writes the days from first to last, both included.
func spanOf(first, last, language string) string {
	a, err := time.Parse(time.DateOnly, first)
	b, err2 := time.Parse(time.DateOnly, last)
	if err != nil || err2 != nil {
		return oneLine(first + " – " + last)
	}
	layouts := [3]string{"2", "2 Jan", "2 Jan 2006"}
	if language == "de" {
		layouts = [3]string{"02.", "02.01.", "02.01.2006"}
	}
	layout, dash := layouts[2], " – "
	switch {
	case a.Equal(b):
		return b.Format(layouts[2])
	case a.Year() == b.Year() && a.Month() == b.Month():
		layout, dash = layouts[0], "–"
	case a.Year() == b.Year():
		layout = layouts[1]
	}
	return a.Format(layout) + dash + b.Format(layouts[2])
}

// weeksOf is how many weeks a digest tells of that is late; 0: it is not.
func weeksOf(g core.Digest) int {
	if days := int((g.To.Sub(g.From) + 12*time.Hour) / (24 * time.Hour)); days > 10 {
		return (days + 3) / 7
	}
	return 0
}
