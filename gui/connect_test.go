package gui_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/gui/guitest"
)

// The address of a team's server is typed once: the next time it is offered, and
// one press leads there.
func TestServerIsRemembered(t *testing.T) {
	g := guitest.NewGate(guitest.Typical(guitest.Noon))
	g.Start.Empty = true
	p := begins(t, g, "light", "en")
	p.clicks("Connect to my team's server")
	p.seesNot("Last used")
	p.types("https://alice:hunter2@stint.example.com/")
	p.presses(fyne.KeyReturn)
	p.clicks("Connect to my team's server") // the stand-in is empty, too, so that it begins anew
	p.sees("Last used", "https://stint.example.com")
	p.seesNot("hunter2")
	g.Start.Empty = false
	p.clicks("https://stint.example.com")
	p.sees("Password")
}
