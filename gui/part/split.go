package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Split is a list with the details of one of its rows beside it. Where there
// is too little room for both, the details lie over the list until they are
// closed.
type Split struct {
	*fyne.Container
	side fyne.CanvasObject
}

// NewSplit puts side at the right of main, width wide, and up to a quarter more
// where there is room; least is what main needs to stay beside it. The side is
// hidden at first.
func NewSplit(main, side fyne.CanvasObject, width, least float32) *Split {
	side.Hide()
	return &Split{Container: container.New(&split{width: width, least: least}, main, side), side: side}
}

// Open shows the side, or hides it.
func (s *Split) Open(on bool) {
	if on == s.side.Visible() {
		return
	}
	if on {
		s.side.Show()
	} else {
		s.side.Hide()
	}
	s.Container.Refresh()
	s.Container.Layout.Layout(s.Container.Objects, s.Container.Size())
}

// IsOpen reports whether the side is shown.
func (s *Split) IsOpen() bool { return s.side.Visible() }

type split struct{ width, least float32 }

func (s *split) Layout(o []fyne.CanvasObject, z fyne.Size) {
	const gap = 14
	main, side := o[0], o[1]
	if !side.Visible() {
		main.Show()
		place(main, 0, 0, z.Width, z.Height)
		return
	}
	width := fyne.Max(s.width, fyne.Min(z.Width*0.36, s.width*1.25))
	if z.Width-width-gap < s.least {
		main.Hide()
		place(side, 0, 0, z.Width, z.Height)
		return
	}
	main.Show()
	place(main, 0, 0, z.Width-width-gap, z.Height)
	place(side, z.Width-width, 0, width, z.Height)
}

func (s *split) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(s.width, o[0].MinSize().Height)
}
