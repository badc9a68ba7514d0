//go:build !linux

package gui

import "context"

// trayHost reports whether there is a tray: other desktops have one always.
func trayHost(context.Context) bool { return true }
