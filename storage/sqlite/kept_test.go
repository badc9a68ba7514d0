//go:build failpoints

package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/failpoint"
)

// Rows that are kept in memory are those on the disk: also after a transaction
// that wrote them and did not commit, and also after a change to many at once.
func TestKeptRowsAreThoseOnDisk(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "stint.db"))
	moment := time.Date(2026, 11, 25, 10, 0, 0, 123456789, time.FixedZone("CET", 3600))
	person := func(name string) core.Person {
		return core.Person{ID: "pe_a", Name: name, Login: "ann", Language: "en", Created: moment}
	}
	assignment := func(s core.AssignmentState) core.Assignment {
		return core.Assignment{ID: "as_a", Principal: "pe_a", Role: "ro_a", System: "sy_a", Scope: "/", Kind: core.Active, Origin: core.Activated,
			State: s, Start: moment, Grant: "gr_a", Request: "re_a", Created: moment, Ticket: core.Ticket{System: "jira", Number: "A-1"}}
	}
	grant := func(s core.GrantState) core.Grant {
		return core.Grant{ID: "gr_a", GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Scope: "/", Account: "ann"}, Wanted: true, Until: moment.Add(time.Hour),
			State: s, Since: moment, Failing: moment, NextTry: moment.Add(time.Hour), Evidence: core.Evidence{At: moment, Holds: true, Answer: "member"}, For: "as_a"}
	}
	request := func(s core.Status) core.Request {
		return core.Request{ID: "re_a", Action: core.SelfActivate, Status: s, Requester: "pe_a", Principal: "pe_a", Role: "ro_a", System: "sy_a", Assignment: "as_a", Start: moment, Created: moment}
	}
	factor := func(failed int) core.Factor {
		return core.Factor{Person: "pe_a", Sealed: []byte("sealed"), Confirmed: true, LastStep: 7, Failed: failed, Recovery: []string{"a", "b"}}
	}
	session := func(seen time.Time) core.Session {
		return core.Session{ID: "se_a", Person: "pe_a", Created: moment, LastSeen: seen, Expires: moment.Add(time.Hour)}
	}
	key := grant(core.GrantPresent).GrantKey
	type rows struct {
		Settings   core.Settings
		Factor     core.Factor
		Credential core.Credential
		Session    core.Session
		For        core.Grant
		Wanting    []core.Assignment
		Drift      core.Drift
		Head       core.Head
		Person     core.Person
		Assignment core.Assignment
		Grant      core.Grant
		Request    core.Request
	}
	look := func(v core.View) (r rows) {
		r.Settings = v.Settings()
		r.Factor, _ = v.Factor("pe_a")
		r.Credential, _ = v.Credential("pe_a")
		r.Session, _ = v.Session("se_a")
		r.For, _ = v.GrantFor(key)
		r.Wanting = v.Wanting("gr_a")
		r.Drift, _ = v.DriftFor(key, core.DriftOutside)
		r.Person, _ = v.Person("pe_a")
		r.Assignment, _ = v.Assignment("as_a")
		r.Grant, _ = v.Grant("gr_a")
		r.Request, _ = v.Request("re_a")
		return r
	}
	// alike looks from inside a write transaction, which keeps rows, and from
	// outside, which doesn't.
	alike := func(what string) rows {
		t.Helper()
		var inside, outside rows
		err := db.Update(t.Context(), func(tx core.Tx) error { look(tx); inside = look(tx); inside.Head = tx.Head(); return tx.Err() })
		if err != nil {
			t.Fatal(err)
		}
		var last core.Verifier
		if err := db.EachEntry(t.Context(), core.EntryFilter{}, func(e *core.Entry) error { last.Check(e); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := db.Read(t.Context(), func(v core.View) error { outside = look(v); return v.Err() }); err != nil {
			t.Fatal(err)
		}
		outside.Head = last.Head
		if d := cmp.Diff(outside, inside); d != "" {
			t.Errorf("%s (-disk +kept):\n%s", what, d)
		}
		return inside
	}
	n := 0
	write := func(cs ...core.Change) error {
		return db.Update(context.Background(), func(tx core.Tx) error {
			look(tx)
			n++
			e := entry(n, core.SignedIn, "pe_a")
			e.Seal(tx.Head())
			return tx.Apply(core.Event{Entry: e, Changes: cs})
		})
	}
	drift := core.Drift{ID: "dr_a", GrantKey: key, Kind: core.DriftOutside, First: moment}
	settings := core.DefaultSettings()
	settings.Organisation = "Another"
	if err := write(person("Ann"), assignment(core.InForce), grant(core.GrantGranting), request(core.PendingProvisioning),
		factor(0), session(moment), core.Credential{Person: "pe_a", Hash: "1"}); err != nil {
		t.Fatal(err)
	}
	if got := alike("what was written"); got.Grant.State != core.GrantGranting || got.Person.Name != "Ann" {
		t.Errorf("got %+v", got)
	}

	disarm := failpoint.Arm("storage.commit", func() error { return errors.ErrUnsupported })
	err := write(person("Eve"), assignment(core.Removed), grant(core.GrantPresent), request(core.Provisioned),
		factor(3), session(moment.Add(time.Minute)), core.Credential{Person: "pe_a", Hash: "2"}, drift, settings)
	disarm()
	if err == nil {
		t.Fatal("the commit did not fail")
	}
	if got := alike("what did not commit"); got.Grant.State != core.GrantGranting || got.Person.Name != "Ann" || got.Assignment.State != core.InForce || got.Request.Status != core.PendingProvisioning {
		t.Errorf("a commit that failed is remembered: %+v", got)
	}

	if err := write(person("Bea"), assignment(core.Expired), grant(core.GrantRemoving), request(core.Revoked),
		factor(4), session(moment.Add(time.Hour)), core.Credential{Person: "pe_a", Hash: "3"}, drift, settings); err != nil {
		t.Fatal(err)
	}
	if got := alike("what was written then"); got.Grant.State != core.GrantRemoving || got.Person.Name != "Bea" || got.Assignment.State != core.Expired || got.Request.Status != core.Revoked {
		t.Errorf("got %+v", got)
	}
	if got := alike("again"); got.Drift.ID != drift.ID || got.Factor.Failed != 4 || got.Settings.Organisation != settings.Organisation {
		t.Errorf("got %+v", got)
	}
	other := assignment(core.InForce)
	other.ID, other.Basis, other.Created = "as_0", "as_b", moment.Add(-time.Hour)
	for _, cs := range [][]core.Change{
		{assignment(core.InForce)}, {other}, {assignment(core.Removed)}, {core.DriftRemoved{ID: drift.ID}}, {core.SessionEnded{ID: "se_a"}}, {core.Afresh{At: moment, Step: 99}},
	} {
		if err := write(cs...); err != nil {
			t.Fatal(err)
		}
		alike("after a change")
	}
	if err := write(core.ClockSet{Now: moment.Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	alike("after a clock was accepted")
}
