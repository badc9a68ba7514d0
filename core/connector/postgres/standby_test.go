package postgres_test

import (
	"errors"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/connector/postgres"
)

// F22: what a standby says may be old. It proves nothing, neither that a
// privilege is there nor that somebody took it away.
func TestF22StandbyProvesNothing(t *testing.T) {
	pg := pgtest.New(t)
	pg.Exec(t, "create role dba", "create role alice login", "grant dba to alice")
	if err := errors.Join(pg.Down(syscall.SIGINT), pg.Standby(), pg.Up()); err != nil {
		t.Fatal(err)
	}
	d, err := postgres.Kind{}.Open(connector.Config{Settings: map[string]string{
		"host": pg.Host, "port": strconv.Itoa(pg.Port), "user": pg.User, "sslmode": "disable",
	}, Secret: core.NewSecret(pg.Password)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	ctx := within(t, 20*time.Second)
	p := connector.Privilege{Role: "dba", Account: "alice"}
	for name, call := range map[string]func() error{
		"Check":   func() error { _, err := d.Check(ctx); return err },
		"Read":    func() error { _, err := d.Read(ctx, []connector.Privilege{p}); return err },
		"Holders": func() error { _, err := d.(connector.Lister).Holders(ctx, []string{"dba"}); return err },
		"Apply":   func() error { _, err := d.Apply(ctx, []connector.Task{{Privilege: p}}); return err },
	} {
		if err := call(); !errors.Is(err, connector.ErrUnreachable) || connector.Problem(err) != core.English("connector.postgres.standby") {
			t.Errorf("%s on a standby: %v", name, err)
		}
	}
}
