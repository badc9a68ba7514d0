package gui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/part"
)

// setup is the first start on this computer: you, second factor, recovery
// codes, mail, first system.
type setup struct {
	w         *Window
	wizard    *part.Wizard
	admission *core.Admission // nil until the first person is made
	factor    *factorSteps
	mail      *mailStep

	name, login, address, org, password, again *part.Field
	strength                                   *part.Strength
	problem                                    *fyne.Container
	you, mailBody, systemBody                  fyne.CanvasObject
	addSystem                                  bool
}

// setUp begins the first start.
func (w *Window) setUp() {
	s := &setup{w: w, problem: part.Column(0), strength: part.NewStrength()}
	t := w.text.T
	field := func(key, value, placeholder string) *part.Field {
		helper := ""
		if w.text.T(key+".helper") != key+".helper" {
			helper = t(key + ".helper")
		}
		return part.NewField(part.FieldSpec{Label: t(key), Value: value, Placeholder: placeholder, Helper: helper, Relayout: s.relayout})
	}
	s.name = field("setup.name", "", "Alice Miller")
	s.login = field("setup.login", "", "alice")
	s.address = field("setup.mail", "", "alice@example.com")
	s.org = field("setup.org", "", "Example AG")
	s.password = part.NewField(part.FieldSpec{Label: t("signin.password"), Password: true, Relayout: s.relayout,
		Changed: func(v string) { showStrength(w.text, s.strength, v) }})
	s.again = part.NewField(part.FieldSpec{Label: t("newpw.again"), Password: true, Relayout: s.relayout})
	s.you = part.Column(18, s.problem,
		part.TopRow(16, part.Weigh(1, s.name), part.Weigh(1, s.login)),
		part.TopRow(16, part.Weigh(1, s.address), part.Weigh(1, s.org)),
		part.TopRow(16, part.Weigh(1, part.Column(8, s.password, s.strength)), part.Weigh(1, s.again)))
	s.factor = newFactorSteps(w, s.relayout, func() { s.wizard.Refit() })
	s.mail = newMailStep(w, s.relayout)
	s.mailBody = s.mail.body
	s.systemBody = part.Column(12, part.NewGentle(t("setup.system.text")),
		part.NewPick("plus", t("setup.system.add"), t("setup.system.add.text"), func() { s.addSystem = true; s.wizard.Forward() }),
		part.NewPick("clock", t("setup.system.later"), t("setup.system.later.text"), func() { s.addSystem = false; s.wizard.Forward() }))
	s.wizard = part.NewWizard(part.WizardSpec{Steps: s.steps, Back: t("back"), Next: t("next"), Cancel: t("back"), Closed: w.welcome})
	title := part.NewText(t("setup.title"), part.Huge, part.Bold(), part.Ink)
	logo := part.NewIcon("logo", part.Accent, 26)
	page := part.Inset(34, 32, 24, 32, part.Column(22, part.Row(12, logo, title), part.Grow(s.wizard)))
	w.set(part.Centred(820, page), s.wizard)
	s.wizard.Begin()
}

func (s *setup) relayout() {
	if s.wizard != nil {
		s.wizard.Relayout()
	}
}

func (s *setup) steps() []part.Step {
	t := s.w.text.T
	return []part.Step{
		{Key: "you", Title: t("setup.step.you"), Body: s.you, Focus: s.name, Leave: s.leaveYou},
		{Key: "factor", Title: t("setup.step.factor"), Body: s.factor.offerBody, Focus: s.factor.proof, NoBack: true,
			Shown: func() { s.factor.begin(s.admission.Service) }, Leave: s.factor.confirm},
		{Key: "codes", Title: t("setup.step.codes"), Body: s.factor.codesBody, NoBack: true, Leave: s.factor.kept},
		{Key: "mail", Title: t("setup.step.mail"), Body: s.mailBody, NoBack: true, Focus: s.mail.host, Next: s.mail.next(), Leave: s.leaveMail,
			Shown: func() { s.mail.begin(s.admission.Service, s.address.Value(), func() { s.wizard.Refit() }) }},
		{Key: "system", Title: t("setup.step.system"), Body: s.systemBody, Next: t("setup.finish"), Leave: s.finish},
	}
}

