package main

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
	"golang.org/x/term"
)

// showQR draws text as a QR code of half blocks: two rows of modules in one
// line of the terminal. Colours are set, so that it is dark on light whatever
// the terminal's own are; a code the other way round is not read by every
// phone. What doesn't fit into the window isn't drawn: a broken code is worse
// than none.
func (a *app) showQR(text string) {
	width, height, ok := a.screen()
	if !ok || !a.colours(a.Out) {
		return
	}
	code, err := qr.Encode(text, qr.L, qr.Auto) // a screen is never dirty: the least correction makes the smallest picture
	if err != nil {
		return // the key and the URI stand below
	}
	const quiet = 2 // modules around it; phones do with less than the standard's four
	side := code.Bounds().Dx()
	if side+2*quiet > width || (side+2*quiet)/2+6 > height {
		return
	}
	min := code.Bounds().Min
	for _, line := range halfBlocks(side, quiet, func(x, y int) bool {
		r, _, _, _ := code.At(min.X+x, min.Y+y).RGBA()
		return r < 0x8000
	}) {
		fmt.Fprintln(a.Out, "\x1b[38;5;16;48;5;231m"+line+"\x1b[0m")
	}
	fmt.Fprintln(a.Out)
}

// halfBlocks draws a square of modules with some light ones around it.
func halfBlocks(side, quiet int, module func(x, y int) bool) []string {
	dark := func(x, y int) bool { return x >= 0 && y >= 0 && x < side && y < side && module(x, y) }
	var lines []string
	for y := -quiet; y < side+quiet; y += 2 {
		var line strings.Builder
		for x := -quiet; x < side+quiet; x++ {
			switch up, down := dark(x, y), dark(x, y+1); {
			case up && down:
				line.WriteRune('█')
			case up:
				line.WriteRune('▀')
			case down:
				line.WriteRune('▄')
			default:
				line.WriteByte(' ')
			}
		}
		lines = append(lines, line.String())
	}
	return lines
}

// screen returns the size of the terminal that output goes to.
func (a *app) screen() (width, height int, ok bool) {
	f, ok := a.Out.(interface{ Fd() uintptr })
	if !ok {
		return 0, 0, false
	}
	width, height, err := term.GetSize(int(f.Fd()))
	return width, height, err == nil && width > 0
}

// grouped sets a key in groups of four, for reading and typing.
func grouped(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
