package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/mail"
)

// TestOpenSMTPD sends through a server that isn't ours and finds the mail in
// the mailbox it delivers to. It speaks without TLS, and so without sign-in:
// Debian 12's OpenSMTPD 6.8 with OpenSSL 3 fails at every handshake ("missing
// private key"). It starts as root only.
func TestOpenSMTPD(t *testing.T) {
	smtpd, err := exec.LookPath("smtpd")
	if err != nil {
		smtpd = "/usr/sbin/smtpd"
		_, err = os.Stat(smtpd)
	}
	if err != nil || os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("OpenSMTPD and root are needed: %v", err)
		}
		t.Skip("OpenSMTPD isn't installed, or this isn't root")
	}
	s := startOpenSMTPD(t, smtpd)
	for _, language := range mail.Languages() {
		n := mail.SampleNotice(core.NoticeActivated, language, false)
		n.Address, n.ToName, n.Why = "inbox@stint.test", "Jörg Müller", "A line\n.\n.. and dots\nÄnderung 4711"
		m, err := mail.Composer{From: "Stint <stint@stint.test>", Zone: berlin}.Compose(core.Delivery{ID: core.DeliveryID("de_" + language), Notice: n})
		if err != nil {
			t.Fatal(err)
		}
		if err := (mail.Sender{Settings: s.settings}).Send(t.Context(), m); err != nil {
			t.Fatalf("%s: %v\n%s", language, err, s.log())
		}
		raw := s.wait(t, m.ID)
		h, parts := read(t, raw)
		if id, _ := h.MessageID(); id != m.ID {
			t.Errorf("Message-ID %q", id)
		}
		if subject, _ := h.Subject(); subject != m.Subject {
			t.Errorf("subject %q, want %q", subject, m.Subject)
		}
		if diff := cmp.Diff(map[string]string{"text/plain": m.Text, "text/html": m.HTML}, parts); diff != "" {
			t.Errorf("%s (-sent +arrived):\n%s", language, diff)
		}
	}
	for name, test := range map[string]struct {
		change func(*core.MailSettings)
		to     string
		want   *core.Error
	}{
		"no STARTTLS":    {func(m *core.MailSettings) { m.Security = core.MailSTARTTLS }, "inbox@stint.test", &core.Error{Code: core.Unavailable, Key: "mail.no_starttls"}},
		"no TLS":         {func(m *core.MailSettings) { m.Security = core.MailTLS }, "inbox@stint.test", &core.Error{Code: core.Unavailable, Key: "mail.not_tls"}},
		"no sign-in":     {func(m *core.MailSettings) { m.Auth = core.MailAuthPlain }, "inbox@stint.test", &core.Error{Code: core.Unavailable, Key: "mail.auth_unsupported"}},
		"no such box":    {func(*core.MailSettings) {}, "nobody-here@stint.test", &core.Error{Code: core.Refused, Key: "mail.recipient_refused"}},
		"not its domain": {func(*core.MailSettings) {}, "inbox@elsewhere.test", &core.Error{Code: core.Refused, Key: "mail.recipient_refused"}},
	} {
		settings := s.settings
		test.change(&settings)
		n := mail.SampleNotice(core.NoticeEnded, "en", true)
		n.Address = test.to
		m, err := mail.Composer{From: "stint@stint.test"}.Compose(core.Delivery{ID: "de_refused", Notice: n})
		if err != nil {
			t.Fatal(err)
		}
		if err := (mail.Sender{Settings: settings}).Send(t.Context(), m); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type openSMTPD struct {
	settings core.MailSettings
	boxes    string
	output   string // file
}

func startOpenSMTPD(t *testing.T, smtpd string) *openSMTPD {
	t.Helper()
	// Its processes give up their rights and must still reach these files.
	dir, err := os.MkdirTemp("/tmp", "stint-smtpd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Chmod(dir, 0o755))
	port := closedPort(t)
	boxes := filepath.Join(dir, "boxes")
	must(os.Mkdir(boxes, 0o777))
	must(os.Chmod(boxes, 0o777))
	conf := fmt.Sprintf(`
table bases { "inbox" = "65534:65534:%s" }
listen on 127.0.0.1 port %d hostname mail.stint.test
action keep maildir "%s/inbox" userbase <bases>
match from any for domain "stint.test" action keep
`, boxes, port, boxes)
	file := filepath.Join(dir, "smtpd.conf")
	must(os.WriteFile(file, []byte(conf), 0o644))
	s := &openSMTPD{boxes: boxes, output: filepath.Join(dir, "log")}
	s.settings = core.MailSettings{Host: "127.0.0.1", Port: port, Security: core.MailPlain, Auth: core.MailAuthNone, From: "stint@stint.test"}
	out, err := os.Create(s.output)
	must(err)
	cmd := exec.Command(smtpd, "-dv", "-f", file)
	cmd.Stdout, cmd.Stderr = out, out
	must(cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		out.Close()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(port)))
		if err == nil {
			c.Close()
			return s
		}
		select {
		case <-ctx.Done():
			t.Fatalf("OpenSMTPD doesn't answer: %v\n%s", err, s.log())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *openSMTPD) log() string {
	b, _ := os.ReadFile(s.output)
	return string(b)
}

// wait returns the mail with a Message-ID once it lies in the mailbox.
func (s *openSMTPD) wait(t *testing.T, id string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		files, _ := filepath.Glob(filepath.Join(s.boxes, "inbox", "new", "*"))
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err == nil && bytes.Contains(raw, []byte("<"+id+">")) {
				return []byte(strings.ReplaceAll(string(raw), "\n", "\r\n"))
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no mail %s arrived\n%s", id, s.log())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
