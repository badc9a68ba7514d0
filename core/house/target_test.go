package house_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/house"
)

// What goes wrong at a real server (faults F9 to F12, F15, F16 and F21). Bounds
// are wide, because the machine may be busy; BenchmarkB08Return has the figures.

// soon is what a test allows for what takes a second on a quiet machine.
const soon = 8 * time.Second

// scene is a house whose system is a cluster behind a proxy, with somebody who
// has activated a role there for an hour.
type scene struct {
	*home
	pg     *pgtest.Cluster
	proxy  *pgtest.Proxy
	system core.SystemID
	basis  core.AssignmentID
	path   string
}

func newScene(t testing.TB) *scene {
	t.Helper()
	return sceneOn(t, pgtest.New(t))
}

func sceneOn(t testing.TB, pg *pgtest.Cluster) *scene {
	t.Helper()
	s := &scene{pg: pg, path: filepath.Join(t.TempDir(), "stint.db")}
	s.pg.Exec(t, `create role dba`, `create role ann login password 'x'`)
	s.proxy = pgtest.NewProxy(t, s.pg)
	s.home = open(t, house.Options{Path: s.path})
	s.setUp()
	s.noCodes()
	near := &pgtest.Cluster{Host: s.pg.Host, Port: s.proxy.Port, User: s.pg.User, Password: s.pg.Password}
	s.basis = s.eligible(near, "dba", "ann")
	a, err := s.svc.Assignments(context.Background(), core.AssignmentFilter{ID: s.basis}, core.Page{})
	s.ok(err)
	s.system = a.Items[0].System
	return s
}

// activate activates for an hour and waits until it is proven.
func (s *scene) activate() core.AssignmentID {
	s.t.Helper()
	id := s.do(core.Activate{Items: []core.ActivationItem{{Assignment: s.basis}}, Duration: core.Duration(time.Hour), Justification: "add an index"}, "").Items[0].Assignment
	s.until("active", func() bool { a := s.active(); return len(a) == 1 && a[0].RequestStatus == core.Provisioned })
	return id
}

func (s *scene) pass(d time.Duration) { s.clock.ahead.Add(int64(d)) }

// over waits until nothing of ours is left, and looks at the server itself.
func (s *scene) over() {
	s.t.Helper()
	s.until("over", func() bool { return len(s.active()) == 0 })
	if holds(s.t.(*testing.T), s.pg, "dba", "ann") {
		s.t.Error("the screen says over and the server still grants it")
	}
}

// chained checks the log where more than one story is in it.
func (s *scene) chained() {
	s.t.Helper()
	v, err := s.svc.VerifyAudit(context.Background(), core.Hash{}, nil)
	s.ok(err)
	if v.Break != nil {
		s.t.Fatalf("the log is broken at %d: %s", v.Break.Seq, v.Break.Reason)
	}
}

// entries returns the last entries of an action.
func (s *scene) entries(kind core.EventKind) []core.Entry {
	s.t.Helper()
	l, err := s.svc.Entries(context.Background(), core.EntryFilter{Action: kind}, core.Page{Limit: 100})
	s.ok(err)
	return l.Items
}

func (s *scene) health() core.Health {
	s.t.Helper()
	rows, err := s.svc.Systems(context.Background())
	s.ok(err)
	for _, r := range rows {
		if r.ID == s.system {
			return r.Health
		}
	}
	return core.Health{}
}

// F9: the server is down at the end, for hours. The alarm is there after ten
// seconds, nobody gives up, and it is gone as soon as the server is back.
func TestF09AwayAtTheEnd(t *testing.T) {
	t.Parallel() // it mostly waits
	s := newScene(t)
	s.activate()
	s.ok(s.pg.Down(3)) // SIGQUIT, as in a crash
	s.pass(time.Hour)
	s.until("the problem is known", func() bool { return s.health().Error != "" })
	s.pass(core.StuckAfter)
	s.until("the alarm", func() bool {
		a := s.active()
		return len(a) == 1 && a[0].Stuck(s.clock.Now()) && len(s.entries(core.GrantStuck)) == 1
	})
	for range 5 {
		s.pass(time.Hour)
		time.Sleep(300 * time.Millisecond) // the server really is away; tries go on meanwhile
	}
	s.ok(s.pg.Up())
	began := time.Now()
	s.over()
	if took := time.Since(began); took > soon {
		t.Errorf("removed %v after the server was back", took)
	}
	s.whole()
}

