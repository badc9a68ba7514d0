package core_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// The last administrator (rules.md section 5), by every path that leads there.

func (s *stage) permanent(p core.PersonID, role core.RoleID) (id core.AssignmentID) {
	s.T.Helper()
	s.View(func(v core.View) {
		for _, a := range v.LiveOf(p) {
			if a.Role == role && a.Kind == core.Active && a.Permanent() {
				id = a.ID
			}
		}
	})
	if id == "" {
		s.T.Fatal("no such assignment")
	}
	return id
}

func (s *stage) assign(p core.PersonID, r core.RoleID, k core.AssignmentKind, d time.Duration) core.AssignmentID {
	s.T.Helper()
	c := core.Assign{Role: r, Principals: []core.PersonID{p}, Kind: k, Justification: why}
	if d > 0 {
		c.End = s.now().Add(d)
	}
	return s.Must(s.Boss, c).Items[0].Assignment
}

// newcomer adds somebody who has not come in yet.
func (s *stage) newcomer(name string) core.PersonID {
	s.T.Helper()
	return s.Must(s.Boss, core.AddPerson{FullName: name, Login: name, Hash: "h"}).Person
}

// factorless adds somebody with a password of his own and no second factor.
func (s *stage) factorless(name string) core.PersonID {
	s.T.Helper()
	p := s.newcomer(name)
	if _, err := s.bare(core.Actor{Person: p, Strength: core.StrengthPassword, From: "window"}, core.ChangePassword{Right: true, Hash: "own"}); err != nil {
		s.T.Fatal(err)
	}
	return p
}

