package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) groupsCommand() *cobra.Command {
	var text string
	cmd := a.command("groups", "Groups of people, who are given roles together: list, make, change", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		rows, err := allGroups(ctx, svc, text)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(filled(rows))
		}
		if len(rows) == 0 {
			a.say("There are no groups. Make one with “stint groups add”.")
			return nil
		}
		cells := make([][]cell, len(rows))
		for i, r := range rows {
			cells[i] = []cell{c(r.Name, strong), c(fmt.Sprint(r.Members)), c(fmt.Sprint(r.Given)), c(r.Description)}
		}
		a.table([]string{"GROUP", "MEMBERS", "ROLES", "DESCRIPTION"}, cells)
		return nil
	})
	cmd.Long = `A group is given roles with “stint assign”. Each member has them for himself alone, from when he comes in until he is taken out, which ends at once what he
activated.`
	cmd.Example = "  stint groups\n  stint groups show operators"
	cmd.Flags().StringVar(&text, "text", "", "only those in whose name this stands")
	cmd.AddCommand(a.groupShowCommand(), a.groupAddCommand(), a.groupRenameCommand(), a.groupRemoveCommand(),
		a.groupMembersCommand("join GROUP PERSON…", "Put people into a group", false),
		a.groupMembersCommand("leave GROUP PERSON…", "Take people out of a group; what they have through it ends", true))
	return cmd
}

func allGroups(ctx context.Context, svc core.Service, text string) ([]core.GroupRow, error) {
	return all(ctx, func(ctx context.Context, p core.Page) (core.List[core.GroupRow], error) {
		return svc.Groups(ctx, core.GroupFilter{Text: text}, p)
	})
}

// findGroup finds one group by its name, the beginning of it, or its identifier.
func findGroup(ctx context.Context, svc core.Service, name string) (core.GroupRow, error) {
	rows, err := allGroups(ctx, svc, "")
	if err != nil {
		return core.GroupRow{}, err
	}
	things := make([]thing[core.GroupRow], len(rows))
	for i, r := range rows {
		things[i] = thing[core.GroupRow]{id: string(r.ID), role: r.Name, value: r}
	}
	found, err := find(things, name)
	if core.CodeOf(err) == core.NotFound {
		return core.GroupRow{}, core.Errorf(core.NotFound, "group", "cli.unknown_group", "name", core.Clip(name, 80))
	}
	if err != nil {
		return core.GroupRow{}, err
	}
	return found[0].value, nil
}

func (a *app) groupShowCommand() *cobra.Command {
	cmd := a.command("show GROUP", "Who is in a group, and what it was given", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		group, err := findGroup(ctx, svc, args[0])
		if err != nil {
			return err
		}
		page, err := svc.GroupPage(ctx, group.ID)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(page)
		}
		a.say("%s", strings.TrimSpace(page.Group.Name+"  "+page.Group.Description))
		if len(page.Members) == 0 {
			a.say("Nobody is in it.")
		}
		cells := make([][]cell, len(page.Members))
		for i, m := range page.Members {
			mark := c("")
			if m.Disabled {
				mark = c("disabled", faint)
			}
			cells[i] = []cell{c(m.Login, strong), c(m.Name), c(a.when(m.Since)), mark}
		}
		if len(cells) > 0 {
			fmt.Fprintln(a.Out)
			a.table([]string{"LOGIN", "NAME", "SINCE", ""}, cells)
		}
		if len(page.Given) > 0 {
			fmt.Fprintln(a.Out)
			a.printAssignments(page.Given)
		}
		return nil
	})
	cmd.Example = "  stint groups show operators"
	return cmd
}

func (a *app) groupAddCommand() *cobra.Command {
	var command core.AddGroup
	var p proof
	cmd := a.command("add GROUP [PERSON…]", "Make a group of people", atLeast(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		command.GroupName = args[0]
		if command.Members, err = findPeople(ctx, svc, args[1:]); err != nil {
			return err
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		a.say("%s is there, with %d members.", command.GroupName, len(command.Members))
		return nil
	})
	cmd.Flags().StringVar(&command.Description, "description", "", "what the group is for")
	cmd.Example = "  stint groups add operators bob carol --description \"who is on call\""
	p.flags(cmd)
	return cmd
}

func findPeople(ctx context.Context, svc core.Service, names []string) ([]core.PersonID, error) {
	var out []core.PersonID
	for _, name := range names {
		person, err := findPerson(ctx, svc, name)
		if err != nil {
			return nil, err
		}
		out = append(out, person.ID)
	}
	return out, nil
}

func (a *app) groupRenameCommand() *cobra.Command {
	var description string
	var p proof
	cmd := a.command("rename GROUP NAME", "Change how a group is called", exactly(2), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		group, err := findGroup(ctx, svc, args[0])
		if err != nil {
			return err
		}
		command := core.UpdateGroup{Group: group.ID, GroupName: args[1], Description: group.Description}
		if description != "" {
			command.Description = description
		}
		if _, err := a.do(ctx, svc, command, p); err != nil {
			return err
		}
		a.say("%s is called %s.", group.Name, args[1])
		return nil
	})
	cmd.Flags().StringVar(&description, "description", "", "what the group is for (default: as before)")
	cmd.Example = "  stint groups rename operators \"On call\""
	p.flags(cmd)
	return cmd
}

func (a *app) groupRemoveCommand() *cobra.Command {
	var why string
	var p proof
	cmd := a.command("remove GROUP", "End what a group was given, and forget the group", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		group, err := findGroup(ctx, svc, args[0])
		if err != nil {
			return err
		}
		res, err := a.do(ctx, svc, core.RemoveGroup{Group: group.ID, Justification: why}, p)
		if err != nil {
			return err
		}
		a.warnAlone()
		if a.json {
			return a.writeJSON(res)
		}
		a.say("%s is no more, nor what its %d members had through it.", group.Name, group.Members)
		return nil
	})
	cmd.Flags().StringVar(&why, "why", "", "justification")
	cmd.Example = "  stint groups remove operators --why \"the team was dissolved\""
	p.flags(cmd)
	return cmd
}

// groupMembersCommand makes the two commands about who is in a group.
func (a *app) groupMembersCommand(use, about string, leave bool) *cobra.Command {
	var why string
	var p proof
	cmd := a.command(use, about, atLeast(2), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		group, err := findGroup(ctx, svc, args[0])
		if err != nil {
			return err
		}
		people, err := findPeople(ctx, svc, args[1:])
		if err != nil {
			return err
		}
		var command core.Command = core.AddMembers{Group: group.ID, People: people}
		done := "in"
		if leave {
			command, done = core.RemoveMembers{Group: group.ID, People: people, Justification: why}, "no longer in"
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		a.warnAlone()
		if a.json {
			return a.writeJSON(res)
		}
		a.say("%s: %s %s.", strings.Join(args[1:], ", "), done, group.Name)
		return nil
	})
	if leave {
		cmd.Flags().StringVar(&why, "why", "", "justification")
		cmd.Example = "  stint groups leave operators bob --why \"left the team\""
	} else {
		cmd.Example = "  stint groups join operators bob carol"
	}
	p.flags(cmd)
	return cmd
}
