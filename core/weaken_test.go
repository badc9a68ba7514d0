package core_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// A stolen session of an administrator is not enough to make Stint weaker: that
// takes a fresh code. What takes access away, or makes rules stricter, doesn't.
func TestWeakeningTakesACode(t *testing.T) {
	ga := core.StintRole(core.GlobalAdministrator)
	level := func(set core.PolicySettings) func(*stage) core.Command {
		return func(s *stage) core.Command { return core.SetPolicy{Level: string(s.dba), Settings: set} }
	}
	role := func(r core.RoleID, k core.AssignmentKind) func(*stage) core.Command {
		return func(s *stage) core.Command {
			return core.Assign{Role: r, Principals: []core.PersonID{s.bob}, Kind: k, Justification: why}
		}
	}
	settings := func(change func(*core.Settings)) func(*stage) core.Command {
		return func(s *stage) core.Command {
			now := core.DefaultSettings()
			now.Mail = core.MailSettings{Host: "mail.example.org", Port: 587, Security: core.MailSTARTTLS, Auth: core.MailAuthNone, From: "stint@example.org"}
			s.Must(s.Boss, core.ChangeSettings{Settings: now})
			change(&now)
			return core.ChangeSettings{Settings: now}
		}
	}
	strict := core.PolicySettings{
		RequireTicket: ptr(true), TicketPattern: ptr("OPS-[0-9]+"), AllowProlong: ptr(false), RequireApproval: ptr(true), DropOn: &[]core.DropReason{core.DropOnLock, core.DropOnSleep},
		PermanentEligible: ptr(false), PermanentActive: ptr(false), AssignMFA: ptr(true), Stages: &[]core.Stage{{Quorum: 1}},
	}
	but := func(change func(*core.PolicySettings)) func(*stage) core.Command {
		return func(s *stage) core.Command {
			s.policy(s.dba, strict)
			next := strict
			change(&next)
			return core.SetPolicy{Level: string(s.dba), Settings: next}
		}
	}
	for _, tt := range []struct {
		name  string
		plan  func(*stage) core.Command
		weaks bool
	}{
		{"second factor off", level(core.PolicySettings{RequireMFA: ptr(false)}), true},
		{"justification off", level(core.PolicySettings{RequireJustification: ptr(false)}), true},
		{"justification of assignments off", level(core.PolicySettings{AssignJustification: ptr(false)}), true},
		{"approver's justification off", level(core.PolicySettings{ApproverJustification: ptr(false)}), true},
		{"longer", level(core.PolicySettings{MaxDuration: ptr(core.Duration(9 * time.Hour))}), true},
		{"eligible for longer", level(core.PolicySettings{EligibleFor: ptr(core.Duration(366 * 24 * time.Hour))}), true},
		{"active for longer", level(core.PolicySettings{ActiveFor: ptr(core.Duration(181 * 24 * time.Hour))}), true},
		{"weaker by default", func(*stage) core.Command {
			return core.SetPolicy{Level: core.DefaultLevel, Settings: core.PolicySettings{RequireMFA: ptr(false)}}
		}, true},
		{"weaker for a system", func(s *stage) core.Command {
			return core.SetPolicy{Level: string(s.db), Settings: core.PolicySettings{RequireMFA: ptr(false)}}
		}, true},
		{"weaker by inheriting again", func(s *stage) core.Command {
			s.policy(s.dba, core.PolicySettings{RequireApproval: ptr(true)})
			return core.SetPolicy{Level: string(s.dba)}
		}, true},
		{"ticket off", but(func(p *core.PolicySettings) { p.RequireTicket = nil }), true},
		{"another pattern", but(func(p *core.PolicySettings) { p.TicketPattern = ptr(".*") }), true},
		{"prolonging on", but(func(p *core.PolicySettings) { p.AllowProlong = nil }), true},
		{"approval off", but(func(p *core.PolicySettings) { p.RequireApproval = nil }), true},
		{"other approvers", but(func(p *core.PolicySettings) {
			p.Stages = &[]core.Stage{{Approvers: []core.Approver{{Role: ga}}, Quorum: 1}}
		}), true},
		{"one reason less to drop", but(func(p *core.PolicySettings) { p.DropOn = &[]core.DropReason{core.DropOnLock} }), true},
		{"permanently eligible", but(func(p *core.PolicySettings) { p.PermanentEligible = nil }), true},
		{"permanently active", but(func(p *core.PolicySettings) { p.PermanentActive = nil }), true},
		{"assigning without a code", but(func(p *core.PolicySettings) { p.AssignMFA = nil }), true},
		{"one reason more to drop", but(func(p *core.PolicySettings) {
			p.DropOn = &[]core.DropReason{core.DropOnLock, core.DropOnSleep, core.DropOnSignOut}
		}), false},
		{"waiting longer for an answer", but(func(p *core.PolicySettings) { p.ApprovalTimeout = ptr(core.Duration(48 * time.Hour)) }), false},
		{"administrators not told", level(core.PolicySettings{NotifyActivatedAdmins: &core.Recipients{}}), true},
		{"only what is critical", level(core.PolicySettings{NotifyActiveAdmins: &core.Recipients{Defaults: true, Critical: true}}), true},
		{"somebody else told as well", level(core.PolicySettings{NotifyActivatedAdmins: &core.Recipients{Defaults: true, Extra: []string{"soc@example.org"}}}), false},
		{"shorter", level(core.PolicySettings{MaxDuration: ptr(core.Duration(time.Hour))}), false},
		{"stricter", level(strict), false},

		{"active in a role of Stint", role(core.StintRole(core.UserAdministrator), core.Active), true},
		{"eligible for a protected role", role(ga, core.Eligible), true},
		{"active in a role of a system", func(s *stage) core.Command { return role(s.dba, core.Active)(s) }, false},
		{"active in a protected role of a system", func(s *stage) core.Command { s.protect(s.dba); return role(s.dba, core.Active)(s) }, true},
		{"protected for longer", func(s *stage) core.Command {
			return core.UpdateAssignment{Assignment: s.assign(s.ann, ga, core.Eligible, 48*time.Hour), End: s.now().Add(72 * time.Hour), Justification: why}
		}, true},
		{"protected for ever", func(s *stage) core.Command {
			return core.UpdateAssignment{Assignment: s.assign(s.ann, ga, core.Eligible, 48*time.Hour), Permanent: true, Justification: why}
		}, true},
		{"protected for shorter", func(s *stage) core.Command {
			return core.UpdateAssignment{Assignment: s.assign(s.ann, ga, core.Eligible, 48*time.Hour), End: s.now().Add(24 * time.Hour), Justification: why}
		}, false},
		{"removed", func(s *stage) core.Command {
			return core.RemoveAssignments{Assignments: []core.AssignmentID{s.hold(s.ann, core.GlobalAdministrator)}}
		}, false},

		{"joining a group that has power", func(s *stage) core.Command {
			g := s.Must(s.Boss, core.AddGroup{GroupName: "Administrators", Members: []core.PersonID{s.ann}}).Group
			s.Must(s.Boss, core.Assign{Role: ga, Groups: []core.GroupID{g}, Kind: core.Eligible, Justification: why})
			return core.AddMembers{Group: g, People: []core.PersonID{s.bob}}
		}, true},
		{"giving a group power", func(s *stage) core.Command {
			g := s.Must(s.Boss, core.AddGroup{GroupName: "Administrators"}).Group
			return core.Assign{Role: ga, Groups: []core.GroupID{g}, Kind: core.Eligible, Justification: why}
		}, true},
		{"joining a group that decides", func(s *stage) core.Command {
			g := s.Must(s.Boss, core.AddGroup{GroupName: "Leads", Members: []core.PersonID{s.ann}}).Group
			s.policy(s.dba, core.PolicySettings{RequireApproval: ptr(true), Stages: &[]core.Stage{{Approvers: []core.Approver{{Group: g}}, Quorum: 1}}})
			return core.AddMembers{Group: g, People: []core.PersonID{s.bob}}
		}, true},
		{"leaving a group that decides", func(s *stage) core.Command {
			g := s.Must(s.Boss, core.AddGroup{GroupName: "Leads", Members: []core.PersonID{s.ann, s.bob}}).Group
			s.policy(s.dba, core.PolicySettings{RequireApproval: ptr(true), Stages: &[]core.Stage{{Approvers: []core.Approver{{Group: g}}, Quorum: 1}}})
			return core.RemoveMembers{Group: g, People: []core.PersonID{s.bob}}
		}, false},
		{"joining a group that has none", func(s *stage) core.Command {
			return core.AddMembers{Group: s.Must(s.Boss, core.AddGroup{GroupName: "Readers"}).Group, People: []core.PersonID{s.bob}}
		}, false},

		{"a deputy", func(s *stage) core.Command { return core.SetDeputy{Deputy: s.ann, Until: s.now().Add(day)} }, true},
		{"a deputy for longer", func(s *stage) core.Command {
			s.Must(s.Boss, core.SetDeputy{Deputy: s.ann, Until: s.now().Add(day)})
			return core.SetDeputy{Deputy: s.ann, Until: s.now().Add(2 * day)}
		}, true},
		{"a deputy for shorter", func(s *stage) core.Command {
			s.Must(s.Boss, core.SetDeputy{Deputy: s.ann, Until: s.now().Add(2 * day)})
			return core.SetDeputy{Deputy: s.ann, Until: s.now().Add(day)}
		}, false},
		{"another deputy", func(s *stage) core.Command {
			s.Must(s.Boss, core.SetDeputy{Deputy: s.ann, Until: s.now().Add(day)})
			return core.SetDeputy{Deputy: s.bob, Until: s.now().Add(day)}
		}, true},
		{"no deputy", func(s *stage) core.Command {
			s.Must(s.Boss, core.SetDeputy{Deputy: s.ann, Until: s.now().Add(day)})
			return core.SetDeputy{}
		}, false},

		{"a system without checking its certificate", reached("sslmode", "require"), true},
		{"a system without encryption", reached("sslmode", "disable"), true},
		{"a system checked fully", reached("sslmode", "verify-full"), false},
		{"a system checked fully by default", reached("sslmode", ""), false},
		{"another authority", reached("ca_file", "/tmp/mallory.pem"), true},
		{"any authority", reached("ca_file", ""), true},
		{"another server", reached("host", "db.mallory.example"), true},
		{"sessions that stay", reached("end_sessions", "false"), true},
		{"sessions that end", reached("end_sessions", "true"), false},
		{"no expiry of the system's own", reached("native_expiry", ""), true},
		{"what a sample plays", reached("holders", "dba => ann"), false},
		{"a system's name", func(s *stage) core.Command {
			c := reached("", "")(s).(core.UpdateSystem)
			c.SystemSpec.Name = "another name"
			return c
		}, false},
		{"what was done outside", func(s *stage) core.Command { return core.AcceptDrift{Drift: s.drifted(), Justification: why} }, true},
		{"taking away what was done outside", func(s *stage) core.Command { return core.RemoveOutside{Drift: s.drifted(), Justification: why} }, false},

		{"another's factor", func(s *stage) core.Command { return core.ResetFactor{Person: s.ann} }, true},
		{"another's password", func(s *stage) core.Command { return core.ResetPassword{Person: s.ann, Hash: "h"} }, true},
		{"another's address", func(s *stage) core.Command {
			return core.UpdatePerson{Person: s.ann, FullName: "Ann", Login: "ann", Mail: "eve@example.org"}
		}, true},
		{"another's name", func(s *stage) core.Command {
			return core.UpdatePerson{Person: s.ann, FullName: "Anna", Login: "ann", Mail: "ann@example.org"}
		}, false},
		{"let an administrator in again", func(s *stage) core.Command {
			s.hold(s.ann, core.GlobalAdministrator)
			s.Must(s.Boss, core.DisablePerson{Person: s.ann})
			return core.EnablePerson{Person: s.ann}
		}, true},
		{"let somebody in again", func(s *stage) core.Command {
			s.Must(s.Boss, core.DisablePerson{Person: s.ann})
			return core.EnablePerson{Person: s.ann}
		}, false},
		{"keep somebody out", func(s *stage) core.Command { return core.DisablePerson{Person: s.ann} }, false},
		{"another account under a protected role", func(s *stage) core.Command {
			s.protect(s.dba)
			return core.SetAccount{Person: s.ann, System: s.db, External: "mallory"}
		}, true},
		{"another account", func(s *stage) core.Command {
			return core.SetAccount{Person: s.ann, System: s.db, External: "anna"}
		}, false},
		{"the protection", func(s *stage) core.Command { s.protect(s.dba); return core.UpdateRole{Role: s.dba, Name: "dba"} }, true},
		{"protect", func(s *stage) core.Command { return core.UpdateRole{Role: s.dba, Name: "dba", Protected: true} }, false},
		{"mail off", settings(func(s *core.Settings) { s.Mail = core.MailSettings{} }), true},
		{"mail elsewhere", settings(func(s *core.Settings) { s.Mail.Host = "mail.mallory.example" }), true},
		{"mail in another name", settings(func(s *core.Settings) { s.Mail.From = "mallory@example.org" }), true},
		{"never locks", settings(func(s *core.Settings) { s.IdleLock = 0 }), true},
		{"locks later", settings(func(s *core.Settings) { s.IdleLock = core.Duration(time.Hour) }), true},
		{"locks sooner", settings(func(s *core.Settings) { s.IdleLock = core.Duration(time.Minute) }), false},
		{"no digest of the week", settings(func(s *core.Settings) { s.Digest.Off = true }), true},
		{"the digest on another day", settings(func(s *core.Settings) { s.Digest.Weekday = "friday" }), false},
		{"another name of the house", settings(func(s *core.Settings) { s.Organisation = "Acme" }), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			cmd := tt.plan(s)
			plan, err := s.Engine.Preview(t.Context(), core.Actor{Person: s.Boss, Strength: core.StrengthFactor}, cmd)
			if err != nil || plan.NeedsCode != tt.weaks {
				t.Fatalf("the preview says code %v, %v", plan.NeedsCode, err)
			}
			if !tt.weaks {
				if _, err := s.as(s.Boss, cmd); err != nil {
					t.Fatal(err)
				}
				return
			}
			before := s.picture()
			_, err = s.as(s.Boss, cmd)
			if core.CodeOf(err) != core.ProofRequired {
				t.Fatalf("got %v, want ProofRequired", err)
			}
			_, err = s.wrong(s.Boss, cmd)
			wantKey(t, err, "code.wrong")
			after := s.picture()
			before.Factors, after.Factors = nil, nil
			equal(t, "trace", after, before)
			head := s.Head().Seq
			s.Must(s.Boss, cmd)
			for _, e := range s.Entries(head) {
				if e.Strength != core.StrengthFresh && e.Actor != "" {
					t.Errorf("%s was done with strength %s", e.Action, e.Strength)
				}
			}
		})
	}
}

