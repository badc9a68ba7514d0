package gui_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
)

// Whoever is away names somebody who answers for him, with a fresh code, and takes
// it back without one.
func TestNameADeputy(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.AskCode = true
	s.w.Open("approvals")
	s.sees("Nobody answers for you.")
	s.click("Name a deputy…")
	s.press("Let him answer")
	s.sees("is not a date")
	s.fill(2, "2027-01-10")
	s.press("Let him answer")
	s.sees("Say who")
	s.fill(0, "carol")
	s.press("Let him answer")
	s.write(guitest.Code)
	got, ok := s.last().(core.SetDeputy)
	if !ok || got.Login != "carol" || got.Deputy != "" || !got.From.IsZero() || got.Until.Format(time.DateOnly) != "2027-01-11" {
		t.Errorf("sent %+v", s.last())
	}
}

func TestDeputiesAreShown(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	noon := guitest.Noon()
	span := core.Deputy{From: noon.AddDate(0, 0, -1), Until: noon.AddDate(0, 0, 6)}
	later := core.Deputy{From: noon.AddDate(0, 0, 2), Until: noon.AddDate(0, 0, 9)}
	s.fake.DeputyData = core.Deputies{Mine: &core.DeputyRow{Deputy: span, DeputyName: "Carol Danvers"}, For: []core.DeputyRow{{Deputy: later, PersonName: "Bob Novak"}}}
	s.w.Open("approvals")
	s.sees("Carol Danvers answers for you until")
	s.sees("You answer for Bob Novak from")
	s.click("Nobody any more")
	if got := s.last(); got != (core.SetDeputy{}) {
		t.Errorf("sent %+v", got)
	}
}
