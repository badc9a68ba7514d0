package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/failpoint"
	"github.com/stint-pim/stint/storage/internal/gen"
)

// DB is a core.Store over two handles of one database: a writer with a single
// connection, so that transactions queue in the program instead of failing at
// the file, and a reader whose connections never write and never wait for it.
type DB struct {
	writer, reader *sql.DB
	wq, rq         *gen.Queries // prepared once, on their handles
	engine         Engine
	drop           bool
	now            func() time.Time
	closed         func() error
	noted          func(core.Head)
	outbox         atomic.Pointer[Outbox]
	kept           *kept                 // nil: none are. Of the transaction that writes
	dead           atomic.Pointer[death] // why nothing more is written, after a fatal fault
	room           room
	behind         int64 // see behindBy; 0: that

	inspection context.CancelFunc
	inspected  sync.WaitGroup

	mu    sync.Mutex
	shut  bool          // guarded by mu
	under int           // transactions under way; guarded by mu
	idle  chan struct{} // closed once shut and none is under way; guarded by mu until then
}

var _ core.Store = (*DB)(nil)

// New returns a DB over handles whose schema is up to date, and puts into an
// empty store what a new one must hold. It owns the handles from then on, also
// when it fails.
func New(ctx context.Context, writer, reader *sql.DB, o Options) (*DB, error) {
	db := &DB{writer: writer, reader: reader, engine: o.Engine, drop: o.DropDeliveries, now: o.Now, closed: o.Closed, noted: o.Noted, behind: int64(o.Behind), room: room{reserve: o.Reserve}, idle: make(chan struct{})}
	if o.Now == nil {
		db.now = time.Now
	}
	if o.Alone {
		db.kept = &kept{}
	}
	db.SetOutbox(o.Outbox)
	if err := db.start(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if o.Inspect != nil {
		inspecting, end := context.WithCancel(context.Background())
		db.inspection = end
		db.inspected.Go(func() {
			if err := o.Inspect(inspecting); err != nil && inspecting.Err() == nil {
				db.die(err)
			}
		})
	}
	return db, nil
}

func (db *DB) start(ctx context.Context) (err error) {
	// Both at once: it is half of a start.
	preparing := make(chan error, 1)
	go func() {
		var err error
		db.rq, err = gen.Prepare(ctx, db.reader)
		preparing <- err
	}()
	if db.writer != nil {
		db.wq, err = gen.Prepare(ctx, db.writer)
	}
	if err := errors.Join(err, <-preparing); err != nil {
		return db.translate(fmt.Errorf("prepare queries: %w", err))
	}
	if db.writer == nil {
		return nil
	}
	if db.room.reserve != nil && !db.room.reserve.Keep() {
		db.room.filled(ctx, db.now())
	}
	return db.seed(core.WithReserve(ctx)) // a store that is there already needs no room for it
}

// seed puts Stint's own system, roles and the default settings into a new store.
func (db *DB) seed(ctx context.Context) error {
	return db.update(ctx, func(t *tx) error {
		_, err := t.q.GetSettings(t.ctx)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return t.Apply(core.Event{Changes: First()})
	})
}

// First returns what a new store holds.
func First() []core.Change {
	all := []core.Change{
		core.DefaultSettings(),
		core.System{ID: core.StintSystem, Name: "Stint", Kind: core.KindStint, State: core.SystemConnected},
	}
	for _, r := range core.BuiltInRoles() {
		all = append(all, r)
	}
	return all
}

// SetOutbox sets where deliveries go. Call it before the first Update.
func (db *DB) SetOutbox(o Outbox) {
	if o != nil {
		db.outbox.Store(&o)
	}
}

// Writer returns the writing handle, for a job engine that keeps its tables in
// the same database. It has one connection: who holds it stops all writing,
// and who asks for it inside an Update waits for himself.
func (db *DB) Writer() *sql.DB { return db.writer }

// Reader returns the reading handle, for asking what that engine keeps.
func (db *DB) Reader() *sql.DB { return db.reader }

// Update implements core.Store. Updates run one after another; f must not
// begin another one. ctx can end the wait for the turn, but not a transaction
// under way. After an error of Apply, Deliver or Remember nothing is
// committed, whatever f returns.
func (db *DB) Update(ctx context.Context, f func(core.Tx) error) error {
	var own error // f's own error is not ours to explain
	err := db.update(ctx, func(t *tx) error { own = f(t); return own })
	if own != nil {
		return own
	}
	return err
}

func (db *DB) update(ctx context.Context, f func(*tx) error) error {
	for {
		err := db.transact(ctx, f)
		if !isFull(err) || !db.room.filled(ctx, db.now()) {
			return err
		}
	}
}

func (db *DB) transact(ctx context.Context, f func(*tx) error) (err error) {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	if err := db.writable(ctx); err != nil {
		return err
	}
	conn, err := db.writer.Conn(ctx)
	if err != nil {
		return db.translate(fmt.Errorf("wait for the writer: %w", err))
	}
	defer func() { _ = conn.Close() }() // only hands the connection back
	// The one before may have failed for good while this one waited.
	if err := db.writable(ctx); err != nil {
		return err
	}
	if err := db.room.admit(ctx, db.now()); err != nil {
		return err
	}
	// A context that can end costs a goroutine per statement, and a write
	// transaction is short: once begun it is not interrupted.
	ctx = context.WithoutCancel(ctx)
	stx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return db.translate(fmt.Errorf("begin: %w", err))
	}
	done, committed := false, false
	defer func() {
		if !done { // also when f panics
			_ = stx.Rollback()
		}
		if !committed && db.kept != nil {
			*db.kept = kept{}
		}
	}()
	t := &tx{view: view{ctx: ctx, q: db.wq.WithTx(stx), tx: stx, db: db}}
	if err := f(t); err != nil {
		return db.translate(err)
	}
	if err := errors.Join(t.err, t.broken); err != nil {
		return db.translate(err)
	}
	if err := t.putIn(); err != nil {
		return db.translate(err)
	}
	if err := failpoint.Err("storage.commit"); err != nil {
		return db.translate(fmt.Errorf("commit: %w", err))
	}
	done = true
	if err := stx.Commit(); err != nil {
		if db.engine.Fatal(err) {
			db.die(err)
		}
		return db.translate(fmt.Errorf("commit: %w", err))
	}
	committed = true
	if db.kept != nil && t.head != nil {
		db.kept.head, db.kept.high = t.head, t.high
	}
	if db.noted != nil && t.appended > 0 {
		db.noted(*t.head)
	}
	failpoint.Hit("storage.committed")
	return nil
}

