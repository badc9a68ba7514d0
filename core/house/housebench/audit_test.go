package housebench

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/postgres"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/reconcile"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/core/service"
	"github.com/stint-pim/stint/storage/sqlite"
)

// unaudited is a store that leaves out the log and does everything else. There
// is no way to get it outside of this benchmark.
type unaudited struct{ core.Store }

func (s unaudited) Update(ctx context.Context, f func(core.Tx) error) error {
	return s.Store.Update(ctx, func(tx core.Tx) error { return f(unauditedTx{tx}) })
}

type unauditedTx struct{ core.Tx }

func (t unauditedTx) Apply(e core.Event) error {
	e.Entry = core.Entry{}
	return t.Tx.Apply(e)
}

// bare serves the store as a house does, but for mail, through a wrapper.
func (w *world) bare(wrap func(core.Store) core.Store) string {
	w.Helper()
	db, err := sqlite.Open(context.Background(), w.path(), sqlite.Options{DropDeliveries: true})
	w.ok(err)
	eng, err := engine.New(context.Background(), engine.Config{Store: wrap(db), Seal: w.box.SealSecret})
	w.ok(err)
	kinds := connector.Registry{core.KindPostgres: postgres.Kind{}}
	rec := reconcile.New(reconcile.Config{Engine: eng, Kinds: kinds, Unseal: func(s core.System) (core.Secret, error) {
		return w.box.OpenSecret(seal.SystemContext(s.ID), s.Sealed)
	}})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	var engErr, recErr error
	wg.Go(func() { engErr = eng.Run(ctx) })
	wg.Go(func() { recErr = rec.Run(ctx) })
	w.serving = append(w.serving, func() {
		cancel()
		wg.Wait()
		w.ok(errors.Join(engErr, recErr, db.Close()))
	})
	return w.listen(service.New(service.Config{Engine: eng, Box: w.box, Hasher: auth.NewHasher(auth.DefaultParams(), 0), Kinds: kinds}))
}

// BenchmarkB11Audit is the price of the durable, chained log: activations with
// it, and with nothing of it but the hashes, whose time is then taken off. The
// rounds alternate, each on the store as the one before left it.
func BenchmarkB11Audit(b *testing.B) {
	const rounds, n, warm = 6, 150, 20
	for b.Loop() {
		w := newWorld(b, rounds*(n+warm))
		c := w.caller()
		var with, without lags
		for i := range rounds {
			wrap := func(s core.Store) core.Store { return s }
			if i%2 == 1 {
				wrap = func(s core.Store) core.Store { return unaudited{s} }
			}
			base := w.bare(wrap)
			for k, s := range w.seats[i*(n+warm) : (i+1)*(n+warm)] {
				took := w.took(func() error { return c.activate(base, s) })
				switch {
				case k < warm:
				case i%2 == 0:
					with = append(with, took)
				default:
					without = append(without, took-hashing())
				}
			}
			w.stop()
		}
		report(b, "p50-ms", with.at(.5), without.at(.5), goal{most: 1.05})
	}
}

// hashing is how long an activation's three links of the chain take.
func hashing() time.Duration {
	began := time.Now()
	var head core.Head
	for range 3 {
		e := core.Entry{Time: began, ActorName: "Person number 1", Action: core.RoleActivated, Outcome: core.OutcomeDone, RoleName: "jit", SystemName: "prod-db", Justification: "INC0001234 restore orders"}
		head = e.Seal(head)
	}
	return time.Since(began)
}
