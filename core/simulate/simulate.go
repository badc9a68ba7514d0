// Package simulate lives years of a small company in minutes: the real engine,
// its due loop, the real reconciler, the rules and a real store, in virtual
// time, with people who activate and drop, administrators who change their
// minds, systems that fail, clocks that jump, a disk that fills, and a process
// that dies at any point between an intent and its outcome. One seed is one
// life, the same each time: everything runs in one goroutine, and whoever waits
// for a system lets the others go on meanwhile.
//
// After each step everything that must always hold is looked at (check.go), and
// when all faults are healed, everything that must then be settled (calm.go). A
// life that fails is made shorter (shrink.go) and kept as a text file that a
// test lives again for ever. What was found so far stands in testdata/README.md.
//
// It is for tests only, decides nothing and touches no system outside the
// process. Read plan.go (what happens), world.go (how time passes), process.go
// and system.go (how things break), check.go (what must hold).
package simulate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Failure is what was found, and when.
type Failure struct {
	Invariant string        // the name of what did not hold
	Says      string        // in one sentence, what should hold
	Detail    string        // what was seen
	At        time.Duration // of time lived
	Step      int           // how many steps of the plan had been begun
}

func (f *Failure) Error() string {
	return fmt.Sprintf("after %v: %s: %s (%s)", f.At, f.Invariant, f.Detail, f.Says)
}

// Stats counts what happened in a life.
type Stats struct {
	Lived                                          time.Duration
	Commands, Accepted, Refused, Repeated, Cut     int // Cut: the answer never came
	Activations, Ended, Grants, Removals           int
	Faults, Kills, ClockSteps, Sleeps, StoreFaults int
	ByHand, Calms, Commits, Entries, Calls         int
	Kinds, Deaths                                  map[string]int // accepted commands by verb; deaths by place
}

// Add adds another life's counts.
func (s *Stats) Add(o Stats) {
	s.Lived += o.Lived
	for _, p := range []struct{ to, from *int }{
		{&s.Commands, &o.Commands}, {&s.Accepted, &o.Accepted}, {&s.Refused, &o.Refused}, {&s.Repeated, &o.Repeated}, {&s.Cut, &o.Cut},
		{&s.Activations, &o.Activations}, {&s.Ended, &o.Ended}, {&s.Grants, &o.Grants}, {&s.Removals, &o.Removals},
		{&s.Faults, &o.Faults}, {&s.Kills, &o.Kills}, {&s.ClockSteps, &o.ClockSteps}, {&s.Sleeps, &o.Sleeps}, {&s.StoreFaults, &o.StoreFaults},
		{&s.ByHand, &o.ByHand}, {&s.Calms, &o.Calms}, {&s.Commits, &o.Commits}, {&s.Entries, &o.Entries}, {&s.Calls, &o.Calls},
	} {
		*p.to += *p.from
	}
	s.Kinds, s.Deaths = merge(s.Kinds, o.Kinds), merge(s.Deaths, o.Deaths)
}

func merge(to, from map[string]int) map[string]int {
	if to == nil {
		to = map[string]int{}
	}
	for k, n := range from {
		to[k] += n
	}
	return to
}

// Years is how many years were lived. A clock that was set forward adds nothing.
func (s Stats) Years() float64 { return s.Lived.Hours() / 24 / 365.25 }

func (s Stats) String() string {
	return fmt.Sprintf("%.2f years: %d commands (%d accepted, %d refused, %d repeated, %d cut off), %d activations and assignments in force, %d ended, "+
		"%d grants made and %d removed in %d calls; %d faults of systems, %d things done by hand, %d kills, %d clock steps, %d sleeps, %d store faults; "+
		"%d commits, %d entries, %d times everything was calm",
		s.Years(), s.Commands, s.Accepted, s.Refused, s.Repeated, s.Cut, s.Activations, s.Ended,
		s.Grants, s.Removals, s.Calls, s.Faults, s.ByHand, s.Kills, s.ClockSteps, s.Sleeps, s.StoreFaults,
		s.Commits, s.Entries, s.Calms)
}

// Report is what came of a life.
type Report struct {
	Stats   Stats
	Log     string // SHA-256 over all audit entries, in hexadecimal
	Failure *Failure
}

// Live lives a plan. dir is an empty folder for the database; it is used only
// if the plan asks for SQLite. tell, if not nil, hears the story.
func Live(p Plan, dir string, tell func(line string)) (rep Report) {
	w := newWorld(p, dir, tell)
	defer w.close()
	w.live()
	sum := sha256.New()
	for _, e := range w.book.entries {
		sum.Write(e.Hash[:])
	}
	w.stats.Lived, w.stats.Entries = w.lived, len(w.book.entries)
	return Report{Stats: w.stats, Log: hex.EncodeToString(sum.Sum(nil)), Failure: w.failure}
}

// Tail keeps the last lines of a story.
type Tail struct {
	lines []string
	most  int
}

// NewTail returns a Tail of at most so many lines.
func NewTail(most int) *Tail { return &Tail{most: most} }

// Tell takes a line.
func (t *Tail) Tell(line string) {
	if t.lines = append(t.lines, line); len(t.lines) > 2*t.most {
		t.lines = append([]string(nil), t.lines[len(t.lines)-t.most:]...)
	}
}

func (t *Tail) String() string {
	return strings.Join(t.lines[max(0, len(t.lines)-t.most):], "\n")
}
