package part

// This file is for whoever drives the window from outside: the tour that takes
// its pictures.

// Pick chooses an option as a click does.
func (s *Segments) Pick(i int) { s.pick(i) }

// Bottom scrolls to the end.
func (s *Scroll) Bottom() { s.inner.ScrollToBottom() }
