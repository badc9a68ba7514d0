package gui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
)

// behind is what the frame is told while Stint's time is ahead.
func behind() core.Trouble {
	return *core.ClockState{Ahead: core.Duration(time.Hour), Step: core.Duration(time.Hour), Back: true, Stepped: guitest.Noon().Add(-10 * time.Minute)}.Trouble()
}

// An administrator is told what accepting the clock ends before he does it, the
// button says it, and whoever is none has no button.
func TestClockIsAccepted(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.Trouble(behind())
	s.w.Async().Pump()
	if got := s.words(); !strings.Contains(got, "Stint's time is 1 h ahead of the clock of its computer") {
		t.Fatalf("shown: %s", got)
	}
	s.press("Accept the clock…")
	if got := s.words(); !strings.Contains(got, "3 activations end first") {
		t.Fatalf("shown: %s", got)
	}
	s.fill(0, "the clock is right now")
	s.press("End 3 activations and accept")
	if got := s.words(); !strings.Contains(got, "wrong or was used already") {
		t.Fatalf("no code is asked for: %s", got)
	}
	s.write(guitest.Code)
	s.press("End 3 activations and accept")
	if got, ok := s.last().(core.AcceptClock); !ok || got.Justification != "the clock is right now" {
		t.Fatalf("sent %#v", s.last())
	}

	p := sit(t, guitest.Typical, true, nil)
	p.service.MeNow.MayChangeSettings = false
	p.service.Trouble(behind())
	p.window.Async().Pump()
	p.sees("Stint's time is 1 h ahead of the clock of its computer")
	p.seesNot("Accept the clock…")
}

// Where the server's time is ahead of this computer's clock, what is left is
// counted by the server's.
func TestCountdownGoesByTheServersTime(t *testing.T) {
	p := sit(t, func(func() time.Time) *guitest.Fake { return guitest.Typical(guitest.Noon) }, true, nil)
	before := p.words()
	p.now = p.now.Add(-time.Hour) // this computer's clock is set back; the server's stands
	p.service.Settle()
	p.window.Async().Pump()
	p.window.Async().Beat()
	if after := p.words(); before != after {
		t.Errorf("the page changed with this computer's clock:\n%s\n%s", before, after)
	}
}
