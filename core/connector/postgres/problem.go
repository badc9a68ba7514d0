package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// Codes of PostgreSQL, appendix A of its manual.
const (
	undefinedObject   = "42704"
	notPrivileged     = "42501"
	invalidGrant      = "0LP01"
	undefinedDatabase = "3D000"
	readOnly          = "25006"
	lockNotAvailable  = "55P03"
	tooMany           = "53300"
	adminShutdown     = "57P01"
	crashShutdown     = "57P02"
	cannotConnectNow  = "57P03"
)

// sqlState returns the server's code for err, or "".
func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func errStandby() error {
	return core.Wrap(core.Unavailable, "connector.postgres.standby", connector.ErrUnreachable)
}

// explain turns an error that concerns the whole server into one in plain
// words. The cause it keeps for the log holds the server's code at most:
// pgx's own texts can quote users and hosts, and one day more.
func (s settings) explain(ctx context.Context, err error) error {
	var known *core.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	say := func(key core.TextKey, is error, args ...string) error {
		return core.Wrap(core.Unavailable, key, fmt.Errorf("%w: %w", is, cause(err)), args...)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", connector.ErrUnreachable, ctx.Err())
	}
	code := sqlState(err)
	var hostname x509.HostnameError
	var authority x509.UnknownAuthorityError
	var verification *tls.CertificateVerificationError
	switch {
	case strings.HasPrefix(code, "28"):
		return say("connector.refused", connector.ErrRefused)
	case code == undefinedDatabase:
		return say("connector.postgres.no_database", errServer, "database", connector.Show(s.database))
	case code == tooMany:
		return say("connector.postgres.full", connector.ErrUnreachable)
	case code == adminShutdown, code == crashShutdown, code == cannotConnectNow:
		return say("connector.postgres.starting", connector.ErrUnreachable)
	case code == readOnly:
		return say("connector.postgres.standby", connector.ErrUnreachable)
	case code == notPrivileged:
		return say("connector.not_allowed", connector.ErrNotAllowed)
	case code != "" && !strings.HasPrefix(code, "08") && !strings.HasPrefix(code, "53") && !strings.HasPrefix(code, "57"):
		return say("connector.postgres.sqlstate", errServer, "code", code)
	case errors.As(err, &hostname), errors.As(err, &authority), errors.As(err, &verification):
		return say("connector.postgres.certificate", connector.ErrUnreachable)
	case errors.Is(err, errNotLocal):
		return say("connector.postgres.not_local", connector.ErrUnreachable)
	case s.encrypted() && noTLS(err):
		return say("connector.postgres.no_tls", connector.ErrUnreachable)
	}
	return say("connector.unreachable", connector.ErrUnreachable)
}

func (s settings) encrypted() bool { return !s.socket() && s.sslmode != disable }

// errServer is the cause where the server refused for a reason of its own.
var errServer = errors.New("the server refused the statement")

// noTLS reports whether the server declined to speak TLS. pgconn has no error
// value for it, only a text (pgconn.go, startTLS); the worst that a change of
// it can do is to make the sentence less helpful.
func noTLS(err error) bool { return strings.Contains(err.Error(), "server refused TLS connection") }

// cause keeps of err what is useful in a log and safe there.
func cause(err error) error {
	if code := sqlState(err); code != "" {
		return fmt.Errorf("SQLSTATE %s", code)
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Errorf("%T", err)
}
