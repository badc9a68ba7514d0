//go:build unix

package sqlite

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// exclusive takes an flock, which belongs to the open file: the kernel frees
// it when the process ends, and a second Open in the same process meets it too.
func exclusive(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EWOULDBLOCK):
			return errHeld
		case errors.Is(err, unix.EINTR):
			continue
		}
		return err
	}
}
