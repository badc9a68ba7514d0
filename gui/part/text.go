package part

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Text is one line. Where it has too little room it ends in an ellipsis and
// shows the whole on hover.
type Text struct {
	widget.BaseWidget
	text   string
	size   float32
	style  fyne.TextStyle
	colour fyne.ThemeColorName
	align  fyne.TextAlign
	shrink bool // MinSize is small, so that it may be cut
	line   *canvas.Text
	cut    bool
}

// NewText makes a line of text.
func NewText(text string, size float32, style fyne.TextStyle, colour fyne.ThemeColorName) *Text {
	t := &Text{text: oneLine(text), size: legible(size, style), style: style, colour: colour, line: canvas.NewText("", nil)}
	t.ExtendBaseWidget(t)
	return t
}

// legible keeps monospaced text large enough for its underscores, which the
// toolkit cuts off below 14: db_admin must not read as db admin.
func legible(size float32, s fyne.TextStyle) float32 {
	if s.Monospace {
		return max(size, 14)
	}
	return size
}

// The usual kinds of text.
func NewTitle(s string) *Text   { return NewText(s, Huge, Bold(), Ink) }
func NewHeading(s string) *Text { return NewText(s, Body, SemiBold(), Muted) } // of a section
func NewStrong(s string) *Text  { return NewText(s, Body, SemiBold(), Ink) }
func NewBody(s string) *Text    { return NewText(s, Body, Regular(), Ink) }
func NewMuted(s string) *Text   { return NewText(s, Body, Regular(), Muted) }
func NewSmall(s string) *Text   { return NewText(s, Small, Regular(), Muted) }
func NewFaint(s string) *Text   { return NewText(s, Small, Regular(), Faint) }
func NewMono(s string) *Text    { return NewText(s, Small, Mono(), Muted) }

// oneLine keeps hostile names from breaking a line or hiding text: control and
// direction-changing characters become a visible sign.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < 0x20 || r == 0x7f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return '·'
		}
		return r
	}, s)
}

// Shrinking lets the text be cut where a Row has too little room, instead of
// pushing the others out; returns t.
func (t *Text) Shrinking() *Text { t.shrink = true; return t }

// Align sets the alignment; returns t.
func (t *Text) Align(a fyne.TextAlign) *Text { t.align = a; return t }

// Text returns the whole text.
func (t *Text) Text() string { return t.text }

// SetText changes the text and repaints if it differs.
func (t *Text) SetText(s string) {
	if s = oneLine(s); s != t.text {
		t.text = s
		t.Refresh()
	}
}

// SetColour changes the colour and repaints if it differs.
func (t *Text) SetColour(c fyne.ThemeColorName) {
	if c != t.colour {
		t.colour = c
		t.Refresh()
	}
}

func (t *Text) width(s string) float32 { return fyne.MeasureText(s, t.size, t.style).Width }

// fit returns the text as it can be shown in w.
func (t *Text) fit(w float32) string {
	if t.width(t.text) <= w+0.5 {
		t.cut = false
		return t.text
	}
	t.cut = true
	r := []rune(t.text)
	if len(r) > 600 { // nothing shows more, and measuring it costs
		r = r[:600]
	}
	lo, hi := 0, len(r)
	for lo < hi {
		m := (lo + hi + 1) / 2
		if t.width(strings.TrimRight(string(r[:m]), " ")+"…") <= w {
			lo = m
		} else {
			hi = m - 1
		}
	}
	return strings.TrimRight(string(r[:lo]), " ") + "…"
}

func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	set := func() {
		t.line.TextSize, t.line.TextStyle, t.line.Color, t.line.Alignment = t.size, t.style, Colour(t.colour), t.align
		if w := t.Size().Width; w > 0 {
			t.line.Text = t.fit(w)
		} else {
			t.line.Text = t.text
		}
	}
	return draw(func(z fyne.Size) {
		t.line.Text = t.fit(z.Width)
		h := t.line.MinSize().Height
		place(t.line, 0, middle(z.Height, h), z.Width, h)
	}, func() fyne.Size {
		m := fyne.MeasureText(t.text, t.size, t.style)
		if t.shrink {
			m.Width = fyne.Min(m.Width, 24)
		}
		return m
	}, set, t.line)
}

