package main

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/server"
	"github.com/stint-pim/stint/gui"
)

// window is where the window on a store can be asked to come to the front:
// beside the store's lock, in a folder that is its owner's alone.
func (p place) window() string { return filepath.Join(p.data, "window", "raise.sock") }

// call is all that a window can be told by another start: come to the front. A
// window on another display does not, because nobody would see it there.
type call struct {
	Raise string `json:"raise"`           // the display of whoever starts
	Token string `json:"token,omitempty"` // where there are no Unix sockets
}

// answer says whether the window came.
type answer struct {
	Raised bool `json:"raised"`
}

// Limits of one call: both programs are on this machine, and neither may hang
// because of the other.
const (
	callTime = 2 * time.Second
	callSize = 1024 // bytes
)

// raiseOther asks the window that is open on the same store to come to the
// front, and reports whether it did. Where none answers, a window of one's own is
// the way on.
func raiseOther(ctx context.Context, path, display string) bool {
	network, address, c := "unix", path, call{Raise: display}
	if f, err := api.ReadLocal(path); err == nil {
		network, address, c.Token = "tcp", f.Address, f.Token.Reveal()
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return false
	}
	defer conn.Close()
	if conn.SetDeadline(time.Now().Add(callTime)) != nil || json.NewEncoder(conn).Encode(c) != nil {
		return false
	}
	var a answer
	return json.NewDecoder(io.LimitReader(conn, callSize)).Decode(&a) == nil && a.Raised
}

// once is what answers raiseOther.
type once struct {
	listener       net.Listener
	display, token string
	window         atomic.Pointer[gui.Window] // nil: not there yet, and about to come up by itself
	raise          func(*gui.Window)
	done           chan struct{}
}

// listenOnce answers other starts on the same store until it is stopped. A
// window without it is still a window, so that a failure is said in the log alone.
func listenOnce(ctx context.Context, path, display string, log *slog.Logger) *once {
	l, err := server.ListenSocket(ctx, path)
	if err != nil {
		log.Warn("another start will not find this window", "err", err)
		return nil
	}
	return serveOnce(l, path, display)
}

func serveOnce(l net.Listener, path, display string) *once {
	o := &once{listener: l, display: display, raise: (*gui.Window).Raise, done: make(chan struct{})}
	if f, err := api.ReadLocal(path); err == nil {
		o.token = f.Token.Reveal()
	}
	go func() {
		defer close(o.done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			o.answer(conn)
		}
	}()
	return o
}

// shows says which window comes to the front.
func (o *once) shows(w *gui.Window) {
	if o != nil {
		o.window.Store(w)
	}
}

func (o *once) answer(conn net.Conn) {
	defer conn.Close()
	var c call
	if conn.SetDeadline(time.Now().Add(callTime)) != nil || json.NewDecoder(io.LimitReader(conn, callSize)).Decode(&c) != nil {
		return
	}
	if subtle.ConstantTimeCompare([]byte(c.Token), []byte(o.token)) != 1 {
		return
	}
	a := answer{Raised: c.Raise == o.display}
	if w := o.window.Load(); a.Raised && w != nil {
		o.raise(w)
	}
	_ = json.NewEncoder(conn).Encode(a) // whoever started has gone: the window came all the same
}

// stop ends it; where there is none it does nothing.
func (o *once) stop() {
	if o == nil {
		return
	}
	_ = o.listener.Close() // nothing to be done about it, and the process ends
	<-o.done
}

// displayOf names the display on which windows appear; the screen of an X
// display (":0.1") doesn't matter. Elsewhere than on X and Wayland there is one.
func displayOf(getenv func(string) string) string {
	if d := getenv("DISPLAY"); d != "" {
		host, number, _ := strings.Cut(d, ":")
		number, _, _ = strings.Cut(number, ".")
		return host + ":" + number
	}
	return getenv("WAYLAND_DISPLAY")
}

// alreadyOpen brings a window that is open on the same store to the front. Where
// there is none, it returns what will answer for this one.
func alreadyOpen(ctx context.Context, p place, log *slog.Logger) (o *once, there bool) {
	display := displayOf(os.Getenv)
	if raiseOther(ctx, p.window(), display) {
		return nil, true
	}
	if o = listenOnce(ctx, p.window(), display, log); o == nil {
		// Two starts at the same moment: the other one was quicker.
		there = raiseOther(ctx, p.window(), display)
	}
	return o, there
}
