package gui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// requests is the page of what was asked for, or of what waits for one's own
// answer: a list on the left, the case on the right.
type requests struct {
	kit     Kit
	answers bool // the page Approvals
	waiting bool // of the page Requests: only what waits
	table   *part.Table[core.RequestRow]
	split   *part.Split
	detail  *part.Scroll
	shown   core.RequestID
	asks    core.RequestID // its answer is asked for as soon as it is read
	now     core.Case
	view    model.CaseView
	deputy  *deputies // above the approvals
	empty   *fyne.Container
	content fyne.CanvasObject
	cancel  func()
}

func newApprovals(k Kit) Screen { return newRequestPage(k, true) }
func newRequests(k Kit) Screen  { return newRequestPage(k, false) }

func newRequestPage(k Kit, answers bool) Screen {
	s := &requests{kit: k, answers: answers, waiting: true, detail: part.NewScroll(part.Gap(1, 1)).Inside()}
	s.build()
	s.table.Reload()
	return s
}

func (s *requests) t(key string, args ...string) string { return s.kit.Text.T("request."+key, args...) }

func (s *requests) Title() string {
	if s.answers {
		return s.kit.Text.T("page.approvals")
	}
	return s.kit.Text.T("page.requests")
}

func (s *requests) Content() fyne.CanvasObject { return s.content }

// Update implements Screen.
func (s *requests) Update(t []core.Topic) {
	if !Concerns(t, core.TopicRequests) {
		return
	}
	if s.table.AtTop() {
		s.table.Reload()
	}
	if s.deputy != nil {
		s.deputy.read()
	}
	if s.shown != "" && s.split.IsOpen() {
		s.read(s.shown)
	}
}

func (s *requests) build() {
	columns := []part.TableColumn{
		{Title: s.t("col.who"), Width: 130, Weight: 1}, {Title: s.t("col.role"), Width: 170, Weight: 1.4}, {Title: s.t("col.length"), Width: 140, Drop: 1},
		{Title: s.t("col.why"), Width: 100, Weight: 2, Drop: 2}, {Title: s.t("col.asked"), Width: 110},
	}
	if !s.answers { // there, all of them wait
		columns = append(columns, part.TableColumn{Title: s.t("col.state"), Width: 160})
	}
	s.empty = part.Layers()
	s.showEmpty()
	s.table = part.NewTable(part.TableSpec[core.RequestRow]{
		Columns: columns, Run: s.kit.Async.Run, Load: s.load, Empty: s.empty, Failed: s.kit.failed, RowHigh: 46,
		Key: func(r core.RequestRow) string { return string(r.ID) }, Cells: s.cells,
		Select: func(r core.RequestRow) { s.read(r.ID) },
	})
	s.split = part.NewSplit(s.table, part.NewPanel(part.Pad(2, s.detail)), 360, 430)
	rows := []fyne.CanvasObject{}
	if !s.answers {
		which := part.NewSegments([]string{s.t("waiting"), s.t("all")}, 0, func(i int) {
			s.waiting = i == 0
			s.showEmpty()
			s.close()
			s.table.Reload()
		})
		rows = append(rows, part.Row(0, which, part.Space()))
	}
	if s.answers {
		s.deputy = newDeputies(s.kit)
		rows = append(rows, s.deputy.row)
	}
	s.content = part.Column(14, append(rows, part.Grow(s.split.Container), part.Gap(1, 2))...)
}

// showEmpty says what it means that the list is empty. That nothing waits doesn't
// mean that nobody ever asked.
func (s *requests) showEmpty() {
	icon, key := "requests", "empty"
	switch {
	case s.answers:
		icon, key = "approvals", "answers.empty"
	case s.waiting:
		key = "waiting.empty"
	}
	swap(s.empty, part.Empty(icon, s.t(key+".title"), s.t(key+".text"), nil))
}

func (s *requests) load(ctx context.Context, after string) ([]core.RequestRow, string, error) {
	p := core.Page{After: after, Limit: 100}
	if s.answers {
		l, err := s.kit.Service.Cases(ctx, p)
		return l.Items, l.Next, err
	}
	f := core.RequestFilter{}
	if s.waiting {
		f.Statuses = []core.Status{core.PendingApproval}
	}
	l, err := s.kit.Service.Requests(ctx, f, p)
	return l.Items, l.Next, err
}

func (s *requests) cells(r core.RequestRow) []part.Cell {
	l := model.RequestLineOf(s.kit.Text, r, s.kit.clock())
	cells := []part.Cell{
		{Text: l.Who, Look: part.LookStrong}, {Text: l.Role, Sub: l.Place}, {Text: l.Length}, {Text: r.Justification, Look: part.LookMuted},
		{Text: l.Asked, Look: part.LookMuted},
	}
	if !s.answers {
		cells = append(cells, markCell(l.State))
	}
	return cells
}

