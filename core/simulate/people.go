package simulate

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

const why = "for the night shift"

// actions are the steps of a plan by name.
func actions() map[string]func(*world, Step) {
	all := peopleActs()
	maps.Copy(all, adminActs())
	maps.Copy(all, askActs())
	maps.Copy(all, groupActs())
	maps.Copy(all, troubleActs())
	return all
}

// names of the dozen, after the boss.
var names = []string{"Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hedy", "Ines", "Jon", "Kim", "Lou"}

// found founds the company: people, systems with roles, who holds what
// already, and who may activate what. Nothing fails on this day.
func (w *world) found(r *rand.Rand) {
	ctx := context.Background()
	res, err := w.proc.eng.Do(ctx, engine.Job{Actor: core.Actor{Strength: core.StrengthNone, From: "window"}, Command: core.SetUp{
		FullName: "Bo Boss", Login: "boss", Language: "en", Hash: "hash", Organisation: "Test", Session: core.Session{ID: "session-0", From: "window"},
	}})
	if err != nil {
		w.fail("answersAreKnown", "set up: %v", err)
		return
	}
	w.boss, w.people = res.Person, []core.PersonID{res.Person}
	w.signed[w.boss] = "session-0"
	w.upSince = 0
	must := func(c core.Command) core.Result {
		if !w.ready(w.boss) {
			w.fail("answersAreKnown", "the boss can't sign in")
		}
		a := &asked{who: w.boss, cmd: c}
		if w.failure == nil {
			w.give(a)
		}
		if a.err != nil {
			w.fail("answersAreKnown", "founding: %s: %v", c.Verb(), a.err)
		}
		return a.res
	}
	for _, n := range names[:8+r.IntN(len(names)-7)] {
		w.people = append(w.people, must(core.AddPerson{FullName: n, Login: n, Hash: "hash"}).Person)
	}
	for i := range 3 + r.IntN(3) {
		w.addSystem(fmt.Sprint("system", i), r, must)
	}
	for _, role := range []string{core.GlobalAdministrator, core.PrivilegedRoleAdministrator, core.UserAdministrator} {
		must(core.Assign{Role: core.StintRole(role), Principals: []core.PersonID{w.people[1]}, Kind: core.Active, Justification: why})
		must(core.Assign{Role: core.StintRole(role), Principals: []core.PersonID{w.people[2]}, Kind: core.Eligible, Justification: why})
	}
	w.until(w.lived+time.Minute, false)
}

// addSystem puts up a host with roles and accounts, some of them held since
// before Stint, and has Stint manage it.
func (w *world) addSystem(name string, r *rand.Rand, must func(core.Command) core.Result) {
	h := newHost(name)
	w.hosts = append(w.hosts, h)
	var roles []core.NewRole
	for i := range 2 + r.IntN(3) {
		ext := fmt.Sprint(name, "-role", i)
		h.sys.AddRole(core.FoundRole{External: ext})
		roles = append(roles, core.NewRole{External: ext, Name: ext, Privileged: i == 0, Protected: i == 0 && r.IntN(3) == 0})
	}
	settings := map[string]string{"host": h.address}
	if r.IntN(4) == 0 {
		settings["native_expiry"] = "true"
	}
	added := must(core.AddSystem{SystemSpec: core.SystemSpec{Name: name, Kind: core.KindSample, Settings: settings}, Roles: roles})
	for i, p := range w.people {
		if w.failure != nil || i > 0 && r.IntN(4) == 0 {
			continue // no account here
		}
		account := "u-" + w.book.people[p].Login
		h.sys.AddAccount(account)
		for _, role := range roles {
			if r.IntN(12) == 0 {
				h.stirred = true
				h.sys.Put(role.External, account, true)
				h.at(place{role.External, account}).foreign = true
			}
		}
		must(core.SetAccount{Person: p, System: added.System, External: account})
		for _, role := range added.Roles {
			switch r.IntN(6) {
			case 0, 1, 2:
				c := core.Assign{Role: role, Principals: []core.PersonID{p}, Kind: core.Eligible, Justification: why}
				if r.IntN(3) == 0 {
					c.End = w.Now().Add(time.Duration(1+r.IntN(60)) * day)
				}
				must(c)
			case 3:
				if r.IntN(3) == 0 {
					must(core.Assign{Role: role, Principals: []core.PersonID{p}, Kind: core.Active, Justification: why, End: w.Now().Add(time.Duration(1+r.IntN(90)) * day)})
				}
			}
		}
	}
	if r.IntN(2) == 0 {
		no := false
		must(core.SetPolicy{Level: string(added.System), Settings: core.PolicySettings{RequireMFA: &no}})
	}
}

