package server

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// The page to which the mail to approvers leads: who asks for what, and two
// buttons. It works in any browser, without scripts, and decides nothing: it
// gives the same command as a window does.
//
// Against other sites: the cookie is not sent with their forms (SameSite), every
// request passes CrossOriginProtection (request.go), and each form carries a
// token that follows from the cookie, which they can't read. Nothing may frame
// the page. Before sign-in it says the same for every request there may be.

// secure reports whether a browser reaches the server by https: what it keeps
// must never travel without.
func (s *server) secure(r *http.Request) bool { return s.HTTPS || r.TLS != nil }

// webCookie is the name of the session's cookie. Over TLS its prefix makes
// browsers hold it to this very host and to encryption (RFC 6265bis).
func (s *server) webCookie(r *http.Request, name string) string {
	if s.secure(r) {
		return "__Host-stint-" + name
	}
	return "stint-" + name // on loopback alone, see listen.go
}

func (s *server) setCookie(w http.ResponseWriter, r *http.Request, name, value string) {
	age := 0 // until the browser is closed
	if value == "" {
		age = -1
	}
	// Lax and not Strict: a link in a mail must find the session again.
	http.SetCookie(w, &http.Cookie{Name: s.webCookie(r, name), Value: value, Path: "/", MaxAge: age, Secure: s.secure(r), HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (s *server) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.webCookie(r, name))
	if err != nil || len(c.Value) > 500 {
		return ""
	}
	return c.Value
}

// formToken is what the forms of a page carry. Whoever knows it learns nothing
// of the secret that it follows from.
func formToken(secret string) string {
	sum := sha256.Sum256([]byte("stint form\x00" + secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s *server) caseRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET "+api.PathCasePages+"/{id}", s.showCase)
	mux.HandleFunc("POST "+api.PathCasePages+"/{id}/sign-in", s.form("form", s.signInToCase))
	mux.HandleFunc("POST "+api.PathCasePages+"/{id}/answer", s.form("session", s.answerCase))
	mux.HandleFunc("POST "+api.PathCasePages+"/{id}/sign-out", s.form("session", s.signOutOfCase))
}

// form lets a form through that carries the token of the cookie named.
func (s *server) form(name string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		secret := s.cookie(r, name)
		if err := r.ParseForm(); err != nil || secret == "" || subtle.ConstantTimeCompare([]byte(r.PostForm.Get("token")), []byte(formToken(secret))) != 1 {
			p := s.newPage(r)
			s.signInPage(w, r, p, http.StatusForbidden, p.say("gone"))
			return
		}
		next(w, r)
	}
}

// signInPage is the same for whatever the address names.
func (s *server) signInPage(w http.ResponseWriter, r *http.Request, p *webPage, status int, problem string) {
	secret := s.cookie(r, "form")
	if secret == "" {
		secret = rand.Text()
		s.setCookie(w, r, "form", secret)
	}
	p.SignIn, p.Title, p.Token, p.Problem = true, p.say("sign_in.title"), formToken(secret), problem
	p.Login = core.Clip(r.PostForm.Get("login"), 120)
	s.write(w, r, p, status)
}

func (s *server) signInToCase(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(r)
	a, err := s.Gate.SignIn(r.Context(), core.SignIn{
		Login: r.PostForm.Get("login"), Password: core.NewSecret(r.PostForm.Get("password")), Code: core.NewSecret(strings.TrimSpace(r.PostForm.Get("code"))),
		From: requestOf(r.Context()).from,
	})
	if err == nil && (a.MustEnrol || a.MustChangePassword) {
		// Such a session may do nothing here, so that none is left behind.
		err = core.Errorf(core.Forbidden, "", "factor.first")
		if a.MustChangePassword {
			err = core.Errorf(core.Forbidden, "", "password.first")
		}
		if out := a.Service.SignOut(r.Context()); out != nil {
			requestOf(r.Context()).err = out
		}
	}
	if err != nil {
		s.signInPage(w, r, p, api.ProblemOf(err).Status, p.problem(err))
		return
	}
	s.setCookie(w, r, "session", a.Token.Reveal())
	s.setCookie(w, r, "form", "")
	http.Redirect(w, r, p.Path, http.StatusSeeOther)
}

// caseService resumes the session of a browser; false: the sign-in was shown.
func (s *server) caseService(w http.ResponseWriter, r *http.Request, p *webPage) (core.Service, bool) {
	token := s.cookie(r, "session")
	if token == "" {
		s.signInPage(w, r, p, http.StatusOK, "")
		return nil, false
	}
	svc, err := s.Gate.Resume(r.Context(), core.NewSecret(token))
	var me core.Me
	if err == nil {
		me, err = svc.Me(r.Context())
	}
	if err != nil {
		s.setCookie(w, r, "session", "")
		s.signInPage(w, r, p, http.StatusOK, p.problem(err))
		return nil, false
	}
	p.Token, p.Person = formToken(token), p.say("signed_in", "person", me.Person.Name)
	return svc, true
}

func (s *server) showCase(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(r)
	if svc, ok := s.caseService(w, r, p); ok {
		s.casePage(w, r, p, svc, http.StatusOK, nil)
	}
}

func (s *server) signOutOfCase(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(r)
	svc, ok := s.caseService(w, r, p)
	if !ok {
		return
	}
	if err := svc.SignOut(r.Context()); err != nil {
		s.casePage(w, r, p, svc, api.ProblemOf(err).Status, err)
		return
	}
	s.setCookie(w, r, "session", "")
	http.Redirect(w, r, p.Path, http.StatusSeeOther)
}

func (s *server) answerCase(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(r)
	svc, ok := s.caseService(w, r, p)
	if !ok {
		return
	}
	d := core.DecideRequests{Requests: []core.RequestID{core.RequestID(r.PathValue("id"))}, Justification: r.PostForm.Get("why")}
	var err error
	switch r.PostForm.Get("answer") {
	case "approve":
		d.Approve = true
		if text := strings.TrimSpace(r.PostForm.Get("for")); text != "" {
			d.Duration, err = core.ParseDuration(text)
		}
		if err == nil && r.PostForm.Get("as") != "" {
			d, err = s.chosenTerm(r, svc, d)
		}
	case "deny":
	default:
		err = core.Errorf(core.Invalid, "answer", "api.malformed")
	}
	if err == nil {
		var res core.Result
		res, err = svc.Do(r.Context(), core.Call{Command: d, Code: core.NewSecret(strings.TrimSpace(r.PostForm.Get("code")))})
		if err == nil && len(res.Items) > 0 && res.Items[0].Err != nil {
			err = res.Items[0].Err
		}
	}
	if err != nil {
		s.casePage(w, r, p, svc, api.ProblemOf(err).Status, err)
		return
	}
	http.Redirect(w, r, p.Path, http.StatusSeeOther) // so that going back and loading again answers nothing twice
}

// webMoment is how a browser writes a moment of the calendar (HTML, datetime-local).
const webMoment = "2006-01-02T15:04"

// chosenTerm reads the type and dates of a form. What was not touched stays as it
// was asked for, to the second.
func (s *server) chosenTerm(r *http.Request, svc core.Service, d core.DecideRequests) (core.DecideRequests, error) {
	c, err := svc.Case(r.Context(), d.Requests[0])
	if err != nil {
		return d, err
	}
	asked := termOf(c)
	if as := r.PostForm.Get("as"); as != asked.As {
		d.Kind = core.AssignmentKind(as)
	}
	moment := func(field, was string) (time.Time, error) {
		text := strings.TrimSpace(r.PostForm.Get(field))
		if text == "" || text == was {
			return time.Time{}, nil
		}
		t, err := time.ParseInLocation(webMoment, text, time.Local)
		if err != nil {
			return t, core.Errorf(core.Invalid, field, "api.moment", "value", core.Clip(text, 40))
		}
		return t, nil
	}
	if d.Start, err = moment("from", asked.From); err != nil {
		return d, err
	}
	if r.PostForm.Get("permanent") != "" {
		d.Permanent = !asked.Permanent
		return d, nil
	}
	if d.End, err = moment("until", asked.Until); err == nil && d.End.IsZero() && asked.Permanent {
		err = core.Errorf(core.Invalid, "until", "end.or_permanent")
	}
	return d, err
}

// casePage shows a request to somebody signed in, with what went wrong before.
func (s *server) casePage(w http.ResponseWriter, r *http.Request, p *webPage, svc core.Service, status int, problem error) {
	c, err := svc.Case(r.Context(), core.RequestID(r.PathValue("id")))
	if err != nil {
		p.Title, p.Problem = p.say("unknown"), p.problem(err)
		s.write(w, r, p, api.ProblemOf(err).Status)
		return
	}
	if problem != nil {
		p.Problem = p.problem(problem)
	}
	title := "title"
	if c.Request.Status != core.PendingApproval {
		title = "title.asked"
	}
	if c.Request.Action.OfAssignment() {
		title += "." + string(c.Request.Action)
	}
	p.Title = p.say(title, "who", c.Request.PrincipalName, "role", c.Request.RoleName)
	p.Case = p.caseOf(c)
	p.Case.Why, p.Case.AskCode = r.PostForm.Get("why"), core.CodeOf(problem) == core.ProofRequired
	if f := r.PostForm.Get("for"); f != "" {
		p.Case.For = f
	}
	if t := p.Case.Term; t != nil && r.PostForm.Has("as") {
		t.As, t.From, t.Until, t.Permanent = r.PostForm.Get("as"), r.PostForm.Get("from"), r.PostForm.Get("until"), r.PostForm.Get("permanent") != ""
	}
	s.write(w, r, p, status)
}
