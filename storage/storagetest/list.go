package storagetest

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// populate makes a world with 60 assignments in every state and their grants and requests.
func populate(t testing.TB, s core.Store) {
	t.Helper()
	put(t, s, world()...)
	people := []core.PersonID{"pe_a", "pe_b", "pe_c", "pe_m"}
	roles := []core.RoleID{"ro_a", "ro_b", "ro_c"}
	states := []core.AssignmentState{core.Scheduled, core.InForce, core.Expired, core.Removed}
	grants := []core.GrantState{core.GrantPresent, core.GrantRemoving, core.GrantGranting, core.GrantAbsent, core.GrantFound}
	statuses := []core.Status{core.Granted, core.Provisioned, core.Revoked}
	var changes []core.Change
	for i := range 60 {
		kind := core.Eligible
		if i%3 > 0 {
			kind = core.Active
		}
		a := assignment(core.AssignmentID(fmt.Sprintf("as_%03d", i)), people[i%4], roles[i/2%3], kind, states[i/5%4], i/2) // two at each moment
		a.Request = core.RequestID("re_" + string(a.ID))
		if kind == core.Active {
			a.Grant = core.GrantID("gr_" + string(a.ID))
			g := core.Grant{ID: a.Grant, GrantKey: core.GrantKey{System: a.System, Role: a.Role, Scope: "/", Account: string(a.ID)},
				For: a.ID, State: grants[i%5], LastErr: "e", Attempts: i, Evidence: core.Evidence{At: at(i), Holds: true, Query: "q", Answer: "a"}}
			if i%2 == 0 {
				g.Failing = at(i)
				a.Origin = core.Activated
			}
			g.Wanted = a.State == core.InForce
			changes = append(changes, g)
		}
		if i%4 == 0 {
			a.End = at(100 + i)
		}
		r := core.Request{ID: a.Request, Action: core.SelfActivate, Status: statuses[i%3], Requester: people[i%3], Principal: a.Principal, Role: a.Role,
			System: a.System, Assignment: a.ID, Created: a.Created, Justification: fmt.Sprint("reason ", i%7)}
		changes = append(changes, a, r)
	}
	put(t, s, changes...)
}

