package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage"
	"github.com/stint-pim/stint/storage/sqlite"
)

// refused opens path and fails unless that is refused with the key.
func refused(t *testing.T, path string, want core.TextKey) *core.Error {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err == nil {
		db.Close()
		t.Fatalf("%s was opened", filepath.Base(path))
	}
	var e *core.Error
	if !errors.As(err, &e) || e.Key != want || e.Code != core.Unavailable {
		t.Fatalf("got %v, want %s", err, want)
	}
	return e
}

func addPerson(db *storage.DB, id core.PersonID) error {
	return db.Update(context.Background(), func(tx core.Tx) error {
		e := core.Entry{Time: start, Action: core.PersonAdded, Principal: id}
		e.Seal(tx.Head())
		return tx.Apply(core.Event{Entry: e, Changes: []core.Change{core.Person{ID: id, Login: string(id)}}})
	})
}

func people(t *testing.T, db *storage.DB) (n int) {
	t.Helper()
	if err := db.Read(t.Context(), func(v core.View) error { n = v.People(); return v.Err() }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFilesBelongToTheOwner(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "deep")
	db := open(t, filepath.Join(dir, "stint.db"))
	if err := addPerson(db, "pe_1"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"": 0o700, "stint.db": 0o600, "stint.db.lock": 0o600, "stint.db-wal": 0o600, "stint.db-shm": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%q has %o, want %o", name, got, want)
		}
	}
}

// A file that was copied back for everybody to read is closed to others.
func TestOpenFileIsClosedToOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	db := open(t, path)
	if err := addPerson(db, "pe_1"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", filepath.Base(name), info.Mode().Perm(), err)
		}
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), `a "name" with 100% #?;&.db`)
	var head core.Head
	for i := range 3 {
		db := open(t, path)
		err := db.Update(t.Context(), func(tx core.Tx) error {
			if tx.Head() != head {
				t.Errorf("after reopening %d times the head is %v, want %v", i, tx.Head(), head)
			}
			e := core.Entry{Time: start, Action: core.SignedIn}
			head = e.Seal(tx.Head())
			return tx.Apply(core.Event{Entry: e, Changes: []core.Change{core.Settings{Organisation: "kept"}}})
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := open(t, path).Read(t.Context(), func(v core.View) error {
		if got := v.Settings().Organisation; got != "kept" {
			t.Errorf("reopening put the defaults back: %q", got)
		}
		return v.Err()
	}); err != nil {
		t.Fatal(err)
	}
}

// A copy of the files taken at any moment is what a killed process leaves.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "stint.db")
	db := open(t, path)
	for i := range 20 {
		if err := addPerson(db, core.PersonID(fmt.Sprint("pe_", i))); err != nil {
			t.Fatal(err)
		}
	}
	err := db.Update(t.Context(), func(tx core.Tx) error {
		e := core.Entry{Time: start, Action: core.PersonAdded}
		e.Seal(tx.Head())
		if err := tx.Apply(core.Event{Entry: e, Changes: []core.Change{core.Person{ID: "pe_half", Login: "half"}}}); err != nil {
			return err
		}
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(path + suffix)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, "copy"+suffix), b, 0o600); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	copied := open(t, filepath.Join(dir, "copy"))
	if got := people(t, copied); got != 20 {
		t.Errorf("%d people, want the 20 acknowledged", got)
	}
	var v core.Verifier
	if err := copied.EachEntry(t.Context(), core.EntryFilter{}, func(e *core.Entry) error {
		if b := v.Check(e); b != nil {
			t.Errorf("entry %d: %s", b.Seq, b.Reason)
		}
		return nil
	}); err != nil || v.Count != 20 {
		t.Errorf("%d entries, %v", v.Count, err)
	}
}

const holdFile = "STINT_TEST_HOLD"

func TestLock(t *testing.T) {
	if path := os.Getenv(holdFile); path != "" { // the other process
		if _, err := sqlite.Open(context.Background(), path, sqlite.Options{}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("open")
		select {}
	}
	path := filepath.Join(t.TempDir(), "stint.db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestLock$")
	cmd.Env = append(os.Environ(), holdFile+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 64)
	if n, err := out.Read(b); string(b[:n]) != "open\n" {
		t.Fatalf("the other process said %q, %v", b[:n], err)
	}
	e := refused(t, path, "storage.held")
	if !strings.Contains(e.Message, fmt.Sprint("process ", cmd.Process.Pid)) || !strings.Contains(e.Message, path) {
		t.Errorf("%q names neither the process nor the file", e.Message)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	db := open(t, path)
	refused(t, path, "storage.held") // within one process too
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

// Another SQLite program doesn't know the lock; it holds SQLite's own.
func TestLockedByAnotherProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	db := open(t, path)
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	err = addPerson(db, "pe_1")
	if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "storage.busy"}) {
		t.Errorf("got %v, want storage.busy", err)
	}
	if people(t, db) != 0 {
		t.Error("a reader waits for the other program's writing")
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := addPerson(db, "pe_1"); err != nil {
		t.Error(err)
	}
}

func TestNoDatabase(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	refused(t, write("text", strings.Repeat("to be or not to be\n", 1000)), "storage.not_database")
	refused(t, write("short", "x"), "storage.not_database")
	refused(t, filepath.Join(write("file", "x"), "stint.db"), "storage.no_folder")
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	refused(t, filepath.Join(dir, "folder"), "storage.not_database")
	// An empty file becomes one.
	open(t, write("empty", ""))
	// Another program's database stays as it is.
	foreign := filepath.Join(dir, "foreign")
	other, err := sql.Open("sqlite", foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec("CREATE TABLE theirs (a)"); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, foreign, "storage.not_database")
	_, err = sqlite.OpenReadOnly(t.Context(), foreign)
	if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "storage.not_database"}) {
		t.Errorf("read only: %v", err)
	}
	_, err = sqlite.OpenReadOnly(t.Context(), filepath.Join(dir, "none"))
	if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "storage.missing"}) {
		t.Errorf("read only: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("opening for reading made a file")
	}
}

