package gui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// groupScreen is the page of one group: who is in it, and what it was given.
type groupScreen struct {
	kit     Kit
	id      core.GroupID
	name    string
	page    core.GroupPage
	head    *fyne.Container
	tabs    *part.Segments
	body    *fyne.Container
	content *fyne.Container
}

func newGroupScreen(k Kit, g core.GroupRow) Screen {
	s := &groupScreen{kit: k, id: g.ID, name: g.Name, head: part.Layers(part.Skeleton(2)), body: part.Layers(part.NewPanel(part.Pad(18, part.Skeleton(4))))}
	s.tabs = part.NewSegments([]string{s.t("tab.members"), s.t("tab.given")}, 0, func(int) { s.tab() })
	s.content = part.Column(16, s.head, part.Row(0, s.tabs), part.Grow(s.body))
	s.read()
	return s
}

func (s *groupScreen) t(key string, args ...string) string {
	return s.kit.Text.T("group."+key, append(args, "group", s.name)...)
}

func (s *groupScreen) Title() string              { return s.name }
func (s *groupScreen) Content() fyne.CanvasObject { return s.content }

// TakeKey goes back on Esc.
func (s *groupScreen) TakeKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		s.kit.Frame.Pop()
	}
}

// Update implements Screen.
func (s *groupScreen) Update(t []core.Topic) {
	if Concerns(t, core.TopicPeople, core.TopicAssignments) {
		s.read()
	}
}

func (s *groupScreen) read() {
	k := s.kit
	Load(k.Async, func(ctx context.Context) (core.GroupPage, error) { return k.Service.GroupPage(ctx, s.id) }, func(p core.GroupPage, err error) {
		if err != nil {
			swap(s.head, k.failed(err, s.read))
			s.content.Refresh()
			return
		}
		s.page, s.name = p, p.Group.Name
		s.draw()
		s.tab()
	})
}

func (s *groupScreen) draw() {
	k, g := s.kit, s.page.Group
	acts := []fyne.CanvasObject{part.NewButtonOf(part.Quiet, s.t("back"), "arrow-left", k.Frame.Pop), part.Space()}
	if k.Me.MayManagePeople || k.Me.MayManageAccess {
		acts = append(acts, part.NewButtonOf(part.Secondary, k.say("person.edit"), "edit", func() { editGroup(k, g.Group, s.read) }),
			part.NewDrop(s.t("remove"), s.remove))
	}
	text := g.Description
	if text == "" {
		text = s.t("about")
	}
	swap(s.head, part.Column(14, part.Row(8, acts...), part.NewPanel(part.Pad(18, part.TopRow(18, part.SoftAvatar(g.Name, 52),
		part.Grow(part.Column(4, part.NewPara(g.Name, part.Large, part.SemiBold(), part.Ink), part.NewPara(text, part.Body, part.Regular(), part.Muted))))))))
	s.content.Refresh()
}

func (s *groupScreen) tab() {
	if s.tabs.Chosen() == 1 {
		swap(s.body, s.given())
		return
	}
	swap(s.body, part.NewScroll(s.members()))
}

func (s *groupScreen) members() fyne.CanvasObject {
	k := s.kit
	var rows []fyne.CanvasObject
	for _, m := range s.page.Members {
		line := []fyne.CanvasObject{part.SoftAvatar(m.Name, 32), part.Weigh(1, part.Column(1, part.NewStrong(m.Name).Shrinking(), part.NewSmall(m.Login).Shrinking())),
			part.NewFaint(s.t("since", "date", k.Text.Date(m.Since)))}
		if m.Disabled {
			line = append(line, part.NewChip(k.say("person.disabled"), part.ToneNeutral))
		}
		if k.Me.MayManagePeople || k.Me.MayManageAccess {
			line = append(line, part.NewDrop(s.t("leave"), func() { s.leave(m) }).Compact())
		}
		rows = append(rows, part.Inset(9, 16, 9, 18, part.Row(14, line...)))
	}
	var add fyne.CanvasObject
	if k.Me.MayManagePeople || k.Me.MayManageAccess {
		add = part.NewButtonOf(part.Secondary, s.t("join"), "plus", s.join)
	}
	if len(rows) == 0 {
		return part.NewPanel(part.Empty("people", s.t("members.none.title"), s.t("members.none.text"), add))
	}
	if add == nil {
		return lines(rows...)
	}
	return part.Column(12, lines(rows...), part.Row(0, add))
}

func (s *groupScreen) given() fyne.CanvasObject {
	k := s.kit
	list := assignmentList(k, core.AssignmentFilter{Group: s.id, States: []core.AssignmentState{core.Scheduled, core.InForce}}, false, s.t("given.none"))
	if !k.Me.MayManageAccess {
		return list
	}
	return part.Column(12, part.Row(0, part.NewButtonOf(part.Secondary, s.t("give"), "plus", s.give)), part.Grow(list))
}

