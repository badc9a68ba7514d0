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
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/failpoint"
	"github.com/stint-pim/stint/core/house"
)

// steps are the failpoints between the intent, the system and the outcome.
var steps = []string{
	"service.done", "engine.decided", "storage.commit", "storage.committed", "engine.committed",
	"reconcile.apply", "reconcile.applied", "reconcile.recorded",
}

// cycle is a process that activates a role, waits until the system has it,
// drops it and waits until the system hasn't. It dies at the Nth hit of the
// point Die; empty: never.
type cycle struct {
	Path, Token string
	Basis       core.AssignmentID
	Die         string
	Nth         int
}

const cycleEnv = "STINT_TEST_CYCLE"

func (c cycle) live() {
	var mu sync.Mutex
	hits := map[string]int{}
	for _, name := range steps {
		failpoint.Arm(name, func() error {
			mu.Lock()
			defer mu.Unlock()
			hits[name]++
			fmt.Printf("step %s\n", name)
			if name == c.Die && hits[name] == c.Nth {
				die()
			}
			return nil
		})
	}
	ctx := context.Background()
	h, err := house.Open(ctx, house.Options{Path: c.Path})
	if err != nil {
		panic(err)
	}
	go func() { _ = h.Run(ctx) }()
	svc, err := h.Gate.Resume(ctx, core.NewSecret(c.Token))
	if err != nil {
		panic(err)
	}
	news, err := svc.Watch(ctx)
	if err != nil {
		panic(err)
	}
	wait := func(ok func([]core.AccessRow) bool) {
		for range news {
			if acc, err := svc.Access(ctx); err == nil && ok(ofSystems(acc.Active)) {
				return
			}
		}
	}
	do := func(cmd core.Command, what string) core.ItemResult {
		res, err := svc.Do(ctx, core.Call{Command: cmd})
		if err != nil || res.Items[0].Err != nil {
			panic(fmt.Sprint(what, err, res.Items))
		}
		fmt.Printf("%s %s\n", what, res.Items[0].Assignment)
		return res.Items[0]
	}
	got := do(core.Activate{Items: []core.ActivationItem{{Assignment: c.Basis}}, Duration: core.Duration(time.Hour), Justification: "add an index"}, "activated")
	wait(func(rows []core.AccessRow) bool { return len(rows) == 1 && rows[0].RequestStatus == core.Provisioned })
	do(core.Drop{Assignments: []core.AssignmentID{got.Assignment}}, "dropped")
	wait(func(rows []core.AccessRow) bool { return len(rows) == 0 })
	os.Exit(0)
}

// said is what a cycle told before it died.
type said struct {
	activated, dropped core.AssignmentID
	steps              []string
	died               bool
}

func (c cycle) run(t *testing.T) said {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second) // it takes a third of one
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=none")
	cmd.Env = append(os.Environ(), cycleEnv+"="+string(text))
	out, err := cmd.CombinedOutput()
	st, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	s := said{died: ok && st.Signaled() && st.Signal() == syscall.SIGKILL}
	if ctx.Err() != nil {
		t.Fatalf("the process that was to die at %s %d hangs:\n%s", c.Die, c.Nth, out)
	}
	if !s.died && err != nil {
		t.Fatalf("the process that was to die at %s %d failed: %v\n%s", c.Die, c.Nth, err, out)
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "activated":
			s.activated = core.AssignmentID(rest)
		case "dropped":
			s.dropped = core.AssignmentID(rest)
		case "step":
			s.steps = append(s.steps, rest)
		}
	}
	return s
}

// ofSystems leaves out what is held of Stint itself.
func ofSystems(rows []core.AccessRow) (out []core.AccessRow) {
	for _, r := range rows {
		if r.System != core.StintSystem {
			out = append(out, r)
		}
	}
	return out
}

// within is how soon after a start a test wants everything to be as it should
// be. The promise is a second, and a quiet machine takes a fiftieth of that; a
// busy one under the race detector takes longer without being wrong.
const within = soon

