package need

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Machine is the Host that this program runs on.
type Machine struct {
	In       *os.File
	Out, Err io.Writer
}

func (Machine) OS() string { return runtime.GOOS }
func (Machine) Root() bool { return os.Geteuid() == 0 }

func (Machine) Has(program string) bool {
	if _, err := exec.LookPath(program); err == nil {
		return true
	}
	return slices.ContainsFunc(Hidden(), func(dir string) bool {
		_, err := exec.LookPath(filepath.Join(dir, program))
		return err == nil
	})
}

// Hidden lists the directories of this machine that hold servers but are not
// in an ordinary PATH, newest version first.
func Hidden() []string {
	var dirs []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", // Debian
		"/usr/pgsql-*/bin",          // PostgreSQL's own packages for Fedora
		"/usr/libexec/postgresql*",  // Alpine
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
		"/opt/homebrew/opt/openldap/libexec", "/usr/local/opt/openldap/libexec",
		"/opt/homebrew/sbin", "/usr/local/sbin", "/usr/sbin", "/sbin",
		"/usr/lib/openldap", "/usr/libexec", // slapd of openSUSE and Fedora
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			panic(err) // the patterns stand above
		}
		slices.Reverse(found)
		dirs = append(dirs, found...)
	}
	return dirs
}

func (Machine) HasHeaders(name string) bool {
	for _, tool := range []string{"pkg-config", "pkgconf"} {
		if exec.Command(tool, "--exists", name).Run() == nil {
			return true
		}
	}
	return false
}

func (Machine) HasFiles(glob string) bool {
	found, err := filepath.Glob(glob)
	return err == nil && len(found) > 0
}

// Terminal reports whether In is a character device that is not the null
// device, which is what a service manager gives.
func (m Machine) Terminal() bool {
	if m.In == nil || os.Getenv("CI") != "" {
		return false
	}
	fi, err := m.In.Stat()
	if err != nil || fi.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(fi, null)
}

func (m Machine) Ask(question string) bool {
	fmt.Fprintf(m.Out, "%s [y/N] ", question)
	line, err := bufio.NewReader(m.In).ReadString('\n')
	if err != nil {
		fmt.Fprintln(m.Out)
		return false
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}

func (m Machine) Run(ctx context.Context, argv []string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	// sudo reads the password from the terminal itself; a package manager has
	// nothing to ask.
	cmd.Stdout, cmd.Stderr = m.Out, m.Err
	return cmd.Run()
}
