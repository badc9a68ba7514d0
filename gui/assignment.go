package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// assignments is the page of everybody's assignments: three lists, filters,
// and the details of one assignment beside them.
type assignments struct {
	kit     Kit
	query   model.AssignmentQuery
	table   *part.Table[core.AssignmentRow]
	empty   *fyne.Container
	count   *part.Text
	system  *part.Select
	role    *part.Select
	systems []core.SystemRow
	detail  *assignmentDetail
	split   *part.Split
	bar     *fyne.Container
	note    *fyne.Container // says that the list has changed
	content fyne.CanvasObject
	pace    Pace   // of typing
	counted func() // cancels the counting
	tabs    *part.Segments
	search  *part.Search
}

func newAssignments(k Kit) Screen {
	s := &assignments{kit: k, query: model.AssignmentQuery{Tab: model.TabEligible}, empty: part.Layers(), count: part.NewFaint(""), bar: part.Layers(), note: part.Layers()}
	s.note.Hide()
	s.build()
	s.fill()
	s.readSystems()
	s.table.Reload()
	return s
}

func (s *assignments) Title() string              { return s.kit.say("assign.title") }
func (s *assignments) Content() fyne.CanvasObject { return s.content }

// Update implements Screen.
func (s *assignments) Update(t []core.Topic) {
	if Concerns(t, core.TopicAssignments) {
		s.kit.renew(s.table.AtTop(), s.note, s.content, s.changed)
		s.detail.again()
	}
	if Concerns(t, core.TopicSystems) {
		s.readSystems()
	}
}

func (s *assignments) build() {
	k := s.kit
	var names []string
	for _, t := range model.AssignmentTabs() {
		names = append(names, k.say("assign.tab."+string(t)))
	}
	s.tabs = part.NewSegments(names, 0, func(i int) {
		s.query.Tab = model.AssignmentTabs()[i]
		s.table.Untick()
		s.ticked()
		s.close()
		s.changed()
	})
	s.search = part.NewSearch(k.say("assign.filter"), func(v string) {
		s.query.Text = v
		s.later()
	})
	s.system = part.NewSelect("", []string{k.say("assign.all_systems")}, 0, "", func(i int) {
		s.query.System = ""
		if i > 0 {
			s.query.System = s.systems[i-1].ID
		}
		s.anyRole()
		s.changed()
	}).Fitting().Searching(k.say("word.find"), k.say("word.nothing"))
	s.role = k.filterRole(k.say("assign.all_roles"), func() core.SystemID { return s.query.System }, func(r core.RoleID) {
		s.query.Role = r
		s.changed()
	})
	s.table = part.NewTable(part.TableSpec[core.AssignmentRow]{
		Columns: []part.TableColumn{
			{Title: k.say("assign.col.who"), Width: 140, Weight: 3},
			{Title: k.say("assign.col.role"), Width: 170, Weight: 3},
			{Title: k.say("assign.col.system"), Width: 120, Weight: 2, Drop: 2, Folds: true},
			{Title: k.say("assign.col.scope"), Width: 80, Weight: 1, Drop: 3},
			{Title: k.say("assign.col.kind"), Width: 96, Drop: 5},
			{Title: k.say("assign.col.from"), Width: 112, Drop: 4},
			{Title: k.say("assign.col.until"), Width: 112, Drop: 1},
			{Title: k.say("assign.col.state"), Width: 104},
		},
		Key:   func(r core.AssignmentRow) string { return string(r.ID) },
		Cells: s.cells,
		Run:   k.Async.Run,
		Load: func(ctx context.Context, after string) ([]core.AssignmentRow, string, error) {
			l, err := k.Service.Assignments(ctx, s.query.Filter(k.Now()), core.Page{After: after, Limit: 50})
			return l.Items, l.Next, err
		},
		Empty: s.empty, Failed: k.failed,
		Check:   s.ticked,
		MayTick: func(r core.AssignmentRow) bool { return k.Me.MayManageAccess && r.State.Live() && r.Via == "" },
		Select:  func(r core.AssignmentRow) { s.show(r) },
	})
	s.detail = newAssignmentDetail(k, s.close)
	s.split = part.NewSplit(s.table, s.detail.content, 300, 460)
	head := []fyne.CanvasObject{s.tabs, part.Space(), part.NewButtonOf(part.Secondary, k.say("assign.export"), "download", s.export)}
	if k.Me.MayManageAccess {
		head = append(head, part.NewButtonOf(part.Primary, k.say("assign.add"), "plus", func() { k.Frame.Push(newAssignWizard(k, "")) }))
	}
	page := part.Column(12,
		part.Row(10, head...),
		part.Row(10, part.Grow(s.search), s.system, s.role),
		s.note,
		part.Grow(s.split.Container),
		s.count,
	)
	s.content = part.Layers(page, s.bar)
}

