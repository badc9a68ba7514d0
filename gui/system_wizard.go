package gui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// systemWizard adds a system: what it is, how it is reached, does it answer,
// which of its roles, and who is who there.
type systemWizard struct {
	kit      Kit
	wizard   *part.Wizard
	kinds    []core.KindInfo
	form     *model.SystemForm
	kindPage *fyne.Container
	connect  *fyne.Container
	fields   *systemFields
	test     *probing
	testPage fyne.CanvasObject
	roles    *roleChooser
	accounts *accountMatcher
	note     *fyne.Container
	proof    *part.Proof
	onPage   bool   // it is on the canvas
	tried    string // the connection that was tested, to see whether it was changed since
}

func newSystemWizard(k Kit) Screen {
	s := &systemWizard{kit: k, kindPage: part.Layers(part.Skeleton(6)), connect: part.Layers(), note: part.Layers()}
	s.note.Hide()
	relay := func() {
		if s.wizard != nil {
			s.wizard.Relayout()
		}
	}
	s.test = newProbing(k, relay)
	s.testPage = part.Column(16, headline(k.say("system.wizard.test.title")), s.test.content)
	s.roles = newRoleChooser(k)
	s.accounts = newAccountMatcher(k)
	s.wizard = part.NewWizard(part.WizardSpec{Steps: s.steps, Back: k.say("word.back"), Next: k.say("word.next"), Cancel: k.say("word.cancel"), Closed: k.Frame.Pop})
	s.readKinds()
	return s
}

func (s *systemWizard) Title() string              { return s.kit.say("system.wizard.title") }
func (s *systemWizard) Content() fyne.CanvasObject { return s.wizard }
func (s *systemWizard) TakeKey(e *fyne.KeyEvent)   { s.wizard.TakeKey(e) }
func (s *systemWizard) Update([]core.Topic)        {}

// Shown puts the keyboard where the first answer is due.
func (s *systemWizard) Shown() {
	s.onPage = true
	s.wizard.Begin()
	if s.wizard.At() == "kind" {
		s.focusKind()
	}
}

func (s *systemWizard) focusKind() {
	for _, o := range s.kindPage.Objects {
		if c, ok := o.(*fyne.Container); ok && len(c.Objects) > 0 {
			part.FocusOn(c.Objects[0])
		}
	}
}

// Close stops a test that still runs.
func (s *systemWizard) Close() { s.test.stop() }

func (s *systemWizard) steps() []part.Step {
	k := s.kit
	name := ""
	var first fyne.CanvasObject
	if s.form != nil {
		name, first = s.form.Name, s.fields.fields["name"]
	}
	return []part.Step{
		{Key: "kind", Title: k.say("system.wizard.kind"), Body: part.Column(16, headline(k.say("system.wizard.kind.title")), s.kindPage),
			Leave: func(proceed func(bool)) { proceed(s.form != nil) }},
		{Key: "connection", Title: k.say("system.wizard.connection"), Body: s.connect, Focus: first, Leave: s.leaveConnection},
		{Key: "test", Title: k.say("system.wizard.test"), Body: s.testPage, Shown: s.tryOnce, Leave: func(proceed func(bool)) {
			if !s.test.ok {
				k.Frame.Fail(core.Errorf(core.Invalid, "", "pages.system.wizard.need_test"))
			}
			proceed(s.test.ok)
		}},
		{Key: "roles", Title: k.say("system.wizard.roles"), Body: s.roles.content, Tall: true, Focus: s.roles.search, Leave: s.roles.leave},
		{Key: "accounts", Title: k.say("system.wizard.accounts"), Body: s.accounts.content, Tall: true, Next: k.say("system.wizard.finish", "system", core.Clip(name, 30)),
			Shown: func() { s.accounts.show(s.form.Name, s.test.probe.Accounts) }, Leave: s.finish},
	}
}

func (s *systemWizard) readKinds() {
	k := s.kit
	Load(k.Async, k.Service.Kinds, func(kinds []core.KindInfo, err error) {
		if err != nil {
			swap(s.kindPage, k.failed(err, s.readKinds))
			s.wizard.Relayout()
			return
		}
		s.kinds = nil
		for _, x := range kinds {
			if x.Kind != core.KindStint { // samples are offered inside sample data alone
				s.kinds = append(s.kinds, x)
			}
		}
		s.drawKinds()
		var can []core.KindInfo
		for _, x := range s.kinds {
			if x.Available {
				can = append(can, x)
			}
		}
		if len(can) == 1 { // nothing to choose from
			s.choose(can[0])
		} else if s.onPage && s.form == nil && s.wizard.At() == "kind" {
			s.focusKind()
		}
	})
}

func (s *systemWizard) drawKinds() {
	k := s.kit
	var cards []fyne.CanvasObject
	for _, x := range s.kinds {
		chosen := s.form != nil && s.form.Kind.Kind == x.Kind
		text := k.Text.Key(x.Summary)
		var mark fyne.CanvasObject
		if !x.Available {
			mark = part.NewChip(k.say("system.wizard.unavailable"), part.ToneNeutral)
			if x.Why != "" {
				text += "\n" + k.Text.Key(x.Why)
			}
		}
		o := part.NewOption(x.Title, text, chosen, mark, func() { s.choose(x) })
		if !x.Available {
			o.Disable()
		}
		cards = append(cards, o)
	}
	swap(s.kindPage, part.Cards(300, 12, cards...))
	s.wizard.Relayout()
}

