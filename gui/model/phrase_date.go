package model

import (
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// dayLayouts are the ways in which people write a day, most exact first. The
// year always stands in it: a wrong guess of the year would be an access too
// long.
var dayLayouts = [...]string{"2006-01-02", "2006/01/02", "02.01.2006", "2.1.2006", "2 Jan 2006", "2 January 2006"}

// ParseMoment reads a day, a day with a minute, or a length of time from now
// ("90d", "2w", "8h"). A day alone means its beginning; with endOfDay the
// beginning of the next, so that "until 31 March" includes the 31st. Times are
// those of now's zone.
func ParseMoment(text string, now time.Time, endOfDay bool) (time.Time, error) {
	s := strings.Join(strings.Fields(text), " ")
	bad := core.Errorf(core.Invalid, "date", "pages.assign.date.malformed", "value", core.Clip(s, 40))
	if s == "" || len(s) > 40 {
		return time.Time{}, bad
	}
	if d, err := core.ParseDuration(strings.TrimPrefix(s, "+")); err == nil && d > 0 {
		return now.Add(d.Std()).Truncate(time.Minute), nil
	}
	for _, l := range dayLayouts {
		if t, err := time.ParseInLocation(l, s, now.Location()); err == nil {
			if endOfDay {
				t = t.AddDate(0, 0, 1)
			}
			return t, checkYear(t, bad)
		}
		for _, clock := range []string{" 15:04", "T15:04"} {
			if t, err := time.ParseInLocation(l+clock, s, now.Location()); err == nil {
				return t, checkYear(t, bad)
			}
		}
	}
	return time.Time{}, bad
}

// checkYear keeps a slip of the finger ("20227") out of the database.
func checkYear(t time.Time, bad error) error {
	if t.Year() < 2000 || t.Year() > 2200 {
		return bad
	}
	return nil
}

// WriteMoment writes t as ParseMoment reads it back, given the same endOfDay:
// the ISO day, and the minute where the time is not midnight.
func WriteMoment(t time.Time, zone *time.Location, endOfDay bool) string {
	if t.IsZero() {
		return ""
	}
	l := t.In(zone)
	if l.Hour() != 0 || l.Minute() != 0 {
		return l.Format("2006-01-02 15:04")
	}
	if endOfDay {
		l = l.AddDate(0, 0, -1)
	}
	return l.Format("2006-01-02")
}
