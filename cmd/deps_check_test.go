package cmd_test

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// A finding is one breach, told so that its author knows what to do.
type finding struct {
	rule string
	at   string
	text string
}

func (f finding) String() string { return fmt.Sprintf("%s: [%s] %s", f.at, f.rule, f.text) }

// Names of the rules; deps_planted_test.go breaks each.
const (
	ruleRoom    = "every package has a room"
	ruleArrow   = "arrows"
	ruleStd     = "standard library only"
	ruleFyne    = "Fyne stays in the window"
	ruleWindow  = "one program opens windows"
	ruleDriver  = "no driver in the engine"
	ruleDouble  = "test packages are not shipped"
	ruleC       = "no C of our own"
	ruleAsync   = "gui/async.go alone starts goroutines"
	ruleExit    = "only programs end the process"
	ruleInit    = "no init"
	ruleName    = "names say what a package is for"
	ruleComment = "every package says what it is for"
)

// check judges a tree by every rule.
func check(tree []pkg) []finding {
	var all []finding
	for _, p := range tree {
		all = append(all, checkPackage(p)...)
		for _, f := range p.files {
			all = append(all, checkImports(p, f)...)
			all = append(all, checkCode(p, f)...)
		}
	}
	return all
}

func checkPackage(p pkg) []finding {
	var all []finding
	name, documented, first := "", false, ""
	for _, f := range p.files {
		if f.test {
			continue
		}
		if first == "" {
			name, first = f.ast.Name.Name, f.path
		}
		// A program has no importers, so any comment will do; staticcheck's
		// ST1000 wants the same words of a package.
		if f.ast.Doc != nil && (name == "main" || strings.HasPrefix(f.ast.Doc.Text(), "Package "+name+" ")) {
			documented = true
		}
	}
	if first == "" {
		return nil // tests only
	}
	if !documented {
		all = append(all, finding{ruleComment, first, "no file begins with a comment \"Package " + name + " …\": say what it is for, what it never does, and how to read it"})
	}
	for _, n := range []string{name, path.Base(p.dir)} {
		if slices.Contains(bannedNames, n) {
			all = append(all, finding{ruleName, first, fmt.Sprintf("a package called %q attracts everything: name it for its noun", n)})
			break
		}
	}
	if _, ok := roomOf(p.dir); !ok {
		all = append(all, finding{ruleRoom, first, "this package has no arrows: put it where it belongs, or give it a line in rooms (cmd/deps_test.go)"})
	}
	return all
}

func checkImports(p pkg, f source) []finding {
	var all []finding
	r, known := roomOf(p.dir)
	for _, i := range f.imports {
		add := func(rule, format string, args ...any) {
			all = append(all, finding{rule, f.position(i.at), "imports " + i.path + ": " + fmt.Sprintf(format, args...)})
		}
		if i.path == "C" && f.path != mayBeC {
			add(ruleC, "only Fyne's own driver may be C, so that the server needs no compiler, and %s", mayBeC)
		}
		if i.path == windowOnly && !fits(mayOpenWindow, p.dir) {
			add(ruleWindow, "only %s may; take a fyne.App or fyne.Window as a parameter", strings.Join(mayOpenWindow, ", "))
		}
		if f.test || !known {
			continue // tests may use what they like, but never open a window
		}
		own, inside := strings.CutPrefix(i.path, module+"/")
		switch {
		case inside && !allowed(r, p.dir, own):
			add(ruleArrow, "%s may import %s; %s", r.path, list(r.imports), r.why)
		case !inside && strings.Contains(strings.SplitN(i.path, "/", 2)[0], ".") && r.std:
			add(ruleStd, "%s takes nothing else; %s", r.path, r.why)
		case strings.HasPrefix(i.path, "fyne.io/") && !r.fyne:
			add(ruleFyne, "%s is used without a screen; %s", r.path, r.why)
		}
		if fits(knowsNoDriver, p.dir) && slices.ContainsFunc(driverLibraries, func(d string) bool { return strings.HasPrefix(i.path, d) }) {
			add(ruleDriver, "speak to a system through core/connector, to the store through core.Store")
		}
		if testPackage(i.path) && !testPackage(p.dir) {
			add(ruleDouble, "it is for tests")
		}
	}
	return all
}

