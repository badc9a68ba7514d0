package gui

import (
	"context"
	"time"

	"github.com/gen2brain/beeep"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

// notices shows desktop notices: what the server sent, and the nearing ends,
// which the window knows by itself.
type notices struct {
	w    *Window
	plan model.Warnings
}

func newNotices(w *Window) *notices { return &notices{w: w} }

// know takes the ends of what is active.
func (n *notices) know(a core.Access) { n.plan.Know(a) }

// beat warns of ends that came near.
func (n *notices) beat(now time.Time) {
	for _, x := range n.plan.Due(n.w.text, now) {
		n.say(x.Title, x.Text)
	}
}

// take shows what the server sent.
func (n *notices) take(list []core.Notice) {
	for _, x := range list {
		if title, text := model.NoticeText(n.w.text, x, n.w.now()); title != "" {
			n.say(title, text)
		}
	}
}

// say shows one notice. A desktop without notices is no fault.
func (n *notices) say(title, text string) {
	show := n.w.deps.Notify
	if show == nil {
		show = func(title, text string) { _ = beeep.Notify(title, text, "") }
	}
	n.w.async.Act(func(context.Context) error { show(title, text); return nil }, func(error) {})
}
