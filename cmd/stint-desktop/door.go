package main

import (
	"context"
	"sync"

	"github.com/stint-pim/stint/core"
)

// door is the gate of a store that could not be opened: it says why, and tries
// again each time somebody asks how things are. Once it is open, it is the
// gate behind it.
type door struct {
	open func(context.Context) (core.Gate, error)

	mu   sync.Mutex
	gate core.Gate // guarded by mu; nil: still closed
	err  error     // guarded by mu; why it is closed
}

// State tries to open what is closed.
func (d *door) State(ctx context.Context) (core.GateState, error) {
	d.mu.Lock()
	if d.gate == nil {
		d.gate, d.err = d.open(ctx)
	}
	gate, err := d.gate, d.err
	d.mu.Unlock()
	if err != nil {
		return core.GateState{}, err
	}
	return gate.State(ctx)
}

// shut ends what is behind the door by calling leave, and keeps it closed until
// unlock: whoever asks meanwhile waits.
func (d *door) shut(leave func()) {
	d.mu.Lock()
	leave()
	d.gate, d.err = nil, core.Errorf(core.Unavailable, "", "storage.closed")
}

func (d *door) unlock() { d.mu.Unlock() }

func (d *door) behind() core.Gate {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gate == nil {
		return closedGate{d.err}
	}
	return d.gate
}

// SetUp implements core.Gate.
func (d *door) SetUp(ctx context.Context, p core.FirstPerson) (core.Admission, error) {
	return d.behind().SetUp(ctx, p)
}

// SignIn implements core.Gate.
func (d *door) SignIn(ctx context.Context, s core.SignIn) (core.Admission, error) {
	return d.behind().SignIn(ctx, s)
}

// Resume implements core.Gate.
func (d *door) Resume(ctx context.Context, token core.Secret) (core.Service, error) {
	return d.behind().Resume(ctx, token)
}
