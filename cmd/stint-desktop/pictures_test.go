package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

func TestPicturesKeepTheirColours(t *testing.T) {
	m := image.NewRGBA(image.Rect(3, 5, 103, 55)) // not at the origin
	ground, ink := color.RGBA{0xf6, 0xf7, 0xf9, 0xff}, color.RGBA{0x15, 0x18, 0x1e, 0xff}
	for y := 5; y < 55; y++ {
		for x := 3; x < 103; x++ {
			m.SetRGBA(x, y, ground)
		}
	}
	for x := range 90 { // more colours than a palette has, each once
		for y := range 10 {
			m.SetRGBA(3+x, 5+y, color.RGBA{uint8(x * 2), uint8(y * 20), 0x80, 0xff})
		}
	}
	m.SetRGBA(102, 54, ink)
	m.SetRGBA(101, 54, ink)
	var b bytes.Buffer
	if err := encodePicture(&b, m); err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, few := got.(*image.Paletted); !few || got.Bounds().Size() != m.Bounds().Size() {
		t.Errorf("got a %T of %v", got, got.Bounds())
	}
	for _, c := range []struct {
		x, y int
		want color.RGBA
	}{{0, 20, ground}, {99, 49, ink}} {
		if got := color.RGBAModel.Convert(got.At(c.x, c.y)); got != c.want {
			t.Errorf("at %d,%d: got %v, want %v", c.x, c.y, got, c.want)
		}
	}
	// What is left out becomes something near, not the most frequent colour.
	near := color.RGBAModel.Convert(got.At(85, 9)).(color.RGBA)
	if near.B != 0x80 || near == ground {
		t.Errorf("a rare colour became %v", near)
	}
	if m.RGBAAt(3+85, 5+9).R < 100 {
		t.Fatal("the test's own picture is wrong")
	}
}

func TestLanguageIsTheFirstNamed(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"de_DE.UTF-8": {"LC_ALL": "de_DE.UTF-8", "LANG": "en_US.UTF-8"},
		"en_GB.UTF-8": {"LC_ALL": "", "LC_MESSAGES": "en_GB.UTF-8", "LANG": "de_DE.UTF-8"},
		"de_AT.UTF-8": {"LANG": "de_AT.UTF-8"},
		"":            {},
	} {
		if got := language(func(name string) string { return env[name] }); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
