package client

import (
	"context"
	"crypto/sha256"
	"hash"
	"io"
	"net/http"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// Backup streams the file to w. What breaks off is an error, never a file that
// looks whole.
func (r *remote) Backup(ctx context.Context, passphrase, code core.Secret, w io.Writer, tell core.Progress) (core.BackupFile, error) {
	res, err := r.c.send(ctx, call{
		method: http.MethodPost, path: api.PathBackups, token: r.token, body: api.Backup{Passphrase: passphrase.Reveal()},
		header: map[string]string{"TE": "trailers", api.HeaderCode: code.Reveal()},
	})
	if err != nil {
		return core.BackupFile{}, err
	}
	defer res.Body.Close()
	file := &weighed{w: w, sum: sha256.New(), tell: tell}
	_, err = io.CopyBuffer(file, res.Body, make([]byte, 128<<10))
	if file.err != nil {
		return core.BackupFile{}, file.err // the file's, not ours: a full disk
	}
	if err := ended(ctx, res, err); err != nil {
		return core.BackupFile{}, err
	}
	if tell != nil {
		tell(file.n, file.n)
	}
	return core.BackupFile{Bytes: file.n, Hash: core.Hash(file.sum.Sum(nil))}, nil
}

// weighed counts and sums what passes.
type weighed struct {
	w    io.Writer
	sum  hash.Hash
	n    int64
	tell core.Progress // may be nil
	told time.Time
	err  error // of w
}

func (f *weighed) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	f.err = err
	f.n += int64(n)
	f.sum.Write(b[:n])
	if f.tell != nil && time.Since(f.told) >= 100*time.Millisecond {
		f.told = time.Now()
		f.tell(f.n, 0)
	}
	return n, err
}
