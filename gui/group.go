package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/part"
)

// groups is the second list of the page People.
type groups struct {
	kit     Kit
	filter  core.GroupFilter
	table   *part.Table[core.GroupRow]
	empty   *fyne.Container
	content fyne.CanvasObject
	pace    Pace // of typing
}

func newGroups(k Kit) *groups {
	s := &groups{kit: k, empty: part.Layers()}
	search := part.NewSearch(k.Text.T("group.search"), func(v string) {
		s.filter.Text = v
		k.Async.Soon(&s.pace, s.read)
	})
	s.table = part.NewTable(part.TableSpec[core.GroupRow]{
		Columns: []part.TableColumn{
			{Title: k.Text.T("group.col.name"), Width: 160, Weight: 2}, {Title: k.Text.T("group.col.description"), Width: 160, Weight: 3, Drop: 1},
			{Title: k.Text.T("group.col.members"), Width: 90}, {Title: k.Text.T("group.col.given"), Width: 90},
		},
		Key: func(g core.GroupRow) string { return string(g.ID) },
		Cells: func(g core.GroupRow) []part.Cell {
			return []part.Cell{{Text: g.Name, Look: part.LookStrong}, {Text: g.Description, Look: part.LookMuted},
				{Text: k.Text.Number(int64(g.Members))}, {Text: k.Text.Number(int64(g.Given))}}
		},
		Run: k.Async.Run,
		Load: func(ctx context.Context, after string) ([]core.GroupRow, string, error) {
			l, err := k.Service.Groups(ctx, s.filter, core.Page{After: after, Limit: 100})
			return l.Items, l.Next, err
		},
		Empty: s.empty, Failed: k.failed,
		Select: s.open, Open: s.open,
	})
	head := []fyne.CanvasObject{part.Grow(search)}
	if k.Me.MayManagePeople || k.Me.MayManageAccess {
		head = append(head, part.NewButtonOf(part.Primary, k.Text.T("group.add"), "plus", func() { editGroup(k, core.Group{}, s.read) }))
	}
	s.content = part.Column(14, part.Row(10, head...), part.Grow(s.table))
	s.read()
	return s
}

func (s *groups) open(g core.GroupRow) {
	s.table.Choose("")
	s.kit.Frame.Push(newGroupScreen(s.kit, g))
}

func (s *groups) read() {
	k := s.kit
	if s.filter.Text != "" {
		swap(s.empty, part.Empty("search", k.Text.T("group.none.title"), k.Text.T("group.none.text", "text", core.Clip(s.filter.Text, 40)), nil))
	} else {
		swap(s.empty, part.Empty("people", k.Text.T("group.empty.title"), k.Text.T("group.empty.text"), nil))
	}
	s.table.Reload()
}

// editGroup asks how a group is called; one without an identifier is made.
func editGroup(k Kit, g core.Group, done func()) {
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	name := part.NewField(part.FieldSpec{Label: k.Text.T("group.col.name"), Value: g.Name, Changed: func(v string) { g.Name = v }, Relayout: relayout})
	about := part.NewField(part.FieldSpec{Label: k.Text.T("group.col.description"), Helper: k.Text.T("group.description.hint"), Value: g.Description,
		Changed: func(v string) { g.Description = v }, Relayout: relayout})
	proof := part.NewProof(k.proofWords(), func() { c.Press() }, nil, relayout)
	proof.Hide()
	title, action := k.Text.T("group.add.title"), k.Text.T("group.add")
	if g.ID != "" {
		title, action = k.Text.T("group.edit.title", "group", g.Name), k.say("word.save")
	}
	send := k.confirmed(func() (core.Command, error) {
		if g.ID != "" {
			return core.UpdateGroup{Group: g.ID, GroupName: g.Name, Description: g.Description}, nil
		}
		return core.AddGroup{GroupName: g.Name, Description: g.Description}, nil
	}, proof, nil, func(core.Result) {
		k.Frame.Toast(k.say("word.saved"), "", nil)
		done()
	})
	c = k.Frame.Confirm(part.ConfirmSpec{Title: title, Text: k.Text.T("group.about"), Action: action, Cancel: k.say("word.cancel"), Focus: name,
		More: part.Column(14, name, about, proof), Do: send})
}