func testAssignments(t *testing.T, s core.Store) {
	populate(t, s)
	all := everything(t, 7, func(ctx context.Context, p core.Page) (core.List[core.AssignmentRow], error) {
		return s.Assignments(ctx, core.AssignmentFilter{}, p)
	})
	if len(all) != 60 {
		t.Fatalf("got %d assignments, want 60", len(all))
	}
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if a.Created.Before(b.Created) || a.Created.Equal(b.Created) && a.ID <= b.ID {
			t.Errorf("%s comes before %s", a.ID, b.ID)
		}
	}
	one := must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), core.AssignmentFilter{ID: "as_052"}, core.Page{})).Items
	want := core.AssignmentRow{
		PrincipalName: "Alice", PrincipalLogin: "alice", RoleName: "Wheel", SystemName: "Jump host", SystemKind: core.KindLinux,
		GrantState: core.GrantGranting, GrantError: "e", GrantAttempts: 52, GrantFailing: at(52), RequestStatus: core.Provisioned,
		GrantEvidence: core.Evidence{At: at(52), Holds: true, Query: "q", Answer: "a"},
	}
	read(t, s, func(v core.View) { want.Assignment, _ = v.Assignment("as_052") })
	alike(t, "a row", one, []core.AssignmentRow{want})

	// Of two ended assignments with one grant, the grant's state is that of the
	// one that turned it last.
	put(t, s, core.Grant{ID: "gr_two", GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Scope: "/", Account: "two"}, State: core.GrantRemoving, For: "as_two"})
	for _, id := range []core.AssignmentID{"as_one", "as_two"} {
		a := assignment(id, "pe_two", "ro_a", core.Active, core.Expired, 90)
		a.Grant = "gr_two"
		put(t, s, a)
	}
	two := core.AssignmentFilter{Principal: "pe_two", States: []core.AssignmentState{core.InForce}, GrantStates: []core.GrantState{core.GrantRemoving}}
	removing := must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), two, core.Page{})).Items
	alike(t, "being removed", ids(removing, rowID), []string{"as_two"})
	for _, r := range must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), core.AssignmentFilter{Principal: "pe_two"}, core.Page{})).Items {
		alike(t, string(r.ID), r.GrantState == core.GrantRemoving, r.ID == "as_two")
	}
	all = everything(t, 7, func(ctx context.Context, p core.Page) (core.List[core.AssignmentRow], error) {
		return s.Assignments(ctx, core.AssignmentFilter{}, p)
	})

	live := []core.AssignmentState{core.Scheduled, core.InForce}
	for name, c := range map[string]struct {
		f    core.AssignmentFilter
		fits func(core.AssignmentRow) bool
	}{
		"principal": {core.AssignmentFilter{Principal: "pe_b"}, func(r core.AssignmentRow) bool { return r.Principal == "pe_b" }},
		"role":      {core.AssignmentFilter{Role: "ro_c"}, func(r core.AssignmentRow) bool { return r.Role == "ro_c" }},
		"system and state": {core.AssignmentFilter{System: "sy_a", States: live},
			func(r core.AssignmentRow) bool { return r.System == "sy_a" && r.State.Live() }},
		"kind and origin": {core.AssignmentFilter{Kind: core.Active, Origin: core.Activated},
			func(r core.AssignmentRow) bool { return r.Kind == core.Active && r.Origin == core.Activated }},
		"a state twice": {core.AssignmentFilter{States: []core.AssignmentState{core.Expired, core.Expired}},
			func(r core.AssignmentRow) bool { return r.State == core.Expired }},
		"ends before": {core.AssignmentFilter{EndsBefore: at(120)}, func(r core.AssignmentRow) bool { return !r.End.IsZero() && r.End.Before(at(120)) }},
		"ended after": {core.AssignmentFilter{EndedAfter: at(45)}, func(r core.AssignmentRow) bool { return r.State.Live() || r.Ended.After(at(45)) }},
		"live or being removed": {core.AssignmentFilter{States: live, GrantStates: []core.GrantState{core.GrantRemoving, core.GrantGranting}},
			func(r core.AssignmentRow) bool {
				return r.State.Live() || r.GrantState == core.GrantRemoving || r.GrantState == core.GrantGranting
			}},
		"one's own, live or not gone": {core.AssignmentFilter{Principal: "pe_a", Kind: core.Active, States: live, GrantStates: []core.GrantState{core.GrantPresent}},
			func(r core.AssignmentRow) bool {
				return r.Principal == "pe_a" && r.Kind == core.Active && (r.State.Live() || r.GrantState == core.GrantPresent)
			}},
		"expired or being removed": {core.AssignmentFilter{States: []core.AssignmentState{core.Expired}, GrantStates: []core.GrantState{core.GrantRemoving}, EndedAfter: at(42)},
			func(r core.AssignmentRow) bool {
				return r.Ended.After(at(42)) && (r.State == core.Expired || r.State == core.Removed && r.GrantState == core.GrantRemoving)
			}},
		"text and grants": {core.AssignmentFilter{Text: "wheel", States: live, GrantStates: []core.GrantState{core.GrantRemoving}},
			func(r core.AssignmentRow) bool {
				return r.RoleName == "Wheel" && (r.State.Live() || r.GrantState == core.GrantRemoving)
			}},
		"nobody": {core.AssignmentFilter{Principal: "pe_?"}, func(core.AssignmentRow) bool { return false }},
	} {
		var want []string
		for _, r := range all {
			if c.fits(r) {
				want = append(want, string(r.ID))
			}
		}
		for _, n := range []int{1, 4, 500} {
			got := everything(t, n, func(ctx context.Context, p core.Page) (core.List[core.AssignmentRow], error) {
				return s.Assignments(ctx, c.f, p)
			})
			alike(t, fmt.Sprintf("%s in pages of %d", name, n), ids(got, rowID), want)
		}
		alike(t, name+" counted", must[int](t)(s.CountAssignments(t.Context(), c.f)), len(want))
	}
}

