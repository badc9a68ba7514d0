// Package resources holds every file that is built into the program: the
// typeface, the icons, the translations and the mail templates. It gives out
// bytes and file systems and knows nothing of who uses them.
//
// The typeface is Inter (SIL Open Font License, fonts/LICENSE.txt) with two
// changes, because the window's toolkit can't switch OpenType features: the
// digits are the tabular ones, so that a countdown doesn't tremble, and the
// contextual alternates are off, so that a name such as "0x2a" or "a->b" is
// shown as it is written.
package resources

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"
)

//go:embed fonts/*.otf fonts/LICENSE.txt
var fonts embed.FS

//go:embed icons/*.svg app/*
var icons embed.FS

//go:embed translations/*.json
var translations embed.FS

// Weight of the typeface.
type Weight string

const (
	Regular  Weight = "Regular"
	Medium   Weight = "Medium"
	SemiBold Weight = "SemiBold"
	Bold     Weight = "Bold"
)

// Font returns a weight of the interface's typeface. An unknown weight is our
// own mistake and panics.
func Font(w Weight) []byte { return must(fonts.ReadFile("fonts/Inter-" + string(w) + ".otf")) }

// FontLicence returns the licence that goes with the typeface.
func FontLicence() []byte { return must(fonts.ReadFile("fonts/LICENSE.txt")) }

// Icon returns a line icon by its name ("lock", "star-filled"): an SVG of
// 24 × 24 whose colour is the word currentColor. An unknown name panics; a
// test asks for all of them.
func Icon(name string) []byte { return must(icons.ReadFile("icons/" + name + ".svg")) }

// IconNames lists the icons.
func IconNames() []string {
	var names []string
	for _, e := range mustDir(icons, "icons") {
		names = append(names, strings.TrimSuffix(e.Name(), ".svg"))
	}
	return names
}

// AppIcon returns the program's icon, a PNG of 512 × 512.
func AppIcon() []byte { return must(icons.ReadFile("app/stint.png")) }

// TrayIcon returns the tray's icon for "idle", "active", "ending" or "attention".
func TrayIcon(state string) []byte { return must(icons.ReadFile("app/tray-" + state + ".png")) }

// Texts returns all texts of a language by their key: the files
// translations/<part>.<language>.json, merged. For English these are the
// window's own sentences; the errors' English stands in package core. No key
// stands in two files (a test holds that).
func Texts(language string) map[string]string {
	all := map[string]string{}
	for _, texts := range TextFiles(language) {
		maps.Copy(all, texts)
	}
	return all
}

// TextFiles returns the texts of a language by file, for the tests.
func TextFiles(language string) map[string]map[string]string {
	files := map[string]map[string]string{}
	for _, e := range mustDir(translations, "translations") {
		if !strings.HasSuffix(e.Name(), "."+language+".json") {
			continue
		}
		texts := map[string]string{}
		if err := json.Unmarshal(must(translations.ReadFile(path.Join("translations", e.Name()))), &texts); err != nil {
			panic(fmt.Sprintf("resources: %s: %v", e.Name(), err))
		}
		files[e.Name()] = texts
	}
	return files
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic("resources: " + err.Error())
	}
	return b
}

func mustDir(f embed.FS, dir string) []fs.DirEntry {
	entries, err := f.ReadDir(dir)
	if err != nil {
		panic("resources: " + err.Error())
	}
	return entries
}
