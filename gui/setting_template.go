package gui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// templateView shows the mails that Stint sends, one at a time, with made-up
// names, and sends one to try it.
type templateView struct {
	s       *settings
	to      *part.Field // of the page: where a test goes
	sample  core.MailSample
	subject *part.Para
	text    *part.Para
	note    *fyne.Container
	send    *part.Button
	modal   *part.Modal
	cancel  func()
}

// templates opens the view at one of the mails.
func (s *settings) templates(to *part.Field, first core.NoticeKind) {
	k := s.kit
	v := &templateView{s: s, to: to, note: part.Layers(), cancel: func() {},
		subject: part.NewPara("", part.Body, part.SemiBold(), part.Ink), text: part.NewPara("", part.Small, part.Mono(), part.Ink)}
	v.note.Hide()
	kinds := core.MailKinds()
	v.sample = core.MailSample{Kind: first, Language: k.Text.Language()}
	names := make([]string, len(kinds))
	for i, n := range kinds {
		names[i] = model.MailName(k.Text, n)
	}
	kind := part.NewSelect(k.say("templates.kind"), names, slices.Index(kinds, first), "", func(i int) {
		v.sample.Kind = kinds[i]
		v.read()
	}).Searching(k.say("word.find"), k.say("word.nothing"))
	languages, spoken := Languages(), 0
	var called []string
	for i, l := range languages {
		called = append(called, map[string]string{"en": "English", "de": "Deutsch"}[l])
		if l == v.sample.Language {
			spoken = i
		}
	}
	language := part.NewSegments(called, spoken, func(i int) {
		v.sample.Language = languages[i]
		v.read()
	})
	reader := part.NewSegments([]string{k.say("templates.person"), k.say("templates.others")}, 0, func(i int) {
		v.sample.Other = i == 1
		v.read()
	})
	v.send = part.NewButtonOf(part.Secondary, k.say("templates.send"), "mail", v.try)
	done := part.NewPrimary(k.say("word.close"), func() { v.modal.Close() })
	v.modal = part.ShowModal(k.Frame.Window().Canvas(), part.ModalSpec{Width: 760, Focus: kind, Closed: func() { v.cancel() },
		Content: part.Pad(24, part.Column(16, headline(k.say("templates.title")), kind, part.Row(14, language, reader),
			part.NewPanel(part.Pad(18, part.Column(12, v.subject, part.NewHairline(), part.Fixed(0, 300, part.NewScroll(v.text))))),
			v.note, part.Row(10, v.send, part.Space(), done)))})
	v.read()
}

// read makes the mail that is chosen.
func (v *templateView) read() {
	k, sample := v.s.kit, v.sample
	v.cancel()
	banner(v.note, nil)
	v.cancel = Load(k.Async, func(ctx context.Context) (core.MailPreview, error) { return k.Service.PreviewMail(ctx, sample) }, func(m core.MailPreview, err error) {
		if err != nil {
			banner(v.note, part.Banner(part.ToneDanger, k.Text.Error(err), nil))
		}
		v.subject.Set(m.Subject, part.Ink)
		v.text.Set(m.Text, part.Ink)
		v.modal.Relayout()
	})
}

// try sends it with what stands in the form, stored or not.
func (v *templateView) try() {
	k, sample, to := v.s.kit, v.sample, v.to.Value()
	m, err := v.s.form.Mail()
	if err == nil && m.Host == "" {
		err = core.Errorf(core.Invalid, "host", "mail.unconfigured")
	}
	if err == nil {
		err = model.CheckMail("to", to, false)
	}
	if err != nil {
		banner(v.note, part.Banner(part.ToneDanger, k.Text.Error(err), nil))
		v.modal.Relayout()
		return
	}
	password := core.NewSecret(v.s.form.Password)
	v.send.Busy(true)
	k.Async.Act(func(ctx context.Context) error { return k.Service.SendTestMail(ctx, m, password, to, sample) }, func(err error) {
		v.send.Busy(false)
		if err != nil {
			banner(v.note, part.Banner(part.ToneDanger, k.say("settings.test.failed")+": "+k.Text.Error(err), nil))
		} else {
			banner(v.note, part.Banner(part.ToneActive, k.say("settings.test.ok", "to", to), nil))
		}
		v.modal.Relayout()
	})
}
