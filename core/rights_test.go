package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// The roles of Stint that somebody may hold while he tries a command.
var ranks = []string{"nobody", core.UserAdministrator, core.SecurityAdministrator, core.SecurityReader, core.PrivilegedRoleAdministrator, core.GlobalAdministrator}

// deed is a command with those who may give it. who is the one who tries.
type deed struct {
	cmd core.Command
	may []string // nil: everyone
}

// deeds are all public commands, about Ann, who holds no role of Stint.
func deeds(s *stage, who core.PersonID, own core.AssignmentID) []deed {
	const pra, ua, ga = core.PrivilegedRoleAdministrator, core.UserAdministrator, core.GlobalAdministrator
	access, people := []string{pra, ga}, []string{ua, ga}
	ann := s.PersonOf(s.ann)
	run := s.Activate(s.ann, s.annDBA, time.Hour)
	ending, lapsed, ownEnding, ownLapsed := s.ending(s.ann), s.lapsed(s.ann), s.ending(who), s.lapsed(who)
	group := s.Must(s.Boss, core.AddGroup{GroupName: "crew", Members: []core.PersonID{s.ann}}).Group
	fav := core.Favourite{Name: "mine", Items: []core.ActivationItem{{Assignment: own}}}
	return []deed{
		{core.Assign{Role: s.dba, Principals: []core.PersonID{s.bob}, Kind: core.Eligible, Justification: why}, access},
		{core.UpdateAssignment{Assignment: s.annOps, End: s.now().Add(time.Hour), Justification: why}, access},
		{core.RemoveAssignments{Assignments: []core.AssignmentID{s.annOps}}, access},
		{core.ExtendAssignments{Assignments: []core.AssignmentID{ending}, End: s.now().Add(30 * day), Justification: why}, access},
		{core.RenewAssignments{Assignments: []core.AssignmentID{lapsed}, End: s.now().Add(30 * day), Justification: why}, access},
		{core.RequestExtension{Assignment: ownEnding, End: s.now().Add(30 * day), Justification: why}, nil},
		{core.RequestRenewal{Assignment: ownLapsed, End: s.now().Add(30 * day), Justification: why}, nil},
		{activate(own), nil},
		{core.Drop{Assignments: []core.AssignmentID{run}}, access},
		{core.SaveFavourite{Favourite: fav}, nil},
		{core.SetDeputy{}, nil},
		{core.AddSystem{SystemSpec: core.SystemSpec{Name: "new", Kind: core.KindSample}}, access},
		{core.UpdateSystem{System: s.web, SystemSpec: core.SystemSpec{Name: "web"}}, access},
		{core.RemoveSystem{System: s.web}, access},
		{core.AddRoles{System: s.web, Roles: []core.NewRole{{External: "adm"}}}, access},
		{core.UpdateRole{Role: s.dba, Name: "DBA"}, access},
		{core.RemoveOutside{Drift: s.outside(), Justification: why}, access},
		{core.AcceptDrift{Drift: s.outside(), Justification: why}, []string{core.SecurityAdministrator, pra, ga}},
		{core.SetPolicy{Level: core.DefaultLevel}, access},
		{core.SetPolicies{Levels: []core.LevelChange{{Level: core.DefaultLevel, Settings: core.PolicySettings{RequireTicket: ptr(true)}}}}, access},
		{core.ChangeSettings{Settings: core.DefaultSettings()}, []string{ga}},
		{core.AddPerson{FullName: "Cleo", Login: "cleo", Hash: "h"}, people},
		{core.UpdatePerson{Person: ann.ID, FullName: "Anna", Login: ann.Login, Mail: ann.Mail}, people},
		{core.DisablePerson{Person: s.ann}, people},
		{core.EnablePerson{Person: s.disabled()}, people},
		{core.SetAccount{Person: s.ann, System: s.web, External: "ann"}, []string{ua, pra, ga}},
		{core.AddGroup{GroupName: "new"}, []string{ua, pra, ga}},
		{core.UpdateGroup{Group: group, GroupName: "old"}, []string{ua, pra, ga}},
		{core.AddMembers{Group: group, People: []core.PersonID{s.bob}}, []string{ua, pra, ga}},
		{core.RemoveMembers{Group: group, People: []core.PersonID{s.ann}}, []string{ua, pra, ga}},
		{core.RemoveGroup{Group: group}, []string{ua, pra, ga}},
		{core.ResetPassword{Person: s.ann, Hash: "h"}, people},
		{core.ResetFactor{Person: s.ann}, people},
		{core.EndSessions{Person: s.ann}, people},
		{core.EndSessions{Person: who}, nil},
		{core.AcceptClock{Justification: "the clock is right now"}, []string{ga}},
		{core.UpdatePerson{Person: who, FullName: s.PersonOf(who).Name, Login: s.PersonOf(who).Login, Mail: s.PersonOf(who).Mail, Language: "de"}, nil},
	}
}

