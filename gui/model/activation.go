package model

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// Activation is what the activation wizard has gathered so far.
type Activation struct {
	Rows     []core.EligibleRow
	Scopes   map[core.AssignmentID]string // narrower ones
	Start    time.Time                    // zero: now
	Duration time.Duration
	Why      string
	Ticket   core.Ticket
	Demanded bool // the service wants a code, whatever was known of the policies
}

// NewActivation begins with roles; the duration is an hour, or what the
// policies allow if that is less.
func NewActivation(rows []core.EligibleRow) *Activation {
	a := &Activation{Rows: rows, Scopes: map[core.AssignmentID]string{}}
	a.Duration = min(time.Hour, a.Most())
	return a
}

// FromFavourite begins with what a favourite says; roles that are gone or
// running are left out.
func FromFavourite(f core.Favourite, eligible []core.EligibleRow) *Activation {
	var rows []core.EligibleRow
	for _, r := range RowsOf(f, eligible) {
		if r.Ready() {
			rows = append(rows, r)
		}
	}
	a := NewActivation(rows)
	for _, it := range f.Items {
		if it.Scope != "" {
			a.Scopes[it.Assignment] = it.Scope
		}
	}
	a.Duration = min(f.Duration.Std(), a.Most())
	a.Why = f.Justification
	return a
}

// Most is the longest duration that all roles allow.
func (a *Activation) Most() time.Duration {
	most := time.Duration(core.MaxMaxDuration)
	for _, r := range a.Rows {
		if d := r.Policy.MaxDuration.Std(); d > 0 && d < most {
			most = d
		}
	}
	return most
}

// NeedsCode, NeedsWhy and NeedsTicket say which steps apply.
func (a *Activation) NeedsCode() bool {
	return a.Demanded || a.any(func(p core.Policy) bool { return p.RequireMFA })
}
func (a *Activation) NeedsWhy() bool {
	return a.any(func(p core.Policy) bool { return p.RequireJustification })
}
func (a *Activation) NeedsTicket() bool {
	return a.any(func(p core.Policy) bool { return p.RequireTicket })
}

func (a *Activation) any(f func(core.Policy) bool) bool {
	for _, r := range a.Rows {
		if f(r.Policy) {
			return true
		}
	}
	return false
}

// Command is what the wizard asks for.
func (a *Activation) Command() core.Activate {
	c := core.Activate{Start: a.Start, Duration: core.Duration(a.Duration), Justification: strings.TrimSpace(a.Why),
		Ticket: core.Ticket{System: strings.TrimSpace(a.Ticket.System), Number: strings.TrimSpace(a.Ticket.Number)}}
	for _, r := range a.Rows {
		c.Items = append(c.Items, core.ActivationItem{Assignment: r.ID, Scope: a.Scopes[r.ID]})
	}
	return c
}

// Limits of what is typed; the core holds them, too.
const (
	leastWhy, mostWhy = 5, 500
	mostTicket        = 64
)

// WhyProblem says what is wrong with the justification, or nothing.
func (a *Activation) WhyProblem(say *Text) string {
	n := utf8.RuneCountInString(strings.TrimSpace(a.Why))
	switch {
	case n == 0 && !a.NeedsWhy():
		return ""
	case n < leastWhy:
		return say.T("activate.why.short", "least", strconv.Itoa(leastWhy))
	case n > mostWhy:
		return say.T("activate.why.long", "most", strconv.Itoa(mostWhy), "n", strconv.Itoa(n))
	}
	return ""
}

// TicketProblem says what is wrong with the ticket, or nothing.
func (a *Activation) TicketProblem(say *Text) string {
	n := utf8.RuneCountInString(strings.TrimSpace(a.Ticket.Number))
	switch {
	case n == 0 && a.NeedsTicket():
		return say.T("activate.ticket.missing")
	case n > mostTicket:
		return say.T("activate.ticket.long", "most", strconv.Itoa(mostTicket))
	}
	return ""
}

// Title names the wizard: "Activate db-owner", "Activate 3 roles".
func (a *Activation) Title(say *Text) string {
	if len(a.Rows) == 1 {
		return say.T("activate.title.one_role", "role", a.Rows[0].RoleName)
	}
	return say.T("activate.title", "n", strconv.Itoa(len(a.Rows)))
}

// Action names the last button.
func (a *Activation) Action(say *Text) string {
	if len(a.Rows) == 1 {
		return say.T("activate.action.one_role", "role", clip(a.Rows[0].RoleName))
	}
	return say.T("activate.title", "n", strconv.Itoa(len(a.Rows)))
}

