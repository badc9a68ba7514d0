package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// ButtonKind says how loud a button is. A page has one Primary.
type ButtonKind int

const (
	Secondary  ButtonKind = iota // bordered
	Primary                      // filled with the accent
	Drop                         // bordered, words in red: ends something that can be had again
	Destroy                      // filled red: inside a confirmation only
	Quiet                        // words alone, until the pointer is on it
	FloatKind                    // on the floating bar and toasts
	LinkButton                   // words in the accent's ink, no room around
)

// Button is a button. Space and Enter press it.
type Button struct {
	widget.BaseWidget
	touch
	kind  ButtonKind
	text  string
	icon  string
	tip   string
	small bool
	busy  bool
	tap   func()
	back  *canvas.Rectangle
	ring  *canvas.Rectangle
	label *canvas.Text
	pic   *Icon
}

// NewButtonOf makes a button of a kind; icon may be empty, and so may text
// (then the button is square, and Tip should say what it does).
func NewButtonOf(kind ButtonKind, text, icon string, tap func()) *Button {
	b := &Button{kind: kind, text: text, icon: icon, tap: tap,
		back: box(Radius), ring: box(Radius), label: canvas.NewText(text, nil)}
	if icon != "" {
		b.pic = NewIcon(icon, Ink, 16)
	}
	b.touch.again = b.Refresh
	b.ExtendBaseWidget(b)
	return b
}

// The usual buttons.
func NewButton(text string, tap func()) *Button  { return NewButtonOf(Secondary, text, "", tap) }
func NewPrimary(text string, tap func()) *Button { return NewButtonOf(Primary, text, "", tap) }
func NewDrop(text string, tap func()) *Button    { return NewButtonOf(Drop, text, "", tap) }
func NewQuiet(text string, tap func()) *Button   { return NewButtonOf(Quiet, text, "", tap) }
func NewLink(text string, tap func()) *Button    { return NewButtonOf(LinkButton, text, "", tap) }
func NewIconButton(icon, tip string, tap func()) *Button {
	return NewButtonOf(Quiet, "", icon, tap).Tip(tip)
}

// Tip sets what is shown on hover; returns b.
func (b *Button) Tip(s string) *Button { b.tip = s; return b }

// OnTap sets what the button does, where that can't be known when it is made.
func (b *Button) OnTap(f func()) { b.tap = f }

// Compact makes the button fit a table's row; returns b.
func (b *Button) Compact() *Button { b.small = true; return b }

// SetText changes the words.
func (b *Button) SetText(s string) {
	if s != b.text {
		b.text = s
		b.Refresh()
	}
}

// SetIcon changes the icon of a button that has one.
func (b *Button) SetIcon(name string) { b.icon = name; b.Refresh() }

// Text returns the words.
func (b *Button) Text() string { return b.text }

// Busy shows that what was asked for is being done; the button takes no
// second press meanwhile.
func (b *Button) Busy(on bool) { b.busy = on; b.Refresh() }

// SetEnabled enables or disables.
func (b *Button) SetEnabled(on bool) {
	if on != b.disabled {
		return
	}
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// Press presses the button, as Enter elsewhere on the page does.
func (b *Button) Press() { b.press() }

// Tapped presses the button.
func (b *Button) Tapped(*fyne.PointEvent) { b.press() }

func (b *Button) press() {
	if b.disabled || b.busy || b.tap == nil {
		return
	}
	HideTip(b)
	b.tap()
}

// TypedKey presses on Enter and Space and passes the rest on.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.press()
	default:
		Unhandled(b, e)
	}
}

// TypedShortcut passes shortcuts on to the window.
func (b *Button) TypedShortcut(s fyne.Shortcut) { passShortcut(b, s) }

func (b *Button) MouseIn(e *desktop.MouseEvent) {
	inUse(b)
	b.touch.MouseIn(e)
	ShowTip(b, b.tip)
}

func (b *Button) MouseOut() {
	b.touch.MouseOut()
	HideTip(b)
}

