package simulate

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
)

// host is a system as it is out there, whoever manages it.
type host struct {
	name    string
	address string // where it answers now
	sys     *memory.System

	fault     fault
	faultTill time.Duration // until when it fails; 0: it doesn't
	faultLeft int           // or so many calls
	slow      time.Duration // what each call takes besides, until slowTill
	slowTill  time.Duration
	dirty     time.Duration            // when something was last wrong with it
	bad       map[string]time.Duration // roles and accounts whose tasks are refused, until when
	gone      []string                 // roles dropped on the server
	left      []string                 // accounts dropped on the server
	renamed   map[string]string        // accounts by their new names
	calls     int                      // under way
	touched   bool                     // something was done there that a reading will find
	privilege map[place]*privilege
	seen      []place // what was held when it was last looked at
	stirred   bool    // that may have changed since
	looks     int     // how often seen was asked for
	look      int     // of checkHosts, counted
	astray    bool    // Stint looks for it at the wrong place
}

// place is a role and an account on one host.
type place struct{ role, account string }

// privilege is what the world knows of one place.
type privilege struct {
	foreign bool // held, and not by Stint's doing
	// murky: somebody else had his hands on it while Stint was about to change
	// it; nobody can tell whose it is until it is gone.
	murky   bool
	taken   bool          // somebody else took away what Stint had made, and it has not made it again
	robbed  bool          // somebody else took it away since Stint last gave it
	tried   bool          // Stint may have made it, by an attempt whose outcome it doesn't know
	clean   bool          // Stint was told that it was there before
	blind   bool          // a process died that was about to change it; the next can't tell whose it is
	since   time.Duration // since when nothing gives a right to it
	pending bool          // since holds
	look    int           // the last of checkHosts that saw it held
}

// fault is a way in which a host fails.
type fault int

const (
	unreachable fault = iota
	refuses
	hangs      // does nothing until the deadline
	losesReply // does everything
	hangsAfter // does everything, and then nothing until the deadline
	tears      // does the first half of a batch and breaks off
	faults
)

var faultNames = [faults]string{"can't be reached", "refuses the credential", "hangs", "loses answers", "hangs after the work", "breaks off in the middle"}

// deadline is what connector.Target grants a call.
const deadline = 5 * time.Second

func newHost(name string) *host {
	return &host{name: name, address: name, sys: memory.NewSystem(name, nil), bad: map[string]time.Duration{}, renamed: map[string]string{}, privilege: map[place]*privilege{}}
}

func (h *host) at(p place) *privilege {
	if h.privilege[p] == nil {
		h.privilege[p] = &privilege{}
	}
	return h.privilege[p]
}

// away reports whether nothing can be done on it now, and until when.
func (h *host) away(w *world) (bool, time.Duration) {
	return w.lived < h.faultTill && h.fault <= hangs, h.faultTill
}

// holds lists what is held.
func (h *host) holds() []place {
	var out []place
	for _, s := range h.sys.All() {
		role, account, _ := strings.Cut(s, " ← ")
		if old, ok := h.renamed[account]; ok {
			account = old // a place keeps the name by which Stint knows it
		}
		out = append(out, place{role, account})
	}
	return out
}

// forgotten notes that a process died: what it had told systems and not
// written down, the next one takes for its own.
func (h *host) forgotten(w *world) {
	for at, p := range h.privilege {
		p.tried, p.clean = false, false
		for _, g := range w.rows(at) {
			p.blind = p.blind || g.State == core.GrantGranting || g.State == core.GrantRemoving
			p.tried = p.tried || g.State == core.GrantGranting || g.State == core.GrantRemoving || g.State == core.GrantPresent
		}
	}
}

// unsure notes that an outcome may not have been written down.
func (w *world) unsure() {
	for _, h := range w.hosts {
		for _, p := range h.privilege {
			p.clean = false
		}
	}
}

// hostOf returns the host a system's settings lead to, or nil.
func (w *world) hostOf(id core.SystemID) *host {
	return w.hostAt(w.book.systems[id].Settings["host"])
}

func (w *world) hostAt(address string) *host {
	for _, h := range w.hosts {
		if h.address == address {
			return h
		}
	}
	return nil
}

// hostWith returns the host that has a role of this name: no two have.
func (w *world) hostWith(role string) *host {
	for _, h := range w.hosts {
		if strings.HasPrefix(role, h.name+"-") {
			return h
		}
	}
	return nil
}

