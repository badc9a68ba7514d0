package mail_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gomail "github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/mail"
	"github.com/stint-pim/stint/resources"
)

var update = flag.Bool("update", false, "write the golden files anew")

var berlin = time.FixedZone("CET", 3600)

func composer() mail.Composer {
	return mail.Composer{From: "Stint <stint@example.org>", Organisation: "Example & Sons", Zone: berlin}
}

var kinds = []core.NoticeKind{core.NoticeAssigned, core.NoticeUnassigned, core.NoticeActivated, core.NoticeProlonged, core.NoticeEnded, core.NoticeStuck, core.NoticeLost, core.NoticeClock, core.NoticeDeadlock, core.NoticeDigest, core.NoticeApprove, core.NoticeDecided, core.NoticeEnding, core.NoticeOutside, core.NoticeManaged, core.NoticeExtended, core.NoticeExpiring, core.NoticeExpired,
	core.NoticeCodeReused, core.NoticeFactorLocked, core.NoticeFactorChanged, core.NoticeFactorReset, core.NoticePasswordChanged, core.NoticePasswordReset, core.NoticeLoginChanged, core.NoticeGuessing}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestGolden(t *testing.T) {
	for _, language := range mail.Languages() {
		for _, kind := range kinds {
			for _, own := range []bool{true, false} {
				if kind.OfSignIn() && !own {
					continue // they go to nobody else
				}
				m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: mail.SampleNotice(kind, language, own)})
				if err != nil {
					t.Fatal(err)
				}
				name := string(kind) + map[bool]string{true: "-own", false: ""}[own] + "." + language
				golden(t, name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
				if !own {
					golden(t, name+".html", m.HTML)
				}
			}
		}
		m, err := composer().Test("de_1", "alice@example.org", language, time.Date(2026, 11, 23, 9, 32, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "test."+language+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
	}
	for _, language := range mail.Languages() {
		golden(t, "ended-causes."+language+".txt", causes(t, language))
	}
	// A group's members can't ask for it themselves.
	for _, language := range mail.Languages() {
		for _, own := range []bool{true, false} {
			n := mail.SampleNotice(core.NoticeExpiring, language, own)
			n.Who, n.Through = "Operators", "Operators"
			m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "expiring-group"+map[bool]string{true: "-own", false: ""}[own]+"."+language+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
		}
	}
	// Requests by which an assignment shall go on read otherwise.
	for name, action := range map[string]core.Action{"extend": core.SelfExtend, "renew": core.SelfRenew} {
		for _, language := range mail.Languages() {
			for _, kind := range []core.NoticeKind{core.NoticeApprove, core.NoticeDecided} {
				n := mail.SampleNotice(kind, language, kind == core.NoticeDecided)
				n.Action, n.Setting, n.Lasts, n.Was = action, core.Eligible, 0, n.At.AddDate(0, 0, 9)
				if action == core.SelfExtend {
					n.Until = n.At.AddDate(0, 3, 0)
				}
				if kind == core.NoticeDecided {
					n.Status, n.Was = core.Provisioned, time.Time{}
				}
				m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
				if err != nil {
					t.Fatal(err)
				}
				golden(t, string(kind)+"-"+name+"."+language+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			}
		}
	}
	m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: mail.SampleNotice(core.NoticeActivated, "en", false)})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "raw.eml", strings.ReplaceAll(string(m.Raw), "\r\n", "\n"))
}

