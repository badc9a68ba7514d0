package gui

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
)

// Async is the only place of the window that starts goroutines and the only
// one that comes back from them to the render goroutine. Everything handed to
// it as done, or to Tick and Follow, runs on the render goroutine; work never
// does and must not touch a widget.
type Async struct {
	ctx    context.Context // ends with Stop; the parent of every work's context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	busy   atomic.Int64 // works under way; see Busy
	direct bool
	now    func() time.Time

	ticks  map[int]func(time.Time) // render goroutine only
	nextID int                     // render goroutine only
	paused bool                    // render goroutine only
	slow   bool                    // render goroutine only: see Tray
	beaten time.Time               // render goroutine only: the last beat
	pumps  []func() bool           // direct mode only
}

// NewAsync returns an Async whose ticker beats once a second until Stop. now
// is the clock that ticks report.
func NewAsync(now func() time.Time) *Async {
	a := newAsync(now)
	a.wg.Add(1)
	go a.beat()
	return a
}

// NewDirectAsync returns an Async for tests: work and done run at once on the
// caller's goroutine, Beat makes a tick, and Pump delivers what was sent.
func NewDirectAsync(now func() time.Time) *Async {
	a := newAsync(now)
	a.direct = true
	return a
}

func newAsync(now func() time.Time) *Async {
	ctx, cancel := context.WithCancel(context.Background())
	return &Async{ctx: ctx, cancel: cancel, now: now, ticks: map[int]func(time.Time){}}
}

// Run does work off the render goroutine and then calls done on it. done is
// not called after cancel or Stop. cancel may be called any number of times.
func (a *Async) Run(work func(ctx context.Context), done func()) (cancel func()) {
	ctx, stop := context.WithCancel(a.ctx)
	if a.direct {
		work(ctx)
		if ctx.Err() == nil && done != nil {
			done()
		}
		return stop
	}
	a.wg.Add(1)
	a.busy.Add(1)
	go func() {
		defer a.wg.Done()
		work(ctx)
		fyne.Do(func() {
			if ctx.Err() == nil && done != nil {
				done()
			}
			stop()
			a.busy.Add(-1) // after done, which may have begun more
		})
	}()
	return stop
}

// Busy reports whether anything is being worked on; what only waits for a long
// time to pass (After) doesn't count.
func (a *Async) Busy() bool { return a.busy.Load() > 0 }

// Sync calls f on the render goroutine and returns when it has. It is for
// somebody who drives the window from outside, and must not be called from the
// render goroutine itself.
func (a *Async) Sync(f func()) {
	if a.direct {
		f()
		return
	}
	fyne.DoAndWait(f)
}

// Load is Run for work that has a result.
func Load[T any](a *Async, work func(ctx context.Context) (T, error), done func(T, error)) (cancel func()) {
	var v T
	var err error
	return a.Run(func(ctx context.Context) { v, err = work(ctx) }, func() { done(v, err) })
}

// Act is Run for work that has no result but perhaps an error.
func (a *Async) Act(work func(ctx context.Context) error, done func(error)) (cancel func()) {
	var err error
	return a.Run(func(ctx context.Context) { err = work(ctx) }, func() { done(err) })
}

// Post calls f on the render goroutine, from any goroutine: for progress that
// comes while work runs.
func (a *Async) Post(f func()) {
	if a.direct {
		f()
		return
	}
	fyne.Do(func() {
		if a.ctx.Err() == nil {
			f()
		}
	})
}

// Follow opens a stream off the render goroutine and calls each with every
// value on it, until the stream or the returned cancel ends it; then ended is
// called with the error of opening, or nil, unless it was canceled.
func Follow[T any](a *Async, open func(ctx context.Context) (<-chan T, error), each func(T), ended func(error)) (cancel func()) {
	ctx, stop := context.WithCancel(a.ctx)
	if a.direct {
		ch, err := open(ctx)
		if err != nil {
			ended(err)
			return stop
		}
		a.pumps = append(a.pumps, func() bool {
			for ctx.Err() == nil {
				select {
				case v, ok := <-ch:
					if !ok {
						ended(nil)
						return false
					}
					each(v)
				default:
					return true
				}
			}
			return false
		})
		return stop
	}
	a.wg.Add(1)
	go func() {
		defer a.wg.Done()
		say := func(f func()) {
			fyne.Do(func() {
				if ctx.Err() == nil {
					f()
				}
			})
		}
		ch, err := open(ctx)
		if err != nil {
			say(func() { ended(err) })
			return
		}
		for v := range ch {
			say(func() { each(v) })
		}
		say(func() { ended(nil) })
	}()
	return stop
}

