package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// systems is the page of the systems whose privileges are handed out.
type systems struct {
	kit     Kit
	rows    []core.SystemRow
	kinds   []core.KindInfo
	scroll  *part.Scroll
	content fyne.CanvasObject
	cancel  func()
	stop    func()
	cards   []model.SystemCard
}

func newSystems(k Kit) Screen {
	s := &systems{kit: k, scroll: part.NewScroll(part.NewPanel(part.Pad(20, part.Skeleton(8))))}
	objects := []fyne.CanvasObject{}
	if k.Me.MayManageAccess {
		objects = append(objects, part.Row(10, part.Space(), part.NewButtonOf(part.Primary, k.say("system.add"), "plus", func() { k.Frame.Push(newSystemWizard(k)) })))
	}
	s.content = part.Column(14, append(objects, part.Grow(s.scroll))...)
	s.read()
	return s
}

func (s *systems) Title() string              { return s.kit.say("system.title") }
func (s *systems) Content() fyne.CanvasObject { return s.content }

// Update implements Screen.
func (s *systems) Update(t []core.Topic) {
	if Concerns(t, core.TopicSystems, core.TopicRoles, core.TopicAssignments) {
		s.read()
	}
}

// systemsRead is what the page reads at once.
type systemsRead struct {
	rows  []core.SystemRow
	kinds []core.KindInfo
}

func (s *systems) read() {
	if s.cancel != nil {
		s.cancel()
	}
	k := s.kit
	s.cancel = Load(k.Async, func(ctx context.Context) (systemsRead, error) {
		var r systemsRead
		var err error
		if r.rows, err = k.Service.Systems(ctx); err != nil {
			return r, err
		}
		r.kinds, err = k.Service.Kinds(ctx)
		return r, err
	}, func(r systemsRead, err error) {
		if err != nil {
			s.scroll.SetContent(k.failed(err, s.read))
			return
		}
		s.rows, s.kinds = r.rows, r.kinds
		s.draw()
	})
}

func (s *systems) draw() {
	k := s.kit
	s.cards = model.SystemCards(k.Text, k.clock(), s.rows, s.kinds)
	var cards []fyne.CanvasObject
	for i := range s.cards {
		cards = append(cards, s.card(i))
	}
	if len(s.rows) <= 1 { // Stint itself is always there
		var add fyne.CanvasObject
		if k.Me.MayManageAccess {
			add = part.NewPrimary(k.say("system.add"), func() { k.Frame.Push(newSystemWizard(k)) })
		}
		cards = append(cards, part.NewPanel(part.Empty("systems", k.say("system.empty.title"), k.say("system.empty.text"), add)))
	}
	s.scroll.SetContent(part.Inset(0, 12, 20, 0, part.Cards(360, 14, cards...)))
}

func (s *systems) card(i int) fyne.CanvasObject {
	k, c, row := s.kit, s.cards[i], s.rows[i]
	var figures []fyne.CanvasObject
	for _, n := range c.Numbers {
		ink := part.Ink
		if n.Value == "0" {
			ink = part.Faint
		}
		figures = append(figures, part.Weigh(1, part.Column(0, part.NewText(n.Value, part.Large, part.SemiBold(), ink), part.NewFaint(n.Label).Shrinking())))
	}
	objects := []fyne.CanvasObject{
		part.TopRow(12, part.NewSurface(part.AccentGround, "", part.Radius, part.Pad(9, part.NewIcon(systemIcon(row), part.AccentInk, 20))),
			part.Grow(part.Column(2, part.NewText(c.Name, part.Large, part.SemiBold(), part.Ink).Shrinking(), part.NewSmall(c.How).Shrinking())),
			chip(c.Health)),
		part.NewGentle(c.Contact),
	}
	if c.Problem != "" {
		objects = append(objects, part.NewSurface(part.DangerGround, "", part.Radius, part.Pad(10, part.NewPara(c.Problem, part.Small, part.Regular(), part.DangerInk))))
	}
	objects = append(objects, part.Row(8, figures...))
	if c.Drift != "" {
		objects = append(objects, part.Banner(part.ToneEnding, c.Drift, part.NewButton(k.say("system.drift.look"), func() { k.Frame.Push(newDrifts(k, row.System)) }).Compact()))
	}
	if c.Residual != "" {
		objects = append(objects, part.TopRow(8, part.Inset(1, 0, 0, 0, part.NewIcon("clock", part.Faint, 14)), part.Grow(part.NewHint(c.Residual))))
	}
	if k.Me.MayManageAccess && c.Editable {
		objects = append(objects, part.Flow(8,
			part.NewButtonOf(part.Secondary, k.say("system.more_roles"), "plus", func() { k.Frame.Push(newMoreRoles(k, row.System)) }).Compact(),
			part.NewButton(k.say("system.edit"), func() { k.Frame.Push(newSystemEdit(k, row.System)) }).Compact(),
			part.NewDrop(k.say("system.remove"), func() { removeSystem(k, row, s.read) }).Compact()))
	}
	return part.NewPanel(part.Pad(18, part.Column(14, objects...)))
}