// Period says from when to when: "now – 15:32", "24 Nov 2026, 09:00 – 10:00".
func (a *Activation) Period(say *Text, now time.Time) string {
	from, start := say.T("activate.now"), now
	if !a.Start.IsZero() {
		start = a.Start
		from = say.When(start, now)
	}
	end := start.Add(a.Duration)
	to := say.Clock(end)
	if say.days(start, end) != 0 {
		to = say.When(end, now)
	}
	return from + " – " + to
}

// End is when it will end if it starts as planned.
func (a *Activation) End(now time.Time) time.Time {
	if a.Start.IsZero() {
		return now.Add(a.Duration)
	}
	return a.Start.Add(a.Duration)
}

// ReadDuration reads what was typed as a duration and says what is wrong.
func ReadDuration(say *Text, s string, least, most time.Duration) (time.Duration, string) {
	d, err := core.ParseDuration(strings.NewReplacer(" ", "", "\u00a0", "", "std", "h", "Std", "h", "min", "m", "Min", "m").Replace(s))
	if err != nil {
		return 0, say.Error(err)
	}
	switch {
	case d.Std() < least:
		return 0, say.T("activate.span.short", "least", say.Duration(least))
	case d.Std() > most:
		return 0, say.T("activate.span.long", "most", say.Duration(most))
	}
	return d.Std(), ""
}

// ReviewLine says what will happen with one role.
type ReviewLine struct {
	Role, Place string
	What        string
	Notes       []string
	Chip        Mark
}

// Review says what will happen, from what Preview answered.
func (a *Activation) Review(say *Text, res core.Result, now time.Time) []ReviewLine {
	var out []ReviewLine
	for i, r := range a.Rows {
		row := r.AssignmentRow
		if s := a.Scopes[r.ID]; s != "" {
			row.Scope = s
		}
		l := ReviewLine{Role: r.RoleName, Place: PlaceOf(say, row), Chip: Mark{say.T("activate.chip.at_once"), ToneGood}}
		end := say.When(a.End(now), now)
		key := "activate.what"
		if r.Account != "" {
			key = "activate.what.account"
		}
		l.What = say.T(key, "account", r.Account, "role", r.RoleName, "system", r.SystemName)
		if r.System == core.StintSystem {
			l.What = say.T("activate.what.stint", "role", r.RoleName)
		}
		if !a.Start.IsZero() {
			l.Chip = Mark{say.T("activate.chip.scheduled"), ToneEligible}
			l.What = say.T(key+".later", "account", r.Account, "role", r.RoleName, "system", r.SystemName, "from", say.When(a.Start, now))
		}
		if r.Policy.RequireApproval {
			l.Chip = Mark{say.T("activate.chip.approval"), TonePending}
			l.What = say.T("activate.what.approval", "role", r.RoleName, "system", r.SystemName, "n", strconv.Itoa(Voices(r.Policy)))
			l.Notes = append(l.Notes, say.T("activate.approval.clock", "time", say.Duration(a.Duration)))
		} else {
			l.Notes = append(l.Notes, say.T("activate.removed_at", "time", end))
		}
		if sooner := EndsWhen(say, r.Policy.DropOn); sooner != "" {
			l.Notes = append(l.Notes, sooner)
		}
		if r.Residual != "" {
			l.Notes = append(l.Notes, say.Key(core.TextKey(r.Residual)))
		}
		if i < len(res.Items) {
			it := res.Items[i]
			if it.Err != nil {
				l.Chip, l.What, l.Notes = Mark{say.T("activate.chip.refused"), ToneBad}, say.Error(it.Err), nil
			}
			for _, n := range it.Notes {
				if n.Key == core.NoteSystemAway {
					l.Chip = Mark{say.T("activate.chip.away"), ToneWarn}
				}
				if s := say.Note(n); !slices.Contains(l.Notes, s) {
					l.Notes = append(l.Notes, s)
				}
			}
		}
		out = append(out, l)
	}
	return out
}

// Voices is how many different people have to agree in all stages.
func Voices(p core.Policy) int {
	if len(p.Stages) == 0 {
		return 1
	}
	n := 0
	for _, s := range p.Stages {
		n += s.Quorum
	}
	return n
}

// ResultLine is a role on the wizard's last page.
type ResultLine struct {
	Role, Place string
	Chip        Mark
	Steps       []ResultStep
	Problem     string
	Waiting     bool // not yet at its end
}

// ResultStep is one of requested, granted, verified.
type ResultStep struct {
	Word, Time string
	Done       bool
	Bad        bool
}

