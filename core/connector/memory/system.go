// Package memory is a system that exists in this process alone. It is the
// reference that connectortest is tried on first, the target of the engine's
// tests (it can be made to fail in every way a real one does), and what the
// sample data is granted on. It never touches anything outside the process.
//
// Read System first, then driver.go.
package memory

import (
	"hash/fnv"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
)

// Failure is a way in which a system fails.
type Failure int

const (
	Unreachable    Failure = iota + 1 // can't be reached; nothing was done
	Refuse                            // refuses the credential; nothing was done
	Hang                              // doesn't answer until the context ends; nothing was done
	LoseAnswer                        // does everything, and the answer is lost (F11)
	HangThenAnswer                    // does everything, then hangs until the context ends (F12)
)

// forever is a count of failures that doesn't run out.
const forever = -1

// System is the system. It may be used from many goroutines, by several
// drivers and by a test at once.
type System struct {
	mu       sync.Mutex
	now      func() time.Time
	title    string
	roles    map[string]core.FoundRole  // guarded by mu; Holders unused
	accounts map[string]bool            // guarded by mu
	holders  map[string]map[string]bool // guarded by mu; role → account
	failure  Failure                    // guarded by mu
	failing  int                        // guarded by mu; calls that still fail
	delay    time.Duration              // guarded by mu
	calls    int                        // guarded by mu; of Read, Apply, Check and Discover
	applied  int                        // guarded by mu; tasks that changed something
	sessions map[string]int             // guarded by mu; account → live sessions
	ids      map[string]int             // guarded by mu; of "role/…" and "account/…", kept when renamed
	names    map[int]string             // guarded by mu; by identifier; "" of what was dropped
}

// NewSystem returns an empty system. now may be nil for the machine's clock;
// it stamps the evidence, so that sample data can live in virtual time.
func NewSystem(title string, now func() time.Time) *System {
	if now == nil {
		now = time.Now
	}
	return &System{
		now: now, title: title,
		roles: map[string]core.FoundRole{}, accounts: map[string]bool{},
		holders: map[string]map[string]bool{}, sessions: map[string]int{}, ids: map[string]int{}, names: map[int]string{},
	}
}

// mint gives a role or account its identifier, if it has none; s.mu is held. It
// comes from the name, so that a system which is filled anew after a restart, in
// another order, is the same one to grants that remember it; only of a name that
// was there before it is another.
func (s *System) mint(name string) {
	if s.ids[name] != 0 {
		return
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	id := int(h.Sum32()>>1) + 1
	for {
		if _, taken := s.names[id]; !taken {
			break
		}
		id++
	}
	s.ids[name], s.names[id] = id, name
}

// move gives one's identifier to its new name; s.mu is held.
func (s *System) move(from, to string) {
	s.ids[to] = s.ids[from]
	s.names[s.ids[to]] = to
	delete(s.ids, from)
}

// forget takes the identifier of what is dropped; s.mu is held.
func (s *System) forget(name string) {
	if id := s.ids[name]; id != 0 {
		s.names[id] = ""
		delete(s.ids, name)
	}
}

// AddRole adds a role and, as its holders, r.Holders; their accounts are added
// too. A role that exists is replaced and keeps its holders.
func (s *System) AddRole(r core.FoundRole) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holders[r.External] == nil {
		s.holders[r.External] = map[string]bool{}
	}
	s.mint("role/" + r.External)
	for _, a := range r.Holders {
		s.accounts[a] = true
		s.mint("account/" + a)
		s.holders[r.External][a] = true
	}
	r.Holders = nil
	s.roles[r.External] = r
}

// AddAccount adds accounts.
func (s *System) AddAccount(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range names {
		s.accounts[n] = true
		s.mint("account/" + n)
	}
}

// DropRole removes a role with everything granted of it.
func (s *System) DropRole(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.roles, name)
	delete(s.holders, name)
	s.forget("role/" + name)
}

// DropAccount removes an account with everything granted to it.
func (s *System) DropAccount(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.accounts, name)
	delete(s.sessions, name)
	s.forget("account/" + name)
	for _, h := range s.holders {
		delete(h, name)
	}
}

// RenameAccount gives an account another name; it keeps what it holds.
func (s *System) RenameAccount(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.accounts[from] {
		return
	}
	delete(s.accounts, from)
	s.accounts[to] = true
	s.move("account/"+from, "account/"+to)
	if n := s.sessions[from]; n > 0 {
		delete(s.sessions, from)
		s.sessions[to] = n
	}
	for _, h := range s.holders {
		if h[from] {
			delete(h, from)
			h[to] = true
		}
	}
}

// RenameRole gives a role another name; whoever holds it keeps it.
func (s *System) RenameRole(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.roles[from]
	if !ok {
		return
	}
	r.External = to
	s.roles[to], s.holders[to] = r, s.holders[from]
	delete(s.roles, from)
	delete(s.holders, from)
	s.move("role/"+from, "role/"+to)
}

// Put makes account hold role, or not hold it, behind every driver's back.
func (s *System) Put(role, account string, holds bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holders[role] == nil {
		return
	}
	s.mint("account/" + account)
	if holds {
		s.holders[role][account] = true
	} else {
		delete(s.holders[role], account)
	}
}

// Holds reports whether account holds role.
func (s *System) Holds(role, account string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.holders[role][account]
}

// All returns everything held as "role ← account", in order: one look that
// compares a system before and after.
func (s *System) All() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []string{}
	for role, hs := range s.holders {
		for account := range hs {
			all = append(all, role+" ← "+account)
		}
	}
	slices.SortFunc(all, strings.Compare)
	return all
}

// Connect notes that account has so many live sessions; taking a role from it
// ends them all.
func (s *System) Connect(account string, sessions int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[account] = sessions
}

// Fail makes the next times calls fail; a negative number makes all fail until
// Heal.
func (s *System) Fail(f Failure, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.failing = f, times
	if times < 0 {
		s.failing = forever
	}
}

// Heal ends what Fail and Slow began.
func (s *System) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing, s.delay = 0, 0
}

// Slow makes every call take d.
func (s *System) Slow(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// Calls returns how often drivers have called, and how many tasks changed
// something.
func (s *System) Calls() (calls, changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.applied
}
