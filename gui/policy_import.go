package gui

import (
	"context"
	"io"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// policyImport reads a file of settings, shows what it would change, and makes
// that so.
type policyImport struct {
	kit     Kit
	file    *part.Field
	prune   *part.Switch
	look    *part.Button
	plan    *planView
	scroll  *part.Scroll
	content fyne.CanvasObject
}

func newPolicyImport(k Kit) Screen {
	s := &policyImport{kit: k, scroll: part.NewScroll(part.Gap(1, 1))}
	s.plan = newPlanView(k, s.relayout, k.Frame.Pop)
	s.file = part.NewField(part.FieldSpec{Label: k.say("import.file"), Placeholder: k.say("import.file.hint"), Relayout: s.relayout,
		Changed: func(string) { s.plan.clear() }, Submitted: s.read})
	choose := part.NewButton(k.say("import.choose"), func() {
		dialog.ShowFileOpen(func(u fyne.URIReadCloser, err error) {
			if err == nil && u != nil {
				s.file.SetValue(u.URI().Path())
				_ = u.Close() // was not read
				s.read()
			}
		}, k.Frame.Window())
	}).Compact()
	s.prune = part.NewSwitch(k.say("import.prune"), k.say("import.prune.help"), false, func(bool) { s.plan.clear() })
	s.look = part.NewButton(k.say("plan.look"), s.read)
	s.scroll.SetContent(part.Inset(0, 12, 20, 0, part.Column(18,
		part.NewPanel(part.Pad(18, part.Column(16, part.NewGentle(k.say("import.text")), part.Column(8, s.file, part.Row(0, choose)), s.prune, part.Row(0, part.Space(), s.look)))),
		s.plan.body)))
	s.content = part.Column(14, part.Row(0, part.NewButtonOf(part.Quiet, k.say("role.back"), "arrow-left", k.Frame.Pop)), part.Grow(s.scroll), s.plan.foot)
	return s
}

// Shown puts the keyboard where the file is named.
func (s *policyImport) Shown() { part.FocusOn(s.file) }

func (s *policyImport) Title() string              { return s.kit.say("import.title") }
func (s *policyImport) Content() fyne.CanvasObject { return s.content }
func (s *policyImport) Update([]core.Topic)        {}

// TakeKey goes back on Esc.
func (s *policyImport) TakeKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		s.kit.Frame.Pop()
	}
}

func (s *policyImport) relayout() {
	if s.content != nil {
		s.scroll.Relayout()
		s.content.Refresh()
	}
}

// read reads the file and asks what it would change.
func (s *policyImport) read() {
	k, path, prune := s.kit, s.file.Value(), s.prune.On
	s.plan.clear()
	if path == "" {
		s.file.SetError(k.say("field.empty"))
		part.FocusOn(s.file)
		return
	}
	s.file.SetError("")
	s.look.Busy(true)
	Load(k.Async, func(ctx context.Context) (core.PolicyPlan, error) {
		text, err := readSome(path, core.MaxPolicyFile+1)
		if err != nil {
			return core.PolicyPlan{}, err
		}
		return k.Service.PlanPolicyFile(ctx, text, prune)
	}, func(p core.PolicyPlan, err error) {
		s.look.Busy(false)
		switch {
		case errorField(err) == "file":
			s.file.SetError(k.Text.Error(err))
			part.FocusOn(s.file)
		case err != nil:
			k.Frame.Fail(err)
		default:
			s.plan.show(p)
		}
	})
}

// readSome reads the beginning of a file.
func readSome(path string, limit int64) (string, error) {
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(f, limit)); err == nil {
			return string(b), nil
		}
	}
	e := core.Errorf(core.NotFound, "file", "pages.import.unreadable")
	e.Err = err
	return "", e
}

// exportPolicies writes the settings of all levels to a file.
func exportPolicies(k Kit) {
	name := model.ExportName("settings", k.clock(), "yaml")
	k.Frame.Save(name, func(ctx context.Context, w io.Writer) error {
		text, err := k.Service.ExportPolicies(ctx)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		return err
	}, func(err error) {
		if err != nil {
			k.Frame.Fail(err)
			return
		}
		k.Frame.Toast(k.say("export.finished", "file", name), "", nil)
	})
}
