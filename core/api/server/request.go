package server

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

type contextKey int

const (
	requestKey contextKey = iota // *request
	serviceKey                   // core.Service
	peerKey                      // peer
)

// peer says how somebody is connected; made by the listener, never by headers.
type peer struct {
	local bool        // through a Unix socket of this user, or loopback with its token
	plain bool        // on loopback without TLS: only this machine's own names lead here
	token core.Secret // that a loopback peer must show; empty: none
}

// request is what is known of one request beside HTTP.
type request struct {
	id   string
	from string // core.Session.From
	log  *slog.Logger
	peer peer
	err  error // what went wrong, for the log; handler goroutine only
}

func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey).(*request); ok {
		return r
	}
	return &request{log: slog.New(slog.DiscardHandler), from: "unknown"}
}

// service returns what the resumed session may do. Routes without a session
// don't ask.
func service(ctx context.Context) core.Service {
	s, ok := ctx.Value(serviceKey).(core.Service)
	if !ok {
		panic("server: a route without a session asks for its service")
	}
	return s
}

// around is what happens to every request, whatever its path.
func (s *server) around(next http.Handler) http.Handler {
	// Browsers tell where a request comes from; programs don't, and pass.
	sites := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		p, _ := r.Context().Value(peerKey).(peer)
		req := &request{id: strings.ToLower(rand.Text()[:12]), peer: p}
		req.from = from(r, p)
		req.log = s.Log.With("request", req.id)
		r = r.WithContext(context.WithValue(r.Context(), requestKey, req))
		rec := &recorder{ResponseWriter: w}
		h := w.Header()
		h.Set(api.HeaderRequest, req.id)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					s.logRequest(r, req, rec, began, slog.LevelWarn)
					panic(v)
				}
				req.log.Error("panic", "value", v, "stack", string(debug.Stack()))
				if rec.status != 0 {
					panic(http.ErrAbortHandler)
				}
				writeProblem(rec, r, core.Errorf(core.Internal, "", "api.internal"))
			}
			s.logRequest(r, req, rec, began, slog.LevelInfo)
		}()
		switch err := sites.Check(r); {
		case err != nil:
			writeProblem(rec, r, core.Errorf(core.Forbidden, "", "api.cross_origin"))
		case p.plain && !loopback(hostname(r.Host)):
			// A page whose name was made to mean this machine (DNS rebinding) is
			// of the same origin as we are, as far as its browser can tell.
			writeProblem(rec, r, core.Errorf(core.Forbidden, "", "api.cross_origin"))
		case !p.token.Empty() && subtle.ConstantTimeCompare([]byte(r.Header.Get(api.HeaderLocal)), []byte(p.token.Reveal())) != 1:
			writeProblem(rec, r, core.Errorf(core.Forbidden, "", "api.local_token"))
		case r.ContentLength > api.MaxBody:
			writeProblem(rec, r, core.Errorf(core.Invalid, "", "api.too_large"))
		default:
			r.Body = http.MaxBytesReader(rec, r.Body, api.MaxBody)
			next.ServeHTTP(rec, r)
		}
	})
}

// logRequest writes the one line. The pattern stands for the path, because
// what people put into a path by mistake may be secret.
func (s *server) logRequest(r *http.Request, req *request, rec *recorder, began time.Time, level slog.Level) {
	pattern := r.Pattern
	if pattern == "" || pattern == "/" {
		pattern = "unknown"
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("route", pattern), slog.Int("status", rec.status),
		slog.Duration("took", time.Since(began)), slog.String("from", req.from),
	}
	if req.err != nil {
		code := core.CodeOf(req.err)
		attrs = append(attrs, slog.String("code", string(code)))
		// Only what nobody expects is worth its text; a refusal's stands in
		// the audit log, and what was refused may hold what was typed.
		if code == core.Internal || code == core.Unavailable {
			attrs = append(attrs, slog.String("error", req.err.Error()))
			level = slog.LevelWarn
		}
	}
	req.log.LogAttrs(context.WithoutCancel(r.Context()), level, "request", attrs...)
}

