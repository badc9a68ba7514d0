package model

import (
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// AuditSpan is a preset of the time filter.
type AuditSpan string

const (
	SpanDay    AuditSpan = "day"
	SpanWeek   AuditSpan = "week"
	SpanMonth  AuditSpan = "month"
	SpanYear   AuditSpan = "year"
	SpanAll    AuditSpan = "all"
	SpanCustom AuditSpan = "custom"
)

// AuditSpans are the presets in their order.
func AuditSpans() []AuditSpan {
	return []AuditSpan{SpanDay, SpanWeek, SpanMonth, SpanYear, SpanAll, SpanCustom}
}

// ActionGroups are the groups of the action filter: the first part of the
// names of events. The empty one is all.
func ActionGroups() []string {
	return []string{"", "activation.", "assignment.", "grant.", "drift.", "session.", "factor.", "password.", "person.", "account.", "role.", "policy.", "system.", "settings.", "audit.", "clock.", "command."}
}

// AuditQuery is what the page's filters say.
type AuditQuery struct {
	Span     AuditSpan
	From, To string // of SpanCustom, as typed; empty: open
	Person   core.PersonID
	Role     core.RoleID
	System   core.SystemID
	Group    string // of ActionGroups
	Outcome  core.Outcome
	Text     string
}

// Filter is the question to the service.
func (q AuditQuery) Filter(now time.Time) (core.EntryFilter, error) {
	f := core.EntryFilter{Person: q.Person, Role: q.Role, System: q.System, Action: core.EventKind(q.Group), Outcome: q.Outcome, Text: strings.TrimSpace(q.Text)}
	back := map[AuditSpan]time.Time{
		SpanDay: now.Add(-24 * time.Hour), SpanWeek: now.AddDate(0, 0, -7), SpanMonth: now.AddDate(0, -1, 0), SpanYear: now.AddDate(-1, 0, 0),
	}
	f.From = back[q.Span]
	if q.Span != SpanCustom {
		return f, nil
	}
	var err error
	if q.From != "" {
		if f.From, err = ParseMoment(q.From, now, false); err != nil {
			return f, fieldError(err, "from")
		}
	}
	if q.To != "" {
		if f.To, err = ParseMoment(q.To, now, true); err != nil {
			return f, fieldError(err, "to")
		}
	}
	if !f.To.IsZero() && !f.To.After(f.From) {
		return f, core.Errorf(core.Invalid, "to", "pages.assign.date.order")
	}
	return f, nil
}

// Narrowed reports whether anything filters.
func (q AuditQuery) Narrowed() bool { return q != AuditQuery{Span: SpanAll} }

// AuditLine is a row of the log.
type AuditLine struct {
	Seq                     int64
	No, Time, Who, What, On string
	TimeTip                 string // to the second
	Outcome                 Mark
}

// AuditLineOf is the row of an entry.
func AuditLineOf(say *Text, now time.Time, e core.Entry) AuditLine {
	return AuditLine{
		Seq: e.Seq, No: say.Number(e.Seq), Time: lineTime(say, now, e.Time), TimeTip: Stamp(say, e.Time), Who: actorName(say, e),
		What: entryName(say, e), On: EntryObject(say, e), Outcome: OutcomeMark(say, e.Outcome),
	}
}

// lineTime has the second today, the minute on other days, and the year only
// where it is another.
func lineTime(say *Text, now, at time.Time) string {
	if say.Date(now) == say.Date(at) {
		return say.Second(at)
	}
	return say.NearTime(at, now)
}

// ActionName is the name of an event in words. An event of a later version is
// shown by its own name rather than hidden.
func ActionName(say *Text, k core.EventKind) string {
	key := "pages.event." + string(k)
	if s := say.T(key); s != key {
		return s
	}
	return string(k)
}

// entryName is what an entry tells of; of a refused command, what was refused:
// its verb stands before the reason (core's refusal).
func entryName(say *Text, e core.Entry) string {
	if verb, _, ok := strings.Cut(e.Detail, ": "); ok && e.Action == core.CommandRefused {
		key := "pages.verb." + verb
		if what := say.T(key); what != key {
			return say.T("pages.event.command.refused.what", "what", what)
		}
	}
	return ActionName(say, e.Action)
}

// EntryObject says what an entry is about: role on system, else system, else
// person, else where from.
func EntryObject(say *Text, e core.Entry) string {
	who := ""
	if e.PrincipalName != "" && e.PrincipalName != e.ActorName {
		who = e.PrincipalName
	}
	switch {
	case e.RoleName != "" && e.SystemName != "":
		return place(say.T("pages.audit.role_on_system", "role", e.RoleName, "system", e.SystemName), who)
	case e.RoleName != "":
		return place(e.RoleName, who)
	case e.SystemName != "":
		return place(e.SystemName, who)
	case who != "":
		return who
	case e.Action == core.CommandRefused:
		_, why, _ := strings.Cut(e.Detail, ": ")
		return why
	case e.Detail != "":
		return e.Detail
	}
	return FromWhere(say, e.From)
}

// FromWhere says from where something was done: an address, or a place that this
// language has a name for.
func FromWhere(say *Text, from string) string {
	switch from {
	case "window", "command line", "stint":
		return say.T("pages.from." + strings.ReplaceAll(from, " ", "_"))
	}
	return from
}

func actorName(say *Text, e core.Entry) string {
	switch {
	case e.ActorName != "":
		return e.ActorName
	case e.Strength == core.StrengthEngine:
		return say.T("pages.audit.engine")
	}
	return say.T("pages.audit.nobody")
}

// OutcomeMark is the badge of an outcome.
func OutcomeMark(say *Text, o core.Outcome) Mark {
	return Mark{say.T("pages.audit.outcome." + string(o)), outcomeTone(o)}
}

func outcomeTone(o core.Outcome) Tone {
	if o == core.OutcomeDone {
		return ToneGood
	}
	return ToneBad
}

// EntryFacts are all fields of an entry for the panel beside the list: first
// what was said about it, then the rest.
func EntryFacts(say *Text, e core.Entry) (said, rest []Fact) {
	f := facts{say: say}
	f.add("pages.audit.fact.justification", e.Justification)
	f.add("pages.audit.fact.ticket", place(e.TicketSystem, e.TicketNumber))
	f.add("pages.audit.fact.detail", e.Detail)
	said = f.list
	f.list = nil
	f.add("pages.audit.fact.time", Stamp(say, e.Time))
	f.add("pages.audit.fact.actor", actorName(say, e))
	f.add("pages.audit.fact.strength", say.T("pages.strength."+string(e.Strength)))
	f.add("pages.audit.fact.from", FromWhere(say, e.From))
	f.add("pages.audit.fact.principal", e.PrincipalName)
	f.add("pages.audit.fact.role", e.RoleName)
	f.add("pages.audit.fact.system", e.SystemName)
	f.mono("pages.audit.fact.scope", e.Scope)
	f.mono("pages.audit.fact.action", string(e.Action))
	f.mono("pages.audit.fact.assignment", string(e.Assignment))
	f.mono("pages.audit.fact.request", string(e.Request))
	f.mono("pages.audit.fact.hash", GroupHash(e.Hash))
	f.mono("pages.audit.fact.prev", GroupHash(e.Prev))
	return said, f.list
}

// GroupHash writes a hash in groups of four, as people compare them by eye.
func GroupHash(h core.Hash) string {
	s := h.String()
	var b strings.Builder
	for i := 0; i < len(s); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s[i : i+4])
	}
	return b.String()
}

