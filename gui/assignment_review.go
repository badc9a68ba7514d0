package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// assignReview is the wizard's last page: what each person gets.
type assignReview struct {
	s       *assignWizard
	plan    model.AssignPlan
	command core.Assign
	proof   *part.Proof
	note    *fyne.Container
	content *fyne.Container
}

func newAssignReview(s *assignWizard) *assignReview {
	r := &assignReview{s: s, content: part.Layers(), note: part.Layers()}
	r.note.Hide()
	return r
}

// shown asks for the plan.
func (r *assignReview) shown() {
	k, w := r.s.kit, r.s.w
	r.plan = model.AssignPlan{}
	r.proof = nil
	banner(r.note, nil)
	cmd, err := w.Command(k.clock())
	if err != nil {
		r.fail(err)
		return
	}
	r.command = cmd
	swap(r.content, part.Skeleton(6))
	r.s.wizard.Next().SetEnabled(false)
	r.s.Close()
	r.s.cancel = Load(k.Async, func(ctx context.Context) (core.Plan, error) { return k.Service.Preview(ctx, cmd) },
		func(p core.Plan, err error) {
			if err != nil {
				r.fail(err)
				return
			}
			r.plan = w.Review(k.Text, k.clock(), p)
			r.draw()
		})
}

func (r *assignReview) fail(err error) {
	swap(r.content, r.s.kit.failed(err, r.shown))
	r.s.wizard.Next().SetEnabled(false)
	r.s.wizard.Relayout()
}

func (r *assignReview) draw() {
	k, w := r.s.kit, r.s.w
	left := []fyne.CanvasObject{part.NewHeading(k.say("assign.wizard.review.title")), r.note, personLines(r.plan.Lines)}
	for _, n := range r.plan.Notes {
		left = append(left, part.NewHint(n))
	}
	if r.plan.Possible == 0 {
		left = append(left, part.Banner(part.ToneEnding, k.say("assign.review.nobody"), nil))
	}
	if r.plan.NeedsCode && r.plan.Possible > 0 {
		r.proof = part.NewProof(k.proofWords(), func() { r.s.wizard.Forward() }, r.ready, r.s.wizard.Relayout)
		left = append(left, part.NewHeading(k.say("assign.wizard.code")), r.proof)
	}
	span := k.say("assign.permanent")
	if !r.command.End.IsZero() {
		span = model.Until(k.Text, r.command.End)
	}
	start := k.say("assign.wizard.start_now")
	if !r.command.Start.IsZero() {
		start = k.Text.When(r.command.Start, k.clock())
	}
	kind := k.say("assign.wizard.eligible")
	if w.Kind == core.Active {
		kind = k.say("assign.wizard.active")
	}
	mine := part.NewPanel(part.Pad(16, part.Facts(
		part.Fact{Name: k.say("assign.wizard.role"), Value: w.Role.Role.Name + " · " + w.Role.Role.SystemName},
		part.Fact{Name: k.say("assign.wizard.setting"), Value: kind},
		part.Fact{Name: k.say("assign.start"), Value: start},
		part.Fact{Name: k.say("assign.end"), Value: span},
		part.Fact{Name: k.say("assign.justification"), Value: r.command.Justification},
	)))
	swap(r.content, part.TopRow(18, part.Weigh(2, part.Column(12, left...)),
		part.Weigh(1, part.Column(12, part.NewHeading(k.say("assign.wizard.review.yours")), mine))))
	r.s.wizard.Refit()
	r.s.wizard.Relayout()
	r.ready()
	if r.proof != nil {
		part.FocusOn(r.proof)
	} else {
		part.FocusOn(r.s.wizard.Next())
	}
}

// ready opens the button when nothing is missing any more.
func (r *assignReview) ready() {
	r.s.wizard.Next().SetEnabled(r.plan.Possible > 0 && (r.proof == nil || r.proof.Ready()))
}

// personLines draws what happens to each person.
func personLines(list []model.PersonLine) fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for _, l := range list {
		ink := part.Ink
		if l.Refused {
			ink = part.DangerInk
		}
		text := []fyne.CanvasObject{part.NewPara(l.What, part.Body, part.Regular(), ink)}
		for _, n := range l.Notes {
			text = append(text, part.NewHint(n))
		}
		who := []fyne.CanvasObject{part.NewPara(l.Who, part.Body, part.SemiBold(), part.Ink)}
		if l.Account != "" {
			who = append(who, part.NewMono(l.Account).Shrinking())
		}
		rows = append(rows, part.Inset(14, 16, 14, 18, part.TopRow(16,
			part.Weigh(1, part.Column(3, who...)), part.Weigh(2, part.Column(4, text...)), chip(l.Mark))))
	}
	return lines(rows...)
}

func (r *assignReview) leave(proceed func(bool)) {
	k := r.s.kit
	code := ""
	if r.proof != nil {
		code = r.proof.Take()
	}
	r.s.Close()
	r.s.cancel = k.do(r.command, code, func(res core.Result, err error) {
		proceed(false) // the result takes the page's place; there is no next step
		switch {
		case wantsCode(err) && r.proof != nil:
			r.proof.Refused(k.Text.Error(err))
			r.ready()
			part.FocusOn(r.proof)
		case wantsCode(err):
			r.plan.NeedsCode = true
			r.draw()
		case err != nil:
			banner(r.note, k.failed(err, nil))
			r.s.wizard.Relayout()
		default:
			r.result(res)
		}
	})
}

// result shows what came of it, a line for each person.
func (r *assignReview) result(res core.Result) {
	k := r.s.kit
	list := r.s.w.Results(k.Text, k.clock(), res)
	done := 0
	for _, l := range list {
		if !l.Refused {
			done++
		}
	}
	r.s.wizard.ShowResult(part.Column(14,
		headline(k.say("assign.wizard.result.title")),
		part.NewGentle(k.say("assign.wizard.result.text", "done", k.Text.Number(int64(done)), "n", k.Text.Number(int64(len(list))))),
		personLines(list)),
		part.NewButton(k.say("assign.wizard.another"), func() {
			k.Frame.Pop()
			k.Frame.Push(newAssignWizard(k, ""))
		}),
		part.NewPrimary(k.say("assign.wizard.close"), k.Frame.Pop))
}
