package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage"
	"github.com/stint-pim/stint/storage/sqlite"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// installation fills a store with people, roles, assignments and entries, as
// quickly as it can.
func installation(tb testing.TB, assignments, entries int) (*storage.DB, string) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "stint.db")
	fill(tb, path, assignments, entries)
	db, err := sqlite.Open(context.Background(), path, sqlite.Options{DropDeliveries: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db, path
}

func fill(tb testing.TB, path string, assignments, entries int) {
	tb.Helper()
	db, err := sqlite.Open(context.Background(), path, sqlite.Options{Unsafe: true})
	if err != nil {
		tb.Fatal(err)
	}
	apply := func(n int, one func(i int) core.Event) {
		for from := 0; from < n; from += 1000 {
			err := db.Update(context.Background(), func(tx core.Tx) error {
				for i := from; i < min(from+1000, n); i++ {
					e := one(i)
					if e.Entry.Action != "" {
						e.Entry.Seal(tx.Head())
					}
					if err := tx.Apply(e); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				tb.Fatal(err)
			}
		}
	}
	apply(6, func(i int) core.Event {
		cs := []core.Change{core.System{ID: system(i), Name: fmt.Sprint("System ", i), Kind: core.KindPostgres, State: core.SystemConnected}}
		for r := range 10 {
			cs = append(cs, core.Role{ID: role(i, r), System: system(i), External: fmt.Sprint("role", r), Name: fmt.Sprintf("Role %d of %d", r, i)})
		}
		return core.Event{Changes: cs}
	})
	people := max(assignments/10, 1)
	apply(people, func(i int) core.Event {
		return core.Event{Changes: []core.Change{core.Person{ID: person(i), Name: fmt.Sprintf("Person number %d", i), Login: fmt.Sprint("p", i)}}}
	})
	apply(assignments, func(i int) core.Event {
		a := core.Assignment{ID: core.AssignmentID(fmt.Sprintf("as_%08d", i)), Principal: person(i % people), Role: role(i%6, i/6%10), System: system(i % 6),
			Scope: "/", Kind: core.Eligible, Origin: core.Assigned, State: core.InForce, Start: start, Created: start.Add(time.Duration(i) * time.Second),
			End: start.Add(time.Duration(i) * time.Hour), Justification: "because it is needed", Request: core.RequestID(fmt.Sprintf("re_%08d", i))}
		if i%3 == 0 {
			a.State, a.Ended, a.Kind = core.Expired, start, core.Active
		}
		return core.Event{Changes: []core.Change{a, core.Request{ID: a.Request, Requester: a.Principal, Principal: a.Principal, Role: a.Role, System: a.System,
			Assignment: a.ID, Status: core.Provisioned, Created: a.Created, Justification: a.Justification}}}
	})
	kinds := []core.EventKind{core.SignedIn, core.RoleActivated, core.ActivationActive, core.GrantMade, core.GrantRemoved, core.ActivationExpired}
	apply(entries, func(i int) core.Event { return core.Event{Entry: entry(i, kinds[i%6], person(i%people))} })
	if err := db.Close(); err != nil {
		tb.Fatal(err)
	}
}

func person(i int) core.PersonID  { return core.PersonID(fmt.Sprintf("pe_%06d", i)) }
func system(i int) core.SystemID  { return core.SystemID(fmt.Sprint("sy_", i)) }
func role(sys, i int) core.RoleID { return core.RoleID(fmt.Sprintf("ro_%d_%d", sys, i)) }

func entry(i int, k core.EventKind, p core.PersonID) core.Entry {
	return core.Entry{Time: start.Add(time.Duration(i) * time.Second), Actor: p, ActorName: "Person number " + string(p), Strength: core.StrengthFresh, From: "window",
		Action: k, Outcome: core.OutcomeDone, System: system(i % 6), SystemName: "System", Role: role(i%6, i/6%10), RoleName: "Role of a system", Scope: "/",
		Principal: p, PrincipalName: "Person number " + string(p), Assignment: core.AssignmentID(fmt.Sprintf("as_%08d", i)), Request: core.RequestID(fmt.Sprintf("re_%08d", i)),
		Justification: fmt.Sprintf("Incident %d needs a look at the tables", i), TicketSystem: "Jira", TicketNumber: fmt.Sprint("OPS-", i), Detail: "read back"}
}

// activation is what one activation reads and writes.
func activation(tx core.Tx, n int) error {
	p := person(n % 1000)
	tx.Settings()
	tx.Person(p)
	tx.Factor(p)
	tx.Session("se_1")
	basis, _ := tx.Assignment(core.AssignmentID(fmt.Sprintf("as_%08d", n%1000)))
	r, _ := tx.Role(basis.Role)
	tx.System(r.System)
	tx.PolicyLevels(r.ID)
	tx.Account(p, r.System)
	tx.StandingOn(basis.ID)
	tx.LiveOf(p)
	id := core.AssignmentID(fmt.Sprintf("as_x%08d", n))
	key := core.GrantKey{System: r.System, Role: r.ID, Scope: "/", Account: fmt.Sprint("account", n)}
	tx.GrantFor(key)
	now := start.Add(time.Hour)
	a := core.Assignment{ID: id, Principal: p, Role: r.ID, System: r.System, Scope: "/", Kind: core.Active, Origin: core.Activated, Start: now, End: now.Add(time.Hour),
		State: core.InForce, Grant: core.GrantID(fmt.Sprint("gr_", n)), Request: core.RequestID(fmt.Sprint("re_x", n)), Created: now, Justification: "Incident 42"}
	e := entry(n, core.RoleActivated, p)
	e.Seal(tx.Head())
	if err := tx.Apply(core.Event{Entry: e, Changes: []core.Change{a,
		core.Request{ID: a.Request, Action: core.SelfActivate, Status: core.PendingProvisioning, Requester: p, Principal: p, Role: r.ID, System: r.System, Assignment: id, Created: now},
		core.Grant{ID: a.Grant, GrantKey: key, Wanted: true, State: core.GrantGranting, Since: now, Until: a.End},
		core.Factor{Person: p, Confirmed: true, LastStep: int64(n)},
	}}); err != nil {
		return err
	}
	e = entry(n, core.ActivationStarted, p)
	e.Seal(tx.Head())
	if err := tx.Apply(core.Event{Entry: e}); err != nil {
		return err
	}
	if err := tx.Remember(p, fmt.Sprint("k", n), []byte("digest"), []byte("result"), now); err != nil {
		return err
	}
	return tx.Err()
}

// BenchmarkActivation commits batches of activations (15 reads, 7 writes each)
// into a store that has 20,000 assignments; /unsafe leaves the fsync out.
func BenchmarkActivation(b *testing.B) {
	for _, unsafe := range []bool{false, true} {
		for _, batch := range []int{1, 10, 100} {
			b.Run(fmt.Sprintf("unsafe=%v/batch=%d", unsafe, batch), func(b *testing.B) {
				path := filepath.Join(b.TempDir(), "stint.db")
				fill(b, path, 20_000, 1000)
				db, err := sqlite.Open(context.Background(), path, sqlite.Options{Unsafe: unsafe})
				if err != nil {
					b.Fatal(err)
				}
				defer db.Close()
				n := 0
				b.ResetTimer()
				for b.Loop() {
					err := db.Update(context.Background(), func(tx core.Tx) error {
						for range batch {
							if err := activation(tx, n); err != nil {
								return err
							}
							n++
						}
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "activations/s")
			})
		}
	}
}

// BenchmarkLists reads pages of 50 from 100,000 assignments and 1,000,000 entries.
func BenchmarkLists(b *testing.B) {
	db, path := installation(b, 100_000, 1_000_000)
	ctx := context.Background()
	live := []core.AssignmentState{core.Scheduled, core.InForce}
	bench := func(name string, f func() error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	assignments := func(f core.AssignmentFilter) func() error {
		return func() error { _, err := db.Assignments(ctx, f, core.Page{}); return err }
	}
	entries := func(f core.EntryFilter) func() error {
		return func() error { _, err := db.Entries(ctx, f, core.Page{}); return err }
	}
	bench("assignments", assignments(core.AssignmentFilter{}))
	bench("assignments/live", assignments(core.AssignmentFilter{States: live, GrantStates: []core.GrantState{core.GrantRemoving, core.GrantGranting}}))
	bench("assignments/person", assignments(core.AssignmentFilter{Principal: person(7)}))
	bench("assignments/role", assignments(core.AssignmentFilter{Role: role(3, 3), States: live}))
	bench("assignments/text many", assignments(core.AssignmentFilter{Text: "number"}))
	bench("assignments/text few", assignments(core.AssignmentFilter{Text: "number 777"}))
	bench("assignments/text none", assignments(core.AssignmentFilter{Text: "nothing like it"}))
	bench("assignments/ends before", assignments(core.AssignmentFilter{States: live, EndsBefore: start.Add(100 * time.Hour)}))
	bench("assignments/count", func() error { _, err := db.CountAssignments(ctx, core.AssignmentFilter{States: live}); return err })
	bench("roles", func() error { _, err := db.Roles(ctx, core.RoleFilter{}, core.Page{}); return err })
	bench("people", func() error { _, err := db.PeopleList(ctx, core.PersonFilter{}, core.Page{}); return err })
	bench("people/text", func() error {
		_, err := db.PeopleList(ctx, core.PersonFilter{Text: "number 99"}, core.Page{})
		return err
	})
	bench("systems", func() error { _, err := db.SystemRows(ctx); return err })
	bench("entries", entries(core.EntryFilter{}))
	bench("entries/person", entries(core.EntryFilter{Person: person(7)}))
	bench("entries/role", entries(core.EntryFilter{Role: role(3, 3)}))
	bench("entries/prefix", entries(core.EntryFilter{Action: "grant."}))
	bench("entries/period", entries(core.EntryFilter{From: start.Add(1000 * time.Second), To: start.Add(2000 * time.Second)}))
	bench("entries/text many", entries(core.EntryFilter{Text: "incident"}))
	bench("entries/text rare", entries(core.EntryFilter{Text: "OPS-77777"}))
	bench("entries/text none", entries(core.EntryFilter{Text: "nothing like it"}))
	bench("entries/count", func() error { _, err := db.CountEntries(ctx, core.EntryFilter{}); return err })
	bench("entries/count period", func() error {
		_, err := db.CountEntries(ctx, core.EntryFilter{From: start.Add(1000 * time.Second)})
		return err
	})
	bench("story", func() error { _, err := db.Story(ctx, "as_00000777"); return err })
	bench("each entry", func() error {
		var v core.Verifier
		return db.EachEntry(ctx, core.EntryFilter{}, func(e *core.Entry) error {
			if brk := v.Check(e); brk != nil {
				return fmt.Errorf("%v", brk)
			}
			return nil
		})
	})
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	bench("open", func() error {
		db, err := sqlite.Open(ctx, path, sqlite.Options{})
		if err != nil {
			return err
		}
		return db.Close()
	})
}
