package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/engine/enginetest"
	memstore "github.com/stint-pim/stint/storage/memory"
)

const right = "the clock was ten years ahead"

// A clock that was once far ahead, and is right again: an administrator accepts
// it, everything activated ends first, and from then on all goes by the right
// time, across restarts too.
func TestF13AcceptClock(t *testing.T) {
	c := enginetest.New(t, nil)
	ann, ben, late := c.Person("Ann"), c.Person("Ben"), c.Person("Late")
	prod, roles := c.System("prod", []string{"dba", "ops"}, ann, ben, late)
	soon := c.Must(c.Boss, core.Assign{Role: roles[1], Principals: []core.PersonID{late}, Kind: core.Eligible, End: c.Engine.Now().Add(24 * time.Hour), Justification: "needs it"}).Items[0].Assignment
	bases := map[core.PersonID]core.AssignmentID{ann: c.Eligible(ann, roles[0]), ben: c.Eligible(ben, roles[0])}
	other := c.Eligible(ben, roles[1])
	wall := c.Clock.Now()

	c.Clock.Step(years)
	turn(c)
	a := c.Activate(ann, bases[ann], time.Hour)
	planned := c.Must(ben, core.Activate{Items: []core.ActivationItem{{Assignment: bases[ben]}}, Start: c.Engine.Now().Add(time.Hour), Duration: core.Duration(time.Hour), Justification: "to do my work"}).Items[0].Assignment
	c.Clock.Step(-years)
	turn(c)
	if got := c.Engine.Now().Sub(wall); got < years {
		t.Fatalf("Stint's time went back by itself, to %v after the start", got)
	}
	if c.Assignment(a).State != core.InForce {
		t.Fatal("the activation is gone already")
	}

	accept := core.AcceptClock{Justification: right}
	c.Refused("rights.missing", ann, accept)
	c.Refused("justification.needed", c.Boss, core.AcceptClock{})
	if _, err := c.DoWith(c.Boss, accept, nil); !enginetest.IsKey(err, "code.needed") {
		t.Errorf("without a code: %v", err)
	}
	boss := core.Actor{Person: c.Boss, Strength: core.StrengthFactor, From: "window"}
	head := c.Head().Seq
	plan, err := c.Engine.Preview(context.Background(), boss, core.AcceptClock{})
	if err != nil || len(plan.Result.Items) != 2 || !plan.NeedsCode || c.Head().Seq != head {
		t.Errorf("preview: %+v, %v", plan, err)
	}
	if res := c.Must(c.Boss, accept); len(res.Items) != 2 {
		t.Errorf("ended %+v", res.Items)
	}
	turn(c)
	if got := c.Engine.Now(); !got.Equal(wall) {
		t.Errorf("Stint's time is %v, want %v", got, wall)
	}
	if got := c.Assignment(a); got.State != core.Removed || c.Grant(a).State != core.GrantAbsent {
		t.Errorf("the activation is %s, its grant %s", got.State, c.Grant(a).State)
	}
	if got := c.Assignment(planned).State; got != core.Removed {
		t.Errorf("what was planned in ten years is %s", got)
	}
	if got := c.Assignment(soon).State; got != core.Expired {
		t.Errorf("what ended while the clock was ahead is %s", got)
	}
	said := strings.Join(steps(c, head), "\n")
	if !strings.Contains(said, "clock.accepted: Stint's time went back by 3650 d, from ") || !strings.HasSuffix(said, "; 1 activation ended first, 1 scheduled canceled") {
		t.Errorf("the log says %q", said)
	}
	c.Refused("clock.right", c.Boss, accept)
	var story []core.EventKind
	entries, err := c.Store.Story(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		story = append(story, e.Action)
	}
	if len(story) == 0 || story[len(story)-1] != core.GrantRemoved {
		t.Errorf("the activation's story does not end with the proof that it is gone: %q", story)
	}

	// From here on everything goes by the right time, what is noted too.
	c.Clock.Set(c.Clock.Now().Add(time.Minute))
	c.Engine.Turn(context.Background())
	if got, err := c.Store.LastTime(context.Background()); err != nil || !got.Equal(c.Clock.Now()) {
		t.Errorf("the time noted is %v (%v), want %v", got, err, c.Clock.Now())
	}
	turn(c)
	c.View(func(v core.View) {
		if s, _ := v.System(prod); !s.Health.Checked.Equal(c.Clock.Now()) {
			t.Errorf("the system was looked at last %v from now", s.Health.Checked.Sub(c.Clock.Now()))
		}
	})
	for range 2 {
		b := c.Activate(ben, other, time.Hour)
		c.Clock.Set(c.Clock.Now().Add(time.Hour - time.Second))
		turn(c)
		if got := c.Assignment(b).State; got != core.InForce {
			t.Errorf("a second before the end it is %s", got)
		}
		c.Clock.Set(c.Clock.Now().Add(time.Second))
		turn(c)
		if got := c.Assignment(b).State; got != core.Expired || c.Grant(b).State != core.GrantAbsent {
			t.Errorf("at its end it is %s, its grant %s", got, c.Grant(b).State)
		}
		c.Restart()
		if got := c.Engine.Now(); !got.Equal(c.Clock.Now()) {
			t.Fatalf("after a restart Stint's time is %v, want %v", got, c.Clock.Now())
		}
	}
	c.Verify()
}

