package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Check is a box to tick, with words beside it (which may be empty).
type Check struct {
	widget.BaseWidget
	touch
	On     bool // render goroutine only; change it with Set
	text   string
	change func(bool)
	back   *canvas.Rectangle
	ring   *canvas.Rectangle
	tick   *Icon
	label  *canvas.Text
}

// NewCheck makes a check box.
func NewCheck(text string, on bool, change func(bool)) *Check {
	c := &Check{On: on, text: text, change: change, back: box(4), ring: box(6), tick: NewIcon("check", OnAccent, 14), label: canvas.NewText("", nil)}
	c.touch.again = c.Refresh
	c.ExtendBaseWidget(c)
	return c
}

// Set ticks or clears without calling change.
func (c *Check) Set(on bool) {
	if on != c.On {
		c.On = on
		c.Refresh()
	}
}

// Text returns the words.
func (c *Check) Text() string { return c.text }

// SetText changes the words.
func (c *Check) SetText(s string) { c.text = s; c.Refresh() }

// Tapped toggles.
func (c *Check) Tapped(*fyne.PointEvent) {
	if c.disabled {
		return
	}
	c.Set(!c.On)
	if c.change != nil {
		c.change(c.On)
	}
}

// TypedKey toggles on Space.
func (c *Check) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace {
		c.Tapped(nil)
		return
	}
	Unhandled(c, k)
}

func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		y := middle(z.Height, 16)
		place(c.back, 0, y, 16, 16)
		place(c.ring, -3, y-3, 22, 22)
		place(c.tick, 1, y+1, 14, 14)
		h := c.label.MinSize().Height
		place(c.label, 24, middle(z.Height, h), z.Width-24, h)
	}, func() fyne.Size {
		w := float32(16)
		if c.text != "" {
			w += 8 + fyne.MeasureText(c.text, Body, Regular()).Width
		}
		return fyne.NewSize(w, 20)
	}, func() {
		switch {
		case c.On && c.disabled:
			fill(c.back, Edge, "")
		case c.On:
			fill(c.back, Accent, "")
		case c.hovered && !c.disabled:
			fill(c.back, Panel, Muted)
		default:
			fill(c.back, Panel, Edge)
		}
		if !c.On {
			c.back.StrokeWidth = 1.5
		}
		c.tick.Hidden = !c.On
		outline(c.ring)
		c.ring.Hidden = !c.focused
		c.label.Text, c.label.TextSize, c.label.Color = c.text, Body, Colour(Ink)
		if c.disabled {
			c.label.Color = Colour(Faint)
		}
	}, c.back, c.ring, c.tick, c.label)
}

// Switch turns a setting on and off; label and helper stand at its left.
type Switch struct {
	widget.BaseWidget
	touch
	On     bool
	label  *Text
	helper *Para
	change func(bool)
	track  *canvas.Rectangle
	ring   *canvas.Rectangle
	knob   *canvas.Circle
}

// NewSwitch makes a switch; helper may be empty.
func NewSwitch(label, helper string, on bool, change func(bool)) *Switch {
	s := &Switch{On: on, label: NewText(label, Body, Medium(), Ink).Shrinking(), helper: NewHint(helper), change: change,
		track: box(10), ring: box(12), knob: canvas.NewCircle(nil)}
	s.touch.again = s.Refresh
	s.ExtendBaseWidget(s)
	return s
}

// Label returns the words beside it.
func (s *Switch) Label() string { return s.label.Text() }

// Set turns it without calling change.
func (s *Switch) Set(on bool) { s.On = on; s.Refresh() }

// Tapped toggles.
func (s *Switch) Tapped(*fyne.PointEvent) {
	if s.disabled {
		return
	}
	s.Set(!s.On)
	if s.change != nil {
		s.change(s.On)
	}
}

// TypedKey toggles on Space.
func (s *Switch) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace {
		s.Tapped(nil)
		return
	}
	Unhandled(s, k)
}

// HeightFor implements Tall.
func (s *Switch) HeightFor(w float32) float32 {
	h := float32(22)
	if s.helper.Text() != "" {
		h += s.helper.HeightFor(w - 60)
	}
	return h
}

