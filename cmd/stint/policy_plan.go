package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stint-pim/stint/core"
)

// problems writes what is wrong with a plan, each with its place, and returns
// the refusal of all of it.
func (a *app) problems(file string, plan core.PolicyPlan) error {
	if len(plan.Problems) == 0 {
		return nil
	}
	if a.json {
		if err := a.writeJSON(plan); err != nil {
			return err
		}
	}
	for _, p := range plan.Problems {
		at := file
		if p.Line > 0 {
			at += fmt.Sprintf(":%d", p.Line)
		}
		if p.Where != "" {
			at += " " + p.Where
		}
		if p.Field != "" && p.Field != "file" {
			at += " " + p.Field
		}
		fmt.Fprintln(a.Err, plain(strings.TrimSpace(at)+": "+p.Err.Message))
	}
	return core.Errorf(plan.Problems[0].Err.Code, "", "cli.policy_problems")
}

// showPlan writes what would change at each level, and whom it concerns.
func (a *app) showPlan(_ context.Context, _ core.Service, plan core.PolicyPlan) error {
	if len(plan.Changes) == 0 {
		a.say("Nothing would change.")
		return nil
	}
	names := replacer(plan.Names)
	for _, ch := range plan.Changes {
		a.say("%s", levelName(ch))
		var before, after core.Policy
		before.Lay(ch.Before, "", nil)
		after.Lay(ch.After, "", nil)
		var cells [][]cell
		for _, f := range ch.Fields {
			cells = append(cells, []cell{c("  " + f), c(names.Replace(shownValue(before.Value(f)))), origin(ch.From[f]), c("→"), c(names.Replace(shownValue(after.Value(f))), strong), origin(ch.To[f])})
		}
		a.table([]string{"  SETTING", "NOW", "FROM", "", "THEN", "FROM"}, cells)
	}
	more := ""
	if plan.More {
		more = "at least "
	}
	a.say("%s would have other settings. Eligible for them: %s%s. Active in them now: %s.", count(plan.Roles, "role"), more, people(plan.Eligible), people(plan.Active))
	for _, n := range plan.Notes {
		a.say("%s", n.English())
	}
	return nil
}

// carryOut shows a plan, asks, and makes it.
func (a *app) carryOut(ctx context.Context, svc core.Service, plan core.PolicyPlan, yes bool, p proof) error {
	if !a.json || !yes {
		if err := a.showPlan(ctx, svc, plan); err != nil {
			return err
		}
	}
	if len(plan.Changes) == 0 {
		if a.json {
			return a.writeJSON(plan)
		}
		return nil
	}
	if !yes {
		if _, asks := a.terminal(); !asks {
			return core.Errorf(core.Invalid, "yes", "cli.policy_yes")
		}
		answer, err := a.ask("Change this? [y/N] ")
		if err != nil {
			return err
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
		default:
			return core.Errorf(core.Canceled, "", "cli.policy_unchanged")
		}
	}
	if _, err := a.do(ctx, svc, plan.Command, p); err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(plan)
	}
	a.say("Done: %s changed.", count(len(plan.Changes), "level"))
	return nil
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

func levelName(c core.PolicyChange) string {
	switch {
	case c.RoleName != "" && c.Before.Equal(c.After):
		return fmt.Sprintf("%s@%s (stays as it is for everybody; only where it is set changes)", c.RoleName, c.SystemName)
	case c.RoleName != "":
		return fmt.Sprintf("%s@%s (eligible: %s, active now: %s)", c.RoleName, c.SystemName, people(c.Eligible), people(c.Active))
	case c.SystemName != "":
		return c.SystemName + " (all of its roles)"
	}
	return "defaults (all roles)"
}

func roleName(p core.RolePage) string { return p.Role.Name + "@" + p.Role.SystemName }

// shownValue makes an empty text visible.
func shownValue(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// origin says where a setting is made.
func origin(o core.PolicyOrigin) cell {
	if o == core.OriginRole {
		return c(string(o), blue)
	}
	return c(string(o), faint)
}

// namesIn gives the people, groups and roles in stages their names.
func (a *app) namesIn(ctx context.Context, svc core.Service, all ...core.Policy) (*strings.Replacer, error) {
	var ids []string
	for _, p := range all {
		for _, st := range p.Stages {
			for _, ap := range append(append([]core.Approver{}, st.Approvers...), st.EscalateTo...) {
				if !slices.Contains(ids, ap.ID()) {
					ids = append(ids, ap.ID())
				}
			}
		}
	}
	names := map[string]string{}
	if len(ids) == 0 {
		return replacer(names), nil
	}
	rows, err := svc.Approvers(ctx, core.ApproverFilter{IDs: ids})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		names[r.ID()] = r.Name
		if r.Role != "" {
			names[r.ID()] += "@" + r.About
		}
	}
	return replacer(names), nil
}

func replacer(names map[string]string) *strings.Replacer {
	var pairs []string
	for id, name := range names {
		pairs = append(pairs, id, name)
	}
	return strings.NewReplacer(pairs...)
}