// Who scheduled an activation for a time on the clock keeps it, if that time is
// still near; whoever waits in line behind an accepted clock is judged by it.
func TestAcceptClockKeepsWhatIsScheduled(t *testing.T) {
	c := enginetest.New(t, nil)
	ann := c.Person("Ann")
	_, roles := c.System("prod", []string{"dba"}, ann)
	basis := c.Eligible(ann, roles[0])
	c.Clock.Step(-time.Hour)
	at := c.Engine.Now().Add(2 * time.Hour)
	a := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Start: at, Duration: core.Duration(time.Hour), Justification: "to do my work"}).Items[0].Assignment
	turn(c)
	proof := func(_ core.View, cmd core.Command, env *core.Env) core.Command {
		env.Proof = core.Proof{Step: env.Now.Unix()}
		return cmd
	}
	done := c.Engine.DoAll(context.Background(), []engine.Job{
		{Actor: core.Actor{Person: c.Boss, Strength: core.StrengthFactor, From: "window"}, Command: core.AcceptClock{Justification: right}, Prepare: proof},
		{Actor: core.EngineActor(), Command: core.NoteVerify{Count: 1}},
	})
	if done[0].Err != nil || done[1].Err != nil {
		t.Fatal(done)
	}
	if got := c.Entries(done[0].Result.Seq); len(got) == 0 || !got[0].Time.Equal(c.Clock.Now()) {
		t.Errorf("what is committed behind it has the time %v, want %v", got[0].Time, c.Clock.Now())
	}
	if got := c.Assignment(a).State; got != core.Scheduled {
		t.Fatalf("it is %s", got)
	}
	c.Clock.Set(at)
	turn(c)
	if got := c.Assignment(a); got.State != core.InForce || !got.End.Equal(at.Add(time.Hour)) {
		t.Errorf("at its time it is %+v", got)
	}
}

// A request that was made in a wrong time would wait until a limit of that time;
// one made before it became wrong has its own limit still.
func TestAcceptClockCancelsRequestsOfTheWrongTime(t *testing.T) {
	c := enginetest.New(t, nil)
	ann, ben := c.Person("Ann"), c.Person("Ben")
	_, roles := c.System("prod", []string{"dba", "ops"}, ann, ben)
	dba, ops := c.Eligible(ann, roles[0]), c.Eligible(ben, roles[1])
	yes := true
	for _, r := range roles {
		c.Must(c.Boss, core.SetPolicy{Level: string(r), Settings: core.PolicySettings{RequireApproval: &yes}})
	}
	ask := func(p core.PersonID, basis core.AssignmentID) core.RequestID {
		return c.Must(p, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "to do my work"}).Items[0].Request
	}
	before := ask(ann, dba)
	c.Clock.Set(c.Clock.Now().Add(2 * time.Hour))
	turn(c)
	c.Clock.Step(-time.Hour)
	turn(c)
	during := ask(ben, ops)
	c.Must(c.Boss, core.AcceptClock{Justification: right})
	status := func(id core.RequestID) (s core.Status) {
		c.View(func(v core.View) { r, _ := v.Request(id); s = r.Status })
		return s
	}
	if got := status(before); got != core.PendingApproval {
		t.Errorf("the one made before is %s", got)
	}
	if got := status(during); got != core.CanceledRequest {
		t.Errorf("the one made in the wrong time is %s", got)
	}
	c.Verify()
}

