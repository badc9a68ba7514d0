// Package engine is the only writer. It loads nothing and decides nothing
// itself: it hands core.Decide a view inside one transaction, commits the
// events that come back together with their entries in the audit chain and
// their deliveries, and tells subscribers what changed. It also keeps the
// clock and asks core.Due when time has come.
//
// It never speaks to a system or a mail server, and never holds a transaction
// open while somebody else thinks.
//
// Read Do in engine.go, then commit.go (several commands, one fsync), clock.go
// and due.go.
package engine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
)

// Config is what an engine is made of.
type Config struct {
	Store core.Store
	Clock Clock          // nil: the machine's
	Zone  *time.Location // in which "the server's time" is meant; nil: the machine's
	// Kinds are the kinds of systems and their settings (core.Env).
	Kinds map[core.Kind][]string
	// Seal seals a secret for a row; it must not fail for want of anything but memory.
	Seal func(context string, s core.Secret) ([]byte, error)
	// Mint makes identifiers; nil: core.MintID. Something else is for virtual
	// time only, where a run must be the same again: whoever can foresee an
	// identifier can name what is not there yet.
	Mint func(prefix string, now time.Time) string
	Log  *slog.Logger // nil: none
	// Sleeps says that the machine is one that is put to sleep, as a laptop: then
	// nobody gets mail because it woke.
	Sleeps bool
}

// Job is one command on its way to a commit.
type Job struct {
	Actor   core.Actor
	Command core.Command
	Key     string // idempotency key; only of a signed-in person
	// Prepare, if not nil, is called inside the transaction right before the
	// decision, to compare a code with the factor as it is then. It may
	// replace the command and fill the env.
	Prepare func(core.View, core.Command, *core.Env) core.Command
	// Wait is how long Do stays, once the command is durable, for systems to be
	// read back; zero: not at all. DoAll doesn't wait.
	Wait time.Duration
}

// Engine commits commands. It is safe for concurrent use.
type Engine struct {
	store  core.Store
	seal   func(string, core.Secret) ([]byte, error)
	mint   func(string, time.Time) string
	log    *slog.Logger
	clock  *keptClock
	watch  watcher // of Run's goroutine only
	sleeps bool

	zone   *time.Location
	kinds  map[core.Kind][]string
	digest digest // of Run's goroutine only

	queue   queue
	hub     hub
	waits   waits
	endings endings

	dueMu sync.Mutex
	due   time.Time     // earliest start or end known; zero: ask the store. guarded by dueMu
	ends  bool          // something has a start or an end. guarded by dueMu
	heard time.Time     // earliest that was committed since the store was last asked. guarded by dueMu
	nudge chan struct{} // cap 1: due became earlier

	troubleMu sync.Mutex
	trouble   core.TroubleKind // the store's, as last told. guarded by troubleMu

	noted, pruned time.Time // when Turn last did so; of Run's goroutine only
}

// New returns an engine on a store. It reads the time that the store has come
// to; its clock never shows less, until a corrected one is accepted.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Clock == nil {
		cfg.Clock = machineClock{}
	}
	if cfg.Mint == nil {
		cfg.Mint = core.MintID
	}
	if cfg.Zone == nil {
		cfg.Zone = time.Local
	}
	floor, err := cfg.Store.LastTime(ctx)
	if err != nil {
		return nil, err
	}
	return &Engine{
		store: cfg.Store, seal: cfg.Seal, mint: cfg.Mint, log: cfg.Log, clock: newKeptClock(cfg.Clock, floor), sleeps: cfg.Sleeps, zone: cfg.Zone, kinds: cfg.Kinds,
		queue: queue{turn: make(chan struct{}, 1)}, nudge: make(chan struct{}, 1), endings: newEndings(),
	}, nil
}

// Now returns the engine's time, which never runs backwards.
func (e *Engine) Now() time.Time { return e.clock.Now() }

// Store returns the store for reading.
func (e *Engine) Store() core.Store { return e.store }

// Do decides a command and returns when its events are durable. An *Error
// from the rules is returned after its refusal is durable; core.Unavailable
// means that the store could not write and nothing was changed. Where the job
// waits, the states in the result are those after the wait.
func (e *Engine) Do(ctx context.Context, j Job) (core.Result, error) {
	res := e.DoAll(ctx, []Job{j})
	if s := res[0].settling; s != nil {
		e.waits.settle(ctx, s, j.Wait, &res[0].Result)
	}
	return res[0].Result, res[0].Err
}

// Done is the outcome of one job.
type Done struct {
	Result   core.Result
	Err      error
	settling *settling // what Do waits for; nil: nothing
}

// DoAll commits several jobs, in order, with as few transactions as possible.
// Each is decided on what the ones before it left.
func (e *Engine) DoAll(ctx context.Context, jobs []Job) []Done {
	if err := ctx.Err(); err != nil {
		out := make([]Done, len(jobs))
		for i := range out {
			out[i].Err = core.Wrap(core.Canceled, "call.canceled", err)
		}
		return out
	}
	return e.queue.pass(e, jobs)
}

// Preview decides without committing, and also says whether a code is wanted.
func (e *Engine) Preview(ctx context.Context, a core.Actor, c core.Command) (core.Plan, error) {
	var plan core.Plan
	var refused error
	err := e.store.Read(ctx, func(v core.View) error {
		env := e.env(e.clock.both())
		env.Preview = true
		env.Seal = func(string, core.Secret) []byte { return nil }
		var d core.Decision
		d, refused = core.Decide(v, a, c, env)
		plan = core.Plan{Result: d.Result, NeedsCode: d.NeedsCode}
		return v.Err()
	})
	if err != nil {
		return core.Plan{}, unavailable(err)
	}
	return plan, tidy(refused)
}

// tidy turns a nil *core.Error in an error into a nil error.
func tidy(err error) error {
	if e, ok := err.(*core.Error); ok && e == nil {
		return nil
	}
	return err
}

func (e *Engine) env(now, wall time.Time) core.Env {
	return core.Env{Now: now, Wall: wall, Zone: e.zone, Kinds: e.kinds, NewID: func(prefix string) string { return e.mint(prefix, now) }}
}

func unavailable(err error) error {
	if core.CodeOf(err) != core.Internal {
		return err
	}
	return core.Wrap(core.Unavailable, "store.unavailable", err)
}

// sumOf identifies what a call asked for, so that an idempotency key can't be
// used for something else. A code is not part of it.
func sumOf(c core.Command) []byte {
	b, err := json.Marshal(c)
	if err != nil { // a command is plain data
		panic("engine: command does not marshal: " + err.Error())
	}
	h := sha256.New()
	h.Write([]byte(c.Verb()))
	h.Write([]byte{0})
	h.Write(b)
	return h.Sum(nil)
}
