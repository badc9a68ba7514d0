package gui_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"github.com/stint-pim/stint/gui"
)

// TestAsync uses real goroutines; the test driver calls back on them.
func TestAsync(t *testing.T) {
	test.NewTempApp(t)
	a := gui.NewAsync(time.Now)
	var wg sync.WaitGroup
	wg.Add(1)
	var got int
	var err error
	gui.Load(a, func(context.Context) (int, error) { return 7, errors.New("seven") }, func(v int, e error) {
		got, err = v, e
		wg.Done()
	})
	wg.Wait()
	if got != 7 || err == nil || err.Error() != "seven" {
		t.Errorf("loaded %d, %v", got, err)
	}

	begun, seen := make(chan struct{}), make(chan error, 1)
	cancel := a.Act(func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		seen <- ctx.Err()
		return ctx.Err()
	}, func(error) { t.Error("done was called after cancel") })
	<-begun
	cancel()
	cancel()
	if !errors.Is(<-seen, context.Canceled) {
		t.Error("the work was not canceled")
	}

	stream := make(chan int)
	sum := make(chan int, 1)
	total := 0
	gui.Follow(a, func(context.Context) (<-chan int, error) { return stream, nil },
		func(v int) { total += v }, func(error) { sum <- total })
	for _, v := range []int{1, 2, 3} {
		stream <- v
	}
	close(stream)
	if got := <-sum; got != 6 {
		t.Errorf("followed %d, want 6", got)
	}

	a.Run(func(ctx context.Context) { <-ctx.Done() }, func() { t.Error("done was called after Stop") })
	a.Stop()
	a.Stop()
	a.Wait() // returns only when every work has noticed
}

func TestTicksPauseWhileHidden(t *testing.T) {
	now := time.Unix(0, 0)
	a := gui.NewDirectAsync(func() time.Time { return now })
	n := 0
	stop := a.Tick(func(time.Time) { n++ })
	a.Beat()
	a.Pause(true)
	a.Beat()
	if n != 1 {
		t.Errorf("%d ticks while hidden, want 1", n)
	}
	a.Pause(false) // one at once
	a.Tray(true)
	for range 60 { // a minute in the tray: every 20 seconds
		now = now.Add(time.Second)
		a.Beat()
	}
	if n != 5 {
		t.Errorf("%d ticks, want 5", n)
	}
	stop()
	a.Tray(false)
	if n != 5 {
		t.Errorf("a tick after stop: %d", n)
	}
}
