package job_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
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
	h.runner = job.NewRunner(job.Options{DB: h.db, Send: h.post.send, Poll: h.poll})
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

func TestSendsWhatWasCommitted(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.insert(true, "de_1", "de_2")
		h.insert(false, "de_rolled_back")
		h.insert(true)
		time.Sleep(5 * time.Second)
		if diff := cmp.Diff([]core.DeliveryID{"de_1", "de_2"}, sorted(h.post.taken())); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		s := h.stats()
		if s.Waiting != 0 || s.Failed != 0 || s.LastSent.IsZero() || s.LastError != "" {
			t.Errorf("stats %+v", s)
		}
		// What it said about people is gone.
		var notices int
		if err := h.db.QueryRow(`SELECT count(*) FROM delivery WHERE notice <> ''`).Scan(&notices); err != nil || notices != 0 {
			t.Errorf("%d notices kept, %v", notices, err)
		}
	})
}

// TestServerDownForADay: for most of it the program is off, too, because an
// hour of a River client costs a second of the test.
func TestServerDownForADay(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(down)
		var want []core.DeliveryID
		for i := range 40 {
			id := core.DeliveryID(fmt.Sprintf("de_%02d", i))
			want = append(want, id)
			h.insert(true, id)
			time.Sleep(time.Minute)
		}
		time.Sleep(20 * time.Minute)
		tries := func() (n int) {
			for _, id := range want {
				n += h.post.triesOf(id)
			}
			return n
		}
		// At each pause's end, every five minutes, a few workers try.
		if n := tries(); n < 10 || n > 90 {
			t.Errorf("%d attempts in an hour", n)
		}
		if err := h.runner.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(23 * time.Hour)
		h.start()
		time.Sleep(10 * time.Minute)
		if s := h.stats(); s.Waiting != 40 || s.LastError == "" || time.Since(s.Oldest) < 24*time.Hour || time.Since(s.LastTried) > job.MaxPause+time.Minute {
			t.Errorf("stats %+v", s)
		}
		h.post.fail(nil)
		time.Sleep(job.MaxPause + time.Minute)
		if diff := cmp.Diff(want, sorted(h.post.taken())); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		if s := h.stats(); s.Waiting != 0 || s.LastError != "" {
			t.Errorf("stats afterwards %+v", s)
		}
	})
}

// TestQuiet counts the rows the queue writes while there is nothing to do, and
// while the server is away and many wait.
func TestQuiet(t *testing.T) {
	span := 20 // minutes
	if testing.Short() {
		span = 6 // more than the longest pause
	}
	while := time.Duration(span) * time.Minute
	bubble(t, func(t *testing.T, h *house) {
		time.Sleep(time.Minute)
		before := changes(t, h.db)
		time.Sleep(while)
		// River notes every ten minutes that the queue is in use.
		if n := changes(t, h.db) - before; n > 5 {
			t.Errorf("%d rows written in %d idle minutes", n, span)
		}
		h.post.fail(down)
		for i := range 200 {
			h.insert(true, core.DeliveryID(fmt.Sprintf("de_%03d", i)))
		}
		time.Sleep(while)
		before = changes(t, h.db)
		time.Sleep(while)
		// Four workers come back every 20 seconds, and each time River writes
		// that it gave a job out and took it back: 24 rows a minute, and a few.
		if n := changes(t, h.db) - before; n > 30*span {
			t.Errorf("%d rows written in %d minutes of waiting", n, span)
		}
	})
}

func changes(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRow(`SELECT total_changes()`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNudgeEndsAPause(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(down)
		h.insert(true, "de_1")
		time.Sleep(15 * time.Minute)
		h.post.fail(nil)
		h.runner.Nudge()
		time.Sleep(3 * time.Second)
		if got := h.post.taken(); len(got) != 1 {
			t.Errorf("taken %v", got)
		}
	})
}

