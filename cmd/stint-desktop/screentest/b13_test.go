package screentest_test

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkB13FirstFrame measures from exec to the first frame that shows
// something, with 100,000 assignments on disk and somebody signed in, against
// the smallest window of the same toolkit. The two take turns.
func BenchmarkB13FirstFrame(b *testing.B) {
	window, hello := program(b, "."), program(b, "screentest/testdata/hello")
	data := b.TempDir()
	crowd(b, data, crowdAssignments)
	const rounds = 7
	for b.Loop() {
		s := newScreen(b)
		var product, floor, rings []time.Duration
		for i := range rounds + 1 {
			h := s.start(b, hello)
			h.end()
			w := s.start(b, window, "-data", data)
			ring := s.rings(b, w)
			w.end()
			if i > 0 { // the first reads the programs from disk
				rings = append(rings, ring)
				floor, product = append(floor, h.painted), append(product, w.painted)
			}
		}
		report(b, "ms", middle(product).Seconds()*1000, middle(floor).Seconds()*1000, 1.4)
		b.ReportMetric(middle(rings).Seconds()*1000, "access-ms") // what the person came to see
	}
}

func middle(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