func TestLastAdministrator(t *testing.T) {
	ga, pra := core.StintRole(core.GlobalAdministrator), core.StintRole(core.PrivilegedRoleAdministrator)
	for _, tt := range []struct {
		name string
		// try prepares and returns who does what.
		try func(*stage) (core.PersonID, core.Command)
		ok  bool
	}{
		{"remove the last", func(s *stage) (core.PersonID, core.Command) {
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, ga)}}
		}, false},
		{"remove the last who manages roles", func(s *stage) (core.PersonID, core.Command) {
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, pra)}}
		}, false},
		{"remove one of two", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.ann, core.GlobalAdministrator)
			return s.ann, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, ga)}}
		}, true},
		{"remove both in one command", func(s *stage) (core.PersonID, core.Command) {
			a := s.hold(s.ann, core.GlobalAdministrator)
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{a, s.permanent(s.Boss, ga)}}
		}, false},
		{"the other has no factor", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.factorless("nia"), core.GlobalAdministrator)
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, ga)}}
		}, false},
		{"the other has no factor and needs none", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.factorless("nia"), core.GlobalAdministrator)
			s.policy(ga, core.PolicySettings{RequireMFA: ptr(false)})
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, ga)}}
		}, true},
		{"the other never came in", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.newcomer("nia"), core.GlobalAdministrator)
			s.policy(ga, core.PolicySettings{RequireMFA: ptr(false)})
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, ga)}}
		}, false},
		{"reset the last one's password", func(s *stage) (core.PersonID, core.Command) {
			s.Activate(s.ann, s.Eligible(s.ann, ga), time.Hour)
			return s.ann, core.ResetPassword{Person: s.Boss, Hash: "h"}
		}, false},
		{"reset the password of one of two", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.ann, core.GlobalAdministrator)
			s.hold(s.ann, core.PrivilegedRoleAdministrator)
			return s.ann, core.ResetPassword{Person: s.Boss, Hash: "h"}
		}, true},
		{"name a deputy", func(s *stage) (core.PersonID, core.Command) {
			return s.Boss, core.SetDeputy{Deputy: s.ann, Until: s.now().Add(time.Hour)}
		}, true},
		{"disable one with an account on the system of a protected role", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			s.assign(s.ann, s.dba, core.Active, 0)
			s.assign(s.bob, s.dba, core.Active, 0)
			return s.Boss, core.DisablePerson{Person: s.ann}
		}, true},
		{"take the account of the last one", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			s.assign(s.ann, s.dba, core.Active, 0)
			return s.Boss, core.SetAccount{Person: s.ann, System: s.db}
		}, false},
		{"the other is disabled", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.ann, core.GlobalAdministrator)
			s.Must(s.Boss, core.DisablePerson{Person: s.ann})
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, ga)}}
		}, false},
		{"the other is activated", func(s *stage) (core.PersonID, core.Command) {
			s.Activate(s.ann, s.Eligible(s.ann, ga), time.Hour)
			return s.ann, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, ga)}}
		}, false},
		{"the other's end is set", func(s *stage) (core.PersonID, core.Command) {
			s.assign(s.ann, ga, core.Active, 100*24*time.Hour)
			return s.ann, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, ga)}}
		}, false},
		{"the other begins tomorrow", func(s *stage) (core.PersonID, core.Command) {
			s.Must(s.Boss, core.Assign{Role: ga, Principals: []core.PersonID{s.ann}, Kind: core.Active, Start: s.now().Add(time.Hour), Justification: why})
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, ga)}}
		}, false},
		{"give the last an end", func(s *stage) (core.PersonID, core.Command) {
			return s.Boss, core.UpdateAssignment{Assignment: s.permanent(s.Boss, ga), End: s.now().Add(24 * time.Hour), Justification: why}
		}, false},
		{"give one of two an end", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.ann, core.GlobalAdministrator)
			return s.Boss, core.UpdateAssignment{Assignment: s.permanent(s.Boss, ga), End: s.now().Add(24 * time.Hour), Justification: why}
		}, true},
		{"disable the last", func(s *stage) (core.PersonID, core.Command) {
			s.Activate(s.ann, s.Eligible(s.ann, ga), time.Hour)
			return s.ann, core.DisablePerson{Person: s.Boss}
		}, false},
		{"disable one of two", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.ann, core.GlobalAdministrator)
			s.hold(s.ann, core.PrivilegedRoleAdministrator)
			return s.ann, core.DisablePerson{Person: s.Boss}
		}, true},
		{"disable the last who manages roles", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.ann, core.GlobalAdministrator)
			return s.ann, core.DisablePerson{Person: s.Boss}
		}, false},
		{"reset the last one's factor", func(s *stage) (core.PersonID, core.Command) {
			s.Activate(s.ann, s.Eligible(s.ann, ga), time.Hour)
			return s.ann, core.ResetFactor{Person: s.Boss}
		}, false},
		{"reset it where none is needed", func(s *stage) (core.PersonID, core.Command) {
			s.policy(ga, core.PolicySettings{RequireMFA: ptr(false)})
			s.policy(pra, core.PolicySettings{RequireMFA: ptr(false)})
			s.Activate(s.ann, s.Eligible(s.ann, ga), time.Hour)
			return s.ann, core.ResetFactor{Person: s.Boss}
		}, true},
		{"reset one of two", func(s *stage) (core.PersonID, core.Command) {
			s.hold(s.ann, core.GlobalAdministrator)
			s.hold(s.ann, core.PrivilegedRoleAdministrator)
			return s.ann, core.ResetFactor{Person: s.Boss}
		}, true},
		{"ask for a factor that the last one lacks, by role", func(s *stage) (core.PersonID, core.Command) {
			return s.lonely(ga), core.SetPolicy{Level: string(ga), Settings: core.PolicySettings{RequireMFA: ptr(true)}}
		}, false},
		{"ask for it by going back to the inherited setting", func(s *stage) (core.PersonID, core.Command) {
			return s.lonely(ga), core.SetPolicy{Level: string(ga)}
		}, false},
		{"ask for it by system", func(s *stage) (core.PersonID, core.Command) {
			s.policy("sy_stint", core.PolicySettings{RequireMFA: ptr(false)})
			who := s.lonely(ga)
			s.Must(who, core.SetPolicy{Level: string(ga)})
			return who, core.SetPolicy{Level: string(core.StintSystem)}
		}, false},
		{"ask for it by default", func(s *stage) (core.PersonID, core.Command) {
			s.policy(core.DefaultLevel, core.PolicySettings{RequireMFA: ptr(false)})
			who := s.lonely(ga)
			s.Must(who, core.SetPolicy{Level: string(ga)})
			return who, core.SetPolicy{Level: core.DefaultLevel}
		}, false},
		{"take the protection off a role of Stint", func(s *stage) (core.PersonID, core.Command) {
			return s.Boss, core.UpdateRole{Role: ga, Name: "Global Administrator", Description: "May do everything in Stint.", Privileged: true}
		}, false},
		{"remove the system of a protected role that is held", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			s.assign(s.ann, s.dba, core.Active, 0)
			return s.Boss, core.RemoveSystem{System: s.db}
		}, false},
		{"remove the system of one that nobody holds", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			return s.Boss, core.RemoveSystem{System: s.db}
		}, true},
		{"disable the last of a protected role elsewhere", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			s.assign(s.ann, s.dba, core.Active, 24*time.Hour)
			return s.Boss, core.DisablePerson{Person: s.ann}
		}, false},
		{"remove the last timed one", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.assign(s.ann, s.dba, core.Active, 24*time.Hour)}}
		}, false},
		{"remove the last timed one beside an activation", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			s.Activate(s.bob, s.Eligible(s.bob, s.dba), time.Hour)
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.assign(s.ann, s.dba, core.Active, 24*time.Hour)}}
		}, false},
		{"remove one that doesn't count beside one that does", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			s.assign(s.bob, s.dba, core.Active, 24*time.Hour)
			id := s.assign(s.ann, s.dba, core.Active, 24*time.Hour)
			s.Must(s.Boss, core.ResetFactor{Person: s.ann})
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{id}}
		}, true},
		{"remove both timed ones", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			a, b := s.assign(s.ann, s.dba, core.Active, 24*time.Hour), s.assign(s.bob, s.dba, core.Active, 24*time.Hour)
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{a, b}}
		}, false},
		{"take the protection off, then remove", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			id := s.assign(s.ann, s.dba, core.Active, 0)
			s.Must(s.Boss, core.UpdateRole{Role: s.dba, Name: "dba"})
			return s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{id}}
		}, true},
		{"drop the only activation", func(s *stage) (core.PersonID, core.Command) {
			s.protect(s.dba)
			return s.ann, core.Drop{Assignments: []core.AssignmentID{s.Activate(s.ann, s.annDBA, time.Hour)}}
		}, true},
		{"set up again", func(s *stage) (core.PersonID, core.Command) {
			return s.Boss, core.SetUp{FullName: "Eve", Login: "eve", Hash: "h"}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			who, cmd := tt.try(s)
			before := s.picture()
			before.Factors = nil
			_, err := s.Do(who, cmd)
			if tt.ok {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil {
				t.Fatal("it was done")
			}
			switch e := err.(*core.Error); e.Key {
			case "last.holder", "last.disabled", "last.factor", "last.password", "last.system":
				if e.Args["person"] == "" || e.Args["role"] == "" {
					t.Errorf("the refusal names nobody: %v", e.Args)
				}
			case "role.built_in", "setup.done", "account.in_use", "account.assigned":
			default:
				t.Fatalf("refused for another reason: %v", err)
			}
			after := s.picture()
			after.Factors = nil
			equal(t, "trace", after, before)
		})
	}
}

