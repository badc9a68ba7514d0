package gui

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// stageEditor is the question who has to agree: up to three stages, each with
// people, groups or roles, how many of them, and to whom it goes when nobody answers.
type stageEditor struct {
	kit    Kit
	form   *model.PolicyForm
	stages []core.Stage
	body   *fyne.Container
	dialog *part.Confirm
	waits  []*part.Field // of each stage, after how long it escalates
}

// editStages asks, and calls done when something was taken over.
func editStages(k Kit, form *model.PolicyForm, done func()) {
	e := &stageEditor{kit: k, form: form, stages: slices.Clone(form.Stages()), body: part.Column(18)}
	e.draw()
	e.dialog = k.Frame.Confirm(part.ConfirmSpec{
		Title: e.t("title"), Text: e.t("text"), More: e.body, Action: e.t("take"), Cancel: k.say("word.cancel"),
		Do: func(c *part.Confirm) {
			for i, f := range e.waits {
				if !e.readWait(i, f) {
					return
				}
			}
			form.SetStages(e.stages)
			c.Close()
			done()
		},
	})
}

func (e *stageEditor) t(key string, args ...string) string { return e.kit.say("stages."+key, args...) }

func (e *stageEditor) redraw() {
	e.draw()
	e.body.Refresh()
	if e.dialog != nil {
		e.dialog.Relayout()
	}
}

func (e *stageEditor) draw() {
	e.waits = nil
	var all []fyne.CanvasObject
	for i := range e.stages {
		all = append(all, e.stage(i))
	}
	if len(e.stages) < core.MaxStages {
		all = append(all, part.Row(0, part.NewButtonOf(part.Secondary, e.t("add"), "plus", func() {
			e.stages = append(e.stages, core.Stage{Quorum: 1})
			e.redraw()
		})))
	}
	e.body.Objects = all
}

func (e *stageEditor) stage(i int) fyne.CanvasObject {
	s := e.stages[i]
	head := []fyne.CanvasObject{part.NewStrong(e.t("stage", "no", strconv.Itoa(i+1))), part.Space()}
	if len(e.stages) > 1 {
		head = append(head, part.NewIconButton("trash", e.t("remove"), func() {
			e.stages = slices.Delete(slices.Clone(e.stages), i, i+1)
			e.redraw()
		}).Compact())
	}
	quorum := part.NewSegments([]string{"1", "2", "3"}, min(s.Quorum, 3)-1, func(n int) { e.stages[i].Quorum = n + 1 })
	rows := []fyne.CanvasObject{
		part.Row(8, head...),
		part.Row(10, part.NewMuted(e.t("quorum")), quorum, part.NewMuted(e.t("of"))),
		e.approvers(s.Approvers, func(list []core.Approver) { e.stages[i].Approvers = list }, true),
	}
	text := ""
	if s.EscalateAfter > 0 {
		text = model.EditSpan(s.EscalateAfter)
	}
	wait := part.NewField(part.FieldSpec{Label: e.t("escalate"), Helper: e.t("escalate.help"), Value: text, Placeholder: e.t("never"),
		Relayout: func() {
			if e.dialog != nil {
				e.dialog.Relayout()
			}
		}})
	e.waits = append(e.waits, wait)
	rows = append(rows, part.Narrow(360, wait),
		e.approvers(s.EscalateTo, func(list []core.Approver) { e.stages[i].EscalateTo = list }, false))
	return part.NewPanel(part.Pad(14, part.Column(12, rows...)))
}

// readWait takes over what was typed for a stage.
func (e *stageEditor) readWait(i int, f *part.Field) bool {
	if f.Value() == "" {
		e.stages[i].EscalateAfter, e.stages[i].EscalateTo = 0, nil
		return true
	}
	d, err := core.ParseDuration(f.Value())
	if err != nil || d.Std() < core.MinEscalation {
		f.SetError(e.t("escalate.bad"))
		part.FocusOn(f)
		return false
	}
	if len(e.stages[i].EscalateTo) == 0 {
		f.SetError(e.t("escalate.nobody"))
		return false
	}
	e.stages[i].EscalateAfter = d
	return true
}

// approvers lists people, groups and roles with a way to take them out, and one
// to add more.
func (e *stageEditor) approvers(list []core.Approver, set func([]core.Approver), standard bool) fyne.CanvasObject {
	var chosen []fyne.CanvasObject
	for i, a := range list {
		icon := "user"
		switch {
		case a.Group != "":
			icon = "people"
		case a.Role != "":
			icon = "roles"
		}
		chosen = append(chosen, part.NewSurface(part.Track, "", part.Tight, part.Inset(2, 2, 2, 10, part.Row(8, part.NewIcon(icon, part.Muted, 16),
			part.Grow(part.NewBody(e.form.Approver(e.kit.Text, a)).Shrinking()),
			part.NewIconButton("close", e.t("take_out"), func() {
				set(slices.Delete(slices.Clone(list), i, i+1))
				e.redraw()
			}).Compact()))))
	}
	if len(list) == 0 && standard {
		chosen = append(chosen, part.Row(0, part.NewChip(e.kit.say("policy.administrators"), part.ToneAccent)))
	}
	hint := e.t("person")
	if !standard {
		hint = e.t("escalate.whom")
	}
	add := e.kit.findApprover(hint, list, func(r core.ApproverRow) {
		e.form.Name(r.ID(), model.ApproverName(e.kit.Text, r))
		set(append(slices.Clone(list), r.Approver))
		e.redraw()
	})
	return part.Column(6, append(chosen, part.Narrow(360, add))...)
}