// read shows a case.
func (s *requests) read(id core.RequestID) {
	if s.cancel != nil {
		s.cancel()
	}
	if s.shown != id {
		s.detail.Top()
		s.detail.SetContent(part.Pad(16, part.Skeleton(4)))
	}
	s.shown = id
	s.split.Open(true)
	s.cancel = Load(s.kit.Async, func(ctx context.Context) (core.Case, error) { return s.kit.Service.Case(ctx, id) },
		func(c core.Case, err error) {
			if err != nil {
				s.detail.SetContent(part.Pad(16, s.kit.failed(err, func() { s.read(id) })))
				return
			}
			s.now, s.view = c, model.CaseOf(s.kit.Text, c, s.kit.clock())
			s.draw()
			if s.asks == id {
				s.asks = ""
				if s.view.May {
					s.approve()
				}
			}
		})
}

// open shows a case, and asks for the answer where that is wanted and one may.
func (s *requests) open(id core.RequestID, answer bool) {
	s.asks = ""
	if answer {
		s.asks = id
	}
	s.table.Choose(string(id))
	s.read(id)
}

func (s *requests) draw() {
	v := s.view
	objects := []fyne.CanvasObject{
		part.TopRow(8, part.Grow(part.Column(3, part.NewPara(v.Title, part.Large, part.SemiBold(), part.Ink), part.NewSmall(v.Place).Shrinking())),
			part.NewIconButton("close", s.kit.say("assign.close"), s.close).Compact()),
		part.Row(8, chip(v.State)),
	}
	if v.Warning != "" {
		objects = append(objects, part.Banner(part.ToneEnding, v.Warning, nil))
	}
	switch {
	case v.May:
		objects = append(objects, part.Row(10, part.NewPrimary(s.t("approve"), s.approve), part.NewDrop(s.t("deny"), s.deny)))
	case s.mine():
		objects = append(objects, part.Row(0, part.NewButton(s.t("take_back"), s.takeBack)))
	}
	objects = append(objects, factList(v.Facts))
	if len(v.Stages) > 0 {
		var stages []fyne.CanvasObject
		for _, l := range v.Stages {
			stages = append(stages, part.TopRow(10, part.Grow(part.Column(2, part.NewStrong(l.Title).Shrinking(),
				part.NewPara(l.Who, part.Small, part.Regular(), part.Muted))), chip(l.State)))
		}
		objects = append(objects, part.NewHairline(), part.NewHeading(v.Heading), part.Column(12, stages...))
	}
	if v.May || len(v.Recent) > 0 {
		objects = append(objects, part.NewHairline(), part.NewHeading(s.t("recent")))
		if len(v.Recent) == 0 {
			objects = append(objects, part.NewFaint(s.t("recent.none")))
		}
		for _, line := range v.Recent {
			objects = append(objects, part.NewPara(line, part.Small, part.Regular(), part.Muted))
		}
	}
	s.detail.SetContent(part.Pad(16, part.Column(14, objects...)))
}

// mine reports whether the case is one's own and still waits, or may be taken
// back by an administrator.
func (s *requests) mine() bool {
	r := s.now.Request
	return r.Status == core.PendingApproval && (r.Requester == s.kit.Me.Person.ID || s.kit.Me.MayManageAccess)
}

func (s *requests) close() {
	s.shown = ""
	s.split.Open(false)
	s.table.Choose("")
}

// TakeKey answers with the keyboard: A and D decide, J and K move, Esc closes.
func (s *requests) TakeKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		if s.split.IsOpen() {
			s.close()
		}
	case fyne.KeyJ:
		s.move(1)
	case fyne.KeyK:
		s.move(-1)
	case fyne.KeyA:
		s.soon(s.approve)
	case fyne.KeyD:
		s.soon(s.deny)
	}
}

// soon opens an answer when the key that asks for it has been dealt with: its
// letter comes behind it, and would stand in the field that is there by then.
func (s *requests) soon(answer func()) {
	if s.shown == "" || !s.view.May {
		return
	}
	s.kit.Async.Post(func() {
		if s.shown != "" && s.view.May {
			answer()
		}
	})
}

// move shows the case below or above.
func (s *requests) move(by int) {
	rows := s.table.Rows()
	at := -1
	for i, r := range rows {
		if r.ID == s.shown {
			at = i
		}
	}
	if at += by; at < 0 {
		at = 0
	}
	if at < len(rows) {
		s.table.Choose(string(rows[at].ID))
		s.read(rows[at].ID)
	}
}

