package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Look says how a table's cell is drawn.
type Look int

const (
	LookBody Look = iota
	LookStrong
	LookMuted
	LookFaint
	LookMono
	LookChip    // Text on Tone's ground
	LookOutline // Text in Tone's border
	LookButton  // Text on a button that calls Tap
	LookIcon    // Icon in Tone's colour; Tap, if any, is called on a click
	LookDot     // a dot in Tone before the text
)

// Cell is what stands in one place of a table: plain data, so that a model can
// make it and a test can read it.
type Cell struct {
	Text string
	Sub  string // behind the text, small and faint
	Look Look
	Tone Tone
	Icon string
	Tip  string // shown on hover; else the whole text if it was cut
	Off  bool   // a button that can't be pressed; Tip says why
	Tap  func()
}

const (
	cellGap  = 12 // to the next column
	leastSub = 24 // in less, nothing small is shown behind the text
)

// letters is about how long what stands in the cell is.
func (v Cell) letters() int { return len(v.Text) + len(v.Sub) }

// wide is how much room the cell takes if nothing of it is cut off.
func (v Cell) wide() float32 {
	size, style, more := Body, Regular(), float32(cellGap)
	switch v.Look {
	case LookStrong:
		style = SemiBold()
	case LookFaint:
		size = Small
	case LookMono:
		size, style = Small, Mono()
	case LookChip, LookOutline:
		size, style, more = Small, Medium(), more+16
	case LookButton:
		style = Medium()
	case LookDot:
		more += 16
	}
	if v.Icon != "" {
		more += 26
	}
	measure := func(s string, size float32, style fyne.TextStyle) float32 {
		if r := []rune(s); len(r) > 200 { // wider than any window, and measuring it costs
			s = string(r[:200])
		}
		return fyne.MeasureText(oneLine(s), size, style).Width
	}
	w := more
	if v.Text != "" {
		w += measure(v.Text, size, style)
	}
	if v.Sub != "" {
		w += 5 + fyne.Max(measure(v.Sub, Small, Regular()), leastSub+1)
	}
	return w + 1 // widths are rounded when they are drawn
}

// cell draws one Cell. It takes no keyboard: the table does that for all.
type cell struct {
	widget.BaseWidget
	v       Cell
	row     tableRowPart
	hovered bool
	cut     bool
	rect    *canvas.Rectangle
	main    *canvas.Text
	sub     *canvas.Text
	icon    *canvas.Image
	fit     *Text // does the cutting
}

type tableRowPart interface {
	hover(on bool)
	Tapped(*fyne.PointEvent)
	DoubleTapped()
}

func newCell(r tableRowPart) *cell {
	c := &cell{row: r, rect: box(Tight), main: canvas.NewText("", nil), sub: canvas.NewText("", nil),
		icon: &canvas.Image{FillMode: canvas.ImageFillContain}, fit: NewBody("")}
	c.ExtendBaseWidget(c)
	return c
}

func (c *cell) set(v Cell) {
	v.Text, v.Sub = oneLine(v.Text), oneLine(v.Sub)
	c.v = v
	c.Refresh()
}

func (c *cell) acts() bool { return c.v.Tap != nil && !c.v.Off }

func (c *cell) Tapped(e *fyne.PointEvent) {
	if c.acts() {
		HideTip(c)
		c.v.Tap()
		return
	}
	c.row.Tapped(e)
}

func (c *cell) MouseIn(*desktop.MouseEvent) {
	inUse(c)
	c.hovered = true
	c.row.hover(true)
	switch {
	case c.v.Tip != "":
		ShowTip(c, c.v.Tip)
	case c.cut:
		ShowTip(c, c.v.Text+gapBefore(c.v.Sub))
	}
	if c.v.Tap != nil {
		c.Refresh()
	}
}