// F2: a process dies at each step between an intent, the system and the
// outcome, of granting and of removing. What it had answered stands, within a
// second of the next start the system holds what the store says and nothing
// besides, and no entry is missing.
func TestF02KilledAtEachStep(t *testing.T) {
	pg := pgtest.New(t)
	pg.Exec(t, `create role dba`, `create role ann login`)
	path := filepath.Join(t.TempDir(), "stint.db")
	m := open(t, house.Options{Path: path})
	m.setUp()
	c := cycle{Path: path, Token: m.token.Reveal(), Basis: m.eligible(pg, "dba", "ann")}
	token := m.token
	m.stop()

	whole := c.run(t)
	for _, s := range steps {
		if !slices.Contains(whole.steps, s) {
			t.Fatalf("a whole cycle never came to %s, but to %v", s, whole.steps)
		}
	}
	var plan []cycle // where to die
	hits := map[string]int{}
	for _, name := range whole.steps {
		hits[name]++
		// In short form at those around the system alone.
		if !testing.Short() || strings.HasPrefix(name, "reconcile.") {
			plan = append(plan, cycle{Path: path, Token: c.Token, Basis: c.Basis, Die: name, Nth: hits[name]})
		}
	}
	kills := 100
	if testing.Short() {
		kills = len(plan)
	}
	var took []time.Duration
	for i, killed := 0, 0; killed < kills; i++ {
		c := plan[i%len(plan)]
		s := c.run(t)
		at := fmt.Sprintf("killed at %s %d, after %v", c.Die, c.Nth, s.steps)
		if s.died {
			killed++
		} else if i > 2*kills {
			t.Fatalf("%d of %d processes died", killed, i)
		}
		began := time.Now()
		m := m.again(t, path, token, 0)
		m.until("as it should be after it was "+at, func() bool {
			rows := m.active()
			return len(rows) == 0 || len(rows) == 1 && rows[0].State.Live() && rows[0].RequestStatus == core.Provisioned
		})
		took = append(took, time.Since(began))
		rows := m.active()
		if got := holds(t, pg, "dba", "ann"); got != (len(rows) == 1) {
			t.Errorf("%s: the system holds it: %v; the store says %d", at, got, len(rows))
		}
		switch {
		case s.dropped != "" && len(rows) > 0:
			t.Errorf("%s: it was answered that it is dropped, and it is there", at)
		case s.activated != "" && s.dropped == "" && len(rows) == 0 && m.countOf(core.ActivationDropped, s.activated) == 0:
			t.Errorf("%s: it was answered that it is active, and it isn't", at)
		}
		for id, kind := range map[core.AssignmentID]core.EventKind{s.activated: core.RoleActivated, s.dropped: core.ActivationDropped} {
			if id != "" && m.countOf(kind, id) != 1 {
				t.Errorf("%s: an answer has no entry %s in the log", at, kind)
			}
		}
		for _, r := range rows {
			m.do(core.Drop{Assignments: []core.AssignmentID{r.ID}}, "")
		}
		m.until("over", func() bool { return len(m.active()) == 0 })
		if holds(t, pg, "dba", "ann") {
			t.Fatalf("%s: a privilege was left behind", at)
		}
		m.wholeStory(core.RoleActivated, core.GrantMade, core.ActivationActive, core.ActivationDropped, core.GrantRemoved)
		m.stop()
		if t.Failed() {
			return
		}
	}
	slices.Sort(took)
	t.Logf("%d times killed, at %d steps; everything in order after the start within %v (median), %v (longest)",
		kills, len(plan), took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	if got := took[len(took)/2]; got > within {
		t.Errorf("half of the starts took longer than %v to put everything in order, want %v", got, within)
	}
}

// countOf says how often something stands in the log about an assignment.
func (m *home) countOf(k core.EventKind, id core.AssignmentID) (n int) {
	m.t.Helper()
	story, err := m.svc.Story(context.Background(), id)
	m.ok(err)
	for _, e := range story {
		if e.Action == k && e.Assignment == id {
			n++
		}
	}
	return n
}
