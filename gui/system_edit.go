package gui

import (
	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// systemEdit changes how a system is reached; it tests before it saves.
type systemEdit struct {
	kit     Kit
	system  core.System
	wizard  *part.Wizard
	form    *model.SystemForm
	fields  *systemFields
	page    *fyne.Container
	test    *probing
	proof   *part.Proof
	note    *fyne.Container
	content fyne.CanvasObject
}

func newSystemEdit(k Kit, sys core.System) Screen {
	s := &systemEdit{kit: k, system: sys, page: part.Layers(part.Skeleton(6)), note: part.Layers()}
	s.note.Hide()
	relay := func() {
		if s.wizard != nil {
			s.wizard.Relayout()
		}
	}
	s.test = newProbing(k, relay)
	s.proof = part.NewProof(k.proofWords(), func() { s.wizard.Forward() }, nil, relay)
	s.proof.Hide()
	second := part.Column(16, headline(k.say("system.wizard.test.title")), s.note, s.test.content, s.proof)
	s.wizard = part.NewWizard(part.WizardSpec{Back: k.say("word.back"), Next: k.say("word.next"), Cancel: k.say("word.cancel"), Closed: k.Frame.Pop,
		Steps: func() []part.Step {
			return []part.Step{
				{Key: "connection", Title: k.say("system.wizard.connection"), Body: part.Narrow(560, s.page), Leave: func(proceed func(bool)) {
					if s.form == nil {
						proceed(false)
						return
					}
					err := s.form.Check()
					if err != nil {
						s.fields.fail(err)
						relay()
					}
					proceed(err == nil)
				}},
				{Key: "test", Title: k.say("system.wizard.test"), Body: second, Next: k.say("word.save"),
					Shown: func() { s.test.run(sys.ID, s.form.Spec(), func() {}) }, Leave: s.save},
			}
		}})
	s.read()
	return s
}

// Shown puts the keyboard where the first answer is due.
func (s *systemEdit) Shown() { s.wizard.Begin() }

func (s *systemEdit) Title() string {
	return s.kit.say("system.edit.title", "system", s.system.Name)
}
func (s *systemEdit) Content() fyne.CanvasObject { return s.wizard }
func (s *systemEdit) TakeKey(e *fyne.KeyEvent)   { s.wizard.TakeKey(e) }
func (s *systemEdit) Update([]core.Topic)        {}

// Close stops a test that still runs.
func (s *systemEdit) Close() { s.test.stop() }

func (s *systemEdit) read() {
	k := s.kit
	Load(k.Async, k.Service.Kinds, func(kinds []core.KindInfo, err error) {
		if err != nil {
			swap(s.page, k.failed(err, s.read))
			s.wizard.Relayout()
			return
		}
		for _, x := range kinds {
			if x.Kind == s.system.Kind {
				s.form = model.FormOfSystem(x, s.system)
				s.fields = newSystemFields(k, s.form, s.wizard.Relayout)
				swap(s.page, s.fields.content)
				s.wizard.Relayout()
				part.FocusOn(s.fields.fields["name"])
			}
		}
	})
}

// save stores the connection, also one that doesn't answer now: a system that
// is down must stay editable.
func (s *systemEdit) save(proceed func(bool)) {
	k := s.kit
	k.do(core.UpdateSystem{System: s.system.ID, SystemSpec: s.form.Spec()}, s.proof.Take(), func(_ core.Result, err error) {
		proceed(false)
		switch {
		case err == nil:
			k.Frame.Pop()
			k.Frame.Toast(k.say("system.edit.saved"), "", nil)
		case wantsCode(err):
			s.proof.Show()
			s.proof.Refused(k.Text.Error(err))
			s.wizard.Relayout()
			part.FocusOn(s.proof)
		default:
			banner(s.note, k.failed(err, nil))
			s.wizard.Relayout()
		}
	})
}

// moreRoles manages more roles of a system that is stored.
type moreRoles struct {
	kit     Kit
	system  core.System
	wizard  *part.Wizard
	chooser *roleChooser
	test    *probing
	proof   *part.Proof
}

func newMoreRoles(k Kit, sys core.System) Screen {
	s := &moreRoles{kit: k, system: sys, chooser: newRoleChooser(k)}
	s.test = newProbing(k, func() {
		if s.wizard != nil {
			s.wizard.Relayout()
		}
	})
	s.proof = part.NewProof(k.proofWords(), func() { s.wizard.Forward() }, nil, func() { s.chooser.content.Refresh() })
	s.proof.Hide()
	s.wizard = part.NewWizard(part.WizardSpec{Back: k.say("word.back"), Next: k.say("word.next"), Cancel: k.say("word.cancel"), Closed: k.Frame.Pop,
		Steps: func() []part.Step {
			return []part.Step{
				{Key: "test", Title: k.say("system.wizard.test"), Body: part.Column(16, headline(k.say("system.roles.loading", "system", sys.Name)), s.test.content),
					Shown: s.try, Leave: func(proceed func(bool)) { proceed(s.test.ok) }},
				{Key: "roles", Title: k.say("system.wizard.roles"), Tall: true, Body: part.Column(12, part.Grow(s.chooser.content), s.proof),
					Next: k.count("system.roles.add", len(s.chooser.choice.Chosen())), Focus: s.chooser.search, Leave: s.add},
			}
		}})
	s.chooser.changed = func() { s.wizard.Refit() }
	return s
}

// Shown puts the keyboard where the first answer is due.
func (s *moreRoles) Shown() { s.wizard.Begin() }

func (s *moreRoles) Title() string {
	return s.kit.say("system.roles.title", "system", s.system.Name)
}
func (s *moreRoles) Content() fyne.CanvasObject { return s.wizard }
func (s *moreRoles) TakeKey(e *fyne.KeyEvent)   { s.wizard.TakeKey(e) }
func (s *moreRoles) Update([]core.Topic)        {}

// Close stops asking.
func (s *moreRoles) Close() { s.test.stop() }

// try asks the system for its roles with the stored credential.
func (s *moreRoles) try() {
	s.test.run(s.system.ID, core.SystemSpec{Name: s.system.Name, Kind: s.system.Kind, Settings: s.system.Settings}, func() {
		s.chooser.take(model.NewRoleChoice(s.kit.Text, s.test.probe))
		if s.wizard.At() == "test" {
			s.wizard.Go("roles")
		}
	})
}

func (s *moreRoles) add(proceed func(bool)) {
	k := s.kit
	chosen := s.chooser.choice.Chosen()
	if len(chosen) == 0 {
		proceed(false)
		return
	}
	k.do(core.AddRoles{System: s.system.ID, Roles: chosen}, s.proof.Take(), func(_ core.Result, err error) {
		proceed(false)
		switch {
		case err == nil:
			k.Frame.Pop()
			k.Frame.Toast(k.count("system.roles.added", len(chosen)), "", nil)
		case wantsCode(err):
			s.proof.Show()
			s.proof.Refused(k.Text.Error(err))
			s.chooser.content.Refresh()
			part.FocusOn(s.proof)
		default:
			banner(s.chooser.note, k.failed(err, nil))
			s.chooser.content.Refresh()
		}
	})
}
