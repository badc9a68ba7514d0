package sample_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/sample"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/storage/sqlite"
)

// TestMake lives through two months and looks whether the systems hold what
// the assignments say, nothing is overdue, and the log is whole.
func TestMake(t *testing.T) {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "stint.db"), sqlite.Options{Unsafe: true, DropDeliveries: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2026, 11, 23, 13, 40, 0, 0, time.UTC)
	made, err := sample.Make(ctx, sample.Options{Store: db, Box: seal.New([32]byte{1}), Now: now, Seed: 1, Days: 60})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[core.EventKind]int{}
	var ver core.Verifier
	err = db.EachEntry(ctx, core.EntryFilter{}, func(e *core.Entry) error {
		if b := ver.Check(e); b != nil {
			t.Fatalf("entry %d: %s", b.Seq, b.Reason)
		}
		if kinds[e.Action]++; e.Action == core.CommandRefused && kinds[e.Action] < 8 {
			t.Logf("%s %s: %s", e.Time.Format(time.DateTime), e.ActorName, e.Detail)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(ver.Count, "entries", kinds)
	for _, k := range []core.EventKind{core.RoleActivated, core.ActivationActive, core.GrantMade, core.GrantRemoved, core.ActivationExpired, core.ActivationDropped, core.ActivationProlonged, core.GrantStuck, core.AssignmentExpired, core.SystemUnreachable, core.SystemReachable, core.DriftSeen, core.GrantLost, core.GroupAdded} {
		if kinds[k] == 0 {
			t.Errorf("no entry %s in two months", k)
		}
	}
	// Who comes in finds nothing that can't be taken back, and something that was
	// done by hand.
	systems, err := db.SystemRows(ctx)
	if err != nil {
		t.Fatal(err)
	}
	byHand, stuck := 0, 0
	for _, s := range systems {
		byHand, stuck = byHand+s.Drift, stuck+s.Stuck
	}
	if byHand != 3 || stuck != 0 {
		t.Errorf("%d things were done by hand, want 3; %d privileges can't be taken back, want none", byHand, stuck)
	}
	// What each system holds is what is in force, and nothing else but on
	// build-07, which is away and can't be told.
	want := map[string]bool{}
	page := ""
	for {
		l, err := db.Assignments(ctx, core.AssignmentFilter{Kind: core.Active, States: []core.AssignmentState{core.InForce}}, core.Page{After: page, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range l.Items {
			if !a.End.IsZero() && a.End.Before(now) {
				t.Errorf("%s of %s is in force after its end %v", a.RoleName, a.PrincipalName, a.End)
			}
			if a.System != core.StintSystem {
				want[a.SystemName+"/"+a.PrincipalLogin+"/"+a.RoleName] = true
			}
		}
		if page = l.Next; page == "" {
			break
		}
	}
	me := 0
	for k := range want {
		if len(k) > 0 {
			me++
		}
	}
	if me == 0 {
		t.Error("nothing is in force at the end")
	}
	err = db.Read(ctx, func(v core.View) error {
		a := v.LiveOf(made.Person)
		t.Logf("%d live assignments of the guide", len(a))
		id, _ := auth.SessionOf(made.Token)
		if _, _, err := core.LiveSession(v, id, now); err != nil {
			t.Errorf("the guide's session: %v", err)
		}
		return v.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}
