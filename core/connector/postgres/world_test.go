package postgres_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/connectortest"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/connector/postgres"
)

// shared is the cluster of all tests that don't stop it for others to notice;
// tests of this package don't run in parallel.
var shared = sync.OnceValues(func() (*pgtest.Cluster, error) {
	c, err := pgtest.Start(pgtest.Options{})
	started = c
	return c, err
})

// started is what TestMain has to end, or nil.
var started *pgtest.Cluster

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		if err := started.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// leastPassword is of the account made by Statements.
const leastPassword = "correct horse ' battery \\ staple"

// world is the cluster, reached as superuser, and the account under test.
type world struct {
	*pgtest.Cluster
	user, password string
	extra          map[string]string // settings besides the usual
	least          bool              // user needs the admin option of each role
	admin          *pgx.Conn
}

// newWorld opens the shared cluster for the superuser, or for an account with
// the least rights.
func newWorld(t testing.TB, least bool, extra ...string) *world {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Cluster: c, user: c.User, password: c.Password, extra: map[string]string{}, least: least}
	for i := 0; i < len(extra); i += 2 {
		w.extra[extra[i]] = extra[i+1]
	}
	t.Cleanup(func() {
		if w.admin != nil {
			_ = w.admin.Close(context.Background())
		}
	})
	if least {
		w.user, w.password = `st"int`, leastPassword
		w.obey(t, postgres.Kind{}.Statements(w.config()))
		t.Cleanup(func() { w.run(t, "drop role if exists "+ident(w.user)) })
	}
	return w
}

// obey runs what Statements says, as an administrator would with psql: the
// password is typed, and the line with the role's name filled in for each role
// (AddRole does that).
func (w *world) obey(t testing.TB, script string) {
	t.Helper()
	for _, line := range strings.Split(script, "\n") {
		switch {
		case line == "", strings.HasPrefix(line, "--"), strings.Contains(line, `"name of the role"`):
		case strings.HasPrefix(line, `\password `):
			w.run(t, "alter role "+ident(w.user)+" password '"+strings.ReplaceAll(w.password, "'", "''")+"'")
		default:
			w.run(t, line)
		}
	}
}

func ident(name string) string { return pgx.Identifier{name}.Sanitize() }

// conn is the superuser's connection, made anew after the server was down.
func (w *world) conn(t testing.TB) *pgx.Conn {
	t.Helper()
	if w.admin == nil || w.admin.IsClosed() || w.admin.Ping(context.Background()) != nil {
		var err error
		if w.admin, err = w.Connect(context.Background(), w.User, w.Password); err != nil {
			t.Fatal(err)
		}
	}
	return w.admin
}

// run runs a statement as the superuser.
func (w *world) run(t testing.TB, sql string) {
	t.Helper()
	if _, err := w.conn(t).Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (w *world) config() connector.Config {
	settings := map[string]string{"host": w.Host, "port": strconv.Itoa(w.Port), "user": w.user, "ca_file": w.CAFile}
	for k, v := range w.extra {
		settings[k] = v
	}
	return connector.Config{Name: "test", Settings: settings, Secret: core.NewSecret(w.password)}
}

func (w *world) open(t testing.TB) connector.Driver {
	t.Helper()
	d, err := postgres.Kind{}.Open(w.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func (w *world) Open(t *testing.T) connector.Driver { return w.open(t) }

func (w *world) AddRole(t *testing.T, name string) {
	w.run(t, "create role "+ident(name))
	w.allow(t, name)
}

// allow gives the account under test the admin option, as Statements says.
func (w *world) allow(t testing.TB, role string) {
	if w.least {
		w.run(t, "grant "+ident(role)+" to "+ident(w.user)+" with admin option")
	}
}

func (w *world) AddAccount(t *testing.T, name string) {
	w.run(t, "create role "+ident(name)+" login password '"+accountPassword+"'")
}
func (w *world) DropRole(t *testing.T, name string)    { w.run(t, "drop role if exists "+ident(name)) }
func (w *world) DropAccount(t *testing.T, name string) { w.run(t, "drop role if exists "+ident(name)) }

func (w *world) RenameRole(t *testing.T, from, to string) {
	w.run(t, "alter role "+ident(from)+" rename to "+ident(to))
}

func (w *world) RenameAccount(t *testing.T, from, to string) { w.RenameRole(t, from, to) }

const accountPassword = "account-password"

func (w *world) Put(t *testing.T, role, account string, holds bool) {
	if holds {
		w.run(t, "grant "+ident(role)+" to "+ident(account))
	} else {
		w.run(t, "revoke "+ident(role)+" from "+ident(account))
	}
}

func (w *world) Holds(t *testing.T, role, account string) bool {
	t.Helper()
	var holds bool
	err := w.conn(t).QueryRow(context.Background(), `select exists (select from pg_auth_members m
		join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member
		where r.rolname::text = $1 and a.rolname::text = $2)`, role, account).Scan(&holds)
	if err != nil {
		t.Fatal(err)
	}
	return holds
}

// carries is written apart from the driver's own idea of it.
func carries(n string) bool {
	return n != "" && n != "public" && n != "none" && len(n) < 64 && utf8.ValidString(n) && !strings.Contains(n, "\x00")
}

func TestConformance(t *testing.T) {
	for _, c := range []struct {
		name  string
		least bool
		extra []string
	}{
		{"superuser over TLS", false, nil},
		{"least rights over TLS", true, nil},
		{"least rights, sessions kept", true, []string{"end_sessions", "false", "sslmode", "disable"}},
		{"least rights, native expiry", true, []string{"native_expiry", "true", "sslmode", "require"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.least, c.extra...)
			connectortest.Run(t, connectortest.Suite{
				System: w, Carries: carries, Secrets: []string{w.password},
				Break: func(t *testing.T) func() {
					if err := w.Down(syscall.SIGQUIT); err != nil {
						t.Fatal(err)
					}
					return func() {
						if err := w.Up(); err != nil {
							t.Fatal(err)
						}
					}
				},
			})
		})
	}
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
