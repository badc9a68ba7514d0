package gui_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/guitest"
)

// A favourite that leads to a system that is away says so as long as it is, and
// no other does.
func TestFavouriteSaysThatItsSystemIsAway(t *testing.T) {
	p := sit(t, guitest.Typical, true, nil)
	p.seesNot("is away")
	p.service.Trouble(core.Trouble{Kind: core.TroubleSystem, Severity: core.SeverityWarn, Since: p.now.Add(-time.Hour), Args: map[string]string{"system": "prod-db", "why": "It does not answer."}})
	p.window.Async().Pump()
	p.sees("1 h · prod-db is away")
	p.seesNot("30 min · prod-db is away")
	// So does the review of what it would ask for, instead of "at once".
	p.clicks("1 h · prod-db is away")
	p.sees("when it is back", "you have this as soon as prod-db is back, not at once")
	p.seesNot("at once\n")
	p.presses(fyne.KeyEscape)
	p.service.Trouble()
	p.window.Async().Pump()
	p.seesNot("is away")
}

// The page of a favourite fits, also in the longer language: nothing of the
// question for the code stands outside the window.
func TestFavouriteFits(t *testing.T) {
	p := sit(t, guitest.Typical, true, map[string]string{"language": "de"})
	p.clicks("30 min")
	p.sees("Was geschehen wird", "Wiederherstellungscode verwenden")
	p.fits()
	p.clicks("Wiederherstellungscode verwenden")
	p.sees("Code aus der App verwenden")
	p.fits()
}
