package house_test

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/mail/mailtest"
)

// TestMailThatWaitsIsShown: where the mail server doesn't take mail, whoever can
// change the settings is told, with what it said, before somebody misses a mail.
func TestMailThatWaitsIsShown(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := gone.Addr().(*net.TCPAddr).Port
	gone.Close()
	m := open(t, house.Options{Path: filepath.Join(t.TempDir(), house.FileName)})
	secret := m.setUp()
	m.mailFails(secret, core.MailSettings{Host: "127.0.0.1", Port: port, Security: core.MailPlain, Auth: core.MailAuthNone, From: "stint@example.org"})
	told := func() *core.Trouble {
		me, err := m.svc.Me(context.Background())
		m.ok(err)
		for _, x := range me.Troubles {
			if x.Kind == core.TroubleMail {
				return &x
			}
		}
		return nil
	}
	if x := told(); x != nil {
		t.Errorf("told at once: %+v", x)
	}
	m.clock.ahead.Add(int64(core.MailLate))
	if x := told(); x == nil || x.Args["n"] != "1" || !strings.Contains(x.Args["why"], "127.0.0.1") {
		t.Errorf("got %+v, want one mail that 127.0.0.1 didn't take", x)
	}
}

// mailFails sets mail up, has one sent and waits until that has failed.
func (m *home) mailFails(secret core.Secret, s core.MailSettings) {
	m.t.Helper()
	m.clock.ahead.Add(int64(31 * time.Second))
	m.do(core.ChangeSettings{Settings: core.Settings{Organisation: "Example", IdleLock: core.Duration(15 * time.Minute), Mail: s}}, mfa.Code(secret, m.clock.Now()))
	m.do(core.AddPerson{FullName: "Bob Baker", Login: "bob", Mail: "bob@example.org", Language: "en"}, "")
	m.clock.ahead.Add(int64(31 * time.Second))
	people, err := m.svc.People(context.Background(), core.PersonFilter{Text: "bob"}, core.Page{})
	m.ok(err)
	m.do(core.Assign{Role: core.StintRole(core.SecurityReader), Principals: []core.PersonID{people.Items[0].ID}, Kind: core.Eligible, Justification: "reads the log"}, mfa.Code(secret, m.clock.Now()))
	for tried := false; !tried; {
		s, err := m.h.Deliveries(context.Background())
		m.ok(err)
		tried = s.LastError != ""
	}
}

// TestRefusedMailIsInTheLog: whom a mail could never reach stands in the log, in
// the story of what it was about, with what the server said.
func TestRefusedMailIsInTheLog(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{Security: core.MailPlain})
	server.Say(mailtest.To, &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"})
	m := open(t, house.Options{Path: filepath.Join(t.TempDir(), house.FileName)})
	m.mailFails(m.setUp(), server.Settings())
	ctx := context.Background()
	found, err := m.svc.Entries(ctx, core.EntryFilter{Action: core.MailRefused}, core.Page{})
	m.ok(err)
	if len(found.Items) == 0 {
		t.Fatal("the log doesn't say that a mail was refused")
	}
	e := found.Items[0]
	if e.PrincipalName != "Bob Baker" || e.Outcome != core.OutcomeFailed || e.Assignment == "" || !strings.Contains(e.Detail, "bob@example.org") || !strings.Contains(e.Detail, "no such user") {
		t.Errorf("the log says: %+v", e)
	}
	story, err := m.svc.Story(ctx, e.Assignment)
	m.ok(err)
	if !slices.ContainsFunc(story, func(x core.Entry) bool { return x.Action == core.MailRefused }) {
		t.Error("it is not in the story of the assignment")
	}
}

// TestTestMailLetsWhatWaitsGo: whoever has mended the mail server and sends a test
// doesn't wait for the pause after the last failure, which grows to five minutes.
func TestTestMailLetsWhatWaitsGo(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{Security: core.MailPlain})
	m := open(t, house.Options{Path: filepath.Join(t.TempDir(), house.FileName)})
	secret := m.setUp()
	server.HangUp(mailtest.Greeting, 1)
	m.mailFails(secret, server.Settings())
	m.ok(m.svc.SendTestMail(context.Background(), server.Settings(), core.Secret{}, "alice@example.org", core.MailSample{}))
	sent := time.Now()
	for len(server.Mails()) < 2 {
		if time.Since(sent) > 3*time.Second {
			t.Fatal("what waits is not sent when a test mail went through")
		}
		time.Sleep(5 * time.Millisecond) // paces the asking of a real server
	}
}
