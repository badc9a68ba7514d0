package gui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// makeFields makes what is typed into, before any page shows it.
func (s *activation) makeFields() {
	say := s.kit.Text
	s.span = part.NewSpan(part.SpanSpec{Label: s.t("activate.duration"), Least: core.MinActivation, Most: s.a.Most(), Value: s.a.Duration,
		MostText: s.t("activate.most", "time", say.Duration(s.a.Most())),
		Write:    say.Duration,
		Read: func(v string) (time.Duration, string) {
			return model.ReadDuration(say, v, core.MinActivation, s.a.Most())
		},
		Helper: func(d time.Duration) string {
			s.a.Duration = d
			return s.t("activate.ends", "time", say.When(s.a.End(s.kit.Now()), s.kit.Now()))
		},
		Changed:  func(d time.Duration, good bool) { s.a.Duration = d },
		Relayout: s.relayout})
	s.why = part.NewField(part.FieldSpec{Label: s.t("activate.why"), Helper: s.t("activate.why.helper"), Value: s.a.Why, Lines: 3,
		Placeholder: s.t("activate.why.placeholder"), Changed: func(v string) { s.a.Why = v }, Relayout: s.relayout})
	helper := s.t("activate.ticket.helper")
	if !s.a.NeedsTicket() {
		helper = s.t("activate.ticket.optional")
	}
	s.ticket = part.NewField(part.FieldSpec{Label: s.t("activate.ticket"), Helper: helper, Placeholder: "CHG-20418", Mono: true,
		Changed: func(v string) { s.a.Ticket.Number = v }, Relayout: s.relayout})
	s.tickSys = part.NewField(part.FieldSpec{Label: s.t("activate.ticket.system"), Placeholder: "Jira",
		Changed: func(v string) { s.a.Ticket.System = v }, Relayout: s.relayout})
	s.startAt = part.NewField(part.FieldSpec{Label: s.t("activate.start.at"), Helper: s.t("activate.start.helper"), Changed: s.startTyped, Relayout: s.relayout})
	s.startAt.Hide()
	s.start = part.NewSegments([]string{s.t("activate.start.now"), s.t("activate.start.later")}, 0, func(i int) {
		s.startAt.Hidden = i == 0
		if i == 0 {
			s.a.Start, s.startBad = time.Time{}, false
		} else {
			at := s.kit.Now().Add(time.Hour).In(say.Place()).Truncate(time.Hour)
			s.startAt.SetValue(at.Format("2006-01-02 15:04"))
			s.startTyped(s.startAt.Value())
			part.FocusOn(s.startAt)
		}
		s.span.Again()
		s.relayout()
	})
}

func (s *activation) startTyped(v string) {
	now := s.kit.Now()
	at, problem := model.ReadMoment(s.kit.Text, v, now)
	s.startBad = problem != ""
	s.startAt.SetError(problem)
	if !s.startBad {
		s.a.Start = at
		s.startAt.SetHelper(s.t("activate.start.helper"))
		s.span.Again()
	}
}

// whatBody lists the roles, each with a scope that can be made narrower.
func (s *activation) whatBody() fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for i, r := range s.a.Rows {
		if i > 0 {
			rows = append(rows, part.NewHairline())
		}
		left := part.Column(3, part.NewStrong(r.RoleName).Shrinking(), part.NewFaint(model.PlaceOf(s.kit.Text, r.AssignmentRow)).Shrinking())
		scope := part.NewField(part.FieldSpec{Value: r.Scope, Mono: true, Changed: func(v string) {
			v = strings.TrimSpace(v)
			if v == r.Scope {
				v = ""
			}
			s.a.Scopes[r.ID] = v
		}, Relayout: s.relayout})
		line := []fyne.CanvasObject{part.Weigh(1, left), part.Weigh(1, part.Column(4, part.NewFaint(s.t("activate.scope")), scope))}
		if len(s.a.Rows) > 1 {
			line = append(line, part.NewIconButton("close", s.t("activate.leave_out", "role", r.RoleName), func() { s.leaveOut(r.ID) }))
		}
		rows = append(rows, part.Inset(14, 14, 14, 18, part.Row(16, line...)))
	}
	return part.Column(12, part.NewGentle(s.t("activate.what.help")), part.NewPanel(part.Column(0, rows...)))
}

// leaveOut takes a role from the bundle.
func (s *activation) leaveOut(id core.AssignmentID) {
	for i, r := range s.a.Rows {
		if r.ID == id {
			s.a.Rows = append(append([]core.EligibleRow{}, s.a.Rows[:i]...), s.a.Rows[i+1:]...)
			break
		}
	}
	s.bodies = map[string]fyne.CanvasObject{}
	s.a.Duration = min(s.a.Duration, s.a.Most())
	s.makeFields()
	s.wizard.Go("what")
	if f, ok := s.kit.Frame.(interface{ Retitle() }); ok {
		f.Retitle()
	}
}