// ask asks before something is done to the group.
func (s *groupScreen) ask(spec part.ConfirmSpec, fields []fyne.CanvasObject, why *part.Field, command func() (core.Command, error), done func()) {
	k := s.kit
	var c *part.Confirm
	proof := part.NewProof(k.proofWords(), nil, nil, func() {
		if c != nil {
			c.Relayout()
		}
	})
	proof.Hide()
	spec.Cancel, spec.More = k.say("word.cancel"), part.Column(14, append(fields, proof)...)
	spec.Do = k.confirmed(command, proof, why, func(core.Result) { done() })
	c = k.Frame.Confirm(spec)
}

// whyField is a reason that may stay empty.
func (k Kit) whyField(changed func(string)) *part.Field {
	return part.NewField(part.FieldSpec{Label: k.say("assign.justification.optional"), Helper: k.say("assign.justification.hint"), Lines: 2, Changed: changed})
}

func (s *groupScreen) remove() {
	cmd := core.RemoveGroup{Group: s.id}
	why := s.kit.whyField(func(v string) { cmd.Justification = v })
	s.ask(part.ConfirmSpec{Title: s.t("remove.title"), Text: s.t("remove.text"), Action: s.t("remove.action"), Danger: true, Focus: why},
		[]fyne.CanvasObject{why}, why, func() (core.Command, error) { return cmd, nil }, func() {
			s.kit.Frame.Toast(s.t("removed"), "", nil)
			s.kit.Frame.Pop()
		})
}

func (s *groupScreen) leave(m core.MemberRow) {
	cmd := core.RemoveMembers{Group: s.id, People: []core.PersonID{m.Person}}
	why := s.kit.whyField(func(v string) { cmd.Justification = v })
	s.ask(part.ConfirmSpec{Title: s.t("leave.title", "person", m.Name), Text: s.t("leave.text"), Action: s.t("leave.action", "person", m.Name), Danger: true, Focus: why},
		[]fyne.CanvasObject{why}, why, func() (core.Command, error) { return cmd, nil }, s.read)
}

// join asks who comes into the group.
func (s *groupScreen) join() {
	k := s.kit
	cmd := core.AddMembers{Group: s.id}
	member := func(p core.PersonID) bool {
		return slices.ContainsFunc(s.page.Members, func(m core.MemberRow) bool { return m.Person == p })
	}
	who := k.findPerson(k.Text.T("group.person"), k.Text.T("group.person.choose"), member, func(p core.PersonID) { cmd.People = []core.PersonID{p} })
	s.ask(part.ConfirmSpec{Title: s.t("join.title"), Text: s.t("join.text"), Action: s.t("join.action"), Focus: who},
		[]fyne.CanvasObject{who}, nil, func() (core.Command, error) {
			if len(cmd.People) == 0 {
				return nil, core.Errorf(core.Invalid, "people", "group.person.missing")
			}
			return cmd, nil
		}, s.read)
}

// give asks which role the group gets, and how long.
func (s *groupScreen) give() {
	k := s.kit
	cmd := core.Assign{Groups: []core.GroupID{s.id}, Kind: core.Eligible}
	term := model.Term{Renew: true, Permanent: true}
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	role := k.findRole(k.say("assign.col.role"), s.t("give.choose"), func(r core.RoleID) { cmd.Role = r })
	kind := part.NewSegments([]string{k.say("assign.wizard.eligible"), k.say("assign.wizard.active")}, 0, func(i int) {
		cmd.Kind = []core.AssignmentKind{core.Eligible, core.Active}[i]
	})
	fields := newTermFields(k, &term, relayout)
	why := part.NewField(part.FieldSpec{Label: k.say("assign.justification"), Helper: k.say("assign.justification.hint"), Lines: 2,
		Changed: func(v string) { cmd.Justification = strings.TrimSpace(v) }, Relayout: relayout})
	proof := part.NewProof(k.proofWords(), nil, nil, relayout)
	proof.Hide()
	c = k.Frame.Confirm(part.ConfirmSpec{Title: s.t("give.title"), Text: s.t("give.text"), Action: s.t("give.action"), Cancel: k.say("word.cancel"), Focus: role,
		More: part.Column(14, append(append([]fyne.CanvasObject{role, kind}, fields.objects...), why, proof)...),
		Do: func(c *part.Confirm) {
			start, end, err := term.Read(k.clock())
			if err == nil && cmd.Role == "" {
				err = core.Errorf(core.Invalid, "role", "pages.assign.need.role")
			}
			if err != nil {
				if !fields.fail(k, err) {
					c.Fail(k.Text.Error(err))
				}
				return
			}
			cmd.Start, cmd.End = start, end
			c.Busy(true)
			k.do(cmd, proof.Take(), func(res core.Result, err error) {
				if err == nil {
					err = firstProblem(res)
				}
				if err != nil {
					answerProblem(k, c, err, fields, why, proof)
					return
				}
				c.Close()
				k.Frame.Toast(s.t("given.done"), "", nil)
				s.read()
			})
		},
	})
}
