package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/stint-pim/stint/core"
)

// Send sends one delivery and returns nil only once the server has taken it.
// It is called again until it returns nil or an error of code Refused or
// Invalid, which says that this delivery will never go. Any other error is
// passing: with the field "to" it concerns this recipient alone, else nobody
// can be sent to now and all wait. KeyUnconfigured says that mail isn't set up.
// Send must return within three minutes. When ctx ends it must return soon, unless the server already has the mail whole.
type Send func(ctx context.Context, d core.Delivery) error

// KeyUnconfigured is the key of an Error that says that mail isn't set up.
const KeyUnconfigured core.TextKey = "mail.unconfigured"

// Times of the runner.
const (
	// MaxPause is the longest pause between two attempts.
	MaxPause   = 5 * time.Minute
	firstPause = 5 * time.Second
	// UnconfiguredAfter is how long a delivery waits for mail to be set up at
	// all. Later its news is no news.
	UnconfiguredAfter = 7 * 24 * time.Hour
	// KeepSent and KeepFailed say how long the mark of a delivery is kept.
	KeepSent   = 7 * 24 * time.Hour
	KeepFailed = 30 * 24 * time.Hour
	keepJobs   = 24 * time.Hour

	jobTimeout  = 3 * time.Minute // a server may think long about a mail it has whole
	rescueAfter = 4 * time.Minute // a worker is at a job for jobTimeout at most
	keepEvery   = 30 * time.Second
	// holdPatience is how long a worker waits for the end of a pause before it
	// gives its delivery back; it must be well below jobTimeout.
	holdPatience = 20 * time.Second
	markTimeout  = 15 * time.Second
	workers      = 4
)

// Options of a Runner.
type Options struct {
	DB     *sql.DB // the store's writing handle; Migrate has been called on it
	Outbox *Outbox // the store's; what it inserts is sent at once
	Send   Send
	// Refused writes down that a mail was refused for good, before it is given
	// up; if it can't, the mail is tried again. nil: only the machine's log says so.
	Refused func(ctx context.Context, n core.Notice, problem string) error
	Log     *slog.Logger // nil: none
	// Poll is how often the queue is asked while something waits in it; 0: once a second.
	Poll time.Duration
}

// Runner works the queue. One process may run one on a database: the store's
// lock sees to that.
//
// River works only while something waits: it looks around twenty times a second
// and asks the database once, for ever, which was most of what an idle window
// cost. tend starts it and lets it rest.
type Runner struct {
	db      *sql.DB
	news    <-chan struct{}
	send    Send
	refused func(context.Context, core.Notice, string) error
	log     *slog.Logger
	poll    time.Duration

	mu       sync.Mutex
	client   *river.Client[*sql.Tx]   // nil: not started; guarded by mu
	stopping chan struct{}            // closed by Stop; guarded by mu
	tended   chan struct{}            // closed when tend has returned; guarded by mu
	hold     time.Time                // nobody is sent to before; guarded by mu
	failures int                      // in a row, of the server's; guarded by mu
	woken    chan struct{}            // closed and made anew by Nudge; guarded by mu
	taken    map[core.DeliveryID]bool // taken by the server, but the mark couldn't be written yet; guarded by mu
}

// NewRunner returns a runner that isn't started.
func NewRunner(o Options) *Runner {
	r := &Runner{db: o.DB, news: o.Outbox.news, send: o.Send, refused: o.Refused, log: o.Log, poll: o.Poll, woken: make(chan struct{}), taken: map[core.DeliveryID]bool{}}
	if r.log == nil {
		r.log = quiet()
	}
	if r.refused == nil {
		r.refused = func(context.Context, core.Notice, string) error { return nil }
	}
	if r.poll == 0 {
		r.poll = time.Second
	}
	return r
}

