package gui

import (
	"context"
	"strconv"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// activation is the activation wizard: What, When, Why, Prove, Review, and a
// page of results. From a favourite it is one page, filled in, with only the
// code left to type.
type activation struct {
	kit      Kit
	a        *model.Activation
	done     func() // called when something was activated; may be nil
	wizard   *part.Wizard
	quick    bool
	proof    *part.Proof
	span     *part.Span
	why      *part.Field
	ticket   *part.Field
	tickSys  *part.Field
	start    *part.Segments
	startAt  *part.Field
	startBad bool
	reasons  *fyne.Container
	review   *fyne.Container
	side     *fyne.Container
	problem  *fyne.Container
	keep     *part.Check
	plan     core.Plan
	asked    time.Time
	answer   core.Result
	lines    *fyne.Container
	heading  *part.Para
	over     bool // the results are shown
	key      string
	bodies   map[string]fyne.CanvasObject
}

func newActivation(k Kit, a *model.Activation, favourite bool, done func()) *activation {
	s := &activation{kit: k, a: a, quick: favourite, done: done, bodies: map[string]fyne.CanvasObject{},
		review: part.Column(0), side: part.Column(0), problem: part.Column(0), reasons: part.Column(0),
		key: core.MintID("ac", k.Now())}
	s.proof = part.NewProof(k.activationProof(), s.codeTyped, nil, s.relayout)
	s.keep = part.NewCheck(s.t("activate.keep"), false, nil)
	s.makeFields()
	s.wizard = part.NewWizard(part.WizardSpec{Steps: s.steps, Back: s.t("back"), Next: s.t("next"), Cancel: s.t("cancel"), Closed: k.Frame.Pop})
	return s
}

// activationProof are the sentences around the six boxes.
func (k Kit) activationProof() part.ProofWords {
	t := k.Text
	return part.ProofWords{Helper: t.T("code.helper"), UseRecovery: t.T("code.use_recovery"), UseCode: t.T("code.use_code"),
		Recovery: t.T("code.recovery"), RecoveryHelper: t.T("code.recovery_helper")}
}

func (s *activation) t(key string, args ...string) string { return s.kit.Text.T(key, args...) }

func (s *activation) Title() string              { return s.a.Title(s.kit.Text) }
func (s *activation) Content() fyne.CanvasObject { return s.wizard }

// TakeKey implements part.KeyTaker.
func (s *activation) TakeKey(k *fyne.KeyEvent) {
	if s.over && k.Name == fyne.KeyEscape {
		s.kit.Frame.Pop()
		return
	}
	s.wizard.TakeKey(k)
}

// Shown puts the keyboard where the first answer is due.
func (s *activation) Shown() { s.wizard.Begin() }

// quickFocus is what a favourite's one page leaves to type.
func (s *activation) quickFocus() fyne.CanvasObject {
	switch {
	case s.a.NeedsWhy() && s.a.WhyProblem(s.kit.Text) != "":
		return s.why
	case s.a.NeedsTicket():
		return s.ticket
	case s.a.NeedsCode():
		return s.proof
	}
	return nil
}

func (s *activation) relayout() {
	if s.wizard != nil {
		s.wizard.Relayout()
	}
}

// Update follows what became of the request.
func (s *activation) Update(topics []core.Topic) {
	if s.over && Concerns(topics, core.TopicAccess) {
		s.follow()
	}
}

// body makes a step's page once.
func (s *activation) body(key string, build func() fyne.CanvasObject) fyne.CanvasObject {
	if s.bodies[key] == nil {
		s.bodies[key] = build()
	}
	return s.bodies[key]
}

func (s *activation) steps() []part.Step {
	if s.quick {
		return []part.Step{{Key: "all", Title: s.t("activate.review"), Body: s.body("all", s.allBody), Next: s.a.Action(s.kit.Text),
			Focus: s.quickFocus(), Shown: s.preview, Leave: s.activate}}
	}
	say := s.kit.Text
	steps := []part.Step{}
	if len(s.a.Rows) > 1 || s.narrowable() {
		steps = append(steps, part.Step{Key: "what", Title: s.t("activate.step.what"), Body: s.body("what", s.whatBody)})
	}
	steps = append(steps, part.Step{Key: "when", Title: s.t("activate.step.when"), Body: s.body("when", s.whenBody), Focus: s.span, Leave: s.leaveWhen})
	if s.a.NeedsWhy() || s.a.NeedsTicket() {
		focus := fyne.CanvasObject(s.why)
		steps = append(steps, part.Step{Key: "why", Title: s.t("activate.step.why"), Body: s.body("why", s.whyBody), Focus: focus, Leave: s.leaveWhy})
	}
	if s.a.NeedsCode() {
		steps = append(steps, part.Step{Key: "prove", Title: s.t("activate.step.prove"), Body: s.body("prove", s.proveBody), Focus: s.proof, Leave: s.leaveProve})
	}
	return append(steps, part.Step{Key: "review", Title: s.t("activate.step.review"), Body: s.body("review", s.reviewBody), Next: s.a.Action(say),
		Shown: s.preview, Leave: s.activate, Foot: s.keep})
}

// narrowable reports whether a scope could be narrowed at all: Stint's own
// roles and groups of a host apply everywhere.
func (s *activation) narrowable() bool {
	for _, r := range s.a.Rows {
		if r.SystemKind != core.KindStint && r.SystemKind != core.KindLinux && r.SystemKind != core.KindPostgres {
			return true
		}
	}
	return false
}

func (s *activation) codeTyped() {
	if s.quick || s.wizard.At() == "prove" {
		s.wizard.Forward()
	}
}

func (s *activation) leaveWhen(proceed func(bool)) {
	_, good := s.span.Value()
	if !good || s.startBad {
		proceed(false)
		return
	}
	proceed(true)
}

func (s *activation) leaveWhy(proceed func(bool)) {
	p, q := s.a.WhyProblem(s.kit.Text), s.a.TicketProblem(s.kit.Text)
	s.why.SetError(p)
	s.ticket.SetError(q)
	s.relayout()
	switch {
	case p != "":
		part.FocusOn(s.why)
	case q != "":
		part.FocusOn(s.ticket)
	}
	proceed(p == "" && q == "")
}

func (s *activation) leaveProve(proceed func(bool)) {
	if !s.proof.Ready() {
		s.proof.Missing(s.t("code.missing"))
		part.FocusOn(s.proof)
	}
	proceed(s.proof.Ready())
}

// preview asks what would happen, and shows it.
func (s *activation) preview() {
	s.showReview(core.Result{})
	c := s.a.Command()
	Load(s.kit.Async, func(ctx context.Context) (core.Plan, error) { return s.kit.Service.Preview(ctx, c) }, func(p core.Plan, err error) {
		if s.over {
			return
		}
		s.problem.Objects = nil
		if err != nil {
			s.refuse(err)
			return
		}
		s.plan = p
		s.showReview(p.Result)
	})
}

// refuse says why it can't be done, above the review.
func (s *activation) refuse(err error) {
	s.problem.Objects = []fyne.CanvasObject{part.Inset(0, 0, 14, 0, part.Banner(part.ToneDanger, s.kit.Text.Error(err), nil))}
	s.problem.Refresh()
	s.relayout()
}

// activate sends the request. A code that was wrong leads back to its step;
// everything else that is wrong is said on this page.
func (s *activation) activate(proceed func(bool)) {
	say := s.kit.Text
	if s.quick {
		if s.why != nil && s.a.WhyProblem(say) != "" {
			s.why.SetError(s.a.WhyProblem(say))
			part.FocusOn(s.why)
			proceed(false)
			return
		}
		if p := s.a.TicketProblem(say); p != "" {
			s.ticket.SetError(p)
			part.FocusOn(s.ticket)
			proceed(false)
			return
		}
		if s.a.NeedsCode() && !s.proof.Ready() {
			s.proof.Missing(s.t("code.missing"))
			part.FocusOn(s.proof)
			proceed(false)
			return
		}
	}
	call := core.Call{Command: s.a.Command(), Code: core.NewSecret(s.proof.Value()), Key: s.key}
	favourite := s.favourite()
	s.asked = s.kit.Now()
	Load(s.kit.Async, func(ctx context.Context) (core.Result, error) {
		res, err := s.kit.Service.Do(ctx, call)
		if err == nil && favourite != nil {
			// The activation is what was asked for; a favourite that could not
			// be kept must not look like its failure.
			_, _ = s.kit.Service.Do(ctx, core.Call{Command: core.SaveFavourite{Favourite: *favourite}})
		}
		return res, err
	}, func(res core.Result, err error) {
		proceed(false) // the page changes by itself
		if err != nil {
			s.failed(err)
			return
		}
		s.answer = res
		s.results()
		if s.done != nil {
			s.done()
		}
	})
}

func (s *activation) failed(err error) {
	s.key = core.MintID("ac", s.kit.Now()) // another try is another request
	if core.CodeOf(err) == core.ProofRequired || core.CodeOf(err) == core.Locked {
		s.proof.Take()
		if !s.a.NeedsCode() { // the policy became stricter meanwhile
			s.a.Demanded = true
			delete(s.bodies, "all")
		}
		if s.quick {
			s.wizard.Go("all")
		} else {
			s.wizard.Go("prove")
		}
		s.proof.Refused(s.kit.Text.Error(err))
		part.FocusOn(s.proof)
		return
	}
	s.refuse(err)
}

func (s *activation) favourite() *core.Favourite {
	if !s.keep.On || s.quick {
		return nil
	}
	name := s.a.Rows[0].RoleName
	if n := len(s.a.Rows); n > 1 {
		name = s.t("activate.keep.name", "role", core.Clip(name, 60), "n", strconv.Itoa(n-1))
	}
	return &core.Favourite{Name: core.Clip(name, 120), Items: s.a.Command().Items, Duration: core.Duration(s.a.Duration), Justification: s.a.Command().Justification}
}

// results replaces the steps by what came of it, a line per role, which goes
// on as the systems answer.
func (s *activation) results() {
	s.over = true
	s.proof.Take()
	s.lines = part.Column(0)
	s.heading = part.NewPara("", part.Large, part.SemiBold(), part.Ink)
	close := part.NewPrimary(s.t("activate.close"), s.kit.Frame.Pop)
	s.showLines(core.Access{})
	s.wizard.ShowResult(part.Column(14, s.heading, part.NewPanel(s.lines)), close)
	s.follow()
}

func (s *activation) follow() {
	Load(s.kit.Async, s.kit.Service.Access, func(a core.Access, err error) {
		if err == nil {
			s.showLines(a)
			s.relayout()
		}
	})
}

func (s *activation) showLines(a core.Access) {
	lines := s.a.Results(s.kit.Text, s.answer, s.asked, a, s.kit.Now())
	s.heading.Set(model.ResultTitle(s.kit.Text, lines), part.Ink)
	s.lines.Objects = nil
	for i, l := range lines {
		if i > 0 {
			s.lines.Add(part.NewHairline())
		}
		s.lines.Add(resultLine(l))
	}
	s.lines.Refresh()
}

func resultLine(l model.ResultLine) fyne.CanvasObject {
	left := part.Column(3, part.NewStrong(l.Role).Shrinking(), part.NewFaint(l.Place).Shrinking())
	var steps []fyne.CanvasObject
	for _, st := range l.Steps {
		icon, ink := "clock", part.PendingInk
		switch {
		case st.Done:
			icon, ink = "check-circle", part.ActiveInk
		case st.Bad:
			icon, ink = "warning", part.DangerInk
		}
		steps = append(steps, part.Row(5, part.NewIcon(icon, ink, 16), part.NewSmall(st.Word), part.NewFaint(st.Time)))
	}
	middle := []fyne.CanvasObject{}
	if len(steps) > 0 {
		middle = append(middle, part.Flow(14, steps...))
	}
	if l.Problem != "" {
		middle = append(middle, part.NewPara(l.Problem, part.Small, part.Regular(), part.DangerInk))
	}
	return part.Inset(14, 16, 14, 18, part.TopRow(16, part.Weigh(1, left), part.Weigh(1.7, part.Column(6, middle...)),
		part.NewChip(l.Chip.Word, toneOf(l.Chip.Tone))))
}
