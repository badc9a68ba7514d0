package gui

import (
	"context"
	"io"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// neighbours is how many entries of the story are shown on either side of one.
const neighbours = 5

// audit is the page of the log: filters, the entries newest first, and one of
// them with its neighbours in the story.
type audit struct {
	kit     Kit
	query   model.AuditQuery
	filter  core.EntryFilter // the last good one
	table   *part.Table[core.Entry]
	split   *part.Split
	detail  *part.Scroll
	verdict *fyne.Container
	note    *fyne.Container
	dates   *fyne.Container
	system  *part.Select
	role    *part.Select // a Lookup
	systems []core.SystemRow
	content fyne.CanvasObject
	pace    Pace // of typing
	story   func()
}

func newAudit(k Kit) Screen {
	s := &audit{kit: k, query: model.AuditQuery{Span: model.SpanWeek}, detail: part.NewScroll(part.Gap(1, 1)).Inside(),
		verdict: part.Layers(), note: part.Layers()}
	s.verdict.Hide()
	s.note.Hide()
	s.build()
	s.ask()
	s.readSystems()
	return s
}

func (s *audit) Title() string              { return s.kit.say("audit.title") }
func (s *audit) Content() fyne.CanvasObject { return s.content }

// Update implements Screen.
func (s *audit) Update(t []core.Topic) {
	if Concerns(t, core.TopicAudit) {
		s.kit.renew(s.table.AtTop(), s.note, s.content, s.ask)
	}
	if Concerns(t, core.TopicSystems) {
		s.readSystems()
	}
}

// choice adds a filter that is chosen from a list.
func (s *audit) choice(options []string, pick func(int)) *part.Select {
	return part.NewSelect("", options, 0, "", func(i int) {
		pick(i)
		s.ask()
	}).Fitting().Searching(s.kit.say("word.find"), s.kit.say("word.nothing"))
}

func (s *audit) build() {
	k := s.kit
	var spans []string
	for _, x := range model.AuditSpans() {
		spans = append(spans, k.say("audit.span."+string(x)))
	}
	span := s.choice(spans, func(i int) {
		s.query.Span = model.AuditSpans()[i]
		s.dates.Hidden = s.query.Span != model.SpanCustom
		s.content.Refresh()
	})
	span.Choose(1)
	groups := []string{k.say("audit.all_actions")}
	for _, g := range model.ActionGroups()[1:] {
		groups = append(groups, k.say("audit.group."+strings.TrimSuffix(g, ".")))
	}
	outcomes := []core.Outcome{"", core.OutcomeDone, core.OutcomeRefused, core.OutcomeFailed}
	results := []string{k.say("audit.all_outcomes")}
	for _, o := range outcomes[1:] {
		results = append(results, k.say("audit.outcome."+string(o)))
	}
	s.system = s.choice([]string{k.say("audit.all_systems")}, func(i int) {
		s.query.System = ""
		if i > 0 {
			s.query.System = s.systems[i-1].ID
		}
		s.query.Role = ""
		s.role.SetOptions([]string{k.say("audit.all_roles")}, 0)
	})
	s.role = k.filterRole(k.say("audit.all_roles"), func() core.SystemID { return s.query.System }, func(r core.RoleID) {
		s.query.Role = r
		s.ask()
	})
	search := part.NewSearch(k.say("audit.filter"), func(v string) {
		s.query.Text = v
		k.Async.Soon(&s.pace, s.ask)
	})
	filters := part.Flow(8, span,
		k.filterPerson(k.say("audit.anyone"), func(p core.PersonID) {
			s.query.Person = p
			s.ask()
		}),
		s.system, s.role,
		s.choice(groups, func(i int) { s.query.Group = model.ActionGroups()[i] }),
		s.choice(results, func(i int) { s.query.Outcome = outcomes[i] }))
	from := k.dayField(k.say("audit.from"), "", false, func(v string) { s.query.From = v })
	to := k.dayField(k.say("audit.to"), "", true, func(v string) { s.query.To = v })
	s.dates = part.TopRow(12, part.Fixed(240, 0, from), part.Fixed(240, 0, to), part.Inset(24, 0, 0, 0, part.NewButton(k.say("audit.apply"), s.ask)))
	s.dates.Hide()
	s.table = part.NewTable(part.TableSpec[core.Entry]{
		Columns: []part.TableColumn{
			{Title: k.say("audit.col.no"), Width: 70, Drop: 2}, {Title: k.say("audit.col.time"), Width: 114}, {Title: k.say("audit.col.who"), Width: 106, Weight: 1},
			{Title: k.say("audit.col.what"), Width: 168, Weight: 1.4}, {Title: k.say("audit.col.on"), Width: 130, Weight: 2, Drop: 1, Folds: true}, {Title: k.say("audit.col.outcome"), Width: 92},
		},
		Key:   func(e core.Entry) string { return strconv.FormatInt(e.Seq, 10) },
		Cells: func(e core.Entry) []part.Cell { return entryCells(k, e) },
		Run:   k.Async.Run,
		Load: func(ctx context.Context, after string) ([]core.Entry, string, error) {
			l, err := k.Service.Entries(ctx, s.filter, core.Page{After: after, Limit: 100})
			return l.Items, l.Next, err
		},
		Empty:  part.Empty("audit", k.say("audit.empty.title"), k.say("audit.empty.text"), nil),
		Failed: k.failed, Select: s.show, RowHigh: 42,
	})
	s.split = part.NewSplit(s.table, part.NewPanel(part.Pad(2, s.detail)), 300, 460)
	head := []fyne.CanvasObject{part.Grow(search), s.verdict, part.NewButtonOf(part.Secondary, k.say("audit.verify"), "shield", s.verify)}
	if k.Me.MayExport {
		head = append(head, part.NewPrimary(k.say("audit.export"), s.export))
	}
	s.content = part.Column(12, part.Row(10, head...), filters, s.dates, s.note, part.Grow(s.split.Container), part.Gap(1, 2))
}

// entryCells are the cells of an entry: number, time, who, what, on, outcome.
func entryCells(k Kit, e core.Entry) []part.Cell {
	l := model.AuditLineOf(k.Text, k.clock(), e)
	return []part.Cell{
		{Text: l.No, Look: part.LookMono}, {Text: l.Time, Look: part.LookMuted, Tip: l.TimeTip}, {Text: l.Who},
		{Text: l.What, Look: part.LookStrong}, {Text: l.On, Look: part.LookMuted}, markCell(l.Outcome),
	}
}

// entryList is a table of entries without filters, for pages about one thing.
func entryList(k Kit, f core.EntryFilter, empty string) fyne.CanvasObject {
	t := part.NewTable(part.TableSpec[core.Entry]{
		Columns: []part.TableColumn{
			{Title: k.say("audit.col.no"), Width: 70, Drop: 2}, {Title: k.say("audit.col.time"), Width: 114}, {Title: k.say("audit.col.who"), Width: 110, Weight: 1},
			{Title: k.say("audit.col.what"), Width: 168, Weight: 1}, {Title: k.say("audit.col.on"), Width: 130, Weight: 2, Drop: 1, Folds: true}, {Title: k.say("audit.col.outcome"), Width: 96},
		},
		Key: func(e core.Entry) string { return strconv.FormatInt(e.Seq, 10) }, Cells: func(e core.Entry) []part.Cell { return entryCells(k, e) },
		Run: k.Async.Run,
		Load: func(ctx context.Context, after string) ([]core.Entry, string, error) {
			l, err := k.Service.Entries(ctx, f, core.Page{After: after, Limit: 100})
			return l.Items, l.Next, err
		},
		Empty: part.Empty("audit", empty, "", nil), Failed: k.failed, RowHigh: 42,
	})
	t.Reload()
	return t
}

// ask reads the list for the present filters, or says what is wrong with them.
func (s *audit) ask() {
	f, err := s.query.Filter(s.kit.clock())
	if err != nil {
		banner(s.note, part.Banner(part.ToneEnding, s.kit.Text.Error(err), nil))
		s.content.Refresh()
		return
	}
	if s.note.Visible() {
		banner(s.note, nil)
		s.content.Refresh()
	}
	s.filter = f
	s.table.Reload()
}

// show shows an entry with all its fields and its story.
func (s *audit) show(e core.Entry) {
	if s.story != nil {
		s.story()
	}
	s.split.Open(true)
	s.detail.Top()
	if e.Assignment == "" {
		s.draw(e, nil)
		return
	}
	k := s.kit
	s.draw(e, part.Skeleton(3))
	s.story = Load(k.Async, func(ctx context.Context) ([]core.Entry, error) { return k.Service.Story(ctx, e.Assignment) },
		func(list []core.Entry, err error) {
			if err != nil {
				s.draw(e, k.failed(err, func() { s.show(e) }))
				return
			}
			s.draw(e, k.storyList(model.StoryOf(k.Text, k.clock(), model.Around(list, e.Seq, neighbours), e.Seq, e.Time)))
		})
}

func (s *audit) draw(e core.Entry, story fyne.CanvasObject) {
	k := s.kit
	objects := []fyne.CanvasObject{
		part.TopRow(8, part.Grow(part.Column(3, part.NewPara(model.ActionName(k.Text, e.Action), part.Large, part.SemiBold(), part.Ink),
			part.NewSmall(model.EntryObject(k.Text, e)).Shrinking())),
			part.NewIconButton("close", k.say("assign.close"), s.close).Compact()),
		part.Row(8, chip(model.OutcomeMark(k.Text, e.Outcome)), part.NewMono(k.Text.Number(e.Seq))),
	}
	said, rest := model.EntryFacts(k.Text, e)
	if len(said) > 0 {
		objects = append(objects, factList(said))
	}
	if story != nil {
		objects = append(objects, part.NewHeading(k.say("audit.story")), story)
	}
	objects = append(objects, part.NewHairline(), factList(rest))
	s.detail.SetContent(part.Pad(16, part.Column(14, objects...)))
}

func (s *audit) close() {
	s.split.Open(false)
	s.table.Choose("")
}

// TakeKey closes the entry on Esc.
func (s *audit) TakeKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape && s.split.IsOpen() {
		s.close()
	}
}

