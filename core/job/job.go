// Package job carries deliveries out: mails that were decided on in one
// transaction and are sent after it, however long that takes.
//
// Nothing is lost: Outbox.Insert writes a delivery in the very transaction of
// the change it tells about, and the Runner tries until the server has taken
// it, or has refused it for good.
//
// Nothing is sent twice: as soon as the server has said yes, a mark under the
// delivery's own ID is committed, in a transaction of its own, before anything
// else is done; whoever works the delivery again, after a crash or because the
// queue lost its own note, finds the mark and sends nothing. One window
// remains and can't be closed from here: the process dies after the server's
// yes and before the commit, some milliseconds. Then the mail is sent again,
// rather than perhaps never, and carries the same Message-ID, by which mail
// systems recognise a copy.
//
// The queue is River's (github.com/riverqueue/river). It says whose turn it is
// and rescues what a crash left running; what became of a delivery stands in
// our own table, because River's rows are its own and expire.
//
// Access never depends on this package: privileges are state that the
// reconciler keeps true, not jobs.
package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/stint-pim/stint/core"
)

// queue is the one queue there is so far; its name stands in the database.
const queue = "mail"

// mailArgs are what River stores: only the name of the delivery, so that what
// it says about people stands in one place and is deleted there.
type mailArgs struct {
	Delivery core.DeliveryID `json:"delivery"`
}

// Kind implements river.JobArgs; it stands in the database.
func (mailArgs) Kind() string { return "mail" }

// The states of a delivery: waiting ─▶ sent | failed.
const schema = `
CREATE TABLE IF NOT EXISTS delivery (
	id         text PRIMARY KEY,
	state      text NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
	notice     text NOT NULL,               -- JSON; emptied once sent
	created    bigint NOT NULL,             -- microseconds of UTC, like all times
	attempts   bigint NOT NULL DEFAULT 0,
	tried      bigint NOT NULL DEFAULT 0,   -- last; 0: never
	last_error text NOT NULL DEFAULT '',    -- in plain words
	done       bigint NOT NULL DEFAULT 0    -- when it was sent or given up
);
CREATE INDEX IF NOT EXISTS delivery_by_state ON delivery (state, created);
CREATE INDEX IF NOT EXISTS delivery_by_tried ON delivery (tried);
`

// Migrate makes or renews the tables of the queue in db, which is SQLite's one
// writing handle. It may be called at every start.
func Migrate(ctx context.Context, db *sql.DB) error {
	m, err := rivermigrate.New(riversqlite.New(db), &rivermigrate.Config{Logger: quiet()})
	if err != nil {
		return fmt.Errorf("migrate queue: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate queue: %w", err)
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return fmt.Errorf("migrate deliveries: %w", err)
	}
	return nil
}

// Outbox writes deliveries. It is safe for concurrent use.
type Outbox struct {
	client *river.Client[*sql.Tx]
	news   chan struct{} // cap 1: something was inserted, though perhaps not committed yet
}

// NewOutbox returns an outbox. It needs no database: each Insert brings its
// transaction.
func NewOutbox() (*Outbox, error) {
	client, err := river.NewClient(riversqlite.New(nil), &river.Config{
		Logger:      quiet(),
		MaxAttempts: forEver,
		PollOnly:    true,
		Test:        clock(),
	})
	if err != nil {
		return nil, fmt.Errorf("make outbox: %w", err)
	}
	return &Outbox{client, make(chan struct{}, 1)}, nil
}

// clock makes River ask the program for the time, as everything else does, and
// not the database: the two differ in a test's bubble. River keeps the setting
// among those for tests; it does nothing else.
func clock() river.TestConfig { return river.TestConfig{Time: programTime{}} }

type programTime struct{}

func (programTime) Now() time.Time       { return time.Now() }
func (programTime) NowOrNil() *time.Time { return new(time.Now()) }

// forEver is the largest count that River's tables take on every engine. It
// counts only panics and failures of our own database; a mail server that
// doesn't answer costs no attempt.
const forEver = math.MaxInt16

// Insert stores deliveries in tx. They are sent once tx is committed. It is
// the storage.Outbox that a store is opened with.
func (o *Outbox) Insert(ctx context.Context, tx *sql.Tx, deliveries []core.Delivery) error {
	if len(deliveries) == 0 {
		return nil
	}
	now := time.Now()
	jobs := make([]river.InsertManyParams, len(deliveries))
	for i, d := range deliveries {
		notice, err := json.Marshal(d.Notice)
		if err != nil {
			return fmt.Errorf("store delivery: %w", err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO delivery (id, state, notice, created) VALUES ($1, 'waiting', $2, $3)`,
			string(d.ID), string(notice), now.UnixMicro())
		if err != nil {
			return fmt.Errorf("store delivery: %w", err)
		}
		jobs[i] = river.InsertManyParams{
			Args:       mailArgs{d.ID},
			InsertOpts: &river.InsertOpts{Queue: queue, MaxAttempts: forEver},
		}
	}
	if _, err := o.client.InsertManyFastTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("queue deliveries: %w", err)
	}
	select {
	case o.news <- struct{}{}:
	default:
	}
	return nil
}

// Stats say how deliveries fare, for the settings' page.
type Stats struct {
	Waiting   int       `json:"waiting"`
	Oldest    time.Time `json:"oldest,omitzero"` // when the oldest waiting one was made
	Failed    int       `json:"failed"`          // given up in the last KeepFailed
	LastSent  time.Time `json:"last_sent,omitzero"`
	LastError string    `json:"last_error,omitempty"` // of the last attempt, if that failed; in plain words
	LastTried time.Time `json:"last_tried,omitzero"`
}

// ReadStats reads them from either handle of the store.
func ReadStats(ctx context.Context, db *sql.DB) (Stats, error) {
	var s Stats
	var oldest, sent int64
	err := db.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM delivery WHERE state = 'waiting'),
		       (SELECT coalesce(min(created), 0) FROM delivery WHERE state = 'waiting'),
		       (SELECT count(*) FROM delivery WHERE state = 'failed'),
		       (SELECT coalesce(max(done), 0) FROM delivery WHERE state = 'sent')`).Scan(&s.Waiting, &oldest, &s.Failed, &sent)
	if err != nil {
		return Stats{}, fmt.Errorf("read deliveries: %w", err)
	}
	var tried int64
	err = db.QueryRowContext(ctx, `SELECT tried, last_error FROM delivery WHERE tried > 0 ORDER BY tried DESC LIMIT 1`).Scan(&tried, &s.LastError)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Stats{}, fmt.Errorf("read deliveries: %w", err)
	}
	s.Oldest, s.LastSent, s.LastTried = moment(oldest), moment(sent), moment(tried)
	return s, nil
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// quiet is a logger for what never says anything of use.
func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
