// Command stint-desktop is Stint's window with the server inside: alone, both
// are this one process on one file. Where `stint serve` of this user runs already,
// it is a window on that; where a window is open already, that one comes to the
// front, unless it is on another display.
//
// It is the only program with cgo and the only importer of fyne/app. Read
// main.go for the order of things, once.go for a second start, server.go for the
// server inside, sample.go for sample data, pictures.go for screenshots.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
	_ "time/tzdata" // Windows and small containers have no list of time zones

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"github.com/stint-pim/stint/cmd/stint-desktop/desk"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/model"
)

// version is set when a release is built.
var version = "development"

// appID is the one in FyneApp.toml.
const appID = "io.github.stint_pim.Stint"

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	flags := flag.NewFlagSet("stint-desktop", flag.ContinueOnError)
	data := flags.String("data", "", "directory of the store, with a socket of its own (default: the usual one of this user)")
	page := flags.String("page", "", "the page to open first, as in the rail: access, assignments, roles, audit, systems, people, settings")
	show := flags.Bool("version", false, "print the version and end")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *show {
		fmt.Println("stint-desktop", version)
		return 0
	}
	if dir := os.Getenv(picturesEnv); dir != "" {
		return takePictures(dir)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	place, err := findPlace(*data)
	if err != nil {
		fmt.Fprintln(os.Stderr, "stint-desktop:", err)
		return 1
	}
	once, there := alreadyOpen(context.Background(), place, log)
	if there {
		fmt.Println("Stint is open already: its window comes to the front.")
		return 0
	}
	defer once.stop()
	a := app.NewWithID(appID)
	far := &line{}
	inside := openInside(context.Background(), place, far, log)
	defer inside.stop()
	tokens := newTokens(place.data)
	look := &sampleRoom{dir: place.sample(), tokens: tokens, home: inside.gate, log: log}
	defer look.leave()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := gui.New(a, gui.Deps{
		Gate: inside.gate, Tokens: tokens, Version: version, Language: language(os.Getenv), Tray: true,
		Sample: look.enter, SampleCode: look.code, LeaveSample: look.remove, Connect: far.connect,
		DataFacts: look.facts(inside.facts), Restore: inside.restore,
		Notices: desk.NewNotices(ctx, desk.Options{}),
		Desk:    func(ctx context.Context) <-chan model.DeskEvent { return desk.Follow(ctx, desk.Options{}) },
	})
	beforeExit(func() {
		fmt.Fprintln(os.Stderr, "stint-desktop: the display has gone away, so Stint ends; access that was activated here is taken back first")
		leftComputer(w)
		inside.stop()
	})
	far.to(w.Connected)
	once.shows(w)
	w.Open(*page)
	w.Show()
	ended := sessionEnd(a)
	a.Run()
	once.stop() // what is ended now comes to the front no more
	w.Stop()    // first: what ends below is news to a window that nobody paints any more
	if ended() {
		leftComputer(w)
	}
	return 0
}

// leftComputer ends what a person's roles say must end when he signs out of the
// computer, where a desktop takes the window away instead of telling it.
func leftComputer(w *gui.Window) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	w.LeftComputer(ctx)
}

// sessionEnd lets the window quit in order when the terminal or the session that
// it was started from ends. The returned func stops that and reports whether it
// was so.
func sessionEnd(a fyne.App) (ended func() bool) {
	c := make(chan os.Signal, 2)
	signal.Notify(c, syscall.SIGHUP, syscall.SIGTERM)
	var came atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range c {
			came.Store(true)
			fyne.Do(a.Quit)
		}
	}()
	return func() bool {
		signal.Stop(c)
		close(c)
		<-done
		return came.Load()
	}
}

// language is the one in which the desktop speaks: of the variables that name
// it, the first that is set holds.
func language(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return ""
}
