package core

import "time"

// AssignmentKind is eligible or active.
type AssignmentKind string

const (
	Eligible AssignmentKind = "eligible"
	Active   AssignmentKind = "active"
)

// Origin of an active assignment: assigned by an administrator, or activated
// from an eligible one.
type Origin string

const (
	Assigned  Origin = "assigned"
	Activated Origin = "activated"
)

// AssignmentState is where an assignment stands in its life. A test holds the
// rules to these arrows, and these to the rules:
//
//	new ──▶ Scheduled | InForce
//	Scheduled ──start──▶ InForce
//	Scheduled ──end, while Stint was not running──▶ Expired
//	InForce ──end──▶ Expired
//	Scheduled | InForce ──removed──▶ Removed
//	Expired ──renewed──▶ Scheduled | InForce
//
// It says what Stint wants. Whether a system really holds it says the Grant.
type AssignmentState string

const (
	Scheduled AssignmentState = "scheduled"
	InForce   AssignmentState = "in_force"
	Expired   AssignmentState = "expired"
	Removed   AssignmentState = "removed"
)

// Live reports whether the assignment may still give access.
func (s AssignmentState) Live() bool { return s == Scheduled || s == InForce }

// Assignment is principal × role × scope, eligible or active, permanent or
// time-bound.
type Assignment struct {
	ID            AssignmentID    `json:"id"`
	Principal     PersonID        `json:"principal"`
	Role          RoleID          `json:"role"`
	System        SystemID        `json:"system"`
	Scope         string          `json:"scope"` // "/" or a path below it; at most 500 characters
	Kind          AssignmentKind  `json:"kind"`
	Origin        Origin          `json:"origin"`
	Basis         AssignmentID    `json:"basis,omitempty"` // of an activated one: the eligible one it stands on
	Start         time.Time       `json:"start"`
	End           time.Time       `json:"end,omitzero"` // zero: permanent
	State         AssignmentState `json:"state"`
	Ended         time.Time       `json:"ended,omitzero"`  // when it became Expired or Removed
	Grant         GrantID         `json:"grant,omitempty"` // of an active one once it has been in force
	Request       RequestID       `json:"request"`         // the request that made it
	Justification string          `json:"justification"`
	Ticket        Ticket          `json:"ticket,omitzero"`
	Created       time.Time       `json:"created"`
	// Group is, of what was given to a group, the group; Principal is empty then.
	// What a member has through it names the group, too, and Via that assignment.
	Group  GroupID      `json:"group,omitempty"`
	Via    AssignmentID `json:"via,omitempty"`
	Remind time.Time    `json:"-"` // when people are next to be reminded of its end; zero: not any more
}

// OfGroup reports whether it is a group's: it gives its members theirs, and
// nothing by itself.
func (a Assignment) OfGroup() bool { return a.Group != "" && a.Via == "" }

// Permanent reports whether it has no end.
func (a Assignment) Permanent() bool { return a.End.IsZero() }

// Ticket is the reference to a change or incident.
type Ticket struct {
	System string `json:"system,omitempty"` // at most 64 characters
	Number string `json:"number,omitempty"` // 1 to 64 characters where a ticket is required
}

// Action says what a request asks for.
type Action string

const (
	AdminAssign    Action = "adminAssign"
	AdminUpdate    Action = "adminUpdate"
	AdminRemove    Action = "adminRemove"
	AdminExtend    Action = "adminExtend"
	AdminRenew     Action = "adminRenew"
	SelfActivate   Action = "selfActivate"
	SelfDeactivate Action = "selfDeactivate"
	SelfProlong    Action = "selfProlong"
	SelfExtend     Action = "selfExtend"
	SelfRenew      Action = "selfRenew"
)

// OfAssignment reports whether a person asks by it for another end of an
// assignment. Administrators answer that, whoever approves activations.
func (a Action) OfAssignment() bool { return a == SelfExtend || a == SelfRenew }

// Status of a request. Granted means approved with its start in the future. An
// assignment in force that needs no grant is Provisioned at once, and a
// request that takes something away is done when it is made.
//
//	new ──▶ PendingApproval | Granted | PendingProvisioning | Provisioned | Revoked | Canceled
//	PendingApproval ──approved──▶ Granted | PendingProvisioning | Provisioned
//	PendingApproval ──denied──▶ Denied
//	PendingApproval ──canceled──▶ Canceled
//	PendingApproval ──unanswered──▶ TimedOut
//	PendingApproval ──approved, but it can't be any more──▶ Failed
//	Granted ──start──▶ PendingProvisioning | Provisioned
//	Granted ──canceled──▶ Canceled
//	PendingProvisioning ──read back──▶ Provisioned
//	PendingProvisioning ──ended before it was there──▶ Revoked
type Status string

const (
	PendingApproval     Status = "PendingApproval"
	Granted             Status = "Granted"
	PendingProvisioning Status = "PendingProvisioning"
	Provisioned         Status = "Provisioned"
	Denied              Status = "Denied"
	CanceledRequest     Status = "Canceled"
	TimedOut            Status = "TimedOut"
	Revoked             Status = "Revoked"
	Failed              Status = "Failed"
)

// Request is a change to an assignment that somebody asked for, kept for ever.
type Request struct {
	ID            RequestID    `json:"id"`
	Action        Action       `json:"action"`
	Status        Status       `json:"status"`
	Requester     PersonID     `json:"requester"`
	Principal     PersonID     `json:"principal"`
	Role          RoleID       `json:"role"`
	System        SystemID     `json:"system"`
	Scope         string       `json:"scope"`
	Assignment    AssignmentID `json:"assignment"`      // made or changed by it
	Basis         AssignmentID `json:"basis,omitempty"` // of what a person asks for himself: the eligible one it stands on, or the one that shall go on
	Start         time.Time    `json:"start"`           // while it waits for approval: the start that was wished; zero: as soon as possible
	End           time.Time    `json:"end,omitzero"`    // of an assignment: zero is permanent
	Justification string       `json:"justification"`
	Ticket        Ticket       `json:"ticket,omitzero"`
	From          string       `json:"from"` // where it was asked from, as in Session.From
	Created       time.Time    `json:"created"`
	Completed     time.Time    `json:"completed,omitzero"`
	// Of what needed approval:
	Duration Duration  `json:"duration,omitempty"` // how long the access shall last, from its start
	Approval *Approval `json:"approval,omitempty"`
	Due      time.Time `json:"-"` // when time next asks for something; zero: never
}