func (s *Switch) CreateRenderer() fyne.WidgetRenderer {
	lay := func(z fyne.Size) {
		place(s.label, 0, 0, z.Width-60, 20)
		place(s.helper, 0, 22, z.Width-60, s.helper.HeightFor(z.Width-60))
		x := z.Width - 36
		place(s.track, x, 0, 36, 20)
		place(s.ring, x-3, -3, 42, 26)
		k := x + 3
		if s.On {
			k = x + 19
		}
		place(s.knob, k, 3, 14, 14)
	}
	return draw(lay, func() fyne.Size {
		w := s.Size().Width
		if w <= 0 {
			w = 300
		}
		return fyne.NewSize(fyne.Min(s.label.width(s.label.text), 200)+60, s.HeightFor(w))
	}, func() {
		if s.On {
			fill(s.track, Accent, "")
			s.knob.FillColor = Colour(OnAccent)
		} else {
			fill(s.track, Edge, "")
			s.knob.FillColor = Colour(Panel)
		}
		if s.disabled {
			fill(s.track, Track, "")
		}
		outline(s.ring)
		s.ring.Hidden = !s.focused
		lay(s.Size())
	}, s.label, s.helper, s.track, s.ring, s.knob)
}

// Segments is a choice of a few, side by side.
type Segments struct {
	widget.BaseWidget
	touch
	options []string
	chosen  int
	change  func(int)
	back    *canvas.Rectangle
	ring    *canvas.Rectangle
	thumb   *canvas.Rectangle
	labels  []*canvas.Text
}

// NewSegments makes the choice; chosen is an index into options.
func NewSegments(options []string, chosen int, change func(int)) *Segments {
	s := &Segments{options: options, chosen: chosen, change: change, back: box(Radius), ring: box(Radius + 2), thumb: box(Tight)}
	for range options {
		s.labels = append(s.labels, canvas.NewText("", nil))
	}
	s.touch.again = s.Refresh
	s.ExtendBaseWidget(s)
	return s
}

// Options returns what there is to choose.
func (s *Segments) Options() []string { return s.options }

// Chosen returns the index chosen.
func (s *Segments) Chosen() int { return s.chosen }

// Choose chooses without calling change.
func (s *Segments) Choose(i int) { s.chosen = i; s.Refresh() }

func (s *Segments) pick(i int) {
	if i < 0 || i >= len(s.options) || i == s.chosen || s.disabled {
		return
	}
	s.Choose(i)
	if s.change != nil {
		s.change(i)
	}
}

// Tapped chooses what is under the pointer.
func (s *Segments) Tapped(e *fyne.PointEvent) {
	var x float32 = 3
	for i := range s.options {
		x += s.width(i)
		if e.Position.X < x {
			s.pick(i)
			return
		}
	}
}

// TypedKey moves with the arrows.
func (s *Segments) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyLeft:
		s.pick(s.chosen - 1)
	case fyne.KeyRight:
		s.pick(s.chosen + 1)
	default:
		Unhandled(s, k)
	}
}

func (s *Segments) width(i int) float32 {
	return fyne.MeasureText(s.options[i], Body, Medium()).Width + 28
}

func (s *Segments) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{s.back, s.ring, s.thumb}
	for _, l := range s.labels {
		objects = append(objects, l)
	}
	total := func() (w float32) {
		for i := range s.options {
			w += s.width(i)
		}
		return w + 6
	}
	lay := func(z fyne.Size) {
		y := middle(z.Height, 34)
		place(s.back, 0, y, total(), 34)
		place(s.ring, -2, y-2, total()+4, 38)
		var x float32 = 3
		for i, l := range s.labels {
			w := s.width(i)
			if i == s.chosen {
				place(s.thumb, x, y+3, w, 28)
			}
			h := l.MinSize().Height
			place(l, x, y+middle(34, h), w, h)
			x += w
		}
	}
	return draw(lay, func() fyne.Size { return fyne.NewSize(total(), 34) }, func() {
		fill(s.back, Track, "")
		fill(s.thumb, Panel, "")
		outline(s.ring)
		s.ring.Hidden = !s.focused
		for i, l := range s.labels {
			l.Text, l.TextSize, l.TextStyle, l.Alignment = s.options[i], Body, Medium(), fyne.TextAlignCenter
			l.Color = Colour(Muted)
			if i == s.chosen {
				l.Color = Colour(Ink)
			}
		}
		lay(s.Size())
	}, objects...)
}

