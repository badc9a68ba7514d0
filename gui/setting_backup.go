package gui

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// settingBackup is the settings' part about copies of everything: when the last
// was made, another one, and the way back.
type settingBackup struct {
	kit     Kit
	content *fyne.Container
	relay   func()
}

func newSettingBackup(k Kit, relay func()) *settingBackup {
	s := &settingBackup{kit: k, content: part.Layers(part.NewPanel(part.Pad(20, part.Skeleton(2)))), relay: relay}
	s.read()
	return s
}

// read asks the log for the last backup.
func (s *settingBackup) read() {
	k := s.kit
	Load(k.Async, func(ctx context.Context) (core.List[core.Entry], error) {
		return k.Service.Entries(ctx, core.EntryFilter{Action: core.BackupMade, Outcome: core.OutcomeDone}, core.Page{Limit: 1})
	}, func(l core.List[core.Entry], err error) {
		switch {
		case err != nil:
			swap(s.content, k.failed(err, s.read))
		case len(l.Items) > 0:
			s.draw(&l.Items[0])
		default:
			s.draw(nil)
		}
		s.relay()
	})
}

// keeper is a frame that knows where files go on this computer, and the way to
// restore a backup, which is nil where the data are elsewhere.
type keeper interface {
	BackupDir() string
	RestoreHere() func()
}

func (s *settingBackup) draw(last *core.Entry) {
	k := s.kit
	mark, text := model.LastBackup(k.Text, last, k.clock())
	back := part.Column(2, part.NewPara(k.say("settings.restore"), part.Body, part.Medium(), part.Ink), part.NewHint(k.say("settings.restore.server")))
	row := fyne.CanvasObject(back)
	if r, ok := k.Frame.(keeper); ok && r.RestoreHere() != nil {
		row = settingRow(k.say("settings.restore"), k.say("settings.restore.text"), part.NewButton(k.say("settings.restore.button"), r.RestoreHere()).Compact())
	}
	swap(s.content, titled(k.say("settings.backup"),
		part.Row(18, part.Grow(part.Column(4, part.Row(8, part.NewText(k.say("settings.backup.last"), part.Body, part.Medium(), part.Ink), chip(mark)), part.NewHint(text))),
			part.NewButton(k.say("settings.backup.now"), s.ask).Compact()),
		part.NewHairline(), row))
}

// ask asks for the passphrase, the place and a code, all at once: a code does
// not keep while somebody looks for a folder.
func (s *settingBackup) ask() {
	k := s.kit
	form := model.BackupForm{File: model.ExportName("backup", k.clock(), "age")}
	if f, ok := k.Frame.(keeper); ok {
		form.File = filepath.Join(f.BackupDir(), form.File)
	}
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	strength := part.NewStrength()
	fields := map[string]*part.Field{
		"passphrase": part.NewField(part.FieldSpec{Label: k.say("backup.passphrase"), Password: true, Relayout: relayout,
			Changed: func(v string) { form.Passphrase = v; showStrength(k.Text, strength, v) }}),
		"again": part.NewField(part.FieldSpec{Label: k.say("backup.again"), Password: true, Relayout: relayout, Changed: func(v string) { form.Again = v }}),
		"file": part.NewField(part.FieldSpec{Label: k.say("backup.file"), Value: form.File, Relayout: relayout, Changed: func(v string) { form.File = v },
			Helper: k.say("backup.file.help")}),
	}
	proof := part.NewProof(k.proofWords(), func() { c.Press() }, nil, relayout)
	folder := part.NewButton(k.say("backup.folder"), func() {
		dialog.ShowFolderOpen(func(u fyne.ListableURI, err error) {
			if err == nil && u != nil {
				fields["file"].SetValue(filepath.Join(u.Path(), filepath.Base(form.File)))
				form.File = fields["file"].Value()
			}
		}, k.Frame.Window())
	}).Compact()
	more := part.Column(16, part.Column(8, fields["passphrase"], strength), fields["again"], part.Column(8, fields["file"], part.Row(0, folder)),
		part.Column(10, part.NewText(k.Text.T("activate.code"), part.Body, part.Medium(), part.Ink), proof))
	c = k.Frame.Confirm(part.ConfirmSpec{Title: k.say("backup.title"), Text: k.say("backup.text"), More: more, Focus: fields["passphrase"],
		Action: k.say("backup.action"), Cancel: k.say("word.cancel"),
		Do: func(c *part.Confirm) {
			fail := func(err error) bool {
				f := fields[errorField(err)]
				if err == nil || f == nil {
					return false
				}
				c.Busy(false)
				f.SetError(k.Text.Error(err))
				part.FocusOn(f)
				return true
			}
			for _, f := range fields {
				f.SetError("")
			}
			if fail(form.Check()) {
				return
			}
			c.Busy(true)
			s.write(form, proof.Take(), func(err error) {
				switch {
				case wantsCode(err):
					c.Busy(false)
					proof.Refused(k.Text.Error(err))
					part.FocusOn(proof)
				case fail(err):
				case err != nil:
					c.Fail(k.Text.Error(err))
				default:
					c.Close()
				}
			})
		}})
}

// write makes the backup, with a bar that stops it once there is something to show.
func (s *settingBackup) write(form model.BackupForm, code string, done func(error)) {
	k := s.kit
	e := newExporting(k, k.say("backup.title"))
	e.words = func(n, _ int64) string { return k.say("backup.progress", "done", k.Text.Bytes(n)) }
	var made core.BackupFile
	k.Async.Act(func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		e.stop.Store(&cancel)
		return writeNew(form.File, func(w io.Writer) (err error) {
			made, err = k.Service.Backup(ctx, core.NewSecret(form.Passphrase), core.NewSecret(code), w, func(n, total int64) {
				k.Async.Post(e.open)
				e.tell(n, total)
			})
			return err
		})
	}, func(err error) {
		stopped := e.stopped.Load()
		e.close()
		if stopped && err != nil {
			done(nil)
			k.Frame.Toast(k.say("backup.stopped"), "", nil)
			return
		}
		done(err)
		if err == nil {
			k.Frame.Toast(k.say("backup.done", "file", filepath.Base(form.File), "size", k.Text.Bytes(made.Bytes)), "", nil)
			s.read()
		}
	})
}

// writeNew makes a file that only its owner can read, whole or not at all, and
// never in the place of another.
func writeNew(path string, write func(io.Writer) error) (err error) {
	fail := func(key core.TextKey, cause error) error {
		e := core.Errorf(core.Invalid, "file", key)
		e.Err = cause
		return e
	}
	if !filepath.IsAbs(path) {
		return fail("pages.backup.file.absolute", nil)
	}
	if _, err := os.Lstat(path); err == nil {
		return fail("pages.backup.file.exists", nil)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".stint-*") // mode 0600
	if err != nil {
		return fail("pages.backup.file.unwritable", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fail("pages.backup.file.unwritable", err)
	}
	if err := f.Close(); err != nil {
		return fail("pages.backup.file.unwritable", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fail("pages.backup.file.unwritable", err)
	}
	return nil
}
