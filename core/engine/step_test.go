package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/engine/enginetest"
	memstore "github.com/stint-pim/stint/storage/memory"
)

// years is ten of them.
const years = 10 * 365 * 24 * time.Hour

// steps are the actions about the clock behind a number.
func steps(c *enginetest.Company, after int64) (out []string) {
	for _, e := range c.Entries(after) {
		if strings.HasPrefix(string(e.Action), "clock.") {
			out = append(out, string(e.Action)+": "+e.Detail)
		}
	}
	return out
}

// turn does what the loops do when they wake.
func turn(c *enginetest.Company) {
	c.T.Helper()
	c.Engine.Turn(context.Background())
	if err := c.Rec.Once(context.Background()); err != nil {
		c.T.Fatal(err)
	}
}

// However the clock is turned, and whether Stint runs meanwhile or not: what is
// overdue ends in the first turn that sees it, nobody has more than he was
// granted, and the log says what happened, once.
func TestF13ClockStep(t *testing.T) {
	for _, v := range []struct {
		step     time.Duration
		restart  bool
		over     bool   // the activation of an hour, at once
		eligible bool   // the assignment until tomorrow is still there
		said     string // in the log
	}{
		{time.Hour, false, true, true, "clock.stepped: the machine slept, or its clock was set forward, by 1 h; what was due by then ends now"},
		{time.Hour, true, true, true, ""}, // a process that did not run can't tell this from time that passed
		{-time.Hour, false, false, true, "clock.stepped: the machine's clock was set back by 1 h; Stint goes on counting the time that really passes, and is ahead of the clock by 1 h"},
		{-time.Hour, true, false, true, "clock.behind: at the start the machine's clock is behind the time that Stint has seen last, by 1 h; time goes on from there"},
		{-years, false, false, true, "clock.stepped: the machine's clock was set back by 3650 d; Stint goes on counting the time that really passes, and is ahead of the clock by 3650 d"},
		{-years, true, false, true, "clock.behind: at the start the machine's clock is behind the time that Stint has seen last, by 3650 d; time goes on from there"},
		{years, false, true, false, "clock.stepped: the machine slept, or its clock was set forward, by 3650 d; what was due by then ends now"},
		{years, true, true, false, ""},
	} {
		t.Run(fmt.Sprintf("%v restart %v", v.step, v.restart), func(t *testing.T) {
			c := enginetest.New(t, nil)
			ann := c.Person("Ann")
			_, roles := c.System("prod", []string{"dba", "ops"}, ann)
			basis := c.Eligible(ann, roles[0])
			soon := c.Must(c.Boss, core.Assign{Role: roles[1], Principals: []core.PersonID{ann}, Kind: core.Eligible, End: c.Engine.Now().Add(24 * time.Hour), Justification: "needs it"}).Items[0].Assignment
			a := c.Activate(ann, basis, time.Hour)
			turn(c)
			c.Clock.Set(c.Clock.Now().Add(time.Minute))
			turn(c)
			head := c.Head().Seq

			c.Clock.Step(v.step)
			if v.restart {
				c.Restart()
			}
			turn(c)
			turn(c)
			if got := c.Assignment(a).State != core.InForce; got != v.over {
				t.Errorf("right after the step, over is %v", got)
			}
			if got := c.Assignment(soon).State == core.InForce; got != v.eligible {
				t.Errorf("right after the step, eligible is %v", got)
			}
			if got := strings.Join(steps(c, head), "\n"); got != v.said {
				t.Errorf("the log says %q\nwant %q", got, v.said)
			}
			if !v.over {
				// To the second: not a moment longer than the hour, whatever the clock says.
				c.Clock.Set(c.Clock.Now().Add(59*time.Minute - time.Second))
				turn(c)
				if c.Assignment(a).State != core.InForce {
					t.Error("it ended before its time")
				}
				c.Clock.Set(c.Clock.Now().Add(time.Second))
				turn(c)
			}
			if c.Assignment(a).State != core.Expired || c.Grant(a).State != core.GrantAbsent {
				t.Errorf("after the hour: %s, grant %s", c.Assignment(a).State, c.Grant(a).State)
			}
			c.Verify()
		})
	}
}

