package core

import (
	"strconv"
	"strings"
	"time"
)

// Policy is the resolved settings of a role (rules.md section 3).
type Policy struct {
	MaxDuration          Duration `json:"max_duration"` // of one activation; 30 minutes to 24 hours
	RequireMFA           bool     `json:"require_mfa"`  // a fresh code for this very request
	RequireJustification bool     `json:"require_justification"`
	RequireTicket        bool     `json:"require_ticket"`
	TicketPattern        string   `json:"ticket_pattern"` // RE2, matched against the whole ticket number; empty: any
	AllowProlong         bool     `json:"allow_prolong"`
	// DropOn says what ends an activation at once on the computer at which the
	// person is signed in. None: nothing does.
	DropOn []DropReason `json:"drop_on"`

	RequireApproval       bool     `json:"require_approval"`
	Stages                []Stage  `json:"approval_stages"`        // 1 to 3; none: one stage, one of the default approvers
	ApprovalTimeout       Duration `json:"approval_timeout"`       // how long a request waits for all its answers; 30 minutes to 14 days
	ApproverJustification bool     `json:"approver_justification"` // who decides has to say why

	PermanentEligible   bool     `json:"permanent_eligible"`
	EligibleFor         Duration `json:"eligible_for"` // longest time-bound eligible assignment; 1 day to 10 years
	PermanentActive     bool     `json:"permanent_active"`
	ActiveFor           Duration `json:"active_for"`           // longest time-bound active assignment; 1 day to 10 years
	AssignMFA           bool     `json:"assign_mfa"`           // on active assignment, asked of the administrator
	AssignJustification bool     `json:"assign_justification"` // on active assignment

	// Who is told of which event; Notify finds a cell.
	NotifyEligibleAdmins     Recipients `json:"notify_eligible_admins,omitzero"`
	NotifyEligiblePerson     Recipients `json:"notify_eligible_person,omitzero"`
	NotifyEligibleApprovers  Recipients `json:"notify_eligible_approvers,omitzero"`
	NotifyActiveAdmins       Recipients `json:"notify_active_admins,omitzero"`
	NotifyActivePerson       Recipients `json:"notify_active_person,omitzero"`
	NotifyActiveApprovers    Recipients `json:"notify_active_approvers,omitzero"`
	NotifyActivatedAdmins    Recipients `json:"notify_activated_admins,omitzero"`
	NotifyActivatedPerson    Recipients `json:"notify_activated_person,omitzero"`
	NotifyActivatedApprovers Recipients `json:"notify_activated_approvers,omitzero"`
}

// DropReason is something that happens to the computer of a person.
type DropReason string

const (
	DropOnLock    DropReason = "lock"    // the screen was locked
	DropOnSleep   DropReason = "sleep"   // the computer goes to sleep
	DropOnSignOut DropReason = "signout" // the person signs out of the computer or of Stint
)

// why says in the log what happened.
func (r DropReason) why() string {
	switch r {
	case DropOnLock:
		return "the screen was locked"
	case DropOnSleep:
		return "the computer went to sleep"
	case DropOnSignOut:
		return "the person signed out"
	}
	return ""
}

// DropReasons are all of them, in the order in which they are stored and shown.
func DropReasons() []DropReason { return []DropReason{DropOnLock, DropOnSleep, DropOnSignOut} }

// Limits of the settings, from rules.md sections 2 and 3.
const (
	MinActivation    = 5 * time.Minute
	MinMaxDuration   = 30 * time.Minute
	MaxMaxDuration   = 24 * time.Hour
	MinAssignmentFor = 24 * time.Hour
	MaxAssignmentFor = 10 * 365 * 24 * time.Hour
)

// DefaultPolicy is what a role has where nobody set anything else: the
// reference product's defaults (reference/entra-pim.md section 1).
func DefaultPolicy() Policy {
	all := Recipients{Defaults: true}
	return Policy{
		MaxDuration: Duration(8 * time.Hour), RequireMFA: true, RequireJustification: true, AllowProlong: true,
		ApprovalTimeout: Duration(24 * time.Hour), ApproverJustification: true,
		PermanentEligible: true, EligibleFor: Duration(365 * 24 * time.Hour),
		PermanentActive: true, ActiveFor: Duration(180 * 24 * time.Hour),
		AssignJustification:      true,
		NotifyEligibleAdmins:     all,
		NotifyEligiblePerson:     all,
		NotifyEligibleApprovers:  all,
		NotifyActiveAdmins:       all,
		NotifyActivePerson:       all,
		NotifyActiveApprovers:    all,
		NotifyActivatedAdmins:    all,
		NotifyActivatedPerson:    all,
		NotifyActivatedApprovers: all,
	}
}

// Unnoted returns the settings as whoever may only use the role sees them:
// without who is told, which are other people's addresses.
func (p Policy) Unnoted() Policy {
	for _, e := range PolicyEvents() {
		for _, a := range Audiences() {
			*p.Notify(e, a) = Recipients{}
		}
	}
	return p
}

