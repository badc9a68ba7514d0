package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

// going is what extending and renewing have in common.
type going struct {
	renew                   bool
	active, eligible        bool // which one
	permanent               bool
	scope, from, until, why string
	groups                  []string
	proof                   proof
}

func (a *app) extendCommand() *cobra.Command {
	g := &going{}
	cmd := a.goOnCommand(g, "extend ROLE [PERSON…]", "Move the end of an assignment that ends soon; for your own, ask the administrators")
	cmd.Long = `Moves the end of assignments that end within 14 days. Without a person it is about your
own, and administrators answer; with people, administrators do it at once.`
	cmd.Example = `  stint extend db_owner@prod-db --until 90d --why "the project goes on"
  stint extend db_owner@prod-db bob carol --until 2027-03-31 --why "on call until spring"`
	return cmd
}

func (a *app) renewCommand() *cobra.Command {
	g := &going{renew: true}
	cmd := a.goOnCommand(g, "renew ROLE [PERSON…]", "Put an assignment in force again that has expired; for your own, ask the administrators")
	cmd.Long = `Puts assignments in force again that expired in the last 30 days. Without a person it is
about your own, and administrators answer; with people, administrators do it at once.`
	cmd.Example = `  stint renew db_owner@prod-db --until 90d --why "back on the project"
  stint renew db_owner@prod-db bob --permanent --why "joined the team"`
	cmd.Flags().StringVar(&g.from, "from", "", "start later: a date, a time or 2h")
	return cmd
}

func (a *app) goOnCommand(g *going, use, about string) *cobra.Command {
	cmd := a.command(use, about, atLeast(1), func(ctx context.Context, args []string) error {
		if g.permanent == (g.until != "") {
			return core.Errorf(core.Invalid, "end", "cli.until_or_permanent")
		}
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		start, err := a.parseTime("start", g.from)
		if err != nil {
			return err
		}
		end, err := a.parseTime("end", g.until)
		if err != nil {
			return err
		}
		if len(args) == 1 && len(g.groups) == 0 {
			return a.askToGoOn(ctx, svc, g, args[0], start, end)
		}
		return a.letGoOn(ctx, svc, g, args, start, end)
	})
	f := cmd.Flags()
	f.BoolVar(&g.active, "active", false, "the active assignment")
	f.BoolVar(&g.eligible, "eligible", false, "the eligible assignment")
	f.StringArrayVar(&g.groups, "group", nil, "the assignment of this group; may be given several times")
	f.BoolVar(&g.permanent, "permanent", false, "without an end")
	f.StringVar(&g.until, "until", "", "new end: a date, a time, or a length from now like 90d")
	f.StringVar(&g.scope, "scope", "", "where it is assigned in several scopes")
	f.StringVar(&g.why, "why", "", "justification")
	g.proof.flags(cmd)
	return cmd
}

// askToGoOn asks the administrators about one's own.
func (a *app) askToGoOn(ctx context.Context, svc core.Service, g *going, name string, start, end time.Time) error {
	me, err := svc.Me(ctx)
	if err != nil {
		return err
	}
	row, err := a.toGoOn(ctx, svc, g, core.AssignmentFilter{Principal: me.Person.ID}, name)
	if err != nil {
		return err
	}
	if g.why == "" {
		if g.why, err = a.ask("Why: "); err != nil {
			return err
		}
	}
	var command core.Command = core.RequestExtension{Assignment: row.ID, End: end, Permanent: g.permanent, Justification: g.why}
	if g.renew {
		command = core.RequestRenewal{Assignment: row.ID, Start: start, End: end, Permanent: g.permanent, Justification: g.why}
	}
	res, err := a.do(ctx, svc, command, g.proof)
	if err != nil {
		return err
	}
	return a.items(res, func(core.ItemResult) string { return row.RoleName + "@" + row.SystemName },
		func(i core.ItemResult) string { return "waits for approval (" + string(i.Request) + ")" })
}

