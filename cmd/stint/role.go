package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) statusCommand() *cobra.Command {
	cmd := a.command("status", "What is active now, and whom you talk to", none, func(ctx context.Context, _ []string) error {
		gate, err := a.connect(ctx)
		if err != nil {
			return err
		}
		state, err := gate.State(ctx)
		if err != nil {
			return err
		}
		out := struct {
			Server core.GateState `json:"server"`
			Alone  bool           `json:"alone"` // no server runs; the store was opened for this command
			Me     *core.Me       `json:"me,omitempty"`
			Access *core.Access   `json:"access,omitempty"`
			// Blocked says what has to be done before anything else.
			Blocked *core.Error `json:"blocked,omitempty"`
		}{Server: state, Alone: a.alone}
		svc, err := a.service(ctx)
		switch {
		case err == nil:
			me, err := svc.Me(ctx)
			if err != nil {
				return err
			}
			out.Me = &me
			access, err := svc.Access(ctx)
			// Before the second factor is set up there is nothing to see yet.
			var refused *core.Error
			switch {
			case err == nil:
				out.Access = &access
			case core.CodeOf(err) == core.Refused || core.CodeOf(err) == core.Forbidden || core.CodeOf(err) == core.ProofRequired:
				errors.As(err, &refused)
				out.Blocked = refused
			default:
				return err
			}
		case core.CodeOf(err) != core.Unauthenticated:
			return err
		}
		if a.json {
			return a.writeJSON(out)
		}
		a.say("%s", a.describeServer(state))
		a.printClock(state.Clock)
		if out.Me == nil {
			if state.Empty {
				a.say("Nobody is set up yet: stint setup")
			} else {
				a.say("Not signed in: stint login")
			}
			return nil
		}
		a.say("Signed in as %s (%s).", out.Me.Person.Name, out.Me.Person.Login)
		if out.Blocked != nil {
			a.say("%s", out.Blocked.Message)
			return nil
		}
		rows := append(append([]core.AccessRow{}, out.Access.Active...), out.Access.Scheduled...)
		if len(rows) == 0 {
			a.say("Nothing is active.")
			return nil
		}
		fmt.Fprintln(a.Out)
		a.printActive(rows, out.Access.Now)
		return nil
	})
	cmd.Example = "  stint status\n  stint status --json | jq -r '.access.active[].role_name'"
	return cmd
}

func (a *app) describeServer(s core.GateState) string {
	where := "Server on " + s.Host
	switch {
	case a.alone:
		where = "No server is running; the store was opened for this command"
	case s.Embedded:
		where = "Window on " + s.Host
	}
	if s.Version != "" {
		where += ", Stint " + s.Version
	}
	if s.Sample {
		where += ", sample data"
	}
	return where + "."
}

// state describes where an active row stands, in words and colour.
func state(r core.AssignmentRow, now time.Time) cell {
	switch {
	case r.Stuck(now):
		return c("stuck", red)
	case r.State == core.Scheduled:
		return c("scheduled", violet)
	case r.GrantState == core.GrantGranting || r.GrantState == core.GrantUnknown:
		return c("being granted", violet)
	case r.GrantState == core.GrantRemoving:
		return c("being removed", violet)
	case !r.State.Live():
		return c("ended", faint)
	}
	return c("active", green)
}

func (a *app) printActive(rows []core.AccessRow, now time.Time) {
	cells := make([][]cell, len(rows))
	for i, r := range rows {
		rest, end := c("—"), a.until(r.End)
		switch {
		case r.GrantState == core.GrantRemoving || !r.State.Live():
			end = "—" // its time is over, whatever it was to be
		case r.State == core.Scheduled:
			rest = c("starts " + a.when(r.Start))
		case !r.End.IsZero():
			d := r.End.Sub(now)
			rest = c(left(d))
			if d < 5*time.Minute {
				rest.style = red
			} else if d < 15*time.Minute {
				rest.style = amber
			}
		}
		cells[i] = []cell{state(r.AssignmentRow, now), c(r.RoleName, strong), c(r.SystemName), c(r.Scope), rest, c(end)}
	}
	a.table([]string{"STATE", "ROLE", "SYSTEM", "SCOPE", "LEFT", "UNTIL"}, cells)
	trouble := make([]core.AssignmentRow, len(rows))
	for i, r := range rows {
		trouble[i] = r.AssignmentRow
	}
	a.printTrouble(trouble)
}

