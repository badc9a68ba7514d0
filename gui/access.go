package gui

import (
	"context"
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// access is the page "My access".
type access struct {
	kit    Kit
	data   core.Access
	loaded bool
	filter string
	cards  map[core.AssignmentID]*card
	beaten time.Time // when the cards were last looked at
	scroll *part.Scroll
	table  *part.Table[core.EligibleRow]
	bar    *fyne.Container
	root   *fyne.Container
	untick func()
	cancel func()
}

func newAccess(k Kit) Screen {
	s := &access{kit: k, cards: map[core.AssignmentID]*card{}}
	s.scroll = part.NewScroll(part.Skeleton(6)).ToEdge()
	s.bar = part.LowAtFoot(part.Gap(0, 0))
	s.bar.Hide()
	s.table = part.NewTable(part.TableSpec[core.EligibleRow]{
		Columns: []part.TableColumn{
			{Width: 38},
			{Title: s.t("access.col.role"), Width: 130, Weight: 2},
			{Title: s.t("access.col.system"), Width: 150, Weight: 2.2},
			{Title: s.t("access.col.scope"), Width: 76, Weight: 1, Drop: 3},
			{Title: s.t("access.col.until"), Width: 136, Weight: 0.7, Drop: 1},
			{Title: s.t("access.col.rules"), Width: 112, Weight: 1, Drop: 2},
			{Width: 96},
		},
		Key:     func(r core.EligibleRow) string { return string(r.ID) },
		Cells:   s.cells,
		Check:   s.ticked,
		MayTick: core.EligibleRow.Ready,
		Fit:     60,
	})
	s.root = part.Layers(s.scroll, s.bar)
	s.untick = k.Async.Tick(s.beat)
	s.Update(nil)
	return s
}

func (s *access) t(key string, args ...string) string { return s.kit.Text.T(key, args...) }

func (s *access) Title() string              { return s.t("page.access") }
func (s *access) Content() fyne.CanvasObject { return s.root }

// Close implements the frame's closer.
func (s *access) Close() { s.untick() }

// Update reads the page again when something of one's own changed.
func (s *access) Update(topics []core.Topic) {
	if !Concerns(topics, core.TopicAccess) {
		return
	}
	if s.cancel != nil {
		s.cancel()
	}
	s.cancel = Load(s.kit.Async, s.kit.Service.Access, func(a core.Access, err error) {
		switch {
		case err == nil:
			s.data, s.loaded = a, true
			s.build()
		case !s.loaded:
			again := part.NewButton(s.t("again"), func() { s.Update(nil) })
			s.scroll.SetContent(part.Banner(part.ToneDanger, s.kit.Text.Error(err), again))
		}
		// What was read before stays on the page; the frame says that the
		// server is away, and the rings go on by their deadlines.
	})
}

// calmBeat is how often the cards are looked at while none of them counts
// seconds. Painting the window costs more than all that Stint does meanwhile,
// so that minutes that change one by one change together.
const calmBeat = 20 * time.Second

// beat lets the cards count down. A clock that was moved counts as time passed.
func (s *access) beat(time.Time) {
	now := s.kit.Now()
	since := now.Sub(s.beaten)
	if !s.loaded || !s.kit.Frame.Shows(s) || since >= 0 && since < calmBeat && !slices.ContainsFunc(s.data.Active, func(r core.AccessRow) bool { return model.Lively(r, now) }) {
		return
	}
	s.beaten = now
	changed, moved := false, false
	for _, r := range s.data.Active {
		if c := s.cards[r.ID]; c != nil {
			was := c.now.Wrong()
			changed = c.update(model.CardOf(s.kit.Text, r, now)) || changed
			moved = moved || c.now.Wrong() != was
		}
	}
	switch {
	case moved:
		s.build()
	case changed:
		s.scroll.Relayout()
	}
}

// build makes the page of what was read.
func (s *access) build() {
	now := s.kit.Now()
	s.beaten = now
	say := s.kit.Text
	cards := map[core.AssignmentID]*card{}
	cardOf := func(c model.Card) fyne.CanvasObject {
		old := s.cards[c.ID]
		if old == nil {
			old = s.newCard(c)
		} else {
			old.update(c)
		}
		cards[c.ID] = old
		return old.panel
	}
	var sections []fyne.CanvasObject
	section := func(key string, o fyne.CanvasObject) {
		sections = append(sections, part.Column(12, part.NewHeading(s.t(key)), o))
	}
	var wrong, running, standing []fyne.CanvasObject
	for _, r := range s.data.Active {
		if model.Standing(r, now) {
			standing = append(standing, s.standing(r))
			continue
		}
		// What is wrong takes a few sentences. Beside others it would leave them empty
		// below; across the page it is read at once.
		if c := model.CardOf(say, r, now); c.Wrong() {
			wrong = append(wrong, cardOf(c))
		} else {
			running = append(running, cardOf(c))
		}
	}
	if len(running) > 0 {
		wrong = append(wrong, part.Cards(280, 14, running...))
	}
	if len(wrong) > 0 {
		section("access.active", part.Column(14, wrong...))
	}
	if len(s.data.Scheduled) > 0 {
		var all []fyne.CanvasObject
		for _, r := range s.data.Scheduled {
			all = append(all, cardOf(model.Scheduled(say, r, now)))
		}
		section("access.scheduled.title", part.Cards(280, 14, all...))
	}
	s.cards = cards
	if len(s.data.Pending) > 0 {
		var all []fyne.CanvasObject
		for i, r := range s.data.Pending {
			if i > 0 {
				all = append(all, part.NewHairline())
			}
			all = append(all, s.pending(r, now))
		}
		section("access.pending", part.NewPanel(part.Inset(4, 0, 4, 0, part.Column(0, all...))))
	}
	if len(s.data.Favourites) > 0 {
		line := []fyne.CanvasObject{part.NewHeading(s.t("access.favourites"))}
		for _, f := range s.data.Favourites {
			line = append(line, s.pill(f))
		}
		sections = append(sections, part.Flow(10, line...))
	}
	sections = append(sections, s.eligible())
	if ending, more := model.Ending(s.data, now); len(ending) > 0 {
		section("continue.ending", s.ending(ending, more, now))
	}
	if len(standing) > 0 {
		section("access.standing", part.NewPanel(part.Inset(4, 0, 4, 0, part.Column(0, standing...))))
	}
	if len(s.data.Expired) > 0 {
		section("access.expired", s.expired(now))
	}
	s.scroll.SetContent(part.Inset(2, 0, 84, 0, part.Column(22, sections...)))
	s.ticked()
}

func (s *access) eligible() fyne.CanvasObject {
	if len(s.data.Eligible) == 0 {
		title, text := s.t("access.empty.title"), s.t("access.empty.text")
		var action fyne.CanvasObject
		if s.kit.Me.MayManageAccess {
			text = s.t("access.empty.admin")
			action = part.NewPrimary(s.t("access.empty.action"), func() { s.kit.Frame.Go("assignments") })
		}
		return part.Column(12, part.NewHeading(s.t("access.eligible")), part.NewPanel(part.Empty("access", title, text, action)))
	}
	s.show()
	head := []fyne.CanvasObject{part.NewHeading(s.t("access.eligible")), part.Space()}
	if len(s.data.Eligible) > 8 {
		search := part.NewSearch(s.t("access.filter"), func(v string) {
			s.filter = v
			s.show()
			s.scroll.Relayout()
		})
		if s.filter != "" {
			search.SetValue(s.filter)
		}
		head = append(head, part.Fixed(240, 36, search))
	}
	return part.Column(12, part.Row(8, head...), s.table)
}

// show puts the rows that the filter finds into the table.
func (s *access) show() {
	rows := s.data.Eligible
	if s.filter != "" {
		rows = nil
		for _, r := range s.data.Eligible {
			if model.MatchEligible(r, s.filter) {
				rows = append(rows, r)
			}
		}
	}
	s.table.SetRows(rows)
}

func (s *access) cells(r core.EligibleRow) []part.Cell {
	l := model.EligibleLineOf(s.kit.Text, r, s.data.Favourites, s.kit.Now())
	star := part.Cell{Look: part.LookIcon, Icon: "star", Tip: s.t("access.star"), Tap: func() { s.star(r, l) }}
	if l.Starred {
		star.Icon, star.Tone, star.Tip = "star-filled", part.ToneEnding, s.t("access.unstar")
	}
	until := part.Cell{Text: l.Until, Look: part.LookMuted}
	if l.Soon {
		until.Look, until.Tone = part.LookChip, part.ToneEnding
		if _, asked := s.data.Continuing(r.ID); !asked {
			until.Tip, until.Tap = s.t("continue.extend.ask.action"), func() { s.extend(r) }
		}
	}
	button := part.Cell{Text: s.t("access.activate"), Look: part.LookButton, Tap: func() { s.activate([]core.EligibleRow{r}) }}
	switch {
	case l.Running.Word != "":
		button = markCell(s.running(r, l.Running))
	case r.Asked != "":
		button = markCell(model.Mark{Word: s.t("request.asked_chip"), Tone: model.TonePending})
	case l.Blocked != "":
		button.Off, button.Tip = true, l.Blocked
	}
	return []part.Cell{star, {Text: l.Role, Look: part.LookStrong}, {Text: l.System, Sub: l.Kind}, {Text: l.Scope, Look: part.LookMono},
		until, {Text: l.Rules, Look: part.LookMuted}, button}
}

// pending is the line of what waits for the approval of others.
func (s *access) pending(r core.RequestRow, now time.Time) fyne.CanvasObject {
	l := model.RequestLineOf(s.kit.Text, r, now)
	back := part.NewButton(s.t("request.take_back"), func() {
		s.kit.Frame.Confirm(part.ConfirmSpec{
			Title: s.t("request.take_back.title", "role", r.RoleName), Text: s.t("request.take_back.text"), Action: s.t("request.take_back"), Cancel: s.t("request.keep"),
			Do: func(c *part.Confirm) { takeBack(s.kit, c, r.ID, func() { s.Update(nil) }) },
		})
	}).Compact()
	limit := ""
	if r.Approval != nil {
		limit = s.t("request.waits_until", "time", s.kit.Text.When(r.Approval.Limit, now))
	}
	return part.Inset(10, 16, 10, 18, part.Row(14,
		part.Grow(part.Column(3, part.NewStrong(l.Role).Shrinking(), part.NewFaint(l.Place).Shrinking())),
		part.NewMuted(l.Length), part.NewMuted(limit), chip(l.State), back))
}

// standing is the line of what is one's own for good.
func (s *access) standing(r core.AccessRow) fyne.CanvasObject {
	return part.Inset(8, 16, 8, 16, part.Row(10,
		part.NewIcon("check-circle", part.ActiveInk, 16),
		part.Weigh(1, part.NewText(r.RoleName, part.Body, part.Medium(), part.Ink).Shrinking()),
		part.Weigh(1.4, part.NewMuted(model.PlaceOf(s.kit.Text, r.AssignmentRow)).Shrinking()),
		part.NewFaint(s.t("access.standing.permanent"))))
}

// running is the mark of a role that was activated already, which may be
// still to come or on its way.
func (s *access) running(r core.EligibleRow, m model.Mark) model.Mark {
	for _, x := range s.data.Scheduled {
		if x.ID == r.Now {
			return model.Mark{Word: s.t("access.chip.scheduled"), Tone: model.ToneEligible}
		}
	}
	for _, x := range s.data.Active {
		if x.ID == r.Now {
			if c := model.CardOf(s.kit.Text, x, s.kit.Now()); c.Chip.Tone == model.TonePending || c.Chip.Tone == model.ToneBad && x.Stuck(s.kit.Now()) {
				return c.Chip
			}
		}
	}
	return m
}

// ending lists what is eligible and ends soonest, each with the way to keep it.
func (s *access) ending(ending []core.EligibleRow, more int, now time.Time) fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for i, r := range ending {
		if i > 0 {
			rows = append(rows, part.NewHairline())
		}
		rows = append(rows, s.line(r.AssignmentRow, part.NewChip(model.EndsIn(s.kit.Text, r.End, now), part.ToneEnding),
			part.NewButton(s.t("continue.extend"), func() { s.extend(r) }).Compact()))
	}
	if more > 0 {
		rows = append(rows, part.NewHairline(), part.Inset(8, 16, 8, 16, part.NewFaint(model.Count(s.kit.Text, "continue.more", more))))
	}
	return part.NewPanel(part.Inset(4, 0, 4, 0, part.Column(0, rows...)))
}

