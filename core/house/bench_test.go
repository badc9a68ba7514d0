package house_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
)

// BenchmarkActivate measures what a person waits for: from the command to the
// proof that a durable PostgreSQL holds the privilege, with intent, outcome and
// audit entries durable on the way (B1 without HTTP and the code). The drop
// between two rounds is not counted. p50 and p99 are reported in milliseconds.
func BenchmarkActivate(b *testing.B) {
	pg, err := pgtest.Start(pgtest.Options{Durable: true})
	if err != nil {
		b.Fatal(err)
	}
	defer pg.Close()
	pg.Exec(b, `create role dba`, `create role ann login`)
	m := open(b, house.Options{Path: filepath.Join(b.TempDir(), "stint.db")})
	m.setUp()
	basis := m.eligible(pg, "dba", "ann")
	sub := m.h.Engine.Subscribe()
	defer sub.Close()
	// wait takes news until the log has the entry that is waited for.
	wait := func(want core.EventKind, after int64) int64 {
		for range sub.C {
			sub.Take()
			l, err := m.svc.Entries(context.Background(), core.EntryFilter{Action: want, AfterSeq: after}, core.Page{Limit: 1})
			if err != nil {
				b.Fatal(err)
			}
			if len(l.Items) > 0 {
				return l.Items[0].Seq
			}
		}
		return 0
	}
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		res := m.do(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "benchmark"}, "")
		seq := wait(core.ActivationActive, res.Seq-1)
		took = append(took, time.Since(began))
		b.StopTimer()
		m.do(core.Drop{Assignments: []core.AssignmentID{res.Items[0].Assignment}}, "")
		wait(core.GrantRemoved, seq)
		b.StartTimer()
	}
	slices.Sort(took)
	ms := func(q float64) float64 {
		return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.99), "p99-ms")
}
