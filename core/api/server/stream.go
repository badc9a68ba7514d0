package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/stint-pim/stint/core"
)

// writeWithin is how long one piece of a stream may take to leave. A reader
// that stands still longer has gone away.
const writeWithin = 30 * time.Second

// stream registers a route whose answer is written by f piece by piece.
func stream[I any](s *server, op huma.Operation, f func(ctx context.Context, in *I, w *streamWriter)) {
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			r, w := humago.Unwrap(hc)
			// The reader may also go away.
			ctx, cancel := s.untilStop(ctx)
			defer cancel()
			rc := http.NewResponseController(w)
			// The deadline of the request as a whole would cut the stream.
			_ = rc.SetReadDeadline(time.Time{})
			f(ctx, in, &streamWriter{ResponseWriter: w, r: r, rc: rc})
		}}, nil
	})
}

// untilStop returns a context that ends when the server stops, too.
func (s *server) untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if s.stopping == nil {
		return ctx, cancel
	}
	go func() {
		select {
		case <-s.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// streamWriter writes pieces, each with a deadline of its own.
type streamWriter struct {
	http.ResponseWriter
	r     *http.Request
	rc    *http.ResponseController
	begun bool
}

func (w *streamWriter) Write(b []byte) (int, error) {
	w.begun = true
	_ = w.rc.SetWriteDeadline(time.Now().Add(writeWithin))
	return w.ResponseWriter.Write(b)
}

// event writes one server-sent event (WHATWG HTML, 9.2) and sends it at once.
func (w *streamWriter) event(name string, id int64, data any) error {
	b := make([]byte, 0, 512)
	if id > 0 {
		b = append(b, "id: "...)
		b = append(strconv.AppendInt(b, id, 10), '\n')
	}
	b = append(append(append(b, "event: "...), name...), "\ndata: "...)
	text, err := json.Marshal(data) // never holds a line feed
	if err != nil {
		return err
	}
	b = append(append(b, text...), '\n', '\n')
	return w.send(b)
}

// beat writes a comment, so that both sides notice a dead connection.
func (w *streamWriter) beat() error { return w.send([]byte(": alive\n\n")) }

func (w *streamWriter) send(b []byte) error {
	if _, err := w.Write(b); err != nil {
		return err
	}
	return w.rc.Flush()
}

// fail ends a stream with an error: as an ordinary answer if nothing was
// written yet.
func (w *streamWriter) fail(err error) {
	if core.CodeOf(err) == core.Internal && w.r.Context().Err() != nil {
		err = core.Wrap(core.Canceled, "api.canceled", err)
	}
	requestOf(w.r.Context()).err = err
	if !w.begun {
		w.Header().Del("Trailer")
		writeProblem(w.ResponseWriter, w.r, err)
	}
}
