// Package filter holds what a filter means, for rows that a store has in its
// hands; for those it hasn't, a database is asked the same in its own words. It
// never reads anything.
package filter

import (
	"slices"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// Entry returns the test of a filter of entries. The error is that of a text
// that can't be looked for.
func Entry(f core.EntryFilter) (func(*core.Entry) bool, error) {
	text, err := paging.Text(f.Text)
	if err != nil {
		return nil, err
	}
	from, to := cut(f.From), cut(f.To)
	return func(e *core.Entry) bool {
		action := f.Action == "" || e.Action == f.Action ||
			strings.HasSuffix(string(f.Action), ".") && strings.HasPrefix(string(e.Action), string(f.Action))
		return action && e.Seq > f.AfterSeq &&
			(from.IsZero() || !e.Time.Before(from)) &&
			(to.IsZero() || e.Time.Before(to)) &&
			(f.Person == "" || e.Actor == f.Person || e.Principal == f.Person) &&
			(f.Role == "" || e.Role == f.Role) &&
			(f.System == "" || e.System == f.System) &&
			(f.Outcome == "" || e.Outcome == f.Outcome) &&
			AnyHas(text, e.ActorName, e.PrincipalName, e.RoleName, e.SystemName, e.Justification, e.TicketSystem, e.TicketNumber, e.Detail)
	}, nil
}

// AnyHas reports whether one of the texts holds folded, a text to look for as
// paging.Text returns it; an empty one fits all.
func AnyHas(folded string, in ...string) bool {
	return folded == "" || slices.ContainsFunc(in, func(s string) bool { return strings.Contains(paging.Fold(s), folded) })
}

// cut is the time as stores keep it: in microseconds.
func cut(t time.Time) time.Time { return t.Truncate(time.Microsecond) }
