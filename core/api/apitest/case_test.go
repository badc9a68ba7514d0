package apitest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api/apitest"
	"github.com/stint-pim/stint/core/api/server"
)

// court is a server with a request on which Bob may decide. Mallory has an
// account there and nothing else.
type court struct {
	t      *testing.T
	world  apitest.World
	server *httptest.Server
	alice  core.Service
	people map[string]core.Secret // second factors by login
	id     core.RequestID
}

const courtPassword = "grey-otter.sails 7 moons"

func newCourt(t *testing.T) *court {
	t.Helper()
	w, ctx := newWorld(t), t.Context()
	c := &court{t: t, world: w, people: map[string]core.Secret{}}
	c.server = httptest.NewTLSServer(server.New(server.Options{Gate: w.Gate}, nil))
	t.Cleanup(c.server.Close)
	a, err := w.Gate.SetUp(ctx, core.FirstPerson{FullName: "Alice Adler", Login: "alice", Language: "en", Password: core.NewSecret(courtPassword), From: "window"})
	c.ok(err)
	c.alice = a.Service
	c.enrol("alice", a.Service)
	for _, login := range []string{"bob", "mallory"} {
		res := c.do(core.AddPerson{FullName: strings.ToUpper(login[:1]) + login[1:], Login: login})
		adm, err := w.Gate.SignIn(ctx, core.SignIn{Login: login, Password: core.NewSecret(res.Secret), From: "window"})
		c.ok(err)
		c.ok(adm.Service.ChangePassword(ctx, core.NewSecret(res.Secret), core.NewSecret(courtPassword+login)))
		c.enrol(login, adm.Service)
	}
	me, err := c.alice.Me(ctx)
	c.ok(err)
	bob, err := c.alice.People(ctx, core.PersonFilter{Text: "bob"}, core.Page{})
	c.ok(err)
	role := core.StintRole(core.SecurityReader)
	yes := true
	c.do(core.SetPolicy{Level: string(role), Settings: core.PolicySettings{RequireApproval: &yes, Stages: &[]core.Stage{{Approvers: []core.Approver{{Person: bob.Items[0].ID}}, Quorum: 1}}}})
	basis := c.do(core.Assign{Role: role, Principals: []core.PersonID{me.Person.ID}, Kind: core.Eligible, Justification: "reads the log"}).Items[0].Assignment
	res := c.do(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(2 * time.Hour), Justification: `look <script>alert("x")</script> & see`})
	c.id = res.Items[0].Request
	return c
}

func (c *court) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *court) enrol(login string, svc core.Service) {
	c.t.Helper()
	offer, err := svc.BeginFactor(c.t.Context(), core.Secret{})
	c.ok(err)
	_, err = svc.ConfirmFactor(c.t.Context(), c.world.Code(offer.Secret))
	c.ok(err)
	c.people[login] = offer.Secret
}

func (c *court) do(cmd core.Command) core.Result {
	c.t.Helper()
	res, err := c.alice.Do(c.t.Context(), core.Call{Command: cmd, Code: c.world.Code(c.people["alice"])})
	c.ok(err)
	for _, it := range res.Items {
		if it.Err != nil {
			c.t.Fatal(it.Err)
		}
	}
	return res
}

func (c *court) status() core.Status {
	c.t.Helper()
	q, err := c.alice.Case(c.t.Context(), c.id)
	c.ok(err)
	return q.Request.Status
}

// browser is somebody's, with its cookies.
type browser struct {
	*court
	client *http.Client
	header http.Header // of the next requests, besides a browser's own
	page   string      // as last shown
	res    *http.Response
}

func (c *court) browser() *browser {
	c.t.Helper()
	jar, err := cookiejar.New(nil)
	c.ok(err)
	client := *c.server.Client()
	client.Jar = jar
	return &browser{court: c, client: &client, header: http.Header{}}
}

func (b *browser) path(id core.RequestID) string { return b.server.URL + "/cases/" + string(id) }

func (b *browser) send(r *http.Request) *browser {
	b.t.Helper()
	for k, v := range b.header {
		r.Header[k] = v
	}
	res, err := b.client.Do(r)
	b.ok(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	b.ok(err)
	b.res, b.page = res, string(text)
	return b
}

func (b *browser) open(id core.RequestID) *browser {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.path(id), nil)
	b.ok(err)
	return b.send(r)
}

