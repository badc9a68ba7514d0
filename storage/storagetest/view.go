package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

func testView(t *testing.T, s core.Store) {
	put(t, s, world()...)
	put(t, s,
		core.System{ID: "sy_old", Name: "Warehouse", State: core.SystemRemoved},
		core.Account{Person: "pe_a", System: "sy_a", External: "alice_db"},
		core.PolicyLevel{Level: core.DefaultLevel, Settings: core.PolicySettings{RequireMFA: ptr(true)}},
		core.PolicyLevel{Level: "sy_a", Settings: core.PolicySettings{AllowProlong: ptr(false)}},
		core.PolicyLevel{Level: "ro_a", Settings: core.PolicySettings{TicketPattern: ptr("x")}},
		core.PolicyLevel{Level: "ro_z", Settings: core.PolicySettings{RequireApproval: ptr(false)}},
		core.PolicyLevel{Level: "ro_x", Settings: core.PolicySettings{TicketPattern: ptr(`"require_approval"`)}},
		core.PolicyLevel{Level: "ro_y", Settings: core.PolicySettings{Stages: &[]core.Stage{{Quorum: 1}}}},
		core.Session{ID: "se_1", Person: "pe_a", Created: at(1)}, core.Session{ID: "se_2", Person: "pe_a", Created: at(2)}, core.Session{ID: "se_3", Person: "pe_b", Created: at(3)},
		core.Favourite{ID: "fa_1", Person: "pe_a", Name: "b"}, core.Favourite{ID: "fa_2", Person: "pe_a", Name: "A"}, core.Favourite{ID: "fa_3", Person: "pe_b", Name: "c"},
	)
	eligible := assignment("as_1", "pe_a", "ro_a", core.Eligible, core.InForce, 1)
	standing := assignment("as_2", "pe_a", "ro_a", core.Active, core.InForce, 2)
	standing.Origin, standing.Basis, standing.Grant = core.Activated, "as_1", "gr_1"
	ended := assignment("as_3", "pe_a", "ro_a", core.Active, core.Expired, 3)
	ended.Origin, ended.Basis, ended.Grant = core.Activated, "as_1", "gr_1"
	scheduled := assignment("as_4", "pe_b", "ro_a", core.Active, core.Scheduled, 0)
	wants := assignment("as_5", "pe_b", "ro_b", core.Active, core.InForce, 5)
	wants.Grant = "gr_1"
	onlyEligible := assignment("as_6", "pe_b", "ro_c", core.Eligible, core.InForce, 6)
	onlyEligible.Grant = "gr_1"
	put(t, s, eligible, standing, ended, scheduled, wants, onlyEligible)
	read(t, s, func(v core.View) {
		sys, _ := v.SystemByName("wareHOUSE")
		alike(t, "by name", sys.ID, core.SystemID("sy_a"))
		p, _ := v.PersonByLogin("ALICE")
		alike(t, "by login", p.ID, core.PersonID("pe_a"))
		owner, _ := v.AccountOwner("sy_a", "alice_db")
		alike(t, "owner", owner, core.PersonID("pe_a"))
		_, ok := v.AccountOwner("sy_a", "ALICE_DB")
		alike(t, "accounts are verbatim", ok, false)
		alike(t, "people", v.People(), 4)
		def, system, role := v.PolicyLevels("ro_a")
		alike(t, "levels", []core.PolicySettings{def, system, role}, []core.PolicySettings{
			{RequireMFA: ptr(true)}, {AllowProlong: ptr(false)}, {TicketPattern: ptr("x")}})
		alike(t, "level", v.PolicyLevel("sy_a"), system)
		alike(t, "about approval", ids(v.ApprovalLevels(), func(l core.PolicyLevel) string { return l.Level }), []string{"ro_y", "ro_z"})
		_, system, role = v.PolicyLevels("ro_c")
		alike(t, "no levels", []core.PolicySettings{system, role}, []core.PolicySettings{{}, {}})
		alike(t, "sessions", ids(v.SessionsOf("pe_a"), sessionID), []string{"se_2", "se_1"})
		alike(t, "favourites", ids(v.FavouritesOf("pe_a"), favouriteID), []string{"fa_2", "fa_1"})
		alike(t, "live of", ids(v.LiveOf("pe_a"), asID), []string{"as_1", "as_2"})
		alike(t, "live for", ids(v.LiveFor("ro_a", core.Active, 9), asID), []string{"as_4", "as_2"})
		alike(t, "one live for", ids(v.LiveFor("ro_a", core.Active, 1), asID), []string{"as_4"})
		alike(t, "none live for", ids(v.LiveFor("ro_a", core.Active, 0), asID), []string{})
		alike(t, "live on", ids(v.LiveOn("sy_a", 3), asID), []string{"as_4", "as_1", "as_2"})
		alike(t, "standing on", ids(v.StandingOn("as_1"), asID), []string{"as_2"})
		alike(t, "standing on nothing", ids(v.StandingOn(""), asID), []string{})
		alike(t, "wanting", ids(v.Wanting("gr_1"), asID), []string{"as_2", "as_5"})
		alike(t, "wanting nothing", ids(v.Wanting(""), asID), []string{})
		alike(t, "holders", ids(v.Holders("ro_a", "ro_b", "ro_c"), holderID), []string{"pe_a", "pe_b"})
		alike(t, "holders of one", ids(v.Holders("ro_a"), holderID), []string{"pe_a"})
		alike(t, "holders of none", ids(v.Holders(), holderID), []string{})
		_, ok = v.Person("pe_?")
		alike(t, "nobody", ok, false)
		_, ok = v.SystemByName("old")
		alike(t, "no system", ok, false)
	})
}

