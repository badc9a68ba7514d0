// Package house puts a server together: the store, the key that seals its
// secrets, the engine, the reconciler with its connectors, deliveries, and the
// gate through which people come in. The window runs it in its own process,
// `stint serve` runs it headless, and a command line that finds no server runs
// it for the length of one command.
//
// It is the one place that knows every part; it decides nothing.
package house

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/linux"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/connector/postgres"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/job"
	"github.com/stint-pim/stint/core/reconcile"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/core/service"
	"github.com/stint-pim/stint/mail"
	"github.com/stint-pim/stint/storage"
	"github.com/stint-pim/stint/storage/sqlite"
)

// Options say what to open.
type Options struct {
	Path     string // of the database file; its directory is made if need be
	KeyFile  string // the sealing key's file and nothing else; empty: beside the store, or the keyring
	Keyring  bool   // the desktop's keyring may keep the key
	Embedded bool   // the server inside a window
	Sample   bool   // the file holds sample data
	Host     string // what people call this server
	Version  string
	URL      string       // where people reach this server with a browser; empty: mails have no links
	Log      *slog.Logger // nil: none
	// Clock and Wrap are for tests: a clock that can be moved, which codes of the
	// second factor then count by as well, and a way to stand between Stint and
	// its systems.
	Clock engine.Clock
	Wrap  func(connector.Kind) connector.Kind
}

// House is a server that is open. Run makes it work.
type House struct {
	Gate   core.Gate
	Engine *engine.Engine
	Key    *seal.Key
	Path   string

	farewell bool // drop what runs when the house stops
	db       *storage.DB
	rec      *reconcile.Reconciler
	runner   *job.Runner
	log      *slog.Logger
}

// FileName is the name of the database in the data directory.
const FileName = "stint.db"

// Open opens or makes the store at o.Path and puts the server together. It
// fails with a plain sentence where the file is in use, damaged or unreadable,
// or its key is missing. It starts nothing.
func Open(ctx context.Context, o Options) (*House, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := finishRestore(o); err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, o.Path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	h, err := furnish(ctx, o, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return h, nil
}

func furnish(ctx context.Context, o Options, db *storage.DB) (*House, error) {
	if err := job.Migrate(ctx, db.Writer()); err != nil {
		return nil, core.Wrap(core.Unavailable, "store.unavailable", err)
	}
	outbox, err := job.NewOutbox()
	if err != nil {
		return nil, core.Wrap(core.Internal, "internal.fault", err)
	}
	db.SetOutbox(outbox.Insert)
	key, err := openKey(ctx, o, db)
	if err != nil {
		return nil, err
	}
	box := key.Box()
	samples := memory.NewKind(nil)
	kinds := connector.Registry{core.KindPostgres: postgres.Kind{}, core.KindLinux: linux.NewKind(linux.ThisHost())}
	if o.Sample {
		kinds[core.KindSample] = samples
		if err := remember(ctx, db, samples); err != nil {
			return nil, err
		}
	}
	if o.Wrap != nil {
		for k, kind := range kinds {
			kinds[k] = o.Wrap(kind)
		}
	}
	eng, err := engine.New(ctx, engine.Config{Store: db, Clock: o.Clock, Seal: box.SealSecret, Kinds: kinds.Settings(), Log: o.Log, Sleeps: o.Embedded})
	if err != nil {
		return nil, err
	}
	unseal := func(s core.System) (core.Secret, error) {
		if len(s.Sealed) == 0 {
			return core.Secret{}, nil
		}
		return box.OpenSecret(seal.SystemContext(s.ID), s.Sealed)
	}
	post := &post{store: db, box: box, url: o.URL}
	wall := time.Now
	if o.Clock != nil {
		wall = o.Clock.Now
	}
	h := &House{
		Gate: service.New(service.Config{
			Engine: eng, Box: box, Hasher: auth.NewHasher(auth.DefaultParams(), 0), Kinds: kinds, Mailer: post, Late: late(db.Reader(), eng.Now, o.Log), Log: o.Log,
			Version: o.Version, Host: o.Host, Embedded: o.Embedded, Sample: o.Sample, Wall: wall, Archive: archive(o, eng, key),
		}),
		Engine: eng, Key: key, Path: o.Path, farewell: o.Embedded && !o.Sample, db: db, log: o.Log,
		rec: reconcile.New(reconcile.Config{Engine: eng, Kinds: kinds, Unseal: unseal, Log: o.Log}),
		runner: job.NewRunner(job.Options{
			DB: db.Writer(), Outbox: outbox, Send: mail.Post{Outgoing: post.outgoing, Story: db.Story}.Send, Refused: noteRefused(eng), Log: o.Log,
		}),
	}
	post.works = h.runner.Nudge
	return h, nil
}

// openKey finds the store's key. Only a store without anybody may get a new one.
func openKey(ctx context.Context, o Options, db *storage.DB) (*seal.Key, error) {
	empty := false
	if err := db.Read(ctx, func(v core.View) error { empty = v.People() == 0; return v.Err() }); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, core.Wrap(core.Unavailable, "store.unavailable", err)
	}
	so := seal.Options{StoreID: storeID(path), Fresh: empty, File: o.KeyFile}
	if o.Keyring {
		so.Keyring = seal.Desktop{}
	}
	return seal.OpenKey(ctx, filepath.Dir(path), so)
}