func testAssignmentText(t *testing.T, s core.Store) {
	populate(t, s)
	count := func(text string) int {
		return must[int](t)(s.CountAssignments(t.Context(), core.AssignmentFilter{Text: text}))
	}
	for text, want := range map[string]int{
		"": 60, "alice": 15, "ALI": 15, "çEL": 15, "y_100": 15, "y%100": 0, "0%": 15, "warehouse": 40, "JUMP": 20, "nothing like it": 0,
	} {
		alike(t, fmt.Sprintf("%q", text), count(text), want)
	}
	own := core.AssignmentFilter{Principal: "pe_a", Text: "jump"}
	rows := everything(t, 2, func(ctx context.Context, p core.Page) (core.List[core.AssignmentRow], error) {
		return s.Assignments(ctx, own, p)
	})
	for _, r := range rows {
		if r.Principal != "pe_a" || r.SystemName != "Jump host" {
			t.Errorf("%s doesn't fit", r.ID)
		}
	}
	alike(t, "one's own", len(rows), must[int](t)(s.CountAssignments(t.Context(), own)))
	if len(rows) == 0 {
		t.Error("nothing to look at")
	}
}

func testRequests(t *testing.T, s core.Store) {
	populate(t, s)
	list := func(f core.RequestFilter, n int) []core.RequestRow {
		return everything(t, n, func(ctx context.Context, p core.Page) (core.List[core.RequestRow], error) {
			return s.Requests(ctx, f, p)
		})
	}
	all := list(core.RequestFilter{}, 11)
	alike(t, "all", len(all), 60)
	want := core.RequestRow{RequesterName: "Bob", PrincipalName: "Alice", RoleName: "Wheel", SystemName: "Jump host"}
	read(t, s, func(v core.View) { want.Request, _ = v.Request("re_as_052") })
	for _, r := range all {
		if r.ID == want.ID {
			alike(t, "a row", r, want)
		}
	}
	for name, f := range map[string]core.RequestFilter{
		"principal": {Principal: "pe_c"}, "role": {Role: "ro_b"}, "statuses": {Statuses: []core.Status{core.Granted, core.Revoked, core.Granted}},
		"all of them": {Principal: "pe_a", Role: "ro_a", Statuses: []core.Status{core.Provisioned, core.Granted}}, "none": {Statuses: []core.Status{core.TimedOut}},
	} {
		var want []string
		for _, r := range all {
			status := len(f.Statuses) == 0
			for _, st := range f.Statuses {
				status = status || st == r.Status
			}
			if status && (f.Principal == "" || f.Principal == r.Principal) && (f.Role == "" || f.Role == r.Role) {
				want = append(want, string(r.ID))
			}
		}
		alike(t, name, ids(list(f, 3), requestID), want)
	}
	alike(t, "reasons", must[[]string](t)(s.Reasons(t.Context(), "pe_a", 3)), []string{"reason 1", "reason 5", "reason 2"})
	alike(t, "all reasons", len(must[[]string](t)(s.Reasons(t.Context(), "pe_a", 100))), 7)
	alike(t, "nobody's", must[[]string](t)(s.Reasons(t.Context(), "pe_?", 3)), []string{})
}