// causes is what differs between the mails of all ways in which an access ends, to
// its person and to others.
func causes(t *testing.T, language string) string {
	t.Helper()
	var out strings.Builder
	for _, e := range []core.Ended{
		{}, // the log doesn't tell
		{Cause: core.EndTime, By: "Stint"}, {Cause: core.EndDropped, By: "Alice Meyer", Itself: true}, {Cause: core.EndLock, By: "Alice Meyer", Itself: true},
		{Cause: core.EndSleep, By: "Alice Meyer", Itself: true}, {Cause: core.EndSignOut, By: "Alice Meyer", Itself: true}, {Cause: core.EndAllSessions, By: "Bob Schneider"},
		{Cause: core.EndRemoved, By: "Bob Schneider", Why: "The freeze begins"}, {Cause: core.EndRemoved, By: "Alice Meyer", Itself: true},
		{Cause: core.EndBasis, By: "Stint", On: core.EndTime}, {Cause: core.EndBasis, By: "Bob Schneider", On: core.EndRemoved, Why: "Other duties"}, {Cause: core.EndBasis, By: "Stint"},
		{Cause: core.EndShortened, By: "Bob Schneider"}, {Cause: core.EndDisabled, By: "Bob Schneider"}, {Cause: core.EndLeft, By: "Bob Schneider", Group: "Operators", Why: "Left the team"},
		{Cause: core.EndGroup, By: "Bob Schneider", Group: "Operators"}, {Cause: core.EndClock, By: "Bob Schneider", Why: "It was an hour ahead"}, {Cause: core.EndSystem, By: "Stint"}, {Cause: core.EndLost, By: "Stint"},
	} {
		out.WriteString("# " + string(e.Cause) + "\n")
		for _, own := range []bool{true, false} {
			n := mail.SampleNotice(core.NoticeEnded, language, own)
			n.Ended, n.Was = e, n.Until.Add(time.Hour)
			m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(m.Text, "\n") {
				if i == 2 || strings.HasPrefix(line, "Ended by:") || strings.HasPrefix(line, "Beendet durch:") || strings.HasPrefix(line, "Reason:") || strings.HasPrefix(line, "Grund:") ||
					strings.HasPrefix(line, "The system was") || strings.HasPrefix(line, "Das System wurde") {
					out.WriteString(line + "\n")
				}
			}
		}
	}
	return out.String()
}

// TestEveryField: rules.md section 9 lists what an activation mail carries.
func TestEveryField(t *testing.T) {
	n := mail.SampleNotice(core.NoticeActivated, "en", false)
	n.Scope, n.By, n.Where = "/orders", "Carol Jones", "192.0.2.17"
	n.From, n.Until = n.From.Add(90*time.Minute), n.Until.AddDate(0, 0, 1)
	m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{m.Text, m.HTML} {
		for _, want := range []string{
			"Alice Meyer", "db-admin", "/orders", "prod-db", "23 Nov 2026 12:02 (UTC&#43;01:00)", "24 Nov 2026 15:32 (UTC&#43;01:00)",
			"Restore the orders of Friday after the failed import", "Jira OPS-4711", "Carol Jones", "192.0.2.17", "Does this look wrong?", string(n.Assignment), string(n.Request), n.Evidence,
		} {
			if !strings.Contains(part, want) && !strings.Contains(part, strings.ReplaceAll(want, "&#43;", "+")) {
				t.Errorf("missing %q in\n%s", want, part)
			}
		}
	}
	if want := "Alice Meyer activated db-admin on prod-db until 24 Nov 2026 15:32"; m.Subject != want {
		t.Errorf("subject %q, want %q", m.Subject, want)
	}
}

