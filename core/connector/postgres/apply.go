package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core/connector"
)

// item is one task on its way.
type item struct {
	connector.Task
	out *connector.Outcome
	err error // why the server wouldn't; the read-back decides whether it matters
	// altering: what the server refused was to set VALID UNTIL.
	altering bool
	// role and account are what Role and Account are called now, as far as it
	// was looked.
	role, account string
}

// Apply makes the tasks true: those of one role in one statement, all in one
// transaction, and the proof in one query after the commit. What the server
// holds in the end decides about success; an error of a statement only
// explains a failure.
func (d *driver) Apply(ctx context.Context, tasks []connector.Task) (out []connector.Outcome, err error) {
	if len(tasks) == 0 {
		return nil, ctx.Err()
	}
	err = d.with(ctx, func(s *session) error {
		out = make([]connector.Outcome, len(tasks))
		for _, part := range parts(tasks, out) {
			if err := s.apply(ctx, part); err != nil {
				return err
			}
		}
		for account := range s.said {
			delete(s.told, account)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// parts cuts tasks so that none asks for both ways of one privilege. Within a
// part the order doesn't matter; revocations are put first, and roles together.
func parts(tasks []connector.Task, out []connector.Outcome) [][]*item {
	var all [][]*item
	var part []*item
	ways := map[connector.Privilege]bool{}
	for i, t := range tasks {
		name := connector.Privilege{Role: t.Role, Scope: t.Scope, Account: t.Account}
		if way, seen := ways[name]; seen && way != t.Grant {
			all, part = append(all, part), nil
			clear(ways)
		}
		ways[name] = t.Grant
		part = append(part, &item{Task: t, out: &out[i], role: t.Role, account: t.Account})
	}
	all = append(all, part)
	for _, part := range all {
		slices.SortStableFunc(part, func(a, b *item) int {
			if a.Grant != b.Grant {
				if b.Grant {
					return -1
				}
				return 1
			}
			return cmp.Compare(a.Role, b.Role)
		})
	}
	return all
}

// apply changes one part and reads it back.
func (s *session) apply(ctx context.Context, part []*item) error {
	var work []*item
	for _, it := range part {
		switch {
		case !connector.WholeScope(it.Scope):
			it.err = connector.NoScope(it.Scope)
		case carries(it.Role) && carries(it.Account):
			work = append(work, it)
		}
	}
	var p *proof
	if len(work) > 0 {
		var err error
		if p, err = s.atOnce(ctx, work, part); err != nil {
			return err
		}
		if p == nil {
			if err := s.change(ctx, work); err != nil {
				return err
			}
		}
	}
	return s.prove(ctx, part, p)
}

// change carries out work after a look at what exists. Where the server refuses
// the whole, it tries the halves, down to single tasks; only an error that
// concerns the connection is returned.
func (s *session) change(ctx context.Context, work []*item) error {
	err := s.transact(ctx, work)
	if err == nil || !s.refused(ctx, err) {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	if sqlState(err) == lockNotAvailable {
		return s.unlock(ctx, work)
	}
	first, last := work[0], work[len(work)-1]
	switch {
	case len(work) == 1,
		// Whether a role may be handed out doesn't depend on to whom.
		sqlState(err) == notPrivileged && !s.settings.nativeExpiry && first.Grant == last.Grant && first.Role == last.Role:
		for _, it := range work {
			it.err = err
		}
		return nil
	}
	half := len(work) / 2
	if err := s.change(ctx, work[:half]); err != nil {
		return err
	}
	return s.change(ctx, work[half:])
}

// transact does work in one transaction. Looking first costs a round trip; it
// tells what was there before (R28), and leaves out what can't be done.
func (s *session) transact(ctx context.Context, work []*item) error {
	b := &pgx.Batch{}
	limits, err := s.prepare(ctx, work)
	if err != nil {
		return err
	}
	s.queue(b, slices.DeleteFunc(slices.Clone(work), func(it *item) bool { return it.err != nil }), limits)
	b.Queue("commit")
	s.changing() // from here on a repeat could take our own grant for one that was there before
	return s.send(ctx, b, work)
}

// send runs the statements of b in one go, up to the first that fails.
func (s *session) send(ctx context.Context, b *pgx.Batch, work []*item) error {
	results := s.SendBatch(ctx, b)
	for _, q := range b.QueuedQueries {
		if _, err := results.Exec(); err != nil {
			for _, it := range work {
				it.altering = strings.HasPrefix(q.SQL, "alter ")
			}
			return errors.Join(err, results.Close())
		}
	}
	return results.Close()
}

// prepare opens the transaction and reads what work is about: whether a grant
// is there already, what is missing, and how long the accounts are valid.
func (s *session) prepare(ctx context.Context, work []*item) (limits map[string]*time.Time, err error) {
	ps := make([]connector.Privilege, len(work))
	for i, it := range work {
		ps[i] = it.Privilege
		it.err = nil
	}
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(lookName, s.question(ps)...)
	if s.settings.nativeExpiry {
		b.Queue(validSQL, accountsOf(work))
	}
	results := s.SendBatch(ctx, b)
	defer func() {
		if e := results.Close(); err == nil {
			err = e
		}
	}()
	if _, err := results.Exec(); err != nil {
		return nil, err
	}
	found, err := results.Query()
	if err != nil {
		return nil, err
	}
	rows, err := answers(found, len(ps))
	if err != nil {
		return nil, err
	}
	for i, it := range work {
		now := rows[i].called(it.Privilege)
		it.role, it.account = now.Role, now.Account
		it.out.HeldBefore = it.Grant && rows[i].holds()
		switch {
		case it.Grant && now != it.Privilege:
			it.err = connector.Renamed(it.Privilege, now)
		case rows[i].role == 0:
			it.err = connector.NoRole(it.Role)
		case rows[i].account == 0:
			it.err = connector.NoAccount(it.Account)
		}
	}
	if !s.settings.nativeExpiry {
		return nil, nil
	}
	return validity(results)
}

// queue adds the statements for work to b: one for each role and direction.
func (s *session) queue(b *pgx.Batch, work []*item, limits map[string]*time.Time) {
	for len(work) > 0 {
		n := 1
		for n < len(work) && work[n].Grant == work[0].Grant && work[n].role == work[0].role {
			n++
		}
		var accounts []string
		for _, it := range work[:n] {
			// From PostgreSQL 16 on a second GRANT by us would stand beside
			// the one that was there, and outlive it.
			if !it.Grant || !it.out.HeldBefore {
				accounts = append(accounts, quoted(it.account))
			}
		}
		slices.Sort(accounts)
		accounts = slices.Compact(accounts)
		switch list := strings.Join(accounts, ", "); {
		case len(accounts) == 0:
		case work[0].Grant:
			b.Queue("grant " + quoted(work[0].role) + " to " + list)
		default:
			b.Queue("revoke " + quoted(work[0].role) + " from " + list)
		}
		if work[0].Grant && s.settings.nativeExpiry {
			for _, it := range work[:n] {
				queueValidity(b, it, limits)
			}
		}
		work = work[n:]
	}
}

// accountsOf lists the accounts of work.
func accountsOf(work []*item) []string {
	var names []string
	for _, it := range work {
		names = append(names, known(it.Account))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