func (s *assignments) cells(r core.AssignmentRow) []part.Cell {
	l := model.LineOf(s.kit.Text, s.kit.clock(), r)
	from := part.Cell{Text: l.From, Look: part.LookMuted, Tip: l.FromTip}
	until := part.Cell{Text: l.Until, Look: part.LookMuted, Tip: l.UntilTip}
	return []part.Cell{
		{Text: l.Who, Sub: l.Through, Look: part.LookStrong}, {Text: l.Role}, {Text: l.System, Sub: l.SystemHow, Look: part.LookMuted},
		{Text: l.Scope, Look: part.LookMono}, {Text: l.Kind, Look: part.LookMuted}, from, until, markCell(l.State),
	}
}

// later reads for what was typed.
func (s *assignments) later() {
	s.kit.Async.Soon(&s.pace, s.changed)
}

// changed reads the list for new filters.
func (s *assignments) changed() {
	if s.note.Visible() {
		banner(s.note, nil)
		s.content.Refresh()
	}
	s.table.Reload() // what one waits for goes first
	s.fill()
}

// fill sets the sentences that depend on the filters: the count and what an
// empty list says.
func (s *assignments) fill() {
	k, q := s.kit, s.query
	if q.Narrowed() {
		swap(s.empty, part.Empty("filter", k.say("assign.none.title"), k.say("assign.none.text"),
			part.NewButton(k.say("assign.clear"), s.clear)))
	} else {
		var add fyne.CanvasObject
		if k.Me.MayManageAccess && q.Tab == model.TabEligible {
			add = part.NewButton(k.say("assign.add"), func() { k.Frame.Push(newAssignWizard(k, "")) })
		}
		tab := "assign.empty." + string(q.Tab)
		swap(s.empty, part.Empty("assignments", k.say(tab+".title"), k.say(tab+".text"), add))
	}
	if s.counted != nil {
		s.counted()
	}
	const most = 100_000 // the service counts no further
	s.counted = Load(k.Async, func(ctx context.Context) (int, error) {
		return k.Service.CountAssignments(ctx, q.Filter(k.Now()))
	}, func(n int, err error) {
		switch {
		case err != nil:
			s.count.SetText("")
		case n >= most:
			s.count.SetText(k.say("assign.count.many", "n", k.Text.Number(most)))
		default:
			s.count.SetText(k.count("assign.count", n))
		}
	})
}

func (s *assignments) clear() {
	s.query = model.AssignmentQuery{Tab: s.query.Tab}
	s.search.SetValue("")
	s.system.Choose(0)
	s.anyRole()
	s.changed()
}

func (s *assignments) readSystems() {
	k := s.kit
	Load(k.Async, k.Service.Systems, func(rows []core.SystemRow, err error) {
		if err != nil {
			return // the list itself says that the server can't be reached
		}
		s.systems = rows
		names, at := []string{k.say("assign.all_systems")}, 0
		for i, r := range rows {
			names = append(names, r.Name)
			if r.ID == s.query.System {
				at = i + 1
			}
		}
		s.system.SetOptions(names, at)
	})
}

// anyRole takes the filter by role away.
func (s *assignments) anyRole() {
	s.query.Role = ""
	s.role.SetOptions([]string{s.kit.say("assign.all_roles")}, 0)
}

func (s *assignments) show(r core.AssignmentRow) {
	s.detail.show(r)
	s.split.Open(true)
}

func (s *assignments) close() {
	s.split.Open(false)
	s.table.Choose("")
}

// ticked shows the bar for the rows that are ticked.
func (s *assignments) ticked() {
	k := s.kit
	rows := s.table.Ticked()
	if len(rows) == 0 {
		s.bar.Objects = nil
		s.bar.Refresh()
		return
	}
	swap(s.bar, part.AtFoot(part.FloatBar(k.count("assign.chosen", len(rows)), "",
		part.NewButtonOf(part.Destroy, k.count("assign.remove.button", len(rows)), "trash", func() {
			removeAssignments(k, rows, func() {
				s.table.Untick()
				s.ticked()
				s.close()
				s.changed()
			})
		}))))
}

// TakeKey closes the details on Esc.
func (s *assignments) TakeKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape && s.split.IsOpen() {
		s.close()
	}
}
