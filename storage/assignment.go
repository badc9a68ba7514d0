package storage

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// countLimit is where counting assignments stops.
const countLimit = 100_000

// sparse is how many assignments may fit a text for them to be fetched by
// their names' indexes and sorted. If more fit, a page of them is found soon
// by walking the list in its order.
const sparse = 2000

var (
	allKinds  = []core.AssignmentKind{core.Eligible, core.Active}
	allStates = []core.AssignmentState{core.Scheduled, core.InForce, core.Expired, core.Removed}
)

const assignmentRow = `SELECT a.id, a.principal_id, a.role_id, a.system_id, a.scope, a.kind, a.origin, a.basis_id, a.start_at, a.end_at, a.state,
    a.live, a.ended_at, a.grant_id, a.request_id, a.justification, a.ticket_system, a.ticket_number, a.created_at, a.remind_at, a.group_id, a.via_id,
    COALESCE(p.name, o.name, ''), COALESCE(p.login, ''), COALESCE(o.name, ''), COALESCE(r.name, ''), COALESCE(s.name, ''), COALESCE(s.kind, ''), COALESCE(s.plays, ''),
    COALESCE(g.state, ''), COALESCE(g.evidence_at, 0), COALESCE(g.evidence_holds, false), COALESCE(g.evidence_query, ''),
    COALESCE(g.evidence_answer, ''), COALESCE(g.evidence_ended, 0), COALESCE(g.last_error, ''), COALESCE(g.failing_at, 0),
    COALESCE(g.attempts, 0), COALESCE(q.status, '')
FROM (`

const assignmentJoins = `) AS k
JOIN assignments a ON a.id = k.id
LEFT JOIN people p ON p.id = a.principal_id
LEFT JOIN people_groups o ON o.id = a.group_id
LEFT JOIN roles r ON r.id = a.role_id
LEFT JOIN systems s ON s.id = a.system_id
LEFT JOIN grants g ON g.id = a.grant_id AND (a.live OR g.for_id = a.id)
LEFT JOIN requests q ON q.id = a.request_id
ORDER BY k.created_at DESC, k.id DESC`

// Assignments implements core.Query: newest first, by Created and ID.
func (db *DB) Assignments(ctx context.Context, f core.AssignmentFilter, p core.Page) (l core.List[core.AssignmentRow], err error) {
	const name = "assignments"
	limit, err := paging.Limit(p)
	if err != nil {
		return l, err
	}
	after, behind, err := paging.After(name, p)
	if err != nil {
		return l, err
	}
	err = db.read(ctx, func(v *view) error {
		bs, err := v.assignmentBranches(f, func(w *where) {
			if behind {
				w.raw("(a.created_at, a.id) < (" + w.arg(after.Num) + ", " + w.arg(string(after.ID)) + ")")
			}
		})
		if err != nil || len(bs) == 0 {
			return err
		}
		w := &where{}
		keys := list{
			columns: "a.id, a.created_at", inner: "a.created_at DESC, a.id DESC",
			order: "created_at DESC, id DESC", limit: limit + 1,
		}.sql(w, bs)
		rs, err := rows(v.ctx, v.tx, assignmentRow+keys+assignmentJoins, w.args, scanAssignmentRow)
		l = paging.Cut(name, rs, limit, func(r core.AssignmentRow) paging.Key {
			return paging.Key{Num: fromTime(r.Created), ID: []byte(r.ID)}
		})
		return err
	})
	return l, err
}

// CountAssignments implements core.Query.
func (db *DB) CountAssignments(ctx context.Context, f core.AssignmentFilter) (n int, err error) {
	err = db.read(ctx, func(v *view) error {
		bs, err := v.assignmentBranches(f, func(*where) {})
		if err != nil || len(bs) == 0 {
			return err
		}
		w := &where{}
		q := list{columns: "a.id", limit: countLimit}.sql(w, bs)
		return v.tx.QueryRowContext(v.ctx, "SELECT count(*) FROM ("+q+") AS counted", w.args...).Scan(&n)
	})
	return n, err
}

