package service

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
)

// Archive writes the whole store, sealed with a passphrase, and returns the
// last entry of the log that it holds.
type Archive func(ctx context.Context, w io.Writer, passphrase core.Secret, tell core.Progress) (core.Head, error)

// Backup see core.Service. Its beginning is in the log before the first byte
// leaves, and what came of it after the last one.
func (s *Service) Backup(ctx context.Context, passphrase, code core.Secret, w io.Writer, tell core.Progress) (core.BackupFile, error) {
	switch {
	case s.cfg.Sample:
		return core.BackupFile{}, core.Errorf(core.Refused, "", "backup.sample")
	case s.cfg.Archive == nil:
		return core.BackupFile{}, core.Errorf(core.Refused, "", "backup.not_here")
	}
	who, err := s.allowed(ctx, anyone)
	if err != nil {
		return core.BackupFile{}, err
	}
	if err := checkPassphrase(passphrase, who.person); err != nil {
		return core.BackupFile{}, err
	}
	// One at a time: each takes a processor and 128 MiB for its passphrase.
	if !s.backingUp.CompareAndSwap(false, true) {
		return core.BackupFile{}, core.Errorf(core.Conflict, "", "backup.running")
	}
	defer s.backingUp.Store(false)
	if _, err := s.do(ctx, core.BeginBackup{}, code, ""); err != nil {
		return core.BackupFile{}, err
	}
	out := &weighed{w: w, sum: sha256.New()}
	head, err := s.cfg.Archive(ctx, out, passphrase, tell)
	made := core.BackupFile{Bytes: out.n, Hash: core.Hash(out.sum.Sum(nil))}
	note := core.NoteBackup{Bytes: made.Bytes, Hash: made.Hash, Head: head}
	if err != nil {
		note.Problem = reason(ctx, err)
	}
	if _, noted := s.do(context.WithoutCancel(ctx), note, core.Secret{}, ""); noted != nil && err == nil {
		err = noted
	}
	if err != nil && ctx.Err() != nil {
		return made, core.Wrap(core.Canceled, "call.canceled", ctx.Err())
	}
	return made, plain(err)
}

// reason says in the log why a backup is not whole, without what only our own
// log should hold.
func reason(ctx context.Context, err error) string {
	if ctx.Err() != nil || core.CodeOf(err) == core.Canceled {
		return "canceled, or the connection was lost"
	}
	var e *core.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "the file could not be written"
}

// checkPassphrase holds a passphrase to what a password is held to: whoever
// finds the file may guess as long as he likes.
func checkPassphrase(p core.Secret, who core.Person) error {
	if p.Empty() {
		return core.Errorf(core.Invalid, "passphrase", "backup.passphrase_missing")
	}
	err := auth.CheckPassword(p, who.Login, who.Name, who.Mail)
	var e *core.Error
	if errors.As(err, &e) {
		e.Field = "passphrase"
	}
	return err
}

// weighed counts and sums what is written.
type weighed struct {
	w   io.Writer
	n   int64
	sum hash.Hash
}

func (o *weighed) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	o.n += int64(n)
	o.sum.Write(b[:n])
	return n, err
}
