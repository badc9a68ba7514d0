package core_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine/enginetest"
	memstore "github.com/stint-pim/stint/storage/memory"
)

var arrow = regexp.MustCompile(`^\t(.+?) ─.*─▶ (.+)$`)

// drawn reads the arrows beside a type, as "From→To".
func drawn(t testing.TB, file, typ string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE || g.Specs[0].(*ast.TypeSpec).Name.Name != typ {
			continue
		}
		for _, l := range g.Doc.List {
			m := arrow.FindStringSubmatch(strings.TrimPrefix(l.Text, "//"))
			if m == nil {
				continue
			}
			for _, from := range strings.Split(m[1], " | ") {
				for _, to := range strings.Split(m[2], " | ") {
					out = append(out, code(from)+"→"+code(to))
				}
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("no arrows beside %s in %s", typ, file)
	}
	slices.Sort(out)
	return out
}

// code turns a name of the drawing into the value of its constant.
func code(name string) string {
	return map[string]string{
		"Scheduled": string(core.Scheduled), "InForce": string(core.InForce), "Expired": string(core.Expired), "Removed": string(core.Removed),
		"Unknown": string(core.GrantUnknown), "Granting": string(core.GrantGranting), "Present": string(core.GrantPresent),
		"Removing": string(core.GrantRemoving), "Absent": string(core.GrantAbsent), "Found": string(core.GrantFound),
		"new": "new", "Granted": string(core.Granted), "PendingProvisioning": string(core.PendingProvisioning),
		"Provisioned": string(core.Provisioned), "Revoked": string(core.Revoked), "Canceled": string(core.CanceledRequest),
		"PendingApproval": string(core.PendingApproval), "Denied": string(core.Denied), "TimedOut": string(core.TimedOut), "Failed": string(core.Failed),
	}[name]
}

// witness is a store that notes every step of every state machine.
type witness struct {
	core.Store
	mu     sync.Mutex
	steps  [3]map[string]bool  // guarded by mu; assignments, grants, requests
	grants []core.GrantID      // guarded by mu; all there ever were, oldest first
	all    []core.AssignmentID // guarded by mu; all there ever were, oldest first
}

func newWitness(s core.Store) *witness {
	w := &witness{Store: s}
	for i := range w.steps {
		w.steps[i] = map[string]bool{}
	}
	return w
}

func (w *witness) Update(ctx context.Context, f func(core.Tx) error) error {
	return w.Store.Update(ctx, func(tx core.Tx) error { return f(&witnessTx{tx, w}) })
}

type witnessTx struct {
	core.Tx
	w *witness
}

func (t *witnessTx) Apply(e core.Event) error {
	for _, c := range e.Changes {
		t.note(c)
		if err := t.Tx.Apply(core.Event{Changes: []core.Change{c}}); err != nil {
			return err
		}
	}
	e.Changes = nil
	return t.Tx.Apply(e)
}

func (t *witnessTx) note(c core.Change) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	step := func(machine int, was bool, from, to string) {
		if !was {
			from = "new"
		}
		if from != to {
			t.w.steps[machine][from+"→"+to] = true
		}
	}
	switch c := c.(type) {
	case core.Assignment:
		old, was := t.Assignment(c.ID)
		step(0, was, string(old.State), string(c.State))
		if !was {
			t.w.all = append(t.w.all, c.ID)
		}
	case core.Grant:
		old, was := t.Grant(c.ID)
		step(1, was, string(old.State), string(c.State))
		if !was {
			t.w.grants = append(t.w.grants, c.ID)
		}
	case core.Request:
		old, was := t.Request(c.ID)
		step(2, was, string(old.Status), string(c.Status))
	}
}

func (w *witness) seen(machine int) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.steps[machine]))
}

