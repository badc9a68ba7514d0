package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// remote is a core.Service at a server.
type remote struct {
	c     *Client
	token core.Secret
}

var _ core.Service = (*remote)(nil)

func get[T any](ctx context.Context, r *remote, path string, query url.Values) (T, error) {
	var out T
	err := r.c.do(ctx, call{method: http.MethodGet, path: path, query: query, token: r.token}, &out)
	return out, err
}

func post[T any](ctx context.Context, r *remote, path string, body any) (T, error) {
	var out T
	err := r.c.do(ctx, call{method: http.MethodPost, path: path, body: body, token: r.token}, &out)
	return out, err
}

// perform posts something whose success has nothing to say.
func (r *remote) perform(ctx context.Context, path string, body any) error {
	return r.c.do(ctx, call{method: http.MethodPost, path: path, body: body, token: r.token}, nil)
}

// one gets a thing by its identifier. An identifier that would change the path
// names nothing.
func one[T any](ctx context.Context, r *remote, path, id string) (T, error) {
	if id == "" || id == "." || id == ".." {
		var none T
		return none, core.Errorf(core.NotFound, "", "api.not_found")
	}
	return get[T](ctx, r, path+"/"+url.PathEscape(id), nil)
}

func (r *remote) Do(ctx context.Context, c core.Call) (core.Result, error) {
	if c.Command == nil || !core.IsPublic(c.Command) {
		return core.Result{}, core.Errorf(core.NotFound, "", "api.not_found")
	}
	code := strings.TrimSpace(c.Code.Reveal())
	if !sendable(code) {
		return core.Result{}, core.Errorf(core.Invalid, "code", "api.header", "field", "code")
	}
	if !sendable(c.Key) || strings.TrimSpace(c.Key) != c.Key {
		return core.Result{}, core.Errorf(core.Invalid, "key", "api.header", "field", "key")
	}
	var out core.Result
	var query url.Values
	if c.Wait != 0 {
		query = url.Values{"wait": {strconv.FormatFloat(c.Wait.Seconds(), 'f', -1, 64) + "s"}}
	}
	err := r.c.do(ctx, call{
		method: http.MethodPost, path: api.PathCommands + c.Command.Verb(), body: api.Wire(c.Command), token: r.token, query: query,
		header: map[string]string{api.HeaderCode: code, api.HeaderKey: c.Key},
	}, &out)
	return out, err
}

func (r *remote) Preview(ctx context.Context, c core.Command) (core.Plan, error) {
	if c == nil || !core.IsPublic(c) {
		return core.Plan{}, core.Errorf(core.NotFound, "", "api.not_found")
	}
	return post[core.Plan](ctx, r, api.PathPreviews+c.Verb(), api.Wire(c))
}

func (r *remote) Me(ctx context.Context) (core.Me, error) {
	return get[core.Me](ctx, r, api.PathMe, nil)
}

func (r *remote) Access(ctx context.Context) (core.Access, error) {
	return get[core.Access](ctx, r, api.PathAccess, nil)
}

func (r *remote) Reasons(ctx context.Context) ([]string, error) {
	return get[[]string](ctx, r, api.PathReasons, nil)
}

func (r *remote) Assignments(ctx context.Context, f core.AssignmentFilter, p core.Page) (core.List[core.AssignmentRow], error) {
	return get[core.List[core.AssignmentRow]](ctx, r, api.PathAssignments, api.PageValues(api.AssignmentValues(f), p))
}

func (r *remote) CountAssignments(ctx context.Context, f core.AssignmentFilter) (int, error) {
	n, err := get[struct {
		Count int `json:"count"`
	}](ctx, r, api.PathCount, api.AssignmentValues(f))
	return n.Count, err
}

func (r *remote) Roles(ctx context.Context, f core.RoleFilter, p core.Page) (core.List[core.RoleRow], error) {
	return get[core.List[core.RoleRow]](ctx, r, api.PathRoles, api.PageValues(api.RoleValues(f), p))
}

func (r *remote) RolePage(ctx context.Context, id core.RoleID) (core.RolePage, error) {
	return one[core.RolePage](ctx, r, api.PathRoles, string(id))
}

func (r *remote) Policies(ctx context.Context, level string) (core.PolicySettings, error) {
	return one[core.PolicySettings](ctx, r, api.PathPolicies, level)
}

func (r *remote) ExportPolicies(ctx context.Context) (string, error) {
	f, err := get[api.PolicyFile](ctx, r, api.PathPolicyFile, nil)
	return f.File, err
}

func (r *remote) PlanPolicyFile(ctx context.Context, file string, prune bool) (core.PolicyPlan, error) {
	return post[core.PolicyPlan](ctx, r, api.PathPolicyPlan, api.PolicyFile{File: file, Prune: prune})
}

func (r *remote) PlanPolicyEdit(ctx context.Context, edit core.PolicyEdit) (core.PolicyPlan, error) {
	return post[core.PolicyPlan](ctx, r, api.PathPolicyEdit, edit)
}

