package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// welcome is the first page of an empty installation.
func (w *Window) welcome() {
	t := w.text.T
	picks := []fyne.CanvasObject{part.NewPick("computer", t("welcome.here"), t("welcome.here.text"), w.setUp)}
	if w.deps.Connect != nil {
		picks = append(picks, part.NewPick("server", t("welcome.team"), t("welcome.team.text"), w.connect))
	}
	if w.deps.Restore != nil {
		picks = append(picks, part.NewPick("save", t("welcome.restore"), t("welcome.restore.text"), func() { w.restore(false) }))
	}
	if w.deps.Sample != nil {
		picks = append(picks, part.NewPick("sparkle", t("welcome.sample"), t("welcome.sample.text"), w.sample))
	}
	logo := part.Row(0, part.Space(), part.NewIcon("logo", part.Accent, 44), part.Space())
	body := part.Column(14, logo,
		part.NewPara(t("welcome.title"), part.Huge, part.Bold(), part.Ink).Align(fyne.TextAlignCenter),
		part.Inset(0, 0, 14, 0, part.NewGentle(t("welcome.text")).Align(fyne.TextAlignCenter)))
	for _, p := range picks {
		body.Add(p)
	}
	w.set(part.NewCentre(part.NewScroll(part.Pad(24, part.Centred(480, body)))), nil)
	part.FocusOn(picks[0])
}

// sample makes sample data and opens it.
func (w *Window) sample() {
	t := w.text.T
	var cancel func()
	bar := part.NewProgress(t("sample.making"), t("cancel"), func() { cancel(); w.welcome() })
	w.set(part.Middle(420, part.Column(16, part.NewPara(t("welcome.sample"), part.Large, part.SemiBold(), part.Ink), part.NewGentle(t("sample.what")), bar)), nil)
	cancel = Load(w.async, func(ctx context.Context) (core.Gate, error) {
		return w.deps.Sample(ctx, func(done, total int64) {
			w.async.Post(func() {
				if total > 0 {
					bar.Set(float64(done)/float64(total), t("sample.progress", "done", w.text.Number(done), "total", w.text.Number(total)))
				}
			})
		})
	}, func(g core.Gate, err error) {
		if err != nil {
			w.unreachable(err)
			return
		}
		w.gate = g
		w.begin()
	})
}

// leaveSample throws the sample data away and begins anew.
func (w *Window) leaveSample() {
	if w.frame != nil {
		w.frame.stop()
	}
	w.set(part.Middle(360, part.Skeleton(4)), nil)
	Load(w.async, w.deps.LeaveSample, func(g core.Gate, err error) {
		if err != nil {
			w.unreachable(err)
			return
		}
		w.gate = g
		w.begin()
	})
}

// connect asks for a team's server.
func (w *Window) connect() {
	t := w.text.T
	var scroll *part.Scroll
	address := part.NewField(part.FieldSpec{Label: t("connect.address"), Placeholder: "https://stint.example.com", Helper: t("connect.helper"),
		Relayout: func() {
			if scroll != nil {
				scroll.Relayout()
			}
		}})
	button := part.NewPrimary(t("connect.action"), nil)
	submit := func() {
		button.Busy(true)
		Load(w.async, func(ctx context.Context) (core.Gate, error) { return w.deps.Connect(ctx, address.Value()) }, func(g core.Gate, err error) {
			button.Busy(false)
			if err != nil {
				address.SetError(w.text.Error(err))
				part.FocusOn(address)
				return
			}
			w.remember(address.Value())
			w.gate = g
			w.begin()
		})
	}
	button.OnTap(submit)
	objects := []fyne.CanvasObject{part.NewPara(t("welcome.team"), part.Large, part.SemiBold(), part.Ink), address}
	if used := w.deps.Preferences.StringList(prefServers); len(used) > 0 {
		last := []fyne.CanvasObject{part.NewSmall(t("connect.used"))}
		for _, server := range used {
			last = append(last, part.NewButtonOf(part.Quiet, server, "server", func() {
				address.SetValue(server)
				submit()
			}))
		}
		objects = append(objects, part.Column(4, last...))
	}
	sheet, sc := w.sheet(440, append(objects,
		part.Row(8, part.NewButton(t("back"), w.welcome), part.Space(), button))...)
	scroll = sc
	w.set(sheet, keyFuncs{enter: submit, escape: w.welcome})
	part.FocusOn(address)
}

// remember keeps the address of a server that answered, for the next time.
func (w *Window) remember(address string) {
	if used := model.RememberServer(w.deps.Preferences.StringList(prefServers), address); used != nil {
		w.deps.Preferences.SetStringList(prefServers, used)
	}
}

// showStrength shows how good a password looks.
func showStrength(say *model.Text, s *part.Strength, password string) {
	bars, tone, word := model.PasswordStrength(say, password)
	s.Set(bars, toneOf(tone), word)
}
