package house

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/backup"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/core/service"
	"github.com/stint-pim/stint/storage/sqlite"
)

// Restore says which backup goes where.
type Restore struct {
	File       io.Reader
	Passphrase core.Secret
	Options           // of the house that is to be: Path, KeyFile, Keyring, Clock, Log
	Replace    bool   // a store that is there may be moved aside
	By         string // who does it, for the log
	Tell       core.Progress
}

// Restored says what a restore did.
type Restored struct {
	Backup backup.Manifest
	Aside  string // where the store that was there is kept; empty: there was none
	Ended  int    // activations that were running in the backup
}

// CheckBackup opens a backup and looks at all of it: its sums, the database's
// structure, the chain of the log, and that the key opens the secrets. It
// changes nothing; the database is unpacked in a folder of its own for as long
// as that takes.
func CheckBackup(ctx context.Context, file io.Reader, passphrase core.Secret, tell core.Progress) (m backup.Manifest, err error) {
	dir, err := os.MkdirTemp("", "stint-check-") // mode 0700
	if err != nil {
		return m, core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m, _, err = unpack(ctx, file, passphrase, filepath.Join(dir, FileName), tell)
	return m, err
}

// RestoreBackup puts the store of a backup in the place of that at o.Path.
// Everything is looked at before anything is touched; a store that is there is
// moved aside and kept. After a crash at any moment the next Open finds the
// old store or the new one, whole.
//
// The new one knows what it is (core.NoteRestore): everybody signs in anew,
// and activations that ran when the backup was made are ended, because nobody
// knows which of them were ended since. What they left on systems is taken
// back as soon as Stint runs.
func RestoreBackup(ctx context.Context, o Restore) (done Restored, err error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return done, core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	o.Path = path
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return done, core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	free, err := sqlite.Hold(path)
	if err != nil {
		return done, inUse(err)
	}
	defer func() { err = errors.Join(err, free()) }()
	if _, err := backup.Finish(dir, o.KeyFile); err != nil {
		return done, err
	}
	if info, err := os.Stat(path); !o.Replace && err == nil && info.Size() > 0 {
		return done, core.Errorf(core.Conflict, "", "backup.present", "path", path)
	}
	swap, err := backup.Stage(dir)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, swap.Drop()) }()
	staged := filepath.Join(swap.Staging, filepath.Base(path))
	m, key, err := unpack(ctx, o.File, o.Passphrase, staged, o.Tell)
	if err != nil {
		return done, err
	}
	done = Restored{Backup: m}
	if done.Ended, err = afresh(ctx, o, staged, m, key); err != nil {
		return done, err
	}
	p := backup.Placing{Database: path, KeyText: key.Text(), Stamp: time.Now().UTC().Format("2006-01-02-150405")}
	if !fits(ctx, o.Options, key) {
		p.Key = o.KeyFile
		if p.Key == "" {
			p.Key = filepath.Join(dir, seal.KeyFile)
		}
	}
	if err := ctx.Err(); err != nil { // from here on it is carried through
		return done, core.Wrap(core.Canceled, "call.canceled", err)
	}
	done.Aside, err = swap.Commit(p)
	return done, err
}

// inUse says of a store that somebody has open what that means for a restore.
func inUse(err error) error {
	var e *core.Error
	if errors.As(err, &e) && e.Key == "storage.held" {
		return core.Wrap(core.Unavailable, "backup.in_use", err, "holder", e.Args["holder"])
	}
	return err
}

// unpack reads a backup into a database file at path, and judges it.
func unpack(ctx context.Context, file io.Reader, passphrase core.Secret, path string, tell core.Progress) (m backup.Manifest, key *seal.Key, err error) {
	var out *os.File
	defer func() {
		if out != nil {
			_ = out.Close() // closed below where it matters
		}
	}()
	m, text, err := backup.Read(ctx, file, passphrase, func(m backup.Manifest) (w io.Writer, err error) {
		out, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, core.Wrap(core.Unavailable, "backup.unwritable", err)
		}
		return out, nil
	}, tell)
	if err != nil {
		return m, nil, err
	}
	if err := out.Close(); err != nil {
		return m, nil, core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	if key, err = seal.ParseKey(text); err != nil {
		return m, nil, core.Wrap(core.Invalid, "backup.damaged", err)
	}
	return m, key, judge(ctx, path, m, key, tell)
}

