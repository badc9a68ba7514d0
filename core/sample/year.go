package sample

import (
	"context"
	"strconv"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/seal"
)

// found sets Stint up with its first person.
func (m *maker) found(ctx context.Context) {
	n := names()[0]
	m.admin = &employee{name: n[0], login: loginOf(n[0]), team: n[1]}
	m.admin.token = auth.NewToken()
	id, _ := auth.SessionOf(m.admin.token)
	res := m.commit(ctx, m.admin, core.Actor{Strength: core.StrengthNone, From: "window"}, core.SetUp{
		FullName: m.admin.name, Login: m.admin.login, Mail: m.admin.login + "@northwind.example", Language: "en", Hash: noPassword,
		Organisation: organisation, Session: core.Session{ID: id, From: "window"},
	})
	m.admin.id, m.admin.session, m.admin.signedIn = res.Person, id, m.clock.Now()
	m.enrol(ctx, m.admin)
	m.staff = append(m.staff, m.admin)
}

// noPassword is the hash of no password at all: nobody signs in to a sample
// by typing one.
const noPassword = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// enrol gives somebody a second factor, as its wizard does.
func (m *maker) enrol(ctx context.Context, e *employee) {
	e.secret = factorSecret(m.rnd)
	sealed, err := m.Box.SealSecret(seal.FactorContext(e.id), e.secret)
	if err != nil {
		m.err = err
		return
	}
	a := core.Actor{Person: e.id, Session: e.session, Strength: core.StrengthPassword, From: "window"}
	m.commit(ctx, e, a, core.BeginFactor{Sealed: sealed})
	m.clock.to(m.clock.Now().Add(40 * time.Second))
	m.commit(ctx, e, a, core.ConfirmFactor{Recovery: []string{"sample"}})
	m.clock.to(m.clock.Now().Add(40 * time.Second))
}

// build adds the systems, their roles and the settings that differ.
func (m *maker) build(ctx context.Context) {
	for _, s := range systems() {
		if _, err := m.Kind.Open(connector.Config{Name: s.name, Settings: map[string]string{"as": s.as}}); err != nil {
			m.err = err
			return
		}
		sys := m.Kind.System(s.name)
		for _, r := range s.roles {
			sys.AddRole(core.FoundRole{External: r.External, Description: r.Description, Privileged: r.Privileged})
		}
		for _, n := range names() {
			sys.AddAccount(loginOf(n[0]))
		}
		res := m.do(ctx, m.admin, core.AddSystem{SystemSpec: core.SystemSpec{Name: s.name, Kind: core.KindSample, Settings: map[string]string{"as": s.as}}, Roles: s.roles})
		for i, id := range res.Roles {
			m.roles[s.roles[i].Name+"@"+s.name] = id
		}
		m.clock.to(m.clock.Now().Add(7 * time.Minute))
	}
	yes, no, day := true, false, core.Duration(24*time.Hour)
	hours := func(n int) *core.Duration { d := core.Duration(time.Duration(n) * time.Hour); return &d }
	quarter := 90 * day
	pattern := `(CHG|INC)-[0-9]{4,6}`
	for _, p := range []struct {
		role string
		set  core.PolicySettings
	}{
		{"db-owner@prod-db", core.PolicySettings{MaxDuration: hours(4), RequireTicket: &yes, TicketPattern: &pattern, EligibleFor: &quarter, PermanentEligible: &no}},
		{"Domain Admins@corp.example", core.PolicySettings{MaxDuration: hours(1), RequireTicket: &yes, AllowProlong: &no}},
		{"Owner@sub-production", core.PolicySettings{MaxDuration: hours(2), RequireTicket: &yes}},
		{"wheel@build-07", core.PolicySettings{MaxDuration: hours(2)}},
		{"Helpdesk@corp.example", core.PolicySettings{MaxDuration: hours(10), RequireJustification: &no}},
	} {
		m.do(ctx, m.admin, core.SetPolicy{Level: string(m.roles[p.role]), Settings: p.set})
	}
}

// hire adds the people over the first weeks and makes them eligible.
func (m *maker) hire(ctx context.Context) {
	for i, n := range names()[:m.People] {
		e := m.staff[0]
		if i > 0 {
			e = &employee{name: n[0], login: loginOf(n[0]), team: n[1]}
			res := m.do(ctx, m.admin, core.AddPerson{FullName: e.name, Login: e.login, Mail: e.login + "@northwind.example", Hash: noPassword})
			e.id = res.Person
			m.staff = append(m.staff, e)
			m.welcome(ctx, e)
		}
		for _, s := range systems() {
			if contains(s.teams, e.team) {
				m.do(ctx, m.admin, core.SetAccount{Person: e.id, System: m.systemID(ctx, s.name), External: e.login})
			}
		}
		m.clock.to(m.clock.Now().Add(time.Duration(4+m.rnd.IntN(25)) * time.Minute))
		m.signIn(ctx, m.admin)
	}
	for _, o := range offers() {
		m.assign(ctx, o, core.Eligible)
	}
	for _, o := range standing() {
		m.assign(ctx, o, core.Active)
	}
	m.ownRoles(ctx)
}

