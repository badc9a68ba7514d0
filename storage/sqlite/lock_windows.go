package sqlite

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// exclusive locks one byte far behind the text, because a locked byte can't be
// read by others, and the text tells them who holds it.
func exclusive(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{Offset: 1 << 30})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return err
}
