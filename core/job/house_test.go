package job_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	_ "modernc.org/sqlite"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/job"
)

// open opens a database as the store does: one writer, WAL.
//
// Most tests cut no power and run through days; they don't wait for the disk.
func open(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// post is a mail server that can be away, and can say no.
type post struct {
	mu    sync.Mutex
	got   []core.DeliveryID // taken
	tries map[core.DeliveryID]int
	err   func(core.Delivery) error // nil: takes all
	after func()                    // runs once a delivery was taken, before the answer
	noted []string                  // what was written down of refusals
	full  bool                      // refusals can't be written down
}

// refused writes a refusal down.
func (p *post) refused(_ context.Context, n core.Notice, problem string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full {
		return core.Errorf(core.Unavailable, "", "storage.full")
	}
	p.noted = append(p.noted, n.Address+": "+problem)
	return nil
}

func (p *post) send(_ context.Context, d core.Delivery) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tries == nil {
		p.tries = map[core.DeliveryID]int{}
	}
	p.tries[d.ID]++
	if p.err != nil {
		if err := p.err(d); err != nil {
			return err
		}
	}
	p.got = append(p.got, d.ID)
	if p.after != nil {
		p.after()
	}
	return nil
}

func (p *post) fail(f func(core.Delivery) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = f
}

func (p *post) taken() []core.DeliveryID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]core.DeliveryID{}, p.got...)
}

func (p *post) triesOf(id core.DeliveryID) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tries[id]
}

func down(core.Delivery) error {
	return core.Errorf(core.Unavailable, "", "mail.unreachable", "host", "mail.example.org")
}

// house is a database with a queue.
type house struct {
	t      *testing.T
	db     *sql.DB
	outbox *job.Outbox
	post   *post
	runner *job.Runner
	poll   time.Duration
}

func build(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: open(t, filepath.Join(t.TempDir(), "stint.db")), post: &post{}, poll: 2 * time.Second}
	if err := job.Migrate(t.Context(), h.db); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.outbox, err = job.NewOutbox(); err != nil {
		t.Fatal(err)
	}
	h.start()
	return h
}

func (h *house) start() {
	h.t.Helper()
	h.runner = job.NewRunner(job.Options{DB: h.db, Outbox: h.outbox, Send: h.post.send, Refused: h.post.refused, Poll: h.poll})
	if err := h.runner.Start(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) close() {
	h.t.Helper()
	if err := h.runner.Stop(context.Background()); err != nil {
		h.t.Error(err)
	}
	if err := h.db.Close(); err != nil {
		h.t.Error(err)
	}
}

// insert commits deliveries, or rolls them back.
func (h *house) insert(commit bool, ids ...core.DeliveryID) {
	h.t.Helper()
	tx, err := h.db.BeginTx(h.t.Context(), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer tx.Rollback()
	var ds []core.Delivery
	for _, id := range ids {
		ds = append(ds, core.Delivery{ID: id, Notice: core.Notice{Kind: core.NoticeActivated, Who: "Alice", Address: string(id) + "@example.org"}})
	}
	if err := h.outbox.Insert(h.t.Context(), tx, ds); err != nil {
		h.t.Fatal(err)
	}
	if commit {
		if err := tx.Commit(); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) stats() job.Stats {
	h.t.Helper()
	s, err := h.runner.Stats(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func bubble(t *testing.T, f func(t *testing.T, h *house)) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t)
		defer h.close()
		f(t, h)
	})
}

func changes(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRow(`SELECT total_changes()`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func exec(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.Exec(query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func sorted(ids []core.DeliveryID) []core.DeliveryID {
	slices.Sort(ids)
	return ids
}
