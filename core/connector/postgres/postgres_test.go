package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/postgres"
)

func grant(role, account string) connector.Task {
	return connector.Task{Privilege: connector.Privilege{Role: role, Account: account}, Grant: true}
}

func revoke(role, account string) connector.Task {
	return connector.Task{Privilege: connector.Privilege{Role: role, Account: account}}
}

// pair adds a role and an account that go with the test.
func (w *world) pair(t *testing.T) (role, account string) {
	t.Helper()
	return w.role(t, "dba"), w.account(t, "alice")
}

func (w *world) role(t *testing.T, name string) string {
	w.AddRole(t, name)
	t.Cleanup(func() { w.DropRole(t, name) })
	return name
}

func (w *world) account(t *testing.T, name string) string {
	w.AddAccount(t, name)
	t.Cleanup(func() { w.DropAccount(t, name) })
	return name
}

// one applies one task.
func one(t *testing.T, d connector.Driver, task connector.Task) connector.Outcome {
	t.Helper()
	out, err := d.Apply(within(t, 10*time.Second), []connector.Task{task})
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// signIn opens a session of an account.
func (w *world) signIn(t *testing.T, account string) *pgx.Conn {
	t.Helper()
	conn, err := w.Connect(within(t, 10*time.Second), account, accountPassword)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// left waits until the server has no session of an account: it takes note of a
// farewell a moment after it was said.
func (w *world) left(t *testing.T, account string) {
	t.Helper()
	ctx := within(t, 10*time.Second)
	for n := 1; n > 0; {
		if err := w.conn(t).QueryRow(ctx, "select count(*) from pg_stat_activity where usename = $1", account).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSessionEnds is F21: a session that did SET ROLE must not outlive the
// privilege, and nobody else's session suffers.
func TestSessionEnds(t *testing.T) {
	w := newWorld(t, true)
	role, alice := w.pair(t)
	bob := w.account(t, "bob")
	d := w.open(t)
	one(t, d, grant(role, alice))
	one(t, d, grant(role, bob))
	w.run(t, "create table secret as select 42 as answer; revoke all on secret from public; grant select on secret to "+ident(role))
	t.Cleanup(func() { w.run(t, "drop table secret") })

	his, other := w.signIn(t, alice), w.signIn(t, bob)
	ctx := within(t, 20*time.Second)
	for _, c := range []*pgx.Conn{his, other} {
		if _, err := c.Exec(ctx, "set role "+ident(role)); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	if err := his.QueryRow(ctx, "select answer from secret").Scan(&n); err != nil {
		t.Fatalf("the privilege doesn't work: %v", err)
	}
	o := one(t, d, revoke(role, alice))
	if o.Err != nil || o.Evidence.Ended != 1 {
		t.Errorf("revoke: %v, %d sessions ended; want 1", o.Err, o.Evidence.Ended)
	}
	if err := his.QueryRow(ctx, "select answer from secret").Scan(&n); err == nil {
		t.Error("the session still reads after the privilege was taken away")
	}
	if err := other.QueryRow(ctx, "select answer from secret").Scan(&n); err != nil {
		t.Errorf("a neighbour's session suffered: %v", err)
	}
	if o := one(t, d, revoke(role, alice)); o.Err != nil || o.Evidence.Ended != 0 {
		t.Errorf("second revoke: %v, %d ended", o.Err, o.Evidence.Ended)
	}
}

// F11, F21: the connection breaks just after the session was told to end. The
// next try finds it gone, and says so all the same.
func TestF21EndedAndConnectionLost(t *testing.T) {
	w := newWorld(t, true, "sslmode", "disable") // the proxy has to read along
	role, alice := w.pair(t)
	var asked, lost atomic.Bool
	w.proxy(t, func(b []byte) {
		if !lost.Load() && bytes.Contains(b, []byte("select pid from pg_catalog.pg_stat_activity")) {
			asked.Store(true)
		}
	}, func() bool { return !asked.CompareAndSwap(true, false) || lost.Swap(true) })
	d := w.open(t)
	one(t, d, grant(role, alice))
	his := w.signIn(t, alice)
	ctx := within(t, 20*time.Second)
	if _, err := his.Exec(ctx, "set role "+ident(role)); err != nil {
		t.Fatal(err)
	}
	o := one(t, d, revoke(role, alice))
	if !lost.Load() {
		t.Fatal("the connection didn't break: the test tests nothing")
	}
	if o.Err != nil || o.Evidence.Ended != 1 {
		t.Errorf("revoke: %v, %d sessions ended; want 1", o.Err, o.Evidence.Ended)
	}
	if err := his.Ping(ctx); err == nil {
		t.Error("the session lives on")
	}
	if o := one(t, d, revoke(role, alice)); o.Err != nil || o.Evidence.Ended != 0 {
		t.Errorf("the last revoke: %v, %d ended", o.Err, o.Evidence.Ended)
	}
}

// TestSessionKept shows what the switch is for: without it the session reads on.
func TestSessionKept(t *testing.T) {
	w := newWorld(t, true, "end_sessions", "false")
	role, alice := w.pair(t)
	d := w.open(t)
	one(t, d, grant(role, alice))
	his := w.signIn(t, alice)
	if _, err := his.Exec(context.Background(), "set role "+ident(role)); err != nil {
		t.Fatal(err)
	}
	if o := one(t, d, revoke(role, alice)); o.Err != nil || o.Evidence.Ended != 0 {
		t.Errorf("revoke: %v, %d sessions ended", o.Err, o.Evidence.Ended)
	}
	if _, err := his.Exec(context.Background(), "select 1"); err != nil {
		t.Errorf("the session was ended: %v", err)
	}
}

// TestSessionDenied: where sessions can't be ended, it is said, not hidden.
func TestSessionDenied(t *testing.T) {
	w := newWorld(t, true)
	w.run(t, "revoke pg_signal_backend from "+ident(w.user))
	role, alice := w.pair(t)
	d := w.open(t)
	one(t, d, grant(role, alice))
	his := w.signIn(t, alice)
	o := one(t, d, revoke(role, alice))
	if !errors.Is(o.Err, connector.ErrNotAllowed) || o.Evidence.Holds || o.Evidence.Ended != 0 {
		t.Errorf("revoke: %v, %+v; want ErrNotAllowed and evidence of absence", o.Err, o.Evidence)
	}
	if p := connector.Problem(o.Err); !strings.Contains(p, "GRANT pg_signal_backend") || !strings.Contains(p, "1 open session") {
		t.Errorf("problem: %q", p)
	}
	if w.Holds(t, role, alice) {
		t.Error("the role was left because the session could not be ended")
	}
	_ = his.Close(context.Background())
	w.left(t, alice)
	if o := one(t, d, revoke(role, alice)); o.Err != nil {
		t.Errorf("revoke after the session ended by itself: %v", o.Err)
	}
}

func TestRefused(t *testing.T) {
	w := newWorld(t, false)
	w.password = "not the password 7bd1"
	d := w.open(t)
	for range 2 {
		_, err := d.Check(within(t, 10*time.Second))
		if !errors.Is(err, connector.ErrRefused) || errors.Is(err, connector.ErrUnreachable) {
			t.Errorf("Check: %v; want ErrRefused alone", err)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %s", err, err, connector.Problem(err)), w.password) {
			t.Error("the error holds the password")
		}
	}
	w.password = w.Password
	w.extra["database"] = "no such database"
	_, err := w.open(t).Check(within(t, 10*time.Second))
	if p := connector.Problem(err); !strings.Contains(p, "no such database") || errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("missing database: %q, %v", p, err)
	}
}

// TestNotAllowed: a role whose admin option Stint lacks fails alone, and the
// words hold the statement that helps.
func TestNotAllowed(t *testing.T) {
	w := newWorld(t, true)
	role, alice := w.pair(t)
	w.run(t, "create role owned")
	t.Cleanup(func() { w.run(t, "drop role owned") })
	tasks := []connector.Task{grant("owned", alice), grant(role, alice)}
	for i := range 20 {
		tasks = append(tasks, grant("owned", w.account(t, fmt.Sprint("p", i))), grant(role, fmt.Sprint("p", i)))
	}
	d := w.open(t)
	out, err := d.Apply(within(t, 10*time.Second), tasks)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range out {
		if forbidden := tasks[i].Role == "owned"; forbidden != errors.Is(o.Err, connector.ErrNotAllowed) || forbidden == w.Holds(t, tasks[i].Role, tasks[i].Account) {
			t.Errorf("%s to %s: %v", tasks[i].Role, tasks[i].Account, o.Err)
		}
	}
	if p, want := connector.Problem(out[0].Err), `GRANT "owned" TO "st""int" WITH ADMIN OPTION`; !strings.Contains(p, want) {
		t.Errorf("problem %q lacks %q", p, want)
	}
	// What is there already is a success though Stint could not have done it.
	w.run(t, "grant owned to alice")
	if o := one(t, d, grant("owned", alice)); o.Err != nil || !o.HeldBefore {
		t.Errorf("grant of what is there: %v, held before %v", o.Err, o.HeldBefore)
	}
	if o := one(t, d, revoke("owned", alice)); !errors.Is(o.Err, connector.ErrNotAllowed) || !o.Evidence.Holds {
		t.Errorf("revoke without the right: %v, %+v", o.Err, o.Evidence)
	}
}

// TestRenamed: a privilege that moved to another name goes all the same.
func TestRenamed(t *testing.T) {
	w := newWorld(t, true)
	role, alice := w.pair(t)
	d := w.open(t)
	object := one(t, d, grant(role, alice)).Object
	d = w.open(t) // as after a restart: what is known of it is its Object
	w.run(t, `alter role alice rename to "al;ice"`)
	t.Cleanup(func() { w.DropAccount(t, "al;ice") })
	w.run(t, "alter role dba rename to dba2")
	t.Cleanup(func() { w.DropRole(t, "dba2") })
	his := w.signIn2(t, "al;ice")
	known := grant(role, alice)
	known.Object = object
	if o := one(t, d, known); !errors.Is(o.Err, connector.ErrRenamed) {
		t.Errorf("grant by the old names: %v", o.Err)
	}
	known.Grant = false
	o := one(t, d, known)
	if o.Err != nil || o.Evidence.Holds || !strings.Contains(o.Evidence.Query, `"al;ice"`) || !strings.Contains(o.Evidence.Answer, `"alice"`) || o.Evidence.Ended != 1 {
		t.Errorf("revoke by the old names: %v, %+v", o.Err, o.Evidence)
	}
	if w.Holds(t, "dba2", "al;ice") {
		t.Error("the renamed account still holds the renamed role")
	}
	if _, err := his.Exec(context.Background(), "select 1"); err == nil {
		t.Error("the renamed account's session lives on")
	}
}

// signIn2 signs in an account whose password the renaming may have cleared.
func (w *world) signIn2(t *testing.T, account string) *pgx.Conn {
	w.run(t, "alter role "+ident(account)+" password '"+accountPassword+"'")
	return w.signIn(t, account)
}

func TestCircle(t *testing.T) {
	w := newWorld(t, false)
	role, alice := w.pair(t)
	w.run(t, "grant alice to dba")
	o := one(t, w.open(t), grant(role, alice))
	if !errors.Is(o.Err, connector.ErrNotAllowed) || !strings.Contains(connector.Problem(o.Err), "circle") {
		t.Errorf("a circle: %v", o.Err)
	}
}

// TestNativeExpiry: VALID UNTIL follows the latest end, a little later, and is
// never shortened.
func TestNativeExpiry(t *testing.T) {
	w := newWorld(t, true, "native_expiry", "true")
	role, alice := w.pair(t)
	d := w.open(t)
	end := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	until := func(want string) {
		t.Helper()
		var got string
		if err := w.conn(t).QueryRow(t.Context(), "select coalesce(rolvaliduntil::text, 'none') from pg_roles where rolname = 'alice'").Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("VALID UNTIL is %s, want %s", got, want)
		}
	}
	task := grant(role, alice)
	task.Until = end
	one(t, d, task)
	until("2031-05-06 07:10:09+00")
	task.Until = end.Add(-time.Hour)
	one(t, d, task)
	until("2031-05-06 07:10:09+00")
	task.Until = end.Add(time.Hour)
	one(t, d, task)
	until("2031-05-06 08:10:09+00")
	one(t, d, revoke(role, alice))
	until("2031-05-06 08:10:09+00")
	task.Until = time.Time{}
	one(t, d, task)
	until("infinity")
	// Without CREATEROLE it is said; the grant fails with it rather than go without the second lock.
	w.run(t, "alter role "+ident(w.user)+" nocreaterole")
	w.run(t, "alter role alice valid until 'yesterday'")
	one(t, d, revoke(role, alice))
	task.Until = end
	o := one(t, d, task)
	if !errors.Is(o.Err, connector.ErrNotAllowed) || !strings.Contains(connector.Problem(o.Err), "VALID UNTIL") || w.Holds(t, role, alice) {
		t.Errorf("without CREATEROLE: %v, holds %v", o.Err, w.Holds(t, role, alice))
	}
}

func TestReadOnly(t *testing.T) {
	w := newWorld(t, true)
	role, alice := w.pair(t)
	w.run(t, "alter role "+ident(w.user)+" set default_transaction_read_only = on")
	d := w.open(t)
	_, err := d.Apply(within(t, 10*time.Second), []connector.Task{grant(role, alice)})
	if !errors.Is(err, connector.ErrUnreachable) || !strings.Contains(connector.Problem(err), "read-only") {
		t.Errorf("a read-only server: %v", err)
	}
}

// TestEnvironment: nothing of the account that runs Stint leaks into a connection.
func TestEnvironment(t *testing.T) {
	w := newWorld(t, false)
	for k, v := range map[string]string{
		"PGHOST": "192.0.2.1", "PGPORT": "1", "PGUSER": "mallory", "PGPASSWORD": "env-secret-93", "PGDATABASE": "other", "PGSSLMODE": "disable",
		"PGOPTIONS": "-c role=nobody", "PGAPPNAME": "mallory", "PGTARGETSESSIONATTRS": "standby", "PGCONNECT_TIMEOUT": "1",
	} {
		t.Setenv(k, v)
	}
	if _, err := w.open(t).Check(within(t, 10*time.Second)); err != nil {
		t.Error(err)
	}
	t.Setenv("PGSERVICE", "absent")
	_, err := postgres.Kind{}.Open(w.config())
	if core.CodeOf(err) != core.Invalid || strings.Contains(err.Error(), "env-secret-93") {
		t.Errorf("an unreadable environment: %v", err)
	}
}

func TestCertificates(t *testing.T) {
	w := newWorld(t, false)
	for _, c := range []struct {
		host, mode, ca string
		ok             bool
	}{
		{"127.0.0.1", "", w.CAFile, true}, {"localhost", "verify-full", w.CAFile, true},
		{"127.0.0.1", "verify-full", "", false}, {"127.0.0.2", "verify-full", w.CAFile, false},
		{"127.0.0.1", "verify-ca", w.CAFile, true}, {"127.0.0.1", "verify-ca", "", false},
		{"127.0.0.1", "require", "", true}, {w.Socket, "", "", true},
	} {
		w.extra["host"], w.extra["sslmode"], w.extra["ca_file"] = c.host, c.mode, c.ca
		_, err := w.open(t).Check(within(t, 10*time.Second))
		if c.ok != (err == nil) {
			t.Errorf("%+v: %v", c, err)
		}
		if err != nil && c.host != "127.0.0.2" && !strings.Contains(connector.Problem(err), "certificate") {
			t.Errorf("%+v: %q says nothing of the certificate", c, connector.Problem(err))
		}
	}
}

func TestDiscover(t *testing.T) {
	w := newWorld(t, true)
	role, alice := w.pair(t)
	upper := w.role(t, "up%per'")
	w.run(t, `alter role "up%per'" createrole`)
	w.run(t, `grant "up%per'" to dba`)
	w.run(t, "comment on role dba is 'owns ''everything'''")
	w.run(t, "grant dba to alice")
	found, err := w.open(t).Discover(within(t, 10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]core.FoundRole{}
	for _, r := range found.Roles {
		roles[r.External] = r
	}
	if r := roles[role]; r.Description != "owns 'everything'" || !r.Privileged || len(r.Holders) != 1 || r.Holders[0] != alice {
		t.Errorf("dba: %+v; want it privileged through its membership, held by alice alone", r)
	}
	if !roles[upper].Privileged || !roles["pg_read_all_data"].Privileged {
		t.Errorf("%+v, %+v: want both privileged", roles[upper], roles["pg_read_all_data"])
	}
	if _, ok := roles["pg_database_owner"]; ok {
		t.Error("pg_database_owner takes no members, but is offered")
	}
	if _, ok := roles[alice]; ok {
		t.Error("an account without members is offered as a role")
	}
}

// TestPredefined: the roles that PostgreSQL brings along can be handed out.
func TestPredefined(t *testing.T) {
	w := newWorld(t, true)
	alice := w.account(t, "alice")
	w.allow(t, "pg_read_all_data")
	d := w.open(t)
	if o := one(t, d, grant("pg_read_all_data", alice)); o.Err != nil || !w.Holds(t, "pg_read_all_data", alice) {
		t.Errorf("grant: %v", o.Err)
	}
	if o := one(t, d, revoke("pg_read_all_data", alice)); o.Err != nil || w.Holds(t, "pg_read_all_data", alice) {
		t.Errorf("revoke: %v", o.Err)
	}
}

// TestLeastRights: the account that Statements makes can't do more than it must.
func TestLeastRights(t *testing.T) {
	w := newWorld(t, true)
	role, alice := w.pair(t)
	w.run(t, "create table t as select 1 as n; revoke all on t from public; grant select on t to dba")
	t.Cleanup(func() { w.run(t, "drop table t") })
	if o := one(t, w.open(t), grant(role, alice)); o.Err != nil {
		t.Fatal(o.Err)
	}
	conn, err := w.Connect(t.Context(), w.user, w.password)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range []string{"select n from t", "create role mallory", "alter role alice superuser", "create database d", "grant pg_read_all_data to alice", "alter role alice password 'x'"} {
		var e *pgconn.PgError
		if _, err := conn.Exec(t.Context(), sql); !errors.As(err, &e) || e.Code != "42501" {
			t.Errorf("%s: %v; want it denied", sql, err)
		}
	}
}
