//go:build windows || darwin

package seal

import "errors"

var errNoSession = errors.New("this process is in no desktop session")

// session: the keyring belongs to the system and needs no bus.
func session() bool { return true }