// The store can't write: the clock stays where it is, and nothing is gained.
func TestF13AcceptClockNotDurable(t *testing.T) {
	store := &broken{}
	c := enginetest.New(t, store.init())
	c.Clock.Step(time.Hour)
	c.Engine.Now()
	c.Clock.Step(-time.Hour)
	before := c.Engine.Now()
	store.down.Store(true)
	if _, err := c.Do(c.Boss, core.AcceptClock{Justification: right}); core.CodeOf(err) != core.Unavailable {
		t.Fatalf("got %v", err)
	}
	if got := c.Engine.Now(); got.Before(before) {
		t.Errorf("Stint's time went back by %v without a commit", before.Sub(got))
	}
	store.down.Store(false)
	if _, err := c.Do(c.Boss, core.AcceptClock{Justification: right}); err != nil {
		t.Fatal(err)
	}
	if got := c.Engine.Now(); !got.Equal(c.Clock.Now()) {
		t.Errorf("got %v, want %v", got, c.Clock.Now())
	}
}

// broken is a store that at times takes nothing.
type broken struct {
	core.Store
	down atomic.Bool
}

func (b *broken) init() core.Store { b.Store = memstore.New(); return b }

func (b *broken) Update(ctx context.Context, f func(core.Tx) error) error {
	return b.Store.Update(ctx, func(tx core.Tx) error {
		if err := f(tx); err != nil || !b.down.Load() {
			return err
		}
		return errors.New("no space left on device")
	})
}

// BenchmarkB09Clock is how long an overdue access outlives the moment when the
// clock was set forward past its end, with the loop running on real time.
func BenchmarkB09Clock(b *testing.B) {
	var worst time.Duration
	c := enginetest.New(b, nil)
	ann := c.Person("Ann")
	_, roles := c.System("prod", []string{"dba"}, ann)
	basis := c.Eligible(ann, roles[0])
	lid := &sleeper{began: time.Now()}
	lid.slept.Store(int64(time.Until(enginetest.Start)))
	eng, err := engine.New(b.Context(), engine.Config{Store: c.Store, Clock: lid})
	if err != nil {
		b.Fatal(err)
	}
	c.Engine = eng
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { _ = eng.Run(ctx); close(done) }()
	round := func(i int) {
		a := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "to do my work"}).Items[0].Assignment
		time.Sleep(time.Duration(i) * 137 * time.Millisecond) // another place in the tick each time
		lid.slept.Add(int64(time.Hour))
		began := time.Now()
		for c.Assignment(a).State == core.InForce {
			time.Sleep(200 * time.Microsecond)
		}
		worst = max(worst, time.Since(began))
	}
	for b.Loop() {
		for i := range 4 {
			round(i)
		}
	}
	cancel()
	<-done
	b.ReportMetric(float64(worst.Microseconds())/1000, "product-ms")
	b.ReportMetric(1000, "floor-ms") // a tick
	b.ReportMetric(worst.Seconds(), "ratio")
	b.ReportMetric(2, "goal-max")
}

// What is told of the clock reaches every client, whichever way it was set.
func TestClockStateIsTold(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		c := enginetest.New(t, nil)
		c.Clock.Step(by)
		turn(c)
		var want, got core.ClockState
		c.View(func(v core.View) { want = c.Engine.ClockState(v) })
		b, err := json.Marshal(want)
		if err == nil {
			err = json.Unmarshal(b, &got)
		}
		if err != nil || got != want || got.Step != core.Duration(time.Hour) || got.Back != (by < 0) || got.Trouble() == nil {
			t.Errorf("%v: %s, %+v, %v", by, b, got, err)
		}
	}
}
