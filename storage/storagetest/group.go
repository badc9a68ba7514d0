package storagetest

import (
	"testing"

	"github.com/stint-pim/stint/core"
)

// testGroups holds a store to what it says of groups, who is in them, and what
// comes through them.
func testGroups(t *testing.T, s core.Store) {
	put(t, s, world()...)
	ops := core.Group{ID: "gp_1", Name: "Operators", Description: "who is on call", Created: at(1)}
	put(t, s, ops, core.Group{ID: "gp_2", Name: "auditors", Created: at(2)}, core.Group{ID: "gp_3", Name: "Operators", Removed: true, Created: at(0)},
		core.Member{Group: "gp_1", Person: "pe_b", Since: at(3)}, core.Member{Group: "gp_1", Person: "pe_a", Since: at(4)}, core.Member{Group: "gp_2", Person: "pe_a", Since: at(5)})
	given := assignment("as_1", "", "ro_a", core.Eligible, core.InForce, 6)
	given.Group = "gp_1"
	through := assignment("as_2", "pe_a", "ro_a", core.Eligible, core.InForce, 7)
	through.Group, through.Via = "gp_1", "as_1"
	over := assignment("as_3", "pe_b", "ro_a", core.Eligible, core.Removed, 8)
	over.Group, over.Via = "gp_1", "as_1"
	past := assignment("as_4", "", "ro_b", core.Eligible, core.Expired, 9)
	past.Group = "gp_1"
	put(t, s, given, through, over, past)
	who := func(ms []core.Member) []string {
		return ids(ms, func(m core.Member) string { return string(m.Group) + "/" + string(m.Person) })
	}
	list := func(as []core.Assignment) []string {
		return ids(as, func(a core.Assignment) string { return string(a.ID) })
	}
	read(t, s, func(v core.View) {
		back, _ := v.Group("gp_1")
		alike(t, "a group", back, ops)
		named, _ := v.GroupByName("OPERATORS")
		alike(t, "by name", named, ops)
		alike(t, "members", who(v.MembersOf("gp_1")), []string{"gp_1/pe_a", "gp_1/pe_b"})
		alike(t, "groups of", who(v.GroupsOf("pe_a")), []string{"gp_1/pe_a", "gp_2/pe_a"})
		alike(t, "given", list(v.GivenTo("gp_1")), []string{"as_1"})
		alike(t, "through it", list(v.Through("as_1")), []string{"as_2"})
		alike(t, "through nothing", list(v.Through("")), []string{})
		a, _ := v.Assignment("as_2")
		alike(t, "what comes through a group", a, through)
	})
	found := must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), core.AssignmentFilter{Text: "OPERAT"}, core.Page{}))
	alike(t, "by the name of the group", ids(found.Items, rowID), []string{"as_4", "as_3", "as_2", "as_1"})
	found = must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), core.AssignmentFilter{Text: "operat", Principal: "pe_a"}, core.Page{}))
	alike(t, "by it, of a person", ids(found.Items, rowID), []string{"as_2"})
	n, err := s.CountAssignments(t.Context(), core.AssignmentFilter{Text: "auditors"})
	alike(t, "of a group that was given nothing", []any{n, err}, []any{0, error(nil)})
	roles := must[core.List[core.RoleRow]](t)(s.Roles(t.Context(), core.RoleFilter{Text: "reader"}, core.Page{}))
	alike(t, "holders, not their group", []int{roles.Items[0].Eligible, roles.Items[0].Active}, []int{1, 0})
	countedOnce(t, s)
	l := must[core.List[core.GroupRow]](t)(s.Groups(t.Context(), core.GroupFilter{}, core.Page{Limit: 1}))
	alike(t, "first group", ids(l.Items, func(r core.GroupRow) string { return r.Name }), []string{"auditors"})
	l = must[core.List[core.GroupRow]](t)(s.Groups(t.Context(), core.GroupFilter{}, core.Page{Limit: 1, After: l.Next}))
	alike(t, "second group", l.Items, []core.GroupRow{{Group: ops, Members: 2, Given: 1}})
	alike(t, "that is all", l.Next, "")
	l = must[core.List[core.GroupRow]](t)(s.Groups(t.Context(), core.GroupFilter{Text: "ERAT"}, core.Page{}))
	alike(t, "with a text", len(l.Items), 1)
	members := must[[]core.MemberRow](t)(s.Members(t.Context(), "gp_1"))
	alike(t, "member rows", ids(members, func(m core.MemberRow) string { return m.Name }), []string{"Alice", "Bob"})
	rows := must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), core.AssignmentFilter{Group: "gp_1", States: []core.AssignmentState{core.InForce}}, core.Page{}))
	alike(t, "the group's own", ids(rows.Items, func(r core.AssignmentRow) string { return string(r.ID) + " " + r.PrincipalName + " " + r.GroupName }), []string{"as_1 Operators Operators"})
	rows = must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), core.AssignmentFilter{ID: "as_2"}, core.Page{}))
	alike(t, "a member's", ids(rows.Items, func(r core.AssignmentRow) string { return r.PrincipalName + " " + r.GroupName }), []string{"Alice Operators"})

	put(t, s, core.Request{ID: "re_1", Action: core.AdminAssign, Status: core.Provisioned, Requester: "pe_b", Role: "ro_a", System: "sy_a", Assignment: "as_1", Created: at(6)})
	asked := must[core.List[core.RequestRow]](t)(s.Requests(t.Context(), core.RequestFilter{}, core.Page{}))
	alike(t, "a request names the group", ids(asked.Items, func(r core.RequestRow) string { return r.PrincipalName }), []string{"Operators"})

	taken := s.Update(t.Context(), func(tx core.Tx) error {
		return tx.Apply(core.Event{Changes: []core.Change{core.Group{ID: "gp_9", Name: "operators"}}})
	})
	alike(t, "a name that is taken", core.CodeOf(taken), core.Conflict)
	ops.Removed = true
	put(t, s, core.MemberRemoved{Group: "gp_1", Person: "pe_a"}, ops, core.Group{ID: "gp_9", Name: "operators", Created: at(9)})
	read(t, s, func(v core.View) {
		alike(t, "who stayed", who(v.MembersOf("gp_1")), []string{"gp_1/pe_b"})
		g, _ := v.GroupByName("Operators")
		alike(t, "the name again", string(g.ID), "gp_9")
	})
}

