package gui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// dayField is a field for a date, typed or picked.
func (k Kit) dayField(label, value string, endOfDay bool, changed func(string)) *part.Day {
	return part.NewDay(part.DaySpec{
		FieldSpec: part.FieldSpec{Label: label, Value: value, Placeholder: "2027-03-31", Helper: k.say("assign.date.hint"), Changed: changed},
		Tip:       k.say("assign.date.pick"), Now: k.clock(),
		Read: func(s string) time.Time {
			t, err := model.ParseMoment(s, k.clock(), false)
			if err != nil {
				return time.Time{}
			}
			return t
		},
		Write: func(t time.Time) string { return t.Format("2006-01-02") },
	})
}

// updateAssignment asks for other dates of an assignment.
func updateAssignment(k Kit, r core.AssignmentRow) {
	form := model.UpdateOf(r, k.Text.Place())
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	start := k.dayField(k.say("assign.start"), form.Start, false, func(v string) { form.Start = v })
	end := k.dayField(k.say("assign.end"), form.End, true, func(v string) { form.End = v })
	why := part.NewField(part.FieldSpec{Label: k.say("assign.justification.optional"), Helper: k.say("assign.justification.hint"), Lines: 2,
		Changed: func(v string) { form.Justification = v }, Relayout: relayout})
	set := func(i int) {
		form.Permanent = i == 0
		if form.Permanent {
			end.Hide()
		} else {
			end.Show()
		}
		relayout()
	}
	span := part.NewSegments([]string{k.say("assign.permanent"), k.say("assign.until")}, map[bool]int{true: 0, false: 1}[form.Permanent], set)
	set(span.Chosen())
	proof := part.NewProof(k.proofWords(), nil, nil, relayout)
	proof.Hide()
	objects := []fyne.CanvasObject{}
	if form.StartOpen {
		objects = append(objects, start)
	}
	objects = append(objects, span, end, why, proof)
	c = k.Frame.Confirm(part.ConfirmSpec{
		Title: k.say("assign.update.title"), Text: k.say("assign.update.text", "role", r.RoleName, "system", r.SystemName, "person", r.PrincipalName),
		More: part.Column(14, objects...), Action: k.say("assign.update.button"), Cancel: k.say("word.cancel"), Focus: end,
		Do: func(c *part.Confirm) {
			cmd, err := form.Command(k.clock())
			if err != nil {
				field := end
				if errorField(err) == "start" {
					field = start
				}
				field.SetError(k.Text.Error(err))
				c.Relayout()
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
					k.Frame.Toast(k.say("assign.updated"), "", nil)
				case wantsCode(err):
					k.askCode(c, proof, err)
				default:
					c.Fail(k.Text.Error(err))
				}
			})
		},
	})
}

// firstProblem is the first refusal among the items of a result.
func firstProblem(r core.Result) error {
	for _, it := range r.Items {
		if it.Err != nil {
			return it.Err
		}
	}
	return nil
}

// removeAssignments asks before it removes, names what ends with it, and calls
// done when some were removed.
func removeAssignments(k Kit, rows []core.AssignmentRow, done func()) {
	cmd := core.RemoveAssignments{}
	for _, r := range rows {
		cmd.Assignments = append(cmd.Assignments, r.ID)
	}
	first := model.RemovalOf(k.Text, rows, core.Plan{})
	var c *part.Confirm
	relayout := func() {
		if c != nil {
			c.Relayout()
		}
	}
	var list []fyne.CanvasObject
	for _, l := range first.Lines {
		list = append(list, part.NewSmall(l).Shrinking())
	}
	also := part.Layers(part.NewHint(k.say("assign.remove.checking")))
	why := part.NewField(part.FieldSpec{Label: k.say("assign.justification.optional"), Helper: k.say("assign.justification.hint"), Lines: 2,
		Changed: func(v string) { cmd.Justification = v }, Relayout: relayout})
	proof := part.NewProof(k.proofWords(), nil, nil, relayout)
	proof.Hide()
	c = k.Frame.Confirm(part.ConfirmSpec{
		Title: first.Title, Text: k.say("assign.remove.text"), Danger: true, Action: first.Button, Cancel: k.say("word.cancel"), Focus: why,
		More: part.Column(14, part.NewSurface(part.Hover, "", part.Radius, part.Pad(10, part.Column(4, list...))), also, why, proof),
		Do: func(c *part.Confirm) {
			c.Busy(true)
			k.do(cmd, proof.Take(), func(res core.Result, err error) {
				refused := 0
				for _, it := range res.Items {
					if it.Err != nil {
						refused++
					}
				}
				switch {
				case err != nil && wantsCode(err):
					k.askCode(c, proof, err)
				case err != nil:
					c.Fail(k.Text.Error(err))
				case refused == len(rows):
					c.Fail(k.Text.Error(firstProblem(res)))
				default:
					c.Close()
					text := k.count("assign.removed", len(rows)-refused)
					if refused > 0 {
						text += " " + k.count("assign.remove.partly", refused)
					}
					k.Frame.Toast(text, "", nil)
					done()
				}
			})
		},
	})
	Load(k.Async, func(ctx context.Context) (core.Plan, error) {
		p := cmd
		if p.Justification == "" {
			p.Justification = "preview" // the reason is typed later; the plan doesn't depend on it
		}
		return k.Service.Preview(ctx, p)
	}, func(p core.Plan, err error) {
		var o []fyne.CanvasObject
		if err != nil {
			o = append(o, part.NewPara(k.Text.Error(err), part.Small, part.Regular(), part.DangerInk))
		}
		plan := model.RemovalOf(k.Text, rows, p)
		for _, s := range plan.Also {
			o = append(o, part.NewPara("• "+s, part.Small, part.Regular(), part.EndingInk))
		}
		if err == nil && plan.NeedsCode {
			proof.Show()
		}
		swap(also, part.Column(4, o...))
		if len(o) == 0 {
			also.Hide()
		}
		relayout()
	})
}
