package mail_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/mail"
	"github.com/stint-pim/stint/mail/mailtest"
)

func message(t *testing.T) mail.Message {
	t.Helper()
	n := mail.SampleNotice(core.NoticeActivated, "de", false)
	n.Why = "A line\n.\nwith a lone dot"
	m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSend(t *testing.T) {
	tests := map[string]struct {
		o    mailtest.Options
		auth core.MailAuth
		mech string
	}{
		"STARTTLS":       {mailtest.Options{}, core.MailAuthNone, ""},
		"TLS":            {mailtest.Options{Security: core.MailTLS}, core.MailAuthNone, ""},
		"loopback":       {mailtest.Options{Security: core.MailPlain}, core.MailAuthNone, ""},
		"STARTTLS PLAIN": {mailtest.Options{User: "stint", Password: "pässword 1"}, core.MailAuthPlain, sasl.Plain},
		"STARTTLS LOGIN": {mailtest.Options{User: "stint", Password: "pässword 1"}, core.MailAuthLogin, sasl.Login},
		"TLS PLAIN":      {mailtest.Options{Security: core.MailTLS, User: "stint", Password: "x"}, core.MailAuthPlain, sasl.Plain},
		"TLS LOGIN":      {mailtest.Options{Security: core.MailTLS, User: "stint", Password: "x"}, core.MailAuthLogin, sasl.Login},
		"loopback LOGIN": {mailtest.Options{Security: core.MailPlain, User: "stint", Password: "x"}, core.MailAuthLogin, sasl.Login},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t, test.o)
			settings := server.Settings()
			settings.Auth = test.auth
			m := message(t)
			if err := (mail.Sender{Settings: settings, Password: core.NewSecret(test.o.Password)}).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			got := server.Mails()
			if len(got) != 1 {
				t.Fatalf("%d mails", len(got))
			}
			if !bytes.Equal(got[0].Raw, m.Raw) {
				t.Errorf("arrived:\n%q\nsent:\n%q", got[0].Raw, m.Raw)
			}
			if got[0].From != "stint@example.org" || got[0].To != "bob@example.org" || got[0].Mech != test.mech || got[0].TLS != (settings.Security != core.MailPlain) {
				t.Errorf("from %q to %q, sign-in %q, TLS %v", got[0].From, got[0].To, got[0].Mech, got[0].TLS)
			}
		})
	}
}

