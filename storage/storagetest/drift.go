package storagetest

import (
	"testing"

	"github.com/stint-pim/stint/core"
)

// testDrift: what systems hold otherwise than Stint left it, and the grants
// that a reading is compared with.
func testDrift(t *testing.T, s core.Store) {
	put(t, s, world()...)
	row := func(id core.DriftID, sys core.SystemID, kind core.DriftKind, first, accepted int) core.Drift {
		r := core.Drift{ID: id, GrantKey: core.GrantKey{System: sys, Role: "ro_a", Scope: "/", Account: string(id)}, Kind: kind, First: at(first)}
		if accepted > 0 {
			r.Accepted = at(accepted)
		}
		return r
	}
	of := func(sys core.SystemID) ([]string, core.Reading) {
		rows, last, err := s.DriftOf(t.Context(), sys)
		if err != nil {
			t.Fatal(err)
		}
		return ids(rows, func(r core.Drift) string { return string(r.ID) }), last
	}
	got, last := of("sy_a")
	alike(t, "never read", last, core.Reading{System: "sy_a"})
	alike(t, "nothing", got, []string{})
	twin := row("dr_6", "sy_a", core.DriftRenamed, 1, 0)
	twin.GrantKey = row("dr_1", "sy_a", core.DriftOutside, 1, 0).GrantKey
	put(t, s, row("dr_1", "sy_a", core.DriftOutside, 1, 0), row("dr_2", "sy_a", core.DriftLost, 2, 0), row("dr_3", "sy_a", core.DriftOutside, 9, 10),
		row("dr_4", "sy_b", core.DriftOutside, 1, 0), row("dr_5", "sy_a", core.DriftOutside, 2, 0), twin,
		core.Reading{System: "sy_a", At: at(1), Held: 7, More: 3}, core.Reading{System: "sy_a", At: at(2), Held: 8, More: 4})
	got, last = of("sy_a")
	alike(t, "reading", last, core.Reading{System: "sy_a", At: at(2), Held: 8, More: 4})
	alike(t, "open ones first, newest first", got, []string{"dr_2", "dr_5", "dr_1", "dr_6", "dr_3"})
	read(t, s, func(v core.View) {
		alike(t, "how many", []int{v.CountDrift("sy_a"), v.CountDrift("sy_b"), v.CountDrift("sy_none")}, []int{5, 1, 0})
		r, ok := v.DriftFor(twin.GrantKey, core.DriftRenamed)
		alike(t, "by key and kind", []any{r, ok}, []any{twin, true})
		if _, ok := v.DriftFor(twin.GrantKey, core.DriftLost); ok {
			t.Error("another kind is found")
		}
	})
	for _, r := range must[[]core.SystemRow](t)(s.SystemRows(t.Context())) {
		want := map[core.SystemID]int{"sy_a": 4, "sy_b": 1}[r.ID]
		alike(t, "open rows of "+string(r.ID), r.Drift, want)
	}
	put(t, s, core.DriftRemoved{ID: "dr_2"}, core.DriftRemoved{ID: "dr_none"})
	got, _ = of("sy_a")
	alike(t, "after one is removed", got, []string{"dr_5", "dr_1", "dr_6", "dr_3"})

	for i, st := range []core.GrantState{core.GrantUnknown, core.GrantGranting, core.GrantPresent, core.GrantRemoving, core.GrantAbsent, core.GrantFound} {
		id := core.GrantID("gr_" + string(rune('a'+i)))
		put(t, s, core.Grant{ID: id, GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Account: string(id)}, State: st})
	}
	live := func(after core.GrantID, limit int) []string {
		return ids(must[[]core.Grant](t)(s.LiveGrants(t.Context(), "sy_a", after, limit)), grantID)
	}
	alike(t, "all that is not absent", live("", 9), []string{"gr_a", "gr_b", "gr_c", "gr_d", "gr_f"})
	alike(t, "a page", live("gr_b", 2), []string{"gr_c", "gr_d"})
	attempted := func(after core.GrantID, limit int) []core.GrantID {
		return must[[]core.GrantID](t)(s.Attempted(t.Context(), "sy_a", after, limit))
	}
	alike(t, "what it was told of", attempted("", 9), []core.GrantID{"gr_b", "gr_c", "gr_d"})
	alike(t, "a page of it", attempted("gr_b", 1), []core.GrantID{"gr_c"})
	alike(t, "elsewhere", len(must[[]core.Grant](t)(s.LiveGrants(t.Context(), "sy_b", "", 9))), 0)
}
