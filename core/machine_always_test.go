package core_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/stint-pim/stint/core"
)

func (m *machine) each(f func(core.View, core.Assignment)) {
	m.View(func(v core.View) {
		for _, id := range m.w.all {
			a, _ := v.Assignment(id)
			f(v, a)
		}
	})
}

// complete holds when systems could be reached and there was time enough: each
// holds what is wanted and what was there before Stint, and nothing else.
func (m *machine) complete(r *rapid.T) {
	want := map[string]bool{}
	for k := range m.there {
		want[k] = true
	}
	all := map[string]bool{}
	m.View(func(v core.View) {
		for _, id := range m.w.grants {
			g, _ := v.Grant(id)
			sys, _ := v.System(g.System)
			key := sys.Name + "/" + g.External + "/" + g.Account
			all[key] = true
			want[key] = want[key] || g.Wanted
			// Of a system that was removed, what was never wanted is not looked at any more.
			if g.Pending() && (sys.State != core.SystemRemoved || g.State != core.GrantUnknown) {
				r.Fatalf("%s is still %s: %s", key, g.State, g.LastErr)
			}
		}
	})
	for key := range all {
		part := strings.Split(key, "/")
		if got := m.Kind.System(part[0]).Holds(part[1], part[2]); got != want[key] {
			r.Fatalf("%s: the system holds it: %v, want %v", key, got, want[key])
		}
	}
	m.each(func(v core.View, a core.Assignment) {
		q, _ := v.Request(a.Request)
		if a.State == core.InForce && q.Status != core.Provisioned {
			if p, _ := v.Person(a.Principal); !p.Disabled {
				r.Fatalf("%s is in force and its request %s", a.ID, q.Status)
			}
		}
		if !a.State.Live() && (q.Status == core.Granted || q.Status == core.PendingProvisioning) {
			r.Fatalf("%s is %s and its request %s", a.ID, a.State, q.Status)
		}
	})
}

// always is what holds after each step.
func (m *machine) always(r *rapid.T) {
	now := m.now()
	if now.Before(m.last) {
		r.Fatalf("the engine's time went back from %v to %v", m.last, now)
	}
	m.last = now
	for _, e := range m.Entries(m.ver.Head.Seq) {
		if b := m.ver.Check(&e); b != nil {
			r.Fatalf("entry %d: %s", b.Seq, b.Reason)
		}
	}
	m.digests(r)
	for i, arrows := range m.arrs {
		for _, s := range m.w.seen(i) {
			if !slices.Contains(arrows, s) {
				r.Fatalf("no such arrow: %s", s)
			}
		}
	}
	standing := map[core.AssignmentID]core.AssignmentID{}
	wanted, same := map[core.GrantID]bool{}, map[string]core.AssignmentID{}
	admins := 0
	m.each(func(v core.View, a core.Assignment) {
		p, _ := v.Person(a.Principal)
		q, _ := v.Request(a.Request)
		agreed(r, q)
		going := 0
		for _, q := range v.PendingOn(a.ID) {
			if q.Action.OfAssignment() {
				going++
			}
		}
		switch {
		case going > 1:
			r.Fatalf("%d requests wait for %s to go on", going, a.ID)
		case going > 0 && a.State == core.Removed:
			r.Fatalf("somebody is asked to let %s go on, which was removed", a.ID)
		case !a.Remind.IsZero() && (!a.State.Live() || !a.Remind.Before(a.End) || a.Origin == core.Activated && a.End.Sub(a.Remind) != core.EndingSoon):
			r.Fatalf("%s, %s until %v, is to be reminded of at %v", a.ID, a.State, a.End, a.Remind)
		}
		if a.State.Live() && a.Origin == core.Assigned {
			key := fmt.Sprint(a.Principal, a.Group, a.Via, a.Role, a.Scope, a.Kind)
			if other, ok := same[key]; ok {
				r.Fatalf("%s and %s are the same", a.ID, other)
			}
			same[key] = a.ID
		}
		if a.State.Live() && a.Basis != "" {
			if other, ok := standing[a.Basis]; ok {
				r.Fatalf("%s and %s stand on %s", a.ID, other, a.Basis)
			}
			standing[a.Basis] = a.ID
			basis, _ := v.Assignment(a.Basis)
			switch {
			case !basis.State.Live():
				r.Fatalf("%s outlives what it stands on", a.ID)
			case p.Disabled:
				r.Fatalf("%s is live and its person disabled", a.ID)
			case a.End.IsZero() || a.End.Sub(a.Start) > core.MaxMaxDuration && a.End.After(now.Add(core.MaxMaxDuration)):
				r.Fatalf("%s lasts from %v to %v", a.ID, a.Start, a.End)
			case !basis.End.IsZero() && a.End.After(basis.End):
				r.Fatalf("%s ends at %v, what it stands on at %v", a.ID, a.End, basis.End)
			}
		}
		if a.Via != "" && a.State.Live() {
			of, _ := v.Assignment(a.Via)
			in := slices.ContainsFunc(v.MembersOf(a.Group), func(x core.Member) bool { return x.Person == a.Principal })
			if !in || !of.State.Live() || of.Group != a.Group || !a.End.Equal(of.End) || a.Kind != of.Kind || a.Role != of.Role {
				r.Fatalf("%s comes through %s: a member %v, %s until %v, and that %s until %v", a.ID, of.ID, in, a.State, a.End, of.State, of.End)
			}
		}
		if a.OfGroup() && a.State.Live() {
			have := v.Through(a.ID)
			for _, x := range v.MembersOf(a.Group) {
				if _, account := v.Account(x.Person, a.System); (a.Kind == core.Eligible || account || a.System == core.StintSystem) && !slices.ContainsFunc(have, func(o core.Assignment) bool { return o.Principal == x.Person }) {
					r.Fatalf("%s is in %s and has nothing through %s", x.Person, a.Group, a.ID)
				}
			}
		}
		if a.State == core.InForce && a.Kind == core.Active && !a.OfGroup() {
			if a.Grant == "" && a.System != core.StintSystem {
				r.Fatalf("%s is in force and has no grant", a.ID)
			}
			wanted[a.Grant] = wanted[a.Grant] || !p.Disabled
			if a.Role == core.StintRole(core.GlobalAdministrator) && a.Permanent() && a.Origin == core.Assigned && !p.Disabled {
				def, system, own := v.PolicyLevels(a.Role)
				pol, _ := core.ResolvePolicy(def, system, own)
				f, _ := v.Factor(p.ID)
				if cr, _ := v.Credential(p.ID); !cr.MustChange && (f.Confirmed || !pol.RequireMFA) {
					admins++
				}
			}
		}
	})
	if admins == 0 {
		r.Fatal("nobody is Global Administrator for good")
	}
	m.View(func(v core.View) {
		for _, id := range m.w.grants {
			if g, _ := v.Grant(id); g.Wanted != wanted[id] {
				r.Fatalf("grant %s/%s: wanted %v, want %v", g.External, g.Account, g.Wanted, wanted[id])
			}
		}
	})
}