// extend asks to keep what is eligible.
func (s *access) extend(r core.EligibleRow) {
	continueAssignment(s.kit, r.AssignmentRow, false, func() { s.Update(nil) })
}

// expired lists what has ended and can be renewed.
func (s *access) expired(now time.Time) fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for i, r := range s.data.Expired {
		if i > 0 {
			rows = append(rows, part.NewHairline())
		}
		var renew fyne.CanvasObject = part.NewButton(s.t("continue.renew"), func() {
			continueAssignment(s.kit, r, false, func() { s.Update(nil) })
		}).Compact()
		if _, asked := s.data.Continuing(r.ID); asked {
			renew = part.NewChip(s.t("request.asked_chip"), part.TonePending)
		}
		rows = append(rows, s.line(r, part.NewFaint(s.t("access.expired.when", "time", s.kit.Text.Ago(r.Ended, now))), renew))
	}
	return part.NewPanel(part.Inset(4, 0, 4, 0, part.Column(0, rows...)))
}

// line is a quiet row about an assignment, with what can be done at its end.
func (s *access) line(r core.AssignmentRow, more ...fyne.CanvasObject) fyne.CanvasObject {
	return part.Inset(8, 16, 8, 16, part.Row(12, append([]fyne.CanvasObject{
		part.Weigh(1, part.NewText(r.RoleName, part.Body, part.SemiBold(), part.Muted).Shrinking()),
		part.Weigh(1.2, part.NewMuted(model.PlaceOf(s.kit.Text, r)).Shrinking()),
		part.NewFaint(s.t("continue.kind." + string(r.Kind))),
	}, more...)...))
}

