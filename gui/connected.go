package gui

import "github.com/stint-pim/stint/core"

// Connected says whether the server elsewhere answers: a client that connects
// again by itself never ends the stream of changes, so it has to tell. It may
// be called from any goroutine.
func (w *Window) Connected(on bool) {
	w.async.Post(func() {
		f := w.frame
		if f == nil || f.gone || f.online == on {
			return
		}
		f.online = on
		f.showBanner()
		if on {
			f.changed(core.Update{})
		}
	})
}
