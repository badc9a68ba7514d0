package model

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// DriftLine is one thing that a system holds otherwise than Stint left it.
type DriftLine struct {
	ID        core.DriftID
	Title     string // who holds what, in the system's own names
	Mark      Mark
	Meaning   string // what happened, what it means, what Stint does
	Since     string
	Problem   string // why taking it away fails
	Removable bool   // it can be taken away on the system
	Open      bool   // it can be accepted
}

// DriftLines are the rows of a report in its order; below says when the system
// was read and what is not listed.
func DriftLines(say *Text, now time.Time, system string, r core.DriftReport) (lines []DriftLine, below string) {
	for _, row := range r.Items {
		lines = append(lines, driftLine(say, now, system, row))
	}
	below = say.T("pages.drift.unread", "system", system)
	if !r.Reading.At.IsZero() {
		below = say.T("pages.drift.read", "system", system, "ago", say.Ago(r.Reading.At, now))
	}
	if r.Reading.More > 0 {
		below += " " + Count(say, "pages.drift.more", r.Reading.More)
	}
	return lines, below
}

func driftLine(say *Text, now time.Time, system string, r core.DriftRow) DriftLine {
	who := r.Account
	if r.PersonName != "" {
		who = say.T("pages.drift.person", "account", r.Account, "person", r.PersonName)
	}
	l := DriftLine{
		ID: r.ID, Title: say.T("pages.drift.title.row", "who", who, "role", r.RoleName), Open: r.Open(),
		Since: say.T("pages.drift.since", "time", say.When(r.First, now)),
	}
	args := []string{"system", system, "role", r.RoleName, "account", r.Account, "detail", r.Detail}
	l.Mark = Mark{say.T("pages.drift.kind." + string(r.Kind)), ToneWarn}
	l.Meaning = say.T("pages.drift.text."+string(r.Kind), args...)
	switch {
	case r.Kind == core.DriftOutside && r.GrantState == core.GrantRemoving:
		l.Mark, l.Open = Mark{say.T("pages.drift.kind.removing"), TonePending}, false
		l.Meaning, l.Problem = say.T("pages.drift.text.removing", args...), say.Known(r.GrantError)
	case !r.Open():
		l.Mark = Mark{say.T("pages.drift.kind.accepted"), TonePlain}
		l.Meaning = say.T("pages.drift.text.accepted", "by", r.ByName, "why", r.Why)
		l.Removable = r.Kind == core.DriftOutside
	default:
		l.Removable = r.Kind == core.DriftOutside
	}
	return l
}
