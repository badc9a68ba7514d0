package sample

import (
	"context"
	"encoding/base32"
	"math/rand/v2"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/memory"
)

// factorSecret makes a secret of 160 bits for an authenticator. It protects
// nothing but a sample, so that the sample's own dice will do.
func factorSecret(r *rand.Rand) core.Secret {
	b := make([]byte, 20)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return core.NewSecret(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// today leaves the company in the middle of a working day: some roles are
// active, one is about to end, one is planned, one system is away, and some things
// were done by hand.
func (m *maker) today(ctx context.Context) {
	me := m.admin
	at := func(ago time.Duration) { m.pass(ctx, m.Now.Add(-ago)) }

	at(25 * time.Hour)
	m.signIn(ctx, me)
	m.assign(ctx, offers()[0], core.Eligible)
	m.lapse(ctx, me)
	m.crew(ctx, me)

	at(100 * time.Minute)
	me.session = "" // a fresh one, which the window goes on with
	m.signIn(ctx, me)
	for _, e := range []struct {
		team, role string
		ago, dur   time.Duration
	}{
		{"data", "db-admin@prod-db", 95 * time.Minute, 2 * time.Hour}, {"helpdesk", "Helpdesk@corp.example", 90 * time.Minute, 9 * time.Hour},
		{"build", "wheel@build-07", 86 * time.Minute, 115 * time.Minute}, {"web", "Contributor@sub-production", 80 * time.Minute, 4 * time.Hour},
	} {
		at(e.ago)
		if team := m.byTeam(e.team); len(team) > 0 {
			m.signIn(ctx, team[0])
			m.begin(ctx, team[0], e.role, e.dur, core.Ticket{})
		}
	}
	at(79 * time.Minute)
	m.begin(ctx, me, "db-admin@prod-db", 2*time.Hour, core.Ticket{System: "Jira", Number: "INC-4812"})
	at(56 * time.Minute)
	m.begin(ctx, me, "Owner@sub-production", time.Hour, core.Ticket{System: "Jira", Number: "CHG-5120"})
	at(20 * time.Minute)
	m.later(ctx, me, "User Administrator@Northwind tenant")
	m.favour(ctx, me)
	m.approvals(ctx, me)
	m.ends(ctx, me)
	at(9 * time.Minute)
	m.byHand(ctx)

	// build-07 goes away half an hour before somebody's access there ends: whoever
	// looks around for so long sees that it can't be taken back yet. Who has just
	// come in finds nothing worse than a system that is away.
	at(4 * time.Minute)
	m.Kind.System("build-07").Fail(memory.Unreachable, -1)
	at(2 * time.Minute)
	m.settle(ctx)
	at(time.Minute)
	m.settle(ctx)
	at(0)
	m.settle(ctx)
}

// approvals lets some roles need the agreement of others from now on: two
// people wait for an answer of the sample's person, who waits for one, too.
func (m *maker) approvals(ctx context.Context, me *employee) {
	data, finance := m.byTeam("data"), m.byTeam("finance")
	if len(data) < 4 || len(finance) == 0 {
		return // a small company decides across the table
	}
	set := func(role string, stages ...core.Stage) {
		level := string(m.roles[role])
		var own core.PolicySettings
		if err := m.Store.Read(ctx, func(v core.View) error { own = v.PolicyLevel(level); return v.Err() }); err != nil {
			m.err = err
		}
		yes := true
		own.RequireApproval, own.Stages = &yes, &stages
		m.do(ctx, me, core.SetPolicy{Level: level, Settings: own})
	}
	set("billing-rw@prod-db", core.Stage{Approvers: []core.Approver{{Person: me.id}, {Person: finance[0].id}}, Quorum: 1})
	set("db-owner@staging-db", core.Stage{Approvers: []core.Approver{{Person: data[0].id}, {Person: data[1].id}}, Quorum: 1},
		core.Stage{Approvers: []core.Approver{{Person: me.id}, {Person: finance[0].id}}, Quorum: 1})
	m.clock.to(m.Now.Add(-14 * time.Minute))
	m.begin(ctx, me, "db-owner@staging-db", 2*time.Hour, core.Ticket{})
	for i, e := range []*employee{data[2], data[3]} {
		m.clock.to(m.Now.Add(-time.Duration(11-4*i) * time.Minute))
		m.signIn(ctx, e)
		m.begin(ctx, e, "billing-rw@prod-db", time.Duration(i+1)*90*time.Minute, core.Ticket{System: "Jira", Number: "INC-4821"})
	}
}

func (m *maker) begin(ctx context.Context, e *employee, role string, dur time.Duration, t core.Ticket) {
	if basis, ok := m.eligible(ctx, e, m.roles[role]); ok {
		m.do(ctx, e, core.Activate{Items: []core.ActivationItem{{Assignment: basis.ID}}, Duration: core.Duration(dur), Justification: pick(m.rnd, reasons()), Ticket: t})
	}
}

func (m *maker) later(ctx context.Context, e *employee, role string) {
	if basis, ok := m.eligible(ctx, e, m.roles[role]); ok {
		m.do(ctx, e, core.Activate{Items: []core.ActivationItem{{Assignment: basis.ID}}, Start: m.Now.Add(5 * time.Hour), Duration: core.Duration(2 * time.Hour), Justification: "Moving mailboxes after hours"})
	}
}

// favour saves what is activated again and again.
func (m *maker) favour(ctx context.Context, e *employee) {
	item := func(role string) core.ActivationItem {
		a, _ := m.eligible(ctx, e, m.roles[role])
		return core.ActivationItem{Assignment: a.ID}
	}
	for _, f := range []core.Favourite{
		{Name: "Release evening", Items: []core.ActivationItem{item("Contributor@sub-production"), item("wheel@build-07"), item("db-owner@staging-db")}, Duration: core.Duration(2 * time.Hour), Justification: "Release, as planned"},
		{Name: "Staging database", Items: []core.ActivationItem{item("db-owner@staging-db")}, Duration: core.Duration(time.Hour), Justification: "Looking at a report from staging"},
	} {
		m.do(ctx, e, core.SaveFavourite{Favourite: f})
	}
}
