package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// A session that did SET ROLE keeps the role's privileges after REVOKE, for as
// long as it is open (F21). So the account's sessions are ended with the
// privilege. Which of them switched to the role can't be seen from outside.
// The same holds for sessions of whoever is a member of the account: he could
// switch through it, and up to PostgreSQL 15 everybody may hand out membership
// in himself.

// endLimit is how long a session may take to end after it was told to. It
// ends at its next interrupt, which is milliseconds away even in a query.
const endLimit = 2 * time.Second

// openSQL lists the open sessions that may use what accounts hold, without our
// own and those of superusers, who hold everything anyway. The function below
// the view pg_stat_activity is asked, which is all the view's columns need.
const openSQL = `
select r.rolname::text, a.pid, u.rolname::text
from pg_catalog.pg_stat_get_activity(null) a
join pg_catalog.pg_roles u on u.oid = a.usesysid
join pg_catalog.pg_roles r on r.rolname = any($1::text[]::name[])
where a.pid <> pg_backend_pid()
  and (u.oid = r.oid or not u.rolsuper and u.rolname <> session_user and pg_has_role(u.oid, r.oid, 'MEMBER'))`

// live is an open session.
type live struct {
	pid  int32
	user string
}

// signalSQL lets an account without inheritance use pg_signal_backend, until
// the transaction ends.
const signalSQL = `
select set_config('role', 'pg_signal_backend', true)
where not pg_has_role('pg_signal_backend', 'USAGE') and pg_has_role('pg_signal_backend', 'MEMBER')`

// endSQL ends sessions, if they are still those they were.
const endSQL = `
select pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity a
join pg_catalog.pg_roles r on r.oid = a.usesysid
where a.pid = any($1::int[]) and r.rolname = any($2::text[]::name[]) and a.pid <> pg_backend_pid()`

// aliveSQL lists which of some sessions are still there.
const aliveSQL = `select pid from pg_catalog.pg_stat_activity where pid = any($1::int[])`

// ending is what came of an account's sessions that are still there.
type ending struct{ left, denied int }

// sessions collects the rows of openSQL by the account whose privilege they may use.
func sessions(results pgx.BatchResults) (map[string][]live, error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	open := map[string][]live{}
	var account string
	var l live
	_, err = pgx.ForEachRow(rows, []any{&account, &l.pid, &l.user}, func() error {
		open[account] = append(open[account], l)
		return nil
	})
	return open, err
}

// end ends the open sessions by account and waits until they are gone; those
// that are, are added to what was told. Where the server forbids one (a
// superuser's, to anybody else), the others are ended.
func (s *session) end(ctx context.Context, open map[string][]live) (map[string]*ending, error) {
	var all []int32
	var names []string
	for _, ls := range open {
		for _, l := range ls {
			all, names = append(all, l.pid), append(names, l.user)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	denied := map[int32]bool{}
	err := s.signal(ctx, all, names)
	if sqlState(err) == notPrivileged {
		for _, pid := range all {
			if err = s.signal(ctx, []int32{pid}, names); sqlState(err) == notPrivileged {
				denied[pid], err = true, nil
			}
			if err != nil {
				return nil, err
			}
		}
	}
	if err != nil {
		return nil, err
	}
	for name, ls := range open {
		if s.told[name] == nil {
			s.told[name] = map[int32]bool{}
		}
		for _, l := range ls {
			s.told[name][l.pid] = true
		}
	}
	alive, err := s.wait(ctx, all, denied)
	if err != nil {
		return nil, err
	}
	result := map[string]*ending{}
	for name, ls := range open {
		e := &ending{}
		for _, l := range ls {
			if alive[l.pid] {
				delete(s.told[name], l.pid)
			}
			switch {
			case !alive[l.pid]:
			case denied[l.pid]:
				e.denied++
			default:
				e.left++
			}
		}
		result[name] = e
	}
	return result, nil
}

// signal tells sessions to end, in one transaction.
func (s *session) signal(ctx context.Context, all []int32, names []string) error {
	b := &pgx.Batch{}
	b.Queue(signalSQL)
	b.Queue(endSQL, all, names)
	return s.SendBatch(ctx, b).Close()
}

// wait looks until all sessions but the denied ones are gone, or endLimit is over.
func (s *session) wait(ctx context.Context, all []int32, denied map[int32]bool) (alive map[int32]bool, err error) {
	over := time.After(endLimit)
	for pause := time.Millisecond; ; pause *= 2 {
		rows, err := s.Query(ctx, aliveSQL, all)
		if err != nil {
			return nil, err
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[int32])
		if err != nil {
			return nil, err
		}
		alive = map[int32]bool{}
		waiting := false
		for _, pid := range got {
			alive[pid] = true
			waiting = waiting || !denied[pid]
		}
		if !waiting {
			return alive, nil
		}
		select {
		case <-time.After(min(pause, 100*time.Millisecond)):
		case <-over:
			return alive, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
