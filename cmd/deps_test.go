// Package cmd_test executes the import rules of this repository, so that the
// rooms drawn in CONTRIBUTING.md stay the rooms of the code. It reads source
// and runs nothing of Stint.
//
// deps_test.go holds the rules and asks the real tree; deps_source_test.go
// reads a tree; deps_check_test.go judges it; deps_planted_test.go shows that
// each rule can fail.
package cmd_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/stint-pim/stint"

// A room is a package, or a package and all beneath it ("gui/part/..."), and
// what its shipped files may import from this module. Test files may import
// more: a rule's test may well want a real store. The longest path that fits
// a package is its room.
type room struct {
	path    string
	imports []string
	std     bool   // besides these, only the standard library
	fyne    bool   // may import Fyne
	why     string // what a refused import would break
}

var shipped = []string{"core/...", "storage/...", "mail/...", "resources/..."}

// rooms mirrors "Arrows" in the architecture. A new package needs a line here
// unless it lies in a room that is there already: deciding its arrows is part
// of adding it.
var rooms = []room{
	{path: "cmd/stint-desktop/...", imports: append([]string{"cmd/stint-desktop/...", "gui/..."}, shipped...), fyne: true,
		why: "the window is the outermost ring: it composes and holds no rules"},
	{path: "cmd/stint/...", imports: append([]string{"cmd/stint/..."}, shipped...),
		why: "the server must run where there is no screen"},
	{path: "cmd/dev/...", imports: []string{"cmd/dev/..."}, std: true,
		why: "it must run on a machine that has nothing but Go, and compile in a blink"},

	{path: "gui", imports: []string{"core", "gui/model", "gui/part", "resources/..."}, fyne: true,
		why: "a screen knows the contract and no implementation; it may then speak to any server"},
	{path: "gui/part/...", imports: []string{"core", "gui/model", "gui/part/...", "resources/..."}, fyne: true,
		why: "parts are drawn from plain values"},
	{path: "gui/model/...", imports: []string{"core", "gui/model/..."}, std: true,
		why: "models are tested without a toolkit"},
	{path: "gui/guitest/...", imports: append([]string{"gui/..."}, shipped...), fyne: true,
		why: "it is scaffolding of tests"},

	{path: "core", std: true,
		why: "the rules must be provable without a disk, a network or a clock"},
	{path: "core/failpoint", std: true,
		why: "it is compiled into every room, or out of it"},
	{path: "core/engine/...", imports: []string{"core", "core/failpoint", "core/engine/...", "core/connector", "core/job"},
		why: "the engine commits and knows no system"},
	// The engine is here because it is the only writer: evidence is committed
	// through it.
	{path: "core/reconcile/...", imports: []string{"core", "core/failpoint", "core/reconcile/...", "core/engine", "core/connector", "core/job"},
		why: "the reconciler speaks to drivers through the border only"},
	{path: "core/connector", imports: []string{"core"},
		why: "the border may not depend on who crosses it"},
	{path: "core/connector/...", imports: []string{"core", "core/failpoint", "core/connector"},
		why: "a driver knows its system and the border, and no other driver"},
	{path: "core/job/...", imports: []string{"core", "core/failpoint", "core/job/..."}, why: "deliveries are told what to send"},
	{path: "core/auth/...", imports: []string{"core", "core/failpoint", "core/auth/..."}, why: "proof of identity depends on nothing it protects"},
	{path: "core/seal/...", imports: []string{"core", "core/failpoint", "core/seal/..."}, why: "sealing depends on nothing it protects"},
	{path: "core/backup/...", imports: []string{"core", "core/failpoint", "core/backup/...", "core/audit"},
		why: "the file must be readable without a store"},
	{path: "core/audit/...", imports: []string{"core", "core/audit/..."},
		why: "an auditor's verifier must not share code with what it checks"},
	{path: "core/policyfile/...", imports: []string{"core", "core/policyfile/..."}, why: "a file is taken apart before anything is decided"},
	{path: "core/config/...", imports: []string{"core", "core/config/..."}, why: "a configuration is read before anything is there"},
	{path: "core/service/...", imports: []string{"core", "core/failpoint", "core/service/...", "core/engine", "core/auth/...", "core/seal", "core/connector", "core/audit", "core/policyfile"},
		why: "mail and store come to it through core's interfaces"},
	{path: "core/api", imports: []string{"core"}, why: "the wire's types are shared by both ends"},
	{path: "core/api/server", imports: []string{"core", "core/failpoint", "core/api/...", "resources/..."}, why: "it speaks for a core.Service, whichever it is; its one page has a template"},
	{path: "core/api/...", imports: []string{"core", "core/failpoint", "core/api/..."}, why: "both ends speak for a core.Service, whichever it is"},
	{path: "core/house/...", imports: shipped,
		why: "the composition root opens everything but a window"},
	{path: "core/simulate/...", imports: shipped,
		why: "it lives with the real engine on a real store, and is for tests only"},
	{path: "core/sample/...", imports: shipped,
		why: "sample data is made by the real engine and shown by whoever likes"},

	{path: "storage", imports: []string{"core", "core/failpoint", "storage/migrations/...", "storage/internal/..."},
		why: "the shared half of the store knows no engine"},
	{path: "storage/...", imports: []string{"core", "core/failpoint", "storage", "storage/migrations/...", "storage/internal/..."},
		why: "a store keeps and decides nothing"},
	{path: "mail/...", imports: []string{"core", "core/failpoint", "mail/...", "resources/..."}, why: "mail is told what to say"},
	{path: "resources/...", imports: []string{"resources/..."}, why: "files depend on nobody"},
}

