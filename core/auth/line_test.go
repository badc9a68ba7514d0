package auth_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
)

// F28: a flood of strangers is turned away when the line is long, and who is
// known doesn't wait for it.
func TestF28KnownPeopleGoFirst(t *testing.T) {
	h := auth.NewHasher(auth.Params{Time: 1, Memory: 4 << 10, Threads: 1}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	verify := func(who auth.Turn) error {
		_, err := h.Verify(ctx, who, "", core.NewSecret("x"))
		return err
	}
	const flood = 400
	var mu sync.Mutex
	count := map[core.Code]int{}
	var wg sync.WaitGroup
	for range flood {
		wg.Go(func() {
			err := verify(auth.Stranger)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				count["done"]++
				return
			}
			count[core.CodeOf(err)]++
		})
	}
	busy := func() int { mu.Lock(); defer mu.Unlock(); return count[core.Unavailable] }
	ahead := func() int { mu.Lock(); defer mu.Unlock(); return count["done"] }
	for busy() == 0 { // until the line is full
		if ahead() > flood/2 {
			t.Fatal("nobody was turned away")
		}
		time.Sleep(time.Millisecond)
	}
	before := ahead()
	if err := verify(auth.Known); err != nil {
		t.Error("known:", err)
	}
	if n := ahead() - before; n > 20 {
		t.Errorf("%d strangers came before somebody known", n)
	}
	wg.Wait()
	if count[core.Unavailable]+count["done"] != flood {
		t.Errorf("%v", count)
	}
	cancel()
	if err := verify(auth.Known); core.CodeOf(err) != core.Canceled {
		t.Errorf("given up: %v", err)
	}
}
