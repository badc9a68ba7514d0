package gui

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/part"
)

// keyFuncs is a part.KeyTaker made of two functions.
type keyFuncs struct{ enter, escape func() }

// TakeKey implements part.KeyTaker.
func (k keyFuncs) TakeKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if k.enter != nil {
			k.enter()
		}
	case fyne.KeyEscape:
		if k.escape != nil {
			k.escape()
		}
	}
}

// sheet is the card in the middle of an empty window: sign-in, lock, welcome.
func (w *Window) sheet(width float32, objects ...fyne.CanvasObject) (fyne.CanvasObject, *part.Scroll) {
	logo := part.Row(10, part.Space(), part.NewIcon("logo", part.Accent, 30), part.NewText("Stint", part.Huge, part.Bold(), part.Ink), part.Space())
	card := part.NewPanel(part.Inset(28, 32, 28, 32, part.Column(18, objects...)))
	s := part.NewScroll(part.Inset(24, 24, 24, 24, part.Centred(width, part.Column(24, logo, card))))
	return part.NewCentre(s), s
}

// sampleEnded stands where a sign-in would: nobody in the sample has a password.
func (w *Window) sampleEnded() {
	t := w.text.T
	var buttons []fyne.CanvasObject
	keys := keyFuncs{}
	if w.deps.LeaveSample != nil {
		buttons = append(buttons, part.NewButton(t("sample.leave"), w.leaveSample))
		keys.escape = w.leaveSample
	}
	var again *part.Button
	if w.deps.Sample != nil {
		again = part.NewPrimary(t("sample.again"), w.sample)
		buttons = append([]fyne.CanvasObject{again}, buttons...)
		keys.enter = w.sample
	}
	sheet, _ := w.sheet(420, part.NewPara(t("sample.signin.title"), part.Large, part.SemiBold(), part.Ink),
		part.NewGentle(t("sample.signin")), part.Column(10, buttons...))
	w.set(sheet, keys)
	if again != nil {
		part.FocusOn(again)
	}
}

// signIn asks for login and password, and then, where there is a second
// factor, for a code. note is shown above, if any.
func (w *Window) signIn(note string) {
	if w.state.Sample {
		w.sampleEnded()
		return
	}
	t := w.text.T
	var scroll *part.Scroll
	relayout := func() {
		if scroll != nil {
			scroll.Relayout()
		}
	}
	problem := part.Column(0)
	tell := func(text string, tone part.Tone) {
		problem.Objects = nil
		if text != "" {
			problem.Objects = []fyne.CanvasObject{part.Banner(tone, text, nil)}
		}
		problem.Hidden = text == ""
		relayout()
	}
	login := part.NewField(part.FieldSpec{Label: t("signin.login"), Value: w.deps.Preferences.String("login"), Relayout: relayout})
	password := part.NewField(part.FieldSpec{Label: t("signin.password"), Password: true, Relayout: relayout})
	button := part.NewPrimary(t("signin.action"), nil)
	asked := false // the code is asked for
	var submit func()
	proof := part.NewProof(w.proofWords(), func() { submit() }, nil, relayout)
	proof.Hide()
	back := part.NewQuiet(t("signin.other"), nil)
	back.Hide()
	title := part.NewPara(t("signin.title"), part.Large, part.SemiBold(), part.Ink)
	submit = func() {
		if login.Value() == "" || password.Value() == "" {
			if login.Value() == "" {
				part.FocusOn(login)
			} else {
				part.FocusOn(password)
			}
			return
		}
		if asked && !proof.Ready() {
			part.FocusOn(proof)
			return
		}
		s := core.SignIn{Login: login.Value(), Password: core.NewSecret(password.Value()), From: "window"}
		if asked {
			s.Code = core.NewSecret(proof.Value())
		}
		button.Busy(true)
		gate := w.gate
		Load(w.async, func(ctx context.Context) (core.Admission, error) { return gate.SignIn(ctx, s) }, func(a core.Admission, err error) {
			button.Busy(false)
			switch {
			case err == nil:
				w.deps.Preferences.SetString("login", s.Login)
				w.admitted(a, s.Password)
			case core.CodeOf(err) == core.ProofRequired && !asked:
				asked = true
				login.Hide()
				password.Hide()
				proof.Show()
				back.Show()
				title.Set(t("signin.code"), part.Ink)
				note := ""
				var held *core.Error
				if errors.As(err, &held) && held.Key == "signin.held" {
					note = w.text.Error(err) // why a code is asked for at once
				}
				tell(note, part.ToneAccent)
				relayout()
				part.FocusOn(proof)
			case core.CodeOf(err) == core.ProofRequired:
				proof.Take()
				proof.SetError(w.text.Error(err))
				part.FocusOn(proof)
			case asked && core.CodeOf(err) == core.Unauthenticated:
				w.signIn(w.text.Error(err)) // it may have been the password
			default:
				password.SetValue("")
				tell(w.text.Error(err), part.ToneDanger)
				part.FocusOn(password)
			}
		})
	}
	w.setTap(button, submit)
	w.setTap(back, func() { w.signIn("") })
	if note == "" {
		problem.Hide()
	}
	objects := []fyne.CanvasObject{title, problem, login, password, proof, button, part.Row(0, part.Space(), back, part.Space())}
	where := t("server.here")
	if !w.state.Embedded && w.state.Host != "" {
		where = w.state.Host
	}
	sheet, sc := w.sheet(420, append(objects, part.NewFaint(where).Align(fyne.TextAlignCenter))...)
	scroll = sc
	tell(note, part.ToneAccent)
	w.set(sheet, keyFuncs{enter: submit})
	if login.Value() == "" {
		part.FocusOn(login)
	} else {
		part.FocusOn(password)
	}
}