// testPackage reports packages that exist for tests: storagetest, mailtest,
// net/http/httptest, testing itself, and what lies beneath them.
func testPackage(p string) bool {
	if p == "testing" || strings.HasPrefix(p, "testing/") || p == "fyne.io/fyne/v2/test" {
		return true
	}
	return slices.ContainsFunc(strings.Split(p, "/"), func(part string) bool {
		return part != "test" && strings.HasSuffix(part, "test")
	})
}

func checkCode(p pkg, f source) []finding {
	if f.test {
		return nil
	}
	var all []finding
	add := func(n ast.Node, rule, text string) {
		all = append(all, finding{rule, f.position(n.Pos()), text})
	}
	quiet := fits([]string{"gui/..."}, p.dir) && !fits([]string{"gui/guitest/..."}, p.dir) && f.path != "gui/async.go"
	program := f.ast.Name.Name == "main" && fits([]string{"cmd/...", "gui/guitest/..."}, p.dir)
	const async = "hand the work to a function of gui/async.go, which knows which thread may touch a widget"
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				add(n, ruleInit, "nothing may happen because a package is imported: let main pass it what it needs")
			}
		case *ast.GoStmt:
			if quiet {
				add(n, ruleAsync, "starts a goroutine: "+async)
			}
		case *ast.CallExpr:
			// Without types a method is known by its name only; a file that imports
			// neither of these has a Go of its own, such as going to a page.
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && quiet && s.Sel.Name == "Go" &&
				(f.local("sync") != "" || f.local("golang.org/x/sync/errgroup") != "") {
				add(n, ruleAsync, "starts a goroutine with Go: "+async)
			}
		case *ast.SelectorExpr:
			name := f.qualified(n)
			if quiet && slices.Contains(startsGoroutine, name) {
				add(n, ruleAsync, "uses "+name+": "+async)
			}
			if !program && slices.Contains(endsProcess, name) {
				add(n, ruleExit, "uses "+name+": return an error and let main decide")
			}
		}
		return true
	})
	return all
}

var startsGoroutine = []string{
	"fyne.io/fyne/v2.Do", "fyne.io/fyne/v2.DoAndWait", "time.AfterFunc",
}

var endsProcess = []string{
	"os.Exit", "syscall.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln", "runtime.Goexit",
}

// qualified returns "import/path.Name" for a selector on one of startsGoroutine
// or endsProcess, whatever the file calls the package.
func (s source) qualified(sel *ast.SelectorExpr) string {
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	for _, full := range slices.Concat(startsGoroutine, endsProcess) {
		dot := strings.LastIndex(full, ".")
		if full[dot+1:] == sel.Sel.Name && s.local(full[:dot]) == x.Name {
			return full
		}
	}
	return ""
}

// allowed reports whether a package of room r in dir may import own, a path
// below the module.
func allowed(r room, dir, own string) bool {
	if i := strings.Index(own, "internal"); i > 0 && strings.HasPrefix(dir+"/", own[:i]) {
		return true // the compiler guards internal; what lies there is the package's own
	}
	if testPackage(dir) {
		return !strings.HasPrefix(own, "cmd/") // scaffolding leans on what it tests
	}
	return fits(r.imports, own)
}

func roomOf(dir string) (room, bool) {
	best, found := room{}, false
	for _, r := range rooms {
		if fits([]string{r.path}, dir) && (!found || len(r.path) > len(best.path)) {
			best, found = r, true
		}
	}
	return best, found
}

// fits reports whether dir is one of patterns, or beneath one that ends in
// "/...".
func fits(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		beneath, tree := strings.CutSuffix(p, "/...")
		return dir == beneath || tree && strings.HasPrefix(dir, beneath+"/")
	})
}

func list(patterns []string) string {
	if len(patterns) == 0 {
		return "nothing of this module"
	}
	return strings.Join(patterns, ", ")
}