// reached changes how a system is reached that is checked as well as its
// authority allows.
func reached(setting, value string) func(*stage) core.Command {
	return func(s *stage) core.Command {
		set := map[string]string{"host": "db.example.org", "sslmode": "verify-ca", "ca_file": "/etc/ca.pem", "native_expiry": "true"}
		id := s.Must(s.Boss, core.AddSystem{SystemSpec: core.SystemSpec{Name: "guarded", Kind: core.KindPostgres, Settings: set}}).System
		other := maps.Clone(set)
		if other[setting] = value; value == "" {
			delete(other, setting)
		}
		return core.UpdateSystem{System: id, SystemSpec: core.SystemSpec{Name: "guarded", Settings: other}}
	}
}

// drifted is something that a system holds without Stint.
func (s *stage) drifted() core.DriftID {
	d := core.Drift{ID: "dr_1", GrantKey: core.GrantKey{System: s.db, Role: s.dba, Scope: "/", Account: "eve"}, Kind: core.DriftOutside, First: s.now()}
	if err := s.Store.Update(context.Background(), func(tx core.Tx) error { return tx.Apply(core.Event{Changes: []core.Change{d}}) }); err != nil {
		s.T.Fatal(err)
	}
	return d.ID
}

// What is refused anyway uses no code up.
func TestRefusedWeakeningKeepsTheCode(t *testing.T) {
	s := newStage(t)
	last := s.factor(s.Boss).LastStep
	s.Refused("factor.own", s.Boss, core.ResetFactor{Person: s.Boss})
	s.Refused("last.holder", s.Boss, core.UpdateAssignment{Assignment: s.permanent(s.Boss, core.StintRole(core.GlobalAdministrator)), End: s.now().Add(48 * time.Hour), Justification: why})
	equal(t, "last code used", s.factor(s.Boss).LastStep, last)
}