// Verdict is what the verification of the log found, in words.
type Verdict struct {
	Good        bool
	Title, Text string
	Mark        Mark // for the page's head
}

// VerdictOf reads a verification.
func VerdictOf(say *Text, v core.Verification) Verdict {
	if v.Break != nil {
		return Verdict{
			Title: say.T("pages.audit.verdict.bad", "seq", say.Number(v.Break.Seq)),
			Text:  say.T("pages.audit.verdict.bad.text", "reason", BreakReason(say, v.Break.Reason), "good", say.Number(max(v.Break.Seq-1, 0))),
			Mark:  Mark{say.T("pages.audit.verdict.bad.mark", "seq", say.Number(v.Break.Seq)), ToneBad},
		}
	}
	return Verdict{
		Good:  true,
		Title: say.T("pages.audit.verdict.good"),
		Text:  say.T("pages.audit.verdict.good.text", "n", say.Number(v.Count), "hash", GroupHash(v.Head)),
		Mark:  Mark{say.T("pages.audit.verdict.good.mark", "seq", say.Number(v.Seq)), ToneGood},
	}
}

// BreakReason speaks the reasons of core.Verifier; any other stays as it is.
func BreakReason(say *Text, reason string) string {
	for word, key := range map[string]string{
		"the entry is missing or out of order":                                           "missing",
		"the link to the entry before does not fit: that entry or this link was changed": "link",
		"the entry was changed after it was written":                                     "changed",
	} {
		if word == reason {
			return say.T("pages.audit.break." + key)
		}
	}
	return reason
}

// ExportName is the name proposed for an exported log.
func ExportName(what string, now time.Time, format string) string {
	return "stint-" + what + "-" + now.Format("2006-01-02-1504") + "." + format
}
