package sqlite_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stint-pim/stint/core"
)

// underStrace returns the words that run a program under strace with these
// options. Without strace the test fails.
func underStrace(options ...string) []string {
	return slices.Concat([]string{"strace", "-f", "-qq"}, options)
}

// F5: the disk reports an error at fsync, of the log at a commit or of the
// database at a checkpoint. Nothing is acknowledged from then on, also where
// the next fsync would say that all is well; whoever asks is told why; and
// after a new start all that was acknowledged is there.
func TestF05FsyncFails(t *testing.T) {
	cases := []struct {
		name  string
		nth   int
		only  string // this file alone, by the end of its name
		first []core.TextKey
	}{
		{"log at once", 1, "-wal", []core.TextKey{"storage.io"}},
		{"log later", 12, "-wal", []core.TextKey{"storage.io"}},
		{"log much later", 40, "-wal", []core.TextKey{"storage.io"}},
		{"database", 1, "", []core.TextKey{"storage.io", core.KeyBroken}},
	}
	for _, c := range cases {
		for _, until := range []string{"+", ""} { // from the nth on, and this one alone
			t.Run(fmt.Sprint(c.name, until), func(t *testing.T) {
				path, err := filepath.EvalSymlinks(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				path = filepath.Join(path, "stint.db")
				if err := open(t, path).Close(); err != nil {
					t.Fatal(err)
				}
				inject := fmt.Sprintf("inject=fsync,fdatasync:error=EIO:when=%d%s", c.nth, until)
				cmd := acker{Path: path, N: 400, Note: 25}.command(t.Context(), underStrace("-o", os.DevNull, "-P", path+c.only, "-e", "trace=fsync,fdatasync", "-e", inject)...)
				var out, said bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &said
				if err := cmd.Run(); err != nil {
					t.Fatalf("%v\n%s%s", err, out.Bytes(), said.Bytes())
				}
				s := listen(&out)
				if len(s.errs) != stubborn || !slices.Contains(c.first, s.errs[0]) {
					t.Fatalf("%d acknowledged, then %v", s.acked, s.errs)
				}
				for _, e := range s.errs[1:] {
					if e != core.KeyBroken {
						t.Errorf("later it said %s", e)
					}
				}
				if s.late {
					t.Error("something was acknowledged after the disk had failed")
				}
				if s.trouble != core.TroubleBroken {
					t.Errorf("the trouble is %q", s.trouble)
				}
				if n, err := keeps(path, s.acked); err != nil || n > s.acked+1 {
					t.Errorf("after a new start: %d people, %d acknowledged: %v", n, s.acked, err)
				}
			})
		}
	}
}
