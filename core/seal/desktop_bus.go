//go:build !windows && !darwin

package seal

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

var errNoSession = errors.New("this process is in no desktop session")

// session reports whether there is a session bus to ask. Without this look the
// library would start a bus of its own (dbus-launch), which outlives the
// process, and a key given to the keyring behind it would be locked up with
// the next start of the machine.
func session() bool {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return true
	}
	dir := filepath.Join("/run/user", strconv.Itoa(os.Getuid())) // where the library looks
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}
