package core_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/engine/enginetest"
)

const why = "for the night shift" // a justification within its limits

// stage is a company with what most tests want: Ann, who may become dba and
// ops on the system db, Bob, who may become ops, and a system web that neither
// has an account on.
type stage struct {
	*enginetest.Company
	ann, bob core.PersonID
	db, web  core.SystemID
	dba, ops core.RoleID
	wheel    core.RoleID // on web
	annDBA   core.AssignmentID
	annOps   core.AssignmentID
	bobOps   core.AssignmentID
}

func newStage(t testing.TB) *stage {
	t.Helper()
	s := &stage{Company: enginetest.New(t, nil)}
	s.ann, s.bob = s.Person("Ann"), s.Person("Bob")
	var roles []core.RoleID
	s.db, roles = s.System("db", []string{"dba", "ops"}, s.ann, s.bob)
	s.dba, s.ops = roles[0], roles[1]
	s.web, roles = s.System("web", []string{"wheel"})
	s.wheel = roles[0]
	s.annDBA, s.annOps, s.bobOps = s.Eligible(s.ann, s.dba), s.Eligible(s.ann, s.ops), s.Eligible(s.bob, s.ops)
	return s
}

// hold makes somebody active in a role of Stint, for good.
func (s *stage) hold(p core.PersonID, role string) core.AssignmentID {
	s.T.Helper()
	return s.Must(s.Boss, core.Assign{Role: core.StintRole(role), Principals: []core.PersonID{p}, Kind: core.Active, Justification: why}).Items[0].Assignment
}

func (s *stage) now() time.Time { return s.Engine.Now() }

// policy sets the settings of a role.
func (s *stage) policy(r core.RoleID, set core.PolicySettings) {
	s.T.Helper()
	s.Must(s.Boss, core.SetPolicy{Level: string(r), Settings: set})
}

// as gives a command of any kind as somebody, without a code.
func (s *stage) as(p core.PersonID, cmd core.Command) (core.Result, error) {
	return s.DoWith(p, cmd, nil)
}

// code gives a command with a right code of that step.
func (s *stage) code(p core.PersonID, cmd core.Command, step int64) (core.Result, error) {
	return s.DoWith(p, cmd, func(env *core.Env) { env.Proof = core.Proof{Step: step} })
}

// wrong gives a command with a wrong code.
func (s *stage) wrong(p core.PersonID, cmd core.Command) (core.Result, error) {
	return s.DoWith(p, cmd, func(env *core.Env) { env.Wrong = true })
}

// bare gives an internal command as an actor of the test's choice.
func (s *stage) bare(a core.Actor, cmd core.Command) (core.Result, error) {
	return s.Engine.Do(context.Background(), engine.Job{Actor: a, Command: cmd})
}

// activate is one role for an hour.
func activate(id core.AssignmentID) core.Activate {
	return core.Activate{Items: []core.ActivationItem{{Assignment: id}}, Duration: core.Duration(time.Hour), Justification: why}
}

// picture is everything a refusal must not change.
type picture struct {
	Assignments []core.AssignmentRow
	Requests    []core.RequestRow
	People      []core.PersonRow
	Roles       []core.RoleRow
	Systems     []core.SystemRow
	Settings    core.Settings
	Levels      []core.PolicySettings
	Factors     []core.Factor
	Credentials []core.Credential
	Sessions    [][]core.Session
	Favourites  [][]core.Favourite
	Accounts    [][]core.AccountRow
}

func (s *stage) picture() picture {
	s.T.Helper()
	ctx, page := context.Background(), core.Page{Limit: 500}
	var p picture
	must := func(err error) {
		s.T.Helper()
		if err != nil {
			s.T.Fatal(err)
		}
	}
	a, err := s.Store.Assignments(ctx, core.AssignmentFilter{}, page)
	must(err)
	r, err := s.Store.Requests(ctx, core.RequestFilter{}, page)
	must(err)
	people, err := s.Store.PeopleList(ctx, core.PersonFilter{}, page)
	must(err)
	roles, err := s.Store.Roles(ctx, core.RoleFilter{}, page)
	must(err)
	p.Systems, err = s.Store.SystemRows(ctx)
	must(err)
	p.Assignments, p.Requests, p.People, p.Roles = a.Items, r.Items, people.Items, roles.Items
	s.View(func(v core.View) {
		p.Settings = v.Settings()
		p.Levels = append(p.Levels, v.PolicyLevel(core.DefaultLevel))
		for _, r := range p.Roles {
			p.Levels = append(p.Levels, v.PolicyLevel(string(r.ID)))
		}
		for _, sy := range p.Systems {
			p.Levels = append(p.Levels, v.PolicyLevel(string(sy.ID)))
		}
		for _, who := range p.People {
			f, _ := v.Factor(who.ID)
			cr, _ := v.Credential(who.ID)
			p.Factors, p.Credentials = append(p.Factors, f), append(p.Credentials, cr)
			p.Sessions = append(p.Sessions, v.SessionsOf(who.ID))
			p.Favourites = append(p.Favourites, v.FavouritesOf(who.ID))
		}
	})
	for _, who := range p.People {
		acc, err := s.Store.AccountsOf(ctx, who.ID)
		must(err)
		p.Accounts = append(p.Accounts, acc)
	}
	return p
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("%s (-want +got)\n%s", what, d)
	}
}

// wantKey checks the error of a refusal.
func wantKey(t testing.TB, err error, key core.TextKey) *core.Error {
	t.Helper()
	if !enginetest.IsKey(err, key) {
		t.Fatalf("got %v, want %q", err, key)
	}
	return err.(*core.Error)
}

func ptr[T any](v T) *T { return &v }

// engineJob is a command of Stint itself.
func engineJob(c core.Command) engine.Job { return engine.Job{Actor: core.EngineActor(), Command: c} }
