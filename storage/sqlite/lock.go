package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

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
	// Over what is there, and only then cut: on a full disk a file that was
	// emptied may not be filled again.
	text := fmt.Sprintf("process %d\n", os.Getpid())
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.ENOSPC) {
			return nil, fail(core.Unavailable, core.KeyFull, path, err)
		}
		return nil, fail(core.Unavailable, "storage.io", path, err)
	}
	_ = f.Truncate(int64(len(text))) // what is left behind the line is never read
	return &lock{f}, nil
}

// holder reads who holds the lock, as take wrote it.
func holder(f *os.File) string {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 64))
	if text, _, _ := strings.Cut(string(b), "\n"); err == nil && text != "" {
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
