package model

import (
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// RequestLine is a request in a list.
type RequestLine struct {
	Who, Role, Place, Length, Asked string
	State                           Mark
}

// RequestLineOf says a request in one line.
func RequestLineOf(say *Text, r core.RequestRow, now time.Time) RequestLine {
	l := RequestLine{
		Who: r.PrincipalName, Role: r.RoleName, Place: place(r.SystemName, scopeOf(r.Scope)), Asked: say.Ago(r.Created, now),
		State: RequestMark(say, r.Request),
	}
	switch {
	case r.Action.OfAssignment():
		l.Length, l.Place = untilDay(say, r.End), place(say.T("continue.is."+string(r.Action)), l.Place)
	case r.Duration > 0:
		l.Length = say.Duration(r.Duration.Std())
	}
	return l
}

// untilDay writes until which day an assignment shall last.
func untilDay(say *Text, end time.Time) string {
	if end.IsZero() {
		return say.T("access.until.permanent")
	}
	return say.T("access.until.date", "date", lastDay(say, end))
}

func scopeOf(s string) string {
	if s == "/" {
		return ""
	}
	return s
}

// RequestMark is where a request stands, in a word.
func RequestMark(say *Text, r core.Request) Mark {
	if r.Status == core.Provisioned && (r.Action.OfAssignment() || ofTerm(r.Action)) {
		return Mark{say.T("continue.state." + continued(r.Action)), ToneGood}
	}
	tone := map[core.Status]Tone{
		core.PendingApproval: TonePending, core.Granted: ToneEligible, core.PendingProvisioning: TonePending, core.Provisioned: ToneGood,
		core.Denied: ToneBad, core.Failed: ToneBad, core.TimedOut: ToneWarn,
	}[r.Status]
	return Mark{say.T("request.status." + string(r.Status)), tone}
}

// CaseView is a request as who decides it wants to see it.
type CaseView struct {
	Title, Place string
	State        Mark
	Facts        []Fact
	Heading      string // of the stages
	Stages       []StageLine
	Recent       []string
	Warning      string // why it could not be carried out, or that one answers for somebody else
	May          bool
	Why          bool          // a reason is asked for
	Most         time.Duration // what was asked for: an answer may shorten it
	Dates        bool          // it asks for another end instead: an answer may choose other dates
}

// StageLine is one stage of an approval.
type StageLine struct {
	Title, Who string
	State      Mark
}

// CaseOf says a case.
func CaseOf(say *Text, c core.Case, now time.Time) CaseView {
	r := c.Request
	v := CaseView{Title: titleOf(say, r), Place: place(r.SystemName, scopeOf(r.Scope)),
		State: RequestMark(say, r.Request), May: c.May, Most: r.Duration.Std(), Dates: r.Action.OfAssignment()}
	f := facts{say: say}
	f.add("request.why", r.Justification)
	if r.Duration > 0 {
		f.add("request.length", say.Duration(r.Duration.Std()))
	}
	f.term(c, now)
	f.start(r.Request, now)
	f.mono("request.ticket", strings.TrimSpace(r.Ticket.System+" "+r.Ticket.Number))
	f.moment("request.asked", r.Created)
	if r.Approval != nil && r.Status == core.PendingApproval {
		f.add("request.limit", say.When(r.Approval.Limit, now))
		v.Why = r.Approval.Why
	}
	f.moment(completed(r.Request), r.Completed)
	v.Facts = f.list
	switch {
	case c.Fails != nil:
		v.Warning = say.T("request.fails", "why", say.Error(c.Fails))
	case c.Seat != "":
		v.Warning = say.T("request.seat", "who", c.Seat)
	}
	v.Heading = say.T(pick(r.Status == core.PendingApproval, "request.stages", "request.stages.past"))
	v.stages(say, c)
	for _, q := range c.Recent {
		v.Recent = append(v.Recent, place(q.RoleName, q.SystemName, say.Ago(q.Created, now), q.Justification))
	}
	return v
}

func (v *CaseView) stages(say *Text, c core.Case) {
	votes := map[int][]string{}
	if c.Request.Approval != nil {
		for _, vote := range c.Request.Approval.Votes {
			key := "request.vote.no"
			if vote.Approve {
				key = "request.vote.yes"
			}
			line := say.T(key, "who", vote.ByName)
			if vote.Why != "" {
				line = say.T("request.vote.why", "vote", line, "why", vote.Why)
			}
			votes[vote.Stage] = append(votes[vote.Stage], line)
		}
	}
	for i, s := range c.Stages {
		l := StageLine{Title: Count(say, "request.stage", i+1, "want", say.Number(int64(s.Quorum)), "have", say.Number(int64(s.Agreed)))}
		names := strings.Join(s.Approvers, ", ")
		if s.Others > 0 {
			names += " " + Count(say, "request.others", s.Others)
		}
		l.Who = strings.Join(append([]string{names}, votes[i]...), "\n")
		switch {
		case s.Agreed >= s.Quorum:
			l.State = Mark{say.T("request.stage.done"), ToneGood}
		case c.Request.Status != core.PendingApproval && c.Request.Approval != nil && i == c.Request.Approval.Stage:
			l.State = v.State // it ended here
		case c.Request.Status != core.PendingApproval:
			l.State = Mark{say.T("request.stage.never"), TonePlain}
		case s.Open:
			l.State = Mark{say.T("request.stage.open"), TonePending}
		default:
			l.State = Mark{say.T("request.stage.later"), TonePlain}
		}
		v.Stages = append(v.Stages, l)
	}
}
