package part

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Span chooses a duration with a slider and a field; the longest that the
// policy allows is marked, and the end is said as a clock time by the caller's
// Helper.
type Span struct {
	widget.BaseWidget
	field  *Field
	slide  *Slider
	steps  []time.Duration
	spec   SpanSpec
	value  time.Duration
	bad    bool
	column *fyne.Container
}

// SpanSpec says what a Span is like.
type SpanSpec struct {
	Label    string
	Least    time.Duration
	Most     time.Duration // what the policy allows
	Value    time.Duration
	MostText string // "max 8 h", under the slider's end
	Write    func(time.Duration) string
	Read     func(string) (time.Duration, string) // the second is an error in the reader's language
	Helper   func(time.Duration) string           // "ends 15:32"
	Changed  func(time.Duration, bool)            // the second: it is good
	Relayout func()
}

// NewSpan makes the choice.
func NewSpan(s SpanSpec) *Span {
	p := &Span{spec: s, steps: spanSteps(s.Least, s.Most)}
	p.field = NewField(FieldSpec{Label: s.Label, Value: s.Write(s.Value), Helper: s.Helper(s.Value), Changed: p.typed, Relayout: s.Relayout})
	p.field.entry.all = true
	p.value = s.Value
	p.slide = NewSlider(len(p.steps)-1, p.nearest(s.Value), func(i int) { p.Set(p.steps[i]) })
	p.column = Column(8, Narrow(220, p.field), Inset(4, 0, 0, 0, p.slide),
		Row(8, NewFaint(s.Write(s.Least)), Space(), NewFaint(s.MostText)))
	p.ExtendBaseWidget(p)
	return p
}

// spanSteps are the lengths that the slider can stand on: fine at the short
// end, quarter and half hours towards the long one.
func spanSteps(least, most time.Duration) []time.Duration {
	var out []time.Duration
	for d := least; d < most; {
		out = append(out, d)
		switch {
		case d < 30*time.Minute:
			d += 5 * time.Minute
		case d < 2*time.Hour:
			d += 15 * time.Minute
		case d < 8*time.Hour:
			d += 30 * time.Minute
		default:
			d += time.Hour
		}
	}
	return append(out, most)
}

func (p *Span) nearest(d time.Duration) int {
	best := 0
	for i, s := range p.steps {
		if (s - d).Abs() < (p.steps[best] - d).Abs() {
			best = i
		}
	}
	return best
}

func (p *Span) typed(s string) {
	d, problem := p.spec.Read(s)
	if problem == "" {
		p.bad = false
		p.value = d
		p.slide.Set(p.nearest(d))
		p.field.SetHelper(p.spec.Helper(d))
	} else {
		p.bad = true
		p.field.SetError(problem)
	}
	p.spec.Changed(p.value, !p.bad)
}

// Set chooses a length.
func (p *Span) Set(d time.Duration) {
	p.value, p.bad = d, false
	p.field.SetValue(p.spec.Write(d))
	p.field.SetError("")
	p.field.SetHelper(p.spec.Helper(d))
	p.slide.Set(p.nearest(d))
	p.spec.Changed(d, true)
}

// Again says the end anew, because the start moved on.
func (p *Span) Again() {
	if !p.bad {
		p.field.SetHelper(p.spec.Helper(p.value))
	}
}

// Value returns the length and whether it may be asked for.
func (p *Span) Value() (time.Duration, bool) { return p.value, !p.bad }

// Field returns the text field, for tests and focus.
func (p *Span) Field() *Field { return p.field }

// FocusTarget is what the keyboard goes to.
func (p *Span) FocusTarget() fyne.CanvasObject { return p.field.FocusTarget() }

// HeightFor implements Tall.
func (p *Span) HeightFor(w float32) float32 { return HeightFor(p.column, w) }

func (p *Span) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) { place(p.column, 0, 0, z.Width, z.Height) },
		func() fyne.Size { return p.column.MinSize() }, func() {}, p.column)
}

// Slider moves over steps from 0 to last.
type Slider struct {
	widget.BaseWidget
	touch
	last, at int
	change   func(int)
	track    *canvas.Rectangle
	done     *canvas.Rectangle
	knob     *canvas.Circle
	ring     *canvas.Circle
}

// NewSlider makes a slider.
func NewSlider(last, at int, change func(int)) *Slider {
	s := &Slider{last: last, at: at, change: change, track: box(3), done: box(3), knob: canvas.NewCircle(nil), ring: canvas.NewCircle(nil)}
	s.touch.again = s.Refresh
	s.ExtendBaseWidget(s)
	return s
}

// Set moves it without calling change.
func (s *Slider) Set(i int) {
	if i != s.at {
		s.at = i
		s.Refresh()
	}
}

func (s *Slider) pick(i int) {
	i = max(0, min(i, s.last))
	if i == s.at || s.disabled {
		return
	}
	s.Set(i)
	s.change(i)
}

func (s *Slider) to(x float32) {
	w := s.Size().Width - 18
	if w > 0 && s.last > 0 {
		s.pick(int((x-9)/w*float32(s.last) + 0.5))
	}
}

// Tapped moves to the pointer.
func (s *Slider) Tapped(e *fyne.PointEvent) { focusOn(s); s.to(e.Position.X) }

// Dragged follows the pointer.
func (s *Slider) Dragged(e *fyne.DragEvent) { s.to(e.Position.X) }

// DragEnd implements fyne.Draggable.
func (s *Slider) DragEnd() {}

// TypedKey moves with the arrows, Home and End.
func (s *Slider) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyLeft, fyne.KeyDown:
		s.pick(s.at - 1)
	case fyne.KeyRight, fyne.KeyUp:
		s.pick(s.at + 1)
	case fyne.KeyHome:
		s.pick(0)
	case fyne.KeyEnd:
		s.pick(s.last)
	default:
		Unhandled(s, k)
	}
}

func (s *Slider) CreateRenderer() fyne.WidgetRenderer {
	lay := func(z fyne.Size) {
		y := middle(z.Height, 6)
		x := float32(0)
		if s.last > 0 {
			x = (z.Width - 18) * float32(s.at) / float32(s.last)
		}
		place(s.track, 0, y, z.Width, 6)
		place(s.done, 0, y, x+9, 6)
		place(s.knob, x, middle(z.Height, 18), 18, 18)
		place(s.ring, x-3, middle(z.Height, 24), 24, 24)
	}
	return draw(lay, func() fyne.Size { return fyne.NewSize(160, 24) }, func() {
		fill(s.track, Track, "")
		fill(s.done, Accent, "")
		s.knob.FillColor, s.knob.StrokeColor, s.knob.StrokeWidth = Colour(Panel), Colour(Accent), 2
		s.ring.FillColor, s.ring.StrokeColor, s.ring.StrokeWidth = clearOf(Colour(Accent)), Colour(Accent), 2
		s.ring.Hidden = !s.focused
		lay(s.Size())
	}, s.track, s.done, s.ring, s.knob)
}
