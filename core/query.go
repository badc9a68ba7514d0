package core

import (
	"context"
	"time"
)

// Page asks for a part of a list. Limit is 1 to 500 (0: 50). After is the
// Next of the page before, or empty; it is opaque and belongs to its list and
// order. Lists are read by key, never by offset.
type Page struct {
	After string
	Limit int
}

// List is one page of a list.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // empty: the list ends here
}

// Query is the reading side: rows with their names, as screens show them. It
// checks no rights; the service that calls it does. Text filters match a
// substring without regard to case; % and _ have no special meaning.
type Query interface {
	// SessionOf returns a session with its person: what every request begins with.
	SessionOf(ctx context.Context, id SessionID) (Session, Person, bool, error)
	Assignments(context.Context, AssignmentFilter, Page) (List[AssignmentRow], error)
	// CountAssignments counts up to 100,000.
	CountAssignments(context.Context, AssignmentFilter) (int, error)
	Roles(context.Context, RoleFilter, Page) (List[RoleRow], error)
	PeopleList(context.Context, PersonFilter, Page) (List[PersonRow], error)
	SystemRows(context.Context) ([]SystemRow, error)
	// Groups lists those that were not removed, by name; Members who is in one, by
	// name, at most MaxMembers.
	Groups(context.Context, GroupFilter, Page) (List[GroupRow], error)
	Members(context.Context, GroupID) ([]MemberRow, error)
	AccountsOf(context.Context, PersonID) ([]AccountRow, error)
	Requests(context.Context, RequestFilter, Page) (List[RequestRow], error)
	Entries(context.Context, EntryFilter, Page) (List[Entry], error) // newest first
	// Story returns the entries of one assignment, its basis and its grant's
	// proofs, oldest first; at most 500.
	Story(context.Context, AssignmentID) ([]Entry, error)
	// EachEntry streams the entries that match, oldest first, until f returns
	// an error. It holds no lock that a writer waits for.
	EachEntry(context.Context, EntryFilter, func(*Entry) error) error
	CountEntries(context.Context, EntryFilter) (int64, error)
	// Reasons returns the last different justifications with which a person
	// activated or prolonged a role, newest first.
	Reasons(ctx context.Context, person PersonID, limit int) ([]string, error)
}

// AssignmentFilter chooses assignments; zero fields don't filter.
type AssignmentFilter struct {
	ID        AssignmentID
	Principal PersonID
	Group     GroupID // of this group itself, not what its members have through it
	Role      RoleID
	System    SystemID
	Kind      AssignmentKind
	Origin    Origin
	States    []AssignmentState // any of them
	// GrantStates also chooses ended assignments that were the last to change
	// the wish of a grant (Grant.For), where that grant is in one of
	// these states, whatever States says (to show what is being removed).
	GrantStates []GrantState
	EndsBefore  time.Time // only time-bound ones that end before
	EndedAfter  time.Time // of ended ones, only those that ended after
	Text        string    // in the names of principal, group, role or system
}

// AssignmentRow is an assignment with the names a screen shows. An ended one
// shows its grant only while it was the last to change its wish: afterwards
// the grant serves another.
type AssignmentRow struct {
	Assignment
	PrincipalName  string     `json:"principal_name"`       // of the person, or the group
	GroupName      string     `json:"group_name,omitempty"` // of a group's, or what came through one
	PrincipalLogin string     `json:"principal_login"`
	RoleName       string     `json:"role_name"`
	SystemName     string     `json:"system_name"`
	SystemKind     Kind       `json:"system_kind"`
	SystemAs       Kind       `json:"system_as,omitempty"` // what a sample system plays
	GrantState     GrantState `json:"grant_state,omitempty"`
	GrantEvidence  Evidence   `json:"grant_evidence,omitzero"`
	GrantError     string     `json:"grant_error,omitempty"`
	GrantFailing   time.Time  `json:"grant_failing,omitzero"`
	GrantAttempts  int        `json:"grant_attempts,omitempty"`
	RequestStatus  Status     `json:"request_status"`
}

