package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/cmd/stint-desktop/desk"
	"github.com/stint-pim/stint/cmd/stint-desktop/desk/desktest"
	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

// ear hears what a desk tells.
type ear struct {
	t  *testing.T
	ch <-chan model.DeskEvent
}

func listen(t *testing.T, system, session string) ear {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ch := desk.Follow(ctx, desk.Options{System: system, Session: session, Again: 20 * time.Millisecond})
	t.Cleanup(func() {
		cancel()
		for range ch { // it ends soon after
		}
	})
	return ear{t, ch}
}

// next is the next event that fits; others are passed over.
func (e ear) next(what string, fits func(model.DeskEvent) bool) model.DeskEvent {
	e.t.Helper()
	limit := time.After(10 * time.Second)
	for {
		select {
		case v := <-e.ch:
			if fits(v) {
				return v
			}
		case <-limit:
			e.t.Fatalf("%s was not noticed", what)
		}
	}
}

func (e ear) reason(r core.DropReason) model.DeskEvent {
	e.t.Helper()
	return e.next(string(r), func(v model.DeskEvent) bool { return v.Reason == r })
}

// can waits until it is known that this can be noticed.
func (e ear) can(fits func(model.DeskCan) bool) {
	e.t.Helper()
	e.next("what can be noticed", func(v model.DeskEvent) bool { return v.Can != nil && fits(*v.Can) })
}

const nowhere = "unix:path=/nonexistent/bus"

func byLogind(c model.DeskCan) bool {
	return strings.Contains(c.Lock, "logind") && c.Sleep == "logind" && strings.Contains(c.SignOut, "logind")
}

// Logind tells of locks of our session and of no other, of sleep and of the end.
// It waits until what must be done before is done.
func TestLogind(t *testing.T) {
	bus := desktest.Bus(t)
	l := desktest.NewLogind(t, bus)
	e := listen(t, bus, nowhere)
	e.can(byLogind)
	l.Lock(desktest.OtherSession)
	l.Locked(desktest.OtherSession)
	l.Lock(desktest.Session)
	if v := <-e.ch; v.Reason != core.DropOnLock {
		t.Errorf("another's session: %+v", v)
	}
	l.Locked(desktest.Session)
	e.reason(core.DropOnLock)

	const work = 300 * time.Millisecond
	go func() {
		v := e.reason(core.DropOnSleep)
		time.Sleep(work) // what has to be done before
		v.Done()
		v.Done()
	}()
	if took := l.Sleep(); took < work || took > 3*time.Second {
		t.Errorf("the computer slept after %v, want %v", took, work)
	}
	before := l.Inhibitors()
	l.Wake()
	e.next("waking", func(v model.DeskEvent) bool { return v.Woke })
	if got := l.Inhibitors(); got != before+1 {
		t.Errorf("%d inhibitors after waking, want %d: the next sleep would not wait", got, before+1)
	}
	go func() { e.reason(core.DropOnSignOut).Done() }()
	l.Shutdown()
}

// A logind that is started again is asked again.
func TestLogindStartsAgain(t *testing.T) {
	bus := desktest.Bus(t)
	l := desktest.NewLogind(t, bus)
	e := listen(t, bus, nowhere)
	e.can(byLogind)
	l.Gone()
	e.can(func(c model.DeskCan) bool { return c == model.DeskCan{} })
	l = desktest.NewLogind(t, bus)
	e.can(byLogind)
	l.Lock(desktest.Session)
	e.reason(core.DropOnLock)
}

// Each desktop has its own screen saver, which may come later than the window.
func TestScreenSavers(t *testing.T) {
	for _, name := range []string{"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver", "org.xfce.ScreenSaver"} {
		t.Run(name, func(t *testing.T) {
			bus := desktest.Bus(t)
			e := listen(t, nowhere, bus)
			e.can(func(c model.DeskCan) bool { return c == model.DeskCan{} })
			active := desktest.Saver(t, bus, name)
			e.can(func(c model.DeskCan) bool { return c.Lock == name })
			active(false)
			active(true)
			if v := <-e.ch; v.Reason != core.DropOnLock {
				t.Errorf("got %+v", v)
			}
		})
	}
}

// A session manager waits before it ends the session.
func TestSessionManager(t *testing.T) {
	bus := desktest.Bus(t)
	m := desktest.NewManager(t, bus)
	e := listen(t, nowhere, bus)
	e.can(func(c model.DeskCan) bool { return c.SignOut == "org.gnome.SessionManager" })
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.reason(core.DropOnSignOut).Done()
	}()
	m.End()
	<-done
}

// Without any bus nothing is noticed, and that is said; a bus that comes later
// is found.
func TestNoBus(t *testing.T) {
	e := listen(t, nowhere, nowhere)
	e.can(func(c model.DeskCan) bool { return c == model.DeskCan{} })
	select {
	case v := <-e.ch:
		t.Errorf("got %+v", v)
	case <-time.After(100 * time.Millisecond):
	}
}

// Whoever else is on the bus can't end anybody's roles by pretending.
func TestMalloryPretends(t *testing.T) {
	bus := desktest.Bus(t)
	_ = desktest.NewLogind(t, bus)
	e := listen(t, bus, nowhere)
	e.can(byLogind)
	desktest.Pretend(t, bus)
	select {
	case v := <-e.ch:
		t.Errorf("got %+v", v)
	case <-time.After(200 * time.Millisecond):
	}
}