func TestRefusedForGood(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(func(d core.Delivery) error {
			if d.ID == "de_bad" {
				return core.Errorf(core.Refused, "to", "mail.recipient_refused", "to", "nobody@example.org", "reply", "550 no such user")
			}
			return nil
		})
		h.insert(true, "de_bad", "de_good")
		time.Sleep(15 * time.Minute)
		if n := h.post.triesOf("de_bad"); n != 1 {
			t.Errorf("tried %d times what was refused for good", n)
		}
		if got := h.post.taken(); len(got) != 1 || got[0] != "de_good" {
			t.Errorf("taken %v", got)
		}
		if s := h.stats(); s.Failed != 1 || s.Waiting != 0 {
			t.Errorf("stats %+v", s)
		}
		var why string
		if err := h.db.QueryRow(`SELECT last_error FROM delivery WHERE id = 'de_bad'`).Scan(&why); err != nil || why == "" {
			t.Errorf("reason %q, %v", why, err)
		}
	})
}

func TestOneRecipientLater(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(func(d core.Delivery) error {
			if d.ID == "de_full" {
				return core.Errorf(core.Unavailable, "to", "mail.recipient_later", "to", "full@example.org", "reply", "452 mailbox full")
			}
			return nil
		})
		h.insert(true, "de_full")
		time.Sleep(10 * time.Second)
		h.insert(true, "de_other") // isn't held up by the other's mailbox
		time.Sleep(5 * time.Second)
		if got := h.post.taken(); len(got) != 1 || got[0] != "de_other" {
			t.Errorf("taken %v", got)
		}
		time.Sleep(time.Hour)
		if n := h.post.triesOf("de_full"); n < 12 || n > 20 {
			t.Errorf("tried %d times in an hour", n)
		}
		h.post.fail(nil)
		time.Sleep(job.MaxPause + time.Minute)
		if got := h.post.taken(); len(got) != 2 {
			t.Errorf("taken %v", got)
		}
	})
}

func TestMailNotSetUp(t *testing.T) {
	while := 20 * time.Minute
	if testing.Short() {
		while = job.MaxPause + time.Minute
	}
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(func(core.Delivery) error { return core.Errorf(core.Unavailable, "", job.KeyUnconfigured) })
		h.insert(true, "de_1")
		h.insert(true, "de_2")
		time.Sleep(while)
		if s := h.stats(); s.Waiting != 2 || s.Failed != 0 {
			t.Errorf("after a while %+v", s)
		}
		exec(t, h.db, fmt.Sprintf(`UPDATE delivery SET created = created - %d WHERE id = 'de_1'`, job.UnconfiguredAfter.Microseconds()))
		time.Sleep(while)
		if s := h.stats(); s.Waiting != 1 || s.Failed != 1 || s.LastError != "" {
			t.Errorf("after a week %+v", s)
		}
		h.post.fail(nil)
		h.runner.Nudge()
		time.Sleep(time.Minute)
		if got := h.post.taken(); len(got) != 1 || got[0] != "de_2" {
			t.Errorf("taken %v", got)
		}
	})
}

// TestKilledAfterTheServersYes puts the queue into the state that a kill
// leaves between the mark and River's own note: the mark is there, the job is
// running, and its owner is still the leader.
func TestKilledAfterTheServersYes(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.insert(true, "de_1")
		time.Sleep(5 * time.Second)
		if err := h.runner.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		exec(t, h.db, `UPDATE river_job SET state = 'running', finalized_at = NULL, attempted_at = datetime('now')`)
		exec(t, h.db, `INSERT INTO river_leader (leader_id, elected_at, expires_at) VALUES ('dead', '2000-01-01', '2999-01-01')`)
		h.start()
		h.insert(true, "de_2")
		time.Sleep(5 * time.Second)
		if diff := cmp.Diff([]core.DeliveryID{"de_1", "de_2"}, h.post.taken()); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		if n := h.post.triesOf("de_1"); n != 1 {
			t.Errorf("de_1 was sent %d times", n)
		}
		var state string
		if err := h.db.QueryRow(`SELECT state FROM river_job WHERE json_extract(json(args), '$.delivery') = 'de_1'`).Scan(&state); err != nil || state != "completed" {
			t.Errorf("its job is %q, %v", state, err)
		}
	})
}

// TestKilledBeforeTheServersYes: nothing was marked, so it is sent again.
func TestKilledBeforeTheServersYes(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		if err := h.runner.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.insert(true, "de_1")
		exec(t, h.db, `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = datetime('now')`)
		h.start()
		time.Sleep(3 * time.Second) // and not after the minutes of the rescue
		if got := h.post.taken(); len(got) != 1 {
			t.Errorf("taken %v", got)
		}
	})
}