func (s *stage) protect(r core.RoleID) {
	s.T.Helper()
	s.Must(s.Boss, core.UpdateRole{Role: r, Name: "dba", Protected: true})
}

// lonely leaves a role of Stint to somebody without a second factor, and
// returns who may still change settings.
func (s *stage) lonely(r core.RoleID) core.PersonID {
	s.T.Helper()
	s.policy(r, core.PolicySettings{RequireMFA: ptr(false)})
	s.Must(s.Boss, core.Assign{Role: r, Principals: []core.PersonID{s.factorless("nia")}, Kind: core.Active, Justification: why})
	s.Must(s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, r)}})
	return s.Boss // is Privileged Role Administrator still
}

// The end of the last one comes: it is kept for a day at a time, and the log
// says so, until somebody else is there.
func TestLastIsKept(t *testing.T) {
	s := newStage(t)
	s.protect(s.dba)
	ann := s.assign(s.ann, s.dba, core.Active, 24*time.Hour)
	bob := s.assign(s.bob, s.dba, core.Active, 24*time.Hour)
	s.Pass(23 * time.Hour)
	head := s.Head().Seq
	s.Pass(time.Hour)
	a, b := s.Assignment(ann), s.Assignment(bob)
	if a.State == core.InForce {
		a, b = b, a // both ends came at once; either may stay
	}
	equal(t, "the first", a.State, core.Expired)
	equal(t, "the last", b.State, core.InForce)
	equal(t, "kept until", b.End, s.now().Add(24*time.Hour))
	var kept int
	for _, e := range s.Entries(head) {
		if e.Action == core.AssignmentKept && e.Assignment == b.ID && e.Outcome == core.OutcomeRefused {
			kept++
		}
	}
	equal(t, "entries", kept, 1)
	login := s.PersonOf(b.Principal).Login
	equal(t, "held", s.Kind.System("db").Holds("dba", login), true)
	s.Pass(24 * time.Hour)
	equal(t, "a day later", s.Assignment(b.ID).State, core.InForce)
	s.assign(a.Principal, s.dba, core.Active, 0)
	s.Pass(24 * time.Hour)
	equal(t, "somebody else is there", s.Assignment(b.ID).State, core.Expired)
	equal(t, "held", s.Kind.System("db").Holds("dba", login), false)
	s.Verify()
}

