package gui

import (
	"context"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/part"
)

// mailStep is the optional page that says how mail leaves, with a real test.
type mailStep struct {
	w                                    *Window
	service                              core.Service
	relayout                             func()
	refit                                func()
	body                                 fyne.CanvasObject
	note                                 *fyne.Container
	security                             *part.Segments
	test                                 *part.Button
	host, port, user, password, from, to *part.Field
}

func newMailStep(w *Window, relayout func()) *mailStep {
	t := w.text.T
	m := &mailStep{w: w, relayout: relayout, note: part.Column(0)}
	field := func(key, value, placeholder string, secret bool) *part.Field {
		return part.NewField(part.FieldSpec{Label: t(key), Value: value, Placeholder: placeholder, Password: secret, Relayout: relayout,
			Changed: func(string) { m.changed() }})
	}
	m.host = field("mailset.host", "", "smtp.example.com", false)
	m.port = field("mailset.port", "587", "587", false)
	m.user = field("mailset.user", "", t("optional"), false)
	m.password = field("mailset.password", "", t("optional"), true)
	m.from = field("mailset.from", "", "stint@example.com", false)
	m.to = field("mailset.to", "", "alice@example.com", false)
	m.security = part.NewSegments([]string{"STARTTLS", "TLS", t("mailset.plain")}, 0, func(i int) {
		m.port.SetValue([]string{"587", "465", "25"}[i])
	})
	m.test = part.NewButtonOf(part.Secondary, t("mailset.test"), "mail", m.tryOut)
	m.body = part.Column(18, part.NewGentle(t("mailset.text")),
		part.TopRow(16, part.Weigh(3, m.host), part.Weigh(1, m.port)),
		part.Column(8, part.NewText(t("mailset.security"), part.Body, part.Medium(), part.Ink), part.Row(0, m.security)),
		part.TopRow(16, part.Weigh(1, m.user), part.Weigh(1, m.password)),
		part.TopRow(16, part.Weigh(1, m.from), part.Weigh(1, m.to)),
		part.Row(0, m.test), m.note)
	return m
}

func (m *mailStep) begin(svc core.Service, address string, refit func()) {
	m.service, m.refit = svc, refit
	if m.to.Value() == "" {
		m.to.SetValue(address)
	}
}

func (m *mailStep) empty() bool { return strings.TrimSpace(m.host.Value()) == "" }

// next names the button by what it does.
func (m *mailStep) next() string {
	if m.empty() {
		return m.w.text.T("mailset.skip")
	}
	return m.w.text.T("mailset.save")
}

func (m *mailStep) changed() {
	if m.refit != nil {
		m.refit()
	}
}

func (m *mailStep) settings() core.MailSettings {
	port, _ := strconv.Atoi(strings.TrimSpace(m.port.Value())) // 0 is refused by the rules, with the limits
	s := core.MailSettings{Host: strings.TrimSpace(m.host.Value()), Port: port, User: strings.TrimSpace(m.user.Value()), From: strings.TrimSpace(m.from.Value()),
		Security: []core.MailSecurity{core.MailSTARTTLS, core.MailTLS, core.MailPlain}[m.security.Chosen()], Auth: core.MailAuthNone}
	if s.User != "" {
		s.Auth = core.MailAuthPlain
	}
	return s
}

func (m *mailStep) say(tone part.Tone, text string) {
	m.note.Objects = nil
	if text != "" {
		m.note.Objects = []fyne.CanvasObject{part.Banner(tone, text, nil)}
	}
	m.note.Refresh()
	m.relayout()
}

// tryOut sends a real mail with what is typed.
func (m *mailStep) tryOut() {
	if m.service == nil {
		return
	}
	m.test.Busy(true)
	m.say(part.ToneNeutral, "")
	s, pw, to := m.settings(), core.NewSecret(m.password.Value()), strings.TrimSpace(m.to.Value())
	m.w.async.Act(func(ctx context.Context) error { return m.service.SendTestMail(ctx, s, pw, to, core.MailSample{}) }, func(err error) {
		m.test.Busy(false)
		if err != nil {
			m.say(part.ToneDanger, m.w.text.Error(err))
			return
		}
		m.say(part.ToneActive, m.w.text.T("mailset.sent", "to", to))
	})
}

// save keeps the settings; none are kept where no server is named.
func (m *mailStep) save(proceed func(bool)) {
	if m.empty() {
		proceed(true)
		return
	}
	s, pw := m.settings(), core.NewSecret(m.password.Value())
	m.w.async.Act(func(ctx context.Context) error {
		all, err := m.service.Settings(ctx)
		if err != nil {
			return err
		}
		all.Mail = s
		_, err = m.service.Do(ctx, core.Call{Command: core.ChangeSettings{Settings: all, MailPassword: pw}})
		return err
	}, func(err error) {
		if err != nil {
			m.say(part.ToneDanger, m.w.text.Error(err))
		}
		proceed(err == nil)
	})
}
