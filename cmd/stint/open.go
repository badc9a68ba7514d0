package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/config"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/core/service"
	"github.com/stint-pim/stint/storage/sqlite"
)

// storeOptions say which store to open.
type storeOptions struct {
	Data    string // its directory
	URL     string // at which people reach the server with a browser
	KeyFile string // of the sealing key, if it is kept elsewhere
	Make    bool   // make one where there is none
	Log     *slog.Logger
}

// opener opens a store with all that makes it live: the engine, its clock, the
// reconciler, deliveries. close stops all of it and waits. A store that
// another process has open is refused with Unavailable, and names the process.
type opener func(context.Context, storeOptions) (gate core.Gate, close func() error, err error)

// verifier checks the chain of a database file without opening it for writing.
// Where head isn't zero, an entry with that hash must be in it: whoever has
// noted it elsewhere finds out that the end was cut off.
type verifier func(ctx context.Context, file string, head core.Hash, tell core.Progress) (core.Verification, error)

// openStore is the opener of the real program.
func openStore(ctx context.Context, o storeOptions) (core.Gate, func() error, error) {
	path := filepath.Join(o.Data, house.FileName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && !o.Make {
		return nil, nil, core.Errorf(core.Unavailable, "", "cli.nothing_here", "path", o.Data)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this computer"
	}
	h, err := house.Open(ctx, house.Options{
		Path: path, KeyFile: o.KeyFile, Keyring: true, Host: host, Version: version(), URL: o.URL, Log: o.Log,
	})
	if err != nil {
		return nil, nil, err
	}
	// What runs is stopped by the closer, after the last answer, and not by ctx:
	// an interrupted command shall not stop a removal half-way.
	return h.Gate, h.Start(), nil
}

// configured reads the configuration of this user; the flag --data wins over it.
func (a *app) configured() (config.Config, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	if h := a.Getenv("HOME"); h != "" {
		home = h
	}
	return config.LoadFor(a.data, config.Env{Get: a.Getenv, Home: home, OS: runtime.GOOS})
}

// verifyStore is the verifier of the real program. It reads beside a running
// server.
func verifyStore(ctx context.Context, file string, head core.Hash, tell core.Progress) (v core.Verification, err error) {
	db, err := sqlite.OpenReadOnly(ctx, file)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return service.Verify(ctx, db, head, tell)
}
