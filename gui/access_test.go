package gui_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/guitest"
)

func (p *person) at(text string) fyne.Position {
	p.t.Helper()
	at, ok := guitest.FindFirst(p.canvas(), text)
	if !ok {
		p.t.Fatalf("%q is not shown. Shown:\n%s", text, p.words())
	}
	return at
}

// What is wrong with an access stands across the page, above the others, whole:
// no card beside it is as high as its sentences. It moves there when it turns
// out to be wrong, and back when it is well.
func TestWhatIsWrongStandsAcross(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	row := &p.service.Page.Active[2] // being granted
	row.GrantState, row.GrantFailing, row.GrantError = core.GrantGranting, p.now, "connection refused"
	first, second := p.service.Page.Active[0].RoleName, row.RoleName
	if a, b := p.at(first), p.at(second); a.Y != b.Y {
		t.Fatalf("well: %v and %v are not beside each other", a, b)
	}
	p.service.Tell(nil, core.TopicAccess)
	p.window.Async().Pump()
	p.later(core.StuckAfter + time.Second)
	note := p.at("Could not be granted")
	if a, b := p.at(second), p.at(first); a.Y >= b.Y || note.Y >= b.Y {
		t.Errorf("stuck: it stands at %v, its note at %v, the other at %v", a, note, b)
	}
	p.sees("connection refused", "Drop it if you no longer need it.")
	row.GrantState, row.GrantFailing, row.GrantError = core.GrantPresent, time.Time{}, ""
	p.service.Tell(nil, core.TopicAccess)
	p.window.Async().Pump()
	if a, b := p.at(first), p.at(second); a.Y != b.Y {
		t.Errorf("well again: %v and %v are not beside each other", a, b)
	}
}
