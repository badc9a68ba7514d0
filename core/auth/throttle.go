package auth

import (
	"crypto/sha256"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Budgets of sign-in: so many at once, then one more each time.
const (
	// Strangers, for one login, wherever they are.
	StrangerTries = 20
	StrangerEvery = time.Minute
	// OriginTries are the part of these that one address has.
	OriginTries = 5
	OriginEvery = time.Hour
	// KnownTries are those of one known device, or of this machine, for one login.
	KnownTries = 10
	KnownEvery = 90 * time.Second
	// AddressTries are those of one address for all logins together: a whole
	// office that begins its day (ASVS 2.4.1).
	AddressTries = 60
	AddressEvery = 2 * time.Second
	// OwnTries are of people who type their password again at a session of
	// theirs, right or wrong: each costs a hash.
	OwnTries = 20
	OwnEvery = 30 * time.Second

	// WarnEvery is how often one person is told at most that somebody guesses.
	WarnEvery = 24 * time.Hour

	// maxKept bounds what is remembered of each kind; an entry takes about 120
	// bytes. Those that come when it is full share one budget, so that nobody
	// gets a fresh one by flooding the table.
	maxKept = 50_000
)

// Try is somebody who wants to sign in.
type Try struct {
	Login  string // as typed
	From   string // core.Session.From
	Device string // the known device it comes from; empty: none, or not that person's
	Code   bool   // a code comes with the password
}

// Turn is that in the line for a hash.
func (y Try) Turn() Turn {
	if _, remote := prefix(y.From); remote && y.Device == "" {
		return Stranger
	}
	return Known
}

// Verdict is what may be done with a try.
type Verdict struct {
	// TooOften: the address has tried too much; nothing is to be looked at.
	TooOften bool
	// Beyond: the budget is used up. Only password and code together count.
	Beyond bool
	Until  time.Time // when a password alone is looked at again
	// Held counts the tries that were turned away since the last one that
	// wasn't, for the log.
	Held int
	// Warn: the strangers' budget ended with this try, and nobody was told today.
	Warn bool
}

// Throttle counts tries. The zero value is ready; it is safe for concurrent use.
type Throttle struct {
	mu    sync.Mutex
	kept  [kinds]map[key]*budget // guarded by mu
	swept [kinds]time.Time       // guarded by mu
}

type kind int

const (
	ofAddress kind = iota
	ofStrangers
	ofOrigin
	ofKnown
	ofOwn
	kinds
)

// rates are the numbers above, by kind.
var rates = [kinds]struct {
	tries int
	every time.Duration
}{
	ofAddress: {AddressTries, AddressEvery}, ofStrangers: {StrangerTries, StrangerEvery}, ofOrigin: {OriginTries, OriginEvery},
	ofKnown: {KnownTries, KnownEvery}, ofOwn: {OwnTries, OwnEvery},
}

// key is a hash, so that neither the length of what is typed nor a password
// typed as a login stays in memory. The zero key is shared by whoever comes
// when the table is full.
type key [16]byte

func keyOf(parts ...string) (k key) {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	copy(k[:], sum[:])
	return k
}

// budget is full again at a time; before it, one try is missing for each
// period that is left.
type budget struct {
	full   time.Time
	warned time.Time
	held   int
}

// at returns the budget of a key. The caller holds mu.
func (t *Throttle) at(kd kind, k key, now time.Time) *budget {
	if b, ok := t.kept[kd][k]; ok {
		return b
	}
	if t.kept[kd] == nil {
		t.kept[kd] = map[key]*budget{}
	}
	if len(t.kept[kd]) >= maxKept && now.Sub(t.swept[kd]) >= time.Second {
		t.swept[kd] = now
		for k, b := range t.kept[kd] {
			if !b.full.After(now) && now.Sub(b.warned) >= WarnEvery {
				delete(t.kept[kd], k)
			}
		}
	}
	if len(t.kept[kd]) >= maxKept {
		k = key{}
		if b, ok := t.kept[kd][k]; ok {
			return b
		}
	}
	b := &budget{}
	t.kept[kd][k] = b
	return b
}

// next returns when the budget has a try again; not after now: it has one.
func (b *budget) next(kd kind, now time.Time) time.Time {
	if !b.full.After(now) {
		return now
	}
	return b.full.Add(-time.Duration(rates[kd].tries-1) * rates[kd].every)
}

func (b *budget) take(kd kind, now time.Time) {
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(rates[kd].every)
}

func (b *budget) giveBack(kd kind) { b.full = b.full.Add(-rates[kd].every) }

// spent is a budget that a try takes from.
type spent struct {
	kind kind
	of   *budget
}

// budgets returns those that a try takes from. The caller holds mu.
func (t *Throttle) budgets(y Try, now time.Time) []spent {
	login := fold(y.Login)
	if y.Device != "" {
		return []spent{{ofKnown, t.at(ofKnown, keyOf("device", login, y.Device), now)}}
	}
	from, remote := prefix(y.From)
	if !remote {
		return []spent{{ofKnown, t.at(ofKnown, keyOf("here", login), now)}}
	}
	return []spent{
		{ofStrangers, t.at(ofStrangers, keyOf(login), now)},
		{ofOrigin, t.at(ofOrigin, keyOf(login, from), now)},
	}
}

// Ask takes a try from its budgets, before anything costly is done for it.
func (t *Throttle) Ask(y Try, now time.Time) Verdict {
	t.mu.Lock()
	defer t.mu.Unlock()
	if from, remote := prefix(y.From); remote && y.Device == "" {
		b := t.at(ofAddress, keyOf(from), now)
		if b.next(ofAddress, now).After(now) {
			return Verdict{TooOften: true}
		}
		b.take(ofAddress, now)
	}
	all := t.budgets(y, now)
	v := Verdict{Until: now}
	for _, s := range all {
		if next := s.of.next(s.kind, now); next.After(v.Until) {
			v.Until = next
		}
	}
	if v.Beyond = v.Until.After(now); v.Beyond {
		if !y.Code {
			all[0].of.held++
		}
		return v
	}
	for _, s := range all {
		s.of.take(s.kind, now)
	}
	first := all[0].of
	v.Held, first.held = first.held, 0
	if last := all[0].kind == ofStrangers && first.next(ofStrangers, now).After(now); last && now.Sub(first.warned) >= WarnEvery {
		v.Warn, first.warned = true, now
	}
	return v
}

// Undo gives a try back that was within its budget and told nothing new: the
// password was right, and the code is asked for next.
func (t *Throttle) Undo(y Try, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.budgets(y, now) {
		s.of.giveBack(s.kind)
	}
}

// Right forgets the wrong tries that came from where somebody has now signed
// in. Of the strangers' budget he gets back his own try only: the others are
// still guessing. beyond says that the try was beyond the budget and took none.
func (t *Throttle) Right(y Try, beyond bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.budgets(y, now) {
		switch {
		case s.kind != ofStrangers:
			s.of.full = time.Time{}
		case !beyond:
			s.of.giveBack(s.kind)
		}
	}
}

// Own takes a try of somebody who types his password at a session of his, and
// reports whether there was one.
func (t *Throttle) Own(person string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.at(ofOwn, keyOf(person), now)
	if b.next(ofOwn, now).After(now) {
		return false
	}
	b.take(ofOwn, now)
	return true
}

// fold makes one of all ways to type a login in capitals and small letters, as
// the stores do.
func fold(login string) string { return strings.ToLower(strings.ToUpper(login)) }

// prefix returns the network that an address of one customer lies in: the
// address itself, or the /64 of IPv6. It is false for programs on this machine,
// which the server tells by how they are connected.
func prefix(from string) (string, bool) {
	switch from {
	case "window", "command line", "socket":
		return "", false
	}
	a, err := netip.ParseAddr(from)
	if err != nil {
		return from, true // from nowhere we know: certainly not from here
	}
	bits := 32
	if a = a.Unmap().WithZone(""); a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // neither is more than the address has
	return p.String(), true
}
