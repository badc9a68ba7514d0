package gui_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
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
