package storagetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// history appends n entries; backwards makes the clock go back for a while.
func history(t testing.TB, s core.Store, n int, backwards bool) {
	t.Helper()
	people := []core.PersonID{"", "pe_a", "pe_b", "pe_c"}
	roles := []core.RoleID{"", "ro_a", "ro_b"}
	actions := []core.EventKind{core.SignedIn, core.SignInFailed, core.GrantMade, core.RoleActivated, core.CommandRefused}
	outcomes := []core.Outcome{core.OutcomeDone, core.OutcomeDone, core.OutcomeRefused, core.OutcomeFailed}
	es := make([]core.Entry, n)
	for i := range es {
		e := &es[i]
		*e = core.Entry{Time: at(i), Actor: people[i%4], Principal: people[i/2%4], Role: roles[i%3], Action: actions[i%5], Outcome: outcomes[i/3%4],
			ActorName: "Name " + string(people[i%4]), Detail: fmt.Sprintf("detail number %d", i), Strength: core.StrengthFactor, From: "window"}
		if e.Role != "" {
			e.System = "sy_a"
		}
		if i%10 == 0 {
			e.Justification, e.TicketNumber = "Größe 50%_x", "OPS-1"
		}
		if backwards && i%7 > 4 {
			e.Time = at(i - 20)
		}
	}
	log(t, s, es...)
}

func entryFilters() map[string]core.EntryFilter {
	return map[string]core.EntryFilter{
		"all": {}, "from": {From: at(10)}, "to": {To: at(10)}, "from to": {From: at(10), To: at(20)}, "nothing": {From: at(20), To: at(10)},
		"later": {From: at(10_000)}, "person": {Person: "pe_a"}, "person and role": {Person: "pe_b", Role: "ro_a"}, "role": {Role: "ro_b"},
		"system": {System: "sy_a"}, "no system": {System: "sy_?"}, "action": {Action: core.GrantMade}, "prefix": {Action: "session."}, "no prefix": {Action: "session"},
		"unknown prefix": {Action: "nothing."}, "refused": {Outcome: core.OutcomeRefused}, "done": {Outcome: core.OutcomeDone}, "after": {AfterSeq: 17},
		"text": {Text: "NUMBER 1"}, "umlaut": {Text: "GRÖSSE"}, "umlaut again": {Text: "gröẞe"}, "percent": {Text: "50%_"}, "ticket": {Text: "ops-1"}, "no text": {Text: "%"},
		"much":               {Person: "pe_a", System: "sy_a", Action: "grant.", Outcome: core.OutcomeDone, Text: "detail", From: at(3), To: at(900), AfterSeq: 2},
		"role, action, text": {Role: "ro_a", Action: "session.", Text: "1"}, "action and system": {Action: "session.", System: "sy_a", Outcome: core.OutcomeRefused},
		"system, outcome": {System: "sy_a", Outcome: core.OutcomeFailed, Text: "2"}, "text, late": {Text: "3", From: at(30), To: at(60)},
	}
}

// fits is the meaning of a filter, written down once more.
func fits(f core.EntryFilter, e core.Entry) bool {
	action := f.Action == "" || f.Action == e.Action || strings.HasSuffix(string(f.Action), ".") && strings.HasPrefix(string(e.Action), string(f.Action))
	text := f.Text == ""
	for _, s := range []string{e.ActorName, e.PrincipalName, e.RoleName, e.SystemName, e.Justification, e.TicketSystem, e.TicketNumber, e.Detail} {
		text = text || contains(s, f.Text)
	}
	return action && text && e.Seq > f.AfterSeq && (f.From.IsZero() || !e.Time.Before(f.From)) && (f.To.IsZero() || e.Time.Before(f.To)) &&
		(f.Person == "" || e.Actor == f.Person || e.Principal == f.Person) && (f.Role == "" || e.Role == f.Role) &&
		(f.System == "" || e.System == f.System) && (f.Outcome == "" || e.Outcome == f.Outcome)
}

func testEntries(t *testing.T, s core.Store)          { entriesTest(t, s, false) }
func testEntriesBackwards(t *testing.T, s core.Store) { entriesTest(t, s, true) }

