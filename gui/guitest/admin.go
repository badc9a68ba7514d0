package guitest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// Admin is a Fake that also answers what the administrators' pages ask: it
// assigns, removes, sets accounts and settings, and finds roles on systems.
type Admin struct {
	*Fake
	Accounts map[core.PersonID][]core.AccountRow
	Levels   map[string]core.PolicySettings
	// Refuse holds people whom Assign refuses, as the last-administrator rule
	// or a duplicate would.
	Refuse map[core.PersonID]*core.Error
	// AskCode makes what gives or weakens something want the code.
	AskCode bool
	// Plan is what a plan for settings comes to; Edit and PlanFile are what was
	// asked last.
	Plan     core.PolicyPlan
	Edit     core.PolicyEdit
	PlanFile string
	// Warn is what a preview of what takes somebody's access away says.
	Warn []core.Note
	// ProbeBad makes the second step of a probe fail.
	ProbeBad bool
	// Broken makes the verification of the log find a fault.
	Broken bool
}

var _ core.Service = (*Admin)(nil)

// AdminEmpty is a fresh installation: one administrator, and Stint itself.
func AdminEmpty(now func() time.Time) *Admin {
	a := newAdmin(Empty(now))
	m := &a.MeNow
	m.MayRead, m.MayManageAccess, m.MayManagePeople, m.MayExport, m.MayChangeSettings = true, true, true, true, true
	a.Targets = []core.SystemRow{{System: core.System{ID: core.StintSystem, Name: "Stint", Kind: core.KindStint, State: core.SystemConnected}, Roles: 5, Active: 1}}
	return a
}

// AdminTypical is a company at work.
func AdminTypical(now func() time.Time) *Admin {
	a := newAdmin(Typical(now))
	a.fill()
	return a
}

// AdminHostile is full of names that are long, from right to left, or meant to
// break something, and of 10,000 assignments.
func AdminHostile(now func() time.Time) *Admin {
	a := AdminTypical(now)
	names := []string{strings.Repeat("Very long name without an end ", 4), "مسؤول قاعدة البيانات", "מנהל מערכת",
		"Robert'); DROP TABLE roles;--", "<b>bold</b> & \u202egnissalg\u202c", "a\tb\nc", "=cmd|'/c calc'!A1", strings.Repeat("W", 120)}
	name := func(i int) string { return names[i%len(names)] }
	base := a.Rows
	a.Rows = nil
	for i := range 10_000 {
		r := base[i%len(base)]
		r.ID = core.AssignmentID(fmt.Sprintf("as_h%05d", i))
		r.PrincipalName, r.RoleName, r.SystemName, r.Scope = name(i), name(i+1), name(i+2), "/"+strings.Repeat("deep/", 20)
		r.Justification, r.GrantError = name(i+3), name(i)
		a.Rows = append(a.Rows, r)
	}
	for i := range a.RoleRows {
		a.RoleRows[i].Name, a.RoleRows[i].SystemName, a.RoleRows[i].Description, a.RoleRows[i].Protected, a.RoleRows[i].Gone = name(i), name(i+2), name(i+4), true, i%2 == 0
	}
	for i := range a.Targets {
		a.Targets[i].Name, a.Targets[i].Health = name(i), core.Health{Error: name(i + 1), Since: a.now().Add(-time.Hour)}
	}
	for i := range a.Persons {
		a.Persons[i].Name, a.Persons[i].Login, a.Persons[i].Mail = name(i), name(i+1), name(i+2)
	}
	for i := range a.Log {
		e := &a.Log[i]
		e.ActorName, e.RoleName, e.SystemName, e.Justification, e.Detail = name(i), name(i+1), name(i+2), strings.Repeat(name(i+3), 4), name(i+5)
	}
	a.Config.Organisation = name(0)
	return a
}

func newAdmin(f *Fake) *Admin {
	return &Admin{Fake: f, Accounts: map[core.PersonID][]core.AccountRow{}, Levels: map[string]core.PolicySettings{}, Refuse: map[core.PersonID]*core.Error{}}
}