func testDue(t *testing.T, s core.Store) {
	bound := func(id core.AssignmentID, st core.AssignmentState, start, end int) core.Assignment {
		a := assignment(id, "pe_a", "ro_a", core.Eligible, st, 0)
		a.Start = at(start)
		if end > 0 {
			a.End = at(end)
		}
		return a
	}
	put(t, s,
		bound("as_late", core.InForce, 0, 20), bound("as_early", core.InForce, 0, 10), bound("as_same", core.InForce, 0, 10),
		bound("as_permanent", core.InForce, 0, 0), bound("as_over", core.Expired, 0, 5),
		bound("as_soon", core.Scheduled, 7, 90), bound("as_sooner", core.Scheduled, 6, 0), bound("as_missed", core.Scheduled, 1, 15),
	)
	due := func(n, limit int) (out []string) {
		read(t, s, func(v core.View) { out = ids(v.Due(at(n), limit), asID) })
		return out
	}
	alike(t, "nothing yet", due(0, 9), []string{})
	alike(t, "a start", due(6, 9), []string{"as_missed", "as_sooner"})
	alike(t, "ends first", due(10, 9), []string{"as_early", "as_same", "as_missed", "as_sooner", "as_soon"})
	alike(t, "what never began ends", due(20, 9), []string{"as_early", "as_same", "as_missed", "as_late", "as_sooner", "as_soon"})
	alike(t, "a limit", due(20, 2), []string{"as_early", "as_same"})
	alike(t, "a limit among starts", due(20, 5), []string{"as_early", "as_same", "as_missed", "as_late", "as_sooner"})
	next, ok, err := s.NextDue(t.Context())
	alike(t, "next due", []any{next, ok, err}, []any{at(1), true, error(nil)})
	put(t, s, bound("as_missed", core.Removed, 1, 15), bound("as_sooner", core.InForce, 6, 0), bound("as_soon", core.Removed, 7, 90))
	next, _, _ = s.NextDue(t.Context())
	alike(t, "next end", next, at(10))
}

