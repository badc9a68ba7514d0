//go:build !windows && !darwin

package seal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stint-pim/stint/core/seal"
)

// TestNoBusIsStarted: where there is no desktop none is started to ask for its
// keyring.
func TestNoBusIsStarted(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	dir := t.TempDir()
	mark := filepath.Join(dir, "launched")
	launcher := "#!/bin/sh\n: >" + mark + "\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(launcher), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	// Only asked, never written to: somebody's own keyring may be behind it.
	if _, err := (seal.Desktop{}).Get("stint-test", "nothing"); err == nil {
		t.Error("a key that nobody kept")
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("dbus-launch was started")
	}
}