// Cursor shows a hand over links.
func (b *Button) Cursor() desktop.Cursor {
	if b.kind == LinkButton {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

func (b *Button) colours() (back, border, ink fyne.ThemeColorName) {
	hot := b.hovered && !b.disabled && !b.busy
	switch b.kind {
	case Primary:
		back, border, ink = Accent, Accent, OnAccent
		if hot {
			back, border = AccentHover, AccentHover
		}
	case Destroy:
		back, border, ink = Danger, Danger, OnDanger
		if hot {
			back, border = DangerHover, DangerHover
		}
	case FloatKind:
		back, border, ink = Float, Float, OnFloat
		if hot {
			border = OnFloat2
		}
	case Quiet, LinkButton:
		ink = Muted
		if b.kind == LinkButton {
			ink = AccentInk
		}
		if hot && b.kind == Quiet {
			back, ink = Track, Ink
		}
	default:
		back, border, ink = Panel, Line, Ink
		if b.kind == Drop {
			ink = DangerInk
		}
		if hot {
			back = Hover
			border = Edge
		}
	}
	if b.disabled || b.busy {
		switch b.kind {
		case Primary, Destroy:
			back, border, ink = Track, Track, Faint
		default:
			ink = Faint
		}
	}
	return
}

func (b *Button) measures() (height, side float32) {
	switch {
	case b.kind == LinkButton:
		return 20, 0
	case b.text == "" && b.small:
		return 28, 6
	case b.text == "":
		return 32, 8
	case b.small:
		return 30, 12
	case b.kind == Quiet:
		return 34, 10
	}
	return 34, 14
}

func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{b.back, b.ring, b.label}
	if b.pic != nil {
		objects = append(objects, b.pic)
	}
	width := func() (label, pic, gap float32) {
		if b.text != "" {
			label = fyne.MeasureText(b.text, Body, b.label.TextStyle).Width
		}
		if b.pic != nil {
			pic = 16
			if label > 0 {
				gap = 6
			}
		}
		return
	}
	return draw(func(z fyne.Size) {
		place(b.back, 0, 0, z.Width, z.Height)
		place(b.ring, -2, -2, z.Width+4, z.Height+4)
		label, pic, gap := width()
		x := middle(z.Width, label+pic+gap)
		if b.kind == LinkButton {
			x = 0
		}
		if b.pic != nil {
			place(b.pic, x, middle(z.Height, 16), 16, 16)
			x += 16 + gap
		}
		h := b.label.MinSize().Height
		place(b.label, x, middle(z.Height, h), label, h)
	}, func() fyne.Size {
		h, side := b.measures()
		label, pic, gap := width()
		return fyne.NewSize(label+pic+gap+2*side, h)
	}, func() {
		back, border, ink := b.colours()
		fill(b.back, back, border)
		b.ring.CornerRadius = Radius + 2
		outline(b.ring)
		b.ring.Hidden = !b.focused
		b.label.Text, b.label.TextSize, b.label.Color = b.text, Body, Colour(ink)
		b.label.TextStyle = Medium()
		if b.kind == Primary || b.kind == Destroy {
			b.label.TextStyle = SemiBold()
		}
		if b.pic != nil {
			b.pic.Set(b.icon, ink)
		}
	}, objects...)
}

// fill sets a rectangle's ground and hairline border; empty names mean none.
func fill(r *canvas.Rectangle, back, border fyne.ThemeColorName) {
	r.FillColor, r.StrokeColor, r.StrokeWidth = nil, nil, 0
	if back != "" {
		r.FillColor = Colour(back)
	}
	if border != "" {
		r.StrokeColor, r.StrokeWidth = Colour(border), 1
		if back == "" {
			r.FillColor = clearOf(r.StrokeColor)
		}
	}
}

// outline makes a rectangle the mark of the keyboard's focus.
func outline(r *canvas.Rectangle) {
	r.StrokeColor, r.StrokeWidth = Colour(Accent), 2
	r.FillColor = clearOf(r.StrokeColor)
}

// clearOf is a colour without any opacity: the painter blends a border's inner
// edge with the fill, and from no fill at all it would become darker.
func clearOf(c color.Color) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = 0
	return n
}

// KeyTaker is an overlay that wants the keys nobody else used.
type KeyTaker interface{ TakeKey(*fyne.KeyEvent) }

// Unhandled hands a key that o doesn't use to the topmost overlay, or to the
// window: that is how Esc closes and Enter confirms wherever the focus is.
func Unhandled(o fyne.CanvasObject, e *fyne.KeyEvent) {
	inUse(o)
	c := canvasOf(o)
	if c == nil {
		return
	}
	if f := c.OnTypedKey(); f != nil {
		f(e)
	}
}

func passShortcut(o fyne.CanvasObject, s fyne.Shortcut) {
	c := canvasOf(o)
	if t, ok := c.(interface{ TypedShortcut(fyne.Shortcut) }); ok {
		t.TypedShortcut(s)
	}
}