// Start begins to work the queue in the background, until Stop. ctx bounds the
// start only. Starting twice does nothing.
func (r *Runner) Start(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client != nil {
		return nil
	}
	if err := r.free(ctx); err != nil {
		return err
	}
	if err := r.prune(ctx, time.Now()); err != nil {
		return err
	}
	bundle := river.NewWorkers()
	if err := river.AddWorkerSafely(bundle, &worker{r: r}); err != nil {
		return fmt.Errorf("start deliveries: %w", err)
	}
	client, err := river.NewClient(riversqlite.New(r.db), &river.Config{
		ID: "stint", // the same at every start: there is one process
		// River's leader renews its term in the database every five seconds,
		// for ever, each time with an fsync, and a dead one's term stalls the
		// queue. Where one process has the store there is nobody to agree
		// with: keep does the little that a leader would do, and writes
		// nothing while there is nothing to do.
		LeaderElectionDisabled: true,
		JobTimeout:             jobTimeout,
		RescueStuckJobsAfter:   rescueAfter,
		PollOnly:               true, // SQLite has nothing to listen to
		FetchPollInterval:      r.poll,
		FetchCooldown:          min(100*time.Millisecond, r.poll),
		Logger:                 r.log.With("part", "deliveries"),
		MaxAttempts:            forEver,
		RetryPolicy:            retry{},
		Queues:                 map[string]river.QueueConfig{queue: {MaxWorkers: workers}},
		Workers:                bundle,
	})
	if err != nil {
		return fmt.Errorf("start deliveries: %w", err)
	}
	r.client, r.stopping, r.tended = client, make(chan struct{}), make(chan struct{})
	go r.tend(context.WithoutCancel(ctx), client, r.stopping, r.tended)
	return nil
}

// Stop waits until what is being sent has been sent, at most until ctx ends;
// then it breaks off. It may be called before Start, and twice.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	client, tended := r.client, r.tended
	r.client = nil
	if client != nil {
		close(r.stopping)
	}
	r.mu.Unlock()
	if client == nil {
		return nil
	}
	<-tended
	err := client.Stop(ctx)
	if err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := client.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop deliveries: %w", err)
	}
	return nil
}

// Nudge ends a pause: call it when the settings of mail were changed, so that
// what waits is tried at once.
func (r *Runner) Nudge() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hold, r.failures = time.Time{}, 0
	close(r.woken)
	r.woken = make(chan struct{})
}

// Stats says how deliveries fare.
func (r *Runner) Stats(ctx context.Context) (Stats, error) { return ReadStats(ctx, r.db) }

// retry is for what isn't the mail server's fault: a panic, a full disk.
type retry struct{}

func (retry) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(pause(job.Attempt))
}

// pause returns how long to wait after so many failures in a row.
func pause(failures int) time.Duration {
	p := firstPause
	for i := 1; i < failures && p < MaxPause; i++ {
		p *= 2
	}
	return min(p, MaxPause)
}

// held returns how long nobody is to be sent to, and a channel that Nudge closes.
func (r *Runner) held() (rest time.Duration, woken, stopping <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Until(r.hold), r.woken, r.stopping
}

// serverFailed pauses all deliveries, and serverWorks ends that.
func (r *Runner) serverFailed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.hold) {
		return // another worker met the same failure
	}
	r.failures++
	r.hold = time.Now().Add(pause(r.failures))
}

func (r *Runner) serverWorks() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hold, r.failures = time.Time{}, 0
}

// permanent reports whether an attempt's error will never go away.
func permanent(err error) bool {
	code := core.CodeOf(err)
	return code == core.Refused || code == core.Invalid
}

// ofRecipient reports whether it concerns only the one who was to get the mail.
func ofRecipient(err error) bool {
	var e *core.Error
	return errors.As(err, &e) && e.Field == "to"
}

func unconfigured(err error) bool {
	return errors.Is(err, &core.Error{Code: core.Unavailable, Key: KeyUnconfigured})
}

// plain is what may be stored and shown of an error: never its cause, which
// may hold what a server echoed.
func plain(err error) string {
	var e *core.Error
	if errors.As(err, &e) {
		return core.Clip(e.Message, 500)
	}
	return core.English("mail.unknown_problem")
}
