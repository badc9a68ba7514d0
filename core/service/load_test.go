package service_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/core/service"
)

// One person doesn't take up the server with streams, nor hinder another.
func TestStreamsAreBounded(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var open []<-chan core.Update
	var err error
	for range 100 {
		var c <-chan core.Update
		if c, err = ann.Watch(ctx); err != nil {
			break
		}
		open = append(open, c)
	}
	h.key(err, "watch.many")
	if len(open) < 10 {
		t.Errorf("only %d streams", len(open))
	}
	boss, err := h.boss.Watch(ctx)
	h.ok(err)
	cancel()
	for _, c := range append(open, boss) {
		for range c {
		}
	}
	ctx, cancel = context.WithCancel(t.Context())
	again, err := ann.Watch(ctx) // those that ended count no more
	h.ok(err)
	cancel()
	for range again {
	}
}

// Who may not make a first password costs none of the few hashes that sign-in
// waits for, and is still refused and noted.
func TestRefusedCostsNoHash(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	const memory = 64 << 20 // bytes that one hash takes
	gate := service.New(service.Config{Engine: h.eng, Box: seal.New([32]byte{1, 2, 3}), Hasher: auth.NewHasher(auth.Params{Time: 1, Memory: memory >> 10, Threads: 1}, 1), Wall: h.clock.Now})
	s, err := gate.Resume(t.Context(), ann.adm.Token)
	h.ok(err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, c := range []core.Command{core.ResetPassword{Person: h.boss.id}, core.AddPerson{FullName: "Eve", Login: "eve"}} {
		_, err := s.Do(t.Context(), core.Call{Command: c})
		h.key(err, "rights.missing")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n >= memory {
		t.Errorf("%d MiB were taken, as for a hash", n>>20)
	}
	if a := h.actions(); !strings.HasSuffix(a, "command.refused command.refused") {
		t.Errorf("not noted: %s", a)
	}
}
