package house_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

// F10: one system hangs; the others don't notice.
func TestF10OneHangs(t *testing.T) {
	s := newScene(t)
	s.activate()
	s.pg.Exec(t, `create role ops`)
	other := s.do(core.AddSystem{SystemSpec: core.SystemSpec{Name: "other", Kind: core.KindPostgres, Secret: core.NewSecret(s.pg.Password), Settings: spec(s.pg).Settings}, Roles: []core.NewRole{{External: "ops"}}}, "")
	me, err := s.svc.Me(t.Context())
	s.ok(err)
	s.do(core.SetAccount{Person: me.Person.ID, System: other.System, External: "ann"}, "")
	lag := func() time.Duration {
		s.do(core.Assign{Role: other.Roles[0], Principals: []core.PersonID{me.Person.ID}, Kind: core.Active, End: s.clock.Now().Add(10 * time.Minute), Justification: "on duty"}, "")
		s.until("held on the other", func() bool { return holds(t, s.pg, "ops", "ann") })
		began := time.Now()
		s.pass(10 * time.Minute)
		s.until("gone on the other", func() bool { return !holds(t, s.pg, "ops", "ann") })
		return time.Since(began)
	}
	alone := lag()
	s.proxy.Swallow(true)
	s.pass(time.Hour)
	s.until("the first hangs", func() bool { a := s.active(); return len(a) > 0 && a[0].GrantState == core.GrantRemoving })
	for range 3 {
		// The engine looks at the clock each second, so that either may be up to a
		// second later than the other, and a busy machine adds to it. Who waits for
		// the system that hangs waits out its deadline, which is five.
		if beside := lag(); beside > alone+3*time.Second {
			t.Errorf("removed after %v beside a system that hangs, and after %v alone", beside, alone)
		}
	}
	s.proxy.Swallow(false)
	s.over()
}

// flock adds n people who hold the role until end.
func (s *scene) flock(n int, end time.Time) { s.onDuty(s.people(n), end) }

// people adds n people with accounts p0… on the system. It goes past argon2,
// which a test of expiry need not pay for.
func (s *scene) people(n int) (people []core.PersonID) {
	s.t.Helper()
	s.pg.Exec(s.t, fmt.Sprintf(`do $$ begin for i in 0..%d loop execute format('create role %%I login', 'p' || i); end loop; end $$`, n-1))
	me, err := s.svc.Me(context.Background())
	s.ok(err)
	ann := core.Actor{Person: me.Person.ID, Strength: core.StrengthFactor, From: "window"}
	all := func(jobs []engine.Job) (done []engine.Done) {
		s.t.Helper()
		done = s.h.Engine.DoAll(context.Background(), jobs)
		for _, d := range done {
			s.ok(d.Err)
		}
		return done
	}
	var jobs []engine.Job
	for i := range n {
		jobs = append(jobs, engine.Job{Actor: ann, Command: core.AddPerson{FullName: fmt.Sprint("P", i), Login: fmt.Sprint("p", i), Mail: "p@example.org", Hash: "x"}})
	}
	for _, d := range all(jobs) {
		people = append(people, d.Result.Person)
	}
	jobs = nil
	for i, p := range people {
		jobs = append(jobs, engine.Job{Actor: ann, Command: core.SetAccount{Person: p, System: s.system, External: "p" + strconv.Itoa(i)}})
	}
	all(jobs)
	return people
}

// onDuty makes people hold the role until end, and waits until they do.
func (s *scene) onDuty(people []core.PersonID, end time.Time) {
	s.t.Helper()
	roles, err := s.svc.Roles(context.Background(), core.RoleFilter{System: s.system}, core.Page{})
	s.ok(err)
	for part := range slices.Chunk(people, core.MaxBatch) {
		s.do(core.Assign{Role: roles.Items[0].ID, Principals: part, Kind: core.Active, End: end, Justification: "on duty"}, "")
	}
	s.held(len(people), time.Minute)
	// What is held and not written down yet would be taken away in another way.
	s.until("all of it is written down", func() bool {
		rows, err := s.svc.Systems(context.Background())
		s.ok(err)
		return !slices.ContainsFunc(rows, func(r core.SystemRow) bool { return r.ID == s.system && r.Pending > 0 })
	})
}

// client is somebody who may activate the role.
type client struct {
	actor core.Actor
	basis core.AssignmentID
}

// clients adds people who may activate the role, with accounts c0….
func (s *scene) clients(n int) (out []client) {
	s.t.Helper()
	s.pg.Exec(s.t, fmt.Sprintf(`do $$ begin for i in 0..%d loop execute format('create role %%I login', 'c' || i); end loop; end $$`, n-1))
	a, err := s.svc.Assignments(context.Background(), core.AssignmentFilter{ID: s.basis}, core.Page{})
	s.ok(err)
	for i := range n {
		p := s.do(core.AddPerson{FullName: fmt.Sprint("C", i), Login: fmt.Sprint("c", i), Mail: "c@example.org"}, "").Person
		c := client{actor: core.Actor{Person: p, Strength: core.StrengthFactor, From: "window"}}
		for _, cmd := range []core.Command{core.ChangePassword{Right: true, Hash: "x"}, core.BeginFactor{Sealed: []byte("s")}, core.ConfirmFactor{Step: 1, Recovery: []string{"r"}}} {
			_, err := s.h.Engine.Do(context.Background(), engine.Job{Actor: core.Actor{Person: p, Strength: core.StrengthPassword, From: "window"}, Command: cmd})
			s.ok(err)
		}
		s.do(core.SetAccount{Person: p, System: s.system, External: fmt.Sprint("c", i)}, "")
		c.basis = s.do(core.Assign{Role: a.Items[0].Role, Principals: []core.PersonID{p}, Kind: core.Eligible, Justification: "on call"}, "").Items[0].Assignment
		out = append(out, c)
	}
	return out
}

