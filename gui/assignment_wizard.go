package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// assignWizard leads from a role over its members and the setting to a review,
// and assigns. What is allowed says Preview; the wizard refuses only what
// can't be read.
type assignWizard struct {
	kit    Kit
	w      *model.AssignWizard
	wizard *part.Wizard
	roles  *assignRoles
	people *assignPeople
	how    *assignSetting
	review *assignReview
	cancel func() // of the last question to the service
}

// newAssignWizard opens the wizard; with a role it begins at the members.
func newAssignWizard(k Kit, role core.RoleID) Screen {
	s := &assignWizard{kit: k, w: model.NewAssignWizard()}
	s.roles, s.people, s.how, s.review = newAssignRoles(s), newAssignPeople(s), newAssignSetting(s), newAssignReview(s)
	s.wizard = part.NewWizard(part.WizardSpec{
		Steps: s.steps, Back: k.say("word.back"), Next: k.say("word.next"), Cancel: k.say("word.cancel"), Closed: k.Frame.Pop,
	})
	if role != "" {
		s.choose(role, func() { s.wizard.Go("members") })
	}
	return s
}

func (s *assignWizard) Title() string              { return s.kit.say("assign.wizard.title") }
func (s *assignWizard) Content() fyne.CanvasObject { return s.wizard }
func (s *assignWizard) TakeKey(e *fyne.KeyEvent)   { s.wizard.TakeKey(e) }

// Shown puts the keyboard where the first answer is due.
func (s *assignWizard) Shown() {
	s.wizard.Begin()
	if s.wizard.At() == "role" {
		part.FocusOn(s.roles.search)
	}
}

// Update implements Screen. What is chosen stays; the review asks again when
// it comes up.
func (s *assignWizard) Update([]core.Topic) {}

// Close stops what is still being asked.
func (s *assignWizard) Close() {
	if s.cancel != nil {
		s.cancel()
	}
}

func (s *assignWizard) steps() []part.Step {
	k := s.kit
	button := k.say("assign.wizard.review")
	if n := s.review.plan.Possible; n > 0 {
		button = s.review.plan.Button
	}
	return []part.Step{
		{Key: "role", Title: k.say("assign.wizard.role"), Body: s.roles.content, Tall: true, Focus: s.roles.search, Leave: s.roles.leave},
		{Key: "members", Title: k.say("assign.wizard.members"), Body: s.people.content, Tall: true, Focus: s.people.people.search, Shown: s.people.shown, Leave: s.people.leave},
		{Key: "setting", Title: k.say("assign.wizard.setting"), Body: s.how.content, Shown: s.how.shown, Leave: s.how.leave},
		{Key: "review", Title: k.say("assign.wizard.review"), Body: s.review.content, Next: button, Shown: s.review.shown, Leave: s.review.leave},
	}
}

// choose reads a role's page, with its policy, and takes it.
func (s *assignWizard) choose(id core.RoleID, then func()) {
	s.Close()
	s.cancel = Load(s.kit.Async, func(ctx context.Context) (core.RolePage, error) {
		return s.kit.Service.RolePage(ctx, id)
	}, func(p core.RolePage, err error) {
		if err != nil {
			s.roles.fail(err)
			s.wizard.Next().Busy(false)
			return
		}
		s.roles.table.Choose(string(id))
		s.w.ChooseRole(p, s.kit.clock())
		s.roles.said(nil)
		then()
	})
}

// assignRoles is the wizard's first page: all roles of all systems.
type assignRoles struct {
	s       *assignWizard
	search  *part.Search
	table   *part.Table[core.RoleRow]
	text    string
	pace    Pace // of typing
	note    *fyne.Container
	content fyne.CanvasObject
}

func newAssignRoles(s *assignWizard) *assignRoles {
	k := s.kit
	p := &assignRoles{s: s, note: part.Layers()}
	p.note.Hide()
	p.search = part.NewSearch(k.say("assign.wizard.role.search"), func(v string) {
		p.text = v
		k.Async.Soon(&p.pace, p.table.Reload)
	})
	p.table = part.NewTable(part.TableSpec[core.RoleRow]{
		Columns: []part.TableColumn{
			{Title: k.say("role.col.role"), Width: 180, Weight: 3}, {Title: k.say("assign.col.system"), Width: 150, Weight: 2},
			{Title: "", Width: 110, Drop: 1}, {Title: k.say("role.col.eligible"), Width: 80, Drop: 2}, {Title: k.say("role.col.active"), Width: 70, Drop: 2},
		},
		Key: func(r core.RoleRow) string { return string(r.ID) },
		Cells: func(r core.RoleRow) []part.Cell {
			l := model.RoleLineOf(k.Text, r)
			mark := part.Cell{}
			if len(l.Marks) > 0 {
				mark = markCell(l.Marks[0])
			}
			return []part.Cell{
				{Text: l.Name, Look: part.LookStrong, Tip: l.About}, {Text: r.SystemName, Sub: k.Text.KindBeside(r.SystemName, r.SystemKind, r.SystemAs), Look: part.LookMuted},
				mark, {Text: l.Eligible, Look: part.LookMuted}, {Text: l.Active, Look: part.LookMuted},
			}
		},
		Run: k.Async.Run,
		Load: func(ctx context.Context, after string) ([]core.RoleRow, string, error) {
			l, err := k.Service.Roles(ctx, core.RoleFilter{Text: p.text}, core.Page{After: after, Limit: 100})
			return l.Items, l.Next, err
		},
		Empty:  part.Empty("roles", k.say("assign.wizard.role.none"), k.say("assign.wizard.role.none.text"), nil),
		Failed: k.failed,
		Select: func(r core.RoleRow) { s.choose(r.ID, func() {}) },
		Open:   func(r core.RoleRow) { s.choose(r.ID, s.wizard.Forward) },
	})
	p.search.Keys(p.table.TypedKey)
	p.table.Reload()
	p.content = part.Column(14, headline(k.say("assign.wizard.role.title")), p.search, p.note, part.Grow(p.table), part.Gap(1, 4))
	return p
}

func (p *assignRoles) fail(err error) { p.said(p.s.kit.failed(err, nil)) }

// said shows a banner above the list, or none.
func (p *assignRoles) said(o fyne.CanvasObject) { banner(p.note, o) }

// banner shows o in a holder that takes no room while it is empty.
func banner(hold *fyne.Container, o fyne.CanvasObject) {
	if o == nil {
		hold.Hide()
		hold.Objects = nil
		return
	}
	hold.Show()
	swap(hold, o)
}

// leave goes on with the role chosen; with the only one that fits the search
// where none is.
func (p *assignRoles) leave(proceed func(bool)) {
	if rows := p.table.Rows(); p.s.w.Role.Role.ID == "" && len(rows) == 1 {
		p.s.choose(rows[0].ID, func() { proceed(true) })
		return
	}
	err := p.s.w.Check(model.AssignRole, p.s.kit.clock())
	if err != nil {
		p.said(part.Banner(part.ToneEnding, p.s.kit.Text.Error(err), nil))
	} else {
		p.said(nil)
	}
	p.s.wizard.Refit()
	proceed(err == nil)
}