// ticked shows or hides the bar for what is ticked.
func (s *access) ticked() {
	rows := s.table.Ticked()
	s.bar.Hidden = len(rows) == 0
	if len(rows) > 0 {
		n := strconv.Itoa(len(rows))
		soft := ""
		if len(rows) > 1 {
			soft = s.t("access.bar.soft")
		}
		s.bar.Objects = []fyne.CanvasObject{part.FloatBar(s.t("access.bar", "n", n), soft,
			part.NewPrimary(s.t("activate.title", "n", n), func() { s.activate(s.table.Ticked()) }))}
	}
	s.root.Refresh()
}

func (s *access) activate(rows []core.EligibleRow) {
	if len(rows) > 20 { // a limit of the command
		s.kit.Frame.Toast(s.t("access.too_many"), "", nil)
		return
	}
	s.kit.Frame.Push(newActivation(s.kit, model.NewActivation(rows), false, func() { s.table.Untick(); s.ticked() }))
}

// star makes a favourite of one role, with what its policy allows, or takes it
// away again.
func (s *access) star(r core.EligibleRow, l model.EligibleLine) {
	var c core.Command = core.RemoveFavourite{ID: l.Favour}
	if !l.Starred {
		c = core.SaveFavourite{Favourite: core.Favourite{Name: r.RoleName, Items: []core.ActivationItem{{Assignment: r.ID}},
			Duration: core.Duration(min(time.Hour, r.Policy.MaxDuration.Std()))}}
	}
	s.command(c, nil)
}