// ending is an assignment that ends soon.
func (s *stage) ending(p core.PersonID) core.AssignmentID { return s.short(p, "/ending", time.Hour) }

// lapsed is an assignment that has expired.
func (s *stage) lapsed(p core.PersonID) core.AssignmentID {
	s.T.Helper()
	id := s.short(p, "/lapsed", core.MinActivation)
	s.Pass(core.MinActivation)
	return id
}

func (s *stage) short(p core.PersonID, scope string, d time.Duration) core.AssignmentID {
	s.T.Helper()
	return s.Must(s.Boss, core.Assign{Role: s.dba, Principals: []core.PersonID{p}, Scope: scope, Kind: core.Eligible, End: s.now().Add(d), Justification: why}).Items[0].Assignment
}

// outside is a row of what somebody was given on the system by hand.
func (s *stage) outside() core.DriftID {
	s.T.Helper()
	key := core.GrantKey{System: s.db, Role: s.dba, Scope: "/", Account: "zoe"}
	s.engineDoes(core.RecordDrift{System: s.db, Began: s.now(), Seen: []core.Sighting{{Kind: core.DriftOutside, Role: key.Role, Scope: key.Scope, Account: key.Account}}})
	var r core.Drift
	s.View(func(v core.View) { r, _ = v.DriftFor(key, core.DriftOutside) })
	return r.ID
}

// engineDoes gives a command of Stint's own parts.
func (s *stage) engineDoes(c core.Command) {
	s.T.Helper()
	if _, err := s.Engine.Do(s.T.Context(), engineJob(c)); err != nil {
		s.T.Fatal(err)
	}
}

func (s *stage) disabled() core.PersonID {
	p := s.Person("Otto")
	s.Must(s.Boss, core.DisablePerson{Person: p})
	return p
}

// Every public command by every role of Stint: allowed, or refused with the
// roles that would allow it.
func TestRights(t *testing.T) {
	covered := map[string]bool{}
	for i := range deeds(tryout(t, "nobody")) {
		for _, rank := range ranks {
			s, who, own := tryout(t, rank)
			d := deeds(s, who, own)[i]
			covered[d.cmd.Verb()] = true
			head := s.Head().Seq
			_, err := s.Do(who, d.cmd)
			if d.may == nil || slices.Contains(d.may, rank) {
				if err != nil {
					t.Errorf("%s as %s: %v", d.cmd.Verb(), rank, err)
				}
				continue
			}
			key := core.TextKey("rights.missing")
			if d.cmd.Verb() == "drop" {
				key = "assignment.unknown" // whose it is, he may not even know
			}
			e := wantKey(t, err, key)
			if key == "rights.missing" && (e.Code != core.Forbidden || !strings.Contains(e.Message, "Global Administrator")) {
				t.Errorf("%s as %s: %v", d.cmd.Verb(), rank, e)
			}
			if got := s.Actions(head); got != "command.refused" {
				t.Errorf("%s as %s: entries %q", d.cmd.Verb(), rank, got)
			}
		}
	}
	for _, c := range core.Public() {
		// Those are about one's own alone (see TestRefusals), or for whoever was asked (approve_test.go).
		own := slices.Contains([]string{"prolong", "remove-favourite", "decide-requests", "cancel-requests"}, c.Verb())
		if !covered[c.Verb()] && !own {
			t.Errorf("%s is not in the table", c.Verb())
		}
	}
}

// tryout is a stage with one more person, who holds a role of Stint.
func tryout(t *testing.T, rank string) (*stage, core.PersonID, core.AssignmentID) {
	s := newStage(t)
	who := s.Person("Wim")
	s.Kind.System("db").AddAccount("wim")
	s.Must(s.Boss, core.SetAccount{Person: who, System: s.db, External: "wim"})
	own := s.Eligible(who, s.ops)
	if rank != "nobody" {
		s.hold(who, rank)
	}
	s.Clock.Step(-time.Minute) // so that there is a clock to accept
	return s, who, own
}

