package server

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/resources"
)

// webPage is what the template shows.
type webPage struct {
	Language, Title, Path, Token string
	Style                        template.CSS
	T                            map[string]string
	Problem                      string
	SignIn                       bool
	Login                        string
	Person                       string
	Case                         *webCase
}

type webCase struct {
	State, Tone        string
	Rows               []webRow
	Fails, Seat        string
	May                bool
	WhyNeeded, AskCode bool
	Why, For, Lasts    string
	Term               *webTerm // of an extension or renewal
}

// webTerm are the fields in which other terms than were asked for may be chosen.
type webTerm struct {
	As          string // the type, as in core.AssignmentKind
	From, Until string // as a browser writes them, in the server's zone
	Permanent   bool
	Zone        string // says which that is
}

type webRow struct{ Label, Value string }

// webTexts are the sentences of both languages: the page's own, and in German
// those of refusals.
var webTexts = sync.OnceValue(func() map[string]map[string]string {
	return map[string]map[string]string{"en": resources.Texts("en"), "de": resources.Texts("de")}
})

var webTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("case").Parse(resources.CasePage()))
})

// webPolicy lets the page have its own style and its own forms, and nothing else.
var webPolicy = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(resources.PageStyle()))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
})

func (s *server) newPage(r *http.Request) *webPage {
	p := &webPage{Language: languageOf(r), Path: api.PathCasePages + "/" + r.PathValue("id"), Style: template.CSS(resources.PageStyle()), T: map[string]string{}}
	for k, v := range webTexts()[p.Language] {
		if name, ok := strings.CutPrefix(k, "web."); ok {
			p.T[name] = v
		}
	}
	return p
}

// languageOf is the first language of the browser's that Stint speaks.
func languageOf(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
		if tag == "en" || tag == "de" {
			return tag
		}
	}
	return "en"
}

// place says where somebody asked: in the window, on the command line, or at an
// address.
func (p *webPage) place(from string) string {
	switch from {
	case api.FromWindow:
		return p.say("from.window")
	case api.FromCommandLine:
		return p.say("from.command")
	}
	return from
}

func (p *webPage) say(key string, args ...string) string {
	m := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return core.Fill(p.T[key], m)
}

// problem says an error in the page's language.
func (p *webPage) problem(err error) string {
	var e *core.Error
	if !errors.As(err, &e) {
		e = core.Errorf(core.Internal, "", "api.internal")
	}
	if text, ok := webTexts()[p.Language][string(e.Key)]; ok {
		return core.Fill(text, e.Args)
	}
	return e.Message
}

func (s *server) write(w http.ResponseWriter, r *http.Request, p *webPage, status int) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", webPolicy())
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	if err := webTemplate().Execute(w, p); err != nil {
		requestOf(r.Context()).err = err // the connection is gone
	}
}

// termOf is what an extension or renewal asks for.
func termOf(c core.Case) webTerm {
	local := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Local().Format(webMoment)
	}
	q := c.Request
	return webTerm{As: string(c.Present.Kind), From: local(q.Start), Until: local(q.End), Permanent: q.End.IsZero()}
}

