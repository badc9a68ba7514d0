package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) activateCommand() *cobra.Command {
	var length, why, ticket, at, scope string
	var wait bool
	var within time.Duration
	var p proof
	cmd := a.command("activate ROLE…", "Activate roles that you are eligible for", atLeast(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		access, err := svc.Access(ctx)
		if err != nil {
			return err
		}
		things := make([]thing[core.EligibleRow], len(access.Eligible))
		for i, r := range access.Eligible {
			things[i] = thing[core.EligibleRow]{id: string(r.ID), role: r.RoleName, system: r.SystemName, scope: r.Scope, value: r}
		}
		command := core.Activate{Justification: why, Ticket: parseTicket(ticket)}
		names := map[core.RoleID]string{}
		longest := core.Duration(core.MaxMaxDuration)
		for _, arg := range args {
			found, err := find(things, arg)
			if err != nil {
				return err
			}
			row, err := eligibleFor(found, arg, scope)
			if err != nil {
				return err
			}
			item := core.ActivationItem{Assignment: row.ID}
			if scope != "" && scope != row.Scope {
				item.Scope = scope
			}
			if slices.Contains(command.Items, item) {
				continue // named twice
			}
			command.Items = append(command.Items, item)
			names[row.Role] = row.RoleName + "@" + row.SystemName
			longest = min(longest, row.Policy.MaxDuration)
			if row.Policy.RequireJustification && command.Justification == "" {
				if command.Justification, err = a.ask("Why: "); err != nil {
					return err
				}
			}
		}
		if command.Duration = longest; length != "" {
			if command.Duration, err = core.ParseDuration(length); err != nil {
				return err
			}
		}
		if command.Start, err = a.parseTime("start", at); err != nil {
			return err
		}
		// Alone, the process must stay until the systems have answered.
		if (wait || a.alone) && command.Start.IsZero() {
			p.wait = within
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		a.warnAlone()
		if p.wait > 0 && !provisioned(res) { // ended meanwhile, or slower than one call may wait
			if err := a.waitFor(ctx, svc, within, func(access core.Access) error { return granted(res, access) }); err != nil {
				for _, i := range res.Items { // why it takes so long
					for _, n := range i.Notes {
						fmt.Fprintln(a.Err, n.English())
					}
				}
				return err
			}
			for i := range res.Items {
				if res.Items[i].Err == nil && res.Items[i].Status != core.PendingApproval {
					res.Items[i].Status = core.Provisioned
				}
			}
		}
		return a.items(res, func(i core.ItemResult) string { return names[i.Role] }, func(i core.ItemResult) string {
			switch i.Status {
			case core.PendingApproval:
				return "waits for approval (" + string(i.Request) + ")"
			case core.Granted:
				return fmt.Sprintf("scheduled from %s until %s", a.when(i.Start), a.until(i.End))
			case core.Provisioned:
				return "active until " + a.until(i.End)
			}
			return fmt.Sprintf("being granted, until %s", a.until(i.End))
		})
	})
	cmd.Long = `Activates roles for a while. A role is named role@system, or by a beginning that no
other role has. Several roles share one justification, one ticket and one code; each
gets its own answer.`
	cmd.Example = `  stint activate db_owner@prod-db --for 1h30m --why "restore customer table" --code 123456
  stint activate db_owner wheel@web-1 --for 45m --why "incident" --ticket JIRA:OPS-12 --wait
  oathtool -b --totp "$KEY" | stint activate db_owner --code - --why "nightly job"`
	f := cmd.Flags()
	f.StringVar(&length, "for", "", "how long, like 1h30m or PT45M (default: as long as the settings allow)")
	f.StringVar(&why, "why", "", "justification")
	f.StringVar(&ticket, "ticket", "", "SYSTEM:NUMBER of the change or incident")
	f.StringVar(&at, "at", "", "start later: 14:30, \"2026-11-24 08:00\", 2h")
	f.StringVar(&scope, "scope", "", "at or below the scope of the eligible assignment")
	f.BoolVar(&wait, "wait", false, "wait until the systems have been read back")
	f.DurationVar(&within, "within", time.Minute, "how long to wait at most")
	p.flags(cmd)
	return cmd
}

// eligibleFor chooses among the same role in several scopes: the one that has
// the scope asked for, or the one above it.
func eligibleFor(found []thing[core.EligibleRow], name, scope string) (core.EligibleRow, error) {
	if len(found) == 1 {
		return found[0].value, nil // whether the scope fits is the core's to say
	}
	return scoped(found, name, scope)
}

// provisioned reports whether every item of res that was not refused is on its
// system.
func provisioned(res core.Result) bool {
	return !slices.ContainsFunc(res.Items, func(i core.ItemResult) bool { return i.Err == nil && i.Status != core.Provisioned })
}

// granted reports nil once every item of res is on its system.
func granted(res core.Result, access core.Access) error {
	for _, item := range res.Items {
		if item.Err != nil || item.Status == core.PendingApproval {
			continue // how long others take, nobody knows
		}
		i := slices.IndexFunc(access.Active, func(r core.AccessRow) bool { return r.ID == item.Assignment })
		if i < 0 {
			return core.Errorf(core.Conflict, "", "cli.ended_meanwhile") // dropped by somebody before it was there
		}
		if access.Active[i].RequestStatus != core.Provisioned {
			return errNotYet
		}
	}
	return nil
}

// waitFor reads "My access" after every change until done says so. done
// returns errNotYet to go on.
func (a *app) waitFor(ctx context.Context, svc core.Service, within time.Duration, done func(core.Access) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, errNotYet)
	defer cancel()
	updates, err := svc.Watch(ctx)
	if err != nil {
		return err
	}
	for range updates {
		access, err := svc.Access(ctx)
		if err == nil {
			err = done(access)
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errNotYet):
		case ctx.Err() == nil:
			return err
		}
	}
	if errors.Is(context.Cause(ctx), errNotYet) {
		return core.Errorf(core.Unavailable, "", "cli.not_yet")
	}
	if ctx.Err() != nil {
		return core.Wrap(core.Canceled, "cli.stopped_waiting", context.Cause(ctx))
	}
	return core.Errorf(core.Unauthenticated, "", "api.no_session")
}

