// Package desk is the desktop around the window: it shows notices (notices.go),
// and hears what happens to the computer at which the window is
// open: its screen is locked, it goes to sleep or wakes, its person signs out.
// Of that it only tells; what is to end then is known to the window. It changes
// nothing there,
// and where there is nobody to ask, it says so and is quiet.
//
// On Linux it listens to logind and to the screen savers and session managers of
// desktops (desk_linux.go); on Windows to the messages of a hidden window
// (desk_windows.go). On macOS these notices come through Objective-C alone,
// which this repository doesn't speak (cmd/deps_test.go), so nothing is noticed
// there but the end of the program.
package desk

import (
	"context"
	"time"

	"github.com/stint-pim/stint/gui/model"
)

// Options say where to listen. The zero value is the present desktop.
type Options struct {
	System, Session string        // addresses of buses; empty: the usual ones. Linux only
	Again           time.Duration // after how long a bus that is away is tried again; 0: 10 s
}

// Follow tells what happens until ctx ends; then the channel is closed. The
// first event says what can be noticed.
func Follow(ctx context.Context, o Options) <-chan model.DeskEvent {
	if o.Again == 0 {
		o.Again = 10 * time.Second
	}
	out := make(chan model.DeskEvent, 16)
	go func() {
		defer close(out)
		follow(ctx, o, func(e model.DeskEvent) {
			select {
			case out <- e:
			case <-ctx.Done():
			}
		})
	}()
	return out
}