func TestSubjects(t *testing.T) {
	n := mail.SampleNotice(core.NoticeActivated, "en", false)
	subject := func() string {
		t.Helper()
		m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
		if err != nil {
			t.Fatal(err)
		}
		return m.Subject
	}
	if got, want := subject(), "Alice Meyer activated db-admin on prod-db until 15:32"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	n.Until = time.Time{}
	if got, want := subject(), "Alice Meyer activated db-admin on prod-db"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	n.Language, n.Setting, n.Kind = "de", core.Eligible, core.NoticeAssigned
	if got, want := subject(), "Alice Meyer ist jetzt für db-admin auf prod-db berechtigt"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	n.Language = "xx"
	if got, want := subject(), "Alice Meyer was made eligible for db-admin on prod-db"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// read parses a message as a mail program does.
func read(t *testing.T, raw []byte) (gomail.Header, map[string]string) {
	t.Helper()
	r, err := gomail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return r.Header, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := p.Header.(*gomail.InlineHeader).ContentType()
		parts[kind] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
}

func TestHeader(t *testing.T) {
	n := mail.SampleNotice(core.NoticeActivated, "de", false)
	n.ToName = "Jörg Müller, Chef"
	d := core.Delivery{ID: "de_0s5k7v2q", Notice: n}
	m, err := composer().Compose(d)
	if err != nil {
		t.Fatal(err)
	}
	again, err := composer().Compose(d)
	if err != nil || !bytes.Equal(m.Raw, again.Raw) {
		t.Errorf("the same delivery makes other bytes, %v", err)
	}
	h, parts := read(t, m.Raw)
	if parts["text/plain"] != m.Text || parts["text/html"] != m.HTML || len(parts) != 2 {
		t.Errorf("the parts don't come out as they went in")
	}
	to, err := h.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != n.ToName || to[0].Address != n.Address {
		t.Errorf("To: %v, %v", to, err)
	}
	id, err := h.MessageID()
	if err != nil || id != "de_0s5k7v2q@example.org" || id != m.ID {
		t.Errorf("Message-ID: %q, %v", id, err)
	}
	if date, err := h.Date(); err != nil || !date.Equal(n.At) {
		t.Errorf("Date: %v, %v", date, err)
	}
	if got := h.Get("Auto-Submitted"); got != "auto-generated" {
		t.Errorf("Auto-Submitted: %q", got)
	}
	for _, name := range []string{"In-Reply-To", "References"} {
		if list, err := h.MsgIDList(name); err != nil || len(list) != 1 || list[0] != string(n.Request)+"@example.org" {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
	for line := range strings.SplitSeq(string(m.Raw), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("line %q", line)
		}
	}
}

// TestThread: what a request leads to has one root, whoever reads it; what has
// no request stands with its assignment, and what is about signing in alone.
func TestThread(t *testing.T) {
	root := func(n core.Notice) string {
		t.Helper()
		m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
		if err != nil {
			t.Fatal(err)
		}
		h, _ := read(t, m.Raw)
		list, err := h.MsgIDList("References")
		if err != nil || len(list) > 1 {
			t.Fatalf("References: %v, %v", list, err)
		}
		return strings.Join(list, "")
	}
	for _, kind := range []core.NoticeKind{core.NoticeApprove, core.NoticeDecided, core.NoticeActivated, core.NoticeEnded, core.NoticeStuck} {
		for _, own := range []bool{true, false} {
			n := mail.SampleNotice(kind, "en", own)
			n.Request, n.Assignment = "re_1", core.AssignmentID("as_"+kind)
			if got, want := root(n), "re_1@example.org"; got != want {
				t.Errorf("%s: %q, want %q", kind, got, want)
			}
		}
	}
	n := mail.SampleNotice(core.NoticeLost, "en", false)
	n.Request, n.Assignment = "", "as_1"
	if got, want := root(n), "as_1@example.org"; got != want {
		t.Errorf("without a request: %q, want %q", got, want)
	}
	if got := root(mail.SampleNotice(core.NoticeGuessing, "en", true)); got != "" {
		t.Errorf("about signing in: %q, want none", got)
	}
}

// TestExtraAddress: a mail to an address of the role's settings says so, and
// neither calls its reader by a name nor an administrator or approver.
func TestExtraAddress(t *testing.T) {
	for _, language := range mail.Languages() {
		for _, kind := range []core.NoticeKind{core.NoticeAssigned, core.NoticeUnassigned, core.NoticeActivated, core.NoticeProlonged, core.NoticeEnded, core.NoticeApprove, core.NoticeDecided} {
			n := mail.SampleNotice(kind, language, false)
			n.Extra, n.To, n.ToName = true, "", ""
			m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"en": "the settings of this role name your address", "de": "die Einstellungen dieser Rolle Ihre Adresse nennen"}[language]
			greeting := map[string]string{"en": "Hello,\n", "de": "Guten Tag,\n"}[language]
			if !strings.Contains(m.Text, want) || !strings.HasPrefix(m.Text, greeting) || strings.Contains(m.Text, "waits for your") || strings.Contains(m.Text, "Ihre Antwort") {
				t.Errorf("%s %s:\n%s", kind, language, m.Text)
			}
		}
	}
}

// TestHostileNames: nothing that somebody typed becomes a header line, markup,
// or a field of its own.
// The mail to approvers, and no other, leads to the page on which they answer.
func TestLink(t *testing.T) {
	for _, kind := range kinds {
		c := composer()
		c.Server = "https://stint.example.org:8443/"
		n := mail.SampleNotice(kind, "de", kind.OfSignIn())
		m, err := c.Compose(core.Delivery{ID: "de_1", Notice: n})
		if err != nil {
			t.Fatal(err)
		}
		const link = "https://stint.example.org:8443/cases/re_0s5k7v2q0000000000000000ab"
		want := kind == core.NoticeApprove
		if got := strings.Contains(m.Text, "Im Browser beantworten:\n"+link+"\n"); got != want {
			t.Errorf("%s: a link in the text: %v, want %v\n%s", kind, got, want, m.Text)
		}
		if got := strings.Contains(m.HTML, `href="`+link+`"`); got != want {
			t.Errorf("%s: a link in HTML: %v, want %v", kind, got, want)
		}
	}
}

func TestHostileNames(t *testing.T) {
	n := mail.SampleNotice(core.NoticeActivated, "en", false)
	n.Who = "Mallory\r\nBcc: everyone@example.org\r\n\r\n<script>alert(1)</script>"
	n.ToName = "Bob\r\nX-Evil: yes\" <evil@example.org>"
	n.Role = "db\u2028admin\x00\x1b[31m"
	n.System = "prod \u202Ebd-tset"
	n.Why = "harmless\nBy: The Boss\r\n</td><img src=http://evil.example/x>{{.Who}}{name}"
	n.Where = "<b>here</b>"
	m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
	if err != nil {
		t.Fatal(err)
	}
	h, parts := read(t, m.Raw)
	if h.Has("Bcc") || h.Has("X-Evil") {
		t.Errorf("a name made a header: %v", h)
	}
	to, err := h.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != n.Address {
		t.Errorf("To: %v, %v", to, err)
	}
	if strings.ContainsAny(m.Subject, "\r\n\x00\x1b\u2028\u202E") {
		t.Errorf("subject %q", m.Subject)
	}
	html := parts["text/html"]
	for _, bad := range []string{"<script", "<img", "</td><img", "<b>here"} {
		if strings.Contains(html, bad) {
			t.Errorf("%q stands in the HTML", bad)
		}
	}
	if !strings.Contains(html, "&lt;script&gt;") || !strings.Contains(html, "{{.Who}}{name}") {
		t.Error("the text isn't carried verbatim")
	}
	for line := range strings.SplitSeq(parts["text/plain"], "\n") {
		if strings.HasPrefix(line, "By:") && strings.Contains(line, "The Boss") {
			t.Errorf("the justification made a field: %q", line)
		}
	}
}

func TestNothingIsLoaded(t *testing.T) {
	for _, kind := range kinds {
		m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: mail.SampleNotice(kind, "en", false)})
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"http:", "https:", "//", "src=", "url(", "@import", "<link", "<a "} {
			if strings.Contains(m.HTML, bad) {
				t.Errorf("%s holds %q", kind, bad)
			}
		}
		if strings.Contains(m.HTML, "ZgotmplZ") {
			t.Errorf("%s: a style was filtered out", kind)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, to := range []string{"", "nobody", "a@", "@b", "a@b, c@d", "a b@c", "a@b\r\nDATA", "x@exämple.org", "a@b>\r\nRCPT TO:<c", strings.Repeat("x", 250) + "@example.org"} {
		n := mail.SampleNotice(core.NoticeEnded, "en", true)
		n.Address = to
		_, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
		if core.CodeOf(err) != core.Invalid {
			t.Errorf("to %q: %v", to, err)
		}
	}
	c := composer()
	c.From = "nobody"
	if _, err := c.Compose(core.Delivery{ID: "de_1", Notice: mail.SampleNotice(core.NoticeEnded, "en", true)}); core.CodeOf(err) != core.Unavailable {
		t.Errorf("sender: %v", err)
	}
	n := mail.SampleNotice(core.NoticeKind("rain"), "en", true)
	if _, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n}); core.CodeOf(err) != core.Invalid {
		t.Errorf("a notice of the window: %v", err)
	}
}

