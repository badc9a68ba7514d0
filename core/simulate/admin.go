package simulate

import (
	"fmt"
	"maps"
	"time"

	"github.com/stint-pim/stint/core"
)

// span is how long an assignment lasts.
func span(n int) time.Duration {
	return []time.Duration{time.Hour, day, 3 * day, 10 * day, 30 * day, 90 * day, 200 * day}[n%7]
}

// connected are the systems in use.
func (w *world) connected() (out []core.System) {
	for _, id := range w.book.lands {
		if s := w.book.systems[id]; s.State == core.SystemConnected {
			out = append(out, s)
		}
	}
	return out
}

func adminActs() map[string]func(*world, Step) {
	some := func(w *world, n int) (core.Assignment, bool) {
		return pick(n, w.book.liveOnes(func(a core.Assignment) bool { return a.Origin == core.Assigned }))
	}
	return map[string]func(*world, Step){
		"assign": func(w *world, s Step) {
			c := core.Assign{Role: w.someRole(s.N[1]), Principals: []core.PersonID{w.person(s)}, Kind: core.Eligible, Justification: why}
			if s.N[2]%4 == 0 {
				c.Kind = core.Active
			}
			if s.N[2]>>2%3 == 0 {
				if p, _ := pick(s.N[0]/16, w.people); p != c.Principals[0] {
					c.Principals = append(c.Principals, p)
				}
			}
			if s.N[2]>>4%4 == 0 {
				c.Start = w.Now().Add(span(s.N[1]))
			}
			if s.N[2]>>6%3 > 0 {
				c.End = w.Now().Add(span(s.N[1]/7) + span(s.N[1]))
			}
			w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, c)
		},
		"update": func(w *world, s Step) {
			a, ok := some(w, s.N[0])
			if !ok {
				return
			}
			c := core.UpdateAssignment{Assignment: a.ID, Permanent: s.N[1]%4 == 0, Justification: why}
			if !c.Permanent {
				c.End = w.Now().Add(span(s.N[2]))
			}
			w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, c)
		},
		"remove": func(w *world, s Step) {
			var c core.RemoveAssignments
			for i := range 1 + s.N[1]%3/2 {
				if a, ok := pick(s.N[0]+i*5, w.book.liveOnes(func(core.Assignment) bool { return true })); ok {
					c.Assignments = append(c.Assignments, a.ID)
				}
			}
			if len(c.Assignments) > 0 {
				w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, c)
			}
		},
		"disable": func(w *world, s Step) {
			w.as(w.admin(s, core.UserAdministrator), s, core.DisablePerson{Person: w.person(s)})
		},
		"enable": func(w *world, s Step) {
			for _, p := range w.people {
				if w.book.people[p].Disabled {
					w.as(w.admin(s, core.UserAdministrator), s, core.EnablePerson{Person: p})
					return
				}
			}
		},
		"account": func(w *world, s Step) {
			sys, ok := pick(s.N[1], w.connected())
			h := w.hostOf(sys.ID)
			if !ok || h == nil {
				return
			}
			c := core.SetAccount{Person: w.person(s), System: sys.ID}
			if s.N[2]%4 > 0 {
				w.hand++
				c.External = fmt.Sprint("v-", w.hand)
				h.sys.AddAccount(c.External)
			}
			w.as(w.admin(s, core.UserAdministrator), s, c)
		},
		"proof": func(w *world, s Step) {
			if s.N[1]%2 == 0 {
				w.as(w.admin(s, core.UserAdministrator), s, core.ResetFactor{Person: w.person(s)})
			} else {
				w.as(w.admin(s, core.UserAdministrator), s, core.ResetPassword{Person: w.person(s), Hash: fmt.Sprint("first", w.keys)})
			}
		},
		"sessions": func(w *world, s Step) {
			w.as(w.admin(s, core.UserAdministrator), s, core.EndSessions{Person: w.person(s)})
		},
		"policy": func(w *world, s Step) {
			level := core.DefaultLevel
			switch s.N[1] % 4 {
			case 0:
				level = string(w.someRole(s.N[0]))
			case 1:
				if sys, ok := pick(s.N[0], w.connected()); ok {
					level = string(sys.ID)
				}
			}
			flag := func(bit int) *bool {
				if s.N[2]>>bit%3 == 0 {
					return nil
				}
				v := s.N[2]>>(bit+1)%2 == 0
				return &v
			}
			set := core.PolicySettings{RequireMFA: flag(0), RequireJustification: flag(2), RequireTicket: flag(4), AllowProlong: flag(6), PermanentActive: flag(8), AssignMFA: flag(10)}
			if s.N[2]>>12%4 > 0 {
				old := w.book.levels[level]
				set.RequireApproval, set.Stages, set.ApprovalTimeout = old.RequireApproval, old.Stages, old.ApprovalTimeout
			}
			if d := []core.Duration{0, core.Duration(30 * time.Minute), core.Duration(2 * time.Hour), core.Duration(24 * time.Hour)}[s.N[0]>>8%4]; d > 0 {
				set.MaxDuration = &d
			}
			w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, core.SetPolicy{Level: level, Settings: set})
		},
		"protect": func(w *world, s Step) {
			if r, ok := w.book.roles[w.someRole(s.N[0]|1)]; ok {
				w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, core.UpdateRole{Role: r.ID, Name: r.Name, Privileged: r.Privileged, Protected: !r.Protected})
			}
		},
		"system-add": func(w *world, s Step) {
			if len(w.connected()) >= 5 {
				return
			}
			// One that was managed before, or another.
			name := fmt.Sprint("system", len(w.hosts))
			spec := core.SystemSpec{Name: name, Kind: core.KindSample, Settings: map[string]string{"host": name}}
			var roles []core.NewRole
			h, known := pick(s.N[0], w.hosts)
			if known && w.managed(h) {
				known = false
			}
			if known && s.N[1]%3 > 0 {
				spec.Name, spec.Settings["host"] = h.name, h.address
				for i := range 4 {
					h.sys.AddRole(core.FoundRole{External: fmt.Sprint(h.name, "-role", i)})
					roles = append(roles, core.NewRole{External: fmt.Sprint(h.name, "-role", i), Name: fmt.Sprint(h.name, "-role", i)})
				}
			} else {
				h = newHost(name)
				w.hosts = append(w.hosts, h)
				h.sys.AddRole(core.FoundRole{External: name + "-role0"})
				roles = []core.NewRole{{External: name + "-role0", Name: name + "-role0"}}
			}
			c := w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, core.AddSystem{SystemSpec: spec, Roles: roles})
			if c.err != nil || c.cut {
				return
			}
			for i, p := range w.people {
				if i%2 == s.N[2]%2 {
					account := "u-" + w.book.people[p].Login
					h.sys.AddAccount(account)
					w.as(w.boss, Step{N: [4]int{0, 0, 0, 31}}, core.SetAccount{Person: p, System: c.res.System, External: account})
				}
			}
		},
		"system-update": func(w *world, s Step) {
			sys, ok := pick(s.N[0], w.connected())
			if !ok {
				return
			}
			set := maps.Clone(sys.Settings)
			name := sys.Name
			switch s.N[1] % 3 {
			case 0:
				set["native_expiry"] = fmt.Sprint(set["native_expiry"] != "true")
			case 1:
				w.hand++
				name = fmt.Sprint("renamed", w.hand)
			case 2: // an address at which nobody answers
				set["host"] = "nowhere"
			}
			w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, core.UpdateSystem{System: sys.ID, SystemSpec: core.SystemSpec{Name: name, Settings: set}})
		},
		"system-move": func(w *world, s Step) { // the server moves; administrators follow some time later
			h, ok := pick(s.N[0], w.hosts)
			if !ok {
				return
			}
			w.hand++
			old := h.address
			h.address = fmt.Sprint("moved", w.hand)
			h.dirty = w.lived
			w.wakeWorkers(h)
			w.tell("  %s moves from %s to %s", h.name, old, h.address)
			w.soon(time.Duration(s.N[1]%7200)*time.Second, w.follow)
		},
		"outside": func(w *world, s Step) { // what was found there is taken away or accepted
			id, ok := pick(s.N[0], w.book.drifts)
			if !ok {
				return
			}
			var c core.Command = core.RemoveOutside{Drift: id, Justification: why}
			if s.N[1]%2 == 0 {
				c = core.AcceptDrift{Drift: id, Justification: why}
			}
			w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, c)
		},
		"system-remove": func(w *world, s Step) {
			if sys, ok := pick(s.N[0], w.connected()); ok {
				w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, core.RemoveSystem{System: sys.ID})
			}
		},
	}
}

// follow corrects the address of systems whose host is elsewhere by now.
func (w *world) follow() {
	for _, id := range w.book.lands {
		sys := w.book.systems[id]
		if sys.State == core.SystemRemoved || w.hostOf(id) != nil {
			continue
		}
		if h := w.hostFor(id); h != nil {
			set := maps.Clone(sys.Settings)
			set["host"] = h.address
			h.dirty = w.lived
			for _, p := range w.people { // whoever may and can
				c := w.as(p, Step{N: [4]int{0, 0, 0, 31}}, core.UpdateSystem{System: id, SystemSpec: core.SystemSpec{Name: sys.Name, Settings: set}})
				if c.err == nil && !c.cut {
					break
				}
			}
		}
	}
}

// hostFor returns the host that a system stands for, wherever it looks for it.
func (w *world) hostFor(id core.SystemID) *host {
	if h, ok := w.stands[id]; ok {
		return h
	}
	for _, r := range w.book.titles {
		if role := w.book.roles[r]; role.System == id {
			w.stands[id] = w.hostWith(role.External)
			return w.stands[id]
		}
	}
	return nil
}
