package model

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// PersonLine is what happens, or happened, to one person, or one group.
type PersonLine struct {
	Who, Account string
	What         string   // the sentence
	Notes        []string // worth knowing before agreeing
	Mark         Mark
	Refused      bool
}

// AssignPlan is the wizard's last page: a line for each member.
type AssignPlan struct {
	Lines     []PersonLine
	Notes     []string // about all of it
	Possible  int
	NeedsCode bool
	Button    string
}

// Review reads the plan of the wizard's command.
func (w *AssignWizard) Review(say *Text, now time.Time, plan core.Plan) AssignPlan {
	r := AssignPlan{NeedsCode: plan.NeedsCode}
	people, groups := 0, 0
	for _, m := range w.Members {
		it := itemFor(plan.Result.Items, m)
		line := PersonLine{Who: m.Name(), Account: m.Account}
		if it.Err != nil {
			line.Refused = true
			line.What = problem(say, it.Err)
			line.Mark = Mark{say.T("pages.assign.review.refused"), ToneBad}
		} else {
			if r.Possible++; m.IsGroup() {
				groups++
			} else {
				people++
			}
			line.What = w.outcome(say, now, it)
			line.Mark = Mark{say.T("pages.assign.review.at_once"), ToneGood}
			if it.Start.After(now.Add(time.Minute)) {
				line.Mark = Mark{say.T("pages.assign.review.later"), TonePending}
			}
		}
		for _, n := range it.Notes {
			line.Notes = append(line.Notes, say.Note(n))
		}
		r.Lines = append(r.Lines, line)
	}
	for _, n := range plan.Result.Notes {
		r.Notes = append(r.Notes, say.Note(n))
	}
	r.Button = say.T("pages.assign.review.button", "who", peopleAndGroups(say, people, groups))
	return r
}

// outcome is the sentence of what a member gets. Dates come from the plan, not
// from what was typed: the policy may have added an end.
func (w *AssignWizard) outcome(say *Text, now time.Time, it core.ItemResult) string {
	key := "pages.assign.gets.eligible"
	if w.Kind == core.Active {
		key = "pages.assign.gets.active"
	}
	if it.Group != "" {
		key += ".group"
	}
	span := say.T("pages.assign.gets.permanent")
	if !it.End.IsZero() {
		span = say.T("pages.assign.gets.until", "end", Until(say, it.End))
	}
	if it.Start.After(now.Add(time.Minute)) {
		span = place(say.T("pages.assign.gets.from", "start", say.When(it.Start, now)), span)
	}
	return say.T(key, "role", w.Role.Role.Name, "system", w.Role.Role.SystemName, "span", span)
}

// Results reads what came of the command, a line for each member.
func (w *AssignWizard) Results(say *Text, now time.Time, res core.Result) []PersonLine {
	out := make([]PersonLine, 0, len(w.Members))
	for _, m := range w.Members {
		it := itemFor(res.Items, m)
		line := PersonLine{Who: m.Name(), Account: m.Account}
		switch {
		case it.Err != nil:
			line.Refused, line.What, line.Mark = true, problem(say, it.Err), Mark{say.T("pages.assign.review.refused"), ToneBad}
		case it.Status == core.Granted:
			line.What, line.Mark = w.outcome(say, now, it), Mark{say.T("pages.assign.state.scheduled"), TonePending}
		case it.Status == core.PendingProvisioning:
			line.What, line.Mark = w.outcome(say, now, it), Mark{say.T("pages.assign.state.granting"), TonePending}
		default:
			line.What, line.Mark = w.outcome(say, now, it), Mark{say.T("pages.assign.result.done"), ToneGood}
		}
		out = append(out, line)
	}
	return out
}

func itemFor(items []core.ItemResult, m Member) core.ItemResult {
	for _, it := range items {
		if it.Principal == m.Person.ID && it.Group == m.Group.ID {
			return it
		}
	}
	return core.ItemResult{}
}
