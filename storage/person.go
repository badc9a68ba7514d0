package storage

import (
	"context"
	"database/sql"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// PeopleList implements core.Query: by folded name, then ID. Sessions and
// LastSeen are of sessions that are still good; LastSeen is at least the last
// sign-in, whose session may be gone.
func (db *DB) PeopleList(ctx context.Context, f core.PersonFilter, p core.Page) (l core.List[core.PersonRow], err error) {
	const name = "people"
	w := &where{}
	limit, text, err := byName(name, "p.", f.Text, p, w)
	if err != nil {
		return l, err
	}
	if f.ID != "" {
		w.is("p.id", "=", string(f.ID))
	}
	if f.Disabled != nil {
		w.is("p.disabled", "=", *f.Disabled)
	}
	if text != "" {
		w.raw(w.like("p.search", text))
	}
	now := w.arg(db.now().UnixMicro())
	query := `SELECT p.id, p.name, p.login, p.mail, p.language, p.disabled, p.created_at, p.no_digest,
    EXISTS (SELECT 1 FROM factors f WHERE f.person_id = p.id AND f.confirmed),
    EXISTS (SELECT 1 FROM credentials c WHERE c.person_id = p.id AND c.locked_till_at > ` + now + `)
        OR EXISTS (SELECT 1 FROM factors f WHERE f.person_id = p.id AND f.locked_till_at > ` + now + `),
    (SELECT COALESCE(max(e.last_seen_at), 0) FROM sessions e WHERE e.person_id = p.id AND e.expires_at > ` + now + `),
    COALESCE((SELECT c.signed_in_at FROM credentials c WHERE c.person_id = p.id), 0),
    (SELECT count(*) FROM sessions e WHERE e.person_id = p.id AND e.expires_at > ` + now + `),
    (SELECT count(*) FROM accounts c WHERE c.person_id = p.id),
    (SELECT count(*) FROM assignments a WHERE a.principal_id = p.id AND a.kind = 'eligible' AND a.state IN ('scheduled', 'in_force')),
    (SELECT count(*) FROM assignments a WHERE a.principal_id = p.id AND a.kind = 'active' AND a.state = 'in_force')
FROM people p WHERE ` + w.sql() + ` ORDER BY p.name_fold, p.id LIMIT ` + w.arg(limit+1)
	err = db.read(ctx, func(v *view) error {
		rs, err := rows(v.ctx, v.tx, query, w.args, scanPersonRow)
		l = paging.Cut(name, rs, limit, func(r core.PersonRow) paging.Key { return nameKey(r.Name, r.ID) })
		return err
	})
	return l, err
}

func scanPersonRow(rs *sql.Rows) (row core.PersonRow, err error) {
	var (
		p        gen.Person
		seen, in int64
	)
	err = rs.Scan(&p.ID, &p.Name, &p.Login, &p.Mail, &p.Language, &p.Disabled, &p.CreatedAt, &p.NoDigest,
		&row.HasFactor, &row.Locked, &seen, &in, &row.Sessions, &row.Accounts, &row.Eligible, &row.Active)
	if err != nil {
		return row, err
	}
	row.Person, err = toPerson(p)
	row.LastSeen = toTime(max(seen, in))
	return row, err
}

// AccountsOf implements core.Query: by the systems' folded names.
func (db *DB) AccountsOf(ctx context.Context, id core.PersonID) (out []core.AccountRow, err error) {
	err = db.read(ctx, func(v *view) error {
		rs, err := v.q.ListAccountsOf(v.ctx, string(id))
		out = all(v, rs, err, func(r gen.ListAccountsOfRow) (core.AccountRow, error) {
			a, err := toAccount(gen.Account{PersonID: r.PersonID, SystemID: r.SystemID, External: r.External})
			return core.AccountRow{Account: a, SystemName: r.SystemName, SystemKind: core.Kind(r.SystemKind)}, err
		})
		return v.err
	})
	return out, err
}

// SessionOf implements core.Query.
func (db *DB) SessionOf(ctx context.Context, id core.SessionID) (s core.Session, p core.Person, ok bool, err error) {
	err = db.glance(ctx, func(v *view) error {
		r, err := v.q.GetSessionOf(v.ctx, string(id))
		if s, ok = found(v, r.Session, err, toSession); ok {
			p, ok = found(v, r.Person, err, toPerson)
		}
		return v.err
	})
	return s, p, ok, err
}