// Stuck reports whether its grant has been failing for StuckAfter.
func (r AssignmentRow) Stuck(now time.Time) bool {
	g := Grant{State: r.GrantState, Failing: r.GrantFailing}
	return g.Stuck(now)
}

// RoleFilter chooses roles; those of removed systems are left out.
type RoleFilter struct {
	System SystemID
	Text   string // in the names of role or system, or the description
}

// RoleRow is a role with its system and how many hold it.
type RoleRow struct {
	Role
	SystemName string `json:"system_name"`
	SystemKind Kind   `json:"system_kind"`
	SystemAs   Kind   `json:"system_as,omitempty"`
	Eligible   int    `json:"eligible"`  // live eligible assignments of people; of a group, those of its members, each person once
	Active     int    `json:"active"`    // in-force active assignments of people
	Overrides  bool   `json:"overrides"` // has settings of its own
}

// PersonFilter chooses people.
type PersonFilter struct {
	ID       PersonID
	Text     string // in name, login or mail
	Disabled *bool
}

// PersonRow is a person with what an administrator wants to see at a glance.
type PersonRow struct {
	Person
	HasFactor bool      `json:"has_factor"`
	Locked    bool      `json:"locked"`
	LastSeen  time.Time `json:"last_seen,omitzero"`
	Sessions  int       `json:"sessions"`
	Accounts  int       `json:"accounts"`
	Eligible  int       `json:"eligible"`
	Active    int       `json:"active"`
}

// GroupFilter chooses groups.
type GroupFilter struct {
	ID   GroupID
	Text string // in the name
}

// GroupRow is a group with what an administrator wants to see at a glance.
type GroupRow struct {
	Group
	Members int `json:"members"`
	Given   int `json:"given"` // live assignments of the group
}

// MemberRow is a member with the person's name.
type MemberRow struct {
	Member
	Name     string `json:"name"`
	Login    string `json:"login"`
	Disabled bool   `json:"disabled"`
}

// AccountRow is an account with its system's name.
type AccountRow struct {
	Account
	SystemName string `json:"system_name"`
	SystemKind Kind   `json:"system_kind"`
}

// SystemRow is a system with its counts.
type SystemRow struct {
	System
	Roles   int `json:"roles"`
	Active  int `json:"active"`  // wanted grants
	Pending int `json:"pending"` // grants being made, removed or observed
	Stuck   int `json:"stuck"`   // of those, with attempts failing
	Drift   int `json:"drift"`   // open rows of drift: held otherwise than Stint left it
}

// ApproverFilter chooses what may be named as an approver. With IDs it is
// exactly these, whatever became of them.
type ApproverFilter struct {
	IDs  []string // of people, groups and roles (Approver.ID); at most 200
	Text string   // in the names of people, groups, roles and systems, or in logins and mails
}

// ApproverRow is an approver with what tells him from others.
type ApproverRow struct {
	Approver
	Name    string `json:"name"`
	About   string `json:"about,omitempty"`   // a person's login, a role's system
	Members int    `json:"members,omitempty"` // of a group
	// Gone says that it names nobody: a disabled person, a removed group, a role
	// that its system doesn't have any more.
	Gone bool `json:"gone,omitempty"`
}

// RequestFilter chooses requests.
type RequestFilter struct {
	Principal PersonID
	Role      RoleID
	Statuses  []Status
	Actions   []Action // any of them
	// Asked chooses requests that wait for an answer of one of these few people:
	// himself, as a member of a group, or as a holder of a role. Whether he may
	// answer say his Seats.
	Asked []PersonID
}

// RequestRow is a request with names.
type RequestRow struct {
	Request
	RequesterName string `json:"requester_name"`
	PrincipalName string `json:"principal_name"`
	RoleName      string `json:"role_name"`
	SystemName    string `json:"system_name"`
}

// EntryFilter chooses audit entries.
type EntryFilter struct {
	From, To time.Time // From inclusive, To exclusive
	Person   PersonID  // as actor or principal
	Role     RoleID
	System   SystemID
	Action   EventKind // an action, or a prefix that ends in "."
	Outcome  Outcome
	Text     string // in names, justification, ticket or detail
	AfterSeq int64
}
