package part

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Runner does work off the render goroutine and then calls done on it;
// gui.Async.Run is one.
type Runner func(work func(ctx context.Context), done func()) (cancel func())

// TableColumn is a column. Width is fixed; with a Weight the column takes its
// share of what is left, at least Width. Where the window is too narrow, the
// columns with the highest Drop go first; those with 0 always stay, and only when
// nothing else is left do they get narrower. What Folds stands small behind the
// column before it when it had to go.
type TableColumn struct {
	Title  string
	Width  float32
	Weight float32
	Drop   int
	Folds  bool
}

// TableSpec says what a Table is like. Key and Cells are needed, the rest is
// optional.
type TableSpec[T any] struct {
	Columns []TableColumn
	Key     func(T) string // what makes a row the same row after it was read again
	Cells   func(T) []Cell // one per column
	Load    func(ctx context.Context, after string) (rows []T, next string, err error)
	Run     Runner
	Empty   fyne.CanvasObject                               // shown when there is nothing
	Failed  func(err error, again func()) fyne.CanvasObject // shown when loading failed
	Check   func()                                          // makes rows tickable; called when what is ticked changed
	MayTick func(T) bool                                    // nil: all
	Select  func(T)                                         // called when a row was chosen (click, arrows)
	Open    func(T)                                         // called on Enter; without it Enter presses the row's last button
	Fit     int                                             // show up to this many rows at full height, without scrolling of its own
	Loaded  func()                                          // called when a page was read
	Click   func(T)                                         // called on a click, instead of Select
	Bare    bool                                            // no head and no border: a list in a dialog
	RowHigh float32                                         // 46 if zero; 42 for dense lists
}

// Table is a list of rows in columns that reads its rows page by page and
// draws only those in sight, so that 100,000 rows cost no more than twenty.
// Up and Down move, Space ticks, Enter opens or presses the row's button.
type Table[T any] struct {
	widget.BaseWidget
	touch
	spec     TableSpec[T]
	rows     []T
	next     string
	loaded   bool // a first page came
	loading  bool
	failure  fyne.CanvasObject
	cancel   func()
	at       int // the row the keyboard is on; -1: none
	chosen   string
	ticked   map[string]T
	widths   []float32
	head     []*Text
	headLine *Hairline
	all      *Check
	scroll   *container.Scroll
	body     *tableBody[T]
	back     *Surface
	ring     *canvas.Rectangle
	wait     fyne.CanvasObject
	shown    *drawing
}

const tableHeadHigh = 38

// NewTable makes a table; with a Load it is empty until Reload.
func NewTable[T any](spec TableSpec[T]) *Table[T] {
	if spec.RowHigh == 0 {
		spec.RowHigh = 46
	}
	t := &Table[T]{spec: spec, at: -1, ticked: map[string]T{}, headLine: NewHairline(),
		back: NewPanel(canvas.NewRectangle(nil)), ring: box(Round), wait: Skeleton(6)}
	for _, c := range spec.Columns {
		t.head = append(t.head, NewText(c.Title, Small, Medium(), Faint).Shrinking())
	}
	if spec.Check != nil {
		t.all = NewCheck("", false, t.tickAll)
	}
	t.body = &tableBody[T]{table: t}
	t.body.ExtendBaseWidget(t.body)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.body.see() }
	t.touch.again = t.Refresh
	t.ExtendBaseWidget(t)
	return t
}

// SetRows shows rows that are at hand.
func (t *Table[T]) SetRows(rows []T) {
	t.take(rows, "")
	t.show()
}

// Rows returns the rows read so far.
func (t *Table[T]) Rows() []T { return t.rows }

// Reload reads from the beginning. What is shown stays until the first page
// is there.
func (t *Table[T]) Reload() { t.load("") }

func (t *Table[T]) load(after string) {
	if t.cancel != nil {
		t.cancel()
	}
	t.loading = true
	var rows []T
	var next string
	var err error
	t.cancel = t.spec.Run(func(ctx context.Context) {
		rows, next, err = t.spec.Load(ctx, after)
	}, func() {
		t.loading = false
		if err != nil {
			if t.spec.Failed != nil {
				t.failure = t.spec.Failed(err, func() { t.load(after) })
			}
			t.show()
			return
		}
		if after == "" {
			t.take(rows, next)
		} else {
			t.rows, t.next = append(t.rows, rows...), next
		}
		t.failure = nil
		t.Refresh()
		t.show()
		if t.spec.Loaded != nil {
			t.spec.Loaded()
		}
	})
	if t.loading && !t.loaded {
		t.show()
	}
}

func (t *Table[T]) take(rows []T, next string) {
	t.rows, t.next, t.loaded = rows, next, true
	t.at = -1
	live := map[string]T{}
	for i, r := range rows {
		k := t.spec.Key(r)
		if k == t.chosen && t.chosen != "" {
			t.at = i
		}
		if _, ok := t.ticked[k]; ok {
			live[k] = r
		}
	}
	if len(live) != len(t.ticked) && next == "" {
		t.ticked = live
		if t.spec.Check != nil {
			t.spec.Check()
		}
	}
}