// assignmentBranches returns the branches of a filter, one per kind and state,
// or none where nothing can fit; common is added to each.
func (v *view) assignmentBranches(f core.AssignmentFilter, common func(*where)) ([]branch, error) {
	text, err := paging.Text(f.Text)
	if err != nil {
		return nil, err
	}
	kinds, states := allKinds, allStates
	if f.Kind != "" {
		kinds = []core.AssignmentKind{f.Kind}
	}
	if len(f.States) > 0 {
		states = distinct(f.States)
	}
	var rest []core.AssignmentState // ended ones that only their grant can choose
	for _, s := range allStates {
		if !s.Live() && !slices.Contains(states, s) && len(f.GrantStates) > 0 {
			rest = append(rest, s)
		}
	}
	plain := table("assignments a")
	base := func(w *where) { equals(f, w); common(w) }
	// few is the one branch where ids selects few enough to look at each.
	few := func(ids func(*where) string) []branch {
		return []branch{{
			func(w *where) string { return "(" + ids(w) + ") AS named CROSS JOIN assignments a" },
			func(w *where) {
				w.raw("a.id = named.named_id")
				w.in("a.kind", texts(kinds))
				chosen(w, f, states, rest)
				base(w)
			},
		}}
	}
	narrow := f.ID != "" || f.Principal != "" // few rows: looking through them is cheap
	if text == "" && len(rest) == 0 {
		var ids func(*where) string
		switch {
		case f.Group != "" && liveOnly(states):
			ids = func(w *where) string { return given(w, f.Group) }
		case !f.EndsBefore.IsZero() && !narrow && liveOnly(states):
			ids = func(w *where) string { return ending(w, f.EndsBefore) }
		case !f.EndedAfter.IsZero() && f.Origin == core.Assigned && f.ID == "" && slices.Equal(states, []core.AssignmentState{core.Expired}):
			ids = func(w *where) string { return lapsed(w, f.Principal, f.EndedAfter) }
		}
		if ids != nil {
			n, err := v.countUpTo(ids, sparse)
			if err != nil {
				return nil, err
			}
			if n <= sparse {
				return few(ids), nil
			}
		}
	}
	if text != "" {
		if !narrow {
			n, err := v.countNamed(text)
			if err != nil || n == 0 {
				return nil, err
			}
			if n <= sparse {
				return few(func(w *where) string { return named(w, text) }), nil
			}
		}
		with := base
		base = func(w *where) {
			w.raw("(a.principal_id IN (SELECT x.id FROM people x WHERE " + w.like("x.name_fold", text) +
				") OR a.role_id IN (SELECT x.id FROM roles x WHERE " + w.like("x.name_fold", text) +
				") OR a.system_id IN (SELECT x.id FROM systems x WHERE " + w.like("x.name_fold", text) +
				") OR a.group_id <> '' AND a.group_id IN (SELECT x.id FROM people_groups x WHERE " + w.like("x.name_fold", text) + "))")
			with(w)
		}
	}
	var bs []branch
	for _, s := range states {
		for _, k := range kinds {
			bs = append(bs, branch{plain, func(w *where) {
				w.is("a.kind", "=", string(k))
				chosen(w, f, []core.AssignmentState{s}, nil)
				base(w)
			}})
		}
	}
	switch {
	case len(rest) > 0 && pendingOnly(f.GrantStates) && !narrow:
		// Few grants are on their way at any time, so they lead to their assignments.
		bs = append(bs, branch{table("grants g CROSS JOIN assignments a"), func(w *where) {
			w.raw("a.grant_id = g.id AND a.grant_id <> '' AND g.for_id = a.id")
			grantsIn(w, f.GrantStates)
			w.in("a.kind", texts(kinds))
			chosen(w, f, rest, nil)
			base(w)
		}})
	case len(rest) > 0:
		for _, s := range rest {
			for _, k := range kinds {
				bs = append(bs, branch{plain, func(w *where) {
					w.is("a.kind", "=", string(k))
					w.is("a.state", "=", string(s))
					chosen(w, f, nil, []core.AssignmentState{s})
					base(w)
				}})
			}
		}
	}
	return bs, nil
}

// equals adds the conditions that compare one column with one value.
func equals(f core.AssignmentFilter, w *where) {
	for _, c := range []struct{ column, value string }{
		{"a.id", string(f.ID)}, {"a.principal_id", string(f.Principal)}, {"a.role_id", string(f.Role)},
		{"a.system_id", string(f.System)}, {"a.group_id", string(f.Group)}, {"a.origin", string(f.Origin)},
	} {
		if c.value != "" {
			w.is(c.column, "=", c.value)
		}
	}
	if f.Group != "" { // what its members have through it is not its own
		w.raw("a.via_id = ''")
	}
	if !f.EndsBefore.IsZero() {
		w.raw("a.end_at > 0")
		w.is("a.end_at", "<", f.EndsBefore.UnixMicro())
	}
}

// chosen adds the condition on states: one of states, or one of rest with a
// grant that the filter names.
func chosen(w *where, f core.AssignmentFilter, states, rest []core.AssignmentState) {
	if len(states) == 1 && len(rest) == 0 {
		w.is("a.state", "=", string(states[0])) // the form that an index serves in order
	} else {
		in := where{args: w.args}
		in.in("a.state", texts(states))
		either := in.sql()
		if len(rest) > 0 {
			in.conds = nil
			in.in("a.state", texts(rest))
			g := where{args: in.args}
			grantsIn(&g, f.GrantStates)
			either += " OR " + in.sql() + " AND EXISTS (SELECT 1 FROM grants g WHERE g.id = a.grant_id AND g.for_id = a.id AND " + g.sql() + ")"
			in.args = g.args
		}
		w.args = in.args
		w.raw("(" + either + ")")
	}
	if !f.EndedAfter.IsZero() {
		w.raw("(a.live OR a.ended_at > " + w.arg(f.EndedAfter.UnixMicro()) + ")")
	}
}

// grantsIn adds the condition on a grant's state, so that the index of those
// on their way serves it where it can.
func grantsIn(w *where, states []core.GrantState) {
	if pendingOnly(states) {
		w.raw("g.pending")
	}
	w.in("g.state", texts(distinct(states)))
}

