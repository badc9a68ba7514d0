package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// TipLayer lies over the whole window and shows one hint beside what the
// pointer is on. It takes no events. The toolkit's pop-ups can't do this: they
// swallow the pointer and so close themselves.
type TipLayer struct {
	widget.BaseWidget
	of    fyne.CanvasObject
	box   *canvas.Rectangle
	text  *Para
	inner *fyne.Container
	used  func() // called when somebody touches a part; may be nil
	pages scrolls
}

// NewTipLayer makes the layer. It must be the last object of the container
// that is the window's content. used is called whenever somebody touches a
// part, so that a window can tell that it is in use; it may be nil.
func NewTipLayer(used func()) *TipLayer {
	t := &TipLayer{used: used, box: box(Tight), text: NewPara("", Small, Regular(), OnFloat)}
	t.inner = container.NewWithoutLayout(t.box, t.text)
	t.inner.Hide()
	t.ExtendBaseWidget(t)
	return t
}

// inUse tells the window that somebody is there.
func inUse(o fyne.CanvasObject) {
	if l := layerOf(o); l != nil && l.used != nil {
		l.used()
	}
}

func (t *TipLayer) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(fyne.Size) {}, func() fyne.Size { return fyne.Size{} },
		func() { t.box.FillColor = Colour(Float) }, t.inner)
}

func layerOf(o fyne.CanvasObject) *TipLayer {
	c := canvasOf(o)
	if c == nil {
		return nil
	}
	root, ok := c.Content().(*fyne.Container)
	if !ok || len(root.Objects) == 0 {
		return nil
	}
	l, _ := root.Objects[len(root.Objects)-1].(*TipLayer)
	return l
}

// ShowTip shows text below o until HideTip(o).
func ShowTip(o fyne.CanvasObject, text string) {
	l := layerOf(o)
	if l == nil || text == "" {
		return
	}
	l.of = o
	l.text.Set(text, OnFloat)
	w := fyne.Min(fyne.MeasureText(text, Small, Regular()).Width+1, 420)
	h := l.text.HeightFor(w)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	x, y := at.X-8, at.Y+o.Size().Height+4
	if over := x + w + 16 - l.Size().Width + 8; over > 0 {
		x -= over
	}
	if y+h+12 > l.Size().Height {
		y = at.Y - h - 16
	}
	place(l.box, 0, 0, w+16, h+12)
	place(l.text, 8, 6, w, h)
	place(l.inner, x, y, w+16, h+12)
	l.inner.Show()
	l.Refresh()
}

// HideTip takes o's hint away.
func HideTip(o fyne.CanvasObject) {
	if l := layerOf(o); l != nil && l.of == o {
		l.hide()
	}
}

func (t *TipLayer) hide() {
	t.inner.Hide()
	t.of = nil
	t.Refresh()
}