// PolicySettings are the settings made at one level: for everything, for a
// system, or for a role. A nil field is inherited from the level above.
type PolicySettings struct {
	MaxDuration           *Duration     `json:"max_duration,omitempty"`
	RequireMFA            *bool         `json:"require_mfa,omitempty"`
	RequireJustification  *bool         `json:"require_justification,omitempty"`
	RequireTicket         *bool         `json:"require_ticket,omitempty"`
	TicketPattern         *string       `json:"ticket_pattern,omitempty"`
	AllowProlong          *bool         `json:"allow_prolong,omitempty"`
	DropOn                *[]DropReason `json:"drop_on,omitempty"`
	RequireApproval       *bool         `json:"require_approval,omitempty"`
	Stages                *[]Stage      `json:"approval_stages,omitempty"`
	ApprovalTimeout       *Duration     `json:"approval_timeout,omitempty"`
	ApproverJustification *bool         `json:"approver_justification,omitempty"`
	PermanentEligible     *bool         `json:"permanent_eligible,omitempty"`
	EligibleFor           *Duration     `json:"eligible_for,omitempty"`
	PermanentActive       *bool         `json:"permanent_active,omitempty"`
	ActiveFor             *Duration     `json:"active_for,omitempty"`
	AssignMFA             *bool         `json:"assign_mfa,omitempty"`
	AssignJustification   *bool         `json:"assign_justification,omitempty"`

	NotifyEligibleAdmins     *Recipients `json:"notify_eligible_admins,omitempty"`
	NotifyEligiblePerson     *Recipients `json:"notify_eligible_person,omitempty"`
	NotifyEligibleApprovers  *Recipients `json:"notify_eligible_approvers,omitempty"`
	NotifyActiveAdmins       *Recipients `json:"notify_active_admins,omitempty"`
	NotifyActivePerson       *Recipients `json:"notify_active_person,omitempty"`
	NotifyActiveApprovers    *Recipients `json:"notify_active_approvers,omitempty"`
	NotifyActivatedAdmins    *Recipients `json:"notify_activated_admins,omitempty"`
	NotifyActivatedPerson    *Recipients `json:"notify_activated_person,omitempty"`
	NotifyActivatedApprovers *Recipients `json:"notify_activated_approvers,omitempty"`
}

// PolicyLevel is the row that holds the settings of one level. Level is
// "default", a SystemID or a RoleID.
type PolicyLevel struct {
	Level    string
	Settings PolicySettings
}

// Approves reports whether something about who has to agree is set here.
func (l PolicyLevel) Approves() bool {
	return l.Settings.RequireApproval != nil || l.Settings.Stages != nil
}

// DefaultLevel is the level of settings that hold for everything.
const DefaultLevel = "default"

// PolicyOrigin says at which level a setting was made.
type PolicyOrigin string

const (
	OriginBuiltIn PolicyOrigin = "built-in"
	OriginDefault PolicyOrigin = "default"
	OriginSystem  PolicyOrigin = "system"
	OriginRole    PolicyOrigin = "role"
)

// ResolvePolicy lays the levels over the built-in defaults and also says, for
// each setting by its JSON name, where its value comes from.
func ResolvePolicy(def, system, role PolicySettings) (Policy, map[string]PolicyOrigin) {
	p, from := DefaultPolicy(), map[string]PolicyOrigin{}
	for _, f := range PolicyFields() {
		from[f] = OriginBuiltIn
	}
	for _, l := range []struct {
		s PolicySettings
		o PolicyOrigin
	}{{def, OriginDefault}, {system, OriginSystem}, {role, OriginRole}} {
		p.Lay(l.s, l.o, from)
	}
	return p, from
}

// PolicyOf returns what holds for a role now.
func PolicyOf(v View, id RoleID) Policy {
	def, system, role := v.PolicyLevels(id)
	p := DefaultPolicy()
	for _, s := range []PolicySettings{def, system, role} {
		p.Lay(s, "", nil)
	}
	return p
}

// Lay lays the settings made at a level over p, and notes in from, unless
// it is nil, which they are.
func (p *Policy) Lay(s PolicySettings, o PolicyOrigin, from map[string]PolicyOrigin) {
	for _, b := range policyTable {
		if b.lay(p, &s) && from != nil {
			from[b.name] = o
		}
	}
}

// policyField binds the name of a setting to its place in both structures.
type policyField struct {
	name string
	at   func(*Policy) any                             // where it stands
	lay  func(*Policy, *PolicySettings) bool           // takes the level's own value over, if there is one
	made func(*PolicySettings, Policy)                 // makes the setting at a level, with the value of the policy
	copy func(to *PolicySettings, from PolicySettings) // takes the setting over as it is made there, or not
	text func(*PolicySettings) (string, bool)
}

func field[T any](name string, in func(*Policy) *T, own func(*PolicySettings) **T, text func(T) string) policyField {
	return policyField{
		name: name,
		at:   func(p *Policy) any { return in(p) },
		lay: func(p *Policy, s *PolicySettings) bool {
			v := *own(s)
			if v != nil {
				*in(p) = *v
			}
			return v != nil
		},
		made: func(s *PolicySettings, p Policy) {
			v := *in(&p)
			*own(s) = &v
		},
		copy: func(to *PolicySettings, from PolicySettings) { *own(to) = *own(&from) },
		text: func(s *PolicySettings) (string, bool) {
			if v := *own(s); v != nil {
				return text(*v), true
			}
			return "", false
		},
	}
}

