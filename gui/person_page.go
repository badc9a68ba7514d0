package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// personScreen is the page of one person: facts, accounts, assignments and
// sessions, and what an administrator may do.
type personScreen struct {
	kit     Kit
	id      core.PersonID
	name    string
	page    core.PersonPage
	systems []core.SystemRow
	roles   map[core.RoleID]string
	head    *fyne.Container
	tabs    *part.Segments
	body    *fyne.Container
	content *fyne.Container
}

func newPersonScreen(k Kit, p core.PersonRow) Screen {
	s := &personScreen{kit: k, id: p.ID, name: p.Name, head: part.Layers(part.Skeleton(4)), body: part.Layers(part.NewPanel(part.Pad(18, part.Skeleton(4)))), roles: map[core.RoleID]string{}}
	s.tabs = part.NewSegments([]string{k.say("person.tab.accounts"), k.say("person.tab.assignments"), k.say("person.tab.sessions")}, 0, func(int) { s.tab() })
	s.content = part.Column(16, s.head, part.Row(0, s.tabs), part.Grow(s.body))
	for _, r := range core.BuiltInRoles() {
		s.roles[r.ID] = r.Name
	}
	s.read()
	return s
}

func (s *personScreen) Title() string              { return s.name }
func (s *personScreen) Content() fyne.CanvasObject { return s.content }

// TakeKey goes back on Esc.
func (s *personScreen) TakeKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		s.kit.Frame.Pop()
	}
}

// Update implements Screen.
func (s *personScreen) Update(t []core.Topic) {
	if Concerns(t, core.TopicPeople, core.TopicAssignments) {
		s.read()
	}
}

// personRead is what the page reads at once.
type personRead struct {
	page    core.PersonPage
	systems []core.SystemRow
}

func (s *personScreen) read() {
	k := s.kit
	Load(k.Async, func(ctx context.Context) (personRead, error) {
		var r personRead
		var err error
		if r.page, err = k.Service.PersonPage(ctx, s.id); err != nil {
			return r, err
		}
		r.systems, err = k.Service.Systems(ctx)
		return r, err
	}, func(r personRead, err error) {
		if err != nil {
			swap(s.head, k.failed(err, s.read))
			s.content.Refresh()
			return
		}
		s.page, s.systems = r.page, r.systems
		s.draw()
		s.tab()
	})
}

func (s *personScreen) draw() {
	k, p := s.kit, s.page.Person
	var names []string
	for _, r := range s.page.Roles {
		if n := s.roles[r]; n != "" {
			names = append(names, n)
		}
	}
	acts := []fyne.CanvasObject{part.NewButtonOf(part.Quiet, k.say("person.back"), "arrow-left", k.Frame.Pop), chip(model.PersonMark(k.Text, p)), part.Space()}
	if k.Me.MayManagePeople {
		var more *part.Button
		more = part.NewButtonOf(part.Secondary, "", "more", func() { s.menu(more) })
		acts = append(acts, part.NewButtonOf(part.Secondary, k.say("person.edit"), "edit", func() { editPerson(k, model.FormOfPerson(p.Person), s.read) }))
		if p.Disabled {
			acts = append(acts, part.NewPrimary(k.say("person.enable"), s.enable))
		} else if p.ID != k.Me.Person.ID {
			acts = append(acts, part.NewDrop(k.say("person.disable"), s.disable))
		}
		acts = append(acts, more)
	}
	facts := model.PersonFacts(k.Text, k.clock(), s.page, names)
	var cells []fyne.CanvasObject
	for _, f := range facts {
		cells = append(cells, part.Column(2, part.NewFaint(f.Label), part.NewProse(f.Value)))
	}
	swap(s.head, part.Column(16, part.Row(8, acts...),
		part.NewPanel(part.Pad(18, part.TopRow(18, part.SoftAvatar(p.Name, 52), part.Grow(part.Cards(170, 14, cells...)))))))
	s.content.Refresh()
}

// menu holds what is seldom done.
func (s *personScreen) menu(from fyne.CanvasObject) {
	k := s.kit
	var items []*fyne.MenuItem
	if s.id != k.Me.Person.ID {
		items = append(items, fyne.NewMenuItem(k.say("person.password"), s.resetPassword), fyne.NewMenuItem(k.say("person.factor"), s.resetFactor))
	}
	items = append(items, fyne.NewMenuItem(k.say("person.sessions.end"), s.endSessions))
	part.OpenMenu(from, fyne.NewMenu("", items...), true)
}