func pick[T any](n int, from []T) (t T, ok bool) {
	if len(from) == 0 {
		return t, false
	}
	return from[n%len(from)], true
}

// person is somebody: N[0].
func (w *world) person(s Step) core.PersonID { p, _ := pick(s.N[0], w.people); return p }

// someRole is a role of a system, or now and then of Stint itself.
func (w *world) someRole(n int) core.RoleID {
	var of []core.RoleID
	for _, r := range w.book.titles {
		if y := w.book.roles[r].System; y == core.StintSystem && n%16 == 0 || y != core.StintSystem && w.book.systems[y].State == core.SystemConnected {
			of = append(of, r)
		}
	}
	r, _ := pick(n/16, of)
	return r
}

// admin is who gives an administrator's command: one who may, mostly; N[3].
func (w *world) admin(s Step, roles ...string) core.PersonID {
	if s.N[3]>>10%8 == 0 {
		p, _ := pick(s.N[3]>>4, w.people)
		return p
	}
	var may []core.PersonID
	for _, p := range w.people {
		if w.book.holds(p, w.Now(), append(roles, core.GlobalAdministrator)...) && !w.book.people[p].Disabled {
			may = append(may, p)
		}
	}
	p, ok := pick(s.N[3]>>4, may)
	if !ok {
		return w.boss
	}
	return p
}

// as gives a command as somebody who has signed in, with a key every second
// time (the lowest bit of N[3]) and sometimes no or a wrong code.
func (w *world) as(who core.PersonID, s Step, cmd core.Command) *asked {
	c := w.ask(who, s, cmd)
	w.give(c)
	return c
}

func (w *world) ask(who core.PersonID, s Step, cmd core.Command) *asked {
	w.ready(who)
	c := &asked{who: who, cmd: cmd}
	switch s.N[3] >> 1 % 16 {
	case 0:
		c.code = wrong
	case 1:
		c.code = again
	case 2:
		c.code = none
	}
	if s.N[3]%2 == 0 {
		w.keyOf[who]++
		c.key = fmt.Sprint("key-", w.keyOf[who]) // others have used it, too: it is each one's own
		if w.keyed = append(w.keyed, c); len(w.keyed) > 20 {
			w.keyed = slices.Delete(w.keyed, 0, 1)
		}
	}
	return c
}

// activation is what somebody would activate: N[0] who, N[1] which, N[2] for
// how long, N[3] how.
func (w *world) activation(s Step) (core.PersonID, core.Activate, bool) {
	eligible := w.book.liveOnes(func(a core.Assignment) bool {
		return a.Kind == core.Eligible && a.State == core.InForce && !a.OfGroup()
	})
	first, ok := pick(s.N[0]*256+s.N[1], eligible)
	if !ok {
		return "", core.Activate{}, false
	}
	c := core.Activate{Items: []core.ActivationItem{{Assignment: first.ID}}, Duration: core.Duration(length(s.N[2])), Justification: why, Ticket: core.Ticket{System: "ops", Number: "OPS-1"}}
	for _, a := range eligible {
		if s.N[2]>>8%4 == 0 && a.Principal == first.Principal && len(c.Items) < 4 && a.ID != first.ID {
			c.Items = append(c.Items, core.ActivationItem{Assignment: a.ID})
		}
	}
	if s.N[2]>>10%6 == 0 && w.proc != nil {
		c.Start = w.proc.eng.Now().Add(length(s.N[1]))
	}
	return first.Principal, c, true
}

