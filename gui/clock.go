package gui

import (
	"context"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// now is the server's time: access ends by it, so what counts down counts to
// it. It differs from this computer's clock where that, or the server's, was
// moved, or where the server is elsewhere and one of the two goes wrong.
func (w *Window) now() time.Time { return w.deps.Now().Add(w.skew) }

// know takes the server's time as it was just read. What a request takes is
// less than what is worth showing.
func (w *Window) know(server time.Time) {
	w.skew = 0
	if d := server.Sub(w.deps.Now()); !server.IsZero() && d.Abs() >= core.ClockSlack {
		w.skew = d
	}
}

// acceptClock asks whether Stint's time shall go back to the clock of its
// computer, after it looked what that would end.
func (f *frame) acceptClock() {
	k := f.kit
	Load(k.Async, func(ctx context.Context) (core.Plan, error) { return k.Service.Preview(ctx, core.AcceptClock{}) }, func(p core.Plan, err error) {
		if err != nil {
			f.Fail(err)
			return
		}
		f.askClock(len(p.Result.Items))
	})
}

func (f *frame) askClock(ends int) {
	k := f.kit
	var cmd core.AcceptClock
	var c *part.Confirm
	proof := part.NewProof(k.proofWords(), nil, nil, func() {
		if c != nil {
			c.Relayout()
		}
	})
	why := part.NewField(part.FieldSpec{Label: k.say("assign.justification"), Lines: 2, Changed: func(v string) { cmd.Justification = v }})
	text, action := f.t("clock.accept.text"), f.t("clock.accept.button")
	if ends > 0 {
		text = model.Count(k.Text, "clock.accept.ends", ends) + " " + text
		action = model.Count(k.Text, "clock.accept.button.ends", ends)
	}
	c = f.Confirm(part.ConfirmSpec{Title: f.t("clock.accept.title"), Text: text, Action: action, Danger: ends > 0, Focus: why,
		More: part.Column(14, why, proof),
		Do: k.confirmed(func() (core.Command, error) { return cmd, nil }, proof, why, func(core.Result) {
			f.Toast(f.t("clock.accept.done"), "", nil)
		})})
}
