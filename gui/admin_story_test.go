package gui_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
)

// TestAssignByWizard taps and types through the whole wizard: a role, three
// people of whom one lacks an account and one is refused, a justification, a
// code; first a wrong one.
func TestAssignByWizard(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.AskCode = true
	s.fake.Refuse["pe_bob"] = &core.Error{Code: core.Conflict, Message: "Bob has this assignment already."}
	s.w.Open("assignments")
	s.press("Add assignment")

	s.press("Next")
	s.sees("Choose a role first.")
	s.search(0, "db-own")
	s.key(fyne.KeyDown)
	s.press("Next")
	s.sees("Who gets db-owner on prod-db?")

	s.press("Next")
	s.sees("Choose at least one person or group.")
	people := s.table()
	for range 3 {
		people.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		people.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	}
	s.sees("Chosen · 3 people")
	s.sees("has no account on prod-db")
	s.press("Next")
	s.sees("Carol Danvers has no account on prod-db.")
	s.fill(0, "carol_d")
	s.press("Set account")
	if diff := cmp.Diff(core.Command(core.SetAccount{Person: "pe_carol", System: "sy_prod-db", External: "carol_d"}), s.last()); diff != "" {
		t.Fatal(diff)
	}
	s.press("Next")

	s.sees("Permanent is allowed; a time-bound one lasts at most 180 days.")
	s.option("Active")
	s.press("Next")
	s.sees("This role's settings ask for a justification.")
	s.fill(len(s.fields())-1, "On call in December")
	s.fill(0, "2028-01-01")
	s.press("Next")
	s.sees("This role's settings allow at most 180d.")
	s.fill(0, "2027-01-31")
	s.press("Next")

	s.sees("What will happen")
	s.sees("Bob has this assignment already.")
	s.sees("holds db-owner on prod-db, until 31 Jan 2027")
	s.write("000000")
	s.sees("This code is wrong")
	s.write(guitest.Code)
	s.sees("2 of 3 assigned.")
	want := core.Assign{Role: "ro_db-owner", Principals: []core.PersonID{"pe_alice", "pe_bob", "pe_carol"}, Scope: "/", Kind: core.Active,
		End: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), Justification: "On call in December"}
	if diff := cmp.Diff(core.Command(want), s.last()); diff != "" {
		t.Error(diff)
	}
	s.press("Close")
	s.sees("Export…")
}

// table is the page's list.
func (s *stage) table() fyne.Focusable {
	s.t.Helper()
	for _, o := range s.objects() {
		switch x := o.(type) {
		case *part.Table[core.PersonRow]:
			return x
		case *part.Table[core.AssignmentRow]:
			return x
		case *part.Table[core.Entry]:
			return x
		case *part.Table[core.RoleRow]:
			return x
		case *part.Table[core.RequestRow]:
			return x
		case *part.Table[core.GroupRow]:
			return x
		}
	}
	s.t.Fatal("no table on the page")
	return nil
}

// TestAddSystemByWizard adds a system: a kind, its fields, a test that fails
// and then succeeds, a role, and who is who.
func TestAddSystemByWizard(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Dark, "en")
	s.fake.ProbeBad = true
	s.w.Open("systems")
	s.press("Add system")
	s.sees("not available here")
	s.sees("Stint doesn't run as root here.")
	s.option("PostgreSQL")
	s.press("Next")
	s.press("Next")
	s.sees("This must be filled in.")
	s.fill(0, "orders-db")
	s.fill(1, "db.example.org")
	s.fill(len(s.fields())-1, "hunter2 hunter2")
	s.press("Next")
	s.sees("The server refused the password of stint.")
	s.sees("The test failed")
	s.press("Next")
	s.fake.ProbeBad = false
	s.press("Test again")
	s.sees("It answers: PostgreSQL 16.4 4 roles found.")
	s.press("Back")
	s.sees("CREATE ROLE stint")
	s.press("Next")
	s.press("Next")
	s.sees("Which roles shall Stint hand out?")
	s.press("Choose privileged ones")
	s.sees("2 roles chosen")
	s.press("Next")
	s.sees("Who is who on orders-db?")
	s.sees("2 accounts set")
	s.sees("found on the system")
	s.press("Add orders-db")
	s.sees("orders-db is ready")
	s.sees("2 roles can be assigned. 2 people have an account.")

	var add core.AddSystem
	var accounts []core.SetAccount
	for _, c := range s.fake.Calls {
		switch x := c.Command.(type) {
		case core.AddSystem:
			add = x
		case core.SetAccount:
			accounts = append(accounts, x)
		}
	}
	if add.Name != "orders-db" || add.Secret.Reveal() != "hunter2 hunter2" || add.Settings["host"] != "db.example.org" || add.Settings["port"] != "5432" || len(add.Roles) != 2 {
		t.Errorf("got %+v", add)
	}
	want := []core.SetAccount{{Person: "pe_alice", System: "sy_new", External: "alice"}, {Person: "pe_bob", System: "sy_new", External: "Bob"}}
	if diff := cmp.Diff(want, accounts); diff != "" {
		t.Error(diff)
	}
}

