package part

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Step is one page of a wizard.
type Step struct {
	Key   string // the same while the step is the same, also when others come and go
	Title string
	Body  fyne.CanvasObject
	// Tall: Body gets the whole height itself (it holds a table); else it scrolls.
	Tall   bool
	Next   string            // on the button; empty: the wizard's Next
	Icon   string            // on the button; may be empty
	Foot   fyne.CanvasObject // at the left of the buttons; may be nil
	NoBack bool              // there is no way back from here
	// Focus takes the keyboard when the step is shown; may be nil.
	Focus fyne.CanvasObject
	// Shown is called each time the step comes up; may be nil.
	Shown func()
	// Leave is called on Next. It checks, shows what is wrong in place, and
	// calls proceed(true) to go on, at once or when its work is done, or
	// proceed(false) to stay. nil: go on.
	Leave func(proceed func(ok bool))
}

// WizardSpec says what a wizard is like.
type WizardSpec struct {
	// Steps returns the steps that apply now; it is asked again on every move,
	// so steps come and go with the answers given before.
	Steps              func() []Step
	Back, Next, Cancel string
	Closed             func() // Esc or Cancel on the first page
	NoCancel           bool   // nothing to go back to: first start
}

// Wizard leads through steps: their names above, one page at a time, Back and
// Next below. Enter is Next, Esc is Back on later pages and Cancel on the first.
type Wizard struct {
	widget.BaseWidget
	spec   WizardSpec
	steps  []Step
	at     int
	header *StepHeader
	scroll *Scroll
	hold   *fyne.Container
	foot   *fyne.Container
	back   *Button
	next   *Button
	result bool
	begun  bool // it is on a canvas: there is something to focus
}

// NewWizard makes a wizard that shows its first step.
func NewWizard(s WizardSpec) *Wizard {
	w := &Wizard{spec: s, header: NewStepHeader(), scroll: NewScroll(Gap(1, 1)), hold: Layers(), foot: Row(10)}
	w.back = NewButton(s.Back, w.Back)
	w.next = NewPrimary(s.Next, w.Forward)
	w.ExtendBaseWidget(w)
	w.show(0)
	return w
}

// At returns the key of the step shown.
func (w *Wizard) At() string { return w.steps[w.at].Key }

// Next returns the button that goes on, for enabling it.
func (w *Wizard) Next() *Button { return w.next }

// Relayout measures the page again after its content changed.
func (w *Wizard) Relayout() { w.scroll.Relayout() }

// Refit asks for the steps again, staying on the present one: after an answer
// that lets others come or go, or changes the button's words.
func (w *Wizard) Refit() {
	if w.result {
		return
	}
	key := w.steps[w.at].Key
	w.steps = w.spec.Steps()
	for i, s := range w.steps {
		if s.Key == key {
			w.at = i
		}
	}
	w.at = min(w.at, len(w.steps)-1)
	w.title()
}

// Forward is Next.
func (w *Wizard) Forward() {
	if w.result || w.next.busy || w.next.disabled {
		return
	}
	s := w.steps[w.at]
	if s.Leave == nil {
		w.go_(s.Key, 1)
		return
	}
	w.next.Busy(true)
	s.Leave(func(ok bool) {
		w.next.Busy(false)
		if ok && !w.result {
			w.go_(s.Key, 1)
		}
	})
}

// Back goes one step back, or closes on the first.
func (w *Wizard) Back() {
	if !w.result && w.steps[w.at].NoBack {
		return
	}
	if w.result || w.at == 0 {
		if !w.spec.NoCancel && w.spec.Closed != nil {
			w.spec.Closed()
		}
		return
	}
	w.go_(w.steps[w.at].Key, -1)
}

// Go shows the step of a key.
func (w *Wizard) Go(key string) {
	w.steps = w.spec.Steps()
	for i, s := range w.steps {
		if s.Key == key {
			w.show(i)
			return
		}
	}
}

