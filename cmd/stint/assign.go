package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) assignCommand() *cobra.Command {
	var active, permanent bool
	var scope, from, until, why string
	var groups []string
	var p proof
	cmd := a.command("assign ROLE [PERSON…]", "Make people or groups eligible for a role, or active in it", atLeast(1), func(ctx context.Context, args []string) error {
		if permanent == (until != "") {
			return core.Errorf(core.Invalid, "end", "cli.until_or_permanent")
		}
		if len(args) == 1 && len(groups) == 0 {
			return core.Errorf(core.Invalid, "principals", "cli.who")
		}
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		role, err := findRole(ctx, svc, args[0])
		if err != nil {
			return err
		}
		command := core.Assign{Role: role.ID, Scope: scope, Kind: core.Eligible, Justification: why}
		if active {
			command.Kind = core.Active
		}
		if command.Start, err = a.parseTime("start", from); err != nil {
			return err
		}
		if command.End, err = a.parseTime("end", until); err != nil {
			return err
		}
		names := map[core.PersonID]string{}
		for _, arg := range args[1:] {
			person, err := findPerson(ctx, svc, arg)
			if err != nil {
				return err
			}
			if _, twice := names[person.ID]; !twice {
				command.Principals = append(command.Principals, person.ID)
				names[person.ID] = person.Name + " (" + person.Login + ")"
			}
		}
		called := map[core.GroupID]string{}
		for _, arg := range groups {
			group, err := findGroup(ctx, svc, arg)
			if err != nil {
				return err
			}
			if _, twice := called[group.ID]; !twice {
				command.Groups = append(command.Groups, group.ID)
				called[group.ID] = "group " + group.Name
			}
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if active {
			a.warnAlone()
		}
		return a.items(res, func(i core.ItemResult) string { return names[i.Principal] + called[i.Group] }, func(i core.ItemResult) string {
			return string(command.Kind) + " for " + role.Name + "@" + role.SystemName + ", " + a.lasting(i.End)
		})
	})
	cmd.Example = `  stint assign db_owner@prod-db bob --until 90d --why "on call this quarter"
  stint assign db_owner@prod-db --group operators --permanent --why "they look after it"
  stint assign wheel@web-1 carol dave --active --until "2026-12-01 18:00" --why "migration"`
	f := cmd.Flags()
	f.BoolVar(&active, "active", false, "active at once, not eligible")
	f.StringArrayVar(&groups, "group", nil, "a group of people; may be given several times")
	f.BoolVar(&permanent, "permanent", false, "without an end")
	f.StringVar(&scope, "scope", "", "where the role applies (default: everywhere on the system)")
	f.StringVar(&from, "from", "", "start later: a date, a time or 2h")
	f.StringVar(&until, "until", "", "end: a date, a time, or a length like 14d")
	f.StringVar(&why, "why", "", "justification")
	p.flags(cmd)
	return cmd
}

func (a *app) unassignCommand() *cobra.Command {
	var active, eligible bool
	var scope, why, group string
	var p proof
	cmd := a.command("unassign ROLE [PERSON]", "End an assignment, with what was activated on it", between(1, 2), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		role, err := findRole(ctx, svc, args[0])
		if err != nil {
			return err
		}
		if (len(args) == 2) == (group != "") {
			return core.Errorf(core.Invalid, "principals", "cli.who")
		}
		who, err := findWho(ctx, svc, append(args[1:], "")[0], group)
		if err != nil {
			return err
		}
		filter := core.AssignmentFilter{
			Role: role.ID, Principal: who.person, Group: who.group, Origin: core.Assigned, States: []core.AssignmentState{core.Scheduled, core.InForce},
		}
		if active != eligible {
			if filter.Kind = core.Eligible; active {
				filter.Kind = core.Active
			}
		}
		rows, err := all(ctx, func(ctx context.Context, p core.Page) (core.List[core.AssignmentRow], error) {
			return svc.Assignments(ctx, filter, p)
		})
		if err != nil {
			return err
		}
		if own := slices.DeleteFunc(slices.Clone(rows), func(r core.AssignmentRow) bool { return r.Via != "" }); len(own) > 0 {
			rows = own // what comes through a group is only meant where nothing else can be
		}
		things := make([]thing[core.AssignmentRow], len(rows))
		for i, r := range rows {
			things[i] = thing[core.AssignmentRow]{id: string(r.ID), role: r.RoleName, system: r.SystemName, scope: r.Scope, value: r}
		}
		name := role.Name + "@" + role.SystemName
		if len(things) == 0 {
			return core.Errorf(core.NotFound, "", "cli.not_assigned", "person", who.name, "role", name)
		}
		if len(rows) > 1 && filter.Kind == "" && rows[0].Kind != rows[1].Kind {
			return core.Errorf(core.Invalid, "kind", "cli.say_kind", "person", who.name, "role", name)
		}
		row, err := scoped(things, name, scope)
		if err != nil {
			return err
		}
		res, err := a.do(ctx, svc, core.RemoveAssignments{Assignments: []core.AssignmentID{row.ID}, Justification: why}, p)
		if err != nil {
			return err
		}
		return a.items(res, func(core.ItemResult) string { return who.name },
			func(core.ItemResult) string { return "no longer " + string(row.Kind) + " for " + name })
	})
	cmd.Example = `  stint unassign db_owner@prod-db bob --why "left the team"
  stint unassign db_owner@prod-db --group operators --why "others look after it now"`
	f := cmd.Flags()
	f.BoolVar(&active, "active", false, "the active assignment")
	f.BoolVar(&eligible, "eligible", false, "the eligible assignment")
	f.StringVar(&group, "group", "", "the assignment of this group")
	f.StringVar(&scope, "scope", "", "where it is assigned in several scopes")
	f.StringVar(&why, "why", "", "justification")
	p.flags(cmd)
	return cmd
}

// whose is a person or a group that an assignment belongs to.
type whose struct {
	person core.PersonID
	group  core.GroupID
	name   string
}

// findWho finds the group, if one is named, and else the person.
func findWho(ctx context.Context, svc core.Service, person, group string) (whose, error) {
	if group != "" {
		g, err := findGroup(ctx, svc, group)
		return whose{group: g.ID, name: "group " + g.Name}, err
	}
	p, err := findPerson(ctx, svc, person)
	return whose{person: p.ID, name: p.Name + " (" + p.Login + ")"}, err
}
