package connector_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/connectortest"
	"github.com/stint-pim/stint/core/connector/memory"
)

// world is a System reached directly, with drivers behind a Target.
type world struct{ *memory.System }

func (w world) Open(*testing.T) connector.Driver {
	return connector.NewTarget(w.Driver(), connector.Limits{Batch: 3})
}
func (w world) AddRole(_ *testing.T, n string)          { w.System.AddRole(core.FoundRole{External: n}) }
func (w world) AddAccount(_ *testing.T, n string)       { w.System.AddAccount(n) }
func (w world) DropRole(_ *testing.T, n string)         { w.System.DropRole(n) }
func (w world) DropAccount(_ *testing.T, n string)      { w.System.DropAccount(n) }
func (w world) RenameRole(_ *testing.T, a, b string)    { w.System.RenameRole(a, b) }
func (w world) RenameAccount(_ *testing.T, a, b string) { w.System.RenameAccount(a, b) }
func (w world) Put(_ *testing.T, r, a string, h bool)   { w.System.Put(r, a, h) }
func (w world) Holds(_ *testing.T, r, a string) bool    { return w.System.Holds(r, a) }

// TestConformance: a Target changes nothing of what a Driver promises.
func TestConformance(t *testing.T) {
	sys := memory.NewSystem("sample", nil)
	connectortest.Run(t, connectortest.Suite{
		System:  world{sys},
		Carries: func(n string) bool { return n != "" && !strings.ContainsAny(n, "\x00\xff") },
		Break:   func(*testing.T) func() { sys.Fail(memory.Unreachable, -1); return sys.Heal },
	})
}

// stub is a driver that does what a test says.
type stub struct {
	apply func(context.Context, []connector.Task) ([]connector.Outcome, error)
	found connector.Found
	connector.Driver
}

func (s stub) Apply(ctx context.Context, ts []connector.Task) ([]connector.Outcome, error) {
	return s.apply(ctx, ts)
}
func (s stub) Discover(context.Context) (connector.Found, error) { return s.found, nil }

func tasks(n int) []connector.Task {
	all := make([]connector.Task, n)
	for i := range all {
		all[i] = connector.Task{Privilege: connector.Privilege{Role: "dba", Account: fmt.Sprint("p", i)}, Grant: true}
	}
	return all
}

func proof(holds bool) connector.Outcome {
	return connector.Outcome{Evidence: core.Evidence{At: time.Now().UTC(), Holds: holds, Query: "q", Answer: "a"}}
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sys := memory.NewSystem("sample", nil)
		target := connector.NewTarget(sys.Driver(), connector.Limits{})
		for _, f := range []memory.Failure{memory.Hang, memory.HangThenAnswer} {
			sys.Fail(f, 1)
			began := time.Now()
			out, err := target.Apply(t.Context(), tasks(2))
			if took := time.Since(began); took != 5*time.Second {
				t.Errorf("took %v, want 5 s", took)
			}
			if !errors.Is(err, connector.ErrUnreachable) || connector.Problem(err) != core.English("connector.timeout") {
				t.Errorf("got %v, %q", err, connector.Problem(err))
			}
			if len(out) != 2 || out[1].Err == nil {
				t.Errorf("outcomes %v; want one for each task, with the error", out)
			}
		}
		// A caller that gives up is not told that the system is down.
		ctx, cancel := context.WithCancel(t.Context())
		sys.Fail(memory.Hang, 1)
		time.AfterFunc(time.Second, cancel)
		if _, err := target.Apply(ctx, tasks(1)); core.CodeOf(err) != core.Canceled || !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		// While one call hangs, another waits no longer than its own deadline.
		sys.Fail(memory.Hang, 1)
		done := make(chan struct{})
		go func() { defer close(done); _, _ = target.Check(t.Context()) }()
		synctest.Wait()
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		began := time.Now()
		if _, err := target.Check(short); !errors.Is(err, connector.ErrUnreachable) || time.Since(began) != time.Second {
			t.Errorf("waiting for a turn: %v after %v", err, time.Since(began))
		}
		<-done
	})
}

func TestBatches(t *testing.T) {
	var sizes []int
	target := connector.NewTarget(stub{apply: func(_ context.Context, ts []connector.Task) ([]connector.Outcome, error) {
		sizes = append(sizes, len(ts))
		if len(sizes) == 3 {
			return nil, connector.ErrUnreachable
		}
		out := make([]connector.Outcome, len(ts))
		for i := range out {
			out[i] = proof(true)
		}
		return out, nil
	}}, connector.Limits{Batch: 10})
	out, err := target.Apply(t.Context(), tasks(35))
	if want := []int{10, 10, 10}; !slices.Equal(sizes, want) {
		t.Errorf("portions %v, want %v: nothing after a failure of the whole system", sizes, want)
	}
	if !errors.Is(err, connector.ErrUnreachable) || len(out) != 35 || out[19].Err != nil || !errors.Is(out[20].Err, connector.ErrUnreachable) || out[34].Err == nil {
		t.Errorf("got %d outcomes, %v", len(out), err)
	}
}