// A clock that never rests fills neither the log nor mailboxes.
func TestF13ClockFlaps(t *testing.T) {
	store := memstore.New()
	c := enginetest.New(t, store)
	turn(c)
	head, mails := c.Head().Seq, len(store.Deliveries())
	for i := range 600 {
		c.Clock.Set(c.Clock.Now().Add(time.Second))
		c.Clock.Step([]time.Duration{10 * time.Second, -10 * time.Second}[i%2])
		turn(c)
	}
	got := steps(c, head)
	if len(got) < 10 || len(got) > 11 {
		t.Errorf("600 steps in ten minutes made %d entries: %q", len(got), got)
	}
	if n := len(store.Deliveries()) - mails; n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
	if want := "the machine's clock was moved 60 times, together by nothing"; len(got) > 2 && !strings.Contains(got[2], want) {
		t.Errorf("got %q, want %q", got[2], want)
	}
}

// What a time server does, and a machine that dozes for a moment, is no news.
func TestClockSlack(t *testing.T) {
	c := enginetest.New(t, nil)
	turn(c)
	head := c.Head().Seq
	for _, d := range []time.Duration{time.Second, -2 * time.Second, core.ClockSlack - time.Millisecond, -time.Second} {
		c.Clock.Step(d)
		turn(c)
		c.Clock.Set(c.Clock.Now().Add(time.Hour))
		turn(c)
	}
	if got := steps(c, head); got != nil {
		t.Errorf("got %q", got)
	}
	c.Clock.Step(-time.Hour)
	turn(c)
	c.Restart() // known, and not told again
	turn(c)
	c.Restart()
	c.Clock.Set(c.Clock.Now().Add(30 * time.Minute))
	turn(c)
	if got := steps(c, head); len(got) != 1 {
		t.Errorf("got %q", got)
	}
	c.Clock.Set(c.Clock.Now().Add(31 * time.Minute))
	turn(c)
	if got := steps(c, head); len(got) != 1 {
		t.Errorf("an hour that was turned back is not caught up by letting time pass, got %q", got)
	}
	c.Clock.Step(time.Hour) // a time server has set it right
	turn(c)
	c.Clock.Set(c.Clock.Now().Add(2 * time.Minute))
	turn(c)
	got := steps(c, head)
	if len(got) < 2 || !strings.Contains(strings.Join(got[1:], " "), "forward, by 1 h") {
		t.Errorf("got %q", got)
	}
	var st core.ClockState
	c.View(func(v core.View) { st = c.Engine.ClockState(v) })
	if st.Ahead != 0 {
		t.Errorf("still ahead: %+v", st)
	}
}

// sleeper is a laptop: its clock goes on while it sleeps, what its processes
// count does not.
type sleeper struct {
	began time.Time
	slept atomic.Int64
}

func (s *sleeper) Now() time.Time         { return time.Now().Add(time.Duration(s.slept.Load())) }
func (s *sleeper) Elapsed() time.Duration { return time.Since(s.began) }

// A laptop that slept through the end of an activation ends it within two
// seconds of waking, and says what happened.
func TestF14Sleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := enginetest.New(t, nil)
		ann := c.Person("Ann")
		_, roles := c.System("prod", []string{"dba"}, ann)
		basis := c.Eligible(ann, roles[0])
		a := c.Activate(ann, basis, time.Hour)
		c.Settle()
		lid := &sleeper{began: time.Now()}
		lid.slept.Store(int64(enginetest.Start.Sub(time.Now())))
		eng, err := engine.New(t.Context(), engine.Config{Store: c.Store, Clock: lid, Sleeps: true})
		if err != nil {
			t.Fatal(err)
		}
		c.Engine = eng
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = eng.Run(ctx) })
		time.Sleep(10*time.Minute + 300*time.Millisecond)
		if c.Assignment(a).State != core.InForce {
			t.Error("it ended before its time")
		}
		lid.slept.Add(int64(8 * time.Hour))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		got := c.Assignment(a)
		if got.State != core.Expired {
			t.Errorf("two seconds after waking it is %s", got.State)
		}
		if late := got.Ended.Sub(enginetest.Start.Add(8*time.Hour + 10*time.Minute)); late > 2*time.Second {
			t.Errorf("it ended %v after waking", late)
		}
		said := steps(c, 0)
		if len(said) != 1 || !strings.HasPrefix(said[0], "clock.stepped: the machine slept, or its clock was set forward, by 8 h") {
			t.Errorf("the log says %q", said)
		}
		for _, d := range c.Store.(*memstore.Store).Deliveries() {
			if d.Notice.Kind == core.NoticeClock {
				t.Error("somebody gets mail because a laptop woke")
			}
		}
		cancel()
		wg.Wait()
	})
}
