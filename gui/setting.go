package gui

import (
	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
	"github.com/stint-pim/stint/resources"
)

// settings is the page of everybody's own choices and, for those who may, of
// the installation's.
type settings struct {
	kit     Kit
	stored  core.Settings
	form    *model.SettingForm
	dirty   bool
	shared  *fyne.Container // the installation's part
	mine    *settingSecurity
	backup  *settingBackup // nil for who may make none
	scroll  *part.Scroll
	save    *part.Button
	desk    *fyne.Container // what the desktop can notice
	foot    *fyne.Container
	proof   *part.Proof
	fields  map[string]*part.Field
	testOut *fyne.Container
	stop    func() // of a test mail under way
	content *fyne.Container
}

func newSettings(k Kit) Screen {
	s := &settings{kit: k, shared: part.Layers(), foot: part.Layers(), testOut: part.Layers(), desk: part.Layers(), fields: map[string]*part.Field{}}
	s.foot.Hide()
	s.testOut.Hide()
	s.scroll = part.NewScroll(part.Gap(1, 1))
	s.mine = newSettingSecurity(k, s.relayout)
	s.Desk()
	sections := []fyne.CanvasObject{s.appearance(), s.mine.content, s.desk}
	if k.Me.MayChangeSettings {
		swap(s.shared, part.NewPanel(part.Pad(20, part.Skeleton(6))))
		sections = append(sections, s.shared)
		s.read()
	}
	if k.Me.MayRead {
		sections = append(sections, s.data())
	}
	if k.Me.MayChangeSettings {
		s.backup = newSettingBackup(k, s.relayout)
		sections = append(sections, s.backup.content)
	}
	sections = append(sections, s.about())
	s.scroll.SetContent(part.Inset(0, 12, 24, 0, part.Centred(760, part.Column(18, sections...))))
	s.save = part.NewPrimary(k.say("settings.save"), s.store)
	s.content = part.Column(12, part.Grow(s.scroll), s.foot)
	return s
}

func (s *settings) Title() string              { return s.kit.say("settings.title") }
func (s *settings) Content() fyne.CanvasObject { return s.content }

// Update implements Screen; what is being edited stays.
func (s *settings) Update(t []core.Topic) {
	if Concerns(t, core.TopicSettings) && s.kit.Me.MayChangeSettings && !s.dirty {
		s.read()
	}
	if Concerns(t, core.TopicAccess, core.TopicPeople) {
		s.mine.read()
	}
	if s.backup != nil && Concerns(t, core.TopicAudit) {
		s.backup.read()
	}
}

func (s *settings) relayout() {
	if s.scroll != nil {
		s.scroll.Relayout()
	}
}

// Desk shows what the desktop can notice, when that is known.
func (s *settings) Desk() {
	banner(s.desk, deskCard(s.kit))
	s.relayout()
}

func (s *settings) appearance() fyne.CanvasObject {
	k := s.kit
	looks := []Appearance{FollowDesktop, Light, Dark}
	at := 0
	for i, a := range looks {
		if a == k.Frame.Appearance() {
			at = i
		}
	}
	theme := part.NewSegments([]string{k.say("settings.theme.system"), k.say("settings.theme.light"), k.say("settings.theme.dark")}, at,
		func(i int) { k.Frame.SetAppearance(looks[i]) })
	names, spoken := []string{}, 0
	for i, l := range Languages() {
		names = append(names, map[string]string{"en": "English", "de": "Deutsch"}[l])
		if l == k.Text.Language() {
			spoken = i
		}
	}
	language := part.NewSegments(names, spoken, func(i int) { k.Frame.SetLanguage(Languages()[i]) })
	return titled(k.say("settings.appearance"), settingRow(k.say("settings.theme"), "", theme), settingRow(k.say("settings.language"), "", language))
}

// settingRow is a label with its help at the left and a control at the right.
func settingRow(label, help string, control fyne.CanvasObject) fyne.CanvasObject {
	words := []fyne.CanvasObject{part.NewPara(label, part.Body, part.Medium(), part.Ink)}
	if help != "" {
		words = append(words, part.NewHint(help))
	}
	return part.Row(18, part.Grow(part.Column(2, words...)), control)
}

func (s *settings) read() {
	k := s.kit
	Load(k.Async, k.Service.Settings, func(v core.Settings, err error) {
		if err != nil {
			swap(s.shared, k.failed(err, s.read))
			s.relayout()
			return
		}
		s.stored, s.form = v, model.FormOfSettings(v)
		s.drawShared()
	})
}

// field makes a field of the form and remembers it for errors.
func (s *settings) field(name string, spec part.FieldSpec, to *string) *part.Field {
	spec.Relayout = s.relayout
	spec.Value = *to
	spec.Changed = func(v string) {
		*to = v
		s.mark(true)
	}
	f := part.NewField(spec)
	s.fields[name] = f
	return f
}

