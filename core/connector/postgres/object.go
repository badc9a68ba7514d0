package postgres

import (
	"fmt"
	"strings"

	"github.com/stint-pim/stint/core/connector"
)

// A privilege's Object is the cluster's own identifier and the object
// identifiers of role and account, as “7301…/16401/16402”. ALTER ROLE … RENAME
// keeps them, and moves every membership along. Of another cluster (the server
// was set up anew, or the address leads elsewhere now) they mean nothing. An
// identifier of a role that was dropped comes back only after four billion
// others.

// object writes the Object of what a row is about.
func (s *session) object(r row) string {
	if r.role == 0 || r.account == 0 || s.cluster == "" {
		return ""
	}
	return fmt.Sprintf("%s/%d/%d", s.cluster, r.role, r.account)
}

// ids reads an Object; of another cluster, or none, it leads nowhere.
func (s *session) ids(object string) (role, account uint32) {
	rest, ok := strings.CutPrefix(object, s.cluster+"/")
	if !ok || s.cluster == "" {
		return 0, 0
	}
	if _, err := fmt.Sscanf(rest, "%d/%d", &role, &account); err != nil {
		return 0, 0
	}
	return role, account
}

// now is what a privilege is called, or the zero one if it is called as asked.
func (r row) now(p connector.Privilege) connector.Privilege {
	n := p
	if r.role != 0 {
		n.Role = r.roleName
	}
	if r.account != 0 {
		n.Account = r.accountName
	}
	if n == p {
		return connector.Privilege{}
	}
	return n
}

// called returns p under the names it has now.
func (r row) called(p connector.Privilege) connector.Privilege {
	if n := r.now(p); n != (connector.Privilege{}) {
		return n
	}
	return p
}

// guardSQL fails, and so takes the statements sent with it back, where one of
// the objects is not called what those statements call it: they would take a
// privilege from whoever got the name. It costs no round trip of its own.
const guardSQL = `
select 1 / (case when exists (
  select from unnest($1::oid[], $2::text[]) as u(id, name) join pg_catalog.pg_roles r on r.oid = u.id
  where r.rolname::text <> u.name) then 0 else 1 end)`

// guard returns the parameters of guardSQL for work; nothing to guard: nil.
func (s *session) guard(work []*item) []any {
	var ids []uint32
	var names []string
	seen := map[uint32]bool{}
	add := func(id uint32, name string) {
		if id != 0 && !seen[id] {
			seen[id] = true
			ids, names = append(ids, id), append(names, name)
		}
	}
	for _, it := range work {
		role, account := s.ids(it.Object)
		add(role, it.Role)
		add(account, it.Account)
	}
	if len(ids) == 0 {
		return nil
	}
	return []any{ids, names}
}
