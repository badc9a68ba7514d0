package screentest_test

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/storage/sqlite"
)

// TestF26WindowEnds ends the real window in every way that a desktop has, with
// a role active on a PostgreSQL server. The window is the server, so nobody
// would be left to end the role: it is taken back first, and the log says so.
// To repeat one way: go test -tags ci -run 'TestF26WindowEnds/display' ./cmd/stint-desktop/screentest
func TestF26WindowEnds(t *testing.T) {
	pg := pgtest.New(t)
	pg.Exec(t, `create role dba`, `create role ann login`)
	window := program(t, ".")
	ways := []struct {
		name string
		end  func(*screen, *running) error
	}{
		{"display", func(s *screen, _ *running) error { s.kill(); return nil }},
		{"terminate", func(_ *screen, r *running) error { return r.Process.Signal(syscall.SIGTERM) }},
		{"hangup", func(_ *screen, r *running) error { return r.Process.Signal(syscall.SIGHUP) }},
	}
	if testing.Short() {
		ways = ways[:1]
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			dir := t.TempDir()
			active(t, dir, pg, "dba")
			s := newScreen(t)
			r := s.start(t, window, "-data", dir)
			s.rings(t, r)
			if err := way.end(s, r); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- r.Wait() }()
			select {
			case <-ended:
			case <-time.After(30 * time.Second):
				t.Fatalf("the window has not ended 30 s later:\n%s", r.said.String())
			}
			if holds(t, pg, "dba", "ann") {
				t.Error("ann still holds dba, and nobody is left to end it")
			}
			if want := "were taken back"; !strings.Contains(r.said.String(), want) {
				t.Errorf("the log does not say what became of the role:\n%s", r.said.String())
			}
			pg.Exec(t, `revoke dba from ann`) // for the next way
		})
	}
}

// TestF26WindowKilled: where the window can't say farewell, its next start
// takes back what is overdue.
func TestF26WindowKilled(t *testing.T) {
	if testing.Short() {
		return // the same without a window: core/house TestKill
	}
	pg := pgtest.New(t)
	pg.Exec(t, `create role dba`, `create role ann login`)
	window, dir := program(t, "."), t.TempDir()
	id := active(t, dir, pg, "dba")[0]
	s := newScreen(t)
	r := s.start(t, window, "-data", dir)
	s.rings(t, r)
	r.end()
	if !holds(t, pg, "dba", "ann") {
		t.Fatal("killed, and yet the role is gone: the test shows nothing")
	}
	overdue(t, dir, id)
	s.start(t, window, "-data", dir)
	for limit := time.Now().Add(20 * time.Second); holds(t, pg, "dba", "ann"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("overdue for 20 s, and the window that was started again has not taken it back")
		}
	}
}

// active makes an installation in which Ann holds roles for an hour and more,
// read back, and is signed in at the window. It returns the activations.
func active(t testing.TB, dir string, pg *pgtest.Cluster, roles ...string) (ids []core.AssignmentID) {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	h, err := house.Open(ctx, house.Options{Path: filepath.Join(dir, house.FileName), Host: "workstation", Version: "test"})
	ok(err)
	stop := h.Start()
	svc, recovery := signedIn(ctx, t, h, dir)
	do := func(c core.Command) core.Result {
		t.Helper()
		res, err := svc.Do(ctx, core.Call{Command: c})
		ok(err)
		return res
	}
	off := false
	_, err = svc.Do(ctx, core.Call{Command: core.SetPolicy{Level: "default", Settings: core.PolicySettings{RequireMFA: &off}}, Code: core.NewSecret(recovery[0])})
	ok(err)
	add := core.AddSystem{SystemSpec: core.SystemSpec{Name: "prod-db", Kind: core.KindPostgres, Secret: core.NewSecret(pg.Password), Settings: map[string]string{
		"host": pg.Host, "port": strconv.Itoa(pg.Port), "user": pg.User, "database": "postgres", "sslmode": "disable", "end_sessions": "true",
	}}}
	for _, r := range roles {
		add.Roles = append(add.Roles, core.NewRole{External: r})
	}
	sys := do(add)
	me, err := svc.Me(ctx)
	ok(err)
	do(core.SetAccount{Person: me.Person.ID, System: sys.System, External: "ann"})
	news, err := svc.Watch(ctx)
	ok(err)
	for i, r := range sys.Roles {
		basis := do(core.Assign{Role: r, Principals: []core.PersonID{me.Person.ID}, Kind: core.Eligible, Justification: "runs the database"}).Items[0].Assignment
		length := time.Hour + time.Duration(i)*7*time.Minute
		ids = append(ids, do(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(length), Justification: "add an index"}).Items[0].Assignment)
	}
	for proven := 0; proven < len(ids); {
		if _, more := <-news; !more {
			t.Fatalf("%d of %d roles were proven within a minute", proven, len(ids))
		}
		acc, err := svc.Access(ctx)
		ok(err)
		proven = 0
		for _, a := range acc.Active {
			if a.System != core.StintSystem && a.GrantState == core.GrantPresent {
				proven++
			}
		}
	}
	ok(stop()) // a server, not a window: it leaves what runs
	if !holds(t, pg, roles[0], "ann") {
		t.Fatalf("ann does not hold %s: the test would show nothing", roles[0])
	}
	return ids
}

// overdue moves the end of an activation into the past, as waiting would.
func overdue(t *testing.T, dir string, id core.AssignmentID) {
	t.Helper()
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(dir, house.FileName), sqlite.Options{DropDeliveries: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(ctx, func(tx core.Tx) error {
		a, _ := tx.Assignment(id)
		a.Start, a.End = a.Start.Add(-2*time.Hour), a.End.Add(-2*time.Hour)
		return tx.Apply(core.Event{Changes: []core.Change{a}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func holds(t testing.TB, pg *pgtest.Cluster, role, account string) bool {
	t.Helper()
	ctx := context.Background()
	conn, err := pg.Connect(ctx, pg.User, pg.Password)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var n int
	if err := conn.QueryRow(ctx, `select count(*) from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member where r.rolname = $1 and a.rolname = $2`,
		role, account).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n > 0
}