func (r *remote) People(ctx context.Context, f core.PersonFilter, p core.Page) (core.List[core.PersonRow], error) {
	return get[core.List[core.PersonRow]](ctx, r, api.PathPeople, api.PageValues(api.PersonValues(f), p))
}

func (r *remote) PersonPage(ctx context.Context, id core.PersonID) (core.PersonPage, error) {
	return one[core.PersonPage](ctx, r, api.PathPeople, string(id))
}

func (r *remote) Approvers(ctx context.Context, f core.ApproverFilter) ([]core.ApproverRow, error) {
	return get[[]core.ApproverRow](ctx, r, api.PathApprovers, api.ApproverValues(f))
}

func (r *remote) Groups(ctx context.Context, f core.GroupFilter, p core.Page) (core.List[core.GroupRow], error) {
	return get[core.List[core.GroupRow]](ctx, r, api.PathGroups, api.PageValues(api.GroupValues(f), p))
}

func (r *remote) GroupPage(ctx context.Context, id core.GroupID) (core.GroupPage, error) {
	return one[core.GroupPage](ctx, r, api.PathGroups, string(id))
}

func (r *remote) Drift(ctx context.Context, id core.SystemID) (core.DriftReport, error) {
	return one[core.DriftReport](ctx, r, api.PathDrift, string(id))
}

func (r *remote) Systems(ctx context.Context) ([]core.SystemRow, error) {
	return get[[]core.SystemRow](ctx, r, api.PathSystems, nil)
}

func (r *remote) Requests(ctx context.Context, f core.RequestFilter, p core.Page) (core.List[core.RequestRow], error) {
	return get[core.List[core.RequestRow]](ctx, r, api.PathRequests, api.PageValues(api.RequestValues(f), p))
}

func (r *remote) Cases(ctx context.Context, p core.Page) (core.List[core.RequestRow], error) {
	return get[core.List[core.RequestRow]](ctx, r, api.PathCases, api.PageValues(url.Values{}, p))
}

func (r *remote) Case(ctx context.Context, id core.RequestID) (core.Case, error) {
	return one[core.Case](ctx, r, api.PathCases, string(id))
}

func (r *remote) Deputies(ctx context.Context) (core.Deputies, error) {
	return get[core.Deputies](ctx, r, api.PathDeputies, nil)
}

func (r *remote) Entries(ctx context.Context, f core.EntryFilter, p core.Page) (core.List[core.Entry], error) {
	return get[core.List[core.Entry]](ctx, r, api.PathEntries, api.PageValues(api.EntryValues(f), p))
}

func (r *remote) Story(ctx context.Context, id core.AssignmentID) ([]core.Entry, error) {
	return one[[]core.Entry](ctx, r, api.PathStories, string(id))
}

func (r *remote) Settings(ctx context.Context) (core.Settings, error) {
	return get[core.Settings](ctx, r, api.PathSettings, nil)
}

func (r *remote) Kinds(ctx context.Context) ([]core.KindInfo, error) {
	return get[[]core.KindInfo](ctx, r, api.PathKinds, nil)
}

func (r *remote) Probe(ctx context.Context, id core.SystemID, spec core.SystemSpec) (core.Probe, error) {
	return post[core.Probe](ctx, r, api.PathProbes, api.WireProbe(id, spec))
}

func (r *remote) SendTestMail(ctx context.Context, s core.MailSettings, password core.Secret, to string, sample core.MailSample) error {
	return r.perform(ctx, api.PathMailTests, api.WireMailTest(s, password, to, sample))
}

func (r *remote) PreviewMail(ctx context.Context, sample core.MailSample) (core.MailPreview, error) {
	return post[core.MailPreview](ctx, r, api.PathMailPreview, sample)
}

func (r *remote) ChangePassword(ctx context.Context, present, next core.Secret) error {
	return r.perform(ctx, api.PathPassword, api.PasswordChange{Present: present.Reveal(), Next: next.Reveal()})
}

func (r *remote) BeginFactor(ctx context.Context, code core.Secret) (core.FactorOffer, error) {
	o, err := post[api.FactorOffer](ctx, r, api.PathFactor, api.Code{Code: code.Reveal()})
	if err != nil {
		return core.FactorOffer{}, err
	}
	return core.FactorOffer{Secret: core.NewSecret(o.Secret), URI: core.NewSecret(o.URI)}, nil
}

func (r *remote) ConfirmFactor(ctx context.Context, code core.Secret) ([]string, error) {
	o, err := post[api.RecoveryCodes](ctx, r, api.PathConfirm, api.Code{Code: code.Reveal()})
	return o.Codes, err
}

func (r *remote) RenewRecovery(ctx context.Context, code core.Secret) ([]string, error) {
	o, err := post[api.RecoveryCodes](ctx, r, api.PathRecovery, api.Code{Code: code.Reveal()})
	return o.Codes, err
}

func (r *remote) Unlock(ctx context.Context, password core.Secret) error {
	return r.perform(ctx, api.PathUnlock, api.Unlock{Password: password.Reveal()})
}

func (r *remote) SignOut(ctx context.Context) error {
	return r.c.do(ctx, call{method: http.MethodDelete, path: api.PathSession, token: r.token}, nil)
}