// running returns the activations of the person that can be ended or prolonged.
func running(access core.Access) []thing[core.AccessRow] {
	var things []thing[core.AccessRow]
	for _, r := range append(append([]core.AccessRow{}, access.Active...), access.Scheduled...) {
		if r.Origin == core.Activated && r.State.Live() {
			things = append(things, thing[core.AccessRow]{id: string(r.ID), role: r.RoleName, system: r.SystemName, scope: r.Scope, value: r})
		}
	}
	return things
}

func (a *app) dropCommand() *cobra.Command {
	var everything, wait bool
	var on string
	var within time.Duration
	var p proof
	cmd := a.command("drop [ROLE…]", "End activations now, or cancel scheduled ones", cobra.ArbitraryArgs, func(ctx context.Context, args []string) error {
		ways := 0
		for _, chosen := range []bool{everything, len(args) > 0, on != ""} {
			if chosen {
				ways++
			}
		}
		if ways != 1 {
			return core.Errorf(core.Invalid, "roles", "cli.drop_what")
		}
		reason := core.DropReason(on)
		if on != "" && !slices.Contains(core.DropReasons(), reason) {
			return core.Errorf(core.Invalid, "on", "drop.reason")
		}
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		access, err := svc.Access(ctx)
		if err != nil {
			return err
		}
		things := running(access)
		command := core.Drop{Reason: reason}
		names, local := map[core.AssignmentID]string{}, map[core.AssignmentID]bool{}
		add := func(t thing[core.AccessRow]) {
			if _, ok := names[t.value.ID]; !ok {
				command.Assignments = append(command.Assignments, t.value.ID)
				names[t.value.ID] = t.name()
				local[t.value.ID] = t.value.System == core.StintSystem || t.value.State == core.Scheduled
			}
		}
		for _, arg := range args {
			found, err := findActive(things, arg)
			if err != nil {
				return err
			}
			for _, t := range found { // in every scope: giving up is never too much
				add(t)
			}
		}
		for _, t := range things {
			if everything || on != "" && t.value.State == core.InForce && slices.Contains(t.value.DropOn, reason) {
				add(t)
			}
		}
		if len(command.Assignments) == 0 {
			if a.json {
				return a.writeJSON(core.Result{})
			}
			a.say("Nothing is active.")
			return nil
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if wait || a.alone {
			if err := a.waitFor(ctx, svc, within, func(access core.Access) error { return gone(res, access) }); err != nil {
				return err
			}
		}
		return a.items(res, func(i core.ItemResult) string { return names[i.Assignment] }, func(i core.ItemResult) string {
			if i.Status == core.CanceledRequest {
				return "canceled" // it had not begun
			}
			if wait || a.alone || local[i.Assignment] {
				return "dropped"
			}
			return "dropped, and being taken back"
		})
	})
	cmd.Example = "  stint drop db_owner@prod-db\n  stint drop --all --wait\n  stint drop --on lock"
	f := cmd.Flags()
	f.BoolVar(&everything, "all", false, "everything that you activated")
	f.StringVar(&on, "on", "", "what ends by its role's settings for lock, sleep or signout: for a hook of the screen lock")
	f.BoolVar(&wait, "wait", false, "wait until the systems have been read back")
	f.DurationVar(&within, "within", time.Minute, "how long to wait at most")
	p.flags(cmd)
	return cmd
}

// gone reports nil once nothing of res is on a system or being removed.
func gone(res core.Result, access core.Access) error {
	for _, item := range res.Items {
		if item.Err == nil && slices.ContainsFunc(access.Active, func(r core.AccessRow) bool { return r.ID == item.Assignment }) {
			return errNotYet
		}
	}
	return nil
}

func (a *app) prolongCommand() *cobra.Command {
	var length, why, ticket, scope string
	var p proof
	cmd := a.command("prolong ROLE", "Move the end of a running activation", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		access, err := svc.Access(ctx)
		if err != nil {
			return err
		}
		found, err := findActive(running(access), args[0])
		if err != nil {
			return err
		}
		row, err := scoped(found, args[0], scope)
		if err != nil {
			return err
		}
		command := core.Prolong{Assignment: row.ID, Justification: why, Ticket: parseTicket(ticket), Duration: row.MaxProlong}
		if length != "" {
			if command.Duration, err = core.ParseDuration(length); err != nil {
				return err
			}
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		a.warnAlone()
		return a.items(res, func(core.ItemResult) string { return row.RoleName + "@" + row.SystemName },
			func(i core.ItemResult) string {
				if i.Status == core.PendingApproval {
					return "waits for approval (" + string(i.Request) + ")"
				}
				return "active until " + a.until(i.End)
			})
	})
	cmd.Example = `  stint prolong db_owner --for 30m --why "still restoring" --code 123456`
	f := cmd.Flags()
	f.StringVar(&length, "for", "", "how long from now (default: as long as the settings allow)")
	f.StringVar(&why, "why", "", "justification")
	f.StringVar(&ticket, "ticket", "", "SYSTEM:NUMBER of the change or incident")
	f.StringVar(&scope, "scope", "", "where the role is active in several scopes")
	p.flags(cmd)
	return cmd
}