func (s *settings) drawShared() {
	k, f := s.kit, s.form
	s.fields = map[string]*part.Field{}
	var spans []string
	at := -1
	choices := model.IdleChoices()
	for i, c := range choices {
		word := k.say("settings.idle.never")
		if c != "" {
			d, err := core.ParseDuration(c)
			if err != nil {
				continue // ours, and tested
			}
			word = k.Text.Duration(d.Std())
		}
		spans = append(spans, word)
		if c == f.IdleLock {
			at = i
		}
	}
	if at < 0 {
		choices, spans = append(choices, f.IdleLock), append(spans, f.IdleLock)
		at = len(spans) - 1
	}
	idle := part.NewSelect("", spans, at, "", func(i int) {
		f.IdleLock = choices[i]
		s.mark(true)
	})
	window := titled(k.say("settings.window"),
		settingRow(k.say("settings.idle"), k.say("settings.idle.help"), part.Fixed(160, 0, idle)),
		s.field("organisation", part.FieldSpec{Label: k.say("settings.organisation"), Helper: k.say("settings.organisation.help")}, &f.Organisation))
	swap(s.shared, part.Column(18, window, s.mail(), s.digest()))
	s.mark(false)
	s.relayout()
}

// fail shows an error at its field, or as a toast.
func (s *settings) fail(err error) {
	if f, ok := s.fields[errorField(err)]; ok {
		f.SetError(s.kit.Text.Error(err))
		part.FocusOn(f)
		return
	}
	s.kit.Frame.Fail(err)
}

// mark shows the buttons that save and discard while something is unsaved.
func (s *settings) mark(dirty bool) {
	k := s.kit
	if s.content == nil {
		return
	}
	s.dirty = dirty
	if !dirty {
		s.foot.Hide()
	} else if !s.foot.Visible() {
		s.proof = part.NewProof(k.proofWords(), s.store, nil, func() { s.content.Refresh() })
		s.proof.Hide()
		s.foot.Show()
		swap(s.foot, part.Centred(760, part.Column(10, s.proof, part.Row(10, part.NewChip(k.say("policy.unsaved"), part.ToneEnding), part.Space(),
			part.NewButton(k.say("policy.discard"), func() { s.dirty = false; s.read() }), s.save))))
	} else {
		return
	}
	s.content.Refresh()
}

func (s *settings) store() {
	k := s.kit
	cmd, err := s.form.Command()
	if err != nil {
		s.fail(err)
		return
	}
	s.save.Busy(true)
	k.do(cmd, s.proof.Take(), func(_ core.Result, err error) {
		s.save.Busy(false)
		switch {
		case wantsCode(err):
			s.proof.Show()
			s.proof.Refused(k.Text.Error(err))
			s.content.Refresh()
			part.FocusOn(s.proof)
		case err != nil:
			s.fail(err)
		default:
			s.dirty = false
			k.Frame.Toast(k.say("settings.saved"), "", nil)
			s.read()
		}
	})
}

// facer is a frame that knows where data and keys of this computer are.
type facer interface{ DataFacts() []model.Fact }

// versioner is a frame that knows the program's version.
type versioner interface{ Version() string }

// data says where everything is kept, if it is kept here.
func (s *settings) data() fyne.CanvasObject {
	k := s.kit
	var list []model.Fact
	if f, ok := k.Frame.(facer); ok {
		list = f.DataFacts()
	}
	if len(list) == 0 {
		return titled(k.say("settings.data"), part.NewGentle(k.say("settings.data.none")))
	}
	return titled(k.say("settings.data"), factTable(180, list))
}

func (s *settings) about() fyne.CanvasObject {
	k := s.kit
	var list []model.Fact
	if v, ok := k.Frame.(versioner); ok && v.Version() != "" {
		list = append(list, model.Fact{Label: k.say("settings.about.version"), Value: v.Version()})
	}
	list = append(list, model.Fact{Label: k.say("settings.about.licence"), Value: "Apache License 2.0"},
		model.Fact{Label: k.say("settings.about.font"), Value: "Inter, SIL Open Font License 1.1"})
	return titled(k.say("settings.about"), part.NewGentle(k.say("settings.about.text")), factTable(180, list),
		part.Row(0, part.NewButton(k.say("settings.about.licences"), func() {
			var m *part.Modal
			button := part.NewPrimary(k.say("word.close"), func() { m.Close() })
			m = part.ShowModal(k.Frame.Window().Canvas(), part.ModalSpec{Width: 640, Focus: button, Confirm: func() { m.Close() },
				Content: part.Pad(24, part.Column(14, headline(k.say("settings.about.font")),
					part.Fixed(0, 380, part.NewScroll(part.NewPara(string(resources.FontLicence()), part.Small, part.Mono(), part.Muted))),
					part.Row(0, part.Space(), button)))})
		}).Compact()))
}
