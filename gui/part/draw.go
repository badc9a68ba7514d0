package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
)

// drawing is the renderer of every part: three functions around a list of
// objects. paint sets colours and texts; the toolkit calls it on every
// Refresh, also when the theme changed.
type drawing struct {
	objects []fyne.CanvasObject
	layout  func(fyne.Size)
	min     func() fyne.Size
	paint   func()
}

func (d *drawing) Layout(s fyne.Size)           { d.layout(s) }
func (d *drawing) MinSize() fyne.Size           { return d.min() }
func (d *drawing) Objects() []fyne.CanvasObject { return d.objects }
func (d *drawing) Destroy()                     {}
func (d *drawing) Refresh() {
	d.paint()
	for _, o := range d.objects {
		canvas.Refresh(o)
	}
}

// draw makes a renderer and paints it a first time.
func draw(layout func(fyne.Size), min func() fyne.Size, paint func(), objects ...fyne.CanvasObject) fyne.WidgetRenderer {
	d := &drawing{objects: objects, layout: layout, min: min, paint: paint}
	paint()
	return d
}

// touch is the memory of a part that can be pointed at and focused. Its owner
// embeds it and sets again to its Refresh.
type touch struct {
	hovered, focused, disabled bool
	again                      func()
}

func (t *touch) MouseIn(*desktop.MouseEvent)    { t.hovered = true; t.again() }
func (t *touch) MouseMoved(*desktop.MouseEvent) {}
func (t *touch) MouseOut()                      { t.hovered = false; t.again() }
func (t *touch) FocusGained()                   { t.focused = true; t.again(); focusMoved() }
func (t *touch) FocusLost()                     { t.focused = false; t.again() }
func (t *touch) TypedRune(rune)                 {}

// Disabled reports whether the part takes no input now.
func (t *touch) Disabled() bool { return t.disabled }

// Enable lets the part take input again.
func (t *touch) Enable() { t.disabled = false; t.again() }

// Disable keeps the part from taking input; it is skipped by Tab.
func (t *touch) Disable() { t.disabled = true; t.hovered = false; t.again() }

// focusOn moves the keyboard's focus to o, if o is shown.
func focusOn(o fyne.CanvasObject) {
	f, ok := o.(fyne.Focusable)
	if !ok {
		return
	}
	if c := canvasOf(o); c != nil {
		c.Focus(f)
	}
}

// canvasOf returns the canvas that o is on. The toolkit knows it only once o
// was painted; before that it is the window's, as there is one window.
func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	d := fyne.CurrentApp().Driver()
	if c := d.CanvasForObject(o); c != nil {
		return c
	}
	if all := d.AllWindows(); len(all) > 0 {
		return all[0].Canvas()
	}
	return nil
}

// FocusOn moves the keyboard's focus to a part that is shown. Fields move it
// to what is typed into.
func FocusOn(o fyne.CanvasObject) {
	if t, ok := o.(interface{ FocusTarget() fyne.CanvasObject }); ok {
		o = t.FocusTarget()
	}
	focusOn(o)
}

// box is a rounded rectangle in palette colours.
func box(radius float32) *canvas.Rectangle {
	r := canvas.NewRectangle(nil)
	r.CornerRadius = radius
	return r
}

// place moves and resizes o.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// middle returns where something of height h begins to stand in the middle of all.
func middle(all, h float32) float32 { return (all - h) / 2 }
