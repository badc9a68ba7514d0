package desk

import (
	"context"
	"os"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/stint-pim/stint/gui/model"
)

// Names of logind (https://www.freedesktop.org/software/systemd/man/org.freedesktop.login1.html);
// elogind has the same.
const (
	login        = "org.freedesktop.login1"
	loginPath    = dbus.ObjectPath("/org/freedesktop/login1")
	loginManager = login + ".Manager"
	loginSession = login + ".Session"
)

// listenSystem follows logind until the bus goes.
func listenSystem(ctx context.Context, c *dbus.Conn, k *knowledge) {
	signals := make(chan *dbus.Signal, 64)
	c.Signal(signals)
	heed(ctx, c, dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, login))
	heed(ctx, c, dbus.WithMatchSender(login), dbus.WithMatchInterface(loginManager))
	heed(ctx, c, dbus.WithMatchSender(login), dbus.WithMatchInterface(loginSession), dbus.WithMatchMember("Lock"))
	heed(ctx, c, dbus.WithMatchSender(login), dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchArg(0, loginSession))
	l := &logind{conn: c}
	look := func() {
		l.release()
		there := owned(ctx, c, login)
		if there {
			l.session = l.own(ctx)
			l.delay(ctx)
		}
		k.learn(func() { k.logind, k.sleep = there && l.session != "", there && l.held() })
	}
	look()
	defer k.learn(func() { k.logind, k.sleep = false, false })
	defer l.release()
	for {
		s, ok := next(ctx, signals)
		if !ok {
			return
		}
		switch _, member, _ := cutMember(s.Name); member {
		case "NameOwnerChanged":
			look() // logind was started again: it has forgotten us
		case "Lock":
			if l.mine(s.Path) {
				k.tell(model.DeskEvent{Reason: "lock"})
			}
		case "PropertiesChanged":
			// Desktops that lock by themselves say so here.
			if changed, ok := arg[map[string]dbus.Variant](s, 1); ok && l.mine(s.Path) {
				if on, ok := changed["LockedHint"].Value().(bool); ok && on {
					k.tell(model.DeskEvent{Reason: "lock"})
				}
			}
		case "PrepareForSleep", "PrepareForShutdown":
			begins, ok := arg[bool](s, 0)
			switch {
			case !ok:
			case begins:
				e := model.DeskEvent{Reason: "sleep", Done: l.release}
				if member == "PrepareForShutdown" {
					e.Reason = "signout"
				}
				k.tell(e)
			default: // awake, or it didn't happen
				l.delay(ctx)
				k.learn(func() { k.sleep = l.held() })
				k.tell(model.DeskEvent{Woke: true})
			}
		}
	}
}

// logind is what we have of it.
type logind struct {
	conn    *dbus.Conn
	session dbus.ObjectPath // the one that the window is in; empty: unknown

	mu   sync.Mutex
	lock *os.File // guarded by mu; sleeping waits while it is open, five seconds as logind is shipped
}

// own finds the session that this program runs in. Programs that a desktop
// starts as units of the user are in none: theirs is the one that shows the
// user's desktop.
func (l *logind) own(ctx context.Context) dbus.ObjectPath {
	var path dbus.ObjectPath
	m := l.conn.Object(login, loginPath)
	if id := os.Getenv("XDG_SESSION_ID"); id != "" && m.CallWithContext(ctx, loginManager+".GetSession", 0, id).Store(&path) == nil {
		return path
	}
	if m.CallWithContext(ctx, loginManager+".GetSessionByPID", 0, uint32(os.Getpid())).Store(&path) == nil {
		return path
	}
	var user dbus.ObjectPath
	if m.CallWithContext(ctx, loginManager+".GetUser", 0, uint32(os.Getuid())).Store(&user) != nil {
		return ""
	}
	v, err := l.conn.Object(login, user).GetProperty(login + ".User.Display")
	if err != nil {
		return ""
	}
	display := struct {
		ID   string
		Path dbus.ObjectPath
	}{}
	if err := dbus.Store([]any{v.Value()}, &display); err != nil || display.ID == "" {
		return ""
	}
	return display.Path
}

func (l *logind) mine(session dbus.ObjectPath) bool { return l.session != "" && session == l.session }

// delay asks logind to wait, before it sleeps or shuts down, until release.
func (l *logind) delay(ctx context.Context) {
	var fd dbus.UnixFD
	err := l.conn.Object(login, loginPath).CallWithContext(ctx, loginManager+".Inhibit", 0,
		"shutdown:sleep", "Stint", "Roles that end now are ended first", "delay").Store(&fd)
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lock != nil {
		_ = l.lock.Close()
	}
	l.lock = os.NewFile(uintptr(fd), "inhibitor")
}

func (l *logind) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lock != nil {
		_ = l.lock.Close()
		l.lock = nil
	}
}

func (l *logind) held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lock != nil
}
