package core_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/memory"
)

// A system that is told to be elsewhere would be asked there for what was
// granted here: the grant would stay for ever and be proven gone.
func TestAddressWhileGrantsAreHeld(t *testing.T) {
	s := newStage(t)
	move := func(host string) core.UpdateSystem {
		return core.UpdateSystem{System: s.db, SystemSpec: core.SystemSpec{Name: "db", Settings: map[string]string{"host": host}, Secret: core.NewSecret("new")}}
	}
	s.Must(s.Boss, move("a.example")) // nothing is granted yet
	run := s.Activate(s.ann, s.annDBA, time.Hour)
	s.Refused("system.address_held", s.Boss, move("b.example"))
	renamed := move("a.example")
	renamed.Name = "database"
	renamed.Settings["user"] = "another"
	s.Must(s.Boss, renamed) // the same server
	s.Kind.System("database").AddRole(core.FoundRole{External: "dba"})

	s.Must(s.Boss, core.Drop{Assignments: []core.AssignmentID{run}})
	s.Refused("system.address_held", s.Boss, move("b.example")) // it is not proven gone
	s.Kind.System("database").Fail(memory.Unreachable, -1)
	s.Pass(2 * time.Minute)
	head := s.Head().Seq
	s.Must(s.Boss, move("b.example")) // the server moved; there is no other way to it
	if e := s.Entries(head)[0]; !strings.Contains(e.Detail, "1 grant was made at the former address") {
		t.Errorf("the entry does not say what was left: %q", e.Detail)
	}
}

// A kind of system without parts takes no scope but the whole: each narrower
// one would make a grant that no connector can ever serve.
func TestScopeOfWholeSystems(t *testing.T) {
	s := newStage(t)
	for _, kind := range []core.Kind{core.KindPostgres, core.KindLinux} {
		res := s.Must(s.Boss, core.AddSystem{SystemSpec: core.SystemSpec{Name: string(kind), Kind: kind}, Roles: []core.NewRole{{External: "r"}}})
		s.Must(s.Boss, core.SetAccount{Person: s.ann, System: res.System, External: "ann"})
		c := core.Assign{Role: res.Roles[0], Principals: []core.PersonID{s.ann}, Kind: core.Eligible, Scope: "/part", Justification: why}
		s.Refused("scope.none", s.Boss, c)
		c.Scope = "/"
		id := s.Must(s.Boss, c).Items[0].Assignment
		s.Refused("scope.none", s.ann, core.Activate{Items: []core.ActivationItem{{Assignment: id, Scope: "/part"}}, Duration: core.Duration(time.Hour), Justification: why})
	}
}

// Who looks after people gives somebody an account, but doesn't turn what is
// assigned to one account over to another.
func TestAccountIsNotTurnedOver(t *testing.T) {
	s := newStage(t)
	ua, pra := s.Person("Uma"), s.Person("Pia")
	s.hold(ua, core.UserAdministrator)
	s.hold(pra, core.PrivilegedRoleAdministrator)
	s.Refused("rights.missing", ua, core.SetAccount{Person: s.ann, System: s.db, External: "uma"})
	s.Must(ua, core.SetAccount{Person: s.ann, System: s.web, External: "ann"})  // the first one there
	s.Must(ua, core.SetAccount{Person: s.ann, System: s.web, External: "ann2"}) // nothing is assigned there
	s.Must(pra, core.SetAccount{Person: s.ann, System: s.db, External: "ann2"})
}

// beyond is a sign-in while somebody guesses at the login.
func (s *stage) beyond(p core.PersonID, right bool, code core.Proof) error {
	c := core.OpenSession{Person: p, Right: right, CodeTold: true, CodeOK: code.Given(), Beyond: true, Session: core.Session{ID: "s", From: "192.0.2.7"}}
	_, err := s.DoWith("", c, func(env *core.Env) { env.Proof = code })
	return err
}

