// Package mail tells people by mail what happens to their access: Composer
// makes a message from a notice, Sender hands it to a mail server, Post does
// both for the queue of core/job.
//
// A message says everything that somebody needs to judge it (rules.md section
// 9), in HTML and as text, in the recipient's language. Names and
// justifications are carried as text and never become markup, header lines or
// further fields. It holds no link and loads nothing: a notice that one must
// not click in can't be imitated into one that one should.
//
// The same delivery always makes the same bytes under the same Message-ID, so
// that a copy sent twice (see core/job) can be told as one.
package mail

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"

	"github.com/stint-pim/stint/core"
)

// Message is a mail ready to be sent.
type Message struct {
	ID       string // Message-ID without angle brackets
	From, To string // of the envelope: bare addresses
	Subject  string
	Text     string
	HTML     string
	Raw      []byte // header and body with CRLF, as RFC 5322 wants it
}

// Composer makes messages. The zero value lacks a sender. It is a value: make
// a new one when the settings change.
type Composer struct {
	From         string         // an address, perhaps with a name
	Organisation string         // may be empty
	Server       string         // its address for browsers, for links; empty: none
	Zone         *time.Location // of the times in the text, which names it; nil: this machine's
}

// Compose makes the message of a delivery. It is refused as Invalid with the
// field "to" if the recipient's address is no address, which no trying again
// mends, and as Unavailable with the field "from" if the settings' sender isn't.
func (c Composer) Compose(d core.Delivery) (Message, error) {
	n := d.Notice
	page, err := c.page(n)
	if err != nil {
		return Message{}, err
	}
	// What is about one request stands together: asked, decided, active, over.
	thread := string(n.Request)
	if thread == "" {
		thread = string(n.Assignment)
	}
	return c.build(envelope{id: string(d.ID), thread: thread, toName: n.ToName, to: n.Address, at: n.At}, page)
}

// Test makes the message by which somebody tries the settings.
func (c Composer) Test(id core.DeliveryID, to, language string, at time.Time) (Message, error) {
	page, err := c.testPage(language, at)
	if err != nil {
		return Message{}, err
	}
	return c.build(envelope{id: string(id), to: to, at: at}, page)
}

// Sample makes one of the mails with made-up names, marked as such: a mail that
// says who activated what must frighten nobody. With no kind it is Test.
func (c Composer) Sample(id core.DeliveryID, to string, s core.MailSample, at time.Time) (Message, error) {
	if s.Kind == "" {
		return c.Test(id, to, s.Language, at)
	}
	own := !s.Other || s.Kind.OfSignIn()
	if s.Kind == core.NoticeDigest {
		own = s.Other // it is for administrators alone; the other one is that of a quiet week
	}
	n := SampleNotice(s.Kind, s.Language, own)
	page, err := c.page(n)
	if err != nil {
		return Message{}, err
	}
	say := sayer{language: page.Language, kind: string(s.Kind)}
	page.Subject, page.Greeting = say.text("sample")+": "+page.Subject, say.text("sample_greeting")
	if say.err != nil {
		return Message{}, say.err
	}
	return c.build(envelope{id: string(id), to: to, at: at}, page)
}

// envelope is what the header says besides the subject.
type envelope struct {
	id, thread string
	toName, to string
	at         time.Time
}

func (c Composer) build(e envelope, p page) (Message, error) {
	from, err := parseAddress(c.From)
	if err != nil {
		return Message{}, &core.Error{Code: core.Unavailable, Field: "from", Key: "mail.bad_sender", Message: core.English("mail.bad_sender")}
	}
	to, err := parseAddress(e.to)
	if err != nil {
		return Message{}, core.Errorf(core.Invalid, "to", "mail.bad_recipient", "to", core.Clip(e.to, 80))
	}
	if from.Name == "" {
		from.Name = "Stint"
	}
	to.Name = oneLine(e.toName)
	text, html, err := p.render()
	if err != nil {
		return Message{}, fmt.Errorf("render mail: %w", err)
	}
	m := Message{ID: e.id + "@" + hostOf(from.Address), From: from.Address, To: to.Address, Subject: p.Subject, Text: text, HTML: html}

	var h gomail.Header
	h.SetAddressList("From", []*gomail.Address{(*gomail.Address)(from)})
	h.SetAddressList("To", []*gomail.Address{(*gomail.Address)(to)})
	h.SetSubject(m.Subject)
	h.SetDate(e.at.UTC())
	h.SetMessageID(m.ID)
	if e.thread != "" {
		// Nothing was ever sent under this root; it only keeps a thread together.
		root := e.thread + "@" + hostOf(from.Address)
		h.SetMsgIDList("In-Reply-To", []string{root})
		h.SetMsgIDList("References", []string{root})
	}
	h.Set("Auto-Submitted", "auto-generated") // RFC 3834: no absence notes, please
	h.Set("X-Auto-Response-Suppress", "All")  // the same for Exchange
	h.SetContentType("multipart/alternative", map[string]string{"boundary": "stint-" + strings.ReplaceAll(e.id, "_", "-")})
	m.Raw, err = assemble(h.Header, text, html)
	if err != nil {
		return Message{}, fmt.Errorf("assemble mail: %w", err)
	}
	return m, nil
}

// assemble writes the header and both parts, the plain one first (RFC 2046
// section 5.1.4: the best last).
func assemble(h message.Header, text, html string) ([]byte, error) {
	var out bytes.Buffer
	w, err := message.CreateWriter(&out, h)
	if err != nil {
		return nil, err
	}
	for _, part := range [2]struct{ kind, body string }{{"text/plain", text}, {"text/html", html}} {
		var ph message.Header
		ph.SetContentType(part.kind, map[string]string{"charset": "utf-8"})
		ph.Set("Content-Transfer-Encoding", "quoted-printable")
		pw, err := w.CreatePart(ph)
		if err != nil {
			return nil, err
		}
		body := strings.ReplaceAll(part.body, "\n", "\r\n")
		if _, err := pw.Write([]byte(body)); err != nil {
			return nil, err
		}
		if err := pw.Close(); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// parseAddress takes an address that a header and an SMTP command can carry
// as it is: printable ASCII, at most 254 characters. Addresses in other
// scripts want SMTPUTF8, which few servers have.
func parseAddress(s string) (*mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, err
	}
	at := strings.LastIndexByte(a.Address, '@')
	if at < 1 || at == len(a.Address)-1 || len(a.Address) > 254 {
		return nil, fmt.Errorf("no address")
	}
	for _, r := range a.Address {
		if r <= ' ' || r > '~' || strings.ContainsRune("<>()[]\\,;:\"", r) {
			return nil, fmt.Errorf("no address")
		}
	}
	a.Name = oneLine(a.Name)
	return a, nil
}

func hostOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
