package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/sqlite"
)

// What is put in while a filter streams is in the stream, also of an action that
// nothing was put in of before.
func TestStreamWhileEntriesArePutIn(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "stint.db"), sqlite.Options{Unsafe: true, DropDeliveries: true, Behind: 500})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	add := func(n int, k core.EventKind) {
		t.Helper()
		err := db.Update(t.Context(), func(tx core.Tx) error {
			for i := range n {
				e := entry(i, k, "pe_1")
				e.Seal(tx.Head())
				if err := tx.Apply(core.Event{Entry: e}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	const made = 9000 // more than is read ahead
	add(made, core.GrantMade)
	add(1, core.GrantLeft)
	got := 0
	err = db.EachEntry(t.Context(), core.EntryFilter{Action: "grant."}, func(*core.Entry) error {
		if got++; got == 1 {
			add(600, core.SignedIn)
		}
		return nil
	})
	if err != nil || got != made+1 {
		t.Errorf("%d entries came, want %d (%v)", got, made+1, err)
	}
}
