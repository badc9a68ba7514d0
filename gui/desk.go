package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// attendDesk lets roles end that say so when the person leaves the computer.
func (w *Window) attendDesk() {
	w.leaver = model.NewLeaver(w.deps.Now, func(l model.Left) {
		w.async.Post(func() { w.left(l) })
	})
	w.async.Serve(w.leaver.Retry)
	if w.deps.Desk == nil {
		w.can = &model.DeskCan{}
		return
	}
	Attend(w.async, w.deps.Desk, func(ctx context.Context, e model.DeskEvent) {
		if e.Can != nil {
			w.async.Post(func() { w.noticing(*e.Can) })
		}
		w.leaver.Happen(ctx, e)
	})
}

// left tells what came of leaving the computer: on the desktop, and in the window
// for whoever comes back to it and has seen no notice.
func (w *Window) left(l model.Left) {
	w.notices.say(model.LeftText(w.text, l))
	if l.Reason == core.DropOnSignOut {
		return // the window goes with its person
	}
	w.notices.left = &l
	if f := w.frame; f != nil {
		f.showBanner()
	}
}

// noticing takes what the desktop can notice, for the settings.
func (w *Window) noticing(can model.DeskCan) {
	w.can = &can
	if f := w.frame; f != nil {
		for _, s := range f.all() {
			if d, ok := s.(interface{ Desk() }); ok {
				d.Desk()
			}
		}
	}
}

// LeftComputer is for the end of the program where the desktop did not say that
// its person signs out: it ends what ends then. It may be called from any
// goroutine, also after Stop, and stays some seconds at most.
func (w *Window) LeftComputer(ctx context.Context) {
	w.leaver.Happen(ctx, model.DeskEvent{Reason: core.DropOnSignOut})
}

// desker is a frame that knows what the desktop can notice; false: not yet.
type desker interface{ Desk() (model.DeskCan, bool) }

// Desk implements desker.
func (f *frame) Desk() (model.DeskCan, bool) {
	if f.w.can == nil {
		return model.DeskCan{}, false
	}
	return *f.w.can, true
}

// deskCard says in the settings what the present desktop can notice.
func deskCard(k Kit) fyne.CanvasObject {
	d, ok := k.Frame.(desker)
	if !ok {
		return nil
	}
	can, known := d.Desk()
	if !known {
		return nil
	}
	rows := []fyne.CanvasObject{part.NewHint(k.say("desk.help"))}
	for _, l := range model.DeskLines(k.Text, can) {
		rows = append(rows, settingRow(l.Label, l.Help, chip(l.Mark)))
	}
	return titled(k.say("desk"), rows...)
}
