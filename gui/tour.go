package gui

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/part"
)

// Tour is a walk through every screen of a real window on real data, for
// pictures. It types and presses where a person would, and looks into screens
// only to choose what to show. It lives here and not beside the program that
// starts it, because screens keep their insides to themselves.
type Tour struct {
	// Shoot keeps a picture of the whole window.
	Shoot func(name string, picture image.Image) error
	// Empty is an installation without anybody; Code says what the
	// authenticator of whom the tour makes there would show.
	Empty core.Gate
	Code  func() string
	// Newcomer returns somebody in the sample who has no role at all.
	Newcomer func(context.Context) (core.Service, error)
	// Bad are what goes wrong.
	Bad []BadDay
	// Closed is the gate of a server that doesn't answer.
	Closed core.Gate
	// Distant returns the sample's person as a server somewhere else sees him,
	// and how to end that server.
	Distant func(context.Context) (svc core.Service, stop func(), err error)
}

// patience bounds the wait for one thing on a machine that is busy.
const patience = 3 * time.Minute

// walk is a Tour under way. It runs on its caller's goroutine and reaches the
// window through Async.Sync. The first error ends it, by a panic that Walk
// catches: nothing after it would be where one thinks.
type walk struct {
	Tour
	ctx context.Context
	w   *Window
	err error
}

// Walk shows every screen. It must not be called from the render goroutine,
// and the window must be open.
func (w *Window) Walk(ctx context.Context, t Tour) (err error) {
	x := &walk{Tour: t, ctx: ctx, w: w}
	defer func() {
		if r := recover(); r == astray {
			err = x.err
			w.async.Sync(func() { // to see where it went astray
				if m := w.win.Canvas().Capture(); m != nil {
					err = errors.Join(err, t.Shoot("failed", m))
				}
			})
		} else if r != nil {
			panic(r)
		}
	}()
	for _, lap := range []func(){x.firstStart, x.access, x.approvals, x.activation, x.administration, x.german, x.small, x.badDays, x.trouble} {
		lap()
	}
	return x.err
}

// astray is what a walk panics with that has failed.
const astray = "the walk has failed"

// check ends the walk after an error.
func (x *walk) check() {
	if x.err != nil {
		panic(astray)
	}
}

// fail notes an error; on the render goroutine, where it must not panic, do
// does so when it comes back.
func (x *walk) fail(format string, args ...any) {
	if x.err == nil {
		x.err = fmt.Errorf(format, args...)
	}
}

// do runs f on the render goroutine and waits until what it began has ended.
func (x *walk) do(f func()) {
	x.w.async.Sync(f)
	x.check()
	x.rest()
}

// until waits for cond, asking once a frame.
func (x *walk) until(what string, cond func() bool) {
	done := make(chan struct{})
	var frames *fyne.Animation
	x.w.async.Sync(func() {
		over := false
		frames = fyne.NewAnimation(time.Hour, func(float32) {
			if !over && cond() {
				over = true
				close(done)
			}
		})
		frames.Start()
	})
	defer x.w.async.Sync(func() { frames.Stop() })
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
		x.fail("waited %s in vain for %s", patience, what)
	case <-x.ctx.Done():
		x.fail("waiting for %s: %w", what, context.Cause(x.ctx))
	}
	x.check()
}

// rest waits until nothing is worked on and what is shown was painted. A frame
// is painted right after the animations' turn, and where the display has two
// buffers a picture of what one sees needs both painted.
func (x *walk) rest() {
	calm := 0
	x.until("the window to come to rest", func() bool {
		if calm++; x.w.async.Busy() {
			calm = 0
		}
		x.w.win.Canvas().Refresh(x.w.win.Content())
		return calm > 3
	})
}

// shoot takes a picture of the window as it is.
func (x *walk) shoot(name string) {
	x.rest()
	x.take(name)
}

// both takes pictures in light and dark.
func (x *walk) both(name string) {
	for _, look := range []Appearance{Dark, Light} {
		x.do(func() { x.appear(look) })
		x.shoot(name + "-" + string(look))
	}
}

// light takes a picture in light alone.
func (x *walk) light(name string) { x.shoot(name + "-" + string(Light)) }

// take takes a picture without waiting for anything.
func (x *walk) take(name string) {
	var m image.Image
	x.w.async.Sync(func() { m = x.w.win.Canvas().Capture() })
	if m == nil {
		x.fail("%s: the window gave no picture", name)
	} else if err := x.Shoot(name, m); err != nil {
		x.fail("%s: %w", name, err)
	}
	x.check()
}

func (x *walk) appear(a Appearance) {
	x.w.look = a
	x.w.app.Settings().SetTheme(NewTheme(a))
}

// size gives the window another size.
func (x *walk) size(width, height float32) {
	x.do(func() { x.w.win.Resize(fyne.NewSize(width, height)) })
	x.until(fmt.Sprintf("a window of %g × %g", width, height), func() bool {
		z := x.w.win.Canvas().Size()
		return z.Width > width-2 && z.Width < width+2 && z.Height > height-2 && z.Height < height+2
	})
}

// press presses a key where the keyboard is.
func (x *walk) press(keys ...fyne.KeyName) {
	for _, k := range keys {
		x.do(func() {
			c := x.w.win.Canvas()
			if f := c.Focused(); f != nil {
				f.TypedKey(&fyne.KeyEvent{Name: k})
				return
			}
			x.w.key(&fyne.KeyEvent{Name: k})
		})
	}
}

// tab goes to the next field, past buttons in between.
func (x *walk) tab() {
	x.do(func() {
		for range 4 {
			x.w.win.Canvas().FocusNext()
			if _, button := x.w.win.Canvas().Focused().(*part.Button); !button {
				return
			}
		}
	})
}

// write types where the keyboard is.
func (x *walk) write(text string) {
	x.do(func() {
		f := x.w.win.Canvas().Focused()
		if f == nil {
			x.fail("nothing has the keyboard for %q", text)
			return
		}
		for _, r := range text {
			f.TypedRune(r)
		}
	})
}

// dismiss closes whatever is open over the window.
func (x *walk) dismiss() {
	x.do(func() {
		for n := 0; n < 5 && x.w.win.Canvas().Overlays().Top() != nil; n++ {
			x.w.key(&fyne.KeyEvent{Name: fyne.KeyEscape})
		}
		if x.w.untoast != nil {
			x.w.untoast()
			x.w.toasts.Hide()
		}
	})
}

// open goes to a page.
func (x *walk) open(page string) {
	x.dismiss()
	x.do(func() {
		x.w.frame.Go(page)
		if x.w.frame.at != page {
			x.fail("there is no page %q", page)
		}
	})
}

// screenOf returns the screen shown, which must be a T.
func screenOf[T any](x *walk) T {
	var s T
	ok := false
	x.do(func() {
		if x.w.frame == nil {
			return
		}
		s, ok = x.w.frame.top().(T)
	})
	if !ok {
		x.fail("the screen shown is no %T", s)
		x.check()
	}
	return s
}

// errNothing is returned where the sample lacks what a picture is of.
var errNothing = errors.New("the sample has nothing to show there")

// find returns the first row that fits, on the render goroutine or off it.
func find[T any](x *walk, rows []T, what string, fits func(T) bool) (found T) {
	for _, r := range rows {
		if fits(r) {
			return r
		}
	}
	if x.err == nil {
		x.err = fmt.Errorf("%s: %w", what, errNothing)
	}
	return found
}
