package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// asNobody makes the file system see this thread as a user without rights, so
// that the test also works for root. The thread is never given back.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			if err := unix.Setfsuid(65534); err != nil {
				t.Error(err)
				return
			}
		}
		f()
	}()
	<-done
}

func TestNotWritable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "stint.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	for p := dir; p != os.TempDir(); p = filepath.Dir(p) {
		chmod(t, p, 0o755)
	}
	chmod(t, path+".lock", 0o666)
	chmod(t, path, 0o444)
	asNobody(t, func() { refused(t, path, "storage.read_only") })
	chmod(t, path, 0o000)
	asNobody(t, func() { refused(t, path, "storage.denied") })
	chmod(t, path, 0o600)
	chmod(t, path+".lock", 0o444)
	asNobody(t, func() { refused(t, path, "storage.read_only") })
	asNobody(t, func() { refused(t, filepath.Join(dir, "sub", "stint.db"), "storage.no_folder") })
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