// Who is eligible for what a command needs is told to activate it first; once
// he has, he may; when it is over, he may not.
func TestEligibleHint(t *testing.T) {
	s := newStage(t)
	basis := s.Eligible(s.bob, core.StintRole(core.UserAdministrator))
	add := func(login string) core.AddPerson { return core.AddPerson{FullName: login, Login: login, Hash: "h"} }
	_, err := s.Do(s.bob, add("a"))
	e := wantKey(t, err, "rights.activate_first")
	equal(t, "args", e.Args, map[string]string{"roles": "User Administrator · Global Administrator", "role": "User Administrator"})
	s.Activate(s.bob, basis, time.Hour)
	s.Must(s.bob, add("a"))
	s.Clock.Set(s.Clock.Now().Add(time.Hour)) // the due loop has not run yet
	s.Refused("rights.activate_first", s.bob, add("b"))
	s.Settle()
	s.Refused("rights.activate_first", s.bob, add("b"))
	// A role that begins tomorrow gives nothing today.
	s.Must(s.Boss, core.Assign{Role: core.StintRole(core.UserAdministrator), Principals: []core.PersonID{s.ann}, Kind: core.Active, Start: s.now().Add(time.Hour), Justification: why})
	s.Refused("rights.missing", s.ann, add("b"))
	s.Pass(time.Hour)
	s.Must(s.ann, add("b"))
}

