package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
)

func (a *app) requestsCommand() *cobra.Command {
	var pending bool
	cmd := a.command("requests", "What was asked for, newest first: your own, or everybody's for who may read all", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		f := core.RequestFilter{}
		if pending {
			f.Statuses = []core.Status{core.PendingApproval}
		}
		l, err := svc.Requests(ctx, f, core.Page{Limit: 200})
		if err != nil {
			return err
		}
		return a.printRequests(l.Items, "Nothing was asked for.")
	})
	cmd.Flags().BoolVar(&pending, "pending", false, "only what waits for an answer")
	cmd.Example = "  stint requests --pending"
	return cmd
}

func (a *app) approvalsCommand() *cobra.Command {
	cmd := a.command("approvals", "Requests that wait for your answer", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		rows, err := all(ctx, svc.Cases)
		if err != nil {
			return err
		}
		return a.printRequests(rows, "Nothing waits for your answer.")
	})
	cmd.Example = "  stint approvals\n  stint approvals --json"
	return cmd
}

func (a *app) printRequests(rows []core.RequestRow, nothing string) error {
	if a.json {
		return a.writeJSON(filled(rows))
	}
	if len(rows) == 0 {
		a.say("%s", nothing)
		return nil
	}
	cells := make([][]cell, len(rows))
	for i, r := range rows {
		length := short(r.Duration)
		switch {
		case r.Action.OfAssignment():
			length = map[core.Action]string{core.SelfExtend: "extension", core.SelfRenew: "renewal"}[r.Action] + " until " + a.until(r.End)
		case r.Duration == 0:
			length = "—"
		}
		cells[i] = []cell{
			c(string(r.ID), strong), requestState(r.Status), c(r.PrincipalName), c(r.RoleName, strong), c(r.SystemName), c(length), c(a.when(r.Created)), c(r.Justification),
		}
	}
	a.table([]string{"REQUEST", "STATUS", "WHO", "ROLE", "SYSTEM", "FOR", "ASKED", "WHY"}, cells)
	return nil
}

func requestState(s core.Status) cell {
	switch s {
	case core.PendingApproval:
		return c("waits for approval", violet)
	case core.Denied, core.Failed:
		return c(strings.ToLower(string(s)), red)
	case core.TimedOut:
		return c("not answered", amber)
	case core.Provisioned:
		return c("done", green)
	case core.PendingProvisioning:
		return c("being granted", violet)
	}
	return c(strings.ToLower(string(s)))
}

func (a *app) approveCommand() *cobra.Command {
	var t terms
	cmd := a.decide("approve REQUEST…", "Approve requests that wait for your answer", true, &t)
	f := cmd.Flags()
	f.StringVar(&t.length, "for", "", "for less time than was asked for, like 30m")
	f.StringVar(&t.until, "until", "", "of an extension or renewal: another end than was asked for")
	f.BoolVar(&t.permanent, "permanent", false, "of an extension or renewal: without an end")
	f.StringVar(&t.from, "from", "", "of a renewal, or of what goes on as the other type: another start")
	f.BoolVar(&t.active, "active", false, "of an extension or renewal: as an active assignment")
	f.BoolVar(&t.eligible, "eligible", false, "of an extension or renewal: as an eligible assignment")
	cmd.MarkFlagsMutuallyExclusive("active", "eligible")
	cmd.Example = "  stint approve re_… --why \"agreed by phone\"\n  stint approve re_… --for 30m --why \"that is enough\"\n  stint approve re_… --until 30d --why \"until the audit is over\"\n  stint approve re_… --active --until 5d --why \"the migration week\""
	return cmd
}

func (a *app) denyCommand() *cobra.Command {
	cmd := a.decide("deny REQUEST…", "Deny requests that wait for your answer", false, &terms{})
	cmd.Example = "  stint deny re_… --why \"not during the migration\""
	return cmd
}

// terms are what an approval gives otherwise than was asked for.
type terms struct {
	length, from, until string
	permanent           bool
	active, eligible    bool
}

