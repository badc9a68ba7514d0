package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/engine/enginetest"
)

// endingTogether runs an engine on virtual time, until 30 activations come to
// their end in the same second on a system that the test tells itself. left
// counts those whose end has not been written.
func endingTogether(t *testing.T, f func(eng *engine.Engine, sys core.SystemID, left func() int)) {
	synctest.Test(t, func(t *testing.T) {
		c := enginetest.New(t, nil)
		var people []core.PersonID
		for i := range 30 {
			people = append(people, c.Person(fmt.Sprintf("Ann%02d", i)))
		}
		sys, roles := c.System("db", []string{"dba"}, people...)
		var ids []core.AssignmentID
		for _, p := range people {
			ids = append(ids, c.Activate(p, c.Eligible(p, roles[0]), 3*time.Hour))
		}
		eng, err := engine.New(t.Context(), engine.Config{Store: c.Store, Seal: func(string, core.Secret) ([]byte, error) { return nil, nil }, Clock: bubble{}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = eng.Run(ctx) })
		time.Sleep(time.Until(c.Assignment(ids[29]).End.Add(time.Since(bubble{}.Now()))))
		synctest.Wait()
		f(eng, sys, func() (n int) {
			for _, id := range ids {
				if c.Assignment(id).State == core.InForce {
					n++
				}
			}
			return n
		})
		cancel()
		wg.Wait()
	})
}

// While a system is told of many ends, none is written: that would take from
// it what it needs.
func TestManyEndsAreToldFirst(t *testing.T) {
	endingTogether(t, func(eng *engine.Engine, sys core.SystemID, left func() int) {
		list := eng.Endings(sys)
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if n := left(); len(list) != 30 || n != 30 {
			t.Errorf("told of %d, %d not written; want 30 and 30", len(list), n)
		}
		eng.Told(sys)
		synctest.Wait()
		if n := left(); n != 0 {
			t.Errorf("%d are not written though the system was told", n)
		}
	})
}

// F10: a system that doesn't answer holds up the writing for a second, no longer.
func TestF10ToldInVain(t *testing.T) {
	endingTogether(t, func(eng *engine.Engine, sys core.SystemID, left func() int) {
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if n := left(); n != 30 {
			t.Errorf("%d not written within the second, want 30", n)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if n := left(); n != 0 {
			t.Errorf("%d not written after it", n)
		}
		if n := len(eng.Endings(sys)); n != 30 {
			t.Errorf("it is told of %d when it comes back, want 30", n)
		}
	})
}
