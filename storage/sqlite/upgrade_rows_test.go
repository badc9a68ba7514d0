package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/migrations"
	"github.com/stint-pim/stint/storage/sqlite"
	"github.com/stint-pim/stint/storage/storagetest"
)

// oldStore is a store of an earlier schema with rows in it, brought up to date by
// opening it.
func oldStore(t *testing.T, now time.Time) core.Store {
	t.Helper()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "stint.db")
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	run := func(statements ...string) {
		t.Helper()
		for _, s := range statements {
			if _, err := raw.ExecContext(ctx, s); err != nil {
				t.Fatalf("%v in %s", err, s)
			}
		}
	}
	// What a file of Stint is known by.
	fresh := filepath.Join(t.TempDir(), "stint.db")
	open(t, fresh).Close()
	other, err := sql.Open("sqlite", fresh)
	if err != nil {
		t.Fatal(err)
	}
	var id int64
	if err := other.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		t.Fatal(err)
	}
	other.Close()
	run(fmt.Sprintf("PRAGMA application_id = %d", id))
	steps, err := goose.NewProvider(goose.DialectSQLite3, raw, migrations.For(migrations.SQLite), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps.UpTo(ctx, 9); err != nil {
		t.Fatal(err)
	}
	run(storagetest.OldRows(now)...)
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{DropDeliveries: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// What was assigned and asked for before assignments could go on, and before
// there were groups, is decided as what is new: it is reminded of, found by who
// is asked, answered, extended and renewed.
func TestOldRowsStillDecideRight(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	db := oldStore(t, now)
	ctx := t.Context()
	asked := func(p core.PersonID) []string {
		l, err := db.Requests(ctx, core.RequestFilter{Asked: []core.PersonID{p}}, core.Page{})
		if err != nil {
			t.Fatal(err)
		}
		out := []string{}
		for _, r := range l.Items {
			out = append(out, string(r.ID))
		}
		return out
	}
	for p, want := range map[core.PersonID][]string{"pe_bob": {"re_escalated", "re_named"}, "pe_cleo": {"re_escalated", "re_standard"}, "pe_ann": {}} {
		if diff := cmp.Diff(want, asked(p)); diff != "" {
			t.Errorf("%s is asked (-want +got):\n%s", p, diff)
		}
	}
	l, err := db.Assignments(ctx, core.AssignmentFilter{Origin: core.Assigned, States: []core.AssignmentState{core.Expired}, EndedAfter: now.Add(-core.RenewWindow)}, core.Page{})
	if err != nil || len(l.Items) != 1 || l.Items[0].ID != "as_over" || !l.Items[0].Renewable(now) || l.Items[0].GroupName != "" {
		t.Errorf("what expired: %+v, %v", l.Items, err)
	}
	err = db.Read(ctx, func(v core.View) error {
		due := v.RemindersDue(now, 9)
		if len(due) != 1 || due[0].ID != "as_soon" {
			t.Errorf("reminders due: %+v", due)
		}
		if far, _ := v.Assignment("as_far"); !far.Remind.Equal(far.End.Add(-core.ExtendWindow)) || far.Group != "" || far.Via != "" {
			t.Errorf("one that ends later: %+v", far)
		}
		decide(t, v, now, "pe_bob", core.DecideRequests{Requests: []core.RequestID{"re_named"}, Approve: true}, core.RequestApproved)
		decide(t, v, now, "pe_cleo", core.DecideRequests{Requests: []core.RequestID{"re_escalated", "re_standard"}, Approve: true}, core.ActivationApproved)
		decide(t, v, now, "pe_ann", core.RequestExtension{Assignment: "as_soon", End: now.AddDate(0, 2, 0), Justification: "it goes on"}, core.RequestPending)
		decide(t, v, now, "pe_cleo", core.ExtendAssignments{Assignments: []core.AssignmentID{"as_soon"}, End: now.AddDate(0, 2, 0), Justification: "it goes on"}, core.AssignmentExtended)
		decide(t, v, now, "pe_cleo", core.RenewAssignments{Assignments: []core.AssignmentID{"as_over"}, End: now.AddDate(0, 2, 0), Justification: "once more"}, core.AssignmentRenewed)
		decide(t, v, now, "pe_cleo", core.AddGroup{GroupName: "Operators", Members: []core.PersonID{"pe_ann", "pe_bob"}}, core.MemberAdded)
		decide(t, v, now, "pe_cleo", core.RemoveAssignments{Assignments: []core.AssignmentID{"as_soon"}}, core.RequestCanceled)
		for who, c := range map[core.PersonID]core.Command{
			"pe_ann":  core.DecideRequests{Requests: []core.RequestID{"re_named"}, Approve: true},
			"pe_cleo": core.DecideRequests{Requests: []core.RequestID{"re_named"}, Approve: true}, // not yet
			"pe_bob":  core.DecideRequests{Requests: []core.RequestID{"re_denied"}, Approve: true},
		} {
			if _, err := core.Decide(v, core.Actor{Person: who, Strength: core.StrengthFactor}, c, env(now)); err == nil {
				t.Errorf("%s may answer %v", who, c)
			}
		}
		if _, err := core.Decide(v, core.Actor{Person: "pe_cleo", Strength: core.StrengthFactor}, core.RemoveAssignments{Assignments: []core.AssignmentID{"as_boss"}}, env(now)); err == nil {
			t.Error("the last administrator can be removed")
		}
		return v.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func env(now time.Time) core.Env {
	n := 0
	return core.Env{Now: now, Wall: now, Proof: core.Proof{Step: 1}, NewID: func(prefix string) string { n++; return fmt.Sprint(prefix, "_new", n) }}
}

// decide wants a command to be done, with such an event among what it does.
func decide(t *testing.T, v core.View, now time.Time, who core.PersonID, c core.Command, want core.EventKind) {
	t.Helper()
	d, err := core.Decide(v, core.Actor{Person: who, Strength: core.StrengthFactor}, c, env(now))
	if err != nil {
		t.Errorf("%s by %s: %v", c.Verb(), who, err)
		return
	}
	for _, it := range d.Result.Items {
		if it.Err != nil {
			t.Errorf("%s by %s: %v", c.Verb(), who, it.Err)
		}
	}
	for _, e := range d.Events {
		if e.Entry.Action == want {
			return
		}
	}
	t.Errorf("%s by %s did not do %s", c.Verb(), who, want)
}
