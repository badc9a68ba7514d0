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
	put(t, s, core.DeputyRemoved{Person: "pe_a"})
	read(t, s, func(v core.View) {
		_, ok := v.Deputy("pe_a")
		alike(t, "a deputy who was taken away", ok, false)
	})
}