// testNames sees that lists are in order of folded names, whatever their case.
func testNames(t *testing.T, s core.Store) {
	for i, n := range []string{"beta", "Alpha", "ALPHA", "älpha", "Gamma", "alpha"} {
		id := fmt.Sprint(i)
		put(t, s, core.Person{ID: core.PersonID("pe_" + id), Name: n, Login: id},
			core.System{ID: core.SystemID("sy_" + id), Name: n + id, State: core.SystemConnected},
			core.Role{ID: core.RoleID("ro_" + id), System: "sy_0", External: id, Name: n})
	}
	for _, n := range []int{1, 2, 500} {
		people := everything(t, n, func(ctx context.Context, p core.Page) (core.List[core.PersonRow], error) {
			return s.PeopleList(ctx, core.PersonFilter{}, p)
		})
		want := []string{"Alpha", "ALPHA", "alpha", "beta", "Gamma", "älpha"}
		alike(t, "people", ids(people, personName), want)
		roles := everything(t, n, func(ctx context.Context, p core.Page) (core.List[core.RoleRow], error) {
			return s.Roles(ctx, core.RoleFilter{System: "sy_0"}, p)
		})
		alike(t, "roles", ids(roles, roleName), want)
	}
	alike(t, "systems", ids(must[[]core.System](t)(s.Systems(t.Context())), func(s core.System) string { return s.Name }),
		[]string{"Alpha1", "ALPHA2", "alpha5", "beta0", "Gamma4", "Stint", "älpha3"})
}

func testSystems(t *testing.T, s core.Store) {
	populate(t, s)
	put(t, s, core.System{ID: "sy_gone", Name: "Gone", State: core.SystemRemoved}, core.Role{ID: "ro_gone", System: "sy_gone", External: "x", Name: "Gone"},
		core.System{ID: "sy_play", Name: "Play", Kind: core.KindSample, Settings: map[string]string{"as": "linux"}, State: core.SystemDraining},
		core.Role{ID: "ro_play", System: "sy_play", External: "x", Name: "Player"},
		core.PolicyLevel{Level: "ro_play", Settings: core.PolicySettings{RequireMFA: ptr(false)}}, core.PolicyLevel{Level: "ro_a"})
	got := map[core.SystemID]core.SystemRow{}
	for _, r := range must[[]core.SystemRow](t)(s.SystemRows(t.Context())) {
		got[r.ID] = r
	}
	alike(t, "how many", len(got), 4)
	counts := func(r core.SystemRow) []int { return []int{r.Roles, r.Active, r.Pending, r.Stuck} }
	want := map[core.SystemID][]int{core.StintSystem: {5, 0, 0, 0}, "sy_play": {1, 0, 0, 0}, "sy_a": {2, 0, 0, 0}, "sy_b": {1, 0, 0, 0}}
	for _, r := range everything(t, 500, func(ctx context.Context, p core.Page) (core.List[core.AssignmentRow], error) {
		return s.Assignments(ctx, core.AssignmentFilter{Kind: core.Active}, p)
	}) {
		w := want[r.System]
		g := core.Grant{State: r.GrantState}
		if r.State == core.InForce {
			w[1]++
		}
		if g.Pending() {
			w[2]++
			if !r.GrantFailing.IsZero() {
				w[3]++
			}
		}
	}
	for id, w := range want {
		alike(t, "counts of "+string(id), counts(got[id]), w)
	}
	roles := everything(t, 3, func(ctx context.Context, p core.Page) (core.List[core.RoleRow], error) {
		return s.Roles(ctx, core.RoleFilter{}, p)
	})
	alike(t, "roles", len(roles), 9)
	byText := func(text string) []string {
		return ids(must[core.List[core.RoleRow]](t)(s.Roles(t.Context(), core.RoleFilter{Text: text}, core.Page{})).Items, roleName)
	}
	alike(t, "by name", byText("PLAYER"), []string{"Player"})
	alike(t, "by system", byText("warehouse"), []string{"Reader", "Writer"})
	alike(t, "by description", byText("0% of"), []string{"Writer"})
	alike(t, "not across columns", byText("Reader"+"reads"), []string{})
	for _, r := range roles {
		eligible := must[int](t)(s.CountAssignments(t.Context(), core.AssignmentFilter{Role: r.ID, Kind: core.Eligible, States: []core.AssignmentState{core.InForce, core.Scheduled}}))
		active := must[int](t)(s.CountAssignments(t.Context(), core.AssignmentFilter{Role: r.ID, Kind: core.Active, States: []core.AssignmentState{core.InForce}}))
		alike(t, "counts of "+r.Name, []int{r.Eligible, r.Active}, []int{eligible, active})
		alike(t, "overrides of "+r.Name, r.Overrides, r.ID == "ro_play")
		if r.ID == "ro_play" {
			alike(t, "plays", []any{r.SystemKind, r.SystemAs, r.SystemName}, []any{core.KindSample, core.KindLinux, "Play"})
		}
	}
}

