package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/server"
	"github.com/stint-pim/stint/gui"
)

// raises is a once whose window counts how often it was asked to come.
func raises(t *testing.T, o *once) func() int {
	t.Helper()
	if o == nil {
		t.Fatal("nothing answers")
	}
	t.Cleanup(o.stop)
	n := make(chan int, 1)
	n <- 0
	o.raise = func(*gui.Window) { n <- <-n + 1 }
	o.shows(new(gui.Window))
	return func() int {
		v := <-n
		n <- v
		return v
	}
}

// A second start finds the window that is open, unless it is on another display,
// where nobody would see it come; what is no such call does nothing.
func TestSecondStart(t *testing.T) {
	ctx, path, log := t.Context(), filepath.Join(t.TempDir(), "data", "window.sock"), slog.New(slog.DiscardHandler)
	if raiseOther(ctx, path, ":0") {
		t.Error("raised what isn't there")
	}
	first := listenOnce(ctx, path, ":0", log)
	raised := raises(t, first)
	if !raiseOther(ctx, path, ":0") || raised() != 1 {
		t.Errorf("the window was raised %d times, want once", raised())
	}
	if raiseOther(ctx, path, "localhost:10") {
		t.Error("a window that nobody here can see was raised")
	}
	if o := listenOnce(ctx, path, ":0", log); o != nil {
		o.stop()
		t.Error("two windows answer for one store")
	}
	for _, junk := range []string{"", "{}\n", "quit\n", `{"raise":` + "\n"} {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, junk)
		_ = c.(*net.UnixConn).CloseWrite()
		_, _ = io.ReadAll(c)
		_ = c.Close()
	}
	if raised() != 1 {
		t.Errorf("raised %d times by what is no call", raised()-1)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is open to others: %v %v", info.Mode(), err)
	}
	first.stop()
	if raiseOther(ctx, path, ":0") {
		t.Error("raised what has ended")
	}
	again := listenOnce(ctx, path, ":0", log) // also where a killed one left its socket
	if raises(t, again); !raiseOther(ctx, path, ":0") {
		t.Error("the next window doesn't answer")
	}
	(*once)(nil).stop()
	(*once)(nil).shows(nil)
}

// Where there are no Unix sockets a port of loopback answers, to whoever can read
// the file beside the store.
func TestSecondStartOverLoopback(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "window.sock")
	l, err := server.ListenLoopback(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	raised := raises(t, serveOnce(l, path, ""))
	if !raiseOther(t.Context(), path, "") || raised() != 1 {
		t.Errorf("raised %d times", raised())
	}
	f, err := api.ReadLocal(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", f.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := json.NewEncoder(c).Encode(call{Token: "guessed"}); err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(c); len(b) > 0 || raised() != 1 {
		t.Errorf("a stranger was answered %q, and the window raised %d times", b, raised())
	}
}

func TestDisplayOf(t *testing.T) {
	for _, c := range []struct{ x, wayland, want string }{
		{":0", "wayland-0", ":0"}, {":0.1", "", ":0"}, {"localhost:10.0", "", "localhost:10"}, {"", "wayland-0", "wayland-0"}, {"", "", ""},
	} {
		env := map[string]string{"DISPLAY": c.x, "WAYLAND_DISPLAY": c.wayland}
		if got := displayOf(func(n string) string { return env[n] }); got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.x, c.wayland, got, c.want)
		}
	}
}