func (w *Wizard) go_(from string, by int) {
	w.steps = w.spec.Steps()
	for i, s := range w.steps {
		if s.Key == from {
			if to := i + by; to >= 0 && to < len(w.steps) {
				w.show(to)
			}
			return
		}
	}
}

func (w *Wizard) show(i int) {
	if w.steps == nil {
		w.steps = w.spec.Steps()
	}
	w.at = i
	s := w.steps[i]
	if s.Tall {
		w.hold.Objects = []fyne.CanvasObject{s.Body}
	} else {
		w.scroll.SetContent(Inset(0, 0, 16, 0, s.Body))
		w.scroll.Top()
		w.hold.Objects = []fyne.CanvasObject{w.scroll}
	}
	w.title()
	w.hold.Refresh()
	w.Refresh()
	if s.Shown != nil {
		s.Shown()
	}
	w.focus()
}

// Begin puts the keyboard where the first answer is due, once the wizard is on
// the canvas.
func (w *Wizard) Begin() {
	w.begun = true
	w.focus()
}

func (w *Wizard) focus() {
	switch s := w.steps[w.at]; {
	case !w.begun:
	case s.Focus != nil:
		FocusOn(s.Focus)
	default:
		FocusOn(w.next)
	}
}

func (w *Wizard) title() {
	s := w.steps[w.at]
	var names []string
	for _, x := range w.steps {
		names = append(names, x.Title)
	}
	w.header.Set(names, w.at)
	text := s.Next
	if text == "" {
		text = w.spec.Next
	}
	w.next.SetText(text)
	w.back.SetText(w.spec.Back)
	if w.at == 0 {
		w.back.SetText(w.spec.Cancel)
	}
	w.back.Hidden = w.at == 0 && w.spec.NoCancel || s.NoBack
	objects := []fyne.CanvasObject{}
	if s.Foot != nil {
		objects = append(objects, s.Foot)
	}
	w.foot.Objects = append(objects, Space(), w.back, w.next, KeyCap("Enter"))
	w.foot.Refresh()
}

// ShowResult replaces the steps by a last page, with its own buttons below;
// there is no way back from it. The last button confirms on Enter.
func (w *Wizard) ShowResult(body fyne.CanvasObject, buttons ...*Button) {
	w.result = true
	w.header.Hide()
	w.scroll.SetContent(Inset(0, 0, 16, 0, body))
	w.hold.Objects = []fyne.CanvasObject{w.scroll}
	objects := []fyne.CanvasObject{Space()}
	for _, b := range buttons {
		objects = append(objects, b)
	}
	w.foot.Objects = objects
	w.foot.Refresh()
	w.hold.Refresh()
	w.Refresh()
	if len(buttons) > 0 && w.begun {
		FocusOn(buttons[len(buttons)-1])
	}
}

// TakeKey implements KeyTaker; the frame hands it what nobody else used.
func (w *Wizard) TakeKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		w.Forward()
	case fyne.KeyEscape:
		w.Back()
	}
}

func (w *Wizard) CreateRenderer() fyne.WidgetRenderer {
	lay := func(z fyne.Size) {
		var y float32
		if w.header.Visible() && len(w.steps) > 1 {
			place(w.header, 0, 0, z.Width, 28)
			y = 44
		} else {
			place(w.header, 0, 0, 0, 0)
		}
		place(w.hold, 0, y, z.Width, fyne.Max(0, z.Height-y-52))
		place(w.foot, 0, z.Height-38, z.Width, 38)
	}
	return draw(lay, func() fyne.Size { return fyne.NewSize(320, 240) }, func() { lay(w.Size()) }, w.header, w.hold, w.foot)
}

// StepHeader names the steps: done ones with a tick, the present one filled.
type StepHeader struct {
	widget.BaseWidget
	names []string
	at    int
	steps []stepMark
	shown *drawing
}

// stepMark is how one step is drawn. What a step is drawn of is made once: an icon
// that is made while things are laid out has the window painted again, and laid
// out again, for ever.
type stepMark struct {
	circle     *canvas.Circle
	tick       *Icon
	num, label *canvas.Text
	line       *canvas.Rectangle // to the next; the last has none
}

