package connectortest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stint-pim/stint/core/connector"
)

func check(s *story) {
	version, err := s.driver().Check(s.ctx())
	if err != nil || version == "" {
		s.Errorf("Check: %q, %v; want a name and a version", version, err)
	}
	s.clean(version)
}

func roundTrip(s *story) {
	role, account := s.pair()
	first := s.read(role, account)
	s.complete(first, false)
	if first.Err != nil {
		s.Errorf("Read before: %v", first.Err)
	}
	s.done(grant(role, account))
	s.holds(role, account, true)
	s.complete(s.read(role, account), true)
	s.done(revoke(role, account))
	s.holds(role, account, false)
	s.complete(s.read(role, account), false)
}

func idempotence(s *story) {
	role, account := s.pair()
	for range 3 {
		s.done(grant(role, account))
	}
	s.holds(role, account, true)
	for range 3 {
		s.done(revoke(role, account))
	}
	s.holds(role, account, false)
}

func heldBefore(s *story) {
	role, account := s.pair()
	if s.done(grant(role, account))[0].HeldBefore {
		s.Error("HeldBefore is set for a privilege that wasn't there")
	}
	other := s.account(s.Name("bob"))
	s.System.Put(s.T, role, other, true)
	if !s.done(grant(role, other))[0].HeldBefore {
		s.Error("HeldBefore is not set for a privilege that was there")
	}
}

func readChangesNothing(s *story) {
	role, account := s.pair()
	holder := s.account(s.Name("bob"))
	s.System.Put(s.T, role, holder, true)
	out, err := s.driver().Read(s.ctx(), []connector.Privilege{
		{Role: role, Account: account}, {Role: role, Account: holder}, {Role: s.Name("norole"), Account: account}, {Role: role, Account: s.Name("nobody")},
	})
	if err != nil || len(out) != 4 {
		s.Fatalf("Read: %d outcomes, %v", len(out), err)
	}
	for i, want := range []bool{false, true, false, false} {
		// That a role or account is absent is an answer, not a failure.
		if out[i].Err != nil {
			s.Errorf("question %d: %v", i, out[i].Err)
		}
		s.complete(out[i], want)
	}
	s.holds(role, account, false)
	s.holds(role, holder, true)
}

func absentRole(s *story) {
	role, account := s.pair()
	s.done(grant(role, account))
	s.System.DropRole(s.T, role)
	s.done(revoke(role, account)) // gone is gone (R4)
	o := s.apply(grant(role, account))[0]
	if !errors.Is(o.Err, connector.ErrNoRole) {
		s.Errorf("grant of an absent role: %v; want ErrNoRole", o.Err)
	}
}

func absentAccount(s *story) {
	role, account := s.pair()
	s.done(grant(role, account))
	s.System.DropAccount(s.T, account)
	s.done(revoke(role, account))
	o := s.apply(grant(role, account))[0]
	if !errors.Is(o.Err, connector.ErrNoAccount) {
		s.Errorf("grant to an absent account: %v; want ErrNoAccount", o.Err)
	}
}

func oneBadEntry(s *story) {
	role, alice := s.pair()
	bob, carol := s.account(s.Name("bob")), s.account(s.Name("carol"))
	s.System.Put(s.T, role, carol, true)
	out := s.apply(
		grant(role, alice), grant(s.Name("norole"), alice), grant(role, s.Name("nobody")),
		revoke(role, carol), revoke(s.Name("norole"), alice), revoke(role, s.Name("nobody")), grant(role, bob),
	)
	for i, want := range []error{nil, connector.ErrNoRole, connector.ErrNoAccount, nil, nil, nil, nil} {
		if !errors.Is(out[i].Err, want) {
			s.Errorf("task %d: %v; want %v", i, out[i].Err, want)
		}
	}
	s.holds(role, alice, true)
	s.holds(role, bob, true)
	s.holds(role, carol, false)
}

func manyAtOnce(s *story) {
	const accounts = 8
	dba, reader := s.role(s.Name("dba")), s.role(s.Name("reader"))
	var grants, revokes []connector.Task
	for i := range accounts {
		account := s.account(s.Name("p" + string(rune('a'+i))))
		for _, role := range []string{dba, reader} {
			grants = append(grants, grant(role, account))
			revokes = append(revokes, revoke(role, account))
		}
	}
	s.done(grants...)
	for _, t := range grants {
		s.holds(t.Role, t.Account, true)
	}
	s.done(revokes...)
	for _, t := range grants {
		s.holds(t.Role, t.Account, false)
	}
}

