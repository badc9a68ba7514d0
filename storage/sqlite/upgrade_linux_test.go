package sqlite_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage"
	"github.com/stint-pim/stint/storage/sqlite"
)

// old is a small store of an earlier schema, and what stands in it.
type old struct {
	file                         string // below testdata
	people, assignments, systems int
	entries                      int64
	head                         string // the hash of the last entry
}

// older were made by the program of their day with fill(path, 60, 200).
var older = []old{
	{"schema-2.db.gz", 6, 60, 7, 200, "99ef426b25c6cf4a7fe4f1dba35131c271bb418f0b6a4751948d55c645932928"},
}

// unpack puts an older store into a folder of its own.
func unpack(t *testing.T, file string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stint.db")
	if file == "" {
		return path // none yet
	}
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// same opens the store and says what isn't as it was.
func (o old) same(path string) error {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, path, sqlite.Options{DropDeliveries: true})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // was only read
	got := old{file: o.file}
	if err := db.Read(ctx, func(v core.View) error { got.people = v.People(); return v.Err() }); err != nil {
		return err
	}
	if got.assignments, err = db.CountAssignments(ctx, core.AssignmentFilter{}); err != nil {
		return err
	}
	all, err := db.Systems(ctx)
	if err != nil {
		return err
	}
	got.systems = len(all)
	var v core.Verifier
	err = db.EachEntry(ctx, core.EntryFilter{}, func(e *core.Entry) error {
		if b := v.Check(e); b != nil {
			return fmt.Errorf("entry %d: %s", b.Seq, b.Reason)
		}
		return nil
	})
	got.entries, got.head = v.Count, v.Head.Hash.String()
	if err == nil {
		err = findable(ctx, db)
	}
	if err == nil && got != o {
		err = fmt.Errorf("it holds %+v, want %+v", got, o)
	}
	return err
}

// findable says which filter of the log doesn't find what is in it.
func findable(ctx context.Context, db *storage.DB) error {
	found := map[core.EntryFilter]int64{}
	err := db.EachEntry(ctx, core.EntryFilter{}, func(e *core.Entry) error {
		for _, f := range []core.EntryFilter{{Person: e.Actor}, {Role: e.Role}, {System: e.System}, {Action: e.Action}, {Text: e.TicketNumber}} {
			found[f]++
		}
		return nil
	})
	for f, want := range found {
		got, e := db.CountEntries(ctx, f)
		if err == nil {
			err = e
		}
		if f.Text != "" { // a number is in longer ones, too
			want = max(want, got)
		}
		if err == nil && (got != want || got == 0) {
			err = fmt.Errorf("%+v finds %d entries, want %d", f, got, want)
		}
	}
	return err
}

// F25: the file of each older schema opens, with all that was in it. The
// process that changes the schema is killed at each call that makes something
// durable, or writes; then the file is of the old schema or of the new one, and
// the next start finishes the work.
func TestF25KilledInsideAnUpgrade(t *testing.T) {
	for _, o := range older {
		t.Run(o.file, func(t *testing.T) { killedEverywhere(t, o) })
	}
	// A store that is only being made has every step before it.
	t.Run("new", func(t *testing.T) { killedEverywhere(t, old{systems: 1, head: core.Hash{}.String()}) })
}

func killedEverywhere(t *testing.T, o old) {
	if err := o.same(unpack(t, o.file)); err != nil {
		t.Fatalf("opened without any trouble: %v", err)
	}
	for _, calls := range []string{"fsync,fdatasync", "pwrite64"} {
		step := 1
		if calls == "pwrite64" {
			step = 5 // they are many
		}
		if testing.Short() {
			step *= 7
		}
		kills := 0
		for nth := 1; ; nth += step {
			path := unpack(t, o.file)
			if !killedAt(t, path, calls, nth) {
				break
			}
			kills++
			if err := o.same(path); err != nil {
				t.Fatalf("killed at %s number %d: %v", calls, nth, err)
			}
		}
		if kills == 0 {
			t.Errorf("no process was killed at %s", calls)
		}
		t.Logf("killed at %d of its calls of %s", kills, calls)
	}
}

func killedAt(t *testing.T, path, calls string, nth int) (killed bool) {
	t.Helper()
	inject := fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", calls, nth)
	cmd := acker{Path: path}.command(t.Context(), underStrace("-o", os.DevNull, "-P", path, "-P", path+"-wal", "-e", "trace="+calls, "-e", inject)...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		st := exit.Sys().(syscall.WaitStatus) // Linux
		if st.Signaled() && st.Signal() == syscall.SIGKILL || st.ExitStatus() == 128+int(syscall.SIGKILL) {
			return true
		}
	}
	if err != nil {
		t.Fatalf("%s %d: %v\n%s", calls, nth, err, said.Bytes())
	}
	return false
}
