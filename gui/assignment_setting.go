package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// assignSetting is the wizard's third page: eligible or active, from when
// until when, and why.
type assignSetting struct {
	s        *assignWizard
	content  *fyne.Container
	start    *part.Day
	end      *part.Day
	why      *part.Field
	startOpt *part.Segments
	span     *part.Segments
	kinds    *fyne.Container
	limits   *part.Para
	policy   *fyne.Container
	startBox *fyne.Container
	endBox   *fyne.Container
}

func newAssignSetting(s *assignWizard) *assignSetting {
	k := s.kit
	p := &assignSetting{s: s, kinds: part.Layers(), limits: part.NewHint(""), policy: part.Layers()}
	relayout := func() { s.wizard.Relayout() }
	p.start = k.dayField("", "", false, func(v string) { s.w.Start = v })
	p.end = k.dayField("", "", true, func(v string) { s.w.End = v })
	p.startOpt = part.NewSegments([]string{k.say("assign.wizard.start_now"), k.say("assign.wizard.start_later")}, 0, func(i int) {
		s.w.Scheduled = i == 1
		p.fit()
	})
	p.span = part.NewSegments([]string{k.say("assign.permanent"), k.say("assign.until")}, 0, func(i int) {
		s.w.Permanent = i == 0
		p.fit()
	})
	p.why = part.NewField(part.FieldSpec{Label: k.say("assign.justification"), Helper: k.say("assign.justification.hint"), Lines: 3,
		Changed: func(v string) { s.w.Justification = v }, Relayout: relayout})
	p.startBox, p.endBox = part.Narrow(360, p.start), part.Narrow(360, p.end)
	form := part.Column(20, headline(k.say("assign.wizard.setting.title")), p.kinds,
		part.Column(8, part.NewText(k.say("assign.start"), part.Body, part.Medium(), part.Ink), part.Row(0, p.startOpt), p.startBox),
		part.Column(8, part.NewText(k.say("assign.end"), part.Body, part.Medium(), part.Ink), part.Row(0, p.span), p.endBox, p.limits),
		p.why)
	p.content = part.TopRow(24, part.Weigh(3, form), part.Weigh(1.4, p.policy))
	return p
}

// shown draws what depends on the role.
func (p *assignSetting) shown() {
	k, w := p.s.kit, p.s.w
	pol := w.Role.Policy
	var facts []fyne.CanvasObject
	add := func(text string) {
		facts = append(facts, part.TopRow(8, part.Inset(2, 0, 0, 0, part.NewIcon("check", part.Muted, 14)), part.Grow(part.NewHint(text))))
	}
	add(k.say("assign.limit.activation", "span", k.Text.Duration(pol.MaxDuration.Std())))
	if pol.RequireMFA {
		add(k.say("assign.limit.mfa"))
	} else {
		add(k.say("assign.limit.no_mfa"))
	}
	if pol.RequireTicket {
		add(k.say("assign.limit.ticket"))
	}
	if w.Role.Residual != "" {
		add(k.say("assign.limit.residual", "residual", k.Text.Key(core.TextKey(w.Role.Residual))))
	}
	swap(p.policy, part.NewPanel(part.Pad(16, part.Column(10, append([]fyne.CanvasObject{
		part.NewPara(w.Role.Role.Name, part.Large, part.SemiBold(), part.Ink), part.NewSmall(w.Role.Role.SystemName).Shrinking(),
		part.NewHeading(k.say("assign.wizard.policy")).Shrinking()}, facts...)...))))
	p.drawKinds()
	p.fit()
}

func (p *assignSetting) drawKinds() {
	k, w := p.s.kit, p.s.w
	option := func(kind core.AssignmentKind, title, text string) fyne.CanvasObject {
		return part.NewOption(title, text, w.Kind == kind, nil, func() {
			if w.Kind == kind {
				return
			}
			w.ChooseKind(kind, k.clock())
			p.drawKinds()
			p.fit()
			for _, o := range p.kinds.Objects[0].(*fyne.Container).Objects {
				if i, ok := o.(*part.Item); ok && i.Chosen() {
					part.FocusOn(i)
				}
			}
		})
	}
	swap(p.kinds, part.Cards(240, 12,
		option(core.Eligible, k.say("assign.wizard.eligible"), k.say("assign.wizard.eligible.text")),
		option(core.Active, k.say("assign.wizard.active"), k.say("assign.wizard.active.text"))))
}

// fit shows the fields that the choices ask for.
func (p *assignSetting) fit() {
	k, w := p.s.kit, p.s.w
	p.startBox.Hidden, p.endBox.Hidden = !w.Scheduled, w.Permanent
	if w.Scheduled && w.Start == "" {
		w.Start = k.clock().AddDate(0, 0, 1).Format("2006-01-02")
	}
	p.start.SetValue(w.Start)
	p.end.SetValue(w.End)
	at := 1
	if w.Permanent {
		at = 0
	}
	p.span.Choose(at)
	p.limits.Set(w.LimitText(k.Text), part.Muted)
	p.wizardRelayout()
}

func (p *assignSetting) wizardRelayout() {
	p.content.Refresh()
	p.s.wizard.Relayout()
}

func (p *assignSetting) leave(proceed func(bool)) {
	err := p.s.w.Check(model.AssignSetting, p.s.kit.clock())
	if err != nil {
		text := p.s.kit.Text.Error(err)
		switch errorField(err) {
		case "start":
			p.start.SetError(text)
			part.FocusOn(p.start)
		case "justification":
			p.why.SetError(text)
			part.FocusOn(p.why)
		default:
			if p.s.w.Permanent {
				p.limits.Set(text, part.DangerInk)
			} else {
				p.end.SetError(text)
				part.FocusOn(p.end)
			}
		}
		p.wizardRelayout()
	}
	proceed(err == nil)
}

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
			r.proof.SetError(k.Text.Error(err))
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