// tab shows accounts, assignments or sessions.
func (s *personScreen) tab() {
	k := s.kit
	switch s.tabs.Chosen() {
	case 1:
		swap(s.body, assignmentList(k, core.AssignmentFilter{Principal: s.id, States: []core.AssignmentState{core.Scheduled, core.InForce}, GrantStates: []core.GrantState{core.GrantRemoving}}, false, k.say("person.assignments.none")))
	case 2:
		swap(s.body, part.NewScroll(s.sessions()))
	default:
		swap(s.body, part.NewScroll(s.accounts()))
	}
}

func (s *personScreen) accounts() fyne.CanvasObject {
	k := s.kit
	var rows []fyne.CanvasObject
	for _, a := range s.page.Accounts {
		line := []fyne.CanvasObject{part.NewIcon(kindIcon(a.SystemKind), part.Muted, 18),
			part.Weigh(1, part.Column(1, part.NewStrong(a.SystemName).Shrinking(), part.NewSmall(k.Text.KindBeside(a.SystemName, a.SystemKind, "")).Shrinking())),
			part.Weigh(1, part.NewMono(a.External).Shrinking())}
		if k.Me.MayManagePeople {
			line = append(line, part.NewButton(k.say("person.accounts.change"), func() { s.setAccount(a.System, a.External) }).Compact(),
				part.NewDrop(k.say("person.accounts.remove"), func() { s.removeAccount(a) }).Compact())
		}
		rows = append(rows, part.Inset(11, 16, 11, 18, part.Row(14, line...)))
	}
	var list fyne.CanvasObject = lines(rows...)
	var add fyne.CanvasObject
	if k.Me.MayManagePeople && len(s.lacking()) > 0 {
		add = part.NewButtonOf(part.Secondary, k.say("person.accounts.add"), "plus", func() { s.setAccount("", "") })
	}
	if len(rows) == 0 {
		return part.NewPanel(part.Empty("systems", k.say("person.tab.accounts"), k.say("person.accounts.none"), add))
	}
	if add == nil {
		return list
	}
	return part.Column(12, list, part.Row(0, add))
}

// lacking are the systems on which the person has no account.
func (s *personScreen) lacking() []core.SystemRow {
	has := map[core.SystemID]bool{core.StintSystem: true}
	for _, a := range s.page.Accounts {
		has[a.System] = true
	}
	var out []core.SystemRow
	for _, r := range s.systems {
		if !has[r.ID] && r.State == core.SystemConnected {
			out = append(out, r)
		}
	}
	return out
}

func (s *personScreen) sessions() fyne.CanvasObject {
	k := s.kit
	var rows []fyne.CanvasObject
	for _, l := range model.SessionLines(k.Text, k.clock(), s.page.Sessions) {
		rows = append(rows, part.Inset(12, 16, 12, 18, part.Row(14, part.NewIcon("computer", part.Muted, 18), part.Weigh(1, part.NewStrong(l.From).Shrinking()),
			part.Weigh(1, part.NewMuted(k.say("person.sessions.since", "time", l.Since)).Shrinking()), part.Weigh(1, part.NewMuted(k.say("person.sessions.seen", "ago", l.Seen)).Shrinking()))))
	}
	if len(rows) == 0 {
		return part.NewPanel(part.Empty("computer", k.say("person.tab.sessions"), k.say("person.sessions.none"), nil))
	}
	return part.Column(12, lines(rows...), part.Row(0, part.NewDrop(k.say("person.sessions.end"), s.endSessions)))
}

// question asks before something is done to the person.
func (s *personScreen) question(title, text, action string, danger bool, more fyne.CanvasObject, why *part.Field, command func() (core.Command, error), done func(core.Result)) {
	k := s.kit
	var c *part.Confirm
	proof := part.NewProof(k.proofWords(), nil, nil, func() {
		if c != nil {
			c.Relayout()
		}
	})
	proof.Hide()
	notes := part.Layers()
	banner(notes, nil)
	objects := []fyne.CanvasObject{notes}
	if more != nil {
		objects = append(objects, more)
	}
	var focus fyne.CanvasObject
	if why != nil {
		focus = why
	}
	c = k.Frame.Confirm(part.ConfirmSpec{Title: title, Text: text, Action: action, Cancel: k.say("word.cancel"), Danger: danger,
		More: part.Column(14, append(objects, proof)...), Focus: focus,
		Do: k.confirmed(command, proof, why, func(r core.Result) {
			done(r)
			s.read()
		})})
	if cmd, err := command(); err == nil {
		k.ahead(cmd, c, notes, proof)
	}
}

