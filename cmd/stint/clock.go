package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) clockCommand() *cobra.Command {
	cmd := a.command("clock", "Whether Stint's time and the machine's clock agree", none, func(ctx context.Context, _ []string) error {
		gate, err := a.connect(ctx)
		if err != nil {
			return err
		}
		state, err := gate.State(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(state.Clock)
		}
		a.say("Stint's time:         %s", core.Clock(state.Clock.Now))
		a.say("The machine's clock:  %s", core.Clock(state.Clock.Wall))
		if t := state.Clock.Trouble(); t == nil {
			a.say("They agree.")
		}
		a.printClock(state.Clock)
		return nil
	})
	cmd.AddCommand(a.clockAcceptCommand())
	return cmd
}

// printClock says what is wrong with the clock, if anything.
func (a *app) printClock(s core.ClockState) {
	if t := s.Trouble(); t != nil {
		fmt.Fprintln(a.Out)
		a.say("%s.", core.Fill(core.English(t.Title()), t.Args))
		a.say("%s", core.Fill(core.English(t.Text()), t.Args))
	}
}

func (a *app) clockAcceptCommand() *cobra.Command {
	var why string
	var p proof
	cmd := a.command("accept", "Set Stint's time back to the machine's clock; ends all activations first", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		res, err := a.do(ctx, svc, core.AcceptClock{Justification: why}, p)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(res)
		}
		a.say("Stint's time is that of the machine's clock again. Ended first: %d.", len(res.Items))
		return nil
	})
	cmd.Flags().StringVar(&why, "why", "", "justification")
	p.flags(cmd)
	cmd.Example = `  stint clock accept --why "the clock was a year ahead" --code 123456`
	return cmd
}
