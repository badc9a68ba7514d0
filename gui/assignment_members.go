package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// assignPeople is the wizard's second page: everybody at the left, who was
// chosen at the right, with the account that each needs.
type assignPeople struct {
	s       *assignWizard
	title   *part.Para
	search  *part.Search
	table   *part.Table[core.PersonRow]
	text    string
	pace    Pace // of typing
	chosen  *part.Scroll
	head    *part.Text
	note    *fyne.Container
	content fyne.CanvasObject
	setting core.SystemID // whose accounts were read
}

func newAssignPeople(s *assignWizard) *assignPeople {
	k := s.kit
	p := &assignPeople{s: s, title: headline(""), note: part.Layers(),
		chosen: part.NewScroll(part.Gap(1, 1)), head: part.NewHeading(k.say("assign.wizard.chosen"))}
	p.note.Hide()
	p.search = part.NewSearch(k.say("assign.wizard.members.search"), func(v string) {
		p.text = v
		k.Async.Soon(&p.pace, p.table.Reload)
	})
	p.table = part.NewTable(part.TableSpec[core.PersonRow]{
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
		Run: k.Async.Run,
		Load: func(ctx context.Context, after string) ([]core.PersonRow, string, error) {
			l, err := k.Service.People(ctx, core.PersonFilter{Text: p.text}, core.Page{After: after, Limit: 100})
			return l.Items, l.Next, err
		},
		Empty:  part.Empty("people", k.say("assign.wizard.members.none"), "", nil),
		Failed: k.failed,
		Check:  p.ticked, RowHigh: 42,
	})
	p.search.Keys(p.table.TypedKey)
	p.table.Reload()
	list := part.NewPanel(part.Pad(2, p.chosen))
	p.content = part.Column(14, p.title, p.note,
		part.Grow(part.TopRow(14,
			part.GrowTall(part.Column(10, p.search, part.Grow(p.table))),
			part.GrowTall(part.Column(10, part.Fixed(0, 34, p.head), part.Grow(list))))), part.Gap(1, 4))
	p.draw()
	return p
}

// shown names the role, and reads accounts anew where the system is another.
func (p *assignPeople) shown() {
	r := p.s.w.Role.Role
	p.title.Set(p.s.kit.say("assign.wizard.members.title", "role", r.Name, "system", r.SystemName), part.Ink)
	if p.setting != r.System {
		p.setting = r.System
		for _, m := range p.s.w.Members {
			p.readAccounts(m.Person.ID)
		}
	}
	p.draw()
}

// ticked takes over what is ticked in the list of people. Somebody who was
// chosen and no longer fits the search stays chosen.
func (p *assignPeople) ticked() {
	on := map[core.PersonID]bool{}
	for _, r := range p.table.Ticked() {
		on[r.ID] = true
		if !p.s.w.Has(r.ID) {
			if p.s.w.Toggle(r) {
				p.readAccounts(r.ID)
			}
		}
	}
	for _, r := range p.table.Rows() {
		if !on[r.ID] && p.s.w.Has(r.ID) {
			p.s.w.Toggle(r)
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
	p.head.SetText(k.say("assign.wizard.chosen") + " · " + k.count("assign.wizard.chosen.n", len(w.Members)))
	var rows []fyne.CanvasObject
	for i, m := range w.Members {
		if i > 0 {
			rows = append(rows, part.NewHairline())
		}
		rows = append(rows, p.member(m))
	}
	p.chosen.SetContent(part.Column(0, rows...))
}

// member is the row of somebody chosen; who lacks an account gets a field for it.
func (p *assignPeople) member(m model.Member) fyne.CanvasObject {
	k, w := p.s.kit, p.s.w
	lacks := w.NeedsAccount() && m.Read && m.Account == ""
	about := part.NewSmall(m.Person.Login)
	switch {
	case lacks:
		about = part.NewText(k.say("assign.wizard.no_account", "system", w.Role.Role.SystemName), part.Small, part.Regular(), part.EndingInk)
	case w.NeedsAccount() && m.Account != "":
		about = part.NewMono(m.Account)
	}
	head := part.Row(10, part.SoftAvatar(m.Person.Name, 28),
		part.Grow(part.Column(1, part.NewStrong(m.Person.Name).Shrinking(), about.Shrinking())),
		part.NewIconButton("close", k.say("assign.wizard.take_off", "person", m.Person.Name), func() {
			w.Toggle(m.Person)
			p.table.Tick(string(m.Person.ID), false)
			p.draw()
		}).Compact())
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
