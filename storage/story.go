package storage

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
)

// maxStory is the limit of core.Query.Story.
const maxStory = 500

// Story implements core.Query. The proofs of a grant name role and principal
// but no assignment, since several may want it: those from the assignment's
// start until the first proof of its removal at or after its end belong to it.
func (db *DB) Story(ctx context.Context, id core.AssignmentID) (es []core.Entry, err error) {
	err = db.read(ctx, func(v *view) error {
		a, ok := v.Assignment(id)
		if !ok {
			return v.err
		}
		s := &story{a: a, until: math.MaxInt64}
		mark, rest, err := v.rest(1, math.MaxInt64, s.named)
		if err != nil {
			return err
		}
		if a.Grant != "" {
			if err := v.bounds(s, rest); err != nil {
				return err
			}
		}
		w := &where{}
		q := list{columns: entryColumns, inner: "ak.seq", order: "seq", limit: maxStory}.sql(w, s.branches(mark))
		if es, err = rows(v.ctx, v.tx, q, w.args, scanEntry); err != nil {
			return err
		}
		for _, e := range rest {
			if s.own(&e) || s.proof(&e) {
				es = append(es, e)
			}
		}
		es = es[:min(maxStory, len(es))]
		return nil
	})
	return es, err
}

// story is which entries belong to an assignment.
type story struct {
	a           core.Assignment
	from, until int64 // the numbers that its grant's proofs lie between
}

func (s *story) own(e *core.Entry) bool {
	return e.Assignment == s.a.ID || s.a.Basis != "" && e.Assignment == s.a.Basis
}

// named reports whether e could belong to it.
func (s *story) named(e *core.Entry) bool {
	return s.own(e) || s.ofGrant(e)
}

func (s *story) ofGrant(e *core.Entry) bool {
	return s.a.Grant != "" && e.Principal == s.a.Principal && e.Principal != "" && e.Role == s.a.Role && strings.HasPrefix(string(e.Action), "grant.")
}

func (s *story) proof(e *core.Entry) bool {
	return s.ofGrant(e) && e.Seq >= s.from && e.Seq <= s.until && !e.Time.Before(s.a.Start)
}

// bounds finds where the proofs begin and end. rest are the entries that aren't
// put in yet.
func (v *view) bounds(s *story, rest []core.Entry) (err error) {
	s.from, err = v.firstFrom(s.a.Start.UnixMicro()) // raw, as entries keep their time
	if errors.Is(err, sql.ErrNoRows) {
		s.from, err = math.MaxInt64, nil
	}
	if err != nil || s.a.State.Live() {
		return err
	}
	seq, err := v.q.FirstGrantEntryEnd(v.ctx, gen.FirstGrantEntryEndParams{
		PrincipalID: string(s.a.Principal), RoleID: string(s.a.Role), TimeAt: s.a.Ended.UnixMicro(),
	})
	if err == nil {
		s.until = seq
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	for _, e := range rest {
		if (e.Action == core.GrantRemoved || e.Action == core.GrantLeft) && s.ofGrant(&e) && !e.Time.Before(s.a.Ended) {
			s.until = e.Seq
			break
		}
	}
	return nil
}

// branches finds those up to mark, which are put in.
func (s *story) branches(mark int64) []branch {
	keyed := func(field int, key string, also func(*where)) branch {
		return branch{table("audit_keys ak CROSS JOIN audit a"), func(w *where) {
			w.raw("ak.field = " + strconv.Itoa(field))
			w.is("ak.key", "=", key)
			w.raw("a.seq = ak.seq")
			w.is("ak.seq", "<=", mark)
			also(w)
		}}
	}
	all := func(*where) {}
	bs := []branch{keyed(keyAssignment, string(s.a.ID), all)}
	names := []string{string(s.a.ID)}
	if s.a.Basis != "" && s.a.Basis != s.a.ID {
		bs = append(bs, keyed(keyAssignment, string(s.a.Basis), all))
		names = append(names, string(s.a.Basis))
	}
	if s.a.Grant != "" {
		bs = append(bs, keyed(keyPerson, string(s.a.Principal), func(w *where) {
			w.is("ak.seq", ">=", s.from)
			w.is("ak.seq", "<=", s.until)
			w.is("a.time_at", ">=", s.a.Start.UnixMicro())
			w.is("(a.principal_id || '')", "=", string(s.a.Principal))
			w.is("(a.role_id || '')", "=", string(s.a.Role))
			w.raw("(a.action || '') LIKE 'grant.%'")
			// Those that name this assignment come from another branch already.
			w.raw("(a.assignment_id || '') NOT IN (" + w.list(names) + ")")
		}))
	}
	return bs
}
