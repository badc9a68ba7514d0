package core_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/memory"
)

func hours(r *rapid.T, label string) time.Duration {
	return time.Duration(rapid.SampledFrom([]int{5, 30, 60, 8 * 60, 24 * 60, 72 * 60}).Draw(r, label)) * time.Minute
}

// give gives a command; it may be refused, but it leaves a line in the log.
func (m *machine) give(r *rapid.T, p core.PersonID, cmd core.Command) (core.Result, error) {
	before := m.ver.Head.Seq
	if m.ver.Count == 0 {
		before = m.Head().Seq
	}
	res, err := m.Do(p, cmd)
	r.Logf("%s by %s: %v", cmd.Verb(), m.PersonOf(p).Name, err)
	switch core.CodeOf(err) {
	case core.Internal, core.Unavailable, core.Canceled:
		r.Fatalf("%s: %v", cmd.Verb(), err)
	}
	if len(m.Entries(before)) == 0 {
		r.Fatalf("%s (%v) left nothing in the log", cmd.Verb(), err)
	}
	return res, err
}

func (m *machine) actions() map[string]func(*rapid.T) {
	acts := map[string]func(*rapid.T){
		"": m.always,
		"assign": func(r *rapid.T) {
			c := core.Assign{Role: m.role(r), Principals: []core.PersonID{m.person(r), m.person(r)}, Kind: rapid.SampledFrom([]core.AssignmentKind{core.Eligible, core.Active}).Draw(r, "kind"), Justification: why}
			if rapid.Bool().Draw(r, "later") {
				c.Start = m.now().Add(hours(r, "in"))
			}
			if rapid.Bool().Draw(r, "ends") {
				c.End = m.now().Add(hours(r, "in") + hours(r, "for"))
			}
			m.give(r, m.actor(r), c)
		},
		"update": func(r *rapid.T) {
			c := core.UpdateAssignment{Assignment: m.some(r, "assignment", live), Permanent: rapid.Bool().Draw(r, "permanent"), Justification: why}
			if !c.Permanent {
				c.End = m.now().Add(hours(r, "for"))
			}
			m.give(r, m.actor(r), c)
		},
		"remove": func(r *rapid.T) {
			m.give(r, m.actor(r), core.RemoveAssignments{Assignments: []core.AssignmentID{m.some(r, "assignment", live), m.some(r, "another", live)}})
		},
		"remove one": func(r *rapid.T) {
			m.give(r, m.actor(r), core.RemoveAssignments{Assignments: []core.AssignmentID{m.some(r, "assignment", live)}})
		},
		"group": func(r *rapid.T) {
			if len(m.groups) > 2 {
				return
			}
			res, err := m.give(r, m.actor(r), core.AddGroup{GroupName: fmt.Sprint("group ", len(m.groups)), Members: []core.PersonID{m.person(r)}})
			if err == nil {
				m.groups = append(m.groups, res.Group)
			}
		},
		"join": func(r *rapid.T) {
			m.give(r, m.actor(r), core.AddMembers{Group: m.group(r), People: []core.PersonID{m.person(r)}})
		},
		"leave": func(r *rapid.T) {
			m.give(r, m.actor(r), core.RemoveMembers{Group: m.group(r), People: []core.PersonID{m.person(r)}})
		},
		"assign a group": func(r *rapid.T) {
			c := core.Assign{Role: m.role(r), Groups: []core.GroupID{m.group(r)}, Kind: rapid.SampledFrom([]core.AssignmentKind{core.Eligible, core.Active}).Draw(r, "kind"), Justification: why}
			if rapid.Bool().Draw(r, "later") {
				c.Start = m.now().Add(hours(r, "in"))
			}
			if rapid.Bool().Draw(r, "ends") {
				c.End = m.now().Add(hours(r, "in") + hours(r, "for"))
			}
			m.give(r, m.actor(r), c)
		},
		"remove a group": func(r *rapid.T) {
			if rapid.IntRange(0, 4).Draw(r, "rarely") == 0 {
				m.give(r, m.actor(r), core.RemoveGroup{Group: m.group(r)})
			}
		},
		"extend": func(r *rapid.T) {
			c := core.ExtendAssignments{Assignments: []core.AssignmentID{m.some(r, "assignment", live), m.some(r, "another", live)}, Permanent: rapid.Bool().Draw(r, "permanent"), Justification: why}
			if !c.Permanent {
				c.End = m.now().Add(hours(r, "for") + hours(r, "and"))
			}
			m.give(r, m.actor(r), c)
		},
		"renew": func(r *rapid.T) {
			c := core.RenewAssignments{Assignments: []core.AssignmentID{m.some(r, "assignment", ended)}, Permanent: rapid.Bool().Draw(r, "permanent"), Justification: why}
			if rapid.Bool().Draw(r, "later") {
				c.Start = m.now().Add(hours(r, "in"))
			}
			if !c.Permanent {
				c.End = m.now().Add(hours(r, "in") + hours(r, "for"))
			}
			m.give(r, m.actor(r), c)
		},
		"ask to extend": func(r *rapid.T) {
			id := m.some(r, "assignment", live)
			m.give(r, m.holder(r, id), core.RequestExtension{Assignment: id, End: m.now().Add(hours(r, "for") + hours(r, "and")), Justification: why})
		},
		"ask to renew": func(r *rapid.T) {
			id := m.some(r, "assignment", ended)
			m.give(r, m.holder(r, id), core.RequestRenewal{Assignment: id, End: m.now().Add(hours(r, "for")), Justification: why})
		},
		"activate":       m.activate,
		"activate again": m.activate,
		"drop": func(r *rapid.T) {
			id := m.some(r, "assignment", func(a core.Assignment) bool { return live(a) && a.Origin == core.Activated })
			m.give(r, m.Assignment(id).Principal, core.Drop{Assignments: []core.AssignmentID{id}})
		},
		"prolong": func(r *rapid.T) {
			id := m.some(r, "assignment", func(a core.Assignment) bool { return live(a) && a.Origin == core.Activated })
			a := m.Assignment(id)
			res, err := m.give(r, a.Principal, core.Prolong{Assignment: id, Duration: core.Duration(hours(r, "for")), Justification: why})
			if err == nil && res.Items[0].End.After(m.now().Add(m.most(a.Role))) {
				r.Fatalf("prolonged until %v, beyond the maximum", res.Items[0].End)
			}
		},
		"disable":        func(r *rapid.T) { m.give(r, m.actor(r), core.DisablePerson{Person: m.person(r)}) },
		"enable":         func(r *rapid.T) { m.give(r, m.actor(r), core.EnablePerson{Person: m.person(r)}) },
		"reset factor":   func(r *rapid.T) { m.give(r, m.actor(r), core.ResetFactor{Person: m.person(r)}) },
		"reset password": func(r *rapid.T) { m.give(r, m.actor(r), core.ResetPassword{Person: m.person(r), Hash: "h"}) },
		"own password": func(r *rapid.T) {
			if p := m.person(r); !m.PersonOf(p).Disabled {
				_, err := m.bare(core.Actor{Person: p, Strength: core.StrengthPassword, From: "window"}, core.ChangePassword{Right: true, Hash: "own"})
				r.Logf("own password: %v", err)
			}
		},
		"enrol": func(r *rapid.T) {
			if p := m.person(r); !m.factor(p).Confirmed && !m.PersonOf(p).Disabled {
				m.Factor(p)
			}
		},
		"rename account": func(r *rapid.T) {
			i := rapid.IntRange(0, len(m.systems)-1).Draw(r, "system")
			m.handles++
			name := fmt.Sprint("x", m.handles)
			m.Kind.System(m.names[i]).AddAccount(name)
			m.give(r, m.actor(r), core.SetAccount{Person: m.person(r), System: m.systems[i], External: name})
		},
		"policy": func(r *rapid.T) {
			level := []string{core.DefaultLevel, string(core.StintSystem), string(m.systems[0]), string(m.role(r))}[rapid.IntRange(0, 3).Draw(r, "level")]
			m.give(r, m.actor(r), core.SetPolicy{Level: level, Settings: core.PolicySettings{
				RequireMFA:            rapid.SampledFrom([]*bool{nil, ptr(true), ptr(false)}).Draw(r, "MFA"),
				MaxDuration:           rapid.SampledFrom([]*core.Duration{nil, ptr(core.Duration(30 * time.Minute)), ptr(core.Duration(24 * time.Hour))}).Draw(r, "maximum"),
				DropOn:                rapid.SampledFrom([]*[]core.DropReason{nil, {}, ptr(core.DropReasons())}).Draw(r, "drops"),
				NotifyActivatedAdmins: rapid.SampledFrom([]*core.Recipients{nil, {}, {Extra: []string{"soc@example.org"}}, {Defaults: true, Critical: true}}).Draw(r, "told"),
			}})
		},
		"policies": func(r *rapid.T) {
			// What was planned may have been changed meanwhile, and one level may be
			// wrong: then nothing at all may happen.
			var c core.SetPolicies
			for _, level := range []string{core.DefaultLevel, string(m.systems[0]), string(m.role(r))}[:rapid.IntRange(1, 3).Draw(r, "levels")] {
				l := core.LevelChange{Level: level, Settings: core.PolicySettings{RequireMFA: rapid.SampledFrom([]*bool{nil, ptr(true), ptr(false)}).Draw(r, "MFA"),
					MaxDuration: ptr(core.Duration(rapid.SampledFrom([]time.Duration{29 * time.Minute, time.Hour, 8 * time.Hour}).Draw(r, "maximum")))}}
				if rapid.IntRange(0, 3).Draw(r, "stale") > 0 {
					m.View(func(v core.View) { l.Was = v.PolicyLevel(level) })
				}
				c.Levels = append(c.Levels, l)
			}
			m.give(r, m.actor(r), c)
		},
		"approval": func(r *rapid.T) {
			level := []string{string(m.systems[0]), string(m.role(r))}[rapid.IntRange(0, 1).Draw(r, "level")]
			stages := []core.Stage{{Quorum: 1}}
			if rapid.Bool().Draw(r, "named") {
				who := []core.Approver{{Person: m.person(r)}, {Person: m.person(r)}, {Group: m.group(r)}, {Role: m.role(r)}}
				from := rapid.IntRange(0, 2).Draw(r, "from")
				stages = []core.Stage{{Approvers: who[from : from+2], Quorum: rapid.IntRange(1, 2).Draw(r, "quorum")}, {Quorum: 1}}
			}
			m.give(r, m.actor(r), core.SetPolicy{Level: level, Settings: core.PolicySettings{RequireApproval: ptr(rapid.IntRange(0, 2).Draw(r, "off") > 0), Stages: &stages}})
		},
		"answer":       m.answer,
		"answer again": m.answer,
		"take back": func(r *rapid.T) {
			if id, ok := m.waiting(r); ok {
				m.give(r, m.actor(r), core.CancelRequests{Requests: []core.RequestID{id}})
			}
		},
		"deputy": func(r *rapid.T) {
			m.give(r, m.person(r), core.SetDeputy{Deputy: m.person(r), Until: m.now().Add(hours(r, "for"))})
		},
		"protect": func(r *rapid.T) {
			m.give(r, m.actor(r), core.UpdateRole{Role: m.roles[rapid.IntRange(0, 2).Draw(r, "role")], Name: "r", Protected: rapid.Bool().Draw(r, "protected")})
		},
		"remove system": func(r *rapid.T) {
			if rapid.IntRange(0, 9).Draw(r, "rarely") == 0 {
				m.give(r, m.actor(r), core.RemoveSystem{System: m.systems[1]})
			}
		},
		"digest": m.digest,
		"a week": func(r *rapid.T) {
			if rapid.IntRange(0, 4).Draw(r, "rarely") == 0 {
				m.Clock.Set(m.Clock.Now().Add(time.Duration(rapid.IntRange(5, 20).Draw(r, "days")) * day))
				m.due()
			}
		},
		"end sessions": func(r *rapid.T) { m.give(r, m.actor(r), core.EndSessions{Person: m.person(r)}) },

		"time":      func(r *rapid.T) { m.Clock.Set(m.Clock.Now().Add(hours(r, "on"))) },
		"more time": func(r *rapid.T) { m.Clock.Set(m.Clock.Now().Add(hours(r, "on"))); m.due() },
		"time back": func(r *rapid.T) { m.Clock.Set(m.Clock.Now().Add(-hours(r, "back"))) },
		"due":       func(*rapid.T) { m.due() },
		"reconcile": func(*rapid.T) { m.once() },
		"settle":    func(*rapid.T) { m.due(); m.once() },
		"restart": func(r *rapid.T) {
			// The engine notes the time each minute; without that a step back
			// across a restart goes as far back as the last entry.
			if err := m.Store.NoteTime(m.T.Context(), m.now()); err != nil {
				r.Fatal(err)
			}
			m.Restart()
		},
		"a system fails": func(r *rapid.T) {
			f := rapid.SampledFrom([]memory.Failure{memory.Unreachable, memory.Refuse, memory.LoseAnswer}).Draw(r, "how")
			n := rapid.SampledFrom([]int{1, 2, -1}).Draw(r, "times")
			m.Kind.System(rapid.SampledFrom(m.names).Draw(r, "system")).Fail(f, n)
		},
		"systems heal": func(*rapid.T) { m.heal() },
		"everything catches up": func(r *rapid.T) {
			m.healthy()
			m.complete(r)
		},
	}
	return acts
}

