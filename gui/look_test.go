package gui_test

import (
	"flag"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
)

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// TestContrast holds every pair of words and ground that the parts use against
// WCAG 2.2 AA: 4.5 to 1 for text, 3 to 1 for what carries meaning without.
func TestContrast(t *testing.T) {
	type pair struct{ over, under fyne.ThemeColorName }
	words := []pair{
		{part.OnAccent, part.Accent}, {part.OnAccent, part.AccentHover}, {part.OnDanger, part.Danger}, {part.OnDanger, part.DangerHover},
		{part.OnFloat, part.Float}, {part.OnFloat2, part.Float},
		{part.ActiveInk, part.ActiveGround}, {part.EndingInk, part.EndingGround}, {part.DangerInk, part.DangerGround},
		{part.PendingInk, part.PendingGround}, {part.AccentInk, part.AccentGround}, {part.Muted, part.Track},
	}
	for _, over := range []fyne.ThemeColorName{part.Ink, part.Muted, part.Faint, part.AccentInk, part.DangerInk, part.ActiveInk} {
		for _, under := range []fyne.ThemeColorName{part.Ground, part.Panel, part.Hover} {
			words = append(words, pair{over, under})
		}
	}
	for _, over := range []fyne.ThemeColorName{part.Ink, part.Muted, part.Faint} {
		words = append(words, pair{over, part.AccentGround}, pair{over, part.Rail})
	}
	var shapes []pair
	for _, over := range []fyne.ThemeColorName{part.Active, part.Ending, part.Danger, part.Pending, part.Accent} {
		shapes = append(shapes, pair{over, part.Panel}, pair{over, part.Ground})
	}
	for name, dark := range map[string]bool{"light": false, "dark": true} {
		p := gui.Palette(dark)
		for _, x := range words {
			if got := contrast(p[x.over], p[x.under]); got < 4.5 {
				t.Errorf("%s: words in %s on %s have %.2f to 1, want 4.5", name, x.over, x.under, got)
			}
		}
		for _, x := range shapes {
			if got := contrast(p[x.over], p[x.under]); got < 3 {
				t.Errorf("%s: %s on %s has %.2f to 1, want 3", name, x.over, x.under, got)
			}
		}
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

func updating() bool { return *update || os.Getenv("STINT_UPDATE") != "" }

// comesToRest lays everything that is shown out once more, as the toolkit does
// where the size of something seems to have changed, and wants nothing new to be
// made by it: what is new is laid out and painted again, and so for ever, at the
// price of a whole core.
func (p *person) comesToRest() {
	p.t.Helper()
	shown := func() map[fyne.CanvasObject]bool {
		all := map[fyne.CanvasObject]bool{}
		guitest.Walk(p.canvas(), func(o fyne.CanvasObject, _ fyne.Position) { all[o] = true })
		return all
	}
	before := shown()
	for o := range before {
		if w, ok := o.(fyne.Widget); ok {
			test.WidgetRenderer(w).Layout(w.Size())
		}
	}
	made := map[string]int{}
	for o := range shown() {
		if !before[o] {
			made[fmt.Sprintf("%T", o)]++
		}
	}
	if len(made) > 0 {
		p.t.Errorf("laid out again, this is new: %v", made)
	}
}

// golden compares the window's markup with a file, or writes it.
func (p *person) golden(name string) {
	p.t.Helper()
	p.comesToRest()
	file := filepath.Join("testdata", name+".xml")
	if updating() {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(guitest.Markup(p.canvas())), 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatalf("%v (write it with -update)", err)
	}
	if got := guitest.Markup(p.canvas()); got != string(want) {
		p.t.Errorf("%s differs from what is shown; look at it, and write it anew with -update.\n%s", file, guitest.FirstDifference(string(want), got))
	}
}

// TestGolden keeps the look of every screen of this half of the window.
func TestGolden(t *testing.T) {
	data := map[string]func(func() time.Time) *guitest.Fake{"empty": guitest.Empty, "typical": guitest.Typical, "busy": guitest.Busy, "hostile": guitest.Hostile}
	for _, look := range []string{"light", "dark"} {
		prefs := map[string]string{"appearance": look}
		for name, make := range data {
			t.Run("access/"+name+"/"+look, func(t *testing.T) {
				sit(t, make, true, prefs).golden("access-" + name + "-" + look)
			})
		}
		for name, make := range map[string]func(func() time.Time) *guitest.Fake{"typical": guitest.Typical, "hostile": guitest.Hostile} {
			t.Run("activate/"+name+"/"+look, func(t *testing.T) {
				p := sit(t, make, true, prefs)
				p.clicks("Activate") // the last row's button
				p.golden("activate-when-" + name + "-" + look)
				p.presses(fyne.KeyReturn)
				p.golden("activate-why-" + name + "-" + look)
			})
		}
		t.Run("favourite/"+look, func(t *testing.T) {
			p := sit(t, guitest.Typical, true, prefs)
			p.clicks("30 min")
			p.golden("favourite-" + look)
			p.types(guitest.Code)
			p.golden("results-" + look)
		})
		t.Run("dialogs/"+look, func(t *testing.T) {
			p := sit(t, guitest.Typical, true, prefs)
			p.clicksFirst("Prolong")
			p.golden("prolong-" + look)
			p.presses(fyne.KeyEscape)
			p.clicksFirst("Drop")
			p.golden("drop-" + look)
			p.presses(fyne.KeyEscape)
			p.clicks("Find a role or a page")
			p.golden("palette-" + look)
		})
		t.Run("signin/"+look, func(t *testing.T) {
			sit(t, guitest.Typical, false, prefs).golden("signin-" + look)
		})
		t.Run("german/"+look, func(t *testing.T) {
			p := sit(t, guitest.Busy, true, map[string]string{"appearance": look, "language": "de"})
			p.golden("access-german-" + look)
		})
	}
}

// TestNoRoomIsNoReason opens the page at the smallest size that must do, in
// both languages: nothing may be cut that has no other way to be read.
func TestNoRoomIsNoReason(t *testing.T) {
	for _, lang := range gui.Languages() {
		p := sit(t, guitest.Busy, true, map[string]string{"language": lang})
		p.window.Window().Resize(fyne.NewSize(900, 600))
		guitest.Walk(p.canvas(), func(o fyne.CanvasObject, at fyne.Position) {
			b, ok := o.(*part.Button)
			if !ok {
				return
			}
			if b.Size().Width+0.5 < b.MinSize().Width {
				t.Errorf("%s: the button %q has %v of %v pixels", lang, b.Text(), b.Size().Width, b.MinSize().Width)
			}
			if right := at.X + b.Size().Width; right > 900 {
				t.Errorf("%s: the button %q ends at %v, outside the window", lang, b.Text(), right)
			}
		})
	}
}

// TestHostileListIsFast draws a page with 10,000 roles and no more widgets
// than fit.
func TestHostileListIsFast(t *testing.T) {
	p := sit(t, guitest.Hostile, true, nil)
	n := 0
	guitest.Walk(p.canvas(), func(fyne.CanvasObject, fyne.Position) { n++ })
	if n > 4000 {
		t.Errorf("%d objects for 10,000 roles", n)
	}
	if test.WidgetRenderer(part.NewStrong("x")) == nil {
		t.Error("no renderer")
	}
}