// managed reports whether a system that is not removed stands for the host.
func (w *world) managed(h *host) bool {
	for _, r := range w.book.titles {
		role := w.book.roles[r]
		if w.hostWith(role.External) == h && w.book.systems[role.System].State != core.SystemRemoved {
			return true
		}
	}
	return false
}

// rows returns the grants that are about a place.
func (w *world) rows(p place) []core.Grant {
	var out []core.Grant
	for _, id := range w.book.at[p] {
		out = append(out, w.book.grants[id])
	}
	return out
}

// grantMoved hears of each step of a grant.
func (w *world) grantMoved(old, g core.Grant) {
	h := w.hostWith(g.External)
	if h == nil {
		return
	}
	p := h.at(place{g.External, g.Account})
	held := h.holdsFor(place{g.External, g.Account})
	switch {
	case g.State == core.GrantPresent && p.foreign:
		if p.clean {
			w.fail("whatWasThereIsLeft", "%s/%s on %s was there before Stint, and Stint takes it for its own", g.External, g.Account, h.name)
		}
		p.foreign = false // Stint can't know better
	case g.State == core.GrantFound && held:
		p.foreign, p.murky = true, false
	case g.State == core.GrantRemoving && (old.State == "" || old.State == core.GrantFound || old.State == core.GrantAbsent):
		// An administrator has it taken away, or it came back after it was lost.
		p.foreign = false
	case g.State == core.GrantAbsent:
		p.tried = false
		if !held {
			p.murky = false
		}
	}
	if g.State == core.GrantGranting && w.proc != nil && !w.proc.recalled[g.System] {
		p.tried = true // the worker can't tell it from what a process before began
	}
	p.clean = false
	if g.State != core.GrantGranting && g.State != core.GrantRemoving {
		p.blind = false
	}
	if w.dice(4) == 0 {
		w.lookSoon(h, 2*time.Second) // a reading while something is under way
	}
}

// holdsFor is Holds for a place, whatever its account is called now.
func (h *host) holdsFor(at place) bool { return h.sys.Holds(at.role, h.called(at.account)) }

// called is what an account is called now.
func (h *host) called(account string) string {
	for now, old := range h.renamed {
		if old == account {
			return now
		}
	}
	return account
}

// kind opens lines to hosts for one process.
type kind struct{ p *process }

// Info implements connector.Kind.
func (kind) Info() core.KindInfo { return memory.NewKind(nil).Info() }

// Statements implements connector.Kind.
func (kind) Statements(connector.Config) string { return "" }

// Open implements connector.Kind.
func (k kind) Open(cfg connector.Config) (connector.Driver, error) {
	return &line{p: k.p, w: k.p.w, address: cfg.Settings["host"]}, nil
}

// line is a process's connection to a host. What memory.System would do in
// real time it does in the world's.
type line struct {
	p       *process
	w       *world
	address string
}

var (
	errAway = fmt.Errorf("%w: simulated", connector.ErrUnreachable)
	errLate = fmt.Errorf("%w: %w", connector.ErrUnreachable, context.DeadlineExceeded)
)

// Close implements connector.Driver.
func (*line) Close() error { return nil }

// Check implements connector.Driver.
func (l *line) Check(ctx context.Context) (version string, err error) {
	err = l.call(func(d connector.Driver, _ bool) error {
		version, err = d.Check(ctx)
		return err
	})
	return version, err
}

// Read implements connector.Driver.
func (l *line) Read(ctx context.Context, asked []connector.Privilege) (out []connector.Outcome, err error) {
	err = l.call(func(d connector.Driver, _ bool) error {
		out, err = d.Read(ctx, asked)
		l.stamp(out)
		return err
	})
	return out, err
}

// Holders implements connector.Lister.
func (l *line) Holders(ctx context.Context, roles []string) (held []connector.Privilege, err error) {
	err = l.call(func(d connector.Driver, _ bool) error {
		held, err = d.(connector.Lister).Holders(ctx, roles)
		return err
	})
	return held, err
}

// Discover implements connector.Driver.
func (l *line) Discover(ctx context.Context) (found connector.Found, err error) {
	err = l.call(func(d connector.Driver, _ bool) error {
		found, err = d.Discover(ctx)
		return err
	})
	return found, err
}

