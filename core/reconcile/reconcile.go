// Package reconcile makes systems hold what grants say, and proves it. It is
// level-triggered: it looks at the grants that are pending in the store, not
// at events it has heard, so that nothing is lost with a process. For each
// system one worker sends what waits as one batch, removals first, reads back
// and commits the evidence through the engine.
//
// It never decides what is wanted, and never gives up: what fails is tried
// again for ever, and a system that is away holds up no other.
package reconcile

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/engine"
)

// Config is what a reconciler is made of.
type Config struct {
	Engine *engine.Engine
	Kinds  connector.Registry
	// Unseal opens a system's credential.
	Unseal func(core.System) (core.Secret, error)
	Log    *slog.Logger // nil: none
}

// Reconciler runs a worker for each system.
type Reconciler struct {
	cfg   Config
	store core.Store

	mu      sync.Mutex
	workers map[core.SystemID]*worker // guarded by mu

	// Of whoever calls Turn and Reading only:
	news  *engine.Subscription
	stale bool // systems are to be read
}

// New returns a reconciler; Run or Once makes it work.
func New(cfg Config) *Reconciler {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Reconciler{cfg: cfg, store: cfg.Engine.Store(), workers: map[core.SystemID]*worker{}}
}

// Run works until ctx ends and all workers have stopped.
func (r *Reconciler) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sub := r.cfg.Engine.Subscribe()
	defer sub.Close()
	retry := time.NewTimer(0) // begins with reading all systems
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-retry.C:
			if err := r.match(ctx, func(w *worker) {
				wg.Go(func() { w.run(ctx) })
				wg.Go(func() { w.reads.run(ctx) })
			}); err != nil {
				r.cfg.Log.Error("read systems", "err", err)
				retry.Reset(time.Second)
			}
		case <-sub.C:
			news := sub.Take()
			for _, t := range news.Topics {
				if t == core.TopicSystems {
					retry.Reset(0)
				}
			}
			r.wake(news.Systems)
		}
	}
}

// match starts workers of systems that have none, and tells the others that
// their system changed. Systems without a connector have none: Stint itself.
func (r *Reconciler) match(ctx context.Context, start func(*worker)) error {
	systems, err := r.store.Systems(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	there := map[core.SystemID]bool{}
	for _, s := range systems {
		there[s.ID] = true
		if s.ID == core.StintSystem {
			continue
		}
		w, ok := r.workers[s.ID]
		if !ok {
			w = newWorker(r, s)
			r.workers[s.ID] = w
			start(w)
		}
		w.changed(s)
	}
	for id, w := range r.workers {
		if !there[id] {
			close(w.gone)
			delete(r.workers, id)
		}
	}
	return nil
}

func (r *Reconciler) wake(systems []core.SystemID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range systems {
		if w, ok := r.workers[id]; ok {
			w.wake()
		}
	}
}

// Once does, in the caller's goroutine and system by system, what is to be done
// until nothing is pending that could be done now. It is for virtual time and
// tests; it must not be mixed with Run.
func (r *Reconciler) Once(ctx context.Context) error {
	if err := r.match(ctx, func(*worker) {}); err != nil {
		return err
	}
	for _, w := range r.inOrder() {
		for {
			n, err := w.step(ctx)
			if err != nil || n == 0 {
				break
			}
		}
		if w.reads.due() {
			w.reads.say(ctx, w.reads.read(ctx))
			for { // what was lost is to be proven gone
				n, err := w.step(ctx)
				if err != nil || n == 0 {
					break
				}
			}
		}
	}
	return ctx.Err()
}

// Turn does what Run does each time the worker of a system wakes, and returns
// how long it would sleep then, unless news wakes it earlier. It is for virtual
// time, where other systems may have their turn while this one keeps its
// worker waiting; it must not be mixed with Run.
func (r *Reconciler) Turn(ctx context.Context, id core.SystemID) time.Duration {
	w, ok, err := r.heed(ctx, id)
	switch {
	case err != nil:
		return probeEvery
	case !ok:
		return checkEvery
	}
	return w.turn(ctx)
}

// heed reads the systems if something is new of them, as Run does, and returns
// the worker of one.
func (r *Reconciler) heed(ctx context.Context, id core.SystemID) (w *worker, ok bool, err error) {
	if r.news == nil {
		r.news, r.stale = r.cfg.Engine.Subscribe(), true
	}
	select {
	case <-r.news.C:
		r.stale = slices.Contains(r.news.Take().Topics, core.TopicSystems) || r.stale
	default:
	}
	if r.stale {
		if err := r.match(ctx, func(*worker) {}); err != nil {
			return nil, false, err
		}
		r.stale = false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w, ok = r.workers[id]
	return w, ok, nil
}

// Reading does what Run does each time a system is to be read as a whole, and
// returns after how long it would be read again. It is for virtual time, beside
// Turn.
func (r *Reconciler) Reading(ctx context.Context, id core.SystemID) time.Duration {
	if w, ok, err := r.heed(ctx, id); ok && err == nil {
		w.reads.say(ctx, w.reads.read(ctx))
	}
	return readEvery
}

// inOrder returns the workers, always in the same order.
func (r *Reconciler) inOrder() []*worker {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Values(r.workers), func(a, b *worker) int { return strings.Compare(string(a.id), string(b.id)) })
}

// Close lets go of what Once, Turn and Reading have opened.
func (r *Reconciler) Close() {
	if r.news != nil {
		r.news.Close()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.workers {
		w.close()
	}
}