// caseOf fills in what is known of a request.
func (p *webPage) caseOf(c core.Case) *webCase {
	q := c.Request
	out := &webCase{May: c.May, WhyNeeded: q.Approval != nil && q.Approval.Why, Tone: "good"}
	add := func(key, value string) {
		if value == "" {
			value = p.say("none")
		}
		out.Rows = append(out.Rows, webRow{p.say(key), value})
	}
	add("role", q.RoleName)
	add("system", q.SystemName)
	add("scope", q.Scope)
	start := p.at(q.Start)
	if q.Start.IsZero() {
		start = p.say("as_soon")
	}
	if q.Duration > 0 {
		add("lasts", core.Span(q.Duration.Std()))
		out.For, out.Lasts = q.Duration.Plain(), p.say("lasts_hint", "time", core.Span(q.Duration.Std()))
	}
	if q.Action.OfAssignment() {
		other := q.Approval != nil && q.Approval.Kind != ""
		if !other || c.Present.State.Live() { // what goes on as the other type is removed, and another assignment
			add("now", p.nowOf(c.Present))
		}
		if other {
			add("as", p.say("as."+string(q.Approval.Kind)))
		}
		t := termOf(c)
		t.Zone = p.say("zone", "zone", time.Now().Format("UTC-07:00"))
		out.Term = &t
	}
	// An extension goes on as it is, and what was not approved began never.
	if !q.Start.IsZero() || q.Action != core.SelfExtend && q.Status == core.PendingApproval {
		add("from", start)
	}
	if q.Duration == 0 {
		add(endsKey(q.Request), p.until(q.End))
	}
	add("why_asked", q.Justification)
	add("ticket", strings.TrimSpace(q.Ticket.System+" "+q.Ticket.Number))
	add("asked", p.at(q.Created))
	add("from_where", p.place(q.From))
	if q.Approval != nil {
		var stages, votes []string
		for i, st := range c.Stages {
			stages = append(stages, p.say("stage", "stage", strconv.Itoa(i+1), "agreed", strconv.Itoa(st.Agreed), "quorum", strconv.Itoa(st.Quorum)))
		}
		for _, v := range q.Approval.Votes {
			key := "vote.no"
			if v.Approve {
				key = "vote.yes"
			}
			votes = append(votes, p.say(key, "who", v.ByName, "why", v.Why))
		}
		add("stages", strings.Join(stages, "\n"))
		if len(votes) > 0 {
			add("votes", strings.Join(votes, "\n"))
		}
		if q.Status == core.PendingApproval {
			add("until_limit", p.at(q.Approval.Limit))
		}
	}
	switch q.Status {
	case core.PendingApproval:
		if !c.May {
			out.State, out.Tone = p.say("may_not"), ""
			if q.Approval != nil && len(q.Approval.Votes) > 0 {
				out.State, out.Tone = p.say("state.waiting"), "good"
			}
		}
	case core.Denied:
		out.State, out.Tone = p.say("state.denied"), "bad"
	case core.CanceledRequest:
		out.State, out.Tone = p.say("state.canceled"), ""
	case core.TimedOut:
		out.State, out.Tone = p.say("state.timed_out"), ""
	case core.Failed:
		out.State, out.Tone = p.say("state.failed"), "bad"
	default:
		out.State = p.say("state.approved")
	}
	if c.Seat != "" {
		out.Seat = p.say("seat", "person", c.Seat)
	}
	if c.Fails != nil && q.Status == core.PendingApproval {
		out.Fails = p.problem(c.Fails)
	}
	return out
}

// endsKey is the label of the end that was asked for, or decided.
func endsKey(q core.Request) string {
	if !q.Action.OfAssignment() {
		return "ends"
	}
	switch q.Status {
	case core.PendingApproval:
		return "ends"
	case core.Denied, core.CanceledRequest, core.TimedOut, core.Failed:
		return "ends.asked"
	}
	return "ends." + string(q.Action)
}

// nowOf says what has become of the assignment that shall go on.
func (p *webPage) nowOf(a core.Assignment) string {
	switch a.State {
	case core.Expired, core.Removed:
		return p.say("now."+string(a.State), "time", p.at(a.Ended))
	}
	return p.say("now."+string(a.Kind), "until", p.nowUntil(a.End))
}

// nowUntil says until when something is or was.
func (p *webPage) nowUntil(t time.Time) string {
	if t.IsZero() {
		return p.say("permanent")
	}
	return p.say("until", "time", p.at(t))
}

// until writes an end.
func (p *webPage) until(t time.Time) string {
	if t.IsZero() {
		return p.say("permanent")
	}
	return p.at(t)
}

// at writes a time with its zone: the reader may be elsewhere.
func (p *webPage) at(t time.Time) string {
	layout := "2 Jan 2006 15:04 (UTC-07:00)"
	if p.Language == "de" {
		layout = "02.01.2006 15:04 (UTC-07:00)"
	}
	return t.Local().Format(layout)
}
