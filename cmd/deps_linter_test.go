package cmd_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the arrows of deps_test.go into .golangci.yml")

const (
	linterConfig = "../.golangci.yml"
	linterBegin  = "        # The arrows of cmd/deps_test.go; `go test ./cmd -run Linter -update` writes them.\n"
	linterEnd    = "        # End of the arrows.\n"
)

// The linter tells of a wrong import while one types, the test on every run;
// they must not tell different stories.
func TestTheLinterDrawsTheSameArrows(t *testing.T) {
	text, err := os.ReadFile(linterConfig)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), linterBegin)
	got, tail, ended := strings.Cut(rest, linterEnd)
	if !found || !ended {
		t.Fatalf("%s has no lines %q and %q", linterConfig, linterBegin, linterEnd)
	}
	want := depguard(rooms)
	if *update {
		if err := os.WriteFile(linterConfig, []byte(head+linterBegin+want+linterEnd+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("depguard's rules (-want +got); -update writes them:\n%s", d)
	}
}

// depguard says the arrows in the linter's words: a path that is both denied
// and allowed is allowed where the longer match allows it; "$" ends a path.
func depguard(rooms []room) string {
	var b strings.Builder
	for _, r := range rooms {
		if testPackage(r.path) {
			continue // scaffolding leans on what it tests
		}
		name := strings.Trim(strings.NewReplacer("/...", "-tree", "/", "-").Replace(r.path), "-")
		files := strings.TrimSuffix(r.path, "...") + "**.go"
		if files == r.path+"**.go" {
			files = r.path + "/*.go"
		}
		fmt.Fprintf(&b, "        %s:\n          list-mode: lax\n          files: [\"**/%s\", \"!$test\", \"!**/*test/**\"]\n", name, files)
		if len(r.imports) > 0 {
			b.WriteString("          allow:\n")
		}
		for _, i := range r.imports {
			if beneath, tree := strings.CutSuffix(i, "/..."); tree {
				fmt.Fprintf(&b, "            - %s/%s\n", module, beneath)
			} else {
				fmt.Fprintf(&b, "            - %s/%s$\n", module, i)
			}
		}
		fmt.Fprintf(&b, "          deny:\n            - {pkg: %s, desc: %q}\n", module, r.why)
		if r.std {
			for _, host := range []string{"github.com", "golang.org", "fyne.io", "modernc.org", "pgregory.net", "go.uber.org"} {
				fmt.Fprintf(&b, "            - {pkg: %s, desc: %q}\n", host, "standard library only: "+r.why)
			}
		}
		if !r.fyne && !r.std {
			fmt.Fprintf(&b, "            - {pkg: fyne.io, desc: %q}\n", "used without a screen: "+r.why)
		}
	}
	return b.String()
}
