package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// policyEditor edits the settings of one level: each with its value, where it
// comes from, and a way back to what is inherited. Nothing is stored until
// Save, because settings are changed together.
type policyEditor struct {
	kit     Kit
	level   string
	system  core.SystemID // of a role
	form    *model.PolicyForm
	dirty   bool
	scroll  *part.Scroll
	foot    *fyne.Container
	save    *part.Button
	proof   *part.Proof
	fields  map[string]*part.Field
	origins map[string]*fyne.Container
	content *fyne.Container
	bulk    *policyBulk // whose settings these are, if they are for many roles
}

func newPolicyEditor(k Kit, level string) *policyEditor {
	e := &policyEditor{kit: k, level: level, scroll: part.NewScroll(part.NewPanel(part.Pad(20, part.Skeleton(8)))), foot: part.Layers(), fields: map[string]*part.Field{}}
	e.save = part.NewPrimary(k.say("policy.save"), e.store)
	e.foot.Hide()
	e.content = part.Column(10, part.Grow(e.scroll), e.foot)
	return e
}

// setRole reads the levels for a role, unless something is being edited.
func (e *policyEditor) setRole(p core.RolePage) {
	e.system = p.Role.System
	if !e.dirty {
		e.read()
	}
}

// levels are the settings of the levels from the default to this one.
type levels struct {
	def, system, own core.PolicySettings
	names            map[string]string // of approvers
}

func (e *policyEditor) read() {
	k, level, system := e.kit, e.level, e.system
	Load(k.Async, func(ctx context.Context) (l levels, err error) {
		l.own, err = k.Service.Policies(ctx, level)
		if err == nil && level != core.DefaultLevel {
			l.def, err = k.Service.Policies(ctx, core.DefaultLevel)
		}
		if err == nil && system != "" {
			l.system, err = k.Service.Policies(ctx, string(system))
		}
		if err == nil {
			l.names, err = k.approverNames(ctx, l.own, l.def, l.system)
		}
		return l, err
	}, func(l levels, err error) {
		if err != nil {
			e.scroll.SetContent(k.failed(err, e.read))
			return
		}
		switch {
		case level == core.DefaultLevel:
			e.form = model.DefaultPolicyForm(l.own)
		case system == "":
			e.form = model.SystemPolicyForm(core.SystemID(level), l.def, l.own)
		default:
			e.form = model.RolePolicyForm(core.RoleID(level), l.def, l.system, l.own)
		}
		e.form.Names = l.names
		e.changed(false)
	})
}

// changed draws again after a change or its end.
func (e *policyEditor) changed(dirty bool) {
	if e.bulk != nil {
		e.bulk.draw()
		return
	}
	e.draw()
	e.mark(dirty)
}

// mark shows or hides the buttons that save and discard.
func (e *policyEditor) mark(dirty bool) {
	k := e.kit
	e.dirty = dirty
	if !dirty {
		e.foot.Hide()
	} else if !e.foot.Visible() {
		e.proof = part.NewProof(k.proofWords(), e.store, nil, func() { e.content.Refresh() })
		e.proof.Hide()
		e.foot.Show()
		swap(e.foot, part.Column(10, e.proof, part.Row(10, part.NewChip(k.say("policy.unsaved"), part.ToneEnding), part.Space(),
			part.NewButton(k.say("policy.discard"), func() { e.dirty = false; e.read() }), e.save)))
	}
	e.content.Refresh()
}

func (e *policyEditor) draw() {
	k := e.kit
	var sections []fyne.CanvasObject
	if !k.Me.MayManageAccess {
		sections = append(sections, part.Banner(part.ToneAccent, k.say("policy.not_yours"), nil))
	}
	e.scroll.SetContent(part.Inset(0, 12, 20, 0, part.Column(20, append(sections, e.rows())...)))
}

// rows are all settings in their sections; of many roles, those that are made.
func (e *policyEditor) rows() fyne.CanvasObject {
	k := e.kit
	e.fields, e.origins = map[string]*part.Field{}, map[string]*fyne.Container{}
	var sections []fyne.CanvasObject
	section, rows := "", []fyne.CanvasObject(nil)
	flush := func() {
		if len(rows) > 0 {
			sections = append(sections, part.Column(10, part.NewHeading(k.Text.T(section)), lines(rows...)))
		}
		rows = nil
	}
	for _, r := range e.form.Rows(k.Text) {
		if e.bulk != nil && !r.Own {
			continue
		}
		if r.Section != section {
			flush()
			section = r.Section
		}
		rows = append(rows, e.row(r))
	}
	flush()
	return part.Column(20, sections...)
}

