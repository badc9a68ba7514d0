package resources_test

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/resources"
)

var place = regexp.MustCompile(`\{[a-z_]+\}`)

func places(s string) []string {
	p := place.FindAllString(s, -1)
	slices.Sort(p)
	return slices.Compact(p)
}

// TestTranslations: every text of the window and every key of the core's
// catalogue has its German, with the same places; no key stands in two files.
func TestTranslations(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		where := map[string]string{}
		for file, texts := range resources.TextFiles(lang) {
			for k, v := range texts {
				if other, twice := where[k]; twice {
					t.Errorf("%s stands in %s and %s", k, other, file)
				}
				where[k] = file
				if strings.TrimSpace(v) == "" {
					t.Errorf("%s of %s is empty", k, file)
				}
			}
		}
	}
	en, de := resources.Texts("en"), resources.Texts("de")
	for k, e := range en {
		d, ok := de[k]
		if !ok {
			t.Errorf("%s has no German", k)
			continue
		}
		if diff := cmp.Diff(places(e), places(d)); diff != "" {
			t.Errorf("%s: places differ (-English +German)\n%s", k, diff)
		}
	}
	for _, k := range core.TextKeys() {
		if _, own := en[string(k)]; own {
			t.Errorf("%s stands in the core's catalogue and in the window's English", k)
		}
		d, ok := de[string(k)]
		if !ok {
			t.Errorf("%s of the core's catalogue has no German", k)
			continue
		}
		if diff := cmp.Diff(places(core.English(k)), places(d)); diff != "" {
			t.Errorf("%s: places differ (-English +German)\n%s", k, diff)
		}
	}
	for k := range de {
		if _, ok := en[k]; !ok && core.English(core.TextKey(k)) == k {
			t.Errorf("%s is German only", k)
		}
	}
}

// TestIcons: every icon is a picture of 24 × 24 whose only colour is currentColor.
func TestIcons(t *testing.T) {
	names := resources.IconNames()
	if len(names) < 40 {
		t.Errorf("%d icons", len(names))
	}
	for _, n := range names {
		var svg struct {
			ViewBox string `xml:"viewBox,attr"`
		}
		b := resources.Icon(n)
		if err := xml.Unmarshal(b, &svg); err != nil || svg.ViewBox != "0 0 24 24" {
			t.Errorf("%s: %v, view box %q", n, err, svg.ViewBox)
		}
		if !strings.Contains(string(b), "currentColor") || strings.Contains(string(b), "#") {
			t.Errorf("%s has a colour of its own", n)
		}
	}
}

func TestFiles(t *testing.T) {
	for _, w := range []resources.Weight{resources.Regular, resources.Medium, resources.SemiBold, resources.Bold} {
		if string(resources.Font(w)[:4]) != "OTTO" {
			t.Errorf("%s is no OpenType font", w)
		}
	}
	for _, s := range []string{"idle", "active", "ending", "attention"} {
		if len(resources.TrayIcon(s)) == 0 {
			t.Errorf("tray icon %s is empty", s)
		}
	}
	if !strings.Contains(string(resources.FontLicence()), "SIL OPEN FONT LICENSE") {
		t.Error("the typeface's licence is missing")
	}
}

func ExampleTexts() {
	fmt.Println(resources.Texts("de")["next"])
	// Output: Weiter
}
