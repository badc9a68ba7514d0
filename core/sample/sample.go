// Package sample makes data to look around in: a company of forty people, six
// systems and a year of history. Nothing is painted: the real engine, the real
// rules and the real reconciler run through the year on a clock that is moved
// by hand, against systems in memory.
//
// It never touches a store that anybody works with; its caller gives it a new one.
package sample

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/reconcile"
	"github.com/stint-pim/stint/core/seal"
)

// Year is how much history is made.
const Year = 365 * 24 * time.Hour

// Options of Make.
type Options struct {
	Store  core.Store // new and empty
	Box    *seal.Box
	Now    time.Time // when the history ends
	Seed   uint64    // the same seed makes the same company
	Tell   core.Progress
	Log    *slog.Logger
	People int // 0: 40; at most 40
	// Days is how much history to make; 0: a year.
	Days int
}

// Made is what Make leaves to its caller.
type Made struct {
	Person core.PersonID // through whose eyes one looks around: a Global Administrator
	Login  string
	Token  core.Secret // of an open session
	Secret core.Secret // of the second factor, base32, to show the code beside the sample
}

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) to(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.now) {
		c.now = t
	}
}

// maker is the company in the making.
type maker struct {
	Options
	Kind  *memory.Kind // where the systems live
	clock *clock
	eng   *engine.Engine
	rec   *reconcile.Reconciler
	rnd   *rand.Rand
	admin *employee
	staff []*employee
	roles map[string]core.RoleID // "role@system"
	lease map[core.AssignmentID]time.Time
	err   error // the first failure; later steps do nothing
}

type employee struct {
	id       core.PersonID
	name     string
	login    string
	team     string
	session  core.SessionID
	token    core.Secret
	signedIn time.Time
	step     int64 // of the last code used
	secret   core.Secret
	gone     bool
}

// Make fills the store. It can be cancelled through ctx; the store is then of no use.
func Make(ctx context.Context, o Options) (Made, error) {
	if o.People == 0 {
		o.People = len(names())
	}
	if o.Days == 0 {
		o.Days = 365
	}
	o.Now = o.Now.UTC().Truncate(time.Minute)
	c := &clock{now: o.Now.Add(-time.Duration(o.Days) * 24 * time.Hour)}
	eng, err := engine.New(ctx, engine.Config{Store: o.Store, Clock: c, Seal: o.Box.SealSecret, Log: o.Log})
	if err != nil {
		return Made{}, err
	}
	kind := memory.NewKind(c.Now)
	rec := reconcile.New(reconcile.Config{Engine: eng, Kinds: connector.Registry{core.KindSample: kind},
		Unseal: func(core.System) (core.Secret, error) { return core.Secret{}, nil }, Log: o.Log})
	defer rec.Close()
	m := &maker{Options: o, Kind: kind, clock: c, eng: eng, rec: rec, rnd: rand.New(rand.NewPCG(o.Seed, 7)), roles: map[string]core.RoleID{}, lease: map[core.AssignmentID]time.Time{}}
	m.found(ctx)
	m.build(ctx)
	m.hire(ctx)
	m.live(ctx)
	m.today(ctx)
	if m.err != nil {
		return Made{}, m.err
	}
	return Made{Person: m.admin.id, Login: m.admin.login, Token: m.admin.token, Secret: m.admin.secret}, nil
}

// do commits a command of somebody, with a fresh code, and lets the systems follow.
func (m *maker) do(ctx context.Context, who *employee, c core.Command) core.Result {
	return m.commit(ctx, who, core.Actor{Person: who.id, Session: who.session, Strength: core.StrengthFactor, From: "window"}, c)
}

func (m *maker) commit(ctx context.Context, who *employee, a core.Actor, c core.Command) core.Result {
	if m.err != nil {
		return core.Result{}
	}
	res, err := m.eng.Do(ctx, engine.Job{Actor: a, Command: c, Prepare: who.prove(m.clock.Now())})
	switch core.CodeOf(err) {
	case core.Internal, core.Unavailable, core.Canceled:
		m.err = err
	}
	m.settle(ctx)
	return res
}

// prove gives a code of a step that was not used yet.
func (e *employee) prove(now time.Time) func(core.View, core.Command, *core.Env) core.Command {
	return func(_ core.View, c core.Command, env *core.Env) core.Command {
		step := max(now.Unix()/30, e.step+1)
		e.step = step
		env.Proof = core.Proof{Step: step}
		if o, ok := c.(core.OpenSession); ok {
			o.CodeTold, o.CodeOK = true, true
			return o
		}
		if f, ok := c.(core.ConfirmFactor); ok {
			f.Step = step
			return f
		}
		return c
	}
}

// settle lets due dates and systems catch up with the clock.
func (m *maker) settle(ctx context.Context) {
	if m.err == nil {
		m.err = cmp.Or(m.eng.RunDue(ctx), m.rec.Once(ctx))
	}
}

// pass moves the clock to t, stopping at each due date on the way, so that
// expiries happen when they would have.
func (m *maker) pass(ctx context.Context, t time.Time) {
	for m.err == nil {
		next, _, err := m.Store.NextDue(ctx)
		if err != nil {
			m.err = err
			return
		}
		if next.IsZero() || next.After(t) {
			break
		}
		m.clock.to(next)
		m.settle(ctx)
	}
	m.clock.to(t)
}

// signIn opens a session as the gate would after comparing a password.
func (m *maker) signIn(ctx context.Context, who *employee) {
	if now := m.clock.Now(); who.session != "" && now.Sub(who.signedIn) < 6*time.Hour {
		return
	}
	who.token = auth.NewToken()
	id, _ := auth.SessionOf(who.token)
	from := pick(m.rnd, places())
	m.commit(ctx, who, core.Actor{Strength: core.StrengthNone, From: from},
		core.OpenSession{Login: who.login, Person: who.id, Right: true, Session: core.Session{ID: id, From: from}})
	who.session, who.signedIn = id, m.clock.Now()
	m.clock.to(m.clock.Now().Add(time.Duration(40+m.rnd.IntN(50)) * time.Second))
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// byTeam returns who works in one of the teams and is still there.
func (m *maker) byTeam(teams ...string) []*employee {
	var out []*employee
	for _, e := range m.staff {
		if slices.Contains(teams, e.team) && !e.gone {
			out = append(out, e)
		}
	}
	return out
}
