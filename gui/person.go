package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// people is the page of everybody who can sign in.
type people struct {
	kit     Kit
	filter  core.PersonFilter
	table   *part.Table[core.PersonRow]
	empty   *fyne.Container
	content fyne.CanvasObject
	which   *part.Segments // people or groups
	body    *fyne.Container
	list    fyne.CanvasObject // of people
	groups  *groups           // once they were looked at
	pace    Pace              // of typing
}

func newPeople(k Kit) Screen {
	s := &people{kit: k, empty: part.Layers()}
	search := part.NewSearch(k.say("person.search"), func(v string) {
		s.filter.Text = v
		k.Async.Soon(&s.pace, s.read)
	})
	who := part.NewSegments([]string{k.say("person.show_all"), k.say("person.show_enabled"), k.say("person.show_disabled")}, 0, func(i int) {
		disabled := i == 2
		s.filter.Disabled = nil
		if i > 0 {
			s.filter.Disabled = &disabled
		}
		s.read()
	})
	s.table = part.NewTable(part.TableSpec[core.PersonRow]{
		Columns: []part.TableColumn{
			{Title: k.say("person.col.name"), Width: 140, Weight: 2}, {Title: k.say("person.col.login"), Width: 100, Weight: 1, Drop: 2},
			{Title: k.say("person.col.mail"), Width: 120, Weight: 2, Drop: 4}, {Title: k.say("person.col.factor"), Width: 112, Drop: 1},
			{Title: k.say("person.col.state"), Width: 128}, {Title: k.say("person.col.accounts"), Width: 72, Drop: 5},
			{Title: k.say("person.col.eligible"), Width: 82}, {Title: k.say("person.col.active"), Width: 60}, {Title: k.say("person.col.seen"), Width: 104, Drop: 3},
		},
		Key: func(p core.PersonRow) string { return string(p.ID) },
		Cells: func(p core.PersonRow) []part.Cell {
			l := model.PersonRowOf(k.Text, k.clock(), p)
			you := ""
			if p.ID == k.Me.Person.ID {
				you = k.say("person.you")
			}
			return []part.Cell{
				{Text: l.Name, Sub: you, Look: part.LookStrong}, {Text: l.Login, Look: part.LookMuted}, {Text: l.Mail, Look: part.LookMuted},
				markCell(l.Factor), markCell(l.State), {Text: l.Accounts, Look: part.LookMuted}, {Text: l.Eligible}, {Text: l.Active}, {Text: l.Seen, Look: part.LookMuted},
			}
		},
		Run: k.Async.Run,
		Load: func(ctx context.Context, after string) ([]core.PersonRow, string, error) {
			l, err := k.Service.People(ctx, s.filter, core.Page{After: after, Limit: 100})
			return l.Items, l.Next, err
		},
		Empty: s.empty, Failed: k.failed,
		Select: s.open, Open: s.open,
	})
	head := []fyne.CanvasObject{part.Grow(search), who}
	if k.Me.MayManagePeople {
		head = append(head, part.NewButtonOf(part.Primary, k.say("person.add"), "plus", func() { editPerson(k, &model.PersonForm{Language: k.Text.Language()}, s.read) }))
	}
	s.list = part.Column(14, part.Row(10, head...), part.Grow(s.table))
	s.body = part.Layers(s.list)
	s.which = part.NewSegments([]string{k.say("person.title"), k.Text.T("group.title")}, 0, func(i int) {
		if i == 0 {
			swap(s.body, s.list)
			return
		}
		if s.groups == nil {
			s.groups = newGroups(k)
		}
		swap(s.body, s.groups.content)
	})
	s.content = part.Column(14, part.Row(0, s.which, part.Space()), part.Grow(s.body), part.Gap(1, 2))
	s.read()
	return s
}

func (s *people) Title() string              { return s.kit.say("person.title") }
func (s *people) Content() fyne.CanvasObject { return s.content }

// Update implements Screen.
func (s *people) Update(t []core.Topic) {
	if Concerns(t, core.TopicPeople, core.TopicAssignments) {
		s.read()
		if s.groups != nil {
			s.groups.read()
		}
	}
}