func testGrants(t *testing.T, s core.Store) {
	grant := func(id core.GrantID, st core.GrantState, since, next int) core.Grant {
		g := core.Grant{ID: id, GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Account: string(id)}, State: st, Since: at(since)}
		if next > 0 {
			g.NextTry = at(next)
		}
		return g
	}
	wanted := grant("gr_held", core.GrantPresent, 0, 0)
	wanted.Wanted = true
	other := grant("gr_other", core.GrantRemoving, 0, 0)
	other.System = "sy_b"
	put(t, s, grant("gr_1", core.GrantGranting, 1, 0), grant("gr_2", core.GrantRemoving, 5, 0), grant("gr_3", core.GrantUnknown, 0, 3),
		grant("gr_4", core.GrantRemoving, 2, 8), grant("gr_5", core.GrantAbsent, 0, 0), grant("gr_6", core.GrantFound, 0, 0), wanted, other)
	pending := func(n, limit int) []string {
		return ids(must[[]core.Grant](t)(s.PendingGrants(t.Context(), "sy_a", at(n), limit)), grantID)
	}
	alike(t, "at once", pending(0, 9), []string{"gr_2", "gr_1"})
	alike(t, "later", pending(3, 9), []string{"gr_2", "gr_3", "gr_1"})
	alike(t, "all", pending(8, 9), []string{"gr_4", "gr_2", "gr_3", "gr_1"})
	alike(t, "a limit", pending(8, 1), []string{"gr_4"})
	next, ok, err := s.NextTry(t.Context(), "sy_a")
	alike(t, "next try", []any{next, ok, err}, []any{time.Time{}, true, error(nil)})
	put(t, s, grant("gr_1", core.GrantPresent, 1, 0), grant("gr_2", core.GrantAbsent, 5, 0))
	next, _, _ = s.NextTry(t.Context(), "sy_a")
	alike(t, "next try later", next, at(3))
	_, ok, err = s.NextTry(t.Context(), "sy_none")
	alike(t, "no try", []any{ok, err}, []any{false, error(nil)})
	read(t, s, func(v core.View) {
		alike(t, "wanted, or to be made or removed", v.GrantsOn("sy_a"), 2)
		alike(t, "elsewhere", v.GrantsOn("sy_none"), 0)
	})
}

func testEndings(t *testing.T, s core.Store) {
	give := func(n string, end, until int, change func(*core.Assignment, *core.Grant)) {
		t.Helper()
		a := assignment(core.AssignmentID("as_"+n), "pe_a", "ro_a", core.Active, core.InForce, 0)
		a.Grant = core.GrantID("gr_" + n)
		g := core.Grant{ID: a.Grant, GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Scope: "/", Account: n}, External: "dba", Object: "1/2", Cycle: 3, Wanted: true, State: core.GrantPresent, Since: at(0)}
		if end > 0 {
			a.End = at(end)
		}
		if until > 0 {
			g.Until = at(until)
		}
		if change != nil {
			change(&a, &g)
		}
		put(t, s, a, g)
	}
	put(t, s, core.Role{ID: "ro_a", System: "sy_a", External: "dba", Name: "dba"}, core.Role{ID: "ro_last", System: "sy_a", External: "root", Name: "root", Protected: true})
	give("b", 10, 10, nil)
	give("a", 10, 10, nil)
	give("c", 5, 5, nil)
	give("later", 20, 20, nil)
	give("wanted_longer", 5, 30, nil)
	give("for_good", 5, 0, nil)
	give("permanent", 0, 0, nil)
	give("over", 5, 5, func(a *core.Assignment, _ *core.Grant) { a.State = core.Expired })
	give("going", 5, 5, func(_ *core.Assignment, g *core.Grant) { g.State, g.Wanted = core.GrantRemoving, false })
	give("found", 5, 5, func(_ *core.Assignment, g *core.Grant) { g.State = core.GrantFound })
	give("coming", 5, 5, func(_ *core.Assignment, g *core.Grant) { g.State = core.GrantGranting })
	give("protected", 5, 5, func(a *core.Assignment, g *core.Grant) { a.Role, g.Role = "ro_last", "ro_last" })
	endings := func(n int, after core.Ending, limit int) []core.Ending {
		t.Helper()
		return must[[]core.Ending](t)(s.Endings(t.Context(), at(n), after, limit))
	}
	names := func(es []core.Ending) []string {
		return ids(es, func(e core.Ending) string { return string(e.Assignment) })
	}
	alike(t, "not yet", names(endings(4, core.Ending{}, 9)), []string{})
	alike(t, "the first", endings(5, core.Ending{}, 9), []core.Ending{{
		Assignment: "as_c", At: at(5), System: "sy_a", Grant: "gr_c", Cycle: 3, External: "dba", Scope: "/", Account: "c", Object: "1/2",
	}})
	all := endings(10, core.Ending{}, 9)
	alike(t, "in order", names(all), []string{"as_c", "as_a", "as_b"})
	alike(t, "a limit", names(endings(10, core.Ending{}, 2)), []string{"as_c", "as_a"})
	alike(t, "behind the first", names(endings(10, all[0], 9)), []string{"as_a", "as_b"})
	alike(t, "behind one of the same time", names(endings(10, all[1], 9)), []string{"as_b"})
	alike(t, "behind the last", names(endings(10, all[2], 9)), []string{})
	alike(t, "and later", names(endings(30, all[2], 9)), []string{"as_later"})
}

