package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/core/service"
	"github.com/stint-pim/stint/storage/sqlite"
)

// config says which store to open.
type config struct {
	Data   string // its directory; empty: the usual one of this user
	Make   bool   // make one where there is none
	Log    *slog.Logger
	Getenv func(string) string
}

// opener opens a store with all that makes it live: the engine, its clock, the
// reconciler, deliveries. close stops all of it and waits. It refuses with
// Conflict a store that another process has open.
type opener func(context.Context, config) (gate core.Gate, close func() error, err error)

// verifier checks the chain of a database file without opening it for writing.
type verifier func(ctx context.Context, file string, tell core.Progress) (core.Verification, error)

// openStore is the opener of the real program.
func openStore(ctx context.Context, c config) (core.Gate, func() error, error) {
	dir, err := dataDir(c)
	if err != nil {
		return nil, nil, core.Wrap(core.Unavailable, "cli.no_server", err)
	}
	path := filepath.Join(dir, house.FileName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && !c.Make {
		return nil, nil, core.Errorf(core.Unavailable, "", "cli.nothing_here", "path", dir)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this computer"
	}
	h, err := house.Open(ctx, house.Options{
		Path: path, KeyFile: c.Getenv("STINT_KEY_FILE"), Keyring: true, Host: host, Version: version(), Log: c.Log,
	})
	if err != nil {
		return nil, nil, err
	}
	// What runs is stopped by close, after the last answer, and not by ctx: an
	// interrupted command shall not stop a removal half-way.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- h.Run(running) }()
	return h.Gate, func() error {
		stop()
		err := <-ended
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		return errors.Join(err, h.Close())
	}, nil
}

// dataDir is where the store of this user lies: where the desktop keeps data
// of programs, the same for the window.
func dataDir(c config) (string, error) {
	if c.Data != "" {
		return c.Data, nil
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		dir, err := os.UserConfigDir()
		return filepath.Join(dir, "stint"), err
	}
	if dir := c.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "stint"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "stint"), err
}

// verifyStore is the verifier of the real program. It reads beside a running
// server.
func verifyStore(ctx context.Context, file string, tell core.Progress) (v core.Verification, err error) {
	db, err := sqlite.OpenReadOnly(ctx, file)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return service.Verify(ctx, db, tell)
}
