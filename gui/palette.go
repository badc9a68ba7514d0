package gui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// paletteItem is one thing the palette can do.
type paletteItem struct {
	icon, title, sub, verb string
	run                    func()
}

// palette finds pages to go to, roles to activate and active ones to drop.
type palette struct {
	f        *frame
	search   *part.Search
	list     *part.Table[paletteItem]
	items    []paletteItem
	content  fyne.CanvasObject
	close    func()
	relayout func()
}

// paletteMost is how many finds are shown; more typing narrows them.
const paletteMost = 8

func newPalette(f *frame) *palette {
	p := &palette{f: f}
	p.items = p.all()
	p.list = part.NewTable(part.TableSpec[paletteItem]{
		Columns: []part.TableColumn{{Width: 34}, {Width: 200, Weight: 2}, {Width: 110}},
		Key:     func(i paletteItem) string { return i.verb + "\x00" + i.title + "\x00" + i.sub },
		Cells: func(i paletteItem) []part.Cell {
			return []part.Cell{{Look: part.LookIcon, Icon: i.icon}, {Text: i.title, Sub: i.sub}, {Text: i.verb, Look: part.LookFaint}}
		},
		Select: func(i paletteItem) {}, Open: func(i paletteItem) { p.do(i) },
		Fit: paletteMost, RowHigh: 42, Bare: true, Click: func(i paletteItem) { p.do(i) },
		Empty: part.Pad(20, part.NewGentle(f.t("palette.none")).Align(fyne.TextAlignCenter)),
	})
	p.search = part.NewSearch(f.t("palette.placeholder"), p.find)
	p.search.Keys(p.list.TypedKey)
	p.find("")
	p.content = part.Column(0, part.Pad(12, part.Fixed(0, 38, p.search)), part.NewHairline(), part.Inset(6, 0, 8, 0, p.list))
	return p
}

func (p *palette) all() []paletteItem {
	f := p.f
	var out []paletteItem
	if a := f.access; a != nil {
		for _, v := range a.Favourites {
			if l := model.FavouriteLineOf(f.w.text, v, a.Eligible); l.Ready {
				out = append(out, paletteItem{"star-filled", v.Name, l.Sub, f.t("palette.activate"), func() { startFavourite(f.kit, v, a.Eligible) }})
			}
		}
		for _, r := range a.Active {
			if r.Origin == core.Activated && r.State == core.InForce {
				out = append(out, paletteItem{"close-circle", r.RoleName, model.PlaceOf(f.w.text, r.AssignmentRow), f.t("palette.drop"), func() { f.dropOne(r) }})
			}
		}
		for _, r := range a.Eligible {
			if r.Ready() {
				out = append(out, paletteItem{"access", r.RoleName, model.PlaceOf(f.w.text, r.AssignmentRow), f.t("palette.activate"), func() {
					f.Push(newActivation(f.kit, model.NewActivation([]core.EligibleRow{r}), false, nil))
				}})
			}
		}
	}
	var goes []paletteItem
	for _, r := range f.routes {
		goes = append(goes, paletteItem{r.Icon, f.t("page." + r.Key), "", f.t("palette.go"), func() { f.Go(r.Key) }})
	}
	if !f.w.state.Sample {
		goes = append(goes, paletteItem{"lock", f.t("me.lock"), "", f.t("palette.do"), f.w.lock})
	}
	return append(out, goes...)
}

// find shows what matches: all words typed must occur.
func (p *palette) find(text string) {
	words := strings.Fields(strings.ToLower(text))
	var out []paletteItem
	for _, i := range p.items {
		hay := strings.ToLower(i.verb + " " + i.title + " " + i.sub)
		good := true
		for _, w := range words {
			good = good && strings.Contains(hay, w)
		}
		if good && len(out) < paletteMost {
			out = append(out, i)
		}
	}
	p.list.SetRows(out)
	if len(out) > 0 {
		p.list.Choose(out[0].verb + "\x00" + out[0].title + "\x00" + out[0].sub)
	}
	if p.relayout != nil {
		p.relayout()
	}
}

func (p *palette) run() { p.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) }

func (p *palette) do(i paletteItem) {
	p.close()
	i.run()
}

// dropOne asks, and then drops one activation.
func (f *frame) dropOne(r core.AccessRow) {
	c := model.CardOf(f.w.text, r, f.w.now())
	spec := part.ConfirmSpec{Title: c.DropTitle, Text: c.DropText, Action: c.DropWord, Danger: true, Cancel: f.t("access.drop.keep")}
	spec.Do = func(d *part.Confirm) {
		d.Busy(true)
		f.dropAll([]core.AssignmentID{r.ID}, func(err error) {
			if err != nil {
				d.Fail(f.w.text.Error(err))
				return
			}
			d.Close()
		})
	}
	f.Confirm(spec)
}

// dropAll drops activations without asking.
func (f *frame) dropAll(ids []core.AssignmentID, done func(error)) {
	f.w.async.Act(func(ctx context.Context) error {
		res, err := f.kit.Service.Do(ctx, core.Call{Command: core.Drop{Assignments: ids}})
		for _, it := range res.Items {
			if err == nil && it.Err != nil {
				err = it.Err
			}
		}
		return err
	}, done)
}
