//go:build unix

package server

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/stint-pim/stint/core"
)

// maxSocketPath is what sockaddr_un holds on the strictest system we know
// (104 bytes with the closing zero on macOS and the BSDs; 108 on Linux).
const maxSocketPath = 103

// ListenSocket listens on a Unix socket that only this user can open: mode
// 0600 in a directory of mode 0700. A socket that a killed server left behind
// is removed, but only if nobody answers on it; if somebody does, the error is
// of code Conflict. The socket goes when the listener is closed.
func ListenSocket(ctx context.Context, path string) (*Listener, error) {
	if len(path) > maxSocketPath {
		return nil, core.Errorf(core.Invalid, "", "api.socket_long", "address", path, "limit", strconv.Itoa(maxSocketPath))
	}
	if err := makeDir(path); err != nil {
		return nil, err
	}
	// Two servers that start at the same moment must not both find the socket
	// stale and remove each other's.
	unlock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, core.Wrap(core.Unavailable, "api.listen", err, "address", path)
	}
	defer unlock()
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, core.Wrap(core.Unavailable, "api.listen", err, "address", path)
	case info.Mode().Type() != os.ModeSocket:
		return nil, core.Errorf(core.Refused, "", "api.socket_other", "address", path)
	default:
		if there, err := answers(ctx, "unix", path); there || err != nil {
			return nil, core.Errorf(core.Conflict, "", "api.socket_taken", "address", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, core.Wrap(core.Unavailable, "api.listen", err, "address", path)
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, core.Wrap(core.Unavailable, "api.listen", err, "address", path)
	}
	// Between these two lines the directory alone keeps others out.
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, core.Wrap(core.Unavailable, "api.listen", err, "address", path)
	}
	return Local(l), nil
}

func lockFile(path string) (func(), error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}

// private reports whether a directory is this user's and closed to others.
func private(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid() && info.Mode().Perm()&0o077 == 0
}

func refused(err error) bool { return errors.Is(err, unix.ECONNREFUSED) }