// leaveYou makes the first person.
func (s *setup) leaveYou(proceed func(bool)) {
	t := s.w.text.T
	if s.admission != nil {
		proceed(true)
		return
	}
	bad := func(f *part.Field, key string) bool {
		f.SetError(t(key))
		part.FocusOn(f)
		proceed(false)
		return true
	}
	switch {
	case strings.TrimSpace(s.name.Value()) == "" && bad(s.name, "setup.missing"):
		return
	case strings.TrimSpace(s.login.Value()) == "" && bad(s.login, "setup.missing"):
		return
	case s.password.Value() == "" && bad(s.password, "setup.missing"):
		return
	case s.password.Value() != s.again.Value() && bad(s.again, "newpw.differ"):
		return
	}
	p := core.FirstPerson{FullName: strings.TrimSpace(s.name.Value()), Login: strings.TrimSpace(s.login.Value()), Mail: strings.TrimSpace(s.address.Value()),
		Language: s.w.text.Language(), Password: core.NewSecret(s.password.Value()), Organisation: strings.TrimSpace(s.org.Value()), From: "window"}
	gate := s.w.gate
	Load(s.w.async, func(ctx context.Context) (core.Admission, error) { return gate.SetUp(ctx, p) }, func(a core.Admission, err error) {
		if err == nil {
			s.admission = &a
			s.w.deps.Preferences.SetString("login", p.Login)
			s.password.SetValue("")
			s.again.SetValue("")
			proceed(true)
			return
		}
		fields := map[string]*part.Field{"name": s.name, "full_name": s.name, "login": s.login, "mail": s.address, "password": s.password, "organisation": s.org}
		proceed(false)
		if f := fields[errorField(err)]; f != nil {
			f.SetError(s.w.text.Error(err))
			part.FocusOn(f)
			return
		}
		s.problem.Objects = []fyne.CanvasObject{part.Banner(part.ToneDanger, s.w.text.Error(err), nil)}
		s.relayout()
	})
}

func (s *setup) leaveMail(proceed func(bool)) { s.mail.save(proceed) }

// finish goes in, and to the wizard for the first system if it was asked for.
func (s *setup) finish(proceed func(bool)) {
	proceed(false)
	s.w.enrolled(*s.admission, func() {
		if s.addSystem && s.w.frame != nil {
			if sc := firstSystem(s.w.frame.kit); sc != nil {
				s.w.frame.Push(sc)
			}
		}
	})
}

// enrolled goes in with a session whose owner has just proven a new factor.
func (w *Window) enrolled(a core.Admission, then func()) {
	Load(w.async, func(ctx context.Context) (core.Me, error) {
		me, err := a.Service.Me(ctx)
		if err == nil && w.deps.Tokens != nil {
			_ = w.deps.Tokens.Save(a.Token) // as in admitted
		}
		return me, err
	}, func(me core.Me, err error) {
		if err != nil {
			w.signIn(w.text.T("signin.enrolled"))
			return
		}
		w.enter(a.Service, me)
		then()
	})
}

// enrol is the second factor of somebody who signed in without having one.
func (w *Window) enrol(a core.Admission) {
	var wizard *part.Wizard
	relayout := func() {
		if wizard != nil {
			wizard.Relayout()
		}
	}
	t := w.text.T
	f := newFactorSteps(w, relayout, func() { wizard.Refit() })
	steps := func() []part.Step {
		return []part.Step{
			{Key: "factor", Title: t("setup.step.factor"), Body: f.offerBody, Focus: f.proof, NoBack: true, Leave: f.confirm},
			{Key: "codes", Title: t("setup.step.codes"), Body: f.codesBody, NoBack: true, Next: t("setup.finish"), Leave: func(proceed func(bool)) {
				f.kept(func(ok bool) {
					proceed(false)
					if ok {
						w.enrolled(a, func() {})
					}
				})
			}},
		}
	}
	wizard = part.NewWizard(part.WizardSpec{Steps: steps, Back: t("back"), Next: t("next"), Cancel: t("back"), NoCancel: true})
	title := part.NewText(t("enrol.title"), part.Huge, part.Bold(), part.Ink)
	w.set(part.Centred(820, part.Inset(34, 32, 24, 32, part.Column(22, part.Row(12, part.NewIcon("logo", part.Accent, 26), title), part.Grow(wizard)))), wizard)
	wizard.Begin()
	f.begin(a.Service)
}