var hidden = regexp.MustCompile(`name="token" value="([^"]*)"`)

// submit sends a form of the page shown.
func (b *browser) submit(what string, fields ...string) *browser {
	b.t.Helper()
	form := url.Values{}
	if m := hidden.FindStringSubmatch(b.page); m != nil {
		form.Set("token", m[1])
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.path(b.id)+"/"+what, strings.NewReader(form.Encode()))
	b.ok(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

func (b *browser) signIn(login string) *browser {
	b.t.Helper()
	password := courtPassword
	if login != "alice" {
		password += login
	}
	return b.open(b.id).submit("sign-in", "login", login, "password", password, "code", b.world.Code(b.people[login]).Reveal())
}

func (b *browser) shows(status int, texts ...string) {
	b.t.Helper()
	if b.res.StatusCode != status {
		b.t.Errorf("status %d, want %d", b.res.StatusCode, status)
	}
	for _, s := range texts {
		if !strings.Contains(b.page, s) {
			_, main, _ := strings.Cut(b.page, "<main>")
			b.t.Fatalf("%q is not on the page:\n%s", s, main)
		}
	}
}

func (b *browser) lacks(texts ...string) {
	b.t.Helper()
	for _, s := range texts {
		if strings.Contains(b.page, s) {
			b.t.Errorf("%q is on the page", s)
		}
	}
}

// Bob reads the request, is asked for a reason, and approves it for less time.
// Then the page says so, also when it is loaded again.
func TestCasePageApproves(t *testing.T) {
	c := newCourt(t)
	b := c.browser()
	b.open(c.id).shows(200, "Sign in to answer a request")
	b.signIn("bob").shows(200, "Alice Adler asks for Security Reader", "look &lt;script&gt;", "Signed in as Bob.", `value="approve"`)
	b.submit("answer", "answer", "approve", "why", "").shows(400, "Say in at least 5 characters")
	b.submit("answer", "answer", "approve", "why", "agreed by phone", "for", "3h").shows(422, "may shorten an access, not lengthen it", "agreed by phone")
	b.submit("answer", "answer", "approve", "why", "agreed by phone", "for", "1h").shows(200, "It was approved.", "Bob approved: agreed by phone")
	if got := c.status(); got != core.Provisioned {
		t.Errorf("status %s", got)
	}
	q, err := c.alice.Case(t.Context(), c.id)
	c.ok(err)
	if d := q.Request.End.Sub(q.Request.Start); d != time.Hour {
		t.Errorf("for %v", d)
	}
	token := hidden.FindStringSubmatch(b.page)[1]
	b.submit("answer", "answer", "deny", "why", "changed my mind", "token", token).shows(409, "approved already, by Bob")
	b.submit("sign-out").shows(200, "Sign in to answer a request")
	b.open(c.id).shows(200, "Sign in to answer a request")
}

func TestCasePageDeniesInGerman(t *testing.T) {
	c := newCourt(t)
	b := c.browser()
	b.header.Set("Accept-Language", "fr;q=0.4, de-AT, en")
	b.signIn("bob").shows(200, `lang="de"`, "Alice Adler möchte Security Reader", "im Fenster von Stint", "Ablehnen")
	b.submit("answer", "answer", "deny", "why", "").shows(400, "mindestens 5 Zeichen")
	b.submit("answer", "answer", "deny", "why", "nicht heute").shows(200, "Sie wurde abgelehnt.", "Alice Adler bat um Security Reader")
	b.lacks("sobald genehmigt ist")
	if got := c.status(); got != core.Denied {
		t.Errorf("status %s", got)
	}
}

// lends makes Mallory eligible for a while, and lets him ask to go on: before its
// end, or to have it again after it. The request is the court's from then on.
func (c *court) lends(renew bool) core.Request {
	c.t.Helper()
	ctx := c.t.Context()
	before, err := c.alice.Case(ctx, c.id)
	c.ok(err)
	l, err := c.alice.People(ctx, core.PersonFilter{Text: "mallory"}, core.Page{})
	c.ok(err)
	end := before.Request.Created.Add(10 * time.Minute)
	id := c.do(core.Assign{Role: core.StintRole(core.SecurityReader), Principals: []core.PersonID{l.Items[0].ID}, Kind: core.Eligible, End: end, Justification: "for a while"}).Items[0].Assignment
	// To the second, which no form of a browser shows.
	longer := end.Add(30*24*time.Hour + 7*time.Second)
	var ask core.Command = core.RequestExtension{Assignment: id, End: longer, Justification: "the audit goes on"}
	if renew {
		for range 21 { // codes, half a minute each
			c.world.Code(c.people["bob"])
		}
		ask = core.RequestRenewal{Assignment: id, End: longer, Justification: "the audit goes on"}
	}
	a, err := c.world.Gate.SignIn(ctx, core.SignIn{Login: "mallory", Password: core.NewSecret(courtPassword + "mallory"), Code: c.world.Code(c.people["mallory"]), From: "window"})
	c.ok(err)
	res, err := a.Service.Do(ctx, core.Call{Command: ask})
	c.ok(err)
	c.id = res.Items[0].Request
	return c.request()
}

func (c *court) request() core.Request {
	c.t.Helper()
	q, err := c.alice.Case(c.t.Context(), c.id)
	c.ok(err)
	return q.Request.Request
}

// given is the assignment that a request led to.
func (c *court) given() core.Assignment {
	c.t.Helper()
	l, err := c.alice.Assignments(c.t.Context(), core.AssignmentFilter{ID: c.request().Assignment}, core.Page{})
	c.ok(err)
	return l.Items[0].Assignment
}

var selected = regexp.MustCompile(`<option value="(\w+)" selected>`)

// form is what a browser sends when nothing was touched but fields.
func (b *browser) answers(fields ...string) *browser {
	b.t.Helper()
	all := []string{"answer", "approve", "why", "agreed by phone", "as", selected.FindStringSubmatch(b.page)[1]}
	for _, name := range []string{"from", "until"} {
		all = append(all, name, regexp.MustCompile(`name="` + name + `" type="datetime-local" value="([^"]*)"`).FindStringSubmatch(b.page)[1])
	}
	if strings.Contains(b.page, `value="yes" checked`) {
		all = append(all, "permanent", "yes")
	}
	return b.submit("answer", append(all, fields...)...)
}

// An extension is answered as it was asked for, to the second, though the page
// shows no seconds; a code is asked for, since it gives power over Stint.
func TestCasePageExtends(t *testing.T) {
	c := newCourt(t)
	asked := c.lends(false)
	b := c.browser()
	b.signIn("alice").shows(200, "Mallory asks to keep Security Reader", "At present", "eligible, until", `name="as"`, `name="until"`)
	b.answers().shows(401, "Code of your second factor")
	b.answers("code", c.world.Code(c.people["alice"]).Reveal()).shows(200, "It was approved.", "Mallory asked to keep Security Reader", "<dt>Extended until</dt>")
	b.lacks("<dt>Until</dt>")
	if got := c.given(); got.ID != asked.Basis || got.Kind != core.Eligible || !got.End.Equal(asked.End) {
		t.Errorf("it goes on as %+v, want until %v", got, asked.End)
	}
}

// Who answers may choose another end, and the other type from a start of its own.
func TestCasePageExtendsOtherwise(t *testing.T) {
	c := newCourt(t)
	asked := c.lends(false)
	b := c.browser()
	b.header.Set("Accept-Language", "de")
	b.signIn("alice").shows(200, "Mallory möchte Security Reader behalten", "Gilt weiter als")
	code := func() string { return c.world.Code(c.people["alice"]).Reveal() }
	b.answers("until", "31.03.2027", "code", code()).shows(400, "kein Datum mit Uhrzeit", `value="31.03.2027"`)
	b.open(c.id)
	b.answers("until", "2026-11-01T09:00", "code", code()).shows(400, "nach dem")
	b.open(c.id)
	start, end := asked.Created.Add(24*time.Hour).Truncate(time.Minute), asked.Created.Add(48*time.Hour).Truncate(time.Minute)
	local := func(t time.Time) string { return t.Local().Format("2006-01-02T15:04") }
	b.answers("from", local(start), "code", code()).shows(422, "ohne Unterbrechung", `value="`+local(start)+`"`)
	b.open(c.id)
	b.answers("as", "both", "code", code()).shows(400)
	b.open(c.id)
	b.answers("as", "active", "from", local(start), "until", local(end), "code", code()).shows(200, "Sie wurde genehmigt.", "aktiv: immer vorhanden", "Mallory wollte Security Reader behalten", "Verlängert bis")
	if got := c.given(); got.ID == asked.Basis || got.Kind != core.Active || got.State != core.Scheduled || !got.Start.Equal(start) || !got.End.Equal(end) {
		t.Errorf("it goes on as %+v", got)
	}
}

// A renewal has its start, and may be without an end.
func TestCasePageRenews(t *testing.T) {
	c := newCourt(t)
	asked := c.lends(true)
	b := c.browser()
	b.signIn("alice").shows(200, "Mallory asks to have Security Reader again")
	start := asked.Created.Add(time.Hour).Truncate(time.Minute)
	b.answers("from", start.Local().Format("2006-01-02T15:04"), "permanent", "yes", "code", c.world.Code(c.people["alice"]).Reveal()).shows(200, "It was approved.", "Mallory asked to have Security Reader again", "<dt>Renewed until</dt>", "eligible, without an end")
	if got := c.given(); got.ID != asked.Basis || got.Kind != core.Eligible || got.State != core.Scheduled || !got.Start.Equal(start) || !got.Permanent() {
		t.Errorf("it goes on as %+v", got)
	}
}

// Before sign-in nothing is told, and afterwards only to whom it concerns. Nobody
// decides for himself.
func TestCasePageTellsNobodyElse(t *testing.T) {
	c := newCourt(t)
	cut := regexp.MustCompile(`name="token" value="[^"]*"`)
	bare := func(id core.RequestID) string {
		b := c.browser().open(id)
		b.shows(200)
		return strings.ReplaceAll(cut.ReplaceAllString(b.page, ""), string(id), "ID")
	}
	if bare(c.id) != bare("re_nothing") {
		t.Error("the page before sign-in tells whether there is such a request")
	}
	b := c.browser()
	b.signIn("mallory").shows(404, "There is no such request, or none that you may see")
	for _, s := range []string{"Alice", "Security Reader", "look"} {
		if strings.Contains(b.page, s) {
			t.Errorf("the page tells %q", s)
		}
	}
	b.submit("answer", "answer", "approve", "why", "let me do you a favour").shows(404)
	own := c.browser()
	own.signIn("alice").shows(200, "You are not among those")
	own.submit("answer", "answer", "approve", "why", "I agree with myself").shows(403, "Nobody decides on his own request")
	if got := c.status(); got != core.PendingApproval {
		t.Errorf("status %s", got)
	}
}

// Other sites get nowhere with Bob's browser, and neither does a stolen form.
func TestCasePageAgainstOtherSites(t *testing.T) {
	c := newCourt(t)
	b := c.browser()
	b.signIn("bob")
	page := b.page
	try := func(name string, status int, prepare func(), fields ...string) {
		t.Helper()
		b.page = page
		prepare()
		b.submit("answer", append([]string{"answer", "approve", "why", "by another site"}, fields...)...)
		if b.res.StatusCode != status {
			t.Errorf("%s: status %d, want %d", name, b.res.StatusCode, status)
		}
		b.header = http.Header{}
	}
	try("from another site", 403, func() { b.header.Set("Sec-Fetch-Site", "cross-site") })
	try("from a neighbour", 403, func() { b.header.Set("Sec-Fetch-Site", "same-site") })
	try("from another origin", 403, func() {
		b.header["Sec-Fetch-Site"] = nil
		b.header.Set("Origin", "https://mallory.example")
	})
	try("without a token", 403, func() {}, "token", "")
	other := c.browser()
	other.signIn("mallory")
	try("with a token of Mallory's", 403, func() {}, "token", hidden.FindStringSubmatch(c.browser().open(c.id).page)[1])
	if got := c.status(); got != core.PendingApproval {
		t.Errorf("status %s", got)
	}
	// A sign-in that another site begins is none.
	login := c.browser()
	login.open(c.id)
	login.submit("sign-in", "login", "bob", "password", courtPassword+"bob", "code", c.world.Code(c.people["bob"]).Reveal(), "token", "x").shows(403)
	b.open(c.id)
	h := b.res.Header
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff"} {
		if h.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, h.Get(name), want)
		}
	}
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "style-src 'sha256-"} {
		if !strings.Contains(h.Get("Content-Security-Policy"), want) {
			t.Errorf("the policy lacks %q: %s", want, h.Get("Content-Security-Policy"))
		}
	}
	for _, s := range []string{"<script", "javascript:", "unsafe-inline", "http://", "https://"} {
		if strings.Contains(b.page, s) || strings.Contains(h.Get("Content-Security-Policy"), s) {
			t.Errorf("%q is on the page", s)
		}
	}
	u, err := url.Parse(c.server.URL)
	c.ok(err)
	for _, k := range b.client.Jar.Cookies(u) {
		if !strings.HasPrefix(k.Name, "__Host-") {
			t.Errorf("cookie %s", k.Name)
		}
	}
	raw := c.browser()
	raw.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	raw.signIn("bob")
	for _, k := range raw.res.Cookies() {
		if !k.Secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" {
			t.Errorf("cookie %+v", k)
		}
	}
}

