package gui_test

import (
	"slices"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/model"
)

// happens lets something happen to the computer.
func (p *person) happens(e model.DeskEvent) {
	p.desk <- e
	p.window.Async().Pump()
}

// Who locks the screen gives up the roles that say so, and is told afterwards.
// The settings say what the desktop can notice.
func TestLockingTheScreenDrops(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	rows := p.service.Page.Active
	rows[0].DropOn, rows[0].Origin, rows[0].State = []core.DropReason{core.DropOnLock}, core.Activated, core.InForce
	id, role := rows[0].ID, rows[0].RoleName
	p.window.Open("settings")
	p.happens(model.DeskEvent{Can: &model.DeskCan{Lock: "logind, org.gnome.ScreenSaver", Sleep: "logind"}})
	p.sees("When you leave this computer", "Told by logind, org.gnome.ScreenSaver.", "not noticed", "Signing out of Stint itself is always noticed.")
	goesOn := false
	p.happens(model.DeskEvent{Reason: core.DropOnSleep, Done: func() { goesOn = true }})
	if len(p.service.Calls) > 0 || !goesOn {
		t.Errorf("%d commands where no role asks for it; the computer goes on: %v", len(p.service.Calls), goesOn)
	}
	p.happens(model.DeskEvent{Reason: core.DropOnLock})
	got, ok := p.service.Calls[0].Command.(core.Drop)
	if !ok || !slices.Equal(got.Assignments, []core.AssignmentID{id}) || got.Reason != core.DropOnLock {
		t.Errorf("got %+v", p.service.Calls)
	}
	if want := role + " was ended"; !slices.Contains(p.notices, want) {
		t.Errorf("told %v, want %q", p.notices, want)
	}
	// Whoever comes back finds it in the window, too, until he has read it.
	p.sees(role+" was ended", "The screen was locked, and that ends it.")
	p.clicks("Put away")
	p.seesNot("The screen was locked, and that ends it.")
}
