package gui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/resources"
)

// tray is Stint beside the clock: how much time is left per role, activating a
// favourite, dropping everything. Without a tray the window is whole, too.
type tray struct {
	w     *Window
	app   desktop.App // nil: no tray here
	menu  *fyne.Menu
	icon  string
	lines string // what the menu shows now, so that it is only set when it differs
}

func newTray(w *Window) *tray {
	t := &tray{w: w}
	if a, ok := w.app.(desktop.App); ok && w.deps.Tray {
		// Asked here and not off the render goroutine: the toolkit takes a tray
		// only before its loop runs, and nothing is drawn yet.
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer cancel()
		if trayHost(ctx) {
			t.app = a
			t.update()
		}
	}
	return t
}

// there reports whether there is a tray to live in.
func (t *tray) there() bool { return t.app != nil }

// beat keeps the minutes right.
func (t *tray) beat() { t.update() }

func (t *tray) update() {
	if t.app == nil {
		return
	}
	say, now := t.w.text, t.w.now()
	var access core.Access
	if f := t.w.frame; f != nil && f.access != nil && !t.w.locked {
		access = *f.access
	}
	lines := model.TrayLines(say, access, now)
	icon := model.TrayState(access, now)
	if icon != t.icon {
		t.icon = icon
		t.app.SetSystemTrayIcon(fyne.NewStaticResource("tray-"+icon+".png", resources.TrayIcon(icon)))
	}
	key := say.Language()
	for _, l := range lines {
		key += "\n" + l
	}
	for _, f := range access.Favourites {
		key += "\n" + string(f.ID) + f.Name
	}
	if key == t.lines && t.menu != nil {
		return
	}
	t.lines = key
	t.menu = fyne.NewMenu("Stint", t.items(lines, access)...)
	t.app.SetSystemTrayMenu(t.menu)
}

func (t *tray) items(lines []string, a core.Access) []*fyne.MenuItem {
	say := t.w.text
	var items []*fyne.MenuItem
	for _, l := range lines {
		i := fyne.NewMenuItem(l, nil)
		i.Disabled = true
		items = append(items, i)
	}
	if len(lines) == 0 {
		i := fyne.NewMenuItem(say.T("tray.idle"), nil)
		i.Disabled = true
		items = append(items, i)
	}
	items = append(items, fyne.NewMenuItemSeparator())
	var favourites []*fyne.MenuItem
	for _, f := range a.Favourites {
		if model.FavouriteLineOf(say, f, a.Eligible).Ready {
			favourites = append(favourites, fyne.NewMenuItem(f.Name, func() {
				t.w.open()
				if t.w.frame != nil && !t.w.locked {
					startFavourite(t.w.frame.kit, f, a.Eligible)
				}
			}))
		}
	}
	if len(favourites) > 0 {
		m := fyne.NewMenuItem(say.T("tray.activate"), nil)
		m.ChildMenu = fyne.NewMenu("", favourites...)
		items = append(items, m)
	}
	if ids := model.Droppable(a); len(ids) > 0 {
		items = append(items, fyne.NewMenuItem(say.T("tray.drop_all"), func() {
			if f := t.w.frame; f != nil {
				f.dropAll(ids, func(err error) {
					if err != nil {
						t.w.notices.say("Stint", say.Error(err))
					}
				})
			}
		}))
	}
	quit := fyne.NewMenuItem(say.T("tray.quit"), t.w.quit)
	quit.IsQuit = true
	return append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(say.T("tray.open"), t.w.open), quit)
}

// Tray tells the ticker that the window lives in the tray alone: minutes
// matter then, seconds don't.
func (a *Async) Tray(on bool) {
	a.slow = on
	if !on {
		a.Beat()
	}
}

// slowBeat is how often the ticks come while only the tray is there.
const slowBeat = 20 * time.Second
