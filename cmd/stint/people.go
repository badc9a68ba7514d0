package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) peopleCommand() *cobra.Command {
	var text string
	cmd := a.command("people", "People who can sign in: list, add, let in and keep out", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		rows, err := all(ctx, func(ctx context.Context, p core.Page) (core.List[core.PersonRow], error) {
			return svc.People(ctx, core.PersonFilter{Text: text}, p)
		})
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(filled(rows))
		}
		cells := make([][]cell, len(rows))
		for i, r := range rows {
			mark := c("")
			switch {
			case r.Disabled:
				mark = c("disabled", faint)
			case r.Locked:
				mark = c("locked", red)
			case !r.HasFactor:
				mark = c("no second factor", amber)
			}
			cells[i] = []cell{
				c(r.Login, strong), c(r.Name), c(r.Mail), c(fmt.Sprint(r.Eligible)), c(fmt.Sprint(r.Active)), c(a.when(r.LastSeen)), mark,
			}
		}
		a.table([]string{"LOGIN", "NAME", "MAIL", "ELIGIBLE", "ACTIVE", "SEEN", ""}, cells)
		return nil
	})
	cmd.Flags().StringVar(&text, "text", "", "only those in whose name, login or mail this stands")
	cmd.AddCommand(
		a.personAddCommand(), a.personShowCommand(), a.accountCommand(),
		a.personWith("disable", "End all that somebody has and keep him out", true, func(p core.PersonRow, why string) (core.Command, string) {
			return core.DisablePerson{Person: p.ID, Justification: why}, "%s can't sign in any more."
		}),
		a.personWith("enable", "Let a disabled person in again", false, func(p core.PersonRow, _ string) (core.Command, string) {
			return core.EnablePerson{Person: p.ID}, "%s may sign in again."
		}),
		a.personWith("reset-password", "Give somebody a new first password", false, func(p core.PersonRow, _ string) (core.Command, string) {
			return core.ResetPassword{Person: p.ID}, "%s has a new first password."
		}),
		a.personWith("reset-factor", "Take a lost second factor away", false, func(p core.PersonRow, _ string) (core.Command, string) {
			return core.ResetFactor{Person: p.ID}, "%s sets up a new second factor at the next sign-in."
		}),
		a.personWith("sign-out", "Sign somebody out everywhere", false, func(p core.PersonRow, _ string) (core.Command, string) {
			return core.EndSessions{Person: p.ID}, "%s is signed out everywhere."
		}),
	)
	return cmd
}

// personWith makes a command about one person.
func (a *app) personWith(verb, short string, asksWhy bool, make func(p core.PersonRow, why string) (core.Command, string)) *cobra.Command {
	var why string
	var p proof
	cmd := a.command(verb+" PERSON", short, exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		person, err := findPerson(ctx, svc, args[0])
		if err != nil {
			return err
		}
		command, done := make(person, why)
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		a.say(done, person.Name+" ("+person.Login+")")
		a.sayFirstPassword(res)
		return nil
	})
	if asksWhy {
		cmd.Flags().StringVar(&why, "why", "", "justification")
	}
	p.flags(cmd)
	return cmd
}

// sayFirstPassword shows the one secret of a result, which is shown once.
func (a *app) sayFirstPassword(res core.Result) {
	if res.Secret != "" {
		a.say("First password, shown only now: %s", res.Secret)
		a.say("It has to be changed at the first sign-in.")
	}
}

