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
}

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
	return Policy{
		MaxDuration: Duration(8 * time.Hour), RequireMFA: true, RequireJustification: true, AllowProlong: true,
		ApprovalTimeout: Duration(24 * time.Hour), ApproverJustification: true,
		PermanentEligible: true, EligibleFor: Duration(365 * 24 * time.Hour),
		PermanentActive: true, ActiveFor: Duration(180 * 24 * time.Hour),
		AssignJustification: true,
	}
}

// PolicySettings are the settings made at one level: for everything, for a
// system, or for a role. A nil field is inherited from the level above.
type PolicySettings struct {
	MaxDuration           *Duration `json:"max_duration,omitempty"`
	RequireMFA            *bool     `json:"require_mfa,omitempty"`
	RequireJustification  *bool     `json:"require_justification,omitempty"`
	RequireTicket         *bool     `json:"require_ticket,omitempty"`
	TicketPattern         *string   `json:"ticket_pattern,omitempty"`
	AllowProlong          *bool     `json:"allow_prolong,omitempty"`
	RequireApproval       *bool     `json:"require_approval,omitempty"`
	Stages                *[]Stage  `json:"approval_stages,omitempty"`
	ApprovalTimeout       *Duration `json:"approval_timeout,omitempty"`
	ApproverJustification *bool     `json:"approver_justification,omitempty"`
	PermanentEligible     *bool     `json:"permanent_eligible,omitempty"`
	EligibleFor           *Duration `json:"eligible_for,omitempty"`
	PermanentActive       *bool     `json:"permanent_active,omitempty"`
	ActiveFor             *Duration `json:"active_for,omitempty"`
	AssignMFA             *bool     `json:"assign_mfa,omitempty"`
	AssignJustification   *bool     `json:"assign_justification,omitempty"`
}

// PolicyLevel is the row that holds the settings of one level. Level is
// "default", a SystemID or a RoleID.
type PolicyLevel struct {
	Level    string
	Settings PolicySettings
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
		lay(&p.MaxDuration, l.s.MaxDuration, "max_duration", l.o, from)
		lay(&p.RequireMFA, l.s.RequireMFA, "require_mfa", l.o, from)
		lay(&p.RequireJustification, l.s.RequireJustification, "require_justification", l.o, from)
		lay(&p.RequireTicket, l.s.RequireTicket, "require_ticket", l.o, from)
		lay(&p.TicketPattern, l.s.TicketPattern, "ticket_pattern", l.o, from)
		lay(&p.AllowProlong, l.s.AllowProlong, "allow_prolong", l.o, from)
		lay(&p.RequireApproval, l.s.RequireApproval, "require_approval", l.o, from)
		lay(&p.Stages, l.s.Stages, "approval_stages", l.o, from)
		lay(&p.ApprovalTimeout, l.s.ApprovalTimeout, "approval_timeout", l.o, from)
		lay(&p.ApproverJustification, l.s.ApproverJustification, "approver_justification", l.o, from)
		lay(&p.PermanentEligible, l.s.PermanentEligible, "permanent_eligible", l.o, from)
		lay(&p.EligibleFor, l.s.EligibleFor, "eligible_for", l.o, from)
		lay(&p.PermanentActive, l.s.PermanentActive, "permanent_active", l.o, from)
		lay(&p.ActiveFor, l.s.ActiveFor, "active_for", l.o, from)
		lay(&p.AssignMFA, l.s.AssignMFA, "assign_mfa", l.o, from)
		lay(&p.AssignJustification, l.s.AssignJustification, "assign_justification", l.o, from)
	}
	return p, from
}

func lay[T any](to *T, v *T, name string, o PolicyOrigin, from map[string]PolicyOrigin) {
	if v != nil {
		*to, from[name] = *v, o
	}
}

// PolicyFields are the JSON names of the settings, in the order in which they are shown.
func PolicyFields() []string {
	return []string{
		"max_duration", "require_mfa", "require_justification", "require_ticket", "ticket_pattern", "allow_prolong",
		"require_approval", "approval_stages", "approval_timeout", "approver_justification",
		"permanent_eligible", "eligible_for", "permanent_active", "active_for", "assign_mfa", "assign_justification",
	}
}

// Value returns a setting by its JSON name as text, and whether it is made here.
func (s PolicySettings) Value(name string) (string, bool) {
	text := func(v any) (string, bool) {
		switch v := v.(type) {
		case *Duration:
			if v != nil {
				return Span(v.Std()), true
			}
		case *bool:
			if v != nil {
				return strconv.FormatBool(*v), true
			}
		case *string:
			if v != nil {
				return *v, true
			}
		case *[]Stage:
			if v != nil {
				return stagesText(*v), true
			}
		}
		return "", false
	}
	switch name {
	case "max_duration":
		return text(s.MaxDuration)
	case "require_mfa":
		return text(s.RequireMFA)
	case "require_justification":
		return text(s.RequireJustification)
	case "require_ticket":
		return text(s.RequireTicket)
	case "ticket_pattern":
		return text(s.TicketPattern)
	case "allow_prolong":
		return text(s.AllowProlong)
	case "require_approval":
		return text(s.RequireApproval)
	case "approval_stages":
		return text(s.Stages)
	case "approval_timeout":
		return text(s.ApprovalTimeout)
	case "approver_justification":
		return text(s.ApproverJustification)
	case "permanent_eligible":
		return text(s.PermanentEligible)
	case "eligible_for":
		return text(s.EligibleFor)
	case "permanent_active":
		return text(s.PermanentActive)
	case "active_for":
		return text(s.ActiveFor)
	case "assign_mfa":
		return text(s.AssignMFA)
	case "assign_justification":
		return text(s.AssignJustification)
	}
	return "", false
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
