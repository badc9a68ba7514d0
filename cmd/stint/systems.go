package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

// systemPassword is where a script gives a system's credential.
const systemPassword = "STINT_SYSTEM_PASSWORD"

func (a *app) systemsCommand() *cobra.Command {
	cmd := a.command("systems", "Systems: list, try, add, change, remove, compare", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		rows, err := svc.Systems(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(filled(rows))
		}
		cells := make([][]cell, len(rows))
		for i, r := range rows {
			health := c("reachable", green)
			switch {
			case r.ID == core.StintSystem:
				health = c("built in")
			case r.State == core.SystemDraining:
				health = c("being removed", violet)
			case r.Health.Error != "":
				health = c("not reached since "+a.when(r.Health.Since), red)
			case r.Health.LastOK.IsZero():
				health = c("not tried yet", faint)
			}
			cells[i] = []cell{
				c(r.Name, strong), c(string(r.Kind)), health, c(fmt.Sprint(r.Roles)), c(fmt.Sprint(r.Active)), c(fmt.Sprint(r.Pending)), c(r.Health.Error),
			}
			if r.Drift > 0 && r.Health.Error == "" {
				cells[i][6] = c(fmt.Sprintf("%d otherwise than Stint left it: stint systems drift %s", r.Drift, quoted(r.Name)), amber)
			}
			if r.Stuck > 0 {
				cells[i][5] = c(fmt.Sprintf("%d, %d failing", r.Pending, r.Stuck), red)
			}
		}
		a.table([]string{"SYSTEM", "KIND", "STATE", "ROLES", "ACTIVE", "PENDING", ""}, cells)
		return nil
	})
	cmd.AddCommand(a.kindsCommand(), a.systemTestCommand(), a.systemAddCommand(), a.systemManageCommand(), a.systemUpdateCommand(), a.systemRemoveCommand(), a.driftCommand())
	return cmd
}

// findSystem finds one system that Stint still knows how to reach.
func findSystem(ctx context.Context, svc core.Service, name string) (core.SystemRow, error) {
	systems, err := svc.Systems(ctx)
	if err != nil {
		return core.SystemRow{}, err
	}
	things := make([]thing[core.SystemRow], len(systems))
	for i, s := range systems {
		things[i] = thing[core.SystemRow]{id: string(s.ID), role: s.Name, value: s}
	}
	found, err := find(things, name)
	if core.CodeOf(err) == core.NotFound {
		return core.SystemRow{}, core.Errorf(core.NotFound, "system", "cli.unknown_system", "name", core.Clip(name, 80))
	}
	if err != nil {
		return core.SystemRow{}, err
	}
	return found[0].value, nil
}

func (a *app) kindsCommand() *cobra.Command {
	cmd := a.command("kinds", "Kinds of systems, and the settings each needs", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		kinds, err := svc.Kinds(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(filled(kinds))
		}
		for i, k := range kinds {
			if i > 0 {
				fmt.Fprintln(a.Out)
			}
			a.say("%s (--kind %s)", k.Title, k.Kind)
			a.wrapped("  ", core.English(k.Summary))
			if !k.Available {
				a.wrapped("  ", "Not available here. "+core.English(k.Why))
			}
			for _, f := range k.Fields {
				line := "  --set " + f.Name + "="
				switch {
				case f.Required:
					line += "… needed"
				case f.Default != "":
					line += f.Default
				}
				if len(f.Choices) > 0 {
					line += "  (" + strings.Join(f.Choices, ", ") + ")"
				}
				a.say("%s", line)
				a.wrapped("      ", core.English(f.Help))
			}
			if k.HasSecret {
				a.say("  A password is asked for, or taken from %s.", systemPassword)
			}
		}
		return nil
	})
	return cmd
}