// Select is a choice from a list that opens below it.
type Select struct {
	widget.BaseWidget
	touch
	label   *Text
	options []string
	chosen  int // -1: nothing yet
	hint    string
	change  func(int)
	back    *canvas.Rectangle
	ring    *canvas.Rectangle
	value   *Text
	arrow   *Icon
	fit     bool
	many    func() bool // opens a search instead of the menu; see Searching
}

// NewSelect makes the choice; label may be empty, chosen -1 shows hint.
func NewSelect(label string, options []string, chosen int, hint string, change func(int)) *Select {
	s := &Select{label: NewText(label, Body, Medium(), Ink), options: options, chosen: chosen, hint: hint, change: change,
		back: box(Radius), ring: box(Radius + 2), value: NewBody("").Shrinking(), arrow: NewIcon("chevron-down", Muted, 16)}
	s.touch.again = s.Refresh
	s.ExtendBaseWidget(s)
	return s
}

// widestFit is how wide the value of a fitting Select gets at most: a role's
// name may have 120 characters, and other filters stand beside it.
const widestFit = 240

// Fitting makes the select as wide as its value instead of its place: a
// filter above a table; returns s.
func (s *Select) Fitting() *Select { s.fit = true; s.value.shrink = false; return s }

// Label returns the words above it, and Options what there is to choose.
func (s *Select) Label() string { return s.label.Text() }

// Hint is what it says while nothing is chosen.
func (s *Select) Hint() string { return s.hint }

// Options see Label.
func (s *Select) Options() []string { return s.options }

// Chosen returns the index chosen, or -1.
func (s *Select) Chosen() int { return s.chosen }

// SetOptions replaces the list.
func (s *Select) SetOptions(options []string, chosen int) {
	s.options, s.chosen = options, chosen
	s.Refresh()
}

// Choose chooses without calling change.
func (s *Select) Choose(i int) { s.chosen = i; s.Refresh() }

// Pick chooses as a person would.
func (s *Select) Pick(i int) {
	if i < 0 || i >= len(s.options) {
		return
	}
	was := s.chosen
	s.Choose(i)
	if s.change != nil && was != i {
		s.change(i)
	}
}

// Tapped opens the list.
func (s *Select) Tapped(*fyne.PointEvent) {
	if s.disabled || s.many != nil && s.many() {
		return
	}
	items := make([]*fyne.MenuItem, len(s.options))
	for i, o := range s.options {
		items[i] = fyne.NewMenuItem(oneLine(o), func() { s.Pick(i) })
		items[i].Checked = i == s.chosen
	}
	openMenu(s, fyne.NewMenu("", items...), fyne.NewPos(0, s.Size().Height+4), s.Size().Width, false)
}

// TypedKey opens on Space, Enter and Down.
func (s *Select) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown:
		s.Tapped(nil)
	default:
		Unhandled(s, k)
	}
}

// OpenMenu shows a menu below o; its right edges meet if right is set.
func OpenMenu(o fyne.CanvasObject, m *fyne.Menu, right bool) {
	openMenu(o, m, fyne.NewPos(0, o.Size().Height+4), 0, right)
}

func (s *Select) CreateRenderer() fyne.WidgetRenderer {
	top := func() float32 {
		if s.label.Text() != "" {
			return 24
		}
		return 0
	}
	return draw(func(z fyne.Size) {
		place(s.label, 0, 0, z.Width, 18)
		y := top()
		h := z.Height - y
		place(s.back, 0, y, z.Width, h)
		place(s.ring, -2, y-2, z.Width+4, h+4)
		place(s.value, 12, y, fyne.Max(0, z.Width-44), h)
		place(s.arrow, z.Width-26, y+middle(h, 16), 16, 16)
	}, func() fyne.Size {
		w := float32(140)
		if s.fit {
			w = fyne.Min(s.value.MinSize().Width, widestFit) + 46
		}
		return fyne.NewSize(w, top()+36)
	}, func() {
		if s.chosen >= 0 && s.chosen < len(s.options) {
			s.value.SetText(s.options[s.chosen])
			s.value.SetColour(Ink)
		} else {
			s.value.SetText(s.hint)
			s.value.SetColour(Faint)
		}
		fill(s.back, Panel, Edge)
		if s.fit {
			fill(s.back, Panel, Line)
		}
		if s.hovered && !s.disabled {
			fill(s.back, Hover, Edge)
		}
		outline(s.ring)
		s.ring.Hidden = !s.focused
	}, s.label, s.back, s.ring, s.value, s.arrow)
}
