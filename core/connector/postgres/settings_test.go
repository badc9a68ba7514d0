package postgres_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/postgres"
)

func TestSettings(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "junk.pem")
	if err := os.WriteFile(junk, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	endless := filepath.Join(t.TempDir(), "endless.pem") // a file without blocks, but too large to be read
	if err := errors.Join(os.WriteFile(endless, nil, 0o600), os.Truncate(endless, 1<<40)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change, value string
		field         string // at fault; empty: accepted
	}{
		{"host", "db.example.org", ""}, {"host", "/var/run/postgresql", ""}, {"host", "::1", ""},
		{"host", "", "host"}, {"host", "  ", "host"}, {"host", "a,b", "host"}, {"host", "a b", "host"}, {"host", "a\x00b", "host"},
		{"user", "", "user"}, {"user", `o'bri"en; --`, ""},
		{"port", "", ""}, {"port", "5433", ""}, {"port", "0", "port"}, {"port", "65536", "port"}, {"port", "-1", "port"}, {"port", "x", "port"},
		{"sslmode", "verify-ca", ""}, {"sslmode", "require", "sslmode"}, {"sslmode", "disable", "sslmode"}, {"sslmode", "prefer", "sslmode"}, {"sslmode", "VERIFY-FULL", "sslmode"},
		{"ca_file", "/nonexistent", "ca_file"}, {"ca_file", junk, "ca_file"}, {"ca_file", filepath.Dir(junk), "ca_file"}, {"ca_file", endless, "ca_file"},
		{"end_sessions", "false", ""}, {"end_sessions", "no", "end_sessions"}, {"native_expiry", "true", ""}, {"native_expiry", "1", "native_expiry"},
	} {
		settings := map[string]string{"host": "db.example.org", "user": "stint"}
		settings[c.change] = c.value
		d, err := postgres.Kind{}.Open(connector.Config{Settings: settings, Secret: core.NewSecret("x")})
		if e := connector.Explain(err); (err == nil) != (c.field == "") || err != nil && (e.Field != c.field || e.Code != core.Invalid || e.Message == string(e.Key)) {
			t.Errorf("%s=%q: %v; want the field %q at fault", c.change, c.value, err, c.field)
		}
		if err == nil && d.Close() != nil {
			t.Error("Close of a driver never used failed")
		}
	}
	// Without encryption only to this machine, however it is written.
	for host, ok := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.1.2.3": true, "::1": true, "/tmp": true,
		"127.0.0.1.example.org": false, "localhost.example.org": false, "0.0.0.0": false, "10.0.0.1": false, "127.1": false,
	} {
		for _, mode := range []string{"disable", "require"} {
			_, err := postgres.Kind{}.Open(connector.Config{Settings: map[string]string{"host": host, "user": "stint", "sslmode": mode}})
			if (err == nil) != ok {
				t.Errorf("%s to %s: %v", mode, host, err)
			}
		}
	}
}

// TestInfo: what the window shows has texts, and the defaults are accepted.
func TestInfo(t *testing.T) {
	info := postgres.Kind{}.Info()
	settings := map[string]string{}
	for _, f := range info.Fields {
		if core.English(f.Label) == string(f.Label) || core.English(f.Help) == string(f.Help) {
			t.Errorf("%s has no text", f.Name)
		}
		settings[f.Name] = f.Default
	}
	settings["host"], settings["user"] = "db.example.org", "stint"
	if _, err := (postgres.Kind{}).Open(connector.Config{Settings: settings}); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}

func TestStatements(t *testing.T) {
	text := func(settings map[string]string) string {
		return postgres.Kind{}.Statements(connector.Config{Settings: settings, Secret: core.NewSecret("hunter2")})
	}
	got := text(map[string]string{"user": `a"; DROP ROLE b; --`})
	if !strings.Contains(got, `CREATE ROLE "a""; DROP ROLE b; --" LOGIN`) || !strings.Contains(got, "pg_signal_backend") || strings.Contains(got, "\nALTER ROLE") {
		t.Errorf("got\n%s", got)
	}
	if strings.Contains(got, "hunter2") {
		t.Error("the statements hold the password")
	}
	if got := text(map[string]string{"end_sessions": "false", "native_expiry": "true"}); !strings.Contains(got, `"stint"`) || strings.Contains(got, "pg_signal_backend") || !strings.Contains(got, "CREATEROLE;\n") {
		t.Errorf("got\n%s", got)
	}
}
