//go:build linux

// Package desktest plays a desktop for tests: a bus of its own, a logind, screen
// savers and a session manager on it. It is for tests only.
package desktest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// Bus starts a bus and returns its address.
func Bus(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bus") // t.TempDir may be longer than a socket's name can be
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "bus.conf")
	text := fmt.Sprintf(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "dbus-daemon", "--nofork", "--print-address", "--config-file="+config)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("a bus: %v (install dbus)", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("a bus: %v", err)
	}
	return strings.TrimSpace(line)
}

func connect(t testing.TB, address, name string) *dbus.Conn {
	t.Helper()
	c, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := c.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return c
}

// Logind plays logind with one session.
type Logind struct {
	t    testing.TB
	conn *dbus.Conn

	mu    sync.Mutex
	locks [][2]*os.File // guarded by mu: both ends of the inhibitors given out
}

const (
	login = "org.freedesktop.login1"
	path  = dbus.ObjectPath("/org/freedesktop/login1")
	// Session is the session of the test, OtherSession one of somebody else.
	Session      = path + "/session/_31"
	OtherSession = path + "/session/_32"
)

// NewLogind appears on a bus.
func NewLogind(t testing.TB, address string) *Logind {
	t.Helper()
	l := &Logind{t: t}
	// Exported before the name is there: whoever sees the name may ask at once.
	c, err := dbus.Connect(address)
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
		err = errors.Join(c.ExportMethodTable(map[string]any{
			"Inhibit":         l.inhibit,
			"GetSession":      func(string) (dbus.ObjectPath, *dbus.Error) { return Session, nil },
			"GetSessionByPID": func(uint32) (dbus.ObjectPath, *dbus.Error) { return Session, nil },
		}, path, login+".Manager"))
	}
	if err == nil {
		_, err = c.RequestName(login, dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		t.Fatal(err)
	}
	l.conn = c
	return l
}

func (l *Logind) inhibit(what, who, why, mode string) (dbus.UnixFD, *dbus.Error) {
	if mode != "delay" || !strings.Contains(what, "sleep") || who == "" || why == "" {
		return 0, dbus.MakeFailedError(errors.New("not such a lock"))
	}
	r, w, err := os.Pipe()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.locks = append(l.locks, [2]*os.File{r, w})
	return dbus.UnixFD(w.Fd()), nil
}

// Inhibitors counts the locks that were given out so far.
func (l *Logind) Inhibitors() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.locks)
}

// Lock asks a session to be locked.
func (l *Logind) Lock(session dbus.ObjectPath) { l.emit(session, login+".Session.Lock") }

// Locked says that a session is locked.
func (l *Logind) Locked(session dbus.ObjectPath) {
	l.emit(session, "org.freedesktop.DBus.Properties.PropertiesChanged", login+".Session", map[string]dbus.Variant{"LockedHint": dbus.MakeVariant(true)}, []string{})
}

// Sleep prepares for sleep, waits as logind does until the last inhibitor is
// given back, at most five seconds, and returns how long that took.
func (l *Logind) Sleep() time.Duration { return l.prepare("PrepareForSleep") }

// Shutdown does the same before the computer is switched off.
func (l *Logind) Shutdown() time.Duration { return l.prepare("PrepareForShutdown") }

// Wake says that the computer is awake.
func (l *Logind) Wake() { l.emit(path, login+".Manager.PrepareForSleep", false) }

func (l *Logind) prepare(what string) time.Duration {
	l.t.Helper()
	l.mu.Lock()
	locks := l.locks
	l.mu.Unlock()
	if len(locks) == 0 {
		l.t.Fatal("nobody wants to be waited for")
	}
	// What was sent is another descriptor; ours would keep the pipe open.
	last, ours := locks[len(locks)-1][0], locks[len(locks)-1][1]
	_ = ours.Close()
	began := time.Now()
	l.emit(path, login+".Manager."+what, true)
	_ = last.SetReadDeadline(began.Add(5 * time.Second))
	_, err := last.Read(make([]byte, 1)) // ends when the other side is closed everywhere
	if errors.Is(err, os.ErrDeadlineExceeded) {
		l.t.Errorf("%s: the inhibitor was not given back", what)
	}
	return time.Since(began)
}

func (l *Logind) emit(p dbus.ObjectPath, name string, args ...any) {
	l.t.Helper()
	if err := l.conn.Emit(p, name, args...); err != nil {
		l.t.Fatal(err)
	}
}

// Gone takes logind off the bus, as a restart of it does.
func (l *Logind) Gone() { _ = l.conn.Close() }

// Saver plays a screen saver of a name and returns what switches it.
func Saver(t testing.TB, address, name string) (active func(bool)) {
	t.Helper()
	c := connect(t, address, name)
	p := dbus.ObjectPath("/" + strings.ReplaceAll(name, ".", "/"))
	return func(on bool) {
		t.Helper()
		if err := c.Emit(p, name+".ActiveChanged", on); err != nil {
			t.Fatal(err)
		}
	}
}

// Manager plays a session manager that has one client.
type Manager struct {
	t    testing.TB
	conn *dbus.Conn
	says chan bool // what the client answered
}

const (
	manager = "org.gnome.SessionManager"
	client  = dbus.ObjectPath("/org/gnome/SessionManager/Client1")
)

// NewManager appears on a bus.
func NewManager(t testing.TB, address string) *Manager {
	t.Helper()
	m := &Manager{t: t, says: make(chan bool, 4)}
	c, err := dbus.Connect(address)
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
		err = errors.Join(
			c.ExportMethodTable(map[string]any{"RegisterClient": func(string, string) (dbus.ObjectPath, *dbus.Error) { return client, nil }}, "/org/gnome/SessionManager", manager),
			c.ExportMethodTable(map[string]any{"EndSessionResponse": func(ok bool, _ string) *dbus.Error { m.says <- ok; return nil }}, client, manager+".ClientPrivate"))
	}
	if err == nil {
		_, err = c.RequestName(manager, dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.conn = c
	return m
}

// End ends the session: it asks, and then tells, and waits for each answer.
func (m *Manager) End() {
	m.t.Helper()
	for _, what := range []string{"QueryEndSession", "EndSession"} {
		if err := m.conn.Emit(client, manager+".ClientPrivate."+what, uint32(0)); err != nil {
			m.t.Fatal(err)
		}
		select {
		case ok := <-m.says:
			if !ok {
				m.t.Errorf("%s was refused", what)
			}
		case <-time.After(10 * time.Second):
			m.t.Fatalf("%s was not answered", what)
		}
	}
}

// Pretend sends what logind sends, as somebody who isn't.
func Pretend(t testing.TB, address string) {
	t.Helper()
	c := connect(t, address, "org.example.Mallory")
	err := errors.Join(c.Emit(Session, login+".Session.Lock"), c.Emit(path, login+".Manager.PrepareForSleep", true))
	if err != nil {
		t.Fatal(err)
	}
}