func testPeople(t *testing.T, s core.Store) {
	populate(t, s)
	now := time.Now()
	put(t, s,
		core.Factor{Person: "pe_a", Confirmed: true}, core.Factor{Person: "pe_b", LockedTill: now.Add(time.Hour)},
		core.Credential{Person: "pe_a", LockedTill: now.Add(-time.Hour)}, core.Credential{Person: "pe_c", LockedTill: now.Add(time.Hour)},
		core.Session{ID: "se_1", Person: "pe_a", LastSeen: at(5), Expires: now.Add(time.Hour)}, core.Session{ID: "se_2", Person: "pe_a", LastSeen: at(9), Expires: now.Add(time.Hour)},
		core.Session{ID: "se_3", Person: "pe_a", LastSeen: at(30), Expires: now.Add(-time.Hour)},
		core.Account{Person: "pe_a", System: "sy_a", External: "a"}, core.Account{Person: "pe_a", System: "sy_b", External: "a"},
		core.Person{ID: "pe_m", Name: "Mallory_100%", Login: "mallory", Mail: "m@evil.example", Disabled: true},
	)
	ses, p, ok, err := s.SessionOf(t.Context(), "se_2")
	alike(t, "a session with its person", []any{ses.LastSeen, p.Name, ok, err}, []any{at(9), "Alice", true, error(nil)})
	_, _, ok, err = s.SessionOf(t.Context(), "se_9")
	alike(t, "a session that isn't there", []any{ok, err}, []any{false, error(nil)})
	rows := func(f core.PersonFilter) map[core.PersonID]core.PersonRow {
		out := map[core.PersonID]core.PersonRow{}
		for _, r := range everything(t, 1, func(ctx context.Context, p core.Page) (core.List[core.PersonRow], error) {
			return s.PeopleList(ctx, f, p)
		}) {
			out[r.ID] = r
		}
		return out
	}
	all := rows(core.PersonFilter{})
	a := all["pe_a"]
	alike(t, "alice", []any{a.HasFactor, a.Locked, a.LastSeen, a.Sessions, a.Accounts}, []any{true, false, at(9), 2, 2})
	alike(t, "locked", []bool{all["pe_b"].Locked, all["pe_c"].Locked, all["pe_m"].Locked, all["pe_b"].HasFactor}, []bool{true, true, false, false})
	for id, r := range all {
		eligible := must[int](t)(s.CountAssignments(t.Context(), core.AssignmentFilter{Principal: id, Kind: core.Eligible, States: []core.AssignmentState{core.InForce, core.Scheduled}}))
		active := must[int](t)(s.CountAssignments(t.Context(), core.AssignmentFilter{Principal: id, Kind: core.Active, States: []core.AssignmentState{core.InForce}}))
		alike(t, "counts of "+r.Name, []int{r.Eligible, r.Active}, []int{eligible, active})
	}
	for name, c := range map[string]struct {
		f    core.PersonFilter
		want int
	}{
		"id": {core.PersonFilter{ID: "pe_c"}, 1}, "name in capitals": {core.PersonFilter{Text: "ÇEL"}, 1},
		"login": {core.PersonFilter{Text: "MALLO"}, 1}, "mail": {core.PersonFilter{Text: "@example.org"}, 3}, "disabled": {core.PersonFilter{Disabled: ptr(true)}, 1},
		"enabled": {core.PersonFilter{Disabled: ptr(false)}, 3}, "percent": {core.PersonFilter{Text: "%"}, 1}, "underscore": {core.PersonFilter{Text: "y_1"}, 1},
	} {
		alike(t, name, len(rows(c.f)), c.want)
	}
	accounts := must[[]core.AccountRow](t)(s.AccountsOf(t.Context(), "pe_a"))
	alike(t, "accounts", accounts, []core.AccountRow{
		{Account: core.Account{Person: "pe_a", System: "sy_b", External: "a"}, SystemName: "Jump host", SystemKind: core.KindLinux},
		{Account: core.Account{Person: "pe_a", System: "sy_a", External: "a"}, SystemName: "Warehouse", SystemKind: core.KindPostgres},
	})
}

