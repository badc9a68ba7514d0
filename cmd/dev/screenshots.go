package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/stint-pim/stint/cmd/dev/need"
)

// screenshots runs the real window on sample data under a virtual display. The
// window takes the pictures itself: STINT_SCREENSHOTS names the folder, and it
// ends when it has shown every page, in light and dark.
func (d *dev) screenshots(ctx context.Context, args []string) error {
	fs := d.flags("screenshots", "screenshots [--out dir] [--limit duration] [arguments of the window]")
	out := fs.String("out", filepath.Join(d.root, "resources", "screenshots"), "where the pictures go")
	limit := fs.Duration("limit", 10*time.Minute, "how long the window may take")
	size := fs.String("size", "1440x960", "of the virtual display, in pixels")
	if err := parse(fs, args); err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return errors.New("pictures are taken under Xvfb, which only Linux has: use a Linux machine or container")
	}
	err := d.install(ctx, append(windowNeeds(), need.Display(), need.WindowManager(), need.Bus())...)
	if err != nil {
		return err
	}
	program, err := d.cache("bin", "stint-desktop")
	if err != nil {
		return err
	}
	if err := d.buildWindow(ctx, program); err != nil {
		return err
	}
	dir, err := filepath.Abs(*out)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	started := time.Now()
	if err := d.underDisplay(ctx, *limit, *size, []string{"STINT_SCREENSHOTS=" + dir}, program, fs.Args()); err != nil {
		return err
	}
	return d.listPictures(dir, started)
}

// underDisplay runs a program with a display, a window manager, a session bus
// and an empty home of its own, so that nothing of the person at this machine
// can be in a picture.
func (d *dev) underDisplay(ctx context.Context, limit time.Duration, size string, env []string, program string, args []string) error {
	home, err := os.MkdirTemp("", "stint-home-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	runtimeDir := filepath.Join(home, "run")
	for _, dir := range []string{runtimeDir, filepath.Join(home, ".cache")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the window did not end within %s", limit))
	defer cancel()
	display, stop, err := d.startDisplay(ctx, size)
	if err != nil {
		return err
	}
	defer stop()
	// English, whoever takes the pictures; the window's own arguments may say
	// otherwise.
	env = append(env, "LC_ALL=", "LC_MESSAGES=en_US.UTF-8", "LANGUAGE=", "DISPLAY="+display, "WAYLAND_DISPLAY=", "LIBGL_ALWAYS_SOFTWARE=1", "HOME="+home, "XDG_RUNTIME_DIR="+runtimeDir,
		"XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_STATE_HOME=", "XDG_CACHE_HOME="+filepath.Join(home, ".cache"), "DBUS_SESSION_BUS_ADDRESS=")

	wm := d.cmd(ctx, "openbox")
	wm.Env = append(wm.Env, env...)
	wm.Stdout, wm.Stderr = nil, nil // misses a menu that nobody opens
	if err := wm.Start(); err != nil {
		return fmt.Errorf("start the window manager: %w", err)
	}
	defer end(wm)

	c := d.cmd(ctx, "dbus-run-session", append([]string{"--", program}, args...)...)
	c.Env = append(c.Env, env...)
	asGroup(c)
	defer endGroup(c) // before its home is removed
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("the window: %w", err)
	}
	return nil
}

// startDisplay starts Xvfb on a number that it finds free itself, and returns
// when it takes connections.
func (d *dev) startDisplay(ctx context.Context, size string) (display string, stop func(), err error) {
	ready, tell, err := os.Pipe()
	if err != nil {
		return "", nil, err
	}
	defer ready.Close()
	c := d.cmd(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", size+"x24", "-nolisten", "tcp", "-noreset", "+extension", "GLX")
	c.ExtraFiles = []*os.File{tell} // file descriptor 3
	c.Stderr = nil                  // keyboard warnings that say nothing
	err = c.Start()
	tell.Close()
	if err != nil {
		return "", nil, fmt.Errorf("start the virtual display: %w", err)
	}
	number, err := bufio.NewReader(ready).ReadString('\n')
	if err != nil {
		end(c)
		return "", nil, fmt.Errorf("the virtual display did not start: Xvfb -screen 0 %sx24 ended", size)
	}
	return ":" + strings.TrimSpace(number), func() { end(c) }, nil
}

// end asks a program to stop and waits until it has. How it ended is of no
// interest: it was told to.
func end(c *exec.Cmd) {
	_ = c.Process.Signal(os.Interrupt)
	_ = c.Wait()
}

// listPictures names what was written since a time, and refuses what shows
// nothing.
func (d *dev) listPictures(dir string, since time.Time) error {
	var blank []string
	n := 0
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(p) != ".png" {
			return err
		}
		fi, err := e.Info()
		// Some file systems keep whole seconds.
		if err != nil || fi.ModTime().Before(since.Truncate(time.Second)) {
			return err
		}
		size, shows, err := look(p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		if !shows {
			blank = append(blank, filepath.Base(p))
		}
		n++
		d.say("%s  %d × %d, %d KiB", p, size.X, size.Y, (fi.Size()+1023)/1024)
		return nil
	})
	switch {
	case err != nil:
		return err
	case n == 0:
		return errors.New("the window took no picture")
	case len(blank) > 0:
		return errors.New("pictures of a single colour: " + strings.Join(blank, ", "))
	}
	d.say("%d pictures. Look at them.", n)
	return nil
}

// look returns a picture's size and whether it has more than one colour.
func look(path string) (size image.Point, shows bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return image.Point{}, false, err
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		return image.Point{}, false, err
	}
	b := m.Bounds()
	first := m.At(b.Min.X, b.Min.Y)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if m.At(x, y) != first {
				return b.Size(), true, nil
			}
		}
	}
	return b.Size(), false, nil
}
