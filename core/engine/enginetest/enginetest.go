// Package enginetest is a small company for tests: an engine on the reference
// store with a clock that is moved by hand, a reconciler, and systems in
// memory. People in it have a second factor and always type a fresh code,
// unless a test says otherwise. It is for tests only.
package enginetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/reconcile"
	memstore "github.com/stint-pim/stint/storage/memory"
)

// Start is when every test company is founded: a Monday, noon.
var Start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Clock is moved by hand.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	elapsed time.Duration
}

// Now returns the hand's position.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the hand: forward, that time passes; back, it is only turned back.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.elapsed += max(0, t.Sub(c.now))
	c.now = t
}

// Step turns the hand, forward or back, without any time passing: somebody set
// the clock, or (forward) the machine slept.
func (c *Clock) Step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Elapsed is what passed, however the hand was turned.
func (c *Clock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// Company is what a test plays with.
type Company struct {
	T      testing.TB
	Clock  *Clock
	Store  core.Store
	Engine *engine.Engine
	Rec    *reconcile.Reconciler
	Kind   *memory.Kind
	Boss   core.PersonID // Global Administrator and Privileged Role Administrator

	step int64
}

// New founds a company on store; nil means the reference store.
func New(t testing.TB, store core.Store) *Company {
	t.Helper()
	if store == nil {
		store = memstore.New()
	}
	c := &Company{T: t, Clock: &Clock{now: Start}, Store: store, Kind: memory.NewKind(nil)}
	c.Restart()
	res, err := c.Engine.Do(context.Background(), engine.Job{Actor: core.Actor{Strength: core.StrengthNone, From: "window"}, Command: core.SetUp{
		FullName: "Bo Boss", Login: "boss", Mail: "boss@example.org", Language: "en", Hash: "hash", Organisation: "Test", Session: core.Session{ID: "boss-session"},
	}})
	c.ok(err)
	c.Boss = res.Person
	c.Factor(c.Boss)
	c.ok(c.Store.Update(context.Background(), func(tx core.Tx) error {
		set := tx.Settings()
		set.Mail.Host, set.Mail.From = "mail.example.org", "stint@example.org" // else no delivery is made
		return tx.Apply(core.Event{Changes: []core.Change{set}})
	}))
	return c
}

// Restart throws the engine and the reconciler away, as a crash does, and
// makes new ones on the same store.
func (c *Company) Restart() {
	c.T.Helper()
	if c.Rec != nil {
		c.Rec.Close()
	}
	eng, err := engine.New(context.Background(), engine.Config{Store: c.Store, Clock: c.Clock, Zone: time.UTC, Seal: func(_ string, s core.Secret) ([]byte, error) { return []byte("sealed"), nil }})
	c.ok(err)
	c.Engine = eng
	c.Rec = reconcile.New(reconcile.Config{Engine: eng, Kinds: connector.Registry{core.KindSample: c.Kind}, Unseal: func(core.System) (core.Secret, error) { return core.Secret{}, nil }})
}

func (c *Company) ok(err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatal(err)
	}
}

// Do gives a command as p, with a fresh code.
func (c *Company) Do(p core.PersonID, cmd core.Command) (core.Result, error) {
	return c.DoWith(p, cmd, func(env *core.Env) {
		c.step = max(c.step+1, env.Now.Unix()/30)
		env.Proof = core.Proof{Step: c.step}
	})
}

// DoWith gives a command as p; prove fills the env as the gate would from a code.
func (c *Company) DoWith(p core.PersonID, cmd core.Command, prove func(*core.Env)) (core.Result, error) {
	return c.Engine.Do(context.Background(), engine.Job{
		Actor: core.Actor{Person: p, Strength: core.StrengthFactor, From: "window"}, Command: cmd,
		Prepare: func(_ core.View, cmd core.Command, env *core.Env) core.Command {
			if prove != nil {
				prove(env)
			}
			return cmd
		},
	})
}

// Must is Do that may not fail, for any of the command's lines.
func (c *Company) Must(p core.PersonID, cmd core.Command) core.Result {
	c.T.Helper()
	res, err := c.Do(p, cmd)
	c.ok(err)
	for _, it := range res.Items {
		if it.Err != nil {
			c.T.Fatal(it.Err)
		}
	}
	return res
}

// Refused gives a command that must be refused with the given key.
func (c *Company) Refused(key core.TextKey, p core.PersonID, cmd core.Command) {
	c.T.Helper()
	before := c.Head()
	res, err := c.Do(p, cmd)
	if !IsKey(err, key) {
		c.T.Fatalf("%s: got %v (%v), want refusal %q", cmd.Verb(), err, res.Items, key)
	}
	entries := c.Entries(before.Seq)
	if last := entries[len(entries)-1]; last.Action != core.CommandRefused {
		c.T.Fatalf("%s: the refusal left no entry, the last is %s", cmd.Verb(), last.Action)
	}
}

// IsKey reports whether err is a *core.Error with that key.
func IsKey(err error, key core.TextKey) bool {
	e, ok := err.(*core.Error)
	return ok && e != nil && e.Key == key
}

