package part

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// entry is the toolkit's field with what a window with a keyboard needs: Esc
// and Enter go on to whoever confirms or closes, and shortcuts to the window.
type entry struct {
	widget.Entry
	filter func(*fyne.KeyEvent) bool // true: used up
	typed  func(r rune) bool         // true: used up
	focus  func(on bool)
	paste  func(string) bool // true: used up
	all    bool              // select everything when the keyboard comes
	shift  bool              // is held down
	rests  bool              // see Rest
}

func newEntry() *entry {
	e := &entry{}
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey implements fyne.Focusable.
func (e *entry) TypedKey(k *fyne.KeyEvent) {
	inUse(e)
	if e.filter != nil && e.filter(k) {
		return
	}
	switch k.Name {
	case fyne.KeyEscape:
		Unhandled(e, k)
		return
	case fyne.KeyReturn, fyne.KeyEnter:
		// Enter goes on from a field of several lines, too: what is typed there
		// is one paragraph, which only wraps. Shift+Enter, which elsewhere
		// breaks a line, does nothing rather than send something unfinished.
		switch {
		case e.shift:
		case e.OnSubmitted != nil:
			e.OnSubmitted(e.Text)
		default:
			Unhandled(e, k)
		}
		return
	}
	e.Entry.TypedKey(k)
}

// Rest stops the caret of the field that has the keyboard, or lets it blink
// again. The toolkit fades it sixty times a second for as long as the window is
// there, and nobody looks at one that nobody types into. Keys still arrive.
func Rest(o fyne.Focusable, on bool) {
	e, ok := o.(*entry)
	switch {
	case !ok || e.rests == on:
	case on:
		e.Entry.FocusLost()
	default:
		e.Entry.FocusGained()
	}
	if ok {
		e.rests = on
	}
}

// KeyDown implements desktop.Keyable.
func (e *entry) KeyDown(k *fyne.KeyEvent) {
	if k.Name == desktop.KeyShiftLeft || k.Name == desktop.KeyShiftRight {
		e.shift = true
	}
	e.Entry.KeyDown(k)
}

// KeyUp implements desktop.Keyable.
func (e *entry) KeyUp(k *fyne.KeyEvent) {
	if k.Name == desktop.KeyShiftLeft || k.Name == desktop.KeyShiftRight {
		e.shift = false
	}
	e.Entry.KeyUp(k)
}

// AcceptsTab lets Tab lead on from a field of several lines, too: nobody could
// leave it with the keyboard otherwise (WCAG 2.1.2), and the rules take no tabs.
func (e *entry) AcceptsTab() bool { return false }

// TypedRune implements fyne.Focusable.
func (e *entry) TypedRune(r rune) {
	inUse(e)
	if e.typed != nil && e.typed(r) {
		return
	}
	e.Entry.TypedRune(r)
}

// TypedShortcut implements fyne.Shortcutable.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	inUse(e)
	if p, ok := s.(*fyne.ShortcutPaste); ok && p.Clipboard != nil {
		if e.paste != nil && e.paste(p.Clipboard.Content()) {
			return
		}
		e.Entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: paragraph{p.Clipboard}})
		return
	}
	if c, ok := s.(*desktop.CustomShortcut); ok {
		if !(c.Modifier == fyne.KeyModifierControl && (c.KeyName == fyne.KeyLeft || c.KeyName == fyne.KeyRight)) {
			if c.Modifier == fyne.KeyModifierControl && (c.KeyName == fyne.KeyReturn || c.KeyName == fyne.KeyEnter) {
				Unhandled(e, &fyne.KeyEvent{Name: fyne.KeyReturn})
				return
			}
			passShortcut(e, s)
			return
		}
	}
	e.Entry.TypedShortcut(s)
}

// paragraph is a clipboard whose text has no line breaks: the rules take none,
// and what is pasted from a mail or a ticket often ends in one.
type paragraph struct{ fyne.Clipboard }

