package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/policyfile"
)

func (a *app) policyCommand() *cobra.Command {
	cmd := group(a.command("policy", "Settings of roles: look, compare, change many, keep them as YAML", none, nil))
	cmd.AddCommand(a.policyShow(), a.policyCompare(), a.policyEdit(), a.policyExport(), a.policyDiff(), a.policyApply())
	return cmd
}

func (a *app) policyShow() *cobra.Command {
	cmd := a.command("show ROLE", "The settings of a role, and where each comes from", exactly(1), func(ctx context.Context, args []string) error {
		svc, page, err := a.rolePage(ctx, args[0])
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(map[string]any{"role": page.Role, "policy": page.Policy, "origins": page.Origins, "own": page.Own})
		}
		names, err := a.namesIn(ctx, svc, page.Policy)
		if err != nil {
			return err
		}
		var cells [][]cell
		for _, name := range core.PolicyFields() {
			cells = append(cells, []cell{c(name, strong), c(names.Replace(shownValue(page.Policy.Value(name)))), origin(page.Origins[name])})
		}
		a.table([]string{"SETTING", "VALUE", "FROM"}, cells)
		return nil
	})
	cmd.Example = "  stint policy show dba@prod-db"
	return cmd
}

func (a *app) policyCompare() *cobra.Command {
	cmd := a.command("compare ROLE ROLE", "The settings in which two roles differ", exactly(2), func(ctx context.Context, args []string) error {
		svc, one, err := a.rolePage(ctx, args[0])
		if err != nil {
			return err
		}
		_, two, err := a.rolePage(ctx, args[1])
		if err != nil {
			return err
		}
		diffs := core.ComparePolicies(one, two)
		if a.json {
			return a.writeJSON(filled(diffs))
		}
		if len(diffs) == 0 {
			a.say("%s and %s have the same settings.", roleName(one), roleName(two))
			return nil
		}
		names, err := a.namesIn(ctx, svc, one.Policy, two.Policy)
		if err != nil {
			return err
		}
		var cells [][]cell
		for _, d := range diffs {
			cells = append(cells, []cell{c(d.Name, strong), c(names.Replace(shownValue(d.A))), origin(d.FromA), c(names.Replace(shownValue(d.B))), origin(d.FromB)})
		}
		a.table([]string{"SETTING", strings.ToUpper(roleName(one)), "FROM", strings.ToUpper(roleName(two)), "FROM"}, cells)
		return nil
	})
	cmd.Example = "  stint policy compare dba@prod-db dba@test-db"
	return cmd
}

func (a *app) policyExport() *cobra.Command {
	var file string
	var force bool
	cmd := a.command("export", "Write the settings made at all levels as YAML", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		text, err := svc.ExportPolicies(ctx)
		if err != nil {
			return err
		}
		if file == "" || file == "-" {
			if _, err := io.WriteString(a.Out, text); err != nil {
				return core.Wrap(core.Unavailable, "cli.output", err)
			}
			return nil
		}
		if _, err := os.Stat(file); err == nil && !force {
			return core.Errorf(core.Conflict, "output", "cli.exists", "path", file)
		}
		if err := writeFile(file, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			return core.Wrap(core.Unavailable, "cli.output", err)
		}
		a.say("Written to %s. See what it would change elsewhere: stint policy diff %s", file, quoted(file))
		return nil
	})
	cmd.Example = "  stint policy export -o settings.yaml"
	cmd.Flags().StringVarP(&file, "output", "o", "", "file to write; - is standard output, as without it")
	cmd.Flags().BoolVar(&force, "force", false, "replace a file of that name")
	return cmd
}

const aboutFile = `A level that stands in the file (the defaults, a system, a role) is replaced as a whole:
what is not set there is inherited. Other levels are left alone; with --prune what is set
there is taken back. A file in which anything is wrong is refused as a whole.`

func (a *app) policyDiff() *cobra.Command {
	var prune bool
	cmd := a.command("diff FILE", "What a file of settings would change", exactly(1), func(ctx context.Context, args []string) error {
		svc, plan, err := a.filePlan(ctx, args[0], prune)
		if err != nil {
			return err
		}
		if a.json {
			if err := a.writeJSON(plan); err != nil {
				return err
			}
		} else if err := a.showPlan(ctx, svc, plan); err != nil {
			return err
		}
		if len(plan.Changes) > 0 {
			return core.Errorf(core.Conflict, "", "cli.policy_differs", "count", fmt.Sprint(len(plan.Changes)))
		}
		return nil
	})
	cmd.Long = "Shows what “stint policy apply” would change, and changes nothing. The exit status is 0 where\nnothing differs and 7 where something does.\n\n" + aboutFile
	cmd.Example = "  stint policy diff settings.yaml\n  stint policy export --server https://other | stint policy diff -"
	cmd.Flags().BoolVar(&prune, "prune", false, "what is set at levels that don't stand in the file counts as well")
	return cmd
}

func (a *app) policyApply() *cobra.Command {
	var prune, yes bool
	var p proof
	cmd := a.command("apply FILE", "Make the settings what a file says, all of them or none", exactly(1), func(ctx context.Context, args []string) error {
		svc, plan, err := a.filePlan(ctx, args[0], prune)
		if err != nil {
			return err
		}
		return a.carryOut(ctx, svc, plan, yes, p)
	})
	cmd.Long = "Shows what would change, asks, and then changes all of it at once or nothing. Where somebody\nelse changed the same settings meanwhile, nothing is changed (exit status 7).\n\n" + aboutFile
	cmd.Example = "  stint policy apply settings.yaml\n  stint policy apply settings.yaml --yes --code 123456"
	cmd.Flags().BoolVar(&prune, "prune", false, "take back what is set at levels that don't stand in the file")
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask")
	p.flags(cmd)
	return cmd
}

