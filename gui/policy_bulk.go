package gui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// policyBulk makes or takes back single settings of many roles: which, what it
// would change and for how many people, and then all of it at once.
type policyBulk struct {
	kit     Kit
	roles   []core.RoleRow
	editor  *policyEditor // of the settings to be made
	unset   []string
	choice  *fyne.Container
	plan    *planView
	scroll  *part.Scroll
	content fyne.CanvasObject
}

func newPolicyBulk(k Kit, roles []core.RoleRow, done func()) Screen {
	s := &policyBulk{kit: k, roles: roles, choice: part.Column(14), scroll: part.NewScroll(part.Gap(1, 1))}
	s.plan = newPlanView(k, s.relayout, func() {
		k.Frame.Pop()
		done()
	})
	s.editor = newPolicyEditor(k, "")
	s.editor.bulk, s.editor.form = s, model.BulkPolicyForm()
	s.editor.scroll = s.scroll
	var names []fyne.CanvasObject
	for _, r := range roles {
		names = append(names, part.NewChip(k.say("plan.role", "role", r.Name, "system", r.SystemName), part.ToneNeutral))
	}
	s.scroll.SetContent(part.Inset(0, 12, 20, 0, part.Column(18,
		part.NewPanel(part.Pad(18, part.Column(14, part.NewGentle(k.say("bulk.text")), part.Flow(8, names...)))), s.choice, s.plan.body)))
	s.content = part.Column(14, part.Row(0, part.NewButtonOf(part.Quiet, k.say("role.back"), "arrow-left", k.Frame.Pop)), part.Grow(s.scroll), s.plan.foot)
	s.draw()
	return s
}

func (s *policyBulk) Title() string              { return s.kit.count("bulk.title", len(s.roles)) }
func (s *policyBulk) Content() fyne.CanvasObject { return s.content }
func (s *policyBulk) Update([]core.Topic)        {}

// TakeKey goes back on Esc.
func (s *policyBulk) TakeKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		s.kit.Frame.Pop()
	}
}

func (s *policyBulk) relayout() {
	if s.content != nil {
		s.scroll.Relayout()
		s.content.Refresh()
	}
}

// draw shows the settings chosen so far, and offers the others.
func (s *policyBulk) draw() {
	k := s.kit
	s.plan.clear()
	names, labels := model.SettingNames(k.Text)
	own := s.editor.form.Own().Made()
	var free, freeLabels []string
	for i, n := range names {
		if !slices.Contains(own, n) && !slices.Contains(s.unset, n) {
			free, freeLabels = append(free, n), append(freeLabels, labels[i])
		}
	}
	set := part.NewSelect(k.say("bulk.set"), freeLabels, -1, k.say("bulk.choose"), func(i int) {
		s.editor.form.Choose(free[i])
		s.draw()
	}).Searching(k.say("word.find"), k.say("word.nothing"))
	unset := part.NewSelect(k.say("bulk.unset"), freeLabels, -1, k.say("bulk.choose"), func(i int) {
		s.unset = append(s.unset, free[i])
		s.draw()
	}).Searching(k.say("word.find"), k.say("word.nothing"))
	all := []fyne.CanvasObject{part.TopRow(14, part.Weigh(1, set), part.Weigh(1, unset))}
	if len(own) > 0 {
		all = append(all, s.editor.rows())
	}
	var back []fyne.CanvasObject
	for i, n := range s.unset {
		label := labels[slices.Index(names, n)]
		back = append(back, part.Inset(12, 18, 12, 18, part.Row(18, part.Grow(part.NewPara(label, part.Body, part.Medium(), part.Ink)), part.NewMuted(k.say("bulk.inherited")),
			part.NewLink(k.say("bulk.take_out"), func() {
				s.unset = slices.Delete(slices.Clone(s.unset), i, i+1)
				s.draw()
			}))))
	}
	if len(back) > 0 {
		all = append(all, lines(back...))
	}
	if len(own)+len(back) > 0 {
		all = append(all, part.Row(0, part.Space(), part.NewButton(k.say("plan.look"), s.look)))
	}
	s.choice.Objects = all
	s.choice.Refresh()
	s.relayout()
}

// look asks what it would change.
func (s *policyBulk) look() {
	k, edit := s.kit, core.PolicyEdit{Set: s.editor.form.Own(), Unset: slices.Clone(s.unset)}
	for _, r := range s.roles {
		edit.Levels = append(edit.Levels, string(r.ID))
	}
	s.plan.clear()
	Load(k.Async, func(ctx context.Context) (core.PolicyPlan, error) { return k.Service.PlanPolicyEdit(ctx, edit) }, func(p core.PolicyPlan, err error) {
		if err != nil {
			k.Frame.Fail(err)
			return
		}
		s.plan.show(p)
		s.scroll.Reveal(s.plan.body) // it stands below all that was chosen
	})
}

// policyCompare shows where two roles differ.
type policyCompare struct {
	kit     Kit
	title   string
	scroll  *part.Scroll
	content fyne.CanvasObject
}

func newPolicyCompare(k Kit, a, b core.RoleRow) Screen {
	s := &policyCompare{kit: k, scroll: part.NewScroll(part.NewPanel(part.Pad(20, part.Skeleton(6)))), title: k.say("compare.title")}
	s.content = part.Column(14, part.Row(0, part.NewButtonOf(part.Quiet, k.say("role.back"), "arrow-left", k.Frame.Pop)), part.Grow(s.scroll))
	s.read(a.ID, b.ID)
	return s
}

func (s *policyCompare) Title() string              { return s.title }
func (s *policyCompare) Content() fyne.CanvasObject { return s.content }
func (s *policyCompare) Update([]core.Topic)        {}

// TakeKey goes back on Esc.
func (s *policyCompare) TakeKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		s.kit.Frame.Pop()
	}
}

func (s *policyCompare) read(a, b core.RoleID) {
	k := s.kit
	Load(k.Async, func(ctx context.Context) (c model.Comparison, err error) {
		one, err := k.Service.RolePage(ctx, a)
		if err != nil {
			return c, err
		}
		two, err := k.Service.RolePage(ctx, b)
		if err != nil {
			return c, err
		}
		var x, y core.PolicySettings
		x.Make(one.Policy, "approval_stages")
		y.Make(two.Policy, "approval_stages")
		names, err := k.approverNames(ctx, x, y)
		return model.CompareRoles(k.Text, one, two, names), err
	}, func(c model.Comparison, err error) {
		if err != nil {
			s.scroll.SetContent(k.failed(err, func() { s.read(a, b) }))
			return
		}
		head := part.Inset(0, 16, 0, 16, part.TopRow(16, part.Weigh(1.2, part.NewGentle(k.say("compare.text"))),
			part.Weigh(1, part.NewPara(c.A, part.Body, part.SemiBold(), part.Ink)), part.Weigh(1, part.NewPara(c.B, part.Body, part.SemiBold(), part.Ink))))
		body := planTable(k, c.Rows, true)
		if len(c.Rows) == 0 {
			body = part.NewPanel(part.Empty("check-circle", k.say("compare.same"), "", nil))
		}
		s.scroll.SetContent(part.Inset(0, 12, 20, 0, part.Column(12, head, body)))
	})
}
