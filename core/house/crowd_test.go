package house_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
)

// crowdSize is how many say the same thing at once.
const crowdSize = 100

// crowd is a process in which many people give the same command at once, and
// which is killed in the middle of it.
type crowd struct {
	Path, Token string
	Ahead       time.Duration
	Basis       core.AssignmentID
	Key, Code   string
	After       int           // answers after which it dies
	Within      time.Duration // if positive, dies this long after the first was sent instead
}

const crowdEnv = "STINT_TEST_CROWD"

// call is what everybody of the crowd asks for.
func (c crowd) call() core.Call {
	cmd := core.Activate{Items: []core.ActivationItem{{Assignment: c.Basis}}, Duration: core.Duration(time.Hour), Justification: "add an index"}
	return core.Call{Command: cmd, Key: c.Key, Code: core.NewSecret(c.Code)}
}

// live is the child process. What a caller was told is printed before it
// counts as told, as an answer on a wire is.
func (c crowd) live() {
	clk := &clock{}
	clk.ahead.Store(int64(c.Ahead))
	ctx := context.Background()
	h, err := house.Open(ctx, house.Options{Path: c.Path, Clock: clk})
	if err != nil {
		panic(err)
	}
	go func() { _ = h.Run(ctx) }()
	svc, err := h.Gate.Resume(ctx, core.NewSecret(c.Token))
	if err != nil {
		panic(err)
	}
	if c.Within > 0 {
		time.AfterFunc(c.Within, die)
	}
	var mu sync.Mutex
	answers := 0
	var wg sync.WaitGroup
	for range crowdSize {
		wg.Go(func() {
			res, err := svc.Do(ctx, c.call())
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				text, _ := json.Marshal(res)
				fmt.Printf("told %s\n", text)
			}
			if answers++; answers == c.After {
				die()
			}
		})
	}
	wg.Wait()
	die()
}

// run starts the process, waits until it was killed, and returns what it told.
func (c crowd) run(t *testing.T) (told []core.Result) {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=none")
	cmd.Env = append(os.Environ(), crowdEnv+"="+string(text))
	out, err := cmd.CombinedOutput()
	if st, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !st.Signaled() || st.Signal() != syscall.SIGKILL {
		t.Fatalf("the process should have been killed: %v\n%s", err, out)
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if line, ok := strings.CutPrefix(lines.Text(), "told "); ok {
			var r core.Result
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatalf("%v in %q", err, line)
			}
			told = append(told, r)
		}
	}
	return told
}

// again gives the crowd's command once more, by all of it, to this house.
func (c crowd) again(m *home) (told []core.Result, refused []error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range crowdSize {
		wg.Go(func() {
			res, err := m.svc.Do(context.Background(), c.call())
			if err == nil && len(res.Items) == 1 && res.Items[0].Err != nil {
				err = res.Items[0].Err
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				refused = append(refused, err)
				return
			}
			told = append(told, res)
		})
	}
	wg.Wait()
	return told, refused
}

// count says how often something stands in the log behind a number.
func (m *home) count(k core.EventKind, after int64) int {
	m.t.Helper()
	l, err := m.svc.Entries(context.Background(), core.EntryFilter{Action: k, AfterSeq: after}, core.Page{Limit: 500})
	m.ok(err)
	return len(l.Items)
}

func (m *home) head() int64 {
	m.t.Helper()
	l, err := m.svc.Entries(context.Background(), core.EntryFilter{}, core.Page{Limit: 1})
	m.ok(err)
	return l.Items[0].Seq
}

// moments are where the processes of several rounds die: after the first
// answer, between two, after the last, and at some times before any.
func moments(round int) (after int, within time.Duration) {
	switch round % 4 {
	case 0:
		return 1, 0
	case 1:
		return 0, time.Duration(1+round) * 700 * time.Microsecond
	case 2:
		return 2 + round, 0
	default:
		return crowdSize, 0
	}
}

func rounds() int {
	if testing.Short() {
		return 3
	}
	return 20
}

