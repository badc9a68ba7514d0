package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) assignmentsCommand() *cobra.Command {
	var person, role, system, text string
	var active, eligible, expired, trouble bool
	cmd := a.command("assignments", "Who is eligible for what, and who is active in what", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		f := core.AssignmentFilter{Text: text}
		if person != "" {
			p, err := findPerson(ctx, svc, person)
			if err != nil {
				return err
			}
			f.Principal = p.ID
		}
		if role != "" {
			r, err := findRole(ctx, svc, role)
			if err != nil {
				return err
			}
			f.Role = r.ID
		}
		if system != "" {
			s, err := findSystem(ctx, svc, system)
			if err != nil {
				return err
			}
			f.System = s.ID
		}
		if active != eligible {
			if f.Kind = core.Eligible; active {
				f.Kind = core.Active
			}
		}
		read := liveAssignments
		if expired {
			read = a.expiredAssignments
		}
		rows, err := read(ctx, svc, f)
		if err != nil {
			return err
		}
		if trouble {
			var failing []core.AssignmentRow
			for _, r := range rows {
				if r.GrantError != "" {
					failing = append(failing, r)
				}
			}
			rows = failing
		}
		if a.json {
			return a.writeJSON(filled(rows))
		}
		if len(rows) == 0 {
			a.say("Nothing of that kind.")
			return nil
		}
		a.printAssignments(rows)
		return nil
	})
	cmd.Example = "  stint assignments --person bob\n  stint assignments --active --system prod-db\n  stint assignments --expired\n  stint assignments --failing"
	fl := cmd.Flags()
	fl.StringVar(&person, "person", "", "of this person")
	fl.StringVar(&role, "role", "", "of this role")
	fl.StringVar(&system, "system", "", "on this system")
	fl.StringVar(&text, "text", "", "in whose person, role or system this stands")
	fl.BoolVar(&active, "active", false, "active ones")
	fl.BoolVar(&eligible, "eligible", false, "eligible ones")
	fl.BoolVar(&expired, "expired", false, "those that expired in the last 30 days and can be renewed")
	fl.BoolVar(&trouble, "failing", false, "those that the system could not be made to follow")
	return cmd
}

// liveAssignments reads what is in force, scheduled, or still being taken back.
func liveAssignments(ctx context.Context, svc core.Service, f core.AssignmentFilter) ([]core.AssignmentRow, error) {
	f.States = []core.AssignmentState{core.InForce, core.Scheduled}
	f.GrantStates = []core.GrantState{core.GrantRemoving}
	return all(ctx, func(ctx context.Context, p core.Page) (core.List[core.AssignmentRow], error) {
		return svc.Assignments(ctx, f, p)
	})
}

// expiredAssignments reads what can be renewed.
func (a *app) expiredAssignments(ctx context.Context, svc core.Service, f core.AssignmentFilter) ([]core.AssignmentRow, error) {
	f.States, f.Origin, f.EndedAfter = []core.AssignmentState{core.Expired}, core.Assigned, a.Now().Add(-core.RenewWindow)
	return all(ctx, func(ctx context.Context, p core.Page) (core.List[core.AssignmentRow], error) {
		return svc.Assignments(ctx, f, p)
	})
}

func (a *app) printAssignments(rows []core.AssignmentRow) {
	cells := make([][]cell, len(rows))
	now := a.Now()
	for i, r := range rows {
		st := state(r, now)
		if r.Kind == core.Eligible && r.State == core.InForce {
			st = c("eligible", blue)
		}
		if r.State == core.Expired && r.Origin == core.Assigned {
			st = c("expired", faint)
		}
		cells[i] = []cell{
			st, c(whoOf(r)), c(r.RoleName, strong), c(r.SystemName), c(r.Scope), c(string(r.Origin)), c(a.until(r.End)),
		}
	}
	a.table([]string{"STATE", "WHO", "ROLE", "SYSTEM", "SCOPE", "HOW", "UNTIL"}, cells)
	a.printTrouble(rows)
}

// printTrouble says below a table why a system does not follow.
func (a *app) printTrouble(rows []core.AssignmentRow) {
	for _, r := range rows {
		if r.GrantError != "" && (r.GrantState == core.GrantGranting || r.GrantState == core.GrantRemoving || r.GrantState == core.GrantUnknown) {
			what := "can't be granted"
			if r.GrantState == core.GrantRemoving {
				what = "can't be taken back"
			}
			a.say("%s@%s %s since %s. %s Stint goes on trying.", r.RoleName, r.SystemName, what, a.when(r.GrantFailing), r.GrantError)
		}
	}
}

// whoOf names whose an assignment is, and through which group he has it.
func whoOf(r core.AssignmentRow) string {
	switch {
	case r.OfGroup():
		return "group " + r.PrincipalName
	case r.Via != "":
		return r.PrincipalName + " (" + r.GroupName + ")"
	}
	return r.PrincipalName
}