func (m *machine) activate(r *rapid.T) {
	is := func(a core.Assignment) bool { return a.State == core.InForce && a.Kind == core.Eligible }
	id := m.some(r, "assignment", is)
	p := m.Assignment(id).Principal
	c := core.Activate{Items: []core.ActivationItem{{Assignment: id}, {Assignment: m.some(r, "another", is)}}, Duration: core.Duration(hours(r, "for")), Justification: why}
	if rapid.IntRange(0, 3).Draw(r, "later") == 0 {
		c.Start = m.now().Add(hours(r, "in"))
	}
	res, err := m.give(r, p, c)
	if err != nil {
		return
	}
	for _, it := range res.Items {
		if it.Err == nil && it.End.Sub(it.Start) > m.most(it.Role) {
			r.Fatalf("activated for %v, the maximum is %v", it.End.Sub(it.Start), m.most(it.Role))
		}
	}
}

// waiting is one of the requests that wait for an answer, if there are any.
func (m *machine) waiting(r *rapid.T) (core.RequestID, bool) {
	var list []core.RequestID
	m.View(func(v core.View) {
		for _, p := range m.people {
			for _, q := range v.PendingOf(p) {
				list = append(list, q.ID)
			}
		}
	})
	if len(list) == 0 {
		return "", false
	}
	return list[rapid.IntRange(0, len(list)-1).Draw(r, "request")], true
}

