// Package linux hands out membership in the groups of the machine that the
// server runs on. It reads through getent and changes through gpasswd, the
// tools an administrator would use, so that locking, shadow files and name
// services stay theirs. It never edits a file, never passes anything through
// a shell, and knows nothing of groups that come from a directory except that
// it can't change them.
//
// Read kind.go for what is needed, apply.go for the change, read.go for the proof.
package linux

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Host is the machine as this package sees it; tests put another in its place.
type Host struct {
	OS     string // as runtime.GOOS
	Root   bool   // the process may change groups itself
	Screen bool   // there is a desktop on which pkexec can ask
	// Find returns the path of a program, or "".
	Find func(program string) string
	// Run runs a program and returns what it wrote and its exit status. An
	// error means that it didn't run to its end.
	Run func(ctx context.Context, path string, args ...string) (stdout, stderr []byte, status int, err error)
	// Proc is where processes are seen: /proc.
	Proc string
	Name string // of the host
	Now  func() time.Time
}

// ThisHost returns the machine this process runs on.
func ThisHost() Host {
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	return Host{
		OS: runtime.GOOS, Root: os.Geteuid() == 0, Screen: os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "",
		Find: find, Run: run, Proc: "/proc", Name: name, Now: time.Now,
	}
}

// find looks where systems keep such programs, and nowhere else: root must not
// run what somebody put into his own PATH.
func find(program string) string {
	for _, dir := range []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin", "/run/wrappers/bin"} {
		path := filepath.Join(dir, program)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

// outputLimit bounds what is read of a program; a list of 100,000 groups is
// far below.
const outputLimit = 32 << 20

// run runs a program in an environment of its own. What the desktop needs for
// asking is passed on, and nothing else.
func run(ctx context.Context, path string, args ...string) (stdout, stderr []byte, status int, err error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	for _, k := range []string{"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"} {
		if v := os.Getenv(k); v != "" {
			cmd.Env = append(cmd.Env, k+"="+v)
		}
	}
	cmd.WaitDelay = time.Second // a child that keeps the pipe open must not hold us
	var out, bad capped
	cmd.Stdout, cmd.Stderr = &out, &bad
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return out.Bytes(), bad.Bytes(), exit.ExitCode(), nil
	}
	return out.Bytes(), bad.Bytes(), 0, err
}

// capped is a buffer that refuses more than outputLimit.
type capped struct{ bytes.Buffer }

func (c *capped) Write(p []byte) (int, error) {
	if c.Len()+len(p) > outputLimit {
		return 0, fmt.Errorf("a program wrote more than %d bytes", outputLimit)
	}
	return c.Buffer.Write(p)
}
