// Package storagetest is the suite that every core.Store passes. A store's own
// test calls Run with a function that makes a fresh one. Model compares two
// stores under random changes; one of them is the reference in memory.
package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stint-pim/stint/core"
)

// Open makes a fresh, empty store that lives until the test ends.
type Open func(testing.TB) core.Store

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, core.Store)
	}{
		{"new", testNew},
		{"roundtrip", testRoundTrip},
		{"afresh", testAfresh},
		{"view", testView},
		{"due", testDue},
		{"grants", testGrants},
		{"endings", testEndings},
		{"drift", testDrift},
		{"unique", testUnique},
		{"rollback", testRollback},
		{"poisoned", testPoisoned},
		{"snapshot", testSnapshot},
		{"chain", testChain},
		{"remember", testRemember},
		{"times", testTimes},
		{"clock", testClock},
		{"hostile", testHostile},
		{"assignments", testAssignments},
		{"assignments text", testAssignmentText},
		{"requests", testRequests},
		{"requests that wait", testPending},
		{"assignments that end", testLapse},
		{"groups", testGroups},
		{"digest", testDigest},
		{"names", testNames},
		{"systems", testSystems},
		{"people", testPeople},
		{"entries", testEntries},
		{"entries backwards", testEntriesBackwards},
		{"each entry", testEachEntry},
		{"story", testStory},
		{"pages", testPages},
		{"canceled", testCanceled},
		{"closed", testClosed},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// Epoch is the moment at which the suite's stories begin.
var epoch = time.Date(2026, 3, 1, 9, 0, 0, 123_456_789, time.UTC)

// at returns the moment n minutes into a story, cut as a store cuts it.
func at(n int) time.Time { return epoch.Add(time.Duration(n) * time.Minute).Truncate(time.Microsecond) }

// alike compares what was stored with what came back: no list and an empty one
// are the same.
func alike(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s: -want +got\n%s", what, d)
	}
}

// put applies changes in one transaction, without a line in the log.
func put(t testing.TB, s core.Store, changes ...core.Change) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx core.Tx) error { return tx.Apply(core.Event{Changes: changes}) }); err != nil {
		t.Fatal(err)
	}
}

// log appends entries, each sealed onto the one before.
func log(t testing.TB, s core.Store, es ...core.Entry) {
	t.Helper()
	err := s.Update(t.Context(), func(tx core.Tx) error {
		for _, e := range es {
			e.Seal(tx.Head())
			if err := tx.Apply(core.Event{Entry: e}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// read runs f on a view and fails if a read did.
func read(t testing.TB, s core.Store, f func(core.View)) {
	t.Helper()
	err := s.Read(t.Context(), func(v core.View) error { f(v); return v.Err() })
	if err != nil {
		t.Fatal(err)
	}
}

// must returns v or fails.
func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// hasCode fails unless err is a *core.Error of that code.
func hasCode(t *testing.T, what string, err error, want core.Code) {
	t.Helper()
	var e *core.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Errorf("%s: got %v, want an error of code %s", what, err, want)
	}
}

// everything reads a list to its end in pages of n.
func everything[T any](t testing.TB, n int, list func(context.Context, core.Page) (core.List[T], error)) []T {
	t.Helper()
	var all []T
	for p := (core.Page{Limit: n}); ; {
		l, err := list(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Items) > n {
			t.Fatalf("a page of %d has %d items", n, len(l.Items))
		}
		all = append(all, l.Items...)
		if l.Next == "" {
			return all
		}
		p.After = l.Next
	}
}

// ids returns the identifiers of rows, for a short comparison.
func ids[T any](rows []T, id func(T) string) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, id(r))
	}
	return out
}

func asID(a core.Assignment) string       { return string(a.ID) }
func rowID(a core.AssignmentRow) string   { return string(a.ID) }
func grantID(g core.Grant) string         { return string(g.ID) }
func requestID(r core.RequestRow) string  { return string(r.ID) }
func entrySeq(e core.Entry) string        { return fmt.Sprint(e.Seq) }
func personName(p core.PersonRow) string  { return p.Name }
func roleName(r core.RoleRow) string      { return r.Name }
func holderID(p core.Person) string       { return string(p.ID) }
func sessionID(s core.Session) string     { return string(s.ID) }
func favouriteID(f core.Favourite) string { return string(f.ID) }
