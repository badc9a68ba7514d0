package model_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

// Every kind of entry has a name in the log, in both languages: none is shown as
// the word that programs read.
func TestEveryEventHasAName(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "core", "event.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(x ast.Node) bool {
		v, ok := x.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := v.Type.(*ast.Ident); !ok || kind.Name != "EventKind" {
			return false
		}
		word, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		n++
		for _, lang := range []string{"en", "de"} {
			if got := model.ActionName(tongue(lang), core.EventKind(word)); got == word || got == "" {
				t.Errorf("%s: %s has no name", lang, word)
			}
		}
		return false
	})
	if n < 60 {
		t.Errorf("only %d kinds found", n)
	}
}