// from says where a request comes from, as sessions and the audit log show it.
// A peer on this machine may name its program, but only one of two.
func from(r *http.Request, p peer) string {
	if p.local {
		switch f := r.Header.Get(api.HeaderFrom); f {
		case api.FromWindow, api.FromCommandLine:
			return f
		}
		return api.FromSocket
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return "unknown"
}

// hostname is the name in a Host header, without port and brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// resume finds the session of a request to a route that needs one.
func (s *server) resume(ctx huma.Context, next func(huma.Context)) {
	if len(ctx.Operation().Security) == 0 {
		next(ctx)
		return
	}
	token, ok := strings.CutPrefix(ctx.Header("Authorization"), "Bearer ")
	if !ok || token == "" || len(token) > 500 {
		_ = huma.WriteErr(s.api, ctx, 0, "", core.Errorf(core.Unauthenticated, "", "api.no_session"))
		return
	}
	svc, err := s.Gate.Resume(ctx.Context(), core.NewSecret(token))
	if err != nil {
		_ = huma.WriteErr(s.api, ctx, 0, "", err)
		return
	}
	next(huma.WithValue(ctx, serviceKey, svc))
}

// replaced guards huma's error maker.
var replaced sync.Once

// replaceErrors makes huma write our problems: its own errors repeat what was
// submitted, so that a misspelt request would return its password. It also
// makes the names of fields exact, so that none is taken for another. huma
// offers no other place for this than variables of its package; they are set
// once in a process, always to the same.
func replaceErrors() {
	replaced.Do(func() {
		huma.ValidateStrictCasing = true
		huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
			return problemFor(status, errs)
		}
		huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
			p := problemFor(status, errs)
			if ctx != nil {
				req := requestOf(ctx.Context())
				p.Request, req.err = req.id, p.Err()
				if len(errs) > 0 && (p.Code == core.Internal || p.Code == core.Unavailable) {
					req.err = errs[0] // with its cause, for the log
				}
			}
			return p
		}
	})
}

// problemFor turns what a handler returned, or what huma found wrong with a
// request, into a problem. Of the latter only the place is kept.
func problemFor(status int, errs []error) *api.Problem {
	var e *core.Error
	for _, err := range errs {
		if errors.As(err, &e) {
			return api.ProblemOf(e)
		}
	}
	for _, err := range errs {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return api.ProblemOf(core.Wrap(core.Canceled, "api.canceled", err))
		}
	}
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return api.ProblemOf(core.Errorf(core.Invalid, "", "api.too_large"))
	case status == http.StatusUnsupportedMediaType:
		return api.ProblemOf(core.Errorf(core.Invalid, "", "api.media_type"))
	case status == http.StatusRequestTimeout:
		return api.ProblemOf(core.Errorf(core.Canceled, "", "api.canceled"))
	case status >= 500:
		for _, err := range errs {
			var tooLarge *http.MaxBytesError
			if errors.As(err, &tooLarge) {
				return api.ProblemOf(core.Errorf(core.Invalid, "", "api.too_large"))
			}
		}
		return api.ProblemOf(core.Errorf(core.Internal, "", "api.internal"))
	}
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			if field := place(d.ErrorDetail()); field != "" {
				return api.ProblemOf(core.Errorf(core.Invalid, field, "api.field", "field", field))
			}
		}
	}
	return api.ProblemOf(core.Errorf(core.Invalid, "", "api.malformed"))
}

// place returns the name of the field at fault, like "items[0].scope". Where a
// property is unknown its name is the submitter's, so that only the place
// around it is told.
func place(d *huma.ErrorDetail) string {
	where := d.Location
	for _, root := range []string{"body.", "query.", "header.", "path."} {
		where = strings.TrimPrefix(where, root)
	}
	var missing string
	if d.Message == validation.MsgUnexpectedProperty || d.Message == "unknown query parameter" {
		i := strings.LastIndexByte(where, '.')
		where = where[:max(i, 0)]
	} else if _, err := fmt.Sscanf(d.Message, validation.MsgExpectedRequiredProperty, &missing); err == nil {
		where = strings.TrimPrefix(where+"."+missing, "body.") // its name is ours
	}
	if where == "body" || len(where) > 100 {
		return ""
	}
	return where
}

// writeProblem answers with a problem where huma has no part in it.
func writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := api.ProblemOf(err)
	req := requestOf(r.Context())
	p.Request, req.err = req.id, err
	w.Header().Set("Content-Type", api.ProblemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// recorder remembers the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach deadlines and flushing.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
