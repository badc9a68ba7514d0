package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// tableBody is what scrolls: as high as all rows, holding those in sight.
type tableBody[T any] struct {
	widget.BaseWidget
	table *Table[T]
	pool  []*tableRow[T]
	shown *drawing
}

func (b *tableBody[T]) CreateRenderer() fyne.WidgetRenderer {
	b.shown = draw(func(fyne.Size) { b.see() }, func() fyne.Size {
		return fyne.NewSize(100, float32(len(b.table.rows))*b.table.spec.RowHigh)
	}, func() { b.see() }).(*drawing)
	return b.shown
}

// see puts the rows of the pool where the page is and asks for more rows when
// the end comes near.
func (b *tableBody[T]) see() {
	t := b.table
	high := t.spec.RowHigh
	view := t.scroll.Size()
	if b.shown == nil || len(t.widths) == 0 {
		return
	}
	var offset float32
	if t.flat() {
		view = b.Size()
	} else {
		offset = t.scroll.Offset.Y
	}
	first := max(0, int(offset/high))
	last := min(len(t.rows)-1, int((offset+view.Height)/high))
	need := max(0, last-first+1)
	if view.Width <= 0 {
		return
	}
	for len(b.pool) < need {
		b.pool = append(b.pool, newTableRow(t))
	}
	b.shown.objects = b.shown.objects[:0]
	for i := range need {
		r := b.pool[(first+i)%len(b.pool)] // a row keeps its widget while it is in sight
		place(r, 0, float32(first+i)*high, view.Width, high)
		r.set(first + i)
		b.shown.objects = append(b.shown.objects, r)
	}
	canvas.Refresh(b)
	if t.next != "" && !t.loading && t.failure == nil && last >= len(t.rows)-2*need {
		t.load(t.next)
	}
}

// tableRow is one row in sight.
type tableRow[T any] struct {
	widget.BaseWidget
	table   *Table[T]
	index   int
	hovered bool
	back    *canvas.Rectangle
	line    *canvas.Rectangle
	mark    *canvas.Rectangle
	tick    *Icon
	square  *canvas.Rectangle
	cells   []*cell
}

func newTableRow[T any](t *Table[T]) *tableRow[T] {
	r := &tableRow[T]{table: t, index: -1, back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil), mark: box(1),
		square: box(4), tick: NewIcon("check", OnAccent, 14)}
	for range t.spec.Columns {
		r.cells = append(r.cells, newCell(r))
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *tableRow[T]) set(i int) {
	r.index = i
	t := r.table
	cells := t.spec.Cells(t.rows[i])
	for j := range cells {
		if next := j + 1; next < len(cells) && t.spec.Columns[next].Folds && t.widths[next] == 0 && cells[j].Sub == "" {
			cells[j].Sub = cells[next].Text
		}
		r.cells[j].set(cells[j])
	}
	r.Refresh()
}

func (r *tableRow[T]) hover(on bool) {
	if on != r.hovered {
		r.hovered = on
		r.Refresh()
	}
}

func (r *tableRow[T]) MouseIn(*desktop.MouseEvent) { r.hover(true) }

func (r *tableRow[T]) MouseMoved(*desktop.MouseEvent) {}

func (r *tableRow[T]) MouseOut() { r.hover(false) }

// Tapped chooses the row; at its left edge it ticks.
func (r *tableRow[T]) Tapped(e *fyne.PointEvent) {
	t := r.table
	if r.index < 0 || r.index >= len(t.rows) {
		return
	}
	focusOn(t)
	row := t.rows[r.index]
	if t.spec.Check != nil && (t.spec.Select == nil || e != nil && e.AbsolutePosition.X < fyne.CurrentApp().Driver().AbsolutePositionForObject(r).X+48) {
		_, on := t.ticked[t.spec.Key(row)]
		t.at = r.index
		t.tick(row, !on)
		return
	}
	if t.spec.Click != nil {
		t.spec.Click(row)
		return
	}
	t.choose(r.index)
}

func (r *tableRow[T]) DoubleTapped() {}

func (r *tableRow[T]) lay(z fyne.Size) {
	t := r.table
	place(r.back, 0, 0, z.Width, z.Height)
	place(r.line, 0, z.Height-1, z.Width, 1)
	place(r.mark, 0, 0, 3, z.Height-1)
	x := t.left() - 1
	place(r.square, 15, middle(z.Height, 16), 16, 16)
	place(r.tick, 16, middle(z.Height, 14), 14, 14)
	for i, c := range r.cells {
		w := t.widths[i]
		c.Hidden = w == 0
		place(c, x, 0, fyne.Max(0, w), z.Height-1)
		x += w
	}
}

func (r *tableRow[T]) paint() {
	t := r.table
	r.line.FillColor = Colour(Line)
	if r.index < 0 || r.index >= len(t.rows) {
		return
	}
	row := t.rows[r.index]
	key := t.spec.Key(row)
	_, ticked := t.ticked[key]
	chosen := t.spec.Select != nil && key == t.chosen
	r.back.FillColor = nil
	switch {
	case ticked || chosen:
		r.back.FillColor = Colour(AccentGround)
	case r.hovered:
		r.back.FillColor = Colour(Hover)
	}
	last := r.index == len(t.rows)-1 && t.spec.Fit >= len(t.rows)
	r.line.Hidden = last || t.spec.Bare
	r.back.BottomLeftCornerRadius, r.back.BottomRightCornerRadius = 0, 0
	if last && !t.spec.Bare {
		r.back.BottomLeftCornerRadius, r.back.BottomRightCornerRadius = Round-1, Round-1
	}
	r.mark.FillColor = Colour(Accent)
	r.mark.Hidden = !(t.focused && r.index == t.at)
	r.square.Hidden = t.spec.Check == nil || !t.mayTick(row)
	r.tick.Hidden = !ticked
	if ticked {
		fill(r.square, Accent, "")
	} else {
		fill(r.square, Panel, Edge)
		r.square.StrokeWidth = 1.5
	}
	r.lay(r.Size())
}

func (r *tableRow[T]) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.back, r.line, r.mark, r.square, r.tick}
	for _, c := range r.cells {
		objects = append(objects, c)
	}
	return draw(r.lay, func() fyne.Size { return fyne.NewSize(100, r.table.spec.RowHigh) }, r.paint, objects...)
}
