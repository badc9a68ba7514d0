package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/memory"
	"github.com/stint-pim/stint/storage/sqlite"
	"github.com/stint-pim/stint/storage/storagetest"
)

func TestModel(t *testing.T) {
	dir, n := t.TempDir(), 0
	storagetest.Model(t, func() (core.Store, core.Store) {
		n++
		db, err := sqlite.Open(t.Context(), filepath.Join(dir, fmt.Sprint(n)), sqlite.Options{Unsafe: true})
		if err != nil {
			t.Fatal(err)
		}
		return memory.New(), db
	})
}
