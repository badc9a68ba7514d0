package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Tall is something whose height depends on its width, such as text that
// wraps. Containers made by this package are Tall through their layout.
type Tall interface {
	HeightFor(width float32) float32
}

type tallLayout interface {
	heightFor(objects []fyne.CanvasObject, width float32) float32
}

// HeightFor returns the height that o needs at a width.
func HeightFor(o fyne.CanvasObject, width float32) float32 {
	if t, ok := o.(Tall); ok {
		return t.HeightFor(width)
	}
	if c, ok := o.(*fyne.Container); ok {
		if l, ok := c.Layout.(tallLayout); ok {
			return l.heightFor(c.Objects, width)
		}
	}
	return o.MinSize().Height
}

// shown reports whether o takes room: it is visible, and is no mere frame of
// something hidden.
func shown(o fyne.CanvasObject) bool {
	if !o.Visible() {
		return false
	}
	if s, ok := o.(*stretch); ok {
		return shown(s.object)
	}
	c, ok := o.(*fyne.Container)
	if !ok || len(c.Objects) != 1 {
		return true
	}
	switch c.Layout.(type) {
	case *narrow, *inset, *fixed, *nudge:
		return shown(c.Objects[0])
	}
	return true
}

// Column puts objects one below the other, each as wide as the column and as
// high as it needs, with a gap between. One made by Grow takes what is left.
func Column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&column{gap: gap}, objects...)
}

type column struct{ gap float32 }

func (c *column) heightFor(objects []fyne.CanvasObject, w float32) float32 {
	var h float32
	n := 0
	for _, o := range objects {
		if !shown(o) {
			continue
		}
		h += HeightFor(o, w)
		n++
	}
	if n > 1 {
		h += c.gap * float32(n-1)
	}
	return h
}

func (c *column) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	spare := s.Height - c.heightFor(objects, s.Width)
	growers := 0
	for _, o := range objects {
		if shown(o) && grows(o) > 0 {
			growers++
		}
	}
	var y float32
	for _, o := range objects {
		if !shown(o) {
			continue
		}
		h := HeightFor(o, s.Width)
		if grows(o) > 0 && spare != 0 {
			h += spare / float32(growers)
		}
		place(o, 0, y, s.Width, h)
		y += h + c.gap
	}
}

func (c *column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	n := 0
	for _, o := range objects {
		if !shown(o) {
			continue
		}
		s := o.MinSize()
		m.Width = fyne.Max(m.Width, s.Width)
		m.Height += s.Height
		n++
	}
	if n > 1 {
		m.Height += c.gap * float32(n-1)
	}
	return m
}

// Row puts objects side by side, each as wide as it needs and in the middle of
// the height; those made by Grow or Weigh share what is left by their weight.
func Row(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&row{gap: gap}, objects...)
}

// TopRow is Row with its objects at the upper edge instead of the middle.
func TopRow(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&row{gap: gap, top: true}, objects...)
}

type row struct {
	gap float32
	top bool
}

func (r *row) widths(objects []fyne.CanvasObject, width float32) []float32 {
	ws := make([]float32, len(objects))
	var fixed, weight float32
	n := 0
	for i, o := range objects {
		if !shown(o) {
			continue
		}
		n++
		if g := grows(o); g > 0 {
			weight += g
			continue
		}
		ws[i] = o.MinSize().Width
		fixed += ws[i]
	}
	if n > 1 {
		fixed += r.gap * float32(n-1)
	}
	spare := fyne.Max(0, width-fixed)
	for i, o := range objects {
		if g := grows(o); g > 0 && shown(o) {
			ws[i] = spare * g / weight
		}
	}
	return ws
}

func (r *row) heightFor(objects []fyne.CanvasObject, w float32) float32 {
	var h float32
	for i, cw := range r.widths(objects, w) {
		if shown(objects[i]) {
			h = fyne.Max(h, HeightFor(objects[i], cw))
		}
	}
	return h
}

func (r *row) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	var x float32
	for i, w := range r.widths(objects, s.Width) {
		o := objects[i]
		if !shown(o) {
			continue
		}
		h := fyne.Min(HeightFor(o, w), s.Height)
		if st, ok := o.(*stretch); ok && st.tall {
			h = s.Height
		}
		y := middle(s.Height, h)
		if r.top {
			y = 0
		}
		place(o, x, y, w, h)
		x += w + r.gap
	}
}

func (r *row) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	n := 0
	for _, o := range objects {
		if !shown(o) {
			continue
		}
		s := o.MinSize()
		m.Width += s.Width
		m.Height = fyne.Max(m.Height, s.Height)
		n++
	}
	if n > 1 {
		m.Width += r.gap * float32(n-1)
	}
	return m
}

// Cards lays objects in a grid of equal columns, each at least least wide, all
// of a line as high as the highest.
func Cards(least, gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&cards{least: least, gap: gap}, objects...)
}

type cards struct{ least, gap float32 }

func (c *cards) each(objects []fyne.CanvasObject, width float32, f func(o fyne.CanvasObject, x, y, w, h float32)) float32 {
	n := int((width + c.gap) / (c.least + c.gap))
	if n < 1 {
		n = 1
	}
	w := (width - c.gap*float32(n-1)) / float32(n)
	var seen []fyne.CanvasObject
	for _, o := range objects {
		if shown(o) {
			seen = append(seen, o)
		}
	}
	var y float32
	for i := 0; i < len(seen); i += n {
		line := seen[i:min(i+n, len(seen))]
		var h float32
		for _, o := range line {
			h = fyne.Max(h, HeightFor(o, w))
		}
		for j, o := range line {
			f(o, float32(j)*(w+c.gap), y, w, h)
		}
		y += h
		if i+n < len(seen) {
			y += c.gap
		}
	}
	return y
}

