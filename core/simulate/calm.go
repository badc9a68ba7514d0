package simulate

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// calm heals everything, lets minutes pass in which nobody acts, and then
// wants everything settled.
func (w *world) calm() {
	w.stats.Calms++
	w.diskTill, w.diskDirty = min(w.diskTill, w.lived), w.lived
	for _, h := range w.hosts {
		h.faultTill, h.slowTill, h.faultLeft = 0, 0, 0
		clear(h.bad)
		h.dirty = w.lived
		w.mend(h)
		h.sys.AddAccount(w.accountsOn(h)...)
		w.wakeWorkers(h)
	}
	if w.proc == nil {
		w.bootAt = w.lived
	} else {
		w.proc.fuse = 0
	}
	for range 3 {
		w.quiet(2 * time.Minute)
		w.follow() // administrators correct the addresses of servers that moved
	}
	for _, h := range w.hosts {
		w.wakeWorkers(h)
	}
	// The longest pause after a failure is five minutes; a grant may need to be
	// looked at first and made then.
	for range 2 {
		for _, h := range w.hosts {
			w.lookSoon(h, time.Minute)
		}
		w.quiet(6 * time.Minute)
	}
	w.checkSettled()
	if w.failure == nil && !w.plan.SQLite {
		w.checkRows()
	}
}

// accountsOn are the accounts that grants on a host name.
func (w *world) accountsOn(h *host) (out []string) {
	for _, id := range w.book.held {
		if g := w.book.grants[id]; w.hostWith(g.External) == h {
			out = append(out, g.Account)
		}
	}
	return out
}

// quiet lets time pass in which no step of the plan begins.
func (w *world) quiet(d time.Duration) {
	next := w.next
	w.next = len(w.plan.Steps)
	w.until(w.lived+d, false)
	w.next = next
	if w.proc != nil {
		w.proc.fuse = 0
	}
}

func (w *world) checkSettled() {
	if w.failure != nil {
		return
	}
	if w.proc == nil {
		w.fail("everythingSettles", "nothing runs")
		return
	}
	b := w.book
	now := w.proc.told
	if due, ok := b.nextDue(); ok && now.After(due) {
		w.fail("everythingSettles", "something was due at %v, now is %v", due, now)
	}
	wanted := map[place]core.Grant{}
	for _, id := range b.held {
		g := b.grants[id]
		sys := b.systems[g.System]
		// Of a system that was removed, what was never wanted is not looked at any more.
		if g.Pending() && (sys.State != core.SystemRemoved || g.State != core.GrantUnknown) {
			w.fail("everythingSettles", "%s %s/%s on %s is %s, wanted %v: %s", id, g.External, g.Account, sys.Name, g.State, g.Wanted, g.LastErr)
		}
		if g.Wanted {
			wanted[place{g.External, g.Account}] = g
		}
	}
	for _, h := range w.hosts {
		for _, at := range h.holds() {
			p := h.at(at)
			if _, ok := wanted[at]; !ok && !p.foreign && !p.murky {
				w.fail("everythingSettles", "%s still holds %s/%s", h.name, at.role, at.account)
			}
		}
	}
	w.checkSeen()
	for at := range wanted {
		h := w.hostWith(at.role)
		if !h.sys.Holds(at.role, at.account) {
			w.fail("everythingSettles", "%s does not hold %s/%s, which is wanted", h.name, at.role, at.account)
		}
	}
	for _, id := range b.live {
		a := b.assignments[id]
		q := b.requests[a.Request]
		if a.State == core.InForce && q.Status != core.Provisioned && !a.OfGroup() && !b.people[a.Principal].Disabled {
			w.fail("everythingSettles", "%s is in force and its request %s", id, q.Status)
		}
	}
	for _, id := range b.order {
		a := b.assignments[id]
		if q := b.requests[a.Request]; !a.State.Live() && !a.OfGroup() && (q.Status == core.Granted || q.Status == core.PendingProvisioning) {
			w.fail("everythingSettles", "%s is %s and its request %s", id, a.State, q.Status)
		}
	}
	for _, id := range b.lands {
		if s := b.systems[id]; s.State == core.SystemDraining {
			w.fail("everythingSettles", "%s is still being removed", s.Name)
		}
	}
}

// checkSeen wants everything that is held outside Stint listed.
func (w *world) checkSeen() {
	b := w.book
	listed := map[place]bool{}
	for _, id := range b.drifts {
		if d := b.drift[id]; d.Kind == core.DriftOutside {
			listed[place{b.roles[d.Role].External, d.Account}] = true
		}
	}
	for _, h := range w.hosts {
		for _, at := range h.holds() {
			if h.at(at).foreign && w.manages(at.role) && !listed[at] {
				w.fail("driftIsSeen", "%s/%s on %s was given by hand, and Stint does not list it", at.role, at.account, h.name)
			}
		}
	}
}

// manages reports whether a role is one of a system in use.
func (w *world) manages(external string) bool {
	for _, r := range w.book.titles {
		if role := w.book.roles[r]; role.External == external && w.book.systems[role.System].State == core.SystemConnected {
			return true
		}
	}
	return false
}
