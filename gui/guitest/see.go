package guitest

import (
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/stint-pim/stint/core"
)

// Tokens is a session that is kept; the zero value keeps none.
type Tokens struct{ Token string }

// Load implements gui.Tokens.
func (t Tokens) Load() (core.Secret, error) { return core.NewSecret(t.Token), nil }

// Save implements gui.Tokens.
func (Tokens) Save(core.Secret) error { return nil }

// Walk calls f with every visible object of a canvas, with its place, parents
// first; the topmost overlay, if there is one, instead of the content.
func Walk(c fyne.Canvas, f func(o fyne.CanvasObject, at fyne.Position)) {
	var walk func(o fyne.CanvasObject, at fyne.Position)
	walk = func(o fyne.CanvasObject, at fyne.Position) {
		if o == nil || !o.Visible() {
			return
		}
		at = at.Add(o.Position())
		f(o, at)
		switch x := o.(type) {
		case *fyne.Container:
			for _, child := range x.Objects {
				walk(child, at)
			}
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(x).Objects() {
				walk(child, at)
			}
		}
	}
	if top := c.Overlays().Top(); top != nil {
		walk(top, fyne.Position{})
		return
	}
	walk(c.Content(), fyne.Position{})
}

// Words returns all text that is shown, a line each.
func Words(c fyne.Canvas) string {
	var out []string
	Walk(c, func(o fyne.CanvasObject, _ fyne.Position) {
		if t, ok := o.(*canvas.Text); ok && strings.TrimSpace(t.Text) != "" {
			out = append(out, t.Text)
		}
	})
	return strings.Join(out, "\n")
}

// Find returns the place of what shows a text: of several the last, which is
// in front; a text that is the same is preferred to one that contains it.
func Find(c fyne.Canvas, text string) (fyne.Position, bool) { return find(c, text, true) }

// FindFirst is Find that of several returns the first.
func FindFirst(c fyne.Canvas, text string) (fyne.Position, bool) { return find(c, text, false) }

func find(c fyne.Canvas, text string, last bool) (at fyne.Position, found bool) {
	exact := false
	Walk(c, func(o fyne.CanvasObject, pos fyne.Position) {
		t, ok := o.(*canvas.Text)
		if !ok || t.Size().Width <= 0 || !strings.Contains(t.Text, text) {
			return
		}
		same := t.Text == text
		if found && (exact && !same || exact == same && !last) {
			return
		}
		at = pos.AddXY(fyne.Min(t.MinSize().Width/2, 12), t.Size().Height/2)
		if t.Alignment == fyne.TextAlignCenter {
			at.X = pos.X + t.Size().Width/2
		}
		found, exact = true, same
	})
	return at, found
}

// Click taps a place as the desktop does: a field there also takes the
// keyboard, which the toolkit's own test driver leaves out.
func Click(c fyne.Canvas, at fyne.Position) {
	var field fyne.Focusable
	Walk(c, func(o fyne.CanvasObject, pos fyne.Position) {
		in := at.X >= pos.X && at.Y >= pos.Y && at.X < pos.X+o.Size().Width && at.Y < pos.Y+o.Size().Height
		if _, mouse := o.(desktop.Mouseable); in && mouse {
			if f, ok := o.(fyne.Focusable); ok {
				field = f
			}
		}
	})
	test.TapCanvas(c, at)
	if field != nil {
		c.Focus(field)
	}
}

// Markup writes down what is shown: kind, place, size, colours and text of
// every visible object, a line each, indented by depth. It is made by us, and
// not by the toolkit's own snapshot, because that one asserts and can't be
// asked, and knows neither arcs nor radii.
func Markup(c fyne.Canvas) string {
	var b strings.Builder
	s := c.Size()
	fmt.Fprintf(&b, "canvas %.0fx%.0f\n", s.Width, s.Height)
	Walk(c, func(o fyne.CanvasObject, at fyne.Position) {
		z := o.Size()
		line := func(kind, more string) {
			fmt.Fprintf(&b, "%s %.0f,%.0f %.0fx%.0f%s\n", kind, at.X, at.Y, z.Width, z.Height, more)
		}
		switch x := o.(type) {
		case *canvas.Text:
			if x.Text != "" {
				line("text", fmt.Sprintf(" %.0f%s %s %q", x.TextSize, weight(x.TextStyle), hex(x.Color), x.Text))
			}
		case *canvas.Rectangle:
			if x.FillColor != nil || x.StrokeWidth > 0 {
				line("rect", fmt.Sprintf(" fill=%s stroke=%s/%.1f r=%.0f", hex(x.FillColor), hex(x.StrokeColor), x.StrokeWidth, x.CornerRadius))
			}
		case *canvas.Circle:
			line("circle", " fill="+hex(x.FillColor))
		case *canvas.Arc:
			line("arc", fmt.Sprintf(" %.0f° fill=%s", x.EndAngle, hex(x.FillColor)))
		case *canvas.Image:
			if x.Resource != nil {
				line("image", " "+x.Resource.Name())
			} else {
				line("image", "")
			}
		}
	})
	return b.String()
}

func weight(s fyne.TextStyle) string {
	switch {
	case s.Monospace:
		return " mono"
	case s.Bold && s.Italic:
		return " bold"
	case s.Bold:
		return " semibold"
	case s.Italic:
		return " medium"
	}
	return ""
}

func hex(c color.Color) string {
	if c == nil {
		return "-"
	}
	r, g, b, a := c.RGBA()
	if a>>8 == 0 {
		return "-"
	}
	return fmt.Sprintf("#%02x%02x%02x%02x", r>>8, g>>8, b>>8, a>>8)
}

// FirstDifference shows the first lines in which two texts differ.
func FirstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		a, b := "", ""
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, a, b)
		}
	}
	return ""
}

// Wheel turns the mouse wheel over a place, as the desktop does: whatever can
// scroll and is in front gets it. dy is negative to go down.
func Wheel(c fyne.Canvas, at fyne.Position, dy float32) {
	var front fyne.Scrollable
	Walk(c, func(o fyne.CanvasObject, pos fyne.Position) {
		if s, ok := o.(fyne.Scrollable); ok && at.X >= pos.X && at.Y >= pos.Y && at.X < pos.X+o.Size().Width && at.Y < pos.Y+o.Size().Height {
			front = s
		}
	})
	if front != nil {
		front.Scrolled(&fyne.ScrollEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at}, Scrolled: fyne.NewDelta(0, dy)})
	}
}

// Place returns where an object stands on a canvas.
func Place(c fyne.Canvas, want fyne.CanvasObject) (at fyne.Position, found bool) {
	Walk(c, func(o fyne.CanvasObject, pos fyne.Position) {
		if o == want {
			at, found = pos, true
		}
	})
	return at, found
}