func (s *access) command(c core.Command, done func()) {
	s.kit.Async.Act(func(ctx context.Context) error {
		_, err := s.kit.Service.Do(ctx, core.Call{Command: c})
		return err
	}, func(err error) {
		if err != nil {
			s.kit.Frame.Fail(err)
			return
		}
		s.Update(nil)
		if done != nil {
			done()
		}
	})
}

func (s *access) pill(f core.Favourite) fyne.CanvasObject {
	l := model.FavouriteLineOf(s.kit.Text, f, s.data.Eligible)
	if t, ok := s.kit.Frame.(watchful); ok {
		if away := model.FavouriteAway(s.kit.Text, f, s.data.Eligible, t.Troubles()); away != "" {
			l.Sub += " · " + away
		}
	}
	forget := fyne.NewMenuItem(s.t("access.favourite.remove"), func() {
		s.command(core.RemoveFavourite{ID: f.ID}, func() {
			again := f
			again.ID = ""
			s.kit.Frame.Toast(s.t("access.favourite.removed", "name", f.Name), s.t("undo"), func() { s.command(core.SaveFavourite{Favourite: again}, nil) })
		})
	})
	start := fyne.NewMenuItem(s.t("access.favourite.activate"), func() { startFavourite(s.kit, f, s.data.Eligible) })
	start.Disabled = !l.Ready
	return part.NewPill("star-filled", l.Name, l.Sub, !l.Ready, l.Why, start.Action, fyne.NewMenu("", start, forget))
}

// watchful is a frame that knows what is wrong now.
type watchful interface{ Troubles() []core.Trouble }

// Troubled shows which favourites lead to a system that is away, or is back.
func (s *access) Troubled() {
	if s.loaded && len(s.data.Favourites) > 0 {
		s.build()
	}
}

// startFavourite opens the activation of a favourite: one page, and only the
// code left to type.
func startFavourite(k Kit, f core.Favourite, eligible []core.EligibleRow) {
	a := model.FromFavourite(f, eligible)
	if len(a.Rows) == 0 {
		return
	}
	k.Frame.Push(newActivation(k, a, true, nil))
}

func (s *access) row(id core.AssignmentID) (core.AccessRow, bool) {
	all := slices.Concat(s.data.Active, s.data.Scheduled)
	i := slices.IndexFunc(all, func(r core.AccessRow) bool { return r.ID == id })
	if i < 0 {
		return core.AccessRow{}, false
	}
	return all[i], true
}
