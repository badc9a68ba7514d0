package part

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Fact is a name with a value.
type Fact struct {
	Name, Value string
	Mono        bool
	Tone        Tone // other than neutral: the value is a chip
}

// Facts lists facts, each name above its value. Those without value are left out.
func Facts(facts ...Fact) fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, f := range facts {
		if f.Value == "" {
			continue
		}
		objects = append(objects, Column(2, NewFaint(f.Name), f.object()))
	}
	return Column(12, objects...)
}

// FactRows lists facts with the names at the left, as wide as names says.
func FactRows(names float32, facts ...Fact) fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, f := range facts {
		if f.Value == "" {
			continue
		}
		objects = append(objects, TopRow(12, Fixed(names, 0, NewMuted(f.Name).Shrinking()), Grow(f.object())))
	}
	return Column(10, objects...)
}

func (f Fact) object() fyne.CanvasObject {
	switch {
	case f.Tone != ToneNeutral:
		return Row(0, NewChip(f.Value, f.Tone))
	case f.Mono:
		return NewPara(f.Value, Body, Mono(), Ink)
	}
	return NewProse(f.Value)
}

// StoryStep is one thing that happened, or will.
type StoryStep struct {
	Title, Time, Text string
	Tone              Tone // ToneNeutral: still to come
}

// Story tells what happened one below the other, with a dot each and a line
// between.
func Story(steps ...StoryStep) fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for i, s := range steps {
		objects = append(objects, newStoryItem(s, i == len(steps)-1))
	}
	return Column(0, objects...)
}

type storyItem struct {
	widget.BaseWidget
	body fyne.CanvasObject
	dot  *canvas.Circle
	line *canvas.Rectangle
	tone Tone
	last bool
}

func newStoryItem(s StoryStep, last bool) *storyItem {
	rows := []fyne.CanvasObject{Lead(6, NewStrong(s.Title).Shrinking(), NewFaint(s.Time))}
	if s.Text != "" {
		rows = append(rows, NewPara(s.Text, Small, Regular(), Muted))
	}
	i := &storyItem{body: Column(4, rows...), dot: canvas.NewCircle(nil), line: canvas.NewRectangle(nil), tone: s.Tone, last: last}
	i.ExtendBaseWidget(i)
	return i
}

func (i *storyItem) HeightFor(w float32) float32 { return HeightFor(i.body, w-20) + 14 }

func (i *storyItem) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(i.dot, 0, 4, 10, 10)
		place(i.line, 4.25, 16, 1.5, fyne.Max(0, z.Height-14))
		place(i.body, 20, 0, z.Width-20, z.Height-14)
	}, func() fyne.Size { return fyne.NewSize(120, i.body.MinSize().Height+14) }, func() {
		plain, _, _ := i.tone.Colours()
		if i.tone == ToneNeutral {
			plain = Edge
		}
		i.dot.FillColor = Colour(plain)
		i.line.FillColor = Colour(Line)
		i.line.Hidden = i.last
	}, i.dot, i.line, i.body)
}

// QR draws a matrix code, dark on light whatever the theme, because scanners
// want it so, with the four modules of quiet around it that ISO/IEC 18004 asks for.
func QR(side float32, n int, dark func(x, y int) bool) fyne.CanvasObject {
	const quiet = 4
	all := n + 2*quiet
	img := image.NewGray(image.Rect(0, 0, all, all))
	for y := range all {
		for x := range all {
			v := color.Gray{Y: 0xff}
			if x >= quiet && y >= quiet && x < n+quiet && y < n+quiet && dark(x-quiet, y-quiet) {
				v.Y = 0x10
			}
			img.SetGray(x, y, v)
		}
	}
	c := canvas.NewImageFromImage(img)
	c.ScaleMode = canvas.ImageScalePixels
	c.SetMinSize(fyne.NewSize(side, side))
	return NewSurface(Panel, Line, Radius, Pad(4, c))
}
