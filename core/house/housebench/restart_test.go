package housebench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
)

// child is what a process of the floor is told to be.
type child struct {
	File, DSN string
	Role      string // whose ends it carries out, before it ends itself; empty: it only holds its rows
	Rows      int    // that it reads into memory, if it only holds them
}

const childEnv = "STINT_BENCH_FLOOR"

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		var c child
		err := json.Unmarshal([]byte(text), &c)
		if err == nil {
			err = c.live()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	status := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(status)
}

// built is the folder of the program that was built; empty: none was.
var built string

func (c child) live() error {
	f, err := openFloor(c.File, func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, c.DSN) })
	if err != nil {
		return err
	}
	if c.Role != "" {
		if err := f.revokeDue(c.Role, time.Now()); err != nil {
			return err
		}
		return f.close()
	}
	var n int
	if err := f.db.QueryRow("SELECT count(*) FROM (SELECT * FROM activation ORDER BY until LIMIT 10000)").Scan(&n); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "ready")
	_, _ = fmt.Scanln() // until our standard input is closed
	return f.close()
}

// floorProcess is the floor as a process of its own: this test binary.
func (w *world) floorProcess(c child) *exec.Cmd {
	w.Helper()
	c.File = w.floorFile()
	c.DSN = fmt.Sprintf("postgres://%s:%s@%s:%d/postgres?sslmode=disable", w.pg.User, w.pg.Password, w.pg.Host, w.pg.Port)
	text, err := json.Marshal(c)
	w.ok(err)
	self, err := os.Executable()
	w.ok(err)
	cmd := exec.Command(self, "-test.run=none")
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	return cmd
}

// program builds the program, once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "stint-bench-")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "stint")
	out, err := exec.Command("go", "build", "-o", path, "github.com/stint-pim/stint/cmd/stint").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, err
})

// stint is `stint serve` on the world's store; nothing of this account's own
// configuration reaches it.
func (w *world) stint() *exec.Cmd {
	w.Helper()
	path, err := program()
	w.ok(err)
	home := w.TempDir()
	cmd := exec.Command(path, "serve", "--data", w.dir, "--socket", filepath.Join(home, "run", "s"), "--listen", "127.0.0.1:0")
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC"}
	return cmd
}

// start starts a process, which ends with the world at the latest.
func (w *world) start(cmd *exec.Cmd) {
	w.Helper()
	w.ok(cmd.Start())
	w.Cleanup(func() { _ = cmd.Process.Kill() })
}

// started starts a process, and waits for the line that says it is ready.
func (w *world) started(cmd *exec.Cmd) (address string) {
	w.Helper()
	said, err := cmd.StderrPipe()
	w.ok(err)
	w.start(cmd)
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "address=127.0.0.1:"); ok {
			address = "http://127.0.0.1:" + at
		}
		if strings.Contains(lines.Text(), "ready") {
			go func() {
				for lines.Scan() {
				}
			}()
			return address
		}
	}
	w.Fatal("the process ended before it was ready")
	return ""
}

// kill ends a process as a power cut does.
func (w *world) kill(cmd *exec.Cmd) {
	w.Helper()
	w.ok(cmd.Process.Signal(syscall.SIGKILL))
	_ = cmd.Wait() // says that it was killed
}

// BenchmarkB07Restart is when the last of 5,000 privileges is gone that ended
// while a killed server was down, counted from the start of the process.
func BenchmarkB07Restart(b *testing.B) {
	const n = 5000
	for b.Loop() {
		w := newWorld(b, n)
		_, err := program()
		w.ok(err)
		at := time.Now().Add(8 * time.Second)
		mine, floors := cohort{"many", 0, n, at}, cohort{"floormany", 0, n, at}
		w.running(mine)
		w.grantAll(mine, floors)
		f := w.floor()
		w.ok(f.running(floors))
		w.stop()
		x := w.watcher()
		killed := w.stint()
		w.started(killed)
		if time.Now().After(at) {
			b.Fatal("preparing took too long")
		}
		w.kill(killed)
		time.Sleep(time.Until(at.Add(100 * time.Millisecond)))

		server := w.stint()
		began := time.Now()
		w.start(server)
		p := x.gone(mine, began, time.Millisecond)
		w.kill(server)
		floor := w.floorProcess(child{Role: floors.role})
		began = time.Now()
		w.start(floor)
		fl := x.gone(floors, began, time.Millisecond)
		w.ok(floor.Wait())
		report(b, "ms", ms(p), ms(fl), goal{most: 2})
	}
}

// peak returns the most memory that a process has had, in MiB.
func (w *world) peak(pid int) float64 {
	w.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	w.ok(err)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			w.ok(err)
			return float64(kib) / 1024
		}
	}
	w.Fatal("the system doesn't tell the memory of a process")
	return 0
}

// BenchmarkB12Memory is the most memory that the server has had with 100,000
// assignments and 10,000 live grants, after people have activated and read
// lists. The goal is 60 MiB, whatever the floor: a process with the libraries
// of SQLite and PostgreSQL and as many rows.
func BenchmarkB12Memory(b *testing.B) {
	const most, live, eligible = 60, 10_000, 90_000 // MiB, assignments
	for b.Loop() {
		w := newWorld(b, live)
		far := cohort{"many", 0, live, time.Now().Add(time.Hour)}
		w.running(far) // two assignments each
		w.grantAll(far)
		began := time.Now().UTC()
		w.fill(eligible-2*live, func(i int) []core.Change {
			return []core.Change{core.Assignment{ID: core.AssignmentID(fmt.Sprintf("as_x%06d", i)), Principal: w.seats[i%live].person, Role: w.role, System: w.system,
				Scope: "/", Kind: core.Eligible, Origin: core.Assigned, State: core.InForce, Start: began, Created: began, Request: core.RequestID(fmt.Sprintf("re_x%06d", i)), Justification: "runs the database"}}
		})
		f := w.floor()
		w.ok(f.running(cohort{to: live + eligible, at: far.at}))
		w.stop()

		server := w.stint()
		address, c := w.started(server), w.caller()
		for _, s := range w.seats[:200] {
			w.ok(c.activate(address, s))
			w.ok(c.read(address+"/v1/access", s))
		}
		p := w.peak(server.Process.Pid)
		w.kill(server)

		floor := w.floorProcess(child{Rows: live})
		in, err := floor.StdinPipe()
		w.ok(err)
		w.started(floor)
		fl := w.peak(floor.Process.Pid)
		w.ok(in.Close())
		_ = floor.Wait()
		report(b, "MiB", p, fl, goal{most: most / fl})
	}
}