// TestMarkCantBeWritten: the disk refuses the mark after the server's yes.
func TestMarkCantBeWritten(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		exec(t, h.db, `CREATE TRIGGER full BEFORE UPDATE ON delivery BEGIN SELECT raise(ABORT, 'disk full'); END`)
		h.insert(true, "de_1")
		time.Sleep(20 * time.Minute)
		if n := h.post.triesOf("de_1"); n != 1 {
			t.Errorf("sent %d times", n)
		}
		exec(t, h.db, `DROP TRIGGER full`)
		time.Sleep(10 * time.Minute)
		if s := h.stats(); s.Waiting != 0 || s.LastSent.IsZero() {
			t.Errorf("stats %+v", s)
		}
		if n := h.post.triesOf("de_1"); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestStopWaitsForTheMailUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.after = func() { time.Sleep(10 * time.Second) }
		h.insert(true, "de_1")
		time.Sleep(3 * time.Second) // it is being sent
		if err := h.runner.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		if s := h.stats(); s.Waiting != 0 {
			t.Errorf("stats %+v", s)
		}
		h.start()
		time.Sleep(time.Minute)
		if n := h.post.triesOf("de_1"); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestStopDuringAPause(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(down)
		h.insert(true, "de_1", "de_2", "de_3", "de_4", "de_5")
		time.Sleep(20 * time.Minute)
		begin := time.Now()
		if err := h.runner.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("stopping took %v", took)
		}
		h.post.fail(nil)
		h.start()
		time.Sleep(10 * time.Second)
		if got := h.post.taken(); len(got) != 5 {
			t.Errorf("taken %v", got)
		}
	})
}

func TestStopBeforeStartAndTwice(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		r := job.NewRunner(job.Options{DB: h.db, Send: h.post.send})
		for range 2 {
			if err := r.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if err := h.runner.Start(t.Context()); err != nil { // a second time
			t.Error(err)
		}
		for range 2 {
			if err := h.runner.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestPanicIsSurvived(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(func(d core.Delivery) error {
			if d.ID == "de_1" {
				panic("our fault")
			}
			return nil
		})
		h.insert(true, "de_1", "de_2")
		time.Sleep(time.Minute)
		h.post.fail(nil)
		time.Sleep(10 * time.Minute)
		if got := h.post.taken(); len(got) != 2 {
			t.Errorf("taken %v", got)
		}
	})
}

// TestErrorsTellNoCause: what a server echoed may hold a password.
func TestErrorsTellNoCause(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(func(core.Delivery) error { return errors.New("AUTH PLAIN c2VjcmV0") })
		h.insert(true, "de_1")
		time.Sleep(time.Minute)
		if s := h.stats(); s.LastError == "" || s.LastError == "AUTH PLAIN c2VjcmV0" {
			t.Errorf("last error %q", s.LastError)
		}
	})
}

func TestPrune(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(func(d core.Delivery) error {
			if d.ID == "de_bad" {
				return core.Errorf(core.Refused, "to", "mail.recipient_refused")
			}
			return nil
		})
		h.insert(true, "de_good", "de_bad")
		time.Sleep(10 * time.Second)
		left := func() (jobs, marks int) {
			t.Helper()
			if err := h.db.QueryRow(`SELECT (SELECT count(*) FROM river_job), (SELECT count(*) FROM delivery)`).Scan(&jobs, &marks); err != nil {
				t.Fatal(err)
			}
			return jobs, marks
		}
		for _, test := range []struct {
			after       time.Duration
			jobs, marks int
		}{{0, 2, 2}, {25 * time.Hour, 0, 2}, {8 * 24 * time.Hour, 0, 1}, {31 * 24 * time.Hour, 0, 0}} {
			// Time passes between two runs of the program.
			if err := h.runner.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(test.after)
			h.start()
			if jobs, marks := left(); jobs != test.jobs || marks != test.marks {
				t.Errorf("after %v: %d jobs, %d marks; want %d, %d", test.after, jobs, marks, test.jobs, test.marks)
			}
		}
	})
}

func TestMigrateTwice(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "stint.db"))
	defer db.Close()
	for range 2 {
		if err := job.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
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