// activations are those that run or are to start.
func (w *world) activations() []core.Assignment {
	return w.book.liveOnes(func(a core.Assignment) bool { return a.Origin == core.Activated })
}

func peopleActs() map[string]func(*world, Step) {
	return map[string]func(*world, Step){
		"activate": func(w *world, s Step) {
			if who, c, ok := w.activation(s); ok {
				w.as(who, s, c)
			}
		},
		"crowd": func(w *world, s Step) { // several people in one commit
			var calls []*asked
			for i := range 2 + s.N[3]>>8%4 {
				who, c, ok := w.activation(Step{N: [4]int{s.N[0] + 7*i, s.N[1], s.N[2] + i, s.N[3] + i}})
				if ok && !slices.ContainsFunc(calls, func(a *asked) bool { return a.who == who }) {
					calls = append(calls, w.ask(who, Step{N: [4]int{0, 0, 0, s.N[3] + i}}, c))
				}
			}
			if len(calls) > 0 {
				w.give(calls...)
			}
		},
		"drop": func(w *world, s Step) {
			a, ok := pick(s.N[0], w.activations())
			if !ok {
				return
			}
			who := a.Principal
			if s.N[1]%8 == 0 {
				who = w.admin(s, core.PrivilegedRoleAdministrator)
			}
			w.as(who, s, core.Drop{Assignments: []core.AssignmentID{a.ID}})
		},
		"prolong": func(w *world, s Step) {
			if a, ok := pick(s.N[0], w.activations()); ok {
				w.as(a.Principal, s, core.Prolong{Assignment: a.ID, Duration: core.Duration(length(s.N[2])), Justification: why})
			}
		},
		"repeat": func(w *world, s Step) { // an earlier key once more, or for something else
			c, ok := pick(s.N[0], w.keyed)
			if !ok {
				return
			}
			if s.N[1]%4 > 0 {
				w.repeat(c)
				return
			}
			if c.committed && w.proc != nil && w.proc.eng.Now().Sub(c.at) < 23*time.Hour && w.ready(c.who) {
				other := &asked{who: c.who, cmd: core.Drop{Assignments: []core.AssignmentID{"as_another"}}, key: c.key, reused: true}
				w.give(other)
				if other.err == nil && !other.cut {
					w.fail("aKeyGivesTheFirstAnswer", "the key of %s was taken for a drop", c.cmd.Verb())
				}
			}
		},
		"preview": func(w *world, s Step) {
			who, c, ok := w.activation(s)
			if !ok || !w.ready(who) || w.proc == nil {
				return
			}
			p := w.proc
			a := w.ask(who, Step{N: [4]int{0, 0, 0, 31}}, c)
			commits := w.book.commits
			var told error
			var plan core.Plan
			if !p.run(func() { plan, told = p.eng.Preview(context.Background(), w.job(a).Actor, c) }) {
				return
			}
			if told == nil && plan.Result.Items[0].Err != nil {
				told = plan.Result.Items[0].Err
			}
			if w.book.commits != commits {
				w.fail("aPreviewChangesNothing", "the preview of %s was committed", c.Verb())
			}
			w.give(a)
			if len(c.Items) == 1 && !a.cut && core.CodeOf(told) != core.Unavailable && (told == nil) != (a.err == nil) &&
				core.CodeOf(a.err) != core.Locked && core.CodeOf(a.err) != core.ProofRequired {
				w.fail("aPreviewTellsTheTruth", "%s: the preview said %v, then it was %v", c.Verb(), told, a.err)
			}
		},
	}
}
