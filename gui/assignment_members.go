package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// assignPeople is the wizard's second page: all people, or all groups, at the
// left, who was chosen at the right, with the account that each person needs.
type assignPeople struct {
	s       *assignWizard
	title   *part.Para
	tabs    *part.Segments
	people  *found[core.PersonRow]
	groups  *found[core.GroupRow]
	chosen  *part.Scroll
	head    *part.Text
	note    *fyne.Container
	content fyne.CanvasObject
	setting core.SystemID // whose accounts were read
}

func newAssignPeople(s *assignWizard) *assignPeople {
	k := s.kit
	p := &assignPeople{s: s, title: headline(""), note: part.Layers(),
		chosen: part.NewScroll(part.Gap(1, 1)).Inside(), head: part.NewHeading(k.say("assign.wizard.chosen"))}
	p.note.Hide()
	p.people = newFound(k, k.say("assign.wizard.members.search"), part.TableSpec[core.PersonRow]{
		Columns: []part.TableColumn{
			{Title: k.say("person.col.name"), Width: 130, Weight: 2}, {Title: k.say("person.col.login"), Width: 100, Weight: 1},
			{Title: k.say("person.col.state"), Width: 90, Drop: 1},
		},
		Key: func(r core.PersonRow) string { return string(r.ID) },
		Cells: func(r core.PersonRow) []part.Cell {
			state := part.Cell{}
			if r.Disabled {
				state = markCell(model.PersonMark(k.Text, r))
			}
			return []part.Cell{{Text: r.Name, Look: part.LookStrong}, {Text: r.Login, Look: part.LookMuted}, state}
		},
		Empty: part.Empty("people", k.say("assign.wizard.members.none"), "", nil),
		Check: func() {
			ticked(p, p.people.table, func(r core.PersonRow) model.Member { return model.Member{Person: r} })
		},
	}, func(ctx context.Context, text string, page core.Page) (core.List[core.PersonRow], error) {
		return k.Service.People(ctx, core.PersonFilter{Text: text}, page)
	})
	p.groups = newFound(k, k.say("assign.wizard.groups.search"), part.TableSpec[core.GroupRow]{
		Columns: []part.TableColumn{{Title: k.Text.T("group.col.name"), Width: 130, Weight: 2}, {Title: k.Text.T("group.col.members"), Width: 90}},
		Key:     func(r core.GroupRow) string { return string(r.ID) },
		Cells: func(r core.GroupRow) []part.Cell {
			return []part.Cell{{Text: r.Name, Look: part.LookStrong, Tip: r.Description}, {Text: k.Text.Number(int64(r.Members)), Look: part.LookMuted}}
		},
		Empty: part.Empty("people", k.say("assign.wizard.groups.none"), k.say("assign.wizard.groups.none.text"), nil),
		Check: func() {
			ticked(p, p.groups.table, func(r core.GroupRow) model.Member { return model.Member{Group: r} })
		},
	}, func(ctx context.Context, text string, page core.Page) (core.List[core.GroupRow], error) {
		return k.Service.Groups(ctx, core.GroupFilter{Text: text}, page)
	})
	p.groups.content.Hide()
	p.tabs = part.NewSegments([]string{k.say("assign.wizard.people"), k.say("assign.wizard.groups")}, 0, func(i int) {
		p.people.content.Hidden, p.groups.content.Hidden = i == 1, i == 0
		p.content.Refresh()
	})
	list := part.NewPanel(part.Pad(2, p.chosen))
	p.content = part.Column(14, p.title, p.note,
		part.Grow(part.TopRow(14,
			part.GrowTall(part.Column(10, part.Row(0, p.tabs), part.Grow(part.Layers(p.people.content, p.groups.content)))),
			part.GrowTall(part.Column(10, part.Fixed(0, 34, p.head), part.Grow(list))))), part.Gap(1, 4))
	p.draw()
	return p
}

// found is a list to tick in, with a search above it.
type found[T any] struct {
	search  *part.Search
	table   *part.Table[T]
	content *fyne.Container
	text    string
	pace    Pace // of typing
}

func newFound[T any](k Kit, hint string, spec part.TableSpec[T], find func(ctx context.Context, text string, p core.Page) (core.List[T], error)) *found[T] {
	f := &found[T]{}
	f.search = part.NewSearch(hint, func(v string) {
		f.text = v
		k.Async.Soon(&f.pace, f.table.Reload)
	})
	spec.Run, spec.Failed, spec.RowHigh = k.Async.Run, k.failed, 42
	spec.Load = func(ctx context.Context, after string) ([]T, string, error) {
		l, err := find(ctx, f.text, core.Page{After: after, Limit: 100})
		return l.Items, l.Next, err
	}
	f.table = part.NewTable(spec)
	f.search.Keys(f.table.TypedKey)
	f.table.Reload()
	f.content = part.Column(10, f.search, part.Grow(f.table))
	return f
}

// shown names the role, and reads accounts anew where the system is another.
func (p *assignPeople) shown() {
	r := p.s.w.Role.Role
	p.title.Set(p.s.kit.say("assign.wizard.members.title", "role", r.Name, "system", r.SystemName), part.Ink)
	if p.setting != r.System {
		p.setting = r.System
		for _, m := range p.s.w.Members {
			if !m.IsGroup() {
				p.readAccounts(m.Person.ID)
			}
		}
	}
	p.draw()
}

