// Package screentest runs the real window under a real X server: what only
// the built program can show. It measures how fast the window is there (B13,
// B14) and takes the server away under it (F26). There is nothing in it but
// tests.
//
// screen_test.go has the display, program_test.go a program on it, and
// crowd_test.go the data.
package screentest_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// screen is a virtual display with a window manager and a home of its own.
type screen struct {
	display string
	server  *exec.Cmd
	env     []string
	x       *xgb.Conn
	root    xproto.Window
}

// newScreen starts Xvfb and openbox; both end with the test.
func newScreen(tb testing.TB) *screen {
	tb.Helper()
	ready, tell, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	defer ready.Close()
	s := &screen{server: exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1440x960x24", "-nolisten", "tcp", "-noreset", "+extension", "GLX")}
	s.server.ExtraFiles = []*os.File{tell} // descriptor 3
	err = s.server.Start()
	tell.Close()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.kill)
	number, err := bufio.NewReader(ready).ReadString('\n')
	if err != nil {
		tb.Fatal("Xvfb ended before it took connections")
	}
	s.display = ":" + strings.TrimSpace(number)
	home := tb.TempDir()
	s.env = append(os.Environ(), "DISPLAY="+s.display, "WAYLAND_DISPLAY=", "LIBGL_ALWAYS_SOFTWARE=1", "LC_ALL=", "LC_MESSAGES=en_US.UTF-8", "LANGUAGE=",
		"HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_STATE_HOME=", "XDG_CACHE_HOME=", "DBUS_SESSION_BUS_ADDRESS=disabled:", "DBUS_SYSTEM_BUS_ADDRESS=disabled:")
	manager := exec.Command("openbox")
	manager.Env = s.env
	if err := manager.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = manager.Process.Kill(); _ = manager.Wait() })
	xgb.Logger.SetOutput(io.Discard) // it reports that there is no password
	if s.x, err = xgb.NewConnDisplay(s.display); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.x.Close)
	s.root = xproto.Setup(s.x).DefaultScreen(s.x).Root
	return s
}

// kill ends the X server, as a crash of the desktop does.
func (s *screen) kill() {
	_ = s.server.Process.Kill()
	_ = s.server.Wait()
}
