package gui_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
)

// What weakens takes a fresh code; where that is known before, the question has
// its field at once.
func TestWeakeningAsksForACode(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.AskCode = true
	s.w.Open("roles")
	s.option("db-owner")
	s.press("Reset")
	s.press("Save settings")
	s.write("000000")
	s.sees("This code is wrong")
	s.write(guitest.Code)
	if _, ok := s.last().(core.SetPolicy); !ok {
		t.Errorf("got %+v", s.last())
	}
	s.press("Edit…")
	s.press("Save")
	s.write(guitest.Code)
	if _, ok := s.last().(core.UpdateRole); !ok {
		t.Errorf("got %+v", s.last())
	}
}

// Who disables the last approver of a role learns it before.
func TestDisablingTellsWhatNobodyCouldApprove(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.Warn = []core.Note{{Key: "note.deadlock", Args: map[string]string{"settings": "db-owner", "stage": "1", "want": "2", "have": "1"}}}
	s.w.Open("people")
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	s.press("Disable…")
	s.sees("After this nobody can approve what the settings of db-owner ask for")
}
