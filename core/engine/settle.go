package engine

import (
	"context"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
)

// settling is a result whose caller stays until systems have been read back.
type settling struct {
	grants   map[core.GrantID]bool           // still on their way. guarded by waits.mu
	requests map[core.RequestID]*core.Status // of the result's items, as they now are. guarded by waits.mu
	done     chan struct{}                   // closed when no grant is on its way
}

// waits holds the results that wait, by each grant that they wait for.
type waits struct {
	mu sync.Mutex
	on map[core.GrantID][]*settling // guarded by mu
}

// settlingOf returns what a result has to wait for, as it stands in the
// transaction that made it; nil: nothing. Most of it stands in the events that
// came with the result; an earlier answer that is given again has none.
func settlingOf(v core.View, r core.Result, events []core.Event) *settling {
	assignments, grants := map[core.AssignmentID]core.Assignment{}, map[core.GrantID]core.Grant{}
	for _, ev := range events {
		for _, c := range ev.Changes {
			switch c := c.(type) {
			case core.Assignment:
				assignments[c.ID] = c
			case core.Grant:
				grants[c.ID] = c
			}
		}
	}
	s := &settling{grants: map[core.GrantID]bool{}, requests: map[core.RequestID]*core.Status{}, done: make(chan struct{})}
	for _, it := range r.Items {
		if it.Err != nil {
			continue
		}
		a, ok := assignments[it.Assignment]
		if !ok {
			a, _ = v.Assignment(it.Assignment)
		}
		g, ok := grants[a.Grant]
		if !ok && a.Grant != "" {
			g, ok = v.Grant(a.Grant)
		}
		if ok && g.Pending() {
			s.grants[g.ID] = true
		}
		if it.Request != "" {
			s.requests[it.Request] = new(core.Status)
			*s.requests[it.Request] = it.Status
		}
	}
	if len(s.grants) == 0 {
		return nil
	}
	return s
}

// add puts a result among those that wait. It is called by whoever has the
// turn to commit, after the commit: so no change can slip in between.
func (w *waits) add(s *settling) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.on == nil {
		w.on = map[core.GrantID][]*settling{}
	}
	for g := range s.grants {
		w.on[g] = append(w.on[g], s)
	}
}

// tell passes on what a commit changed: whether grants are on their way, and
// the states of requests.
func (w *waits) tell(grants map[core.GrantID]bool, requests map[core.RequestID]core.Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.on) == 0 {
		return
	}
	for g, pending := range grants {
		for _, s := range w.on[g] {
			for id, status := range s.requests {
				if now, ok := requests[id]; ok {
					*status = now
				}
			}
			if pending {
				continue
			}
			if delete(s.grants, g); len(s.grants) == 0 {
				close(s.done)
			}
		}
		if !pending {
			delete(w.on, g)
		}
	}
}

// settle waits until s is done, at most for within, and brings the result's
// states up to date. That it didn't get that far is no error: the command is
// done, and the states say how far it is.
func (w *waits) settle(ctx context.Context, s *settling, within time.Duration, r *core.Result) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-s.done:
	case <-timer.C:
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for g := range s.grants {
		rest := w.on[g][:0]
		for _, o := range w.on[g] {
			if o != s {
				rest = append(rest, o)
			}
		}
		if w.on[g] = rest; len(rest) == 0 {
			delete(w.on, g)
		}
	}
	for i, it := range r.Items {
		if status, ok := s.requests[it.Request]; ok {
			r.Items[i].Status = *status
		}
	}
}
