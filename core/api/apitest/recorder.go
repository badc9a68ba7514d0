package apitest

import (
	"context"
	"crypto/sha256"
	"io"
	"sync"

	"github.com/stint-pim/stint/core"
)

// Recorded is one call that a Recorder got.
type Recorded struct {
	Method string
	Args   []any
}

// Recorder is a core.Gate and a core.Service that notes every call and answers
// with filled values, or with Err.
type Recorder struct {
	// Err, if not nil, is what every method but Resume returns.
	Err error
	// ResumeErr is what Resume returns.
	ResumeErr error
	// Export is what ExportAudit writes before it returns Err.
	Export string
	// Updates is what Watch returns; nil: one update, then nothing until the end.
	Updates chan core.Update
	// Hold, if not nil, makes Me wait until it is closed or ctx ends.
	Hold chan struct{}

	mu    sync.Mutex
	calls []Recorded // guarded by mu
	token core.Secret
}

var (
	_ core.Gate    = (*Recorder)(nil)
	_ core.Service = (*Recorder)(nil)
)

// Last returns the last call and forgets all.
func (r *Recorder) Last() Recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.calls) == 0 {
		return Recorded{}
	}
	last := r.calls[len(r.calls)-1]
	r.calls = nil
	return last
}

// Fail makes every method but Resume return err from now on. It is for changing
// Err while a server reads it.
func (r *Recorder) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Err = err
}

// Token is the last one that Resume got.
func (r *Recorder) Token() core.Secret {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.token
}

func note[T any](r *Recorder, method string, args ...any) (T, error) {
	var zero T
	if err := r.note(method, args...); err != nil {
		return zero, err
	}
	return Fill[T](), nil
}

func (r *Recorder) note(method string, args ...any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, Recorded{method, args})
	return r.Err
}

func (r *Recorder) State(context.Context) (core.GateState, error) {
	return note[core.GateState](r, "State")
}

func (r *Recorder) SetUp(_ context.Context, p core.FirstPerson) (core.Admission, error) {
	return r.admit("SetUp", p)
}

func (r *Recorder) SignIn(_ context.Context, s core.SignIn) (core.Admission, error) {
	return r.admit("SignIn", s)
}

func (r *Recorder) admit(method string, arg any) (core.Admission, error) {
	if err := r.note(method, arg); err != nil {
		return core.Admission{}, err
	}
	return core.Admission{Token: core.NewSecret("hush-token"), Session: Fill[core.Session](), MustChangePassword: true, MustEnrol: true, Service: r}, nil
}

func (r *Recorder) Resume(_ context.Context, token core.Secret) (core.Service, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.token = token
	if r.ResumeErr != nil {
		return nil, r.ResumeErr
	}
	return r, nil
}

func (r *Recorder) Do(_ context.Context, c core.Call) (core.Result, error) {
	return note[core.Result](r, "Do", c)
}

func (r *Recorder) Preview(_ context.Context, c core.Command) (core.Plan, error) {
	return note[core.Plan](r, "Preview", c)
}

func (r *Recorder) Me(ctx context.Context) (core.Me, error) {
	if r.Hold != nil {
		select {
		case <-r.Hold:
		case <-ctx.Done():
			return core.Me{}, ctx.Err()
		}
	}
	return note[core.Me](r, "Me")
}

func (r *Recorder) Access(context.Context) (core.Access, error) {
	return note[core.Access](r, "Access")
}
func (r *Recorder) Reasons(context.Context) ([]string, error) { return note[[]string](r, "Reasons") }

func (r *Recorder) Assignments(_ context.Context, f core.AssignmentFilter, p core.Page) (core.List[core.AssignmentRow], error) {
	return note[core.List[core.AssignmentRow]](r, "Assignments", f, p)
}

func (r *Recorder) CountAssignments(_ context.Context, f core.AssignmentFilter) (int, error) {
	return note[int](r, "CountAssignments", f)
}

func (r *Recorder) Roles(_ context.Context, f core.RoleFilter, p core.Page) (core.List[core.RoleRow], error) {
	return note[core.List[core.RoleRow]](r, "Roles", f, p)
}

func (r *Recorder) RolePage(_ context.Context, id core.RoleID) (core.RolePage, error) {
	return note[core.RolePage](r, "RolePage", id)
}

func (r *Recorder) Policies(_ context.Context, level string) (core.PolicySettings, error) {
	return note[core.PolicySettings](r, "Policies", level)
}

func (r *Recorder) ExportPolicies(context.Context) (string, error) {
	return note[string](r, "ExportPolicies")
}

func (r *Recorder) PlanPolicyFile(_ context.Context, file string, prune bool) (core.PolicyPlan, error) {
	return note[core.PolicyPlan](r, "PlanPolicyFile", file, prune)
}

func (r *Recorder) PlanPolicyEdit(_ context.Context, edit core.PolicyEdit) (core.PolicyPlan, error) {
	return note[core.PolicyPlan](r, "PlanPolicyEdit", edit)
}

func (r *Recorder) People(_ context.Context, f core.PersonFilter, p core.Page) (core.List[core.PersonRow], error) {
	return note[core.List[core.PersonRow]](r, "People", f, p)
}

// Approvers implements core.Service.
func (r *Recorder) Approvers(_ context.Context, f core.ApproverFilter) ([]core.ApproverRow, error) {
	return note[[]core.ApproverRow](r, "Approvers", f)
}