// Behind a proxy at which TLS ends, the browser keeps its cookies to https all the
// same: public_url says how people come here.
func TestCasePageBehindAProxy(t *testing.T) {
	c := newCourt(t)
	behind := httptest.NewServer(server.New(server.Options{Gate: c.world.Gate, HTTPS: true}, nil))
	t.Cleanup(behind.Close)
	to, err := url.Parse(behind.URL)
	c.ok(err)
	c.server = httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(to))
	t.Cleanup(c.server.Close)
	b := c.browser()
	b.open(c.id)
	raw := []*http.Cookie{b.res.Cookies()[0]}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.signIn("bob")
	raw = append(raw, b.res.Cookies()...)
	if len(raw) != 3 { // of the form, of the session, and the form's taken back
		t.Errorf("%d cookies, want 3", len(raw))
	}
	for _, k := range raw {
		if !k.Secure || !strings.HasPrefix(k.Name, "__Host-") {
			t.Errorf("cookie %+v", k)
		}
	}
	b.open(c.id).shows(200, "Alice Adler asks for Security Reader")
	b.submit("answer", "answer", "approve", "why", "agreed by phone")
	if got := c.status(); got != core.Provisioned {
		t.Errorf("status %s", got)
	}
	// Without either there is no https to keep to: a program of this machine.
	plain := httptest.NewServer(server.New(server.Options{Gate: c.world.Gate}, nil))
	t.Cleanup(plain.Close)
	c.server = plain
	if k := c.browser().open(c.id).res.Cookies()[0]; k.Secure || strings.HasPrefix(k.Name, "__Host-") {
		t.Errorf("cookie over http: %+v", k)
	}
}

