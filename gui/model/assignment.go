package model

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// AssignmentTab is one of the lists of the page.
type AssignmentTab string

const (
	TabEligible AssignmentTab = "eligible"
	TabActive   AssignmentTab = "active"
	TabExpired  AssignmentTab = "expired" // lately: it can be renewed
	TabEnded    AssignmentTab = "ended"   // everything that is over
)

// AssignmentTabs are the tabs in their order.
func AssignmentTabs() []AssignmentTab {
	return []AssignmentTab{TabEligible, TabActive, TabExpired, TabEnded}
}

// AssignmentQuery is what the page's filters say.
type AssignmentQuery struct {
	Tab    AssignmentTab
	Text   string
	System core.SystemID
	Role   core.RoleID
}

// Filter is the question to the service. The active tab also shows what has
// ended but is still being taken off a system: until the read-back it is access.
func (q AssignmentQuery) Filter(now time.Time) core.AssignmentFilter {
	f := core.AssignmentFilter{Text: q.Text, System: q.System, Role: q.Role}
	switch q.Tab {
	case TabExpired:
		f.Origin, f.EndedAfter = core.Assigned, now.Add(-core.RenewWindow)
		f.States = []core.AssignmentState{core.Expired}
	case TabEnded:
		f.States = []core.AssignmentState{core.Expired, core.Removed}
	case TabActive:
		f.Kind = core.Active
		f.States = []core.AssignmentState{core.Scheduled, core.InForce}
		f.GrantStates = []core.GrantState{core.GrantRemoving}
	default:
		f.Kind = core.Eligible
		f.States = []core.AssignmentState{core.Scheduled, core.InForce}
	}
	return f
}

// Narrowed reports whether anything but the tab filters, which changes what an
// empty list has to say.
func (q AssignmentQuery) Narrowed() bool { return q.Text != "" || q.System != "" || q.Role != "" }

// AssignmentLine is a row of the table.
type AssignmentLine struct {
	ID                core.AssignmentID
	Who, Login        string
	Through           string // the group through which it comes, or that it is a group's
	Role              string
	System, SystemHow string
	Scope             string
	Kind              string
	From, Until       string // the day, or the time where it is near
	FromTip, UntilTip string // to the minute
	State             Mark
	Live              bool // may be updated or removed
}

// LineOf is the row of an assignment as it stands at now.
func LineOf(say *Text, now time.Time, r core.AssignmentRow) AssignmentLine {
	l := AssignmentLine{
		ID: r.ID, Who: r.PrincipalName, Login: r.PrincipalLogin, Role: r.RoleName,
		System: r.SystemName, SystemHow: say.KindBeside(r.SystemName, r.SystemKind, r.SystemAs),
		Scope: r.Scope, Kind: say.T("pages.assign.kind." + kindKey(r.Assignment)), From: near(say, now, r.Start), FromTip: momentOf(say, r.Start),
		Until: near(say, now, r.End), UntilTip: momentOf(say, r.End),
		State: AssignmentMark(say, now, r), Live: r.State.Live(),
	}
	switch {
	case r.OfGroup():
		l.Through = say.T("group.is")
	case r.Via != "":
		l.Through = r.GroupName
	}
	switch {
	case !r.State.Live(): // what counts is when it really ended
		l.Until, l.UntilTip = near(say, now, r.Ended), momentOf(say, r.Ended)
	case r.Permanent():
		l.Until = Until(say, r.End)
	}
	return l
}

// near writes the day of at, or its time where it is a day or less away.
func near(say *Text, now, at time.Time) string {
	switch d := at.Sub(now).Abs(); {
	case at.IsZero():
		return ""
	case d < 24*time.Hour:
		return say.When(at, now)
	case at.After(now):
		return lastDay(say, at)
	}
	return say.Date(at)
}

// kindKey is the last part of the key that names an assignment's kind.
func kindKey(a core.Assignment) string {
	switch {
	case a.Kind == core.Eligible:
		return "eligible"
	case a.Origin == core.Activated:
		return "activated"
	}
	return "assigned"
}

// AssignmentMark is the badge of an assignment: what the system holds comes
// before what Stint wants, and trouble before everything.
func AssignmentMark(say *Text, now time.Time, r core.AssignmentRow) Mark {
	mark := func(word string, tone Tone) Mark { return Mark{say.T("pages.assign.state." + word), tone} }
	switch {
	case r.Stuck(now):
		return mark("stuck", ToneBad)
	case r.Kind == core.Active && r.GrantState == core.GrantRemoving:
		return mark("removing", TonePending)
	case r.State == core.Expired:
		return mark("expired", TonePlain)
	case r.State == core.Removed:
		return mark("removed", TonePlain)
	case r.State == core.Scheduled:
		return mark("scheduled", TonePending)
	case r.Kind == core.Eligible && soon(now, r.End):
		return mark("ending", ToneWarn)
	case r.Kind == core.Eligible:
		return mark("eligible", ToneEligible)
	case r.GrantState == core.GrantGranting || r.GrantState == core.GrantUnknown:
		return mark("granting", TonePending)
	case r.GrantState == core.GrantAbsent:
		return mark("missing", ToneBad)
	case r.Origin == core.Activated && !r.End.IsZero() && r.End.Sub(now) <= 15*time.Minute:
		return mark("ending", ToneWarn)
	default:
		return mark("active", ToneGood)
	}
}

