package job_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/job"
)

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
		if n := changes(t, h.db) - before; n > 0 {
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

// TestRestsUntilSomethingWaits sees that nobody asks the database where nothing
// waits, and that a delivery is sent as soon as it is committed all the same:
// the first, one after a long rest, and one that was there at the start.
func TestRestsUntilSomethingWaits(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		began := time.Now()
		sent := func(ids ...core.DeliveryID) {
			t.Helper()
			time.Sleep(h.poll / 4)
			if diff := cmp.Diff(ids, h.post.taken()); diff != "" {
				t.Fatalf("sent (-want +got)\n%s", diff)
			}
		}
		rests := func() {
			t.Helper()
			// It looks after the queue every half minute: between two of these looks.
			const look = 30 * time.Second
			time.Sleep(2*time.Minute + look - time.Since(began)%look + time.Second)
			tx, err := h.db.BeginTx(t.Context(), nil) // takes the one connection
			if err != nil {
				t.Fatal(err)
			}
			before := h.db.Stats().WaitCount
			time.Sleep(20 * time.Second)
			if n := h.db.Stats().WaitCount - before; n != 0 {
				t.Errorf("%d asked the database while nothing waited", n)
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
		}
		rests()
		h.insert(true, "de_1")
		sent("de_1")
		rests()
		h.insert(false, "de_never")
		h.insert(true, "de_2")
		sent("de_1", "de_2")
		rests()
		if err := h.runner.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.insert(true, "de_3")
		h.start()
		began = time.Now()
		sent("de_1", "de_2", "de_3")
	})
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

// That somebody was not told must stand in the log before it is forgotten: a
// mail that was refused stays in the queue while that can't be written.
func TestRefusalIsWrittenDown(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(func(core.Delivery) error {
			return core.Errorf(core.Refused, "to", "mail.recipient_refused", "to", "nobody@example.org", "reply", "550 no such user")
		})
		full := func(is bool) {
			h.post.mu.Lock()
			defer h.post.mu.Unlock()
			h.post.full = is
		}
		full(true)
		h.insert(true, "de_bad")
		time.Sleep(5 * time.Second)
		if s := h.stats(); s.Waiting != 1 || s.Failed != 0 {
			t.Errorf("while it can't be written: %+v", s)
		}
		full(false)
		time.Sleep(15 * time.Minute)
		if s := h.stats(); s.Waiting != 0 || s.Failed != 1 {
			t.Errorf("once it could: %+v", s)
		}
		h.post.mu.Lock()
		defer h.post.mu.Unlock()
		if len(h.post.noted) != 1 || !strings.Contains(h.post.noted[0], "550 no such user") {
			t.Errorf("written down: %q", h.post.noted)
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
