package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core/connector"
)

// Who holds a privilege may try to keep it by holding a lock on it: a
// transaction that changes the membership and is left open makes our REVOKE
// wait. It must neither keep his privilege nor anybody else's.
func TestF21LockHeldByWhoLosesTheRole(t *testing.T) {
	w := newWorld(t, true)
	role, mallory := w.pair(t)
	w.run(t, "alter role "+ident(role)+" createrole")
	bob := w.account(t, "bob")
	target := connector.NewTarget(w.open(t), connector.Limits{})
	if out, err := target.Apply(t.Context(), []connector.Task{grant(role, mallory), grant(role, bob)}); err != nil || out[0].Err != nil || out[1].Err != nil {
		t.Fatal(err, out)
	}
	his := w.signIn(t, mallory)
	ctx := within(t, 30*time.Second)
	for _, sql := range []string{"set role " + ident(role), "begin", "revoke " + ident(role) + " from " + ident(mallory)} {
		if _, err := his.Exec(ctx, sql); err != nil {
			t.Fatal(sql, err)
		}
	}
	out, err := target.Apply(t.Context(), []connector.Task{revoke(role, mallory), revoke(role, bob)})
	if err != nil || out[0].Err != nil || out[1].Err != nil {
		t.Errorf("got %v, %v", err, out)
	}
	if w.Holds(t, role, mallory) || w.Holds(t, role, bob) {
		t.Errorf("Mallory holds it: %v, Bob holds it: %v", w.Holds(t, role, mallory), w.Holds(t, role, bob))
	}
	if err := his.Ping(ctx); err == nil {
		t.Error("the session that held the lock lives on")
	}
	if n := out[0].Evidence.Ended; n != 1 {
		t.Errorf("the outcome says that %d sessions were ended, want 1", n)
	}
}

// A lock that somebody else holds, perhaps for a good reason, holds up what it
// is about and nothing else. The message says who holds it.
func TestF21LockHeldByOthers(t *testing.T) {
	w := newWorld(t, true)
	role, alice := w.pair(t)
	bob, cleo := w.account(t, "bob"), w.account(t, "cleo")
	target := connector.NewTarget(w.open(t), connector.Limits{})
	out, err := target.Apply(t.Context(), []connector.Task{grant(role, alice), grant(role, bob)})
	if err != nil || out[0].Err != nil || out[1].Err != nil {
		t.Fatal(err, out)
	}
	admin, err := w.Connect(within(t, 10*time.Second), w.User, w.Password)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(t.Context()) }()
	ctx := within(t, 30*time.Second)
	for _, sql := range []string{"begin", "revoke " + ident(role) + " from " + ident(alice)} {
		if _, err := admin.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	out, err = target.Apply(t.Context(), []connector.Task{revoke(role, alice), revoke(role, bob), grant(role, cleo)})
	if err != nil || out[1].Err != nil || out[2].Err != nil {
		t.Fatalf("the others: %v, %v", err, out)
	}
	if w.Holds(t, role, bob) || !w.Holds(t, role, cleo) {
		t.Error("what nobody held a lock on was not done")
	}
	if problem := connector.Problem(out[0].Err); out[0].Err == nil || !strings.Contains(problem, w.User+" (pid ") {
		t.Errorf("what is locked: %q, want who holds the lock", problem)
	}
	if _, err := admin.Exec(ctx, "rollback"); err != nil {
		t.Fatalf("the administrator's session should live on: %v", err)
	}
	if out, err = target.Apply(t.Context(), []connector.Task{revoke(role, alice)}); err != nil || out[0].Err != nil || w.Holds(t, role, alice) {
		t.Errorf("after the lock: %v, %v", err, out)
	}
}

// Up to PostgreSQL 15 everybody may hand out membership in himself. Who became
// a member of an account that loses a role may have switched to that role
// through it, and would keep it like the account's own sessions.
func TestF21SessionOfAFriend(t *testing.T) {
	w := newWorld(t, true)
	role, mallory := w.pair(t)
	eve, bob := w.account(t, "eve"), w.account(t, "bob")
	w.run(t, "grant "+ident(mallory)+" to "+ident(eve))
	d := w.open(t)
	one(t, d, grant(role, mallory))
	hers, his := w.signIn(t, eve), w.signIn(t, bob)
	ctx := within(t, 20*time.Second)
	if _, err := hers.Exec(ctx, "set role "+ident(role)); err != nil {
		t.Fatal(err)
	}
	o := one(t, d, revoke(role, mallory))
	if o.Err != nil {
		t.Fatal(o.Err)
	}
	var who string
	if err := hers.QueryRow(ctx, "select current_user::text").Scan(&who); err == nil {
		t.Errorf("the friend's session lives on as %q", who)
	}
	if o.Evidence.Ended != 1 {
		t.Errorf("%d sessions ended, want 1", o.Evidence.Ended)
	}
	if err := his.Ping(ctx); err != nil {
		t.Errorf("somebody else's session: %v", err)
	}
	admin, err := w.Connect(ctx, w.User, w.Password)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(ctx) }()
	one(t, d, grant(role, mallory))
	one(t, d, revoke(role, mallory))
	if err := admin.Ping(ctx); err != nil {
		t.Errorf("a superuser, who has every role anyway, lost his session: %v", err)
	}
}
