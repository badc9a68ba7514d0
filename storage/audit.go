package storage

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
	"github.com/stint-pim/stint/storage/internal/paging"
)

const entryColumns = `a.seq, a.time_at, a.actor_id, a.actor_name, a.strength, a.origin, a.action, a.outcome, a.system_id, a.system_name,
    a.role_id, a.role_name, a.scope, a.principal_id, a.principal_name, a.assignment_id, a.request_id, a.justification,
    a.ticket_system, a.ticket_number, a.detail, a.prev, a.hash`

// chunk is how many entries EachEntry reads in one short transaction, so that
// the database's write-ahead log is never held back for long.
const chunk = 2000

// Entries implements core.Query: newest first.
func (db *DB) Entries(ctx context.Context, f core.EntryFilter, p core.Page) (l core.List[core.Entry], err error) {
	const name = "entries"
	limit, err := paging.Limit(p)
	if err != nil {
		return l, err
	}
	after, behind, err := paging.After(name, p)
	if err != nil {
		return l, err
	}
	err = db.read(ctx, func(v *view) error {
		q, err := v.entryQuery(f)
		if err != nil || q == nil {
			return err
		}
		if behind {
			q.hi = min(q.hi, after.Num-1)
		}
		es, err := v.newest(*q, limit+1)
		l = paging.Cut(name, es, limit, func(e core.Entry) paging.Key { return paging.Key{Num: e.Seq} })
		return err
	})
	return l, err
}

// newest returns the first n entries of q, newest first.
func (v *view) newest(q entryQuery, n int) (es []core.Entry, err error) {
	part, ok := &q, true
	if q.keyed() {
		mark, rest, err := v.rest(q.lo, q.hi, q.matching())
		if err != nil {
			return nil, err
		}
		slices.Reverse(rest)
		es = rest[:min(n, len(rest))]
		part, ok = q.known(mark)
	}
	if !ok || len(es) == n {
		return es, nil
	}
	w := &where{}
	text := list{columns: entryColumns, inner: part.place() + " DESC", order: "seq DESC", limit: n - len(es)}.sql(w, part.branches())
	more, err := rows(v.ctx, v.tx, text, w.args, scanEntry)
	return append(es, more...), err
}

// EachEntry implements core.Query. It streams the entries there are when it
// begins; as entries never change, it needs no snapshot and reads in chunks,
// the next one while f works on this one. The entry is f's to keep.
func (db *DB) EachEntry(ctx context.Context, f core.EntryFilter, do func(*core.Entry) error) error {
	var q *entryQuery
	err := db.read(ctx, func(v *view) (err error) {
		if q, err = v.entryQuery(f); err != nil || q == nil {
			return err
		}
		h, err := v.q.GetHead(v.ctx)
		if errors.Is(err, sql.ErrNoRows) {
			q = nil
			return nil
		}
		q.hi = min(q.hi, h.Seq)
		return err
	})
	if err != nil || q == nil {
		return err
	}
	type part struct {
		entries []core.Entry
		err     error
	}
	ctx, stop := context.WithCancel(ctx)
	parts := make(chan part, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(parts)
		for {
			es, err := db.entriesUp(ctx, *q)
			select {
			case parts <- part{es, err}:
			case <-ctx.Done():
				return
			}
			if err != nil || len(es) < chunk {
				return
			}
			q.lo = es[len(es)-1].Seq + 1
		}
	}()
	defer func() { stop(); <-done }()
	for p := range parts {
		if p.err != nil {
			return p.err
		}
		for i := range p.entries {
			if err := do(&p.entries[i]); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return db.translate(err)
		}
	}
	return db.translate(ctx.Err())
}

func (db *DB) entriesUp(ctx context.Context, q entryQuery) (es []core.Entry, err error) {
	err = db.read(ctx, func(v *view) error {
		part, ok := &q, true
		var rest []core.Entry
		if q.keyed() {
			// Asked in each transaction: more may be put in since the one before.
			if a := string(q.f.Action); strings.HasSuffix(a, ".") {
				if q.actions, err = v.actionsOf(a); err != nil {
					return err
				}
			}
			var mark int64
			if mark, rest, err = v.rest(q.lo, q.hi, q.matching()); err != nil {
				return err
			}
			part, ok = q.known(mark)
		}
		if ok {
			w := &where{}
			text := list{columns: entryColumns, inner: part.place(), order: "seq", limit: chunk}.sql(w, part.branches())
			if es, err = rows(v.ctx, v.tx, text, w.args, scanEntry); err != nil {
				return err
			}
		}
		es = append(es, rest...)
		es = es[:min(chunk, len(es))]
		return nil
	})
	return es, err
}

