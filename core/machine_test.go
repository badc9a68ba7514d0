package core_test

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine/enginetest"
	memstore "github.com/stint-pim/stint/storage/memory"
)

// A company lives through random commands, times, restarts and failures of its
// systems, and after each step everything that must always hold does. Rapid
// prints how to repeat a failure; for a longer run:
//
//	go test ./core -run TestMachine -rapid.checks=2000 -rapid.steps=100
func TestMachine(t *testing.T) {
	for i := range 5 { // rapid's default is a hundred lives
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				m := newMachine(bridge{t, r})
				r.Repeat(m.actions())
				m.healthy()
				m.complete(r)
			})
		})
	}
}

// bridge lets the company fail a step, so that rapid can make it smaller.
type bridge struct {
	testing.TB
	r *rapid.T
}

func (b bridge) Helper()                    {}
func (b bridge) Fatal(args ...any)          { b.r.Fatal(args...) }
func (b bridge) Fatalf(f string, a ...any)  { b.r.Fatalf(f, a...) }
func (b bridge) Errorf(f string, a ...any)  { b.r.Errorf(f, a...) }
func (b bridge) Logf(f string, args ...any) { b.r.Logf(f, args...) }

type machine struct {
	*stage
	w       *witness
	people  []core.PersonID
	names   []string // of the systems in memory
	there   map[string]bool
	roles   []core.RoleID
	systems []core.SystemID
	handles int // accounts renamed
	groups  []core.GroupID

	last time.Time     // of the engine
	ver  core.Verifier // up to what was checked
	arrs [3][]string

	mails int                         // deliveries that were looked at
	told  map[core.PersonID]time.Time // up to when digests told somebody
}

func newMachine(b bridge) *machine {
	w := newWitness(memstore.New())
	m := &machine{stage: &stage{Company: enginetest.New(b, w)}, w: w, there: map[string]bool{}, told: map[core.PersonID]time.Time{}}
	m.people = []core.PersonID{m.Boss, m.Person("Ann"), m.Person("Bob"), m.Person("Cleo")}
	db := m.Kind.System("db")
	db.AddRole(core.FoundRole{External: "dba", Holders: []string{"ann"}}) // since before Stint
	m.there["db/dba/ann"] = true
	id, roles := m.System("db", []string{"dba", "ops"}, m.people...)
	m.systems, m.roles, m.names = append(m.systems, id), append(m.roles, roles...), append(m.names, "db")
	id, roles = m.System("web", []string{"wheel"}, m.people[1:]...)
	m.systems, m.roles, m.names = append(m.systems, id), append(m.roles, roles...), append(m.names, "web")
	m.protect(m.roles[0])
	m.roles = append(m.roles, core.StintRole(core.GlobalAdministrator), core.StintRole(core.PrivilegedRoleAdministrator), core.StintRole(core.UserAdministrator))
	for i, p := range m.people[1:] {
		m.assign(p, m.roles[i], core.Eligible, 0)
		m.assign(p, m.roles[(i+1)%3], core.Eligible, time.Duration(i+1)*48*time.Hour)
	}
	m.assign(m.people[1], core.StintRole(core.GlobalAdministrator), core.Eligible, 0)
	m.Settle()
	m.arrs = [3][]string{drawn(b, "assignment.go", "AssignmentState"), drawn(b, "grant.go", "GrantState"), drawn(b, "assignment.go", "Status")}
	return m
}

// person and the other choices are drawn by number: identifiers differ from run
// to run, and rapid must be able to repeat one.
func (m *machine) person(r *rapid.T) core.PersonID {
	return m.people[rapid.IntRange(0, len(m.people)-1).Draw(r, "person")]
}

// actor is mostly the boss, who may do most.
func (m *machine) actor(r *rapid.T) core.PersonID {
	if rapid.IntRange(0, 2).Draw(r, "other actor") > 0 {
		return m.Boss
	}
	return m.person(r)
}

// group is one of those that were made, removed ones too.
func (m *machine) group(r *rapid.T) core.GroupID {
	if len(m.groups) == 0 {
		return "gp_none"
	}
	return m.groups[rapid.IntRange(0, len(m.groups)-1).Draw(r, "group")]
}

func (m *machine) role(r *rapid.T) core.RoleID {
	return m.roles[rapid.IntRange(0, len(m.roles)-1).Draw(r, "role")]
}

// some returns one of the assignments that fit, in the order they were made.
func (m *machine) some(r *rapid.T, label string, fits func(core.Assignment) bool) core.AssignmentID {
	var list []core.AssignmentID
	m.View(func(v core.View) {
		for _, id := range m.w.all {
			if a, _ := v.Assignment(id); fits(a) {
				list = append(list, id)
			}
		}
	})
	if len(list) == 0 {
		return "as_none"
	}
	return list[rapid.IntRange(0, len(list)-1).Draw(r, label)]
}

func live(a core.Assignment) bool { return a.State.Live() }

func ended(a core.Assignment) bool { return !a.State.Live() }

// holder is whose an assignment is; anybody if there is none.
func (m *machine) holder(r *rapid.T, id core.AssignmentID) core.PersonID {
	if p := m.Assignment(id).Principal; p != "" {
		return p
	}
	return m.person(r)
}

func (m *machine) most(role core.RoleID) (d time.Duration) {
	m.View(func(v core.View) {
		def, system, own := v.PolicyLevels(role)
		p, _ := core.ResolvePolicy(def, system, own)
		d = p.MaxDuration.Std()
	})
	return d
}

func (m *machine) due() {
	if err := m.Engine.RunDue(m.T.Context()); err != nil {
		m.T.Fatal(err)
	}
	m.nothingDue()
	now := m.now()
	m.each(func(_ core.View, a core.Assignment) {
		if a.State.Live() && !a.End.IsZero() && !now.Before(a.End) {
			m.T.Fatalf("%s is %s after its end, %v", a.ID, a.State, a.End)
		}
		if a.State == core.Scheduled && !now.Before(a.Start) {
			m.T.Fatalf("%s did not start", a.ID)
		}
		if !a.Remind.IsZero() && !now.Before(a.Remind) {
			m.T.Fatalf("nobody was reminded of the end of %s", a.ID)
		}
	})
}

func (m *machine) once() {
	if err := m.Rec.Once(m.T.Context()); err != nil {
		m.T.Fatal(err)
	}
}

func (m *machine) heal() {
	for _, n := range m.names {
		m.Kind.System(n).Heal()
	}
}

// healthy lets everything catch up: pauses after failures are at most five minutes.
func (m *machine) healthy() {
	m.heal()
	for range 3 {
		m.Clock.Set(m.Clock.Now().Add(6 * time.Minute))
		m.due()
		m.once()
	}
}
