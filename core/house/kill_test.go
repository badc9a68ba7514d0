package house_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
)

// victim is what a child process is told: where the store is, when it is, whom
// it serves, and where to die.
type victim struct {
	Path  string
	Token string
	Basis core.AssignmentID // activated at once; empty: nothing is
	Ahead time.Duration
	Die   string // "before grant", "after grant", "recorded grant", and the same with "revoke"
}

const victimEnv = "STINT_TEST_VICTIM"

func TestMain(m *testing.M) {
	if text := os.Getenv(victimEnv); text != "" {
		var v victim
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			panic(err)
		}
		v.live()
		os.Exit(3) // it should have died
	}
	if text := os.Getenv(crowdEnv); text != "" {
		var c crowd
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			panic(err)
		}
		c.live()
	}
	if text := os.Getenv(servedEnv); text != "" {
		var c served
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			panic(err)
		}
		c.live()
	}
	if text := os.Getenv(cycleEnv); text != "" {
		var c cycle
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			panic(err)
		}
		c.live()
	}
	os.Exit(m.Run())
}

// die ends the process as a power cut or the kernel would: no deferred call,
// no flush, no goodbye.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

func (v victim) live() {
	c := &clock{}
	c.ahead.Store(int64(v.Ahead))
	h, err := house.Open(context.Background(), house.Options{Path: v.Path, Clock: c, Wrap: func(k connector.Kind) connector.Kind { return deadly{k, v.Die} }})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	go func() { _ = h.Run(ctx) }()
	svc, err := h.Gate.Resume(ctx, core.NewSecret(v.Token))
	if err != nil {
		panic(err)
	}
	news, err := svc.Watch(ctx)
	if err != nil {
		panic(err)
	}
	if v.Basis != "" {
		_, err := svc.Do(ctx, core.Call{Command: core.Activate{Items: []core.ActivationItem{{Assignment: v.Basis}}, Duration: core.Duration(time.Hour), Justification: "add an index"}})
		if err != nil {
			panic(err)
		}
	}
	want := map[string]core.EventKind{"recorded grant": core.GrantMade, "recorded revoke": core.GrantRemoved}[v.Die]
	for range news {
		l, err := svc.Entries(ctx, core.EntryFilter{Action: want}, core.Page{Limit: 1})
		if err == nil && want != "" && len(l.Items) > 0 {
			die()
		}
	}
}

// deadly stands before a connector and kills the process at its step.
type deadly struct {
	connector.Kind
	at string
}

func (d deadly) Open(c connector.Config) (connector.Driver, error) {
	drv, err := d.Kind.Open(c)
	return deadlyDriver{drv, d.at}, err
}

type deadlyDriver struct {
	connector.Driver
	at string
}

func (d deadlyDriver) Apply(ctx context.Context, tasks []connector.Task) ([]connector.Outcome, error) {
	step := " revoke"
	if tasks[0].Grant {
		step = " grant"
	}
	if d.at == "before"+step {
		die()
	}
	out, err := d.Driver.Apply(ctx, tasks)
	if d.at == "after"+step {
		die()
	}
	return out, err
}

func (v victim) run(t *testing.T) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=none")
	cmd.Env = append(os.Environ(), victimEnv+"="+string(text))
	out, err := cmd.CombinedOutput()
	st, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !st.Signaled() || st.Signal() != syscall.SIGKILL {
		t.Fatalf("the process should have been killed at %q: %v\n%s", v.Die, err, out)
	}
}

// TestKilledAtEveryStep kills the process between intent, grant and outcome,
// and likewise on the way back. Whatever the step, the next start makes the
// server hold what it should, and no entry is missing.
func TestKilledAtEveryStep(t *testing.T) {
	pg := pgtest.New(t)
	pg.Exec(t, `create role dba`, `create role ann login`)
	path := filepath.Join(t.TempDir(), "stint.db")
	m := open(t, house.Options{Path: path})
	m.setUp()
	basis := m.eligible(pg, "dba", "ann")
	token := m.token
	m.stop()

	ahead := time.Duration(0)
	for _, die := range []string{"before grant", "after grant", "recorded grant", "before revoke", "after revoke", "recorded revoke"} {
		t.Run(die, func(t *testing.T) {
			v := victim{Path: path, Token: token.Reveal(), Die: die, Ahead: ahead}
			revoking := slices.Contains([]string{"before revoke", "after revoke", "recorded revoke"}, die)
			if revoking {
				// Activated and proven in an orderly house first; the victim
				// starts when the time is up.
				m := m.again(t, path, token, ahead)
				m.do(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "add an index"}, "")
				m.until("active", func() bool { return len(m.active()) == 1 && m.active()[0].RequestStatus == core.Provisioned })
				m.stop()
				v.Ahead = ahead + time.Hour
			} else {
				v.Basis = basis
			}
			v.run(t)

			m := m.again(t, path, token, v.Ahead)
			if !revoking {
				m.until("active after the crash", func() bool { return len(m.active()) == 1 && m.active()[0].RequestStatus == core.Provisioned })
				if !holds(t, pg, "dba", "ann") {
					t.Error("the screen says active and the server doesn't")
				}
			}
			m.clock.ahead.Store(int64(ahead + time.Hour))
			m.until("over", func() bool { return len(m.active()) == 0 })
			if holds(t, pg, "dba", "ann") {
				t.Error("a privilege was left behind")
			}
			m.whole()
			ahead += 61 * time.Minute
		})
	}
}

// again opens the house once more, as the person with the token.
func (m *home) again(t *testing.T, path string, token core.Secret, ahead time.Duration) *home {
	t.Helper()
	n := openAt(t, house.Options{Path: path}, ahead)
	svc, err := n.h.Gate.Resume(context.Background(), token)
	n.ok(err)
	n.svc, n.token = svc, token
	t.Cleanup(n.stop)
	return n
}

// whole checks that the chain is unbroken and that each activation has all of
// its entries: asked for, made, active, ended, removed.
func (m *home) whole() {
	m.t.Helper()
	m.wholeStory(core.RoleActivated, core.GrantMade, core.ActivationActive, core.ActivationExpired, core.GrantRemoved)
}

// wholeStory checks that the chain is unbroken and that each activation has an
// entry of each kind.
func (m *home) wholeStory(kinds ...core.EventKind) {
	m.t.Helper()
	ctx := context.Background()
	v, err := m.svc.VerifyAudit(ctx, core.Hash{}, nil)
	m.ok(err)
	if v.Break != nil {
		m.t.Fatalf("the log is broken at %d: %s", v.Break.Seq, v.Break.Reason)
	}
	count := map[core.EventKind]int{}
	for _, k := range kinds {
		l, err := m.svc.Entries(ctx, core.EntryFilter{Action: k}, core.Page{Limit: 500})
		m.ok(err)
		count[k] = len(l.Items)
	}
	for k, n := range count {
		if n != count[core.RoleActivated] {
			m.t.Errorf("%d activations and %d entries %s", count[core.RoleActivated], n, k)
		}
	}
}