func TestNewer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
	refused(t, path, "storage.newer")
	_, err := sqlite.OpenReadOnly(t.Context(), path)
	if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "storage.newer"}) {
		t.Errorf("read only: %v", err)
	}
}

// edit changes the file as another program would.
func edit(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(query)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// Zeroing a page's head or cutting the file must be found at the start, or
// change nothing that anybody reads.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	fill(t, whole, 300, 300)
	b, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	found := 0
	for n := 1; n < len(b)/page; n += 3 {
		bad := append([]byte(nil), b...)
		for i := range 16 {
			bad[n*page+i] ^= 0xa5
		}
		path := filepath.Join(dir, fmt.Sprint("bad", n))
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err == nil {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			t.Errorf("damage to page %d was not found", n+1)
			continue
		}
		if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "storage.damaged"}) {
			t.Errorf("page %d: %v", n+1, err)
		}
		found++
		after, err := os.ReadFile(path)
		if err != nil || string(after) != string(bad) {
			t.Errorf("page %d: the damaged file was changed: %v", n+1, err)
		}
	}
	if found < 10 {
		t.Errorf("only %d pages were damaged", found)
	}
	cut := filepath.Join(dir, "cut")
	if err := os.WriteFile(cut, b[:len(b)/2/page*page], 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, cut, "storage.damaged")
}

func TestLogIsOnlyAppendedTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	db := open(t, path)
	if err := addPerson(db, "pe_1"); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"UPDATE audit SET detail = 'nothing happened'", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit"} {
		if _, err := db.Writer().Exec(q); err == nil {
			t.Errorf("%s was done", q)
		}
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	db := open(t, path)
	if err := addPerson(db, "pe_1"); err != nil {
		t.Fatal(err)
	}
	for _, served := range []bool{true, false} {
		if !served {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		ro, err := sqlite.OpenReadOnly(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := ro.CountEntries(t.Context(), core.EntryFilter{}); n != 1 || err != nil {
			t.Errorf("served %v: %d entries, %v", served, n, err)
		}
		err = addPerson(ro, "pe_2")
		if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "storage.reading"}) {
			t.Errorf("writing: %v", err)
		}
		if err := ro.Close(); err != nil {
			t.Error(err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 4 { // the file, its lock, its reserve and the note of its end
		t.Errorf("reading left %v beside the file", entries)
	}
}

func TestOutbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Writer().Exec("CREATE TABLE outbox (id text)"); err != nil {
		t.Fatal(err)
	}
	deliver := func(end error) error {
		return db.Update(t.Context(), func(tx core.Tx) error {
			if err := tx.Deliver(nil); err != nil {
				t.Errorf("nothing to deliver: %v", err)
			}
			_ = tx.Deliver([]core.Delivery{{ID: "de_1"}}) // Update says what came of it
			return end
		})
	}
	if err := deliver(nil); !errors.Is(err, &core.Error{Code: core.Internal, Key: "storage.no_outbox"}) {
		t.Errorf("without an outbox: %v", err)
	}
	broken := errors.New("outbox")
	fails := false
	db.SetOutbox(func(ctx context.Context, tx *sql.Tx, ds []core.Delivery) error {
		for _, d := range ds {
			if _, err := tx.ExecContext(ctx, "INSERT INTO outbox VALUES ($1)", string(d.ID)); err != nil {
				return err
			}
		}
		if fails {
			return broken
		}
		return nil
	})
	count := func() (n int) {
		if err := db.Writer().QueryRow("SELECT count(*) FROM outbox").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := deliver(errors.New("no")); err == nil || count() != 0 {
		t.Errorf("a failed transaction left a delivery: %v", err)
	}
	if err := deliver(nil); err != nil || count() != 1 {
		t.Errorf("%d deliveries, %v", count(), err)
	}
	fails = true
	if err := deliver(nil); !errors.Is(err, broken) || count() != 1 {
		t.Errorf("a broken outbox: %d deliveries, %v", count(), err)
	}
}

// Close waits for what is under way before it gives up the lock.
func TestCloseWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	db := open(t, path)
	closed := make(chan error, 1)
	err := db.Update(t.Context(), func(tx core.Tx) error {
		go func() { closed <- db.Close() }()
		refused(t, path, "storage.held")
		return tx.Apply(core.Event{Changes: []core.Change{core.Person{ID: "pe_1"}}})
	})
	if err := errors.Join(err, <-closed); err != nil {
		t.Fatal(err)
	}
	if got := people(t, open(t, path)); got != 1 {
		t.Errorf("%d people, want 1", got)
	}
}
