package part

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// NavItem is a page in the rail. Compact shows the icon alone, with the name
// on hover.
type NavItem struct {
	widget.BaseWidget
	touch
	icon, text string
	chosen     bool
	compact    bool
	tap        func()
	back       *canvas.Rectangle
	ring       *canvas.Rectangle
	pic        *Icon
	label      *Text
	badge      *Chip // how much waits there
	dot        *Dot  // the same, beside the icon alone
}

// NewNavItem makes a rail's item.
func NewNavItem(icon, text string, tap func()) *NavItem {
	n := &NavItem{icon: icon, text: text, tap: tap, back: box(Radius), ring: box(Radius), pic: NewIcon(icon, Muted, 18),
		label: NewText(text, Body, Regular(), Muted).Shrinking(), badge: NewChip("", ToneAccent), dot: NewDot(ToneAccent, 8)}
	n.badge.side = 6 // the longest name has room beside two digits, in German, too
	n.touch.again = n.Refresh
	n.ExtendBaseWidget(n)
	return n
}

// Choose marks the item as the page shown.
func (n *NavItem) Choose(on bool) {
	if n.chosen != on {
		n.chosen = on
		n.Refresh()
	}
}

// Badge says how much waits on the page, in a word; "": nothing.
func (n *NavItem) Badge(text string) {
	if n.badge.Text() != text {
		n.badge.Set(text, ToneAccent)
		n.Refresh()
	}
}

// Compact switches to the icon alone.
func (n *NavItem) Compact(on bool) {
	if n.compact != on {
		n.compact = on
		n.Refresh()
	}
}

func (n *NavItem) Tapped(*fyne.PointEvent) { HideTip(n); n.tap() }

// TypedKey opens the page on Enter and Space.
func (n *NavItem) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		n.tap()
	default:
		Unhandled(n, k)
	}
}

func (n *NavItem) MouseIn(e *desktop.MouseEvent) {
	n.touch.MouseIn(e)
	if n.compact {
		ShowTip(n, strings.TrimSpace(n.text+" "+n.badge.Text()))
	}
}

func (n *NavItem) MouseOut() {
	n.touch.MouseOut()
	HideTip(n)
}

func (n *NavItem) CreateRenderer() fyne.WidgetRenderer {
	lay := func(z fyne.Size) {
		place(n.back, 0, 0, z.Width, z.Height)
		place(n.ring, 0, 0, z.Width, z.Height)
		x := float32(10)
		if n.compact {
			x = middle(z.Width, 18)
		}
		place(n.pic, x, middle(z.Height, 18), 18, 18)
		waits := n.badge.Text() != ""
		n.label.Hidden, n.badge.Hidden, n.dot.Hidden = n.compact, n.compact || !waits, !n.compact || !waits
		right := float32(8)
		if waits {
			b := n.badge.MinSize()
			right = b.Width + 6
			place(n.badge, z.Width-b.Width-4, middle(z.Height, b.Height), b.Width, b.Height)
		}
		place(n.dot, x+14, 7, 8, 8)
		place(n.label, 38, 0, fyne.Max(0, z.Width-38-right), z.Height)
	}
	return draw(lay, func() fyne.Size { return fyne.NewSize(40, 36) }, func() {
		ink := Muted
		n.back.FillColor = nil
		n.label.style = Regular()
		switch {
		case n.chosen:
			fill(n.back, AccentGround, "")
			ink = AccentInk
			n.label.style = SemiBold()
		case n.hovered:
			fill(n.back, Track, "")
			ink = Ink
		}
		n.pic.Set(n.icon, ink)
		n.label.colour = ink
		n.label.Refresh()
		outline(n.ring)
		n.ring.Hidden = !n.focused
		lay(n.Size())
	}, n.back, n.ring, n.pic, n.label, n.badge, n.dot)
}

// Finder looks like a search field and opens the palette.
type Finder struct {
	widget.BaseWidget
	touch
	tap   func()
	back  *canvas.Rectangle
	ring  *canvas.Rectangle
	pic   *Icon
	label *Text
	key   fyne.CanvasObject
}

// NewFinder makes it; key is the shortcut shown at its right.
func NewFinder(text, key string, tap func()) *Finder {
	f := &Finder{tap: tap, back: box(Radius), ring: box(Radius + 2), pic: NewIcon("search", Faint, 16),
		label: NewText(text, Body, Regular(), Faint).Shrinking(), key: KeyCap(key)}
	f.touch.again = f.Refresh
	f.ExtendBaseWidget(f)
	return f
}

func (f *Finder) Tapped(*fyne.PointEvent) { f.tap() }

// TypedKey opens the palette on Enter and Space.
func (f *Finder) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		f.tap()
	default:
		Unhandled(f, k)
	}
}

// Cursor implements desktop.Cursorable.
func (f *Finder) Cursor() desktop.Cursor { return desktop.TextCursor }