// Guessing is held back as everywhere, with the same words for each failure.
func TestCasePageSignIn(t *testing.T) {
	c := newCourt(t)
	b := c.browser()
	b.open(c.id).submit("sign-in", "login", "bob", "password", "wrong", "code", "000000").shows(401, "Login, password or code is not right")
	b.open(c.id).submit("sign-in", "login", "nobody", "password", "wrong", "code", "000000").shows(401, "Login, password or code is not right")
	b.open(c.id).submit("sign-in", "login", "bob", "password", courtPassword+"bob", "code", "000000").shows(401)
	res := c.do(core.AddPerson{FullName: "Nia New", Login: "nia"})
	b.open(c.id).submit("sign-in", "login", "nia", "password", res.Secret, "code", "000000").shows(403, "Choose a password of your own first")
	l, err := c.alice.People(context.Background(), core.PersonFilter{Text: "nia"}, core.Page{})
	c.ok(err)
	if l.Items[0].Sessions != 0 {
		t.Errorf("%d sessions are left behind", l.Items[0].Sessions)
	}
	held := false
	for range 60 {
		b.open(c.id).submit("sign-in", "login", "bob", "password", "guess", "code", "")
		held = held || strings.Contains(b.page, "Many wrong passwords were tried")
	}
	if !held {
		t.Error("sixty wrong passwords were not held back")
	}
}
