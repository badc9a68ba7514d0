package screentest_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
)

// built makes each program once for all tests, as cmd/dev makes the window.
type built struct {
	mu   sync.Mutex
	dir  string            // guarded by mu
	made map[string]string // guarded by mu
}

var programs built

// TestMain throws away what was built.
func TestMain(m *testing.M) {
	code := m.Run()
	if programs.dir != "" {
		_ = os.RemoveAll(programs.dir)
	}
	os.Exit(code)
}

// program builds the package in a folder below the window's, "." for the window.
func program(tb testing.TB, folder string) string {
	tb.Helper()
	programs.mu.Lock()
	defer programs.mu.Unlock()
	if p := programs.made[folder]; p != "" {
		return p
	}
	if programs.dir == "" {
		dir, err := os.MkdirTemp("", "stint-screentest-")
		if err != nil {
			tb.Fatal(err)
		}
		programs.dir, programs.made = dir, map[string]string{}
	}
	to := filepath.Join(programs.dir, strconv.Itoa(len(programs.made)))
	c := exec.Command("go", "build", "-tags", "gles", "-o", to, "./"+folder)
	c.Dir = ".."
	c.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := c.CombinedOutput(); err != nil {
		tb.Fatalf("go build %s: %v\n%s", folder, err, out)
	}
	programs.made[folder] = to
	return to
}

// running is a program with its window.
type running struct {
	*exec.Cmd
	said    bytes.Buffer // on its standard error; read it after the end
	began   time.Time
	win     xproto.Window
	painted time.Duration // from exec to the first frame that shows something
}

// start runs a program until its window shows something. It ends with the test.
func (s *screen) start(tb testing.TB, path string, args ...string) *running {
	tb.Helper()
	old := map[xproto.Window]bool{}
	if q, err := xproto.QueryTree(s.x, s.root).Reply(); err == nil {
		for _, w := range q.Children {
			old[w] = true
		}
	}
	r := &running{Cmd: exec.Command(path, args...)}
	r.Env, r.Stderr = s.env, &r.said
	r.began = time.Now()
	if err := r.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { r.end() })
	for limit := r.began.Add(60 * time.Second); ; time.Sleep(time.Millisecond) {
		if r.win == 0 {
			r.win = s.find(s.root, 0, old)
		}
		if r.win != 0 && s.shows(r.win) {
			r.painted = time.Since(r.began)
			return r
		}
		if time.Now().After(limit) {
			tb.Fatalf("%s showed nothing within a minute", filepath.Base(path))
		}
	}
}

// rings waits until the window shows a role that runs: My access with a green
// ring. It returns the time since the program's start.
func (s *screen) rings(tb testing.TB, run *running) time.Duration {
	tb.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(2 * time.Millisecond) {
		im, err := xproto.GetImage(s.x, xproto.ImageFormatZPixmap, xproto.Drawable(run.win), 240, 90, 120, 120, 0xffffffff).Reply()
		if err != nil {
			continue
		}
		for i := 0; i+4 <= len(im.Data); i += 4 { // blue, green, red
			if b, g, r := int(im.Data[i]), int(im.Data[i+1]), int(im.Data[i+2]); g > 110 && g > r+60 && g > b+20 {
				return time.Since(run.began)
			}
		}
	}
	tb.Fatalf("the window showed no role that runs:\n%s", run.said.String())
	return 0
}

// end kills the program, if it still runs.
func (r *running) end() {
	if r.ProcessState == nil {
		_ = r.Process.Kill()
		_ = r.Wait()
	}
}

// find returns a window of some size that is mapped and has a name. The window
// manager puts it into a frame of its own, so that it isn't always on top.
func (s *screen) find(in xproto.Window, depth int, old map[xproto.Window]bool) xproto.Window {
	q, err := xproto.QueryTree(s.x, in).Reply()
	if err != nil {
		return 0
	}
	for _, w := range q.Children {
		if depth == 0 && old[w] {
			continue
		}
		if depth < 2 {
			if inner := s.find(w, depth+1, nil); inner != 0 {
				return inner
			}
		}
		a, err := xproto.GetWindowAttributes(s.x, w).Reply()
		if err != nil || a.MapState != xproto.MapStateViewable {
			continue
		}
		g, err := xproto.GetGeometry(s.x, xproto.Drawable(w)).Reply()
		if err != nil || g.Width < 100 || g.Height < 100 {
			continue
		}
		p, err := xproto.GetProperty(s.x, false, w, xproto.AtomWmName, xproto.GetPropertyTypeAny, 0, 64).Reply()
		if err == nil && len(p.Value) > 0 {
			return w
		}
	}
	return 0
}

// shows reports whether a window has more than one colour in its upper part or
// across its middle. The whole of it would keep the display busy with copying.
func (s *screen) shows(w xproto.Window) bool {
	g, err := xproto.GetGeometry(s.x, xproto.Drawable(w)).Reply()
	if err != nil {
		return false
	}
	var first []byte
	for _, strip := range []struct{ y, height uint16 }{{0, min(g.Height, 120)}, {g.Height / 2, min(g.Height/2, 24)}} {
		im, err := xproto.GetImage(s.x, xproto.ImageFormatZPixmap, xproto.Drawable(w), 0, int16(strip.y), g.Width, strip.height, 0xffffffff).Reply()
		if err != nil {
			return false
		}
		if first == nil {
			first = im.Data[:3]
		}
		for i := 0; i+4 <= len(im.Data); i += 4 {
			if !bytes.Equal(im.Data[i:i+3], first) {
				return true
			}
		}
	}
	return false
}

// cpu is the processor time that all threads of the program have used.
func (r *running) cpu(tb testing.TB) time.Duration {
	tb.Helper()
	tasks, err := filepath.Glob("/proc/" + strconv.Itoa(r.Process.Pid) + "/task/*/schedstat")
	if err != nil || len(tasks) == 0 {
		tb.Fatalf("no threads of %d: %v", r.Process.Pid, err)
	}
	var sum time.Duration
	for _, t := range tasks {
		b, err := os.ReadFile(t)
		if err != nil {
			continue // a thread that has ended meanwhile
		}
		ns, _, _ := strings.Cut(string(b), " ")
		n, err := strconv.ParseInt(ns, 10, 64)
		if err != nil {
			tb.Fatalf("%s: %q", t, b)
		}
		sum += time.Duration(n)
	}
	return sum
}
