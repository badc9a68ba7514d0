package gui_test

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
)

// crowded is a company of more people and roles than any list holds.
func crowded(t *testing.T) *stage {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	for i := range 1200 {
		s.fake.Persons = append(s.fake.Persons, core.PersonRow{Person: core.Person{ID: core.PersonID(fmt.Sprintf("pe_n%04d", i)),
			Name: fmt.Sprintf("Person %04d", i), Login: fmt.Sprintf("p%04d", i), Disabled: i == 1150}})
		r := s.fake.RoleRows[0]
		r.ID, r.Name = core.RoleID(fmt.Sprintf("ro_n%04d", i)), fmt.Sprintf("role_%04d", i)
		s.fake.RoleRows = append(s.fake.RoleRows, r)
	}
	return s
}

// The log can be narrowed to anybody, however many there are, and to those who
// have left; and to nobody again.
func TestNarrowTheLogToAnybody(t *testing.T) {
	s := crowded(t)
	e := &s.fake.Log[3]
	e.Actor, e.Role = "pe_n1150", "ro_n1111"
	s.w.Open("audit")
	rows := func() int { return len(s.all(entryRow)[0].(*part.Table[core.Entry]).Rows()) }
	all := rows()
	s.find("Anyone", "person 1150")
	if rows() != 1 {
		t.Errorf("%d entries are by somebody beyond the first 500, want 1", rows())
	}
	s.find("Person 1150", "") // the first line is "Anyone"
	if rows() != all {
		t.Errorf("%d entries are shown of anyone, want %d", rows(), all)
	}
	s.find("All roles", "role_1111")
	if rows() != 1 {
		t.Errorf("%d entries are about a role beyond the first 500, want 1", rows())
	}
	name := "role_1111 · " + s.fake.RoleRows[0].SystemName
	s.find(name, "")
	if rows() != all {
		t.Errorf("%d entries are shown about all roles, want %d", rows(), all)
	}
}

func entryRow(o fyne.CanvasObject) bool { _, ok := o.(*part.Table[core.Entry]); return ok }

// Assignments can be narrowed to any role, of one system or of all.
func TestNarrowAssignmentsToAnyRole(t *testing.T) {
	s := crowded(t)
	s.fake.Rows[0].Role, s.fake.Rows[0].RoleName = "ro_n1199", "role_1199"
	s.w.Open("assignments")
	s.find("All roles", "role_1199")
	if n := len(s.table().(*part.Table[core.AssignmentRow]).Rows()); n != 1 {
		t.Errorf("%d assignments of a role beyond the first 500, want 1", n)
	}
	s.look("role_1199 · "+s.fake.RoleRows[0].SystemName, "nothing of that name")
	s.finds()
	s.search(0, "nobody")
	s.press("Clear filters")
	s.sees("All roles")
	if n := len(s.table().(*part.Table[core.AssignmentRow]).Rows()); n < 5 {
		t.Errorf("%d assignments are left after the filters were cleared", n)
	}
}
