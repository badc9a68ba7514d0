package model_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

func person(id, name string) core.PersonRow {
	return core.PersonRow{Person: core.Person{ID: core.PersonID(id), Name: name, Login: id}}
}

// wizard is one with a role of a real system and two people, one of whom lacks
// an account.
func wizard() *model.AssignWizard {
	w := model.NewAssignWizard()
	w.ChooseRole(core.RolePage{
		Role:   core.RoleRow{Role: core.Role{ID: "ro_1", System: "sy_db", Name: "db-admin"}, SystemName: "prod-db"},
		Policy: core.DefaultPolicy(),
	}, noon)
	w.Toggle(model.Member{Person: person("pe_a", "Alice")})
	w.Toggle(model.Member{Person: person("pe_b", "Bob")})
	w.SetAccounts("pe_a", []core.AccountRow{{Account: core.Account{System: "sy_db", External: "alice"}}})
	w.SetAccounts("pe_b", []core.AccountRow{{Account: core.Account{System: "sy_other", External: "bob"}}})
	return w
}

func TestWizardAsksForAccounts(t *testing.T) {
	w := wizard()
	if l := w.Lacking(); len(l) != 1 || l[0].Person.ID != "pe_b" {
		t.Fatalf("got %+v", l)
	}
	if err := w.Check(model.AssignMembers, noon); core.CodeOf(err) != core.Invalid {
		t.Errorf("somebody without an account: got %v", err)
	}
	w.SetAccounts("pe_b", []core.AccountRow{{Account: core.Account{System: "sy_db", External: "bob"}}})
	if err := w.Check(model.AssignMembers, noon); err != nil {
		t.Error(err)
	}
	w.ChooseRole(core.RolePage{Role: core.RoleRow{Role: core.Role{ID: "ro_x", System: core.StintSystem}}}, noon)
	if w.NeedsAccount() || len(w.Lacking()) != 0 {
		t.Error("Stint itself needs no accounts")
	}
}

func TestWizardFollowsThePolicy(t *testing.T) {
	w := wizard()
	if !w.Permanent {
		t.Error("eligible for good is what the default policy allows, so it is proposed")
	}
	w.ChooseKind(core.Active, noon)
	if w.Permanent || w.End != "2027-05-21" {
		t.Errorf("active: got permanent %t, end %q", w.Permanent, w.End)
	}
	field := func(want string) {
		t.Helper()
		var e *core.Error
		if err := w.Check(model.AssignSetting, noon); !errors.As(err, &e) || e.Field != want {
			t.Errorf("got %v, want the field %q refused", err, want)
		}
	}
	field("justification")
	w.Justification = "  on call  "
	if err := w.Check(model.AssignSetting, noon); err != nil {
		t.Error(err)
	}
	w.End = "2027-06-30"
	field("end")
	w.End = "2027-01-31"
	w.Scheduled, w.Start = true, "2026-11-01"
	field("start")
	w.Start = "2027-02-10"
	field("end")
	w.Start = "2026-12-01"
	got, err := w.Command(noon)
	want := core.Assign{
		Role: "ro_1", Principals: []core.PersonID{"pe_a", "pe_b"}, Scope: "/", Kind: core.Active,
		Start: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), Justification: "on call",
	}
	if err != nil || cmp.Diff(want, got) != "" {
		t.Error(err, cmp.Diff(want, got))
	}
	w.Role.Policy.PermanentActive, w.Permanent = false, true
	field("end")
}

func TestWizardMembers(t *testing.T) {
	w := wizard()
	alice := model.Member{Person: person("pe_a", "Alice")}
	if w.Toggle(alice) || w.Has(alice) {
		t.Error("toggled twice, Alice is still there")
	}
	for i := range model.MaxMembers + 5 {
		w.Toggle(model.Member{Person: person("pe_"+string(rune(0x1000+i)), "x")})
	}
	if len(w.Members) != model.MaxMembers {
		t.Errorf("got %d members", len(w.Members))
	}
}

func TestReviewSpeaksPerPerson(t *testing.T) {
	say, w := speak(t, "en"), wizard()
	plan := core.Plan{NeedsCode: true, Result: core.Result{Items: []core.ItemResult{
		{Principal: "pe_b", Err: &core.Error{Code: core.Conflict, Message: "Bob has it already."}},
		{Principal: "pe_a", Start: noon, End: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)},
	}}}
	got := w.Review(say, noon, plan)
	want := model.AssignPlan{
		Lines: []model.PersonLine{
			{Who: "Alice", Account: "alice", What: "may activate db-admin on prod-db, until 31 Mar 2027", Mark: model.Mark{Word: "at once", Tone: model.ToneGood}},
			{Who: "Bob", What: "Bob has it already.", Mark: model.Mark{Word: "refused", Tone: model.ToneBad}, Refused: true},
		},
		Possible: 1, NeedsCode: true, Button: "Assign 1 person",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	res := w.Results(say, noon, core.Result{Items: []core.ItemResult{
		{Principal: "pe_a", Start: noon, Status: core.PendingProvisioning}, {Principal: "pe_b", Start: noon.Add(time.Hour), Status: core.Granted},
	}})
	if res[0].Mark.Word != "granting" || res[1].Mark.Word != "scheduled" {
		t.Errorf("got %+v", res)
	}
}

// A group stands beside people, needs no account of its own, and the button says
// what is assigned.
func TestWizardTakesGroups(t *testing.T) {
	say, w := speak(t, "en"), wizard()
	ops := model.Member{Group: core.GroupRow{Group: core.Group{ID: "gp_ops", Name: "Operators"}, Members: 3}}
	if !w.Toggle(ops) || w.Chosen(say) != "2 people and 1 group" {
		t.Errorf("chosen are %s", w.Chosen(say))
	}
	w.SetAccounts("", nil) // of nobody: a group is not somebody without a name
	w.Toggle(w.Members[1]) // Bob, who has no account
	if err := w.Check(model.AssignMembers, noon); err != nil {
		t.Error(err)
	}
	cmd, err := w.Command(noon)
	if diff := cmp.Diff(core.Assign{Role: "ro_1", Scope: "/", Kind: core.Eligible, Principals: []core.PersonID{"pe_a"}, Groups: []core.GroupID{"gp_ops"}}, cmd); err != nil || diff != "" {
		t.Error(err, diff)
	}
	plan := core.Plan{Result: core.Result{Notes: []core.Note{{Key: "note.people_in_all", Args: map[string]string{"n": "4"}}}, Items: []core.ItemResult{
		{Principal: "pe_a", Start: noon},
		{Group: "gp_ops", Start: noon, Notes: []core.Note{{Key: "note.group_people", Args: map[string]string{"n": "3"}}}},
	}}}
	got := w.Review(say, noon, plan)
	line := model.PersonLine{Who: "Operators", What: "whoever is in it may activate db-admin on prod-db, permanent",
		Notes: []string{"3 people are in the group now. Whoever joins later gets this, too; whoever leaves loses it at once."}, Mark: model.Mark{Word: "at once", Tone: model.ToneGood}}
	if diff := cmp.Diff(line, got.Lines[1]); diff != "" {
		t.Error(diff)
	}
	if got.Button != "Assign 1 person and 1 group" || len(got.Notes) != 1 || got.Notes[0] != "Together this gives the role to 4 people." {
		t.Errorf("%q, %q", got.Button, got.Notes)
	}
	w.Toggle(w.Members[0])
	if w.Chosen(say) != "1 group" {
		t.Errorf("chosen are %s", w.Chosen(say))
	}
}
