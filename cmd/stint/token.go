package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/stint-pim/stint/core"
)

// A session's token is kept in a file of mode 0600, one for each server. It
// does for its server what a password would until it ends, which it does by
// itself after twelve hours unused.
type tokenFile struct {
	Server string `json:"server"`
	Login  string `json:"login"`
	Token  string `json:"token"`
}

// tokenPath is where the token of the server asked is kept. The server of this
// user and the store opened alone are the same store, and share it.
func (a *app) tokenPath() (string, error) {
	dir := a.Getenv("STINT_CONFIG_DIR")
	if dir == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			return "", core.Wrap(core.Unavailable, "cli.token", err)
		}
		dir = filepath.Join(base, "stint")
	}
	sum := sha256.Sum256([]byte(a.serverName() + "\n" + a.data))
	return filepath.Join(dir, "sessions", hex.EncodeToString(sum[:8])+".json"), nil
}

func (a *app) serverName() string {
	if a.server == "" {
		return "this computer"
	}
	return a.server
}

func (a *app) saveToken(login string, token core.Secret) error {
	path, err := a.tokenPath()
	if err != nil {
		return err
	}
	b, err := json.Marshal(tokenFile{a.serverName(), login, token.Reveal()})
	if err != nil {
		return core.Wrap(core.Internal, "cli.token", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return core.Wrap(core.Unavailable, "cli.token", err)
	}
	if err := replaceFile(path, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
		return core.Wrap(core.Unavailable, "cli.token", err)
	}
	return nil
}

// loadToken returns the token, or an error of code Unauthenticated.
func (a *app) loadToken() (core.Secret, error) {
	if t := a.Getenv("STINT_TOKEN"); t != "" {
		return core.NewSecret(t), nil
	}
	path, err := a.tokenPath()
	if err != nil {
		return core.Secret{}, err
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return core.Secret{}, core.Errorf(core.Unauthenticated, "", "api.no_session")
	}
	if err != nil {
		return core.Secret{}, core.Wrap(core.Unavailable, "cli.token", err)
	}
	defer f.Close()
	// Whoever could read it may be using it already; the file is not the place
	// of a secret any more.
	if info, err := f.Stat(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return core.Secret{}, core.Errorf(core.Unauthenticated, "", "cli.token_open", "path", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return core.Secret{}, core.Wrap(core.Unavailable, "cli.token", err)
	}
	var kept tokenFile
	if err := json.Unmarshal(b, &kept); err != nil || kept.Token == "" {
		return core.Secret{}, core.Errorf(core.Unauthenticated, "", "api.no_session")
	}
	return core.NewSecret(kept.Token), nil
}

// saveDevice keeps what shows the server at the next sign-in that this person
// has been here before. It outlives the session, and opens nothing.
func (a *app) saveDevice(login string, device core.Secret) error {
	path, err := a.devicePath()
	if err != nil || device.Empty() {
		return err
	}
	b, err := json.Marshal(tokenFile{a.serverName(), login, device.Reveal()})
	if err != nil {
		return core.Wrap(core.Internal, "cli.token", err)
	}
	if err := replaceFile(path, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
		return core.Wrap(core.Unavailable, "cli.token", err)
	}
	return nil
}

// loadDevice returns what saveDevice kept for this login. Without it one is a
// stranger to the server, which is no fault.
func (a *app) loadDevice(login string) core.Secret {
	path, err := a.devicePath()
	if err != nil {
		return core.Secret{}
	}
	b, err := os.ReadFile(path)
	var kept tokenFile
	if err != nil || len(b) > 4096 || json.Unmarshal(b, &kept) != nil || kept.Login != login {
		return core.Secret{}
	}
	return core.NewSecret(kept.Token)
}

func (a *app) devicePath() (string, error) {
	path, err := a.tokenPath()
	return strings.TrimSuffix(path, ".json") + ".device", err
}

func (a *app) forgetToken() error {
	path, err := a.tokenPath()
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return core.Wrap(core.Unavailable, "cli.token", err)
	}
	return nil
}

// writeFile is replaceFile, but what is no ordinary file (a pipe, /dev/null)
// is written to and stays what it is.
func writeFile(path string, write func(io.Writer) error) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() {
		return replaceFile(path, write)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// replaceFile writes a file of mode 0600 in one step: what stood there before
// stays until the new one is whole.
func replaceFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".stint-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	if d, derr := os.Open(filepath.Dir(path)); derr == nil {
		_ = d.Sync() // the name as well; not every system can
		_ = d.Close()
	}
	return nil
}
