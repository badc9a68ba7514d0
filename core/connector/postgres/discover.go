package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// discoverSQL lists roles that are there to be granted: those that can't sign
// in (the predefined ones of PostgreSQL among them) and those that somebody is
// a member of already. pg_database_owner takes no members. A role is privileged
// if it, or one it is a member of through any number of steps, has an attribute
// that lifts it above the ordinary, or is predefined.
//
// Holders are accounts that are members directly. Stint's own account is left
// out: it is a member of what it may grant, by the admin option.
const discoverSQL = `
with recursive above(role, upper) as (
  select oid, oid from pg_catalog.pg_roles
  union
  select above.role, m.roleid from above join pg_catalog.pg_auth_members m on m.member = above.upper
),
lifted as (
  select distinct above.role from above join pg_catalog.pg_roles u on u.oid = above.upper
  where u.rolsuper or u.rolcreaterole or u.rolreplication or u.rolbypassrls or u.rolname like 'pg\_%'
)
select r.rolname::text, coalesce(shobj_description(r.oid, 'pg_authid'), ''), r.oid in (select role from lifted),
       coalesce((select array_agg(x.rolname::text order by x.rolname) from (
         select distinct a.rolname from pg_catalog.pg_auth_members m join pg_catalog.pg_roles a on a.oid = m.member
         where m.roleid = r.oid and a.rolcanlogin and a.rolname <> session_user order by a.rolname limit 1000) x), '{}')
from pg_catalog.pg_roles r
where r.rolname <> 'pg_database_owner'
  and (not r.rolcanlogin or exists (select from pg_catalog.pg_auth_members m where m.roleid = r.oid))
order by r.rolname like 'pg\_%', r.rolname
limit 2000`

const accountsSQL = `select rolname::text from pg_catalog.pg_roles where rolcanlogin order by rolname limit 5000`

// Discover lists roles, accounts and who holds what.
func (d *driver) Discover(ctx context.Context) (found connector.Found, err error) {
	err = d.with(ctx, func(s *session) error {
		found = connector.Found{Version: "PostgreSQL " + s.version}
		rows, err := s.Query(ctx, discoverSQL)
		if err != nil {
			return err
		}
		found.Roles, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r core.FoundRole, err error) {
			err = row.Scan(&r.External, &r.Description, &r.Privileged, &r.Holders)
			return r, err
		})
		if err != nil {
			return err
		}
		if rows, err = s.Query(ctx, accountsSQL); err != nil {
			return err
		}
		found.Accounts, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		return connector.Found{}, err
	}
	return found, nil
}

// holdersSQL lists members of roles. Memberships of roles that can't sign in
// are listed, too: through them others hold the role.
const holdersSQL = `
select distinct r.rolname::text, a.rolname::text, r.oid, a.oid
from pg_catalog.pg_roles r
join pg_catalog.pg_auth_members m on m.roleid = r.oid
join pg_catalog.pg_roles a on a.oid = m.member
where r.rolname = any($1::text[]::name[]) and a.rolname <> session_user
order by 1, 2 limit $2`

// Holders lists who is a member of roles, directly (connector.Lister).
func (d *driver) Holders(ctx context.Context, roles []string) (held []connector.Privilege, err error) {
	wanted := make([]string, len(roles))
	for i, name := range roles {
		wanted[i] = known(name)
	}
	err = d.with(ctx, func(s *session) error {
		rows, err := s.Query(ctx, holdersSQL, wanted, connector.MaxHoldings)
		if err != nil {
			return err
		}
		held = nil
		var p connector.Privilege
		var r row
		_, err = pgx.ForEachRow(rows, []any{&p.Role, &p.Account, &r.role, &r.account}, func() error {
			p.Object = s.object(r)
			held = append(held, p)
			return nil
		})
		return err
	})
	return held, err
}