// TestProblems: whatever goes wrong has a sentence, and the right code and
// field for the queue. Nothing may have been sent, and no password be told.
func TestProblems(t *testing.T) {
	say := func(p mailtest.Point, code int) func(*testing.T, *mailtest.Server, *core.MailSettings) {
		return func(_ *testing.T, s *mailtest.Server, _ *core.MailSettings) {
			s.Say(p, &smtp.SMTPError{Code: code, Message: "because of\u202E s3cret-in-the-server"})
		}
	}
	hangUp := func(p mailtest.Point) func(*testing.T, *mailtest.Server, *core.MailSettings) {
		return func(_ *testing.T, s *mailtest.Server, _ *core.MailSettings) { s.HangUp(p, 1) }
	}
	set := func(f func(*core.MailSettings)) func(*testing.T, *mailtest.Server, *core.MailSettings) {
		return func(_ *testing.T, _ *mailtest.Server, m *core.MailSettings) { f(m) }
	}
	signIn := mailtest.Options{User: "stint", Password: "right"}
	tests := map[string]struct {
		o     mailtest.Options
		do    func(*testing.T, *mailtest.Server, *core.MailSettings)
		code  core.Code
		field string
		key   core.TextKey
	}{
		"untrusted":           {mailtest.Options{}, set(func(m *core.MailSettings) { m.CAFile = "" }), core.Unavailable, "", "mail.untrusted"},
		"untrusted TLS":       {mailtest.Options{Security: core.MailTLS}, set(func(m *core.MailSettings) { m.CAFile = "" }), core.Unavailable, "", "mail.untrusted"},
		"other name":          {mailtest.Options{CertificateFor: "mail.example.org"}, nil, core.Unavailable, "", "mail.wrong_name"},
		"expired":             {mailtest.Options{Expired: true}, nil, core.Unavailable, "", "mail.certificate"},
		"no STARTTLS":         {mailtest.Options{Security: core.MailPlain}, set(func(m *core.MailSettings) { m.Security = core.MailSTARTTLS }), core.Unavailable, "", "mail.no_starttls"},
		"no TLS":              {mailtest.Options{}, set(func(m *core.MailSettings) { m.Security = core.MailTLS }), core.Unavailable, "", "mail.not_tls"},
		"nobody there":        {mailtest.Options{}, set(func(m *core.MailSettings) { m.Port = closedPort(t) }), core.Unavailable, "", "mail.connection_refused"},
		"no such CA file":     {mailtest.Options{}, set(func(m *core.MailSettings) { m.CAFile += "x" }), core.Unavailable, "", "mail.bad_ca_file"},
		"CA file is a folder": {mailtest.Options{}, set(func(m *core.MailSettings) { m.CAFile = filepath.Dir(m.CAFile) }), core.Unavailable, "", "mail.bad_ca_file"},
		"no security":         {mailtest.Options{}, set(func(m *core.MailSettings) { m.Security = "" }), core.Unavailable, "", "mail.no_security"},
		"wrong password":      {signIn, set(func(m *core.MailSettings) { m.User = "other" }), core.Unavailable, "", "mail.auth_failed"},
		"sign-in forgotten":   {signIn, set(func(m *core.MailSettings) { m.Auth = core.MailAuthNone }), core.Unavailable, "", "mail.auth_required"},
		"sign-in not offered": {mailtest.Options{User: "stint", Mechanisms: []string{sasl.Login}}, nil, core.Unavailable, "", "mail.auth_unsupported"},
		"sign-in not wanted":  {mailtest.Options{}, set(func(m *core.MailSettings) { m.Auth = core.MailAuthPlain }), core.Unavailable, "", "mail.auth_unsupported"},
		"sign-in later":       {signIn, say(mailtest.SignIn, 454), core.Unavailable, "", "mail.auth_later"},
		"sender refused":      {mailtest.Options{}, say(mailtest.From, 553), core.Unavailable, "from", "mail.sender_refused"},
		"sender later":        {mailtest.Options{}, say(mailtest.From, 451), core.Unavailable, "", "mail.later"},
		"recipient refused":   {mailtest.Options{}, say(mailtest.To, 550), core.Refused, "to", "mail.recipient_refused"},
		"recipient later":     {mailtest.Options{}, say(mailtest.To, 452), core.Unavailable, "to", "mail.recipient_later"},
		"message refused":     {mailtest.Options{}, say(mailtest.Answer, 554), core.Refused, "message", "mail.message_refused"},
		"message later":       {mailtest.Options{}, say(mailtest.Answer, 451), core.Unavailable, "", "mail.later"},
		"hangs up: greeting":  {mailtest.Options{}, hangUp(mailtest.Greeting), core.Unavailable, "", "mail.dropped"},
		"hangs up: sign-in":   {signIn, hangUp(mailtest.SignIn), core.Unavailable, "", "mail.dropped"},
		"hangs up: from":      {mailtest.Options{}, hangUp(mailtest.From), core.Unavailable, "", "mail.dropped"},
		"hangs up: to":        {mailtest.Options{}, hangUp(mailtest.To), core.Unavailable, "", "mail.dropped"},
		"hangs up: data":      {mailtest.Options{}, hangUp(mailtest.Data), core.Unavailable, "", "mail.dropped"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t, test.o)
			settings := server.Settings()
			if test.do != nil {
				test.do(t, server, &settings)
			}
			err := mail.Sender{Settings: settings, Password: core.NewSecret("right")}.Send(t.Context(), message(t))
			var e *core.Error
			if !errors.As(err, &e) || e.Code != test.code || e.Field != test.field || e.Key != test.key {
				t.Fatalf("got %+v", err)
			}
			if strings.Contains(err.Error(), "right") || strings.Contains(e.Message, "\u202E") || e.Message == string(e.Key) {
				t.Errorf("message %q, error %q", e.Message, err)
			}
			if strings.HasPrefix(string(e.Key), "mail.auth") && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the server's words at sign-in are told: %q", err)
			}
			if n := len(server.Mails()); n != 0 {
				t.Errorf("%d mails arrived", n)
			}
		})
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func TestNoSuchHost(t *testing.T) {
	s := mail.Sender{
		Settings: core.MailSettings{Host: "mail.invalid", Port: 25, Security: core.MailSTARTTLS, From: "a@example.org"},
		Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Name: "mail.invalid", IsNotFound: true}}
		},
	}
	if err := s.Send(t.Context(), message(t)); !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "mail.no_such_host"}) {
		t.Errorf("got %v", err)
	}
}

