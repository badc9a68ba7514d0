package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// stretch marks an object that takes what is left in a Row or Column.
type stretch struct {
	widget.BaseWidget
	object fyne.CanvasObject
	weight float32
	tall   bool
}

// Grow lets o take what is left in a Row or Column.
func Grow(o fyne.CanvasObject) fyne.CanvasObject { return Weigh(1, o) }

// GrowTall is Grow that, in a Row, is also as high as the row.
func GrowTall(o fyne.CanvasObject) fyne.CanvasObject {
	s := Weigh(1, o).(*stretch)
	s.tall = true
	return s
}

// Weigh lets o take its weight's share of what is left in a Row or Column.
func Weigh(weight float32, o fyne.CanvasObject) fyne.CanvasObject {
	s := &stretch{object: o, weight: weight}
	s.ExtendBaseWidget(s)
	return s
}

// Space takes what is left and shows nothing.
func Space() fyne.CanvasObject { return Grow(canvas.NewRectangle(nil)) }

// Gap is empty room of a size.
func Gap(w, h float32) fyne.CanvasObject {
	r := canvas.NewRectangle(nil)
	r.SetMinSize(fyne.NewSize(w, h))
	return r
}

func grows(o fyne.CanvasObject) float32 {
	if s, ok := o.(*stretch); ok {
		return s.weight
	}
	return 0
}

// HeightFor implements Tall.
func (s *stretch) HeightFor(w float32) float32 { return HeightFor(s.object, w) }

func (s *stretch) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) { place(s.object, 0, 0, z.Width, z.Height) },
		func() fyne.Size { return s.object.MinSize() }, func() {}, s.object)
}

// Scroll is a page that scrolls up and down when it is higher than its place.
// Its content is given the height that it needs at the present width.
type Scroll struct {
	widget.BaseWidget
	inner   *container.Scroll
	hold    *fyne.Container
	measure *fixed
	below   float32           // how far the page goes on into the margin below
	outer   float32           // of a centred page: the height of its place
	room    float32           // between the page and its scroll bar
	over    fyne.CanvasObject // the dialog it is in; nil: the window itself
}

// scrollRoom is how far the scroll bar stands to the right of the page, in the
// margin, so that it never covers content.
const scrollRoom = 16

// focusRoom is how far the mark of the focus stands out; a page that scrolls
// cuts at its edges, so it begins that much further left and higher.
const focusRoom = 3

// NewScroll makes a scrolling page of o.
func NewScroll(o fyne.CanvasObject) *Scroll {
	s := &Scroll{measure: &fixed{}, room: scrollRoom}
	s.hold = container.New(s.measure, o)
	s.measure.left, s.measure.top, s.measure.right = focusRoom, focusRoom, scrollRoom
	s.inner = container.NewVScroll(s.hold)
	s.ExtendBaseWidget(s)
	return s
}

// ToEdge lets the page go on to the window's lower edge, through the margin;
// returns s.
func (s *Scroll) ToEdge() *Scroll { s.below = 20; return s }

// Inside keeps the scroll bar inside, over the content's margin: for what scrolls
// in a panel of its own; returns s.
func (s *Scroll) Inside() *Scroll { s.room, s.measure.right = 0, 0; return s }

// SetContent shows another object, from its top.
func (s *Scroll) SetContent(o fyne.CanvasObject) {
	s.hold.Objects = []fyne.CanvasObject{o}
	s.Relayout()
}

// Relayout measures the content again: call it after the content's texts or
// children changed. The place one had scrolled to stays.
func (s *Scroll) Relayout() {
	s.fit(s.Size())
	if s.outer > 0 { // a centred page grows with its content
		h := fyne.Min(s.measure.size.Height, s.outer)
		place(s, s.Position().X, middle(s.outer, h), s.Size().Width, h)
	}
	relay(s.hold)
	s.hold.Refresh()
	s.inner.Refresh()
}

// relay lays everything in o out again. The toolkit lays a container out only
// when its size changes, but a text that changed may need its neighbours moved
// without that.
func relay(o fyne.CanvasObject) {
	switch x := o.(type) {
	case *fyne.Container:
		if x.Layout != nil {
			x.Layout.Layout(x.Objects, x.Size())
		}
		for _, c := range x.Objects {
			relay(c)
		}
	case *Surface:
		relay(x.object)
	case *stretch:
		relay(x.object)
	case *Proof:
		relay(x.column)
	case *Span:
		relay(x.column)
	}
}

// Top scrolls to the beginning.
func (s *Scroll) Top() { s.inner.ScrollToTop() }

func (s *Scroll) fit(size fyne.Size) {
	if size.Width <= 0 {
		return
	}
	s.measure.size = fyne.NewSize(1, HeightFor(s.hold.Objects[0], size.Width)+focusRoom)
}

func (s *Scroll) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		if l := layerOf(s); l != nil {
			l.pages.add(s)
		}
		s.fit(z)
		place(s.inner, -focusRoom, -focusRoom, z.Width+s.room+focusRoom, z.Height+s.below+focusRoom)
		s.inner.Refresh()
	}, func() fyne.Size { return fyne.NewSize(120, 60) }, func() {}, s.inner)
}
