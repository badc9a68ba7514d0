package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/client"
	"github.com/stint-pim/stint/core/api/server"
	"github.com/stint-pim/stint/core/config"
	"github.com/stint-pim/stint/core/house"
)

// place is where this user's Stint keeps its things.
type place struct{ data, socket, keyFile string }

func (p place) sample() string { return filepath.Join(p.data, "sample") }

func findPlace(data string) (place, error) {
	c, err := config.LoadFor(data, config.System())
	if err != nil {
		return place{}, err
	}
	return place{data: c.DataDir, socket: c.Socket, keyFile: c.KeyFile}, nil
}

// inside is the server inside the window, or the way to the one that runs already.
type inside struct {
	gate  core.Gate
	door  *door // the same, to be closed for a restore
	place place
	log   *slog.Logger
	far   *line

	cancel  context.CancelFunc // of an opening under way
	opening sync.WaitGroup
	mu      sync.Mutex     // held for moments only: the window asks for facts while it paints
	end     []func() error // guarded by mu
	over    bool           // guarded by mu: stopped, so that nothing is opened any more
	house   *house.House   // guarded by mu; nil: the server is elsewhere
	socket  string         // guarded by mu
}

// openInside begins to open the store and to answer on this user's socket,
// while the window comes up beside it. It never fails: where something is
// wrong, the gate says what, and the window shows it.
func openInside(ctx context.Context, p place, far *line, log *slog.Logger) *inside {
	in := &inside{log: log, far: far, place: p}
	ctx, in.cancel = context.WithCancel(ctx)
	d := &door{open: func(ctx context.Context) (core.Gate, error) { return in.open(ctx, p) }}
	in.gate, in.door = d, d
	in.opening.Go(func() { _, _ = d.State(ctx) }) // who asks the gate next is told what it found
	return in
}

// open finds the server that runs already, or opens the store and becomes one.
// One opens at a time: the door sees to that.
func (in *inside) open(ctx context.Context, p place) (core.Gate, error) {
	closed := core.Errorf(core.Unavailable, "", "storage.closed")
	if in.stopped() {
		return nil, closed
	}
	if gate := in.far.running(ctx, p.socket); gate != nil {
		return gate, nil
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	h, err := house.Open(ctx, house.Options{Path: filepath.Join(p.data, house.FileName), KeyFile: p.keyFile, Keyring: true, Embedded: true, Host: host, Version: version, Log: in.log})
	if err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.over {
		return nil, errors.Join(closed, h.Close())
	}
	in.house, in.socket = h, p.socket
	in.end = append(in.end, h.Start())
	in.listen(context.WithoutCancel(ctx), p.socket, h.Gate) // ctx may be one attempt's; stop ends it
	return h.Gate, nil
}

func (in *inside) stopped() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.over
}

// line is the way to a server elsewhere. It tells the window whether that
// server answers.
type line struct {
	mu   sync.Mutex
	tell func(on bool) // guarded by mu; nil: there is no window yet
}

func (l *line) connected(on bool) {
	l.mu.Lock()
	tell := l.tell
	l.mu.Unlock()
	if tell != nil {
		tell(on)
	}
}

func (l *line) to(tell func(on bool)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell = tell
}

// running returns the gate of a server of this user that answers, or nil.
func (l *line) running(ctx context.Context, socket string) core.Gate {
	if _, err := os.Stat(socket); err != nil {
		return nil
	}
	c, err := client.New(client.Options{Server: "unix://" + socket, From: api.FromWindow, Connected: l.connected})
	if err != nil {
		return nil
	}
	if _, err := c.State(ctx); err != nil {
		return nil
	}
	return c
}

// listen answers the command line of this user. A window without it is still a
// window, so that a failure is said in the log alone.
func (in *inside) listen(ctx context.Context, socket string, gate core.Gate) {
	l, err := server.ListenSocket(ctx, socket)
	if err != nil {
		in.log.Warn("the command line can't reach this window", "err", err)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, server.Options{Gate: gate, Log: in.log}, l) }()
	in.end = append(in.end, func() error { cancel(); return <-done })
}

// stop ends what was begun, the last first. A second call does nothing.
func (in *inside) stop() {
	if in.cancel != nil {
		in.cancel()
	}
	in.opening.Wait()
	in.mu.Lock()
	end := in.end
	in.end, in.over = nil, true
	in.mu.Unlock()
	for i := len(end) - 1; i >= 0; i-- {
		if err := end[i](); err != nil && !errors.Is(err, context.Canceled) {
			in.log.Error("stop", "err", err)
		}
	}
}

// connect returns the gate of a team's server.
func (l *line) connect(ctx context.Context, address string) (core.Gate, error) {
	c, err := client.New(client.Options{Server: address, From: api.FromWindow, Connected: l.connected})
	if err != nil {
		return nil, err
	}
	if _, err := c.State(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// closedGate is the gate of a store that can't be opened: it says why.
type closedGate struct{ err error }

func (g closedGate) State(context.Context) (core.GateState, error) { return core.GateState{}, g.err }
func (g closedGate) SetUp(context.Context, core.FirstPerson) (core.Admission, error) {
	return core.Admission{}, g.err
}
func (g closedGate) SignIn(context.Context, core.SignIn) (core.Admission, error) {
	return core.Admission{}, g.err
}
func (g closedGate) Resume(context.Context, core.Secret) (core.Service, error) { return nil, g.err }
