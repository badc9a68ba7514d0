package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/stint-pim/stint/cmd/dev/need"
)

// sourceDir is a directory with Go files.
type sourceDir struct {
	dir   string // below the root, with slashes; "" is the root
	tests string // text of its _test.go files, of its test scripts, and of all files of a test package
}

type serverSign struct {
	sign      *regexp.Regexp
	need      need.Need
	linuxOnly bool
}

// serverSigns tells by which words a test shows that it starts a program.
// Words stand in quotes, in a path, or in a test script's exec line, so that a
// comment doesn't count.
func serverSigns() []serverSign {
	word := func(w string) *regexp.Regexp { return regexp.MustCompile(`(["/]|exec )(` + w + `)["\s]`) }
	return []serverSign{
		{sign: word("initdb|pg_ctl"), need: need.PostgreSQL()},
		{sign: word("slapd"), need: need.LDAP()},
		{sign: word("smtpd"), need: need.MailServer()},
		{sign: word("gles"), need: need.Compiler(), linuxOnly: true}, // a test that builds the window
		{sign: word("gles"), need: need.PkgConfig(), linuxOnly: true},
		{sign: word("gles"), need: need.Graphics(), linuxOnly: true},
		{sign: word("strace"), need: need.Tracer(), linuxOnly: true},
		{sign: word("Xvfb"), need: need.Display(), linuxOnly: true},
		{sign: word("openbox"), need: need.WindowManager(), linuxOnly: true},
		{sign: word("xdotool"), need: need.Typist(), linuxOnly: true},
		{sign: word("import"), need: need.Camera(), linuxOnly: true},
		{sign: word("dbus-run-session|dbus-daemon"), need: need.Bus(), linuxOnly: true},
		{sign: word("chromium"), need: need.Browser(), linuxOnly: true},
		{sign: word("gnome-keyring-daemon"), need: need.Keyring(), linuxOnly: true},
	}
}

// eachFile walks the repository's own files: no test data of the go command's
// kind unless asked, nothing hidden, nothing built, no other module.
func eachFile(root string, testdata bool, do func(rel string) error) error {
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return do(filepath.ToSlash(rel))
		}
		name := d.Name()
		switch {
		case rel == ".":
			return nil
		case name == "testdata" && !testdata, name == "dist", strings.HasPrefix(name, "."), strings.HasPrefix(name, "_"):
			return fs.SkipDir
		}
		if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil {
			return fs.SkipDir
		}
		return nil
	})
}

// readSources reads the directories named in only, or all when it is nil. This
// program is left out: it names all the servers and needs none.
func readSources(root string, only map[string]bool) ([]sourceDir, error) {
	found := map[string]*sourceDir{}
	err := eachFile(root, true, func(rel string) error {
		dir, _ := filepath.Split(rel)
		dir, _, _ = strings.Cut("/"+dir, "/testdata/")
		dir = strings.Trim(dir, "/")
		if dir == "cmd/dev" || strings.HasPrefix(dir, "cmd/dev/") || only != nil && !only[dir] {
			return nil
		}
		isTest := strings.HasSuffix(rel, "_test.go") || strings.HasSuffix(rel, ".txtar") ||
			strings.HasSuffix(rel, ".go") && strings.HasSuffix(dir, "test")
		if !isTest {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(rel)))
		if err != nil {
			return err
		}
		if found[dir] == nil {
			found[dir] = &sourceDir{dir: dir}
		}
		found[dir].tests += string(text)
		return nil
	})
	dirs := make([]sourceDir, 0, len(found))
	for _, d := range found {
		dirs = append(dirs, *d)
	}
	slices.SortFunc(dirs, func(a, b sourceDir) int { return strings.Compare(a.dir, b.dir) })
	return dirs, err
}

// heavy returns the packages that have a short form of some test.
func heavy(dirs []sourceDir) []string {
	asksShort := regexp.MustCompile(`\btesting\.Short\(\)`)
	var pkgs []string
	for _, d := range dirs {
		if asksShort.MatchString(d.tests) {
			pkgs = append(pkgs, "./"+d.dir)
		}
	}
	return pkgs
}

// checkFormat names every Go file that gofmt would change.
func checkFormat(root string, out io.Writer) error {
	var bad []string
	err := eachFile(root, false, func(rel string) error {
		if filepath.Ext(rel) != ".go" {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(rel)))
		if err != nil {
			return err
		}
		want, err := format.Source(text)
		if err != nil {
			bad = append(bad, rel)
			fmt.Fprintf(out, "%s: %v\n", rel, err)
		} else if !bytes.Equal(want, text) {
			bad = append(bad, rel)
		}
		return nil
	})
	if err != nil || len(bad) == 0 {
		return err
	}
	return errors.New("type: gofmt -w " + strings.Join(bad, " "))
}