// One story that walks every arrow: what is drawn happens, and nothing else
// does. The machine of machine_test.go looks for anything else more widely.
func TestDrawings(t *testing.T) {
	w := newWitness(memstore.New())
	s := &stage{Company: enginetest.New(t, w)}
	s.ann = s.Person("Ann")
	sys := s.Kind.System("db")
	sys.AddAccount("ann")
	id, roles := s.System("db", []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}, s.ann)
	s.db = id
	say := func(g core.Grant, holds, foreign bool) {
		t.Helper()
		if _, err := s.Engine.Do(t.Context(), engineJob(core.RecordOutcome{Grant: g.ID, Cycle: g.Cycle, Foreign: foreign, Evidence: core.Evidence{At: s.now(), Holds: holds}})); err != nil {
			t.Fatal(err)
		}
	}
	give := func(r core.RoleID, d time.Duration) core.AssignmentID {
		t.Helper()
		return s.assign(s.ann, r, core.Active, d)
	}
	take := func(id core.AssignmentID) {
		t.Helper()
		s.Must(s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{id}})
	}
	grant := func(r core.RoleID) (g core.Grant) {
		s.View(func(v core.View) {
			g, _ = v.GrantFor(core.GrantKey{System: id, Role: r, Scope: "/", Account: "ann"})
		})
		return g
	}
	expect := func(r core.RoleID, want core.GrantState) {
		t.Helper()
		equal(t, "grant", grant(r).State, want)
	}

	// The plain way, and again while it is being taken away.
	one := give(roles[0], 0)
	expect(roles[0], core.GrantUnknown)
	say(grant(roles[0]), false, false)
	expect(roles[0], core.GrantGranting)
	say(grant(roles[0]), true, false)
	expect(roles[0], core.GrantPresent)
	take(one)
	expect(roles[0], core.GrantRemoving)
	one = give(roles[0], 0)
	expect(roles[0], core.GrantGranting)
	take(one) // before it was there
	expect(roles[0], core.GrantRemoving)
	say(grant(roles[0]), false, false)
	expect(roles[0], core.GrantAbsent)
	late := grant(roles[0])
	one = give(roles[0], 0)
	expect(roles[0], core.GrantGranting)
	say(grant(roles[0]), true, false)
	say(grant(roles[0]), false, false) // gone under our hands
	expect(roles[0], core.GrantRemoving)
	equal(t, "what stood on it", s.Assignment(one).State, core.Removed)
	say(grant(roles[0]), false, false)
	say(late, true, false) // an answer from before
	expect(roles[0], core.GrantRemoving)

	// Observed: absent, and there before us.
	s.assign(s.ann, roles[1], core.Eligible, 0)
	say(grant(roles[1]), false, false)
	expect(roles[1], core.GrantAbsent)
	s.assign(s.ann, roles[2], core.Eligible, 0)
	say(grant(roles[2]), true, false)
	expect(roles[2], core.GrantFound)
	say(grant(roles[2]), false, false)
	expect(roles[2], core.GrantAbsent)
	s.assign(s.ann, roles[3], core.Eligible, 0)
	say(grant(roles[3]), true, false)
	give(roles[3], 0)
	expect(roles[3], core.GrantUnknown)
	say(grant(roles[3]), true, false)
	expect(roles[3], core.GrantFound)
	say(grant(roles[3]), false, false)
	expect(roles[3], core.GrantAbsent)
	give(roles[3], 0)
	say(grant(roles[3]), true, true)
	expect(roles[3], core.GrantFound)
	four := give(roles[4], 0)
	say(grant(roles[4]), false, false)
	was := grant(roles[4])
	take(four)
	say(was, true, true)
	expect(roles[4], core.GrantFound)

	// An administrator has taken away what was there before us, and what
	// somebody was given by hand.
	for account, role := range map[string]core.RoleID{"ann": roles[4], "zoe": roles[5]} {
		s.Clock.Set(s.now().Add(time.Second))
		s.engineDoes(core.RecordDrift{System: id, Began: s.now(), Seen: []core.Sighting{{Kind: core.DriftOutside, Role: role, Scope: "/", Account: account}}})
		var row core.Drift
		s.View(func(v core.View) {
			row, _ = v.DriftFor(core.GrantKey{System: id, Role: role, Scope: "/", Account: account}, core.DriftOutside)
		})
		s.Must(s.Boss, core.RemoveOutside{Drift: row.ID, Justification: why})
	}
	expect(roles[4], core.GrantRemoving)

	// What somebody was given by hand is asked about before it is relied on.
	s.engineDoes(core.RecordDrift{System: id, Began: s.now(), Seen: []core.Sighting{{Kind: core.DriftOutside, Role: roles[1], Scope: "/", Account: "ann"}}})
	give(roles[1], 0)
	expect(roles[1], core.GrantUnknown)

	// Refused, and there already.
	nine := give(roles[8], 0)
	say(grant(roles[8]), false, false)
	g := grant(roles[8])
	s.engineDoes(core.RecordOutcome{Grant: g.ID, Cycle: g.Cycle, Foreign: true, Problem: "it has another name", Evidence: core.Evidence{At: s.now(), Holds: true}})
	expect(roles[8], core.GrantUnknown)
	take(nine)

	// The system expires by itself, and is told of a new end.
	s.Must(s.Boss, core.UpdateSystem{System: id, SystemSpec: core.SystemSpec{Name: "db", Settings: map[string]string{"native_expiry": "true"}}})
	longer := give(roles[6], time.Hour)
	say(grant(roles[6]), false, false)
	say(grant(roles[6]), true, false)
	s.Must(s.Boss, core.UpdateAssignment{Assignment: longer, End: s.now().Add(2 * time.Hour), Justification: why})
	expect(roles[6], core.GrantGranting)
	say(grant(roles[6]), true, false)
	take(longer)

	// The system let go when the end came, before that was written.
	short := give(roles[6], time.Hour)
	say(grant(roles[6]), false, false)
	say(grant(roles[6]), true, false)
	g = grant(roles[6])
	s.Clock.Set(s.now().Add(time.Hour))
	s.engineDoes(core.EndAssignment{Assignment: short, Grant: g.ID, Gone: &core.Gone{Grant: g.ID, Cycle: g.Cycle, Evidence: core.Evidence{At: s.now()}}})
	expect(roles[6], core.GrantAbsent)

	// Assignments and requests that begin later, at once, or never.
	start := s.now().Add(time.Hour)
	plan := func(r core.RoleID, k core.AssignmentKind) core.AssignmentID {
		t.Helper()
		return s.Must(s.Boss, core.Assign{Role: r, Principals: []core.PersonID{s.ann}, Kind: k, Start: start, End: start.Add(time.Hour), Justification: why}).Items[0].Assignment
	}
	basis := s.assign(s.ann, roles[5], core.Eligible, 0)
	c := activate(basis)
	c.Start = start
	sched := s.Must(s.ann, c).Items[0].Assignment
	s.Must(s.ann, core.Drop{Assignments: []core.AssignmentID{sched}})
	plan(roles[6], core.Eligible)
	plan(roles[7], core.Active)
	s.Clock.Set(start)
	if err := s.Engine.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	start = s.now().Add(time.Hour)
	never := plan(roles[8], core.Active)
	s.Clock.Set(start.Add(2 * time.Hour))
	s.Restart()
	if err := s.Engine.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "never ran", s.Assignment(never).State, core.Expired)

	// What expired is renewed: at once, or later.
	for _, in := range []time.Duration{0, time.Hour} {
		from := s.now().Add(in)
		s.Must(s.Boss, core.RenewAssignments{Assignments: []core.AssignmentID{never}, Start: from, End: s.now().Add(2 * time.Hour), Justification: why})
		s.Clock.Set(s.now().Add(2 * time.Hour))
		if err := s.Engine.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	s.approvals(roles[5], basis)

	equal(t, "assignments", w.seen(0), drawn(t, "assignment.go", "AssignmentState"))
	equal(t, "grants", w.seen(1), drawn(t, "grant.go", "GrantState"))
	equal(t, "requests", w.seen(2), drawn(t, "assignment.go", "Status"))
	s.Verify()
}