// decide makes the two commands that answer.
func (a *app) decide(use, about string, yes bool, t *terms) *cobra.Command {
	var why string
	var p proof
	cmd := a.command(use, about, atLeast(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		command := core.DecideRequests{Approve: yes, Justification: why}
		for _, id := range args {
			command.Requests = append(command.Requests, core.RequestID(id))
		}
		if t.length != "" {
			if command.Duration, err = core.ParseDuration(t.length); err != nil {
				return err
			}
		}
		if command.Start, err = a.parseTime("start", t.from); err != nil {
			return err
		}
		if command.End, err = a.parseTime("end", t.until); err != nil {
			return err
		}
		command.Permanent = t.permanent
		switch {
		case t.active:
			command.Kind = core.Active
		case t.eligible:
			command.Kind = core.Eligible
		}
		if command.Justification == "" {
			if command.Justification, err = a.ask("Why: "); err != nil {
				return err
			}
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		a.warnAlone()
		return a.items(res, func(i core.ItemResult) string { return string(i.Request) }, a.decided)
	})
	cmd.Flags().StringVar(&why, "why", "", "justification")
	p.flags(cmd)
	return cmd
}

// decided says what an answer led to.
func (a *app) decided(i core.ItemResult) string {
	switch i.Status {
	case core.PendingApproval:
		return "approved; others have to agree as well"
	case core.Denied:
		return "denied"
	case core.Failed:
		return "approved, but it can't be carried out any more"
	case core.Granted:
		return fmt.Sprintf("approved, starts %s", a.when(i.Start))
	}
	return "approved until " + a.until(i.End)
}

func (a *app) cancelCommand() *cobra.Command {
	var p proof
	cmd := a.command("cancel REQUEST…", "Take back requests that wait for approval", atLeast(1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		var command core.CancelRequests
		for _, id := range args {
			command.Requests = append(command.Requests, core.RequestID(id))
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		return a.items(res, func(i core.ItemResult) string { return string(i.Request) }, func(core.ItemResult) string { return "canceled" })
	})
	cmd.Example = "  stint cancel re_…"
	p.flags(cmd)
	return cmd
}

func (a *app) deputyCommand() *cobra.Command {
	var from, until string
	var nobody bool
	var p proof
	cmd := a.command("deputy [LOGIN]", "Who answers requests for you while you are away, and for whom you do", between(0, 1), func(ctx context.Context, args []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		if len(args) == 0 && !nobody {
			return a.showDeputies(ctx, svc)
		}
		var command core.SetDeputy
		if !nobody {
			if until == "" {
				return core.Errorf(core.Invalid, "until", "cli.deputy_until")
			}
			command.Login = args[0]
			if command.From, err = a.parseTime("from", from); err != nil {
				return err
			}
			if command.Until, err = a.parseTime("until", until); err != nil {
				return err
			}
		}
		if _, err := a.do(ctx, svc, command, p); err != nil {
			return err
		}
		return a.showDeputies(ctx, svc)
	})
	cmd.Example = "  stint deputy\n  stint deputy bob --until 14d\n  stint deputy --none"
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "from when (default: now)")
	f.StringVar(&until, "until", "", "until when: 14d, \"2026-12-24 18:00\"")
	f.BoolVar(&nobody, "none", false, "nobody any more")
	p.flags(cmd)
	return cmd
}

func (a *app) showDeputies(ctx context.Context, svc core.Service) error {
	d, err := svc.Deputies(ctx)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(d)
	}
	span := func(r core.DeputyRow) string {
		if r.From.After(a.Now().Add(time.Minute)) {
			return "from " + a.when(r.From) + " until " + a.when(r.Until)
		}
		return "until " + a.when(r.Until)
	}
	if d.Mine == nil {
		a.say("Nobody answers for you.")
	} else {
		a.say("%s answers for you %s.", d.Mine.DeputyName, span(*d.Mine))
	}
	for _, r := range d.For {
		a.say("You answer for %s %s.", r.PersonName, span(r))
	}
	return nil
}
