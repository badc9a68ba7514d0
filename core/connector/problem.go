package connector

import (
	"context"
	"errors"

	"github.com/stint-pim/stint/core"
)

// Problem says in plain English what went wrong, or "" for nil. It never holds
// a secret nor the raw text of a server: only sentences of the catalogue, with
// names in their places.
func Problem(err error) string {
	if e := Explain(err); e != nil {
		return e.Message
	}
	return ""
}

// Explain returns err as a core.Error, whose Message is what Problem says and
// whose Key and Args let a window say it in another language. A raw error that
// nobody has explained becomes a general sentence; its own text stays in Err,
// for the server's log.
func Explain(err error) *core.Error {
	var e *core.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	}
	for _, known := range []struct {
		is   error
		code core.Code
		key  core.TextKey
	}{
		{context.DeadlineExceeded, core.Unavailable, "connector.timeout"},
		{ErrUnreachable, core.Unavailable, "connector.unreachable"},
		{ErrRefused, core.Unavailable, "connector.refused"},
		{ErrNoRole, core.NotFound, "connector.no_role_unnamed"},
		{ErrNoAccount, core.NotFound, "connector.no_account_unnamed"},
		{ErrNotAllowed, core.Unavailable, "connector.not_allowed"},
		{context.Canceled, core.Canceled, "connector.canceled"},
	} {
		if errors.Is(err, known.is) {
			return core.Wrap(known.code, known.key, err)
		}
	}
	return core.Wrap(core.Unavailable, "connector.unknown", err)
}

// NoRole is the error of a task whose role the system doesn't have.
func NoRole(role string) error {
	return core.Wrap(core.NotFound, "connector.no_role", ErrNoRole, "role", Show(role))
}

// NoAccount is the error of a task whose account the system doesn't have.
func NoAccount(account string) error {
	return core.Wrap(core.NotFound, "connector.no_account", ErrNoAccount, "account", Show(account))
}

// Renamed is the error of a grant whose role or account was renamed.
func Renamed(p, now Privilege) error {
	key, was, is := core.TextKey("connector.account_renamed"), p.Account, now.Account
	if p.Role != now.Role {
		key, was, is = "connector.role_renamed", p.Role, now.Role
	}
	return core.Wrap(core.Conflict, key, ErrRenamed, "name", Show(was), "now", Show(is))
}

// NoScope is the error of a task on a system whose privileges have no scopes.
func NoScope(scope string) error {
	return core.Errorf(core.Invalid, "scope", "connector.no_scope", "scope", Show(scope))
}

// WholeScope reports whether scope means the whole system.
func WholeScope(scope string) bool { return scope == "" || scope == "/" }