// testPages gives every list cursors and limits that no page gave.
func testPages(t *testing.T, s core.Store) {
	populate(t, s)
	log(t, s, core.Entry{Time: at(0), Action: core.SignedIn}, core.Entry{Time: at(1), Action: core.SignedIn})
	lists := map[string]func(core.Page) (string, error){
		"assignments": func(p core.Page) (string, error) {
			l, err := s.Assignments(t.Context(), core.AssignmentFilter{}, p)
			return l.Next, err
		},
		"roles": func(p core.Page) (string, error) {
			l, err := s.Roles(t.Context(), core.RoleFilter{}, p)
			return l.Next, err
		},
		"people": func(p core.Page) (string, error) {
			l, err := s.PeopleList(t.Context(), core.PersonFilter{}, p)
			return l.Next, err
		},
		"requests": func(p core.Page) (string, error) {
			l, err := s.Requests(t.Context(), core.RequestFilter{}, p)
			return l.Next, err
		},
		"entries": func(p core.Page) (string, error) {
			l, err := s.Entries(t.Context(), core.EntryFilter{}, p)
			return l.Next, err
		},
	}
	next := map[string]string{}
	for name, list := range lists {
		n, err := list(core.Page{Limit: 1})
		if err != nil || n == "" {
			t.Fatalf("%s: no second page: %v", name, err)
		}
		next[name] = n
		for _, limit := range []int{-1, 501, 1 << 40} {
			_, err := list(core.Page{Limit: limit})
			hasCode(t, fmt.Sprint(name, " limit ", limit), err, core.Invalid)
		}
		garbage := []string{"x", "0", "\x00", "AAAA", strings.Repeat("A", 100_000), "' OR 1=1 --", n + "A", n[1:],
			base64.RawURLEncoding.EncodeToString([]byte(`{"l":"other"}`)), base64.RawURLEncoding.EncodeToString([]byte(`null`))}
		for _, g := range garbage {
			_, err := list(core.Page{After: g})
			hasCode(t, fmt.Sprintf("%s after %.20q", name, g), err, core.Invalid)
		}
	}
	for name, list := range lists {
		for other, n := range next {
			_, err := list(core.Page{After: n})
			if other == name && err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if other != name {
				hasCode(t, name+" after one of "+other, err, core.Invalid)
			}
		}
	}
	_, err := s.PeopleList(t.Context(), core.PersonFilter{Text: strings.Repeat("x", 1001)}, core.Page{})
	hasCode(t, "a long text", err, core.Invalid)
	_, err = s.CountAssignments(t.Context(), core.AssignmentFilter{Text: strings.Repeat("x", 1001)})
	hasCode(t, "a long text", err, core.Invalid)
	_, err = s.CountEntries(t.Context(), core.EntryFilter{Text: strings.Repeat("x", 1001)})
	hasCode(t, "a long text", err, core.Invalid)
	// What comes between two pages hides and doubles nothing.
	first := must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), core.AssignmentFilter{}, core.Page{Limit: 30}))
	put(t, s, assignment("as_new", "pe_a", "ro_a", core.Eligible, core.InForce, 500))
	rest := must[core.List[core.AssignmentRow]](t)(s.Assignments(t.Context(), core.AssignmentFilter{}, core.Page{Limit: 500, After: first.Next}))
	alike(t, "both pages", len(first.Items)+len(rest.Items), 60)
}
