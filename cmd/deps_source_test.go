package cmd_test

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// A pkg is one directory of Go source, all build tags taken together: a rule
// that holds only on Linux is no rule.
type pkg struct {
	dir   string // below the module, "" for the module itself
	files []source
}

type source struct {
	path    string
	test    bool // _test.go
	fset    *token.FileSet
	ast     *ast.File
	imports []imported
}

type imported struct {
	path string
	name string // as the file calls it; "" where it gives no name of its own
	at   token.Pos
}

func (s source) position(p token.Pos) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(p).Line)
}

// local returns the name under which the file knows the import path, or "".
func (s source) local(importPath string) string {
	for _, i := range s.imports {
		if i.path != importPath {
			continue
		}
		if i.name != "" {
			return i.name
		}
		base := path.Base(importPath)
		if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
			return path.Base(path.Dir(importPath)) // fyne.io/fyne/v2 is package fyne
		}
		return base
	}
	return ""
}

// readTree parses every Go file below root but those of test data, of other
// modules, and of directories the go command passes over.
func readTree(root fs.FS) ([]pkg, error) {
	byDir := map[string]*pkg{}
	var order []string
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			name := d.Name()
			if p != "." && (name == "testdata" || name == "vendor" || name == "dist" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return fs.SkipDir
			}
			if _, err := fs.Stat(root, path.Join(p, "go.mod")); p != "." && err == nil {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(p) != ".go" {
			return nil
		}
		f, err := readSource(root, p)
		if err != nil || neverBuilt(f.ast) {
			return err
		}
		dir := path.Dir(p)
		if dir == "." {
			dir = ""
		}
		if byDir[dir] == nil {
			byDir[dir] = &pkg{dir: dir}
			order = append(order, dir)
		}
		byDir[dir].files = append(byDir[dir].files, f)
		return nil
	})
	tree := make([]pkg, 0, len(order))
	for _, dir := range order {
		tree = append(tree, *byDir[dir])
	}
	return tree, err
}

func readSource(root fs.FS, p string) (source, error) {
	text, err := fs.ReadFile(root, p)
	if err != nil {
		return source{}, err
	}
	s := source{path: p, test: strings.HasSuffix(p, "_test.go"), fset: token.NewFileSet()}
	s.ast, err = parser.ParseFile(s.fset, p, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	for _, i := range s.ast.Imports {
		at := imported{at: i.Pos()}
		at.path, err = strconv.Unquote(i.Path.Value)
		if err != nil {
			return source{}, err
		}
		if i.Name != nil {
			at.name = i.Name.Name
		}
		s.imports = append(s.imports, at)
	}
	return s, nil
}

// neverBuilt reports a file that no build can hold. One such file may stand
// in the module's root and keep libraries in go.mod until they are used.
func neverBuilt(f *ast.File) bool {
	for _, g := range f.Comments {
		if g.Pos() > f.Package {
			break
		}
		for _, c := range g.List {
			if !constraint.IsGoBuild(c.Text) {
				continue
			}
			if x, err := constraint.Parse(c.Text); err == nil && x.String() == "stint_never" {
				return true
			}
		}
	}
	return false
}