// fill makes the data of Typical richer: every state once, accounts,
// residual access, a system that is down and one that drains.
func (a *Admin) fill() {
	now := a.now()
	states := []func(*core.AssignmentRow){
		func(r *core.AssignmentRow) {},
		func(r *core.AssignmentRow) { r.End = now.Add(6 * 24 * time.Hour) },
		func(r *core.AssignmentRow) { r.State, r.Start = core.Scheduled, now.Add(72*time.Hour) },
		func(r *core.AssignmentRow) {
			r.Kind, r.GrantState, r.GrantEvidence = core.Active, core.GrantPresent, core.Evidence{At: now.Add(-time.Hour), Holds: true, Answer: "member of the role"}
		},
		func(r *core.AssignmentRow) {
			r.Kind, r.Origin, r.GrantState, r.End = core.Active, core.Activated, core.GrantGranting, now.Add(time.Hour)
		},
		func(r *core.AssignmentRow) {
			r.Kind, r.Origin, r.GrantState, r.State, r.Ended, r.End = core.Active, core.Activated, core.GrantRemoving, core.Expired, now.Add(-time.Minute), now.Add(-time.Minute)
		},
		func(r *core.AssignmentRow) {
			r.Kind, r.GrantState, r.GrantFailing, r.GrantAttempts, r.GrantError = core.Active, core.GrantGranting, now.Add(-3*time.Minute), 7, "connection refused"
		},
		func(r *core.AssignmentRow) {
			r.State, r.End, r.Ended = core.Expired, now.Add(-9*24*time.Hour), now.Add(-9*24*time.Hour)
		},
		func(r *core.AssignmentRow) { r.State, r.Ended = core.Removed, now.Add(-30*24*time.Hour) },
	}
	a.Rows = nil
	for i := range 63 {
		r := a.row(100+i, seeds()[i%6])
		p := a.Persons[i%len(a.Persons)]
		r.Principal, r.PrincipalName, r.PrincipalLogin, r.Justification = p.ID, p.Name, p.Login, "On call for this system"
		states[i%len(states)](&r)
		a.Rows = append(a.Rows, r)
	}
	a.Targets = append([]core.SystemRow{{System: core.System{ID: core.StintSystem, Name: "Stint", Kind: core.KindStint, State: core.SystemConnected}, Roles: 5, Active: 2}}, a.Targets[:5]...)
	a.Targets[1].Health.Version = "PostgreSQL 16.4"
	a.Targets[3].Health = core.Health{Checked: now, LastOK: now.Add(-26 * time.Minute), Since: now.Add(-25 * time.Minute), Error: "connection to build-07 timed out after 5 s"}
	a.Targets[3].Stuck, a.Targets[3].Pending = 1, 2
	a.Targets[5].State, a.Targets[5].Pending = core.SystemDraining, 2
	a.RoleRows[2].Gone = true
	a.RoleRows[5].Protected, a.RoleRows[5].System = true, core.StintSystem
	a.RoleRows[0].Overrides = true
	a.Levels["ro_db-owner"] = core.PolicySettings{MaxDuration: ptr(core.Duration(4 * time.Hour)), RequireTicket: ptr(true)}
	a.Levels["sy_prod-db"] = core.PolicySettings{PermanentActive: ptr(false)}
	a.Levels[core.DefaultLevel] = core.PolicySettings{EligibleFor: ptr(core.Duration(180 * 24 * time.Hour))}
	for i, p := range a.Persons {
		if i == 2 {
			continue // Carol has no account anywhere
		}
		a.Accounts[p.ID] = []core.AccountRow{
			{Account: core.Account{Person: p.ID, System: "sy_prod-db", External: p.Login}, SystemName: "prod-db", SystemKind: core.KindPostgres},
			{Account: core.Account{Person: p.ID, System: "sy_build-07", External: p.Login}, SystemName: "build-07", SystemKind: core.KindLinux},
		}
	}
	for i, n := range strings.Fields("Farah Gustav Hana Ivan Jonas Keiko Lena Marek Nadia Oskar Priya Quentin Rosa Samir Tilda Ugo Vera Wanda Xaver Yusuf Zofia") {
		p := core.PersonRow{Person: core.Person{ID: core.PersonID(fmt.Sprintf("pe_x%02d", i)), Name: n + " Example", Login: strings.ToLower(n), Mail: strings.ToLower(n) + "@example.com", Language: "de", Created: now}, HasFactor: i%4 != 0, Eligible: i % 5}
		if i%6 != 0 {
			p.LastSeen = now.Add(-time.Duration(i) * 26 * time.Hour)
		}
		a.Persons = append(a.Persons, p)
	}
	a.Persons[4].Disabled = true
	a.Persons[1].Locked = true
	a.Persons[0].Sessions, a.Persons[1].Sessions = 2, 1
	for i := range a.Log {
		a.Log[i].Justification, a.Log[i].From, a.Log[i].Strength = "INC-7731: replica lag, need pg_stat_activity", "window", core.StrengthFresh
		a.Log[i].Scope = "/"
	}
}