// storeID names a store in the keyring, by where it lies.
func storeID(path string) string {
	sum := sha256.Sum256([]byte(path))
	return "stint-" + hex.EncodeToString(sum[:8])
}

// Run keeps time, systems and deliveries going until ctx ends. Access goes on
// where mail doesn't: a queue that can't start is logged, not fatal.
func (h *House) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	if err := h.runner.Start(ctx); err != nil {
		h.log.Error("deliveries", "err", err)
	}
	var engErr, recErr error
	wg.Go(func() { engErr = h.Engine.Run(ctx) })
	wg.Go(func() { recErr = h.rec.Run(ctx) })
	wg.Go(func() { h.nudge(ctx) })
	wg.Wait()
	return errors.Join(engErr, recErr, h.runner.Stop(context.WithoutCancel(ctx)))
}

// nudge lets mail that waits for better settings go at once when they change.
func (h *House) nudge(ctx context.Context) {
	sub := h.Engine.Subscribe()
	defer sub.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case <-sub.C:
			if slices.Contains(sub.Take().Topics, core.TopicSettings) {
				h.runner.Nudge()
			}
		}
	}
}

// farewellTime bounds what a stopping window waits for its systems.
const farewellTime = 8 * time.Second

// Start runs the house in the background. stop ends it, waits for all of it,
// says Farewell if the house is embedded in a window, and closes the store; a
// second call does nothing.
func (h *House) Start() (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	var once sync.Once
	var err error
	return func() error {
		once.Do(func() {
			cancel()
			err = <-done
			if h.farewell {
				ctx, cancel := context.WithTimeout(context.Background(), farewellTime)
				err = errors.Join(err, h.Farewell(ctx))
				cancel()
			}
			err = errors.Join(err, h.Close())
		})
		return err
	}
}

// Settle does at once what is due and pending, for a process that lives for
// one command only.
func (h *House) Settle(ctx context.Context) error {
	if err := h.Engine.RunDue(ctx); err != nil {
		return err
	}
	defer h.rec.Close()
	return h.rec.Once(ctx)
}

// Deliveries says what mail waits.
func (h *House) Deliveries(ctx context.Context) (job.Stats, error) { return h.runner.Stats(ctx) }

// Close closes the store. Run must have returned.
func (h *House) Close() error { return h.db.Close() }

// Remove deletes a store with everything beside it. It is for sample data.
func Remove(path string) error {
	var errs []error
	for _, p := range []string{path, path + "-wal", path + "-shm", path + ".lock", path + ".reserve", filepath.Join(filepath.Dir(path), seal.KeyFile)} {
		if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
