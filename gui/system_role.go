package gui

import (
	"strconv"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// roleChooser chooses among the roles that a system was found to have.
type roleChooser struct {
	kit     Kit
	choice  *model.RoleChoice
	search  *part.Search
	table   *part.Table[foundRow]
	chosen  *part.Text
	note    *fyne.Container
	content fyne.CanvasObject
	changed func()
}

// foundRow is a role found, with its place in the choice.
type foundRow struct {
	model.FoundLine
	at int
}

func newRoleChooser(k Kit) *roleChooser {
	c := &roleChooser{kit: k, choice: model.NewRoleChoice(k.Text, core.Probe{}), chosen: part.NewMuted(""), note: part.Layers()}
	c.note.Hide()
	c.search = part.NewSearch(k.say("system.wizard.roles.filter"), func(string) { c.draw() })
	c.table = part.NewTable(part.TableSpec[foundRow]{
		Columns: []part.TableColumn{{Title: k.say("role.col.role"), Width: 180, Weight: 2}, {Title: "", Width: 110}, {Title: k.say("role.tab.active"), Width: 180, Weight: 3, Drop: 1}},
		Key:     func(r foundRow) string { return strconv.Itoa(r.at) },
		Cells: func(r foundRow) []part.Cell {
			mark := part.Cell{}
			if r.Privileged {
				mark = markCell(model.Mark{Word: k.say("role.privileged"), Tone: model.ToneWarn})
			}
			return []part.Cell{{Text: r.External, Sub: r.Description, Look: part.LookStrong}, mark, {Text: r.Holding, Look: part.LookMuted}}
		},
		Run: k.Async.Run, Empty: part.Empty("roles", k.say("system.wizard.roles.none"), "", nil),
		Check: c.ticked, RowHigh: 42,
	})
	all := part.NewButton(k.say("system.wizard.roles.all"), func() {
		for _, r := range c.table.Rows() {
			if r.Privileged {
				c.table.Tick(strconv.Itoa(r.at), true)
			}
		}
	})
	c.content = part.Column(14, headline(k.say("system.wizard.roles.title")), c.note,
		part.Row(10, part.Grow(c.search), all), part.Grow(c.table), part.Row(10, c.chosen, part.Space()), part.NewHint(k.say("system.wizard.roles.note")), part.Gap(1, 2))
	c.draw()
	return c
}

// take shows the roles of another probe.
func (c *roleChooser) take(choice *model.RoleChoice) {
	c.choice = choice
	c.table.Untick()
	c.draw()
}

func (c *roleChooser) draw() {
	list, at := c.choice.Lines(c.search.Value())
	rows := make([]foundRow, len(list))
	for i, l := range list {
		rows[i] = foundRow{FoundLine: l, at: at[i]}
	}
	c.table.Untick()
	c.table.SetRows(rows)
	for _, r := range rows {
		if r.Chosen {
			c.table.Tick(strconv.Itoa(r.at), true)
		}
	}
	c.count()
}

// ticked takes over what is ticked among the rows in sight of the filter.
func (c *roleChooser) ticked() {
	on := map[int]bool{}
	for _, r := range c.table.Ticked() {
		on[r.at] = true
	}
	for _, r := range c.table.Rows() {
		c.choice.Choose(r.at, on[r.at])
	}
	c.count()
}

func (c *roleChooser) count() {
	c.chosen.SetText(c.kit.count("system.wizard.roles.chosen", len(c.choice.Chosen())))
	if c.changed != nil {
		c.changed()
	}
}

func (c *roleChooser) leave(proceed func(bool)) {
	err := c.choice.Check()
	if err != nil {
		banner(c.note, part.Banner(part.ToneEnding, c.kit.Text.Error(err), nil))
	} else {
		banner(c.note, nil)
	}
	c.content.Refresh()
	proceed(err == nil)
}