// F9, a server that refuses our password: said in words, and gone once it is
// right again.
func TestF09WrongCredential(t *testing.T) {
	t.Parallel() // it mostly waits
	s := newScene(t)
	s.activate()
	s.pg.Exec(t, `create role other superuser login password 'other'`)
	admin, err := s.pg.Connect(t.Context(), "other", "other")
	s.ok(err)
	defer admin.Close(context.Background())
	run := func(sql string) {
		t.Helper()
		if _, err := admin.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	run(`alter role postgres password 'changed'`)
	run(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres' and backend_type = 'client backend'`)
	s.pass(time.Hour)
	s.until("the problem is told", func() bool { return s.health().Error == core.English("connector.refused") })
	a := s.active()
	if len(a) != 1 || a[0].GrantState != core.GrantRemoving {
		t.Fatalf("while it can't be removed it must be shown as being removed: %+v", a)
	}
	run(`alter role postgres password '` + s.pg.Password + `'`)
	s.over()
	s.whole()
}

// R4, the role is dropped behind our back: that is as good as removed.
func TestF22RoleDropped(t *testing.T) {
	t.Parallel() // it mostly waits
	s := newScene(t)
	id := s.activate()
	s.pg.Exec(t, `drop role dba`)
	s.pass(time.Hour)
	s.until("over", func() bool { return len(s.active()) == 0 })
	story, err := s.svc.Story(t.Context(), id)
	s.ok(err)
	if last := story[len(story)-1]; last.Action != core.GrantRemoved || !strings.Contains(last.Detail, "role does not exist") {
		t.Errorf("the proof: %s %q", last.Action, last.Detail)
	}
	s.whole()
}

// F22 on a real server: taken away by hand while a session has done SET ROLE.
// The access ends, the session with it, and a person is told.
func TestF22RevokedByHand(t *testing.T) {
	t.Parallel() // it mostly waits
	s := newScene(t)
	id := s.activate()
	his, err := s.pg.Connect(t.Context(), "ann", "x")
	s.ok(err)
	defer his.Close(context.Background())
	if _, err := his.Exec(t.Context(), "set role dba"); err != nil {
		t.Fatal(err)
	}
	s.pg.Exec(t, `revoke dba from ann`)
	s.stop() // a restart reads at once; without it the next reading is due within a minute
	s.home = s.again(t, s.path, s.token, 0)
	s.until("the loss", func() bool { return len(s.entries(core.GrantLost)) == 1 && len(s.active()) == 0 })
	a, err := s.svc.Assignments(t.Context(), core.AssignmentFilter{ID: id}, core.Page{})
	s.ok(err)
	if a.Items[0].State != core.Removed {
		t.Errorf("the activation is %s", a.Items[0].State)
	}
	if holds(t, s.pg, "dba", "ann") {
		t.Error("it was granted again")
	}
	if _, err := his.Exec(t.Context(), "select 1"); err == nil {
		t.Error("the session that did SET ROLE lives on")
	}
	report, err := s.svc.Drift(t.Context(), s.system)
	s.ok(err)
	if len(report.Items) != 1 || report.Items[0].Kind != core.DriftLost || report.Items[0].PersonName != "Ann Admin" {
		t.Errorf("the list: %+v", report.Items)
	}
	s.chained()
}

// F22 on a real server: an account renamed while Stint is down keeps nothing,
// and whoever got its name neither gains nor loses.
func TestF22RenamedWhileDown(t *testing.T) {
	t.Parallel() // it mostly waits
	s := newScene(t)
	s.activate()
	s.stop()
	s.pg.Exec(t, `alter role ann rename to ann_old`, `create role ann login`, `grant dba to ann`)
	s.home = s.again(t, s.path, s.token, time.Hour)
	s.until("over", func() bool { return len(s.active()) == 0 })
	if holds(t, s.pg, "dba", "ann_old") {
		t.Error("the renamed account keeps the privilege")
	}
	if !holds(t, s.pg, "dba", "ann") {
		t.Error("it was taken from somebody else who has the name now")
	}
	s.do(core.Activate{Items: []core.ActivationItem{{Assignment: s.basis}}, Duration: core.Duration(time.Hour), Justification: "again"}, "")
	s.until("the refusal", func() bool { a := s.active(); return len(a) == 1 && strings.Contains(a[0].GrantError, "ann_old") })
	s.chained()
}

// F11: GRANT, and later REVOKE, is committed and the answer lost. The next try
// does no harm, there is one outcome, and what was granted is known as ours.
func TestF11AnswerLost(t *testing.T) {
	t.Parallel() // it mostly waits
	s := newScene(t)
	s.proxy.LoseAnswer(`grant "dba" to "ann"`)
	id := s.activate()
	if n := len(s.entries(core.GrantMade)); n != 1 || !holds(t, s.pg, "dba", "ann") {
		t.Errorf("%d proofs of the grant", n)
	}
	if n := len(s.entries(core.GrantFailed)); n == 0 {
		t.Error("the answer was not lost: the test tests nothing")
	}
	s.proxy.LoseAnswer(`revoke "dba" from "ann"`)
	s.pass(time.Hour)
	s.over()
	if n := len(s.entries(core.GrantRemoved)); n != 1 {
		t.Errorf("%d proofs of the removal", n)
	}
	story, err := s.svc.Story(t.Context(), id)
	s.ok(err)
	for _, e := range story {
		if e.Action == core.GrantObserved {
			t.Errorf("our own grant was taken for one that was there before: %s", e.Detail)
		}
	}
	s.whole()
}

// F12: the connection is open and dead. The deadline ends the wait, people are
// told, and once the network is back so is the removal.
func TestF12HalfOpen(t *testing.T) {
	t.Parallel() // it mostly waits
	s := newScene(t)
	s.activate()
	s.proxy.Swallow(true)
	s.pass(time.Hour)
	began := time.Now()
	s.until("the problem is told", func() bool { return s.health().Error == core.English("connector.timeout") })
	if took := time.Since(began); took > 5*time.Second+soon {
		t.Errorf("told after %v; the deadline is 5 s", took)
	}
	s.proxy.Swallow(false)
	began = time.Now()
	s.over()
	if took := time.Since(began); took > 5*time.Second+soon { // a try may have begun just before
		t.Errorf("removed %v after the network was back", took)
	}
	s.whole()
}

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

// F21: at the end the account has a session with SET ROLE, an open transaction
// and a long query. It is ended, and the log says so.
func TestF21LiveSession(t *testing.T) {
	s := newScene(t)
	s.activate()
	his, err := s.pg.Connect(t.Context(), "ann", "x")
	s.ok(err)
	defer his.Close(context.Background())
	for _, sql := range []string{"set role dba", "begin"} {
		if _, err := his.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan time.Time, 1)
	go func() {
		_, _ = his.Exec(context.Background(), "select pg_sleep(60)")
		ended <- time.Now()
	}()
	began := time.Now()
	s.pass(time.Hour)
	select {
	case at := <-ended:
		if took := at.Sub(began); took > soon {
			t.Errorf("the session ended %v after the end", took)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the session lives on")
	}
	s.over()
	if r := s.entries(core.GrantRemoved); len(r) != 1 || !strings.Contains(r[0].Detail, "1 live session ended") {
		t.Errorf("the log: %+v", r)
	}
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
	s.until("all ends are written", func() bool {
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