func (r *Recorder) Groups(_ context.Context, f core.GroupFilter, p core.Page) (core.List[core.GroupRow], error) {
	return note[core.List[core.GroupRow]](r, "Groups", f, p)
}

func (r *Recorder) GroupPage(_ context.Context, id core.GroupID) (core.GroupPage, error) {
	return note[core.GroupPage](r, "GroupPage", id)
}

func (r *Recorder) PersonPage(_ context.Context, id core.PersonID) (core.PersonPage, error) {
	return note[core.PersonPage](r, "PersonPage", id)
}

func (r *Recorder) Drift(_ context.Context, id core.SystemID) (core.DriftReport, error) {
	return note[core.DriftReport](r, "Drift", id)
}

func (r *Recorder) Systems(context.Context) ([]core.SystemRow, error) {
	return note[[]core.SystemRow](r, "Systems")
}

func (r *Recorder) Requests(_ context.Context, f core.RequestFilter, p core.Page) (core.List[core.RequestRow], error) {
	return note[core.List[core.RequestRow]](r, "Requests", f, p)
}

func (r *Recorder) Cases(_ context.Context, p core.Page) (core.List[core.RequestRow], error) {
	return note[core.List[core.RequestRow]](r, "Cases", p)
}

func (r *Recorder) Case(_ context.Context, id core.RequestID) (core.Case, error) {
	return note[core.Case](r, "Case", id)
}

func (r *Recorder) Deputies(context.Context) (core.Deputies, error) {
	return note[core.Deputies](r, "Deputies")
}

func (r *Recorder) Entries(_ context.Context, f core.EntryFilter, p core.Page) (core.List[core.Entry], error) {
	return note[core.List[core.Entry]](r, "Entries", f, p)
}

func (r *Recorder) Story(_ context.Context, id core.AssignmentID) ([]core.Entry, error) {
	return note[[]core.Entry](r, "Story", id)
}

func (r *Recorder) Settings(context.Context) (core.Settings, error) {
	return note[core.Settings](r, "Settings")
}

func (r *Recorder) Kinds(context.Context) ([]core.KindInfo, error) {
	return note[[]core.KindInfo](r, "Kinds")
}

func (r *Recorder) Probe(_ context.Context, id core.SystemID, spec core.SystemSpec) (core.Probe, error) {
	return note[core.Probe](r, "Probe", id, spec)
}

func (r *Recorder) SendTestMail(_ context.Context, s core.MailSettings, password core.Secret, to string, sample core.MailSample) error {
	return r.note("SendTestMail", s, password, to, sample)
}

func (r *Recorder) PreviewMail(_ context.Context, sample core.MailSample) (core.MailPreview, error) {
	return note[core.MailPreview](r, "PreviewMail", sample)
}

func (r *Recorder) ExportAudit(_ context.Context, f core.EntryFilter, format core.ExportFormat, w io.Writer, tell core.Progress) error {
	if tell != nil {
		tell(0, 2)
	}
	if r.Export != "" {
		if _, err := io.WriteString(w, r.Export); err != nil {
			return err
		}
	}
	return r.note("ExportAudit", f, format)
}

func (r *Recorder) VerifyAudit(_ context.Context, kept core.Hash, tell core.Progress) (core.Verification, error) {
	if tell != nil {
		tell(1, 2)
		tell(2, 2)
	}
	return note[core.Verification](r, "VerifyAudit", kept)
}

func (r *Recorder) ChangePassword(_ context.Context, present, next core.Secret) error {
	return r.note("ChangePassword", present, next)
}

func (r *Recorder) BeginFactor(_ context.Context, code core.Secret) (core.FactorOffer, error) {
	return note[core.FactorOffer](r, "BeginFactor", code)
}

func (r *Recorder) ConfirmFactor(_ context.Context, code core.Secret) ([]string, error) {
	return note[[]string](r, "ConfirmFactor", code)
}

func (r *Recorder) RenewRecovery(_ context.Context, code core.Secret) ([]string, error) {
	return note[[]string](r, "RenewRecovery", code)
}

// Backup writes Export.
func (r *Recorder) Backup(_ context.Context, passphrase, code core.Secret, w io.Writer, tell core.Progress) (core.BackupFile, error) {
	if _, err := io.WriteString(w, r.Export); err != nil {
		return core.BackupFile{}, err
	}
	return core.BackupFile{Bytes: int64(len(r.Export)), Hash: sha256.Sum256([]byte(r.Export))}, r.note("Backup", passphrase, code)
}

func (r *Recorder) Unlock(_ context.Context, password core.Secret) error {
	return r.note("Unlock", password)
}
func (r *Recorder) SignOut(context.Context) error { return r.note("SignOut") }

func (r *Recorder) Watch(ctx context.Context) (<-chan core.Update, error) {
	if err := r.note("Watch"); err != nil {
		return nil, err
	}
	out := make(chan core.Update)
	go func() {
		defer close(out)
		send := func(u core.Update) bool {
			select {
			case out <- u:
				return true
			case <-ctx.Done():
				return false
			}
		}
		if !send(core.Update{Seq: 7}) {
			return
		}
		for {
			select {
			case u, ok := <-r.Updates:
				if !ok || !send(u) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}
