package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Lead sets objects side by side like Row, but lets the first be cut where
// there is too little room for all: a name with the chips that follow it.
func Lead(gap float32, first fyne.CanvasObject, rest ...fyne.CanvasObject) *fyne.Container {
	return container.New(&lead{gap: gap}, append([]fyne.CanvasObject{first}, rest...)...)
}

// Nudge sets o below something: indented, but further left where it would not
// fit otherwise. Buttons under a card's text stand so.
func Nudge(indent float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&nudge{indent}, o)
}

type nudge struct{ indent float32 }

func (n *nudge) Layout(o []fyne.CanvasObject, z fyne.Size) {
	w := fyne.Min(o[0].MinSize().Width, z.Width)
	place(o[0], fyne.Max(0, fyne.Min(n.indent, z.Width-w)), 0, w, z.Height)
}

func (n *nudge) heightFor(o []fyne.CanvasObject, w float32) float32 { return HeightFor(o[0], w) }
func (n *nudge) MinSize(o []fyne.CanvasObject) fyne.Size            { return o[0].MinSize() }

type lead struct{ gap float32 }

// natural is the width that o would like to have; a Text that may be cut asks
// for less than that.
func natural(o fyne.CanvasObject) float32 {
	if t, ok := o.(*Text); ok {
		return t.width(t.text)
	}
	return o.MinSize().Width
}

func (l *lead) Layout(o []fyne.CanvasObject, z fyne.Size) {
	rest := float32(0)
	for _, x := range o[1:] {
		if x.Visible() {
			rest += x.MinSize().Width + l.gap
		}
	}
	w := fyne.Max(0, fyne.Min(natural(o[0]), z.Width-rest))
	h := fyne.Min(HeightFor(o[0], w), z.Height)
	place(o[0], 0, middle(z.Height, h), w, h)
	at := w + l.gap
	for _, x := range o[1:] {
		if !x.Visible() {
			continue
		}
		m := x.MinSize()
		place(x, at, middle(z.Height, m.Height), m.Width, m.Height)
		at += m.Width + l.gap
	}
}

func (l *lead) heightFor(o []fyne.CanvasObject, _ float32) float32 { return l.MinSize(o).Height }

func (l *lead) MinSize(o []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		s := x.MinSize()
		m.Width += s.Width
		if i > 0 {
			m.Width += l.gap
		}
		m.Height = fyne.Max(m.Height, s.Height)
	}
	return m
}
