package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// nameLimit is NAMEDATALEN-1: PostgreSQL cuts longer identifiers silently, so
// that GRANT of a name one byte too long would grant another role.
const nameLimit = 63

// carries reports whether a role of this name can exist. A NUL would be
// dropped on the way, and "public" stands for everybody even in quotes
// (gram.y, RoleSpec).
func carries(name string) bool {
	return name != "" && len(name) <= nameLimit && utf8.ValidString(name) && !strings.ContainsRune(name, 0) && name != "public" && name != "none"
}

// row is what the catalogue says about one privilege.
type row struct {
	role, account uint32 // object identifiers; 0: there is none of that name
	roleName      string // what they are called: otherwise than asked, if Object led to them
	accountName   string
	grantors      []string // of the membership; from PostgreSQL 16 on there can be several
	at            time.Time
}

func (r row) holds() bool { return len(r.grantors) > 0 }

// lookSQL asks for many privileges at once: by object identifier where one is
// given and still exists, else by name. Names come as parameters; only such as
// carries lets through may, because the cast to name cuts long ones. It is
// prepared, and written as look-ups by index rather than as joins: a plan that
// was made when there were few roles must not become slow with many.
const lookSQL = `
select w.i, coalesce(w.r, 0::oid), coalesce(w.a, 0::oid),
  case when w.r = w.ro then coalesce(pg_catalog.pg_get_userbyid(w.r)::text, '') else w.role end,
  case when w.a = w.ao then coalesce(pg_catalog.pg_get_userbyid(w.a)::text, '') else w.account end,
  array(
    select pg_catalog.pg_get_userbyid(m.grantor)::text from pg_catalog.pg_auth_members m
    where m.roleid = w.r and m.member = w.a order by 1)
from (
  select u.i, u.role, u.account, u.ro, u.ao,
    coalesce((select oid from pg_catalog.pg_roles where oid = u.ro), (select oid from pg_catalog.pg_roles where rolname = u.role::name)) as r,
    coalesce((select oid from pg_catalog.pg_roles where oid = u.ao), (select oid from pg_catalog.pg_roles where rolname = u.account::name)) as a
  from unnest($1::text[], $2::text[], $3::oid[], $4::oid[]) with ordinality as u(role, account, ro, ao, i) offset 0
) w`

// question is lookSQL with its parameters.
func (s *session) question(ps []connector.Privilege) []any {
	roles, accounts := make([]string, len(ps)), make([]string, len(ps))
	ro, ao := make([]uint32, len(ps)), make([]uint32, len(ps))
	for i, p := range ps {
		roles[i], accounts[i] = known(p.Role), known(p.Account)
		ro[i], ao[i] = s.ids(p.Object)
	}
	return []any{roles, accounts, ro, ao}
}

// known is name, or a name that no role has: the empty one.
func known(name string) string {
	if carries(name) {
		return name
	}
	return ""
}

// look reads privileges from the catalogue, in the transaction under way if
// there is one.
func (s *session) look(ctx context.Context, ps []connector.Privilege) ([]row, error) {
	rows, err := s.Query(ctx, lookName, s.question(ps)...)
	if err != nil {
		return nil, err
	}
	return answers(rows, len(ps))
}

// answers collects the rows of lookSQL.
func answers(rows pgx.Rows, n int) ([]row, error) {
	got := make([]row, n)
	var i int64
	var r row
	_, err := pgx.ForEachRow(rows, []any{&i, &r.role, &r.account, &r.roleName, &r.accountName, &r.grantors}, func() error {
		got[i-1] = r
		r.grantors = nil
		return nil
	})
	at := time.Now().UTC()
	for i := range got {
		got[i].at = at
	}
	return got, err
}

// evidence puts a row into words. Names are quoted as Go does, so that a line
// break in one can't forge a line of a log.
func (s *session) evidence(p connector.Privilege, r row) core.Evidence {
	asked := p
	p = r.called(p)
	answer := "not a member"
	switch {
	case r.role == 0:
		answer = "role does not exist"
	case r.account == 0:
		answer = "account does not exist"
	case r.holds():
		answer = "member"
	}
	if p != asked {
		answer += fmt.Sprintf("; role %q and account %q were renamed to these", core.Clip(asked.Role, 100), core.Clip(asked.Account, 100))
	}
	return core.Evidence{
		At: r.at, Holds: r.holds(),
		Query:  fmt.Sprintf("pg_auth_members: role %q, member %q", core.Clip(p.Role, 100), core.Clip(p.Account, 100)),
		Answer: answer + " (" + s.settings.describe(s.version) + ")",
	}
}

// Read asks whether the server holds each privilege.
func (d *driver) Read(ctx context.Context, ps []connector.Privilege) (out []connector.Outcome, err error) {
	err = d.with(ctx, func(s *session) error {
		rows, err := s.look(ctx, ps)
		if err != nil {
			return err
		}
		out = make([]connector.Outcome, len(ps))
		for i, p := range ps {
			out[i].Evidence, out[i].Object, out[i].Now = s.evidence(p, rows[i]), s.object(rows[i]), rows[i].now(p)
			if !connector.WholeScope(p.Scope) {
				out[i].Err = connector.NoScope(p.Scope)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
