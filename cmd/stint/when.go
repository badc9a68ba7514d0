package main

import (
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// parseTime reads a time as people type it: RFC 3339, a date, a date with a
// clock time, a clock time of the next 24 hours, or a length of time from now
// ("2h", "14d"). Empty is the zero time. Dates are local.
func (a *app) parseTime(field, s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	now := a.Now().Local()
	if t, err := time.Parse("15:04", s); err == nil {
		at := time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, time.Local)
		if at.Before(now) {
			at = at.AddDate(0, 0, 1)
		}
		return at, nil
	}
	if d, err := core.ParseDuration(strings.TrimPrefix(s, "+")); err == nil {
		return now.Add(d.Std()), nil
	}
	return time.Time{}, core.Errorf(core.Invalid, field, "cli.time", "value", core.Clip(s, 40))
}

// parseTicket reads SYSTEM:NUMBER, or a number alone.
func parseTicket(s string) core.Ticket {
	if system, number, ok := strings.Cut(s, ":"); ok {
		return core.Ticket{System: strings.TrimSpace(system), Number: strings.TrimSpace(number)}
	}
	return core.Ticket{Number: strings.TrimSpace(s)}
}
