package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api/apitest"
)

// office is a gate and a service with a few roles, for tests of what the
// command line asks and shows. It has no rules but the ones asserted on: a
// code is 123456, and what is activated is on its system at the second look.
type office struct {
	apitest.Recorder
	mu     sync.Mutex
	active []core.AccessRow // guarded by mu
	seq    int64            // guarded by mu
}

func newOffice() *office { return &office{} }

const officeToken = "token-of-alice"

func (o *office) State(context.Context) (core.GateState, error) {
	return core.GateState{Host: "desk", Version: "1.2.3", Embedded: true}, nil
}

func (o *office) SignIn(_ context.Context, s core.SignIn) (core.Admission, error) {
	switch {
	case s.Login != "alice" || s.Password.Reveal() != "correct horse":
		return core.Admission{}, core.Errorf(core.Unauthenticated, "", "api.no_session")
	case s.Code.Empty():
		return core.Admission{}, core.Errorf(core.ProofRequired, "code", "duration.malformed", "value", "code")
	}
	return core.Admission{Token: core.NewSecret(officeToken), Session: core.Session{Person: "pe_alice", From: s.From}}, nil
}

func (o *office) Resume(_ context.Context, token core.Secret) (core.Service, error) {
	if token.Reveal() != officeToken {
		return nil, core.Errorf(core.Unauthenticated, "", "api.no_session")
	}
	return o, nil
}

func (o *office) SignOut(context.Context) error { return nil }

func (o *office) Me(context.Context) (core.Me, error) {
	return core.Me{Person: core.Person{ID: "pe_alice", Name: "Alice Adler", Login: "alice"}, HasFactor: true}, nil
}

func eligible(id, role, system, scope string) core.EligibleRow {
	return core.EligibleRow{
		AssignmentRow: core.AssignmentRow{
			Assignment: core.Assignment{
				ID: core.AssignmentID(id), Role: core.RoleID("ro_" + role + system), Scope: scope, Kind: core.Eligible,
				Origin: core.Assigned, State: core.InForce,
			},
			RoleName: role, SystemName: system,
		},
		Policy: core.DefaultPolicy(),
	}
}

func (o *office) eligible() []core.EligibleRow {
	blocked := eligible("as_5", "payroll", "erp", "/")
	blocked.Blocked = core.Errorf(core.Refused, "", "hash.malformed")
	return []core.EligibleRow{
		eligible("as_1", "db_owner", "prod-db", "/"), eligible("as_2", "db_reader", "prod-db", "/"), eligible("as_3", "db_owner", "test-db", "/"),
		eligible("as_4", "wheel\x1b[2J", "web 1", "/a"), eligible("as_6", "wheel\x1b[2J", "web 1", "/b"), blocked,
	}
}

func (o *office) Access(context.Context) (core.Access, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a := core.Access{Now: time.Now(), Eligible: o.eligible(), Active: slices.Clone(o.active)}
	for i := range o.active { // the next look finds it there
		o.active[i].RequestStatus, o.active[i].GrantState = core.Provisioned, core.GrantPresent
	}
	return a, nil
}

func (o *office) Roles(_ context.Context, _ core.RoleFilter, p core.Page) (core.List[core.RoleRow], error) {
	// Two pages, so that reading on is tried.
	rows := []core.RoleRow{
		{Role: core.Role{ID: "ro_1", Name: "db_owner", Description: "Owns the database"}, SystemName: "prod-db", Eligible: 3},
		{Role: core.Role{ID: "ro_2", Name: "db_owner"}, SystemName: "test-db"},
	}
	if p.After == "" {
		return core.List[core.RoleRow]{Items: rows[:1], Next: "more"}, nil
	}
	return core.List[core.RoleRow]{Items: rows[1:]}, nil
}

func (o *office) People(_ context.Context, f core.PersonFilter, _ core.Page) (core.List[core.PersonRow], error) {
	bob := core.PersonRow{Person: core.Person{ID: "pe_bob", Name: "Bob Baker", Login: "bob", Mail: "bob@example.org"}}
	bobby := core.PersonRow{Person: core.Person{ID: "pe_bobby", Name: "Bobby Tables", Login: "bobby"}, HasFactor: true}
	if f.Text == "carol" {
		return core.List[core.PersonRow]{}, nil
	}
	return core.List[core.PersonRow]{Items: []core.PersonRow{bob, bobby}}, nil
}

func (o *office) Assignments(context.Context, core.AssignmentFilter, core.Page) (core.List[core.AssignmentRow], error) {
	return core.List[core.AssignmentRow]{Items: []core.AssignmentRow{
		{Assignment: core.Assignment{ID: "as_9", Kind: core.Eligible, Scope: "/"}, RoleName: "db_owner", SystemName: "prod-db"},
	}}, nil
}

func (o *office) Preview(context.Context, core.Command) (core.Plan, error) {
	return core.Plan{NeedsCode: true}, nil
}

func (o *office) Do(ctx context.Context, c core.Call) (core.Result, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var r core.Result
	switch cmd := c.Command.(type) {
	case core.Activate:
		if c.Code.Reveal() != "123456" {
			return r, core.Errorf(core.ProofRequired, "code", "duration.malformed", "value", "code")
		}
		if len(cmd.Justification) < 5 {
			return r, core.Errorf(core.Invalid, "justification", "duration.malformed", "value", "why")
		}
		for _, item := range cmd.Items {
			i := slices.IndexFunc(o.eligible(), func(e core.EligibleRow) bool { return e.ID == item.Assignment })
			e := o.eligible()[i]
			if e.Blocked != nil {
				r.Items = append(r.Items, core.ItemResult{Role: e.Role, Err: e.Blocked})
				continue
			}
			row := core.AccessRow{AssignmentRow: e.AssignmentRow}
			row.ID, row.Basis, row.Origin, row.Kind = "as_n"+e.ID, e.ID, core.Activated, core.Active
			row.End = time.Now().Add(cmd.Duration.Std() + 30*time.Second)
			row.RequestStatus, row.GrantState = core.PendingProvisioning, core.GrantGranting
			o.active = append(o.active, row)
			r.Items = append(r.Items, core.ItemResult{Role: e.Role, Assignment: row.ID, Status: core.PendingProvisioning, End: row.End})
		}
	case core.Drop:
		for _, id := range cmd.Assignments {
			o.active = slices.DeleteFunc(o.active, func(r core.AccessRow) bool { return r.ID == id })
			r.Items = append(r.Items, core.ItemResult{Assignment: id, Status: core.Revoked})
		}
	case core.Assign:
		for _, p := range cmd.Principals {
			r.Items = append(r.Items, core.ItemResult{Principal: p, Role: cmd.Role, Status: core.Provisioned, End: cmd.End})
		}
	case core.RemoveAssignments:
		for _, id := range cmd.Assignments {
			r.Items = append(r.Items, core.ItemResult{Assignment: id, Status: core.Revoked})
		}
	}
	return r, nil
}

func (o *office) Watch(ctx context.Context) (<-chan core.Update, error) {
	out := make(chan core.Update)
	go func() {
		defer close(out)
		for i := range 3 { // something changes twice
			select {
			case out <- core.Update{Seq: int64(i + 1)}:
			case <-ctx.Done():
				return
			}
		}
		<-ctx.Done()
	}()
	return out, nil
}
