package gui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/stint-pim/stint/gui/part"
)

// caretRests is after how long without a touch the caret stops to blink.
const caretRests = time.Minute

// watchIdle locks a window that nobody has touched for as long as the
// settings say.
func (w *Window) watchIdle(now time.Time) {
	if now.Sub(w.touched) >= caretRests {
		part.Rest(w.win.Canvas().Focused(), true)
	}
	if w.frame == nil || w.locked || w.idle <= 0 {
		return
	}
	if now.Sub(w.touched) >= w.idle {
		w.lock()
	}
}

// shortcuts are those of the whole window: Ctrl+K opens the palette, Ctrl+1
// to Ctrl+9 the pages, Ctrl+L locks.
func (w *Window) shortcuts() {
	add := func(key fyne.KeyName, f func()) {
		w.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) {
			w.used()
			if w.frame == nil || w.locked || w.win.Canvas().Overlays().Top() != nil {
				return
			}
			f()
		})
	}
	add(fyne.KeyK, w.palette)
	add(fyne.KeyL, w.lock)
	for i, key := range []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6, fyne.Key7, fyne.Key8, fyne.Key9} {
		add(key, func() {
			if i < len(w.frame.routes) {
				w.frame.Go(w.frame.routes[i].Key)
			}
		})
	}
	// Enter with Ctrl goes on from a field of several lines, too.
	add(fyne.KeyReturn, func() { w.key(&fyne.KeyEvent{Name: fyne.KeyReturn}) })
}

// close keeps the tray, and says so once; without a tray it quits.
func (w *Window) close() {
	if !w.tray.there() {
		w.quit()
		return
	}
	if !w.deps.Preferences.Bool(prefTrayTold) {
		w.deps.Preferences.SetBool(prefTrayTold, true)
		w.notices.say(w.text.T("tray.told.title"), w.text.T("tray.told"))
	}
	w.win.Hide()
	w.async.Tray(true)
}

// Raise brings the window to the front, from wherever it is; any goroutine may
// call it.
func (w *Window) Raise() { w.async.Post(w.open) }

// open brings the window back from the tray.
func (w *Window) open() {
	w.async.Tray(false)
	w.win.Show()
	w.win.RequestFocus()
}

// palette opens the search over everything: pages, eligible roles, active ones.
func (w *Window) palette() {
	f := w.frame
	if f == nil {
		return
	}
	p := newPalette(f)
	var m *part.Modal
	p.close = func() { m.Close() }
	m = part.ShowModal(w.win.Canvas(), part.ModalSpec{Width: 560, Content: p.content, Confirm: p.run, Focus: p.search, Top: true})
	p.relayout = m.Relayout
}