// An activation beside the last assigned one ends by itself, so it saves nothing.
func TestLastIsKeptBesideActivation(t *testing.T) {
	s := newStage(t)
	s.protect(s.dba)
	basis := s.Eligible(s.bob, s.dba)
	last := s.assign(s.ann, s.dba, core.Active, time.Hour)
	s.Activate(s.bob, basis, 2*time.Hour)
	s.Pass(time.Hour)
	equal(t, "state", s.Assignment(last).State, core.InForce)
}

// Eligible assignments of a protected role stay while nobody is active in it.
func TestEligibleIsKept(t *testing.T) {
	s := newStage(t)
	s.Must(s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.annDBA}})
	s.protect(s.dba)
	end := s.now().Add(48 * time.Hour)
	id := s.assign(s.ann, s.dba, core.Eligible, 48*time.Hour)
	remove := core.RemoveAssignments{Assignments: []core.AssignmentID{id}}
	s.Refused("last.eligible", s.Boss, remove)
	// Its own activation goes with it, so that doesn't help.
	s.Activate(s.ann, id, time.Hour)
	s.Refused("last.eligible", s.Boss, remove)
	s.Pass(time.Hour)
	s.Clock.Set(end)
	s.Settle()
	equal(t, "kept", s.Assignment(id).State, core.InForce)
	equal(t, "until", s.Assignment(id).End, end.Add(24*time.Hour))
	s.assign(s.bob, s.dba, core.Active, 0)
	s.Pass(24 * time.Hour)
	equal(t, "not needed any more", s.Assignment(id).State, core.Expired)

	two := s.assign(s.ann, s.dba, core.Eligible, 0)
	s.Must(s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{two}})
}

// However many roles are protected, Stint's own stay in sight.
func TestProtectedRolesAreFew(t *testing.T) {
	s := newStage(t)
	var roles []core.NewRole
	for i := range core.MaxProtected - 2 {
		roles = append(roles, core.NewRole{External: string(rune(0x4e00 + i)), Name: "A", Protected: true})
	}
	s.Must(s.Boss, core.AddRoles{System: s.web, Roles: roles})
	s.Refused("role.protected_many", s.Boss, core.AddRoles{System: s.web, Roles: []core.NewRole{{External: "A", Protected: true}}})
	s.Refused("role.protected_many", s.Boss, core.UpdateRole{Role: s.dba, Name: "A", Protected: true})
	s.Must(s.Boss, core.AddRoles{System: s.web, Roles: []core.NewRole{{External: "A"}}})
	s.Refused("last.holder", s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{s.permanent(s.Boss, core.StintRole(core.GlobalAdministrator))}})
}

// What somebody takes away on a system by hand is so, even of the last one:
// there is nothing to refuse, and Stint must not stop reading the system.
func TestLostLastIsAFact(t *testing.T) {
	s := newStage(t)
	s.protect(s.dba)
	id := s.assign(s.ann, s.dba, core.Active, 0)
	s.Settle()
	g := s.Grant(id)
	if _, err := s.Engine.Do(t.Context(), engineJob(core.RecordOutcome{Grant: g.ID, Cycle: g.Cycle, Evidence: core.Evidence{At: s.now(), Query: "q", Answer: "no member"}})); err != nil {
		t.Fatal(err)
	}
	equal(t, "state", s.Assignment(id).State, core.Removed)
}
