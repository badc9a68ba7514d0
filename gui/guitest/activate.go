package guitest

import (
	"context"
	"strings"

	"github.com/stint-pim/stint/core"
)

func codeOK(code string) error {
	if code != Code && code != Recovery {
		return &core.Error{Code: core.ProofRequired, Field: "code", Message: "This code is wrong or was used already."}
	}
	return nil
}

func (f *Fake) eligible(id core.AssignmentID) *core.EligibleRow {
	for i := range f.Page.Eligible {
		if f.Page.Eligible[i].ID == id {
			return &f.Page.Eligible[i]
		}
	}
	return nil
}

func (f *Fake) plan(x core.Activate) core.Result {
	var res core.Result
	start := x.Start
	if start.IsZero() {
		start = f.now()
	}
	for _, it := range x.Items {
		e := f.eligible(it.Assignment)
		if e == nil {
			res.Items = append(res.Items, core.ItemResult{Err: core.Errorf(core.NotFound, "assignment", "assignment.unknown")})
			continue
		}
		r := core.ItemResult{Principal: e.Principal, Role: e.Role, Scope: it.Scope, Start: start, End: start.Add(x.Duration.Std()), Status: core.PendingProvisioning}
		if e.Blocked != nil {
			r.Err, r.Status = e.Blocked, ""
		}
		if e.SystemKind == "entra" {
			r.Notes = append(r.Notes, core.Note{Key: "Tokens already issued may work up to 60 minutes more."})
		}
		for _, t := range f.MeNow.Troubles {
			if t.Kind == core.TroubleSystem && t.Args["system"] == e.SystemName && r.Err == nil && x.Start.IsZero() {
				r.Notes = append(r.Notes, core.Note{Key: core.NoteSystemAway, Args: map[string]string{"system": e.SystemName}})
			}
		}
		res.Items = append(res.Items, r)
	}
	return res
}

func (f *Fake) activate(x core.Activate, code string) (core.Result, error) {
	needs := false
	for _, it := range x.Items {
		if e := f.eligible(it.Assignment); e != nil && e.Policy.RequireMFA {
			needs = true
		}
	}
	if needs {
		if err := codeOK(code); err != nil {
			return core.Result{}, err
		}
	}
	if len([]rune(strings.TrimSpace(x.Justification))) < 5 {
		return core.Result{}, &core.Error{Code: core.Invalid, Field: "justification", Message: "A justification has 5 to 500 characters."}
	}
	res := f.plan(x)
	for i := range res.Items {
		it := &res.Items[i]
		if it.Err != nil {
			continue
		}
		e := f.eligible(x.Items[i].Assignment)
		row := core.AccessRow{AssignmentRow: e.AssignmentRow, Duration: x.Duration, MaxProlong: e.Policy.MaxDuration}
		row.ID, row.Basis, row.Kind, row.Origin = core.AssignmentID(f.id("as")), e.ID, core.Active, core.Activated
		row.Start, row.End, row.State, row.Justification = it.Start, it.End, core.InForce, x.Justification
		row.Request, row.RequestStatus, row.GrantState = core.RequestID(f.id("re")), core.PendingProvisioning, core.GrantGranting
		row.GrantEvidence = core.Evidence{}
		it.Assignment, it.Request = row.ID, row.Request
		e.Now = row.ID
		if !x.Start.IsZero() && x.Start.After(f.now()) {
			row.State, row.GrantState, row.RequestStatus = core.Scheduled, core.GrantAbsent, core.Granted
			it.Status = core.Granted
			f.Page.Scheduled = append(f.Page.Scheduled, row)
			continue
		}
		f.Page.Active = append(f.Page.Active, row)
		id := row.ID
		f.later(func() { f.present(id) })
	}
	f.tell(nil, core.TopicAccess, core.TopicAudit)
	return res, nil
}

func (f *Fake) present(id core.AssignmentID) {
	defer f.lock()()
	for i := range f.Page.Active {
		r := &f.Page.Active[i]
		if r.ID != id || r.GrantState != core.GrantGranting {
			continue
		}
		r.GrantState, r.RequestStatus = core.GrantPresent, core.Provisioned
		r.GrantEvidence = core.Evidence{At: f.now(), Holds: true, Query: "pg_auth_members", Answer: "holds"}
		f.tell([]core.Notice{{Kind: core.NoticeActivated, Own: true, Role: r.RoleName, System: r.SystemName, Until: r.End, Assignment: id}}, core.TopicAccess)
	}
}

func (f *Fake) drop(x core.Drop) (core.Result, error) {
	var res core.Result
	for _, id := range x.Assignments {
		kept := f.Page.Scheduled[:0:0]
		for _, r := range f.Page.Scheduled {
			if r.ID != id {
				kept = append(kept, r)
			}
		}
		f.Page.Scheduled = kept
		for i := range f.Page.Active {
			if r := &f.Page.Active[i]; r.ID == id {
				r.GrantState, r.State, r.Ended = core.GrantRemoving, core.Removed, f.now()
				f.later(func() { f.gone(id) })
			}
		}
		for i := range f.Page.Eligible {
			if f.Page.Eligible[i].Now == id {
				f.Page.Eligible[i].Now = ""
			}
		}
		res.Items = append(res.Items, core.ItemResult{Assignment: id})
	}
	f.tell(nil, core.TopicAccess)
	return res, nil
}

func (f *Fake) gone(id core.AssignmentID) {
	defer f.lock()()
	kept := f.Page.Active[:0:0]
	for _, r := range f.Page.Active {
		if r.ID != id {
			kept = append(kept, r)
		}
	}
	f.Page.Active = kept
	f.tell([]core.Notice{{Kind: core.NoticeEnded, Own: true, Assignment: id}}, core.TopicAccess)
}

func (f *Fake) prolong(x core.Prolong, code string) (core.Result, error) {
	if err := codeOK(code); err != nil {
		return core.Result{}, err
	}
	for i := range f.Page.Active {
		if r := &f.Page.Active[i]; r.ID == x.Assignment {
			r.End = f.now().Add(x.Duration.Std())
			r.Duration = core.Duration(r.End.Sub(r.Start))
			f.tell(nil, core.TopicAccess)
			return core.Result{Items: []core.ItemResult{{Assignment: r.ID, End: r.End, Status: f.Prolonged}}}, nil
		}
	}
	return core.Result{}, core.Errorf(core.NotFound, "assignment", "assignment.unknown")
}

// Preview implements core.Service.
func (f *Fake) Preview(_ context.Context, c core.Command) (core.Plan, error) {
	defer f.lock()()
	if err := f.up(); err != nil {
		return core.Plan{}, err
	}
	switch x := c.(type) {
	case core.Activate:
		return core.Plan{Result: f.plan(x), NeedsCode: true}, nil
	case core.Prolong:
		return core.Plan{NeedsCode: true}, nil
	}
	return core.Plan{}, nil
}
