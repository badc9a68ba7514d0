package gui_test

import (
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
)

// The rail says on every page how many requests wait for one's answer, and says
// no more of it when they are answered.
func TestRailCountsWhatWaits(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	tell := func(waiting ...core.RequestRow) {
		s.fake.Waiting = waiting
		s.fake.Tell(nil, core.TopicRequests)
		s.w.Async().Pump()
	}
	one := guitest.Longing(guitest.Noon(), core.SelfExtend).Request
	s.lacks("Approvals | 2 | Assignments")
	tell(one, one)
	s.sees("Approvals | 2 | Assignments")
	tell(one)
	s.sees("Approvals | 1 | Assignments")
	tell()
	s.sees("Approvals | Assignments")
}
