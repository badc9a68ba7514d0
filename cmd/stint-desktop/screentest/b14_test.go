package screentest_test

import (
	"fmt"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
)

// BenchmarkB14Idle measures the processor time of a window in which 20 roles
// count down and nobody does anything, against the smallest window of the same
// toolkit, which counts nothing. Both stand open side by side.
func BenchmarkB14Idle(b *testing.B) {
	window, hello := program(b, "."), program(b, "screentest/testdata/hello")
	pg, err := pgtest.Start(pgtest.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer pg.Close()
	roles := make([]string, 20)
	for i := range roles {
		roles[i] = fmt.Sprintf("orders_%02d", i)
		pg.Exec(b, "create role "+roles[i])
	}
	pg.Exec(b, "create role ann login")
	data := b.TempDir()
	active(b, data, pg, roles...)
	for b.Loop() {
		s := newScreen(b)
		h := s.start(b, hello)
		w := s.start(b, window, "-data", data)
		s.rings(b, w)
		time.Sleep(3 * time.Second) // until both have come to rest
		const length = 10 * time.Second
		h0, w0 := h.cpu(b), w.cpu(b)
		time.Sleep(length)
		floor, product := float64(h.cpu(b)-h0)/float64(length)*100, float64(w.cpu(b)-w0)/float64(length)*100
		h.end()
		w.end()
		report(b, "%", product, floor, 1.3)
	}
}

// BenchmarkB14Wheel measures the processor time that one notch of the wheel
// costs over 100,000 assignments, against a plain table of the toolkit with as
// many rows.
func BenchmarkB14Wheel(b *testing.B) {
	window, hello := program(b, "."), program(b, "screentest/testdata/hello")
	data := b.TempDir()
	crowd(b, data, crowdAssignments)
	for b.Loop() {
		s := newScreen(b)
		h := s.start(b, hello, "table")
		floor := s.wheel(b, h)
		h.end()
		w := s.start(b, window, "-data", data, "-page", "assignments")
		product := s.wheel(b, w)
		w.end()
		report(b, "ms", product, floor, 1.2)
	}
}

// wheel turns the mouse's wheel over the middle of a window and returns how
// many milliseconds of processor time each notch cost.
func (s *screen) wheel(tb testing.TB, r *running) float64 {
	tb.Helper()
	const notches = 150
	time.Sleep(3 * time.Second)
	s.tool(tb, "mousemove", "700", "560")
	time.Sleep(500 * time.Millisecond)
	before := r.cpu(tb)
	s.tool(tb, "click", "--repeat", strconv.Itoa(notches), "--delay", "16", "5")
	time.Sleep(500 * time.Millisecond)
	return float64(r.cpu(tb)-before) / float64(time.Millisecond) / notches
}

// tool moves mouse and keyboard as a person would.
func (s *screen) tool(tb testing.TB, args ...string) {
	tb.Helper()
	c := exec.Command("xdotool", args...)
	c.Env = s.env
	if out, err := c.CombinedOutput(); err != nil {
		tb.Fatalf("xdotool %v: %v\n%s", args, err, out)
	}
}

// report tells a goal's figures.
func report(b *testing.B, unit string, product, floor, atMost float64) {
	b.Helper()
	b.ReportMetric(product, "product-"+unit)
	b.ReportMetric(floor, "floor-"+unit)
	b.ReportMetric(product/floor, "ratio")
	b.ReportMetric(atMost, "goal-max")
}
