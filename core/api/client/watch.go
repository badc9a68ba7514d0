package client

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

const (
	firstPause = 250 * time.Millisecond
	maxPause   = 15 * time.Second
	// silence is how long nothing may come before the connection counts as
	// dead: three signs of life.
	silence = 3 * api.Heartbeat
	// maxNotices bounds what waits for a slow reader; the oldest go first.
	maxNotices = 200
)

// Watch connects before it returns, so that a session that has ended is an
// error at once. Later it reconnects by itself, with growing pauses; the first
// update after each connection has no topics, which says that everything may
// have changed meanwhile. The channel closes when ctx or the session ends.
func (r *remote) Watch(ctx context.Context) (<-chan core.Update, error) {
	stop, res, err := r.changes(ctx)
	if err != nil {
		return nil, err
	}
	out, in := make(chan core.Update), make(chan core.Update)
	go merge(ctx, in, out)
	go func() {
		defer close(in)
		pause := firstPause
		for {
			if res != nil {
				r.connected(true)
				heard, again := r.follow(ctx, res, stop, in)
				if ctx.Err() != nil || !again {
					return
				}
				r.connected(false)
				if heard {
					pause = firstPause
				}
			}
			// Not all clients of a restarted server at the same moment.
			if !wait(ctx, pause/2+rand.N(pause/2+1)) {
				return
			}
			pause = min(2*pause, maxPause)
			stop, res, err = r.changes(ctx)
			if core.CodeOf(err) == core.Unauthenticated {
				return
			}
		}
	}()
	return out, nil
}

func (r *remote) connected(yes bool) {
	if r.c.o.Connected != nil {
		r.c.o.Connected(yes)
	}
}

// changes opens the stream. stop ends it.
func (r *remote) changes(ctx context.Context) (context.CancelFunc, *http.Response, error) {
	inner, stop := context.WithCancel(ctx)
	// A server that accepts and says nothing is not there.
	patience := time.AfterFunc(silence, stop)
	defer patience.Stop()
	res, err := r.c.send(inner, call{method: http.MethodGet, path: api.PathChanges, token: r.token})
	if err != nil {
		stop()
		return nil, nil, err
	}
	return stop, res, nil
}

// follow hands on updates until the connection ends. It reports whether it
// heard anything, and whether connecting again makes sense.
func (r *remote) follow(ctx context.Context, res *http.Response, stop context.CancelFunc, in chan<- core.Update) (heard, again bool) {
	defer stop()
	defer res.Body.Close()
	quiet := time.AfterFunc(silence, stop)
	defer quiet.Stop()
	events := newEvents(res.Body)
	for {
		e, err := events.next()
		if err != nil {
			return heard, true
		}
		heard = true
		quiet.Reset(silence)
		switch e.name {
		case "update":
			var u core.Update
			if json.Unmarshal(e.data, &u) != nil {
				return heard, true
			}
			select {
			case in <- u:
			case <-ctx.Done():
				return heard, false
			}
		case "problem":
			return heard, core.CodeOf(e.problem()) != core.Unauthenticated
		}
	}
}

// merge hands updates on and joins those that a slow reader has not taken yet.
func merge(ctx context.Context, in <-chan core.Update, out chan<- core.Update) {
	defer close(out)
	var pending *core.Update
	for {
		var to chan<- core.Update
		var u core.Update
		if pending != nil {
			to, u = out, *pending
		}
		select {
		case next, ok := <-in:
			if !ok {
				return
			}
			if pending != nil {
				next = join(*pending, next)
			}
			pending = &next
		case to <- u:
			pending = nil
		case <-ctx.Done():
			// The writer ends as well; nobody waits for what is left.
			for range in {
			}
			return
		}
	}
}

// join makes one update of two. No topics means all of them.
func join(a, b core.Update) core.Update {
	u := core.Update{Seq: max(a.Seq, b.Seq), Notices: append(slices.Clone(a.Notices), b.Notices...)}
	if over := len(u.Notices) - maxNotices; over > 0 {
		u.Notices = u.Notices[over:]
	}
	if len(a.Topics) == 0 || len(b.Topics) == 0 {
		return u
	}
	u.Topics = slices.Clone(a.Topics)
	for _, t := range b.Topics {
		if !slices.Contains(u.Topics, t) {
			u.Topics = append(u.Topics, t)
		}
	}
	return u
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