func entriesTest(t *testing.T, s core.Store, backwards bool) {
	history(t, s, 100, backwards)
	var all []core.Entry
	if err := s.EachEntry(t.Context(), core.EntryFilter{}, func(e *core.Entry) error { all = append(all, *e); return nil }); err != nil {
		t.Fatal(err)
	}
	alike(t, "all", len(all), 100)
	some := 0
	for name, f := range entryFilters() {
		var up, down []string
		for _, e := range all {
			if fits(f, e) {
				up = append(up, entrySeq(e))
			}
		}
		for i := range up {
			down = append(down, up[len(up)-1-i])
		}
		if len(up) > 0 {
			some++
		}
		for _, n := range []int{3, 500} {
			got := everything(t, n, func(ctx context.Context, p core.Page) (core.List[core.Entry], error) { return s.Entries(ctx, f, p) })
			alike(t, fmt.Sprintf("%s in pages of %d", name, n), ids(got, entrySeq), down)
		}
		var streamed []core.Entry
		err := s.EachEntry(t.Context(), f, func(e *core.Entry) error { streamed = append(streamed, *e); return nil })
		alike(t, name+" streamed", []any{ids(streamed, entrySeq), err}, []any{append([]string{}, up...), error(nil)})
		alike(t, name+" counted", must[int64](t)(s.CountEntries(t.Context(), f)), int64(len(up)))
	}
	if some < 15 {
		t.Errorf("only %d of the filters fit anything", some)
	}
}

func testEachEntry(t *testing.T, s core.Store) {
	const n = 4500 // more than two of the chunks that a database reads
	history(t, s, n, false)
	var ver core.Verifier
	err := s.EachEntry(t.Context(), core.EntryFilter{}, func(e *core.Entry) error {
		if e.Seq == 10 { // a writer doesn't wait, and what it adds is not streamed
			log(t, s, core.Entry{Time: at(n), Action: core.SignedOut})
		}
		if b := ver.Check(e); b != nil {
			return fmt.Errorf("entry %d: %s", b.Seq, b.Reason)
		}
		return nil
	})
	alike(t, "streamed", []any{ver.Count, err}, []any{int64(n), error(nil)})
	seen := 0
	err = s.EachEntry(t.Context(), core.EntryFilter{}, func(*core.Entry) error { seen++; return errBoom })
	if seen != 1 || !errors.Is(err, errBoom) {
		t.Errorf("after f's error: %d entries, %v", seen, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	seen = 0
	err = s.EachEntry(ctx, core.EntryFilter{}, func(*core.Entry) error { seen++; cancel(); return nil })
	hasCode(t, "canceled", err, core.Canceled)
	if seen >= n {
		t.Error("it went on to the end")
	}
}

func testStory(t *testing.T, s core.Store) {
	put(t, s, world()...)
	basis := assignment("as_1", "pe_a", "ro_a", core.Eligible, core.InForce, 0)
	a := assignment("as_2", "pe_a", "ro_a", core.Active, core.Expired, 10)
	a.Origin, a.Basis, a.Grant, a.End, a.Ended = core.Activated, "as_1", "gr_1", at(20), at(20)
	running := a
	running.ID, running.State, running.Start, running.Ended = "as_3", core.InForce, at(40), time.Time{}
	put(t, s, basis, a, running)
	entry := func(n int, k core.EventKind, id core.AssignmentID) core.Entry {
		return core.Entry{Time: at(n), Action: k, Assignment: id, Principal: "pe_a", Role: "ro_a", Outcome: core.OutcomeDone}
	}
	other := entry(13, core.GrantMade, "")
	other.Role = "ro_b"
	log(t, s,
		entry(0, core.RoleAssigned, "as_1"),         // 1: of the basis
		entry(1, core.GrantObserved, ""),            // 2: before it began
		entry(10, core.RoleActivated, "as_2"),       // 3
		entry(11, core.GrantMade, ""),               // 4
		entry(12, core.ActivationActive, "as_2"),    // 5
		other,                                       // 6: another role's
		entry(13, core.GrantLost, "as_9"),           // 7: a proof that names another assignment of the same grant
		entry(14, core.SignedIn, ""),                // 8: no proof
		entry(20, core.ActivationExpired, "as_2"),   // 9
		entry(25, core.GrantFailed, ""),             // 10
		entry(30, core.GrantRemoved, ""),            // 11: the last proof of the first
		entry(40, core.RoleActivated, "as_3"),       // 12
		entry(41, core.GrantMade, ""),               // 13
		entry(42, core.AssignmentUpdated, "as_1"),   // 14
		entry(43, core.ActivationProlonged, "as_3"), // 15
	)
	story := func(id core.AssignmentID) []string {
		return ids(must[[]core.Entry](t)(s.Story(t.Context(), id)), entrySeq)
	}
	alike(t, "of the first", story("as_2"), strings.Fields("1 3 4 5 7 9 10 11 14"))
	alike(t, "of the running one", story("as_3"), strings.Fields("1 12 13 14 15"))
	alike(t, "of the eligible one", story("as_1"), strings.Fields("1 14"))
	alike(t, "of none", story("as_?"), []string{})
	var many []core.Entry
	for i := range 600 {
		many = append(many, entry(100+i, core.ActivationProlonged, "as_3"))
	}
	log(t, s, many...)
	alike(t, "a long one", len(story("as_3")), 500)
}