// TestPlainOnlyToLoopback: without encryption no byte goes to another machine.
func TestPlainOnlyToLoopback(t *testing.T) {
	here, there := net.Pipe() // its address is no loopback address
	defer there.Close()
	s := mail.Sender{
		Settings: core.MailSettings{Host: "mail.example.org", Port: 25, Security: core.MailPlain, From: "a@example.org"},
		Dial:     func(context.Context, string, string) (net.Conn, error) { return here, nil },
	}
	err := s.Send(t.Context(), message(t))
	if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "mail.plain_remote"}) {
		t.Errorf("got %v", err)
	}
	if _, err := there.Write([]byte("220 hello\r\n")); err == nil {
		t.Error("the connection is still open")
	}
}

// TestHangUpAnywhere: a server that breaks off at whatever point of the dialogue
// has the mail once, as soon as it lets one through; only where it had taken the
// mail and never said so is there a copy, which is the same to the byte. With
// core/job's tests (sent means marked, anything else is tried again) that is one
// mail for each notice.
func TestHangUpAnywhere(t *testing.T) {
	for _, security := range []core.MailSecurity{core.MailSTARTTLS, core.MailTLS} {
		for _, p := range []mailtest.Point{mailtest.Greeting, mailtest.SignIn, mailtest.From, mailtest.To, mailtest.Data, mailtest.Answer} {
			const broken = 2
			server := mailtest.Start(t, mailtest.Options{Security: security, User: "stint", Password: "letter box"})
			server.HangUp(p, broken)
			s, m := mail.Sender{Settings: server.Settings(), Password: core.NewSecret("letter box")}, message(t)
			tries := 0
			for err := error(nil); ; tries++ {
				if err = s.Send(t.Context(), m); err == nil {
					break
				}
				if core.CodeOf(err) != core.Unavailable || tries > broken {
					t.Fatalf("%s, %s, try %d: %v", security, p, tries, err)
				}
			}
			want := 1
			if p == mailtest.Answer {
				want += broken
			}
			got := server.Mails()
			if tries != broken || len(got) != want {
				t.Errorf("%s, %s: %d mails after %d broken tries, want %d after %d", security, p, len(got), tries, want, broken)
			}
			for _, x := range got {
				if !bytes.Equal(x.Raw, got[0].Raw) {
					t.Errorf("%s, %s: a copy differs", security, p)
				}
			}
		}
	}
}

// TestAnswerLost: the server has the mail, and hangs up before it says so. It
// can't be known, so it isn't called sent; the copy has the same Message-ID.
func TestAnswerLost(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	server.HangUp(mailtest.Answer, 1)
	s, m := mail.Sender{Settings: server.Settings()}, message(t)
	if err := s.Send(t.Context(), m); !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "mail.dropped"}) {
		t.Fatalf("got %v", err)
	}
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := server.Mails()
	if len(got) != 2 || !bytes.Equal(got[0].Raw, got[1].Raw) {
		t.Errorf("%d mails, or they differ", len(got))
	}
}

// TestCancel: the context breaks off a dialogue that hangs, at once.
func TestCancel(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		c, err := l.Accept()
		if err == nil {
			defer c.Close()
		}
		cancel() // the client waits for the greeting now, or will
		<-t.Context().Done()
	}()
	settings := core.MailSettings{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: core.MailSTARTTLS, From: "a@example.org"}
	begin := time.Now()
	err = mail.Sender{Settings: settings}.Send(ctx, message(t))
	if core.CodeOf(err) != core.Canceled || time.Since(begin) > 5*time.Second {
		t.Errorf("got %v after %v", err, time.Since(begin))
	}
}

