// Package postgres hands out membership in the roles of a PostgreSQL server:
// GRANT "role" TO "account", REVOKE "role" FROM "account", and proof from
// pg_auth_members. It never creates or drops a role, never passes a name
// through anything but an identifier's quotes or a parameter, and never writes
// a password anywhere.
//
// Read kind.go for the settings, driver.go for the connection, apply.go for
// the change, read.go for the proof, session.go for open sessions.
package postgres

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// Kind opens PostgreSQL servers.
type Kind struct{}

var _ connector.Kind = Kind{}

// How the connection is protected; the words are libpq's.
const (
	verifyFull = "verify-full"
	verifyCA   = "verify-ca"
	require    = "require"
	disable    = "disable"
)

// Info describes the kind.
func (Kind) Info() core.KindInfo {
	text := func(name string) (core.TextKey, core.TextKey) {
		return core.TextKey("connector.postgres." + name), core.TextKey("connector.postgres." + name + "_help")
	}
	field := func(f core.KindField) core.KindField {
		f.Label, f.Help = text(f.Name)
		return f
	}
	return core.KindInfo{
		Kind: core.KindPostgres, Title: "PostgreSQL", Summary: "connector.postgres.summary", HasSecret: true, Available: true,
		Fields: []core.KindField{
			field(core.KindField{Name: "host", Required: true, Example: "db.example.org"}),
			field(core.KindField{Name: "port", Default: "5432"}),
			field(core.KindField{Name: "database", Default: "postgres"}),
			field(core.KindField{Name: "user", Required: true, Example: "stint"}),
			field(core.KindField{Name: "sslmode", Default: verifyFull, Choices: []string{verifyFull, verifyCA, require, disable}}),
			field(core.KindField{Name: "ca_file", Example: "/etc/ssl/certs/db-ca.pem"}),
			field(core.KindField{Name: "end_sessions", Default: "true", Switch: true}),
			field(core.KindField{Name: "native_expiry", Default: "false", Switch: true}),
		},
		Traits: core.Traits{NativeExpiry: true, EndsSessions: true, Residual: "connector.postgres.residual"},
	}
}

// Open validates the settings; it doesn't connect.
func (Kind) Open(cfg connector.Config) (connector.Driver, error) {
	s, err := parse(cfg.Settings)
	if err != nil {
		return nil, err
	}
	config, err := s.config(cfg.Secret)
	if err != nil {
		return nil, err
	}
	return &driver{settings: s, config: config, told: map[string]map[int32]bool{}}, nil
}

// settings are the fields of Info, validated.
type settings struct {
	host, database, user, sslmode, caFile string
	port                                  uint16
	endSessions, nativeExpiry             bool
}

// parse validates what somebody typed.
func parse(m map[string]string) (s settings, err error) {
	s = settings{host: m["host"], database: m["database"], user: m["user"], sslmode: m["sslmode"], caFile: m["ca_file"], port: 5432}
	for _, f := range []struct{ name, value string }{{"host", s.host}, {"user", s.user}} {
		if strings.TrimSpace(f.value) == "" {
			return s, core.Errorf(core.Invalid, f.name, "connector.setting_missing")
		}
	}
	if s.database == "" {
		s.database = "postgres"
	}
	if s.sslmode == "" {
		s.sslmode = verifyFull
	}
	if p := m["port"]; p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return s, core.Errorf(core.Invalid, "port", "connector.port", "value", connector.Show(p))
		}
		s.port = uint16(n)
	}
	// A comma would make a list of hosts, of which only the first were checked.
	if strings.ContainsAny(s.host, ", \x00\n") && !s.socket() {
		return s, core.Errorf(core.Invalid, "host", "connector.postgres.socket", "host", connector.Show(s.host))
	}
	switch s.sslmode {
	case verifyFull, verifyCA:
	case require, disable:
		if !s.local() {
			return s, core.Errorf(core.Invalid, "sslmode", "connector.postgres.local_only", "mode", s.sslmode)
		}
	default:
		return s, core.Errorf(core.Invalid, "sslmode", "connector.choice", "value", connector.Show(s.sslmode))
	}
	if s.endSessions, err = toggle(m, "end_sessions", true); err != nil {
		return s, err
	}
	s.nativeExpiry, err = toggle(m, "native_expiry", false)
	return s, err
}

func toggle(m map[string]string, name string, normal bool) (bool, error) {
	switch m[name] {
	case "":
		return normal, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, core.Errorf(core.Invalid, name, "connector.choice", "value", connector.Show(m[name]))
}

// socket reports whether host is the directory of a Unix socket.
func (s settings) socket() bool { return filepath.IsAbs(s.host) }

// local reports whether host names this very machine.
func (s settings) local() bool {
	if s.socket() || s.host == "localhost" {
		return true
	}
	ip := net.ParseIP(s.host)
	return ip != nil && ip.IsLoopback()
}

// server is how the evidence calls the server.
func (s settings) server() string {
	if s.socket() {
		return s.host
	}
	return net.JoinHostPort(s.host, strconv.Itoa(int(s.port)))
}

var errNoFile = errors.New("not an ordinary file of at most 1 MiB")

// maxAuthorities bounds ca_file, in bytes.
const maxAuthorities = 1 << 20

// authorities returns the certificates of ca_file. What is no ordinary file is
// not even opened: a pipe would hold the system's worker up for ever, and a
// device has no end.
func (s settings) authorities() ([]byte, error) {
	info, err := os.Stat(s.caFile)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxAuthorities) {
		err = errNoFile
	}
	var pem []byte
	if err == nil {
		pem, err = os.ReadFile(s.caFile)
	}
	if err != nil {
		e := core.Wrap(core.Invalid, "connector.file", err, "file", connector.Show(s.caFile))
		e.Field = "ca_file"
		return nil, e
	}
	return pem, nil
}

// quoted is an identifier as it stands in a statement.
func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
