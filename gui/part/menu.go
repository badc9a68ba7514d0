package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// popMenu is a list that opens below a part: Up and Down move, Enter takes,
// Esc and a click elsewhere close.
type popMenu struct {
	widget.BaseWidget
	canvas fyne.Canvas
	before fyne.Focusable
	items  []*fyne.MenuItem
	rows   []*menuRow
	at     int
	back   *canvas.Rectangle
	scroll *Scroll
	place  fyne.Position
	wide   float32
	high   float32
}

func openMenu(o fyne.CanvasObject, m *fyne.Menu, at fyne.Position, least float32, right bool) {
	c := canvasOf(o)
	if c == nil {
		return
	}
	p := &popMenu{canvas: c, before: c.Focused(), items: m.Items, at: -1, back: box(Radius + 2)}
	var rows []fyne.CanvasObject
	p.wide = fyne.Max(least, 160)
	for i, it := range m.Items {
		if it.IsSeparator {
			rows = append(rows, Inset(4, 0, 4, 0, NewHairline()))
			p.rows = append(p.rows, nil)
			p.high += 9
			continue
		}
		if it.Checked {
			p.at = i
		}
		r := newMenuRow(p, i)
		p.rows = append(p.rows, r)
		rows = append(rows, r)
		p.wide = fyne.Max(p.wide, r.MinSize().Width+12)
		p.high += 34
	}
	p.high += 12
	p.wide = fyne.Min(p.wide, 420)
	p.scroll = NewScroll(Column(0, rows...))
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Add(at)
	if right {
		pos.X += o.Size().Width - p.wide
	}
	p.high = fyne.Min(p.high, fyne.Min(360, c.Size().Height-32))
	if below := c.Size().Height - pos.Y - 12; p.high > below {
		if above := pos.Y - at.Y - 12; above > below {
			p.high = fyne.Min(p.high, above)
			pos.Y -= at.Y + p.high + 4
			if at.Y == 0 {
				pos.Y -= o.Size().Height
			}
		} else {
			p.high = below
		}
	}
	pos.X = fyne.Max(8, fyne.Min(pos.X, c.Size().Width-p.wide-8))
	p.place = pos
	p.ExtendBaseWidget(p)
	c.Overlays().Add(p)
	p.Resize(c.Size())
	c.Focus(p)
	p.mark(p.at)
}

func (p *popMenu) close() {
	p.canvas.Overlays().Remove(p)
	if p.before != nil {
		p.canvas.Focus(p.before)
	}
}

func (p *popMenu) take(i int) {
	if i < 0 || i >= len(p.items) {
		return
	}
	it := p.items[i]
	if it.IsSeparator || it.Disabled || it.Action == nil {
		return
	}
	p.close()
	it.Action()
}

func (p *popMenu) mark(i int) {
	p.at = i
	for j, r := range p.rows {
		if r != nil && r.hot != (j == i) {
			r.hot = j == i
			r.Refresh()
		}
	}
}

func (p *popMenu) step(by int) {
	for i := p.at + by; i >= 0 && i < len(p.items); i += by {
		if it := p.items[i]; !it.IsSeparator && !it.Disabled {
			p.mark(i)
			y := p.rows[i].Position().Y
			in := p.scroll.inner
			if y < in.Offset.Y {
				in.ScrollToOffset(fyne.NewPos(0, y))
			} else if y+34 > in.Offset.Y+in.Size().Height {
				in.ScrollToOffset(fyne.NewPos(0, y+34-in.Size().Height))
			}
			return
		}
	}
}

// Tapped closes: it is a click beside the menu.
func (p *popMenu) Tapped(*fyne.PointEvent)          { p.close() }
func (p *popMenu) TappedSecondary(*fyne.PointEvent) { p.close() }
func (p *popMenu) FocusGained()                     {}
func (p *popMenu) FocusLost()                       {}
func (p *popMenu) TypedRune(rune)                   {}

// AcceptsTab keeps Tab from leaving the menu.
func (p *popMenu) AcceptsTab() bool { return true }

// TakeKey implements KeyTaker.
func (p *popMenu) TakeKey(k *fyne.KeyEvent) { p.TypedKey(k) }

// TypedKey implements fyne.Focusable.
func (p *popMenu) TypedKey(k *fyne.KeyEvent) {
	inUse(p)
	switch k.Name {
	case fyne.KeyDown:
		p.step(1)
	case fyne.KeyUp:
		if p.at < 0 {
			p.at = len(p.items)
		}
		p.step(-1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		p.take(p.at)
	case fyne.KeyEscape, fyne.KeyTab:
		p.close()
	}
}

func (p *popMenu) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(fyne.Size) {
		place(p.back, p.place.X, p.place.Y, p.wide, p.high)
		place(p.scroll, p.place.X+6, p.place.Y+6, p.wide-12, p.high-12)
	}, func() fyne.Size { return fyne.Size{} }, func() { fill(p.back, Panel, Edge) }, p.back, p.scroll)
}

// menuRow is one line of a menu.
type menuRow struct {
	widget.BaseWidget
	menu  *popMenu
	index int
	hot   bool
	back  *canvas.Rectangle
	label *Text
	tick  *Icon
}

func newMenuRow(p *popMenu, i int) *menuRow {
	r := &menuRow{menu: p, index: i, back: box(Tight), label: NewBody(p.items[i].Label).Shrinking(), tick: NewIcon("check", AccentInk, 16)}
	r.ExtendBaseWidget(r)
	return r
}

func (r *menuRow) Tapped(*fyne.PointEvent)        { r.menu.take(r.index) }
func (r *menuRow) MouseIn(*desktop.MouseEvent)    { r.menu.mark(r.index) }
func (r *menuRow) MouseMoved(*desktop.MouseEvent) {}
func (r *menuRow) MouseOut()                      {}

func (r *menuRow) CreateRenderer() fyne.WidgetRenderer {
	it := r.menu.items[r.index]
	return draw(func(z fyne.Size) {
		place(r.back, 0, 1, z.Width, z.Height-2)
		place(r.label, 10, 0, z.Width-42, z.Height)
		place(r.tick, z.Width-26, middle(z.Height, 16), 16, 16)
	}, func() fyne.Size { return fyne.NewSize(r.label.width(r.label.text)+46, 34) }, func() {
		r.back.FillColor = nil
		if r.hot && !it.Disabled {
			fill(r.back, Hover, "")
		}
		c := Ink
		if it.Disabled {
			c = Faint
		}
		r.label.SetColour(c)
		r.tick.Hidden = !it.Checked
	}, r.back, r.label, r.tick)
}