func (c *cards) heightFor(objects []fyne.CanvasObject, w float32) float32 {
	return c.each(objects, w, func(fyne.CanvasObject, float32, float32, float32, float32) {})
}
func (c *cards) Layout(objects []fyne.CanvasObject, s fyne.Size) { c.each(objects, s.Width, place) }
func (c *cards) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(c.least, c.heightFor(objects, c.least))
}

// Flow sets objects side by side like words, wrapping to the next line.
func Flow(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flow{gap: gap}, objects...)
}

type flow struct{ gap float32 }

func (f *flow) each(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, x, y, w, h float32)) float32 {
	var line []fyne.CanvasObject
	var x, y, high float32
	flush := func() {
		var lx float32
		for _, o := range line {
			s := o.MinSize()
			w := fyne.Min(s.Width, width)
			put(o, lx, y+middle(high, s.Height), w, s.Height)
			lx += w + f.gap
		}
		y += high
		line, x, high = nil, 0, 0
	}
	for _, o := range objects {
		if !shown(o) {
			continue
		}
		s := o.MinSize()
		if len(line) > 0 && x+s.Width > width {
			flush()
			y += f.gap
		}
		line = append(line, o)
		x += s.Width + f.gap
		high = fyne.Max(high, s.Height)
	}
	if len(line) > 0 {
		flush()
	}
	return y
}

func (f *flow) heightFor(objects []fyne.CanvasObject, w float32) float32 {
	return f.each(objects, w, func(fyne.CanvasObject, float32, float32, float32, float32) {})
}
func (f *flow) Layout(objects []fyne.CanvasObject, s fyne.Size) { f.each(objects, s.Width, place) }
func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		if shown(o) {
			m = m.Max(o.MinSize())
		}
	}
	m.Width = fyne.Min(m.Width, 120)
	return m
}

// Pad puts the same space on all four sides.
func Pad(all float32, o fyne.CanvasObject) *fyne.Container { return Inset(all, all, all, all, o) }

// Inset puts space above, right, below and left of o.
func Inset(top, right, bottom, left float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&inset{top, right, bottom, left}, o)
}

type inset struct{ top, right, bottom, left float32 }

func (i *inset) heightFor(objects []fyne.CanvasObject, w float32) float32 {
	var h float32
	for _, o := range objects {
		h = fyne.Max(h, HeightFor(o, w-i.left-i.right))
	}
	return h + i.top + i.bottom
}

func (i *inset) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		place(o, i.left, i.top, fyne.Max(0, s.Width-i.left-i.right), fyne.Max(0, s.Height-i.top-i.bottom))
	}
}

func (i *inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	return m.AddWidthHeight(i.left+i.right, i.top+i.bottom)
}

// Layers puts objects on top of each other, all of the same size; the last is
// in front.
func Layers(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&inset{}, objects...)
}

// Narrow keeps o at most most wide, at the left.
func Narrow(most float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&narrow{most: most}, o)
}

// Centred keeps o at most most wide, in the middle of the width.
func Centred(most float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&narrow{most: most, centre: true}, o)
}

// Middle keeps o at most most wide, in the middle of width and height.
func Middle(most float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&narrow{most: most, centre: true, vertical: true}, o)
}

type narrow struct {
	most             float32
	centre, vertical bool
}

func (n *narrow) heightFor(objects []fyne.CanvasObject, w float32) float32 {
	return HeightFor(objects[0], fyne.Min(w, n.most))
}

func (n *narrow) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	w := fyne.Min(s.Width, n.most)
	var x, y float32
	h := s.Height
	if n.centre {
		x = middle(s.Width, w)
	}
	if n.vertical {
		h = fyne.Min(h, HeightFor(objects[0], w))
		y = middle(s.Height, h)
	}
	place(objects[0], x, y, w, h)
}

func (n *narrow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := objects[0].MinSize()
	m.Width = fyne.Min(m.Width, n.most)
	return m
}

// Fixed gives o a size of its own, whatever it would need; 0 keeps its own.
func Fixed(w, h float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&fixed{size: fyne.NewSize(w, h)}, o)
}

type fixed struct {
	size fyne.Size
	// kept free around; the size has room for them
	left, top, right float32
}

func (f *fixed) heightFor(objects []fyne.CanvasObject, w float32) float32 {
	if f.size.Height > 0 {
		return f.size.Height
	}
	return HeightFor(objects[0], w)
}

func (f *fixed) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	place(objects[0], f.left, f.top, s.Width-f.left-f.right, s.Height-f.top)
}

func (f *fixed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := objects[0].MinSize()
	if f.size.Width > 0 {
		m.Width = f.size.Width
	}
	if f.size.Height > 0 {
		m.Height = f.size.Height
	}
	return m
}

// NewCentre puts a scrolling page in the middle of its place while it fits.
func NewCentre(s *Scroll) fyne.CanvasObject { return container.New(&centre{}, s) }

type centre struct{}

func (centre) Layout(objects []fyne.CanvasObject, z fyne.Size) {
	for _, o := range objects {
		s := o.(*Scroll)
		h := fyne.Min(HeightFor(s.hold.Objects[0], z.Width), z.Height)
		s.outer = z.Height
		place(o, 0, middle(z.Height, h), z.Width, h)
	}
}
func (centre) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(120, 60) }
