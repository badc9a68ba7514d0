package housebench

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
)

// cohort is a number of accounts whose privilege ends at one moment. The
// product's and the floor's are different roles of the same accounts.
type cohort struct {
	role     string
	from, to int // accounts
	at       time.Time
}

// grantAll gives a cohort its role on the server.
func (w *world) grantAll(cs ...cohort) {
	w.Helper()
	for _, c := range cs {
		w.pg.Exec(w, fmt.Sprintf("do $$ begin if not exists (select from pg_roles where rolname = '%[1]s') then create role %[1]s; end if; "+
			"for i in %[2]d..%[3]d loop execute format('grant %[1]s to a%%s', i); end loop; end $$", c.role, c.from, c.to-1))
	}
	w.pg.Exec(w, "checkpoint")
}

func roleOf(c cohort) core.RoleID { return core.RoleID("ro_" + c.role) }

// running fills a cohort's activations into the closed store: made an hour ago,
// proven, and due at the cohort's moment.
func (w *world) running(c cohort) {
	w.Helper()
	began := time.Now().UTC().Truncate(time.Microsecond).Add(-time.Hour)
	at := c.at.UTC().Truncate(time.Microsecond)
	w.fill(1, func(int) []core.Change {
		return []core.Change{core.Role{ID: roleOf(c), System: w.system, External: c.role, Name: c.role}}
	})
	w.fill(c.to-c.from, func(i int) []core.Change {
		s, n := w.seats[c.from+i], fmt.Sprintf("%s_%06d", c.role, c.from+i)
		grant := core.GrantID("gr_" + n)
		basis := core.Assignment{ID: core.AssignmentID("as_b" + n), Principal: s.person, Role: roleOf(c), System: w.system, Scope: "/", Kind: core.Eligible, Origin: core.Assigned,
			State: core.InForce, Start: began, Created: began, Request: core.RequestID("re_b" + n), Justification: "runs the database"}
		a := core.Assignment{ID: core.AssignmentID("as_" + n), Principal: s.person, Role: roleOf(c), System: w.system, Scope: "/", Kind: core.Active, Origin: core.Activated,
			Basis: basis.ID, State: core.InForce, Start: began, End: at, Created: began, Grant: grant, Request: core.RequestID("re_" + n), Justification: "INC0001234 restore orders"}
		return []core.Change{basis, a,
			core.Request{ID: a.Request, Action: core.SelfActivate, Status: core.Provisioned, Requester: s.person, Principal: s.person, Role: a.Role, System: w.system, Scope: "/",
				Assignment: a.ID, Start: began, End: at, Created: began, Completed: began, Justification: a.Justification},
			core.Grant{ID: grant, GrantKey: core.GrantKey{System: w.system, Role: a.Role, Scope: "/", Account: s.account}, External: c.role, Wanted: true, Until: at, Cycle: 1,
				State: core.GrantPresent, Since: began, For: a.ID, Evidence: core.Evidence{At: began, Holds: true, Query: "pg_auth_members", Answer: "member"}},
		}
	})
}

// running fills a cohort into the floor.
func (f *floor) running(c cohort) error {
	var rows []row
	for i := c.from; i < c.to; i++ {
		rows = append(rows, row{addRow, []any{nil, fmt.Sprint("a", i), c.at.UnixNano(), "active"}})
	}
	return f.write(rows...)
}

// watcher looks at the server, as nobody of both.
type watcher struct {
	w    *world
	conn *pgx.Conn
}

func (w *world) watcher() *watcher {
	w.Helper()
	conn, err := w.pg.Connect(context.Background(), w.pg.User, w.pg.Password)
	w.ok(err)
	w.Cleanup(func() { _ = conn.Close(context.Background()) })
	return &watcher{w, conn}
}

// gone waits until nobody of a cohort has its role, looking every so often, and
// returns how long after since that was seen.
func (x *watcher) gone(c cohort, since time.Time, every time.Duration) time.Duration {
	x.w.Helper()
	over := time.Now().Add(20 * time.Second)
	for {
		var held bool
		err := x.conn.QueryRow(context.Background(), `select exists (select from pg_auth_members where roleid = (select oid from pg_roles where rolname = $1))`, c.role).Scan(&held)
		x.w.ok(err)
		if !held {
			return time.Since(since)
		}
		if time.Now().After(over) {
			x.w.Fatalf("%s is still held 20 s later", c.role)
		}
		time.Sleep(every)
	}
}

// ends lets a cohort of the floor end at its moment, and returns how long after
// that the server had none of it any more.
func (w *world) ends(f *floor, x *watcher, c cohort, every time.Duration) time.Duration {
	w.Helper()
	var wg sync.WaitGroup
	wg.Go(func() {
		time.Sleep(time.Until(c.at))
		if err := f.revokeDue(c.role, c.at); err != nil {
			w.Error(err)
		}
	})
	time.Sleep(time.Until(c.at))
	took := x.gone(c, c.at, every)
	wg.Wait()
	return took
}

