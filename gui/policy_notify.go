package gui

import (
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// notify says who is told of an event, and offers to change it.
func (e *policyEditor) notify(r model.PolicyRow, may bool) fyne.CanvasObject {
	text := part.NewPara(r.Value, part.Body, part.Medium(), part.Ink)
	if !may {
		return text
	}
	return part.Column(6, text, part.Row(0, part.NewLink(e.kit.say("policy.change"), func() { e.editNotify(r) })))
}

// editNotify asks for the three parts of one cell.
func (e *policyEditor) editNotify(r model.PolicyRow) {
	k, was := e.kit, e.form.Recipients(r.Name)
	defaults, critical := was.Defaults, was.Critical
	var dialog *part.Confirm
	relayout := func() {
		if dialog != nil {
			dialog.Relayout()
		}
	}
	extra := part.NewField(part.FieldSpec{Label: k.say("notify.extra"), Helper: k.say("notify.extra.help"), Placeholder: "security@example.org",
		Value: strings.Join(was.Extra, "; "), Lines: 2, Relayout: relayout})
	dialog = k.Frame.Confirm(part.ConfirmSpec{
		Title: r.Label, Text: r.Help, Action: k.say("notify.take"), Cancel: k.say("word.cancel"), Focus: extra,
		More: part.Column(16,
			part.NewSwitch(k.say("notify.defaults"), k.say("notify.defaults.help"), defaults, func(on bool) { defaults = on }),
			extra,
			part.NewSwitch(k.say("notify.critical"), k.say("notify.critical.help"), critical, func(on bool) { critical = on })),
		Do: func(c *part.Confirm) {
			if err := e.form.SetRecipients(r.Name, defaults, critical, extra.Value()); err != nil {
				extra.SetError(k.Text.Error(err))
				part.FocusOn(extra)
				return
			}
			c.Close()
			e.changed(true)
		},
	})
}