func (a *app) rolesCommand() *cobra.Command {
	var everything bool
	var text string
	cmd := a.command("roles", "Roles that you may activate, or all with --all", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		if everything || text != "" {
			return a.listRoles(ctx, svc, text)
		}
		access, err := svc.Access(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(access)
		}
		if len(access.Active)+len(access.Scheduled)+len(access.Eligible)+len(access.Expired) == 0 {
			a.say("You hold no roles. An administrator makes people eligible with “stint assign”.")
			return nil
		}
		if rows := append(append([]core.AccessRow{}, access.Active...), access.Scheduled...); len(rows) > 0 {
			a.printActive(rows, access.Now)
			fmt.Fprintln(a.Out)
		}
		var why []string
		cells := make([][]cell, len(access.Eligible))
		for i, r := range access.Eligible {
			mark := c("")
			if r.Now != "" {
				mark = c("in use", faint)
			} else if r.Blocked != nil {
				mark = c("not now", amber)
				why = append(why, r.RoleName+"@"+r.SystemName+" not now: "+r.Blocked.Message)
			} else if r.Extendable(access.Now) {
				mark = c("ends soon", amber)
			}
			cells[i] = []cell{
				c("eligible", blue), c(r.RoleName, strong), c(r.SystemName), c(r.Scope), c("up to " + short(r.Policy.MaxDuration)), c(a.until(r.End)), mark,
			}
		}
		if len(cells) > 0 {
			a.table([]string{"STATE", "ROLE", "SYSTEM", "SCOPE", "FOR", "UNTIL", ""}, cells)
			for _, w := range why {
				a.say("%s", w)
			}
		}
		a.printExpired(access)
		return nil
	})
	cmd.Example = "  stint roles\n  stint roles --all --text postgres"
	cmd.Flags().BoolVar(&everything, "all", false, "all roles, not mine alone")
	cmd.Flags().StringVar(&text, "text", "", "all roles in whose name, system or description this stands")
	return cmd
}

// printExpired lists what can be renewed, and says how what ends soon goes on.
func (a *app) printExpired(access core.Access) {
	if len(access.Expired) > 0 {
		cells := make([][]cell, len(access.Expired))
		for i, r := range access.Expired {
			mark := c("")
			if _, asked := access.Continuing(r.ID); asked {
				mark = c("waits for approval", violet)
			}
			cells[i] = []cell{c("expired", faint), c(r.RoleName, strong), c(r.SystemName), c(r.Scope), c(string(r.Kind)), c(a.when(r.Ended)), mark}
		}
		fmt.Fprintln(a.Out)
		a.table([]string{"STATE", "ROLE", "SYSTEM", "SCOPE", "WAS", "SINCE", ""}, cells)
		a.say("What expired can be renewed for 30 days: stint renew ROLE --until 90d")
	}
	ends := func(r core.AssignmentRow) {
		if _, asked := access.Continuing(r.ID); r.Extendable(access.Now) && !asked {
			a.say("%s@%s ends %s. If you still need it: stint extend %s --until 90d", r.RoleName, r.SystemName, a.when(r.End), quoted(r.RoleName+"@"+r.SystemName))
		}
	}
	for _, r := range access.Eligible {
		ends(r.AssignmentRow)
	}
	for _, r := range access.Active {
		ends(r.AssignmentRow)
	}
}

func (a *app) listRoles(ctx context.Context, svc core.Service, text string) error {
	roles, err := all(ctx, func(ctx context.Context, p core.Page) (core.List[core.RoleRow], error) {
		return svc.Roles(ctx, core.RoleFilter{Text: text}, p)
	})
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(filled(roles))
	}
	cells := make([][]cell, len(roles))
	for i, r := range roles {
		mark := ""
		if r.Gone {
			mark = "no longer on the system"
		}
		cells[i] = []cell{c(r.Name, strong), c(r.SystemName), c(fmt.Sprint(r.Eligible)), c(fmt.Sprint(r.Active)), c(r.Description), c(mark, red)}
	}
	a.table([]string{"ROLE", "SYSTEM", "ELIGIBLE", "ACTIVE", "DESCRIPTION", ""}, cells)
	return nil
}

// filled makes an empty list print as [] and not as null.
func filled[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// proof are the flags of commands that may need a fresh code.
type proof struct {
	code, key string
	wait      time.Duration // until systems have been read back
}

func (p *proof) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.code, "code", "", "fresh code of the second factor; - reads it from standard input")
	cmd.Flags().StringVar(&p.key, "key", "", "idempotency key: asked again with it, the first answer comes again")
}

// do carries a command out. It asks for a code if one is needed, none was
// given, and somebody sits at the terminal.
func (a *app) do(ctx context.Context, svc core.Service, cmd core.Command, p proof) (core.Result, error) {
	code, err := a.givenCode(p.code)
	if err != nil {
		return core.Result{}, err
	}
	if _, asks := a.terminal(); code.Empty() && asks {
		plan, err := svc.Preview(ctx, cmd)
		if err != nil {
			return core.Result{}, err
		}
		if plan.NeedsCode {
			if code, err = a.askCode(); err != nil {
				return core.Result{}, err
			}
		}
	}
	res, err := svc.Do(ctx, core.Call{Command: cmd, Code: code, Key: p.key, Wait: min(p.wait, core.MaxWait)})
	for _, n := range res.Notes {
		fmt.Fprintln(a.Err, n.English())
	}
	return res, err
}

// items prints a line for each item and returns the first refusal, so that the
// exit status says that not all was done.
func (a *app) items(res core.Result, name func(core.ItemResult) string, done func(core.ItemResult) string) error {
	if a.json {
		if err := a.writeJSON(res); err != nil {
			return err
		}
	}
	var first *core.Error
	for _, item := range res.Items {
		if item.Err != nil {
			if first == nil {
				first = item.Err
			}
			a.say("%s: refused. %s", name(item), item.Err.Message)
			continue
		}
		a.say("%s: %s", name(item), done(item))
		for _, n := range item.Notes {
			if n.Key == core.NoteSystemAway && item.Status == core.Provisioned {
				continue // it came back while one waited
			}
			a.say("  %s", n.English())
		}
	}
	if first != nil {
		return first
	}
	return nil
}

var errNotYet = errors.New("not yet")