// Serve does work that lasts as long as the window, off the render goroutine.
// Nobody waits for it (Busy). In direct mode it does nothing.
func (a *Async) Serve(work func(ctx context.Context)) {
	if a.direct {
		return
	}
	a.wg.Add(1)
	go func() {
		defer a.wg.Done()
		work(a.ctx)
	}()
}

// Attend opens a stream and calls each with every value on it, both off the
// render goroutine: for what must be done also where nothing can be painted.
func Attend[T any](a *Async, open func(ctx context.Context) <-chan T, each func(context.Context, T)) {
	if a.direct {
		ch := open(a.ctx)
		a.pumps = append(a.pumps, func() bool {
			for {
				select {
				case v, ok := <-ch:
					if !ok {
						return false
					}
					each(a.ctx, v)
				default:
					return a.ctx.Err() == nil
				}
			}
		})
		return
	}
	a.Serve(func(ctx context.Context) {
		for v := range open(ctx) {
			each(ctx, v)
		}
	})
}

// Tick calls f once a second with the present time, for countdowns, until
// stop is called. f repaints only what changed. Nothing ticks while the
// window is hidden.
func (a *Async) Tick(f func(now time.Time)) (stop func()) {
	id := a.nextID
	a.nextID++
	a.ticks[id] = f
	return func() { delete(a.ticks, id) }
}

// Pause stops the ticks while the window is hidden, and goes on with one at
// once when it is shown again.
func (a *Async) Pause(hidden bool) {
	a.paused = hidden
	if !hidden {
		a.Beat()
	}
}

// Beat makes one tick now. Render goroutine only.
func (a *Async) Beat() {
	if a.paused {
		return
	}
	now := a.now()
	if a.slow && now.Sub(a.beaten) < slowBeat && !now.Before(a.beaten) {
		return
	}
	a.beaten = now
	for _, f := range a.ticks {
		f(now)
	}
}

// Pump delivers what streams have sent, in direct mode.
func (a *Async) Pump() {
	left := a.pumps[:0]
	for _, p := range a.pumps {
		if p() {
			left = append(left, p)
		}
	}
	a.pumps = left
}

// After calls f on the render goroutine after d, unless canceled. In direct
// mode it never comes; tests call what it would.
func (a *Async) After(d time.Duration, f func()) (cancel func()) {
	if a.direct {
		return func() {}
	}
	long := d > time.Second // longer than a pause in typing: nobody waits for it
	return a.Run(func(ctx context.Context) {
		if long {
			a.busy.Add(-1)
			defer a.busy.Add(1) // which Run takes away again
		}
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}, f)
}

// typingPause is the least time between two readings that typing asks for. One
// types slower than that, so that each key is answered at once; a key held
// down, which repeats faster, doesn't pile readings up.
const typingPause = 40 * time.Millisecond

// Pace remembers when something was last done Soon. The zero value is ready.
type Pace struct {
	last   time.Time
	cancel func()
}

// Soon calls f at once, or as soon as the last call is typingPause ago; what
// waited until then is forgotten.
func (a *Async) Soon(p *Pace, f func()) {
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
	}
	do := func() {
		p.last = time.Now() // not the clock that is shown: this is about hands
		f()
	}
	if wait := typingPause - time.Since(p.last); wait > 0 && !a.direct {
		p.cancel = a.After(wait, do)
		return
	}
	do()
}

func (a *Async) beat() {
	defer a.wg.Done()
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-a.ctx.Done():
			return
		case <-t.C:
			fyne.Do(func() {
				if a.ctx.Err() == nil {
					a.Beat()
				}
			})
		}
	}
}

// Stop cancels everything; nothing is called back any more. It may be called
// twice. Wait waits until the work has noticed.
func (a *Async) Stop() { a.cancel() }

// Wait returns when all work has ended; call Stop before.
func (a *Async) Wait() { a.wg.Wait() }
