package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) systemsCommand() *cobra.Command {
	return a.command("systems", "Systems, and whether they can be reached", cobra.NoArgs, func(ctx context.Context, _ []string) error {
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
			if r.Stuck > 0 {
				cells[i][5] = c(fmt.Sprintf("%d, %d stuck", r.Pending, r.Stuck), red)
			}
		}
		a.table([]string{"SYSTEM", "KIND", "STATE", "ROLES", "ACTIVE", "PENDING", ""}, cells)
		return nil
	})
}

func (a *app) peopleCommand() *cobra.Command {
	var text string
	cmd := a.command("people", "People who can sign in", cobra.NoArgs, func(ctx context.Context, _ []string) error {
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
	return cmd
}

func (a *app) versionCommand() *cobra.Command {
	return a.command("version", "Which version this is", cobra.NoArgs, func(context.Context, []string) error {
		v := version()
		if a.json {
			return a.writeJSON(map[string]string{"version": v})
		}
		a.say("stint %s", v)
		return nil
	})
}

// version is that of the module, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "dev-" + s.Value[:12]
		}
	}
	return "dev"
}
