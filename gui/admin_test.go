package gui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
)

// stage is the window on a fake service, as the administrators' tests use it.
type stage struct {
	t    *testing.T
	w    *gui.Window
	fake *guitest.Admin
}

func newStage(t *testing.T, make func(func() time.Time) *guitest.Admin, look gui.Appearance, lang string) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	app.Preferences().SetString("appearance", string(look))
	app.Preferences().SetString("language", lang)
	fake := make(guitest.Noon)
	w := gui.New(app, gui.Deps{Gate: guitest.NewGate(fake), Tokens: guitest.Tokens{Token: "token"}, Now: guitest.Noon, Place: time.UTC,
		Version: "1.0", BackupDir: "/home/alice", Async: gui.NewDirectAsync(guitest.Noon)})
	w.Show()
	w.Window().Resize(fyne.NewSize(1180, 760))
	t.Cleanup(w.Stop)
	return &stage{t: t, w: w, fake: fake}
}

func (s *stage) canvas() fyne.Canvas { return s.w.Window().Canvas() }

// objects are all that can be seen: of a dialog, where one is open.
func (s *stage) objects() []fyne.CanvasObject {
	var out []fyne.CanvasObject
	guitest.Walk(s.canvas(), func(o fyne.CanvasObject, _ fyne.Position) { out = append(out, o) })
	return out
}

// press presses the button of a text.
func (s *stage) press(text string) {
	s.t.Helper()
	for _, o := range s.objects() {
		if b, ok := o.(*part.Button); ok && b.Text() == text && b.Visible() {
			if b.Disabled() {
				s.t.Fatalf("the button %q is shut; on the page: %s", text, s.words())
			}
			test.Tap(b)
			return
		}
	}
	s.t.Fatalf("no button %q; on the page: %s", text, s.words())
}

// pressLast presses the last button of a text.
func (s *stage) pressLast(text string) {
	s.t.Helper()
	var last *part.Button
	for _, o := range s.objects() {
		if b, ok := o.(*part.Button); ok && b.Text() == text && b.Visible() {
			last = b
		}
	}
	if last == nil {
		s.t.Fatalf("no button %q; on the page: %s", text, s.words())
	}
	test.Tap(last)
}

// toggle turns the switch of a label with the keyboard.
func (s *stage) toggle(label string) {
	s.t.Helper()
	for _, o := range s.objects() {
		if w, ok := o.(*part.Switch); ok && w.Label() == label && w.Visible() {
			w.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
			return
		}
	}
	s.t.Fatalf("no switch %q; on the page: %s", label, s.words())
}

// check ticks, or unticks, a box with the keyboard.
func (s *stage) check(text string) {
	s.t.Helper()
	for _, o := range s.objects() {
		if c, ok := o.(*part.Check); ok && c.Text() == text && c.Visible() {
			c.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
			return
		}
	}
	s.t.Fatalf("no box %q; on the page: %s", text, s.words())
}

// option presses the card whose title is text.
func (s *stage) option(text string) {
	s.t.Helper()
	for _, o := range s.objects() {
		i, ok := o.(*part.Item)
		if !ok {
			continue
		}
		for _, x := range test.LaidOutObjects(i) {
			if l, ok := x.(*part.Text); ok && l.Text() == text {
				test.Tap(i)
				return
			}
		}
	}
	s.t.Fatalf("no card %q; on the page: %s", text, s.words())
}

// search types into the page's n-th search field.
func (s *stage) search(n int, text string) {
	s.t.Helper()
	found := s.all(func(o fyne.CanvasObject) bool { _, ok := o.(*part.Search); return ok })
	if n >= len(found) {
		s.t.Fatalf("there are only %d search fields", len(found))
	}
	part.FocusOn(found[n])
	s.write(text)
}

// fields are the fields to type into, in the order of the page.
func (s *stage) fields() []*part.Field {
	var out []*part.Field
	for _, o := range s.all(func(o fyne.CanvasObject) bool { _, ok := o.(*part.Field); return ok }) {
		out = append(out, o.(*part.Field))
	}
	return out
}

// fill types into the n-th field.
func (s *stage) fill(n int, text string) {
	s.t.Helper()
	f := s.fields()
	if n >= len(f) {
		s.t.Fatalf("there are only %d fields; on the page: %s", len(f), s.words())
	}
	f[n].SetValue("")
	part.FocusOn(f[n])
	s.write(text)
}

