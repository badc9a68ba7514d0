package part

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Code is the field for a code of the second factor: six boxes that fill as
// one types or pastes. It holds the digits no longer than needed: Take empties
// it.
type Code struct {
	widget.BaseWidget
	touch
	digits []rune
	boxes  [6]*canvas.Rectangle
	texts  [6]*canvas.Text
	caret  *canvas.Rectangle
	failed bool
	full   func() // all six are there
	change func()
}

// NewCode makes the field. full is called when the sixth digit is there,
// change at every change; both may be nil.
func NewCode(full, change func()) *Code {
	c := &Code{full: full, change: change, caret: canvas.NewRectangle(nil)}
	for i := range c.boxes {
		c.boxes[i] = box(Radius)
		c.texts[i] = canvas.NewText("", nil)
	}
	c.touch.again = c.Refresh
	c.ExtendBaseWidget(c)
	return c
}

// Complete reports whether all six digits are there.
func (c *Code) Complete() bool { return len(c.digits) == len(c.boxes) }

// Value returns the digits.
func (c *Code) Value() string { return string(c.digits) }

// Take returns the digits and empties the field: a code is good once.
func (c *Code) Take() string {
	s := string(c.digits)
	c.set(nil)
	return s
}

// Fail empties the field and shows that the code was wrong.
func (c *Code) Fail() {
	c.digits = nil
	c.failed = true
	c.Refresh()
}

func (c *Code) set(d []rune) {
	was := c.Complete()
	c.digits = d
	if len(d) > 0 {
		c.failed = false
	}
	c.Refresh()
	if c.change != nil {
		c.change()
	}
	if !was && c.Complete() && c.full != nil {
		c.full()
	}
}

// Tapped takes the keyboard.
func (c *Code) Tapped(*fyne.PointEvent) { focusOn(c) }

// Cursor implements desktop.Cursorable.
func (c *Code) Cursor() desktop.Cursor { return desktop.TextCursor }

// TypedRune takes digits and ignores the rest.
func (c *Code) TypedRune(r rune) {
	if c.disabled || len(c.digits) >= len(c.boxes) || r < '0' || r > '9' {
		return
	}
	c.set(append(c.digits, r))
}

// TypedKey deletes on Backspace.
func (c *Code) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyBackspace, fyne.KeyDelete:
		if n := len(c.digits); n > 0 {
			c.set(c.digits[:n-1])
		}
	default:
		Unhandled(c, k)
	}
}

// TypedShortcut pastes: the digits of the clipboard, whatever is between them.
func (c *Code) TypedShortcut(s fyne.Shortcut) {
	p, ok := s.(*fyne.ShortcutPaste)
	if !ok {
		passShortcut(c, s)
		return
	}
	if p.Clipboard == nil || c.disabled {
		return
	}
	var d []rune
	for _, r := range p.Clipboard.Content() {
		if r >= '0' && r <= '9' {
			d = append(d, r)
		} else if !unicode.IsSpace(r) && r != '-' {
			return // something else was copied
		}
	}
	if len(d) == len(c.boxes) {
		c.set(d)
	}
}

func (c *Code) CreateRenderer() fyne.WidgetRenderer {
	const w, h, gap, mid = 44, 52, 8, 12
	var objects []fyne.CanvasObject
	for i := range c.boxes {
		objects = append(objects, c.boxes[i], c.texts[i])
	}
	objects = append(objects, c.caret)
	at := func(i int) float32 {
		x := float32(i) * (w + gap)
		if i > 2 {
			x += mid
		}
		return x
	}
	lay := func(z fyne.Size) {
		y := middle(z.Height, h)
		for i := range c.boxes {
			place(c.boxes[i], at(i), y, w, h)
			th := c.texts[i].MinSize().Height
			place(c.texts[i], at(i), y+middle(h, th), w, th)
		}
		i := min(len(c.digits), len(c.boxes)-1)
		place(c.caret, at(i)+w/2-1, y+15, 2, h-30)
	}
	return draw(lay, func() fyne.Size { return fyne.NewSize(6*w+5*gap+mid, h) }, func() {
		for i := range c.boxes {
			fill(c.boxes[i], Panel, Edge)
			switch {
			case c.failed:
				fill(c.boxes[i], Panel, Danger)
			case c.focused && i == min(len(c.digits), len(c.boxes)-1):
				fill(c.boxes[i], Panel, Accent)
				c.boxes[i].StrokeWidth = 2
			}
			t := ""
			if i < len(c.digits) {
				t = string(c.digits[i])
			}
			c.texts[i].Text, c.texts[i].TextSize, c.texts[i].TextStyle = t, Huge, SemiBold()
			c.texts[i].Alignment, c.texts[i].Color = fyne.TextAlignCenter, Colour(Ink)
		}
		c.caret.FillColor = Colour(Accent)
		c.caret.Hidden = !c.focused || c.Complete()
		lay(c.Size())
	}, objects...)
}