// soon is the fortnight in which an eligible assignment may be extended
// (rules.md section 2).
func soon(now, end time.Time) bool {
	return !end.IsZero() && end.Sub(now) <= core.ExtendWindow
}

// AssignmentFacts are the lines of the detail panel.
func AssignmentFacts(say *Text, now time.Time, r core.AssignmentRow) []Fact {
	f := facts{say: say}
	if r.GrantError != "" {
		f.add("pages.assign.fact.problem", say.Known(r.GrantError))
		f.add("pages.assign.fact.failing", Count(say, "pages.assign.fact.attempts", r.GrantAttempts, "ago", say.Ago(r.GrantFailing, now)))
	}
	f.add(pick(r.OfGroup(), "group.fact", "pages.assign.fact.person"), place(r.PrincipalName, r.PrincipalLogin))
	if r.Via != "" {
		f.add("group.fact.through", r.GroupName)
	}
	f.add("pages.assign.fact.role", r.RoleName)
	f.add("pages.assign.fact.system", place(r.SystemName, say.KindBeside(r.SystemName, r.SystemKind, r.SystemAs)))
	f.mono("pages.assign.fact.scope", r.Scope)
	f.add("pages.assign.fact.kind", say.T("pages.assign.fact."+kindKey(r.Assignment)))
	f.moment("pages.assign.fact.from", r.Start)
	f.add("pages.assign.fact.until", Until(say, r.End))
	if !r.State.Live() {
		f.moment("pages.assign.fact.ended", r.Ended)
	}
	f.add("pages.assign.fact.justification", r.Justification)
	f.add("pages.assign.fact.ticket", place(r.Ticket.System, r.Ticket.Number))
	if !r.GrantEvidence.At.IsZero() {
		word := "pages.assign.fact.holds"
		if !r.GrantEvidence.Holds {
			word = "pages.assign.fact.holds_not"
		}
		f.add("pages.assign.fact.verified", say.T(word, "time", Stamp(say, r.GrantEvidence.At)))
		f.mono("pages.assign.fact.evidence", r.GrantEvidence.Answer)
	}
	return f.list
}

// AssignmentUpdate is the form that changes the dates of an assignment.
type AssignmentUpdate struct {
	ID            core.AssignmentID
	Kind          core.AssignmentKind
	StartOpen     bool // only a scheduled one may start at another time
	Start, End    string
	Permanent     bool
	Justification string
	oldStart      time.Time
	wasStart      string
}

// UpdateOf is the form as it opens; dates are typed in zone.
func UpdateOf(r core.AssignmentRow, zone *time.Location) AssignmentUpdate {
	u := AssignmentUpdate{
		ID: r.ID, Kind: r.Kind, StartOpen: r.State == core.Scheduled, Permanent: r.Permanent(),
		Start: WriteMoment(r.Start, zone, false), End: WriteMoment(r.End, zone, true), oldStart: r.Start,
	}
	u.wasStart = u.Start
	return u
}

// Command reads the form. The core decides what the policy allows; here is
// refused only what can't be read.
func (u AssignmentUpdate) Command(now time.Time) (core.UpdateAssignment, error) {
	c := core.UpdateAssignment{Assignment: u.ID, Permanent: u.Permanent, Justification: u.Justification}
	start := u.oldStart
	if u.StartOpen && u.Start != u.wasStart {
		t, err := ParseMoment(u.Start, now, false)
		if err != nil {
			return c, fieldError(err, "start")
		}
		c.Start, start = t, t
	}
	if !u.Permanent {
		end, err := ParseMoment(u.End, now, true)
		if err != nil {
			return c, fieldError(err, "end")
		}
		if !end.After(start) || !end.After(now) {
			return c, core.Errorf(core.Invalid, "end", "pages.assign.date.order")
		}
		c.End = end
	}
	return c, nil
}

// fieldError names the field of the form an error belongs to.
func fieldError(err error, field string) error {
	if e, ok := err.(*core.Error); ok { // made by this package, never wrapped
		copied := *e
		copied.Field = field
		return &copied
	}
	return err
}
