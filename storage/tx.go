package storage

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
)

// tx is core.Tx: a view that also writes.
type tx struct {
	view
	head     *core.Head // read once, then kept up: the transaction is the only writer
	high     int64      // highest time of any entry, in microseconds
	appended int64      // how many entries this transaction has added
	broken   error      // the first write that failed; nothing is committed after it
}

// breaks notes a failed write. On some engines a transaction is lost after
// one, so it is on all.
func (t *tx) breaks(err error) error {
	if err == nil {
		return nil
	}
	err = t.db.translate(err)
	if t.broken == nil {
		t.broken = err
	}
	return err
}

// Head implements core.Tx.
func (t *tx) Head() core.Head {
	if k := t.db.kept; t.head == nil && k != nil && k.head != nil {
		t.head, t.high = k.head, k.high
	}
	if t.head != nil {
		return *t.head
	}
	r, err := t.q.GetHead(t.ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		t.head, t.high = &core.Head{}, math.MinInt64
	case t.fail(err):
		return core.Head{}
	default:
		h := core.Head{Seq: r.Seq, Time: entryTime(r.TimeAt)}
		if copy(h.Hash[:], r.Hash) != len(h.Hash) {
			t.fail(fmt.Errorf("entry %d has a hash of %d bytes", r.Seq, len(r.Hash)))
			return core.Head{}
		}
		t.head, t.high = &h, r.HighAt
	}
	return *t.head
}

// Apply implements core.Tx.
func (t *tx) Apply(e core.Event) error {
	if t.broken != nil {
		return t.broken
	}
	for _, c := range e.Changes {
		t.db.kept.forget(c)
		if err := t.put(c); err != nil {
			return t.breaks(err)
		}
	}
	if e.Entry.Action == "" {
		return nil
	}
	return t.breaks(t.append(&e.Entry))
}

// append adds e to the log if it continues it: the last defence against an
// entry that would make the chain fail for ever.
func (t *tx) append(e *core.Entry) error {
	head := t.Head()
	if t.err != nil {
		return t.err
	}
	us := e.Time.UnixMicro()
	if !Continues(head, e) {
		return core.Errorf(core.Internal, "", "storage.chain")
	}
	t.high = max(t.high, us)
	f := e.Fields()
	err := t.q.AddEntry(t.ctx, gen.AddEntryParams{
		Seq: e.Seq, TimeAt: us, HighAt: t.high,
		ActorID: f[0], ActorName: f[1], Strength: f[2], Origin: f[3], Action: f[4], Outcome: f[5],
		SystemID: f[6], SystemName: f[7], RoleID: f[8], RoleName: f[9], Scope: f[10],
		PrincipalID: f[11], PrincipalName: f[12], AssignmentID: f[13], RequestID: f[14],
		Justification: f[15], TicketSystem: f[16], TicketNumber: f[17], Detail: f[18],
		Prev: e.Prev[:], Hash: e.Hash[:],
	})
	if err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	t.appended++
	t.head = &core.Head{Seq: e.Seq, Hash: e.Hash, Time: e.Time}
	return nil
}

// Continues reports whether e is sealed onto head and will still be when it is
// read back.
func Continues(head core.Head, e *core.Entry) bool {
	return e.Seq == head.Seq+1 && e.Prev == head.Hash && e.Hash == e.Sum() &&
		e.Time.Equal(e.Time.Truncate(time.Microsecond))
}

// Deliver implements core.Tx.
func (t *tx) Deliver(ds []core.Delivery) error {
	if len(ds) == 0 {
		return nil
	}
	if t.broken != nil {
		return t.broken
	}
	outbox := t.db.outbox.Load()
	if outbox == nil {
		if t.db.drop {
			return nil
		}
		return t.breaks(core.Errorf(core.Internal, "", "storage.no_outbox"))
	}
	if err := (*outbox)(t.ctx, t.tx, ds); err != nil {
		return t.breaks(fmt.Errorf("store deliveries: %w", err))
	}
	return nil
}

// Remembered implements core.Tx.
func (t *tx) Remembered(p core.PersonID, key string) (digest, result []byte, ok bool) {
	r, err := t.q.GetRemembered(t.ctx, gen.GetRememberedParams{PersonID: string(p), Key: key})
	if t.fail(err) {
		return nil, nil, false
	}
	return r.Digest, r.Result, true
}

// Remember implements core.Tx.
func (t *tx) Remember(p core.PersonID, key string, digest, result []byte, now time.Time) error {
	if t.broken != nil {
		return t.broken
	}
	return t.breaks(t.q.PutRemembered(t.ctx, gen.PutRememberedParams{
		PersonID: string(p), Key: key, Digest: digest, Result: result, MadeAt: fromTime(now),
	}))
}
