package part

import (
	"weak"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// revealRoom is how much of a page stays in sight above and below what has the
// keyboard, so that its label and the mark of the focus are seen, too.
const revealRoom = 32

// scrolls are the scrolling pages of a window, kept by its TipLayer: the
// toolkit tells nobody what a part lies in. They are held weakly, so that a
// page one has left can go.
type scrolls []weak.Pointer[Scroll]

func (s *scrolls) add(x *Scroll) {
	live := (*s)[:0]
	for _, p := range *s {
		switch p.Value() {
		case x:
			return
		case nil:
		default:
			live = append(live, p)
		}
	}
	*s = append(live, weak.Make(x))
}

// around returns the pages that o lies in, the outermost first. An object that
// is in the tree of a dialog lies in none of the page below.
func (s scrolls) around(c fyne.Canvas, o fyne.CanvasObject) []*Scroll {
	d := fyne.CurrentApp().Driver()
	top := c.Overlays().Top()
	at := d.AbsolutePositionForObject(o)
	var out []*Scroll
	for _, p := range s {
		x := p.Value()
		if x == nil || !x.Visible() || x.over != top || !within(x, at, o.Size()) {
			continue
		}
		out = append(out, x)
	}
	return out
}

// within reports whether a place lies on the page of x, in sight or not. A page
// that is not shown now stands nowhere, which the driver calls the origin.
func within(x *Scroll, at fyne.Position, size fyne.Size) bool {
	view := fyne.CurrentApp().Driver().AbsolutePositionForObject(x.inner)
	if view.IsZero() {
		return false
	}
	top := view.Y - x.inner.Offset.Y
	mid := at.AddXY(size.Width/2, size.Height/2)
	return mid.X >= view.X && mid.X <= view.X+x.inner.Size().Width &&
		mid.Y >= top && mid.Y <= top+fyne.Max(x.hold.Size().Height, x.inner.Size().Height)
}

// reveal scrolls so that what has just got the keyboard is in sight.
func reveal(o fyne.CanvasObject) {
	l, c := layerOf(o), canvasOf(o)
	if l == nil || c == nil || fyne.CurrentApp().Driver().CanvasForObject(o) == nil {
		return // not painted yet: a page that comes up begins at its top
	}
	for _, s := range l.pages.around(c, o) {
		s.reveal(o)
	}
}

// Reveal scrolls so that what has just appeared is in sight, of what is too high
// its beginning. It must have its place already.
func (s *Scroll) Reveal(o fyne.CanvasObject) { s.reveal(o) }

func (s *Scroll) reveal(o fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	y := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(s.inner).Y
	h, view := o.Size().Height, s.inner.Size().Height
	to := s.inner.Offset.Y
	switch {
	case h+2*revealRoom > view || y < revealRoom: // too high: its beginning
		if y < 0 || y < revealRoom && to > 0 {
			to += y - revealRoom
		} else if y+h > view {
			to += min(y-revealRoom, y+h+revealRoom-view)
		}
	case y+h > view-revealRoom:
		to += y + h + revealRoom - view
	}
	to = fyne.Max(0, fyne.Min(to, s.hold.MinSize().Height-view))
	if to != s.inner.Offset.Y {
		s.inner.ScrollToOffset(fyne.NewPos(0, to))
	}
}

// focusMoved reveals what the keyboard has just gone to, and takes away the hint
// of something else: what it belongs to may be on a page that is gone, and the
// pointer never leaves that.
func focusMoved() {
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if o, ok := w.Canvas().Focused().(fyne.CanvasObject); ok {
			reveal(o)
			if l := layerOf(o); l != nil && l.of != nil && l.of != o {
				l.hide()
			}
		}
	}
}

// wheel lies over a text field, invisible, and hands the mouse wheel to the
// page around: the toolkit's field keeps it for itself even where it has
// nothing to scroll.
type wheel struct {
	widget.BaseWidget
	of fyne.CanvasObject
}

func newWheel(of fyne.CanvasObject) *wheel {
	w := &wheel{of: of}
	w.ExtendBaseWidget(w)
	return w
}

// Scrolled implements fyne.Scrollable.
func (w *wheel) Scrolled(e *fyne.ScrollEvent) {
	l, c := layerOf(w.of), canvasOf(w.of)
	if l == nil || c == nil {
		return
	}
	if all := l.pages.around(c, w.of); len(all) > 0 {
		all[len(all)-1].inner.Scrolled(e)
	}
}

func (w *wheel) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(nil))
}
