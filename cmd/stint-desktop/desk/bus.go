//go:build linux || freebsd || netbsd || openbsd

package desk

import (
	"context"
	"strings"

	"github.com/godbus/dbus/v5"
)

func connect(ctx context.Context, usual func(...dbus.ConnOption) (*dbus.Conn, error), address string) (*dbus.Conn, error) {
	if address == "" {
		return usual(dbus.WithContext(ctx))
	}
	return dbus.Connect(address, dbus.WithContext(ctx))
}

// heed subscribes to signals of one sender. The bus itself holds it to that, so
// that nobody else on the bus can pretend to be him.
func heed(ctx context.Context, c *dbus.Conn, options ...dbus.MatchOption) {
	_ = c.AddMatchSignalContext(ctx, options...) // a bus that refuses this is one on which nothing is heard
}

// cutMember takes the name of a signal apart.
func cutMember(name string) (iface, member string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

func arg[T any](s *dbus.Signal, n int) (v T, ok bool) {
	if n < len(s.Body) {
		v, ok = s.Body[n].(T)
	}
	return v, ok
}