// windowOnly may be imported by programs that open a window and by no other:
// everything else must be testable without a display and without cgo.
const windowOnly = "fyne.io/fyne/v2/app"

var mayOpenWindow = []string{"cmd/stint-desktop/...", "gui/guitest/demo/..."}

// mayBeC is the one file of ours that speaks to C: Xlib ends the window's
// process by C's exit, where nothing of Go could take back what was activated.
const mayBeC = "cmd/stint-desktop/lastword_linux.go"

// drivers of other people's systems, which the two hearts of the engine must
// not know.
var driverLibraries = []string{
	"database/sql", "github.com/jackc/", "modernc.org/sqlite", "github.com/go-ldap/",
	"github.com/Azure/", "os/exec", "net/http", "github.com/emersion/",
}

var knowsNoDriver = []string{"core/engine/...", "core/reconcile/..."}

// bannedNames say nothing about what a package is for, so everything ends up
// in them.
var bannedNames = []string{
	"util", "utils", "common", "helper", "helpers", "type", "types", "manager", "managers", "base", "misc", "shared",
}

func TestTheTreeKeepsItsRules(t *testing.T) {
	tree, err := readTree(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(tree) < 2 {
		t.Fatalf("read %d packages: the rules would say nothing", len(tree))
	}
	for _, f := range check(tree) {
		t.Error(f)
	}
}

// The table above speaks of direct imports; a library could still bring Fyne
// or C along. The go command knows the whole truth.
func TestTheServerHasNoWindowAndNoC(t *testing.T) {
	for _, goos := range []string{"linux", "windows", "darwin"} {
		t.Run(goos, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Standard,CgoFiles", "./stint")
			// With cgo on, go list tells which packages would use it.
			cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=1")
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("go list: %v\n%s", err, stderr.String())
			}
			got := 0
			for dec := json.NewDecoder(strings.NewReader(string(out))); ; got++ {
				var p struct {
					ImportPath string
					Standard   bool
					CgoFiles   []string
				}
				if err := dec.Decode(&p); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(p.ImportPath, "fyne.io/") {
					t.Errorf("cmd/stint depends on %s: the server must run where there is no screen", p.ImportPath)
				}
				if !p.Standard && len(p.CgoFiles) > 0 {
					t.Errorf("cmd/stint depends on %s, which is partly C: the server must build with nothing but Go", p.ImportPath)
				}
			}
			if got < 10 {
				t.Fatalf("go list named %d packages", got)
			}
		})
	}
}
