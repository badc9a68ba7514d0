package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

type exportInput struct {
	Format string `query:"format" enum:"csv,jsonl" default:"csv"`
	api.EntryQuery
}

type verifyInput struct {
	Accept string `header:"Accept" maxLength:"200"`
	Head   string `query:"head" pattern:"^[0-9a-fA-F]{64}$" doc:"Hash of an entry that was noted elsewhere and must still be there."`
}

// auditRoutes carry the long works on the audit log.
func (s *server) auditRoutes() {
	op := operation(http.MethodGet, api.PathExport, "export-audit", "audit", "Stream the audit log as a file")
	op.Description = "The header " + api.HeaderTotal + " says how many entries come. If the export fails on its way the connection breaks off; " +
		"a client that sends TE: trailers finds the reason in the trailer " + api.TrailerProblem + " instead."
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The file; stint audit verify checks it.",
		Content:     map[string]*huma.MediaType{"text/csv": {}, "application/jsonl": {}},
	}}
	stream(s, op, s.export)

	op = operation(http.MethodPost, api.PathVerify, "verify-audit", "audit", "Check the whole chain of the audit log")
	op.Description = "Asked with Accept: text/event-stream, it tells its progress: events progress {done, total}, then result or problem."
	schema := s.api.OpenAPI().Components.Schemas.Schema(typeOf[core.Verification](), true, "Verification")
	op.Responses = map[string]*huma.Response{"200": {
		Description: "What was found.",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}, "text/event-stream": {Schema: schema}},
	}}
	stream(s, op, verify)
}

func (s *server) export(ctx context.Context, in *exportInput, w *streamWriter) {
	format := core.ExportFormat(in.Format)
	kind := "text/csv; charset=utf-8"
	if format == core.ExportJSONL {
		kind = "application/jsonl"
	}
	tell := func(_, total int64) {
		if !w.begun && total > 0 {
			w.Header().Set(api.HeaderTotal, strconv.FormatInt(total, 10))
		}
	}
	w.download(kind, "stint-audit."+string(format), func(to io.Writer) error {
		return service(ctx).ExportAudit(ctx, in.Filter(), format, to, tell)
	})
}

// download streams a file. Its headers leave with the first byte; until then
// an error can still be an ordinary answer.
func (w *streamWriter) download(kind, name string, f func(io.Writer) error) {
	h := w.Header()
	begin := func() {
		h.Set("Content-Type", kind)
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
		h.Set("Trailer", api.TrailerProblem)
	}
	err := f(&lazy{w, begin})
	if err == nil {
		if !w.begun {
			begin()
		}
		return
	}
	if !w.begun {
		h.Del("Content-Disposition")
		h.Del(api.HeaderTotal)
		w.fail(err)
		return
	}
	w.fail(err)
	if !strings.Contains(w.r.Header.Get("TE"), "trailers") {
		panic(http.ErrAbortHandler)
	}
	p := api.ProblemOf(err)
	text, _ := json.Marshal(p) // strings only
	h.Set(api.TrailerProblem, strconv.QuoteToASCII(string(text)))
}

// lazy calls begin before the first byte.
type lazy struct {
	w     *streamWriter
	begin func()
}

func (l *lazy) Write(b []byte) (int, error) {
	if !l.w.begun {
		l.begin()
	}
	return l.w.Write(b)
}

// progress is the data of an event.
type progress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

func verify(ctx context.Context, in *verifyInput, w *streamWriter) {
	events := strings.Contains(in.Accept, "text/event-stream")
	var tell core.Progress
	if events {
		tell = func(done, total int64) {
			if !w.begun {
				w.Header().Set("Content-Type", "text/event-stream")
			}
			_ = w.event("progress", 0, progress{done, total}) // a reader who is gone ends ctx
		}
	}
	var kept core.Hash
	var err error
	if in.Head != "" {
		err = kept.UnmarshalText([]byte(in.Head))
	}
	var v core.Verification
	if err == nil {
		v, err = service(ctx).VerifyAudit(ctx, kept, tell)
	}
	switch {
	case err != nil && w.begun:
		w.fail(err)
		_ = w.event("problem", 0, api.ProblemOf(err))
	case err != nil:
		w.fail(err)
	case events:
		if !w.begun {
			w.Header().Set("Content-Type", "text/event-stream")
		}
		_ = w.event("result", 0, v)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
