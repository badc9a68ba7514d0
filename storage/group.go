package storage

import (
	"context"
	"database/sql"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// Groups implements core.Query: by folded name, then ID.
func (db *DB) Groups(ctx context.Context, f core.GroupFilter, p core.Page) (l core.List[core.GroupRow], err error) {
	const name = "groups"
	w := &where{}
	limit, text, err := byName(name, "o.", f.Text, p, w)
	if err != nil {
		return l, err
	}
	w.raw("NOT o.removed")
	if f.ID != "" {
		w.is("o.id", "=", string(f.ID))
	}
	if text != "" {
		w.raw(w.like("o.name_fold", text))
	}
	query := `SELECT o.id, o.name, o.description, o.removed, o.created_at,
    (SELECT count(*) FROM members m WHERE m.group_id = o.id),
    (SELECT count(*) FROM assignments a WHERE a.group_id = o.id AND a.live AND a.group_id <> '' AND a.via_id = '')
FROM people_groups o WHERE ` + w.sql() + ` ORDER BY o.name_fold, o.id LIMIT ` + w.arg(limit+1)
	err = db.read(ctx, func(v *view) error {
		rs, err := rows(v.ctx, v.tx, query, w.args, func(rs *sql.Rows) (row core.GroupRow, err error) {
			var g gen.PeopleGroup
			if err := rs.Scan(&g.ID, &g.Name, &g.Description, &g.Removed, &g.CreatedAt, &row.Members, &row.Given); err != nil {
				return row, err
			}
			row.Group, err = toGroup(g)
			return row, err
		})
		l = paging.Cut(name, rs, limit, func(r core.GroupRow) paging.Key { return nameKey(r.Name, r.ID) })
		return err
	})
	return l, err
}

// Members implements core.Query.
func (db *DB) Members(ctx context.Context, id core.GroupID) (out []core.MemberRow, err error) {
	err = db.read(ctx, func(v *view) error {
		rs, err := v.q.ListMemberRows(v.ctx, string(id))
		out = all(v, rs, err, func(r gen.ListMemberRowsRow) (core.MemberRow, error) {
			m, err := toMember(gen.Member{GroupID: r.GroupID, PersonID: r.PersonID, SinceAt: r.SinceAt})
			return core.MemberRow{Member: m, Name: r.Name, Login: r.Login, Disabled: r.Disabled}, err
		})
		return v.err
	})
	return out, err
}
