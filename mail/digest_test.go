package mail_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/mail"
)

func digestMail(t *testing.T, language string, f func(*core.Digest)) mail.Message {
	t.Helper()
	n := mail.SampleNotice(core.NoticeDigest, language, false)
	f(n.Digest)
	m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What is longer than a week, or more than there is room for, is said so; what is
// nothing is left out.
func TestDigestSays(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*core.Digest)
		want, lack string
	}{
		{"missed weeks", func(g *core.Digest) { g.From, g.First = g.From.AddDate(0, 0, -14), "2026-11-02" }, "about 3 weeks", ""},
		{"over the turn of a month", func(g *core.Digest) { g.First = "2026-10-26" }, "26 Oct – 22 Nov 2026", ""},
		{"over the turn of the year", func(g *core.Digest) { g.First, g.Last = "2026-12-28", "2027-01-03" }, "28 Dec 2026 – 3 Jan 2027", ""},
		{"nothing to compare with", func(g *core.Digest) { g.Before = nil }, "14 activations by 5 people\n", "the week before"},
		{"one of each", func(g *core.Digest) { g.Week = core.Week{Activations: 1, People: 1, Refused: 1} }, "1 activation by 1 person", "Ended:           0"},
		{"many were given something", func(g *core.Digest) { g.Week.MadeActive = 40 }, "and 39 more", ""},
		{"many systems", func(g *core.Digest) { g.More = 7 }, "and 7 more systems", ""},
		{"one system", func(g *core.Digest) { g.Systems = nil }, "1 change", "\nSystems\n"},
		{"nothing waits", func(g *core.Digest) { g.Waiting, g.Stuck, g.Outside, g.Ending = 0, 0, 0, 0 }, "Nothing waits for you.", "Needs a look"},
		{"no days", func(g *core.Digest) { g.Days = nil }, "14 activations", "by day"},
		{"quiet, but something waits", func(g *core.Digest) { g.Week = core.Week{} }, "It was a quiet week", "Nothing waits"},
	} {
		m := digestMail(t, "en", c.change)
		if !strings.Contains(m.Text, c.want) || c.lack != "" && strings.Contains(m.Text, c.lack) {
			t.Errorf("%s: want %q and not %q in\n%s", c.name, c.want, c.lack, m.Text)
		}
	}
	if m := digestMail(t, "de", func(g *core.Digest) { g.First, g.Last = "2026-12-28", "2027-01-03" }); !strings.Contains(m.Subject, "28.12.2026 – 03.01.2027: 14 Aktivierungen durch 5 Personen, 6 zum Ansehen") {
		t.Errorf("subject: %s", m.Subject)
	}
}

// Names of people, roles and systems are text, and each stays in its line.
func TestDigestHostile(t *testing.T) {
	const evil = "Eve\r\nWaiting:  0 requests\u202e<script>alert(1)</script>"
	m := digestMail(t, "en", func(g *core.Digest) {
		for i := range g.Made {
			g.Made[i].Who, g.Made[i].Role, g.Made[i].System = evil, evil, evil
		}
		for i := range g.Top {
			g.Top[i].Name, g.Top[i].System = evil, evil
		}
		for i := range g.Systems {
			g.Systems[i].Name = evil
		}
		g.Days[0].Date = evil
	})
	if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML+m.Text, "\u202e") {
		t.Error("a name became markup, or turns the direction of what follows")
	}
	for line := range strings.Lines(m.Text) {
		if strings.HasPrefix(strings.TrimSpace(line), "Waiting:  0") {
			t.Errorf("a name looks like a line of its own: %q", line)
		}
	}
}

// The same delivery makes the same bytes, under its own identifier.
func TestDigestStable(t *testing.T) {
	same := func(*core.Digest) {}
	a, b := digestMail(t, "en", same), digestMail(t, "en", same)
	if string(a.Raw) != string(b.Raw) || a.ID != "de_1@example.org" {
		t.Errorf("%s is not always the same", a.ID)
	}
	for _, want := range []string{"Auto-Submitted: auto-generated", fmt.Sprintf("Message-Id: <%s>", a.ID)} {
		if !strings.Contains(string(a.Raw), want) {
			t.Errorf("no %q in\n%s", want, a.Raw)
		}
	}
	if strings.Contains(string(a.Raw), "In-Reply-To") {
		t.Error("a digest answers to something")
	}
}
