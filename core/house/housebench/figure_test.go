package housebench

import (
	"slices"
	"testing"
	"time"
)

// lags are times that something took.
type lags []time.Duration

// at returns the q-th quantile in milliseconds.
func (l lags) at(q float64) float64 {
	s := slices.Clone(l)
	slices.Sort(s)
	return ms(s[int(q*float64(len(s)-1))])
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// goal is what a ratio of product and floor has to keep.
type goal struct {
	most, least float64
}

// report writes a row of the table of goals: see cmd/dev/goal.go.
func report(b *testing.B, unit string, product, floor float64, g goal) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // the figures are in the row, not in the loop
	b.ReportMetric(product, "product-"+unit)
	b.ReportMetric(floor, "floor-"+unit)
	b.ReportMetric(product/floor, "ratio")
	if g.most > 0 {
		b.ReportMetric(g.most, "goal-max")
	} else {
		b.ReportMetric(g.least, "goal-min")
	}
}
