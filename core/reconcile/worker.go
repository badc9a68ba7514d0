package reconcile

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/engine"
)

const (
	// together is how many grants one batch holds at most.
	together = 1024
	// writtenTogether is how many outcomes are written in one go: so few that
	// nobody's command waits long for them.
	writtenTogether = 32
	// attemptedTogether is how many grants are asked for at once at the start.
	attemptedTogether = 10_000
	// probeEvery is how soon a system that is away is tried again while
	// something waits for it: revocation comes within this of its return (F9).
	probeEvery = time.Second
	// checkEvery is how often a system is contacted when there is nothing to do.
	checkEvery = time.Minute
	// retryMin and retryMax bound the pause after a failure of one grant; it
	// doubles from try to try (rules.md section 2).
	retryMin = time.Second
	retryMax = 5 * time.Minute
	// noteEvery is how often grants waiting for a system that is away are
	// noted again as failing.
	noteEvery = time.Minute
)

// worker serves one system.
type worker struct {
	r     *Reconciler
	id    core.SystemID
	awake chan struct{} // cap 1
	gone  chan struct{} // closed when the system is no longer there
	reads *reader

	mu     sync.Mutex
	system core.System // as last read. guarded by mu
	stale  bool        // how to reach it changed. guarded by mu

	// Of the worker's goroutine only:
	driver  *connector.Target
	checked time.Time
	problem string
	said    string    // the last problem logged
	noted   time.Time // when waiting grants were last noted as failing
	since   time.Time // since when the system is away; zero: it isn't
	hold    bool      // our store could not take the last outcomes
	// tried holds the grants that may have been attempted, by us or by a process
	// before, since they were last proven absent. What the system holds of them
	// before an attempt may be our own doing. nil: not asked yet.
	tried map[core.GrantID]bool

	// unread says that the system has not been read since a backup was restored:
	// until it is, nothing is granted there. What the backup doesn't know would
	// be taken for ours, and nobody has seen it yet.
	unread atomic.Bool
}

func newWorker(r *Reconciler, s core.System) *worker {
	w := &worker{r: r, id: s.ID, awake: make(chan struct{}, 1), gone: make(chan struct{}), system: s}
	w.reads = &reader{w: w}
	return w
}

// changed takes the system as it now stands in the store. Its health is no
// reason to look: workers note that themselves, each minute, and forty of them
// would wake each other.
func (w *worker) changed(s core.System) {
	w.mu.Lock()
	moved := !sameReach(w.system, s)
	w.stale = w.stale || moved
	moved = moved || w.system.State != s.State
	w.system = s
	w.mu.Unlock()
	if moved {
		w.wake()
	}
}

func sameReach(a, b core.System) bool {
	if a.Kind != b.Kind || string(a.Sealed) != string(b.Sealed) || len(a.Settings) != len(b.Settings) {
		return false
	}
	for k, v := range a.Settings {
		if b.Settings[k] != v {
			return false
		}
	}
	return true
}

func (w *worker) wake() {
	select {
	case w.awake <- struct{}{}:
	default:
	}
}

func (w *worker) run(ctx context.Context) {
	defer w.close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.gone:
			return
		case <-w.awake:
		case <-timer.C:
		}
		timer.Reset(w.turn(ctx))
	}
}

// turn does what there is to do, and returns when to look again.
func (w *worker) turn(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		n, err := w.step(ctx)
		w.say(ctx, err)
		if n == 0 || err != nil {
			break
		}
	}
	return w.pause(ctx)
}

// say logs a problem when it is new: a system may be away for days.
func (w *worker) say(ctx context.Context, err error) {
	text := ""
	if err != nil && ctx.Err() == nil {
		text = connector.Problem(err)
	}
	if text != w.said && text != "" {
		w.r.cfg.Log.Warn("system", "system", w.id, "problem", text)
	}
	w.said = text
}

// pause returns when to look again without being woken.
func (w *worker) pause(ctx context.Context) time.Duration {
	now := w.now()
	next, waiting, err := w.r.store.NextTry(ctx, w.id)
	switch {
	case err != nil:
		return probeEvery
	case waiting && (w.hold || !w.since.IsZero() || w.unread.Load()):
		return probeEvery
	case waiting:
		return max(0, min(checkEvery, next.Sub(now)))
	}
	return max(0, checkEvery-w.ago(w.checked))
}

func (w *worker) now() time.Time { return w.r.cfg.Engine.Now() }

// ago is how long t is past. What lies ahead, because a corrected clock was
// accepted since, is so long past that whatever waits for it is due.
func (w *worker) ago(t time.Time) time.Duration {
	if d := w.now().Sub(t); d >= 0 {
		return d
	}
	return math.MaxInt64
}

