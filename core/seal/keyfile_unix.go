//go:build unix

package seal

import (
	"io/fs"
	"os"
	"syscall"
)

// openNoFollow refuses a symbolic link (ELOOP), and doesn't wait for the
// writer of a named pipe.
func openNoFollow(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// private reports whether the file belongs to us, and nobody else can read,
// write or run it. A file of root's counts as ours: who is root reads all.
func private(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || (int(st.Uid) != os.Geteuid() && st.Uid != 0) {
		return false
	}
	return info.Mode().Perm()&0o077 == 0
}

// syncDir makes a new name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
