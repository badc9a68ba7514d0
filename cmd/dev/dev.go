package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/stint-pim/stint/cmd/dev/need"
)

const module = "github.com/stint-pim/stint"

// dev is one run of this program.
type dev struct {
	root     string // of the repository
	out, err io.Writer
	host     need.Host
	env      []string // of every program started
}

func newDev() (*dev, error) {
	at, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	root, err := findRoot(at)
	if err != nil {
		return nil, err
	}
	d := &dev{root: root, out: os.Stdout, err: os.Stderr, env: os.Environ()}
	d.host = need.Machine{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	if os.Getenv("LANG") == "" && os.Getenv("LC_ALL") == "" {
		d.set("LANG=C.UTF-8") // Fyne and PostgreSQL both want to know, and "C" is not UTF-8
	}
	// A clone that belongs to somebody else, as in many containers, would stop
	// the go command; versions come from -ldflags instead.
	d.set("GOFLAGS=" + strings.TrimSpace(os.Getenv("GOFLAGS")+" -buildvcs=false"))
	// Servers that Debian and others keep out of PATH.
	d.set("PATH=" + strings.Join(append([]string{os.Getenv("PATH")}, need.Hidden()...), string(os.PathListSeparator)))
	return d, nil
}

// findRoot walks up from dir to this repository's go.mod.
func findRoot(dir string) (string, error) {
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(text, []byte("module "+module+"\n")) {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("this is not a clone of Stint: no go.mod of " + module + " here or above")
		}
		dir = up
	}
}

// set puts NAME=value into the environment of programs to come. Of two values
// of one name the later holds.
func (d *dev) set(pairs ...string) { d.env = append(d.env, pairs...) }

func (d *dev) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

func (d *dev) install(ctx context.Context, needs ...need.Need) error {
	return need.Install(ctx, d.host, d.out, needs)
}

// cmd is a program to start in the repository's root. The end of ctx asks it
// to stop, and ends it when it has not stopped ten seconds later.
func (d *dev) cmd(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = d.root, slices.Clone(d.env)
	c.Stdout, c.Stderr = d.out, d.err
	c.Cancel = func() error {
		if err := c.Process.Signal(os.Interrupt); err != nil {
			return c.Process.Kill() // Windows has no signal to send
		}
		return nil
	}
	c.WaitDelay = 10 * time.Second
	return c
}

// gotool shows a go command line and runs it, with env added.
func (d *dev) gotool(ctx context.Context, env []string, args ...string) error {
	d.say("$ %s", strings.Join(slices.Concat(env, []string{"go"}, args), " "))
	c := d.cmd(ctx, "go", args...)
	c.Env = append(c.Env, env...)
	return c.Run()
}

// output runs a program and returns what it printed, trimmed.
func (d *dev) output(ctx context.Context, name string, args ...string) (string, error) {
	c := d.cmd(ctx, name, args...)
	c.Stdout = nil
	out, err := c.Output()
	return strings.TrimSpace(string(out)), err
}

// windowTags are the build tags of the window where it is compiled for this
// machine. OpenGL ES compiles in an eighth of the time that OpenGL's bindings
// take (31 against 239 seconds of one core) and every Linux desktop has it.
func windowTags() []string {
	if runtime.GOOS == "linux" {
		return []string{"-tags", "gles"}
	}
	return nil
}

// windowNeeds is what compiling the window takes.
func windowNeeds() []need.Need {
	if runtime.GOOS == "linux" {
		return []need.Need{need.Compiler(), need.PkgConfig(), need.Graphics()}
	}
	return []need.Need{need.Compiler()}
}

// buildWindow compiles the window and returns where it is. more goes to
// `go build`.
func (d *dev) buildWindow(ctx context.Context, to string, more ...string) error {
	return d.gotool(ctx, []string{"CGO_ENABLED=1"}, slices.Concat([]string{"build"}, windowTags(), more, []string{"-o", to, "./cmd/stint-desktop"})...)
}

// cache is where this program puts what may be deleted; git ignores it.
func (d *dev) cache(parts ...string) (string, error) {
	p := filepath.Join(append([]string{d.root, ".cache"}, parts...)...)
	return p, os.MkdirAll(filepath.Dir(p), 0o755)
}

func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// flags is a flag set whose errors are told by the flag package and whose
// usage begins with one sentence.
func (d *dev) flags(verb, about string) *flag.FlagSet {
	fs := flag.NewFlagSet("dev "+verb, flag.ContinueOnError)
	fs.SetOutput(d.err)
	fs.Usage = func() {
		fmt.Fprintf(d.err, "go run ./cmd/dev %s\n", about)
		fs.PrintDefaults()
	}
	return fs
}

func parse(fs *flag.FlagSet, args []string) error {
	err := fs.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		return errUsage
	}
	return err
}