func systemIcon(r core.SystemRow) string {
	kind := r.Kind
	if as := r.Settings["as"]; as != "" {
		kind = core.Kind(as)
	}
	return kindIcon(kind)
}

// kindIcon is the picture of a kind of system.
func kindIcon(k core.Kind) string {
	switch k {
	case core.KindPostgres:
		return "database"
	case core.KindLinux:
		return "terminal"
	case core.KindStint:
		return "shield"
	case "ldap", "ad", "activedirectory":
		return "directory"
	case "entra", "azure":
		return "cloud"
	}
	return "server"
}

// removeSystem asks before a system drains and is forgotten.
func removeSystem(k Kit, r core.SystemRow, done func()) {
	title, text, button := model.SystemRemoval(k.Text, r)
	cmd := core.RemoveSystem{System: r.ID}
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	why := part.NewField(part.FieldSpec{Label: k.say("assign.justification.optional"), Helper: k.say("assign.justification.hint"), Lines: 2,
		Changed: func(v string) { cmd.Justification = v }, Relayout: relayout})
	proof := part.NewProof(k.proofWords(), nil, nil, relayout)
	proof.Hide()
	notes := part.Layers()
	banner(notes, nil)
	c = k.Frame.Confirm(part.ConfirmSpec{
		Title: title, Text: text, Danger: true, Action: button, Cancel: k.say("word.cancel"), Focus: why,
		More: part.Column(14, notes, why, proof),
		Do: k.confirmed(func() (core.Command, error) { return cmd, nil }, proof, why, func(core.Result) {
			k.Frame.Toast(k.say("system.remove.started", "system", r.Name), "", nil)
			done()
		}),
	})
	k.ahead(cmd, c, notes, proof)
}

// ahead asks what a command would do, while the question about it is open: what
// is worth knowing comes above, where a code is needed there is its field at
// once, and what would be refused says so before anything is typed.
func (k Kit) ahead(cmd core.Command, c *part.Confirm, notes *fyne.Container, proof *part.Proof) {
	Load(k.Async, func(ctx context.Context) (core.Plan, error) { return k.Service.Preview(ctx, cmd) }, func(p core.Plan, err error) {
		if core.CodeOf(err) == core.Refused || core.CodeOf(err) == core.Forbidden {
			c.Fail(k.Text.Error(err))
			return
		}
		if err != nil {
			return // it is said again, and in its place, when it is tried
		}
		var banners []fyne.CanvasObject
		for _, n := range p.Result.Notes {
			banners = append(banners, part.Banner(part.ToneEnding, k.Text.Note(n), nil))
		}
		if len(banners) > 0 {
			banner(notes, part.Column(8, banners...))
		}
		if p.NeedsCode {
			proof.Show()
			c.Relayout()
			c.Ask(proof)
			return
		}
		c.Relayout()
	})
}

// confirmed is what a question does when its action is pressed: it sends the
// command, asks for a code where one is needed, shows a refusal at the field
// it is about, and closes when it was done.
func (k Kit) confirmed(command func() (core.Command, error), proof *part.Proof, why *part.Field, done func(core.Result)) func(*part.Confirm) {
	return func(c *part.Confirm) {
		cmd, err := command()
		if err != nil {
			c.Fail(k.Text.Error(err))
			return
		}
		c.Busy(true)
		k.do(cmd, proof.Take(), func(res core.Result, err error) {
			if err == nil {
				err = firstProblem(res)
			}
			switch {
			case err == nil:
				c.Close()
				done(res)
			case wantsCode(err):
				k.askCode(c, proof, err)
			case why != nil && errorField(err) == "justification":
				c.Busy(false)
				why.SetError(k.Text.Error(err))
				part.FocusOn(why)
			default:
				c.Fail(k.Text.Error(err))
			}
		})
	}
}
