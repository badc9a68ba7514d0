// Command stint-desktop is Stint's window with the server inside: alone, both
// are this one process on one file. Where a server of this user runs already,
// another window or `stint serve`, it is a window on that.
//
// It is the only program with cgo and the only importer of fyne/app. Read
// main.go for the order of things, server.go for the server inside, sample.go
// for sample data, pictures.go for screenshots.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"github.com/stint-pim/stint/gui"
)

// version is set when a release is built.
var version = "development"

// appID is the one in FyneApp.toml.
const appID = "io.github.stint_pim.Stint"

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	flags := flag.NewFlagSet("stint-desktop", flag.ContinueOnError)
	data := flags.String("data", "", "directory of the store (default: the usual one of this user)")
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
	a := app.NewWithID(appID)
	far := &line{}
	inside := openInside(context.Background(), place, far, log)
	defer inside.stop()
	beforeExit(func() {
		fmt.Fprintln(os.Stderr, "stint-desktop: the display has gone away, so Stint ends; access that was activated here is taken back first")
		inside.stop()
	})
	tokens := newTokens(place.data)
	look := &sampleRoom{dir: place.sample(), tokens: tokens, home: inside.gate, log: log}
	defer look.leave()
	w := gui.New(a, gui.Deps{
		Gate: inside.gate, Tokens: tokens, Version: version, Language: language(os.Getenv), Tray: true,
		Sample: look.enter, SampleCode: look.code, LeaveSample: look.remove, Connect: far.connect,
		DataFacts: look.facts(inside.facts), Restore: inside.restore,
	})
	far.to(w.Connected)
	w.Open(*page)
	w.Show()
	defer hangUp(a)()
	a.Run()
	w.Stop()
	return 0
}

// hangUp lets the window quit in order when the terminal or the session that
// it was started from ends; the toolkit does so for interrupt and termination.
func hangUp(a fyne.App) (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	go func() {
		for range c {
			fyne.Do(a.Quit)
		}
	}()
	return func() { signal.Stop(c); close(c) }
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
