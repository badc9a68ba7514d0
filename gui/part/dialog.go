package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Modal is a panel over a darkened window. Esc closes it; Enter presses what
// Confirm says; the keyboard's focus can't leave it.
type Modal struct {
	widget.BaseWidget
	canvas  fyne.Canvas
	veil    *canvas.Rectangle
	panel   *Surface
	width   float32
	closed  func()
	confirm func()
	before  fyne.Focusable
	top     bool
	page    *Scroll // what scrolls where the window is too low; may be nil
}

// ModalSpec says what a Modal is like.
type ModalSpec struct {
	Width   float32 // 440 if zero
	Content fyne.CanvasObject
	Confirm func() // on Enter; may be nil
	Closed  func() // after it was closed in any way; may be nil
	Focus   fyne.CanvasObject
	Top     bool // near the upper edge instead of in the middle: the palette
	Scrolls bool // the content scrolls where the window is too low for it
}

// ShowModal opens a Modal on a canvas.
func ShowModal(c fyne.Canvas, s ModalSpec) *Modal {
	if s.Width == 0 {
		s.Width = 440
	}
	m := &Modal{canvas: c, veil: canvas.NewRectangle(nil), width: s.Width,
		closed: s.Closed, confirm: s.Confirm, before: c.Focused(), top: s.Top}
	if s.Scrolls {
		m.page = NewScroll(s.Content)
		m.page.over = m
		m.page.Inside()
		s.Content = m.page
	}
	m.panel = NewPanel(s.Content)
	m.ExtendBaseWidget(m)
	c.Overlays().Add(m)
	m.Resize(c.Size())
	if s.Focus != nil {
		FocusOn(s.Focus)
	}
	return m
}

// Close takes the Modal away and gives the focus back.
func (m *Modal) Close() {
	m.canvas.Overlays().Remove(m)
	if m.before != nil {
		m.canvas.Focus(m.before)
	}
	if m.closed != nil {
		m.closed()
	}
}

// Relayout measures the content again.
func (m *Modal) Relayout() {
	m.Refresh()
	if m.page != nil {
		m.page.Relayout()
	}
	relay(m.panel)
}

// TakeKey implements KeyTaker.
func (m *Modal) TakeKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		m.Close()
	case fyne.KeyReturn, fyne.KeyEnter:
		if m.confirm != nil {
			m.confirm()
		}
	}
}

// Tapped keeps clicks from what lies below.
func (m *Modal) Tapped(*fyne.PointEvent) {}

func (m *Modal) CreateRenderer() fyne.WidgetRenderer {
	lay := func(z fyne.Size) {
		place(m.veil, 0, 0, z.Width, z.Height)
		w := fyne.Min(m.width, z.Width-48)
		h := HeightFor(m.panel, w)
		if m.page != nil {
			h = HeightFor(m.page.hold.Objects[0], w)
		}
		h = fyne.Min(h, z.Height-48)
		y := middle(z.Height, h)
		if m.top {
			y = fyne.Min(90, y)
		}
		place(m.panel, middle(z.Width, w), y, w, h)
	}
	return draw(lay, func() fyne.Size { return fyne.NewSize(200, 100) }, func() {
		m.veil.FillColor = Colour(Veil)
		lay(m.Size())
	}, m.veil, m.panel)
}

// confirmWide is how wide a question is, with a margin of confirmPad.
const confirmWide, confirmPad = 440, 24

// ConfirmSpec is a question before something that takes effect at once.
type ConfirmSpec struct {
	Title  string
	Text   string            // what it means
	More   fyne.CanvasObject // a field for a reason, a list; may be nil
	Action string            // names the effect: "Remove 3 assignments"
	Cancel string
	Danger bool // the action's button is red
	Focus  fyne.CanvasObject
	// Do is called when the action is pressed; it closes the dialog by calling
	// close, so that it may stay while it works or show an error in More.
	Do func(d *Confirm)
}

// Confirm is an open question.
type Confirm struct {
	modal  *Modal
	action *Button
	note   *Para
}

// Close closes the question.
func (c *Confirm) Close() { c.modal.Close() }

// Busy shows that it is being done.
func (c *Confirm) Busy(on bool) { c.action.Busy(on) }

// Fail shows why it could not be done.
func (c *Confirm) Fail(s string) {
	c.action.Busy(false)
	c.note.Set(s, DangerInk)
	c.modal.Relayout()
}

// Press presses the action, as Enter does.
func (c *Confirm) Press() { c.action.press() }

// Ask gives o the keyboard where nothing was being typed into: what is asked for
// later is answered first.
func (c *Confirm) Ask(o fyne.CanvasObject) {
	if v := canvasOf(c.action); v != nil && v.Focused() == fyne.Focusable(c.action) {
		FocusOn(o)
	}
}

// Relayout measures the dialog again.
func (c *Confirm) Relayout() {
	if c.modal != nil {
		c.modal.Relayout()
	}
}

// ShowConfirm asks.
func ShowConfirm(on fyne.Canvas, s ConfirmSpec) *Confirm {
	c := &Confirm{note: NewHint("")}
	kind := Primary
	if s.Danger {
		kind = Destroy
	}
	cancel := NewButton(s.Cancel, func() { c.Close() })
	// A person's name in it may be long; the title has it whole.
	fits := NewText(s.Action, Body, SemiBold(), Ink).fit(confirmWide - 2*confirmPad - cancel.MinSize().Width - 8 - 2*16)
	c.action = NewButtonOf(kind, fits, "", func() { s.Do(c) })
	objects := []fyne.CanvasObject{NewPara(s.Title, Large, SemiBold(), Ink)}
	if s.Text != "" {
		objects = append(objects, NewGentle(s.Text))
	}
	if s.More != nil {
		objects = append(objects, Inset(4, 0, 0, 0, s.More))
	}
	objects = append(objects, c.note, Row(8, Space(), cancel, c.action))
	focus := s.Focus
	if focus == nil {
		focus = c.action
	}
	c.modal = ShowModal(on, ModalSpec{Width: confirmWide, Content: Pad(confirmPad, Column(12, objects...)), Confirm: c.Press, Focus: focus, Scrolls: true})
	return c
}

// FloatBar is the dark bar that floats at the foot of a page: what is chosen
// and what can be done with it, or a toast.
func FloatBar(strong, soft string, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	objects := []fyne.CanvasObject{NewText(strong, Body, SemiBold(), OnFloat)}
	if soft != "" {
		objects = append(objects, NewText(soft, Body, Regular(), OnFloat2))
	}
	objects = append(objects, buttons...)
	return NewSurface(Float, "", Round, Inset(10, 12, 10, 18, Row(14, objects...)))
}

// LowAtFoot is AtFoot without a margin: for a page that has one below it.
func LowAtFoot(o fyne.CanvasObject) *fyne.Container {
	c := Layers(o)
	c.Layout = &foot{}
	return c
}

// AtFoot places o in the middle of the lower edge, over whatever it is layered on.
func AtFoot(o fyne.CanvasObject) *fyne.Container {
	c := Layers(o)
	c.Layout = &foot{margin: 24}
	return c
}

type foot struct{ margin float32 }

func (f *foot) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		m := o.MinSize()
		w := fyne.Min(m.Width, s.Width-32)
		place(o, middle(s.Width, w), s.Height-m.Height-f.margin, w, m.Height)
	}
}
func (*foot) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
