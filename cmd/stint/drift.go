package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

// driftCommand lists what a system holds otherwise than Stint left it.
func (a *app) driftCommand() *cobra.Command {
	cmd := a.command("drift NAME", "What a system holds otherwise than Stint left it", exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		s, err := findSystem(ctx, svc, args[0])
		if err != nil {
			return err
		}
		report, err := svc.Drift(ctx, s.ID)
		if err != nil {
			return err
		}
		if a.json {
			report.Items = filled(report.Items)
			return a.writeJSON(report)
		}
		if report.Reading.At.IsZero() {
			a.say("%s has not been read yet. Stint reads each system about once a minute while it can be reached.", s.Name)
			return nil
		}
		if len(report.Items) == 0 {
			a.say("%s holds what Stint left there, and nothing else. Read %s.", s.Name, a.when(report.Reading.At))
			return nil
		}
		cells := make([][]cell, len(report.Items))
		for i, r := range report.Items {
			cells[i] = []cell{
				c(string(r.ID), faint), driftState(r), c(r.Account, strong), c(r.RoleName), c(r.PersonName), c(a.when(r.First), faint), c(driftDetail(r)),
			}
		}
		a.table([]string{"ID", "", "ACCOUNT", "ROLE", "PERSON", "SEEN SINCE", ""}, cells)
		if report.Reading.More > 0 {
			a.say("And %d more, which are not listed.", report.Reading.More)
		}
		a.say("Read %s.", a.when(report.Reading.At))
		return nil
	})
	cmd.Long = `Stint reads each system about once a minute and compares. It shows what differs and does
not change it by itself:

  outside  held, though no assignment in Stint wants it
  lost     taken away on the system; the access has ended and is not given back
  renamed  the account or role has another name there; Stint follows it when it ends

Take away what is outside, or say why it may stay, with the commands below.`
	cmd.Example = "  stint systems drift prod-db"
	cmd.AddCommand(a.driftActCommand("remove ID", "Take away on the system what was assigned outside Stint", func(id core.DriftID, why string) core.Command {
		return core.RemoveOutside{Drift: id, Justification: why}
	}, "It is being taken away. It is gone from the list when the system has been read back."))
	cmd.AddCommand(a.driftActCommand("accept ID", "Say why it may stay as it is", func(id core.DriftID, why string) core.Command {
		return core.AcceptDrift{Drift: id, Justification: why}
	}, "It is accepted, and written in the audit log."))
	return cmd
}

func (a *app) driftActCommand(use, short string, make func(core.DriftID, string) core.Command, done string) *cobra.Command {
	var why string
	var p proof
	cmd := a.command(use, short, exactly(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		res, err := a.do(ctx, svc, make(core.DriftID(args[0]), why), p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		a.say("%s", done)
		return nil
	})
	cmd.Example = fmt.Sprintf("  stint systems drift %s dr_… --why \"ticket OPS-12\"", strings.Fields(use)[0])
	cmd.Flags().StringVar(&why, "why", "", "justification; needed")
	p.flags(cmd)
	return cmd
}

func driftState(r core.DriftRow) cell {
	switch {
	case r.Kind == core.DriftOutside && r.GrantState == core.GrantRemoving:
		return c("being removed", violet)
	case !r.Open():
		return c(string(r.Kind)+", accepted", faint)
	case r.Kind == core.DriftRenamed:
		return c(string(r.Kind), amber)
	}
	return c(string(r.Kind), red)
}

func driftDetail(r core.DriftRow) string {
	switch {
	case r.GrantState == core.GrantRemoving && r.GrantError != "":
		return r.GrantError
	case !r.Open():
		return r.ByName + ": " + r.Why
	}
	return r.Detail
}