// write types where the keyboard is.
func (s *stage) write(text string) {
	s.t.Helper()
	if s.canvas().Focused() == nil {
		s.t.Fatalf("nothing has the keyboard; on the page: %s", s.words())
	}
	for _, r := range text {
		if f := s.canvas().Focused(); f != nil { // the last digit of a code moves on
			f.TypedRune(r)
		}
	}
}

func (s *stage) all(fits func(fyne.CanvasObject) bool) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, o := range s.objects() {
		if fits(o) && o.Visible() {
			out = append(out, o)
		}
	}
	return out
}

// key presses a key where the keyboard is.
func (s *stage) key(name fyne.KeyName) {
	e := &fyne.KeyEvent{Name: name}
	if f := s.canvas().Focused(); f != nil {
		f.TypedKey(e)
		return
	}
	if f := s.canvas().OnTypedKey(); f != nil {
		f(e)
	}
}

// words are all texts on the page, for messages and for looking for one.
func (s *stage) words() string {
	var out []string
	for _, o := range s.objects() {
		switch x := o.(type) {
		case *part.Text:
			out = append(out, x.Text())
		case *part.Para:
			out = append(out, x.Text())
		case *part.Chip:
			out = append(out, x.Text())
		case *part.Button:
			out = append(out, x.Text())
		}
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), " | ")
}

func (s *stage) sees(text string) {
	s.t.Helper()
	if !strings.Contains(s.words(), text) {
		s.t.Fatalf("the page doesn't say %q; it says: %s", text, s.words())
	}
}

// last is the last command that was sent.
func (s *stage) last() core.Command {
	s.t.Helper()
	if len(s.fake.Calls) == 0 {
		s.t.Fatal("nothing was sent")
	}
	return s.fake.Calls[len(s.fake.Calls)-1].Command
}

// TestAdminGolden compares every administrators' page with its golden markup,
// light and dark, with empty, typical and hostile data, and in German.
func TestAdminGolden(t *testing.T) {
	data := map[string]func(func() time.Time) *guitest.Admin{"empty": guitest.AdminEmpty, "typical": guitest.AdminTypical, "hostile": guitest.AdminHostile}
	for _, page := range []string{"assignments", "roles", "audit", "systems", "people", "settings"} {
		for name, make := range data {
			for _, look := range []gui.Appearance{gui.Light, gui.Dark} {
				t.Run(fmt.Sprintf("%s/%s/%s", page, name, look), func(t *testing.T) {
					s := newStage(t, make, look, "en")
					s.w.Open(page)
					s.golden(fmt.Sprintf("%s-%s-%s", page, name, look))
				})
			}
		}
		t.Run(page+"/german", func(t *testing.T) {
			s := newStage(t, guitest.AdminTypical, gui.Light, "de")
			s.w.Window().Resize(fyne.NewSize(900, 600))
			s.w.Open(page)
			s.golden(page + "-german-light")
		})
	}
	for _, look := range []gui.Appearance{gui.Light, gui.Dark} {
		for name, make := range map[string]func(func() time.Time) *guitest.Admin{"typical": guitest.AdminTypical, "hostile": guitest.AdminHostile} {
			t.Run(fmt.Sprintf("further/%s/%s", name, look), func(t *testing.T) {
				suffix := fmt.Sprintf("-%s-%s", name, look)
				s := newStage(t, make, look, "en")
				s.w.Open("assignments")
				s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
				s.golden("assignment-detail" + suffix)
				s.w.Open("audit")
				s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
				s.golden("audit-entry" + suffix)
				s.w.Open("roles")
				test.Tap(s.all(func(o fyne.CanvasObject) bool { _, ok := o.(*part.Item); return ok })[0].(*part.Item))
				s.golden("role" + suffix)
				s.w.Open("people")
				s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
				s.golden("person" + suffix)
			})
		}
	}
}

// golden compares the window with a file of testdata/admin, or writes it.
func (s *stage) golden(name string) {
	s.t.Helper()
	path, got := filepath.Join("testdata", "admin", name+".xml"), guitest.Markup(s.canvas())
	if updating() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatalf("%v (write it with -update)", err)
	}
	if got != string(want) {
		s.t.Errorf("%s differs from what is shown; look at it, and write it anew with -update.\n%s", path, guitest.FirstDifference(string(want), got))
	}
}