// readSystems fills the filter of systems.
func (s *audit) readSystems() {
	k := s.kit
	Load(k.Async, k.Service.Systems, func(rows []core.SystemRow, err error) {
		if err != nil {
			return // the list itself says that the server can't be reached
		}
		s.systems = rows
		names, at := []string{k.say("audit.all_systems")}, 0
		for i, r := range rows {
			names = append(names, r.Name)
			if r.ID == s.query.System {
				at = i + 1
			}
		}
		s.system.SetOptions(names, at)
	})
}

// verify checks the whole chain, with progress and a way to stop.
func (s *audit) verify() {
	k := s.kit
	stopped := false
	var m *part.Modal
	var cancel func()
	bar := part.NewProgress(k.say("audit.verify.started"), k.say("word.cancel"), func() { m.Close() })
	m = part.ShowModal(k.Frame.Window().Canvas(), part.ModalSpec{Width: 460,
		Closed:  func() { stopped = true; cancel() },
		Content: part.Pad(24, part.Column(16, part.NewPara(k.say("audit.verify.running"), part.Large, part.SemiBold(), part.Ink), bar))})
	cancel = func() {}
	stop := Load(k.Async, func(ctx context.Context) (core.Verification, error) {
		return k.Service.VerifyAudit(ctx, core.Hash{}, func(done, total int64) {
			k.Async.Post(func() {
				if total > 0 && !stopped {
					bar.Set(float64(done)/float64(total), k.say("audit.verify.progress", "done", k.Text.Number(done), "total", k.Text.Number(total)))
				}
			})
		})
	}, func(v core.Verification, err error) {
		cancel = func() {}
		m.Close()
		if err != nil {
			k.Frame.Fail(err)
			return
		}
		s.verified(model.VerdictOf(k.Text, v))
	})
	cancel = func() {
		stop()
		k.Frame.Toast(k.say("audit.verify.canceled"), "", nil)
	}
	if stopped { // the work was done at once, as in tests
		cancel = func() {}
	}
}

