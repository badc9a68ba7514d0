package part

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Empty says what would be here and offers the step that fills it; action may
// be nil.
func Empty(icon, title, text string, action fyne.CanvasObject) fyne.CanvasObject {
	pic := NewSurface(AccentGround, "", 24, Pad(12, NewIcon(icon, AccentInk, 24)))
	objects := []fyne.CanvasObject{
		Row(0, Space(), pic, Space()),
		NewPara(title, Large, SemiBold(), Ink).Align(fyne.TextAlignCenter),
		NewGentle(text).Align(fyne.TextAlignCenter),
	}
	if action != nil {
		objects = append(objects, Inset(8, 0, 0, 0, Row(0, Space(), action, Space())))
	}
	return Inset(40, 24, 40, 24, Centred(440, Column(10, objects...)))
}

// Banner is a quiet line that says a state of the whole page: icon, sentence
// and perhaps an action.
func Banner(tone Tone, text string, action fyne.CanvasObject) fyne.CanvasObject {
	_, ink, ground := tone.Colours()
	objects := []fyne.CanvasObject{NewIcon(toneIcon(tone), ink, 18), Grow(NewPara(text, Body, Regular(), ink))}
	if action != nil {
		objects = append(objects, action)
	}
	return NewSurface(ground, "", Radius, Inset(9, 14, 9, 14, Row(10, objects...)))
}

// Skeleton stands where content will be while it loads: grey bars, lines of
// them, so that a page is never blank.
func Skeleton(lines int) fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for i := range lines {
		share := []float32{0.9, 0.6, 0.75, 0.5}[i%4]
		objects = append(objects, Row(0, Weigh(share, NewSurface(Track, "", 4, Gap(10, 12))), Weigh(1-share, Gap(1, 1))))
	}
	return Column(14, objects...)
}

// Progress is a bar with a sentence and a way to stop.
type Progress struct {
	widget.BaseWidget
	track, done *canvas.Rectangle
	text        *Text
	stop        *Button
	share       float64
}

// NewProgress makes the bar; cancel may be nil.
func NewProgress(text, cancelText string, cancel func()) *Progress {
	p := &Progress{track: box(3), done: box(3), text: NewSmall(text).Shrinking()}
	if cancel != nil {
		p.stop = NewButtonOf(Quiet, cancelText, "", cancel).Compact()
	}
	p.ExtendBaseWidget(p)
	return p
}

// Set shows how much is done, 0 to 1, and a sentence.
func (p *Progress) Set(share float64, text string) {
	p.share = min(max(share, 0), 1)
	p.text.SetText(text)
	p.Refresh()
}

func (p *Progress) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{p.track, p.done, p.text}
	if p.stop != nil {
		objects = append(objects, p.stop)
	}
	lay := func(z fyne.Size) {
		w := z.Width
		if p.stop != nil {
			s := p.stop.MinSize()
			place(p.stop, z.Width-s.Width, middle(z.Height, s.Height), s.Width, s.Height)
			w -= s.Width + 12
		}
		place(p.text, 0, 0, w, 18)
		place(p.track, 0, 24, w, 6)
		place(p.done, 0, 24, w*float32(p.share), 6)
	}
	return draw(lay, func() fyne.Size { return fyne.NewSize(200, 34) }, func() {
		fill(p.track, Track, "")
		fill(p.done, Accent, "")
		lay(p.Size())
	}, objects...)
}

// Strength shows how good a password is: four bars and a word.
type Strength struct {
	widget.BaseWidget
	bars [4]*canvas.Rectangle
	word *Text
	n    int
	tone Tone
}

// NewStrength makes the bars, all empty.
func NewStrength() *Strength {
	s := &Strength{word: NewSmall("")}
	for i := range s.bars {
		s.bars[i] = box(2)
	}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows n bars of four in a tone, with a word.
func (s *Strength) Set(n int, tone Tone, word string) {
	s.n, s.tone = n, tone
	s.word.SetText(word)
	s.Refresh()
}

func (s *Strength) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{s.word}
	for _, b := range s.bars {
		objects = append(objects, b)
	}
	return draw(func(z fyne.Size) {
		w := (fyne.Min(z.Width, 340) - 130 - 12) / 4
		for i, b := range s.bars {
			place(b, float32(i)*(w+4), 7, w, 4)
		}
		place(s.word, 4*(w+4)+6, 0, z.Width-4*(w+4)-6, 18)
	}, func() fyne.Size { return fyne.NewSize(200, 18) }, func() {
		plain, _, _ := s.tone.Colours()
		for i, b := range s.bars {
			fill(b, Track, "")
			if i < s.n {
				fill(b, plain, "")
			}
		}
	}, objects...)
}

// Avatar is a person's initials in a circle.
func Avatar(name string, side float32) fyne.CanvasObject {
	return NewSurface(Accent, "", side/2, Fixed(side, side,
		NewText(Initials(name), Small, SemiBold(), OnAccent).Align(fyne.TextAlignCenter)))
}

// SoftAvatar is an Avatar in the accent's ground, for lists.
func SoftAvatar(name string, side float32) fyne.CanvasObject {
	return NewSurface(AccentGround, "", side/2, Fixed(side, side,
		NewText(Initials(name), Small, SemiBold(), AccentInk).Align(fyne.TextAlignCenter)))
}

// Initials returns one or two letters that stand for a name.
func Initials(name string) string {
	var out []rune
	for _, w := range strings.Fields(oneLine(name)) {
		for _, r := range w {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				out = append(out, unicode.ToUpper(r))
				break
			}
		}
	}
	switch len(out) {
	case 0:
		return "?"
	case 1:
		return string(out)
	}
	return string([]rune{out[0], out[len(out)-1]})
}
