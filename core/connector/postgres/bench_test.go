package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core/connector"
)

// BenchmarkApply grants and revokes in turn, batches of 1, 100 and 1,000, over
// loopback without TLS and with fsync off: it is the driver's cost, not the
// disk's. An operation is the grant of the whole batch and its revocation, each
// with its proof and the look at open sessions.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := newWorld(b, true, "sslmode", "disable")
			w.run(b, "create role bench")
			w.allow(b, "bench")
			w.run(b, fmt.Sprintf("do $$ begin for i in 1..%d loop execute format('create role %%I login', 'bench' || i); end loop; end $$", n))
			defer func() {
				w.run(b, fmt.Sprintf("do $$ begin for i in 1..%d loop execute format('drop role %%I', 'bench' || i); end loop; end $$", n))
				w.run(b, "drop role bench")
			}()
			var give, take []connector.Task
			for i := range n {
				p := connector.Privilege{Role: "bench", Account: fmt.Sprint("bench", i+1)}
				give, take = append(give, connector.Task{Privilege: p, Grant: true}), append(take, connector.Task{Privilege: p})
			}
			b.Run("anchor", func(b *testing.B) { w.anchor(b, give) })
			d := w.open(b)
			b.Run("driver", func(b *testing.B) {
				for b.Loop() {
					for _, tasks := range [][]connector.Task{give, take} {
						out, err := d.Apply(b.Context(), tasks)
						if err != nil {
							b.Fatal(err)
						}
						for _, o := range out {
							if o.Err != nil {
								b.Fatal(o.Err)
							}
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(2*n*b.N), "µs/task")
			})
		})
	}
}

// anchor is what the server itself takes: the two statements, without proof.
func (w *world) anchor(b *testing.B, give []connector.Task) {
	conn, err := w.Connect(b.Context(), w.user, w.password)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close(b.Context()) }()
	var names []string
	for _, t := range give {
		names = append(names, ident(t.Account))
	}
	list := strings.Join(names, ", ")
	for b.Loop() {
		for _, sql := range []string{"grant bench to " + list, "revoke bench from " + list} {
			if _, err := conn.Exec(b.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(2*len(give)*b.N), "µs/task")
}