// sameTwice puts both ways of one privilege into one batch: the order counts.
func sameTwice(s *story) {
	role, account := s.pair()
	s.done(grant(role, account), revoke(role, account))
	s.holds(role, account, false)
	s.done(revoke(role, account), grant(role, account), grant(role, account))
	s.holds(role, account, true)
}

// neighbours checks that nothing but the privileges named is touched (R28).
func neighbours(s *story) {
	role, alice := s.pair()
	other, bob := s.role(s.Name("other")), s.account(s.Name("bob"))
	for _, p := range [][2]string{{role, bob}, {other, alice}, {other, bob}} {
		s.System.Put(s.T, p[0], p[1], true)
	}
	s.done(grant(role, alice))
	s.done(revoke(role, alice))
	s.holds(role, alice, false)
	s.holds(role, bob, true)
	s.holds(other, alice, true)
	s.holds(other, bob, true)
}

// Hostile are names that break out of careless quoting, in one grammar or another.
func Hostile() []string {
	return []string{
		`we"ird; DROP ROLE x`, `o'brien`, `two words`, ` leading`, `trailing `, `back\slash`, "tab\there", "line\nbreak",
		`$(reboot)`, "`id`", `a,b`, `a:b`, `-d`, `--help`, `*`, `%s%n`, `{role}`, `Grüße`, `日本語`, `👩‍💻`, "a\u202eb",
		`"`, `""`, `'; --`, `/* x */`, `public`, `PUBLIC`, `current_user`, `none`, `$1`, `é`, "e\u0301",
		strings.Repeat("x", 63), strings.Repeat("ü", 31), strings.Repeat("x", 64), strings.Repeat("y", 255),
		"nul\x00byte", "\xff\xfe", "",
	}
}

func hostileNames(s *story) {
	victim, alice := s.pair()
	for _, name := range Hostile() {
		s.Run(fmt.Sprintf("%.20q", name), func(t *testing.T) {
			n := &story{T: t, Suite: s.Suite}
			if !s.Carries(name) {
				refuses(n, name, victim, alice)
				return
			}
			n.role(name)
			n.done(grant(name, alice))
			n.holds(name, alice, true)
			n.complete(n.read(name, alice), true)
			n.done(revoke(name, alice))
			n.holds(name, alice, false)
			n.System.DropRole(t, name)
			n.account(name)
			n.done(grant(victim, name))
			n.holds(victim, name, true)
			n.done(revoke(victim, name))
			n.holds(victim, name, false)
		})
	}
	s.holds(victim, alice, false)
}

// refuses checks that a name the system can't have is refused, that taking it
// away is a success, and that the nearest names the system can have don't
// suffer: systems cut long names and drop NULs.
func refuses(s *story, name, victim, alice string) {
	for _, near := range []string{strings.ReplaceAll(name, "\x00", ""), name[:min(len(name), 63)], strings.TrimSpace(name), strings.ToLower(name)} {
		if near != name && near != "" && s.Carries(near) {
			s.role(near)
			defer s.holds(near, alice, false)
			break
		}
	}
	out := s.apply(grant(name, alice), grant(victim, name), revoke(name, alice), revoke(victim, name))
	if out[0].Err == nil || out[0].Evidence.Holds || out[1].Err == nil || out[1].Evidence.Holds {
		s.Errorf("a name the system can't have was accepted: %+v", out[:2])
	}
	if out[2].Err != nil || out[3].Err != nil {
		s.Errorf("taking away what can't be there: %v, %v; want success (R4)", out[2].Err, out[3].Err)
	}
}

func scope(s *story) {
	role, account := s.pair()
	t := grant(role, account)
	t.Scope = "/"
	s.done(t)
	t.Grant = false
	s.done(t)
	s.holds(role, account, false)
}

func empty(s *story) {
	if out := s.apply(); len(out) != 0 {
		s.Errorf("no tasks have %d outcomes", len(out))
	}
	if out, err := s.driver().Read(s.ctx(), nil); err != nil || len(out) != 0 {
		s.Errorf("Read of nothing: %v, %v", out, err)
	}
}