// wrapped writes a paragraph at most 92 characters wide.
func (a *app) wrapped(indent, text string) {
	line := indent
	for _, word := range strings.Fields(plain(text)) {
		if line != indent && columns(line)+1+columns(word) > 92 {
			fmt.Fprintln(a.Out, line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	if line != indent {
		fmt.Fprintln(a.Out, line)
	}
}

// systemFlags say how a system is reached.
type systemFlags struct {
	kind, password string
	set            []string
}

func (s *systemFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.set, "set", nil, "a setting as name=value; may stand several times (see stint systems kinds)")
	cmd.Flags().StringVar(&s.password, "password", "", "- reads the system's password from standard input")
}

// settings puts what --set says over those there are.
func (s *systemFlags) settings(over map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for k, v := range over {
		out[k] = v
	}
	for _, set := range s.set {
		name, value, ok := strings.Cut(set, "=")
		if !ok || name == "" {
			return nil, core.Errorf(core.Invalid, "set", "cli.set")
		}
		if out[name] = value; value == "" {
			delete(out, name)
		}
	}
	return out, nil
}

func kindOf(ctx context.Context, svc core.Service, name string) (core.KindInfo, error) {
	kinds, err := svc.Kinds(ctx)
	if err != nil {
		return core.KindInfo{}, err
	}
	var names []string
	for _, k := range kinds {
		if string(k.Kind) == name {
			return k, nil
		}
		names = append(names, string(k.Kind))
	}
	return core.KindInfo{}, core.Errorf(core.Invalid, "kind", "cli.kind", "kinds", strings.Join(names, ", "))
}

func (a *app) systemAddCommand() *cobra.Command {
	var s systemFlags
	var roles []string
	var everything, untried bool
	var p proof
	cmd := a.command("add NAME", "Begin to manage a system", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		kind, err := kindOf(ctx, svc, s.kind)
		if err != nil {
			return err
		}
		if !kind.Available {
			return core.Errorf(core.Unavailable, "kind", kind.Why)
		}
		spec := core.SystemSpec{Name: args[0], Kind: kind.Kind}
		if spec.Settings, err = s.settings(nil); err != nil {
			return err
		}
		for _, f := range kind.Fields {
			if f.Required && spec.Settings[f.Name] == "" {
				answer, err := a.ask(core.English(f.Label) + ": ")
				if err != nil {
					return err
				}
				if answer == "" {
					return core.Errorf(core.Invalid, f.Name, "cli.setting_missing", "name", f.Name)
				}
				spec.Settings[f.Name] = answer
			}
		}
		if kind.HasSecret {
			if spec.Secret, err = a.password(s.password, systemPassword, "Password of that account: "); err != nil {
				return err
			}
		}
		command := core.AddSystem{SystemSpec: spec}
		if untried {
			for _, r := range roles {
				command.Roles = append(command.Roles, core.NewRole{External: r})
			}
		} else {
			probe, err := a.try(ctx, svc, "", spec)
			if err != nil {
				return err
			}
			if everything {
				roles = nil
				for _, r := range probe.Roles {
					roles = append(roles, r.External)
				}
			}
			if command.Roles, err = chosen(probe, roles); err != nil {
				return err
			}
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		a.say("%s is managed, with %s.", spec.Name, count(len(res.Roles), "role"))
		if len(res.Roles) == 0 {
			a.say("See what it has with: stint systems test %s", quoted(spec.Name))
		}
		return nil
	})
	cmd.Long = `Tries the system first: connects, and looks what roles it has. Only one that answers is
added, unless --untried is given. The password is asked for, or taken from the environment
variable ` + systemPassword + `, or with --password - from standard input; never from an argument.`
	cmd.Example = `  stint systems kinds
  stint systems add prod-db --kind postgres --set host=db.example.org --set user=stint --role dba --role readers
  stint systems add web-1 --kind linux --role wheel`
	s.flags(cmd)
	cmd.Flags().StringVar(&s.kind, "kind", "", "postgres or linux (see stint systems kinds)")
	cmd.Flags().StringArrayVar(&roles, "role", nil, "a role to manage, as the system calls it; may stand several times")
	cmd.Flags().BoolVar(&everything, "all-roles", false, "manage every role the system has")
	cmd.Flags().BoolVar(&untried, "untried", false, "add it even though it can't be reached now")
	p.flags(cmd)
	return cmd
}

// try probes a system, shows what failed, and returns an error if it is of no use.
func (a *app) try(ctx context.Context, svc core.Service, id core.SystemID, spec core.SystemSpec) (core.Probe, error) {
	probe, err := svc.Probe(ctx, id, spec)
	if err != nil {
		return probe, err
	}
	for _, step := range probe.Steps {
		if !step.OK {
			return probe, core.Errorf(core.Unavailable, "", "cli.probe", "step", core.English(step.Name), "problem", step.Problem)
		}
	}
	return probe, nil
}

// chosen makes new roles of those that a system was found to have.
func chosen(probe core.Probe, names []string) ([]core.NewRole, error) {
	var out []core.NewRole
	for _, name := range names {
		i := slices.IndexFunc(probe.Roles, func(r core.FoundRole) bool { return r.External == name })
		if i < 0 {
			return nil, core.Errorf(core.NotFound, "role", "cli.role_not_found", "role", core.Clip(name, 80))
		}
		r := probe.Roles[i]
		if r.Managed {
			continue
		}
		out = append(out, core.NewRole{External: r.External, Description: core.Clip(r.Description, core.MaxDescription), Privileged: r.Privileged})
	}
	return out, nil
}

func (a *app) systemTestCommand() *cobra.Command {
	return a.command("test NAME", "Try a system and show its roles; changes nothing", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		s, err := findSystem(ctx, svc, args[0])
		if err != nil {
			return err
		}
		probe, err := a.try(ctx, svc, s.ID, core.SystemSpec{Name: s.Name, Kind: s.Kind, Settings: s.Settings})
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(probe)
		}
		a.say("%s answers: %s. It has %s and %s.", s.Name, probe.Version, count(len(probe.Roles), "role"), count(len(probe.Accounts), "account"))
		if len(probe.Roles) == 0 {
			return nil
		}
		fmt.Fprintln(a.Out)
		cells := make([][]cell, len(probe.Roles))
		for i, r := range probe.Roles {
			mark := c("")
			if r.Managed {
				mark = c("managed", green)
			}
			cells[i] = []cell{c(r.External, strong), mark, c(core.Clip(strings.Join(r.Holders, ", "), 60)), c(core.Clip(r.Description, 60), faint)}
		}
		a.table([]string{"ROLE", "", "HELD BY", "DESCRIPTION"}, cells)
		return nil
	})
}