// CountEntries implements core.Query.
func (db *DB) CountEntries(ctx context.Context, f core.EntryFilter) (n int64, err error) {
	err = db.read(ctx, func(v *view) error {
		q, err := v.entryQuery(f)
		if err != nil || q == nil {
			return err
		}
		if q.f == (core.EntryFilter{From: f.From, To: f.To, AfterSeq: f.AfterSeq}) {
			n, err = v.countSeqs(q)
			if err != nil || n >= 0 {
				return err
			}
		}
		var rest []core.Entry
		if q.keyed() {
			var mark int64
			if mark, rest, err = v.rest(q.lo, q.hi, q.matching()); err != nil {
				return err
			}
			part, ok := q.known(mark)
			if !ok {
				n = int64(len(rest))
				return nil
			}
			q = part
		}
		defer func() { n += int64(len(rest)) }()
		w := &where{}
		text := list{columns: "a.seq", limit: math.MaxInt32}.sql(w, q.branches())
		return v.tx.QueryRowContext(v.ctx, "SELECT count(*) FROM ("+text+") AS counted", w.args...).Scan(&n)
	})
	return n, err
}

// countSeqs counts a part of the log without reading it: numbers have no gaps.
// It returns -1 where a clock that went back makes that wrong.
func (v *view) countSeqs(q *entryQuery) (int64, error) {
	h, err := v.q.GetHead(v.ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	hi := min(q.hi, h.Seq)
	if !q.f.From.IsZero() || !q.f.To.IsZero() {
		late, err := v.q.AnyLateIn(v.ctx, gen.AnyLateInParams{Seq: q.lo, Seq_2: hi})
		if err != nil || late {
			return -1, err
		}
	}
	return max(hi-q.lo+1, 0), nil
}

// entryQuery is a filter of entries, made ready: bounds of Seq and actions.
type entryQuery struct {
	f       core.EntryFilter
	text    string
	lo, hi  int64 // inclusive
	actions []string
}

// entryQuery looks up what turns f into ranges of Seq. It returns nil where
// nothing can fit.
func (v *view) entryQuery(f core.EntryFilter) (*entryQuery, error) {
	text, err := paging.Text(f.Text)
	if err != nil {
		return nil, err
	}
	q := &entryQuery{f: f, text: text, lo: f.AfterSeq + 1, hi: math.MaxInt64}
	if !f.From.IsZero() {
		// The running maximum never falls, and is at least an entry's own time.
		seq, err := v.firstFrom(f.From.UnixMicro())
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		q.lo = max(q.lo, seq)
	}
	if !f.To.IsZero() {
		// Behind the first entry that late, only those can be earlier that
		// were written after a clock went back.
		seq, err := v.firstFrom(f.To.UnixMicro())
		if err == nil {
			late, err := v.q.LastLateBefore(v.ctx, f.To.UnixMicro())
			if err != nil {
				return nil, err
			}
			q.hi = max(seq-1, late)
		} else if !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	if a := string(f.Action); strings.HasSuffix(a, ".") {
		if q.actions, err = v.actionsOf(a); err != nil {
			return nil, err
		}
	} else if a != "" {
		q.actions = []string{a}
	}
	return q, nil
}

// actionsOf returns the actions in the log that begin with prefix, which ends
// in a dot. Each costs one look into the index.
func (v *view) actionsOf(prefix string) (out []string, err error) {
	end := strings.TrimSuffix(prefix, ".") + "/" // the character behind the dot
	for at := prefix; ; out = append(out, at) {
		at, err = v.q.NextAction(v.ctx, gen.NextActionParams{Key: at, Key_2: end})
		if errors.Is(err, sql.ErrNoRows) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Fields of audit_keys.
const (
	keyPerson = iota + 1 // actor or principal
	keyRole
	keySystem
	keyAssignment
	keyAction
)

// keyedBy is a branch that a key leads.
func (q *entryQuery) keyedBy(field int, value, column string) branch {
	return branch{table("audit_keys ak CROSS JOIN audit a"), func(w *where) {
		w.raw("ak.field = " + strconv.Itoa(field))
		w.is("ak.key", "=", value)
		w.raw("a.seq = ak.seq")
		q.seqs(w, "ak.seq")
		q.rest(w, column)
	}}
}

// branches picks the key that leads: the one of the filter's field that fits
// the fewest entries as a rule. The other fields are compared as an expression
// (column || ”), which keeps the planner from a worse choice.
func (q *entryQuery) branches() []branch {
	switch f := q.f; {
	case f.Person != "":
		return []branch{q.keyedBy(keyPerson, string(f.Person), "person")}
	case f.Role != "":
		return []branch{q.keyedBy(keyRole, string(f.Role), "role_id")}
	case len(q.actions) > 0:
		bs := make([]branch, len(q.actions))
		for i, a := range q.actions {
			bs[i] = q.keyedBy(keyAction, a, "action")
		}
		return bs
	case f.System != "":
		return []branch{q.keyedBy(keySystem, string(f.System), "system_id")}
	case f.Outcome != "" && f.Outcome != core.OutcomeDone:
		return []branch{{table("audit a"), func(w *where) {
			w.is("a.outcome", "=", string(f.Outcome))
			w.raw("a.outcome <> 'done'")
			q.rest(w, "outcome")
		}}}
	case q.text != "":
		return []branch{{table("audit_search t CROSS JOIN audit a"), func(w *where) {
			w.raw("a.seq = t.seq")
			q.seqs(w, "t.seq")
			w.raw(w.like("t.search", q.text))
			q.rest(w, "text")
		}}}
	}
	return []branch{{table("audit a"), func(w *where) { q.rest(w, "") }}}
}

// place is the column whose order is that of the index that leads.
func (q *entryQuery) place() string {
	switch f := q.f; {
	case f.Person != "", f.Role != "", len(q.actions) > 0, f.System != "":
		return "ak.seq"
	case q.text != "" && (f.Outcome == "" || f.Outcome == core.OutcomeDone):
		return "t.seq"
	}
	return "a.seq"
}

func (q *entryQuery) seqs(w *where, column string) {
	if q.lo > 1 {
		w.is(column, ">=", q.lo)
	}
	if q.hi < math.MaxInt64 {
		w.is(column, "<=", q.hi)
	}
}

// rest adds the conditions that the leading column doesn't serve.
func (q *entryQuery) rest(w *where, lead string) {
	if lead == "" || lead == "outcome" {
		q.seqs(w, "a.seq")
	}
	if !q.f.From.IsZero() {
		w.is("a.time_at", ">=", q.f.From.UnixMicro())
	}
	if !q.f.To.IsZero() {
		w.is("a.time_at", "<", q.f.To.UnixMicro())
	}
	for _, c := range []struct {
		column string
		values []string
	}{
		{"role_id", one(string(q.f.Role))}, {"system_id", one(string(q.f.System))},
		{"action", q.actions}, {"outcome", one(string(q.f.Outcome))},
	} {
		if len(c.values) > 0 && c.column != lead {
			w.in("(a."+c.column+" || '')", c.values)
		}
	}
	if q.text != "" && lead != "text" {
		w.raw("EXISTS (SELECT 1 FROM audit_search t WHERE t.seq = a.seq AND " + w.like("t.search", q.text) + ")")
	}
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func scanEntry(rs *sql.Rows) (e core.Entry, err error) {
	var (
		us         int64
		f          [19]string
		prev, hash sql.RawBytes
	)
	err = rs.Scan(&e.Seq, &us, &f[0], &f[1], &f[2], &f[3], &f[4], &f[5], &f[6], &f[7], &f[8], &f[9], &f[10], &f[11], &f[12],
		&f[13], &f[14], &f[15], &f[16], &f[17], &f[18], &prev, &hash)
	if err != nil {
		return e, err
	}
	e.SetFields(f)
	e.Time = entryTime(us)
	// A hash of another length is damage, which the verifier shall name and
	// the list shall show: what there is of it is taken.
	copy(e.Prev[:], prev)
	copy(e.Hash[:], hash)
	return e, nil
}
