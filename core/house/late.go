package house

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/job"
)

// lateFresh is for how long it stands how deliveries fare: whoever is signed in
// asks at each change.
const lateFresh = 10 * time.Second

// late returns what says of mails that could not be sent for a while.
func late(db *sql.DB, now func() time.Time, log *slog.Logger) func(context.Context) *core.Trouble {
	var mu sync.Mutex
	var read time.Time
	var last *core.Trouble
	return func(ctx context.Context) *core.Trouble {
		mu.Lock()
		defer mu.Unlock()
		if t := now(); read.IsZero() || t.Sub(read) >= lateFresh {
			s, err := job.ReadStats(ctx, db)
			if err != nil {
				log.WarnContext(ctx, "how mails fare", "error", err)
				return last
			}
			read, last = t, core.MailTrouble(t, s.Waiting, s.Oldest, s.LastError)
		}
		return last
	}
}

// noteRefused returns what writes into the log that a mail was refused for good:
// else nobody but the machine's own log would know who was not told.
func noteRefused(eng *engine.Engine) func(context.Context, core.Notice, string) error {
	return func(ctx context.Context, n core.Notice, problem string) error {
		_, err := eng.Do(ctx, engine.Job{Actor: core.EngineActor(), Command: core.NoteMailRefused{Notice: n, Problem: problem}})
		return err
	}
}