// step does one batch and returns how many grants it was about.
func (w *worker) step(ctx context.Context) (int, error) {
	// The connection first: what ended while nobody was there is read meanwhile.
	if w.tried == nil && w.checked.IsZero() {
		return 1, w.check(ctx)
	}
	pending, err := w.r.store.PendingGrants(ctx, w.id, w.now(), together)
	if err != nil {
		return 0, err
	}
	// Behind what is pending, so that nothing is made there that was wanted again
	// after an ending we have not taken yet.
	if list := w.r.cfg.Engine.Endings(w.id); len(list) > 0 {
		err := w.end(ctx, list)
		w.r.cfg.Engine.Told(w.id)
		if err != nil {
			w.away(ctx, pending, err)
			return 0, err
		}
	}
	if err := w.recall(ctx); err != nil {
		return 0, err
	}
	w.finishDrain(ctx)
	if w.unread.Load() {
		pending = slices.DeleteFunc(pending, func(g core.Grant) bool { return g.Wanted && g.State == core.GrantGranting })
	}
	if len(pending) == 0 {
		if w.ago(w.checked) >= checkEvery || w.isStale() {
			return 0, w.check(ctx)
		}
		return 0, nil
	}
	if err := w.open(ctx); err != nil {
		w.away(ctx, pending, err)
		return 0, err
	}
	if err := w.serve(ctx, pending); err != nil {
		var ours *storeError
		if w.hold = errors.As(err, &ours); !w.hold {
			w.away(ctx, pending, err)
		}
		return 0, err
	}
	w.hold = false
	w.healthy(ctx, "")
	return len(pending), nil
}

// recall learns which grants a process before this one may have attempted: all
// that are made, or were on their way when it ended.
func (w *worker) recall(ctx context.Context) error {
	if w.tried != nil {
		return nil
	}
	restored, err := w.r.store.Restored(ctx)
	if err != nil {
		return err
	}
	_, reading, err := w.r.store.DriftOf(ctx, w.id)
	if err != nil {
		return err
	}
	w.unread.Store(reading.Outdated(restored))
	tried := map[core.GrantID]bool{}
	for after := core.GrantID(""); ; {
		ids, err := w.r.store.Attempted(ctx, w.id, after, attemptedTogether)
		if err != nil {
			return err
		}
		for _, id := range ids {
			tried[id] = true
		}
		if len(ids) < attemptedTogether {
			break
		}
		after = ids[len(ids)-1]
	}
	w.tried = tried
	return nil
}

func (w *worker) isStale() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stale
}

// open makes the driver if there is none, or if how to reach the system changed.
func (w *worker) open(ctx context.Context) error {
	w.mu.Lock()
	s, stale := w.system, w.stale
	w.stale = false
	w.mu.Unlock()
	if stale {
		w.close()
	}
	if w.driver != nil {
		return nil
	}
	d, err := w.r.openDriver(s)
	w.driver = d
	return err
}

// openDriver makes a driver for a system.
func (r *Reconciler) openDriver(s core.System) (*connector.Target, error) {
	kind, ok := r.cfg.Kinds[s.Kind]
	if !ok {
		return nil, core.Errorf(core.Unavailable, "kind", "system.kind_unknown", "kind", string(s.Kind))
	}
	secret, err := r.cfg.Unseal(s)
	if err != nil {
		return nil, err
	}
	d, err := kind.Open(connector.Config{Name: s.Name, Settings: s.Settings, Secret: secret})
	if err != nil {
		return nil, err
	}
	return connector.NewTarget(d, connector.Limits{}), nil
}

func (w *worker) close() {
	if w.driver == nil {
		return
	}
	if err := w.driver.Close(); err != nil {
		w.r.cfg.Log.Warn("close system", "system", w.id, "problem", connector.Problem(err))
	}
	w.driver = nil
}

// check contacts a system when there is nothing else to do on it.
func (w *worker) check(ctx context.Context) error {
	w.checked = w.now()
	err := w.open(ctx)
	var version string
	if err == nil {
		version, err = w.driver.Check(ctx)
	}
	if err != nil {
		w.unhealthy(ctx, err)
		return err
	}
	w.healthy(ctx, version)
	return nil
}

// finishDrain forgets a system that is being removed, once nothing is left on it.
func (w *worker) finishDrain(ctx context.Context) {
	w.mu.Lock()
	draining := w.system.State == core.SystemDraining
	w.mu.Unlock()
	if draining {
		w.note(ctx, core.FinishDrain{System: w.id})
	}
}

// note commits c and reports whether it could.
func (w *worker) note(ctx context.Context, c core.Command) bool {
	_, err := w.r.cfg.Engine.Do(context.WithoutCancel(ctx), engine.Job{Actor: core.EngineActor(), Command: c})
	if err != nil && core.CodeOf(err) != core.Conflict {
		w.r.cfg.Log.Error("note", "system", w.id, "command", c.Verb(), "err", err)
	}
	return err == nil
}
