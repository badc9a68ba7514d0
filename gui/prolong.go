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

// prolonging is the question how much longer a running activation shall last.
// It asks for what the policy asks for, and nothing else.
type prolonging struct {
	kit    Kit
	row    core.AccessRow
	policy core.Policy
	code   bool // a code is wanted
	dialog *part.Confirm
	span   *part.Span
	why    *part.Field
	ticket *part.Field
	proof  *part.Proof
	length time.Duration
	good   bool
}

// showProlong finds out what prolonging takes, and asks.
func showProlong(k Kit, r core.AccessRow) {
	most := r.MaxProlong.Std()
	p := &prolonging{kit: k, row: r, good: true, policy: core.Policy{RequireJustification: true}}
	p.length = min(max(time.Hour, r.End.Sub(k.Now())+30*time.Minute), most)
	type found struct {
		plan   core.Plan
		access core.Access
	}
	Load(k.Async, func(ctx context.Context) (found, error) {
		var f found
		var err error
		if f.plan, err = k.Service.Preview(ctx, p.command()); err != nil {
			return f, err
		}
		f.access, err = k.Service.Access(ctx)
		return f, err
	}, func(f found, err error) {
		if err != nil {
			k.Frame.Fail(err)
			return
		}
		p.code = f.plan.NeedsCode
		for _, e := range f.access.Eligible {
			if e.ID == r.Basis {
				p.policy = e.Policy
			}
		}
		p.ask()
	})
}

func (p *prolonging) t(key string, args ...string) string { return p.kit.Text.T(key, args...) }

func (p *prolonging) relayout() {
	if p.dialog != nil {
		p.dialog.Relayout()
	}
}

// command is what is asked for as it stands now.
func (p *prolonging) command() core.Prolong {
	c := core.Prolong{Assignment: p.row.ID, Duration: core.Duration(p.length), Justification: p.row.Justification, Ticket: p.row.Ticket}
	if p.why != nil {
		c.Justification = strings.TrimSpace(p.why.Value())
	}
	if p.ticket != nil {
		c.Ticket.Number = strings.TrimSpace(p.ticket.Value())
	}
	return c
}

func (p *prolonging) ask() {
	k, say, r := p.kit, p.kit.Text, p.row
	most := r.MaxProlong.Std()
	least := min(core.MinActivation, most)
	p.span = part.NewSpan(part.SpanSpec{Label: p.t("prolong.label"), Least: least, Most: most, Value: p.length,
		MostText: p.t("activate.most", "time", say.Duration(most)), Write: say.Duration,
		Read: func(v string) (time.Duration, string) { return model.ReadDuration(say, v, least, most) },
		Helper: func(x time.Duration) string {
			return p.t("prolong.ends", "time", say.When(k.Now().Add(x), k.Now()), "was", say.When(r.End, k.Now()))
		},
		Changed:  func(x time.Duration, ok bool) { p.length, p.good = x, ok },
		Relayout: p.relayout})
	more := []fyne.CanvasObject{p.span}
	if p.policy.RequireJustification {
		p.why = part.NewField(part.FieldSpec{Label: p.t("activate.why"), Value: r.Justification, Relayout: p.relayout})
		more = append(more, p.why)
	}
	if p.policy.RequireTicket {
		p.ticket = part.NewField(part.FieldSpec{Label: p.t("activate.ticket"), Value: r.Ticket.Number, Helper: p.t("prolong.ticket.had"), Mono: true, Relayout: p.relayout})
		more = append(more, p.ticket)
	}
	p.proof = part.NewProof(k.activationProof(), func() { p.dialog.Press() }, nil, p.relayout)
	proof := part.Column(10, part.NewText(p.t("activate.code"), part.Body, part.Medium(), part.Ink), p.proof)
	proof.Hidden = !p.code
	more = append(more, proof)
	p.dialog = k.Frame.Confirm(part.ConfirmSpec{Title: p.t("prolong.title", "role", r.RoleName), Text: model.PlaceOf(say, r.AssignmentRow),
		More: part.Column(16, more...), Action: p.t("prolong.action"), Focus: p.span, Do: func(c *part.Confirm) { p.do(c, proof) }})
}

func (p *prolonging) do(c *part.Confirm, proof *fyne.Container) {
	k := p.kit
	if !p.good {
		return
	}
	if p.code && !p.proof.Ready() {
		p.proof.Missing(p.t("code.missing"))
		part.FocusOn(p.proof)
		return
	}
	call := core.Call{Command: p.command()}
	if p.code {
		call.Code = core.NewSecret(p.proof.Value())
	}
	c.Busy(true)
	var res core.Result
	k.Async.Act(func(ctx context.Context) (err error) {
		res, err = k.Service.Do(ctx, call)
		return err
	}, func(err error) {
		field := map[string]*part.Field{"justification": p.why, "ticket": p.ticket, "ticket.number": p.ticket}[errorField(err)]
		switch {
		case err == nil:
			c.Close()
			key := "prolong.done"
			if len(res.Items) > 0 && res.Items[0].Status == core.PendingApproval {
				key = "prolong.asked" // until then it ends as it did
			}
			k.Frame.Toast(p.t(key, "role", p.row.RoleName, "time", k.Text.When(k.Now().Add(p.length), k.Now())), "", nil)
		case wantsCode(err):
			c.Busy(false)
			p.code = true
			proof.Show()
			p.proof.Take()
			p.proof.Refused(k.Text.Error(err))
			part.FocusOn(p.proof)
		case field != nil:
			c.Busy(false)
			field.SetError(k.Text.Error(err))
			part.FocusOn(field)
		default:
			p.proof.Take() // a code is good once
			c.Fail(k.Text.Error(err))
		}
	})
}