// Apply implements connector.Driver.
func (l *line) Apply(ctx context.Context, tasks []connector.Task) (out []connector.Outcome, err error) {
	h := l.w.hostAt(l.address)
	var before []place // what others had granted, and nobody has tried since
	err = l.call(func(d connector.Driver, torn bool) error {
		for i, t := range tasks {
			if torn && i >= (len(tasks)+1)/2 {
				return errAway
			}
			at := place{t.Role, t.Account}
			p := h.at(at)
			held := h.holdsFor(at)
			if l.w.lived < max(h.bad[t.Role], h.bad[t.Account]) {
				h.dirty = l.w.lived
				look, err := d.Read(ctx, []connector.Privilege{t.Privilege})
				if err != nil {
					return err
				}
				look[0].Err, look[0].HeldBefore = connector.ErrNotAllowed, t.Grant && held
				out = append(out, look[0])
				continue
			}
			h.stirred = true
			one, err := d.Apply(ctx, []connector.Task{t})
			if err != nil {
				return err
			}
			out = append(out, one...)
			switch {
			case t.Grant && held && p.foreign && !p.tried:
				before = append(before, at)
			case !t.Grant && held && p.foreign && !p.murky && !p.blind:
				l.w.fail("whatWasThereIsLeft", "Stint takes %s from %s on %s, which it did not give", t.Role, t.Account, h.name)
			}
			if one[0].Err == nil && t.Grant {
				p.tried, p.taken, p.robbed = true, false, false
			}
			if !h.holdsFor(at) {
				p.foreign = false
			}
		}
		return nil
	})
	l.stamp(out)
	if err == nil && !l.p.dead {
		for _, at := range before {
			h.at(at).clean = true
		}
	}
	if err != nil || l.p.dead {
		// Whether it was done nobody knows; where somebody else had given it,
		// Stint may now take it for its own.
		for _, t := range tasks {
			if p := l.w.hostWith(t.Role).at(place{t.Role, t.Account}); t.Grant && p.foreign {
				p.foreign, p.murky = false, true
			}
		}
	}
	return out, err
}

// stamp dates evidence by the machine's clock.
func (l *line) stamp(out []connector.Outcome) {
	for i := range out {
		if !out[i].Evidence.At.IsZero() {
			out[i].Evidence.At = l.w.Now()
		}
	}
}

// call is one call to a host: it takes time, in which others go on, and it may
// fail before or after the work.
func (l *line) call(work func(d connector.Driver, torn bool) error) error {
	w, h := l.w, l.w.hostAt(l.address)
	w.stats.Calls++
	if l.p.softPoint("before a system is told") {
		return errAway
	}
	if h == nil {
		w.spend(w.upTo(20 * time.Millisecond))
		return errAway
	}
	h.calls++
	began := w.lived
	defer func() {
		h.calls--
		if w.lived-began > 200*time.Millisecond {
			h.dirty = w.lived
		}
	}()
	f, failing := h.take(w)
	takes := 2*time.Millisecond + w.upTo(30*time.Millisecond)
	if w.lived < h.slowTill {
		takes += h.slow
	}
	if failing && f <= hangs {
		w.tell("    %s %s", h.name, faultNames[f])
		if f == hangs {
			w.spend(deadline)
			h.dirty = w.lived
			return errLate
		}
		w.spend(min(takes, deadline))
		h.dirty = w.lived
		if f == refuses {
			return fmt.Errorf("%w: simulated", connector.ErrRefused)
		}
		return errAway
	}
	w.spend(min(takes/2, deadline))
	if l.p.dead {
		return errAway
	}
	if takes/2 > deadline {
		return errLate
	}
	err := work(h.sys.Driver(), failing && f == tears)
	if l.p.softPoint("after a system was told") {
		return errAway
	}
	left := takes - takes/2
	if failing && f == hangsAfter || takes > deadline {
		left = deadline - takes/2
	}
	w.spend(left)
	switch {
	case l.p.dead:
		return errAway
	case failing && f == hangsAfter, takes > deadline:
		h.dirty = w.lived
		w.tell("    %s did it and did not answer in time", h.name)
		return errLate
	case failing && f == losesReply:
		h.dirty = w.lived
		w.tell("    %s did it and the answer was lost", h.name)
		return errAway
	}
	return err
}

// take uses up one failure, if one is due.
func (h *host) take(w *world) (fault, bool) {
	if w.lived < h.faultTill {
		h.dirty = w.lived
		return h.fault, true
	}
	if h.faultLeft > 0 {
		h.faultLeft--
		h.dirty = w.lived
		return h.fault, true
	}
	return 0, false
}

// spend lets time pass inside a call to a system.
func (w *world) spend(d time.Duration) {
	defer func() {
		if v := recover(); v != nil { // else connector.Target would take it for the driver's
			w.fail("nothingPanics", "%v\n%s", v, debug.Stack())
		}
	}()
	w.until(w.lived+d, true)
}
