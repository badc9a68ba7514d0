package storage

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/filter"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// How entries are found, audit_keys and audit_search, is written behind the
// log: an entry costs whoever waits for it one row, and what would be some
// twenty pages all over the file is put in order and written for many entries
// at once. Those that are not in yet are few; lists look at each of them.

// behindBy is how many entries the log grows by until they are put in. It is
// about what a list looks through in a millisecond.
const behindBy = 256

// textsTogether is how many entries' texts one statement puts in.
const textsTogether = 64

// putIn writes how entries are found, whenever the log's number passes a
// multiple of behindBy.
func (t *tx) putIn() error {
	by := int64(behindBy)
	if t.db.behind > 0 {
		by = t.db.behind
	}
	if t.appended == 0 || (t.head.Seq-t.appended)/by == t.head.Seq/by {
		return nil
	}
	mark, err := t.q.LastIndexed(t.ctx)
	if err != nil {
		return fmt.Errorf("look what of the log can be found: %w", err)
	}
	if err := t.q.AddKeys(t.ctx, mark); err != nil {
		return fmt.Errorf("write how the log's entries are found: %w", err)
	}
	rs, err := t.q.ListTexts(t.ctx, mark)
	if err != nil {
		return fmt.Errorf("read the log's texts: %w", err)
	}
	for part := range slices.Chunk(rs, textsTogether) {
		args := make([]any, 0, 2*len(part))
		for _, r := range part {
			args = append(args, r.Seq, paging.FoldAll(r.ActorName, r.PrincipalName, r.RoleName, r.SystemName,
				r.Justification, r.TicketSystem, r.TicketNumber, r.Detail))
		}
		var b strings.Builder
		for i := range part {
			fmt.Fprintf(&b, ", ($%d, $%d)", 2*i+1, 2*i+2)
		}
		q := "INSERT INTO audit_search (seq, search) VALUES " + b.String()[2:] + " ON CONFLICT DO NOTHING"
		if _, err := t.tx.ExecContext(t.ctx, q, args...); err != nil {
			return fmt.Errorf("write how the log's texts are found: %w", err)
		}
	}
	return nil
}

// rest returns the entries from lo to hi that are not put in yet and fit, oldest
// first, and the last that is put in.
func (v *view) rest(lo, hi int64, fits func(*core.Entry) bool) (mark int64, es []core.Entry, err error) {
	if mark, err = v.q.LastIndexed(v.ctx); err != nil || hi <= mark {
		return mark, nil, err
	}
	rs, err := v.tx.QueryContext(v.ctx, "SELECT "+entryColumns+" FROM audit a WHERE a.seq >= $1 AND a.seq <= $2 ORDER BY a.seq", max(lo, mark+1), hi)
	if err != nil {
		return mark, nil, err
	}
	all, err := scan(rs, scanEntry)
	return mark, slices.DeleteFunc(all, func(e core.Entry) bool { return !fits(&e) }), err
}

// firstFrom returns the number of the first entry at or after a time in
// microseconds, by halves: the running maximum never falls, and numbers have no
// gaps. It returns sql.ErrNoRows if there is none.
func (v *view) firstFrom(us int64) (int64, error) {
	h, err := v.q.GetHead(v.ctx)
	if err != nil {
		return 0, err
	}
	if h.HighAt < us {
		return 0, sql.ErrNoRows
	}
	lo, hi := int64(1), h.Seq
	for lo < hi {
		mid := lo + (hi-lo)/2
		switch high, err := v.q.HighAt(v.ctx, mid); {
		case errors.Is(err, sql.ErrNoRows): // somebody took it out; the verifier tells
			lo = mid + 1
		case err != nil:
			return 0, err
		case high >= us:
			hi = mid
		default:
			lo = mid + 1
		}
	}
	return lo, nil
}

// matching returns the test of the entries that q asks for.
func (q *entryQuery) matching() func(*core.Entry) bool {
	fits, err := filter.Entry(q.f)
	if err != nil { // was found good when q was made
		return func(*core.Entry) bool { return false }
	}
	return fits
}

// keyed reports whether q is answered by what is written behind the log.
func (q *entryQuery) keyed() bool {
	return q.text != "" || q.f.Person != "" || q.f.Role != "" || q.f.System != "" || q.f.Action != ""
}

// known cuts q to what is put in, up to mark, and reports whether anything is
// left of it.
func (q entryQuery) known(mark int64) (*entryQuery, bool) {
	q.hi = min(q.hi, mark)
	return &q, q.lo <= q.hi && (q.f.Action == "" || len(q.actions) > 0)
}