// TestDistrust: a driver's word is not enough.
func TestDistrust(t *testing.T) {
	for _, c := range []struct {
		name string
		out  []connector.Outcome
		key  core.TextKey
	}{
		{"the proof says no", []connector.Outcome{proof(false)}, "connector.not_held"},
		{"no proof", []connector.Outcome{{Evidence: core.Evidence{Holds: true}}}, "connector.no_evidence"},
		{"too few", nil, "connector.broken"},
		{"too many", []connector.Outcome{proof(true), proof(true)}, "connector.broken"},
	} {
		target := connector.NewTarget(stub{apply: func(context.Context, []connector.Task) ([]connector.Outcome, error) { return c.out, nil }}, connector.Limits{})
		out, _ := target.Apply(t.Context(), tasks(1))
		if e := connector.Explain(out[0].Err); len(out) != 1 || e == nil || e.Key != c.key {
			t.Errorf("%s: %v, want %s", c.name, out[0].Err, c.key)
		}
	}
}

func TestPanic(t *testing.T) {
	secret := "hunter2"
	for _, cause := range []func(){
		func() { panic(secret) }, func() { panic(errors.New(secret)) }, func() { var m map[string]int; m["x"]++ },
	} {
		target := connector.NewTarget(stub{apply: func(context.Context, []connector.Task) ([]connector.Outcome, error) { cause(); return nil, nil }}, connector.Limits{})
		for range 2 { // and the turn is given back
			out, err := target.Apply(t.Context(), tasks(1))
			if core.CodeOf(err) != core.Internal || len(out) != 1 || strings.Contains(err.Error(), secret) {
				t.Errorf("got %v, %v", out, err)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	found := connector.Found{Roles: make([]core.FoundRole, 2500), Accounts: make([]string, 6000)}
	found.Roles[0].Holders = make([]string, 1500)
	target := connector.NewTarget(stub{found: found}, connector.Limits{})
	got, err := target.Discover(t.Context())
	if err != nil || len(got.Roles) != 2000 || len(got.Accounts) != 5000 || len(got.Roles[0].Holders) != 1000 {
		t.Errorf("%d roles, %d accounts, %d holders, %v", len(got.Roles), len(got.Accounts), len(got.Roles[0].Holders), err)
	}
}

// TestProblem: plain words for whatever comes, and never the raw text.
func TestProblem(t *testing.T) {
	const raw = "dial postgres://stint:hunter2@db"
	for _, c := range []struct {
		err  error
		want core.TextKey
	}{
		{nil, ""},
		{errors.New(raw), "connector.unknown"},
		{fmt.Errorf("%s: %w", raw, connector.ErrUnreachable), "connector.unreachable"},
		{fmt.Errorf("%s: %w", raw, connector.ErrRefused), "connector.refused"},
		{fmt.Errorf("%s: %w", raw, connector.ErrNoRole), "connector.no_role_unnamed"},
		{fmt.Errorf("%s: %w", raw, connector.ErrNoAccount), "connector.no_account_unnamed"},
		{fmt.Errorf("%s: %w", raw, connector.ErrNotAllowed), "connector.not_allowed"},
		{fmt.Errorf("%w: %w", connector.ErrUnreachable, context.DeadlineExceeded), "connector.timeout"},
		{context.Canceled, "connector.canceled"},
	} {
		want := ""
		if c.want != "" {
			want = core.English(c.want)
		}
		if got := connector.Problem(c.err); got != want || strings.Contains(got, "hunter2") || got == string(c.want) && got != "" {
			t.Errorf("%v: got %q, want %q", c.err, got, want)
		}
	}
	if got, want := connector.Problem(connector.NoRole("x\xff")), `The system has no role called “"x\xff"”`; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestGerman: every sentence of the connectors has its German one, with the
// same places to fill in.
func TestGerman(t *testing.T) {
	text, err := os.ReadFile("../../resources/translations/connector.de.json")
	if err != nil {
		t.Fatal(err)
	}
	var german map[core.TextKey]string
	if err := json.Unmarshal(text, &german); err != nil {
		t.Fatal(err)
	}
	places := regexp.MustCompile(`\{\w+\}`)
	n := 0
	for _, k := range core.TextKeys() {
		if !strings.HasPrefix(string(k), "connector.") {
			continue
		}
		n++
		want, got := places.FindAllString(core.English(k), -1), places.FindAllString(german[k], -1)
		slices.Sort(want)
		slices.Sort(got)
		if german[k] == "" || !slices.Equal(slices.Compact(got), slices.Compact(want)) {
			t.Errorf("%s: %q has the places %v, want %v", k, german[k], got, want)
		}
	}
	if n == 0 || n != len(german) {
		t.Errorf("%d English sentences, %d German", n, len(german))
	}
}

func ExampleTarget() {
	sys := memory.NewSystem("demo", func() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) })
	sys.AddRole(core.FoundRole{External: "dba"})
	sys.AddAccount("alice")
	target := connector.NewTarget(sys.Driver(), connector.Limits{})
	defer func() { _ = target.Close() }()

	task := connector.Task{Privilege: connector.Privilege{Role: "dba", Account: "alice"}, Grant: true}
	for _, grant := range []bool{true, false} {
		task.Grant = grant
		out, err := target.Apply(context.Background(), []connector.Task{task})
		fmt.Println(out[0].Evidence.Answer, out[0].Err, err)
	}
	task.Grant, task.Account = true, "nobody"
	out, _ := target.Apply(context.Background(), []connector.Task{task})
	fmt.Println(connector.Problem(out[0].Err))
	// Output:
	// member (demo) <nil> <nil>
	// not a member (demo) <nil> <nil>
	// The system has no account called “nobody”; it may have been dropped or renamed there. Nothing was granted. Enter the person's right account in Stint, under People.
}
