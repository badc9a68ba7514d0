package storage

import (
	"context"
	"database/sql"
	"errors"
	"math"

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
		bs := []branch{v.entriesOf(a.ID)}
		if a.Basis != "" && a.Basis != a.ID {
			bs = append(bs, v.entriesOf(a.Basis))
		}
		if a.Grant != "" {
			b, err := v.proofsOf(a)
			if err != nil {
				return err
			}
			bs = append(bs, b)
		}
		w := &where{}
		q := list{columns: entryColumns, inner: "a.seq", order: "seq", limit: maxStory}.sql(w, bs)
		es, err = rows(v.ctx, v.tx, q, w.args, scanEntry)
		return err
	})
	return es, err
}

func (v *view) entriesOf(id core.AssignmentID) branch {
	return branch{table("audit a"), func(w *where) {
		w.is("a.assignment_id", "=", string(id))
		w.raw("a.assignment_id <> ''")
	}}
}

func (v *view) proofsOf(a core.Assignment) (branch, error) {
	basis := string(a.Basis)
	if basis == "" {
		basis = string(a.ID) // any entry without an assignment is welcome
	}
	from, until := a.Start.UnixMicro(), int64(math.MaxInt64) // raw, as entries keep their time
	if !a.State.Live() {
		seq, err := v.q.FirstGrantEntryEnd(v.ctx, gen.FirstGrantEntryEndParams{
			PrincipalID: string(a.Principal), RoleID: string(a.Role), TimeAt: a.Ended.UnixMicro(),
		})
		switch {
		case err == nil:
			until = seq
		case !errors.Is(err, sql.ErrNoRows):
			return branch{}, err
		}
	}
	first, err := v.q.FirstSeqFrom(v.ctx, from)
	if errors.Is(err, sql.ErrNoRows) {
		first, err = math.MaxInt64, nil
	}
	return branch{table("audit a"), func(w *where) {
		w.is("a.principal_id", "=", string(a.Principal))
		w.raw("a.principal_id <> ''")
		w.is("a.seq", ">=", first)
		w.is("a.seq", "<=", until)
		w.is("a.time_at", ">=", from)
		w.is("(a.role_id || '')", "=", string(a.Role))
		w.raw("(a.action || '') LIKE 'grant.%'")
		// Those that name this assignment come from another branch already.
		w.raw("(a.assignment_id || '') NOT IN (" + w.list([]string{string(a.ID), basis}) + ")")
	}}, err
}
