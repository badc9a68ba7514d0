package model

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// AssignmentLister is the part of core.Service that the export reads.
type AssignmentLister interface {
	Assignments(context.Context, core.AssignmentFilter, core.Page) (core.List[core.AssignmentRow], error)
	CountAssignments(context.Context, core.AssignmentFilter) (int, error)
}

// assignmentColumns are the file's titles; they are English and fixed, so that
// a script reads the file of any person.
var assignmentColumns = [...]string{
	"id", "person", "login", "role", "system", "scope", "kind", "origin", "start", "end", "state", "on_system", "justification", "ticket_system", "ticket_number",
}

// ExportAssignments writes the assignments that match to w as CSV (RFC 4180),
// page by page, so that 100,000 rows need no more memory than one page. tell
// may be nil. It stops between pages when ctx ends.
func ExportAssignments(ctx context.Context, from AssignmentLister, f core.AssignmentFilter, w io.Writer, tell core.Progress) (int, error) {
	total, err := from.CountAssignments(ctx, f)
	if err != nil {
		return 0, err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(assignmentColumns[:]); err != nil {
		return 0, fmt.Errorf("write titles: %w", err)
	}
	done := 0
	for page := (core.Page{Limit: 500}); ; {
		list, err := from.Assignments(ctx, f, page)
		if err != nil {
			return done, err
		}
		for _, r := range list.Items {
			if err := out.Write(assignmentRecord(r)); err != nil {
				return done, fmt.Errorf("write row: %w", err)
			}
		}
		done += len(list.Items)
		if tell != nil {
			tell(int64(done), int64(max(total, done)))
		}
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if list.Next == "" {
			break
		}
		page.After = list.Next
	}
	out.Flush()
	return done, out.Error()
}

func assignmentRecord(r core.AssignmentRow) []string {
	rec := []string{
		string(r.ID), r.PrincipalName, r.PrincipalLogin, r.RoleName, r.SystemName, r.Scope, string(r.Kind), string(r.Origin),
		utc(r.Start), utc(r.End), string(r.State), string(r.GrantState), r.Justification, r.Ticket.System, r.Ticket.Number,
	}
	for i := range rec {
		rec[i] = SafeCell(rec[i])
	}
	return rec
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// SafeCell keeps a spreadsheet from running a cell as a formula: a text that
// begins with = + - @, a tab or a line break, also behind spaces, gets an
// apostrophe in front (OWASP, CSV injection). Full-width forms count, because
// spreadsheets of East Asian languages run them, too.
func SafeCell(s string) string {
	t := strings.TrimLeft(s, " \u00a0\u3000")
	if t == "" {
		return s
	}
	for _, r := range t {
		if strings.ContainsRune("=+-@\t\r\n＝＋－＠", r) {
			return "'" + s
		}
		break
	}
	return s
}