func TestRemoveAssignmentNamesItsEffect(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.w.Open("assignments")
	table := s.table()
	table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.sees("Story")
	s.press("Remove…")
	s.sees("One activation that stands on it ends with it.")
	s.fill(0, "left the team")
	s.press("Remove 1 assignment")
	got, ok := s.last().(core.RemoveAssignments)
	if !ok || len(got.Assignments) != 1 || got.Justification != "left the team" {
		t.Errorf("got %+v", s.last())
	}
}

func TestRoleSettingsOverrideAndReset(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.w.Open("roles")
	s.option("db-owner")
	s.sees("set here")
	s.sees("from the system")
	s.fill(0, "25h")
	s.sees("Between 30m and 24h.")
	s.fill(0, "2h")
	s.press("Reset") // the first own setting: the maximum duration
	s.press("Reset") // the ticket
	s.check("signed out")
	s.sees("End at once when")
	s.press("Save settings")
	want := core.SetPolicy{Level: "ro_db-owner", Settings: core.PolicySettings{DropOn: &[]core.DropReason{core.DropOnSignOut}}}
	if diff := cmp.Diff(core.Command(want), s.last()); diff != "" {
		t.Error(diff)
	}
}

// TestSayWhoIsTold sets one cell of the notification matrix: no address first,
// then two, and only of what is critical.
func TestSayWhoIsTold(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.w.Open("roles")
	s.option("db-owner")
	s.sees("Notices and mails")
	s.sees("Activated: approvers")
	s.pressLast("Change…")
	s.toggle("Only what is critical")
	s.fill(0, "nobody")
	s.press("Take over")
	s.sees("is not a mail address")
	s.fill(0, "soc@example.org; desk@example.org")
	s.press("Take over")
	s.sees("default recipients, soc@example.org, desk@example.org · only what is critical")
	s.press("Save settings")
	got, ok := s.last().(core.SetPolicy)
	want := &core.Recipients{Defaults: true, Critical: true, Extra: []string{"soc@example.org", "desk@example.org"}}
	if !ok {
		t.Fatalf("got %+v", s.last())
	}
	if diff := cmp.Diff(want, got.Settings.NotifyActivatedApprovers); diff != "" {
		t.Error(diff)
	}
}

// TestLookAtMails looks at a mail as others get it, in German, and sends it to
// the address that stands on the page.
func TestLookAtMails(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.Config.Mail = core.MailSettings{Host: "mail.example.org", Port: 587, Security: core.MailSTARTTLS, Auth: core.MailAuthNone, From: "stint@example.org"}
	s.w.Open("settings")
	s.press("Look…")
	s.sees("Sample: assigned en")
	s.choose("Mail", "Request to approve")
	s.sees("Sample: approve en")
	for _, o := range s.objects() {
		if x, ok := o.(*part.Segments); ok && (slices.Contains(x.Options(), "Deutsch") || slices.Contains(x.Options(), "To others")) {
			x.Pick(1)
		}
	}
	s.sees("Sample: approve de")
	s.press("Send as a test")
	s.sees("alice")
	want := core.MailSample{Kind: core.NoticeApprove, Language: "de", Other: true}
	if diff := cmp.Diff(want, s.fake.Sample); diff != "" {
		t.Error(diff)
	}
}

func TestVerifyTheLog(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.w.Open("audit")
	s.press("Verify the log")
	s.sees("The log is whole")
	s.press("Close")
	s.sees("verified to 48,211")
	s.fake.Broken = true
	s.press("Verify the log")
	s.sees("Entry 31,007 is wrong")
	s.sees("The entry was changed after it was written.")
}

