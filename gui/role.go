package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// roles is the page of all roles, by system.
type roles struct {
	kit     Kit
	text    string
	list    []core.RoleRow
	more    string // the page of the list that was not read yet
	scroll  *part.Scroll
	content fyne.CanvasObject
	pace    Pace // of typing
	cancel  func()
	chosen  map[core.RoleID]bool // ticked, to compare or change them
	bar     *fyne.Container      // what can be done with them
}

func newRoles(k Kit) Screen {
	s := &roles{kit: k, scroll: part.NewScroll(part.Gap(1, 1)), chosen: map[core.RoleID]bool{}, bar: part.Layers()}
	s.bar.Hide()
	search := part.NewSearch(k.say("role.search"), func(v string) {
		s.text = v
		k.Async.Soon(&s.pace, func() { s.read("") })
	})
	head := []fyne.CanvasObject{part.Grow(search)}
	head = append(head, part.NewButton(k.say("role.export"), func() { exportPolicies(k) }))
	if k.Me.MayManageAccess {
		head = append(head, part.NewButton(k.say("role.import"), func() { k.Frame.Push(newPolicyImport(k)) }))
	}
	head = append(head, part.NewButtonOf(part.Secondary, k.say("role.defaults"), "settings", func() {
		k.Frame.Push(newPolicyScreen(k, core.DefaultLevel, ""))
	}))
	s.scroll.SetContent(part.NewPanel(part.Pad(20, part.Skeleton(8))))
	// Below the list: what was just ticked, and what comes next, stays where it is.
	s.content = part.Column(14, part.Row(10, head...), part.Grow(s.scroll), s.bar)
	s.read("")
	return s
}

func (s *roles) Title() string              { return s.kit.say("role.title") }
func (s *roles) Content() fyne.CanvasObject { return s.content }

// Update implements Screen.
func (s *roles) Update(t []core.Topic) {
	if Concerns(t, core.TopicRoles, core.TopicSystems, core.TopicAssignments) {
		s.read("")
	}
}

func (s *roles) read(after string) {
	if s.cancel != nil {
		s.cancel()
	}
	k, f := s.kit, core.RoleFilter{Text: s.text}
	s.cancel = Load(k.Async, func(ctx context.Context) (core.List[core.RoleRow], error) {
		return k.Service.Roles(ctx, f, core.Page{After: after, Limit: 200})
	}, func(l core.List[core.RoleRow], err error) {
		if err != nil {
			s.scroll.SetContent(k.failed(err, func() { s.read(after) }))
			return
		}
		if after == "" {
			s.list = nil
		}
		s.list, s.more = append(s.list, l.Items...), l.Next
		s.draw()
	})
}

func (s *roles) draw() {
	k := s.kit
	if len(s.list) == 0 {
		if s.text != "" {
			s.scroll.SetContent(part.NewPanel(part.Empty("search", k.say("role.none.title"), k.say("role.none.text", "text", core.Clip(s.text, 40)), nil)))
			return
		}
		var add fyne.CanvasObject
		if k.Me.MayManageAccess {
			add = part.NewPrimary(k.say("role.empty.add"), func() { k.Frame.Push(newSystemWizard(k)) })
		}
		s.scroll.SetContent(part.NewPanel(part.Empty("roles", k.say("role.empty.title"), k.say("role.empty.text"), add)))
		return
	}
	var groups []fyne.CanvasObject
	for _, g := range model.RoleGroups(k.Text, s.list) {
		groups = append(groups, s.group(g))
	}
	if s.more != "" {
		groups = append(groups, part.Row(0, part.Space(), part.NewButton(k.say("word.more"), func() { s.read(s.more) }), part.Space()))
	}
	s.scroll.SetContent(part.Inset(0, 12, 20, 0, part.Column(22, groups...)))
}

// tick notes that a role was ticked or not, and shows what can be done.
func (s *roles) tick(id core.RoleID, on bool) {
	delete(s.chosen, id)
	if on {
		s.chosen[id] = true
	}
	s.ticked()
}

// ticked shows what can be done with the roles that are ticked.
func (s *roles) ticked() {
	k := s.kit
	var rows []core.RoleRow
	for _, r := range s.list {
		if s.chosen[r.ID] {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		s.bar.Hide()
		s.content.Refresh()
		return
	}
	compare := part.NewButton(k.say("role.compare"), func() { k.Frame.Push(newPolicyCompare(k, rows[0], rows[1])) }).Compact()
	compare.SetEnabled(len(rows) == 2)
	bar := []fyne.CanvasObject{part.NewStrong(k.count("role.chosen", len(rows))), part.Space(),
		part.NewQuiet(k.say("role.untick"), s.untick).Compact(), compare}
	if k.Me.MayManageAccess {
		bar = append(bar, part.NewPrimary(k.say("role.change_settings"), func() { k.Frame.Push(newPolicyBulk(k, rows, s.untick)) }).Compact())
	}
	swap(s.bar, part.NewPanel(part.Inset(10, 14, 10, 18, part.Row(10, bar...))))
	s.bar.Show()
	s.content.Refresh()
}

func (s *roles) untick() {
	clear(s.chosen)
	s.bar.Hide()
	s.draw()
	s.content.Refresh()
}

func (s *roles) group(g model.RoleGroup) fyne.CanvasObject {
	k := s.kit
	rows := make([]fyne.CanvasObject, 0, len(g.Roles))
	for _, r := range g.Roles {
		about := []fyne.CanvasObject{part.Lead(8, part.NewStrong(r.Name).Shrinking(), chips(r.Marks)...)}
		if r.About != "" {
			about = append(about, part.NewSmall(r.About).Shrinking())
		}
		own := fyne.CanvasObject(part.Gap(1, 1))
		if r.Own != "" {
			own = part.NewFaint(r.Own)
		}
		id, called := r.ID, r.Name
		tick := part.NewCheck("", s.chosen[id], func(on bool) { s.tick(id, on) })
		rows = append(rows, part.NewItem(part.Inset(10, 14, 10, 18, part.Row(14,
			tick, part.Grow(part.Column(2, about...)), own,
			number(k.say("role.col.eligible"), r.Eligible), number(k.say("role.col.active"), r.Active),
			part.NewIcon("chevron-right", part.Faint, 16))), func() { k.Frame.Push(newRoleScreen(k, id, called)) }))
	}
	head := part.Row(8, part.Grow(part.Lead(8, part.NewHeading(g.Name).Shrinking(), part.NewFaint(g.About()))),
		part.NewLink(k.say("role.system_settings"), func() { k.Frame.Push(newPolicyScreen(k, string(g.System), g.Name)) }))
	return part.Column(10, head, lines(rows...))
}

// number is a figure above its name.
func number(name, value string) fyne.CanvasObject {
	return part.Fixed(76, 0, part.Column(0, part.NewText(value, part.Body, part.SemiBold(), part.Ink).Align(fyne.TextAlignCenter),
		part.NewFaint(name).Align(fyne.TextAlignCenter)))
}
