package house_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
)

// BenchmarkB08Return: the database is away over the end of 50 privileges, for
// three to seven seconds, and comes back. Measured is how long after it takes
// connections again the last of them is gone; the worst of three rounds counts.
// The floor is the pause between two tries, one second: what comes back just
// after a try waits for the next. A peer with exponential pauses took 54.5 s
// after 18 s away (performance.md, B8).
func BenchmarkB08Return(b *testing.B) {
	pg, err := pgtest.Start(pgtest.Options{Durable: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := pg.Close(); err != nil {
			b.Error(err)
		}
	})
	s := sceneOn(b, pg)
	people := s.people(50)
	var worst time.Duration
	for b.Loop() {
		for _, away := range []time.Duration{3 * time.Second, 4200 * time.Millisecond, 7400 * time.Millisecond} {
			s.onDuty(people, s.clock.Now().Add(time.Hour))
			s.ok(pg.Down(syscall.SIGQUIT))
			s.pass(time.Hour + time.Second)
			time.Sleep(away) // that is what is measured
			s.ok(pg.Up())
			began := time.Now()
			s.gone(len(people), time.Minute)
			worst = max(worst, time.Since(began))
		}
	}
	const floor = time.Second
	b.ReportMetric(float64(worst.Microseconds())/1000, "product-ms")
	b.ReportMetric(float64(floor.Milliseconds()), "floor-ms")
	b.ReportMetric(float64(worst)/float64(floor), "ratio")
	b.ReportMetric(1.2, "goal-max")
}
