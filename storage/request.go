package storage

import (
	"context"
	"database/sql"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
	"github.com/stint-pim/stint/storage/internal/paging"
)

const requestRow = `SELECT q.id, q.action, q.status, q.requester_id, q.principal_id, q.role_id, q.system_id, q.scope, q.assignment_id,
    q.start_at, q.end_at, q.justification, q.ticket_system, q.ticket_number, q.origin, q.created_at, q.completed_at,
    q.basis_id, q.duration, q.approval_json, q.due_at,
    COALESCE(b.name, ''), COALESCE(p.name, o.name, ''), COALESCE(r.name, ''), COALESCE(s.name, '')
FROM (`

const requestJoins = `) AS k
JOIN requests q ON q.id = k.id
LEFT JOIN people b ON b.id = q.requester_id
LEFT JOIN people p ON p.id = q.principal_id
LEFT JOIN assignments a ON a.id = q.assignment_id AND a.group_id <> ''
LEFT JOIN people_groups o ON o.id = a.group_id
LEFT JOIN roles r ON r.id = q.role_id
LEFT JOIN systems s ON s.id = q.system_id
ORDER BY k.created_at DESC, k.id DESC`

// Requests implements core.Query: newest first, by Created and ID.
func (db *DB) Requests(ctx context.Context, f core.RequestFilter, p core.Page) (l core.List[core.RequestRow], err error) {
	const name = "requests"
	limit, err := paging.Limit(p)
	if err != nil {
		return l, err
	}
	after, behind, err := paging.After(name, p)
	if err != nil {
		return l, err
	}
	add := func(w *where) {
		if f.Principal != "" {
			w.is("q.principal_id", "=", string(f.Principal))
		}
		if f.Role != "" {
			w.is("q.role_id", "=", string(f.Role))
		}
		if len(f.Actions) > 0 {
			w.in("q.action", texts(f.Actions))
		}
		if behind {
			w.raw("(q.created_at, q.id) < (" + w.arg(after.Num) + ", " + w.arg(string(after.ID)) + ")")
		}
	}
	bs := []branch{{table("requests q"), add}}
	if len(f.Statuses) > 0 {
		bs = nil
		for _, s := range distinct(f.Statuses) {
			bs = append(bs, branch{table("requests q"), func(w *where) { w.is("q.status", "=", string(s)); add(w) }})
		}
	}
	if len(f.Asked) > 0 {
		bs = asked(f, add)
	}
	w := &where{}
	columns := "q.id, q.created_at"
	if len(f.Asked) > 0 {
		columns = "DISTINCT " + columns // somebody may be asked as a member of two groups
	}
	keys := list{
		columns: columns, inner: "q.created_at DESC, q.id DESC", order: "created_at DESC, id DESC", limit: limit + 1,
		overlap: len(f.Asked) > 0,
	}.sql(w, bs)
	err = db.read(ctx, func(v *view) error {
		rs, err := rows(v.ctx, v.tx, requestRow+keys+requestJoins, w.args, scanRequestRow)
		l = paging.Cut(name, rs, limit, func(r core.RequestRow) paging.Key {
			return paging.Key{Num: fromTime(r.Created), ID: []byte(r.ID)}
		})
		return err
	})
	return l, err
}

// asked are the ways in which a request may wait for people: it names them,
// groups they are in, or roles they hold.
func asked(f core.RequestFilter, add func(*where)) []branch {
	way := func(in string) branch {
		return branch{table("asked CROSS JOIN requests q"), func(w *where) {
			w.raw("asked.approver_id IN (" + strings.ReplaceAll(in, "$people", w.list(texts(f.Asked))) + ")")
			w.raw("q.id = asked.request_id")
			if len(f.Statuses) > 0 {
				w.in("q.status", texts(f.Statuses))
			}
			add(w)
		}}
	}
	return []branch{
		way("$people"),
		way("SELECT m.group_id FROM members m WHERE m.person_id IN ($people)"),
		way("SELECT h.role_id FROM assignments h WHERE h.principal_id IN ($people) AND h.kind = 'active' AND h.state = 'in_force'"),
	}
}

func scanRequestRow(rs *sql.Rows) (row core.RequestRow, err error) {
	var q gen.Request
	err = rs.Scan(&q.ID, &q.Action, &q.Status, &q.RequesterID, &q.PrincipalID, &q.RoleID, &q.SystemID, &q.Scope, &q.AssignmentID,
		&q.StartAt, &q.EndAt, &q.Justification, &q.TicketSystem, &q.TicketNumber, &q.Origin, &q.CreatedAt, &q.CompletedAt,
		&q.BasisID, &q.Duration, &q.ApprovalJson, &q.DueAt,
		&row.RequesterName, &row.PrincipalName, &row.RoleName, &row.SystemName)
	if err != nil {
		return row, err
	}
	row.Request, err = toRequest(q)
	return row, err
}

// Reasons implements core.Query; it looks at a person's last 500 requests
// to activate or prolong.
func (db *DB) Reasons(ctx context.Context, id core.PersonID, limit int) (out []string, err error) {
	err = db.read(ctx, func(v *view) error {
		rs, err := v.q.ListJustifications(v.ctx, string(id))
		for _, r := range distinct(rs) {
			if r != "" && len(out) < limit {
				out = append(out, r)
			}
		}
		return err
	})
	return out, err
}
