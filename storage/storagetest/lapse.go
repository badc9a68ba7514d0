package storagetest

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// testLapse holds a store to what it says of assignments that end: of which
// people are to be reminded, and which have expired lately.
func testLapse(t *testing.T, s core.Store) {
	put(t, s, world()...)
	ends := func(id core.AssignmentID, p core.PersonID, state core.AssignmentState, made, remind int) core.Assignment {
		a := assignment(id, p, "ro_a", core.Eligible, state, made)
		a.End = at(made + 500)
		if remind > 0 {
			a.Remind = at(remind)
		}
		return a
	}
	activated := ends("as_5", "pe_a", core.Expired, 9, 0)
	activated.Kind, activated.Origin = core.Active, core.Activated
	put(t, s, ends("as_1", "pe_a", core.InForce, 1, 40), ends("as_2", "pe_b", core.InForce, 2, 30), ends("as_3", "pe_a", core.InForce, 3, 0),
		ends("as_4", "pe_a", core.Expired, 4, 0), activated, ends("as_6", "pe_b", core.Expired, 6, 0), ends("as_7", "pe_a", core.Removed, 7, 0), ends("as_8", "pe_a", core.Expired, 8, 0))
	list := func(as []core.Assignment) []string {
		return ids(as, func(a core.Assignment) string { return string(a.ID) })
	}
	read(t, s, func(v core.View) {
		back, _ := v.Assignment("as_1")
		alike(t, "a reminder", back.Remind, at(40))
		alike(t, "nobody yet", list(v.RemindersDue(at(30).Add(-time.Microsecond), 9)), []string{})
		alike(t, "to be reminded", list(v.RemindersDue(at(40), 9)), []string{"as_2", "as_1"})
		alike(t, "one of them", list(v.RemindersDue(at(40), 1)), []string{"as_2"})
	})
	next, ok, err := s.NextDue(t.Context())
	alike(t, "next due", []any{next, ok, err}, []any{at(30), true, error(nil)})

	lapsed := core.AssignmentFilter{Origin: core.Assigned, States: []core.AssignmentState{core.Expired}, EndedAfter: at(34)}
	for name, c := range map[string]struct {
		of   core.PersonID
		role core.RoleID
		want []string
	}{
		"all": {"", "", []string{"as_8", "as_6"}}, "of one": {"pe_a", "", []string{"as_8"}}, "of another role": {"", "ro_b", []string{}},
	} {
		f := lapsed
		f.Principal, f.Role = c.of, c.role
		l := must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), f, core.Page{}))
		alike(t, "expired lately, "+name, ids(l.Items, func(r core.AssignmentRow) string { return string(r.ID) }), c.want)
		n, err := s.CountAssignments(t.Context(), f)
		alike(t, "how many, "+name, []any{n, err}, []any{len(c.want), error(nil)})
	}
}