func (s *personScreen) disable() {
	k := s.kit
	title, text, button := model.Disabling(k.Text, s.page.Person)
	cmd := core.DisablePerson{Person: s.id}
	why := part.NewField(part.FieldSpec{Label: k.say("assign.justification.optional"), Helper: k.say("assign.justification.hint"), Lines: 2, Changed: func(v string) { cmd.Justification = v }})
	s.question(title, text, button, true, why, why, func() (core.Command, error) { return cmd, nil }, func(core.Result) {
		k.Frame.Toast(k.say("person.disabled.done", "person", s.name), "", nil)
	})
}

// enable asks nothing but a code, where that is needed because of what the
// person holds.
func (s *personScreen) enable() {
	k := s.kit
	cmd := core.EnablePerson{Person: s.id}
	done := func(core.Result) { k.Frame.Toast(k.say("person.enabled.done", "person", s.name), "", nil) }
	k.do(cmd, "", func(r core.Result, err error) {
		switch {
		case wantsCode(err):
			s.question(k.say("person.enable.title", "person", s.name), k.say("person.enable.text"), k.say("person.enable"), false, nil, nil,
				func() (core.Command, error) { return cmd, nil }, done)
		case err != nil:
			k.Frame.Fail(err)
		default:
			done(r)
			s.read()
		}
	})
}

func (s *personScreen) resetPassword() {
	k := s.kit
	s.question(k.say("person.password.title", "person", s.name), k.say("person.password.text"), k.say("person.password.button"), true, nil, nil,
		func() (core.Command, error) { return core.ResetPassword{Person: s.id}, nil },
		func(r core.Result) { showFirstPassword(k, s.name, r.Secret) })
}

func (s *personScreen) resetFactor() {
	k := s.kit
	s.question(k.say("person.factor.title", "person", s.name), k.say("person.factor.text"), k.say("person.factor.button"), true, nil, nil,
		func() (core.Command, error) { return core.ResetFactor{Person: s.id}, nil },
		func(core.Result) { k.Frame.Toast(k.say("person.factor.done"), "", nil) })
}

func (s *personScreen) endSessions() {
	k := s.kit
	k.do(core.EndSessions{Person: s.id}, "", func(_ core.Result, err error) {
		if err != nil {
			k.Frame.Fail(err)
			return
		}
		k.Frame.Toast(k.say("person.sessions.ended"), "", nil)
		s.read()
	})
}

// setAccount asks for the name of an account; without a system also for that.
func (s *personScreen) setAccount(system core.SystemID, external string) {
	k := s.kit
	cmd := core.SetAccount{Person: s.id, System: system, External: external}
	var objects []fyne.CanvasObject
	if system == "" {
		var names []string
		lacking := s.lacking()
		for _, r := range lacking {
			names = append(names, r.Name)
		}
		cmd.System = lacking[0].ID
		cmd.External = s.page.Person.Login
		objects = append(objects, part.NewSelect(k.say("person.accounts.system"), names, 0, "", func(i int) { cmd.System = lacking[i].ID }).Searching(k.say("word.find"), k.say("word.nothing")))
	}
	name := part.NewField(part.FieldSpec{Label: k.say("person.accounts.name"), Value: cmd.External, Changed: func(v string) { cmd.External = v }})
	objects = append(objects, name)
	s.question(k.say("person.accounts.add"), "", k.say("word.save"), false, part.Column(14, objects...), nil, func() (core.Command, error) {
		return cmd, model.CheckName("external", cmd.External)
	}, func(core.Result) { k.Frame.Toast(k.say("person.accounts.saved"), "", nil) })
}

func (s *personScreen) removeAccount(a core.AccountRow) {
	k := s.kit
	s.question(k.say("person.accounts.remove.title", "system", a.SystemName), k.say("person.accounts.remove.text", "person", s.name), k.say("person.accounts.remove"), true, nil, nil,
		func() (core.Command, error) { return core.SetAccount{Person: s.id, System: a.System}, nil },
		func(core.Result) { k.Frame.Toast(k.say("person.accounts.removed"), "", nil) })
}
