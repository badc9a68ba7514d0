package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// errNoDisplay ends `dev run` on a machine without a screen.
var errNoDisplay = errors.New("there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the window can't open; " +
	"the server needs none: go run ./cmd/stint serve")

// run builds the window and starts it; everything after the verb is for the
// window.
func (d *dev) run(ctx context.Context, args []string) error {
	if !hasDisplay(runtime.GOOS, os.Getenv) {
		return errNoDisplay // before anything is installed or compiled
	}
	if err := d.install(ctx, windowNeeds()...); err != nil {
		return err
	}
	program, err := d.cache("bin", exe("stint-desktop"))
	if err != nil {
		return err
	}
	if _, err := os.Stat(program); err != nil {
		d.say("Building the window. The first time this takes some minutes, later it takes seconds.")
	}
	if err := d.buildWindow(ctx, program); err != nil {
		return err
	}
	c := d.cmd(ctx, program, args...)
	c.Stdin = os.Stdin
	c.Env = append(c.Env, messages(os.Getenv)...)
	if c.Dir, err = filepath.Abs("."); err != nil { // paths among args are the person's
		return err
	}
	return asExit(c.Run())
}

// hasDisplay reports whether a window can open. Only Linux can be without.
func hasDisplay(goos string, getenv func(string) string) bool {
	return goos != "linux" || getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}

// messages names a language where the environment names none: Fyne takes "C"
// for a malformed one and complains. LC_CTYPE and with it UTF-8 stay as they
// are.
func messages(getenv func(string) string) []string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		v := getenv(name)
		if v == "" {
			continue
		}
		if v == "POSIX" || v == "C" || strings.HasPrefix(v, "C.") {
			break
		}
		return nil
	}
	return []string{"LC_ALL=", "LC_MESSAGES=en_US.UTF-8"}
}