// countedOnce lets people have a role of their own and through two groups: they
// count once, in each kind; what is over, or begins only later, is no second.
func countedOnce(t *testing.T, s core.Store) {
	t.Helper()
	var made []core.Change
	add := func(id core.AssignmentID, who core.PersonID, group core.GroupID, via core.AssignmentID, kind core.AssignmentKind, state core.AssignmentState) {
		a := assignment(id, who, "ro_a", kind, state, 10)
		a.Group, a.Via = group, via
		made = append(made, a)
	}
	add("as_own", "pe_a", "", "", core.Eligible, core.InForce) // beside as_2
	add("as_g2", "", "gp_2", "", core.Eligible, core.InForce)
	add("as_a2", "pe_a", "gp_2", "as_g2", core.Eligible, core.InForce)
	add("as_b2", "pe_b", "gp_2", "as_g2", core.Eligible, core.InForce) // as_3 is over
	add("as_on1", "", "gp_1", "", core.Active, core.InForce)
	add("as_on2", "", "gp_2", "", core.Active, core.InForce)
	add("as_a3", "pe_a", "gp_1", "as_on1", core.Active, core.InForce)
	add("as_a4", "pe_a", "gp_2", "as_on2", core.Active, core.InForce)
	add("as_b4", "pe_b", "gp_2", "as_on2", core.Active, core.InForce)
	add("as_late", "pe_b", "", "", core.Active, core.Scheduled)
	put(t, s, made...)
	roles := must[core.List[core.RoleRow]](t)(s.Roles(t.Context(), core.RoleFilter{Text: "reader"}, core.Page{}))
	alike(t, "people, each once", []int{roles.Items[0].Eligible, roles.Items[0].Active}, []int{2, 2})
	for i := range made {
		a := made[i].(core.Assignment)
		a.State = core.Removed
		made[i] = a
	}
	put(t, s, made...)
}
