package postgres_test

import (
	"bytes"
	"sync"
	"testing"
	"time"
)

// A session that is about to be ended may use the role to the last moment, also
// to take it again. What proves the removal is read when it has ended.
func TestTakenAgainAtTheLastMoment(t *testing.T) {
	w := newWorld(t, true, "sslmode", "disable")
	role, alice := w.pair(t)
	w.run(t, "alter role "+ident(role)+" createrole")
	var once sync.Once
	again := func() {}
	w.proxy(t, func(b []byte) {
		if bytes.Contains(b, []byte("pg_terminate_backend")) {
			once.Do(func() { again() })
		}
	}, func() bool { return true })
	d := w.open(t)
	one(t, d, grant(role, alice))
	his := w.signIn(t, alice)
	ctx := within(t, 20*time.Second)
	if _, err := his.Exec(ctx, "set role "+ident(role)); err != nil {
		t.Fatal(err)
	}
	took := false
	again = func() {
		_, err := his.Exec(ctx, "grant "+ident(role)+" to "+ident(alice))
		took = err == nil
	}
	o := one(t, d, revoke(role, alice))
	if !took {
		t.Fatal("the test's session did not take the role again")
	}
	if held := w.Holds(t, role, alice); o.Err == nil && held || o.Evidence.Holds != held {
		t.Errorf("she holds it: %v; the proof says %v, %v", held, o.Evidence.Holds, o.Err)
	}
	if o := one(t, d, revoke(role, alice)); o.Err != nil || w.Holds(t, role, alice) {
		t.Errorf("the next call: %v", o.Err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