func (db *DB) writable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return db.translate(err)
	}
	if db.writer == nil {
		return core.Errorf(core.Unavailable, "", "storage.reading")
	}
	if d := db.dead.Load(); d != nil {
		return d.cause
	}
	return nil
}

// Read implements core.Store.
func (db *DB) Read(ctx context.Context, f func(core.View) error) error {
	var own error
	err := db.read(ctx, func(v *view) error {
		// A deferred transaction has its snapshot from its first read on.
		if _, err := v.q.GetMark(ctx, markTime); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		own = f(v)
		return own
	})
	if own != nil {
		return own
	}
	return err
}

func (db *DB) read(ctx context.Context, f func(*view) error) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	stx, err := db.reader.BeginTx(ctx, nil)
	if err != nil {
		return db.translate(fmt.Errorf("begin to read: %w", err))
	}
	defer func() { _ = stx.Rollback() }() // nothing was written
	v := &view{ctx: ctx, q: db.rq.WithTx(stx), tx: stx, db: db}
	if err := f(v); err != nil {
		return db.translate(err)
	}
	return db.translate(v.err)
}

// glance is read for what asks one question only, and so needs no transaction.
func (db *DB) glance(ctx context.Context, f func(*view) error) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	if err := ctx.Err(); err != nil {
		return db.translate(err)
	}
	// As in transact: a context that can end costs two goroutines, more than what
	// is asked here.
	v := &view{ctx: context.WithoutCancel(ctx), q: db.rq, db: db}
	if err := f(v); err != nil {
		return db.translate(err)
	}
	return db.translate(v.err)
}

// translate gives an error its meaning for people, unless it has one already.
func (db *DB) translate(err error) error {
	var known *core.Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return because(core.Canceled, "storage.canceled", err)
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return because(core.Unavailable, "storage.closed", err)
	}
	return db.engine.Error(err)
}

func because(code core.Code, key core.TextKey, err error) *core.Error {
	e := core.Errorf(code, "", key)
	e.Err = err
	return e
}

// enter begins a transaction, unless the store is closed; leave ends it.
func (db *DB) enter() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.shut {
		return core.Errorf(core.Unavailable, "", "storage.closed")
	}
	db.under++
	return nil
}

func (db *DB) leave() {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.under--; db.under == 0 && db.shut {
		close(db.idle)
	}
}

// Close waits for transactions under way, closes both handles and gives up the
// lock, in this order, so that nobody else opens what is still being written.
// It must not be called within a transaction. A second call does nothing.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.shut {
		db.mu.Unlock()
		return nil
	}
	db.shut = true
	if db.under == 0 {
		close(db.idle)
	}
	db.mu.Unlock()
	<-db.idle
	if db.inspection != nil {
		db.inspection()
		db.inspected.Wait()
	}
	errs := []error{}
	for _, q := range []*gen.Queries{db.rq, db.wq} {
		if q != nil {
			errs = append(errs, q.Close())
		}
	}
	errs = append(errs, db.reader.Close())
	if db.writer != nil {
		errs = append(errs, db.writer.Close())
	}
	if db.closed != nil {
		errs = append(errs, db.closed())
	}
	return errors.Join(errs...)
}