// ticked takes over what is ticked in a list. What was chosen and no longer fits
// the search stays chosen.
func ticked[T any](p *assignPeople, table *part.Table[T], member func(T) model.Member) {
	w := p.s.w
	type key struct {
		person core.PersonID
		group  core.GroupID
	}
	on := map[key]bool{}
	for _, r := range table.Ticked() {
		m := member(r)
		on[key{m.Person.ID, m.Group.ID}] = true
		if !w.Has(m) && w.Toggle(m) && !m.IsGroup() {
			p.readAccounts(m.Person.ID)
		}
	}
	for _, r := range table.Rows() {
		if m := member(r); w.Has(m) && !on[key{m.Person.ID, m.Group.ID}] {
			w.Toggle(m)
		}
	}
	banner(p.note, nil)
	p.draw()
}

func (p *assignPeople) readAccounts(id core.PersonID) {
	k := p.s.kit
	Load(k.Async, func(ctx context.Context) (core.PersonPage, error) { return k.Service.PersonPage(ctx, id) },
		func(page core.PersonPage, err error) {
			if err != nil {
				banner(p.note, k.failed(err, func() { p.readAccounts(id) }))
				return
			}
			p.s.w.SetAccounts(id, page.Accounts)
			p.draw()
		})
}

// draw shows who is chosen.
func (p *assignPeople) draw() {
	k, w := p.s.kit, p.s.w
	p.head.SetText(k.say("assign.wizard.chosen"))
	if len(w.Members) == 0 {
		p.chosen.SetContent(part.Pad(16, part.NewHint(k.say("assign.wizard.chosen.none"))))
		return
	}
	p.head.SetText(k.say("assign.wizard.chosen") + " · " + w.Chosen(k.Text))
	var rows []fyne.CanvasObject
	for i, m := range w.Members {
		if i > 0 {
			rows = append(rows, part.NewHairline())
		}
		rows = append(rows, p.member(m))
	}
	p.chosen.SetContent(part.Column(0, rows...))
}

// takeOff takes somebody off the list.
func (p *assignPeople) takeOff(m model.Member) {
	p.s.w.Toggle(m)
	p.people.table.Tick(string(m.Person.ID), false)
	p.groups.table.Tick(string(m.Group.ID), false)
	p.draw()
}

// member is the row of somebody chosen; who lacks an account gets a field for it.
func (p *assignPeople) member(m model.Member) fyne.CanvasObject {
	k, w := p.s.kit, p.s.w
	lacks := w.NeedsAccount() && !m.IsGroup() && m.Read && m.Account == ""
	about := part.NewSmall(m.Person.Login)
	switch {
	case lacks:
		about = part.NewText(k.say("assign.wizard.no_account", "system", w.Role.Role.SystemName), part.Small, part.Regular(), part.EndingInk)
	case w.NeedsAccount() && m.Account != "":
		about = part.NewMono(m.Account)
	}
	sign := part.SoftAvatar(m.Person.Name, 28)
	if m.IsGroup() {
		sign = part.NewSurface(part.AccentGround, "", 14, part.Pad(6, part.NewIcon("people", part.AccentInk, 16)))
		about = part.NewSmall(k.count("assign.wizard.group", m.Group.Members))
	}
	head := part.Row(10, sign,
		part.Grow(part.Column(1, part.NewStrong(m.Name()).Shrinking(), about.Shrinking())),
		part.NewIconButton("close", k.say("assign.wizard.take_off", "person", m.Name()), func() { p.takeOff(m) }).Compact())
	if !lacks {
		return part.Inset(9, 10, 9, 14, head)
	}
	var set *part.Button
	var field *part.Field
	save := func() {
		set.Busy(true)
		k.do(core.SetAccount{Person: m.Person.ID, System: w.Role.Role.System, External: field.Value()}, "", func(_ core.Result, err error) {
			set.Busy(false)
			if err != nil {
				field.SetError(k.Text.Error(err))
				return
			}
			w.SetAccounts(m.Person.ID, []core.AccountRow{{Account: core.Account{Person: m.Person.ID, System: w.Role.Role.System, External: field.Value()}}})
			banner(p.note, nil)
			p.content.Refresh()
			p.draw()
		})
	}
	field = part.NewField(part.FieldSpec{Value: m.Person.Login, Placeholder: k.say("assign.wizard.account_hint", "system", w.Role.Role.SystemName),
		Submitted: save, Relayout: p.chosen.Relayout})
	set = part.NewButton(k.say("assign.wizard.account_set"), save)
	return part.Inset(9, 10, 12, 14, part.Column(8, head, part.Inset(0, 0, 0, 38, part.TopRow(8, part.Grow(field), set))))
}

func (p *assignPeople) leave(proceed func(bool)) {
	err := p.s.w.Check(model.AssignMembers, p.s.kit.clock())
	if err != nil {
		banner(p.note, part.Banner(part.ToneEnding, p.s.kit.Text.Error(err), nil))
		p.content.Refresh()
	}
	proceed(err == nil)
}