// Content implements fyne.Clipboard.
func (p paragraph) Content() string {
	s := p.Clipboard.Content()
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

func (e *entry) FocusGained() {
	e.Entry.FocusGained()
	if e.all {
		e.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
	if e.focus != nil {
		e.focus(true)
	}
	focusMoved()
}

func (e *entry) FocusLost() {
	e.shift, e.rests = false, false
	e.Entry.FocusLost()
	if e.focus != nil {
		e.focus(false)
	}
}

// Field is a labelled text field: label above, unit inside at the right,
// helper below, and an error in the helper's place.
type Field struct {
	widget.BaseWidget
	label  *Text
	entry  *entry
	wheel  *wheel
	helper *Para
	unit   *Text
	eye    *eye
	help   string
	err    string
	change func(string)
	relay  func()
	lines  float32
	quiet  bool // being set by the program
}

// FieldSpec says what a Field is like.
type FieldSpec struct {
	Label       string
	Value       string
	Placeholder string
	Helper      string
	Unit        string
	Password    bool
	Lines       int // more than 1: several lines
	Mono        bool
	Changed     func(string) // after every change
	Submitted   func()       // on Enter; nil: passed on to the wizard or dialog
	Relayout    func()       // called when the field needs another height (an error appeared)
}

// NewField makes a field.
func NewField(s FieldSpec) *Field {
	f := &Field{label: NewText(s.Label, Body, Medium(), Ink), entry: newEntry(), helper: NewHint(s.Helper),
		help: s.Helper, change: s.Changed, relay: s.Relayout}
	f.entry.Text = s.Value
	f.entry.PlaceHolder = s.Placeholder
	f.entry.Password = s.Password
	if s.Mono {
		f.entry.TextStyle = Mono()
	}
	if s.Lines > 1 {
		f.entry.MultiLine, f.entry.Wrapping = true, fyne.TextWrapWord
		f.lines = float32(s.Lines)
	} else {
		f.lines = 1
	}
	if s.Submitted != nil {
		f.entry.OnSubmitted = func(string) { s.Submitted() }
	}
	f.wheel = newWheel(f.entry)
	f.entry.OnChanged = func(v string) {
		f.SetError("")
		f.yield()
		if f.change != nil && !f.quiet {
			f.change(v)
		}
	}
	if s.Unit != "" {
		f.unit = NewFaint(s.Unit)
	}
	if s.Password {
		f.eye = newEye(func(show bool) {
			f.entry.Password = !show
			f.entry.Refresh()
		})
	}
	if f.eye != nil {
		f.entry.ActionItem = f.eye // instead of the toolkit's own
	}
	f.ExtendBaseWidget(f)
	return f
}

// Value returns what stands in the field.
func (f *Field) Value() string { return f.entry.Text }

// SetValue writes into the field without calling Changed.
func (f *Field) SetValue(v string) {
	if v == f.entry.Text {
		return
	}
	f.quiet = true
	f.entry.SetText(v)
	f.quiet = false
}

// SetError shows what is wrong in the helper's place; empty takes it away.
func (f *Field) SetError(s string) {
	if s == f.err {
		return
	}
	f.err = s
	if s == "" {
		f.helper.Set(f.help, Muted)
	} else {
		f.helper.Set(s, DangerInk)
	}
	f.Refresh()
	if f.relay != nil {
		f.relay()
	}
}

// SetHelper changes the sentence below.
func (f *Field) SetHelper(s string) {
	f.help = s
	if f.err == "" {
		f.helper.Set(s, Muted)
		f.Refresh()
	}
}

// Problem returns the error shown.
func (f *Field) Problem() string { return f.err }

// SetEnabled lets the field be typed into or not.
func (f *Field) SetEnabled(on bool) {
	if on {
		f.entry.Enable()
	} else {
		f.entry.Disable()
	}
}

// FocusTarget is what the keyboard goes to; see FocusOn.
func (f *Field) FocusTarget() fyne.CanvasObject { return f.entry }

// yield lets a field of several lines have the mouse wheel where there is more
// in it than it shows.
func (f *Field) yield() {
	over := false
	if w := f.entry.Size().Width; f.lines > 1 && w > 0 {
		over = NewPara(f.entry.Text, Body, Regular(), Ink).HeightFor(w-24) > f.lines*20
	}
	f.wheel.Hidden = over
}

func (f *Field) entryHeight() float32 {
	if f.lines > 1 {
		return f.lines*20 + 18
	}
	return 36
}

// HeightFor implements Tall.
func (f *Field) HeightFor(w float32) float32 {
	h := f.entryHeight()
	if f.label.Text() != "" {
		h += 24
	}
	if f.helper.Text() != "" {
		h += 6 + f.helper.HeightFor(w)
	}
	return h
}

func (f *Field) CreateRenderer() fyne.WidgetRenderer {
	edge := box(Radius)
	objects := []fyne.CanvasObject{f.label, edge, f.entry, f.wheel, f.helper}
	if f.unit != nil {
		objects = append(objects, f.unit)
	}
	return draw(func(z fyne.Size) {
		var y float32
		if f.label.Text() != "" {
			place(f.label, 0, 0, z.Width, 18)
			y = 24
		}
		h := f.entryHeight()
		place(f.entry, 0, y, z.Width, h)
		place(f.wheel, 0, y, z.Width, h)
		f.yield()
		place(edge, 0, y, z.Width, h)
		if f.unit != nil {
			u := f.unit.MinSize()
			place(f.unit, z.Width-u.Width-12, y+middle(h, u.Height), u.Width, u.Height)
		}
		place(f.helper, 0, y+h+6, z.Width, f.helper.HeightFor(z.Width))
	}, func() fyne.Size {
		w := f.Size().Width
		if w <= 0 {
			w = 240
		}
		return fyne.NewSize(120, f.HeightFor(w))
	}, func() {
		fill(edge, Panel, Edge)
		if f.err != "" {
			fill(edge, Panel, Danger)
		}
	}, objects...)
}

// Search is a field to filter by as one types.
type Search struct {
	widget.BaseWidget
	entry *entry
	icon  *Icon
	clear *Button
	wheel *wheel
	keys  func(*fyne.KeyEvent)
}

// NewSearch makes a search field; changed is called at every change.
func NewSearch(placeholder string, changed func(string)) *Search {
	s := &Search{entry: newEntry(), icon: NewIcon("search", Faint, 16)}
	s.wheel = newWheel(s.entry)
	s.entry.PlaceHolder = placeholder
	s.entry.Icon = IconResource("search", Colour(Faint))
	s.clear = NewButtonOf(Quiet, "", "close", func() { s.entry.SetText(""); FocusOn(s) }).Compact()
	s.clear.Hide()
	s.entry.OnChanged = func(v string) {
		if (v == "") == s.clear.Visible() {
			s.clear.Hidden = v == ""
			s.clear.Refresh()
		}
		changed(v)
	}
	s.entry.filter = func(k *fyne.KeyEvent) bool {
		switch k.Name {
		case fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown:
			if s.keys != nil {
				s.keys(k)
				return true
			}
		}
		if k.Name == fyne.KeyEscape && s.entry.Text != "" {
			s.entry.SetText("")
			return true
		}
		return false
	}
	s.ExtendBaseWidget(s)
	return s
}

// Keys sends Up, Down and the page keys to a list below, so that one can
// choose while typing.
func (s *Search) Keys(f func(*fyne.KeyEvent)) { s.keys = f }

// Value returns what is searched for.
func (s *Search) Value() string { return s.entry.Text }

// SetValue writes into the field, which also calls changed.
func (s *Search) SetValue(v string) { s.entry.SetText(v) }

// FocusTarget is what the keyboard goes to.
func (s *Search) FocusTarget() fyne.CanvasObject { return s.entry }

func (s *Search) CreateRenderer() fyne.WidgetRenderer {
	back := box(Radius)
	return draw(func(z fyne.Size) {
		place(back, 0, 0, z.Width, z.Height)
		place(s.entry, 0, 0, z.Width, z.Height)
		place(s.wheel, 0, 0, z.Width, z.Height)
		place(s.clear, z.Width-32, middle(z.Height, 28), 28, 28)
	}, func() fyne.Size { return fyne.NewSize(200, 36) }, func() {
		fill(back, Panel, Edge)
		s.entry.Icon = IconResource("search", Colour(Faint))
	}, back, s.entry, s.wheel, s.clear)
}