// verified shows the verdict, and keeps it in the page's head.
func (s *audit) verified(v model.Verdict) {
	k := s.kit
	banner(s.verdict, part.Row(0, chip(v.Mark)))
	s.content.Refresh()
	icon, tone := "check-circle", part.ToneActive
	if !v.Good {
		icon, tone = "warning", part.ToneDanger
	}
	_, ink, ground := tone.Colours()
	var m *part.Modal
	button := part.NewPrimary(k.say("word.close"), func() { m.Close() })
	m = part.ShowModal(k.Frame.Window().Canvas(), part.ModalSpec{Width: 480, Focus: button, Confirm: func() { m.Close() },
		Content: part.Pad(24, part.Column(16,
			part.Row(14, part.NewSurface(ground, "", 24, part.Pad(12, part.NewIcon(icon, ink, 24))), part.Grow(part.NewPara(v.Title, part.Large, part.SemiBold(), part.Ink))),
			part.NewGentle(v.Text), part.Row(0, part.Space(), button)))})
}

// export asks for the format and writes what the filters show.
func (s *audit) export() {
	k, f := s.kit, s.filter
	formats := []core.ExportFormat{core.ExportCSV, core.ExportJSONL}
	format := core.ExportCSV
	about := part.NewHint(k.say("export.format.csv"))
	choice := part.NewSegments([]string{"CSV", "JSON Lines"}, 0, func(i int) {
		format = formats[i]
		about.Set(k.say("export.format."+string(format)), part.Muted)
	})
	what := k.say("export.what.filtered")
	if !s.query.Narrowed() {
		what = k.say("export.what.all")
	}
	k.Frame.Confirm(part.ConfirmSpec{
		Title: k.say("audit.export.title"), Text: what, Action: k.say("export.button"), Cancel: k.say("word.cancel"), Focus: choice,
		More: part.Column(8, part.Row(0, choice), about),
		Do: func(c *part.Confirm) {
			c.Close()
			saveWithProgress(k, k.say("audit.export.title"), model.ExportName("audit", k.clock(), string(format)),
				func(ctx context.Context, w io.Writer, tell core.Progress) error {
					return k.Service.ExportAudit(ctx, f, format, w, tell)
				})
		},
	})
}
