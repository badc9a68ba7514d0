package simulate_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core/simulate"
)

// B16: how many years of a company of a dozen people are lived in two minutes,
// with every check after every step, on both processors as the tests run. The
// goal is twenty; ratio is against that.
func BenchmarkB16Simulation(b *testing.B) {
	const goal, tests = 20.0, 2 * time.Minute
	var mu sync.Mutex
	var sum simulate.Stats
	next := uint64(1000)
	for b.Loop() {
		var wg sync.WaitGroup
		for range 2 {
			next++
			seed := next
			wg.Go(func() {
				rep := simulate.Live(simulate.Draw(seed, lifeDays, false), "", nil)
				mu.Lock()
				defer mu.Unlock()
				if rep.Failure != nil {
					b.Errorf("seed %d: %v", seed, rep.Failure)
				}
				sum.Add(rep.Stats)
			})
		}
		wg.Wait()
	}
	lived := sum.Years() * tests.Seconds() / b.Elapsed().Seconds()
	b.ReportMetric(lived, "product-years")
	b.ReportMetric(goal, "floor-years")
	b.ReportMetric(lived/goal, "ratio")
	b.ReportMetric(1, "goal-min")
	b.ReportMetric(float64(sum.Commands)/sum.Lived.Hours()*24, "commands/day")
	b.ReportMetric(float64(sum.Kills)/sum.Lived.Hours()*24, "kills/day")
	b.ReportMetric(float64(sum.Faults)/sum.Lived.Hours()*24, "faults/day")
	b.ReportMetric(float64(sum.ClockSteps)/sum.Lived.Hours()*24, "clocksteps/day")
	b.Log(sum)
}