func ptr[T any](v T) *T { return &v }

// Do implements core.Service.
func (a *Admin) Do(ctx context.Context, c core.Call) (core.Result, error) {
	if err := a.up(); err != nil {
		return core.Result{}, err
	}
	if a.asks(c.Command) {
		if err := codeOK(c.Code.Reveal()); err != nil {
			return core.Result{}, err
		}
	}
	switch x := c.Command.(type) {
	case core.Assign:
		a.note(c)
		return a.assign(x), nil
	case core.RemoveAssignments, core.UpdateAssignment, core.UpdateRole, core.UpdatePerson, core.DisablePerson, core.EnablePerson, core.ResetFactor, core.EndSessions, core.RemoveSystem, core.AddRoles, core.UpdateSystem, core.RemoveOutside, core.AcceptDrift, core.SetDeputy:
		a.note(c)
		return core.Result{}, nil
	case core.DecideRequests:
		a.note(c)
		status := core.Denied
		if x.Approve {
			status = core.PendingProvisioning
		}
		return core.Result{Items: []core.ItemResult{{Request: x.Requests[0], Status: status}}}, nil
	case core.AcceptClock:
		if err := codeOK(c.Code.Reveal()); err != nil {
			return core.Result{}, err
		}
		a.note(c)
		return core.Result{}, nil
	case core.SetPolicy:
		a.note(c)
		a.Levels[x.Level] = x.Settings
		return core.Result{}, nil
	case core.SetAccount:
		a.note(c)
		a.Accounts[x.Person] = append(a.Accounts[x.Person], core.AccountRow{Account: core.Account{Person: x.Person, System: x.System, External: x.External}})
		return core.Result{}, nil
	case core.AddPerson, core.ResetPassword:
		a.note(c)
		return core.Result{Person: "pe_new", Secret: "maple-stone-river-41"}, nil
	case core.AddSystem:
		a.note(c)
		return core.Result{System: "sy_new"}, nil
	}
	return a.Fake.Do(ctx, c)
}

// asks reports whether a command takes a code; the real rules look closer.
func (a *Admin) asks(c core.Command) bool {
	switch c.(type) {
	case core.Assign, core.SetPolicy, core.SetPolicies, core.ResetFactor, core.ResetPassword, core.UpdateRole, core.EnablePerson, core.ChangeSettings, core.SetDeputy, core.AcceptDrift, core.UpdateSystem, core.DecideRequests:
		return a.AskCode
	}
	return false
}

func (a *Admin) note(c core.Call) {
	defer a.lock()()
	a.Calls = append(a.Calls, c)
}