func (f *Finder) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(f.back, 0, 0, z.Width, z.Height)
		place(f.ring, -2, -2, z.Width+4, z.Height+4)
		place(f.pic, 10, middle(z.Height, 16), 16, 16)
		k := f.key.MinSize()
		place(f.key, z.Width-k.Width-10, middle(z.Height, k.Height), k.Width, k.Height)
		place(f.label, 34, 0, fyne.Max(0, z.Width-k.Width-54), z.Height)
	}, func() fyne.Size { return fyne.NewSize(160, 34) }, func() {
		fill(f.back, Panel, Line)
		if f.hovered {
			fill(f.back, Panel, Edge)
		}
		outline(f.ring)
		f.ring.Hidden = !f.focused
	}, f.back, f.ring, f.pic, f.label, f.key)
}

// Pill is a favourite: an icon, a name and a faint word behind it, on a
// button; the right mouse button opens its menu.
type Pill struct {
	widget.BaseWidget
	touch
	tip        string
	tap        func()
	menu       *fyne.Menu
	back, ring *canvas.Rectangle
	pic        *Icon
	name, sub  *Text
}

// NewPill makes a pill; off shows it faint with a tip that says why.
func NewPill(icon, name, sub string, off bool, tip string, tap func(), menu *fyne.Menu) *Pill {
	p := &Pill{tip: tip, tap: tap, menu: menu, back: box(Radius), ring: box(Radius + 2), pic: NewIcon(icon, Ink, 14),
		name: NewText(name, Body, Medium(), Ink), sub: NewFaint(sub)}
	p.disabled = off
	p.touch.again = p.Refresh
	p.ExtendBaseWidget(p)
	return p
}

func (p *Pill) press() {
	if !p.disabled {
		HideTip(p)
		p.tap()
	}
}

func (p *Pill) Tapped(*fyne.PointEvent) { p.press() }

// TappedSecondary opens the menu.
func (p *Pill) TappedSecondary(*fyne.PointEvent) {
	if p.menu != nil {
		OpenMenu(p, p.menu, false)
	}
}

// TypedKey presses on Enter and Space, and opens the menu on Down and Delete.
func (p *Pill) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.press()
	case fyne.KeyDown, fyne.KeyDelete:
		p.TappedSecondary(nil)
	default:
		Unhandled(p, k)
	}
}

func (p *Pill) MouseIn(e *desktop.MouseEvent) {
	p.touch.MouseIn(e)
	if p.tip != "" {
		ShowTip(p, p.tip)
	} else if p.name.cut {
		ShowTip(p, p.name.text)
	}
}

func (p *Pill) MouseOut() {
	p.touch.MouseOut()
	HideTip(p)
}

func (p *Pill) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(p.back, 0, 0, z.Width, z.Height)
		place(p.ring, -2, -2, z.Width+4, z.Height+4)
		place(p.pic, 12, middle(z.Height, 14), 14, 14)
		s := p.sub.MinSize()
		n := fyne.Min(p.name.MinSize().Width, z.Width-32-s.Width-6-12)
		place(p.name, 32, 0, n, z.Height)
		place(p.sub, 32+n+6, 0.5, s.Width, z.Height)
	}, func() fyne.Size {
		return fyne.NewSize(32+fyne.Min(p.name.MinSize().Width, 220)+6+p.sub.MinSize().Width+12, 34)
	}, func() {
		fill(p.back, Panel, Line)
		if p.hovered && !p.disabled {
			fill(p.back, Hover, Edge)
		}
		ink := Ink
		if p.disabled {
			ink = Faint
		}
		p.pic.Set(p.pic.name, ink)
		if p.pic.name != "star-filled" {
			p.pic.Set(p.pic.name, Faint)
		}
		p.name.SetColour(ink)
		outline(p.ring)
		p.ring.Hidden = !p.focused
	}, p.back, p.ring, p.pic, p.name, p.sub)
}

// Backdrop is the page's ground; it lies below everything, and with it the
// window notices that the pointer moves where nothing is.
type Backdrop struct {
	widget.BaseWidget
	colour fyne.ThemeColorName
	rect   *canvas.Rectangle
	noted  func()
}

// NewBackdrop makes a ground in a colour; noted may be nil.
func NewBackdrop(colour fyne.ThemeColorName, noted func()) *Backdrop {
	b := &Backdrop{colour: colour, rect: canvas.NewRectangle(nil), noted: noted}
	b.ExtendBaseWidget(b)
	return b
}

func (b *Backdrop) note() {
	if b.noted != nil {
		b.noted()
	}
}
func (b *Backdrop) MouseIn(*desktop.MouseEvent)    { b.note() }
func (b *Backdrop) MouseMoved(*desktop.MouseEvent) { b.note() }
func (b *Backdrop) MouseOut()                      {}

func (b *Backdrop) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) { place(b.rect, 0, 0, z.Width, z.Height) },
		func() fyne.Size { return fyne.Size{} }, func() { b.rect.FillColor = Colour(b.colour) }, b.rect)
}

// NewReason offers a text that was used before, in one line, to take again.
func NewReason(text string, tap func()) fyne.CanvasObject {
	p := NewPill("clock", text, "", false, "", tap, nil)
	return p
}
