package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Names of the palette's colours; gui/theme.go says what they are in light and
// dark. State colours come in threes: the plain one for rings, dots and bars,
// the one named …Ink for words (dark enough to be read on its ground), and the
// one named …Ground for what lies under the words.
const (
	Ground fyne.ThemeColorName = "stint.ground" // of the page
	Panel  fyne.ThemeColorName = "stint.panel"  // of cards and tables
	Rail   fyne.ThemeColorName = "stint.rail"
	Line   fyne.ThemeColorName = "stint.line"  // hairlines and borders
	Edge   fyne.ThemeColorName = "stint.edge"  // border of what can be typed into or ticked
	Hover  fyne.ThemeColorName = "stint.hover" // of a row or quiet button under the pointer
	Track  fyne.ThemeColorName = "stint.track" // of a ring, a slider, a skeleton

	Ink   fyne.ThemeColorName = "stint.ink"
	Muted fyne.ThemeColorName = "stint.muted"
	Faint fyne.ThemeColorName = "stint.faint"

	Accent       fyne.ThemeColorName = "stint.accent"
	AccentInk    fyne.ThemeColorName = "stint.accentInk"
	AccentGround fyne.ThemeColorName = "stint.accentGround"
	AccentHover  fyne.ThemeColorName = "stint.accentHover"
	OnAccent     fyne.ThemeColorName = "stint.onAccent" // words on Accent

	Active       fyne.ThemeColorName = "stint.active"
	ActiveInk    fyne.ThemeColorName = "stint.activeInk"
	ActiveGround fyne.ThemeColorName = "stint.activeGround"

	Ending       fyne.ThemeColorName = "stint.ending"
	EndingInk    fyne.ThemeColorName = "stint.endingInk"
	EndingGround fyne.ThemeColorName = "stint.endingGround"

	Danger       fyne.ThemeColorName = "stint.danger" // last minutes, refused, stuck
	DangerInk    fyne.ThemeColorName = "stint.dangerInk"
	DangerGround fyne.ThemeColorName = "stint.dangerGround"
	DangerHover  fyne.ThemeColorName = "stint.dangerHover"
	OnDanger     fyne.ThemeColorName = "stint.onDanger" // words on Danger

	Pending       fyne.ThemeColorName = "stint.pending"
	PendingInk    fyne.ThemeColorName = "stint.pendingInk"
	PendingGround fyne.ThemeColorName = "stint.pendingGround"

	Float    fyne.ThemeColorName = "stint.float"   // ground of the floating bar and toasts: the other variant's
	OnFloat  fyne.ThemeColorName = "stint.onFloat" // words on it
	OnFloat2 fyne.ThemeColorName = "stint.onFloat2"
	Veil     fyne.ThemeColorName = "stint.veil" // over the page, under a dialog
)

// Colour looks a colour up in the present theme and variant.
func Colour(name fyne.ThemeColorName) color.Color { return theme.Color(name) }

// Tone is a state's family of colours.
type Tone int

const (
	ToneNeutral Tone = iota // grey: nothing to say
	ToneAccent              // eligible, chosen, information
	ToneActive              // active, done
	ToneEnding              // ending soon, warning
	ToneDanger              // last minutes, refused, stuck
	TonePending             // waiting for somebody or something
)

// Colours returns the tone's plain colour, ink and ground.
func (t Tone) Colours() (plain, ink, ground fyne.ThemeColorName) {
	switch t {
	case ToneAccent:
		return Accent, AccentInk, AccentGround
	case ToneActive:
		return Active, ActiveInk, ActiveGround
	case ToneEnding:
		return Ending, EndingInk, EndingGround
	case ToneDanger:
		return Danger, DangerInk, DangerGround
	case TonePending:
		return Pending, PendingInk, PendingGround
	default:
		return Muted, Muted, Track
	}
}

// Text sizes, in the toolkit's pixels. There are no others.
const (
	Small  float32 = 12
	Body   float32 = 14
	Large  float32 = 16
	Huge   float32 = 22
	Radius float32 = 8 // of buttons and fields
	Round  float32 = 12
	Tight  float32 = 6 // of chips
)

// Styles of the typeface. Inter's italics are never used, so the toolkit's
// flags for it choose between the weights instead (see gui/theme.go).
func Regular() fyne.TextStyle  { return fyne.TextStyle{} }
func Medium() fyne.TextStyle   { return fyne.TextStyle{Italic: true} }
func SemiBold() fyne.TextStyle { return fyne.TextStyle{Bold: true} }
func Bold() fyne.TextStyle     { return fyne.TextStyle{Bold: true, Italic: true} }
func Mono() fyne.TextStyle     { return fyne.TextStyle{Monospace: true} }
