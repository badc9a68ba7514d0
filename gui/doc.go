// Package gui is the window. It shows and asks; it decides nothing: what may be
// done comes from core.Service, what a screen says comes from gui/model, how it
// looks from gui/part.
//
// How to read it: gui.go opens the window and lets people in (welcome.go,
// signin.go, lock.go); frame.go is the rail and the head around the pages;
// route.go lists the pages; then one file per screen. async.go alone starts
// goroutines and comes back from them.
//
// To add a page: write a Screen and a constructor that takes a Kit, and add a
// line to pages in route.go (administrators' pages: route_admin.go).
//
//	func newThings(k Kit) Screen {
//	    s := &things{kit: k}
//	    s.table = part.NewTable(part.TableSpec[core.Thing]{ …, Run: k.Async.Run, Load: … })
//	    s.table.Reload()
//	    return s
//	}
//
//	func (s *things) Title() string               { return s.kit.Text.T("things.title") }
//	func (s *things) Content() fyne.CanvasObject  { return part.Column(16, s.bar, part.Grow(s.table)) }
//	func (s *things) Update(t []core.Topic)       { if Concerns(t, core.TopicRoles) { s.table.Reload() } }
//
// Wizards are Screens, too: make a part.Wizard, and Frame.Push it; Frame.Pop
// when it is closed. Their TakeKey goes to the wizard's.
package gui
