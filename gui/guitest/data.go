package guitest

import (
	"fmt"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// Noon is the moment at which the tests' clock stands: 13:51 in UTC.
func Noon() time.Time { return time.Date(2026, time.November, 23, 13, 51, 0, 0, time.UTC) }

// Empty is a person who has nothing yet and may do nothing.
func Empty(now func() time.Time) *Fake {
	return &Fake{now: now, Config: core.DefaultSettings(), MeNow: core.Me{
		Person:    core.Person{ID: "pe_alice", Name: "Alice Miller", Login: "alice", Mail: "alice@example.com", Language: "en"},
		HasFactor: true, RecoveryLeft: 9, Session: core.Session{From: "window", Strength: core.StrengthFactor}}}
}

type seed struct {
	role, system string
	kind         core.Kind
	scope        string
	until        time.Duration
	most         time.Duration
}

func seeds() []seed {
	day := 24 * time.Hour
	return []seed{
		{"db-owner", "prod-db", core.KindPostgres, "/billing", 0, 4 * time.Hour},
		{"User Administrator", "Contoso", "entra", "/", 128 * day, 8 * time.Hour},
		{"wheel", "build-07", core.KindLinux, "/", 0, 2 * time.Hour},
		{"Contributor", "sub-production", "azure", "/rg-web", 50 * day, 8 * time.Hour},
		{"Domain Admins", "corp.example", "ldap", "/", 9 * day, time.Hour},
		{"Privileged Role Administrator", "Stint", core.KindStint, "/", 0, 2 * time.Hour},
	}
}

func (f *Fake) row(n int, s seed) core.AssignmentRow {
	now := f.now()
	r := core.AssignmentRow{Assignment: core.Assignment{ID: core.AssignmentID(fmt.Sprintf("as_%04d", n)), Principal: "pe_alice",
		Role: core.RoleID("ro_" + s.role), System: core.SystemID("sy_" + s.system), Scope: s.scope, Kind: core.Eligible, Origin: core.Assigned,
		Start: now.Add(-100 * 24 * time.Hour), State: core.InForce, Request: core.RequestID(fmt.Sprintf("re_%04d", n)), Created: now.Add(-100 * 24 * time.Hour)},
		PrincipalName: "Alice Miller", PrincipalLogin: "alice", RoleName: s.role, SystemName: s.system, SystemKind: s.kind, RequestStatus: core.Provisioned}
	if s.until > 0 {
		r.End = now.Add(s.until)
	}
	return r
}

func (f *Fake) eligibleRow(n int, s seed) core.EligibleRow {
	p := core.DefaultPolicy()
	p.MaxDuration = core.Duration(s.most)
	return core.EligibleRow{AssignmentRow: f.row(n, s), Policy: p}
}

func (f *Fake) activeRow(n int, role, system string, kind core.Kind, length, left time.Duration) core.AccessRow {
	now := f.now()
	r := f.row(n, seed{role: role, system: system, kind: kind, scope: "/"})
	r.Kind, r.Origin, r.Start, r.End = core.Active, core.Activated, now.Add(left-length), now.Add(left)
	r.Basis = core.AssignmentID(fmt.Sprintf("as_%04d", n+500))
	r.GrantState = core.GrantPresent
	r.GrantEvidence = core.Evidence{At: r.Start.Add(4 * time.Second), Holds: true, Query: "pg_auth_members", Answer: "alice is a member"}
	return core.AccessRow{AssignmentRow: r, Duration: core.Duration(length), MaxProlong: core.Duration(4 * time.Hour)}
}

// Typical is an administrator at work.
func Typical(now func() time.Time) *Fake {
	f := Empty(now)
	f.MeNow.MayRead, f.MeNow.MayManageAccess, f.MeNow.MayManagePeople, f.MeNow.MayExport, f.MeNow.MayChangeSettings = true, true, true, true, true
	f.MeNow.Roles = []core.RoleID{core.StintRole(core.GlobalAdministrator)}
	for i, s := range seeds() {
		f.Page.Eligible = append(f.Page.Eligible, f.eligibleRow(100+i, s))
	}
	f.Page.Eligible[3].Policy.RequireTicket = true
	f.Page.Active = []core.AccessRow{
		f.activeRow(1, "Owner", "rg-payments", "azure", time.Hour, 4*time.Minute+10*time.Second),
		f.activeRow(2, "db-admin", "prod-db", core.KindPostgres, time.Hour, 41*time.Minute+20*time.Second),
		f.activeRow(3, "Exchange Admin", "Contoso", "entra", time.Hour, time.Hour),
	}
	f.Page.Active[0].Residual = "sessions may last 5 min more"
	f.Page.Active[2].GrantState = core.GrantGranting
	f.Page.Active[2].GrantEvidence = core.Evidence{}
	f.Page.Favourites = []core.Favourite{
		{ID: "fa_1", Name: "Release evening", Items: []core.ActivationItem{{Assignment: "as_0100"}, {Assignment: "as_0101"}, {Assignment: "as_0103"}}, Duration: core.Duration(2 * time.Hour), Justification: "Release 4.2: migrate billing tables, add two accounts"},
		{ID: "fa_2", Name: "db-owner", Items: []core.ActivationItem{{Assignment: "as_0100"}}, Duration: core.Duration(time.Hour), Justification: "Look after slow queries"},
		{ID: "fa_3", Name: "wheel", Items: []core.ActivationItem{{Assignment: "as_0102"}}, Duration: core.Duration(30 * time.Minute), Justification: "Install the updates"},
	}
	f.Why = []string{"Release 4.2: migrate billing tables, add two accounts", "INC-7731: replica lag, need pg_stat_activity", "Monthly updates"}
	f.fillAdmin()
	return f
}

// Busy is Typical with everything that can be on the page at once: being
// granted, being removed, stuck, scheduled, expired, blocked.
func Busy(now func() time.Time) *Fake {
	f := Typical(now)
	removing := f.activeRow(4, "backup operator", "build-07", core.KindLinux, time.Hour, -time.Minute)
	removing.State, removing.GrantState, removing.Ended = core.Expired, core.GrantRemoving, now().Add(-time.Minute)
	stuck := f.activeRow(5, "db-admin", "legacy-db", core.KindPostgres, time.Hour, -3*time.Minute)
	stuck.State, stuck.GrantState, stuck.Ended = core.Expired, core.GrantRemoving, now().Add(-3*time.Minute)
	stuck.GrantFailing, stuck.GrantAttempts, stuck.GrantError = now().Add(-3*time.Minute), 7, "connection refused"
	assigned := f.activeRow(6, "Security Reader", "Stint", core.KindStint, time.Hour, time.Hour)
	assigned.Origin, assigned.End, assigned.Basis, assigned.Duration, assigned.MaxProlong = core.Assigned, time.Time{}, "", 0, 0
	amber := f.activeRow(7, "Contributor", "sub-staging", "azure", 2*time.Hour, 12*time.Minute)
	f.Page.Active = append(f.Page.Active, amber, removing, stuck, assigned)
	later := f.activeRow(8, "wheel", "build-07", core.KindLinux, time.Hour, 19*time.Hour)
	later.State, later.GrantState, later.RequestStatus = core.Scheduled, core.GrantAbsent, core.Granted
	f.Page.Scheduled = []core.AccessRow{later}
	f.Page.Eligible[2].Now = later.ID
	f.Page.Eligible[2].Blocked = &core.Error{Code: core.Conflict, Message: "It is scheduled already, for tomorrow."}
	gone := f.row(9, seed{role: "Helpdesk Administrator", system: "Contoso", kind: "entra", scope: "/"})
	gone.State, gone.End, gone.Ended = core.Expired, now().Add(-5*24*time.Hour), now().Add(-5*24*time.Hour)
	f.Page.Expired = []core.AssignmentRow{gone}
	return f
}

// Hostile has names that are long, from right to left, or meant to break
// something, and 10,000 roles.
func Hostile(now func() time.Time) *Fake {
	f := Typical(now)
	long := strings.Repeat("Very long role name without an end ", 4)
	names := []string{long, "مسؤول قاعدة البيانات", "מנהל מערכת", "Robert'); DROP TABLE roles;--", "<b>bold</b> & \u202egnissalg\u202c", "a\tb\nc", "💥 role", strings.Repeat("W", 120)}
	f.MeNow.Person.Name = "Bartholomäus-Maximilian von und zu Hohenlohe-Schillingsfürst-Langenburg"
	f.Page.Eligible = nil
	for i := range 10_000 {
		s := seeds()[i%6]
		s.role, s.system = names[i%len(names)], fmt.Sprintf("%s %d", names[(i+3)%len(names)], i)
		s.scope = "/" + strings.Repeat("deep/", 20)
		f.Page.Eligible = append(f.Page.Eligible, f.eligibleRow(1000+i, s))
	}
	for i := range f.Page.Active {
		f.Page.Active[i].RoleName, f.Page.Active[i].SystemName = names[i], names[len(names)-1-i]
	}
	for i := range f.Page.Favourites {
		f.Page.Favourites[i].Name = names[i]
	}
	return f
}

func (f *Fake) fillAdmin() {
	now := f.now()
	for i, s := range seeds() {
		f.Targets = append(f.Targets, core.SystemRow{System: core.System{ID: core.SystemID("sy_" + s.system), Name: s.system, Kind: s.kind, State: core.SystemConnected,
			Created: now.Add(-200 * 24 * time.Hour), Health: core.Health{Checked: now.Add(-20 * time.Second), LastOK: now.Add(-20 * time.Second), Version: "1.0"}}, Roles: i + 1, Active: i % 3})
		f.RoleRows = append(f.RoleRows, core.RoleRow{Role: core.Role{ID: core.RoleID("ro_" + s.role), System: core.SystemID("sy_" + s.system), External: s.role, Name: s.role,
			Description: "What " + s.role + " may do.", Privileged: true}, SystemName: s.system, SystemKind: s.kind, Eligible: 3 + i, Active: i % 2})
		f.Rows = append(f.Rows, f.row(100+i, s))
	}
	for i, n := range []string{"Alice Miller", "Bob Novak", "Carol Danvers", "Dan Brown", "Erin Sato"} {
		login := strings.ToLower(strings.Fields(n)[0])
		f.Persons = append(f.Persons, core.PersonRow{Person: core.Person{ID: core.PersonID("pe_" + login), Name: n, Login: login, Mail: login + "@example.com", Language: "en", Created: now},
			HasFactor: i != 3, LastSeen: now.Add(-time.Duration(i) * time.Hour), Accounts: i + 1, Eligible: i, Active: i % 2})
	}
	actions := []core.EventKind{core.GrantMade, core.RoleActivated, core.CommandRefused, core.SignedIn, core.GrantRemoved, core.ActivationExpired, core.PolicyChanged, core.RoleAssigned}
	for i := range 120 {
		o := core.OutcomeDone
		if actions[i%8] == core.CommandRefused {
			o = core.OutcomeRefused
		}
		f.Log = append(f.Log, core.Entry{Seq: int64(48211 - i), Time: now.Add(-time.Duration(i) * 7 * time.Minute), ActorName: []string{"Alice Miller", "Stint", "Carol Danvers"}[i%3],
			Action: actions[i%8], Outcome: o, RoleName: seeds()[i%6].role, SystemName: seeds()[i%6].system, Assignment: "as_0100", PrincipalName: "Alice Miller", Detail: "as it happened"})
	}
}

// Wrong are troubles of several severities at a moment.
func Wrong(now time.Time) []core.Trouble {
	return []core.Trouble{
		{Kind: core.TroubleSystem, Severity: core.SeverityWarn, Since: now.Add(-time.Hour), Args: map[string]string{"system": "build-07", "why": "It does not answer."}},
		{Kind: core.TroubleStuck, Severity: core.SeverityBad, Since: now.Add(-2 * time.Minute),
			Args: map[string]string{"system": "prod-db", "n": "1", "role": "orders_admin", "person": "Bob Lee", "why": "The password was refused."}},
		{Kind: core.TroubleDisk, Severity: core.SeverityWarn},
	}
}
