package guitest

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// ask lets an extension or renewal wait for the administrators.
func (f *Fake) ask(action core.Action, id core.AssignmentID, end time.Time, why string) (core.Result, error) {
	if len(why) < core.MinJustification {
		return core.Result{}, core.Errorf(core.Invalid, "justification", "justification.needed", "min", "5")
	}
	var row core.AssignmentRow
	for _, r := range f.Page.Eligible {
		if r.ID == id {
			row = r.AssignmentRow
		}
	}
	for _, r := range f.Page.Expired {
		if r.ID == id {
			row = r
		}
	}
	r := core.RequestRow{Request: core.Request{ID: core.RequestID(f.id("re")), Action: action, Status: core.PendingApproval, Requester: row.Principal, Principal: row.Principal,
		Role: row.Role, System: row.System, Scope: row.Scope, Assignment: id, Basis: id, End: end, Justification: why, Created: f.now(),
		Approval: &core.Approval{Stages: []core.Stage{{Quorum: 1}}, Opened: f.now(), Limit: f.now().Add(24 * time.Hour)}},
		RequesterName: row.PrincipalName, PrincipalName: row.PrincipalName, RoleName: row.RoleName, SystemName: row.SystemName}
	f.Page.Pending = append(f.Page.Pending, r)
	f.tell(nil, core.TopicAccess, core.TopicRequests)
	return core.Result{Items: []core.ItemResult{{Assignment: id, Request: r.ID, Status: r.Status}}}, nil
}

// Longing is a case by which Bob asks the person at the window to let him keep a
// role, or to have it again.
func Longing(now time.Time, action core.Action) core.Case {
	present := core.Assignment{ID: "as_bob", Principal: "pe_bob", Role: "ro_db-owner", System: "sy_prod-db", Scope: "/", Kind: core.Eligible, Origin: core.Assigned,
		State: core.InForce, Start: now.AddDate(0, -3, 0), End: now.AddDate(0, 0, 9)}
	if action == core.SelfRenew {
		present.State, present.End = core.Expired, now.AddDate(0, 0, -9)
		present.Ended = present.End
	}
	approval := core.Approval{Stages: []core.Stage{{Quorum: 1}}, Opened: now, Limit: now.Add(24 * time.Hour), Why: true}
	return core.Case{May: true, Policy: core.DefaultPolicy(), Present: present, Recent: []core.RequestRow{},
		Stages: []core.CaseStage{{Approvers: []string{"Alice Miller"}, Quorum: 1, Open: true}},
		Request: core.RequestRow{Request: core.Request{ID: "re_bob", Action: action, Status: core.PendingApproval, Requester: "pe_bob", Principal: "pe_bob",
			Role: present.Role, System: present.System, Scope: "/", Assignment: present.ID, Basis: present.ID, End: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC),
			Justification: "The new billing tables need until spring", Created: now.Add(-5 * time.Minute), Approval: &approval},
			RequesterName: "Bob Novak", PrincipalName: "Bob Novak", RoleName: "db-owner", SystemName: "prod-db"}}
}

// Crew is a group of which Bob is the only member.
func Crew(now time.Time) core.GroupPage {
	g := core.Group{ID: "gp_ops", Name: "Operators", Description: "Who is on call this week", Created: now.AddDate(0, -2, 0)}
	return core.GroupPage{Group: core.GroupRow{Group: g, Members: 1}, Members: []core.MemberRow{{Member: core.Member{Group: g.ID, Person: "pe_bob", Since: now.AddDate(0, -1, 0)}, Name: "Bob Novak", Login: "bob"}}}
}
