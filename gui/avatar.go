package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/stint-pim/stint/gui/part"
)

// avatarButton is the circle with one's initials that opens one's menu.
type avatarButton struct {
	widget.BaseWidget
	name, tip string
	focused   bool
	tap       func(from fyne.CanvasObject)
	ring      *canvas.Circle
}

func newAvatarButton(name, tip string, tap func(fyne.CanvasObject)) *avatarButton {
	a := &avatarButton{name: name, tip: tip, tap: tap, ring: canvas.NewCircle(nil)}
	a.ExtendBaseWidget(a)
	return a
}

func (a *avatarButton) Tapped(*fyne.PointEvent)        { part.HideTip(a); a.tap(a) }
func (a *avatarButton) FocusGained()                   { a.focused = true; a.Refresh() }
func (a *avatarButton) FocusLost()                     { a.focused = false; a.Refresh() }
func (a *avatarButton) TypedRune(rune)                 {}
func (a *avatarButton) MouseIn(*desktop.MouseEvent)    { part.ShowTip(a, a.tip) }
func (a *avatarButton) MouseMoved(*desktop.MouseEvent) {}
func (a *avatarButton) MouseOut()                      { part.HideTip(a) }

// TypedKey opens the menu on Enter, Space and Down.
func (a *avatarButton) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown:
		a.tap(a)
	default:
		part.Unhandled(a, k)
	}
}

func (a *avatarButton) CreateRenderer() fyne.WidgetRenderer {
	return &avatarDrawing{a: a, face: part.Avatar(a.name, 30)}
}

type avatarDrawing struct {
	a    *avatarButton
	face fyne.CanvasObject
}

func (d *avatarDrawing) Layout(z fyne.Size) {
	d.face.Resize(z)
	d.a.ring.Move(fyne.NewPos(-3, -3))
	d.a.ring.Resize(z.AddWidthHeight(6, 6))
	d.paint()
}
func (d *avatarDrawing) paint() {
	d.a.ring.StrokeColor, d.a.ring.StrokeWidth = part.Colour(part.Accent), 2
	d.a.ring.Hidden = !d.a.focused
}
func (d *avatarDrawing) MinSize() fyne.Size           { return fyne.NewSize(30, 30) }
func (d *avatarDrawing) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{d.face, d.a.ring} }
func (d *avatarDrawing) Destroy()                     {}
func (d *avatarDrawing) Refresh()                     { d.paint(); canvas.Refresh(d.a.ring) }