func gapBefore(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

func (c *cell) MouseMoved(*desktop.MouseEvent) {}
func (c *cell) MouseOut() {
	c.hovered = false
	c.row.hover(false)
	HideTip(c)
	if c.v.Tap != nil {
		c.Refresh()
	}
}

func (c *cell) paint() {
	size, style, colour := Body, Regular(), Ink
	c.rect.Hidden, c.icon.Hidden = true, true
	switch c.v.Look {
	case LookStrong:
		style = SemiBold()
	case LookMuted:
		colour = Muted
	case LookFaint:
		size, colour = Small, Faint
	case LookMono:
		size, style, colour = Small, Mono(), Muted
	case LookChip, LookOutline:
		plain, ink, ground := c.v.Tone.Colours()
		size, style, colour = Small, Medium(), ink
		c.rect.CornerRadius = Tight
		if c.v.Look == LookOutline {
			fill(c.rect, "", plain)
		} else {
			fill(c.rect, ground, "")
		}
		c.rect.Hidden = c.v.Text == ""
	case LookButton:
		style = Medium()
		c.rect.CornerRadius = Radius
		fill(c.rect, Panel, Line)
		if c.hovered && c.acts() {
			fill(c.rect, Hover, Edge)
		}
		if c.v.Off {
			colour = Faint
		}
		c.rect.Hidden = c.v.Text == ""
	}
	if c.v.Icon != "" {
		plain, _, _ := c.v.Tone.Colours()
		if c.v.Tone == ToneNeutral {
			plain = Faint
			if c.hovered && c.acts() {
				plain = Ink
			}
		}
		setImage(c.icon, IconResource(c.v.Icon, Colour(plain)))
		c.icon.Hidden = false
	}
	if c.v.Look == LookDot {
		plain, _, _ := c.v.Tone.Colours()
		fill(c.rect, plain, "")
		c.rect.CornerRadius = 4
		c.rect.Hidden = false
	}
	c.main.TextSize, c.main.TextStyle, c.main.Color = size, style, Colour(colour)
	c.sub.TextSize, c.sub.TextStyle, c.sub.Color = Small, Regular(), Colour(Faint)
	c.fit.size, c.fit.style = size, style
	c.lay(c.Size())
}

func (c *cell) lay(z fyne.Size) {
	if z.Width <= 0 {
		return
	}
	var x float32
	room := z.Width - cellGap
	switch c.v.Look {
	case LookChip, LookOutline:
		x, room = 8, room-16
	case LookButton:
		x, room = 0, z.Width-cellGap
	case LookDot:
		place(c.rect, 0, middle(z.Height, 8), 8, 8)
		x, room = 16, room-16
	}
	if c.v.Icon != "" {
		place(c.icon, 0, middle(z.Height, 18), 18, 18)
		x, room = x+26, room-26
	}
	c.fit.text = c.v.Text
	c.main.Text = c.fit.fit(fyne.Max(room, 8))
	c.cut = c.fit.cut
	m := c.main.MinSize()
	switch c.v.Look {
	case LookButton:
		place(c.rect, 0, middle(z.Height, 30), z.Width, 30)
		x = middle(z.Width, m.Width)
	case LookChip, LookOutline:
		place(c.rect, 0, middle(z.Height, 20), m.Width+16, 20)
	}
	place(c.main, x, middle(z.Height, m.Height), m.Width, m.Height)
	c.sub.Text = ""
	switch left := room - m.Width - 5; {
	case c.v.Sub == "" || c.cut:
	case left <= leastSub:
		c.cut = true
	default:
		c.fit.text, c.fit.size, c.fit.style = c.v.Sub, Small, Regular()
		c.sub.Text = c.fit.fit(left)
		c.cut = c.fit.cut
		s := c.sub.MinSize()
		place(c.sub, x+m.Width+5, middle(z.Height, m.Height)+m.Height-s.Height-0.5, s.Width, s.Height)
	}
}

func (c *cell) CreateRenderer() fyne.WidgetRenderer {
	return draw(c.lay, func() fyne.Size { return fyne.NewSize(20, 30) }, c.paint, c.rect, c.icon, c.main, c.sub)
}
