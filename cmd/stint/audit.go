package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/audit"
)

func (a *app) auditCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "audit", Short: "The audit log: list, export, verify"})
	cmd.AddCommand(a.auditListCommand(), a.auditExportCommand(), a.auditVerifyCommand())
	return cmd
}

// entryFlags choose entries.
type entryFlags struct{ from, to, person, role, system, action, outcome, text string }

func (e *entryFlags) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&e.from, "from", "", "not before: a date or a time")
	f.StringVar(&e.to, "to", "", "before: a date or a time")
	f.StringVar(&e.person, "person", "", "who did it or whom it concerns")
	f.StringVar(&e.role, "role", "", "role@system")
	f.StringVar(&e.system, "system", "", "name of a system")
	f.StringVar(&e.action, "action", "", "an action, or a group like activation.")
	f.StringVar(&e.outcome, "outcome", "", "done, refused or failed")
	f.StringVar(&e.text, "text", "", "in names, justification, ticket or detail")
}

func (e *entryFlags) filter(ctx context.Context, a *app, svc core.Service) (core.EntryFilter, error) {
	f := core.EntryFilter{Action: core.EventKind(e.action), Outcome: core.Outcome(e.outcome), Text: e.text}
	var err error
	if f.From, err = a.parseTime("from", e.from); err != nil {
		return f, err
	}
	if f.To, err = a.parseTime("to", e.to); err != nil {
		return f, err
	}
	if e.person != "" {
		person, err := findPerson(ctx, svc, e.person)
		if err != nil {
			return f, err
		}
		f.Person = person.ID
	}
	if e.role != "" {
		role, err := findRole(ctx, svc, e.role)
		if err != nil {
			return f, err
		}
		f.Role = role.ID
	}
	if e.system != "" {
		system, err := findSystem(ctx, svc, e.system)
		if err != nil {
			return f, err
		}
		f.System = system.ID
	}
	return f, nil
}

func (a *app) auditListCommand() *cobra.Command {
	var e entryFlags
	var limit int
	cmd := a.command("list", "The last entries, newest first", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		filter, err := e.filter(ctx, a, svc)
		if err != nil {
			return err
		}
		l, err := svc.Entries(ctx, filter, core.Page{Limit: limit})
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(filled(l.Items))
		}
		cells := make([][]cell, len(l.Items))
		for i, e := range l.Items {
			outcome := c(string(e.Outcome))
			if e.Outcome != core.OutcomeDone {
				outcome.style = red
			}
			what := e.RoleName
			switch {
			case what == "":
				what = e.SystemName
			case e.SystemName != "":
				what += "@" + e.SystemName
			}
			whom := e.PrincipalName
			if e.Principal == e.Actor {
				whom = "" // himself
			}
			why := e.Justification
			if e.Outcome != core.OutcomeDone && why == "" {
				why = e.Detail
			}
			const long = 32 // columns; names may have 120 characters
			cells[i] = []cell{
				c(strconv.FormatInt(e.Seq, 10), faint), c(e.Time.Local().Format("2006-01-02 15:04:05")), c(fit(orStint(e.ActorName), long)),
				c(string(e.Action)), outcome, c(fit(what, long)), c(fit(whom, long)), c(fit(why, 2*long), faint),
			}
		}
		a.table([]string{"NO", "TIME", "WHO", "ACTION", "OUTCOME", "ROLE", "FOR", "WHY"}, cells)
		return nil
	})
	cmd.Example = "  stint audit list --person bob --from 2026-11-01 --action activation."
	cmd.Flags().IntVar(&limit, "limit", 50, "at most so many, up to 500")
	e.flags(cmd)
	return cmd
}

func orStint(name string) string {
	if name == "" {
		return "Stint"
	}
	return name
}

