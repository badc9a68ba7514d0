// Package model holds the view-models: what a screen shows, computed from what
// the service returned. Plain data goes in, strings come out; it knows no
// toolkit, starts nothing and reads no clock, so that every sentence and every
// state of a screen can be tested in a table.
package model

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// Text speaks one language. It is safe for concurrent use and never changes.
type Text struct {
	lang  string
	own   map[string]string
	base  map[string]string // English, for a key the language lacks
	place *time.Location
}

// NewText returns the texts of a language. own are its sentences by key, base
// the English ones of the window, place the zone in which times are shown.
func NewText(lang string, own, base map[string]string, place *time.Location) *Text {
	return &Text{lang: lang, own: own, base: base, place: place}
}

// Language returns "en" or "de".
func (t *Text) Language() string { return t.lang }

// T returns the sentence of a key; args are name, value pairs for its {name}
// places. Keys of package core's catalogue work, too. An unknown key comes
// back as it is, so that a missing text is seen and nothing breaks.
//
// A key with the suffix ".one" is taken where it exists and the argument "n"
// or "count" is "1".
func (t *Text) T(key string, args ...string) string {
	if len(args)%2 != 0 {
		panic("model: odd arguments for " + key)
	}
	m := make(map[string]string, len(args)/2)
	for i := 0; i < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return core.Fill(t.find(key, one(m)), m)
}

// one reports whether a sentence speaks of one thing.
func one(args map[string]string) bool { return args["n"] == "1" || args["count"] == "1" }

func (t *Text) find(key string, one bool) string {
	if one {
		for _, texts := range []map[string]string{t.own, t.base} {
			if s, ok := texts[key+".one"]; ok {
				return s
			}
		}
		if k := core.TextKey(key + ".one"); t.own[key] == "" && core.English(k) != string(k) {
			return core.English(k)
		}
	}
	if s, ok := t.own[key]; ok {
		return s
	}
	if s, ok := t.base[key]; ok {
		return s
	}
	return core.English(core.TextKey(key))
}

// Has reports whether there is a text under key in this language.
func (t *Text) Has(key string) bool { _, ok := t.own[key]; return ok }

// Note says a note of the rules.
func (t *Text) Note(n core.Note) string {
	return core.Fill(t.find(string(n.Key), one(n.Args)), t.local(n.Args))
}

// local writes the instants among what a sentence names in the place and the
// language of the window (see core.ClockLayout), and kinds of assignments in its
// words.
func (t *Text) local(args map[string]string) map[string]string {
	out := make(map[string]string, len(args))
	for k, v := range args {
		if at, err := time.Parse(core.ClockLayout, v); err == nil {
			v = t.DateTime(at)
		}
		if k == "kind" && (v == string(core.Eligible) || v == string(core.Active)) {
			v = t.T("pages.assign.state." + v)
		}
		out[k] = v
	}
	return out
}

// Key says a sentence of the core's catalogue.
func (t *Text) Key(k core.TextKey) string { return t.find(string(k), false) }

// Known says a sentence that was stored in English, as a system's problem is,
// in this language where it is one of the catalogue's. Of several that it may be
// it is the one with most words of its own.
func (t *Text) Known(english string) string {
	var key core.TextKey
	var args map[string]string
	most := 0
	for _, k := range core.TextKeys() {
		if a, own, ok := unfill(core.English(k), english); ok && own > most {
			key, args, most = k, a, own
		}
	}
	if key == "" {
		return english
	}
	return core.Fill(t.Key(key), args)
}

// unfill finds what stands in the places of a sentence; own counts the bytes that
// are the sentence's own. Places next to each other can't be told apart.
func unfill(text, filled string) (args map[string]string, own int, ok bool) {
	args = map[string]string{}
	for place := ""; ; {
		own0, rest, more := strings.Cut(text, "{")
		at := strings.Index(filled, own0)
		if !more && place != "" {
			at = len(filled) - len(own0) // the last place takes all up to the end
		}
		switch {
		case at < 0 || place == "" && at > 0 || more && place != "" && own0 == "" || !strings.HasPrefix(filled[at:], own0):
			return nil, 0, false
		case place != "":
			args[place] = filled[:at]
		}
		own, filled = own+len(own0), filled[at+len(own0):]
		if !more {
			return args, own, filled == ""
		}
		place, text, _ = strings.Cut(rest, "}")
	}
}

// Error says what went wrong, in the language, without anything that is for
// the log only. It is empty for nil.
func (t *Text) Error(err error) string {
	if err == nil {
		return ""
	}
	var e *core.Error
	if !errors.As(err, &e) {
		return t.T("error.internal")
	}
	if e.Key == "" {
		if e.Message != "" {
			return e.Message
		}
		return t.T("error.internal")
	}
	s := core.Fill(t.find(string(e.Key), one(e.Args)), t.local(e.Args))
	if s == string(e.Key) && e.Message != "" { // a newer server's sentence
		return e.Message
	}
	return s
}