// judge looks at an unpacked database, which it brings up to date.
func judge(ctx context.Context, path string, m backup.Manifest, key *seal.Key, tell core.Progress) (err error) {
	if err := sqlite.Examine(ctx, path); err != nil {
		return unusable(err)
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return unusable(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	v, err := service.Verify(ctx, db, core.Hash{}, tell)
	switch {
	case err != nil:
		return unusable(err)
	case v.Break != nil:
		return core.Errorf(core.Refused, "file", "backup.log_broken", "seq", strconv.FormatInt(v.Break.Seq, 10), "reason", v.Break.Reason)
	case v.Seq != m.Seq || v.Head != m.Head:
		return core.Errorf(core.Refused, "file", "backup.log_broken", "seq", strconv.FormatInt(v.Seq+1, 10), "reason", "the log ends elsewhere than it did when the backup was made")
	}
	box := key.Box()
	systems, err := db.Systems(ctx)
	if err != nil {
		return unusable(err)
	}
	for _, s := range systems {
		if _, err := box.OpenSecret(seal.SystemContext(s.ID), s.Sealed); err != nil {
			return core.Wrap(core.Invalid, "backup.wrong_key", err)
		}
	}
	return db.Read(ctx, func(v core.View) error {
		_, err := box.OpenSecret(seal.MailContext, v.Settings().Mail.Sealed)
		for _, p := range v.Holders(core.StintRole(core.GlobalAdministrator)) {
			f, _ := v.Factor(p.ID)
			_, ferr := box.OpenSecret(seal.FactorContext(p.ID), f.Sealed)
			err = errors.Join(err, ferr)
		}
		if err != nil {
			return core.Wrap(core.Invalid, "backup.wrong_key", err)
		}
		return v.Err()
	})
}

// unusable says of a database that came out of a backup what it means there.
func unusable(err error) error {
	switch e := (*core.Error)(nil); {
	case core.CodeOf(err) == core.Canceled:
		return err
	case errors.As(err, &e) && e.Key == "storage.newer":
		return core.Wrap(core.Invalid, "backup.newer", err)
	case errors.As(err, &e) && (e.Key == "storage.full" || e.Key == "storage.io" || e.Key == "storage.read_only"):
		return core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	return core.Wrap(core.Invalid, "backup.damaged", err)
}

// afresh lets a store in the making know that it was restored, and ends the
// activations that run in it.
func afresh(ctx context.Context, o Restore, path string, m backup.Manifest, key *seal.Key) (ended int, err error) {
	so := Options{Path: path, KeyFile: filepath.Join(filepath.Dir(path), seal.KeyFile), Clock: o.Clock, Log: o.Log}
	if err := os.WriteFile(so.KeyFile, []byte(key.Text().Reveal()+"\n"), 0o600); err != nil {
		return 0, core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	h, err := Open(ctx, so)
	if err != nil {
		return 0, unusable(err)
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	now := time.Now
	if o.Clock != nil {
		now = o.Clock.Now
	}
	note := core.NoteRestore{Made: m.Made, Head: core.Head{Seq: m.Seq, Hash: m.Head}, By: o.By, Step: mfa.LatestStep(now())}
	if _, err := h.Engine.Do(ctx, engine.Job{Actor: core.EngineActor(), Command: note}); err != nil {
		return 0, err
	}
	// What is overdue ends as such; the rest is dropped.
	if err := h.Engine.RunDue(ctx); err != nil {
		return 0, err
	}
	return h.dropRunning(ctx)
}

// fits reports whether the key that lies at the place is that of the backup.
func fits(ctx context.Context, o Options, key *seal.Key) bool {
	so := seal.Options{StoreID: storeID(o.Path), File: o.KeyFile}
	if o.Keyring {
		so.Keyring = seal.Desktop{}
	}
	present, err := seal.OpenKey(ctx, filepath.Dir(o.Path), so)
	return err == nil && present.Fingerprint() == key.Fingerprint()
}

// finishRestore ends a restore that was cut off, before anything is opened.
func finishRestore(o Options) (err error) {
	dir := filepath.Dir(o.Path)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	free, err := sqlite.Hold(o.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, free()) }()
	ended, err := backup.Finish(dir, o.KeyFile)
	if ended {
		o.Log.Warn("a restore that was cut off has been ended", "dir", dir, "err", err)
	}
	return err
}
