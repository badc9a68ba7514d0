package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/sqlite"
)

// A file that is too large to be looked through at the start is looked through
// while it is used: from the moment the damage is found nothing more is written,
// and everybody is told.
func TestF07LargeDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	db := open(t, path)
	now := time.Now()
	for i := range 70 {
		err := db.Update(t.Context(), func(tx core.Tx) error {
			return tx.Remember("pe_a", fmt.Sprint("key ", i), []byte{1}, bytes.Repeat([]byte{byte(i)}, 256<<10), now)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, damaged := range []bool{false, true} {
		b, err := os.ReadFile(path)
		if err != nil || len(b) <= 16<<20 {
			t.Fatal(len(b), err)
		}
		if damaged {
			const page = 4096
			clear(b[len(b)/2/page*page:][:page])
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{DropDeliveries: true, CheckAfter: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		write := func() error {
			return db.Update(t.Context(), func(tx core.Tx) error {
				return tx.Apply(core.Event{Changes: []core.Change{core.Settings{Organisation: "x"}}})
			})
		}
		err = write()
		for end := time.Now().Add(20 * time.Second); damaged && err == nil && time.Now().Before(end); err = write() {
			time.Sleep(5 * time.Millisecond)
		}
		trouble, broken := db.Trouble()
		if broken != damaged || broken && trouble.Kind != core.TroubleBroken {
			t.Errorf("damaged %v: trouble %+v", damaged, trouble)
		}
		if damaged != errors.Is(err, &core.Error{Code: core.Unavailable, Key: core.KeyBroken}) {
			t.Errorf("damaged %v: %v", damaged, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// F7: the database file is damaged, by one byte at the head of a page or by
// being cut off anywhere, to nothing too. The start finds it, refuses to serve,
// says what helps, and changes nothing.
func TestF07DamagedFile(t *testing.T) {
	const page = 4096
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	fill(t, whole, 300, 300)
	open(t, whole).Close() // also makes what lies beside it
	b, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	pages := len(b) / page
	variants := map[string][]byte{"cut to nothing": {}}
	for i := range 40 {
		bad := bytes.Clone(b)
		// The kind of the page, and how many cells it has: every page of a tree
		// has both there. The first page has the file's own head before them.
		n, at := 1+i*(pages-1)/40, []int{0, 3}[i%2]
		bad[n*page+at] ^= 0x55
		variants[fmt.Sprintf("byte %d of page %d", at, n+1)] = bad
	}
	for i := range 9 {
		size := len(b) * (i + 1) / 10
		if i%2 == 0 {
			size = size / page * page
		}
		variants[fmt.Sprintf("cut to %d of %d bytes", size, len(b))] = b[:size]
	}
	if len(variants) != 50 {
		t.Errorf("%d variants, want 50", len(variants))
	}
	path := filepath.Join(dir, "stint.db")
	open(t, path).Close()
	for name, bad := range variants {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{DropDeliveries: true})
		if err == nil {
			t.Errorf("%s: it was opened", name)
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			continue
		}
		var e *core.Error
		if !errors.As(err, &e) || e.Key != "storage.damaged" || !strings.Contains(e.Message, "backup") || !strings.Contains(e.Message, path) {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, bad) {
			t.Errorf("%s: the file was changed: %v", name, err)
		}
	}
}

// F7: the write-ahead log is cut off, or gone, or the whole is yesterday's copy.
// For SQLite that is a database like any other, in which the last things were
// never done. The start finds it and changes nothing.
func TestF07EndCutOff(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "stint.db")
	now := start
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{DropDeliveries: true, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	type files map[string][]byte // by what their names have behind path
	read := func() files {
		all := files{}
		for _, more := range []string{"", "-wal", ".head"} {
			b, err := os.ReadFile(path + more)
			if err == nil {
				all[more] = b
			} else if !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		return all
	}
	var yesterday files
	var sizes []int // of the write-ahead log, after each of the last commits
	for i := range 20 {
		now = now.Add(2 * time.Second)
		err := db.Update(t.Context(), func(tx core.Tx) error {
			e := entry(i, core.SignedIn, "pe_1")
			e.Seal(tx.Head())
			return tx.Apply(core.Event{Entry: e})
		})
		if err != nil {
			t.Fatal(err)
		}
		if i == 4 {
			yesterday = read()
		}
		sizes = append(sizes, len(read()["-wal"]))
	}
	killed := read() // as a crash would leave it
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	closed := read()
	wal := killed["-wal"]
	variants := map[string]files{
		"no write-ahead log":         {"": killed[""], ".head": killed[".head"]},
		"an empty write-ahead log":   {"": killed[""], "-wal": {}, ".head": killed[".head"]},
		"yesterday's copy":           {"": yesterday[""], "-wal": yesterday["-wal"], ".head": closed[".head"]},
		"yesterday's, the log today": {"": yesterday[""], "-wal": wal[:sizes[4]], ".head": killed[".head"]},
	}
	for _, size := range []int{16, 32, 100, sizes[0], sizes[9], sizes[18], len(wal) - 4096, len(wal) - 24 - 4096, len(wal) - 1} {
		variants[fmt.Sprintf("cut to %d of %d bytes", size, len(wal))] = files{"": killed[""], "-wal": wal[:size], ".head": killed[".head"]}
	}
	flipped := bytes.Clone(wal)
	flipped[len(wal)/2] ^= 1
	variants["a bit of the write-ahead log"] = files{"": killed[""], "-wal": flipped, ".head": killed[".head"]}
	try := func(fs files) error {
		for _, more := range []string{"", "-wal", "-shm", ".head"} {
			if err := os.Remove(path + more); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		for more, b := range fs {
			if err := os.WriteFile(path+more, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{DropDeliveries: true})
		if err == nil {
			err = db.Close()
		}
		return err
	}
	for name, fs := range variants {
		err := try(fs)
		var e *core.Error
		if !errors.As(err, &e) || e.Key != "storage.end_missing" || !strings.Contains(e.Message, "entry 20 ") || !strings.Contains(e.Message, path) {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(fs, read()); d != "" {
			t.Errorf("%s: files were changed", name)
		}
	}
	for name, fs := range map[string]files{
		"as a crash left it": killed, "as it was closed": closed, "without the note": {"": closed[""]},
		"a note that can't be read": {"": closed[""], ".head": []byte("so far so good")}, "an older note": {"": closed[""], ".head": yesterday[".head"]},
	} {
		if err := try(fs); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
