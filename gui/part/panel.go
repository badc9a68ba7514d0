package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// NewPanel puts o on a card: white (or nearly black) ground, hairline border,
// radius 12. It adds no padding.
func NewPanel(o fyne.CanvasObject) *Surface { return NewSurface(Panel, Line, Round, o) }

// Surface is a ground in palette colours under an object.
type Surface struct {
	widget.BaseWidget
	back, border fyne.ThemeColorName
	rect         *canvas.Rectangle
	object       fyne.CanvasObject
}

// NewSurface puts o on a ground; an empty border means none.
func NewSurface(back, border fyne.ThemeColorName, radius float32, o fyne.CanvasObject) *Surface {
	s := &Surface{back: back, border: border, rect: box(radius), object: o}
	s.ExtendBaseWidget(s)
	return s
}

// SetColours changes ground and border.
func (s *Surface) SetColours(back, border fyne.ThemeColorName) {
	s.back, s.border = back, border
	s.Refresh()
}

// HeightFor implements Tall.
func (s *Surface) HeightFor(w float32) float32 { return HeightFor(s.object, w) }

func (s *Surface) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(s.rect, 0, 0, z.Width, z.Height)
		place(s.object, 0, 0, z.Width, z.Height)
	}, func() fyne.Size { return s.object.MinSize() },
		func() { fill(s.rect, s.back, s.border) }, s.rect, s.object)
}

// Hairline is a line across; it is as wide as its place.
type Hairline struct {
	widget.BaseWidget
	rect *canvas.Rectangle
}

// NewHairline makes a line of one pixel.
func NewHairline() *Hairline {
	l := &Hairline{rect: canvas.NewRectangle(nil)}
	l.ExtendBaseWidget(l)
	return l
}

func (l *Hairline) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) { place(l.rect, 0, 0, z.Width, z.Height) },
		func() fyne.Size { return fyne.NewSize(1, 1) },
		func() { l.rect.FillColor = Colour(Line) }, l.rect)
}

// Chip is a state in a word on its colour's ground.
type Chip struct {
	widget.BaseWidget
	text    string
	tone    Tone
	outline bool
	side    float32 // beside the word
	rect    *canvas.Rectangle
	label   *canvas.Text
}

// NewChip makes a chip.
func NewChip(text string, tone Tone) *Chip {
	c := &Chip{text: oneLine(text), tone: tone, side: 8, rect: box(Tight), label: canvas.NewText("", nil)}
	c.ExtendBaseWidget(c)
	return c
}

// Outlined draws a border instead of the ground (eligible, scheduled); returns c.
func (c *Chip) Outlined() *Chip { c.outline = true; return c }

// Set changes word and tone.
func (c *Chip) Set(text string, tone Tone) {
	if text != c.text || tone != c.tone {
		c.text, c.tone = oneLine(text), tone
		c.Refresh()
	}
}

// Text returns the word.
func (c *Chip) Text() string { return c.text }

func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(c.rect, 0, middle(z.Height, 20), fyne.Min(z.Width, c.MinSize().Width), 20)
		h := c.label.MinSize().Height
		place(c.label, c.side, middle(z.Height, h), z.Width-2*c.side, h)
	}, func() fyne.Size {
		return fyne.NewSize(fyne.MeasureText(c.text, Small, Medium()).Width+2*c.side, 20)
	}, func() {
		plain, ink, ground := c.tone.Colours()
		if c.outline {
			fill(c.rect, "", plain)
		} else {
			fill(c.rect, ground, "")
		}
		c.label.Text, c.label.TextSize, c.label.TextStyle, c.label.Color = c.text, Small, Medium(), Colour(ink)
	}, c.rect, c.label)
}

// Dot is a small filled circle in a tone: a state beside its word.
type Dot struct {
	widget.BaseWidget
	tone   Tone
	size   float32
	circle *canvas.Circle
}

// NewDot makes a dot of a diameter.
func NewDot(tone Tone, size float32) *Dot {
	d := &Dot{tone: tone, size: size, circle: canvas.NewCircle(nil)}
	d.ExtendBaseWidget(d)
	return d
}

// Set changes the tone.
func (d *Dot) Set(tone Tone) { d.tone = tone; d.Refresh() }

func (d *Dot) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(d.circle, middle(z.Width, d.size), middle(z.Height, d.size), d.size, d.size)
	}, func() fyne.Size { return fyne.NewSize(d.size, d.size) }, func() {
		plain, _, _ := d.tone.Colours()
		d.circle.FillColor = Colour(plain)
	}, d.circle)
}

// KeyCap shows a key that does something: "Enter", "Ctrl K".
func KeyCap(key string) fyne.CanvasObject {
	return NewSurface(Panel, Line, 4, Inset(2, 6, 2, 6, NewText(key, Small, Regular(), Faint)))
}
