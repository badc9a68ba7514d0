// Package server offers a core.Gate, and behind it a core.Service for each
// session, over HTTP: on a Unix socket that only this user can open, on
// loopback with a token where there are no such sockets, and over TLS.
//
// It decides nothing and keeps no state but open connections. Whoever calls is
// known by the session that the gate resumes for each request, never by what
// the request says of itself. It logs one line for a request, with neither
// query nor body nor headers, because codes and passwords travel there.
//
// Read New for the routes, gate.go, command.go, read.go for what they do, case.go
// for the one page for browsers, and serve.go for limits and the way down.
package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// Options of a server.
type Options struct {
	Gate core.Gate
	// Log gets one line for each request; nil: none.
	Log *slog.Logger
	// HTTPS says that browsers reach this server by https though it doesn't see
	// that itself: TLS ends before it, at a proxy.
	HTTPS bool
	// Heartbeat is how often a quiet stream shows that it lives; 0: api.Heartbeat.
	Heartbeat time.Duration
	// Grace is how long requests may still run after the end was asked for; 0: 5 s.
	Grace time.Duration
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = api.Heartbeat
	}
	if o.Grace == 0 {
		o.Grace = 5 * time.Second
	}
	return o
}

// server holds what handlers need. It is made once and then only read.
type server struct {
	Options
	api      huma.API
	stopping <-chan struct{} // closed when streams must end
}

// New returns the handler of the whole API. Streams end when stopping is
// closed. The peers of a plain handler count as remote; Serve knows better.
func New(o Options, stopping <-chan struct{}) http.Handler {
	s := &server{Options: o.withDefaults(), stopping: stopping}
	mux := http.NewServeMux()
	s.routes(mux)
	// Written for whoever asks first: a start has what is overdue to end, and most
	// servers are never asked.
	document := sync.OnceValue(func() []byte {
		text, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
		if err != nil {
			panic("server: the API's document can't be written: " + err.Error()) // a type that has no schema: our own mistake
		}
		return append(text, '\n')
	})
	mux.HandleFunc("GET "+api.PathDocument, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(document())
	})
	s.caseRoutes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, core.Errorf(core.NotFound, "", "api.not_found"))
	})
	return s.around(mux)
}

// routes makes the API on mux.
func (s *server) routes(mux *http.ServeMux) {
	replaceErrors()
	config := huma.DefaultConfig("Stint", api.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // no $schema in answers
	config.RejectUnknownQueryParameters = true
	config.Info.Description = "Just-in-time privileged access. Every error is a Problem (RFC 9457) with one of eleven codes. " +
		"Durations are written like PT1H30M and read like that or like 1h30m. Lists are read page by page: pass next as after."
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "http", Scheme: "bearer", Description: "The token that " + api.PathSessions + " returned."},
	}
	s.api = humago.New(mux, config)
	s.api.UseMiddleware(s.resume)
	s.gateRoutes()
	s.commandRoutes()
	s.readRoutes()
	s.ownRoutes()
	s.auditRoutes()
	s.backupRoute()
	s.watchRoute()
}

// operation is a route for people who are signed in.
func operation(method, path, id, tag, summary string) huma.Operation {
	return huma.Operation{
		Method: method, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary,
		MaxBodyBytes: api.MaxBody, Security: []map[string][]string{{"session": {}}},
	}
}

// open is a route for anyone.
func open(op huma.Operation) huma.Operation {
	op.Security = nil
	return op
}

// body wraps an answer.
type body[T any] struct {
	Body T
}

// answer registers a route whose answer is what f returns.
func answer[I, O any](s *server, op huma.Operation, f func(context.Context, *I) (O, error)) {
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*body[O], error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, err
		}
		return &body[O]{out}, nil
	})
}

// perform registers a route whose success has nothing to say.
func perform[I any](s *server, op huma.Operation, f func(context.Context, *I) error) {
	op.DefaultStatus = http.StatusNoContent
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*struct{}, error) {
		return nil, f(ctx, in)
	})
}
