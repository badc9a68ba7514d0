package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// prove fills in the outcomes of a part, from the proof that came with its
// change or else from one read now, and ends sessions that may still use what
// is gone.
func (s *session) prove(ctx context.Context, part []*item, p *proof) error {
	if p == nil {
		var err error
		if p, err = s.readBack(ctx, part); err != nil {
			return err
		}
	}
	rows, open := p.rows, p.open
	lost := map[string]bool{} // only who really lost something loses sessions, too
	for i, it := range part {
		lost[it.account] = lost[it.account] || !it.Grant && !rows[i].holds()
	}
	maps.DeleteFunc(open, func(account string, _ []live) bool { return !lost[account] })
	ended, err := s.end(ctx, open)
	if err != nil {
		return err
	}
	if len(ended) > 0 {
		// Until they ended they could use the role, also to take it again: what
		// was read before proves nothing.
		if rows, err = s.look(ctx, privileges(part)); err != nil {
			return err
		}
	}
	for i, it := range part {
		it.out.Evidence, it.out.Object, it.out.Now = s.evidence(it.Privilege, rows[i]), s.object(rows[i]), rows[i].now(it.Privilege)
		it.out.Err = s.judge(it, rows[i])
		if it.Grant || !lost[it.account] {
			continue
		}
		if !s.said[it.account] { // counted once, if the account lost several roles
			it.out.Evidence.Ended, s.said[it.account] = len(s.told[it.account]), true
		}
		if e := ended[it.account]; e != nil && it.out.Err == nil {
			it.out.Err = s.left(it, e)
		}
	}
	return nil
}

// readBack asks for the proof of part in a message of its own.
func (s *session) readBack(ctx context.Context, part []*item) (p *proof, err error) {
	b := &pgx.Batch{}
	ending := s.ask(b, part)
	results := s.SendBatch(ctx, b)
	defer func() {
		if e := results.Close(); err == nil {
			err = e
		}
	}()
	return answered(results, len(part), ending)
}

// judge says what is wrong with a task, if anything, now that r is proven.
func (s *session) judge(it *item, r row) error {
	switch {
	case !connector.WholeScope(it.Scope):
		return it.err
	case it.Grant && errors.Is(it.err, connector.ErrRenamed):
		return it.err
	case r.holds() == it.Grant:
		return nil
	case it.Grant && r.role == 0:
		return connector.NoRole(it.Role)
	case it.Grant && r.account == 0:
		return connector.NoAccount(it.Account)
	case it.err != nil:
		return s.why(it)
	case it.Grant:
		return core.Errorf(core.Unavailable, "", "connector.not_held", "role", connector.Show(it.Role), "account", connector.Show(it.Account))
	}
	// The server took the REVOKE and the membership is there: from PostgreSQL
	// 16 on each grantor has a row of his own, and a REVOKE takes only ours.
	shown := make([]string, len(r.grantors))
	for i, g := range r.grantors {
		shown[i] = "“" + connector.Show(g) + "”"
	}
	return core.Wrap(core.Unavailable, "connector.postgres.other_grantor", connector.ErrNotAllowed,
		"role", connector.Show(it.Role), "account", connector.Show(it.Account), "grantor", strings.Join(shown, ", "),
		"quoted", quoted(it.Role), "member", quoted(it.Account), "by", quoted(r.grantors[0]))
}

// why puts the server's refusal of one task into words.
func (s *session) why(it *item) error {
	role, account := connector.Show(it.Role), connector.Show(it.Account)
	say := func(key core.TextKey, is error, args ...string) error {
		return core.Wrap(core.Unavailable, key, fmt.Errorf("%w: %w", is, cause(it.err)), args...)
	}
	if errors.Is(it.err, errLocked) {
		return it.err
	}
	switch code := sqlState(it.err); code {
	case "":
		return it.err
	case notPrivileged:
		if it.altering {
			return say("connector.postgres.valid_until", connector.ErrNotAllowed, "account", account)
		}
		return say("connector.postgres.admin_option", connector.ErrNotAllowed, "role", role, "quoted", quoted(it.Role), "user", quoted(s.settings.user))
	case invalidGrant:
		return say("connector.postgres.circular", connector.ErrNotAllowed, "role", role, "account", account)
	case undefinedObject:
		if it.Grant {
			return connector.NoRole(it.Role)
		}
		return nil
	default:
		return say("connector.postgres.sqlstate", errServer, "code", code)
	}
}

// left says that sessions survived, or nil.
func (s *session) left(it *item, e *ending) error {
	switch {
	case e.denied > 0:
		return core.Wrap(core.Unavailable, "connector.postgres.sessions_denied", connector.ErrNotAllowed,
			"count", strconv.Itoa(e.denied), "account", connector.Show(it.Account), "user", quoted(s.settings.user))
	case e.left > 0:
		return core.Errorf(core.Unavailable, "", "connector.postgres.sessions_left", "count", strconv.Itoa(e.left), "account", connector.Show(it.Account))
	}
	return nil
}
