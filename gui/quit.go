package gui

import (
	"strconv"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/part"
)

// quit ends the program. With the server inside, nobody would be left to take
// a running activation back on time: so what runs is dropped first, by whoever
// built the window (it also does so where nobody can be asked), and the person
// is told before.
func (w *Window) quit() {
	n := w.running()
	if n == 0 {
		w.leave()
		return
	}
	w.open()
	t, count := w.text.T, strconv.Itoa(n)
	part.ShowConfirm(w.win.Canvas(), part.ConfirmSpec{
		Title: t("quit.title"), Text: t("quit.text", "n", count), Action: t("quit.action", "n", count), Cancel: t("cancel"), Danger: true,
		Do: func(c *part.Confirm) { c.Close(); w.leave() },
	})
}

func (w *Window) leave() {
	w.async.Stop()
	w.app.Quit()
}

// running counts the activations that quitting would leave without anybody to
// end them.
func (w *Window) running() int {
	if w.frame == nil || w.frame.access == nil || !w.state.Embedded || w.state.Sample {
		return 0
	}
	n := 0
	for _, a := range w.frame.access.Active {
		if a.Origin == core.Activated && a.State == core.InForce {
			n++
		}
	}
	return n
}
