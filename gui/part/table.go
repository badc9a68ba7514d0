package part

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
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
	alone    []needs // of each column, once rows were read
	folded   []needs
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
			t.heed(rows)
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
	t.weigh()
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
