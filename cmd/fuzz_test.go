package cmd_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parsers are where something from outside is read, and what feeds each with
// random input. What is new belongs here with its target.
var parsers = []string{
	"core FuzzCommands",                    // whatever people may type, as the rules see it
	"core FuzzHash",                        // hashes in exported files
	"core FuzzParseDuration",               // durations
	"core/api/client FuzzAnswers",          // whatever a server answers: lists, events, files, problems
	"core/api/server FuzzRequests",         // paths, queries, headers, bodies
	"core/audit FuzzFields",                // entries on their way into a file and back
	"core/audit FuzzReaders",               // exported files, CSV and JSON Lines
	"core/auth FuzzAsk",                    // logins and addresses
	"core/auth FuzzSessionOf",              // tokens
	"core/auth FuzzStrength",               // new passwords
	"core/auth FuzzVerify",                 // stored hashes
	"core/auth/mfa FuzzParse",              // codes
	"core/backup FuzzRead",                 // sealed files of a backup
	"core/config FuzzLoad",                 // the configuration file
	"core/connector/linux FuzzProc",        // what /proc says
	"core/connector/postgres FuzzSettings", // how a system is reached
	"core/policyfile FuzzRead",             // settings kept as YAML
	"core/seal FuzzOpen",                   // sealed values
	"mail FuzzCompose",                     // names and addresses in header lines
	"storage/internal/paging FuzzAfter",    // cursors of pages
}

// F27: each parser of outside input has a fuzz target, and each target stands
// in the list. `dev faults` runs them; their seeds and what was once found run
// with the ordinary tests.
func TestF27EveryParserIsFuzzed(t *testing.T) {
	target := regexp.MustCompile(`(?m)^func (Fuzz[A-Z]\w*)\(\w+ \*testing\.F\)`)
	var got []string
	tree := os.DirFS("..")
	err := fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || p != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !strings.HasSuffix(p, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(tree, p)
		for _, m := range target.FindAllSubmatch(text, -1) {
			got = append(got, path.Dir(p)+" "+string(m[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if d := cmp.Diff(parsers, got); d != "" {
		t.Errorf("the list and the fuzz targets differ (-list +targets):\n%s", d)
	}
}