func newStepMark(i int, name string, last bool) stepMark {
	s := stepMark{canvas.NewCircle(nil), NewIcon("check", ActiveInk, 14), canvas.NewText(strconv.Itoa(i+1), nil), canvas.NewText(name, nil), canvas.NewRectangle(nil)}
	s.label.TextSize = Body
	s.num.TextSize, s.num.TextStyle, s.num.Alignment = Small, SemiBold(), fyne.TextAlignCenter
	s.line.Hidden = last
	return s
}

// NewStepHeader makes an empty header.
func NewStepHeader() *StepHeader {
	h := &StepHeader{}
	h.ExtendBaseWidget(h)
	return h
}

// Set shows names and where one is.
func (h *StepHeader) Set(names []string, at int) {
	if !slices.Equal(names, h.names) {
		h.names, h.steps = slices.Clone(names), nil
		for i, n := range names {
			h.steps = append(h.steps, newStepMark(i, n, i == len(names)-1))
		}
	}
	h.at = at
	h.Refresh()
}

func (h *StepHeader) CreateRenderer() fyne.WidgetRenderer {
	h.shown = &drawing{min: func() fyne.Size { return fyne.NewSize(200, 28) }}
	h.shown.layout = h.lay
	h.shown.paint = func() {
		for i, s := range h.steps {
			s.paint(i - h.at)
		}
		h.lay(h.Size())
	}
	h.shown.paint()
	return h.shown
}

// paint colours a step that is so many behind the present one; below zero: done.
func (s stepMark) paint(ahead int) {
	c := s.circle
	c.StrokeWidth, s.label.TextStyle = 0, Medium()
	s.tick.Hidden, s.num.Hidden = ahead >= 0, ahead < 0
	s.line.FillColor = Colour(Line)
	switch {
	case ahead < 0:
		c.FillColor, s.label.Color = Colour(ActiveGround), Colour(ActiveInk)
	case ahead == 0:
		c.FillColor, s.label.Color, s.num.Color = Colour(Accent), Colour(AccentInk), Colour(OnAccent)
		s.label.TextStyle = SemiBold()
	default:
		c.FillColor, c.StrokeColor, c.StrokeWidth = Colour(Panel), Colour(Edge), 1.5
		s.label.Color, s.num.Color = Colour(Faint), Colour(Faint)
	}
}

func (h *StepHeader) lay(z fyne.Size) {
	h.shown.objects = h.shown.objects[:0]
	if z.Width <= 0 || len(h.steps) == 0 { // a wizard of one step shows none
		return
	}
	for _, s := range h.steps {
		h.shown.objects = append(h.shown.objects, s.circle, s.tick, s.num, s.label, s.line)
	}
	widths := make([]float32, len(h.names))
	var used float32
	for i, n := range h.names {
		widths[i] = 22 + 8 + fyne.MeasureText(n, Body, SemiBold()).Width
		used += widths[i]
	}
	gaps := float32(len(h.names) - 1)
	line := float32(0)
	if gaps > 0 {
		line = fyne.Min((z.Width-used)/gaps, 144)
	}
	bare := line < 20 // too narrow: only the present step is named
	if bare {
		used = 22*gaps + widths[h.at]
		line = fyne.Max(12, fyne.Min((z.Width-used)/fyne.Max(gaps, 1), 60))
	}
	var x float32
	for i, s := range h.steps {
		place(s.circle, x, middle(z.Height, 22), 22, 22)
		place(s.tick, x+4, middle(z.Height, 14), 14, 14)
		m := s.num.MinSize()
		place(s.num, x, middle(z.Height, m.Height), 22, m.Height)
		w := widths[i]
		if s.label.Hidden = bare && i != h.at; s.label.Hidden {
			w = 22
		}
		m = s.label.MinSize()
		place(s.label, x+30, middle(z.Height, m.Height), m.Width, m.Height)
		x += w
		place(s.line, x+12, middle(z.Height, 1), fyne.Max(0, line-24), 1)
		x += line
	}
}
