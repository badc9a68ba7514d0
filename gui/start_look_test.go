package gui_test

import (
	"context"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/model"
)

// shutGate is a gate that doesn't open.
type shutGate struct {
	*guitest.Gate
	err error
}

func (g shutGate) State(context.Context) (core.GateState, error) { return core.GateState{}, g.err }

// begins opens a window before anybody is signed in.
func begins(t *testing.T, gate core.Gate, look, lang string) *person {
	t.Helper()
	a := test.NewTempApp(t)
	a.Preferences().SetString("appearance", look)
	a.Preferences().SetString("language", lang)
	hand := func(context.Context, core.Progress) (core.Gate, error) { return gate, nil }
	w := gui.New(a, gui.Deps{Gate: gate, Now: guitest.Noon, Place: time.UTC, Async: gui.NewDirectAsync(guitest.Noon),
		Restore: restores, Sample: hand, LeaveSample: func(context.Context) (core.Gate, error) { return gate, nil },
		Connect: func(context.Context, string) (core.Gate, error) { return gate, nil }})
	w.Show()
	t.Cleanup(w.Stop)
	return &person{t: t, window: w, now: guitest.Noon()}
}

// restores stands for a restore of a backup that guitest.Password opens.
func restores(_ context.Context, _ string, passphrase core.Secret, _ bool, tell core.Progress) (model.Restored, error) {
	tell(1, 2)
	if passphrase.Reveal() != guitest.Password {
		return model.Restored{}, core.Errorf(core.Refused, "passphrase", "backup.wrong_passphrase")
	}
	return model.Restored{Of: "Example AG", Made: guitest.Noon().Add(-26 * time.Hour), Entries: 4711, People: 14, Systems: 3, Ended: 2,
		Aside: "/home/alice/.local/share/stint/before-restore-2026-11-23-120000"}, nil
}

// TestStartGolden keeps the look of all that stands before My access: the
// first start page by page, the lock, a start that fails, and the end of a
// look around; in German in the smallest window.
func TestStartGolden(t *testing.T) {
	for _, at := range []struct {
		name, look, lang string
		size             fyne.Size
	}{
		{"light", "light", "en", fyne.NewSize(1180, 760)},
		{"dark", "dark", "en", fyne.NewSize(1180, 760)},
		{"german", "light", "de", fyne.NewSize(900, 600)},
		{"german-dark", "dark", "de", fyne.NewSize(900, 600)},
	} {
		t.Run(at.name, func(t *testing.T) {
			look := func(p *person, name string) {
				t.Helper()
				p.window.Window().Resize(at.size)
				p.golden("start/" + name + "-" + at.name)
				p.fits()
			}
			g := guitest.NewGate(guitest.Empty(guitest.Noon))
			g.Start.Empty = true
			p := begins(t, g, at.look, at.lang)
			look(p, "welcome")
			p.clicks(map[string]string{"en": "Restore from a backup", "de": "Aus einer Sicherung wiederherstellen"}[at.lang])
			look(p, "restore")
			p.types("/media/safe/stint.age")
			p.tab()
			p.tab()
			p.types("wrong")
			p.presses(fyne.KeyReturn)
			look(p, "restore-wrong")
			p.types(guitest.Password)
			p.presses(fyne.KeyReturn)
			look(p, "restored")
			p = begins(t, g, at.look, at.lang)
			p.presses(fyne.KeyReturn)
			look(p, "setup-you")
			for i, s := range []string{"Alice Miller", "alice", "alice@example.com", "Example AG", guitest.Password, guitest.Password} {
				if i > 0 {
					p.tab()
				}
				p.types(s)
			}
			p.presses(fyne.KeyReturn)
			look(p, "setup-factor")
			p.types("111111")
			look(p, "setup-factor-wrong")
			p.types(guitest.Code)
			look(p, "setup-codes")
			p.tab()
			p.tab()
			p.tab()
			p.presses(fyne.KeySpace)
			p.presses(fyne.KeyReturn)
			look(p, "setup-mail")
			for p.canvas().Focused() != nil && typeName(p.canvas().Focused()) != "*part.Button" {
				p.tab()
			}
			p.canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
			look(p, "setup-system")

			f := guitest.Typical(guitest.Noon)
			a := guitest.NewGate(f)
			p = begins(t, shutGate{a, core.Errorf(core.Unavailable, "", "storage.held", "path", "/home/alice/.local/share/stint/stint.db", "holder", "4711")}, at.look, at.lang)
			look(p, "trouble-held")
			p = begins(t, shutGate{a, core.Errorf(core.Refused, "", "seal.key_missing_everywhere", "path", "/home/alice/.local/share/stint/stint.key")}, at.look, at.lang)
			look(p, "trouble-key")
			a.Start.Sample = true
			look(begins(t, a, at.look, at.lang), "sample-ended")

			q := sit(t, guitest.Typical, true, map[string]string{"appearance": at.look, "language": at.lang})
			q.later(16 * time.Minute)
			look(q, "lock")
		})
	}
}

// fits fails where a button is cut or stands outside the window, or where two
// texts overlap that nothing covers.
func (p *person) fits() {
	p.t.Helper()
	type seen struct {
		text       string
		x, y, w, h float32
	}
	var texts []seen
	wide := p.canvas().Size().Width
	guitest.Walk(p.canvas(), func(o fyne.CanvasObject, at fyne.Position) {
		if s, ok := shownText(o); ok {
			z := o.MinSize()
			texts = append(texts, seen{s, at.X, at.Y, min(z.Width, o.Size().Width), z.Height})
			if at.X+min(z.Width, o.Size().Width) > wide {
				p.t.Errorf("%q ends outside the window", s)
			}
		}
	})
	for i, a := range texts {
		for _, b := range texts[:i] {
			if a.x+2 < b.x+b.w && b.x+2 < a.x+a.w && a.y+4 < b.y+b.h && b.y+4 < a.y+a.h {
				p.t.Errorf("%q and %q overlap", a.text, b.text)
			}
		}
	}
}

// TestAStartThatFailedGoesOn tries again on Enter.
func TestAStartThatFailedGoesOn(t *testing.T) {
	g := &mending{Gate: guitest.NewGate(guitest.Typical(guitest.Noon)), err: core.Errorf(core.Unavailable, "", "storage.damaged", "path", "/data/stint.db")}
	p := begins(t, g, "light", "en")
	p.sees("The database is damaged", "What it means for access", "Stint is not at work")
	p.clicks("Details")
	p.sees("storage.damaged · /data/stint.db")
	p.clicks("Restore from a backup…")
	p.sees("are moved aside and kept")
	p.clicks("Back")
	g.err = nil
	p.clicks("Try again")
	p.sees("Sign in")
}

// mending is a gate that opens once err is nil.
type mending struct {
	*guitest.Gate
	err error
}

func (g *mending) State(ctx context.Context) (core.GateState, error) {
	if g.err != nil {
		return core.GateState{}, g.err
	}
	return g.Gate.State(ctx)
}

// TestTheSampleCanBeContinued offers no sign-in where nobody has a password.
func TestTheSampleCanBeContinued(t *testing.T) {
	g := guitest.NewGate(guitest.Typical(guitest.Noon))
	g.Start.Sample = true
	p := begins(t, g, "light", "en")
	p.sees("Continue as the sample's administrator", "Leave the sample data")
	p.seesNot("Login", "Password")
}
