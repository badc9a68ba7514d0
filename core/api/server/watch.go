package server

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

type watchInput struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"40" doc:"Accepted and not needed: the first update always means that everything is to be read again."`
}

// watchRoute streams what core.Service.Watch says. The stream keeps nothing
// for readers who were away: the first update after each connection has no
// topics, which tells a reader to read everything again.
func (s *server) watchRoute() {
	op := operation(http.MethodGet, api.PathChanges, "changes", "own", "Be told when something changes (server-sent events)")
	op.Description = "Events are named update; their id is the number of the last audit entry. A comment comes every 15 seconds. " +
		"The event problem ends the stream: its data says why, and only a new sign-in helps if that is unauthenticated."
	op.Responses = map[string]*huma.Response{"200": {
		Description: "Events whose data is an Update.",
		Content: map[string]*huma.MediaType{"text/event-stream": {
			Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[core.Update](), true, "Update"),
		}},
	}}
	stream(s, op, func(ctx context.Context, _ *watchInput, w *streamWriter) {
		updates, err := service(ctx).Watch(ctx)
		if err != nil {
			w.fail(err)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no") // a proxy in between shall not collect
		beat := time.NewTicker(s.Heartbeat)
		defer beat.Stop()
		for {
			select {
			case u, ok := <-updates:
				if !ok {
					// The session ended, or the server does, or a read failed:
					// only the first is for ever.
					if ctx.Err() != nil {
						return
					}
					if _, err := service(ctx).Me(ctx); core.CodeOf(err) == core.Unauthenticated {
						_ = w.event("problem", 0, api.ProblemOf(err))
					}
					return
				}
				if err := w.event("update", u.Seq, u); err != nil {
					return
				}
			case <-beat.C:
				if err := w.beat(); err != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
}
