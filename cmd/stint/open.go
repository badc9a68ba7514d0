package main

import (
	"context"
	"log/slog"

	"github.com/stint-pim/stint/core"
)

// config says which store to open.
type config struct {
	Data string // its directory; empty: the usual one of this user
	Log  *slog.Logger
}

// opener opens a store with all that makes it live: the engine, its clock, the
// reconciler, deliveries. close stops all of it and waits. It refuses with
// Conflict a store that another process has open.
type opener func(context.Context, config) (gate core.Gate, close func() error, err error)

// verifier checks the chain of a database file without opening it for writing.
type verifier func(ctx context.Context, file string, tell core.Progress) (core.Verification, error)

func openStore(context.Context, config) (core.Gate, func() error, error) {
	return nil, nil, core.Errorf(core.Unavailable, "", "cli.no_server")
}

func verifyStore(context.Context, string, core.Progress) (core.Verification, error) {
	return core.Verification{}, core.Errorf(core.Unavailable, "", "cli.no_database")
}