// A session that proved a password alone may do nothing but enrol; so may one
// whose password was given by an administrator, one that ended, expired or was
// left alone, and one of a disabled person.
func TestSessions(t *testing.T) {
	s := newStage(t)
	open := func(p core.PersonID, id core.SessionID, step int64) core.Actor {
		t.Helper()
		_, err := s.DoWith("", core.OpenSession{Person: p, Right: true, CodeTold: step > 0, CodeOK: step > 0, Session: core.Session{ID: id, From: "window"}}, func(env *core.Env) {
			env.Proof = core.Proof{Step: step}
		})
		if err != nil {
			t.Fatal(err)
		}
		return core.Actor{Person: p, Session: id, From: "window"}
	}
	try := core.SaveFavourite{Favourite: core.Favourite{Name: "n", Items: []core.ActivationItem{{Assignment: s.annDBA}}}}
	want := func(a core.Actor, cmd core.Command, key core.TextKey) {
		t.Helper()
		head := s.Head().Seq
		_, err := s.bare(a, cmd)
		if key == "" && err != nil {
			t.Fatal(err)
		}
		if key == "" {
			return
		}
		wantKey(t, err, key)
		if got := s.Actions(head); got != "command.refused" {
			t.Errorf("entries: %q", got)
		}
	}
	good := open(s.ann, "s1", 100)
	want(good, try, "")

	lied := good
	lied.Person = s.Boss // a session speaks for its own person alone
	want(lied, core.AddPerson{FullName: "X", Login: "x"}, "session.none")
	lied = good
	lied.Session = "s-none"
	want(lied, try, "session.none")

	new := s.Must(s.Boss, core.AddPerson{FullName: "Nia", Login: "nia", Hash: "h"}).Person
	weak := open(new, "s2", 0)
	weak.Strength = core.StrengthFresh // what an actor says of himself is not believed
	for _, c := range core.Public() {
		want(weak, c, "factor.first")
	}
	want(weak, core.BeginFactor{Sealed: []byte("x")}, "")
	want(weak, core.ConfirmFactor{Step: 200, Recovery: []string{"r"}}, "")
	want(weak, core.EndSessions{Person: new}, "password.first")
	want(weak, core.ChangePassword{Right: true, Hash: "h2"}, "")
	want(weak, core.EndSessions{Person: new}, "")
	want(weak, core.EndSessions{Person: new}, "session.none")

	idle := open(s.ann, "s3", 101)
	s.Clock.Set(s.Clock.Now().Add(core.SessionIdle - time.Second))
	want(idle, try, "")
	s.Clock.Set(s.Clock.Now().Add(time.Second))
	want(idle, try, "session.none")

	old := open(s.ann, "s4", 5_000_000)
	for range 2*7 + 1 {
		s.Clock.Set(s.Clock.Now().Add(core.SessionIdle - time.Minute))
		if s.now().Sub(s.PersonOf(s.ann).Created) < core.SessionLife {
			if _, err := s.bare(old, core.TouchSession{Session: "s4"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	want(old, try, "session.none")

	out := open(s.ann, "s5", 6_000_000)
	s.Must(s.Boss, core.DisablePerson{Person: s.ann})
	want(out, try, "session.none")
	s.Must(s.Boss, core.EnablePerson{Person: s.ann})
	want(out, try, "session.none")
	closed := open(s.ann, "s6", 7_000_000)
	want(closed, core.CloseSession{Session: "s6"}, "")
	want(closed, try, "session.none")
	mine := open(s.ann, "s7", 8_000_000)
	open(s.bob, "s8", 8_000_000)
	want(mine, core.CloseSession{Session: "s8"}, "session.none")
	s.Verify()
}

// Nobody without rights, and no User Administrator, takes the place of
// somebody who holds or may activate a role of Stint.
func TestNoTakeover(t *testing.T) {
	s := newStage(t)
	ua := s.Person("Uma")
	s.hold(ua, core.UserAdministrator)
	pra := s.Person("Pia")
	s.hold(pra, core.PrivilegedRoleAdministrator)
	maybe := s.Person("May") // eligible only
	s.Eligible(maybe, core.StintRole(core.GlobalAdministrator))
	soon := s.Person("Sol") // from tomorrow
	s.Must(s.Boss, core.Assign{Role: core.StintRole(core.SecurityReader), Principals: []core.PersonID{soon}, Kind: core.Active, Start: s.now().Add(24 * time.Hour), Justification: why})
	for _, victim := range []core.PersonID{s.Boss, pra, maybe, soon} {
		v := s.PersonOf(victim)
		for _, c := range []core.Command{
			core.ResetPassword{Person: victim, Hash: "mine"},
			core.ResetFactor{Person: victim},
			core.UpdatePerson{Person: victim, FullName: v.Name, Login: "stolen", Mail: v.Mail},
			core.UpdatePerson{Person: victim, FullName: v.Name, Login: v.Login, Mail: "uma@example.org"},
			core.DisablePerson{Person: victim},
			core.SetAccount{Person: victim, System: s.web, External: "uma"},
			core.EndSessions{Person: victim},
		} {
			s.Refused("rights.privileged_person", ua, c)
			s.Refused("rights.missing", s.ann, c)
		}
	}
	s.Refused("rights.privileged_person", pra, core.SetAccount{Person: maybe, System: s.web, External: "pia"})
	s.Refused("rights.missing", ua, core.Assign{Role: core.StintRole(core.GlobalAdministrator), Principals: []core.PersonID{ua}, Kind: core.Active, Justification: why})
	// A Global Administrator may, and a User Administrator may with others.
	s.Must(s.Boss, core.ResetPassword{Person: maybe, Hash: "x"})
	s.Must(ua, core.ResetPassword{Person: s.ann, Hash: "x"})
	s.Must(ua, core.UpdatePerson{Person: ua, FullName: "Uma U.", Login: "uma"})
}

// Nobody ends the activation of another, unless he manages access.
func TestDropOthers(t *testing.T) {
	for _, rank := range ranks {
		s, who, own := tryout(t, rank)
		mine, hers := s.Activate(who, own, time.Hour), s.Activate(s.ann, s.annOps, time.Hour)
		_, err := s.Do(who, core.Drop{Assignments: []core.AssignmentID{mine, hers}})
		may := rank == core.PrivilegedRoleAdministrator || rank == core.GlobalAdministrator
		if may != (err == nil) {
			t.Errorf("%s: %v", rank, err)
		}
		if got := s.Assignment(hers).State == core.Removed; got != may {
			t.Errorf("%s: dropped %v", rank, got)
		}
		if got := s.Assignment(mine).State == core.Removed; got != may {
			t.Errorf("%s: half of a refused command was done", rank)
		}
	}
}

// What pages and actions a window shows.
func TestRightsOf(t *testing.T) {
	r := core.StintRole
	for _, tt := range []struct {
		role string
		want core.Rights
	}{
		{core.GlobalAdministrator, core.Rights{Read: true, Access: true, People: true, Export: true, Settings: true}},
		{core.PrivilegedRoleAdministrator, core.Rights{Read: true, Access: true, Export: true}},
		{core.UserAdministrator, core.Rights{Read: true, People: true}},
		{core.SecurityAdministrator, core.Rights{Read: true, Export: true}},
		{core.SecurityReader, core.Rights{Read: true, Export: true}},
	} {
		equal(t, tt.role, core.RightsOf([]core.RoleID{r(tt.role)}), tt.want)
	}
	equal(t, "none", core.RightsOf(nil), core.Rights{})
	equal(t, "two", core.RightsOf([]core.RoleID{r(core.UserAdministrator), r(core.PrivilegedRoleAdministrator)}), core.Rights{Read: true, Access: true, People: true, Export: true})
}

// A User Administrator can't become somebody who may activate a privileged
// role elsewhere, by giving him a new password and a new factor.
func TestNoTakeoverOfPrivilegedRoles(t *testing.T) {
	s := newStage(t)
	ua := s.Person("Uma")
	s.hold(ua, core.UserAdministrator)
	dan := s.Person("Dan")
	_, roles := s.System("vault", []string{"root"}, dan)
	s.Eligible(dan, roles[0])
	s.Must(ua, core.ResetPassword{Person: dan, Hash: "x"}) // not privileged: that is a helpdesk's work
	s.Must(s.Boss, core.UpdateRole{Role: roles[0], Name: "root", Privileged: true})
	s.Refused("rights.privileged_proof", ua, core.ResetPassword{Person: dan, Hash: "mine"})
	s.Refused("rights.privileged_proof", ua, core.ResetFactor{Person: dan})
	s.Must(ua, core.EndSessions{Person: dan}) // what takes access away stays quick
	s.Must(s.Boss, core.ResetFactor{Person: dan})
}