// ending selects the live assignments that end before a moment.
func ending(w *where, before time.Time) string {
	return "SELECT n.id AS named_id FROM assignments n WHERE n.live AND n.end_at > 0 AND n.end_at < " + w.arg(before.UnixMicro())
}

// given selects the live assignments of a group itself.
func given(w *where, to core.GroupID) string {
	return "SELECT n.id AS named_id FROM assignments n WHERE n.live AND n.group_id <> '' AND n.via_id = '' AND n.group_id = " + w.arg(string(to))
}

// lapsed selects the assigned ones that expired after a moment, of a person or all.
func lapsed(w *where, of core.PersonID, after time.Time) string {
	q := "SELECT n.id AS named_id FROM assignments n WHERE n.state = 'expired' AND n.origin = 'assigned' AND n.ended_at > " + w.arg(after.UnixMicro())
	if of != "" {
		q += " AND n.principal_id = " + w.arg(string(of))
	}
	return q
}

// countUpTo counts what ids selects, to a little more than n.
func (v *view) countUpTo(ids func(*where) string, n int) (count int, err error) {
	w := &where{}
	q := "SELECT count(*) FROM (" + ids(w) + " LIMIT " + w.arg(n+1) + ") AS counted"
	err = v.tx.QueryRowContext(v.ctx, q, w.args...).Scan(&count)
	return count, err
}

func liveOnly(states []core.AssignmentState) bool {
	return !slices.ContainsFunc(states, func(s core.AssignmentState) bool { return !s.Live() })
}

// named selects the assignments whose principal, role, system or group has the
// text in its name; UNION takes each once.
func named(w *where, text string) string {
	return "SELECT n.id AS named_id FROM assignments n WHERE n.principal_id IN (SELECT x.id FROM people x WHERE " + w.like("x.name_fold", text) +
		") UNION SELECT n.id FROM assignments n WHERE n.role_id IN (SELECT x.id FROM roles x WHERE " + w.like("x.name_fold", text) +
		") UNION SELECT n.id FROM assignments n WHERE n.system_id IN (SELECT x.id FROM systems x WHERE " + w.like("x.name_fold", text) +
		") UNION SELECT n.id FROM assignments n WHERE n.group_id <> '' AND n.group_id IN (SELECT x.id FROM people_groups x WHERE " + w.like("x.name_fold", text) + ")"
}

// countNamed counts the assignments that named would select, up to a little
// more than sparse; one may count twice.
func (v *view) countNamed(text string) (n int, err error) {
	w := &where{}
	parts := make([]string, 0, 4)
	for _, t := range []struct{ column, names string }{
		{"n.principal_id", "people"}, {"n.role_id", "roles"}, {"n.system_id", "systems"}, {"n.group_id <> '' AND n.group_id", "people_groups"},
	} {
		parts = append(parts, "SELECT 1 FROM (SELECT 1 FROM assignments n WHERE "+t.column+" IN (SELECT x.id FROM "+t.names+
			" x WHERE "+w.like("x.name_fold", text)+") LIMIT "+w.arg(sparse+1)+") AS c"+t.names)
	}
	q := "SELECT count(*) FROM (" + strings.Join(parts, " UNION ALL ") + ") AS counted"
	err = v.tx.QueryRowContext(v.ctx, q, w.args...).Scan(&n)
	return n, err
}

func pendingOnly(states []core.GrantState) bool {
	for _, s := range states {
		if !(core.Grant{State: s}).Pending() {
			return false
		}
	}
	return true
}

func scanAssignmentRow(r *sql.Rows) (row core.AssignmentRow, err error) {
	var (
		a                      gen.Assignment
		kind, plays, gs, qs    string
		evidenceAt, ended      int64
		failing, attempts      int64
		holds                  bool
		query, answer, lastErr string
	)
	err = r.Scan(&a.ID, &a.PrincipalID, &a.RoleID, &a.SystemID, &a.Scope, &a.Kind, &a.Origin, &a.BasisID, &a.StartAt, &a.EndAt, &a.State,
		&a.Live, &a.EndedAt, &a.GrantID, &a.RequestID, &a.Justification, &a.TicketSystem, &a.TicketNumber, &a.CreatedAt, &a.RemindAt, &a.GroupID, &a.ViaID,
		&row.PrincipalName, &row.PrincipalLogin, &row.GroupName, &row.RoleName, &row.SystemName, &kind, &plays,
		&gs, &evidenceAt, &holds, &query, &answer, &ended, &lastErr, &failing, &attempts, &qs)
	if err != nil {
		return row, err
	}
	row.Assignment, err = toAssignment(a)
	row.SystemKind, row.SystemAs = core.Kind(kind), core.Kind(plays)
	row.GrantState, row.GrantError, row.GrantFailing, row.GrantAttempts = core.GrantState(gs), lastErr, toTime(failing), int(attempts)
	row.GrantEvidence = core.Evidence{At: toTime(evidenceAt), Holds: holds, Query: query, Answer: answer, Ended: int(ended)}
	row.RequestStatus = core.Status(qs)
	return row, err
}
