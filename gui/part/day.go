package part

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Day is a field for a date that can be typed or picked from a calendar.
type Day struct {
	widget.BaseWidget
	field  *Field
	spec   DaySpec
	button *Button
	row    *fyne.Container
}

// DaySpec says what a Day is like. What the text means is the caller's affair.
type DaySpec struct {
	FieldSpec
	Tip   string                 // of the calendar's button
	Now   time.Time              // where the calendar opens when the field can't be read
	Read  func(string) time.Time // of what stands in the field; zero where it can't be read
	Write func(time.Time) string // of a day picked
}

// NewDay makes the field.
func NewDay(s DaySpec) *Day {
	d := &Day{field: NewField(s.FieldSpec), spec: s}
	d.button = NewButtonOf(Secondary, "", "calendar", d.open).Tip(s.Tip)
	top := float32(0)
	if s.Label != "" {
		top = 24
	}
	d.row = TopRow(8, Grow(d.field), Inset(top+1, 0, 0, 0, d.button))
	d.ExtendBaseWidget(d)
	return d
}

func (d *Day) open() {
	c := fyne.CurrentApp().Driver().CanvasForObject(d.button)
	if c == nil {
		return
	}
	at := d.spec.Now
	if d.spec.Read != nil {
		if t := d.spec.Read(d.Value()); !t.IsZero() {
			at = t
		}
	}
	var pop *widget.PopUp
	cal := widget.NewCalendar(at, func(t time.Time) {
		pop.Hide()
		text := d.spec.Write(t)
		d.SetValue(text)
		d.SetError("")
		if d.spec.Changed != nil {
			d.spec.Changed(text)
		}
		FocusOn(d.field)
	})
	pop = widget.NewPopUp(Pad(8, cal), c)
	z := pop.MinSize()
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(d.button)
	x := fyne.Max(8, pos.X+d.button.Size().Width-z.Width)
	y := pos.Y + d.button.Size().Height + 6
	if y+z.Height > c.Size().Height {
		y = fyne.Max(8, pos.Y-z.Height-6)
	}
	pop.ShowAtPosition(fyne.NewPos(x, y))
}

// SetEnabled lets a day be typed and picked or not.
func (d *Day) SetEnabled(on bool) {
	d.field.SetEnabled(on)
	d.button.SetEnabled(on)
}

// HeightFor implements Tall.
func (d *Day) HeightFor(w float32) float32 { return HeightFor(d.row, w) }

// Value returns what stands in the field.
func (d *Day) Value() string { return d.field.Value() }

// SetValue writes into the field without calling Changed.
func (d *Day) SetValue(v string) { d.field.SetValue(v) }

// SetError shows an error in the helper's place.
func (d *Day) SetError(s string) { d.field.SetError(s) }

// FocusTarget is what the keyboard goes to.
func (d *Day) FocusTarget() fyne.CanvasObject { return d.field.FocusTarget() }

func (d *Day) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) { place(d.row, 0, 0, z.Width, z.Height) },
		func() fyne.Size { return d.row.MinSize() }, func() {}, d.row)
}
