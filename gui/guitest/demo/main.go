// Command demo opens the window on a service in memory, for looking at screens
// while they are made. It is not part of the program; it and cmd/stint-desktop
// are the only importers of fyne/app.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
)

func main() {
	look := flag.String("theme", "desktop", "light, dark or desktop")
	page := flag.String("page", "access", "page to open; or welcome, signin, lock")
	data := flag.String("data", "typical", "typical, busy, empty or hostile")
	size := flag.String("size", "1180x760", "of the window")
	lang := flag.String("lang", "en", "en or de")
	sample := flag.Bool("sample", false, "say that it is sample data")
	wrong := flag.Bool("wrong", false, "let some things be wrong")
	flag.Parse()

	a := app.NewWithID("example.stint.demo")
	a.Preferences().SetString("appearance", *look)
	a.Preferences().SetString("language", *lang)
	a.Preferences().SetString("login", "alice")
	make := map[string]func(func() time.Time) *guitest.Fake{"typical": guitest.Typical, "busy": guitest.Busy, "empty": guitest.Empty, "hostile": guitest.Hostile}[*data]
	if make == nil {
		fmt.Fprintln(os.Stderr, "unknown data", *data)
		os.Exit(2)
	}
	fake := make(time.Now)
	if *wrong {
		fake.MeNow.Troubles = guitest.Wrong(time.Now())
	}
	fake.Late = func(do func()) { time.AfterFunc(2*time.Second, do) }
	gate := guitest.NewGate(fake)
	gate.Start.Sample = *sample
	deps := gui.Deps{Gate: gate, Tokens: tokens{gate.Token}, Version: "demo", Place: time.UTC, Tray: true,
		SampleCode: func() string { return guitest.Code }, LeaveSample: func(context.Context) (core.Gate, error) { return gate, nil },
		Sample: func(context.Context, core.Progress) (core.Gate, error) { return gate, nil }}
	switch *page {
	case "welcome":
		gate.Start.Empty = true
		deps.Tokens = tokens{}
	case "signin":
		deps.Tokens = tokens{}
	}
	w := gui.New(a, deps)
	var x, y float32
	if _, err := fmt.Sscanf(*size, "%fx%f", &x, &y); err == nil {
		w.Window().Resize(fyne.NewSize(x, y))
	}
	w.Show()
	w.Open(*page)
	a.Run()
	w.Stop()
}

// tokens is a session that is there already.
type tokens struct{ token string }

func (t tokens) Load() (core.Secret, error) { return core.NewSecret(t.token), nil }
func (tokens) Save(core.Secret) error       { return nil }
