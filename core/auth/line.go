package auth

import (
	"context"
	"slices"
	"sync"

	"github.com/stint-pim/stint/core"
)

// Turn says whose password is compared, and so who goes first.
type Turn int

const (
	// Known are people at a session of theirs, on this machine, or where they
	// have signed in before.
	Known Turn = iota
	// Stranger is anybody else. He waits until no one known does.
	Stranger
)

// maxStrangers is how many strangers wait at most, a few seconds' worth of
// hashes. A longer line only makes people wait for an answer they have given
// up on, and holds their memory meanwhile.
const maxStrangers = 128

// line lets a bounded number of people work at once, known ones first. It is
// safe for concurrent use.
type line struct {
	mu   sync.Mutex
	free int                  // guarded by mu
	wait [2][]chan<- struct{} // by Turn, the oldest first. guarded by mu
}

// enter waits for a turn, which leave gives back. It gives up with ctx.
func (l *line) enter(ctx context.Context, who Turn) error {
	if err := ctx.Err(); err != nil {
		return core.Wrap(core.Canceled, "password.canceled", err)
	}
	l.mu.Lock()
	if l.free > 0 {
		l.free--
		l.mu.Unlock()
		return nil
	}
	if who == Stranger && len(l.wait[Stranger]) >= maxStrangers {
		l.mu.Unlock()
		return core.Errorf(core.Unavailable, "", "signin.busy")
	}
	turn := make(chan struct{})
	l.wait[who] = append(l.wait[who], turn)
	l.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	i := slices.Index(l.wait[who], turn)
	if i >= 0 {
		l.wait[who] = slices.Delete(l.wait[who], i, i+1)
	}
	l.mu.Unlock()
	if i < 0 {
		l.leave() // the turn came at this very moment
	}
	return core.Wrap(core.Canceled, "password.canceled", ctx.Err())
}

// leave passes the turn on.
func (l *line) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for who := range l.wait {
		if len(l.wait[who]) > 0 {
			close(l.wait[who][0])
			l.wait[who] = l.wait[who][1:]
			return
		}
	}
	l.free++
}
