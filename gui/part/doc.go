// Package part holds the building blocks of the window: what looks and behaves
// the same on every screen. A part knows nothing of Stint's service; it is
// given strings that are already in the reader's language, and functions to
// call. Parts never start goroutines; the few that load something take a
// Runner (gui.Async.Run is one).
//
// Everything here belongs to the render goroutine.
//
// How to read it: colour.go and text.go are the alphabet, layout.go the
// grammar. Layouts ask their children for the height they need at a width
// (HeightFor), which the toolkit can't, so text wraps and cards grow as they
// should: build pages from Column, Row, Cards, Flow, Pad and Scroll, not from
// the toolkit's boxes.
//
//	part.Column(16,
//	    part.NewHeading("Your request"),
//	    part.NewPanel(part.Pad(16, part.Column(8, part.NewStrong("db-admin"), part.NewMuted("prod-db")))),
//	    part.Row(8, part.Space(), part.NewButton("Back", back), part.NewPrimary("Activate", activate)),
//	)
package part
