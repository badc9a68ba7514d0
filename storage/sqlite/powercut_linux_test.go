package sqlite_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// F3: the power is cut. What a process wrote while it acknowledged is recorded
// call by call, and every disk is rebuilt that a cut may leave behind: of what
// was not synced yet, nothing, all, any part, and a last write that is torn.
// Each must open, with its chain whole and all that was acknowledged by then.
func TestF03PowerCut(t *testing.T) {
	states := 1000
	if testing.Short() {
		states = 60
	}
	const seed = 3
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path, trace := filepath.Join(dir, "stint.db"), filepath.Join(dir, "trace")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	base, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Checkpoints happen on the way, because the time is noted.
	cmd := acker{Path: path, N: 60, Note: 12}.command(t.Context(), underStrace("-y", "-xx", "-s", "1000000", "-o", trace,
		"-e", "trace=openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	ops := readTrace(string(text), path)
	cut := &powerCut{t: t, path: path, ops: ops, seed: seed, durable: disk{path: base}}
	tried, acked := cut.explore(states)
	t.Logf("%d calls, %d acknowledged, %d states of the disk", len(ops), acked, tried)
	if tried < states*3/4 || acked != 60 {
		t.Errorf("that is too few to say anything")
	}
}

// call is one recorded system call, or an acknowledgement.
type call struct {
	kind byte // w write, t truncate, s sync, c create, u unlink, a acknowledge
	path string
	at   int64 // where it writes, the length, or who is acknowledged
	data []byte
}

type disk map[string][]byte

func (d disk) clone() disk {
	c := disk{}
	for p, b := range d {
		c[p] = bytes.Clone(b)
	}
	return c
}

func (d disk) apply(c call) {
	b, there := d[c.path]
	switch c.kind {
	case 'c':
		if !there {
			d[c.path] = nil
		}
	case 'u':
		delete(d, c.path)
	case 't':
		d[c.path] = append(b, make([]byte, max(0, c.at-int64(len(b))))...)[:c.at]
	case 'w':
		if end := c.at + int64(len(c.data)); end > int64(len(b)) {
			b = append(b, make([]byte, end-int64(len(b)))...)
		}
		copy(b[c.at:], c.data)
		d[c.path] = b
	}
}

type powerCut struct {
	t        *testing.T
	path     string
	ops      []call
	seed     uint64
	durable  disk
	unsynced []call
	acked    int
	tried    int
}

// explore walks through the calls and tries about that many states, spread evenly.
func (p *powerCut) explore(states int) (tried, acked int) {
	rnd := rand.New(rand.NewPCG(p.seed, p.seed))
	const each = 5 // states at a place, about
	places := max(1, states/each)
	for i, c := range p.ops {
		switch c.kind {
		case 'a':
			p.acked = int(c.at) + 1
		case 's':
			var rest []call
			for _, u := range p.unsynced {
				if u.path == c.path || (u.kind == 'c' || u.kind == 'u') && filepath.Dir(u.path) == c.path {
					p.durable.apply(u)
				} else {
					rest = append(rest, u)
				}
			}
			p.unsynced = rest
		default:
			p.unsynced = append(p.unsynced, c)
		}
		// At every place in turn, and at all where something was just promised.
		if (i+1)*places/len(p.ops) == i*places/len(p.ops) && c.kind != 'a' || p.t.Failed() {
			continue
		}
		p.try(i, "nothing", nil)
		if n := len(p.unsynced); n > 0 {
			p.try(i, "everything", p.unsynced)
			for k := range each - 3 {
				var some []call
				for _, u := range p.unsynced {
					if rnd.IntN(2) == 0 {
						some = append(some, u)
					}
				}
				p.try(i, fmt.Sprint("part ", k), some)
			}
			if last := p.unsynced[n-1]; last.kind == 'w' && len(last.data) > 512 {
				last.data = last.data[:512*(1+rnd.IntN(len(last.data)/512))]
				p.try(i, "a torn write", append(append([]call(nil), p.unsynced[:n-1]...), last))
			}
		}
	}
	return p.tried, p.acked
}

func (p *powerCut) try(at int, what string, kept []call) {
	p.t.Helper()
	p.tried++
	now := p.durable.clone()
	for _, u := range kept {
		now.apply(u)
	}
	dir := filepath.Join(filepath.Dir(p.path), "cut")
	if err := os.RemoveAll(dir); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	for name, b := range now {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	if _, err := keeps(filepath.Join(dir, filepath.Base(p.path)), p.acked); err != nil {
		p.t.Errorf("seed %d, cut after call %d of %d, of what was not synced %s is kept (%d of %d calls), %d acknowledged: %v",
			p.seed, at, len(p.ops), what, len(kept), len(p.unsynced), p.acked, err)
	}
}

var (
	traceLine = regexp.MustCompile(`^(\d+) +(.*)`)
	tracePart = regexp.MustCompile(`^<\.\.\. \w+ resumed>(.*)`)
	traceCall = regexp.MustCompile(`^(\w+)\((.*)\) += (-?\d+)`)
	traceFile = regexp.MustCompile(`^(\d+)<([^>]*)>`)
	traceText = regexp.MustCompile(`"([^"]*)"`)
)

// readTrace reads what strace -f -y -xx wrote, as far as it is about the
// database, its log, its folder or the acknowledgements.
func readTrace(text, db string) (ops []call) {
	ours := func(path string) bool { return path == db || path == db+"-wal" || path == db+"-journal" }
	pending := map[string]string{}
	for line := range strings.Lines(text) {
		m := traceLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		pid, s := m[1], m[2]
		if head, ok := strings.CutSuffix(s, " <unfinished ...>"); ok {
			pending[pid] = head
			continue
		}
		if r := tracePart.FindStringSubmatch(s); r != nil {
			s = pending[pid] + r[1]
		}
		c := traceCall.FindStringSubmatch(s)
		if c == nil || strings.HasPrefix(c[3], "-") {
			continue
		}
		name, args := c[1], c[2]
		done, _ := strconv.Atoi(c[3])
		fd, path := "", ""
		if f := traceFile.FindStringSubmatch(args); f != nil {
			fd, path = f[1], string(unhex(f[2]))
		}
		last, _ := strconv.ParseInt(strings.TrimSpace(args[strings.LastIndex(args, ",")+1:]), 10, 64)
		data := func() []byte {
			if q := traceText.FindStringSubmatch(args); q != nil {
				return unhex(q[1])
			}
			return nil
		}
		switch {
		case name == "write" && fd == "1":
			for said := range strings.Lines(string(data())) {
				if n, ok := strings.CutPrefix(strings.TrimSpace(said), "ack "); ok {
					i, _ := strconv.ParseInt(n, 10, 64)
					ops = append(ops, call{kind: 'a', at: i})
				}
			}
		case name == "pwrite64" && ours(path):
			ops = append(ops, call{'w', path, last, data()[:done]})
		case name == "ftruncate" && ours(path):
			ops = append(ops, call{kind: 't', path: path, at: last})
		case (name == "fsync" || name == "fdatasync") && (ours(path) || path == filepath.Dir(db)):
			ops = append(ops, call{kind: 's', path: path})
		case name == "openat" && strings.Contains(args, "O_CREAT") && ours(string(data())):
			ops = append(ops, call{kind: 'c', path: string(data())})
		case strings.HasPrefix(name, "unlink") && ours(string(data())):
			ops = append(ops, call{kind: 'u', path: string(data())})
		}
	}
	return ops
}

// unhex undoes strace's \x61\x62.
func unhex(s string) []byte {
	if !strings.HasPrefix(s, `\x`) {
		return []byte(s)
	}
	out := make([]byte, 0, len(s)/4)
	for ; len(s) >= 4; s = s[4:] {
		n, err := strconv.ParseUint(s[2:4], 16, 8)
		if err != nil {
			break
		}
		out = append(out, byte(n))
	}
	return out
}
