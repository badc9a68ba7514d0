package model

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// Term is the form for how long an assignment shall go on. Dates are as typed.
type Term struct {
	Renew      bool // it has expired; then it may start later
	Start, End string
	Permanent  bool
}

// Read reads the form; what the rules say to it is the core's business.
func (t Term) Read(now time.Time) (start, end time.Time, err error) {
	if t.Renew && strings.TrimSpace(t.Start) != "" {
		if start, err = ParseMoment(t.Start, now, false); err != nil {
			return start, end, fieldError(err, "start")
		}
	}
	if t.Permanent {
		return start, end, nil
	}
	if end, err = ParseMoment(t.End, now, true); err != nil {
		return start, end, fieldError(err, "end")
	}
	if !end.After(now) || !end.After(start) {
		return start, end, core.Errorf(core.Invalid, "end", "pages.assign.date.order")
	}
	return start, end, nil
}

// Continuation is the form by which an assignment shall go on: asked for by the
// person, or done by an administrator.
type Continuation struct {
	Term
	Row           core.AssignmentRow
	Direct        bool
	Justification string
}

// ContinuationOf is the form as it opens: as long again as it lasted, which is
// what its settings allowed once.
func ContinuationOf(r core.AssignmentRow, direct bool, now time.Time) Continuation {
	length := r.End.Sub(r.Start)
	end := now.Add(length)
	if !end.After(r.End) {
		end = r.End.Add(length)
	}
	return Continuation{Row: r, Direct: direct, Term: Term{Renew: r.State == core.Expired, End: WriteMoment(midnight(end), now.Location(), true)}}
}

// midnight is the end of the day before, so that a date alone stands in the form.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// Command reads the form.
func (c Continuation) Command(now time.Time) (core.Command, error) {
	start, end, err := c.Read(now)
	if err != nil {
		return nil, err
	}
	why, ids := strings.TrimSpace(c.Justification), []core.AssignmentID{c.Row.ID}
	switch {
	case c.Renew && c.Direct:
		return core.RenewAssignments{Assignments: ids, Start: start, End: end, Permanent: c.Permanent, Justification: why}, nil
	case c.Renew:
		return core.RequestRenewal{Assignment: c.Row.ID, Start: start, End: end, Permanent: c.Permanent, Justification: why}, nil
	case c.Direct:
		return core.ExtendAssignments{Assignments: ids, End: end, Permanent: c.Permanent, Justification: why}, nil
	}
	return core.RequestExtension{Assignment: c.Row.ID, End: end, Permanent: c.Permanent, Justification: why}, nil
}

// Key is the beginning of the keys of the form's words.
func (c Continuation) Key() string {
	return "continue." + pick(c.Renew, "renew", "extend") + "." + pick(c.Direct, "direct", "ask")
}

// DecisionOf is the form of who answers such a request: as it was asked for.
func DecisionOf(r core.Request, zone *time.Location) Term {
	return Term{Renew: r.Action == core.SelfRenew, Start: WriteMoment(r.Start, zone, false), End: WriteMoment(r.End, zone, true), Permanent: r.End.IsZero()}
}

// Decide reads that form into a decision. What was not touched stays as asked.
func (t Term) Decide(d core.DecideRequests, asked Term, now time.Time) (core.DecideRequests, error) {
	if t == asked {
		return d, nil
	}
	start, end, err := t.Read(now)
	if t.Start != asked.Start {
		d.Start = start
	}
	if t.Permanent != asked.Permanent || t.End != asked.End {
		d.End, d.Permanent = end, t.Permanent
	}
	return d, err
}

// EndsIn says in how long something ends: "ends in 9 days". Days are rounded: what
// was given for 13 days doesn't end in 12 a minute later.
func EndsIn(say *Text, end, now time.Time) string {
	left := end.Sub(now)
	if left < 24*time.Hour {
		return say.T("access.until.time", "time", say.Duration(left.Truncate(time.Minute)))
	}
	return say.T("access.until.days", "n", strconv.Itoa(int((left+12*time.Hour)/(24*time.Hour))))
}

// endingShown is how many of those that end soon are listed.
const endingShown = 5

// Ending are the eligible rows that end soonest and that nobody was asked about,
// and how many more there are.
func Ending(a core.Access, now time.Time) (list []core.EligibleRow, more int) {
	for _, r := range a.Eligible {
		if _, asked := a.Continuing(r.ID); r.Extendable(now) && !asked {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(x, y core.EligibleRow) int { return x.End.Compare(y.End) })
	n := min(len(list), endingShown)
	return list[:n], len(list) - n
}
