package model_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/gui/model"
)

// noon is the moment at which these tests stand.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func texts(t *testing.T, lang string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "resources", "translations", "pages."+lang+".json"))
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func speak(t *testing.T, lang string) *model.Text {
	t.Helper()
	return model.NewText(lang, texts(t, lang), texts(t, "en"), time.UTC)
}

// TestPageTexts holds the two languages of the administrators' pages against
// each other and against the source: the same keys, the same places, and every
// key that the source names is there.
func TestPageTexts(t *testing.T) {
	en, de := texts(t, "en"), texts(t, "de")
	if diff := cmp.Diff(keys(en), keys(de)); diff != "" {
		t.Errorf("keys of English and German differ:\n%s", diff)
	}
	holes := regexp.MustCompile(`\{[a-z_]+\}`)
	for k, v := range en {
		a, b := holes.FindAllString(v, -1), holes.FindAllString(de[k], -1)
		sort.Strings(a)
		sort.Strings(b)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s: places differ:\n%s", k, diff)
		}
	}
	named := regexp.MustCompile(`"(pages\.[a-z0-9_.]*[a-z0-9_])"`)
	for _, dir := range []string{".", ".."} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no source in %s: %v", dir, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range named.FindAllStringSubmatch(string(b), -1) {
				if _, ok := en[m[1]]; !ok && !strings.HasSuffix(f, "_test.go") {
					t.Errorf("%s names %s, which has no text", f, m[1])
				}
			}
		}
	}
}

func keys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
