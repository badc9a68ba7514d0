package simulate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// troubled says what the disk does with the commit that comes.
func (w *world) troubled() trouble {
	if w.lived >= w.diskTill {
		return noTrouble
	}
	w.diskDirty = w.lived
	switch w.diskMode {
	case 0:
		return full
	case 1:
		return []trouble{hidden, noTrouble, full}[w.dice(3)]
	}
	return []trouble{broken, broken, noTrouble, full}[w.dice(4)]
}

// lasting is how long trouble lasts.
func lasting(n int) time.Duration {
	return []time.Duration{time.Second, 8 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 7 * time.Hour}[n%6]
}

func troubleActs() map[string]func(*world, Step) {
	someHost := func(w *world, s Step) *host { h, _ := pick(s.N[0], w.hosts); return h }
	// somePlace is a role and an account of a host, one that Stint knows where there is one.
	somePlace := func(w *world, s Step) (*host, place, bool) {
		id, ok := pick(s.N[0], w.book.held)
		g := w.book.grants[id]
		return w.hostWith(g.External), place{g.External, g.Account}, ok
	}
	return map[string]func(*world, Step){
		"calm": func(w *world, _ Step) { w.calm() },
		"fault": func(w *world, s Step) {
			h := someHost(w, s)
			w.stats.Faults++
			h.dirty = w.lived
			w.wakeWorkers(h) // each minute a worker looks
			if s.N[1]%8 == 0 {
				h.slow, h.slowTill = time.Duration(1+s.N[3]%12)*time.Second, w.lived+lasting(s.N[2]%5)
				w.tell("  %s takes %v for each call, for %v", h.name, h.slow, lasting(s.N[2]%5))
				return
			}
			h.fault = fault(s.N[1]>>3) % faults
			if s.N[3]%2 == 0 {
				h.faultLeft = 1 + s.N[3]>>1%3
				w.tell("  %s %s, %d times", h.name, faultNames[h.fault], h.faultLeft)
				return
			}
			h.faultTill = w.lived + lasting(s.N[2])
			w.tell("  %s %s for %v", h.name, faultNames[h.fault], lasting(s.N[2]))
			w.soon(lasting(s.N[2])+w.upTo(time.Second), func() { w.wakeWorkers(h) })
		},
		"bad-task": func(w *world, s Step) {
			h, at, ok := somePlace(w, s)
			if !ok {
				return
			}
			w.stats.Faults++
			name := at.account
			if s.N[1]%4 == 0 {
				name = at.role
			}
			h.bad[name] = w.lived + lasting(s.N[2])
			h.dirty = w.lived
			w.tell("  %s refuses tasks about %s for %v", h.name, name, lasting(s.N[2]))
		},
		"role-dropped": func(w *world, s Step) {
			if h, at, ok := somePlace(w, s); ok {
				w.stats.Faults++
				w.tell("  %s: role %s is dropped", h.name, at.role)
				h.lost(w, func(p place) bool { return p.role == at.role })
				h.sys.DropRole(at.role)
				h.gone = append(h.gone, at.role)
				h.dirty = w.lived
			}
		},
		"account-dropped": func(w *world, s Step) {
			if h, at, ok := somePlace(w, s); ok && h.called(at.account) == at.account {
				w.stats.Faults++
				w.tell("  %s: account %s is dropped", h.name, at.account)
				h.lost(w, func(p place) bool { return p.account == at.account })
				h.sys.DropAccount(at.account)
				h.left = append(h.left, at.account)
				h.dirty = w.lived
			}
		},
		"renamed": func(w *world, s Step) {
			h, at, ok := somePlace(w, s)
			if ok && h.called(at.account) == at.account && !slices.Contains(h.left, at.account) {
				w.stats.Faults++
				w.hand++
				now := fmt.Sprint("z-", w.hand)
				w.tell("  %s: account %s is called %s now", h.name, at.account, now)
				h.stirred = true
				for p, x := range h.privilege {
					x.robbed = x.robbed || p.account == at.account
				}
				h.sys.RenameAccount(at.account, now)
				h.renamed[now] = at.account
				w.lookSoon(h, time.Minute)
			}
		},
		"mended": func(w *world, s Step) { w.mend(someHost(w, s)) },
		"by-hand": func(w *world, s Step) {
			if h, at, ok := somePlace(w, s); ok {
				w.byHand(h, at, s.N[1]%2 == 0)
			}
		},
		"kill": func(w *world, s Step) {
			p := w.proc
			if p == nil || p.dead {
				return
			}
			w.downFor = []time.Duration{time.Second, 5 * time.Second, time.Minute, time.Hour, 9 * time.Hour}[s.N[1]%5] + w.upTo(time.Second)
			if s.N[2]%4 == 0 {
				w.bootShift = -[]time.Duration{time.Minute, time.Hour, day, 40 * day}[s.N[2]>>2%4]
			}
			if s.N[3]%3 == 0 {
				p.die("while nothing was under way")
				return
			}
			p.fuse = 1 + s.N[0]%12
			w.tell("  it will die at the next operation but %d", p.fuse-1)
			if s.N[3]%3 == 1 { // something is under way
				p.engineAt = w.lived
				for _, id := range w.book.lands {
					if _, ok := p.workerAt[id]; ok {
						p.workerAt[id] = w.lived
					}
				}
			}
		},
		"wall": func(w *world, s Step) {
			by := []time.Duration{time.Minute, time.Hour, day, 30 * day, 3 * 365 * day}[s.N[0]%5]
			if s.N[1]%2 == 0 {
				by = -by
			}
			if w.shift+by < -60*day || w.shift > 8*365*day && by > 0 {
				by = -w.shift // somebody corrects it
			}
			w.stats.ClockSteps++
			w.shift += by
			w.stepped = w.lived
			w.tell("  the wall clock is set by %v to %v", by, w.Now())
			if p := w.proc; p != nil {
				p.engineAt = min(p.engineAt, w.lived+w.upTo(time.Second))
			}
		},
		"sleep": func(w *world, s Step) {
			d := []time.Duration{20 * time.Second, 10 * time.Minute, 2 * time.Hour, 14 * time.Hour, 60 * time.Hour}[s.N[0]%5]
			w.tell("  the machine sleeps for %v", d)
			w.stats.Sleeps++
			w.lived, w.slept = w.lived+d, w.slept+d
			w.awake = w.lived
			if p := w.proc; p != nil {
				p.engineAt = min(p.engineAt, w.lived+w.upTo(time.Second))
				for _, id := range w.book.lands {
					if at, ok := p.workerAt[id]; ok {
						p.workerAt[id] = min(at, w.lived+w.upTo(time.Minute))
					}
				}
			}
		},
		"disk": func(w *world, s Step) {
			w.stats.StoreFaults++
			w.catchUp()
			w.diskMode = s.N[0] % 3
			w.diskTill = w.lived + lasting(s.N[1]%4)
			w.diskDirty = w.diskTill
			w.tell("  the disk %s for %v", []string{"is full", "hides what it did", "can't be read at times"}[w.diskMode], lasting(s.N[1]%4))
			if p := w.proc; p != nil {
				p.engineAt = min(p.engineAt, w.diskTill+w.upTo(time.Second))
			}
		},
	}
}