// policyTable holds every setting, in the order in which they are shown.
var policyTable = func() []policyField {
	type p = Policy
	type s = PolicySettings
	span := func(d Duration) string { return Span(d.Std()) }
	same := func(v string) string { return v }
	return append([]policyField{
		field("max_duration", func(x *p) *Duration { return &x.MaxDuration }, func(x *s) **Duration { return &x.MaxDuration }, span),
		field("require_mfa", func(x *p) *bool { return &x.RequireMFA }, func(x *s) **bool { return &x.RequireMFA }, strconv.FormatBool),
		field("require_justification", func(x *p) *bool { return &x.RequireJustification }, func(x *s) **bool { return &x.RequireJustification }, strconv.FormatBool),
		field("require_ticket", func(x *p) *bool { return &x.RequireTicket }, func(x *s) **bool { return &x.RequireTicket }, strconv.FormatBool),
		field("ticket_pattern", func(x *p) *string { return &x.TicketPattern }, func(x *s) **string { return &x.TicketPattern }, same),
		field("allow_prolong", func(x *p) *bool { return &x.AllowProlong }, func(x *s) **bool { return &x.AllowProlong }, strconv.FormatBool),
		field("drop_on", func(x *p) *[]DropReason { return &x.DropOn }, func(x *s) **[]DropReason { return &x.DropOn }, dropText),
		field("require_approval", func(x *p) *bool { return &x.RequireApproval }, func(x *s) **bool { return &x.RequireApproval }, strconv.FormatBool),
		field("approval_stages", func(x *p) *[]Stage { return &x.Stages }, func(x *s) **[]Stage { return &x.Stages }, stagesText),
		field("approval_timeout", func(x *p) *Duration { return &x.ApprovalTimeout }, func(x *s) **Duration { return &x.ApprovalTimeout }, span),
		field("approver_justification", func(x *p) *bool { return &x.ApproverJustification }, func(x *s) **bool { return &x.ApproverJustification }, strconv.FormatBool),
		field("permanent_eligible", func(x *p) *bool { return &x.PermanentEligible }, func(x *s) **bool { return &x.PermanentEligible }, strconv.FormatBool),
		field("eligible_for", func(x *p) *Duration { return &x.EligibleFor }, func(x *s) **Duration { return &x.EligibleFor }, span),
		field("permanent_active", func(x *p) *bool { return &x.PermanentActive }, func(x *s) **bool { return &x.PermanentActive }, strconv.FormatBool),
		field("active_for", func(x *p) *Duration { return &x.ActiveFor }, func(x *s) **Duration { return &x.ActiveFor }, span),
		field("assign_mfa", func(x *p) *bool { return &x.AssignMFA }, func(x *s) **bool { return &x.AssignMFA }, strconv.FormatBool),
		field("assign_justification", func(x *p) *bool { return &x.AssignJustification }, func(x *s) **bool { return &x.AssignJustification }, strconv.FormatBool),
	}, notifyFields()...)
}()

func dropText(list []DropReason) string {
	if len(list) == 0 {
		return "nothing"
	}
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}

// PolicyFields are the JSON names of the settings, in the order in which they are shown.
func PolicyFields() []string {
	names := make([]string, len(policyTable))
	for i, b := range policyTable {
		names[i] = b.name
	}
	return names
}

// Field returns where the setting with a JSON name stands: a *bool, *Duration,
// *string, *[]DropReason, *[]Stage or *Recipients; nil: there is none.
func (p *Policy) Field(name string) any {
	if b, ok := policyNamed(name); ok {
		return b.at(p)
	}
	return nil
}

// Value returns a setting by its JSON name as text, and whether it is made here.
func (s PolicySettings) Value(name string) (string, bool) {
	if b, ok := policyNamed(name); ok {
		return b.text(&s)
	}
	return "", false
}

// Take makes the setting with a JSON name what it is in from: made or inherited.
func (s *PolicySettings) Take(from PolicySettings, name string) {
	if b, ok := policyNamed(name); ok {
		b.copy(s, from)
	}
}

// Value returns a setting by its JSON name as text.
func (p Policy) Value(name string) string {
	var s PolicySettings
	if b, ok := policyNamed(name); ok {
		b.made(&s, p)
	}
	text, _ := s.Value(name)
	return text
}

func policyNamed(name string) (policyField, bool) {
	for _, b := range policyTable {
		if b.name == name {
			return b, true
		}
	}
	return policyField{}, false
}

// policyDiff writes what changed between two settings of one level.
func policyDiff(was, now PolicySettings) string {
	var parts []string
	for _, f := range PolicyFields() {
		a, hadA := was.Value(f)
		b, hasB := now.Value(f)
		if !hadA {
			a = "inherited"
		}
		if !hasB {
			b = "inherited"
		}
		if a != b {
			parts = append(parts, f+" from “"+a+"” to “"+b+"”")
		}
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}
