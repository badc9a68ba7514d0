package gui_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/gui/guitest"
)

// The frame tells the worst, and the rest when asked; what access may outlast
// can't be put away, and everything goes by itself when it is over.
func TestTroublesAreShown(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.seesNot("could not be taken back", "Stint can't work with")
	p.service.Trouble(guitest.Wrong(p.now)...)
	p.window.Async().Pump()
	p.sees("orders_admin on prod-db could not be taken back yet · since 13:49", "The password was refused.", "Show assignments", "and 2 more")
	p.seesNot("Stint can't work with")
	p.clicks("and 2 more")
	p.sees("Stint can't work with build-07 right now · since 12:51", "Show systems", "The disk is full", "Show less")
	p.service.Trouble(guitest.Wrong(p.now)[:1]...)
	p.window.Async().Pump()
	p.seesNot("could not be taken back", "The disk is full", "and 1 more", "Show less")
	p.sees("Stint can't work with build-07")
	p.service.Trouble()
	p.window.Async().Pump()
	p.seesNot("Stint can't work with")
}

// A banner that comes while a page is shown takes the room it needs and no more,
// at once: its text wraps, and is measured as wide as it is shown.
func TestBannerTakesItsRoomAtOnce(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.service.Trouble(guitest.Wrong(p.now)...)
	p.window.Async().Pump()
	at := func() float32 {
		pos, ok := guitest.FindFirst(p.canvas(), "Eligible")
		if !ok {
			t.Fatalf("the page is gone:\n%s", p.words())
		}
		return pos.Y
	}
	got := at()
	p.window.Window().Resize(fyne.NewSize(1181, 760))
	p.window.Window().Resize(fyne.NewSize(1180, 760))
	if want := at(); got != want {
		t.Errorf("the page stood at %v, and after it was laid out again at %v", got, want)
	}
}

// TestTroubleLook keeps the look of the banners, in the smallest window too.
func TestTroubleLook(t *testing.T) {
	for _, at := range []struct {
		name, look, lang string
		size             fyne.Size
	}{
		{"light", "light", "en", fyne.NewSize(1180, 760)}, {"dark", "dark", "en", fyne.NewSize(1180, 760)}, {"german", "light", "de", fyne.NewSize(900, 600)},
	} {
		p := sit(t, guitest.Empty, true, map[string]string{"appearance": at.look, "language": at.lang})
		p.service.Trouble(guitest.Wrong(p.now)...)
		p.window.Async().Pump()
		p.clicks(map[string]string{"en": "and 2 more", "de": "und 2 weitere"}[at.lang])
		p.window.Window().Resize(at.size)
		p.golden("banners-" + at.name)
		p.fits()
	}
}