func TestTemplatesAreComplete(t *testing.T) {
	// A language may not lack a text that another has: rendering all kinds in
	// both, with all fields empty, meets every one of them.
	for _, language := range mail.Languages() {
		for _, kind := range kinds {
			n := core.Notice{Kind: kind, Language: language, Address: "a@example.org"}
			m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
			if err != nil {
				t.Errorf("%s %s: %v", language, kind, err)
			}
			if strings.Contains(m.Text, "<no value>") {
				t.Errorf("%s %s:\n%s", language, kind, m.Text)
			}
		}
	}
	if _, err := resources.Mail().Open("layout.html"); err != nil {
		t.Error(err)
	}
}

// TestSamples: each mail that is sent can be looked at in each language, as the
// person and as others get it, and is marked, so that it frightens nobody. The
// list of them is that of the templates.
func TestSamples(t *testing.T) {
	for _, language := range mail.Languages() {
		word := map[string]string{"en": "Sample: ", "de": "Muster: "}[language]
		note := map[string]string{"en": "made-up names", "de": "erfundenen Namen"}[language]
		for _, kind := range core.MailKinds() {
			for _, other := range []bool{false, true} {
				p, err := mail.Preview(mail.Outgoing{}, core.MailSample{Kind: kind, Language: language, Other: other}, time.Now())
				if err != nil || !strings.HasPrefix(p.Subject, word) || !strings.Contains(p.Text, note) || !strings.Contains(p.HTML, note) {
					t.Errorf("%s %s: %v\n%s\n%s", language, kind, err, p.Subject, p.Text)
				}
			}
		}
	}
	slices.Sort(kinds)
	listed := slices.Sorted(slices.Values(core.MailKinds()))
	if diff := cmp.Diff(kinds, listed); diff != "" {
		t.Errorf("the list of mails (-templates +list):\n%s", diff)
	}
	test, err := mail.Preview(mail.Outgoing{Organisation: "Example"}, core.MailSample{Language: "en"}, time.Now())
	if err != nil || test.Subject != "Test mail from Stint at Example" {
		t.Errorf("the plain test: %+v %v", test, err)
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("Alice", "because", "a@example.org", "prod")
	f.Add("\r\nBcc: x@y", "\n.\n", "a@example.org\r\nx", "\u202E=?utf-8?q?=0D=0ABcc:_x=40y?=")
	f.Fuzz(func(t *testing.T, who, why, to, system string) {
		n := mail.SampleNotice(core.NoticeActivated, "de", false)
		n.Who, n.ToName, n.Why, n.Address, n.System, n.Role = who, who, why, to, system, system
		m, err := composer().Compose(core.Delivery{ID: "de_1", Notice: n})
		if err != nil {
			return
		}
		h, parts := read(t, m.Raw)
		if len(parts) != 2 || h.Has("Bcc") {
			t.Fatalf("%d parts, header %v", len(parts), h)
		}
		if addresses, err := h.AddressList("To"); err != nil || len(addresses) != 1 || addresses[0].Address != m.To {
			t.Fatalf("To: %v, %v", addresses, err)
		}
		fields := map[string]int{}
		for fs := h.Fields(); fs.Next(); {
			fields[fs.Key()]++
		}
		if len(fields) != 11 {
			t.Fatalf("fields %v", fields)
		}
	})
}