// setTap gives a button made before its action was its action.
func (w *Window) setTap(b *part.Button, f func()) { b.OnTap(f) }

// proofWords are the sentences around the boxes before anybody is signed in.
func (w *Window) proofWords() part.ProofWords { return Kit{Text: w.text}.activationProof() }

// changePassword replaces the first password, which an administrator knows.
func (w *Window) changePassword(a core.Admission, present core.Secret) {
	t := w.text.T
	var scroll *part.Scroll
	relayout := func() {
		if scroll != nil {
			scroll.Relayout()
		}
	}
	strength := part.NewStrength()
	next := part.NewField(part.FieldSpec{Label: t("newpw.new"), Password: true, Relayout: relayout,
		Changed: func(v string) { showStrength(w.text, strength, v) }})
	again := part.NewField(part.FieldSpec{Label: t("newpw.again"), Password: true, Relayout: relayout})
	button := part.NewPrimary(t("newpw.action"), nil)
	submit := func() {
		if next.Value() != again.Value() {
			again.SetError(t("newpw.differ"))
			part.FocusOn(again)
			return
		}
		button.Busy(true)
		w.async.Act(func(ctx context.Context) error {
			return a.Service.ChangePassword(ctx, present, core.NewSecret(next.Value()))
		}, func(err error) {
			button.Busy(false)
			if err != nil {
				next.SetError(w.text.Error(err))
				part.FocusOn(next)
				return
			}
			w.signIn(t("newpw.changed"))
		})
	}
	w.setTap(button, submit)
	sheet, sc := w.sheet(420, part.NewPara(t("newpw.title"), part.Large, part.SemiBold(), part.Ink), part.NewGentle(t("newpw.text")),
		part.Column(8, next, strength), again, button)
	scroll = sc
	w.set(sheet, keyFuncs{enter: submit})
	part.FocusOn(next)
}

// lock hides everything until the password is typed; countdowns, notices and
// the tray go on.
func (w *Window) lock() {
	f := w.frame
	if f == nil || w.locked || w.state.Sample { // a sample's people have no passwords
		return
	}
	w.locked = true
	t := w.text.T
	var scroll *part.Scroll
	password := part.NewField(part.FieldSpec{Label: t("signin.password"), Password: true, Relayout: func() {
		if scroll != nil {
			scroll.Relayout()
		}
	}})
	button := part.NewPrimary(t("lock.action"), nil)
	submit := func() {
		if password.Value() == "" {
			part.FocusOn(password)
			return
		}
		p := core.NewSecret(password.Value())
		button.Busy(true)
		w.async.Act(func(ctx context.Context) error { return f.kit.Service.Unlock(ctx, p) }, func(err error) {
			button.Busy(false)
			password.SetValue("")
			if err != nil {
				password.SetError(w.text.Error(err))
				part.FocusOn(password)
				return
			}
			w.locked = false
			w.used()
			w.set(f.root, f)
			w.goLater()
		})
	}
	w.setTap(button, submit)
	out := part.NewQuiet(t("me.sign_out"), w.out)
	sheet, sc := w.sheet(380, part.Row(12, part.Avatar(f.kit.Me.Person.Name, 40), part.Grow(part.Column(2,
		part.NewStrong(f.kit.Me.Person.Name).Shrinking(), part.NewSmall(t("lock.text"))))), password, button,
		part.Row(0, part.Space(), out, part.Space()))
	scroll = sc
	w.set(sheet, keyFuncs{enter: submit})
	part.FocusOn(password)
}