func (s *requests) approve() {
	if s.view.Dates {
		s.approveDates()
		return
	}
	say, r := s.kit.Text, s.now.Request
	length, good := s.view.Most, true
	var dialog *part.Confirm
	relayout := func() {
		if dialog != nil {
			dialog.Relayout()
		}
	}
	why := s.whyField(relayout)
	span := part.NewSpan(part.SpanSpec{Label: s.t("for"), Least: core.MinActivation, Most: s.view.Most, Value: s.view.Most,
		MostText: s.t("asked_for", "time", say.Duration(s.view.Most)), Write: say.Duration,
		Read: func(v string) (time.Duration, string) {
			return model.ReadDuration(say, v, core.MinActivation, s.view.Most)
		},
		Helper:  func(x time.Duration) string { return s.ends(x) },
		Changed: func(x time.Duration, ok bool) { length, good = x, ok }, Relayout: relayout})
	// What gives power over Stint takes a code, also by approving it.
	proof := part.NewProof(s.kit.proofWords(), func() { dialog.Press() }, nil, relayout)
	proof.Hide()
	dialog = s.kit.Frame.Confirm(part.ConfirmSpec{
		Title: s.t("approve.title", "who", r.PrincipalName, "role", r.RoleName), Text: s.view.Place, Action: s.t("approve.action", "who", r.PrincipalName),
		Cancel: s.kit.say("word.cancel"), More: part.Column(16, why, span, proof), Focus: why,
		Do: func(c *part.Confirm) {
			if !good {
				return
			}
			d := core.DecideRequests{Requests: []core.RequestID{r.ID}, Approve: true, Justification: strings.TrimSpace(why.Value())}
			if length < s.view.Most {
				d.Duration = core.Duration(length)
			}
			s.answer(c, why, proof, d)
		},
	})
}

// ends says when an access that is approved now would end.
func (s *requests) ends(x time.Duration) string {
	from := s.now.Request.Start
	if now := s.kit.Now(); from.Before(now) {
		from = now
	}
	return s.t("ends", "time", s.kit.Text.When(from.Add(x), s.kit.Now()))
}

func (s *requests) whyField(relayout func()) *part.Field {
	helper := s.t("why.optional")
	if s.view.Why {
		helper = s.t("why.needed")
	}
	return part.NewField(part.FieldSpec{Label: s.t("answer"), Helper: helper, Lines: 2, Relayout: relayout})
}

func (s *requests) deny() {
	r := s.now.Request
	var dialog *part.Confirm
	why := s.whyField(func() {
		if dialog != nil {
			dialog.Relayout()
		}
	})
	dialog = s.kit.Frame.Confirm(part.ConfirmSpec{
		Title: s.t("deny.title", "who", r.PrincipalName, "role", r.RoleName), Text: s.t("deny.text"), Action: s.t("deny.action", "who", r.PrincipalName), Danger: true,
		Cancel: s.kit.say("word.cancel"), More: why, Focus: why,
		Do: func(c *part.Confirm) {
			s.answer(c, why, nil, core.DecideRequests{Requests: []core.RequestID{r.ID}, Justification: strings.TrimSpace(why.Value())})
		},
	})
}

// answer sends a decision. What somebody else decided meanwhile is said, and
// the case shown as it is now.
func (s *requests) answer(c *part.Confirm, why *part.Field, proof *part.Proof, d core.DecideRequests) {
	k := s.kit
	code := ""
	if proof != nil {
		code = proof.Take()
	}
	c.Busy(true)
	Load(k.Async, func(ctx context.Context) (core.Result, error) {
		res, err := k.Service.Do(ctx, core.Call{Command: d, Code: core.NewSecret(code)})
		if err == nil && len(res.Items) > 0 && res.Items[0].Err != nil {
			err = res.Items[0].Err
		}
		return res, err
	}, func(res core.Result, err error) {
		switch {
		case wantsCode(err) && proof != nil:
			k.askCode(c, proof, err)
			return
		case errorField(err) == "justification":
			c.Busy(false)
			why.SetError(k.Text.Error(err))
			part.FocusOn(why)
			return
		case err != nil:
			c.Fail(k.Text.Error(err))
		default:
			c.Close()
			k.Frame.Toast(s.t("answered."+string(res.Items[0].Status), "who", s.now.Request.PrincipalName, "role", s.now.Request.RoleName), "", nil)
		}
		s.table.Reload()
		s.read(d.Requests[0])
	})
}

func (s *requests) takeBack() {
	r := s.now.Request
	s.kit.Frame.Confirm(part.ConfirmSpec{
		Title: s.t("take_back.title", "role", r.RoleName), Text: s.t("take_back.text"), Action: s.t("take_back"), Cancel: s.t("keep"),
		Do: func(c *part.Confirm) { takeBack(s.kit, c, r.ID, func() { s.table.Reload(); s.read(r.ID) }) },
	})
}

// takeBack cancels a request that waits.
func takeBack(k Kit, c *part.Confirm, id core.RequestID, done func()) {
	c.Busy(true)
	k.Async.Act(func(ctx context.Context) error {
		_, err := k.Service.Do(ctx, core.Call{Command: core.CancelRequests{Requests: []core.RequestID{id}}})
		return err
	}, func(err error) {
		if err != nil {
			c.Fail(k.Text.Error(err))
			return
		}
		c.Close()
		done()
	})
}
