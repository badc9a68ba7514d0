package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// follow takes privileges away that live on under another name: ALTER ROLE …
// RENAME moves every membership along, so that "account does not exist" would
// be true and the privilege still there. Only roles and accounts that this
// driver granted itself, known by their object identifier, are followed.
func (s *session) follow(ctx context.Context, part []*item) error {
	var ids []uint32
	for _, it := range part {
		if it.gone {
			for _, name := range []string{it.Role, it.Account} {
				if id := s.ids[name]; id != 0 {
					ids = append(ids, id)
				}
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	names, err := s.names(ctx, ids)
	if err != nil {
		return err
	}
	now := func(name string) string {
		if n, ok := names[s.ids[name]]; ok {
			return n
		}
		return name
	}
	var moved, was []*item
	for _, it := range part {
		p := connector.Privilege{Role: now(it.Role), Account: now(it.Account)}
		if it.gone && p != (connector.Privilege{Role: it.Role, Account: it.Account}) {
			moved = append(moved, &item{Task: connector.Task{Privilege: p}, out: &connector.Outcome{}})
			was = append(was, it)
		}
	}
	if len(moved) == 0 {
		return nil
	}
	if err := s.apply(ctx, moved); err != nil {
		return err
	}
	for i, it := range moved {
		*was[i].out = *it.out
		e := &was[i].out.Evidence
		e.Answer = core.Clip(fmt.Sprintf("%s; role %q and account %q were renamed to %q and %q", e.Answer, was[i].Role, was[i].Account, it.Role, it.Account), 500)
	}
	return nil
}

// names returns what roles are called now, by identifier. Those that were
// dropped are not in it.
func (s *session) names(ctx context.Context, ids []uint32) (map[uint32]string, error) {
	rows, err := s.Query(ctx, `select oid, rolname::text from pg_catalog.pg_roles where oid = any($1::oid[])`, ids)
	if err != nil {
		return nil, err
	}
	names := map[uint32]string{}
	var id uint32
	var name string
	_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		names[id] = name
		return nil
	})
	return names, err
}