// approvals walks every arrow of a request that needs an answer; basis makes
// Ann eligible for the role.
func (s *stage) approvals(role core.RoleID, basis core.AssignmentID) {
	s.T.Helper()
	set := core.PolicySettings{RequireApproval: ptr(true)}
	s.policy(role, set)
	ask := func(start time.Time) core.RequestID {
		s.T.Helper()
		c := activate(basis)
		c.Start = start
		return s.Must(s.ann, c).Items[0].Request
	}
	say := func(id core.RequestID, yes bool) core.AssignmentID {
		s.T.Helper()
		return s.Must(s.Boss, core.DecideRequests{Requests: []core.RequestID{id}, Approve: yes, Justification: why}).Items[0].Assignment
	}
	say(ask(time.Time{}), false)
	s.Must(s.ann, core.CancelRequests{Requests: []core.RequestID{ask(time.Time{})}})
	late := ask(time.Time{})
	s.Clock.Set(s.Clock.Now().Add(25 * time.Hour))
	if err := s.Engine.RunDue(context.Background()); err != nil {
		s.T.Fatal(err)
	}
	var r core.Request
	s.View(func(v core.View) { r, _ = v.Request(late) })
	equal(s.T, "unanswered", r.Status, core.TimedOut)
	failing := ask(time.Time{})
	set.MaxDuration = ptr(core.Duration(30 * time.Minute))
	s.policy(role, set)
	say(failing, true)
	set.MaxDuration = nil
	s.policy(role, set)
	s.Must(s.ann, core.Drop{Assignments: []core.AssignmentID{say(ask(s.now().Add(time.Hour)), true)}}) // granted, and canceled before its start
	run := say(ask(time.Time{}), true)
	longer := s.Must(s.ann, core.Prolong{Assignment: run, Duration: core.Duration(2 * time.Hour), Justification: why}).Items[0].Request
	say(longer, true)
	s.Must(s.ann, core.Drop{Assignments: []core.AssignmentID{run}})
}
