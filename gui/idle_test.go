package gui_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/guitest"
)

// caret reports whether a caret blinks in what has the keyboard: the toolkit's is
// the rectangle behind the text.
func (p *person) caret() bool {
	p.t.Helper()
	w, ok := p.canvas().Focused().(fyne.Widget)
	if !ok {
		p.t.Fatalf("nothing has the keyboard. Shown:\n%s", p.words())
	}
	found, on := 0, false
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		w, ok := o.(fyne.Widget)
		if !ok {
			return
		}
		parts := test.WidgetRenderer(w).Objects()
		for i, o := range parts {
			if _, ok := o.(*canvas.Rectangle); ok && i > 0 {
				if _, ok := parts[i-1].(*widget.RichText); ok {
					found, on = found+1, o.Visible()
				}
			}
			walk(o)
		}
	}
	if walk(w); found != 1 {
		p.t.Fatal("the toolkit draws its caret otherwise")
	}
	return on
}

// TestCaretRests locks a window that nobody touches: its caret stops after a
// minute, the first key brings it back and isn't lost, and so does the mouse.
func TestCaretRests(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.service.Config.IdleLock = core.Duration(5 * time.Minute)
	p.service.Tell(nil, core.TopicSettings)
	p.window.Async().Pump()
	p.later(5 * time.Minute)
	p.sees("Unlock")
	if p.later(time.Second); p.caret() {
		t.Error("the caret of a window that locked by itself blinks")
	}
	p.types(guitest.Password[:1])
	if !p.caret() {
		t.Error("it doesn't blink after a key")
	}
	p.later(59 * time.Second)
	if !p.caret() {
		t.Error("it doesn't blink a minute long")
	}
	if p.later(time.Second); p.caret() {
		t.Error("it still blinks after a minute")
	}
	test.MoveMouse(p.canvas(), fyne.NewPos(3, 3))
	test.MoveMouse(p.canvas(), fyne.NewPos(300, 300))
	if !p.caret() {
		t.Error("it doesn't blink when the mouse was moved")
	}
	p.later(time.Minute)
	p.types(guitest.Password[1:])
	p.presses(fyne.KeyReturn)
	p.sees("My access")
	p.seesNot("Unlock")
}