// wakeWorkers has the workers of a host look within a second, as those do that
// have something to do there.
func (w *world) wakeWorkers(h *host) {
	p := w.proc
	if p == nil {
		return
	}
	for _, id := range w.book.lands {
		if at, ok := p.workerAt[id]; ok && (w.hostOf(id) == h || w.hostFor(id) == h) {
			within := time.Minute // nothing waits: it is only looked after
			if !w.idle(id) {
				within = time.Second
			}
			p.workerAt[id] = min(at, w.lived+w.upTo(within))
		}
	}
}

// lost notes that what is held at some places is about to be dropped.
func (h *host) lost(w *world, those func(place) bool) {
	h.stirred = true
	for _, at := range h.holds() {
		if p := h.at(at); those(at) {
			p.taken, p.robbed = p.taken || !p.foreign, true
			p.foreign, p.murky, p.pending, p.clean = false, false, false, false
		}
	}
	w.lookSoon(h, time.Minute)
}

// byHand changes what is held behind Stint's back.
func (w *world) byHand(h *host, at place, hold bool) {
	if h.holdsFor(at) == hold {
		return
	}
	w.stats.ByHand++
	w.tell("  by hand: %s/%s on %s: %v", at.role, at.account, h.name, hold)
	h.stirred = true
	h.sys.Put(at.role, h.called(at.account), hold)
	if h.holdsFor(at) != hold {
		return // there is no such role
	}
	w.lookSoon(h, 50*time.Second)
	p := h.at(at)
	p.clean = false
	if !hold {
		p.taken, p.robbed = p.taken || !p.foreign, true
		p.foreign, p.murky = false, false
		return
	}
	// Nobody can tell whose it is where Stint is about to change it itself, or
	// counts on what was there before somebody took it away.
	p.foreign, p.murky = true, false
	for _, g := range w.rows(at) {
		if p.taken || g.State == core.GrantGranting || g.State == core.GrantRemoving || g.State == core.GrantPresent {
			p.foreign, p.murky = false, true
		}
	}
	if w.proc != nil && len(w.proc.busy) > 0 {
		p.foreign, p.murky = false, true // in the middle of a call
	}
}

// givesWay drops an account that was made anew under the name of one that was
// renamed; what that one holds is not touched.
func (h *host) givesWay(account string) {
	for _, held := range h.sys.All() {
		if role, who, _ := strings.Cut(held, " ← "); who == account {
			p := h.at(place{role, account})
			p.taken, p.robbed = p.taken || !p.foreign, true
		}
	}
	h.sys.DropAccount(account)
}

// mend brings back roles and accounts of a host.
func (w *world) mend(h *host) {
	h.stirred = true
	for _, r := range h.gone {
		h.sys.AddRole(core.FoundRole{External: r})
	}
	h.sys.AddAccount(h.left...)
	h.gone, h.left = nil, nil
	var now []string
	for n := range h.renamed {
		now = append(now, n)
	}
	slices.Sort(now)
	for _, n := range now {
		old := h.renamed[n]
		w.tell("  %s: account %s is called %s again", h.name, n, old)
		h.givesWay(old)
		delete(h.renamed, n)
		h.sys.RenameAccount(n, old)
	}
	w.lookSoon(h, time.Minute)
	h.dirty = w.lived
}
