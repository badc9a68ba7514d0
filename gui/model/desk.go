package model

import "github.com/stint-pim/stint/core"

// DeskEvent is something that happens to the computer of whoever sits at the
// window.
type DeskEvent struct {
	Reason core.DropReason // what happens; empty: nothing that ends a role
	Woke   bool            // the computer is awake again
	Can    *DeskCan        // what this desktop can notice, where that became known
	// Done is to be called when all that must be done before is done: the computer
	// waits for it, a few seconds at most. It is nil where nothing waits, and may
	// be called more than once.
	Done func()
}

// DeskCan says by what a desktop is noticed to do something, each empty where it
// can't be noticed.
type DeskCan struct {
	Lock, Sleep, SignOut string
}

// DeskLine is what the settings say about one reason.
type DeskLine struct {
	Label, Help string
	Mark        Mark
}

// DeskLines say what the present desktop can notice. Signing out of Stint itself
// needs no desktop.
func DeskLines(t *Text, can DeskCan) []DeskLine {
	line := func(name, by string) DeskLine {
		l := DeskLine{Label: t.T("pages.desk." + name), Help: t.T("pages.desk." + name + ".no"), Mark: Mark{t.T("pages.desk.unnoticed"), ToneWarn}}
		if by != "" {
			l.Help, l.Mark = t.T("pages.desk.by", "by", by), Mark{t.T("pages.desk.noticed"), ToneGood}
		}
		return l
	}
	return []DeskLine{line("lock", can.Lock), line("sleep", can.Sleep), line("signout", can.SignOut)}
}
