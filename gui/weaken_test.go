package gui_test

import (
	"testing"
	"time"

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

// Accepting what was done outside takes a code, where taking it away doesn't.
func TestAcceptingAsksForACode(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.AskCode = true
	row := &s.fake.Targets[1]
	row.Drift = 1
	s.fake.Drifted = map[core.SystemID]core.DriftReport{row.ID: {Reading: core.Reading{At: guitest.Noon()}, Items: []core.DriftRow{{
		Drift: core.Drift{ID: "dr_1", Kind: core.DriftOutside, First: guitest.Noon(), GrantKey: core.GrantKey{Account: "zoe"}}, RoleName: "dba"}}}}
	s.w.Open("systems")
	s.press("Look…")
	s.press("Accept")
	s.fill(0, "batch account")
	s.pressLast("Accept")
	s.write("000000")
	s.pressLast("Accept")
	s.sees("This code is wrong")
	s.write(guitest.Code)
	s.pressLast("Accept")
	if got, want := s.last(), (core.AcceptDrift{Drift: "dr_1", Justification: "batch account"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Whoever approves what gives power over Stint is asked for a code in the same
// dialog, and keeps what was typed.
func TestApprovingAsksForACode(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.AskCode = true
	longing := guitest.Longing(guitest.Noon(), core.SelfActivate)
	longing.Request.Duration, longing.Request.End = core.Duration(time.Hour), time.Time{}
	s.fake.Waiting, s.fake.CaseData = []core.RequestRow{longing.Request}, []core.Case{longing}
	s.w.Open("approvals")
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.press("Approve…")
	s.fill(0, "As agreed")
	s.press("Approve for Bob Novak")
	sent := len(s.fake.Calls)
	s.write("000000")
	s.sees("This code is wrong")
	if len(s.fake.Calls) != sent {
		t.Errorf("a wrong code sent %+v", s.last())
	}
	s.write(guitest.Code)
	got, ok := s.last().(core.DecideRequests)
	if !ok || !got.Approve || got.Justification != "As agreed" {
		t.Errorf("sent %+v", s.last())
	}
}

// Letting an administrator in again takes a code; anybody else comes in at once.
func TestEnablingAsksForACode(t *testing.T) {
	for _, asks := range []bool{true, false} {
		s := newStage(t, guitest.AdminTypical, gui.Light, "en")
		s.fake.AskCode = asks
		s.fake.Persons[len(s.fake.Persons)-1].Disabled = true
		s.w.Open("people")
		s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
		s.press("Enable")
		if asks {
			s.sees("This person holds roles of Stint or protected roles")
			s.pressLast("Enable")
			s.write("000000")
			s.pressLast("Enable")
			s.sees("This code is wrong")
			s.write(guitest.Code)
			s.pressLast("Enable")
		}
		if got, ok := s.last().(core.EnablePerson); !ok || got.Person == "" {
			t.Errorf("sent %+v", s.last())
		}
		s.sees("may sign in again")
	}
}