func (a *Admin) assign(x core.Assign) core.Result {
	var res core.Result
	start := x.Start
	if start.IsZero() {
		start = a.now()
	}
	for _, p := range x.Principals {
		it := core.ItemResult{Principal: p, Role: x.Role, Start: start, End: x.End, Status: core.Provisioned}
		if err := a.Refuse[p]; err != nil {
			it = core.ItemResult{Principal: p, Err: err}
		}
		res.Items = append(res.Items, it)
	}
	for _, g := range x.Groups {
		res.Items = append(res.Items, core.ItemResult{Group: g, Role: x.Role, Start: start, End: x.End, Status: core.Provisioned})
	}
	return res
}

// Preview implements core.Service.
func (a *Admin) Preview(ctx context.Context, c core.Command) (core.Plan, error) {
	if err := a.up(); err != nil {
		return core.Plan{}, err
	}
	switch x := c.(type) {
	case core.Assign:
		return core.Plan{Result: a.assign(x), NeedsCode: a.AskCode}, nil
	case core.RemoveAssignments:
		var res core.Result
		for _, id := range x.Assignments {
			res.Items = append(res.Items, core.ItemResult{Assignment: id, Notes: []core.Note{{Key: "One activation that stands on it ends with it."}}})
		}
		res.Notes = a.Warn
		return core.Plan{Result: res}, nil
	case core.AcceptClock:
		return core.Plan{Result: core.Result{Items: make([]core.ItemResult, 3)}, NeedsCode: true}, nil
	case core.DisablePerson, core.RemoveSystem:
		return core.Plan{Result: core.Result{Notes: a.Warn}}, nil
	}
	if a.asks(c) {
		return core.Plan{NeedsCode: true}, nil
	}
	return a.Fake.Preview(ctx, c)
}

// Assignments implements core.Service.
func (a *Admin) Assignments(_ context.Context, q core.AssignmentFilter, p core.Page) (core.List[core.AssignmentRow], error) {
	var out []core.AssignmentRow
	for _, r := range a.Rows {
		fits := (q.ID == "" || r.ID == q.ID) && (q.Kind == "" || r.Kind == q.Kind) && (q.Role == "" || r.Role == q.Role) &&
			(q.System == "" || r.System == q.System) && (q.Principal == "" || r.Principal == q.Principal) && (q.Origin == "" || r.Origin == q.Origin) &&
			has(q.Text, r.PrincipalName, r.RoleName, r.SystemName)
		removing := false
		for _, g := range q.GrantStates {
			removing = removing || r.GrantState == g
		}
		if fits && (inStates(r.State, q.States) || removing) {
			out = append(out, r)
		}
	}
	return page(out, p), a.up()
}

// CountAssignments implements core.Service.
func (a *Admin) CountAssignments(ctx context.Context, q core.AssignmentFilter) (int, error) {
	l, err := a.Assignments(ctx, q, core.Page{Limit: 1 << 30})
	return len(l.Items), err
}

// RolePage implements core.Service.
func (a *Admin) RolePage(ctx context.Context, id core.RoleID) (core.RolePage, error) {
	p, err := a.Fake.RolePage(ctx, id)
	p.Own = a.Levels[string(id)]
	p.Policy, p.Origins = core.ResolvePolicy(a.Levels[core.DefaultLevel], a.Levels[string(p.Role.System)], p.Own)
	p.Residual = "Sessions that are open keep the role until they end; Stint ends them."
	return p, err
}

// PlanPolicyFile implements core.Service.
func (a *Admin) PlanPolicyFile(_ context.Context, file string, _ bool) (core.PolicyPlan, error) {
	a.PlanFile = file
	return a.Plan, a.up()
}

// PlanPolicyEdit implements core.Service.
func (a *Admin) PlanPolicyEdit(_ context.Context, edit core.PolicyEdit) (core.PolicyPlan, error) {
	a.Edit = edit
	return a.Plan, a.up()
}

// Policies implements core.Service.
func (a *Admin) Policies(_ context.Context, level string) (core.PolicySettings, error) {
	return a.Levels[level], a.up()
}

