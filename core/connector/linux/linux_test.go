package linux_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/connectortest"
	"github.com/stint-pim/stint/core/connector/linux"
)

// real is this very machine. Its groups and accounts have the test's process
// number in their names and go with the test.
type real struct{}

func (real) Open(t *testing.T) connector.Driver { return open(t, linux.ThisHost()) }

func open(t *testing.T, host linux.Host) connector.Driver {
	t.Helper()
	d, err := linux.NewKind(host).Open(connector.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v: %s", name, args, err, out)
	}
}

func (real) AddRole(t *testing.T, n string) { tool(t, "groupadd", "--", n) }
func (real) AddAccount(t *testing.T, n string) {
	tool(t, "useradd", "-M", "-N", "-g", "65534", "-s", "/bin/sh", "--", n)
}
func (real) DropRole(_ *testing.T, n string)    { _ = exec.Command("groupdel", "--", n).Run() }
func (real) DropAccount(_ *testing.T, n string) { _ = exec.Command("userdel", "--", n).Run() }

func (real) Put(t *testing.T, role, account string, holds bool) {
	if holds {
		tool(t, "gpasswd", "-a", account, role)
	} else {
		tool(t, "gpasswd", "-d", account, role)
	}
}

// Holds reads the file itself, not the way the driver does.
func (real) Holds(t *testing.T, role, account string) bool {
	t.Helper()
	text, err := os.ReadFile("/etc/group")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(string(text), "\n") {
		if f := strings.Split(l, ":"); len(f) == 4 && f[0] == role {
			return slices.Contains(strings.Split(f[3], ","), account)
		}
	}
	return false
}

// TestThisHost runs the suite with the machine's own tools. It needs root; the
// imitation below, which follows their documented statuses, is tested by everyone.
func TestThisHost(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("not root: only the imitation of the tools is tested; run as root to test the real ones")
		return
	}
	pid, taken := strconv.Itoa(os.Getpid()), map[string]bool{}
	connectortest.Run(t, connectortest.Suite{
		System: real{},
		Name:   func(word string) string { return "stt" + pid + word },
		// What groupadd and useradd take differs between distributions: ask them.
		// What is no text can't be a name in Stint, though groupadd would take it.
		Carries: func(n string) bool {
			if n == "" || strings.ContainsRune(n, 0) || !utf8.ValidString(n) {
				return false
			}
			if _, asked := taken[n]; !asked {
				taken[n] = takes("group", n) && takes("user", n, "-M", "-N", "-g", "65534")
			}
			return taken[n]
		},
	})
}

// takes asks whether groupadd or useradd takes a name, by making it and
// deleting it again if it was made.
func takes(what, name string, args ...string) bool {
	if exec.Command(what+"add", append(args, "--", name)...).Run() != nil {
		return false
	}
	_ = exec.Command(what+"del", "--", name).Run()
	return true
}

func TestImitation(t *testing.T) {
	for _, root := range []bool{true, false} {
		t.Run("root="+strconv.FormatBool(root), func(t *testing.T) {
			m := newMachine(t, root)
			connectortest.Run(t, connectortest.Suite{System: m, Carries: m.carries})
		})
	}
}

func task(grant bool, role, account string) []connector.Task {
	return []connector.Task{{Privilege: connector.Privilege{Role: role, Account: account}, Grant: grant}}
}

func apply(t *testing.T, d connector.Driver, tasks []connector.Task) []connector.Outcome {
	t.Helper()
	out, err := d.Apply(t.Context(), tasks)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPrimary: somebody's primary group can't be taken away by gpasswd, and
// that is said.
func TestPrimary(t *testing.T) {
	m := newMachine(t, true)
	m.AddRole(t, "staff")
	m.AddAccount(t, "alice")
	m.accounts["alice"] = m.groups["staff"].gid
	d := m.Open(t)
	if o := apply(t, d, task(true, "staff", "alice"))[0]; o.Err != nil || !o.HeldBefore {
		t.Errorf("grant of the primary group: %v, held before %v", o.Err, o.HeldBefore)
	}
	o := apply(t, d, task(false, "staff", "alice"))[0]
	if !errors.Is(o.Err, connector.ErrNotAllowed) || !o.Evidence.Holds || !strings.Contains(connector.Problem(o.Err), "primary group") {
		t.Errorf("revoke of the primary group: %v, %+v", o.Err, o.Evidence)
	}
}

// TestStatuses: what each exit status comes to.
func TestStatuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		root   bool
		status int
		key    core.TextKey
	}{
		{"locked file", true, 1, "connector.linux.locked"},
		{"group of a directory", true, 3, "connector.linux.directory"},
		{"dialog dismissed", false, 126, "connector.linux.denied"},
		{"not authorised", false, 127, "connector.linux.denied"},
		{"unknown", true, 42, "connector.linux.failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t, c.root)
			m.AddRole(t, "staff")
			m.AddAccount(t, "alice")
			m.AddAccount(t, "bob")
			m.status = c.status
			out := apply(t, m.Open(t), append(task(true, "staff", "alice"), task(true, "staff", "bob")...))
			for _, o := range out {
				if e := connector.Explain(o.Err); e == nil || e.Key != c.key || o.Evidence.Holds {
					t.Errorf("got %v, %+v; want %s", o.Err, o.Evidence, c.key)
				}
			}
			// A person who said no is not asked for the rest of the batch.
			if want := map[bool]int{true: 2, false: 1}[c.root]; m.changes != want {
				t.Errorf("the tool ran %d times, want %d", m.changes, want)
			}
		})
	}
}

