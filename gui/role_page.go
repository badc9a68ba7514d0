package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// roleScreen is the page of one role: its settings, who can have it, who has
// it, and what happened with it.
type roleScreen struct {
	kit     Kit
	id      core.RoleID
	page    core.RolePage
	name    string
	head    *fyne.Container
	body    *fyne.Container
	tabs    *part.Segments
	policy  *policyEditor
	content fyne.CanvasObject
}

func newRoleScreen(k Kit, id core.RoleID, name string) Screen {
	s := &roleScreen{kit: k, id: id, name: name, head: part.Layers(part.Skeleton(3)), body: part.Layers()}
	s.tabs = part.NewSegments([]string{k.say("role.tab.settings"), k.say("role.tab.eligible"), k.say("role.tab.active"), k.say("role.tab.history")}, 0, s.tab)
	s.policy = newPolicyEditor(k, string(id))
	s.content = part.Column(16,
		s.head, part.Row(0, s.tabs), part.Grow(s.body))
	s.tab(0)
	s.read()
	return s
}

func (s *roleScreen) Title() string              { return s.name }
func (s *roleScreen) Content() fyne.CanvasObject { return s.content }

// TakeKey goes back on Esc.
func (s *roleScreen) TakeKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		s.kit.Frame.Pop()
	}
}

// Update implements Screen.
func (s *roleScreen) Update(t []core.Topic) {
	if Concerns(t, core.TopicRoles, core.TopicAssignments) {
		s.read()
		if i := s.tabs.Chosen(); i > 0 {
			s.tab(i)
		}
	}
}

func (s *roleScreen) read() {
	k := s.kit
	Load(k.Async, func(ctx context.Context) (core.RolePage, error) { return k.Service.RolePage(ctx, s.id) },
		func(p core.RolePage, err error) {
			if err != nil {
				swap(s.head, k.failed(err, s.read))
				s.content.Refresh()
				return
			}
			s.page = p
			s.draw()
			s.policy.setRole(p)
		})
}

func (s *roleScreen) draw() {
	k, r := s.kit, s.page.Role
	name := append([]fyne.CanvasObject{part.NewButtonOf(part.Quiet, k.say("role.back"), "arrow-left", k.Frame.Pop)}, chips(model.RoleMarks(k.Text, r.Role))...)
	name = append(name, part.Space())
	if k.Me.MayManageAccess {
		name = append(name, part.NewButtonOf(part.Secondary, k.say("role.edit"), "edit", s.edit),
			part.NewPrimary(k.say("role.assign"), func() { k.Frame.Push(newAssignWizard(k, s.id)) }))
	}
	swap(s.head, part.Column(14, part.Row(8, name...), factTable(180, model.RoleFacts(k.Text, s.page))))
	s.content.Refresh()
}

// tab shows one of the four parts.
func (s *roleScreen) tab(i int) {
	k := s.kit
	switch i {
	case 0:
		swap(s.body, s.policy.content)
	case 1:
		swap(s.body, assignmentList(k, core.AssignmentFilter{Role: s.id, Kind: core.Eligible, States: []core.AssignmentState{core.Scheduled, core.InForce}}, true, k.say("role.nobody.eligible")))
	case 2:
		swap(s.body, assignmentList(k, core.AssignmentFilter{Role: s.id, Kind: core.Active, States: []core.AssignmentState{core.Scheduled, core.InForce}, GrantStates: []core.GrantState{core.GrantRemoving}}, true, k.say("role.nobody.active")))
	case 3:
		swap(s.body, entryList(k, core.EntryFilter{Role: s.id}, k.say("role.nobody.history")))
	}
}

// assignmentList is a table of assignments of one role or one person; a click
// opens a dialog with the details.
func assignmentList(k Kit, f core.AssignmentFilter, ofRole bool, empty string) fyne.CanvasObject {
	first := part.TableColumn{Title: k.say("assign.col.role"), Width: 150, Weight: 2}
	if ofRole {
		first = part.TableColumn{Title: k.say("assign.col.who"), Width: 150, Weight: 2}
	}
	t := part.NewTable(part.TableSpec[core.AssignmentRow]{
		Columns: []part.TableColumn{first, {Title: k.say("assign.col.kind"), Width: 130, Weight: 1, Drop: 2},
			{Title: k.say("assign.col.from"), Width: 130, Drop: 1}, {Title: k.say("assign.col.until"), Width: 130}, {Title: k.say("assign.col.state"), Width: 116}},
		Key: func(r core.AssignmentRow) string { return string(r.ID) },
		Cells: func(r core.AssignmentRow) []part.Cell {
			l := model.LineOf(k.Text, k.clock(), r)
			who := part.Cell{Text: l.Role, Sub: l.System, Look: part.LookStrong}
			if ofRole {
				who = part.Cell{Text: l.Who, Sub: l.Login, Look: part.LookStrong}
				if l.Through != "" {
					who.Sub = l.Through
				}
			}
			return []part.Cell{who, {Text: l.Kind, Look: part.LookMuted}, {Text: l.From, Look: part.LookMuted, Tip: l.FromTip}, {Text: l.Until, Look: part.LookMuted, Tip: l.UntilTip}, markCell(l.State)}
		},
		Run: k.Async.Run,
		Load: func(ctx context.Context, after string) ([]core.AssignmentRow, string, error) {
			l, err := k.Service.Assignments(ctx, f, core.Page{After: after, Limit: 100})
			return l.Items, l.Next, err
		},
		Empty: part.Empty("assignments", empty, "", nil), Failed: k.failed,
		Open:   func(r core.AssignmentRow) { showAssignment(k, r) },
		Select: func(r core.AssignmentRow) { showAssignment(k, r) },
	})
	t.Reload()
	return t
}

// showAssignment shows the details of one assignment in a dialog.
func showAssignment(k Kit, r core.AssignmentRow) {
	var m *part.Modal
	d := newAssignmentDetail(k, func() { m.Close() })
	m = part.ShowModal(k.Frame.Window().Canvas(), part.ModalSpec{Width: 480, Content: part.Fixed(0, 560, d.scroll)})
	d.show(r)
}

// edit asks for a role's name, description and marks.
func (s *roleScreen) edit() {
	k := s.kit
	f := model.EditOf(s.page.Role.Role)
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	name := part.NewField(part.FieldSpec{Label: k.say("role.edit.name"), Value: f.Name, Changed: func(v string) { f.Name = v }, Relayout: relayout})
	about := part.NewField(part.FieldSpec{Label: k.say("role.edit.description"), Value: f.Description, Lines: 2, Changed: func(v string) { f.Description = v }, Relayout: relayout})
	proof := part.NewProof(k.proofWords(), func() { c.Press() }, nil, relayout)
	proof.Hide()
	c = k.Frame.Confirm(part.ConfirmSpec{
		Title: k.say("role.edit.title"), Action: k.say("word.save"), Cancel: k.say("word.cancel"), Focus: name,
		More: part.Column(16, name, about,
			part.NewSwitch(k.say("role.edit.privileged"), k.say("role.edit.privileged.help"), f.Privileged, func(on bool) { f.Privileged = on }),
			part.NewSwitch(k.say("role.edit.protected"), k.say("role.edit.protected.help"), f.Protected, func(on bool) { f.Protected = on }), proof),
		Do: k.confirmed(func() (core.Command, error) {
			cmd, err := f.Command()
			if err != nil {
				name.SetError(k.Text.Error(err))
			}
			return cmd, err
		}, proof, nil, func(core.Result) {
			k.Frame.Toast(k.say("word.saved"), "", nil)
			s.read()
		}),
	})
}