func (a *app) auditExportCommand() *cobra.Command {
	var e entryFlags
	var format, file string
	cmd := a.command("export", "Write the log to a file that can be verified", none, func(ctx context.Context, _ []string) error {
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		filter, err := e.filter(ctx, a, svc)
		if err != nil {
			return err
		}
		var count int64
		tell := func(done, total int64) {
			count = done
			if file != "-" && a.colours(a.Err) && total > 0 {
				fmt.Fprintf(a.Err, "\r%d of %d entries", done, total)
			}
		}
		export := func(w io.Writer) error { return svc.ExportAudit(ctx, filter, core.ExportFormat(format), w, tell) }
		if file == "-" {
			return export(a.Out)
		}
		err = writeFile(file, export)
		if a.colours(a.Err) {
			fmt.Fprintln(a.Err)
		}
		var ce *core.Error
		if err != nil && !errors.As(err, &ce) {
			return core.Wrap(core.Unavailable, "cli.output", err)
		}
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(map[string]any{"file": file, "count": count})
		}
		a.say("%d entries written to %s. Check it anywhere with: stint audit verify %s", count, file, file)
		return nil
	})
	cmd.Long = "Writes the log, or what the filters choose of it, as CSV (safe to open in a spreadsheet)\nor JSON Lines. A file appears only when it is whole, readable by you alone."
	cmd.Example = "  stint audit export -o audit.csv\n  stint audit export --format jsonl --from 2026-11-01 | gzip > november.jsonl.gz"
	cmd.Flags().StringVar(&format, "format", "csv", "csv or jsonl")
	cmd.Flags().StringVarP(&file, "output", "o", "-", "file to write; - is standard output")
	e.flags(cmd)
	return cmd
}

func (a *app) auditVerifyCommand() *cobra.Command {
	var db, head string
	var filtered bool
	cmd := a.command("verify [FILE]", "Check that no entry was changed, taken out or put in", atMost(1), func(ctx context.Context, args []string) error {
		var kept core.Hash
		if head != "" {
			if err := kept.UnmarshalText([]byte(head)); err != nil {
				return err
			}
		}
		switch {
		case db != "" && len(args) > 0:
			return core.Errorf(core.Invalid, "db", "cli.verify_one")
		case len(args) == 1:
			return a.verifyFile(ctx, args[0], kept, filtered)
		case db != "":
			return a.verified(a.VerifyDB(ctx, db, kept, nil))
		}
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		return a.verified(svc.VerifyAudit(ctx, kept, nil))
	})
	cmd.Long = `Checks the hash chain of an exported file (CSV or JSON Lines; - is standard input) or of a
database, without a server, or that of the running server where nothing is named. It names
the first bad entry and exits with 8.

A whole log proves everything but that its end was not cut off. Note the number and hash that
are printed somewhere else, and give the hash with --head the next time: an export must end
with it, a database or server must still hold it.`
	cmd.Example = "  stint audit verify audit.csv\n  stint audit verify --filtered november.jsonl\n  stint audit verify --db ~/.local/share/stint/stint.db"
	f := cmd.Flags()
	f.StringVar(&db, "db", "", "database file to check")
	f.BoolVar(&filtered, "filtered", false, "the file is a filtered export: numbers may be missing")
	f.StringVar(&head, "head", "", "hash noted before: the last one of a file, or one that a database or server must still hold")
	return cmd
}

func (a *app) verifyFile(ctx context.Context, name string, head core.Hash, filtered bool) error {
	o := audit.Options{Filtered: filtered, Head: head}
	in := a.In
	if name != "-" {
		f, err := os.Open(name)
		if errors.Is(err, os.ErrNotExist) {
			return core.Wrap(core.NotFound, "audit.read", err)
		}
		if err != nil {
			return core.Wrap(core.Unavailable, "audit.read", err)
		}
		defer f.Close()
		in = f
	}
	rep, err := audit.Verify(ctx, in, o)
	if err != nil {
		return err
	}
	if a.json {
		if err := a.writeJSON(rep); err != nil {
			return err
		}
	} else if rep.Break == nil {
		a.say("%s", rep.Describe())
		if rep.Count > 0 {
			a.say("The last is number %d with the hash %s.", rep.Last, hex.EncodeToString(rep.Head[:]))
		}
	}
	if rep.Break == nil {
		return nil
	}
	key := core.TextKey("cli.bad_entry")
	if !filtered && rep.Break.Reason == audit.Missing {
		key = "cli.missing_entry"
	}
	return core.Errorf(core.Refused, "", key, "seq", strconv.FormatInt(rep.Break.Seq, 10), "reason", rep.Break.Reason)
}

// verified shows what a whole chain's check found.
func (a *app) verified(v core.Verification, err error) error {
	if err != nil {
		return err
	}
	if a.json {
		if err := a.writeJSON(v); err != nil {
			return err
		}
	}
	if v.Break != nil {
		return core.Errorf(core.Refused, "", "cli.bad_entry", "seq", strconv.FormatInt(v.Break.Seq, 10), "reason", v.Break.Reason)
	}
	a.say("All %d entries are as they were written.", v.Count)
	a.say("The last is number %d with the hash %s.", v.Seq, v.Head)
	return nil
}
