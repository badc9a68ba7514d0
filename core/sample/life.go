package sample

import (
	"context"
	"time"

	"github.com/stint-pim/stint/core"
)

// lapse gives the sample's person something that ends before the day begins.
func (m *maker) lapse(ctx context.Context, me *employee) {
	m.do(ctx, me, core.Assign{Role: m.roles["Helpdesk@corp.example"], Principals: []core.PersonID{me.id}, Kind: core.Eligible,
		End: m.Now.Add(-2 * time.Hour), Justification: "Standing in for the help desk"})
}

// ends lets some of what was given for good end soon: the sample's person has
// to ask for it, and is asked by another.
func (m *maker) ends(ctx context.Context, me *employee) {
	until := func(e *employee, role string, end time.Time) core.AssignmentID {
		a, ok := m.eligible(ctx, e, m.roles[role])
		if ok {
			m.do(ctx, me, core.UpdateAssignment{Assignment: a.ID, End: end, Justification: "Only as long as the project lasts"})
		}
		return a.ID
	}
	const day = 24 * time.Hour
	until(me, "VPN Operators@corp.example", m.Now.Add(6*day))
	if data := m.byTeam("data"); len(data) > 4 {
		e := data[4]
		id := until(e, "db-owner@staging-db", m.Now.Add(9*day))
		m.signIn(ctx, e)
		m.do(ctx, e, core.RequestExtension{Assignment: id, End: m.Now.Add(120 * day).Truncate(day), Justification: "The new billing tables need until spring"})
	}
}

// crew puts the build team into a group that looks after the build host.
func (m *maker) crew(ctx context.Context, me *employee) {
	team := m.byTeam("build")
	if len(team) == 0 {
		return
	}
	c := core.AddGroup{GroupName: "Build team", Description: "Looks after the build host and its runners"}
	for _, e := range team {
		c.Members = append(c.Members, e.id)
	}
	g := m.do(ctx, me, c).Group
	m.do(ctx, me, core.Assign{Role: m.roles["docker@build-07"], Groups: []core.GroupID{g}, Scope: "/", Kind: core.Eligible,
		End: m.Now.Add(90 * 24 * time.Hour).Truncate(24 * time.Hour), Justification: "Runners are restarted by whoever is there"})
}

// byHand is what the readings of this morning saw: on the production database an
// account of no person owns everything, somebody was let in past Stint, and
// somebody's standing role was taken away.
func (m *maker) byHand(ctx context.Context) {
	db := m.Kind.System("prod-db")
	for _, s := range systems() {
		m.read(ctx, s.name)
	}
	m.clock.to(m.clock.Now().Add(time.Minute))
	db.AddAccount("etl_batch")
	db.Put("db_owner", "etl_batch", true)
	db.Put("db_owner", loginOf("Hugo Lefèvre"), true)
	if team := m.byTeam("finance"); len(team) > 1 {
		db.Put("reporting", team[1].login, false)
	}
	m.read(ctx, "prod-db")
	m.settle(ctx)
}

// read reads what a system holds as a whole.
func (m *maker) read(ctx context.Context, name string) {
	if m.err == nil {
		m.rec.Reading(ctx, m.systemID(ctx, name))
	}
}