// welcome is somebody's first sign-in: a password of his own, a second factor.
func (m *maker) welcome(ctx context.Context, e *employee) {
	m.clock.to(m.clock.Now().Add(3 * time.Minute))
	e.token = auth.NewToken()
	id, _ := auth.SessionOf(e.token)
	m.commit(ctx, e, core.Actor{Strength: core.StrengthNone, From: "window"}, core.OpenSession{Login: e.login, Person: e.id, Right: true, Session: core.Session{ID: id, From: "window"}})
	e.session, e.signedIn = id, m.clock.Now()
	m.commit(ctx, e, core.Actor{Person: e.id, Session: id, From: "window"}, core.ChangePassword{Right: true, Hash: noPassword})
	m.enrol(ctx, e)
}

func (m *maker) systemID(ctx context.Context, name string) core.SystemID {
	var id core.SystemID
	if err := m.Store.Read(ctx, func(v core.View) error {
		s, _ := v.SystemByName(name)
		id = s.ID
		return v.Err()
	}); err != nil {
		m.err = err
	}
	return id
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (m *maker) assign(ctx context.Context, o offer, kind core.AssignmentKind) {
	m.signIn(ctx, m.admin)
	c := core.Assign{Role: m.roles[o.role], Kind: kind, Justification: "Part of the job since " + m.clock.Now().Format("January 2006")}
	for _, e := range m.byTeam(o.teams...) {
		c.Principals = append(c.Principals, e.id)
	}
	if len(c.Principals) == 0 {
		return
	}
	if o.role == "db-owner@prod-db" {
		c.End = m.clock.Now().Add(90 * 24 * time.Hour)
	}
	m.do(ctx, m.admin, c)
	m.clock.to(m.clock.Now().Add(2 * time.Minute))
}

// ownRoles hands out the roles of Stint itself.
func (m *maker) ownRoles(ctx context.Context) {
	give := func(role string, kind core.AssignmentKind, people ...*employee) {
		for _, e := range people {
			m.do(ctx, m.admin, core.Assign{Role: core.StintRole(role), Principals: []core.PersonID{e.id}, Kind: kind, Justification: "Agreed with the head of IT"})
		}
	}
	platform, security, desk := m.byTeam("platform"), m.byTeam("security"), m.byTeam("helpdesk")
	if len(platform) > 2 {
		give(core.GlobalAdministrator, core.Active, platform[1])
		give(core.PrivilegedRoleAdministrator, core.Eligible, platform[1:3]...)
	}
	give(core.SecurityReader, core.Active, security...)
	give(core.UserAdministrator, core.Eligible, desk...)
}

// live goes through the year a day at a time.
func (m *maker) live(ctx context.Context) {
	end := m.Now.Add(-26 * time.Hour)
	first := m.clock.Now()
	days := int64(end.Sub(first)/(24*time.Hour)) + 1
	for day := int64(0); m.err == nil; day++ {
		morning := first.Truncate(24 * time.Hour).Add(time.Duration(day+1)*24*time.Hour + 7*time.Hour)
		if !morning.Before(end) {
			break
		}
		if m.Tell != nil {
			m.Tell(day, days)
		}
		if m.err = ctx.Err(); m.err != nil {
			return
		}
		m.pass(ctx, morning)
		m.oddDay(ctx, day)
		if wd := morning.Weekday(); wd == time.Saturday || wd == time.Sunday {
			if m.rnd.IntN(6) == 0 {
				m.workday(ctx, 1)
			}
			continue
		}
		m.workday(ctx, 2+m.rnd.IntN(6))
	}
	if m.Tell != nil {
		m.Tell(days, days)
	}
}

// workday lets n activations happen between seven and seventeen o'clock.
func (m *maker) workday(ctx context.Context, n int) {
	for range n {
		m.pass(ctx, m.clock.Now().Add(time.Duration(10+m.rnd.IntN(100))*time.Minute))
		o := m.likely()
		team := m.byTeam(o.teams...)
		if len(team) > 0 {
			m.activity(ctx, pick(m.rnd, team), o)
		}
	}
}

// likely picks an offer, those that are used often more often.
func (m *maker) likely() offer {
	all, sum := offers(), 0
	for _, o := range all {
		sum += o.often * len(m.byTeam(o.teams...))
	}
	at := m.rnd.IntN(max(1, sum))
	for _, o := range all {
		if at -= o.often * len(m.byTeam(o.teams...)); at < 0 {
			return o
		}
	}
	return all[0]
}

// activity is one visit: sign in, activate, sometimes prolong, sometimes drop.
func (m *maker) activity(ctx context.Context, e *employee, o offer) {
	m.signIn(ctx, e)
	basis, ok := m.eligible(ctx, e, m.roles[o.role])
	if !ok {
		return
	}
	c := core.Activate{Items: []core.ActivationItem{{Assignment: basis.ID}}, Duration: m.length(), Justification: pick(m.rnd, reasons())}
	if o.role == "db-owner@prod-db" || o.role == "Domain Admins@corp.example" || o.role == "Owner@sub-production" {
		c.Ticket = core.Ticket{System: "Jira", Number: "CHG-" + strconv.Itoa(2000+m.rnd.IntN(7000))}
		if m.rnd.IntN(12) == 0 {
			c.Ticket = core.Ticket{} // forgot it: refused
		}
	}
	res := m.do(ctx, e, c)
	if len(res.Items) == 0 || res.Items[0].Assignment == "" {
		return
	}
	id := res.Items[0].Assignment
	switch m.rnd.IntN(8) {
	case 0, 1, 2:
		m.pass(ctx, m.clock.Now().Add(time.Duration(float64(c.Duration)*(0.2+0.6*m.rnd.Float64()))))
		m.do(ctx, e, core.Drop{Assignments: []core.AssignmentID{id}})
	case 3:
		m.pass(ctx, m.clock.Now().Add(c.Duration.Std()-8*time.Minute))
		m.do(ctx, e, core.Prolong{Assignment: id, Duration: core.Duration(time.Hour), Justification: "Takes longer than thought"})
	}
}

func (m *maker) length() core.Duration {
	return core.Duration(pick(m.rnd, []time.Duration{30 * time.Minute, time.Hour, time.Hour, 90 * time.Minute, 2 * time.Hour, 4 * time.Hour, 9 * time.Hour}))
}

// eligible finds what somebody may activate of a role.
func (m *maker) eligible(ctx context.Context, e *employee, role core.RoleID) (core.Assignment, bool) {
	var found core.Assignment
	if err := m.Store.Read(ctx, func(v core.View) error {
		for _, a := range v.LiveOf(e.id) {
			if a.Role == role && a.Kind == core.Eligible && a.State == core.InForce && len(v.StandingOn(a.ID)) == 0 {
				found = a
			}
		}
		return v.Err()
	}); err != nil {
		m.err = err
	}
	return found, found.ID != ""
}

// oddDay is what doesn't happen every day.
func (m *maker) oddDay(ctx context.Context, day int64) {
	switch {
	case day%91 == 87: // the quarterly eligibility for prod-db is given again
		m.assign(ctx, offers()[0], core.Eligible)
	case day == 140 || day == 251: // somebody leaves
		if team := m.byTeam("web", "office"); len(team) > 3 {
			e := team[len(team)-1]
			m.signIn(ctx, m.admin)
			m.do(ctx, m.admin, core.DisablePerson{Person: e.id, Justification: "Left the company"})
			e.gone = true
		}
	case day%30 == 11: // somebody mistypes a password
		e := pick(m.rnd, m.staff)
		for range 1 + m.rnd.IntN(3) {
			m.commit(ctx, e, core.Actor{Strength: core.StrengthNone, From: "10.20.9.44"}, core.OpenSession{Login: e.login, Person: e.id, Session: core.Session{From: "10.20.9.44"}})
		}
	case day%60 == 33: // an auditor exports
		if s := m.byTeam("security"); len(s) > 0 {
			m.signIn(ctx, s[0])
			m.do(ctx, s[0], core.NoteExport{Format: "csv", Filter: "from the first of the month", Count: 400 + day, Hash: "0c1f…"})
		}
	case day%75 == 50: // a system is away for a while: somebody's access can't be taken back before it is there again
		sys := m.Kind.System("build-07")
		if build := m.byTeam("build"); len(build) > 0 {
			m.signIn(ctx, build[0])
			m.begin(ctx, build[0], "wheel@build-07", 30*time.Minute, core.Ticket{})
		}
		sys.Fail(memory.Unreachable, -1)
		for range 3 {
			m.pass(ctx, m.clock.Now().Add(20*time.Minute))
			m.settle(ctx)
		}
		m.workday(ctx, 3)
		sys.Heal()
		m.pass(ctx, m.clock.Now().Add(2*time.Minute))
		m.settle(ctx)
	case day == 200: // somebody reaches for what he may not do
		if web := m.byTeam("web"); len(web) > 0 {
			m.signIn(ctx, web[0])
			m.do(ctx, web[0], core.Assign{Role: m.roles["Owner@sub-production"], Principals: []core.PersonID{web[0].id}, Kind: core.Active, Justification: "Just for today"})
		}
	}
}
