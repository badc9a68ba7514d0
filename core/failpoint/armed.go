//go:build failpoints

package failpoint

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Variable arms the points of a process from outside.
const Variable = "STINT_FAILPOINTS"

// ErrArmed is what Err returns at a point that is armed with "error".
var ErrArmed = errors.New("failpoint")

// Hit does what the point is armed with.
func Hit(name string) { _ = Err(name) } // a point that can't return an error takes none

// Err does what the point is armed with, and returns its error.
func Err(name string) error {
	if do := points().next(name); do != nil {
		return do()
	}
	return nil
}

// Arm lets do run at each hit of the point until disarm is called; it replaces
// what the point was armed with. do runs on the goroutine that hits the point,
// and its error is returned by Err and forgotten by Hit.
func Arm(name string, do func() error) (disarm func()) {
	p := points()
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.at[name]
	p.at[name] = &armed{do: do}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if was == nil {
			delete(p.at, name)
		} else {
			p.at[name] = was
		}
	}
}

// table is what the points of this process are armed with.
type table struct {
	mu sync.Mutex
	at map[string]*armed // guarded by mu
}

type armed struct {
	do   func() error
	only int // this hit only; 0: each
	hits int
}

// points reads the variable once, when a point is first hit or armed.
var points = sync.OnceValue(func() *table {
	at, err := parse(os.Getenv(Variable))
	if err != nil {
		panic(Variable + ": " + err.Error())
	}
	return &table{at: at}
})

// next counts a hit and returns what is to be done at it.
func (t *table) next(name string) func() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.at[name]
	if a == nil {
		return nil
	}
	if a.hits++; a.only != 0 && a.hits != a.only {
		return nil
	}
	return a.do
}

func parse(text string) (map[string]*armed, error) {
	at := map[string]*armed{}
	if text == "" {
		return at, nil
	}
	for one := range strings.SplitSeq(text, ",") {
		name, action, ok := strings.Cut(one, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q is not name=action", one)
		}
		a := &armed{}
		action, nth, ok := strings.Cut(action, "@")
		if ok {
			n, err := strconv.Atoi(nth)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("%q: @ wants the number of a hit", one)
			}
			a.only = n
		}
		action, pause, _ := strings.Cut(action, ":")
		switch d, err := time.ParseDuration(pause); {
		case action == "kill" && pause == "":
			a.do = kill
		case action == "error" && pause == "":
			a.do = func() error { return fmt.Errorf("%w %s", ErrArmed, name) }
		case action == "sleep" && err == nil:
			a.do = func() error { time.Sleep(d); return nil }
		default:
			return nil, fmt.Errorf("%q: the actions are kill, error and sleep:TIME", one)
		}
		at[name] = a
	}
	return at, nil
}

// kill ends the process as the kernel or a power cut would.
func kill() error {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic("failpoint: kill: " + err.Error())
	}
	select {} // until the signal has come
}