// Results joins what Do answered with what the page shows now.
func (a *Activation) Results(say *Text, res core.Result, asked time.Time, access core.Access, now time.Time) []ResultLine {
	rows := map[core.AssignmentID]core.AccessRow{}
	for _, r := range append(append([]core.AccessRow{}, access.Active...), access.Scheduled...) {
		rows[r.ID] = r
	}
	var out []ResultLine
	for i, e := range a.Rows {
		l := ResultLine{Role: e.RoleName, Place: PlaceOf(say, e.AssignmentRow)}
		if i >= len(res.Items) {
			continue
		}
		it := res.Items[i]
		if it.Err != nil {
			l.Chip, l.Problem = Mark{say.T("activate.chip.refused"), ToneBad}, say.Error(it.Err)
			out = append(out, l)
			continue
		}
		step := func(key string, at time.Time, done bool) {
			s := ResultStep{Word: say.T(key), Done: done}
			if done && !at.IsZero() {
				s.Time = say.Second(at)
			}
			l.Steps = append(l.Steps, s)
		}
		step("activate.step.requested", asked, true)
		r, known := rows[it.Assignment]
		switch {
		case it.Status == core.PendingApproval && !known:
			l.Chip = Mark{say.T("request.status.PendingApproval"), TonePending}
			step("activate.step.approval", time.Time{}, false)
		case it.Status == core.Granted || known && r.State == core.Scheduled:
			l.Chip = Mark{say.T("activate.chip.scheduled"), ToneEligible}
			step("activate.step.planned", time.Time{}, true)
			l.Steps[1].Time = say.When(it.Start, now)
		case known && r.Stuck(now):
			l.Chip, l.Problem, l.Waiting = Mark{say.T("access.chip.stuck"), ToneBad}, say.Known(r.GrantError), true
			step("activate.step.granted", time.Time{}, false)
			l.Steps[1].Bad = true
		case it.Status == core.Provisioned || known && (r.GrantState == core.GrantPresent || r.GrantState == core.GrantFound):
			l.Chip = Mark{say.T("activate.chip.active"), ToneGood}
			at := r.GrantEvidence.At
			step("activate.step.granted", at, true)
			if !at.IsZero() {
				step("activate.step.verified", at, true)
			}
		case !known && access.Now.After(asked.Add(time.Second)):
			l.Chip = Mark{say.T("activate.chip.over"), TonePlain}
		default:
			l.Chip, l.Waiting = Mark{say.T("access.chip.granting"), TonePending}, true
			step("activate.step.granted", time.Time{}, false)
			step("activate.step.verified", time.Time{}, false)
		}
		out = append(out, l)
	}
	return out
}

// ResultTitle sums the lines up.
func ResultTitle(say *Text, lines []ResultLine) string {
	good, bad, wait := 0, 0, 0
	for _, l := range lines {
		switch {
		case l.Problem != "" && !l.Waiting:
			bad++
		case l.Waiting:
			wait++
		default:
			good++
		}
	}
	n := strconv.Itoa(len(lines))
	switch {
	case wait > 0:
		return say.T("activate.result.waiting", "n", strconv.Itoa(wait))
	case bad == len(lines):
		return say.T("activate.result.none")
	case bad > 0:
		return say.T("activate.result.some", "good", strconv.Itoa(good), "n", n)
	}
	return say.T("activate.result.all", "n", n)
}

// ReadMoment reads a start as it is typed, "2026-11-24 09:00", "24.11.2026
// 9:00" or "9:00" (today, or tomorrow if that has passed), in the shown zone,
// and says what is wrong with it.
func ReadMoment(say *Text, s string, now time.Time) (time.Time, string) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{"2006-01-02 15:04", "2.1.2006 15:04", "2006-01-02T15:04", "2 Jan 2006, 15:04", "2 Jan 2006 15:04"} {
		if at, err := time.ParseInLocation(layout, s, say.place); err == nil {
			return momentProblem(say, at, now)
		}
	}
	if at, err := time.ParseInLocation("15:04", s, say.place); err == nil {
		y, m, d := now.In(say.place).Date()
		at = time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, say.place)
		if !at.After(now) {
			at = at.AddDate(0, 0, 1)
		}
		return at, ""
	}
	return time.Time{}, say.T("activate.start.malformed")
}

func momentProblem(say *Text, at, now time.Time) (time.Time, string) {
	if at.Before(now.Add(-time.Minute)) {
		return time.Time{}, say.T("activate.start.past")
	}
	return at, ""
}
