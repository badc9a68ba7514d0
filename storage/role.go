package storage

import (
	"context"
	"database/sql"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// Counted are assignments of people. What was given to a group is its members',
// each of whom has his own through it; but who has the role of his own as well, or
// through several groups, counts once. Those are looked for from the groups that
// were given the role, so that a role without any costs nothing.
const roleRow = `SELECT r.id, r.system_id, r.external, r.name, r.description, r.privileged, r.protected, r.gone, s.name, s.kind, s.plays,
    (SELECT count(*) FROM assignments a WHERE a.role_id = r.id AND a.kind = 'eligible' AND a.state IN ('scheduled', 'in_force'))
      - (SELECT count(*) FROM assignments a WHERE a.role_id = r.id AND a.kind = 'eligible' AND a.state IN ('scheduled', 'in_force') AND a.group_id <> '' AND a.via_id = '')
      - (SELECT count(*) FROM assignments g JOIN assignments t ON t.via_id = g.id
           WHERE g.role_id = r.id AND g.kind = 'eligible' AND g.state IN ('scheduled', 'in_force') AND g.group_id <> '' AND g.via_id = ''
             AND t.live AND t.via_id <> '' AND (t.role_id || '') = r.id AND (t.kind || '') = 'eligible'
             AND EXISTS (SELECT 1 FROM assignments o WHERE o.principal_id = t.principal_id AND o.kind = 'eligible' AND o.state IN ('scheduled', 'in_force')
                           AND o.role_id = r.id AND (o.via_id = '' OR o.id < t.id))),
    (SELECT count(*) FROM assignments a WHERE a.role_id = r.id AND a.kind = 'active' AND a.state = 'in_force')
      - (SELECT count(*) FROM assignments a WHERE a.role_id = r.id AND a.kind = 'active' AND a.state = 'in_force' AND a.group_id <> '' AND a.via_id = '')
      - (SELECT count(*) FROM assignments g JOIN assignments t ON t.via_id = g.id
           WHERE g.role_id = r.id AND g.kind = 'active' AND g.state = 'in_force' AND g.group_id <> '' AND g.via_id = ''
             AND t.live AND t.via_id <> '' AND t.state = 'in_force' AND (t.role_id || '') = r.id AND (t.kind || '') = 'active'
             AND EXISTS (SELECT 1 FROM assignments o WHERE o.principal_id = t.principal_id AND o.kind = 'active' AND o.state = 'in_force'
                           AND o.role_id = r.id AND (o.via_id = '' OR o.id < t.id))),
    EXISTS (SELECT 1 FROM policy_levels p WHERE p.level = r.id AND p.made)
FROM roles r JOIN systems s ON s.id = r.system_id WHERE `

// Roles implements core.Query: by folded name, then ID.
func (db *DB) Roles(ctx context.Context, f core.RoleFilter, p core.Page) (l core.List[core.RoleRow], err error) {
	const name = "roles"
	w := &where{}
	limit, text, err := byName(name, "r.", f.Text, p, w)
	if err != nil {
		return l, err
	}
	w.raw("s.state <> 'removed'")
	if f.System != "" {
		w.is("r.system_id", "=", string(f.System))
	}
	if text != "" {
		w.raw("(" + w.like("r.search", text) + " OR r.system_id IN (SELECT x.id FROM systems x WHERE " + w.like("x.name_fold", text) + "))")
	}
	err = db.read(ctx, func(v *view) error {
		rs, err := rows(v.ctx, v.tx, roleRow+w.sql()+" ORDER BY r.name_fold, r.id LIMIT "+w.arg(limit+1), w.args, scanRoleRow)
		l = paging.Cut(name, rs, limit, func(r core.RoleRow) paging.Key { return nameKey(r.Name, r.ID) })
		return err
	})
	return l, err
}

func scanRoleRow(rs *sql.Rows) (row core.RoleRow, err error) {
	var (
		r           gen.Role
		kind, plays string
	)
	err = rs.Scan(&r.ID, &r.SystemID, &r.External, &r.Name, &r.Description, &r.Privileged, &r.Protected, &r.Gone,
		&row.SystemName, &kind, &plays, &row.Eligible, &row.Active, &row.Overrides)
	if err != nil {
		return row, err
	}
	row.Role, err = toRole(r)
	row.SystemKind, row.SystemAs = core.Kind(kind), core.Kind(plays)
	return row, err
}

// byName adds the place behind a page of a list in order of name, and returns
// the limit and the folded text to look for.
func byName(list, alias, text string, p core.Page, w *where) (limit int, folded string, err error) {
	if limit, err = paging.Limit(p); err != nil {
		return 0, "", err
	}
	if folded, err = paging.Text(text); err != nil {
		return 0, "", err
	}
	after, behind, err := paging.After(list, p)
	if behind {
		w.raw("(" + alias + "name_fold, " + alias + "id) > (" + w.arg(string(after.Text)) + ", " + w.arg(string(after.ID)) + ")")
	}
	return limit, folded, err
}

func nameKey[ID ~string](name string, id ID) paging.Key {
	return paging.Key{Text: []byte(paging.Fold(name)), ID: []byte(id)}
}
