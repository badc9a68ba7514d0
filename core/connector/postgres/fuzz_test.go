package postgres_test

import (
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/postgres"
)

// FuzzSettings opens a system with settings that anybody may have typed: no
// connection is made, and what is wrong is said so that people understand it.
func FuzzSettings(f *testing.F) {
	f.Add("db.example.org", "5432", "postgres", "stint", "verify-full", "", "true")
	f.Add("/run/postgresql", "0", "a b", `st"int`, "disable", "/nowhere", "yes")
	f.Add("a,b", "65536", "host=evil", "x user=y", "prefer", "\x00", "")
	f.Fuzz(func(t *testing.T, host, port, database, user, mode, ca, end string) {
		d, err := postgres.Kind{}.Open(connector.Config{Settings: map[string]string{
			"host": host, "port": port, "database": database, "user": user, "sslmode": mode, "ca_file": ca, "end_sessions": end,
		}, Secret: core.NewSecret("x")})
		if err == nil {
			_ = d.Close()
			return
		}
		if core.CodeOf(err) == core.Internal {
			t.Fatalf("not for people: %v", err)
		}
	})
}
