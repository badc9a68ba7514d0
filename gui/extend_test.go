package gui_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
)

// tall shows all of My access at once.
func tall(p *person) { p.window.Window().Resize(fyne.NewSize(1180, 1800)) }

// What ends soon stands below what is eligible, with the way to keep it. It is
// asked for with a reason, and then waits.
func TestAskToExtend(t *testing.T) {
	p := sit(t, guitest.Busy, true, nil)
	tall(p)
	p.sees("Ends soon", "ends in 9 days")
	p.clicks("Extend")
	p.sees("Keep Domain Admins for longer?", "until 2 Dec 2026", "Administrators of Stint answer")
	p.clicks("Ask to extend it")
	p.sees("Say why, in at least 5 characters")
	p.types("The move to the new forest")
	p.clicks("Ask to extend it")
	got, ok := p.last().(core.RequestExtension)
	// As long again as it lasted, by default.
	if !ok || got.Assignment != "as_0104" || got.Permanent || got.Justification != "The move to the new forest" || got.End.Format(time.DateOnly) != "2027-03-12" {
		t.Errorf("sent %+v", p.last())
	}
	p.sees("The administrators have been asked to extend Domain Admins.", "Extension · corp.example", "until 11 Mar 2027")
	p.seesNot("Ends soon")
}

// The mark in the list leads there as well; what expired can be had again, for good.
func TestAskToRenew(t *testing.T) {
	p := sit(t, guitest.Busy, true, nil)
	tall(p)
	p.clicksFirst("ends in 9 days")
	p.sees("Keep Domain Admins for longer?")
	p.presses(fyne.KeyEscape)
	p.clicks("Renew")
	p.sees("Have Helpdesk Administrator again?", "expired 18 Nov 2026")
	p.types("Back at the help desk")
	p.clicks("Permanent")
	p.clicks("Ask to renew it")
	got, ok := p.last().(core.RequestRenewal)
	if !ok || got.Assignment != "as_0009" || !got.Permanent || !got.End.IsZero() || !got.Start.IsZero() {
		t.Errorf("sent %+v", p.last())
	}
	p.sees("Renewal · Contoso", "Waiting")
	p.seesNot("Renew\n")
}

func (p *person) last() core.Command {
	p.t.Helper()
	if len(p.service.Calls) == 0 {
		p.t.Fatal("nothing was sent")
	}
	return p.service.Calls[len(p.service.Calls)-1].Command
}

// The case says from when and until when; who answers may choose another end.
func TestAnswerWithOtherDates(t *testing.T) {
	for _, c := range []struct {
		action core.Action
		sees   []string
	}{
		{core.SelfExtend, []string{"Bob Novak asks to keep db-owner", "Until now", "Shall last until", "31 Mar 2027"}},
		{core.SelfRenew, []string{"Bob Novak asks to have db-owner again", "Expired", "Shall last until"}},
	} {
		s := newStage(t, guitest.AdminTypical, gui.Light, "en")
		longing := guitest.Longing(guitest.Noon(), c.action)
		s.fake.Waiting, s.fake.CaseData = []core.RequestRow{longing.Request}, []core.Case{longing}
		s.w.Open("approvals")
		s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		for _, text := range c.sees {
			s.sees(text)
		}
		s.press("Approve…")
		end, why := 0, 1
		if c.action == core.SelfRenew { // the start comes first
			end, why = 1, 2
		}
		s.fill(end, "tomorrowish")
		s.press("Approve for Bob Novak")
		s.sees("is not a date")
		s.fill(end, "2027-02-28")
		s.fill(why, "Until the audit")
		s.press("Approve for Bob Novak")
		got, ok := s.last().(core.DecideRequests)
		if !ok || !got.Approve || got.End.Format(time.DateOnly) != "2027-03-01" || got.Permanent || !got.Start.IsZero() || got.Justification != "Until the audit" {
			t.Errorf("%s: sent %+v", c.action, s.last())
		}
	}
}

// Who answers may let it go on as the other type, and that from a later start on.
func TestAnswerWithAnotherType(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	longing := guitest.Longing(guitest.Noon(), core.SelfExtend)
	s.fake.Waiting, s.fake.CaseData = []core.RequestRow{longing.Request}, []core.Case{longing}
	s.w.Open("approvals")
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.press("Approve…")
	s.sees("Goes on as")
	s.lacks("Start (empty: at once)")
	s.click("Active")
	s.sees("Start (empty: at once)")
	s.fill(0, "2026-12-01")
	s.fill(2, "For the migration")
	s.press("Approve for Bob Novak")
	got, ok := s.last().(core.DecideRequests)
	if !ok || got.Kind != core.Active || got.Start.Format(time.DateOnly) != "2026-12-01" || !got.End.IsZero() || got.Justification != "For the migration" {
		t.Errorf("sent %+v", s.last())
	}
	// Back to what it is, nothing of it is left.
	s.w.Open("approvals")
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.press("Approve…")
	s.click("Active")
	s.click("Eligible")
	s.lacks("Start (empty: at once)")
	s.fill(1, "As agreed")
	s.press("Approve for Bob Novak")
	if got, ok := s.last().(core.DecideRequests); !ok || got.Kind != "" || !got.Start.IsZero() || !got.End.IsZero() {
		t.Errorf("sent %+v", s.last())
	}
}

// What is not touched is as it was asked for, whatever zone the window is in.
func TestAnswerAsAsked(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	longing := guitest.Longing(guitest.Noon(), core.SelfExtend)
	longing.Request.End = longing.Request.End.Add(13 * time.Second)
	s.fake.Waiting, s.fake.CaseData = []core.RequestRow{longing.Request}, []core.Case{longing}
	s.w.Open("approvals")
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.press("Approve…")
	s.fill(1, "As agreed")
	s.press("Approve for Bob Novak")
	if got, ok := s.last().(core.DecideRequests); !ok || !got.End.IsZero() || got.Permanent {
		t.Errorf("sent %+v", s.last())
	}
}

// Administrators extend and renew in the details; what expired lately has a tab.
func TestExtendInTheDetails(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.w.Open("assignments")
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown}) // the second ends in six days
	s.press("Extend…")
	s.sees("for Bob Novak?")
	s.click("Permanent")
	s.press("Extend it")
	if got, ok := s.last().(core.ExtendAssignments); !ok || len(got.Assignments) != 1 || !got.Permanent || !got.End.IsZero() {
		t.Errorf("sent %+v", s.last())
	}
	s.click("Expired")
	s.table().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.press("Renew…")
	s.fill(0, "2026-12-01")
	s.fill(1, "90d")
	s.press("Renew it")
	got, ok := s.last().(core.RenewAssignments)
	if !ok || got.Start.Format(time.DateOnly) != "2026-12-01" || got.End.Sub(guitest.Noon()) < 89*24*time.Hour {
		t.Errorf("sent %+v", s.last())
	}
}

// click taps what shows a text.
func (s *stage) click(text string) {
	s.t.Helper()
	at, ok := guitest.Find(s.canvas(), text)
	if !ok {
		s.t.Fatalf("nothing to click named %q; on the page: %s", text, s.words())
	}
	guitest.Click(s.canvas(), at)
}

// Where nothing waits, the page doesn't say that there were no requests.
func TestNothingWaits(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.Waiting = nil
	s.w.Open("requests")
	s.sees("Nothing waits")
	s.lacks("No requests")
	s.click("All")
	s.lacks("Nothing waits")
}