func (s *people) open(p core.PersonRow) {
	s.table.Choose("")
	s.kit.Frame.Push(newPersonScreen(s.kit, p))
}

func (s *people) read() {
	k := s.kit
	if s.filter.Text != "" || s.filter.Disabled != nil {
		swap(s.empty, part.Empty("search", k.say("person.none.title"), k.say("person.none.text", "text", core.Clip(s.filter.Text, 40)), nil))
	} else {
		swap(s.empty, part.Empty("people", k.say("person.empty.title"), k.say("person.empty.text"), nil))
	}
	s.table.Reload()
}

// editPerson asks for somebody's name, login, mail and language. Of somebody
// new it then shows the first password, once.
func editPerson(k Kit, f *model.PersonForm, done func()) {
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	fields := map[string]*part.Field{}
	fields["login"] = part.NewField(part.FieldSpec{Label: k.say("person.form.login"), Helper: k.say("person.form.login.help"), Value: f.Login,
		Changed: f.TypeLogin, Relayout: relayout})
	fields["name"] = part.NewField(part.FieldSpec{Label: k.say("person.form.name"), Value: f.Name, Relayout: relayout, Changed: func(v string) {
		f.TypeName(v)
		fields["login"].SetValue(f.Login)
	}})
	fields["mail"] = part.NewField(part.FieldSpec{Label: k.say("person.form.mail"), Helper: k.say("person.form.mail.help"), Value: f.Mail,
		Changed: func(v string) { f.Mail = v }, Relayout: relayout})
	at, names := 0, []string{}
	for i, l := range Languages() {
		names = append(names, k.say("language."+l))
		if l == f.Language {
			at = i
		}
	}
	language := part.NewSelect(k.say("person.form.language"), names, at, "", func(i int) { f.Language = Languages()[i] })
	proof := part.NewProof(k.proofWords(), func() { c.Press() }, nil, relayout)
	proof.Hide()
	title, button := k.say("person.form.add"), k.say("person.form.add.button")
	if f.ID != "" {
		title, button = k.say("person.form.edit", "person", f.Name), k.say("word.save")
	}
	fail := func(c *part.Confirm, err error) {
		c.Busy(false)
		if w, ok := fields[errorField(err)]; ok {
			w.SetError(k.Text.Error(err))
			part.FocusOn(w)
			return
		}
		c.Fail(k.Text.Error(err))
	}
	c = k.Frame.Confirm(part.ConfirmSpec{
		Title: title, Action: button, Cancel: k.say("word.cancel"), Focus: fields["name"],
		More: part.Column(16, fields["name"], fields["login"], fields["mail"], language, proof),
		Do: func(c *part.Confirm) {
			if err := f.Check(); err != nil {
				fail(c, err)
				return
			}
			var cmd core.Command = f.Add()
			if f.ID != "" {
				cmd = f.Update()
			}
			c.Busy(true)
			k.do(cmd, proof.Take(), func(res core.Result, err error) {
				switch {
				case wantsCode(err):
					k.askCode(c, proof, err)
				case err != nil:
					fail(c, err)
				default:
					c.Close()
					done()
					if res.Secret != "" {
						showFirstPassword(k, f.Name, res.Secret)
						return
					}
					k.Frame.Toast(k.say("word.saved"), "", nil)
				}
			})
		},
	})
}

// showFirstPassword shows a password that is never shown again.
func showFirstPassword(k Kit, person, secret string) {
	k.Frame.Confirm(part.ConfirmSpec{
		Title: k.say("person.first.title", "person", core.Clip(person, 60)), Text: k.say("person.first.text"),
		More: part.Column(12, part.NewSurface(part.Hover, part.Line, part.Radius, part.Pad(14, part.NewPara(secret, part.Large, part.Mono(), part.Ink))),
			part.Row(0, part.NewButtonOf(part.Secondary, k.say("person.first.copy"), "copy", func() { k.Frame.Copy(secret) }))),
		Action: k.say("person.first.done"), Cancel: k.say("word.close"),
		Do: func(c *part.Confirm) { c.Close() },
	})
}
