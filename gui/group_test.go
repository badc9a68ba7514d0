package gui_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
)

// atGroups looks at the groups of the page People.
func atGroups(t *testing.T) *stage {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.Crews = []core.GroupPage{guitest.Crew(guitest.Noon())}
	s.w.Open("people")
	s.click("Groups")
	return s
}

func TestAddAGroup(t *testing.T) {
	s := atGroups(t)
	s.press("Add group")
	s.fill(0, "Auditors")
	s.fill(1, "who reads the books")
	s.pressLast("Add group")
	got, ok := s.last().(core.AddGroup)
	if !ok || got.GroupName != "Auditors" || got.Description != "who reads the books" {
		t.Errorf("sent %+v", s.last())
	}
}

// Who is in a group, and what comes of taking somebody out, is said before.
func TestMembersOfAGroup(t *testing.T) {
	s := atGroups(t)
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.sees("Bob Novak")
	s.press("Take out…")
	s.sees("ends at once, with whatever was activated on it")
	s.fill(0, "left the team")
	s.press("Take Bob Novak out")
	out, ok := s.last().(core.RemoveMembers)
	if !ok || out.Group != "gp_ops" || len(out.People) != 1 || out.People[0] != "pe_bob" || out.Justification != "left the team" {
		t.Errorf("sent %+v", s.last())
	}
	s.press("Add a member")
	s.press("Add to the group")
	s.sees("Choose a person first")
	s.look("Person", "bob")
	s.finds() // he is in it already
	s.find("Person", "caro")
	s.press("Add to the group")
	in, ok := s.last().(core.AddMembers)
	if !ok || in.Group != "gp_ops" || len(in.People) != 1 || in.People[0] != "pe_carol" {
		t.Errorf("sent %+v", s.last())
	}
	s.press("Remove…")
	s.press("Remove the group")
	if got, ok := s.last().(core.RemoveGroup); !ok || got.Group != "gp_ops" {
		t.Errorf("sent %+v", s.last())
	}
}

func TestGiveAGroupARole(t *testing.T) {
	s := atGroups(t)
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.click("Roles")
	s.press("Give a role")
	s.press("Give the role")
	s.sees("Choose a role first")
	s.find("Role", "db-own")
	s.click("Until a date")
	s.fill(1, "90d")
	s.fill(2, "They look after it")
	s.press("Give the role")
	got, ok := s.last().(core.Assign)
	if !ok || len(got.Groups) != 1 || got.Groups[0] != "gp_ops" || len(got.Principals) != 0 || got.Role != "ro_db-owner" || got.Kind != core.Eligible ||
		got.End.Sub(guitest.Noon()) < 89*24*time.Hour || got.Justification != "They look after it" {
		t.Errorf("sent %+v", s.last())
	}
}

// A group is chosen in the wizard as people are, beside them, and the review says
// how many people that is about.
func TestAssignAGroupByWizard(t *testing.T) {
	o := openOffice(t)
	o.window.Open("people")
	o.clicks("Add person")
	o.types("Bob Baker")
	o.clicks("Add person") // the dialog's
	o.sees("First password of Bob Baker")
	o.presses(fyne.KeyEscape)
	o.clicks("Groups")
	o.clicksFirst("Add group")
	o.types("Auditors")
	o.clicks("Add group") // the dialog's
	o.clicks("Auditors")
	o.clicksFirst("Add a member")
	o.clicks("Choose a person")
	o.types("bob")
	o.presses(fyne.KeyReturn)
	o.clicks("Add to the group")
	o.sees("Bob Baker")

	o.window.Open("assignments")
	o.clicks("Add assignment")
	o.types("security reader")
	o.presses(fyne.KeyDown)
	o.clicks("Next")
	o.clicks("Maria Adler")
	o.sees("Chosen · 1 person")
	o.clicks("Groups")
	o.clicks("Auditors")
	o.sees("Chosen · 1 person and 1 group", "group of 1 person")
	o.clicks("Next")
	o.clicks("Next")
	o.sees("whoever is in it may activate Security Reader", "1 person is in the group now.", "Together this gives the role to 2 people.")
	o.sees("Assign 1 person and 1 group")
	o.types(o.code())
	o.sees("2 of 2 assigned.")
	o.clicks("Close")
	o.sees("Auditors", "Bob Baker", "Maria Adler")
}

// What comes through a group names it, and offers no change of its own.
func TestThroughAGroup(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	r := &s.fake.Rows[0]
	r.Group, r.Via, r.GroupName = "gp_ops", "as_group", "Operators"
	s.w.Open("assignments")
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.sees("This comes through the group Operators, and is changed there.")
	for _, o := range s.objects() {
		if b, ok := o.(*part.Button); ok && b.Visible() && (b.Text() == "Remove…" || b.Text() == "Change dates…") {
			t.Errorf("%q is offered", b.Text())
		}
	}
}
