// Package migrations holds the schema as numbered, embedded, forward-only
// steps for goose: those of common run on every engine, those of an engine's
// own folder beside them. A step that was released is never edited; the next
// one corrects it.
package migrations

import (
	"embed"
	"errors"
	"io/fs"
	"slices"
	"strings"
)

//go:embed common/*.sql sqlite/*.sql postgres/*.sql
var files embed.FS

// Engine names the folder of an engine's own steps.
type Engine string

const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// For returns the steps of an engine, the common ones and its own, as one folder.
func For(e Engine) fs.FS { return union{"common", string(e)} }

// union shows several folders of files as one.
type union []string

func (u union) Open(name string) (fs.File, error) {
	for _, dir := range u {
		f, err := files.Open(dir + "/" + name)
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir lists all folders' files by name; goose finds its steps with it.
func (u union) ReadDir(name string) ([]fs.DirEntry, error) {
	var all []fs.DirEntry
	for _, dir := range u {
		es, err := files.ReadDir(strings.TrimSuffix(dir+"/"+name, "/."))
		if err != nil {
			return nil, err
		}
		all = append(all, es...)
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}
