// Package memory is core.Store in maps: the reference that says what a store
// must do, and a quick one for tests. It forgets everything when it goes.
//
// A state is never changed once it can be seen. Update works on a copy of the
// tables it touches and then puts it in the place of the old one; so a failed
// Update leaves nothing, and a Read sees one moment however long it lasts.
// Lists look through everything and sort it: no index, no cleverness.
package memory

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage"
)

// Store is a core.Store in memory.
type Store struct {
	now    func() time.Time
	turn   chan struct{} // holds one token: the turn to write
	state  atomic.Pointer[state]
	closed atomic.Bool
}

var _ core.Store = (*Store)(nil)

// New returns a new store, which holds what a new store must.
func New() *Store { return NewAt(time.Now) }

// NewAt is New with the clock by which lists say who is locked out.
func NewAt(now func() time.Time) *Store {
	s := &Store{now: now, turn: make(chan struct{}, 1)}
	s.state.Store(&state{})
	err := s.Update(context.Background(), func(t core.Tx) error {
		return t.Apply(core.Event{Changes: storage.First()})
	})
	if err != nil {
		panic(err) // what a new store holds breaks no constraint
	}
	return s
}

// Update implements core.Store.
func (s *Store) Update(ctx context.Context, f func(core.Tx) error) error {
	if err := s.open(ctx); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return s.open(ctx)
	}
	defer func() { <-s.turn }()
	if err := s.open(ctx); err != nil {
		return err
	}
	next := *s.state.Load()
	next.shared()
	t := &tx{view: view{&next}}
	if err := f(t); err != nil {
		return err
	}
	if t.broken != nil {
		return t.broken
	}
	s.state.Store(&next)
	return nil
}

// Read implements core.Store.
func (s *Store) Read(ctx context.Context, f func(core.View) error) error {
	st, err := s.snapshot(ctx)
	if err != nil {
		return err
	}
	return f(view{st})
}

// snapshot returns the state as it is now.
func (s *Store) snapshot(ctx context.Context) (*state, error) {
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	return s.state.Load(), nil
}

func (s *Store) open(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		e := core.Errorf(core.Canceled, "", "storage.canceled")
		e.Err = err
		return e
	}
	if s.closed.Load() {
		return core.Errorf(core.Unavailable, "", "storage.closed")
	}
	return nil
}

// Deliveries returns all deliveries that were ever committed, oldest first.
func (s *Store) Deliveries() []core.Delivery {
	return append([]core.Delivery(nil), s.state.Load().deliveries...)
}

// Trouble implements core.Store: memory has none.
func (s *Store) Trouble() (core.Trouble, bool) { return core.Trouble{}, false }

// Close implements core.Store.
func (s *Store) Close() error {
	s.closed.Store(true)
	return nil
}

// tx is core.Tx on a state that nobody else sees yet.
type tx struct {
	view
	broken error // the first write that failed; nothing is committed after it
}

// Head implements core.Tx.
func (t *tx) Head() core.Head { return t.s.head() }

// Apply implements core.Tx.
func (t *tx) Apply(e core.Event) error {
	if t.broken != nil {
		return t.broken
	}
	for _, c := range e.Changes {
		if err := t.s.put(c); err != nil {
			t.broken = err
			return err
		}
	}
	if e.Entry.Action == "" {
		return nil
	}
	if !storage.Continues(t.s.head(), &e.Entry) {
		t.broken = core.Errorf(core.Internal, "", "storage.chain")
		return t.broken
	}
	e.Entry.Time = e.Entry.Time.UTC()
	t.s.entries = append(t.s.entries, e.Entry)
	return nil
}

// Deliver implements core.Tx.
func (t *tx) Deliver(ds []core.Delivery) error {
	if t.broken != nil {
		return t.broken
	}
	t.s.deliveries = append(t.s.deliveries, ds...)
	return nil
}

// Remembered implements core.Tx.
func (t *tx) Remembered(p core.PersonID, key string) (digest, result []byte, ok bool) {
	r, ok := t.s.remembered.get(rememberedKey{p, key})
	return clone(r.digest), clone(r.result), ok
}

// Remember implements core.Tx.
func (t *tx) Remember(p core.PersonID, key string, digest, result []byte, now time.Time) error {
	if t.broken != nil {
		return t.broken
	}
	t.s.remembered.put(rememberedKey{p, key}, remembered{clone(digest), clone(result), cut(now)})
	return nil
}
