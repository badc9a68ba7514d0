package gui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// Screen is one page, or a wizard in a page's place. All of it belongs to the
// render goroutine. A screen may also have TakeKey (part.KeyTaker) for keys
// that nothing focused used, and Close, called when it is left for good.
type Screen interface {
	Title() string
	// Content is asked once. The frame gives it the whole page below the
	// title, less the margins; scroll inside (part.NewScroll) if it may be higher.
	Content() fyne.CanvasObject
	// Update says that something changed on the server; no topics mean that
	// anything may have.
	Update(topics []core.Topic)
}

// Kit is what screens are made of. It is made anew at every sign-in.
type Kit struct {
	Service core.Service
	Me      core.Me
	Text    *model.Text
	Async   *Async
	Frame   Frame
	Now     func() time.Time
}

// Frame is the window around a screen.
type Frame interface {
	// Go shows a page by its key, or does nothing if the person has no such page.
	Go(page string)
	// Push shows a screen in the page's place; Pop goes back to the one before.
	Push(Screen)
	Pop()
	// Shows reports whether a screen is what one sees: nothing else need be
	// painted.
	Shows(Screen) bool
	// Confirm asks before something takes effect; see part.ConfirmSpec.
	Confirm(part.ConfirmSpec) *part.Confirm
	// Toast says that something was done, for some seconds; action and do offer
	// to undo it and may be empty.
	Toast(text, action string, do func())
	// Fail says what went wrong with something that has no place of its own
	// for it.
	Fail(err error)
	// Copy puts text on the clipboard and says so.
	Copy(text string)
	// Save asks where to, and then calls write with what was opened there, off
	// the render goroutine; done gets its error, or nil.
	Save(name string, write SaveFunc, done func(error))
	// SetAppearance and SetLanguage change the window at once and remember it.
	SetAppearance(Appearance)
	Appearance() Appearance
	SetLanguage(string)
	// Window is there for what a screen can't do without the toolkit.
	Window() fyne.Window
}

// Page is a page of the rail.
type Page struct {
	Key   string // stable; also its text key: "page." + Key
	Icon  string
	Group int // pages of a group stand together
	Foot  bool
	May   func(core.Me) bool
	New   func(Kit) Screen
}

// pages lists the pages in the order of the rail.
func pages() []Page {
	return slices.Concat([]Page{
		{Key: "access", Icon: "access", May: everyone, New: newAccess},
		{Key: "requests", Icon: "requests", May: everyone, New: newRequests},
		{Key: "approvals", Icon: "approvals", May: everyone, New: newApprovals},
	}, adminPages())
}

func everyone(core.Me) bool { return true }

// Concerns reports whether an update touches one of the topics.
func Concerns(update []core.Topic, topics ...core.Topic) bool {
	if len(update) == 0 {
		return true
	}
	for _, t := range topics {
		if slices.Contains(update, t) {
			return true
		}
	}
	return false
}
