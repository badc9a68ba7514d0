package gui

import (
	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// planView shows what a plan for settings would change, and makes it.
type planView struct {
	kit      Kit
	plan     core.PolicyPlan
	body     *fyne.Container // the changes, or what is wrong
	foot     *fyne.Container // the button that makes them
	proof    *part.Proof
	action   *part.Button
	relayout func()
	done     func() // after it was made
}

func newPlanView(k Kit, relayout, done func()) *planView {
	v := &planView{kit: k, body: part.Layers(), foot: part.Layers(), relayout: relayout, done: done}
	v.clear()
	return v
}

// clear takes the plan away: what it was made of has changed.
func (v *planView) clear() {
	v.plan = core.PolicyPlan{}
	v.body.Hide()
	v.foot.Hide()
	v.relayout()
}

func (v *planView) show(p core.PolicyPlan) {
	k := v.kit
	v.plan = p
	words := model.PlanOf(k.Text, p)
	var rows []fyne.CanvasObject
	for _, x := range words.Problems {
		rows = append(rows, part.Inset(10, 16, 10, 16, part.Column(2, part.NewPara(x.Place, part.Small, part.Medium(), part.Muted), part.NewPara(x.Text, part.Body, part.Regular(), part.DangerInk))))
	}
	if len(rows) > 0 {
		swap(v.body, part.Column(10, part.Banner(part.ToneDanger, k.say("plan.problems"), nil), lines(rows...)))
	} else {
		var all []fyne.CanvasObject
		for _, c := range words.Changes {
			all = append(all, part.Column(8, part.Lead(8, part.NewStrong(c.Title).Shrinking(), part.NewFaint(c.Text)), planTable(k, c.Rows, false)))
		}
		swap(v.body, part.Column(18, append([]fyne.CanvasObject{part.Banner(part.ToneAccent, words.Summary, nil)}, all...)...))
	}
	v.body.Show()
	v.foot.Hide()
	if len(p.Changes) > 0 && k.Me.MayManageAccess {
		v.proof = part.NewProof(k.proofWords(), v.make, nil, v.relayout)
		v.proof.Hide()
		v.action = part.NewPrimary(k.count("plan.action", len(p.Changes)), v.make)
		swap(v.foot, part.Column(10, v.proof, part.Row(10, part.Space(), v.action)))
		v.foot.Show()
	}
	v.relayout()
}

// planTable is a list of settings with two values each. Of a comparison the
// second value has no more weight than the first.
func planTable(k Kit, rows []model.PlanRow, level bool) fyne.CanvasObject {
	after := part.Medium()
	if level {
		after = part.Regular()
	}
	list := make([]fyne.CanvasObject, len(rows))
	for i, r := range rows {
		list[i] = part.Inset(10, 16, 10, 16, part.TopRow(16,
			part.Weigh(1.2, part.NewPara(r.Label, part.Body, part.Medium(), part.Ink)),
			part.Weigh(1, part.Column(2, part.NewPara(r.Before, part.Body, part.Regular(), part.Ink), part.NewHint(r.From))),
			part.Weigh(1, part.Column(2, part.NewPara(r.After, part.Body, after, part.Ink), part.NewHint(r.To)))))
	}
	return lines(list...)
}

// make carries the plan out.
func (v *planView) make() {
	k := v.kit
	v.action.Busy(true)
	k.do(v.plan.Command, v.proof.Take(), func(_ core.Result, err error) {
		v.action.Busy(false)
		switch {
		case wantsCode(err):
			v.proof.Show()
			v.proof.Refused(k.Text.Error(err))
			v.relayout()
			part.FocusOn(v.proof)
		case err != nil:
			k.Frame.Fail(err)
		default:
			k.Frame.Toast(k.count("plan.done", len(v.plan.Changes)), "", nil)
			v.done()
		}
	})
}