// MouseIn shows the whole of a cut text.
func (t *Text) MouseIn(e *desktop.MouseEvent) {
	inUse(t)
	if t.cut {
		ShowTip(t, t.text)
	}
}

func (t *Text) MouseMoved(*desktop.MouseEvent) {}
func (t *Text) MouseOut()                      { HideTip(t) }

// Para is text that wraps.
type Para struct {
	widget.BaseWidget
	text   string
	size   float32
	style  fyne.TextStyle
	colour fyne.ThemeColorName
	align  fyne.TextAlign
	lines  []*canvas.Text
	wide   float32 // the width that lines were broken for
	shown  *drawing
}

// NewPara makes text that wraps; line breaks in it are kept.
func NewPara(text string, size float32, style fyne.TextStyle, colour fyne.ThemeColorName) *Para {
	p := &Para{text: text, size: legible(size, style), style: style, colour: colour}
	p.ExtendBaseWidget(p)
	return p
}

// The usual kinds of wrapping text.
func NewProse(s string) *Para  { return NewPara(s, Body, Regular(), Ink) }
func NewHint(s string) *Para   { return NewPara(s, Small, Regular(), Muted) }
func NewGentle(s string) *Para { return NewPara(s, Body, Regular(), Muted) }

// Align sets the alignment; returns p.
func (p *Para) Align(a fyne.TextAlign) *Para { p.align = a; return p }

// Text returns the text.
func (p *Para) Text() string { return p.text }

// Set changes text and colour. If it may need another height, the page has to
// be laid out again (Scroll.Relayout).
func (p *Para) Set(text string, colour fyne.ThemeColorName) {
	if text == p.text && colour == p.colour {
		return
	}
	p.text, p.colour, p.wide = text, colour, 0
	p.Refresh()
}

func (p *Para) lineHeight() float32 { return p.size + 6 }

// broken returns the text in lines no wider than w.
func (p *Para) broken(w float32) []string {
	width := func(s string) float32 { return fyne.MeasureText(s, p.size, p.style).Width }
	var out []string
	for _, hard := range strings.Split(p.text, "\n") {
		line := ""
		for _, word := range strings.Fields(oneLine(hard)) {
			try := word
			if line != "" {
				try = line + " " + word
			}
			if width(try) <= w || w <= 0 {
				line = try
				continue
			}
			if line != "" {
				out = append(out, line)
			}
			for line = word; width(line) > w; { // a word wider than the line
				r := []rune(line)
				n := len(r) - 1
				for n > 1 && width(string(r[:n])) > w {
					n--
				}
				if n < 1 {
					break
				}
				out = append(out, string(r[:n]))
				line = string(r[n:])
				if len(r) == 1 {
					break
				}
			}
		}
		out = append(out, line)
	}
	return out
}

// HeightFor implements Tall.
func (p *Para) HeightFor(w float32) float32 {
	if p.text == "" {
		return 0
	}
	return float32(len(p.broken(w)))*p.lineHeight() - 2
}

func (p *Para) lay(w float32) {
	if w <= 0 {
		return
	}
	if w != p.wide {
		p.wide = w
		p.lines = p.lines[:0]
		for _, s := range p.broken(w) {
			p.lines = append(p.lines, canvas.NewText(s, nil))
		}
		p.shown.objects = p.shown.objects[:0]
		for _, l := range p.lines {
			p.shown.objects = append(p.shown.objects, l)
		}
	}
	for i, l := range p.lines {
		l.TextSize, l.TextStyle, l.Color, l.Alignment = p.size, p.style, Colour(p.colour), p.align
		place(l, 0, float32(i)*p.lineHeight(), w, p.lineHeight()-2)
	}
}

func (p *Para) CreateRenderer() fyne.WidgetRenderer {
	// The toolkit drops how something is drawn once that has been hidden for a
	// minute, and asks anew when it is shown again: the lines are to be put in again.
	p.shown, p.wide = &drawing{}, 0
	p.shown.layout = func(z fyne.Size) { p.lay(z.Width) }
	p.shown.min = func() fyne.Size {
		w := p.Size().Width
		if w <= 0 {
			w = 280
		}
		return fyne.NewSize(60, p.HeightFor(w))
	}
	p.shown.paint = func() { p.lay(p.Size().Width) }
	return p.shown
}