// TestNoCancelAfterTheLastLine: once the server has the mail whole, stopping
// waits for its yes; else a restart would send it twice.
func TestNoCancelAfterTheLastLine(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	goOn := make(chan struct{})
	server.WaitFor(goOn)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for len(server.Mails()) == 0 && t.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
		close(goOn)
	}()
	if err := (mail.Sender{Settings: server.Settings()}).Send(ctx, message(t)); err != nil {
		t.Errorf("got %v", err)
	}
	if ctx.Err() == nil {
		t.Error("it wasn't canceled")
	}
}

func TestSlowAnswer(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	goOn := make(chan struct{})
	defer close(goOn)
	server.WaitFor(goOn)
	err := mail.Sender{Settings: server.Settings(), AnswerTimeout: 50 * time.Millisecond}.Send(t.Context(), message(t))
	if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "mail.timeout"}) {
		t.Errorf("got %v", err)
	}
}

func TestPost(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{User: "stint", Password: "right"})
	var out mail.Outgoing
	var failure error
	post := mail.Post{Outgoing: func(context.Context) (mail.Outgoing, error) { return out, failure }, Zone: berlin}
	d := core.Delivery{ID: "de_1", Notice: mail.SampleNotice(core.NoticeAssigned, "en", true)}

	if err := post.Send(t.Context(), d); !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "mail.unconfigured"}) {
		t.Errorf("not set up: %v", err)
	}
	failure = core.Errorf(core.Refused, "to", "mail.malformed")
	if err := post.Send(t.Context(), d); core.CodeOf(err) != core.Unavailable {
		t.Errorf("settings that can't be read: %v", err)
	}
	failure, out = nil, mail.Outgoing{Organisation: "Example", Settings: server.Settings(), Password: core.NewSecret("right")}
	if err := post.Send(t.Context(), d); err != nil {
		t.Error(err)
	}
	// Who ended an access is read from the log, and a log that can't be read is waited for.
	ended := core.Delivery{ID: "de_2", Notice: mail.SampleNotice(core.NoticeEnded, "en", true)}
	ended.Notice.Ended = core.Ended{}
	var asked core.AssignmentID
	post.Story = func(_ context.Context, id core.AssignmentID) ([]core.Entry, error) {
		asked = id
		return []core.Entry{{Assignment: id, Action: core.ActivationDropped, Outcome: core.OutcomeDone, Actor: "pe_1", Principal: "pe_1", ActorName: "Alice Meyer", Detail: "before its end: the screen was locked"}}, failure
	}
	if err := post.Send(t.Context(), ended); err != nil || asked != ended.Notice.Assignment {
		t.Errorf("the log was asked for %q, %v", asked, err)
	}
	failure = core.Errorf(core.Invalid, "", "store.unavailable")
	post.Outgoing = func(context.Context) (mail.Outgoing, error) { return out, nil }
	if err := post.Send(t.Context(), ended); core.CodeOf(err) != core.Unavailable {
		t.Errorf("a log that can't be read: %v", err)
	}
	failure = nil
	d.Notice.Address = "nonsense"
	if err := post.Send(t.Context(), d); core.CodeOf(err) != core.Invalid {
		t.Errorf("no address: %v", err)
	}
	if err := mail.SendTest(t.Context(), out, "alice@example.org", core.MailSample{Language: "de"}, time.Now()); err != nil {
		t.Error(err)
	}
	if err := mail.SendTest(t.Context(), out, "nonsense", core.MailSample{}, time.Now()); core.CodeOf(err) != core.Invalid {
		t.Errorf("test to no address: %v", err)
	}
	got := server.Mails()
	if len(got) != 3 || got[2].To != "alice@example.org" || !strings.Contains(string(got[1].Raw), "your screen was locked") {
		t.Errorf("%d mails", len(got))
	}
}

func ExampleComposer() {
	m, err := mail.Composer{From: "Stint <stint@example.org>", Zone: time.UTC}.Compose(core.Delivery{
		ID: "de_1", Notice: mail.SampleNotice(core.NoticeActivated, "en", false),
	})
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(m.Subject + "\n")
	// Output: Alice Meyer activated db-admin on prod-db until 14:32
}