// letGoOn does it for others, as an administrator.
func (a *app) letGoOn(ctx context.Context, svc core.Service, g *going, args []string, start, end time.Time) error {
	role, err := findRole(ctx, svc, args[0])
	if err != nil {
		return err
	}
	var list []core.AssignmentID
	names := map[core.AssignmentID]string{}
	type named struct{ person, group string }
	var all []named
	for _, arg := range args[1:] {
		all = append(all, named{person: arg})
	}
	for _, arg := range g.groups {
		all = append(all, named{group: arg})
	}
	for _, arg := range all {
		who, err := findWho(ctx, svc, arg.person, arg.group)
		if err != nil {
			return err
		}
		row, err := a.toGoOn(ctx, svc, g, core.AssignmentFilter{Role: role.ID, Principal: who.person, Group: who.group}, string(role.ID))
		if core.CodeOf(err) == core.NotFound {
			return core.Errorf(core.NotFound, "", "cli.not_assigned", "person", who.name, "role", role.Name+"@"+role.SystemName)
		}
		if err != nil {
			return err
		}
		if _, twice := names[row.ID]; !twice {
			list = append(list, row.ID)
			names[row.ID] = who.name
		}
	}
	var command core.Command = core.ExtendAssignments{Assignments: list, End: end, Permanent: g.permanent, Justification: g.why}
	if g.renew {
		command = core.RenewAssignments{Assignments: list, Start: start, End: end, Permanent: g.permanent, Justification: g.why}
	}
	res, err := a.do(ctx, svc, command, g.proof)
	if err != nil {
		return err
	}
	a.warnAlone()
	return a.items(res, func(i core.ItemResult) string { return names[i.Assignment] }, func(i core.ItemResult) string {
		if i.Status == core.Granted {
			return role.Name + "@" + role.SystemName + " again from " + a.when(i.Start) + ", " + a.lasting(i.End)
		}
		return role.Name + "@" + role.SystemName + " " + a.lasting(i.End)
	})
}

// toGoOn finds the assignment that is meant: a role's name, or an identifier.
func (a *app) toGoOn(ctx context.Context, svc core.Service, g *going, f core.AssignmentFilter, name string) (core.AssignmentRow, error) {
	f.Origin, f.States = core.Assigned, []core.AssignmentState{core.InForce, core.Scheduled, core.Expired}
	if g.active != g.eligible {
		if f.Kind = core.Eligible; g.active {
			f.Kind = core.Active
		}
	}
	rows, err := all(ctx, func(ctx context.Context, p core.Page) (core.List[core.AssignmentRow], error) {
		return svc.Assignments(ctx, f, p)
	})
	if err != nil {
		return core.AssignmentRow{}, err
	}
	things := make([]thing[core.AssignmentRow], len(rows))
	for i, r := range rows {
		things[i] = thing[core.AssignmentRow]{id: string(r.ID), role: r.RoleName, system: r.SystemName, scope: r.Scope, value: r}
		if f.Role != "" {
			things[i].role, things[i].system = name, ""
		}
	}
	found, err := find(things, name)
	if err != nil {
		return core.AssignmentRow{}, err
	}
	// What is in another state is only meant if nothing else can be: why it can't
	// go on is the core's to say.
	if fit := slices.DeleteFunc(slices.Clone(found), func(t thing[core.AssignmentRow]) bool { return (t.value.State == core.Expired) != g.renew }); len(fit) > 0 {
		found = fit
	}
	if len(found) > 1 && f.Kind == "" && found[0].value.Kind != found[1].value.Kind {
		r := found[0].value
		return r, core.Errorf(core.Invalid, "kind", "cli.say_kind", "person", r.PrincipalLogin, "role", r.RoleName+"@"+r.SystemName)
	}
	if own := slices.DeleteFunc(slices.Clone(found), func(t thing[core.AssignmentRow]) bool { return t.value.Via != "" }); len(own) > 0 {
		found = own // what comes through a group is only meant where nothing else can be
	}
	found = latest(found)
	return scoped(found, found[0].name(), g.scope)
}

// latest leaves, of what expired more than once in the same scope, the last.
func latest(found []thing[core.AssignmentRow]) []thing[core.AssignmentRow] {
	var out []thing[core.AssignmentRow]
	at := map[string]int{}
	for _, t := range found {
		i, ok := at[t.scope]
		switch {
		case !ok:
			at[t.scope] = len(out)
			out = append(out, t)
		case t.value.Ended.After(out[i].value.Ended):
			out[i] = t
		}
	}
	return out
}
