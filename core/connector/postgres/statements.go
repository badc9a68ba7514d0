package postgres

import (
	"strings"

	"github.com/stint-pim/stint/core/connector"
)

// Statements returns the SQL that makes the account with the least rights that
// work: the admin option of each role to be handed out (which the
// administrator fills in, since the roles are chosen later), and the right to
// end sessions.
//
// NOINHERIT is what keeps Stint's own account from having the privileges it
// hands out: on PostgreSQL up to 15 the admin option comes with membership.
// From 16 on, membership granted to such an account has INHERIT FALSE by
// itself. Ending sessions then needs SET ROLE, which session.go does.
func (Kind) Statements(cfg connector.Config) string {
	user := cfg.Settings["user"]
	if strings.TrimSpace(user) == "" {
		user = "stint"
	}
	role := quoted(user)
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line("-- Run this with psql as a superuser, and choose the password when asked.")
	line("CREATE ROLE " + role + " LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;")
	line(`\password ` + role)
	line("")
	line("-- For each role that Stint shall hand out:")
	line("GRANT \"name of the role\" TO " + role + " WITH ADMIN OPTION;")
	if on, err := toggle(cfg.Settings, "end_sessions", true); err != nil || on {
		line("")
		line("-- To end the open sessions of an account together with its privilege")
		line("-- (not those of superusers, which only a superuser may end):")
		line("GRANT pg_signal_backend TO " + role + ";")
	}
	if on, err := toggle(cfg.Settings, "native_expiry", false); err == nil && on {
		line("")
		line("-- To set VALID UNTIL. Mind that up to version 15 CREATEROLE may change")
		line("-- every role that is not a superuser; from 16 on only those whose admin")
		line("-- option it has, so there also, for each account:")
		line("-- GRANT \"name of the account\" TO " + role + " WITH ADMIN OPTION;")
		line("ALTER ROLE " + role + " CREATEROLE;")
	}
	return b.String()
}
