package core

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Approver says who may decide: one person, whoever is in a group, or whoever
// holds a role actively, each at the moment of the decision. Exactly one field
// is set.
type Approver struct {
	Person PersonID `json:"person,omitempty"`
	Group  GroupID  `json:"group,omitempty"`
	Role   RoleID   `json:"role,omitempty"`
}

// ID is the identifier of whichever it is; no two things share one.
func (a Approver) ID() string { return string(a.Person) + string(a.Group) + string(a.Role) }

// Stage is one step of an approval: so many different people out of these.
type Stage struct {
	// Approvers are at most 20. An empty list means who holds Global
	// Administrator or Privileged Role Administrator actively, as in the
	// reference product.
	Approvers []Approver `json:"approvers,omitempty"`
	Quorum    int        `json:"quorum"` // 1 to 10
	// EscalateAfter is how long the stage may stay unanswered before EscalateTo
	// may decide as well; 0: never. At least 5 minutes.
	EscalateAfter Duration   `json:"escalate_after,omitempty"`
	EscalateTo    []Approver `json:"escalate_to,omitempty"`
}

// Vote is one person's answer.
type Vote struct {
	Stage   int       `json:"stage"` // from 0
	By      PersonID  `json:"by"`
	ByName  string    `json:"by_name"`
	For     PersonID  `json:"for,omitempty"` // whose deputy answered; empty: nobody's
	Approve bool      `json:"approve"`
	Why     string    `json:"why,omitempty"`
	At      time.Time `json:"at"`
}

// Approval is how far a request has come. The stages are those of the time of
// asking: what the role's settings say later doesn't change who was asked. Who
// counts as one of them is judged at each decision (R23).
type Approval struct {
	Stages    []Stage   `json:"stages"`
	Stage     int       `json:"stage"`  // the open one, from 0; len(Stages) when all have agreed
	Opened    time.Time `json:"opened"` // of the open stage
	Escalated bool      `json:"escalated,omitempty"`
	Limit     time.Time `json:"limit"` // unanswered until then, the request times out
	// Why says whether who decides has to give a reason.
	Why   bool   `json:"why"`
	Votes []Vote `json:"votes,omitempty"`
	// Kind is, of an extension or renewal, the type that who approved it chose
	// instead of the present one.
	Kind AssignmentKind `json:"kind,omitempty"`
}

// Open returns the stage that waits for an answer.
func (a Approval) Open() (Stage, bool) {
	if a.Stage < len(a.Stages) {
		return a.Stages[a.Stage], true
	}
	return Stage{}, false
}

// Asked returns who may answer now: the approvers of the open stage and, once it
// escalated, those to whom it did; none when no stage is open.
func (a Approval) Asked() []Approver {
	s, ok := a.Open()
	if !ok {
		return nil
	}
	out := slices.Clone(approversIn(s))
	if a.Escalated {
		out = append(out, s.EscalateTo...)
	}
	return out
}

// names reports whether an approver stands in stages, or is escalated to.
func names(stages []Stage, a Approver) bool {
	return slices.ContainsFunc(stages, func(s Stage) bool { return slices.Contains(s.Approvers, a) || slices.Contains(s.EscalateTo, a) })
}

// Due returns when time next asks for something: the escalation of the open
// stage, or the limit.
func (a Approval) Due() time.Time {
	if s, ok := a.Open(); ok && !a.Escalated && s.EscalateAfter > 0 && len(s.EscalateTo) > 0 {
		if at := a.Opened.Add(s.EscalateAfter.Std()); at.Before(a.Limit) {
			return at
		}
	}
	return a.Limit
}

// Agreed counts who has approved the open stage.
func (a Approval) Agreed() int {
	n := 0
	for _, v := range a.Votes {
		if v.Stage == a.Stage && v.Approve {
			n++
		}
	}
	return n
}

// Deputy decides for a person between two dates. A person has at most one.
type Deputy struct {
	Person PersonID  `json:"person"`
	Deputy PersonID  `json:"deputy"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
}

// DeputyRemoved deletes the deputy of Person.
type DeputyRemoved struct{ Person PersonID }

// Acts reports whether the deputy may act now.
func (d Deputy) Acts(now time.Time) bool { return !now.Before(d.From) && now.Before(d.Until) }

func (Deputy) change()        {}
func (DeputyRemoved) change() {}

// Limits of approvals (rules.md section 4).
const (
	MaxStages          = 3
	MaxApprovers       = 20
	MaxQuorum          = 10
	MinApprovalTimeout = 30 * time.Minute
	MaxApprovalTimeout = 14 * 24 * time.Hour
	MinEscalation      = 5 * time.Minute
	MaxDeputyFor       = 180 * 24 * time.Hour
)

// stagesText writes stages for the log, with identifiers as they are.
func stagesText(stages []Stage) string {
	list := func(as []Approver) string {
		names := make([]string, len(as))
		for i, a := range as {
			names[i] = a.ID()
		}
		if len(names) == 0 {
			return "administrators"
		}
		return strings.Join(names, ", ")
	}
	parts := make([]string, len(stages))
	for i, s := range stages {
		parts[i] = strconv.Itoa(s.Quorum) + " of " + list(s.Approvers)
		if s.EscalateAfter > 0 {
			parts[i] += ", after " + Span(s.EscalateAfter.Std()) + " also " + list(s.EscalateTo)
		}
	}
	if len(parts) == 0 {
		return "1 of administrators"
	}
	return strings.Join(parts, "; then ")
}
