package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// mail is the part about how mail leaves.
func (s *settings) mail() fyne.CanvasObject {
	k, f := s.kit, s.form
	ways := []core.MailSecurity{core.MailSTARTTLS, core.MailTLS, core.MailPlain}
	auths := []core.MailAuth{core.MailAuthNone, core.MailAuthPlain, core.MailAuthLogin}
	var wayNames, authNames []string
	way, auth := 0, 0
	for i, w := range ways {
		wayNames = append(wayNames, k.say("settings.security."+string(w)))
		if w == f.Security {
			way = i
		}
	}
	for i, a := range auths {
		authNames = append(authNames, k.say("settings.auth."+string(a)))
		if a == f.Auth {
			auth = i
		}
	}
	port := s.field("port", part.FieldSpec{Label: k.say("settings.port"), Placeholder: model.DefaultPort(f.Security)}, &f.Port)
	user := s.field("user", part.FieldSpec{Label: k.say("settings.user")}, &f.User)
	password := s.field("password", part.FieldSpec{Label: k.say("settings.password"), Helper: k.say("settings.password.keep"), Password: true}, &f.Password)
	account := part.TopRow(14, part.Weigh(1, user), part.Weigh(1, password))
	account.Hidden = f.Auth == core.MailAuthNone
	security := part.NewSelect(k.say("settings.security"), wayNames, way, "", func(i int) {
		if f.Port == model.DefaultPort(f.Security) {
			f.Port = model.DefaultPort(ways[i])
			port.SetValue(f.Port)
		}
		f.Security = ways[i]
		s.mark(true)
	})
	signIn := part.NewSelect(k.say("settings.auth"), authNames, auth, "", func(i int) {
		f.Auth = auths[i]
		account.Hidden = f.Auth == core.MailAuthNone
		s.mark(true)
		s.relayout()
	})
	to := part.NewField(part.FieldSpec{Label: k.say("settings.test.to"), Value: k.Me.Person.Mail, Relayout: s.relayout})
	var test *part.Button
	test = part.NewButtonOf(part.Secondary, k.say("settings.test"), "mail", func() { s.testMail(to, test) })
	s.fields["to"] = to
	return titled(k.say("settings.mail"), part.NewGentle(k.say("settings.mail.text")),
		part.TopRow(14, part.Weigh(3, s.field("host", part.FieldSpec{Label: k.say("settings.host"), Placeholder: "mail.example.org"}, &f.Host)), part.Weigh(1, port)),
		part.TopRow(14, part.Weigh(1, security), part.Weigh(1, signIn)),
		account,
		s.field("from", part.FieldSpec{Label: k.say("settings.from"), Placeholder: k.say("settings.from.hint")}, &f.From),
		s.field("ca_file", part.FieldSpec{Label: k.say("settings.ca"), Helper: k.say("settings.ca.help"), Placeholder: "/etc/ssl/private-ca.pem"}, &f.CAFile),
		part.NewHairline(),
		part.TopRow(14, part.Grow(to), part.Inset(25, 0, 0, 0, test)), s.testOut,
		part.NewHairline(),
		settingRow(k.say("settings.templates"), k.say("settings.templates.text"), part.NewButton(k.say("settings.templates.look"), func() { s.templates(to, core.MailKinds()[0]) }).Compact()))
}

// testMail sends a mail with what stands in the form, stored or not.
func (s *settings) testMail(to *part.Field, test *part.Button) {
	k := s.kit
	m, err := s.form.Mail()
	if err == nil && m.Host == "" {
		err = core.Errorf(core.Invalid, "host", "pages.field.empty")
	}
	if err == nil && to.Value() == "" {
		err = core.Errorf(core.Invalid, "to", "pages.field.empty")
	}
	if err == nil {
		err = model.CheckMail("to", to.Value(), false)
	}
	if err != nil {
		s.fail(err)
		return
	}
	address, password := to.Value(), core.NewSecret(s.form.Password)
	banner(s.testOut, part.NewProgress(k.say("settings.test.running"), k.say("word.cancel"), func() {
		if s.stop != nil {
			s.stop()
		}
		test.Busy(false)
		banner(s.testOut, nil)
		s.relayout()
	}))
	s.relayout()
	test.Busy(true)
	s.stop = k.Async.Act(func(ctx context.Context) error {
		return k.Service.SendTestMail(ctx, m, password, address, core.MailSample{})
	}, func(err error) {
		test.Busy(false)
		if err != nil {
			banner(s.testOut, part.Banner(part.ToneDanger, k.say("settings.test.failed")+": "+k.Text.Error(err), nil))
		} else {
			banner(s.testOut, part.Banner(part.ToneActive, k.say("settings.test.ok", "to", address), nil))
		}
		s.relayout()
	})
}
