package gui

import (
	"context"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// RestoreFunc puts a backup in the place of the data on this computer. Unless
// replace, it refuses where there are some.
type RestoreFunc func(ctx context.Context, file string, passphrase core.Secret, replace bool, tell core.Progress) (model.Restored, error)

// BackupDir is where a backup is proposed to go.
func (f *frame) BackupDir() string {
	if f.w.deps.BackupDir != "" {
		return f.w.deps.BackupDir
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		return "" // the form asks for the whole path
	}
	return dir
}

// RestoreHere leads to the page that restores, if the data are on this computer.
func (f *frame) RestoreHere() func() {
	w := f.w
	if w.deps.Restore == nil || w.state.Sample {
		return nil
	}
	return func() {
		if w.frame != nil {
			w.frame.stop()
		}
		w.restore(true)
	}
}

// restore asks for a backup and its passphrase. replace says that there are
// data here, which are kept.
func (w *Window) restore(replace bool) {
	t := w.text.T
	var scroll *part.Scroll
	relayout := func() {
		if scroll != nil {
			scroll.Relayout()
		}
	}
	leave := w.welcome
	if replace {
		leave = w.begin
	}
	var submit func()
	file := part.NewField(part.FieldSpec{Label: t("restore.file"), Helper: t("restore.file.help"), Relayout: relayout})
	phrase := part.NewField(part.FieldSpec{Label: t("restore.passphrase"), Password: true, Relayout: relayout, Submitted: func() { submit() }})
	choose := part.NewButton(t("restore.choose"), func() {
		dialog.ShowFileOpen(func(u fyne.URIReadCloser, err error) {
			if err == nil && u != nil {
				file.SetValue(u.URI().Path())
				_ = u.Close() // was not read
				part.FocusOn(phrase)
			}
		}, w.win)
	}).Compact()
	about, action := t("restore.text"), part.NewPrimary(t("restore.action"), nil)
	rows := []fyne.CanvasObject{part.NewPara(t("restore.title"), part.Large, part.SemiBold(), part.Ink), part.NewGentle(about)}
	if replace {
		rows = append(rows, part.Banner(part.ToneEnding, t("restore.replace"), nil))
	}
	problem := part.Column(0)
	cancel := func() {}
	bar := part.NewProgress(t("restore.reading"), t("cancel"), func() { cancel() })
	bar.Hide()
	rows = append(rows, part.Column(8, file, part.Row(0, choose)), phrase, problem, bar, part.Row(8, part.NewButton(t("back"), leave), part.Space(), action))
	submit = func() {
		file.SetError("")
		phrase.SetError("")
		problem.Objects = nil
		for _, f := range []*part.Field{file, phrase} {
			if f.Value() == "" {
				f.SetError(t("setup.missing"))
				part.FocusOn(f)
				return
			}
		}
		action.Busy(true)
		bar.Show()
		relayout()
		cancel = Load(w.async, func(ctx context.Context) (model.Restored, error) {
			return w.deps.Restore(ctx, file.Value(), core.NewSecret(phrase.Value()), replace, func(done, total int64) {
				w.async.Post(func() {
					if total > 0 {
						bar.Set(float64(done)/float64(total), t("restore.reading"))
					}
				})
			})
		}, func(r model.Restored, err error) {
			action.Busy(false)
			bar.Hide()
			if err == nil {
				w.restored(r)
				return
			}
			if core.CodeOf(err) == core.Refused && errorField(err) == "passphrase" {
				phrase.SetValue("")
				phrase.SetError(w.text.Error(err))
				part.FocusOn(phrase)
			} else {
				problem.Objects = []fyne.CanvasObject{part.Banner(part.ToneDanger, w.text.Error(err), nil)}
			}
			relayout()
		})
	}
	action.OnTap(submit)
	sheet, sc := w.sheet(520, rows...)
	scroll = sc
	w.set(sheet, keyFuncs{enter: submit, escape: leave})
	part.FocusOn(file)
}

// restored says what was done and what is to be known now.
func (w *Window) restored(r model.Restored) {
	t := w.text.T
	_, ink, ground := part.ToneActive.Colours()
	rows := []fyne.CanvasObject{
		part.Row(14, part.NewSurface(ground, "", 22, part.Pad(11, part.NewIcon("check-circle", ink, 22))),
			part.Grow(part.NewPara(t("restore.done"), part.Large, part.SemiBold(), part.Ink))),
		factTable(150, model.RestoredFacts(w.text, r)), part.NewHairline(),
		part.NewText(t("restore.know"), part.Body, part.SemiBold(), part.Ink),
	}
	for _, s := range model.RestoredNotes(w.text) {
		rows = append(rows, part.NewGentle(s))
	}
	on := part.NewPrimary(t("restore.signin"), w.begin)
	rows = append(rows, part.Row(8, part.Space(), on))
	sheet, _ := w.sheet(560, rows...)
	w.set(sheet, keyFuncs{enter: w.begin})
	part.FocusOn(on)
}
