package gui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// This file holds what the administrators' pages have in common.

// say speaks a sentence of these pages.
func (k Kit) say(key string, args ...string) string { return k.Text.T("pages."+key, args...) }

// count speaks about n things.
func (k Kit) count(key string, n int, args ...string) string {
	return model.Count(k.Text, "pages."+key, n, args...)
}

// clock is the present moment in the zone in which dates are shown and typed.
func (k Kit) clock() time.Time { return k.Now().In(k.Text.Place()) }

// failed stands where something could not be read.
func (k Kit) failed(err error, again func()) fyne.CanvasObject {
	var retry fyne.CanvasObject
	if again != nil {
		retry = part.NewButton(k.say("word.retry"), again).Compact()
	}
	return part.Banner(part.ToneDanger, k.Text.Error(err), retry)
}

// do carries a command out and calls done with what came of it.
func (k Kit) do(c core.Command, code string, done func(core.Result, error)) (cancel func()) {
	return Load(k.Async, func(ctx context.Context) (core.Result, error) {
		return k.Service.Do(ctx, core.Call{Command: c, Code: core.NewSecret(code)})
	}, done)
}

// errorField returns the field that an error is about, or the empty string.
func errorField(err error) string {
	var e *core.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}

// wantsCode reports whether a command was refused for the lack of a right code.
func wantsCode(err error) bool { return core.CodeOf(err) == core.ProofRequired }

// askCode lets a dialog ask for the code that a command was refused for the lack
// of, and gives it the keyboard.
func (k Kit) askCode(c *part.Confirm, proof *part.Proof, err error) {
	c.Busy(false)
	proof.Show()
	proof.Refused(k.Text.Error(err))
	c.Relayout()
	part.FocusOn(proof)
}

// proofWords are the sentences of the question for a code.
func (k Kit) proofWords() part.ProofWords {
	return part.ProofWords{
		Helper: k.say("code.hint"), UseRecovery: k.say("code.use_recovery"), UseCode: k.say("code.use_code"),
		Recovery: k.say("code.recovery"), RecoveryHelper: k.say("code.recovery.help"),
	}
}

// headline is the question of a wizard's page; the frame shows the wizard's title.
func headline(s string) *part.Para { return part.NewPara(s, part.Large, part.SemiBold(), part.Ink) }

// renew reads a list again that has changed on the server, at once where it
// shows its beginning; somebody who reads further down is asked instead.
func (k Kit) renew(atTop bool, note *fyne.Container, page fyne.CanvasObject, read func()) {
	if atTop {
		read()
		return
	}
	banner(note, part.Banner(part.ToneAccent, k.say("word.newer"), part.NewButton(k.say("word.newer.show"), read).Compact()))
	page.Refresh()
}

// chip draws a mark of the models.
func chip(m model.Mark) *part.Chip {
	c := part.NewChip(m.Word, toneOf(m.Tone))
	if m.Tone == model.ToneEligible {
		c.Outlined()
	}
	return c
}

// chips draws several in a line.
func chips(marks []model.Mark) []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 0, len(marks))
	for _, m := range marks {
		out = append(out, chip(m))
	}
	return out
}

// markCell is a mark in a table.
func markCell(m model.Mark) part.Cell {
	look := part.LookChip
	if m.Tone == model.ToneEligible {
		look = part.LookOutline
	}
	return part.Cell{Text: m.Word, Look: look, Tone: toneOf(m.Tone)}
}

// factList draws the facts of a model, the names above the values.
func factList(list []model.Fact) fyne.CanvasObject { return part.Facts(partFacts(list)...) }

// factTable draws them with the names at the left.
func factTable(names float32, list []model.Fact) fyne.CanvasObject {
	return part.FactRows(names, partFacts(list)...)
}

func partFacts(list []model.Fact) []part.Fact {
	out := make([]part.Fact, 0, len(list))
	for _, f := range list {
		out = append(out, part.Fact{Name: f.Label, Value: f.Value, Mono: f.Mono})
	}
	return out
}

// storyList draws the story of a model.
func (k Kit) storyList(steps []model.StoryStep) fyne.CanvasObject {
	out := make([]part.StoryStep, 0, len(steps))
	for _, s := range steps {
		p := part.StoryStep{Title: s.Title, Time: s.Time, Text: s.Detail, Tone: toneOf(s.Tone)}
		switch {
		case s.Open:
			p.Tone = part.ToneNeutral
		case s.Here:
			p.Time += " · " + k.say("audit.story.here")
		}
		out = append(out, p)
	}
	return part.Story(out...)
}

// swap shows o alone in a holder made by part.Layers.
func swap(hold *fyne.Container, o fyne.CanvasObject) {
	hold.Objects = []fyne.CanvasObject{o}
	hold.Refresh()
	if hold.Layout != nil {
		hold.Layout.Layout(hold.Objects, hold.Size())
	}
}

// titled is a panel with a heading above its content.
func titled(title string, o ...fyne.CanvasObject) fyne.CanvasObject {
	list := o
	if title != "" {
		list = append([]fyne.CanvasObject{part.NewText(title, part.Large, part.SemiBold(), part.Ink).Shrinking()}, o...)
	}
	return part.NewPanel(part.Pad(20, part.Column(14, list...)))
}

// lines puts rows into a panel with hairlines between.
func lines(rows ...fyne.CanvasObject) fyne.CanvasObject {
	var out []fyne.CanvasObject
	for i, r := range rows {
		if i > 0 {
			out = append(out, part.NewHairline())
		}
		out = append(out, r)
	}
	return part.NewPanel(part.Pad(1, part.Column(0, out...)))
}
