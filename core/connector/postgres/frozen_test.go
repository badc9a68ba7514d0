//go:build unix

package postgres_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// TestFrozen is F12: a connection that is open and dead ends with the
// deadline, and the target works again when the server does.
func TestFrozen(t *testing.T) {
	w := newWorld(t, true)
	role, alice := w.pair(t)
	target := connector.NewTarget(w.open(t), connector.Limits{Call: 2 * time.Second})
	if _, err := target.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	var pid int
	if err := w.conn(t).QueryRow(t.Context(), "select pid from pg_stat_activity where usename = $1", w.user).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err := target.Apply(t.Context(), []connector.Task{grant(role, alice)})
	took := time.Since(began)
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, connector.ErrUnreachable) || took > 5*time.Second {
		t.Errorf("Apply to a frozen server: %v after %v", err, took)
	}
	if got, want := connector.Problem(err), core.English("connector.timeout"); got != want {
		t.Errorf("problem: %q, want %q", got, want)
	}
	if out, err := target.Apply(t.Context(), []connector.Task{revoke(role, alice)}); err != nil || out[0].Err != nil {
		t.Errorf("after thawing: %v, %v", out, err)
	}
	if err := target.Close(); err != nil {
		t.Error(err)
	}
}
