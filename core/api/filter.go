package api

import (
	"net/url"
	"strconv"
	"time"

	"github.com/stint-pim/stint/core"
)

// The types of this file are the query strings of lists. Each has its way from
// and to the filter of core; a test sends every field there and back.

// PageQuery asks for a part of a list.
type PageQuery struct {
	After string `query:"after" maxLength:"1000" doc:"The next of the page before."`
	Limit int    `query:"limit" minimum:"0" maximum:"500" doc:"At most so many; 0: 50."`
}

// Page returns what q asks for.
func (q PageQuery) Page() core.Page { return core.Page{After: q.After, Limit: q.Limit} }

// AssignmentQuery chooses assignments.
type AssignmentQuery struct {
	ID          string    `query:"id" maxLength:"100"`
	Principal   string    `query:"principal" maxLength:"100"`
	Group       string    `query:"group" maxLength:"100" doc:"Of this group itself, not what its members have through it."`
	Role        string    `query:"role" maxLength:"100"`
	System      string    `query:"system" maxLength:"100"`
	Kind        string    `query:"kind" maxLength:"20"`
	Origin      string    `query:"origin" maxLength:"20"`
	States      []string  `query:"state,explode" maxItems:"10"`
	GrantStates []string  `query:"grant_state,explode" maxItems:"10"`
	EndsBefore  time.Time `query:"ends_before"`
	EndedAfter  time.Time `query:"ended_after"`
	Text        string    `query:"text" maxLength:"200" doc:"In the names of principal, group, role or system."`
}

// Filter returns what q chooses.
func (q AssignmentQuery) Filter() core.AssignmentFilter {
	return core.AssignmentFilter{
		ID: core.AssignmentID(q.ID), Principal: core.PersonID(q.Principal), Group: core.GroupID(q.Group), Role: core.RoleID(q.Role), System: core.SystemID(q.System),
		Kind: core.AssignmentKind(q.Kind), Origin: core.Origin(q.Origin),
		States: each[core.AssignmentState](q.States), GrantStates: each[core.GrantState](q.GrantStates),
		EndsBefore: q.EndsBefore, EndedAfter: q.EndedAfter, Text: q.Text,
	}
}

// AssignmentValues is the way back.
func AssignmentValues(f core.AssignmentFilter) url.Values {
	v := values{}
	v.set("id", string(f.ID))
	v.set("principal", string(f.Principal))
	v.set("group", string(f.Group))
	v.set("role", string(f.Role))
	v.set("system", string(f.System))
	v.set("kind", string(f.Kind))
	v.set("origin", string(f.Origin))
	for _, s := range f.States {
		url.Values(v).Add("state", string(s))
	}
	for _, s := range f.GrantStates {
		url.Values(v).Add("grant_state", string(s))
	}
	v.time("ends_before", f.EndsBefore)
	v.time("ended_after", f.EndedAfter)
	v.set("text", f.Text)
	return url.Values(v)
}

// RoleQuery chooses roles.
type RoleQuery struct {
	System string `query:"system" maxLength:"100"`
	Text   string `query:"text" maxLength:"200"`
}

// Filter returns what q chooses.
func (q RoleQuery) Filter() core.RoleFilter {
	return core.RoleFilter{System: core.SystemID(q.System), Text: q.Text}
}

// RoleValues is the way back.
func RoleValues(f core.RoleFilter) url.Values {
	v := values{}
	v.set("system", string(f.System))
	v.set("text", f.Text)
	return url.Values(v)
}

// PersonQuery chooses people.
type PersonQuery struct {
	ID       string `query:"id" maxLength:"100"`
	Text     string `query:"text" maxLength:"200"`
	Disabled string `query:"disabled" enum:"true,false" doc:"Empty: both."`
}

// Filter returns what q chooses.
func (q PersonQuery) Filter() core.PersonFilter {
	f := core.PersonFilter{ID: core.PersonID(q.ID), Text: q.Text}
	if q.Disabled != "" {
		b := q.Disabled == "true"
		f.Disabled = &b
	}
	return f
}

// PersonValues is the way back.
func PersonValues(f core.PersonFilter) url.Values {
	v := values{}
	v.set("id", string(f.ID))
	v.set("text", f.Text)
	if f.Disabled != nil {
		v.set("disabled", strconv.FormatBool(*f.Disabled))
	}
	return url.Values(v)
}

// GroupQuery chooses groups.
type GroupQuery struct {
	ID   string `query:"id" maxLength:"100"`
	Text string `query:"text" maxLength:"200"`
}

// Filter returns what q chooses.
func (q GroupQuery) Filter() core.GroupFilter {
	return core.GroupFilter{ID: core.GroupID(q.ID), Text: q.Text}
}