// TestKeepers: processes that keep the group are counted in the evidence.
func TestKeepers(t *testing.T) {
	m := newMachine(t, true)
	m.AddRole(t, "staff")
	m.AddAccount(t, "alice")
	m.process(t, 100, m.uid("alice"), m.groups["staff"].gid)
	m.process(t, 101, m.uid("alice"), "7")
	m.process(t, 102, "4711", m.groups["staff"].gid)
	d := m.Open(t)
	apply(t, d, task(true, "staff", "alice"))
	o := apply(t, d, task(false, "staff", "alice"))[0]
	if o.Err != nil || !strings.Contains(o.Evidence.Answer, "1 running process(es)") {
		t.Errorf("%v, %q; want one process that keeps the group", o.Err, o.Evidence.Answer)
	}
}

func TestAvailability(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*linux.Host)
		why    core.TextKey
	}{
		{"root", func(h *linux.Host) { h.Root = true }, ""},
		{"desktop", func(h *linux.Host) { h.Screen = true }, ""},
		{"no desktop", func(*linux.Host) {}, "connector.linux.no_agent"},
		{"no pkexec", func(h *linux.Host) { h.Screen = true; h.Find = without("pkexec") }, "connector.linux.no_pkexec"},
		{"no tools", func(h *linux.Host) { h.Root = true; h.Find = without("gpasswd") }, "connector.linux.no_tools"},
		{"elsewhere", func(h *linux.Host) { h.Root = true; h.OS = "windows" }, "connector.linux.other_os"},
	} {
		t.Run(c.name, func(t *testing.T) {
			host := linux.Host{OS: "linux", Find: without("nothing")}
			c.change(&host)
			kind := linux.NewKind(host)
			info := kind.Info()
			if info.Why != c.why || info.Available != (c.why == "") {
				t.Errorf("available %v because of %q, want %q", info.Available, info.Why, c.why)
			}
			if _, err := kind.Open(connector.Config{}); (err == nil) != info.Available {
				t.Errorf("Open: %v", err)
			}
		})
	}
}

func without(program string) func(string) string {
	return func(p string) string {
		if p == program {
			return ""
		}
		return "/usr/bin/" + p
	}
}

// TestRunner: the real runner, with the environment and the limits it promises.
func TestRunner(t *testing.T) {
	t.Setenv("LD_PRELOAD", "/tmp/evil.so")
	t.Setenv("SECRET_OF_OURS", "x")
	host := linux.ThisHost()
	out, _, status, err := host.Run(t.Context(), host.Find("env"))
	if err != nil || status != 0 || strings.Contains(string(out), "evil") || strings.Contains(string(out), "SECRET") {
		t.Errorf("env: %v, %d, %q", err, status, out)
	}
	if _, _, status, err := host.Run(t.Context(), host.Find("false")); status != 1 || err != nil {
		t.Errorf("false: %d, %v", status, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, _, err := host.Run(ctx, host.Find("sleep"), "20"); err == nil || ctx.Err() == nil {
		t.Errorf("sleep: %v; want it killed", err)
	}
	if p := host.Find("no-such-program"); p != "" {
		t.Errorf("found %q", p)
	}
}

func FuzzProc(f *testing.F) {
	f.Add("Name:\tsh\nUid:\t1000\t1000\t1000\t1000\nGroups:\t4 27 \n")
	f.Add("Uid:\nGroups:")
	f.Fuzz(func(t *testing.T, text string) {
		m := newMachine(t, true)
		m.AddRole(t, "staff")
		m.AddAccount(t, "alice")
		m.Put(t, "staff", "alice", true)
		dir := filepath.Join(m.proc, "1")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "status"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if o := apply(t, m.Open(t), task(false, "staff", "alice"))[0]; o.Err != nil {
			t.Error(o.Err)
		}
	})
}
