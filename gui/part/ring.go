package part

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// RingFace is what a Ring shows. Model countdown.go computes it from a
// deadline; the ring itself counts nothing.
type RingFace struct {
	Share float32 // of the time that is left, 0 to 1
	Big   string  // "41", "4:10", "…"
	Small string  // "min left"
	Tone  Tone
	Dot   bool // no arc, one dot at the top: nothing runs yet
}

// Ring is the countdown: a ring that empties, with a big number in it.
type Ring struct {
	widget.BaseWidget
	face  RingFace
	side  float32
	track *canvas.Arc
	arc   *canvas.Arc
	caps  [2]*canvas.Circle
	big   *canvas.Text
	small *canvas.Text
}

// NewRing makes a ring, side pixels wide (76 on cards).
func NewRing(side float32, f RingFace) *Ring {
	r := &Ring{face: f, side: side, track: canvas.NewArc(0, 360, 0.8, nil), arc: canvas.NewArc(0, 0, 0.8, nil),
		caps: [2]*canvas.Circle{canvas.NewCircle(nil), canvas.NewCircle(nil)},
		big:  canvas.NewText("", nil), small: canvas.NewText("", nil)}
	r.ExtendBaseWidget(r)
	return r
}

// Set shows another face and repaints only if it differs.
func (r *Ring) Set(f RingFace) {
	if f == r.face {
		return
	}
	r.face = f
	r.Refresh()
}

// Face returns what is shown.
func (r *Ring) Face() RingFace { return r.face }

func (r *Ring) CreateRenderer() fyne.WidgetRenderer {
	const thick = 7
	lay := func(z fyne.Size) {
		s := r.side
		x, y := middle(z.Width, s), middle(z.Height, s)
		for _, a := range []*canvas.Arc{r.track, r.arc} {
			place(a, x, y, s, s)
		}
		mid := s/2 - thick/2.0
		for i, angle := range []float64{0, float64(r.sweep())} {
			cx, cy := onCircle(angle, mid)
			place(r.caps[i], x+s/2+cx-thick/2.0, y+s/2+cy-thick/2.0, thick, thick)
		}
		bh, sh := r.big.MinSize().Height, r.small.MinSize().Height
		if r.face.Small == "" {
			place(r.big, x, y+middle(s, bh), s, bh)
			return
		}
		top := y + middle(s, bh+sh-3)
		place(r.big, x, top, s, bh)
		place(r.small, x, top+bh-2.5, s, sh)
	}
	return draw(lay, func() fyne.Size { return fyne.NewSize(r.side, r.side) }, func() {
		plain, ink, _ := r.face.Tone.Colours()
		cut := 1 - 2*thick/r.side
		r.track.CutoutRatio, r.arc.CutoutRatio = cut, cut
		r.track.FillColor = Colour(Track)
		r.arc.FillColor = Colour(plain)
		r.arc.EndAngle = r.sweep()
		r.arc.Hidden = r.face.Dot || r.face.Share <= 0
		for i, c := range r.caps {
			c.FillColor = Colour(plain)
			c.Hidden = r.arc.Hidden && !(r.face.Dot && i == 0) || !r.arc.Hidden && r.face.Share > 0.985
		}
		r.big.Text, r.big.TextSize, r.big.TextStyle, r.big.Alignment = r.face.Big, Large+2, Bold(), fyne.TextAlignCenter
		r.big.Color = Colour(Ink)
		if r.face.Dot {
			r.big.Color = Colour(ink)
		}
		r.small.Text, r.small.TextSize, r.small.TextStyle, r.small.Alignment = r.face.Small, Small-1, Regular(), fyne.TextAlignCenter
		r.small.Color = Colour(Muted)
		lay(r.Size())
	}, r.track, r.arc, r.caps[0], r.caps[1], r.big, r.small)
}

func (r *Ring) sweep() float32 {
	s := r.face.Share
	if s > 1 {
		s = 1
	}
	return 360 * s
}

// onCircle returns the point at an angle in degrees, clockwise from the top.
func onCircle(angle float64, radius float32) (x, y float32) {
	s, c := math.Sincos(angle * math.Pi / 180)
	return radius * float32(s), -radius * float32(c)
}
