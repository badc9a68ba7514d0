package house_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	apiclient "github.com/stint-pim/stint/core/api/client"
	"github.com/stint-pim/stint/core/api/server"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/house"
)

// B15: eight people sign in over the API as fast as they can while one
// activates a role of Stint itself. The floor of the first is the bare hash at
// the same costs and by as many workers; that of the second the same
// activations while nobody signs in. Both are taken in the same run.
func BenchmarkB15Logins(b *testing.B) {
	const clients, each = 8, 3 * time.Second
	m := open(b, house.Options{Path: filepath.Join(b.TempDir(), "stint.db")})
	m.setUp()
	m.noCodes()
	me, err := m.svc.Me(context.Background())
	m.ok(err)
	basis := m.do(core.Assign{Role: core.StintRole(core.SecurityReader), Principals: []core.PersonID{me.Person.ID}, Kind: core.Eligible, Justification: "reads the log"}, m.recovery[1]).Items[0].Assignment
	var people []core.SignIn
	for i := range clients {
		login := fmt.Sprintf("person%d", i)
		first := m.do(core.AddPerson{FullName: login, Login: login}, "").Secret
		people = append(people, core.SignIn{Login: login, Password: core.NewSecret(first)})
	}
	socket := filepath.Join(b.TempDir(), "s", "k")
	l, err := server.ListenSocket(context.Background(), socket)
	m.ok(err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, server.Options{Gate: m.h.Gate}, l) }()
	defer func() { stop(); <-served }()
	connect := func() *apiclient.Client {
		c, err := apiclient.New(apiclient.Options{Server: "unix://" + socket, From: api.FromCommandLine})
		m.ok(err)
		b.Cleanup(c.Close)
		return c
	}

	// activations measures how long one takes, until end is closed.
	activations := func(end <-chan struct{}) (took []time.Duration) {
		svc, err := connect().Resume(ctx, m.token)
		m.ok(err)
		for {
			select {
			case <-end:
				return took
			case <-time.After(5 * time.Millisecond):
			}
			began := time.Now()
			res, err := svc.Do(ctx, core.Call{Command: core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "benchmark"}})
			took = append(took, time.Since(began))
			if err != nil || res.Items[0].Err != nil {
				b.Error(err, res)
				return took
			}
			if _, err := svc.Do(ctx, core.Call{Command: core.Drop{Assignments: []core.AssignmentID{res.Items[0].Assignment}}}); err != nil {
				b.Error(err)
				return took
			}
		}
	}
	// rate runs as many workers for a while and says how often they did it.
	rate := func(workers int, do func(worker int)) float64 {
		var n atomic.Int64
		began := time.Now()
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for time.Since(began) < each {
					do(w)
					n.Add(1)
				}
			})
		}
		wg.Wait()
		return float64(n.Load()) / time.Since(began).Seconds()
	}
	p := auth.DefaultParams()
	hash := func(int) {
		argon2.IDKey([]byte("a password"), []byte("sixteen bytes.."), p.Time, p.Memory, p.Threads, 32)
	}
	workers := max(1, runtime.GOMAXPROCS(0)/2) // as house.Open bounds them

	floor := rate(workers, hash)
	end := make(chan struct{})
	time.AfterFunc(each, func() { close(end) })
	quiet := activations(end)
	var busy []time.Duration
	end = make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { busy = activations(end) })
	gates := make([]*apiclient.Client, clients)
	for i := range gates {
		gates[i] = connect()
	}
	logins := rate(clients, func(i int) {
		if _, err := gates[i].SignIn(ctx, people[i]); err != nil {
			b.Error(err)
		}
	})
	close(end)
	wg.Wait()
	floor = (floor + rate(workers, hash)) / 2

	b.Run("logins", func(b *testing.B) {
		b.ReportMetric(logins, "product-per-s")
		b.ReportMetric(floor, "floor-per-s")
		b.ReportMetric(logins/floor, "ratio")
		b.ReportMetric(0.85, "goal-min")
	})
	b.Run("activation", func(b *testing.B) {
		p99 := func(all []time.Duration) float64 {
			slices.Sort(all)
			return all[(len(all)-1)*99/100].Seconds() * 1000
		}
		b.ReportMetric(p99(busy), "product-ms")
		b.ReportMetric(p99(quiet), "floor-ms")
		b.ReportMetric(p99(busy)/p99(quiet), "ratio")
		b.ReportMetric(3, "goal-max")
	})
}
