package job_test

import (
	"context"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/job"
)

func TestStopWaitsForTheMailUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.after = func() { time.Sleep(10 * time.Second) }
		h.insert(true, "de_1")
		time.Sleep(3 * time.Second) // it is being sent
		if err := h.runner.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		if s := h.stats(); s.Waiting != 0 {
			t.Errorf("stats %+v", s)
		}
		h.start()
		time.Sleep(time.Minute)
		if n := h.post.triesOf("de_1"); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestStopDuringAPause(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(down)
		h.insert(true, "de_1", "de_2", "de_3", "de_4", "de_5")
		time.Sleep(20 * time.Minute)
		begin := time.Now()
		if err := h.runner.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("stopping took %v", took)
		}
		h.post.fail(nil)
		h.start()
		time.Sleep(10 * time.Second)
		if got := h.post.taken(); len(got) != 5 {
			t.Errorf("taken %v", got)
		}
	})
}

func TestStopBeforeStartAndTwice(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		r := job.NewRunner(job.Options{DB: h.db, Outbox: h.outbox, Send: h.post.send})
		for range 2 {
			if err := r.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if err := h.runner.Start(t.Context()); err != nil { // a second time
			t.Error(err)
		}
		for range 2 {
			if err := h.runner.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestPanicIsSurvived(t *testing.T) {
	bubble(t, func(t *testing.T, h *house) {
		h.post.fail(func(d core.Delivery) error {
			if d.ID == "de_1" {
				panic("our fault")
			}
			return nil
		})
		h.insert(true, "de_1", "de_2")
		time.Sleep(time.Minute)
		h.post.fail(nil)
		time.Sleep(10 * time.Minute)
		if got := h.post.taken(); len(got) != 2 {
			t.Errorf("taken %v", got)
		}
	})
}
