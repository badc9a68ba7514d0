package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/house"
)

// sampleRoom is where one looks around in sample data: a house of its own, in
// a folder of its own, that has nothing to do with the real one.
type sampleRoom struct {
	dir    string
	tokens *tokens
	home   core.Gate // where leaving leads
	log    *slog.Logger
	wrap   func(connector.Kind) connector.Kind // for pictures; nil

	mu    sync.Mutex
	stop  func() error // guarded by mu; nil: not inside
	guide house.Guide  // guarded by mu
	house *house.House // guarded by mu; nil: not inside
}

// enter makes the sample if there is none, or none that is fresh, and opens it.
func (r *sampleRoom) enter(ctx context.Context, tell core.Progress) (core.Gate, error) {
	r.leave()
	if gate, err := r.open(ctx); err == nil {
		return gate, nil
	}
	r.leave()
	if err := house.MakeSample(ctx, r.dir, time.Now(), tell); err != nil {
		return nil, err
	}
	return r.open(ctx)
}

// open opens the sample as its first person, whose session must still be good.
func (r *sampleRoom) open(ctx context.Context) (core.Gate, error) {
	g, err := house.OpenGuide(r.dir)
	if err != nil {
		return nil, err
	}
	h, err := house.Open(ctx, house.Options{Path: filepath.Join(r.dir, house.FileName), Sample: true, Embedded: true, Version: version, Log: r.log, Wrap: r.wrap})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.stop, r.guide, r.house = h.Start(), g, h
	r.mu.Unlock()
	if _, err := h.Gate.Resume(ctx, g.Token); err != nil {
		return nil, err
	}
	r.tokens.use(&g.Token)
	return h.Gate, nil
}

// leave closes the sample; it can be entered again.
func (r *sampleRoom) leave() {
	r.mu.Lock()
	stop := r.stop
	r.stop, r.house = nil, nil
	r.mu.Unlock()
	r.tokens.use(nil)
	if stop != nil {
		if err := stop(); err != nil {
			r.log.Error("close sample", "err", err)
		}
	}
}

// remove closes the sample and throws it away.
func (r *sampleRoom) remove(context.Context) (core.Gate, error) {
	r.leave()
	if err := house.RemoveSample(r.dir); err != nil {
		return nil, core.Wrap(core.Unavailable, "store.unavailable", err)
	}
	return r.home, nil
}

// code returns what the authenticator of the sample's person would show, or ""
// outside a sample.
func (r *sampleRoom) code() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop == nil {
		return ""
	}
	return r.guide.Code(time.Now())
}