func (s *activation) whenBody() fyne.CanvasObject {
	return part.Narrow(520, part.Column(24,
		part.Column(8, part.NewText(s.t("activate.start"), part.Body, part.Medium(), part.Ink), part.Row(0, s.start), part.Narrow(240, s.startAt)),
		s.span))
}

func (s *activation) whyBody() fyne.CanvasObject {
	s.loadReasons()
	rows := []fyne.CanvasObject{s.why, s.reasons}
	if s.a.NeedsTicket() {
		rows = append(rows, part.TopRow(12, part.Weigh(1, s.tickSys), part.Weigh(2, s.ticket)))
	}
	return part.Narrow(560, part.Column(18, rows...))
}

// loadReasons offers one's last reasons, one click away.
func (s *activation) loadReasons() {
	Load(s.kit.Async, s.kit.Service.Reasons, func(why []string, err error) {
		if err != nil || len(why) == 0 {
			return // a convenience: without it one types
		}
		rows := []fyne.CanvasObject{part.NewFaint(s.t("activate.reasons"))}
		for i, w := range why {
			if i == 4 {
				break
			}
			rows = append(rows, part.NewReason(w, func() {
				s.why.SetValue(w)
				s.why.SetError("")
				s.a.Why = w
				part.FocusOn(s.why)
			}))
		}
		s.reasons.Objects = []fyne.CanvasObject{part.Column(6, rows...)}
		s.reasons.Refresh()
		s.relayout()
	})
}

func (s *activation) proveBody() fyne.CanvasObject {
	return part.Narrow(520, part.Column(16, part.NewProse(s.t("activate.prove.text")), s.proof))
}

// reviewBody is what will happen at the left, the request at the right.
func (s *activation) reviewBody() fyne.CanvasObject {
	left := part.Column(10, part.NewHeading(s.t("activate.will_happen")), part.NewPanel(s.review))
	right := part.Column(10, part.NewHeading(s.t("activate.request")), part.NewPanel(part.Pad(16, s.side)),
		part.NewGentle(s.t("activate.told")))
	return part.Column(0, s.problem, part.TopRow(18, part.Weigh(2, left), part.Weigh(1, right)))
}

// allBody is the one page of a favourite.
func (s *activation) allBody() fyne.CanvasObject {
	var right []fyne.CanvasObject
	if s.a.NeedsWhy() && s.a.WhyProblem(s.kit.Text) != "" {
		right = append(right, s.why)
	}
	if s.a.NeedsTicket() {
		right = append(right, s.ticket)
	}
	if s.a.NeedsCode() {
		right = append(right, part.Column(12, part.NewHeading(s.t("activate.code")), s.proof))
	}
	left := part.Column(10, part.NewHeading(s.t("activate.will_happen")), part.NewPanel(s.review),
		part.Inset(8, 0, 0, 0, part.NewHeading(s.t("activate.request"))), part.NewPanel(part.Pad(16, s.side)))
	return part.Column(0, s.problem, part.TopRow(24, part.Weigh(1, left), part.Fixed(330, 0, part.Column(18, right...))))
}

// showReview fills the review with what is known.
func (s *activation) showReview(res core.Result) {
	say, now := s.kit.Text, s.kit.Now()
	s.review.Objects = nil
	for i, l := range s.a.Review(say, res, now) {
		if i > 0 {
			s.review.Add(part.NewHairline())
		}
		right := []fyne.CanvasObject{part.NewProse(l.What)}
		for _, n := range l.Notes {
			right = append(right, part.NewPara(n, part.Small, part.Regular(), part.Muted))
		}
		s.review.Add(part.Inset(14, 16, 14, 18, part.TopRow(16,
			part.Weigh(1, part.Column(3, part.NewStrong(l.Role).Shrinking(), part.NewFaint(l.Place).Shrinking())),
			part.Weigh(1.3, part.Column(4, right...)), part.NewChip(l.Chip.Word, toneOf(l.Chip.Tone)))))
	}
	s.review.Refresh()
	proven := ""
	if s.a.NeedsCode() && !s.quick {
		proven = s.t("activate.proven.code")
	}
	ticket := s.a.Ticket.Number
	if s.a.Ticket.System != "" && ticket != "" {
		ticket = s.a.Ticket.System + " " + ticket
	}
	s.side.Objects = []fyne.CanvasObject{part.Facts(
		part.Fact{Name: s.t("activate.period"), Value: s.a.Period(say, now) + " (" + say.Duration(s.a.Duration) + ")"},
		part.Fact{Name: s.t("activate.why"), Value: strings.TrimSpace(s.a.Why)},
		part.Fact{Name: s.t("activate.ticket"), Value: ticket, Mono: true},
		part.Fact{Name: s.t("activate.proven"), Value: proven},
	)}
	s.side.Refresh()
	s.relayout()
}
