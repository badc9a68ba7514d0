package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// card shows one thing that is active, on its way or scheduled.
type card struct {
	screen  *access
	now     model.Card
	panel   fyne.CanvasObject
	ring    *part.Ring
	line    *part.Text
	chip    *part.Chip
	chips   *fyne.Container
	sooner  *part.Para
	note    *part.Para
	trouble *part.Para // what is wrong, across the whole card
	prolong *part.Button
	extend  *part.Button
	drop    *part.Button
	buttons *fyne.Container
}

func (s *access) newCard(c model.Card) *card {
	d := &card{screen: s, ring: part.NewRing(76, faceOf(c.Ring)), line: part.NewMuted(""), chip: part.NewChip("", part.ToneNeutral),
		sooner: part.NewPara("", part.Small, part.Regular(), part.Muted),
		note:   part.NewPara("", part.Small, part.Regular(), part.Faint), trouble: part.NewPara("", part.Small, part.Regular(), part.Faint)}
	d.prolong = part.NewButton(s.t("access.prolong"), func() {
		if r, ok := s.row(c.ID); ok {
			showProlong(s.kit, r)
		}
	})
	d.extend = part.NewButton(s.t("continue.extend"), func() {
		if r, ok := s.row(c.ID); ok {
			continueAssignment(s.kit, r.AssignmentRow, false, func() { s.Update(nil) })
		}
	})
	d.drop = part.NewDrop(s.t("access.drop"), d.ask)
	if c.Cancel {
		d.drop = part.NewButton(s.t("cancel"), d.ask)
	}
	d.chips = part.Flow(6, d.line, d.chip)
	d.buttons = part.Row(8, d.prolong, d.extend, d.drop)
	text := part.Column(3,
		part.NewText(c.Title, part.Large, part.SemiBold(), part.Ink).Shrinking(),
		part.NewMuted(c.Place).Shrinking(),
		d.chips, d.sooner, part.Inset(2, 0, 0, 0, d.note))
	d.panel = part.NewPanel(part.Inset(18, 16, 18, 18, part.Column(11,
		part.TopRow(18, d.ring, part.Grow(text)), d.trouble, part.Nudge(76+18, d.buttons))))
	d.now = model.Card{ID: c.ID}
	d.update(c)
	return d
}

// update shows c and reports whether the card may need another height.
func (d *card) update(c model.Card) bool {
	was := d.now
	d.now = c
	d.ring.Set(faceOf(c.Ring))
	d.line.SetText(c.Line)
	d.chip.Set(c.Chip.Word, toneOf(c.Chip.Tone))
	d.chip.Hidden = c.Chip.Word == ""
	d.sooner.Set(c.Sooner, part.Muted)
	d.sooner.Hidden = c.Sooner == ""
	_, ink, _ := toneOf(c.NoteTone).Colours()
	if c.NoteTone == model.TonePlain {
		ink = part.Faint
	}
	d.note.Set(c.Note, ink)
	d.trouble.Set(c.Note, ink)
	d.note.Hidden, d.trouble.Hidden = c.Wrong(), !c.Wrong()
	d.prolong.Hidden = !c.Prolong
	if _, asked := d.screen.data.Continuing(c.ID); asked {
		c.Extend = false
	}
	d.extend.Hidden = !c.Extend
	d.drop.Hidden = !c.Drop
	d.buttons.Hidden = !c.Prolong && !c.Drop && !c.Extend
	return was.Line != c.Line || was.Chip != c.Chip || was.Sooner != c.Sooner || was.Note != c.Note || was.NoteTone != c.NoteTone || was.Prolong != c.Prolong || was.Extend != c.Extend || was.Drop != c.Drop
}

// ask asks before dropping, naming the effect.
func (d *card) ask() {
	s := d.screen
	id := d.now.ID
	spec := part.ConfirmSpec{Title: d.now.DropTitle, Text: d.now.DropText, Action: d.now.DropWord, Danger: true,
		Cancel: s.t("access.drop.keep")}
	spec.Do = func(c *part.Confirm) {
		c.Busy(true)
		s.kit.Async.Act(func(ctx context.Context) error {
			res, err := s.kit.Service.Do(ctx, core.Call{Command: core.Drop{Assignments: []core.AssignmentID{id}}})
			if err == nil && len(res.Items) > 0 && res.Items[0].Err != nil {
				return res.Items[0].Err
			}
			return err
		}, func(err error) {
			if err != nil {
				c.Fail(s.kit.Text.Error(err))
				return
			}
			c.Close()
			s.Update(nil)
		})
	}
	s.kit.Frame.Confirm(spec)
}
