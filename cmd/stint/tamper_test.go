package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/sqlite"
)

// F8: somebody edits the log inside the database file. Verification names the
// first number that isn't as it was written; that the end is gone, or was
// written anew, shows by a hash that was noted elsewhere.
func TestF08LogTamperedWith(t *testing.T) {
	const entries = 30
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	log := func(path string, n int, who string) (head core.Head) {
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for i := range n {
			err := db.Update(t.Context(), func(tx core.Tx) error {
				e := core.Entry{Time: now.Add(time.Duration(i) * time.Minute), Action: core.SignedIn, ActorName: who, Detail: fmt.Sprint("entry ", i)}
				head = e.Seal(tx.Head())
				return tx.Apply(core.Event{Entry: e})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return head
	}
	edit := func(path string, statements ...string) {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'trigger'")
		if err != nil {
			t.Fatal(err)
		}
		var guards []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			guards = append(guards, "DROP TRIGGER "+name)
		}
		for _, s := range append(guards, statements...) {
			if _, err := db.Exec(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		do     []string
		more   int   // entries written behind it, in order
		bad    int64 // what verification names; 0: nothing
		headed int64 // the same with the last hash noted before
	}{
		{"untouched", nil, 0, 0, 0},
		{"gone on since", nil, 5, 0, 0},
		{"changed", []string{"UPDATE audit SET detail = 'nothing happened' WHERE seq = 17"}, 0, 17, 17},
		{"changed time", []string{"UPDATE audit SET time_at = time_at + 1 WHERE seq = 2"}, 0, 2, 2},
		{"changed last", []string{"UPDATE audit SET actor_name = 'Bob' WHERE seq = 30"}, 0, 30, 30},
		{"deleted", []string{"DELETE FROM audit WHERE seq = 9"}, 0, 9, 9},
		{"first deleted", []string{"DELETE FROM audit WHERE seq = 1"}, 0, 1, 1},
		{"swapped", []string{"UPDATE audit SET seq = -1 WHERE seq = 5", "UPDATE audit SET seq = 5 WHERE seq = 6", "UPDATE audit SET seq = 6 WHERE seq = -1"}, 0, 5, 5},
		{"end cut off", []string{"DELETE FROM audit WHERE seq > 25"}, 0, 0, 26},
		{"end written anew", []string{"DELETE FROM audit WHERE seq > 25", "DELETE FROM audit_search WHERE seq > 25"}, 10, 0, 36},
		{"all gone", []string{"DELETE FROM audit"}, 0, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "stint.db")
			head := log(path, entries, "Ann")
			if len(c.do) > 0 {
				edit(path, c.do...)
			}
			if c.more > 0 {
				// Who can edit the database can remove what notes its end.
				if err := os.Remove(path + ".head"); err != nil {
					t.Fatal(err)
				}
				log(path, c.more, "Mallory")
			}
			for _, try := range []struct {
				head core.Hash
				want int64
			}{{core.Hash{}, c.bad}, {head.Hash, c.headed}} {
				v, err := verifyStore(context.Background(), path, try.head, nil)
				if err != nil {
					t.Fatal(err)
				}
				got := int64(0)
				if v.Break != nil {
					got = v.Break.Seq
				}
				if got != try.want {
					t.Errorf("with head %v: entry %d is named (%+v), want %d", try.head != core.Hash{}, got, v.Break, try.want)
				}
			}
			// The same in words, and by the status.
			var out strings.Builder
			io := stdio{In: strings.NewReader(""), Out: &out, Err: &out, Getenv: func(string) string { return "" }, Now: time.Now, Open: openStore, VerifyDB: verifyStore}
			status := run(t.Context(), []string{"audit", "verify", "--db", path, "--head", head.Hash.String()}, io)
			if want := map[bool]int{true: 8, false: 0}[c.headed > 0]; status != want || c.headed > 0 && !strings.Contains(out.String(), fmt.Sprintf("Entry %d is bad", c.headed)) {
				t.Errorf("status %d, want %d:\n%s", status, want, out.String())
			}
		})
	}
}
