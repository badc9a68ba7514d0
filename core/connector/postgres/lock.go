package postgres

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// A transaction that has changed a membership and is left open makes every
// other change of it wait. Somebody who holds a privilege may open one to keep
// it, and would keep with it whatever else is to be removed in the same batch.
// So we wait for locks briefly; sessions of those who lose something end at
// once if they hold such a lock; and what still waits is left behind alone.

const (
	// lockWait is how long a batch waits for a lock. Changes of memberships are
	// over in milliseconds.
	lockWait = 300 * time.Millisecond
	// lockWaitAlone is the same for a task that is tried alone after its batch
	// waited in vain: there may be hundreds of them.
	lockWaitAlone = 50 * time.Millisecond
	// lockReserve is what is left of a call for reading back when no more tasks
	// are tried alone.
	lockReserve = time.Second
)

// lockedSQL lists sessions that have changed memberships or roles in a
// transaction that is still open. A prepared transaction has no process.
const lockedSQL = `
select distinct coalesce(l.pid, 0), coalesce(r.rolname::text, '')
from pg_catalog.pg_locks l
left join pg_catalog.pg_stat_get_activity(null) a on a.pid = l.pid
left join pg_catalog.pg_roles r on r.oid = a.usesysid
where l.granted and l.mode <> 'AccessShareLock' and l.pid is distinct from pg_backend_pid()
  and (l.locktype = 'relation' and l.relation in ('pg_catalog.pg_auth_members'::regclass, 'pg_catalog.pg_authid'::regclass)
    or l.locktype = 'object' and l.classid = 'pg_catalog.pg_authid'::regclass)
order by 1`

// holder is a session that holds a lock on memberships.
type holder struct {
	pid  int32  // 0: a prepared transaction
	user string // empty: not known
}

// errLocked is the cause where others keep a membership from being changed.
var errLocked = errors.New("another transaction holds a lock on the membership")

func (s *session) holders(ctx context.Context) ([]holder, error) {
	rows, err := s.Query(ctx, lockedSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (h holder, err error) {
		return h, r.Scan(&h.pid, &h.user)
	})
}

// unlock does work that had to wait for a lock: after ending the sessions that
// hold one and belong to somebody who loses a privilege, and then task by task.
func (s *session) unlock(ctx context.Context, work []*item) error {
	ended, err := s.endHolders(ctx, work)
	if err != nil {
		return err
	}
	if ended {
		if err := s.transact(ctx, work); err == nil || sqlState(err) != lockNotAvailable {
			return s.rest(ctx, work, err)
		} else if err := s.settle(ctx); err != nil {
			return err
		}
	}
	return s.alone(ctx, work)
}

// rest goes on after a second try of the whole failed for another reason.
func (s *session) rest(ctx context.Context, work []*item, err error) error {
	if err == nil || !s.refused(ctx, err) {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	return s.alone(ctx, work)
}

// refused reports whether err is the server's word on the work, and not about
// the connection, the deadline, or the server as a whole.
func (s *session) refused(ctx context.Context, err error) bool {
	return !s.IsClosed() && ctx.Err() == nil && sqlState(err) != "" && sqlState(err) != readOnly
}

// settle leaves a failed transaction.
func (s *session) settle(ctx context.Context) error {
	if s.PgConn().TxStatus() == 'I' {
		return nil
	}
	_, err := s.Exec(ctx, "rollback")
	return err
}

// endHolders ends sessions that hold a lock and belong to an account that is
// to lose something, and reports whether there were any.
func (s *session) endHolders(ctx context.Context, work []*item) (bool, error) {
	if !s.settings.endSessions {
		return false, nil
	}
	held, err := s.holders(ctx)
	if err != nil {
		return false, err
	}
	open := map[string][]live{}
	for _, h := range held {
		if h.pid != 0 && slices.ContainsFunc(work, func(it *item) bool { return !it.Grant && it.account == h.user }) {
			open[h.user] = append(open[h.user], live{h.pid, h.user})
		}
	}
	ended, err := s.end(ctx, open)
	return len(ended) > 0, err
}

// alone tries each task for itself, removals first as they are in work. What a
// lock keeps waiting is left behind with an error that names who holds it.
func (s *session) alone(ctx context.Context, work []*item) error {
	if err := s.waitForLocks(ctx, lockWaitAlone); err != nil {
		return err
	}
	var locked []*item
	for _, it := range work {
		if until, bounded := ctx.Deadline(); bounded && time.Until(until) < lockReserve {
			it.err = errLocked // not reached this time
			locked = append(locked, it)
			continue
		}
		it.err = s.transact(ctx, []*item{it})
		if it.err == nil {
			continue
		}
		if !s.refused(ctx, it.err) {
			return it.err
		}
		if err := s.settle(ctx); err != nil {
			return err
		}
		if sqlState(it.err) == lockNotAvailable {
			locked = append(locked, it)
		}
	}
	if err := s.waitForLocks(ctx, lockWait); err != nil || len(locked) == 0 {
		return err
	}
	held, err := s.holders(ctx)
	if err != nil {
		return err
	}
	for _, it := range locked {
		it.err = lockedBy(it, held)
	}
	return nil
}

func (s *session) waitForLocks(ctx context.Context, d time.Duration) error {
	_, err := s.Exec(ctx, "select set_config('lock_timeout', $1, false)", strconv.FormatInt(d.Milliseconds(), 10)+"ms")
	return err
}

// lockedBy says who keeps a membership from being changed.
func lockedBy(it *item, held []holder) error {
	var who []string
	for _, h := range held {
		switch {
		case len(who) == 5:
			who = append(who, "…")
		case len(who) > 5:
		case h.pid == 0:
			who = append(who, "PREPARE TRANSACTION (pg_prepared_xacts)")
		default:
			who = append(who, connector.Show(h.user)+" (pid "+strconv.Itoa(int(h.pid))+")")
		}
	}
	key := core.TextKey("connector.postgres.locked")
	if len(who) == 0 {
		key = "connector.postgres.locked_briefly"
	}
	return core.Wrap(core.Unavailable, key, errLocked,
		"role", connector.Show(it.Role), "account", connector.Show(it.Account), "who", strings.Join(who, ", "))
}