func (m *machine) answer(r *rapid.T) {
	if id, ok := m.waiting(r); ok {
		c := core.DecideRequests{Requests: []core.RequestID{id}, Approve: rapid.IntRange(0, 3).Draw(r, "no") > 0, Justification: why}
		if rapid.IntRange(0, 3).Draw(r, "other dates") == 0 {
			c.End = m.now().Add(hours(r, "for"))
			c.Kind = rapid.SampledFrom([]core.AssignmentKind{"", core.Eligible, core.Active}).Draw(r, "type")
			if rapid.Bool().Draw(r, "later") {
				c.Start = m.now().Add(hours(r, "in"))
			}
		}
		p := m.person(r)
		may := m.seated(r, id, p)
		res, err := m.give(r, p, c)
		if err == nil && res.Items[0].Err == nil && !may {
			r.Fatalf("%s answered %s and was not asked", p, id)
		}
	}
}

// seated reports whether somebody, or whose deputy he is, is one of those who may
// answer a request: found by going through all of these, where the rules go
// through what he has. Who may answer also finds the request in his list.
func (m *machine) seated(r *rapid.T, id core.RequestID, p core.PersonID) (may bool) {
	var rules bool
	var people []core.PersonID
	m.View(func(v core.View) {
		q, _ := v.Request(id)
		now := m.now()
		all := core.ApproversOf(v, q, q.Approval.Stage, now)
		may = slices.Contains(all, p)
		for _, d := range v.DeputyFor(p) {
			may = may || d.Acts(now) && slices.Contains(all, d.Person)
		}
		seats := core.SeatsOf(v, p, now)
		_, rules = seats.MayAnswer(q)
		people = seats.People()
	})
	l, err := m.Store.Requests(m.T.Context(), core.RequestFilter{Asked: people}, core.Page{Limit: 500})
	if found := slices.ContainsFunc(l.Items, func(q core.RequestRow) bool { return q.ID == id }); err != nil || rules && !found {
		r.Fatalf("%s may answer %s, which stands in his list: %v, %v", p, id, found, err)
	}
	return may
}

// agreed holds for whatever was made after an approval: enough different
// people, none of them the one it is for, have said yes in each stage.
func agreed(r *rapid.T, q core.Request) {
	if q.Approval == nil || q.Assignment == "" || q.Action != core.SelfActivate && !q.Action.OfAssignment() {
		return
	}
	heard := map[core.PersonID]bool{q.Principal: true, q.Requester: true}
	yes := make([]int, len(q.Approval.Stages))
	for _, v := range q.Approval.Votes {
		if heard[v.By] || !v.Approve {
			r.Fatalf("%s was carried out with the vote %+v", q.ID, v)
		}
		heard[v.By] = true
		yes[v.Stage]++
	}
	for i, s := range q.Approval.Stages {
		if yes[i] < s.Quorum {
			r.Fatalf("%s was carried out with %d of %d in stage %d", q.ID, yes[i], s.Quorum, i)
		}
	}
}