func (s *systemWizard) choose(x core.KindInfo) {
	if s.form == nil || s.form.Kind.Kind != x.Kind {
		s.form = model.NewSystemForm(x)
		s.fields = newSystemFields(s.kit, s.form, func() { s.wizard.Relayout() })
		s.test.ok, s.tried = false, ""
		s.drawConnection(x.Statements)
	}
	s.drawKinds()
	if s.onPage {
		part.FocusOn(s.wizard.Next())
	}
}

func (s *systemWizard) drawConnection(text string) {
	k := s.kit
	swap(s.connect, part.TopRow(24,
		part.Weigh(1.3, part.Column(18, headline(k.say("system.wizard.connection.title")), s.fields.content)),
		part.Weigh(1, part.Inset(46, 0, 0, 0, statements(k, text)))))
}

func (s *systemWizard) leaveConnection(proceed func(bool)) {
	err := s.form.Check()
	if err != nil {
		s.fields.fail(err)
		s.wizard.Relayout()
	}
	proceed(err == nil)
}

// tryOnce tests the connection when the page comes up and it was not tested
// as it stands now.
func (s *systemWizard) tryOnce() {
	now := s.fingerprint()
	if s.tried == now && s.test.tried {
		return
	}
	s.tried = now
	s.test.run("", s.form.Spec(), func() {
		s.roles.take(model.NewRoleChoice(s.kit.Text, s.test.probe))
		if s.test.probe.Statements != "" { // for these very settings
			s.drawConnection(s.test.probe.Statements)
		}
		part.FocusOn(s.wizard.Next())
	})
}

// fingerprint tells one connection from another; it stays in memory.
func (s *systemWizard) fingerprint() string {
	spec := s.form.Spec()
	parts := []string{spec.Name, s.form.Secret}
	for _, f := range s.form.Kind.Fields {
		parts = append(parts, f.Name, spec.Settings[f.Name])
	}
	return strings.Join(parts, "\x00")
}

// finish adds the system, then sets the accounts one after another.
func (s *systemWizard) finish(proceed func(bool)) {
	k := s.kit
	chosen := s.roles.choice.Chosen()
	matches := s.accounts.matches
	code := ""
	if s.proof != nil {
		code = s.proof.Take()
	}
	type outcome struct {
		res    core.Result
		set    int
		failed []string
	}
	cmd := core.AddSystem{SystemSpec: s.form.Spec(), Roles: chosen}
	Load(k.Async, func(ctx context.Context) (outcome, error) {
		var o outcome
		var err error
		if o.res, err = k.Service.Do(ctx, core.Call{Command: cmd, Code: core.NewSecret(code)}); err != nil {
			return o, err
		}
		names := map[core.PersonID]string{}
		for _, m := range matches {
			names[m.Person.ID] = m.Person.Name
		}
		for _, c := range model.AccountCommands(o.res.System, matches) {
			if _, err := k.Service.Do(ctx, core.Call{Command: c}); err != nil {
				o.failed = append(o.failed, names[c.Person])
				continue
			}
			o.set++
		}
		return o, nil
	}, func(o outcome, err error) {
		proceed(false) // what comes next is the result, not a step
		switch {
		case wantsCode(err):
			if s.proof == nil {
				s.proof = part.NewProof(k.proofWords(), s.wizard.Forward, nil, func() { s.accounts.content.Refresh() })
			} else {
				s.proof.Refused(k.Text.Error(err))
			}
			s.accounts.ask(s.proof)
			part.FocusOn(s.proof)
		case err != nil && s.fields.fields[strings.TrimPrefix(errorField(err), "settings.")] != nil:
			s.wizard.Go("connection")
			s.fields.fail(err)
			s.wizard.Relayout()
		case err != nil:
			s.accounts.ask(k.failed(err, nil))
		default:
			s.done(len(chosen), o.set, o.failed)
		}
	})
}

// done is the wizard's last page.
func (s *systemWizard) done(roles, set int, failed []string) {
	k := s.kit
	o := []fyne.CanvasObject{
		part.NewSurface(part.ActiveGround, "", 28, part.Pad(14, part.NewIcon("check", part.ActiveInk, 28))),
		part.NewTitle(k.say("system.wizard.done.title", "system", core.Clip(s.form.Name, 60))).Shrinking(),
		part.NewGentle(k.count("system.wizard.done.roles", roles) + " " + k.count("system.wizard.done.accounts", set)),
	}
	o[0] = part.Row(0, o[0])
	if len(failed) > 0 {
		o = append(o, part.Banner(part.ToneEnding, k.count("system.wizard.done.partly", len(failed), "names", core.Clip(strings.Join(failed, ", "), 200)), nil))
	}
	s.wizard.ShowResult(part.Column(16, o...),
		part.NewButton(k.say("system.wizard.show"), k.Frame.Pop),
		part.NewPrimary(k.say("system.wizard.assign"), func() {
			k.Frame.Pop()
			k.Frame.Push(newAssignWizard(k, ""))
		}))
}
