package engine

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
)

const (
	// endingsTogether is how many endings are read at once: while a system is told
	// of the first, the next are read.
	endingsTogether = 1024
	// maxEndings bounds the endings that a system has not been told of yet. What
	// is beyond it is removed a little later, when its end has been written.
	maxEndings = 16 * endingsTogether
	// tellWait bounds how long ends are not written because systems are being
	// told of them. Writing takes what telling needs, and is less afterwards,
	// when the answers are known; but a system that doesn't answer must not hold
	// up what is due elsewhere.
	tellWait = time.Second
)

// endings let systems know at once what has come to its end, so that nobody
// keeps a privilege for as long as it takes to decide and write thousands of
// ends. Nothing rests on them: a process that dies has forgotten them, and the
// ends are decided, carried out and proven all the same.
//
// They are read while nobody writes. So whoever decides something behind that
// sees that the end has come, and asks the system anew (core's refresh); and
// whoever did so before, is read here with his new end.
type endings struct {
	mu     sync.Mutex
	last   core.Ending                     // the last one read. of RunDue's goroutine only
	untold map[core.SystemID][]core.Ending // not taken yet. guarded by mu
	gone   map[core.GrantID]core.Gone      // answered, and not written yet. guarded by mu

	patient bool                   // there is somebody who tells systems meanwhile. of RunDue's goroutine only
	telling map[core.SystemID]int  // how many of which it has not been told, or is being told. guarded by mu
	slow    map[core.SystemID]bool // was waited for in vain since it last answered. guarded by mu
	told    chan struct{}          // cap 1: a system has been told
}

func newEndings() endings {
	return endings{
		untold: map[core.SystemID][]core.Ending{}, gone: map[core.GrantID]core.Gone{},
		telling: map[core.SystemID]int{}, slow: map[core.SystemID]bool{}, told: make(chan struct{}, 1),
	}
}

// foretell reads what has come to its end since the last time, and wakes whom
// it concerns.
func (e *Engine) foretell(ctx context.Context) error {
	for {
		list, err := e.readEndings(ctx)
		if err != nil || len(list) == 0 {
			return err
		}
		e.endings.last = list[len(list)-1]
		var n News
		e.endings.mu.Lock()
		for _, x := range list {
			if waiting := e.endings.untold[x.System]; len(waiting) < maxEndings {
				e.endings.untold[x.System] = append(waiting, x)
				e.endings.telling[x.System]++
				n.Systems = union(n.Systems, []core.SystemID{x.System})
			}
		}
		e.endings.mu.Unlock()
		e.hub.publish(n)
		if len(list) < endingsTogether {
			return nil
		}
	}
}

func (e *Engine) readEndings(ctx context.Context) ([]core.Ending, error) {
	select {
	case e.queue.turn <- struct{}{}:
		defer func() { <-e.queue.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return e.store.Endings(ctx, e.Now(), e.endings.last, endingsTogether)
}

// Endings returns what a system is to be told at once, each once. Whoever takes
// it tells the system before anything else that he read from the store
// earlier, or not at all.
func (e *Engine) Endings(id core.SystemID) []core.Ending {
	e.endings.mu.Lock()
	defer e.endings.mu.Unlock()
	list := e.endings.untold[id]
	delete(e.endings.untold, id)
	return list
}

// Ended takes what a system answered to its endings.
func (e *Engine) Ended(answers []core.Gone) {
	e.endings.mu.Lock()
	defer e.endings.mu.Unlock()
	for _, g := range answers {
		e.endings.gone[g.Grant] = g
	}
}

// Told hears that a system has been told of all that Endings returned, or that
// it can't be.
func (e *Engine) Told(id core.SystemID) {
	e.endings.mu.Lock()
	e.endings.telling[id] = len(e.endings.untold[id])
	delete(e.endings.slow, id)
	e.endings.mu.Unlock()
	select {
	case e.endings.told <- struct{}{}:
	default:
	}
}

// untilTold waits for systems that are told of many ends, but not long.
func (n *endings) untilTold(ctx context.Context) {
	if !n.patient || n.waiting() <= dueTogether {
		return
	}
	enough := time.NewTimer(tellWait)
	defer enough.Stop()
	for n.waiting() > dueTogether {
		select {
		case <-ctx.Done():
			return
		case <-enough.C:
			n.giveUp()
			return
		case <-n.told:
		}
	}
}

// waiting counts the ends of which systems are being told that are worth waiting for.
func (n *endings) waiting() (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, m := range n.telling {
		if !n.slow[id] {
			count += m
		}
	}
	return count
}

// giveUp no longer waits for systems until they have answered.
func (n *endings) giveUp() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, m := range n.telling {
		if m > 0 {
			n.slow[id] = true
		}
	}
}

// Gone returns what a system answered about a grant that came to its end, if it
// did and that has not been written yet.
func (e *Engine) Gone(id core.GrantID) (core.Gone, bool) {
	e.endings.mu.Lock()
	defer e.endings.mu.Unlock()
	g, ok := e.endings.gone[id]
	return g, ok
}

// Written forgets answers that are written.
func (e *Engine) Written(ids ...core.GrantID) {
	e.endings.mu.Lock()
	defer e.endings.mu.Unlock()
	for _, id := range ids {
		delete(e.endings.gone, id)
	}
}

// settled forgets what no longer matters when no end is left to be written. An
// answer that came too late to be written with its end stays for whoever is
// about to tell the system again: only the first one knows what was ended there.
func (e *Engine) settled(ctx context.Context) error {
	e.endings.mu.Lock()
	clear(e.endings.telling)
	clear(e.endings.slow)
	answers := maps.Clone(e.endings.gone)
	e.endings.mu.Unlock()
	if len(answers) == 0 {
		return nil
	}
	return e.store.Read(ctx, func(v core.View) error {
		for id, x := range answers {
			if g, ok := v.Grant(id); !ok || !x.Answers(g) {
				e.Written(id)
			}
		}
		return v.Err()
	})
}