// Number writes n with the language's thousands separator: 48,211 or 48.211.
func (t *Text) Number(n int64) string {
	sep := ","
	if t.lang == "de" {
		sep = "."
	}
	s := strconv.FormatInt(n, 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	if neg {
		s = "-" + s
	}
	return s
}

// Clock writes the time of day, "14:32".
func (t *Text) Clock(at time.Time) string { return at.In(t.place).Format("15:04") }

// Second writes the time of day with seconds, "14:32:05".
func (t *Text) Second(at time.Time) string { return at.In(t.place).Format("15:04:05") }

// Date writes a day, "31 Mar 2027" or "31. Mär. 2027".
func (t *Text) Date(at time.Time) string {
	at = at.In(t.place)
	if t.lang == "de" {
		return fmt.Sprintf("%d. %s %d", at.Day(), germanMonths()[at.Month()-1], at.Year())
	}
	return at.Format("2 Jan 2006")
}

// NearTime writes day and time, without the year where it is that of now: "31 Mar, 14:32".
func (t *Text) NearTime(at, now time.Time) string {
	year := strconv.Itoa(now.In(t.place).Year())
	return strings.TrimSuffix(t.Date(at), " "+year) + ", " + t.Clock(at)
}

// DateTime writes day and time, "31 Mar 2027, 14:32".
func (t *Text) DateTime(at time.Time) string { return t.Date(at) + ", " + t.Clock(at) }

// When writes at as shortly as it can be understood at the moment now: the
// time alone today, "tomorrow 09:00", else day and time.
func (t *Text) When(at, now time.Time) string {
	switch t.days(now, at) {
	case 0:
		return t.Clock(at)
	case 1:
		return t.T("time.tomorrow", "time", t.Clock(at))
	case -1:
		return t.T("time.yesterday", "time", t.Clock(at))
	}
	return t.DateTime(at)
}

// days counts calendar days from one moment to another in the shown zone.
func (t *Text) days(from, to time.Time) int {
	day := func(x time.Time) time.Time {
		y, m, d := x.In(t.place).Date()
		return time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
	}
	return int(math.Round(day(to).Sub(day(from)).Hours() / 24))
}

// Place returns the zone in which times are shown and typed.
func (t *Text) Place() *time.Location { return t.place }

// Duration writes a length of time in at most two units: "2 h", "1 h 30 min",
// "45 min", "20 s", "14 days".
func (t *Text) Duration(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	d = d.Round(time.Second)
	days, h := int(d/(24*time.Hour)), int(d%(24*time.Hour)/time.Hour)
	m, s := int(d%time.Hour/time.Minute), int(d%time.Minute/time.Second)
	n := strconv.Itoa
	var parts []string
	switch {
	case days > 0:
		parts = append(parts, t.T("time.days", "n", n(days)))
		if h > 0 && days < 7 {
			parts = append(parts, n(h)+" h")
		}
	case h > 0:
		parts = append(parts, n(h)+" h")
		if m > 0 {
			parts = append(parts, n(m)+" min")
		}
	case m > 0:
		parts = append(parts, n(m)+" min")
		if s > 0 && m < 5 {
			parts = append(parts, n(s)+" s")
		}
	default:
		parts = append(parts, n(s)+" s")
	}
	return strings.Join(parts, " ")
}

// Ago writes how long ago at was: "just now", "12 min ago", "3 days ago".
func (t *Text) Ago(at, now time.Time) string {
	if at.IsZero() {
		return t.T("time.never")
	}
	d := now.Sub(at)
	switch {
	case d < 10*time.Second:
		return t.T("time.just_now")
	case d < time.Minute:
		d = d.Truncate(time.Second)
	case d < time.Hour:
		d = d.Truncate(time.Minute)
	case d < 24*time.Hour:
		d = d.Truncate(time.Hour)
	default:
		d = d.Truncate(24 * time.Hour)
	}
	return t.T("time.ago", "time", t.Duration(d))
}

func germanMonths() [12]string {
	return [12]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."}
}

// KindBeside is Kind where a system's name doesn't say it already, else empty:
// nobody is helped by "Stint · Stint".
func (t *Text) KindBeside(name string, kind, as core.Kind) string {
	if s := t.Kind(kind, as); !strings.EqualFold(s, name) {
		return s
	}
	return ""
}

// Kind names a system's kind as people call it: "PostgreSQL".
func (t *Text) Kind(kind, as core.Kind) string {
	if kind == core.KindSample && as != "" {
		kind = as
	}
	key := "kind." + string(kind)
	if s := t.T(key); s != key {
		return s
	}
	return string(kind)
}
