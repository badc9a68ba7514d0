//go:build !unix

package server

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// ListenSocket listens for programs of this user: see ListenLoopback. What
// stands at path is the file with address and token.
func ListenSocket(ctx context.Context, path string) (*Listener, error) {
	return ListenLoopback(ctx, path)
}

// private can't be told from mode bits here; the directory lies in the user's
// own profile, which the system keeps from others.
func private(os.FileInfo) bool { return true }

func refused(err error) bool {
	const wsaConnRefused = syscall.Errno(10061)
	return errors.Is(err, wsaConnRefused)
}
