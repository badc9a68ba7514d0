package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/stint-pim/stint/core"
)

// errHeld says that another process (or another store in this one) has the lock.
var errHeld = errors.New("held by another")

// lock is the file beside the database that says whose it is. The file stays
// when it is freed: deleting it would let two processes lock two files of one
// name.
type lock struct{ f *os.File }

// take locks the database at path for this process, and writes who that is
// into the lock file.
func take(path string) (*lock, error) {
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fail(core.Unavailable, "storage.read_only", path, err)
	case err != nil:
		return nil, fail(core.Unavailable, "storage.read_only", path, err)
	}
	if err := exclusive(f); err != nil {
		holder := holder(f)
		_ = f.Close()
		if !errors.Is(err, errHeld) {
			return nil, fail(core.Unavailable, "storage.io", path, err)
		}
		e := core.Errorf(core.Unavailable, "", "storage.held", "path", path, "holder", holder)
		e.Err = err
		return nil, e
	}
	if err := f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(fmt.Sprintf("process %d\n", os.Getpid())), 0)
		if err != nil {
			_ = f.Close()
			return nil, fail(core.Unavailable, "storage.io", path, err)
		}
	}
	return &lock{f}, nil
}

// holder reads who holds the lock, as take wrote it.
func holder(f *os.File) string {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 64))
	if text := strings.TrimSpace(string(b)); err == nil && text != "" {
		return text
	}
	return "?"
}

// free gives the lock back; twice does no harm.
func (l *lock) free() error {
	if err := l.f.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}
