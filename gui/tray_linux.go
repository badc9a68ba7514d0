package gui

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// trayHost reports whether the desktop has somebody who shows tray icons: the
// StatusNotifierWatcher of freedesktop.org. Without one the window must not
// hide, because nobody could bring it back. It talks to the session bus
// and ends with ctx.
func trayHost(ctx context.Context) bool {
	c, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer c.Close()
	var owned bool
	err = c.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, "org.kde.StatusNotifierWatcher").Store(&owned)
	return err == nil && owned
}
