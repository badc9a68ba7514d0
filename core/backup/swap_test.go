package backup_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/backup"
	"github.com/stint-pim/stint/core/failpoint"
)

// old is a store of four files, each with a text that says whose it is.
func old(t *testing.T, dir, key string) {
	t.Helper()
	for _, name := range []string{"stint.db", "stint.db-wal", "stint.db-shm"} {
		put(t, filepath.Join(dir, name), "old "+name)
	}
	put(t, key, "old key")
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func text(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}

// TestF23SwapCutOff stops the change of stores before each of its steps, as a
// crash would: after the next start there is the old store, whole, or the new
// one, whole, and nothing of the old is lost.
func TestF23SwapCutOff(t *testing.T) {
	for _, elsewhere := range []bool{false, true} {
		for stop, stopped := 0, true; stopped; stop++ {
			dir, keys := t.TempDir(), t.TempDir()
			db, key := filepath.Join(dir, "stint.db"), filepath.Join(dir, "stint.key")
			if elsewhere {
				key = filepath.Join(keys, "key")
			}
			old(t, dir, key)
			s, err := backup.Stage(dir)
			if err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(s.Staging, "stint.db"), "new stint.db")
			cut := errors.New("cut")
			at, n := "", 0
			for _, name := range []string{"backup.list", "backup.aside", "backup.place", "backup.unlist"} {
				t.Cleanup(failpoint.Arm(name, func() error {
					if n++; n == stop+1 {
						at = name
						return cut
					}
					return nil
				}))
			}
			where := func() string { return fmt.Sprintf("key elsewhere %v, cut before step %d (%s)", elsewhere, stop, at) }
			aside, err := s.Commit(backup.Placing{Database: db, Key: key, KeyText: core.NewSecret("new key"), Stamp: "2026"})
			if stopped = errors.Is(err, cut); !stopped && err != nil {
				t.Fatalf("%s: %v", where(), err)
			}
			if err := s.Drop(); err != nil {
				t.Fatal(err)
			}
			if _, err := backup.Finish(dir, key); err != nil {
				t.Fatalf("%s: the next start: %v", where(), err)
			}
			got := []string{text(db), text(key), text(db + "-wal"), text(db + "-shm")}
			isOld := fmt.Sprint(got) == fmt.Sprint([]string{"old stint.db", "old key", "old stint.db-wal", "old stint.db-shm"})
			isNew := fmt.Sprint(got) == fmt.Sprint([]string{"new stint.db", "new key\n", "", ""})
			if !isOld && !isNew {
				t.Errorf("%s: a mixture: %q", where(), got)
			}
			if wantOld := at == "backup.list"; isOld != wantOld {
				t.Errorf("%s: old %v, want %v", where(), isOld, wantOld)
			}
			if isNew {
				keptKey := filepath.Join(dir, "before-restore-2026", "stint.key")
				if elsewhere {
					keptKey = key + ".before-restore-2026"
				}
				kept := []string{text(filepath.Join(dir, "before-restore-2026", "stint.db")), text(filepath.Join(dir, "before-restore-2026", "stint.db-wal")), text(keptKey)}
				if fmt.Sprint(kept) != fmt.Sprint([]string{"old stint.db", "old stint.db-wal", "old key"}) {
					t.Errorf("%s: kept %q", where(), kept)
				}
			}
			if !stopped && aside != filepath.Join(dir, "before-restore-2026") {
				t.Errorf("told that the old store is in %q", aside)
			}
			left(t, where(), dir, keys)
		}
	}
}

// left fails for files that should not have stayed.
func left(t *testing.T, where string, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		all, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".restored") || e.Name() == "stint.moving" {
				t.Errorf("%s: %s was left behind", where, e.Name())
			}
		}
	}
}

func TestSwapIntoNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := backup.Stage(dir)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(s.Staging, "stint.db"), "new")
	aside, err := s.Commit(backup.Placing{Database: filepath.Join(dir, "stint.db"), Stamp: "2026"})
	if err != nil || aside != "" || text(filepath.Join(dir, "stint.db")) != "new" {
		t.Errorf("into nothing: %q, %v", aside, err)
	}
	left(t, "into nothing", dir)
}

// A list that can't be read stops the start: nobody knows which store is whole.
func TestUnreadableList(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "stint.moving"), "{")
	if _, err := backup.Finish(dir, ""); core.CodeOf(err) != core.Unavailable {
		t.Error(err)
	}
}
