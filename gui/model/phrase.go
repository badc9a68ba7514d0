package model

import (
	"strconv"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// Mark is a word with a tone: a badge.
type Mark struct {
	Word string
	Tone Tone
}

// Fact is one labelled line of a detail panel.
type Fact struct {
	Label, Value string
	Mono         bool // shown in the fixed-width face: hashes, names in a system's own words
}

// facts collects labelled lines and leaves empty ones out.
type facts struct {
	say  *Text
	list []Fact
}

func (f *facts) add(key, value string) {
	if value != "" {
		f.list = append(f.list, Fact{Label: f.say.T(key), Value: value})
	}
}

func (f *facts) mono(key, value string) {
	if value != "" {
		f.list = append(f.list, Fact{Label: f.say.T(key), Value: value, Mono: true})
	}
}

// moment is DateTime, and empty for the zero time.
func (f *facts) moment(key string, at time.Time) {
	f.add(key, momentOf(f.say, at))
}

// Count speaks about n things; the sentence has {n}, and a form of its own
// under key+".one".
func Count(say *Text, key string, n int, args ...string) string {
	return say.T(key, append([]string{"n", say.Number(int64(n))}, args...)...)
}

// momentOf is DateTime, and empty for the zero time.
func momentOf(say *Text, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return say.DateTime(at)
}

// Stamp writes day and second, for the log.
func Stamp(say *Text, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return say.Date(at) + ", " + say.Second(at)
}

// Until writes the end of something as a person would: the last whole day, or
// the day with the minute; "permanent" where there is none.
func Until(say *Text, at time.Time) string {
	if at.IsZero() {
		return say.T("pages.phrase.permanent")
	}
	if l := at.In(say.Place()); l.Hour() == 0 && l.Minute() == 0 {
		return lastDay(say, at)
	}
	return say.DateTime(at)
}

// lastDay writes the last day that belongs to what ends at: midnight still
// belongs to the day before.
func lastDay(say *Text, at time.Time) string {
	if l := at.In(say.Place()); l.Hour() == 0 && l.Minute() == 0 {
		return say.Date(l.AddDate(0, 0, -1))
	}
	return say.Date(at)
}

// Took writes how long a step of a test took.
func Took(d time.Duration) string {
	if d < 10*time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + " s"
}

// place joins the words of a line with the middle dot that the lists use.
func place(parts ...string) string {
	kept := make([]string, 0, len(parts))
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

// problem speaks an error that stands in an item of a result; nil says nothing.
func problem(say *Text, e *core.Error) string {
	if e == nil {
		return ""
	}
	return say.Error(e)
}
