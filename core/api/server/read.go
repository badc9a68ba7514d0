package server

import (
	"context"
	"net/http"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

type (
	byID struct {
		ID string `path:"id" maxLength:"200"`
	}
	assignmentsInput struct {
		api.AssignmentQuery
		api.PageQuery
	}
	rolesInput struct {
		api.RoleQuery
		api.PageQuery
	}
	peopleInput struct {
		api.PersonQuery
		api.PageQuery
	}
	groupsInput struct {
		api.GroupQuery
		api.PageQuery
	}
	requestsInput struct {
		api.RequestQuery
		api.PageQuery
	}
	entriesInput struct {
		api.EntryQuery
		api.PageQuery
	}
	probeInput struct{ Body api.ProbeRequest }
	mailInput  struct{ Body api.MailTest }

	mailSampleInput struct{ Body core.MailSample }

	policyFileInput struct{ Body api.PolicyFile }
	policyEditInput struct{ Body core.PolicyEdit }
)

// count is the answer of PathCount.
type count struct {
	Count int `json:"count" doc:"Counted up to 100,000."`
}

// readRoutes change nothing but, perhaps, a line in the audit log.
func (s *server) readRoutes() {
	answer(s, operation(http.MethodGet, api.PathMe, "me", "own", "Who I am and what I may do"),
		func(ctx context.Context, _ *none) (core.Me, error) { return service(ctx).Me(ctx) })
	answer(s, operation(http.MethodGet, api.PathAccess, "access", "own", "What I have active, scheduled and may activate"),
		func(ctx context.Context, _ *none) (core.Access, error) { return service(ctx).Access(ctx) })
	answer(s, operation(http.MethodGet, api.PathReasons, "reasons", "own", "My last different justifications"),
		func(ctx context.Context, _ *none) ([]string, error) { return service(ctx).Reasons(ctx) })

	answer(s, operation(http.MethodGet, api.PathAssignments, "assignments", "lists", "Assignments"),
		func(ctx context.Context, in *assignmentsInput) (core.List[core.AssignmentRow], error) {
			return service(ctx).Assignments(ctx, in.Filter(), in.Page())
		})
	answer(s, operation(http.MethodGet, api.PathCount, "count-assignments", "lists", "How many assignments there are"),
		func(ctx context.Context, in *api.AssignmentQuery) (count, error) {
			n, err := service(ctx).CountAssignments(ctx, in.Filter())
			return count{n}, err
		})
	answer(s, operation(http.MethodGet, api.PathRoles, "roles", "lists", "Roles"),
		func(ctx context.Context, in *rolesInput) (core.List[core.RoleRow], error) {
			return service(ctx).Roles(ctx, in.Filter(), in.Page())
		})
	answer(s, operation(http.MethodGet, api.PathRoles+"/{id}", "role", "lists", "A role with its settings"),
		func(ctx context.Context, in *byID) (core.RolePage, error) {
			return service(ctx).RolePage(ctx, core.RoleID(in.ID))
		})
	answer(s, operation(http.MethodGet, api.PathPolicies+"/{id}", "policy", "lists", "The settings made at one level: default, a system or a role"),
		func(ctx context.Context, in *byID) (core.PolicySettings, error) {
			return service(ctx).Policies(ctx, in.ID)
		})
	answer(s, operation(http.MethodGet, api.PathPolicyFile, "policy-file", "lists", "The settings made at all levels, as a file in YAML"),
		func(ctx context.Context, _ *none) (api.PolicyFile, error) {
			file, err := service(ctx).ExportPolicies(ctx)
			return api.PolicyFile{File: file}, err
		})
	answer(s, operation(http.MethodPost, api.PathPolicyPlan, "policy-file-plan", "trials", "What a file of settings would change; the plan holds the command that does it"),
		func(ctx context.Context, in *policyFileInput) (core.PolicyPlan, error) {
			return service(ctx).PlanPolicyFile(ctx, in.Body.File, in.Body.Prune)
		})
	answer(s, operation(http.MethodPost, api.PathPolicyEdit, "policy-edit-plan", "trials", "What single settings made or taken back at many levels would change"),
		func(ctx context.Context, in *policyEditInput) (core.PolicyPlan, error) {
			return service(ctx).PlanPolicyEdit(ctx, in.Body)
		})
	answer(s, operation(http.MethodGet, api.PathPeople, "people", "lists", "People"),
		func(ctx context.Context, in *peopleInput) (core.List[core.PersonRow], error) {
			return service(ctx).People(ctx, in.Filter(), in.Page())
		})
	answer(s, operation(http.MethodGet, api.PathPeople+"/{id}", "person", "lists", "A person with accounts and sessions"),
		func(ctx context.Context, in *byID) (core.PersonPage, error) {
			return service(ctx).PersonPage(ctx, core.PersonID(in.ID))
		})
	answer(s, operation(http.MethodGet, api.PathApprovers, "approvers", "lists", "People, groups and roles that may be named as approvers"),
		func(ctx context.Context, in *api.ApproverQuery) ([]core.ApproverRow, error) {
			return service(ctx).Approvers(ctx, in.Filter())
		})
	answer(s, operation(http.MethodGet, api.PathGroups, "groups", "lists", "Groups of people"),
		func(ctx context.Context, in *groupsInput) (core.List[core.GroupRow], error) {
			return service(ctx).Groups(ctx, in.Filter(), in.Page())
		})
	answer(s, operation(http.MethodGet, api.PathGroups+"/{id}", "group", "lists", "A group with its members and what it was given"),
		func(ctx context.Context, in *byID) (core.GroupPage, error) {
			return service(ctx).GroupPage(ctx, core.GroupID(in.ID))
		})
	answer(s, operation(http.MethodGet, api.PathSystems, "systems", "lists", "Systems"),
		func(ctx context.Context, _ *none) ([]core.SystemRow, error) { return service(ctx).Systems(ctx) })
	answer(s, operation(http.MethodGet, api.PathDrift+"/{id}", "drift", "lists", "What a system holds otherwise than Stint left it"),
		func(ctx context.Context, in *byID) (core.DriftReport, error) {
			return service(ctx).Drift(ctx, core.SystemID(in.ID))
		})
	answer(s, operation(http.MethodGet, api.PathRequests, "requests", "lists", "Requests"),
		func(ctx context.Context, in *requestsInput) (core.List[core.RequestRow], error) {
			return service(ctx).Requests(ctx, in.Filter(), in.Page())
		})
	answer(s, operation(http.MethodGet, api.PathCases, "cases", "own", "Requests that wait for my answer"),
		func(ctx context.Context, in *api.PageQuery) (core.List[core.RequestRow], error) {
			return service(ctx).Cases(ctx, in.Page())
		})
	answer(s, operation(http.MethodGet, api.PathCases+"/{id}", "case", "own", "A request with what it takes to answer it"),
		func(ctx context.Context, in *byID) (core.Case, error) {
			return service(ctx).Case(ctx, core.RequestID(in.ID))
		})
	answer(s, operation(http.MethodGet, api.PathDeputies, "deputies", "own", "Who decides for me, and for whom I do"),
		func(ctx context.Context, _ *none) (core.Deputies, error) { return service(ctx).Deputies(ctx) })
	answer(s, operation(http.MethodGet, api.PathEntries, "entries", "audit", "Entries of the audit log, newest first"),
		func(ctx context.Context, in *entriesInput) (core.List[core.Entry], error) {
			return service(ctx).Entries(ctx, in.Filter(), in.Page())
		})
	answer(s, operation(http.MethodGet, api.PathStories+"/{id}", "story", "audit", "The entries of one assignment, oldest first"),
		func(ctx context.Context, in *byID) ([]core.Entry, error) {
			return service(ctx).Story(ctx, core.AssignmentID(in.ID))
		})
	answer(s, operation(http.MethodGet, api.PathSettings, "settings", "lists", "Settings of the installation"),
		func(ctx context.Context, _ *none) (core.Settings, error) { return service(ctx).Settings(ctx) })
	answer(s, operation(http.MethodGet, api.PathKinds, "kinds", "lists", "Connectors and the settings that each needs"),
		func(ctx context.Context, _ *none) ([]core.KindInfo, error) { return service(ctx).Kinds(ctx) })

	answer(s, operation(http.MethodPost, api.PathProbes, "probe", "trials", "Try a system that may not be stored yet"),
		func(ctx context.Context, in *probeInput) (core.Probe, error) {
			return service(ctx).Probe(ctx, in.Body.ID, in.Body.Spec)
		})
	answer(s, operation(http.MethodPost, api.PathMailPreview, "mail-preview", "trials", "One of the mails that Stint sends, with made-up names"),
		func(ctx context.Context, in *mailSampleInput) (core.MailPreview, error) {
			return service(ctx).PreviewMail(ctx, in.Body)
		})
	perform(s, operation(http.MethodPost, api.PathMailTests, "mail-test", "trials", "Send one mail with the settings given"),
		func(ctx context.Context, in *mailInput) error {
			return service(ctx).SendTestMail(ctx, in.Body.Settings, in.Body.Password, in.Body.To, in.Body.Sample)
		})
}