func (a *app) systemManageCommand() *cobra.Command {
	var p proof
	cmd := a.command("manage NAME ROLE…", "Manage more roles of a system", atLeast(2), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		s, err := findSystem(ctx, svc, args[0])
		if err != nil {
			return err
		}
		probe, err := a.try(ctx, svc, s.ID, core.SystemSpec{Name: s.Name, Kind: s.Kind, Settings: s.Settings})
		if err != nil {
			return err
		}
		command := core.AddRoles{System: s.ID}
		if command.Roles, err = chosen(probe, args[1:]); err != nil {
			return err
		}
		if len(command.Roles) == 0 {
			return core.Errorf(core.Conflict, "roles", "cli.managed")
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		a.say("%s of %s more are managed.", count(len(res.Roles), "role"), s.Name)
		return nil
	})
	cmd.Example = "  stint systems manage prod-db dba readers"
	p.flags(cmd)
	return cmd
}

func (a *app) systemUpdateCommand() *cobra.Command {
	var s systemFlags
	var name string
	var p proof
	cmd := a.command("update NAME", "Change how a system is reached", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		row, err := findSystem(ctx, svc, args[0])
		if err != nil {
			return err
		}
		command := core.UpdateSystem{System: row.ID, SystemSpec: core.SystemSpec{Name: row.Name, Kind: row.Kind}}
		if name != "" {
			command.Name = name
		}
		if command.Settings, err = s.settings(row.Settings); err != nil {
			return err
		}
		// Not asked for: to keep the present one is the usual case.
		if s.password != "" || a.Getenv(systemPassword) != "" {
			if command.Secret, err = a.password(s.password, systemPassword, ""); err != nil {
				return err
			}
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		a.say("%s is changed.", command.Name)
		return nil
	})
	cmd.Long = "Settings not named stay. An empty value (--set ca_file=) takes one away. The password stays\nunless a new one is given with --password - or in " + systemPassword + "."
	cmd.Example = "  stint systems update prod-db --set host=db2.example.org --password - <password.txt"
	s.flags(cmd)
	cmd.Flags().StringVar(&name, "name", "", "a new name")
	p.flags(cmd)
	return cmd
}

func (a *app) systemRemoveCommand() *cobra.Command {
	var why string
	var p proof
	cmd := a.command("remove NAME", "Take back all that was granted on a system, then forget it", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		s, err := findSystem(ctx, svc, args[0])
		if err != nil {
			return err
		}
		res, err := a.do(ctx, svc, core.RemoveSystem{System: s.ID, Justification: why}, p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		a.say("%s is being removed. It is forgotten once it holds nothing of ours any more.", s.Name)
		return nil
	})
	cmd.Example = `  stint systems remove test-db --why "retired"`
	cmd.Flags().StringVar(&why, "why", "", "justification")
	p.flags(cmd)
	return cmd
}
