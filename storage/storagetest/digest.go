package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// testDigest holds a store to the moment at which a digest is due, and to what
// it says there is.
func testDigest(t *testing.T, s core.Store) {
	stint := core.SystemCount{System: core.StintSystem, Name: "Stint"}
	none, err := s.Standing(t.Context(), at(0), at(0))
	alike(t, "nothing stands", []any{none, err}, []any{core.Standing{By: []core.SystemCount{stint}}, error(nil)})
	put(t, s, world()...)
	put(t, s, core.DigestMark{Next: at(50), Until: at(-50)})
	next, ok, err := s.NextDue(t.Context())
	alike(t, "the digest is due", []any{next, ok, err}, []any{at(50), false, error(nil)})

	n := 0
	give := func(p core.PersonID, r core.RoleID, k core.AssignmentKind, st core.AssignmentState, end int) core.Assignment {
		n++
		a := assignment(core.AssignmentID(fmt.Sprint("as_", n)), p, r, k, st, 0)
		if end > 0 {
			a.End = at(end)
		}
		return a
	}
	given := give("", "ro_b", core.Eligible, core.InForce, 0) // to a group, which is nobody
	given.Group = "gp_1"
	through := give("pe_b", "ro_b", core.Eligible, core.InForce, 90)
	through.Group, through.Via = "gp_1", given.ID
	running := give("pe_a", "ro_a", core.Active, core.InForce, 60)
	running.Origin, running.Basis = core.Activated, "as_1"
	planned := give("pe_b", "ro_a", core.Active, core.Scheduled, 60)
	planned.Origin, planned.Basis = core.Activated, "as_2"
	put(t, s, given, through, running, planned,
		give("pe_a", "ro_a", core.Eligible, core.InForce, 0), give("pe_b", "ro_a", core.Eligible, core.Scheduled, 100), give("pe_c", "ro_a", core.Eligible, core.Removed, 0),
		give("pe_c", "ro_a", core.Active, core.InForce, 0), give("pe_m", "ro_c", core.Active, core.InForce, 99), give("pe_a", "ro_c", core.Active, core.Expired, 0))
	next, ok, err = s.NextDue(t.Context())
	alike(t, "the start comes first", []any{next, ok, err}, []any{at(0), true, error(nil)})
	stuck := core.Grant{ID: "gr_1", GrantKey: core.GrantKey{System: "sy_b", Role: "ro_c", Account: "m"}, State: core.GrantRemoving, Failing: at(10)}
	lately := core.Grant{ID: "gr_2", GrantKey: core.GrantKey{System: "sy_b", Role: "ro_c", Account: "n"}, State: core.GrantRemoving, Failing: at(11)}
	over := core.Grant{ID: "gr_3", GrantKey: core.GrantKey{System: "sy_b", Role: "ro_c", Account: "o"}, State: core.GrantAbsent, Failing: at(9)}
	open := core.Drift{ID: "dr_1", GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Account: "x"}, Kind: core.DriftOutside, First: at(1)}
	accepted := core.Drift{ID: "dr_2", GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Account: "y"}, Kind: core.DriftOutside, First: at(1), Accepted: at(2)}
	put(t, s, stuck, lately, over, open, accepted,
		core.Request{ID: "re_1", Status: core.PendingApproval, Created: at(1)}, core.Request{ID: "re_2", Status: core.Denied, Created: at(1)})

	got, err := s.Standing(t.Context(), at(10), at(100))
	alike(t, "what stands", []any{got, err}, []any{core.Standing{
		Permanent: 1, Active: 1, Eligible: 3, Running: 1, Ending: 2, Waiting: 1, Stuck: 1, Outside: 1,
		Top: []core.RoleCount{
			{Role: "ro_a", Name: "Reader", System: "Warehouse", Permanent: 1, Eligible: 2},
			{Role: "ro_b", Name: "Writer", System: "Warehouse", Eligible: 1},
		},
		By: []core.SystemCount{
			{System: "sy_b", Name: "Jump host", Active: 1, Ending: 1, Stuck: 1},
			stint,
			{System: "sy_a", Name: "Warehouse", Permanent: 1, Eligible: 3, Running: 1, Ending: 1, Outside: 1},
		},
	}, error(nil)})
	put(t, s, core.DigestMark{Until: at(50)})
	read(t, s, func(v core.View) { alike(t, "none is planned", v.Digest(), core.DigestMark{Until: at(50)}) })

	var changes []core.Change
	for i := range 2 * core.DigestTop { // the more by far, the later in the alphabet
		id := core.RoleID(fmt.Sprintf("ro_x%02d", i))
		changes = append(changes, core.Role{ID: id, System: "sy_b", External: string(id), Name: string(id)})
		for j := range i + 3 {
			a := assignment(core.AssignmentID(fmt.Sprintf("as_x%02d_%02d", i, j)), "pe_a", "ro_c", core.Eligible, core.InForce, 0)
			a.Role = id
			changes = append(changes, a)
		}
	}
	put(t, s, changes...)
	got, _ = s.Standing(t.Context(), time.Time{}, time.Time{})
	if len(got.Top) != core.DigestTop || got.Top[0].Role != "ro_x09" || got.Top[0].Eligible != 12 || got.Stuck != 0 || got.Ending != 0 {
		t.Errorf("the most are %+v", got)
	}
}
