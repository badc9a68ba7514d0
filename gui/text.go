package gui

import (
	"strings"
	"time"

	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/resources"
)

// Languages the window speaks; the first is the one it falls back to.
func Languages() []string { return []string{"en", "de"} }

// NewText loads a language's texts. wish is the person's choice ("de"), or
// empty to follow environment, the value of LANG ("de_AT.UTF-8").
func NewText(wish, environment string, place *time.Location) *model.Text {
	lang := PickLanguage(wish, environment)
	return model.NewText(lang, resources.Texts(lang), resources.Texts("en"), place)
}

// PickLanguage returns the language to speak for a choice and a LANG.
func PickLanguage(wish, environment string) string {
	for _, want := range []string{wish, environment} {
		want = strings.ToLower(want)
		for _, l := range Languages() {
			if want == l || strings.HasPrefix(want, l+"_") || strings.HasPrefix(want, l+"-") || strings.HasPrefix(want, l+".") {
				return l
			}
		}
	}
	return Languages()[0]
}
