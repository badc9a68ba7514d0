package gui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// systemFields draws the connection of a system from what its connector says
// that it needs.
type systemFields struct {
	kit     Kit
	form    *model.SystemForm
	fields  map[string]*part.Field
	content fyne.CanvasObject
}

func newSystemFields(k Kit, f *model.SystemForm, relayout func()) *systemFields {
	s := &systemFields{kit: k, form: f, fields: map[string]*part.Field{}}
	name := part.NewField(part.FieldSpec{Label: k.say("system.wizard.name"), Helper: k.say("system.wizard.name.help"), Value: f.Name,
		Changed: func(v string) { f.Name = v }, Relayout: relayout})
	s.fields["name"] = name
	objects := []fyne.CanvasObject{name}
	secret := s.secret(relayout)
	for _, x := range f.Kind.Fields {
		objects = append(objects, s.field(x, relayout))
		if x.Name == accountField && secret != nil { // who, and how he proves it
			objects = append(objects, secret)
			secret = nil
		}
	}
	if secret != nil {
		objects = append(objects, secret)
	}
	s.content = part.Column(18, objects...)
	return s
}

// accountField is the setting that names Stint's own account on a system.
const accountField = "user"

// secret is the field of the password; nil where the kind needs none.
func (s *systemFields) secret(relayout func()) fyne.CanvasObject {
	k, f := s.kit, s.form
	if !f.Kind.HasSecret {
		return nil
	}
	help := k.say("system.wizard.secret.help")
	if f.ID != "" {
		help = k.say("system.wizard.secret.keep")
	}
	secret := part.NewField(part.FieldSpec{Label: k.say("system.wizard.secret"), Helper: help, Password: true,
		Changed: func(v string) { f.Secret = v }, Relayout: relayout})
	s.fields["secret"] = secret
	return secret
}

// field is the control of one setting.
func (s *systemFields) field(x core.KindField, relayout func()) fyne.CanvasObject {
	k, f := s.kit, s.form
	label, help := k.Text.Key(x.Label), ""
	if x.Help != "" {
		help = k.Text.Key(x.Help)
	}
	switch {
	case x.Switch:
		return part.NewSwitch(label, help, f.Values[x.Name] == "true", func(on bool) {
			f.Values[x.Name] = map[bool]string{true: "true", false: "false"}[on]
		})
	case len(x.Choices) > 0:
		at := -1
		for i, c := range x.Choices {
			if c == f.Values[x.Name] {
				at = i
			}
		}
		choice := part.NewSelect(label, x.Choices, at, "", func(i int) { f.Values[x.Name] = x.Choices[i] })
		if help == "" {
			return choice
		}
		return part.Column(6, choice, part.NewHint(help))
	}
	if !x.Required {
		label += " (" + k.say("system.wizard.optional") + ")"
	}
	w := part.NewField(part.FieldSpec{Label: label, Helper: help, Value: f.Values[x.Name], Placeholder: x.Example,
		Changed: func(v string) { f.Values[x.Name] = v }, Relayout: relayout})
	s.fields[x.Name] = w
	return w
}

// fail shows an error at its field; it reports whether there is such a field.
func (s *systemFields) fail(err error) bool {
	f, ok := s.fields[strings.TrimPrefix(errorField(err), "settings.")]
	if ok {
		f.SetError(s.kit.Text.Error(err))
		part.FocusOn(f)
	}
	return ok
}

// probing tries a connection off the render goroutine and shows its steps.
type probing struct {
	kit     Kit
	content *fyne.Container
	relay   func()
	cancel  func()
	probe   core.Probe
	ok      bool
	tried   bool
}

func newProbing(k Kit, relay func()) *probing {
	return &probing{kit: k, content: part.Layers(), relay: relay}
}

// idle shows the button that starts the test.
func (p *probing) idle(run func(), note string) {
	k := p.kit
	o := []fyne.CanvasObject{part.NewGentle(k.say("system.wizard.test.text"))}
	if note != "" {
		o = append(o, part.Banner(part.ToneEnding, note, nil))
	}
	o = append(o, part.Row(0, part.NewButtonOf(part.Secondary, k.say("system.wizard.test.run"), "refresh", run)))
	swap(p.content, part.Column(14, o...))
	p.relay()
}

// run tries a connection and calls done when it answered well.
func (p *probing) run(id core.SystemID, spec core.SystemSpec, done func()) {
	k := p.kit
	p.stop()
	p.ok, p.tried = false, true
	again := func() { p.run(id, spec, done) }
	bar := part.NewProgress(k.say("system.wizard.test.running"), k.say("word.cancel"), func() {
		p.stop()
		p.idle(again, k.say("system.wizard.test.canceled"))
	})
	swap(p.content, part.Column(16, part.NewGentle(k.say("system.wizard.test.text")), bar, part.NewPanel(part.Pad(18, part.Skeleton(3)))))
	p.relay()
	p.cancel = Load(k.Async, func(ctx context.Context) (core.Probe, error) { return k.Service.Probe(ctx, id, spec) },
		func(pr core.Probe, err error) {
			if err != nil {
				swap(p.content, k.failed(err, again))
				p.relay()
				return
			}
			p.probe, p.ok = pr, pr.OK
			p.draw(again)
			if pr.OK {
				done()
			}
		})
}

func (p *probing) draw(again func()) {
	k := p.kit
	var rows []fyne.CanvasObject
	for _, l := range model.ProbeLines(k.Text, p.probe) {
		icon, ink := "check-circle", part.ActiveInk
		if !l.OK {
			icon, ink = "close-circle", part.DangerInk
		}
		text := []fyne.CanvasObject{part.NewPara(l.Name, part.Body, part.Medium(), part.Ink)}
		if l.Problem != "" {
			text = append(text, part.NewPara(l.Problem, part.Small, part.Regular(), part.DangerInk))
		}
		rows = append(rows, part.Inset(11, 16, 11, 16, part.Row(12, part.NewIcon(icon, ink, 18), part.Grow(part.Column(3, text...)), part.NewFaint(l.Took))))
	}
	head := part.Banner(part.ToneActive, k.say("system.wizard.test.ok", "version", p.probe.Version)+" "+k.count("system.wizard.test.found", len(p.probe.Roles)), nil)
	if !p.probe.OK {
		head = part.Banner(part.ToneDanger, k.say("system.wizard.test.failed")+". "+k.say("system.wizard.test.failed.text"), nil)
	}
	swap(p.content, part.Column(14, head, lines(rows...), part.Row(0, part.NewButtonOf(part.Secondary, k.say("system.wizard.test.again"), "refresh", again))))
	p.relay()
}

// stop ends a test that runs.
func (p *probing) stop() {
	if p.cancel != nil {
		p.cancel()
	}
}

// statements shows how to make the account that Stint needs, to be copied.
func statements(k Kit, text string) fyne.CanvasObject {
	o := []fyne.CanvasObject{part.NewText(k.say("system.wizard.statements"), part.Large, part.SemiBold(), part.Ink)}
	if text == "" {
		o = append(o, part.NewHint(k.say("system.wizard.statements.none")))
		return part.NewPanel(part.Pad(16, part.Column(8, o...)))
	}
	o = append(o, part.NewHint(k.say("system.wizard.statements.text")),
		part.NewSurface(part.Hover, "", part.Radius, part.Pad(12, part.NewPara(text, part.Small, part.Mono(), part.Ink))),
		part.Row(0, part.NewButtonOf(part.Secondary, k.say("word.copy"), "copy", func() { k.Frame.Copy(text) }).Compact()))
	return part.NewPanel(part.Pad(16, part.Column(10, o...)))
}
