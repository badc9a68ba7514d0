package house_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
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