func (a *app) policyEdit() *cobra.Command {
	var set, unset []string
	var yes, defaults bool
	var system string
	var p proof
	cmd := a.command("edit [ROLE…]", "Make or take back single settings of many roles at once", atLeast(0), func(ctx context.Context, args []string) error {
		if len(args) == 0 && system == "" && !defaults || len(set)+len(unset) == 0 {
			return core.Errorf(core.Invalid, "", "cli.policy_what")
		}
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		edit, err := a.wish(ctx, svc, args, system, defaults)
		if err != nil {
			return err
		}
		edit.Unset = unset
		if edit.Set, err = a.settingsOf(ctx, svc, set); err != nil {
			return err
		}
		plan, err := svc.PlanPolicyEdit(ctx, edit)
		if err == nil {
			err = a.problems("", plan)
		}
		if err != nil {
			return err
		}
		return a.carryOut(ctx, svc, plan, yes, p)
	})
	cmd.Long = `Shows for each role what would change and how many people it concerns, asks, and then
changes all of it at once or nothing. Values are written as in the file of
“stint policy export”. Settings: ` + strings.Join(core.PolicyFields(), ", ") + "."
	cmd.Example = `  stint policy edit dba@prod-db dba@test-db --set max_duration=2h --set require_ticket=true
  stint policy edit --system prod-db --unset drop_on
  stint policy edit --defaults --set 'notify_activated_admins={defaults: true, extra: [soc@example.org]}'`
	f := cmd.Flags()
	f.StringArrayVar(&set, "set", nil, "setting to make, as name=value; may be repeated")
	f.StringArrayVar(&unset, "unset", nil, "setting to inherit again; may be repeated")
	f.StringVar(&system, "system", "", "change the settings of this system")
	f.BoolVar(&defaults, "defaults", false, "change the defaults of everything")
	f.BoolVar(&yes, "yes", false, "don't ask")
	p.flags(cmd)
	return cmd
}

// rolePage reads the page of a role by its name.
func (a *app) rolePage(ctx context.Context, name string) (core.Service, core.RolePage, error) {
	svc, err := a.service(ctx)
	if err != nil {
		return nil, core.RolePage{}, err
	}
	row, err := findRole(ctx, svc, name)
	if err != nil {
		return nil, core.RolePage{}, err
	}
	page, err := svc.RolePage(ctx, row.ID)
	return svc, page, err
}

// wish names the levels that somebody wants to change.
func (a *app) wish(ctx context.Context, svc core.Service, roles []string, system string, defaults bool) (core.PolicyEdit, error) {
	var edit core.PolicyEdit
	if defaults {
		edit.Levels = append(edit.Levels, core.DefaultLevel)
	}
	if system != "" {
		row, err := findSystem(ctx, svc, system)
		if err != nil {
			return edit, err
		}
		edit.Levels = append(edit.Levels, string(row.ID))
	}
	for _, name := range roles {
		row, err := findRole(ctx, svc, name)
		if err != nil {
			return edit, err
		}
		edit.Levels = append(edit.Levels, string(row.ID))
	}
	return edit, nil
}

// settingsOf reads name=value pairs.
func (a *app) settingsOf(ctx context.Context, svc core.Service, pairs []string) (core.PolicySettings, error) {
	var set core.PolicySettings
	if len(pairs) == 0 {
		return set, nil
	}
	c, err := catalogFor(ctx, svc)
	if err != nil {
		return set, err
	}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return set, core.Errorf(core.Invalid, "set", "cli.set")
		}
		one, problems := policyfile.ReadSetting(name, value, c)
		if len(problems) > 0 {
			return set, problems[0].Err
		}
		set.Take(one, name)
	}
	return set, nil
}

// catalogFor is what names in values stand for.
func catalogFor(ctx context.Context, svc core.Service) (policyfile.Catalog, error) {
	var c policyfile.Catalog
	roles, err := all(ctx, func(ctx context.Context, p core.Page) (core.List[core.RoleRow], error) {
		return svc.Roles(ctx, core.RoleFilter{}, p)
	})
	if err != nil {
		return c, err
	}
	systems, err := svc.Systems(ctx)
	if err != nil {
		return c, err
	}
	for _, s := range systems {
		c.Systems = append(c.Systems, s.System)
	}
	for _, r := range roles {
		c.Roles = append(c.Roles, r.Role)
	}
	c.Person = func(login string) (core.PersonID, bool) {
		row, err := findPerson(ctx, svc, login)
		return row.ID, err == nil
	}
	c.Group = func(name string) (core.GroupID, bool) {
		row, err := findGroup(ctx, svc, name)
		return row.ID, err == nil
	}
	return c, nil
}

// filePlan reads a file and asks what it would change.
func (a *app) filePlan(ctx context.Context, path string, prune bool) (core.Service, core.PolicyPlan, error) {
	svc, err := a.service(ctx)
	if err != nil {
		return nil, core.PolicyPlan{}, err
	}
	in := a.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, core.PolicyPlan{}, core.Wrap(core.NotFound, "cli.policy_file", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, core.MaxPolicyFile+1))
	if err != nil {
		return nil, core.PolicyPlan{}, core.Wrap(core.NotFound, "cli.policy_file", err)
	}
	if len(text) > core.MaxPolicyFile { // not worth the way to the server
		_, problems := policyfile.Read(text, policyfile.Catalog{})
		return nil, core.PolicyPlan{}, problems[0].Err
	}
	plan, err := svc.PlanPolicyFile(ctx, string(text), prune)
	if err == nil {
		err = a.problems(path, plan)
	}
	return svc, plan, err
}
