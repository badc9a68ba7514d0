package gui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// troubleAgain is how often a start that failed is tried again by itself where
// the reason may pass.
const troubleAgain = 5 * time.Second

// unreachable is the page that stands where nothing else can: the store can't
// be opened, or the server doesn't answer.
func (w *Window) unreachable(err error) {
	t := w.text.T
	x := model.TroubleOf(w.text, err)
	waiting := func() {}
	again := part.NewPrimary(t("gate.again"), func() { waiting(); w.begin() })
	said := func(key, text string) fyne.CanvasObject {
		return part.Column(4, part.NewText(t(key), part.Small, part.SemiBold(), part.Muted), part.NewProse(text))
	}
	_, ink, ground := toneOf(x.Tone).Colours()
	rows := []fyne.CanvasObject{
		part.Row(14, part.NewSurface(ground, "", 22, part.Pad(11, part.NewIcon(x.Icon, ink, 22))),
			part.Grow(part.NewPara(x.Title, part.Large, part.SemiBold(), part.Ink))),
		said("gate.what", x.What), said("gate.means", x.Means), said("gate.do", x.Do),
	}
	if x.Backup && w.deps.Restore != nil {
		rows = append(rows, part.Row(0, part.NewButton(t("gate.restore"), func() { waiting(); w.restore(true) }).Compact()))
	}
	buttons := []fyne.CanvasObject{part.NewButton(t("tray.quit"), w.leave), again}
	if x.Detail != "" {
		var scroll *part.Scroll
		detail := part.NewPara(x.Detail, part.Small, part.Mono(), part.Muted)
		detail.Hide()
		rows = append(rows, detail)
		buttons = append([]fyne.CanvasObject{part.NewButton(t("gate.detail"), func() {
			detail.Hidden = !detail.Hidden
			if scroll != nil {
				scroll.Relayout()
			}
		}), part.NewButtonOf(part.Secondary, t("copy"), "copy", func() {
			w.app.Clipboard().SetContent(x.Title + "\n" + x.What + "\n" + x.Detail)
			w.toast(t("copied"), "", nil)
		}), part.Space()}, buttons...)
		sheet, s := w.sheet(580, append(rows, part.Row(8, buttons...))...)
		scroll = s
		w.set(sheet, keyFuncs{enter: again.Press})
	} else {
		sheet, _ := w.sheet(580, append(rows, part.Row(8, append([]fyne.CanvasObject{part.Space()}, buttons...)...))...)
		w.set(sheet, keyFuncs{enter: again.Press})
	}
	if x.Waits {
		w.waitFor(&waiting)
	}
	part.FocusOn(again)
}

// waitFor asks the gate now and then, and begins anew once it answers. stop is
// set to what ends it.
func (w *Window) waitFor(stop *func()) {
	gate := w.gate
	shown := w.stage.Objects[0]
	var next func()
	next = func() {
		*stop = w.async.After(troubleAgain, func() {
			if w.stage.Objects[0] != shown {
				return
			}
			*stop = Load(w.async, func(ctx context.Context) (core.GateState, error) { return gate.State(ctx) }, func(_ core.GateState, err error) {
				switch {
				case w.stage.Objects[0] != shown:
				case err == nil:
					w.begin()
				default:
					next()
				}
			})
		})
	}
	next()
}
