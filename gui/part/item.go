package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Item is a row or card that can be pressed as a whole: by the pointer, or by
// Space and Enter when it has the focus. One that is Chosen lies on the
// accent's ground.
type Item struct {
	widget.BaseWidget
	touch
	object fyne.CanvasObject
	tap    func()
	card   bool // with border and radius, standing by itself
	chosen bool
	back   *canvas.Rectangle
	ring   *canvas.Rectangle
}

// NewItem makes a pressable row of a list.
func NewItem(o fyne.CanvasObject, tap func()) *Item {
	i := &Item{object: o, tap: tap, back: box(0), ring: box(Radius)}
	i.touch.again = i.Refresh
	i.ExtendBaseWidget(i)
	return i
}

// NewItemCard makes a pressable card.
func NewItemCard(o fyne.CanvasObject, tap func()) *Item {
	i := NewItem(o, tap)
	i.card, i.back = true, box(Round)
	return i
}

// NewOption is a card of a choice: a dot that is filled when chosen, a title,
// what it means, and perhaps a chip.
func NewOption(title, text string, chosen bool, chip fyne.CanvasObject, tap func()) *Item {
	head := []fyne.CanvasObject{Grow(NewStrong(title).Shrinking())}
	if chip != nil {
		head = append(head, chip)
	}
	i := NewItemCard(nil, tap)
	i.chosen = chosen
	i.object = Pad(14, TopRow(12, Inset(2, 0, 0, 0, newRadio(chosen)), Grow(Column(4, Row(8, head...), NewGentle(text)))))
	return i
}

// Choose shows the item as chosen; returns i.
func (i *Item) Choose(on bool) *Item {
	i.chosen = on
	i.Refresh()
	return i
}

// Chosen reports whether it is shown as chosen.
func (i *Item) Chosen() bool { return i.chosen }

// Tapped presses the item.
func (i *Item) Tapped(*fyne.PointEvent) {
	if !i.disabled && i.tap != nil {
		i.tap()
	}
}

// TypedKey presses on Enter and Space.
func (i *Item) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		i.Tapped(nil)
	default:
		Unhandled(i, k)
	}
}

// TypedShortcut passes shortcuts on to the window.
func (i *Item) TypedShortcut(s fyne.Shortcut) { passShortcut(i, s) }

// Cursor shows a hand over what can be pressed.
func (i *Item) Cursor() desktop.Cursor {
	if i.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// HeightFor implements Tall.
func (i *Item) HeightFor(w float32) float32 { return HeightFor(i.object, w) }

func (i *Item) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(i.back, 0, 0, z.Width, z.Height)
		place(i.ring, 1, 1, z.Width-2, z.Height-2)
		place(i.object, 0, 0, z.Width, z.Height)
	}, func() fyne.Size { return i.object.MinSize() }, func() {
		back, border := fyne.ThemeColorName(""), fyne.ThemeColorName("")
		if i.card {
			back, border = Panel, Line
		}
		switch {
		case i.chosen:
			back = AccentGround
			if i.card {
				border = Accent
			}
		case i.hovered && !i.disabled:
			back = Hover
			if i.card {
				border = Edge
			}
		}
		fill(i.back, back, border)
		outline(i.ring)
		if i.card {
			i.ring.CornerRadius = Round
		}
		i.ring.Hidden = !i.focused
	}, i.back, i.ring, i.object)
}

// radio is the dot of an option.
type radio struct {
	widget.BaseWidget
	on          bool
	outer, core *canvas.Circle
}

func newRadio(on bool) *radio {
	r := &radio{on: on, outer: canvas.NewCircle(nil), core: canvas.NewCircle(nil)}
	r.ExtendBaseWidget(r)
	return r
}

func (r *radio) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(fyne.Size) {
		place(r.outer, 0, 0, 16, 16)
		place(r.core, 4, 4, 8, 8)
	}, func() fyne.Size { return fyne.NewSize(16, 16) }, func() {
		r.outer.StrokeWidth, r.outer.StrokeColor, r.outer.FillColor = 1.5, Colour(Edge), Colour(Panel)
		if r.on {
			r.outer.StrokeColor = Colour(Accent)
		}
		r.core.FillColor = Colour(Accent)
		r.core.Hidden = !r.on
	}, r.outer, r.core)
}