// While somebody guesses at a login, a right password or a right code alone is
// told by nothing: neither by the answer nor by whether there is a commit.
func TestGuessingTellsNothing(t *testing.T) {
	s := newStage(t)
	newcomer := s.Must(s.Boss, core.AddPerson{FullName: "New", Login: "new", Hash: "hash"}).Person
	off := s.Person("Off")
	s.Must(s.Boss, core.DisablePerson{Person: off})
	right := func(n int64) core.Proof { return core.Proof{Step: 1<<41 + n} }
	want := s.beyond("", false, core.Proof{})
	wantKey(t, want, "signin.wrong")
	for name, try := range map[string]func() error{
		"all wrong":               func() error { return s.beyond(s.ann, false, core.Proof{}) },
		"right password":          func() error { return s.beyond(s.ann, true, core.Proof{}) },
		"right code":              func() error { return s.beyond(s.ann, false, right(1)) },
		"used code":               func() error { return s.beyond(s.ann, true, core.Proof{Step: 1}) },
		"no factor":               func() error { return s.beyond(newcomer, true, core.Proof{}) },
		"disabled":                func() error { return s.beyond(off, true, right(2)) },
		"disabled, wrong code":    func() error { return s.beyond(off, true, core.Proof{}) },
		"disabled, all is wrong":  func() error { return s.beyond(off, false, core.Proof{}) },
		"nobody, with right code": func() error { return s.beyond("pe_nobody", false, right(3)) },
	} {
		head := s.Head().Seq
		equal(t, name, wantKey(t, try(), "signin.wrong"), wantKey(t, want, "signin.wrong"))
		if n := len(s.Entries(head)); n != 1 {
			t.Errorf("%s: %d entries, want 1 for each", name, n)
		}
	}
	if err := s.beyond(s.ann, true, right(9)); err != nil {
		t.Fatal("with both right:", err)
	}
}

// A code read over a shoulder buys one guess at the password, and no more.
func TestCodeBuysOneGuess(t *testing.T) {
	s := newStage(t)
	code := core.Proof{Step: 1 << 41}
	wantKey(t, s.beyond(s.ann, false, code), "signin.wrong")
	equal(t, "last step", s.factor(s.ann).LastStep, code.Step)
	wantKey(t, s.beyond(s.ann, true, code), "signin.wrong")
	wantKey(t, s.beyond(s.ann, false, core.Proof{Recovery: "r1"}), "signin.wrong")
	equal(t, "recovery codes left", s.factor(s.ann).Recovery, []string{"r2"})
}

// Only who knows the password can lock the second factor (rules.md section 3).
func TestStrangersLockNothing(t *testing.T) {
	s := newStage(t)
	for range 10 * core.MaxWrongCodes {
		wantKey(t, s.signIn(s.ann, false, &core.Proof{}), "signin.wrong")
		wantKey(t, s.beyond(s.ann, false, core.Proof{}), "signin.wrong")
	}
	equal(t, "wrong codes counted", s.factor(s.ann).Failed, 0)
	if err := s.signIn(s.ann, true, &core.Proof{Step: 1 << 41}); err != nil {
		t.Fatal(err)
	}
	for range core.MaxWrongCodes {
		wantKey(t, s.beyond(s.ann, true, core.Proof{}), "signin.wrong")
	}
	wantKey(t, s.beyond(s.ann, true, core.Proof{Step: 1 << 42}), "signin.wrong")
	wantKey(t, s.signIn(s.ann, true, &core.Proof{Step: 1 << 42}), "factor.locked")
}

// A first password that lies about is not good for ever.
func TestFirstPasswordAges(t *testing.T) {
	s := newStage(t)
	s.Must(s.Boss, core.ResetPassword{Person: s.ann, Hash: "first"})
	s.Pass(core.FirstPasswordLife)
	if err := s.signIn(s.ann, true, &core.Proof{Step: 1 << 41}); err != nil {
		t.Fatal(err)
	}
	s.Pass(time.Second)
	wantKey(t, s.signIn(s.ann, true, &core.Proof{Step: 1 << 42}), "signin.first_old")
	wantKey(t, s.signIn(s.ann, false, nil), "signin.wrong")
	if _, err := s.as(s.ann, core.ChangePassword{Right: true, Hash: "her own"}); err != nil {
		t.Fatal(err)
	}
	s.Pass(2 * core.FirstPasswordLife)
	if err := s.signIn(s.ann, true, &core.Proof{Step: 1 << 42}); err != nil {
		t.Fatal(err)
	}
}

// Names that systems use are carried verbatim, but an entry stays one line.
func TestEntriesAreOneLine(t *testing.T) {
	s := newStage(t)
	head := s.Head().Seq
	const name = "ann\n2026-11-23 12:00 Boss approved\x1b[2J\u202e"
	s.Must(s.Boss, core.SetAccount{Person: s.ann, System: s.web, External: name})
	s.View(func(v core.View) {
		a, _ := v.Account(s.ann, s.web)
		equal(t, "account", a.External, name)
	})
	if d := s.Entries(head)[0].Detail; strings.ContainsAny(d, "\n\x1b\u202e") {
		t.Errorf("the entry holds what can't be seen: %q", d)
	}
	s.Verify()
}

// What kind of system it is, is text like any other.
func TestKindIsBounded(t *testing.T) {
	s := newStage(t)
	for kind, key := range map[string]core.TextKey{strings.Repeat("x", core.MaxSettingName+1): "field.long", "a\nb": "field.control"} {
		s.Refused(key, s.Boss, core.AddSystem{SystemSpec: core.SystemSpec{Name: "new", Kind: core.Kind(kind)}})
	}
}
