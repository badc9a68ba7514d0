package part

import (
	"cmp"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

const tableHeadHigh = 38

// measure computes the columns' widths; 0 for one that had to go.
func (t *Table[T]) measure(width float32) {
	room := width - 32
	if t.spec.Check != nil {
		room -= 36
	}
	gone := 0
	for {
		var least float32
		most := 0
		for _, c := range t.spec.Columns {
			if gone == 0 || c.Drop == 0 || c.Drop < gone {
				least += c.Width
				most = max(most, c.Drop)
			}
		}
		if least <= room || most == 0 {
			break
		}
		gone = most
	}
	t.widths = make([]float32, len(t.spec.Columns))
	var used, weight float32
	stays := func(c TableColumn) bool { return gone == 0 || c.Drop == 0 || c.Drop < gone }
	for i, c := range t.spec.Columns {
		if stays(c) {
			t.widths[i] = c.Width
			used += c.Width
			weight += c.Weight
		}
	}
	if used > room && room > 0 {
		for i := range t.widths {
			t.widths[i] *= room / used
		}
	}
	if spare := room - used; spare > 0 && weight > 0 {
		for i, c := range t.spec.Columns {
			if stays(c) {
				t.widths[i] += spare * c.Weight / weight
			}
		}
	}
	// One long name may be cut off before the addresses of all are.
	t.lend(func(n needs) float32 { return n.most })
	t.lend(func(n needs) float32 { return n.all })
}

// lend takes what some columns have too much of for what stands in them, and
// gives it to those in which something would be cut off: to each the same, and
// to none more than it needs.
func (t *Table[T]) lend(of func(needs) float32) {
	if len(t.alone) == 0 {
		return
	}
	short, spare := make([]float32, len(t.widths)), make([]float32, len(t.widths))
	var all float32 // that can be taken
	open := 0       // columns that want some
	for i, w := range t.widths {
		if w == 0 {
			continue
		}
		n := t.alone[i]
		if next := i + 1; next < len(t.widths) && t.spec.Columns[next].Folds && t.widths[next] == 0 {
			n = t.folded[i]
		}
		need := of(n)
		if t.spec.Columns[i].Weight == 0 {
			need = n.all // a date or chip that is cut off says nothing
		}
		need = fyne.Max(need, t.head[i].width(t.head[i].text)+8)
		switch {
		case need > w:
			short[i] = need - w
			open++
		case need < w:
			spare[i] = w - need
			all += w - need
		}
	}
	given := float32(0)
	for left := all; open > 0 && left > 0.5; {
		share := left / float32(open)
		for i, lack := range short {
			if lack == 0 {
				continue
			}
			part := fyne.Min(share, lack)
			t.widths[i] += part
			left, given = left-part, given+part
			if short[i] -= part; short[i] < 0.5 {
				short[i] = 0
				open--
			}
		}
	}
	if given == 0 {
		return
	}
	for i, s := range spare {
		t.widths[i] -= s * given / all
	}
}

// needs is how wide a column has to be so that nothing is cut off in nine rows
// of ten, and in all of them.
type needs struct {
	most, all float32
	chips     bool
	longest   int // letters
}

// measured is how many rows are looked at: a page.
const measured = 100

// weigh finds what the columns need for the first rows, each on its own and with
// what folds behind it.
func (t *Table[T]) weigh() {
	t.alone, t.folded = nil, nil
	rows := make([][]Cell, min(len(t.rows), measured))
	if len(rows) == 0 {
		return
	}
	for i := range rows {
		rows[i] = t.spec.Cells(t.rows[i])
	}
	column := make([]Cell, len(rows))
	for i := range t.spec.Columns {
		for k, cells := range rows {
			column[k] = cells[i]
		}
		t.alone = append(t.alone, weighed(column))
		if next := i + 1; next < len(t.spec.Columns) && t.spec.Columns[next].Folds {
			for k, cells := range rows {
				if column[k].Sub == "" {
					column[k].Sub = cells[next].Text
				}
			}
			t.folded = append(t.folded, weighed(column))
		} else {
			t.folded = append(t.folded, needs{})
		}
	}
}

// heed lets columns of chips have what rows further down need.
func (t *Table[T]) heed(rows []T) {
	for _, r := range rows {
		for i, c := range t.spec.Cells(r) {
			if i < len(t.alone) && t.alone[i].chips && c.letters() > t.alone[i].longest {
				n := weighed([]Cell{c})
				t.alone[i].all, t.alone[i].longest = fyne.Max(t.alone[i].all, n.all), n.longest
			}
		}
	}
}

// weighed measures the cells with the most letters: measuring all of them would
// take longer than drawing them. It puts cells into another order.
func weighed(cells []Cell) (n needs) {
	slices.SortFunc(cells, func(a, b Cell) int { return cmp.Compare(a.letters(), b.letters()) })
	last := len(cells) - 1
	n.most = cells[last-last/10].wide()
	for _, c := range cells[max(0, last-2):] { // of about the same length, another may be the widest
		n.all = fyne.Max(n.all, c.wide())
	}
	n.all, n.longest = fyne.Max(n.all, n.most), cells[last].letters()
	n.chips = slices.ContainsFunc(cells, func(c Cell) bool { return c.Look == LookChip || c.Look == LookOutline || c.Look == LookButton })
	return n
}

// flat reports whether all rows are shown at full height: then the table has
// no scrolling of its own, which would swallow the page's.
func (t *Table[T]) flat() bool { return t.spec.Fit > 0 && len(t.rows) <= t.spec.Fit && t.next == "" }

func (t *Table[T]) headHigh() float32 {
	if t.spec.Bare {
		return 0
	}
	return tableHeadHigh
}

func (t *Table[T]) left() float32 {
	if t.spec.Check != nil {
		return 52
	}
	return 16
}

// HeightFor implements Tall: with Fit, the height of the rows.
func (t *Table[T]) HeightFor(w float32) float32 {
	if len(t.rows) == 0 {
		if t.loaded && t.spec.Empty != nil {
			return HeightFor(t.spec.Empty, w) + 2
		}
		return t.headHigh() + 5*t.spec.RowHigh
	}
	if t.spec.Fit > 0 {
		return t.headHigh() + float32(min(len(t.rows), t.spec.Fit))*t.spec.RowHigh + 1
	}
	return t.headHigh() + 3*t.spec.RowHigh
}

func (t *Table[T]) CreateRenderer() fyne.WidgetRenderer {
	t.shown = draw(t.lay, func() fyne.Size { return fyne.NewSize(200, t.HeightFor(600)) }, func() {
		outline(t.ring)
		t.ring.Hidden = !t.focused || t.spec.Bare || t.at >= 0
		t.lay(t.Size())
	}).(*drawing)
	t.show()
	return t.shown
}

// show puts in place what the state asks for: rows, skeleton, failure or the
// empty state.
func (t *Table[T]) show() {
	if t.shown == nil {
		return
	}
	o := []fyne.CanvasObject{t.back}
	if t.spec.Bare {
		o = nil
	}
	switch {
	case t.failure != nil && len(t.rows) == 0:
		o = append(o, t.failure)
	case !t.loaded:
		o = append(o, t.wait)
	case len(t.rows) == 0 && t.spec.Empty != nil:
		o = append(o, t.spec.Empty)
	default:
		for _, h := range t.head {
			if !t.spec.Bare {
				o = append(o, h)
			}
		}
		if t.all != nil {
			o = append(o, t.all)
		}
		if !t.spec.Bare {
			o = append(o, t.headLine)
		}
		if t.flat() {
			o = append(o, t.body)
		} else {
			o = append(o, t.scroll)
		}
		if t.failure != nil {
			o = append(o, t.failure)
		}
	}
	t.shown.objects = append(o, t.ring)
	t.lay(t.Size())
	canvas.Refresh(t)
}

func (t *Table[T]) lay(z fyne.Size) {
	if z.Width <= 0 || t.shown == nil {
		return
	}
	place(t.back, 0, 0, z.Width, z.Height)
	place(t.ring, 0, 0, z.Width, z.Height)
	place(t.wait, 20, 24, z.Width-40, z.Height-40)
	if t.spec.Empty != nil {
		h := HeightFor(t.spec.Empty, z.Width)
		place(t.spec.Empty, 0, fyne.Max(0, middle(z.Height, h)), z.Width, fyne.Min(h, z.Height))
	}
	bottom := float32(1)
	if t.failure != nil {
		h := HeightFor(t.failure, z.Width-32)
		place(t.failure, 16, z.Height-h-16, z.Width-32, h)
		bottom = h + 32
	}
	t.measure(z.Width)
	x := t.left()
	for i, h := range t.head {
		h.Hidden = t.widths[i] == 0
		place(h, x, 0, fyne.Max(0, t.widths[i]-8), t.headHigh())
		x += t.widths[i]
	}
	if t.all != nil {
		place(t.all, 16, middle(t.headHigh(), 20), 20, 20)
	}
	place(t.headLine, 1, t.headHigh()-1, z.Width-2, 1)
	if t.flat() {
		place(t.body, 1, t.headHigh(), z.Width-2, fyne.Max(0, z.Height-t.headHigh()-bottom))
	} else {
		t.scroll.Content = t.body
		place(t.scroll, 1, t.headHigh(), z.Width-2, fyne.Max(0, z.Height-t.headHigh()-bottom))
		t.scroll.Refresh()
	}
	t.body.see()
}
