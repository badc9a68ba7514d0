package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFyneIsCopiedWithoutItsC(t *testing.T) {
	root := t.TempDir()
	files := map[string]string{"widget/label.go": "package widget\n"}
	for name := range cocoa() {
		files[name] = "//go:build !ios\n\npackage x\n\nimport \"C\"\n"
	}
	from, to := filepath.Join(root, "from"), filepath.Join(root, "to")
	write(t, from, files)
	if err := copyFyne(from, to); err != nil {
		t.Fatal(err)
	}
	for name, text := range cocoa() {
		got, err := os.ReadFile(filepath.Join(to, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff("//go:build !ios\n\n"+text, string(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "widget", "label.go")); err != nil {
		t.Error(err)
	}
	// A version that no longer has these files must be noticed, not guessed at.
	if err := copyFyne(filepath.Join(from, "widget"), filepath.Join(root, "other")); err == nil {
		t.Error("copied another version without a word")
	}
	if _, err := os.Stat(filepath.Join(root, "other")); err == nil {
		t.Error("half a copy counts as one")
	}

	write(t, root, map[string]string{"go.mod": "module " + module + "\n", "go.sum": "sums\n"})
	if err := deriveModfile(root, filepath.Join(root, "x.mod"), "/a b/fyne"); err != nil {
		t.Fatal(err)
	}
	mod, _ := os.ReadFile(filepath.Join(root, "x.mod"))
	sum, _ := os.ReadFile(filepath.Join(root, "x.sum"))
	if !strings.HasSuffix(string(mod), "replace fyne.io/fyne/v2 => \"/a b/fyne\"\n") || string(sum) != "sums\n" {
		t.Errorf("go.mod %q, go.sum %q", mod, sum)
	}
}
