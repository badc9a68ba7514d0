package house

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/job"
)

// lateFresh is for how long it stands how deliveries fare: whoever is signed in
// asks at each change, and reading it takes the handle that writes.
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