// held waits until so many hold the role on the server.
func (s *scene) held(want int, within time.Duration) {
	s.t.Helper()
	conn, err := s.pg.Connect(context.Background(), s.pg.User, s.pg.Password)
	s.ok(err)
	defer conn.Close(context.Background())
	began := time.Now()
	for {
		var n int
		s.ok(conn.QueryRow(context.Background(), `select count(*) from pg_auth_members where roleid = 'dba'::regrole`).Scan(&n))
		if n == want {
			return
		}
		if time.Since(began) > within {
			s.t.Fatalf("%d hold the role after %v, want %d", n, within, want)
		}
		time.Sleep(2 * time.Millisecond) // the server is asked; there is nothing to wait on
	}
}

func many() int {
	if testing.Short() {
		return 400
	}
	return 5000
}

// F15: thousands end in the same second while others activate. All are gone,
// and nobody who activates is refused.
func TestF15ManyEndAtOnce(t *testing.T) {
	s := newScene(t)
	n := many()
	end := s.clock.Now().Add(2 * time.Hour)
	clients := s.clients(32)
	s.flock(n, end)
	s.pass(2*time.Hour + time.Second)
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for _, c := range clients {
		wait.Go(func() {
			for round := 0; ; round++ {
				select {
				case <-stop:
					if round > 0 {
						return
					}
				default:
				}
				res, err := s.h.Engine.Do(context.Background(), engine.Job{Actor: c.actor, Command: core.Activate{Items: []core.ActivationItem{{Assignment: c.basis}}, Duration: core.Duration(time.Hour), Justification: "meanwhile"}})
				if err == nil && res.Items[0].Err != nil {
					err = res.Items[0].Err
				}
				if err == nil {
					_, err = s.h.Engine.Do(context.Background(), engine.Job{Actor: c.actor, Command: core.Drop{Assignments: []core.AssignmentID{res.Items[0].Assignment}}})
				}
				if err != nil {
					t.Errorf("%s: %v", c.actor.Person, err)
					return
				}
			}
		})
	}
	s.gone(n, time.Minute)
	close(stop)
	wait.Wait()
	s.written()
	s.chained()
}

// gone waits until none of a flock of n holds the role.
func (s *scene) gone(n int, within time.Duration) {
	s.t.Helper()
	conn, err := s.pg.Connect(context.Background(), s.pg.User, s.pg.Password)
	s.ok(err)
	defer conn.Close(context.Background())
	for began := time.Now(); ; {
		var left int
		s.ok(conn.QueryRow(context.Background(), `select count(*) from pg_auth_members m join pg_roles a on a.oid = m.member where m.roleid = 'dba'::regrole and a.rolname ~ '^p[0-9]'`).Scan(&left))
		if left == 0 {
			return
		}
		if time.Since(began) > within {
			s.t.Fatalf("%d of %d still hold the role after %v", left, n, within)
		}
		time.Sleep(2 * time.Millisecond) // the server is asked; there is nothing to wait on
	}
}

// written waits until every end that is due stands in the store, too: systems
// are told before that.
func (s *scene) written() {
	s.t.Helper()
	s.within(time.Minute, "all ends are written", func() bool {
		l, err := s.svc.Assignments(context.Background(), core.AssignmentFilter{
			Kind: core.Active, States: []core.AssignmentState{core.InForce}, EndsBefore: s.clock.Now(),
		}, core.Page{Limit: 1})
		s.ok(err)
		return len(l.Items) == 0
	})
}

// F16: a restart finds thousands overdue. All are taken back, and who signs in
// meanwhile is let in.
func TestF16RestartWithOverdue(t *testing.T) {
	s := newScene(t)
	n := many()
	end := s.clock.Now().Add(2 * time.Hour)
	s.flock(n, end)
	s.stop()
	s.home = s.again(t, s.path, s.token, 2*time.Hour+time.Second)
	began := time.Now()
	_, err := s.svc.Access(t.Context())
	s.ok(err)
	_, err = s.h.Gate.SignIn(t.Context(), core.SignIn{Login: "ann", Password: core.NewSecret("correct horse battery staple"), From: "window"})
	if core.CodeOf(err) != core.ProofRequired {
		t.Errorf("sign-in without a code: %v", err)
	}
	if took := time.Since(began); took > soon {
		t.Errorf("sign-in was answered after %v", took)
	}
	s.gone(n, time.Minute)
	s.written()
	s.chained()
}
