package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Pick is one of a few ways to go on: an icon, a title and a sentence on a card.
type Pick struct {
	widget.BaseWidget
	touch
	tap  func()
	back *canvas.Rectangle
	ring *canvas.Rectangle
	body fyne.CanvasObject
}

// NewPick makes a card to choose.
func NewPick(icon, title, text string, tap func()) *Pick {
	p := &Pick{tap: tap, back: box(Round), ring: box(Round + 2)}
	p.body = Pad(16, Row(14, NewSurface(AccentGround, "", 20, Pad(10, NewIcon(icon, AccentInk, 20))),
		Grow(Column(2, NewStrong(title).Shrinking(), NewHint(text))), NewIcon("chevron-right", Faint, 16)))
	p.touch.again = p.Refresh
	p.ExtendBaseWidget(p)
	return p
}

func (p *Pick) Tapped(*fyne.PointEvent) { p.tap() }

// TypedKey chooses on Enter and Space.
func (p *Pick) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.tap()
	default:
		Unhandled(p, k)
	}
}

// HeightFor implements Tall.
func (p *Pick) HeightFor(w float32) float32 { return HeightFor(p.body, w) }

func (p *Pick) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(p.back, 0, 0, z.Width, z.Height)
		place(p.ring, -2, -2, z.Width+4, z.Height+4)
		place(p.body, 0, 0, z.Width, z.Height)
	}, func() fyne.Size { return p.body.MinSize() }, func() {
		fill(p.back, Panel, Line)
		if p.hovered {
			fill(p.back, Hover, Edge)
		}
		outline(p.ring)
		p.ring.Hidden = !p.focused
	}, p.back, p.ring, p.body)
}