// GroupValues is the way back.
func GroupValues(f core.GroupFilter) url.Values {
	v := values{}
	v.set("id", string(f.ID))
	v.set("text", f.Text)
	return url.Values(v)
}

// ApproverQuery chooses what may be named as an approver.
type ApproverQuery struct {
	IDs  []string `query:"id,explode" maxItems:"200" doc:"Exactly these, whatever became of them."`
	Text string   `query:"text" maxLength:"200" doc:"In the names of people, groups, roles and systems, or in logins and mails."`
}

// Filter returns what q chooses.
func (q ApproverQuery) Filter() core.ApproverFilter {
	return core.ApproverFilter{IDs: q.IDs, Text: q.Text}
}

// ApproverValues is the way back.
func ApproverValues(f core.ApproverFilter) url.Values {
	v := values{}
	for _, id := range f.IDs {
		url.Values(v).Add("id", id)
	}
	v.set("text", f.Text)
	return url.Values(v)
}

// RequestQuery chooses requests.
type RequestQuery struct {
	Principal string   `query:"principal" maxLength:"100"`
	Role      string   `query:"role" maxLength:"100"`
	Statuses  []string `query:"status,explode" maxItems:"20"`
	Actions   []string `query:"action,explode" maxItems:"20"`
	Asked     []string `query:"asked,explode" maxItems:"101" doc:"That wait for an answer of one of these people: himself, as a member of a group, or as a holder of a role."`
}

// Filter returns what q chooses.
func (q RequestQuery) Filter() core.RequestFilter {
	return core.RequestFilter{Principal: core.PersonID(q.Principal), Role: core.RoleID(q.Role), Statuses: each[core.Status](q.Statuses), Actions: each[core.Action](q.Actions), Asked: each[core.PersonID](q.Asked)}
}

// RequestValues is the way back.
func RequestValues(f core.RequestFilter) url.Values {
	v := values{}
	v.set("principal", string(f.Principal))
	v.set("role", string(f.Role))
	for _, s := range f.Statuses {
		url.Values(v).Add("status", string(s))
	}
	for _, a := range f.Actions {
		url.Values(v).Add("action", string(a))
	}
	for _, p := range f.Asked {
		url.Values(v).Add("asked", string(p))
	}
	return url.Values(v)
}

// EntryQuery chooses entries of the audit log.
type EntryQuery struct {
	From     time.Time `query:"from" doc:"Not before."`
	To       time.Time `query:"to" doc:"Before."`
	Person   string    `query:"person" maxLength:"100" doc:"As actor or principal."`
	Role     string    `query:"role" maxLength:"100"`
	System   string    `query:"system" maxLength:"100"`
	Action   string    `query:"action" maxLength:"100" doc:"An action, or a prefix that ends in a dot."`
	Outcome  string    `query:"outcome" maxLength:"20"`
	Text     string    `query:"text" maxLength:"200"`
	AfterSeq int64     `query:"after_seq" minimum:"0"`
}

// Filter returns what q chooses.
func (q EntryQuery) Filter() core.EntryFilter {
	return core.EntryFilter{
		From: q.From, To: q.To, Person: core.PersonID(q.Person), Role: core.RoleID(q.Role), System: core.SystemID(q.System),
		Action: core.EventKind(q.Action), Outcome: core.Outcome(q.Outcome), Text: q.Text, AfterSeq: q.AfterSeq,
	}
}

// EntryValues is the way back.
func EntryValues(f core.EntryFilter) url.Values {
	v := values{}
	v.time("from", f.From)
	v.time("to", f.To)
	v.set("person", string(f.Person))
	v.set("role", string(f.Role))
	v.set("system", string(f.System))
	v.set("action", string(f.Action))
	v.set("outcome", string(f.Outcome))
	v.set("text", f.Text)
	if f.AfterSeq != 0 {
		v.set("after_seq", strconv.FormatInt(f.AfterSeq, 10))
	}
	return url.Values(v)
}

// PageValues adds what a page asks for.
func PageValues(v url.Values, p core.Page) url.Values {
	values(v).set("after", p.After)
	if p.Limit != 0 {
		v.Set("limit", strconv.Itoa(p.Limit))
	}
	return v
}

type values url.Values

func (v values) set(name, value string) {
	if value != "" {
		url.Values(v).Set(name, value)
	}
}

func (v values) time(name string, t time.Time) {
	if !t.IsZero() {
		url.Values(v).Set(name, t.UTC().Format(time.RFC3339Nano))
	}
}

func each[T ~string](in []string) []T {
	if len(in) == 0 {
		return nil
	}
	out := make([]T, len(in))
	for i, s := range in {
		out[i] = T(s)
	}
	return out
}
