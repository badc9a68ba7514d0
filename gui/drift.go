package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// drifts is the list of what one system holds otherwise than Stint left it.
type drifts struct {
	kit    Kit
	system core.System
	scroll *part.Scroll
	lines  []model.DriftLine
	cancel func()
}

func newDrifts(k Kit, sys core.System) Screen {
	s := &drifts{kit: k, system: sys, scroll: part.NewScroll(part.NewPanel(part.Pad(20, part.Skeleton(6))))}
	s.read()
	return s
}

func (s *drifts) Title() string              { return s.kit.say("drift.title", "system", s.system.Name) }
func (s *drifts) Content() fyne.CanvasObject { return s.scroll }

// Update implements Screen.
func (s *drifts) Update(t []core.Topic) {
	if Concerns(t, core.TopicSystems, core.TopicAssignments) {
		s.read()
	}
}

func (s *drifts) read() {
	if s.cancel != nil {
		s.cancel()
	}
	k := s.kit
	s.cancel = Load(k.Async, func(ctx context.Context) (core.DriftReport, error) {
		return k.Service.Drift(ctx, s.system.ID)
	}, func(r core.DriftReport, err error) {
		if err != nil {
			s.scroll.SetContent(k.failed(err, s.read))
			return
		}
		s.draw(r)
	})
}

func (s *drifts) draw(r core.DriftReport) {
	k := s.kit
	var below string
	s.lines, below = model.DriftLines(k.Text, k.clock(), s.system.Name, r)
	objects := []fyne.CanvasObject{part.NewGentle(k.say("drift.text", "system", s.system.Name))}
	if len(s.lines) == 0 {
		objects = append(objects, part.NewPanel(part.Empty("systems", k.say("drift.none.title"), k.say("drift.none.text", "system", s.system.Name), nil)))
	}
	for _, l := range s.lines {
		objects = append(objects, s.row(l))
	}
	objects = append(objects, part.NewHint(below))
	s.scroll.SetContent(part.Inset(0, 12, 20, 0, part.Column(12, objects...)))
}

func (s *drifts) row(l model.DriftLine) fyne.CanvasObject {
	k := s.kit
	objects := []fyne.CanvasObject{
		part.TopRow(10, part.Grow(part.NewPara(l.Title, part.Body, part.SemiBold(), part.Ink)), chip(l.Mark)),
		part.NewPara(l.Meaning, part.Body, part.Regular(), part.Ink),
	}
	if l.Problem != "" {
		objects = append(objects, part.NewSurface(part.DangerGround, "", part.Radius, part.Pad(10, part.NewPara(l.Problem, part.Small, part.Regular(), part.DangerInk))))
	}
	objects = append(objects, part.NewHint(l.Since))
	var acts []fyne.CanvasObject
	if k.Me.MayManageAccess && l.Removable {
		acts = append(acts, part.NewDrop(k.say("drift.remove"), func() {
			s.ask(l, "remove", true, func(why string) core.Command { return core.RemoveOutside{Drift: l.ID, Justification: why} })
		}).Compact())
	}
	if k.Me.MayManageAccess && l.Open {
		acts = append(acts, part.NewButton(k.say("drift.accept"), func() {
			s.ask(l, "accept", false, func(why string) core.Command { return core.AcceptDrift{Drift: l.ID, Justification: why} })
		}).Compact())
	}
	if len(acts) > 0 {
		objects = append(objects, part.Flow(8, acts...))
	}
	return part.NewPanel(part.Pad(16, part.Column(8, objects...)))
}

// ask asks for the reason of what is about to be done.
func (s *drifts) ask(l model.DriftLine, act string, danger bool, command func(why string) core.Command) {
	k := s.kit
	reason := ""
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	why := part.NewField(part.FieldSpec{Label: k.say("drift.why"), Helper: k.say("assign.justification.hint"), Lines: 2,
		Changed: func(v string) { reason = v }, Relayout: relayout})
	proof := part.NewProof(k.proofWords(), nil, nil, relayout)
	proof.Hide()
	c = k.Frame.Confirm(part.ConfirmSpec{
		Title: k.say("drift." + act + ".title"), Text: k.say("drift."+act+".text", "what", l.Title, "system", s.system.Name),
		Danger: danger, Action: k.say("drift." + act), Cancel: k.say("word.cancel"), Focus: why, More: part.Column(14, why, proof),
		Do: k.confirmed(func() (core.Command, error) { return command(reason), nil }, proof, why, func(core.Result) {
			k.Frame.Toast(k.say("drift."+act+".done"), "", nil)
			s.read()
		}),
	})
}