// Factor confirms a second factor of p, and a password of his own.
func (c *Company) Factor(p core.PersonID) {
	c.T.Helper()
	a := core.Actor{Person: p, Strength: core.StrengthPassword, From: "window"}
	for _, cmd := range []core.Command{core.ChangePassword{Right: true, Hash: "hash"}, core.BeginFactor{Sealed: []byte("s")}, core.ConfirmFactor{Step: 1, Recovery: []string{"r1", "r2"}}} {
		_, err := c.Engine.Do(context.Background(), engine.Job{Actor: a, Command: cmd})
		c.ok(err)
	}
}

// Person adds somebody with a second factor.
func (c *Company) Person(name string) core.PersonID {
	c.T.Helper()
	p := c.Must(c.Boss, core.AddPerson{FullName: name, Login: strings.ToLower(name), Mail: strings.ToLower(name) + "@example.org", Hash: "hash"}).Person
	c.Factor(p)
	return p
}

// System adds a system with roles, and an account on it for each person,
// called like his login.
func (c *Company) System(name string, roles []string, people ...core.PersonID) (core.SystemID, []core.RoleID) {
	c.T.Helper()
	sys := c.Kind.System(name)
	var plan []core.NewRole
	for _, r := range roles {
		sys.AddRole(core.FoundRole{External: r})
		plan = append(plan, core.NewRole{External: r, Name: r})
	}
	res := c.Must(c.Boss, core.AddSystem{SystemSpec: core.SystemSpec{Name: name, Kind: core.KindSample}, Roles: plan})
	for _, p := range people {
		login := c.PersonOf(p).Login
		sys.AddAccount(login)
		c.Must(c.Boss, core.SetAccount{Person: p, System: res.System, External: login})
	}
	return res.System, res.Roles
}

// Eligible makes p eligible for a role, permanently.
func (c *Company) Eligible(p core.PersonID, r core.RoleID) core.AssignmentID {
	c.T.Helper()
	id := c.Must(c.Boss, core.Assign{Role: r, Principals: []core.PersonID{p}, Kind: core.Eligible, Justification: "needs it"}).Items[0].Assignment
	c.Settle()
	return id
}

// Activate activates an eligible assignment of p for a while.
func (c *Company) Activate(p core.PersonID, basis core.AssignmentID, d time.Duration) core.AssignmentID {
	c.T.Helper()
	res := c.Must(p, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(d), Justification: "to do my work"})
	c.Settle()
	return res.Items[0].Assignment
}

// Settle lets due dates and systems catch up.
func (c *Company) Settle() {
	c.T.Helper()
	c.ok(c.Engine.RunDue(context.Background()))
	c.ok(c.Rec.Once(context.Background()))
}

// Pass lets time go by, then Settle.
func (c *Company) Pass(d time.Duration) {
	c.T.Helper()
	c.Clock.Set(c.Clock.Now().Add(d))
	c.Settle()
}

// View reads the state.
func (c *Company) View(f func(core.View)) {
	c.T.Helper()
	c.ok(c.Store.Read(context.Background(), func(v core.View) error { f(v); return v.Err() }))
}

// PersonOf returns a person.
func (c *Company) PersonOf(id core.PersonID) (p core.Person) {
	c.T.Helper()
	c.View(func(v core.View) { p, _ = v.Person(id) })
	return p
}

// Assignment returns an assignment.
func (c *Company) Assignment(id core.AssignmentID) (a core.Assignment) {
	c.T.Helper()
	c.View(func(v core.View) { a, _ = v.Assignment(id) })
	return a
}

// Grant returns the grant of an assignment.
func (c *Company) Grant(id core.AssignmentID) (g core.Grant) {
	c.T.Helper()
	c.View(func(v core.View) {
		a, _ := v.Assignment(id)
		g, _ = v.Grant(a.Grant)
	})
	return g
}

// Status returns the status of the request that made an assignment.
func (c *Company) Status(id core.AssignmentID) core.Status {
	c.T.Helper()
	var st core.Status
	c.View(func(v core.View) {
		a, _ := v.Assignment(id)
		r, _ := v.Request(a.Request)
		st = r.Status
	})
	return st
}

// Head returns the last link of the log.
func (c *Company) Head() core.Head {
	c.T.Helper()
	var h core.Head
	c.ok(c.Store.EachEntry(context.Background(), core.EntryFilter{}, func(e *core.Entry) error {
		h = core.Head{Seq: e.Seq, Hash: e.Hash, Time: e.Time}
		return nil
	}))
	return h
}

// Entries returns the entries behind a number, oldest first.
func (c *Company) Entries(after int64) (out []core.Entry) {
	c.T.Helper()
	c.ok(c.Store.EachEntry(context.Background(), core.EntryFilter{AfterSeq: after}, func(e *core.Entry) error {
		out = append(out, *e)
		return nil
	}))
	return out
}

// Actions lists the actions behind a number, for comparing with a story.
func (c *Company) Actions(after int64) string {
	c.T.Helper()
	var parts []string
	for _, e := range c.Entries(after) {
		parts = append(parts, fmt.Sprint(e.Action))
	}
	return strings.Join(parts, " ")
}

// Verify checks the chain.
func (c *Company) Verify() {
	c.T.Helper()
	var ver core.Verifier
	for _, e := range c.Entries(0) {
		if b := ver.Check(&e); b != nil {
			c.T.Fatalf("entry %d: %s", b.Seq, b.Reason)
		}
	}
}