// F18: a code that was used before the power went is used after it, too. The
// process is killed while a hundred type the same code; then a hundred type it
// again. One of all of them does it.
func TestF18CodeUsedOnceAcrossKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	m := open(t, house.Options{Path: path})
	secret := m.setUp()
	me, err := m.svc.Me(context.Background())
	m.ok(err)
	basis := m.do(core.Assign{Role: core.StintRole(core.SecurityReader), Principals: []core.PersonID{me.Person.ID}, Kind: core.Eligible, Justification: "reads the log"}, m.recovery[0]).Items[0].Assignment
	token, ahead := m.token, time.Duration(0)
	for round := range rounds() {
		head := m.head()
		m.stop()
		ahead += core.LockFor + time.Minute // the round before locked the factor
		c := crowd{Path: path, Token: token.Reveal(), Ahead: ahead, Basis: basis, Code: mfa.Code(secret, time.Now().Add(ahead))}
		c.After, c.Within = moments(round)
		if before := len(c.run(t)); before > 1 {
			t.Errorf("round %d (dies after %d answers or %v): %d were told that they did it", round, c.After, c.Within, before)
		}
		m = m.again(t, path, token, ahead)
		done := m.count(core.RoleActivated, head)
		drop := func() {
			for _, a := range m.held(basis) {
				m.do(core.Drop{Assignments: []core.AssignmentID{a}}, "")
			}
		}
		drop() // or that it is active would refuse the code before it is looked at
		told, refused := c.again(m)
		drop()
		more, reused := c.again(m)
		if total := done + len(told) + len(more); total != 1 {
			t.Errorf("round %d (dies after %d answers or %v): %d activations before the kill, %d and %d after it, want 1 in all; first refusals: %v, %v",
				round, c.After, c.Within, done, len(told), len(more), refused[:min(1, len(refused))], reused[:min(1, len(reused))])
		}
		if m.count(core.CodeReused, head) == 0 {
			t.Errorf("round %d: that the code was used again isn't in the log", round)
		}
	}
	v, err := m.svc.VerifyAudit(context.Background(), core.Hash{}, nil)
	m.ok(err)
	if v.Break != nil {
		t.Errorf("the log is broken at %d: %s", v.Break.Seq, v.Break.Reason)
	}
}

// F19: one activation comes of one idempotency key, however often it is asked
// for and whenever the process dies, and everybody gets the same answer.
func TestF19SameKeyAcrossKill(t *testing.T) {
	pg := pgtest.New(t)
	pg.Exec(t, `create role dba`, `create role ann login`)
	path := filepath.Join(t.TempDir(), "stint.db")
	m := open(t, house.Options{Path: path})
	m.setUp()
	basis := m.eligible(pg, "dba", "ann")
	token := m.token
	for round := range rounds() {
		head := m.head()
		m.stop()
		c := crowd{Path: path, Token: token.Reveal(), Basis: basis, Key: fmt.Sprintf("round %d", round)}
		c.After, c.Within = moments(round)
		told := c.run(t)
		m = m.again(t, path, token, 0)
		after, refused := c.again(m)
		told = append(told, after...)
		if len(refused) > 0 {
			t.Fatalf("round %d (dies after %d answers or %v): refused %v", round, c.After, c.Within, refused[0])
		}
		for _, r := range told {
			if d := cmp.Diff(told[0], r); d != "" {
				t.Fatalf("round %d (dies after %d answers or %v): two answers to one key:\n%s", round, c.After, c.Within, d)
			}
		}
		if len(told[0].Items) != 1 {
			t.Fatalf("round %d: the answer says nothing: %+v", round, told[0])
		}
		if n := m.count(core.RoleActivated, head); n != 1 {
			t.Errorf("round %d (dies after %d answers or %v): %d activations, want 1", round, c.After, c.Within, n)
		}
		m.until("active", func() bool {
			a := m.active()
			return len(a) == 1 && a[0].ID == told[0].Items[0].Assignment && a[0].RequestStatus == core.Provisioned
		})
		if !holds(t, pg, "dba", "ann") {
			t.Errorf("round %d: the answer was given and the server doesn't hold it", round)
		}
		// The key belongs to what was asked for with it.
		other := c.call()
		other.Command = core.Drop{Assignments: []core.AssignmentID{basis}}
		if _, err := m.svc.Do(context.Background(), other); core.CodeOf(err) != core.Conflict {
			t.Errorf("round %d: the key for another command: %v", round, err)
		}
		m.do(core.Drop{Assignments: []core.AssignmentID{told[0].Items[0].Assignment}}, "")
		m.until("over", func() bool { return len(m.active()) == 0 })
		if holds(t, pg, "dba", "ann") {
			t.Errorf("round %d: a privilege was left behind", round)
		}
	}
}

// held lists the running activations that stand on an eligible assignment.
func (m *home) held(basis core.AssignmentID) (out []core.AssignmentID) {
	m.t.Helper()
	acc, err := m.svc.Access(context.Background())
	m.ok(err)
	for _, r := range acc.Active {
		if r.Basis == basis && r.State.Live() {
			out = append(out, r.ID)
		}
	}
	return out
}
