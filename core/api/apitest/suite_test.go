package apitest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api/apitest"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/core/service"
	"github.com/stint-pim/stint/storage/memory"
)

// The suite passes in process and over HTTP, on the real engine.
func TestInProcess(t *testing.T) {
	apitest.Run(t, newWorld)
}

func TestOverHTTP(t *testing.T) {
	apitest.Run(t, func(t *testing.T) apitest.World {
		w := newWorld(t)
		w.Gate = apitest.Over(t, w.Gate, nil)
		return w
	})
}

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time // guarded by mu
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func newWorld(t *testing.T) apitest.World {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 23, 9, 0, 15, 0, time.UTC)}
	box := seal.New([32]byte{1})
	eng, err := engine.New(t.Context(), engine.Config{Store: memory.NewAt(c.Now), Clock: c, Seal: box.SealSecret})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- eng.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	cheap := auth.Params{Time: 1, Memory: 64, Threads: 1} // the suite is not about guessing
	gate := service.New(service.Config{Engine: eng, Box: box, Hasher: auth.NewHasher(cheap, 0), Wall: c.Now})
	return apitest.World{Gate: gate, Code: func(secret core.Secret) core.Secret {
		c.mu.Lock()
		c.now = c.now.Add(30 * time.Second) // a step that was not used yet
		c.mu.Unlock()
		return core.NewSecret(mfa.Code(secret, c.Now()))
	}}
}
