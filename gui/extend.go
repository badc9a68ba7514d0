package gui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// termFields are the fields of a term: from when, where that is open, and until
// when.
type termFields struct {
	start, end *part.Day
	objects    []fyne.CanvasObject
}

func newTermFields(k Kit, t *model.Term, relayout func()) *termFields {
	f := &termFields{
		start: k.dayField(k.Text.T("continue.start"), t.Start, false, func(v string) { t.Start = v }),
		end:   k.dayField(k.say("assign.end"), t.End, true, func(v string) { t.End = v }),
	}
	set := func(i int) {
		t.Permanent = i == 1
		f.end.Hidden = t.Permanent
		relayout()
	}
	at := 0
	if t.Permanent {
		at = 1
	}
	span := part.NewSegments([]string{k.say("assign.until"), k.say("assign.permanent")}, at, set)
	f.end.Hidden = t.Permanent
	f.start.Hidden = !t.Renew
	f.objects = append(f.objects, f.start, span, f.end)
	return f
}

// fail shows at its field what is wrong with a date, and reports whether it was
// about one.
func (f *termFields) fail(k Kit, err error) bool {
	field := map[string]*part.Day{"start": f.start, "end": f.end}[errorField(err)]
	if field == nil || field.Hidden {
		return false
	}
	field.SetError(k.Text.Error(err))
	part.FocusOn(field)
	return true
}

// continueAssignment asks until when an assignment shall go on: of the
// administrators for one's own, or at once as one of them. done is called when
// that was said.
func continueAssignment(k Kit, r core.AssignmentRow, direct bool, done func()) {
	form := model.ContinuationOf(r, direct, k.clock())
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	t := func(key string) string {
		return k.Text.T(form.Key()+key, "role", r.RoleName, "system", r.SystemName, "person", r.PrincipalName)
	}
	fields := newTermFields(k, &form.Term, relayout)
	label := k.say("assign.justification")
	if direct {
		label = k.say("assign.justification.optional")
	}
	why := part.NewField(part.FieldSpec{Label: label, Helper: k.say("assign.justification.hint"), Lines: 2,
		Changed: func(v string) { form.Justification = v }, Relayout: relayout})
	proof := part.NewProof(k.proofWords(), nil, nil, relayout)
	proof.Hide()
	when := "continue.ends"
	if form.Renew {
		when = "continue.expired"
	}
	c = k.Frame.Confirm(part.ConfirmSpec{
		Title: t(".title"), Text: k.Text.T(when, "place", model.PlaceOf(k.Text, r), "time", model.Until(k.Text, r.End)) + " " + t(".text"),
		More: part.Column(14, append(fields.objects, why, proof)...), Action: t(".action"), Cancel: k.say("word.cancel"), Focus: why,
		Do: func(c *part.Confirm) {
			cmd, err := form.Command(k.clock())
			if err != nil {
				if !fields.fail(k, err) {
					c.Fail(k.Text.Error(err))
				}
				return
			}
			c.Busy(true)
			k.do(cmd, proof.Take(), func(res core.Result, err error) {
				if err == nil {
					err = firstProblem(res)
				}
				if err == nil {
					c.Close()
					k.Frame.Toast(t(".done"), "", nil)
					done()
					return
				}
				answerProblem(k, c, err, fields, why, proof)
			})
		},
	})
}

// answerProblem shows a refusal where it belongs: at a date, at the reason, at
// the code, or at the foot of the dialog.
func answerProblem(k Kit, c *part.Confirm, err error, fields *termFields, why *part.Field, proof *part.Proof) {
	switch {
	case wantsCode(err):
		k.askCode(c, proof, err)
	case errorField(err) == "justification":
		c.Busy(false)
		why.SetError(k.Text.Error(err))
		part.FocusOn(why)
	case fields.fail(k, err):
		c.Busy(false)
	default:
		c.Fail(k.Text.Error(err))
	}
}

// approveDates answers a request by which an assignment shall go on. Another type
// and other dates than were asked for may be chosen.
func (s *requests) approveDates() {
	k, r := s.kit, s.now.Request
	term := model.DecisionOf(r.Request, k.Text.Place())
	asked := term
	var dialog *part.Confirm
	relayout := func() {
		if dialog != nil {
			dialog.Relayout()
		}
	}
	fields := newTermFields(k, &term, relayout)
	kinds, present := []core.AssignmentKind{core.Eligible, core.Active}, s.now.Present.Kind
	kind, renew := present, term.Renew
	as := part.NewSegments([]string{k.say("assign.wizard.eligible"), k.say("assign.wizard.active")}, slices.Index(kinds, present), func(i int) {
		kind = kinds[i]
		// What is in force goes on without a break; as the other type it may begin later.
		term.Renew = renew || kind != present
		fields.start.Hidden = !term.Renew
		relayout()
	})
	why := s.whyField(relayout)
	proof := part.NewProof(k.proofWords(), nil, nil, relayout)
	proof.Hide()
	dialog = k.Frame.Confirm(part.ConfirmSpec{
		Title: k.Text.T("continue.approve."+string(r.Action)+".title", "who", r.PrincipalName, "role", r.RoleName), Text: s.view.Place,
		Action: s.t("approve.action", "who", r.PrincipalName), Cancel: k.say("word.cancel"), Focus: why,
		More: part.Column(14, append(append([]fyne.CanvasObject{part.Row(10, part.NewMuted(k.Text.T("continue.as")), as)}, fields.objects...), why, proof)...),
		Do: func(c *part.Confirm) {
			d, err := term.Decide(core.DecideRequests{Requests: []core.RequestID{r.ID}, Approve: true, Justification: strings.TrimSpace(why.Value())}, asked, k.clock())
			if err != nil {
				if !fields.fail(k, err) {
					c.Fail(k.Text.Error(err))
				}
				return
			}
			if kind != present {
				d.Kind = kind
			}
			c.Busy(true)
			k.do(d, proof.Take(), func(res core.Result, err error) {
				if err == nil {
					err = firstProblem(res)
				}
				if err == nil {
					c.Close()
					k.Frame.Toast(k.Text.T("continue.answered", "who", r.PrincipalName, "role", r.RoleName), "", nil)
				} else {
					answerProblem(k, c, err, fields, why, proof)
				}
				s.table.Reload()
				s.read(r.ID)
			})
		},
	})
}