// row is one setting: what it is, where it comes from, and its control.
func (e *policyEditor) row(r model.PolicyRow) fyne.CanvasObject {
	may := e.kit.Me.MayManageAccess

	e.origins[r.Name] = part.Layers(e.origin(r))
	var control fyne.CanvasObject
	switch {
	case r.Kind == model.PolicySwitch:
		w := part.NewSwitch("", "", r.On, func(on bool) {
			e.form.SetSwitch(r.Name, on)
			e.changed(true)
		})
		if !may {
			w.Disable()
		}
		control = part.Row(8, part.Space(), part.NewMuted(r.Value), part.Fixed(64, 22, w))
	case r.Kind == model.PolicyStages:
		control = e.stages(r, may)
	case r.Kind == model.PolicyNotify:
		control = e.notify(r, may)
	case r.Kind == model.PolicyDrops && may:
		control = e.drops()
	case !may:
		control = part.NewStrong(r.Value).Align(fyne.TextAlignTrailing).Shrinking()
	default:
		unit := ""
		if r.Kind != model.PolicyText {
			unit = r.Value
		}
		f := part.NewField(part.FieldSpec{Value: r.Edit, Unit: unit, Mono: r.Kind == model.PolicyText, Relayout: e.scroll.Relayout,
			Submitted: func() { e.store() }, Changed: func(v string) { e.typed(r.Name, v) }})
		e.fields[r.Name] = f
		control = f
	}
	return part.Inset(12, 18, 12, 18, part.Row(18,
		part.Weigh(3, part.Column(3, part.NewPara(r.Label, part.Body, part.Medium(), part.Ink), part.NewHint(r.Help))),
		part.Fixed(180, 0, e.origins[r.Name]), part.Weigh(1.6, control)))
}

// drops lists what may end an activation at once.
func (e *policyEditor) drops() fyne.CanvasObject {
	var checks []fyne.CanvasObject
	for _, r := range core.DropReasons() {
		checks = append(checks, part.NewCheck(model.DropText(e.kit.Text, []core.DropReason{r}), e.form.Drops(r), func(on bool) {
			e.form.SetDrop(r, on)
			e.took("drop_on")
		}))
	}
	return part.Column(8, checks...)
}

// stages says who has to agree, and offers to change it.
func (e *policyEditor) stages(r model.PolicyRow, may bool) fyne.CanvasObject {
	text := part.NewPara(r.Value, part.Body, part.Medium(), part.Ink)
	if !may {
		return text
	}
	return part.Column(6, text, part.Row(0, part.NewLink(e.kit.say("policy.change"), func() {
		editStages(e.kit, e.form, func() { e.changed(true) })
	})))
}

// origin says where a value comes from, and offers to go back to what is
// inherited.
func (e *policyEditor) origin(r model.PolicyRow) fyne.CanvasObject {
	if e.bulk != nil {
		return part.Row(8, part.NewLink(e.kit.say("bulk.take_out"), func() {
			e.form.Reset(r.Name)
			e.changed(true)
		}))
	}
	if !r.Own {
		return part.Row(0, part.NewChip(r.OriginText, part.ToneNeutral))
	}
	own := []fyne.CanvasObject{part.NewChip(r.OriginText, part.ToneAccent)}
	if e.kit.Me.MayManageAccess {
		own = append(own, part.NewLink(e.kit.say("policy.reset"), func() {
			e.form.Reset(r.Name)
			e.changed(true)
		}))
	}
	return part.Row(8, own...)
}

// typed takes a text over if it can be read; the page is not drawn again, so
// that the field keeps the keyboard.
func (e *policyEditor) typed(name, v string) {
	if err := e.form.SetText(name, v); err != nil {
		e.fields[name].SetError(e.kit.Text.Error(err))
		e.save.SetEnabled(false)
		return
	}
	e.save.SetEnabled(true)
	e.took(name)
}

// took shows that a setting is made here now, and leaves its control alone, so
// that it keeps the keyboard.
func (e *policyEditor) took(name string) {
	if e.bulk != nil {
		e.bulk.plan.clear()
		return
	}
	e.mark(true)
	for _, r := range e.form.Rows(e.kit.Text) {
		if r.Name == name {
			swap(e.origins[name], e.origin(r))
		}
	}
	e.scroll.Relayout()
}

// store saves the level.
func (e *policyEditor) store() {
	k := e.kit
	if e.bulk != nil {
		e.bulk.look()
		return
	}
	if !e.dirty {
		return
	}
	e.save.Busy(true)
	k.do(e.form.Command(), e.proof.Take(), func(_ core.Result, err error) {
		e.save.Busy(false)
		switch {
		case wantsCode(err):
			e.proof.Show()
			e.proof.Refused(k.Text.Error(err))
			e.content.Refresh()
			part.FocusOn(e.proof)
		case err != nil:
			k.Frame.Fail(err)
		default:
			e.dirty = false
			k.Frame.Toast(k.say("policy.saved"), "", nil)
			e.read()
		}
	})
}

// policyScreen edits the default settings, or those of a system.
type policyScreen struct {
	kit     Kit
	title   string
	content fyne.CanvasObject
	editor  *policyEditor
}

func newPolicyScreen(k Kit, level, system string) Screen {
	s := &policyScreen{kit: k, editor: newPolicyEditor(k, level), title: k.say("policy.title.default")}
	text := k.say("policy.title.default.text")
	if level != core.DefaultLevel {
		s.title, text = k.say("policy.title.system", "system", system), k.say("policy.title.system.text")
	}
	s.content = part.Column(14,
		part.Row(12, part.NewButtonOf(part.Quiet, k.say("role.back"), "arrow-left", k.Frame.Pop), part.Grow(part.NewGentle(text))), part.Grow(s.editor.content))
	s.editor.read()
	return s
}

func (s *policyScreen) Title() string              { return s.title }
func (s *policyScreen) Content() fyne.CanvasObject { return s.content }

// Update implements Screen; what is being edited stays.
func (s *policyScreen) Update(t []core.Topic) {
	if Concerns(t, core.TopicRoles) && !s.editor.dirty {
		s.editor.read()
	}
}

// TakeKey goes back on Esc.
func (s *policyScreen) TakeKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		s.kit.Frame.Pop()
	}
}
