//go:build linux

package desktest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// Shown is a notice as the desktop was given it.
type Shown struct {
	ID          uint32
	Replaces    uint32
	Title, Text string
	Actions     []string
	Urgency     byte
}

// Board plays a desktop's service for notices.
type Board struct {
	t    testing.TB
	conn *dbus.Conn
	can  []string

	mu     sync.Mutex
	last   uint32      // guarded by mu
	shown  chan Shown  // in order
	closed chan uint32 // by the program
}

const (
	board     = "org.freedesktop.Notifications"
	boardPath = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// NewBoard appears on a bus, able to do what is named.
func NewBoard(t testing.TB, address string, can ...string) *Board {
	t.Helper()
	b := &Board{t: t, can: can, shown: make(chan Shown, 64), closed: make(chan uint32, 64)}
	c, err := dbus.Connect(address)
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
		err = c.ExportMethodTable(map[string]any{
			"GetCapabilities": func() ([]string, *dbus.Error) { return b.can, nil },
			"Notify":          b.notify,
			"CloseNotification": func(id uint32) *dbus.Error {
				b.closed <- id
				return nil
			},
		}, boardPath, board)
	}
	if err == nil {
		_, err = c.RequestName(board, dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.conn = c
	return b
}

func (b *Board) notify(app string, replaces uint32, icon, title, text string, actions []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	if app != "Stint" || icon == "" {
		return 0, dbus.MakeFailedError(errors.New("who is that?"))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	id := replaces
	if id == 0 {
		b.last++
		id = b.last
	}
	s := Shown{ID: id, Replaces: replaces, Title: title, Text: text, Actions: actions}
	s.Urgency, _ = hints["urgency"].Value().(byte)
	b.shown <- s
	return id, nil
}

// Next is the next notice that is shown.
func (b *Board) Next() Shown {
	b.t.Helper()
	return wait(b.t, b.shown, "a notice")
}

// Closed is the next notice that the program takes away.
func (b *Board) Closed() uint32 {
	b.t.Helper()
	return wait(b.t, b.closed, "a notice that is taken away")
}

// Choose is a click on a notice, or on one of its buttons.
func (b *Board) Choose(id uint32, action string) { b.emit("ActionInvoked", id, action) }

// Dismiss is what the desktop says of a notice that went.
func (b *Board) Dismiss(id uint32) { b.emit("NotificationClosed", id, uint32(2)) }

// Gone takes the service off the bus.
func (b *Board) Gone() { _ = b.conn.Close() }

func (b *Board) emit(member string, args ...any) {
	b.t.Helper()
	if err := b.conn.Emit(boardPath, board+"."+member, args...); err != nil {
		b.t.Fatal(err)
	}
}

// PretendBoard sends to one listener what the service for notices sends, as
// somebody who isn't it.
func PretendBoard(t testing.TB, address string, id uint32, action string) {
	t.Helper()
	c := connect(t, address, "org.example.Mallory")
	var names []string
	if err := c.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
		t.Fatal(err)
	}
	if err := c.Emit(boardPath, board+".ActionInvoked", id, action); err != nil {
		t.Fatal(err)
	}
	for _, to := range names { // to each by name: the bus asks nobody whether he listens to us
		m := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldPath: dbus.MakeVariant(boardPath), dbus.FieldInterface: dbus.MakeVariant(board), dbus.FieldMember: dbus.MakeVariant("ActionInvoked"),
			dbus.FieldDestination: dbus.MakeVariant(to), dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(id, action))}, Body: []any{id, action}}
		if call := c.Send(m, nil); call != nil && call.Err != nil {
			t.Fatal(call.Err)
		}
	}
	// The bus has passed on all of that when it answers.
	if err := c.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
}

func wait[T any](t testing.TB, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: waited for in vain", what)
		panic("unreachable")
	}
}
