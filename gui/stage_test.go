package gui_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
)

// atStages opens the question who has to agree to a role.
func atStages(t *testing.T, look gui.Appearance, lang string) *stage {
	s := newStage(t, guitest.AdminTypical, look, lang)
	s.fake.Crews = []core.GroupPage{guitest.Crew(guitest.Noon())}
	s.w.Open("roles")
	s.option("db-owner")
	return s
}

// People, groups and roles decide; they are found on the server, as one types.
func TestChooseWhoHasToAgree(t *testing.T) {
	s := atStages(t, gui.Light, "en")
	s.press("Change…")
	s.sees("Who has to agree?")
	s.look("Add people, a group, a role", "oper")
	s.finds("Operators · group of 1 person")
	s.find("Add people, a group, a role", "oper")
	s.sees("members of Operators")
	s.look("Add people, a group, a role", "oper")
	s.finds() // the group is named already
	s.find("Add people, a group, a role", "caro")
	s.find("Add people, a group, a role", "contrib")
	s.press("Take over")
	s.sees("1 of members of Operators, Carol Danvers, holders of Contributor@sub-production")
	s.press("Save settings")
	got, ok := s.last().(core.SetPolicy)
	if !ok || got.Settings.Stages == nil {
		t.Fatalf("sent %+v", s.last())
	}
	want := []core.Stage{{Quorum: 1, Approvers: []core.Approver{{Group: "gp_ops"}, {Person: "pe_carol"}, {Role: "ro_Contributor"}}}}
	if diff := cmp.Diff(want, *got.Settings.Stages); diff != "" {
		t.Error(diff)
	}
}

// What stands there already is named, also what is no more.
func TestStagesNameWhoIsThere(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	crew := guitest.Crew(guitest.Noon())
	crew.Group.Removed = true
	s.fake.Crews = []core.GroupPage{crew}
	s.fake.Levels["ro_db-owner"] = core.PolicySettings{Stages: &[]core.Stage{{Quorum: 1, Approvers: []core.Approver{{Group: "gp_ops"}, {Person: "pe_bob"}}}}}
	s.w.Open("roles")
	s.option("db-owner")
	s.sees("1 of members of Operators (gone), Bob Novak")
}

// A name of 80 characters leaves its button, and that of the dialog, inside it.
func TestLongNamesStayInside(t *testing.T) {
	long := strings.Repeat("Infrastructure and operations ", 3)
	inside := func(s *stage) {
		t.Helper()
		right := (s.canvas().Size().Width + 440) / 2
		guitest.Walk(s.canvas(), func(o fyne.CanvasObject, at fyne.Position) {
			if b, ok := o.(*part.Button); ok && b.Visible() && at.X+b.Size().Width > right {
				t.Errorf("a button (%q) ends at %v, the dialog at %v", b.Text(), at.X+b.Size().Width, right)
			}
		})
	}
	s := atStages(t, gui.Light, "en")
	s.fake.Crews[0].Group.Name = long
	s.press("Change…")
	s.find("Add people, a group, a role", "infra")
	s.sees("members of " + long[:40])
	inside(s)
	s = newStage(t, guitest.AdminTypical, gui.Light, "en")
	longing := guitest.Longing(guitest.Noon(), core.SelfExtend)
	longing.Request.PrincipalName = long
	s.fake.Waiting, s.fake.CaseData = []core.RequestRow{longing.Request}, []core.Case{longing}
	s.w.Open("approvals")
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.press("Approve…")
	inside(s)
}
