package paging_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// FuzzAfter reads cursors that anybody may have made up: each is one of ours,
// which says the same when it is written again, or refused.
func FuzzAfter(f *testing.F) {
	f.Add("people", "")
	f.Add("people", paging.Cursor("people", paging.Key{}))
	f.Add("people", paging.Cursor("roles", paging.Key{}))
	f.Add("", "eyJsIjoiIn0")
	f.Fuzz(func(t *testing.T, list, after string) {
		k, ok, err := paging.After(list, core.Page{After: after})
		if err != nil {
			if core.CodeOf(err) != core.Invalid || ok {
				t.Fatalf("%q: %v, %v", after, ok, err)
			}
			return
		}
		if !ok {
			return
		}
		again, ok, err := paging.After(list, core.Page{After: paging.Cursor(list, k)})
		if d := cmp.Diff(k, again); err != nil || !ok || d != "" {
			t.Fatalf("%q: %v, %v, %s", after, ok, err, d)
		}
	})
}
