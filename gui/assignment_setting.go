package gui

import (
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