// PersonPage implements core.Service.
func (a *Admin) PersonPage(ctx context.Context, id core.PersonID) (core.PersonPage, error) {
	p, err := a.Fake.PersonPage(ctx, id)
	p.Accounts = a.Accounts[id]
	for i := range p.Person.Sessions {
		p.Sessions = append(p.Sessions, core.Session{From: []string{"window", "command line"}[i%2], Created: a.now().Add(-5 * time.Hour), LastSeen: a.now().Add(-time.Duration(i) * time.Hour)})
	}
	if id == "pe_alice" {
		p.Roles = []core.RoleID{core.StintRole(core.GlobalAdministrator)}
	}
	return p, err
}

// People implements core.Service.
func (a *Admin) People(_ context.Context, q core.PersonFilter, p core.Page) (core.List[core.PersonRow], error) {
	var out []core.PersonRow
	for _, r := range a.Persons {
		if has(q.Text, r.Name, r.Login, r.Mail) && (q.Disabled == nil || *q.Disabled == r.Disabled) {
			out = append(out, r)
		}
	}
	return page(out, p), a.up()
}

// Kinds implements core.Service.
func (a *Admin) Kinds(context.Context) ([]core.KindInfo, error) {
	return []core.KindInfo{
		{Kind: core.KindStint, Title: "Stint"},
		{Kind: core.KindPostgres, Title: "PostgreSQL", Summary: "Membership in roles of a database cluster.", HasSecret: true, Available: true,
			Traits: core.Traits{EndsSessions: true, Residual: "Open sessions that did SET ROLE keep it until they end; Stint ends them."},
			Fields: []core.KindField{
				{Name: "host", Label: "Host", Help: "Name or address of the server.", Required: true, Example: "db.example.org"},
				{Name: "port", Label: "Port", Default: "5432"},
				{Name: "user", Label: "User", Required: true, Default: "stint"},
				{Name: "tls", Label: "Encryption", Choices: []string{"verify-full", "require", "disable"}, Default: "verify-full"},
				{Name: "end_sessions", Label: "End open sessions", Help: "A session that uses the role is ended when it is taken back.", Switch: true, Default: "true"},
			}},
		{Kind: core.KindLinux, Title: "Linux groups", Summary: "Groups of the computer that Stint runs on.", Why: "Stint doesn't run as root here. Run it as root, or use pkexec.",
			Traits: core.Traits{Residual: "Processes that run keep the group until they end."}},
	}, a.up()
}

// Probe implements core.Service.
func (a *Admin) Probe(context.Context, core.SystemID, core.SystemSpec) (core.Probe, error) {
	p := core.Probe{OK: true, Version: "PostgreSQL 16.4", Statements: "CREATE ROLE stint LOGIN CREATEROLE PASSWORD '…';\nGRANT db_admin TO stint WITH ADMIN OPTION;",
		Steps:    []core.ProbeStep{{Name: "Connect", OK: true, Took: 12 * time.Millisecond}, {Name: "Sign in", OK: true, Took: 8 * time.Millisecond}, {Name: "Find roles and who holds them", OK: true, Took: 41 * time.Millisecond}},
		Accounts: []string{"alice", "Bob", "postgres", "erin"},
		Roles: []core.FoundRole{{External: "db_reader", Description: "may read"}, {External: "db_admin", Privileged: true, Holders: []string{"alice", "postgres"}},
			{External: "db_owner", Privileged: true, Holders: []string{"a", "b", "c", "d", "e"}}, {External: "old", Managed: true}}}
	if a.ProbeBad {
		p.OK, p.Roles, p.Steps = false, nil, p.Steps[:2]
		p.Steps[1].OK, p.Steps[1].Problem = false, "The server refused the password of stint."
	}
	return p, a.up()
}

// VerifyAudit implements core.Service.
func (a *Admin) VerifyAudit(ctx context.Context, kept core.Hash, tell core.Progress) (core.Verification, error) {
	if tell != nil {
		tell(20_000, 48_211)
	}
	v := core.Verification{Count: 48_211, Seq: 48_211}
	if a.Broken {
		v.Break = &core.Break{Seq: 31_007, Reason: "the entry was changed after it was written"}
	}
	return v, a.up()
}
