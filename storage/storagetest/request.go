package storagetest

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// testPending holds a store to what it says of requests that wait for an
// answer, and of deputies.
func testPending(t *testing.T, s core.Store) {
	put(t, s, world()...)
	waits := func(id core.RequestID, p core.PersonID, basis core.AssignmentID, made, due int) core.Request {
		return core.Request{ID: id, Action: core.SelfActivate, Status: core.PendingApproval, Requester: p, Principal: p, Role: "ro_a", System: "sy_a", Scope: "/",
			Basis: basis, Duration: core.Duration(time.Hour), Created: at(made), Due: at(due),
			Approval: &core.Approval{Stages: []core.Stage{{Approvers: []core.Approver{{Person: "pe_b"}, {Role: "ro_b"}}, Quorum: 2}}, Opened: at(made), Limit: at(due),
				Votes: []core.Vote{{By: "pe_b", ByName: "Bob", Approve: true, Why: "agreed", At: at(made)}}}}
	}
	one, two, three := waits("re_1", "pe_a", "as_1", 2, 60), waits("re_2", "pe_a", "as_2", 1, 30), waits("re_3", "pe_b", "as_1", 3, 90)
	over := waits("re_4", "pe_a", "as_1", 4, 0)
	over.Status, over.Due = core.Denied, time.Time{}
	put(t, s, one, two, three, over,
		core.Deputy{Person: "pe_a", Deputy: "pe_b", From: at(1), Until: at(9)}, core.Deputy{Person: "pe_c", Deputy: "pe_b", From: at(2), Until: at(8)})
	requests := func(rs []core.Request) []string {
		return ids(rs, func(r core.Request) string { return string(r.ID) })
	}
	read(t, s, func(v core.View) {
		back, _ := v.Request("re_1")
		alike(t, "a request that waits", back, one)
		alike(t, "pending on", requests(v.PendingOn("as_1")), []string{"re_1", "re_3"})
		alike(t, "pending of", requests(v.PendingOf("pe_a")), []string{"re_2", "re_1"})
		alike(t, "due before", requests(v.RequestsDue(at(30).Add(-time.Microsecond), 9)), []string{})
		alike(t, "due", requests(v.RequestsDue(at(90), 9)), []string{"re_2", "re_1", "re_3"})
		alike(t, "one due", requests(v.RequestsDue(at(90), 1)), []string{"re_2"})
		d, _ := v.Deputy("pe_a")
		alike(t, "deputy", d, core.Deputy{Person: "pe_a", Deputy: "pe_b", From: at(1), Until: at(9)})
		var whom []string
		for _, d := range v.DeputyFor("pe_b") {
			whom = append(whom, string(d.Person))
		}
		alike(t, "deputy for", whom, []string{"pe_a", "pe_c"})
	})
	next, ok, err := s.NextDue(t.Context())
	alike(t, "next due", []any{next, ok, err}, []any{at(30), true, error(nil)})
	l, err := s.Requests(t.Context(), core.RequestFilter{Actions: []core.Action{core.SelfProlong}}, core.Page{})
	alike(t, "none of that action", []any{len(l.Items), err}, []any{0, error(nil)})
	asked(t, s, one, two)
	put(t, s, core.DeputyRemoved{Person: "pe_a"})
	read(t, s, func(v core.View) {
		_, ok := v.Deputy("pe_a")
		alike(t, "a deputy who was taken away", ok, false)
	})
}

// asked holds a store to finding the requests that wait for somebody: whom a
// stage names, who is in a group that it names, and who holds a role that it
// names. one and two are in the store and name Bob and the holders of ro_b.
func asked(t *testing.T, s core.Store, one, two core.Request) {
	t.Helper()
	group := two
	group.ID, group.Created = "re_5", at(5)
	group.Approval = &core.Approval{Opened: at(5), Limit: at(60), Stages: []core.Stage{
		{Approvers: []core.Approver{{Group: "gp_1"}, {Group: "gp_2"}}, Quorum: 1, EscalateTo: []core.Approver{{Person: "pe_m"}}},
		{Approvers: []core.Approver{{Person: "pe_a"}}, Quorum: 1}}}
	again := group
	again.ID, again.Created = "re_7", at(4)
	standard := two
	standard.ID, standard.Created = "re_6", at(6)
	standard.Approval = &core.Approval{Opened: at(6), Limit: at(60), Stages: []core.Stage{{Quorum: 1}}}
	holds := assignment("as_h", "pe_c", "ro_b", core.Active, core.InForce, 1)
	boss := assignment("as_g", "pe_m", "ro_a", core.Active, core.InForce, 1)
	boss.Role = core.StintRole(core.GlobalAdministrator)
	put(t, s, group, again, standard, holds, boss, core.Member{Group: "gp_1", Person: "pe_b", Since: at(1)}, core.Member{Group: "gp_2", Person: "pe_b", Since: at(1)},
		core.Member{Group: "gp_1", Person: "pe_a", Since: at(1)}, core.Member{Group: "gp_2", Person: "pe_a", Since: at(1)})
	of := func(ps ...core.PersonID) []string {
		t.Helper()
		out := []string{}
		var p core.Page
		for p.Limit = 1; ; {
			l := must[core.List[core.RequestRow]](t)(s.Requests(t.Context(), core.RequestFilter{Asked: ps}, p))
			out = append(out, ids(l.Items, requestID)...)
			if p.After = l.Next; p.After == "" {
				return out
			}
		}
	}
	// Each once, newest first, whoever stands there twice.
	alike(t, "named, and in two groups", of("pe_b"), []string{"re_5", "re_7", "re_3", "re_1", "re_2"})
	alike(t, "in two groups, not in a later stage", of("pe_a"), []string{"re_5", "re_7"})
	alike(t, "as a holder", of("pe_c"), []string{"re_3", "re_1", "re_2"})
	alike(t, "where nobody is named", of("pe_m"), []string{"re_6"})
	alike(t, "of two people", of("pe_m", "pe_a"), []string{"re_6", "re_5", "re_7"})
	group.Approval.Escalated = true
	holds.State = core.Removed
	one.Status = core.CanceledRequest
	put(t, s, group, holds, one, core.MemberRemoved{Group: "gp_1", Person: "pe_a"}, core.MemberRemoved{Group: "gp_2", Person: "pe_a"})
	alike(t, "escalated to", of("pe_m"), []string{"re_6", "re_5"})
	alike(t, "who left the group", of("pe_a"), []string{})
	alike(t, "who holds it no longer", of("pe_c"), []string{})
	alike(t, "one that waits no longer", of("pe_b"), []string{"re_5", "re_7", "re_3", "re_2"})
	next := *group.Approval
	next.Stage, next.Escalated = 1, false
	group.Approval = &next
	put(t, s, group)
	alike(t, "of the next stage", of("pe_a"), []string{"re_5"})
	alike(t, "of the stage before", of("pe_m"), []string{"re_6"})
	named := func() (out []bool) {
		read(t, s, func(v core.View) {
			for _, id := range []core.GroupID{"gp_1", "gp_2", "gp_3"} {
				out = append(out, v.Named(id))
			}
		})
		return out
	}
	alike(t, "named in any stage", named(), []bool{true, true, false})
	group.Status, again.Status = core.Denied, core.Denied
	put(t, s, group, again)
	alike(t, "named by what waits no longer", named(), []bool{false, false, false})
}
