// Package pgtest runs a PostgreSQL cluster for one test: its own data
// directory, a free port on loopback, passwords by SCRAM, TLS with a certificate
// of its own, and nothing written durably unless asked. It never touches a
// cluster that the machine has. Where PostgreSQL isn't installed the test
// fails and says what to install; it is not skipped.
package pgtest

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// startLimit is how long the server may take to come up or go down. It takes
// half a second on an idle machine.
const startLimit = time.Minute

// Options of a cluster.
type Options struct {
	Durable bool // fsync on, as in production, for honest figures
	Log     io.Writer
}

// Cluster is a running PostgreSQL.
type Cluster struct {
	Host     string // 127.0.0.1
	Port     int
	User     string // the superuser
	Password string // the superuser's
	Socket   string // directory of the Unix socket
	CAFile   string // authority of the server's certificate, which is for Host and localhost
	Dir      string

	bin     string
	options Options
	cmd     *exec.Cmd
	done    chan struct{} // closed when the server has exited
	mu      sync.Mutex
	tail    []string // guarded by mu; the last lines of the server's log
}

// New starts a cluster that ends with the test, or fails the test.
func New(t testing.TB) *Cluster {
	t.Helper()
	c, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Start makes a cluster and waits until it answers. Close ends it.
func Start(o Options) (*Cluster, error) {
	bin, err := Binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stint-pg-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{Host: "127.0.0.1", User: "postgres", Password: rand.Text(), Dir: dir, Socket: dir, bin: bin, options: o}
	if err := c.create(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	// The port is free when asked for and may be taken a moment later.
	for range 5 {
		if c.Port, err = freePort(); err != nil {
			break
		}
		if err = c.Up(); err == nil {
			return c, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

// Binaries returns the directory of initdb and postgres: the newest below
// /usr/lib/postgresql, or where PATH has them.
func Binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	version := func(p string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(p))))
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p), nil
	}
	return "", errors.New("PostgreSQL is not installed: this test needs initdb and postgres (Debian, Ubuntu: apt install postgresql; Fedora: dnf install postgresql-server; Arch: pacman -S postgresql)")
}

// create runs initdb.
func (c *Cluster) create() error {
	password := filepath.Join(c.Dir, "password")
	if err := os.WriteFile(password, []byte(c.Password+"\n"), 0o600); err != nil {
		return err
	}
	if err := c.certify(); err != nil {
		return err
	}
	if err := own(c.Dir); err != nil {
		return fmt.Errorf("hand the directory to the account postgres: %w", err)
	}
	cmd := exec.Command(filepath.Join(c.bin, "initdb"), "-D", c.data(), "-U", c.User, "-A", "scram-sha-256", "--pwfile="+password,
		"-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	if err := unprivileged(cmd); err != nil {
		return err
	}
	cmd.Dir = c.Dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return os.Remove(password)
}

func (c *Cluster) data() string { return filepath.Join(c.Dir, "data") }

// Up starts the server, on the same port as before, and waits until it answers.
func (c *Cluster) Up() error {
	durable := "off"
	if c.options.Durable {
		durable = "on"
	}
	args := []string{"-D", c.data()}
	for _, s := range []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(c.Port), "unix_socket_directories=" + c.Socket,
		"fsync=" + durable, "full_page_writes=" + durable, // a killed server loses nothing, a killed machine all
		"shared_buffers=16MB", "max_connections=40", "lc_messages=C", "log_statement=none", "autovacuum=off",
		"ssl=on", "ssl_cert_file=" + filepath.Join(c.Dir, "server.crt"), "ssl_key_file=" + filepath.Join(c.Dir, "server.key"),
	} {
		args = append(args, "-c", s)
	}
	cmd := exec.Command(filepath.Join(c.bin, "postgres"), args...)
	if err := unprivileged(cmd); err != nil {
		return err
	}
	cmd.Dir = c.Dir
	log, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.cmd, c.done = cmd, make(chan struct{})
	ready := make(chan struct{})
	go c.watch(cmd, log, ready, c.done)
	select {
	case <-ready:
		return nil
	case <-c.done:
		return fmt.Errorf("PostgreSQL ended while starting:\n%s", c.Log())
	case <-time.After(startLimit):
		return errors.Join(fmt.Errorf("PostgreSQL did not start in %v:\n%s", startLimit, c.Log()), c.Down(syscall.SIGQUIT))
	}
}

// watch reads the server's log until it exits. The line that says it is ready
// saves polling.
func (c *Cluster) watch(cmd *exec.Cmd, log io.Reader, ready, done chan struct{}) {
	lines := bufio.NewScanner(log)
	told := false
	for lines.Scan() {
		line := lines.Text()
		c.mu.Lock()
		if c.tail = append(c.tail, line); len(c.tail) > 2000 {
			c.tail = c.tail[len(c.tail)-1000:]
		}
		c.mu.Unlock()
		if c.options.Log != nil {
			_, _ = fmt.Fprintln(c.options.Log, line)
		}
		if !told && strings.Contains(line, "database system is ready to accept ") {
			told = true
			close(ready)
		}
	}
	_ = cmd.Wait() // its exit status says how we stopped it
	close(done)
}

// Log returns the last lines of the server's log.
func (c *Cluster) Log() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.tail, "\n")
}

// Down stops the server and waits for its end: SIGINT ends sessions and stops
// in order, SIGQUIT stops at once as in a crash.
func (c *Cluster) Down(how syscall.Signal) error {
	if c.cmd == nil {
		return nil
	}
	if err := c.cmd.Process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-c.done:
		c.cmd = nil
		return nil
	case <-time.After(startLimit):
		return fmt.Errorf("PostgreSQL did not stop in %v", startLimit)
	}
}

// Standby makes the stopped server a standby at its next start: it answers
// questions with what it had, and takes no changes.
func (c *Cluster) Standby() error {
	return os.WriteFile(filepath.Join(c.data(), "standby.signal"), nil, 0o644)
}

// Pid is the server's process, for tests that freeze it.
func (c *Cluster) Pid() int { return c.cmd.Process.Pid }

// Close stops the server and deletes its directory. Closing twice is allowed.
func (c *Cluster) Close() error {
	return errors.Join(c.Down(syscall.SIGINT), os.RemoveAll(c.Dir))
}

// Connect opens a connection as user, over TCP and without TLS.
func (c *Cluster) Connect(ctx context.Context, user, password string) (*pgx.Conn, error) {
	// The string holds no name and no password: those may hold anything.
	cfg, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%d dbname=postgres user=x sslmode=disable passfile=/nonexistent", c.Host, c.Port))
	if err != nil {
		return nil, err
	}
	cfg.User, cfg.Password = user, password
	return pgx.ConnectConfig(ctx, cfg)
}

// Exec runs statements as the superuser, or fails the test.
func (c *Cluster) Exec(t testing.TB, statements ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	conn, err := c.Connect(ctx, c.User, c.Password)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
