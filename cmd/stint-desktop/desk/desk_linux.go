package desk

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/stint-pim/stint/gui/model"
)

// follow listens to two buses: on that of the system is logind, on that of the
// session are screen savers and the session's manager. Either may be missing.
func follow(ctx context.Context, o Options, tell func(model.DeskEvent)) {
	known := &knowledge{tell: tell}
	var wg sync.WaitGroup
	for _, side := range []struct {
		connect func(...dbus.ConnOption) (*dbus.Conn, error)
		address string
		listen  func(context.Context, *dbus.Conn, *knowledge)
	}{
		{dbus.ConnectSystemBus, o.System, listenSystem},
		{dbus.ConnectSessionBus, o.Session, listenSession},
	} {
		wg.Go(func() {
			for ctx.Err() == nil {
				conn, err := connect(ctx, side.connect, side.address)
				if err == nil {
					side.listen(ctx, conn, known)
					_ = conn.Close()
				}
				known.say()
				select {
				case <-ctx.Done():
				case <-time.After(o.Again): // the bus was away, or went
				}
			}
		})
	}
	wg.Wait()
}

// knowledge is what can be noticed, put together from both buses.
type knowledge struct {
	tell func(model.DeskEvent)

	mu      sync.Mutex
	logind  bool     // guarded by mu
	sleep   bool     // guarded by mu: logind lets us delay it
	savers  []string // guarded by mu
	manager string   // guarded by mu
	said    bool     // guarded by mu
	last    model.DeskCan
}

func (k *knowledge) learn(f func()) {
	k.mu.Lock()
	f()
	k.mu.Unlock()
	k.say()
}

// say tells what can be noticed where that is news.
func (k *knowledge) say() {
	k.mu.Lock()
	var by, out []string
	can := model.DeskCan{}
	if k.logind {
		by, out = append(by, "logind"), append(out, "logind")
	}
	if k.sleep {
		can.Sleep = "logind"
	}
	if k.manager != "" {
		out = append(out, k.manager)
	}
	can.Lock, can.SignOut = strings.Join(append(by, k.savers...), ", "), strings.Join(out, ", ")
	news := !k.said || can != k.last
	k.said, k.last = true, can
	k.mu.Unlock()
	if news {
		k.tell(model.DeskEvent{Can: &can})
	}
}

// owned reports whether somebody has a name on the bus.
func owned(ctx context.Context, c *dbus.Conn, name string) bool {
	var yes bool
	err := c.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, name).Store(&yes)
	return err == nil && yes
}

// savers are who tells that a screen saver covers the screen. Which of them a
// desktop has differs; all say it the same way.
var savers = []string{"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver", "org.xfce.ScreenSaver"}

const (
	manager       = "org.gnome.SessionManager" // of GNOME, Cinnamon and MATE
	managerClient = "org.gnome.SessionManager.ClientPrivate"
)

// listenSession follows the session's bus until it goes.
func listenSession(ctx context.Context, c *dbus.Conn, k *knowledge) {
	signals := make(chan *dbus.Signal, 64)
	c.Signal(signals)
	for _, name := range append(slices.Clone(savers), manager) {
		heed(ctx, c, dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name))
		if name != manager {
			heed(ctx, c, dbus.WithMatchSender(name), dbus.WithMatchInterface(name), dbus.WithMatchMember("ActiveChanged"))
		}
	}
	heed(ctx, c, dbus.WithMatchSender(manager), dbus.WithMatchInterface(managerClient))
	look := func() {
		var there []string
		for _, name := range savers {
			if owned(ctx, c, name) {
				there = append(there, name)
			}
		}
		member := ""
		if register(ctx, c) {
			member = manager
		}
		k.learn(func() { k.savers, k.manager = there, member })
	}
	look()
	defer k.learn(func() { k.savers, k.manager = nil, "" })
	for {
		s, ok := next(ctx, signals)
		if !ok {
			return
		}
		switch _, member, _ := cutMember(s.Name); member {
		case "NameOwnerChanged":
			look()
		case "ActiveChanged":
			if on, ok := arg[bool](s, 0); ok && on {
				k.tell(model.DeskEvent{Reason: "lock"})
			}
		case "QueryEndSession":
			answer(c, s.Path)
		case "EndSession":
			k.tell(model.DeskEvent{Reason: "signout", Done: sync.OnceFunc(func() { answer(c, s.Path) })})
		}
	}
}

// register asks the session's manager to be told before the session ends. It
// waits some seconds for the answer of each program that asked.
func register(ctx context.Context, c *dbus.Conn) bool {
	if !owned(ctx, c, manager) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var client dbus.ObjectPath
	err := c.Object(manager, "/org/gnome/SessionManager").CallWithContext(ctx, manager+".RegisterClient", 0, "io.github.stint_pim.Stint", os.Getenv("DESKTOP_AUTOSTART_ID")).Store(&client)
	return err == nil
}

// answer lets the session end.
func answer(c *dbus.Conn, client dbus.ObjectPath) {
	c.Object(manager, client).Go(managerClient+".EndSessionResponse", dbus.FlagNoReplyExpected, nil, true, "")
}

// next returns the next signal; false when the bus went, or ctx ended.
func next(ctx context.Context, signals <-chan *dbus.Signal) (*dbus.Signal, bool) {
	select {
	case s, ok := <-signals:
		return s, ok
	case <-ctx.Done():
		return nil, false
	}
}