// Proof asks for a code, or, by a link, for a recovery code instead.
type Proof struct {
	widget.BaseWidget
	code     *Code
	recovery *Field
	swap     *Button
	note     *Para
	column   *fyne.Container
	words    ProofWords
	relay    func()
	given    bool // what was taken last was something
}

// ProofWords are the sentences of a Proof.
type ProofWords struct {
	Helper, UseRecovery, UseCode, Recovery, RecoveryHelper string
}

// NewProof makes the question for a code. full is called when a code is
// complete; change at every change; relayout when another height is needed.
func NewProof(w ProofWords, full, change, relayout func()) *Proof {
	p := &Proof{words: w, note: NewHint(w.Helper), relay: relayout}
	p.code = NewCode(full, change)
	p.recovery = NewField(FieldSpec{Label: w.Recovery, Helper: w.RecoveryHelper, Mono: true,
		Changed: func(string) {
			if change != nil {
				change()
			}
		}, Relayout: relayout})
	p.recovery.Hide()
	p.swap = NewLink(w.UseRecovery, func() { p.UseRecovery(!p.recovery.Visible()) })
	p.column = Column(12, Row(0, p.code), Narrow(340, p.recovery), p.note, p.swap)
	p.ExtendBaseWidget(p)
	return p
}

// WithoutRecovery takes the link away: a factor is confirmed by its code alone.
func (p *Proof) WithoutRecovery() { p.swap.Hide() }

// UseRecovery switches between the boxes and the recovery code.
func (p *Proof) UseRecovery(on bool) {
	p.code.Hidden, p.recovery.Hidden = on, !on
	if on {
		p.swap.SetText(p.words.UseCode)
	} else {
		p.swap.SetText(p.words.UseRecovery)
	}
	p.SetError("")
	p.column.Refresh()
	if p.relay != nil {
		p.relay()
	}
	FocusOn(p)
}

// Ready reports whether there is something to send.
func (p *Proof) Ready() bool {
	if p.recovery.Visible() {
		return strings.TrimSpace(p.recovery.Value()) != ""
	}
	return p.code.Complete()
}

// Value returns what was typed.
func (p *Proof) Value() string {
	if p.recovery.Visible() {
		return strings.TrimSpace(p.recovery.Value())
	}
	return p.code.Value()
}

// Take returns what was typed and empties the field.
func (p *Proof) Take() string {
	v := p.Value()
	p.given = v != ""
	p.recovery.SetValue("")
	p.code.Take()
	return v
}

// Refused says why what was taken last did not do. Where that was nothing, this
// is the question itself and no fault of anybody's, and looks like one.
func (p *Proof) Refused(s string) {
	if p.given {
		p.SetError(s)
		return
	}
	p.note.Set(s, Ink)
	if p.relay != nil {
		p.relay()
	}
}

// Missing asks for what is not there yet: nothing, or too little, was typed.
func (p *Proof) Missing(s string) {
	p.given = p.Value() != ""
	p.Refused(s)
}

// SetError says that the code was wrong, and empties the boxes.
func (p *Proof) SetError(s string) {
	if s == "" {
		p.note.Set(p.words.Helper, Muted)
	} else {
		p.code.Fail()
		p.note.Set(s, DangerInk)
	}
	if p.relay != nil {
		p.relay()
	}
}

// Problem returns the error shown, or the empty string.
func (p *Proof) Problem() string {
	if p.note.Text() != p.words.Helper {
		return p.note.Text()
	}
	return ""
}

// FocusTarget is what the keyboard goes to.
func (p *Proof) FocusTarget() fyne.CanvasObject {
	if p.recovery.Visible() {
		return p.recovery.FocusTarget()
	}
	return p.code
}

// HeightFor implements Tall.
func (p *Proof) HeightFor(w float32) float32 { return HeightFor(p.column, w) }

func (p *Proof) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) { place(p.column, 0, 0, z.Width, z.Height) },
		func() fyne.Size { return p.column.MinSize() }, func() {}, p.column)
}
