package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// eye shows what is typed in a password field. It can't have the focus: Tab
// leads from the password to its repetition, and a space typed blindly must
// not uncover it.
type eye struct {
	widget.BaseWidget
	open func(show bool)
	show bool
	over bool
	pic  *Icon
	back *canvas.Rectangle
}

func newEye(open func(show bool)) *eye {
	e := &eye{open: open, pic: NewIcon("eye", Muted, 16), back: box(Radius)}
	e.ExtendBaseWidget(e)
	return e
}

// Tapped shows or hides the password.
func (e *eye) Tapped(*fyne.PointEvent) {
	e.show = !e.show
	e.open(e.show)
	e.Refresh()
}

func (e *eye) MouseIn(*desktop.MouseEvent)    { e.over = true; e.Refresh() }
func (e *eye) MouseMoved(*desktop.MouseEvent) {}
func (e *eye) MouseOut()                      { e.over = false; e.Refresh() }
func (e *eye) Cursor() desktop.Cursor         { return desktop.PointerCursor }

func (e *eye) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(e.back, 0, 0, z.Width, z.Height)
		place(e.pic, middle(z.Width, 16), middle(z.Height, 16), 16, 16)
	}, func() fyne.Size { return fyne.NewSize(30, 30) }, func() {
		ink := Muted
		if e.over {
			ink = Ink
		}
		e.back.FillColor = clearOf(Colour(Panel))
		e.pic.Set(map[bool]string{true: "eye-off", false: "eye"}[e.show], ink)
	}, e.back, e.pic)
}