func (a *app) personAddCommand() *cobra.Command {
	var command core.AddPerson
	var accounts []string
	var p proof
	cmd := a.command("add LOGIN", "Add somebody; prints the first password", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		command.Login = args[0]
		for _, q := range []struct {
			to     *string
			prompt string
		}{{&command.FullName, "Name: "}, {&command.Mail, "Mail address: "}} {
			if *q.to == "" {
				if *q.to, err = a.ask(q.prompt); err != nil {
					return err
				}
			}
		}
		for _, acc := range accounts {
			// The last sign divides: an account may be called anything, and a
			// system's name can be written by its beginning.
			name, external, ok := strings.Cut(acc, "=")
			if !ok || external == "" {
				return core.Errorf(core.Invalid, "account", "cli.account")
			}
			s, err := findSystem(ctx, svc, name)
			if err != nil {
				return err
			}
			if command.Accounts == nil {
				command.Accounts = map[core.SystemID]string{}
			}
			command.Accounts[s.ID] = external
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		a.say("%s (%s) is added.", command.FullName, command.Login)
		a.sayFirstPassword(res)
		return nil
	})
	cmd.Example = `  stint people add bob --name "Bob Baker" --mail bob@example.org --account prod-db=bbaker`
	f := cmd.Flags()
	f.StringVar(&command.FullName, "name", "", "full name")
	f.StringVar(&command.Mail, "mail", "", "mail address")
	f.StringVar(&command.Language, "language", "en", "of mails and messages: en or de")
	f.StringArrayVar(&accounts, "account", nil, "SYSTEM=ACCOUNT, who the person is there; may stand several times")
	p.flags(cmd)
	return cmd
}

func (a *app) accountCommand() *cobra.Command {
	var remove bool
	var p proof
	cmd := a.command("account PERSON SYSTEM [ACCOUNT]", "Say who somebody is on a system", between(2, 3), func(ctx context.Context, args []string) error {
		if remove == (len(args) == 3) {
			return core.Errorf(core.Invalid, "account", "cli.account_or_remove")
		}
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		person, err := findPerson(ctx, svc, args[0])
		if err != nil {
			return err
		}
		s, err := findSystem(ctx, svc, args[1])
		if err != nil {
			return err
		}
		command := core.SetAccount{Person: person.ID, System: s.ID}
		if !remove {
			command.External = args[2]
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		if remove {
			a.say("%s (%s) has no account on %s any more.", person.Name, person.Login, s.Name)
			return nil
		}
		a.say("%s (%s) is “%s” on %s.", person.Name, person.Login, command.External, s.Name)
		return nil
	})
	cmd.Example = "  stint people account bob prod-db bbaker\n  stint people account bob prod-db --remove"
	cmd.Flags().BoolVar(&remove, "remove", false, "the person has no account there any more")
	p.flags(cmd)
	return cmd
}

func (a *app) personShowCommand() *cobra.Command {
	return a.command("show PERSON", "One person, with accounts, sessions and assignments", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		person, err := findPerson(ctx, svc, args[0])
		if err != nil {
			return err
		}
		page, err := svc.PersonPage(ctx, person.ID)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(page)
		}
		a.say("%s (%s), %s", person.Name, person.Login, person.Mail)
		switch {
		case person.Disabled:
			a.say("Disabled: can't sign in.")
		case !person.HasFactor:
			a.say("Has no second factor yet.")
		}
		if len(page.Accounts) > 0 {
			fmt.Fprintln(a.Out)
			cells := make([][]cell, len(page.Accounts))
			for i, acc := range page.Accounts {
				cells[i] = []cell{c(acc.SystemName, strong), c(acc.External)}
			}
			a.table([]string{"SYSTEM", "ACCOUNT"}, cells)
		}
		if len(page.Sessions) > 0 {
			fmt.Fprintln(a.Out)
			cells := make([][]cell, len(page.Sessions))
			for i, s := range page.Sessions {
				cells[i] = []cell{c(a.when(s.Created)), c(a.when(s.LastSeen)), c(s.From)}
			}
			a.table([]string{"SIGNED IN", "LAST USED", "FROM"}, cells)
		}
		rows, err := liveAssignments(ctx, svc, core.AssignmentFilter{Principal: person.ID})
		if err != nil || len(rows) == 0 {
			return err
		}
		fmt.Fprintln(a.Out)
		a.printAssignments(rows)
		return nil
	})
}
