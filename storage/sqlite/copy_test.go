package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/sqlite"
)

// A copy is of one moment, whole, and made while the store goes on committing.
func TestCopyWhileWriting(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "stint.db")
	db := open(t, path)
	id := 0
	write := func() {
		id++
		if err := addPerson(db, core.PersonID("pe_"+string(rune('a'+id%26))+time.Duration(id).String())); err != nil {
			t.Error(err)
		}
	}
	for range 300 {
		write()
	}
	before := id
	copied := filepath.Join(dir, "copy.db")
	err := sqlite.Copy(t.Context(), path, func(s *sqlite.Snapshot) error {
		if s.Head.Seq != int64(before) || s.People != int64(before) {
			t.Errorf("the snapshot has entry %d and %d people, want %d", s.Head.Seq, s.People, before)
		}
		f, err := os.Create(copied)
		if err != nil {
			return err
		}
		// Every few pages of the copy a commit, which must not wait for it.
		pages := 0
		n, err := s.WriteTo(writerFunc(func(b []byte) (int, error) {
			if pages++; pages%10 == 0 {
				write()
			}
			return f.Write(b)
		}))
		if n != s.Size {
			t.Errorf("%d bytes of %d", n, s.Size)
		}
		return errors.Join(err, f.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	if id == before {
		t.Fatal("nothing was written meanwhile: the test shows nothing")
	}
	if err := sqlite.Examine(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	again := open(t, copied)
	var ver core.Verifier
	err = again.EachEntry(t.Context(), core.EntryFilter{}, func(e *core.Entry) error {
		if b := ver.Check(e); b != nil {
			t.Fatalf("the copy's log is broken at %d: %s", b.Seq, b.Reason)
		}
		return nil
	})
	if err != nil || ver.Count != int64(before) {
		t.Errorf("the copy has %d entries, %v; want %d", ver.Count, err, before)
	}
	if got := people(t, again); got != before {
		t.Errorf("the copy has %d people, want %d", got, before)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Copying holds nobody up: many commits go through while it stands still.
func TestCopyBlocksNoWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	db := open(t, path)
	if err := addPerson(db, "pe_1"); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	err := sqlite.Copy(t.Context(), path, func(s *sqlite.Snapshot) error {
		_, err := s.WriteTo(writerFunc(func(b []byte) (int, error) {
			var err error
			once.Do(func() { err = addPerson(db, "pe_2") }) // would wait for ever, or fail as busy
			return len(b), err
		}))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCopyStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	fill(t, path, 300, 300)
	ctx, cancel := context.WithCancel(t.Context())
	err := sqlite.Copy(ctx, path, func(s *sqlite.Snapshot) error {
		_, err := s.WriteTo(writerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil }))
		return err
	})
	if core.CodeOf(err) != core.Canceled {
		t.Errorf("stopped: %v", err)
	}
	broken := errors.New("no room")
	err = sqlite.Copy(t.Context(), path, func(s *sqlite.Snapshot) error {
		_, err := s.WriteTo(writerFunc(func([]byte) (int, error) { return 0, broken }))
		return err
	})
	if !errors.Is(err, broken) {
		t.Errorf("a writer that fails: %v", err)
	}
}

// What was changed behind SQLite's back is found.
func TestExamine(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "stint.db")
	fill(t, path, 300, 300)
	var copied bytes.Buffer
	if err := sqlite.Copy(t.Context(), path, func(s *sqlite.Snapshot) error { _, err := s.WriteTo(&copied); return err }); err != nil {
		t.Fatal(err)
	}
	examine := func(b []byte) error {
		t.Helper()
		p := filepath.Join(dir, "examined")
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return sqlite.Examine(t.Context(), p)
	}
	if err := examine(copied.Bytes()); err != nil {
		t.Errorf("whole: %v", err)
	}
	bad := bytes.Clone(copied.Bytes())
	for i := range 64 {
		bad[len(bad)/2/4096*4096+i] ^= 0x5a
	}
	for name, b := range map[string][]byte{"changed": bad, "cut": copied.Bytes()[:copied.Len()/2], "none": []byte("nothing of the kind"), "empty": nil} {
		if err := examine(b); core.CodeOf(err) != core.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var _ io.WriterTo = (*sqlite.Snapshot)(nil)
