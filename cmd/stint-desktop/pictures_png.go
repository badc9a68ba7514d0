package main

import (
	"cmp"
	"image"
	"image/color"
	"image/png"
	"io"
	"slices"
)

// encodePicture writes a picture of the window as a PNG with 256 colours: a
// third of the size, and no difference that one sees on plain grounds.
func encodePicture(w io.Writer, m image.Image) error {
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	return enc.Encode(w, fewColours(m))
}

// fewColours reduces a picture to 256 of its colours, and the others to those
// that are nearest. A window has few colours that matter; the
// rest are edges of letters.
func fewColours(m image.Image) *image.Paletted {
	b := m.Bounds()
	count := map[color.RGBA]int{}
	at := make([]color.RGBA, 0, b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
			c.A = 0xff // a window is opaque
			count[c]++
			at = append(at, c)
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(number(a), number(b)))
	})
	// Half of them the most frequent ones of each region of the colour space, so
	// that a dot of some forty pixels keeps its green beside all those greys.
	palette := color.Palette{}
	taken, regions := map[color.RGBA]bool{}, map[color.RGBA]bool{}
	take := func(most int, fits func(color.RGBA) bool) {
		for _, c := range all {
			if len(palette) < most && !taken[c] && fits(c) {
				palette, taken[c] = append(palette, c), true
			}
		}
	}
	take(128, func(c color.RGBA) bool {
		region := color.RGBA{c.R >> 5, c.G >> 5, c.B >> 5, 0}
		first := !regions[region]
		regions[region] = true
		return first
	})
	take(256, func(color.RGBA) bool { return true })
	index := make(map[color.RGBA]uint8, len(all))
	for _, c := range all {
		index[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(image.Rect(0, 0, b.Dx(), b.Dy()), palette)
	for i, c := range at {
		out.Pix[i] = index[c]
	}
	return out
}

// number orders colours, so that the same picture gives the same file.
func number(c color.RGBA) uint32 { return uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B) }