var errBoom = errors.New("boom")

func testRollback(t *testing.T, s core.Store) {
	put(t, s, world()...)
	log(t, s, core.Entry{Time: at(0), Action: core.StintSetUp})
	err := s.Update(t.Context(), func(tx core.Tx) error {
		e := core.Entry{Time: at(1), Action: core.PersonAdded}
		e.Seal(tx.Head())
		if err := tx.Apply(core.Event{Entry: e, Changes: []core.Change{core.Person{ID: "pe_x", Login: "x"}, core.SessionEnded{ID: "se"}}}); err != nil {
			return err
		}
		if _, ok := tx.Person("pe_x"); !ok {
			t.Error("a transaction doesn't see what it wrote")
		}
		if tx.Head().Seq != 2 {
			t.Error("a transaction doesn't see its own entry")
		}
		if err := tx.Remember("pe_x", "k", nil, nil, at(1)); err != nil {
			return err
		}
		return errBoom
	})
	if !errors.Is(err, errBoom) {
		t.Errorf("got %v, want f's own error", err)
	}
	err = s.Update(t.Context(), func(tx core.Tx) error {
		if _, ok := tx.Person("pe_x"); ok || tx.People() != 4 {
			t.Error("a failed transaction left a person")
		}
		if _, _, ok := tx.Remembered("pe_x", "k"); ok {
			t.Error("a failed transaction left a result")
		}
		alike(t, "head", tx.Head().Seq, int64(1))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = s.Update(t.Context(), func(tx core.Tx) error {
			_ = tx.Apply(core.Event{Changes: []core.Change{core.Person{ID: "pe_y", Login: "y"}}})
			panic("ours")
		})
	}()
	put(t, s, core.Person{ID: "pe_z", Login: "z"}) // the store still works
	read(t, s, func(v core.View) { alike(t, "people after a panic", v.People(), 5) })
}

// After a refused change nothing of the transaction is kept, even if f looks away.
func testPoisoned(t *testing.T, s core.Store) {
	put(t, s, world()...)
	err := s.Update(t.Context(), func(tx core.Tx) error {
		_ = tx.Apply(core.Event{Changes: []core.Change{core.Person{ID: "pe_x", Login: "x"}}})
		_ = tx.Apply(core.Event{Changes: []core.Change{core.Person{ID: "pe_y", Login: "Alice"}}})
		hasCode(t, "the next change", tx.Apply(core.Event{Changes: []core.Change{core.Person{ID: "pe_z", Login: "z"}}}), core.Conflict)
		hasCode(t, "a result", tx.Remember("pe_x", "k", nil, nil, at(0)), core.Conflict)
		return nil
	})
	hasCode(t, "the transaction", err, core.Conflict)
	read(t, s, func(v core.View) { alike(t, "people", v.People(), 4) })
}

func testSnapshot(t *testing.T, s core.Store) {
	put(t, s, world()...)
	read(t, s, func(v core.View) {
		put(t, s, core.Person{ID: "pe_a", Name: "Renamed", Login: "alice"}, core.Person{ID: "pe_x", Login: "x"})
		p, _ := v.Person("pe_a")
		alike(t, "an old snapshot", []any{p.Name, v.People()}, []any{"Alice", 4})
	})
	read(t, s, func(v core.View) {
		p, _ := v.Person("pe_a")
		alike(t, "a new one", []any{p.Name, v.People()}, []any{"Renamed", 5})
	})
	// What a store returns is the caller's to change.
	put(t, s, core.System{ID: "sy_a", Name: "Warehouse", Settings: map[string]string{"a": "1"}, State: core.SystemConnected})
	read(t, s, func(v core.View) {
		sys, _ := v.System("sy_a")
		sys.Settings["a"] = "2"
		again, _ := v.System("sy_a")
		alike(t, "settings", again.Settings["a"], "1")
	})
}

func testChain(t *testing.T, s core.Store) {
	log(t, s, core.Entry{Time: at(0), Action: core.StintSetUp}, core.Entry{Time: time.Time{}, Action: core.SignedIn}, core.Entry{Time: at(2), Action: core.SignedIn})
	apply := func(change func(*core.Entry)) error {
		return s.Update(t.Context(), func(tx core.Tx) error {
			e := core.Entry{Time: at(3), Action: core.SignedOut, Detail: "x"}
			e.Seal(tx.Head())
			change(&e)
			return tx.Apply(core.Event{Entry: e, Changes: []core.Change{core.Person{ID: "pe_x", Login: "x"}}})
		})
	}
	for name, change := range map[string]func(*core.Entry){
		"unsealed":    func(e *core.Entry) { *e = core.Entry{Time: at(3), Action: core.SignedOut} },
		"wrong seq":   func(e *core.Entry) { e.Seq++; e.Hash = e.Sum() },
		"wrong prev":  func(e *core.Entry) { e.Prev[0] ^= 1; e.Hash = e.Sum() },
		"wrong hash":  func(e *core.Entry) { e.Hash[31] ^= 1 },
		"changed":     func(e *core.Entry) { e.Detail = "y" },
		"nanoseconds": func(e *core.Entry) { e.Time = e.Time.Add(time.Nanosecond) },
	} {
		hasCode(t, name, apply(change), core.Internal)
	}
	read(t, s, func(v core.View) { alike(t, "people", v.People(), 0) })
	if err := apply(func(*core.Entry) {}); err != nil {
		t.Error(err)
	}
	var ver core.Verifier
	err := s.EachEntry(t.Context(), core.EntryFilter{}, func(e *core.Entry) error {
		if b := ver.Check(e); b != nil {
			return fmt.Errorf("entry %d: %s", b.Seq, b.Reason)
		}
		return nil
	})
	alike(t, "verified", []any{ver.Count, err}, []any{int64(4), error(nil)})
	_ = s.Update(t.Context(), func(tx core.Tx) error { alike(t, "head", tx.Head(), ver.Head); return nil })
}

func testRemember(t *testing.T, s core.Store) {
	do := func(f func(core.Tx)) {
		if err := s.Update(t.Context(), func(tx core.Tx) error { f(tx); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	do(func(tx core.Tx) {
		_, _, ok := tx.Remembered("pe_a", "k")
		alike(t, "nothing yet", ok, false)
		_ = tx.Remember("pe_a", "k", []byte("d"), []byte("r"), at(0))
		_ = tx.Remember("pe_a", "k2", []byte("d2"), []byte{0}, at(10))
		_ = tx.Apply(core.Event{Changes: []core.Change{
			core.Session{ID: "se_1", Person: "pe_a", Expires: at(1)}, core.Session{ID: "se_2", Person: "pe_a", Expires: at(5)},
		}})
		d, r, ok := tx.Remembered("pe_a", "k")
		alike(t, "within", []any{string(d), string(r), ok}, []any{"d", "r", true})
	})
	do(func(tx core.Tx) {
		_, r, ok := tx.Remembered("pe_a", "k2")
		alike(t, "later", []any{r, ok}, []any{[]byte{0}, true})
		_, _, ok = tx.Remembered("pe_b", "k")
		alike(t, "another's", ok, false)
	})
	if err := s.Prune(t.Context(), at(5)); err != nil {
		t.Fatal(err)
	}
	do(func(tx core.Tx) {
		_, _, ok := tx.Remembered("pe_a", "k")
		_, _, ok2 := tx.Remembered("pe_a", "k2")
		alike(t, "pruned", []any{ok, ok2}, []any{false, true})
		alike(t, "sessions", ids(tx.SessionsOf("pe_a"), sessionID), []string{"se_2"})
	})
}

func testTimes(t *testing.T, s core.Store) {
	last := func() time.Time { return must[time.Time](t)(s.LastTime(t.Context())) }
	log(t, s, core.Entry{Time: at(5), Action: core.SignedIn}, core.Entry{Time: at(2), Action: core.SignedIn})
	alike(t, "of the last entry", last(), at(2))
	for _, n := range []int{9, 7} {
		if err := s.NoteTime(t.Context(), at(n)); err != nil {
			t.Fatal(err)
		}
		alike(t, "noted", last(), at(9))
	}
	log(t, s, core.Entry{Time: at(20), Action: core.SignedIn})
	alike(t, "of a later entry", last(), at(20))
}

// A clock that is set back takes everything along that would wait for a time
// that now is far off, and nothing else.
func testClock(t *testing.T, s core.Store) {
	do := func(f func(core.Tx)) {
		t.Helper()
		if err := s.Update(t.Context(), func(tx core.Tx) error { f(tx); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	mark := core.ClockMark{Step: core.Duration(-time.Hour), At: at(900)}
	activation := func(id string, state core.AssignmentState, origin core.Origin, basis string) core.Assignment {
		return core.Assignment{ID: core.AssignmentID(id), Principal: "pe_a", Role: "ro_a", System: "sy_a", Kind: core.Active, Origin: origin, State: state, Basis: core.AssignmentID(basis), Created: at(1)}
	}
	grant := func(id string, state core.GrantState, since, try int) core.Grant {
		return core.Grant{ID: core.GrantID(id), GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Scope: "/", Account: id}, State: state, Since: at(since), Failing: at(since), NextTry: at(try)}
	}
	do(func(tx core.Tx) {
		alike(t, "no mark yet", tx.Clock(), core.ClockMark{})
		if err := tx.Apply(core.Event{Changes: []core.Change{
			mark,
			core.Session{ID: "se_old", Person: "pe_a", Created: at(5), LastSeen: at(10), Expires: at(99)},
			core.Session{ID: "se_used", Person: "pe_a", Created: at(5), LastSeen: at(900), Expires: at(990)},
			core.Session{ID: "se_made", Person: "pe_a", Created: at(900), LastSeen: at(10), Expires: at(990)},
			core.Credential{Person: "pe_a", LockedTill: at(900_000)}, core.Credential{Person: "pe_b", LockedTill: at(25)},
			core.Factor{Person: "pe_a", LockedTill: at(900_000)},
			grant("gr_far", core.GrantRemoving, 900, 950), grant("gr_near", core.GrantRemoving, 10, 99), grant("gr_done", core.GrantPresent, 900, 0),
			core.System{ID: "sy_a", Name: "a", State: core.SystemConnected, Health: core.Health{Checked: at(900), LastOK: at(900), Since: at(900)}},
			activation("as_run", core.InForce, core.Activated, "b1"), activation("as_plan", core.Scheduled, core.Activated, "b2"),
			activation("as_over", core.Expired, core.Activated, "b3"), activation("as_assigned", core.InForce, core.Assigned, ""),
		}}); err != nil {
			t.Fatal(err)
		}
		_ = tx.Remember("pe_a", "k", nil, nil, at(900))
	})
	read(t, s, func(v core.View) {
		alike(t, "mark", v.Clock(), mark)
		alike(t, "activations", ids(v.Activations(9), func(a core.Assignment) string { return string(a.ID) }), []string{"as_plan", "as_run"})
		alike(t, "at most", len(v.Activations(1)), 1)
	})
	if err := s.NoteTime(t.Context(), at(900)); err != nil {
		t.Fatal(err)
	}
	log(t, s, core.Entry{Time: at(900), Action: core.SignedIn})
	e := core.Entry{Time: at(20), Action: core.ClockAccepted}
	do(func(tx core.Tx) {
		e.Seal(tx.Head())
		if err := tx.Apply(core.Event{Entry: e, Changes: []core.Change{core.ClockMark{}, core.ClockSet{Now: at(20)}}}); err != nil {
			t.Fatal(err)
		}
	})
	alike(t, "the time it has come to", must[time.Time](t)(s.LastTime(t.Context())), at(20))
	read(t, s, func(v core.View) {
		alike(t, "mark", v.Clock(), core.ClockMark{})
		alike(t, "sessions", ids(v.SessionsOf("pe_a"), sessionID), []string{"se_old"})
		a, _ := v.Credential("pe_a")
		b, _ := v.Credential("pe_b")
		f, _ := v.Factor("pe_a")
		lock := at(20).Add(core.LockFor)
		alike(t, "locks", []time.Time{a.LockedTill, b.LockedTill, f.LockedTill}, []time.Time{lock, at(25), lock})
		far, _ := v.Grant("gr_far")
		near, _ := v.Grant("gr_near")
		done, _ := v.Grant("gr_done")
		alike(t, "grants", []time.Time{far.Since, far.Failing, far.NextTry, near.Since, near.Failing, near.NextTry, done.Since},
			[]time.Time{at(20), at(20), {}, at(10), at(10), {}, at(900)})
		sys, _ := v.System("sy_a")
		alike(t, "health", sys.Health, core.Health{LastOK: at(20), Since: at(20)})
	})
	if err := s.Prune(t.Context(), at(21)); err != nil {
		t.Fatal(err)
	}
	do(func(tx core.Tx) {
		_, _, ok := tx.Remembered("pe_a", "k")
		alike(t, "remembered", ok, false)
	})
	// Entries behind it are older by the clock, and found by their times.
	log(t, s, core.Entry{Time: at(30), Action: core.SignedOut})
	l := must[core.List[core.Entry]](t)(s.Entries(t.Context(), core.EntryFilter{From: at(15), To: at(40)}, core.Page{}))
	alike(t, "by time", ids(l.Items, func(e core.Entry) string { return string(e.Action) }), []string{string(core.SignedOut), string(core.ClockAccepted)})
	if err := s.NoteTime(t.Context(), at(31)); err != nil {
		t.Fatal(err)
	}
	alike(t, "noted again", must[time.Time](t)(s.LastTime(t.Context())), at(31))
}

func testCanceled(t *testing.T, s core.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	hasCode(t, "update", s.Update(ctx, func(core.Tx) error { t.Error("f ran"); return nil }), core.Canceled)
	hasCode(t, "read", s.Read(ctx, func(core.View) error { t.Error("f ran"); return nil }), core.Canceled)
	_, err := s.Roles(ctx, core.RoleFilter{}, core.Page{})
	hasCode(t, "roles", err, core.Canceled)
	hasCode(t, "each entry", s.EachEntry(ctx, core.EntryFilter{}, nil), core.Canceled)

	// Waiting for the turn can be given up; the transaction under way is not hurt.
	waiting, giveUp := context.WithCancel(t.Context())
	err = s.Update(t.Context(), func(tx core.Tx) error {
		done := make(chan error)
		go func() { done <- s.Update(waiting, func(core.Tx) error { return nil }) }()
		giveUp()
		hasCode(t, "waiting", <-done, core.Canceled)
		return tx.Apply(core.Event{Changes: []core.Change{core.Person{ID: "pe_x"}}})
	})
	if err != nil {
		t.Error(err)
	}
}

func testClosed(t *testing.T, s core.Store) {
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	hasCode(t, "update", s.Update(t.Context(), func(core.Tx) error { return nil }), core.Unavailable)
	hasCode(t, "read", s.Read(t.Context(), func(core.View) error { return nil }), core.Unavailable)
	_, err := s.Systems(t.Context())
	hasCode(t, "systems", err, core.Unavailable)
}