// Ticked returns the rows ticked, in the order shown.
func (t *Table[T]) Ticked() []T {
	var out []T
	for _, r := range t.rows {
		if _, ok := t.ticked[t.spec.Key(r)]; ok {
			out = append(out, r)
		}
	}
	return out
}

// Untick clears all ticks without calling Check.
func (t *Table[T]) Untick() {
	t.ticked = map[string]T{}
	t.Refresh()
}

// Tick ticks or clears the row of a key.
func (t *Table[T]) Tick(key string, on bool) {
	for _, r := range t.rows {
		if t.spec.Key(r) == key {
			t.tick(r, on)
		}
	}
	t.Refresh()
}

func (t *Table[T]) mayTick(r T) bool { return t.spec.MayTick == nil || t.spec.MayTick(r) }

func (t *Table[T]) tick(r T, on bool) {
	if !t.mayTick(r) {
		return
	}
	if on {
		t.ticked[t.spec.Key(r)] = r
	} else {
		delete(t.ticked, t.spec.Key(r))
	}
	t.spec.Check()
	t.body.see()
	t.all.Set(len(t.ticked) > 0 && len(t.ticked) == t.tickable())
}

func (t *Table[T]) tickable() (n int) {
	for _, r := range t.rows {
		if t.mayTick(r) {
			n++
		}
	}
	return
}

func (t *Table[T]) tickAll(on bool) {
	t.ticked = map[string]T{}
	for _, r := range t.rows {
		if on && t.mayTick(r) {
			t.ticked[t.spec.Key(r)] = r
		}
	}
	t.spec.Check()
	t.body.see()
}

// Choose marks the row of a key as chosen, without calling Select.
func (t *Table[T]) Choose(key string) {
	t.chosen, t.at = key, -1
	for i, r := range t.rows {
		if t.spec.Key(r) == key {
			t.at = i
		}
	}
	t.body.see()
}

func (t *Table[T]) choose(i int) {
	if i < 0 || i >= len(t.rows) {
		return
	}
	t.at = i
	t.chosen = t.spec.Key(t.rows[i])
	t.reveal()
	t.body.see()
	if t.spec.Select != nil {
		t.spec.Select(t.rows[i])
	}
}

// reveal scrolls so that the row of the keyboard is in sight.
func (t *Table[T]) reveal() {
	if t.flat() {
		return
	}
	top := float32(t.at) * t.spec.RowHigh
	high := t.scroll.Size().Height
	switch {
	case top < t.scroll.Offset.Y:
		t.scroll.ScrollToOffset(fyne.NewPos(0, top))
	case top+t.spec.RowHigh > t.scroll.Offset.Y+high:
		t.scroll.ScrollToOffset(fyne.NewPos(0, top+t.spec.RowHigh-high))
	}
}

// TypedKey implements fyne.Focusable.
func (t *Table[T]) TypedKey(k *fyne.KeyEvent) {
	page := max(1, int(t.scroll.Size().Height/t.spec.RowHigh)-1)
	switch k.Name {
	case fyne.KeyDown:
		t.choose(min(t.at+1, len(t.rows)-1))
	case fyne.KeyUp:
		t.choose(max(t.at-1, 0))
	case fyne.KeyPageDown:
		t.choose(min(t.at+page, len(t.rows)-1))
	case fyne.KeyPageUp:
		t.choose(max(t.at-page, 0))
	case fyne.KeyHome:
		t.choose(0)
	case fyne.KeyEnd:
		t.choose(len(t.rows) - 1)
	case fyne.KeySpace:
		if t.spec.Check != nil && t.at >= 0 {
			r := t.rows[t.at]
			_, on := t.ticked[t.spec.Key(r)]
			t.tick(r, !on)
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		t.open()
	default:
		Unhandled(t, k)
	}
}

func (t *Table[T]) open() {
	if t.at < 0 || t.at >= len(t.rows) {
		return
	}
	r := t.rows[t.at]
	if t.spec.Open != nil {
		t.spec.Open(r)
		return
	}
	cells := t.spec.Cells(r)
	for i := len(cells) - 1; i >= 0; i-- {
		if c := cells[i]; c.Look == LookButton && c.Tap != nil && !c.Off {
			c.Tap()
			return
		}
	}
}

// TypedShortcut passes shortcuts on to the window.
func (t *Table[T]) TypedShortcut(s fyne.Shortcut) { passShortcut(t, s) }

// Tapped takes the keyboard.
func (t *Table[T]) Tapped(*fyne.PointEvent) { focusOn(t) }

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

func (r *tableRow[T]) MouseIn(*desktop.MouseEvent)    { r.hover(true) }
func (r *tableRow[T]) MouseMoved(*desktop.MouseEvent) {}
func (r *tableRow[T]) MouseOut()                      { r.hover(false) }

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
