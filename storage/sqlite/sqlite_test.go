package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage"
	"github.com/stint-pim/stint/storage/sqlite"
	"github.com/stint-pim/stint/storage/storagetest"
)

func open(t testing.TB, path string) *storage.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{DropDeliveries: true, Behind: 3}) // so that tests see both what is put in and what isn't
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t testing.TB) core.Store { return open(t, filepath.Join(t.TempDir(), "stint.db")) })
}
