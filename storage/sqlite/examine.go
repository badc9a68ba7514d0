package sqlite

import (
	"context"
	"errors"

	"github.com/stint-pim/stint/core"
)

// Hold keeps the database at path from being opened by anybody, until it is
// given back; twice does no harm. It fails as Open does where another process
// has it. The folder must be there.
func Hold(path string) (release func() error, err error) {
	l, err := take(path)
	if err != nil {
		return nil, err
	}
	return l.free, nil
}

// Examine looks through the whole structure of a database that nobody has
// open, whatever its size, and at its version. It brings nothing up to date.
func Examine(ctx context.Context, path string) (err error) {
	switch empty, err := look(path); {
	case err != nil:
		return err
	case empty:
		return fail(core.Unavailable, "storage.not_database", path, nil)
	}
	e := engine{path}
	db, err := handle(path, 1, "mode=ro&immutable=1", "query_only(1)", "trusted_schema(0)")
	if err != nil {
		return e.Error(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var answer string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer); err != nil {
		return e.Error(err)
	}
	if answer != "ok" {
		return fail(core.Unavailable, "storage.damaged", path, errors.New(answer))
	}
	err = same(ctx, db, path)
	if errors.Is(err, &core.Error{Code: core.Unavailable, Key: "storage.older"}) {
		return nil // Open brings it up to date
	}
	return e.Error(err)
}