func TestAddPersonShowsThePasswordOnce(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.w.Open("people")
	s.press("Add person")
	s.fill(0, "Frieda Groß")
	s.fill(2, "no address")
	s.press("Add person")
	s.sees("This is not a mail address.")
	s.fill(2, "frieda@example.com")
	s.press("Add person")
	want := core.AddPerson{FullName: "Frieda Groß", Login: "frieda.gross", Mail: "frieda@example.com", Language: "en"}
	if diff := cmp.Diff(core.Command(want), s.last(), cmp.AllowUnexported(core.AddPerson{})); diff != "" {
		t.Error(diff)
	}
	s.sees("maple-stone-river-41")
	s.press("I have passed it on")
	if strings.Contains(s.words(), "maple-stone") {
		t.Error("the password is still on the page")
	}
}

func TestSettingsSave(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "de")
	s.w.Open("settings")
	s.sees("Darstellung")
	s.fill(0, "Beispiel AG")
	s.press("Einstellungen speichern")
	got, ok := s.last().(core.ChangeSettings)
	if !ok || got.Settings.Organisation != "Beispiel AG" || got.Settings.IdleLock != core.DefaultSettings().IdleLock {
		t.Errorf("got %+v", s.last())
	}
}

// TestOwnSettingsOnly: somebody without rights sees his own part and no more.
func TestOwnSettingsOnly(t *testing.T) {
	s := newStage(t, func(now func() time.Time) *guitest.Admin {
		a := guitest.AdminEmpty(now)
		a.MeNow = guitest.Empty(now).MeNow
		return a
	}, gui.Light, "en")
	s.w.Open("settings")
	s.sees("My security")
	for _, secret := range []string{"Mail", "Organisation", "Data and keys"} {
		if strings.Contains(s.words(), secret) {
			t.Errorf("the page says %q to somebody without rights", secret)
		}
	}
	s.w.Open("assignments")
	s.sees("My security") // there is no such page for him
}

func TestPagesSayWhatFailed(t *testing.T) {
	for _, page := range []string{"assignments", "roles", "audit", "systems", "people"} {
		s := newStage(t, guitest.AdminTypical, gui.Light, "en")
		s.w.Open("access")
		s.fake.Down = true
		s.w.Open(page)
		s.sees("Try again")
		s.fake.Down = false
		s.press("Try again")
		if strings.Contains(s.words(), "Try again") {
			t.Errorf("%s: still failed after it was tried again", page)
		}
	}
	if err := error(core.Errorf(core.Unavailable, "", "api.unreachable")); !errors.Is(err, &core.Error{Code: core.Unavailable}) {
		t.Error("the fake fails in another way than a server that is away")
	}
}

// What was done on a system by hand: counted on its card, explained in its
// list, and ended by one press and a reason.
func TestDriftIsShownAndEnded(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		words := map[string][]string{
			"en": {"One thing there is otherwise than Stint left it.", "Look…", "nobody assigned it in Stint", "Take away", "Accept"},
			"de": {"Dort ist etwas anders, als Stint es hinterlassen hat.", "Ansehen …", "niemand hat sie in Stint zugewiesen", "Entziehen", "Hinnehmen"},
		}[lang]
		s := newStage(t, guitest.AdminTypical, gui.Light, lang)
		row := &s.fake.Targets[1]
		row.Drift = 1
		s.fake.Drifted = map[core.SystemID]core.DriftReport{row.ID: {Reading: core.Reading{At: guitest.Noon()}, Items: []core.DriftRow{{
			Drift: core.Drift{ID: "dr_1", Kind: core.DriftOutside, First: guitest.Noon(), GrantKey: core.GrantKey{Account: "zoe"}}, RoleName: "dba",
		}}}}
		s.w.Open("systems")
		s.sees(words[0])
		s.press(words[1])
		s.sees("zoe · dba")
		s.sees(words[2])
		s.golden("drift-" + lang)
		s.press(words[3])
		s.fill(0, "left the team")
		s.press(words[3])
		if got, want := s.last(), (core.RemoveOutside{Drift: "dr_1", Justification: "left the team"}); got != want {
			t.Errorf("%s: %+v, want %+v", lang, got, want)
		}
		s.press(words[4])
		s.fill(0, "batch account")
		s.press(words[4])
		if got, want := s.last(), (core.AcceptDrift{Drift: "dr_1", Justification: "batch account"}); got != want {
			t.Errorf("%s: %+v, want %+v", lang, got, want)
		}
	}
}