// BenchmarkB04Expiry is how long after its end one privilege is gone from the
// server: twenty ends half a second apart, the floor's in between.
func BenchmarkB04Expiry(b *testing.B) {
	const n, apart = 20, 500 * time.Millisecond
	for b.Loop() {
		w := newWorld(b, n)
		first := time.Now().Add(3 * time.Second)
		var mine, floors []cohort
		for i := range n {
			at := first.Add(time.Duration(i) * apart)
			mine = append(mine, cohort{fmt.Sprint("one", i), i, i + 1, at})
			floors = append(floors, cohort{fmt.Sprint("floorone", i), i, i + 1, at.Add(apart / 2)})
			w.running(mine[i])
		}
		w.grantAll(append(mine, floors...)...)
		w.serve()
		f, x := w.floor(), w.watcher()
		if time.Now().After(first) {
			b.Fatal("preparing took too long")
		}
		var p, fl lags
		for i := range n {
			time.Sleep(time.Until(mine[i].at))
			p = append(p, x.gone(mine[i], mine[i].at, 0))
			w.ok(f.running(floors[i]))
			fl = append(fl, w.ends(f, x, floors[i], 0))
		}
		w.stop()
		report(b, "p50-ms", p.at(.5), fl.at(.5), goal{most: 2})
		b.ReportMetric(p.at(1), "product-max-ms")
		b.ReportMetric(fl.at(1), "floor-max-ms")
	}
}

// BenchmarkB05ExpiryOf1000 is when the last of 1,000 privileges that end at one
// moment is gone.
func BenchmarkB05ExpiryOf1000(b *testing.B) { expiry(b, 1000, 3, 0) }

// BenchmarkB06ExpiryOf5000 is the same for 5,000 while 8 clients activate, and
// how long those wait meanwhile.
func BenchmarkB06ExpiryOf5000(b *testing.B) { expiry(b, 5000, 1, 8) }

func expiry(b *testing.B, n, rounds, clients int) {
	const apart = 5 * time.Second
	for b.Loop() {
		busy := 4000
		if clients == 0 {
			busy = 0
		}
		w := newWorld(b, n+2*busy*rounds)
		first := time.Now().Add(3*time.Second + time.Duration(n*rounds)*700*time.Microsecond)
		var mine, floors []cohort
		for i := range rounds {
			at := first.Add(time.Duration(i) * apart)
			mine, floors = append(mine, cohort{fmt.Sprint("many", i), 0, n, at}), append(floors, cohort{fmt.Sprint("floormany", i), 0, n, at})
			w.running(mine[i])
		}
		w.grantAll(append(mine, floors...)...)
		product := w.serve()
		f, x, c := w.floor(), w.watcher(), w.caller()
		base := w.serveFloor(f)
		if late := time.Until(first); late < time.Second/2 {
			b.Fatalf("preparing took too long: %v are left", late)
		}
		seats := w.seats[n:]
		// during lets clients call from before a moment until after it.
		during := func(at time.Time, call func(seat) error) (p99 func() float64) {
			if clients == 0 {
				return func() float64 { return 0 }
			}
			some := seats[:busy]
			seats = seats[busy:]
			stop := at.Add(1500 * time.Millisecond)
			var mu sync.Mutex
			var in lags // of calls in the second after at
			done := make(chan struct{})
			time.Sleep(time.Until(at.Add(-300 * time.Millisecond)))
			go func() {
				defer close(done)
				w.crowd(clients, some, func(s seat) error {
					began := time.Now()
					if began.After(stop) {
						return nil
					}
					err := call(s)
					if ended := time.Now(); ended.After(at) && began.Before(at.Add(time.Second)) {
						mu.Lock()
						in = append(in, ended.Sub(began))
						mu.Unlock()
					}
					return err
				})
			}()
			return func() float64 { <-done; return in.at(.99) }
		}
		var p, fl, pp, fp float64
		for i := range rounds {
			p99 := during(mine[i].at, func(s seat) error { return c.activate(product, s) })
			time.Sleep(time.Until(mine[i].at))
			p += ms(x.gone(mine[i], mine[i].at, time.Millisecond)) / float64(rounds)
			pp += p99() / float64(rounds)
			floors[i].at = time.Now().Add(time.Second)
			w.ok(f.running(floors[i]))
			p99 = during(floors[i].at, func(s seat) error { return c.activateFloor(base, s) })
			fl += ms(w.ends(f, x, floors[i], time.Millisecond)) / float64(rounds)
			fp += p99() / float64(rounds)
		}
		w.stop()
		report(b, "ms", p, fl, goal{most: 2})
		if clients > 0 {
			b.ReportMetric(pp, "activation-p99-ms")
			b.ReportMetric(fp, "floor-activation-p99-ms")
		}
	}
}
