package gui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
	"github.com/stint-pim/stint/resources"
)

// atAdmin sits at an administrator's window.
func atAdmin(t *testing.T) *person {
	t.Helper()
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	return &person{t: t, window: s.w, service: s.fake.Fake, now: guitest.Noon()}
}

// TestTabbingStaysInSight goes through pages that are higher than the window by
// Tab alone: what has the keyboard is always seen.
func TestTabbingStaysInSight(t *testing.T) {
	for page, open := range map[string]func(*person){
		"wizard": func(p *person) {
			p.window.Open("systems")
			p.clicks("Add system")
			p.clicks("PostgreSQL")
			p.presses(fyne.KeyReturn)
			p.sees("End open sessions")
		},
		"settings": func(p *person) { p.window.Open("settings"); p.clicks("Mail") },
		"access":   func(*person) {},
		"dialog":   func(p *person) { p.clicksFirst("Prolong") },
	} {
		t.Run(page, func(t *testing.T) {
			p := atAdmin(t)
			p.window.Window().Resize(fyne.NewSize(900, 420))
			open(p)
			seen := map[fyne.Focusable]bool{}
			lowest := float32(0)
			for range 60 {
				p.tab()
				f := p.canvas().Focused()
				if f == nil || seen[f] {
					break
				}
				seen[f] = true
				o := f.(fyne.CanvasObject)
				at, ok := guitest.Place(p.canvas(), o)
				if !ok {
					t.Fatalf("%T has the keyboard and is not shown", o)
				}
				lowest = max(lowest, at.Y)
				if h := min(o.Size().Height, 200); at.Y < 0 || at.Y+h > 420 {
					t.Errorf("%T has the keyboard at %v to %v of 420", o, at.Y, at.Y+o.Size().Height)
				}
			}
			if len(seen) < 4 {
				t.Fatalf("only %d things to tab to", len(seen))
			}
		})
	}
}

// TestWheelOverAField scrolls the page below, as it does anywhere else on it.
func TestWheelOverAField(t *testing.T) {
	p := atAdmin(t)
	p.window.Window().Resize(fyne.NewSize(900, 420))
	p.window.Open("systems")
	p.clicks("Add system")
	p.clicks("PostgreSQL")
	p.presses(fyne.KeyReturn)
	field := p.canvas().Focused().(fyne.CanvasObject) // the first field of the form
	before, _ := guitest.Place(p.canvas(), field)
	guitest.Wheel(p.canvas(), before.AddXY(40, 10), -60)
	if after, _ := guitest.Place(p.canvas(), field); after.Y != before.Y-60 {
		t.Errorf("the field went from %v to %v, want 60 higher", before.Y, after.Y)
	}
}

// TestEnterLeavesTheJustification goes on from a field of several lines, and a
// line break can't come into it: the rules take none.
func TestEnterLeavesTheJustification(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.clicks("Activate") // the last row's button
	p.presses(fyne.KeyReturn)
	p.sees("Justification")
	entry := p.canvas().Focused()
	p.types("Install updates")
	entry.(desktop.Keyable).KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	p.presses(fyne.KeyReturn)
	entry.(desktop.Keyable).KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	p.sees("Justification", "Used lately") // Shift+Enter did nothing
	clip := fyne.CurrentApp().Clipboard()
	clip.SetContent(" on build-07,\nas agreed\n")
	entry.(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
	p.presses(fyne.KeyReturn)
	p.seesNot("Used lately")
	p.types(guitest.Code)
	p.sees("Install updateson build-07, as agreed")
}

// TestPlurals holds that whatever counts can also count one, in both languages.
func TestPlurals(t *testing.T) {
	same := map[string]bool{ // say nothing in the plural
		"activate.keep.name": true, "access.ring.days": true, "pages.assign.count.many": true, "pages.assign.remove.more": true, "pages.system.holders.more": true,
	}
	for _, lang := range gui.Languages() {
		own := resources.Texts(lang)
		say := model.NewText(lang, own, resources.Texts("en"), time.UTC)
		for key, text := range own {
			if !strings.Contains(text, "{n}") || strings.HasSuffix(key, ".one") || same[key] {
				continue
			}
			if _, ok := own[key+".one"]; !ok {
				t.Errorf("%s: %s has no form for one: %q", lang, key, text)
			}
		}
		for key, want := range map[string]map[string]string{
			"pages.system.wizard.done.roles": {"en": "1 role can be assigned.", "de": "1 Rolle kann zugewiesen werden."},
		} {
			if got := model.Count(say, key, 1); !strings.Contains(got, "1 ") || strings.Contains(got, "roles") || strings.Contains(got, "Rollen") {
				t.Errorf("%s: %q, want like %q", lang, got, want[lang])
			}
		}
		err := core.Errorf(core.Conflict, "", "system.draining", "system", "prod-db", "count", "1")
		if got := say.Error(err); strings.Contains(got, "grants") || strings.Contains(got, "Berechtigungen") {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

// typeName names what something is.
func typeName(v any) string { return fmt.Sprintf("%T", v) }

// TestButtonsStayOnTheirCards looks at every button of My access in both
// languages: none stands out of the card it is on.
func TestButtonsStayOnTheirCards(t *testing.T) {
	for _, lang := range gui.Languages() {
		for _, size := range []fyne.Size{{Width: 900, Height: 600}, {Width: 1180, Height: 760}, {Width: 3840, Height: 2160}} {
			p := sit(t, guitest.Busy, true, map[string]string{"language": lang})
			p.window.Window().Resize(size)
			type box struct{ left, top, right, bottom float32 }
			var cards []box
			guitest.Walk(p.canvas(), func(o fyne.CanvasObject, at fyne.Position) {
				b := box{at.X, at.Y, at.X + o.Size().Width, at.Y + o.Size().Height}
				switch o.(type) {
				case *part.Surface:
					cards = append(cards, b)
				case *part.Button:
					for _, c := range cards {
						if b.left > c.left && b.left < c.right && b.top > c.top && b.top < c.bottom && (b.right > c.right || b.bottom > c.bottom+0.5) {
							t.Errorf("%s %v: the button %q ends at %v, %v, its card at %v, %v", lang, size, o.(*part.Button).Text(), b.right, b.bottom, c.right, c.bottom)
						}
					}
				}
			})
		}
	}
}

// shownText is what a piece of text says.
func shownText(o fyne.CanvasObject) (string, bool) {
	t, ok := o.(*canvas.Text)
	if !ok || strings.TrimSpace(t.Text) == "" || t.Size().Width <= 0 {
		return "", false
	}
	return t.Text, true
}

// TestAWideWindowKeepsRowsReadable opens the page on a screen of 3840 pixels.
func TestAWideWindowKeepsRowsReadable(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.window.Window().Resize(fyne.NewSize(3840, 2160))
	at, ok := guitest.Find(p.canvas(), "Activate")
	if !ok || at.X > 2000 {
		t.Errorf("the buttons of the rows stand at %v", at.X)
	}
}
