package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/stint-pim/stint/core"
)

// engine is storage.Engine for the file at path.
type engine struct{ path string }

func fail(code core.Code, key core.TextKey, path string, err error) *core.Error {
	e := core.Errorf(code, "", key, "path", path)
	e.Err = err
	return e
}

// code returns SQLite's extended result code, or 0.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// Unique implements storage.Engine.
func (engine) Unique(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_CONSTRAINT_UNIQUE || c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// Fatal implements storage.Engine: after a failed write or fsync nobody knows
// what the disk holds, and asking it again would only make it say yes.
func (engine) Fatal(err error) bool { return code(err)&0xff == sqlite3.SQLITE_IOERR }

// Checkpoint implements storage.Engine. SQLite also does this by itself behind
// a commit, but tells nobody when the disk fails at it.
func (engine) Checkpoint(ctx context.Context, conn *sql.Conn) error {
	var busy, log, done int
	return conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &log, &done)
}

// Error implements storage.Engine.
func (e engine) Error(err error) error {
	var known *core.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if code(err) == sqlite3.SQLITE_IOERR_SHMSIZE { // no room for the file that ends in -shm
		return fail(core.Unavailable, core.KeyFull, e.path, err)
	}
	switch code(err) & 0xff { // the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fail(core.Unavailable, "storage.busy", e.path, err)
	case sqlite3.SQLITE_READONLY:
		return fail(core.Unavailable, "storage.read_only", e.path, err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return fail(core.Unavailable, "storage.denied", e.path, err)
	case sqlite3.SQLITE_CORRUPT:
		return fail(core.Unavailable, "storage.damaged", e.path, err)
	case sqlite3.SQLITE_NOTADB:
		return fail(core.Unavailable, "storage.not_database", e.path, err)
	case sqlite3.SQLITE_FULL:
		return fail(core.Unavailable, "storage.full", e.path, err)
	case sqlite3.SQLITE_IOERR:
		return fail(core.Unavailable, "storage.io", e.path, err)
	case sqlite3.SQLITE_CONSTRAINT:
		return fail(core.Conflict, "storage.taken", e.path, err)
	}
	return fail(core.Internal, "storage.failed", e.path, err)
}
