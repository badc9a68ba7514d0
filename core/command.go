package core

import "time"

// Command is one thing somebody asks for. The set is closed; each has a name
// that is the same in the API and in the log of refusals. Commands hold no
// secrets but in fields of type Secret, and no codes at all: a code belongs to
// the Call.
type Command interface{ Verb() string }

// Call is a command on its way to Service.Do.
type Call struct {
	Command Command
	Code    Secret // six digits of the second factor, or a recovery code; empty if none
	Key     string // idempotency key chosen by the caller; at most 100 characters; empty: none
	// Wait is how long to stay, once the command is durable, until the systems
	// it is about have been read back; at most MaxWait. The statuses in the
	// Result then say how far it came: waiting in vain is no error.
	Wait time.Duration
}

// MaxWait bounds Call.Wait.
const MaxWait = time.Minute

// Result says what came of a command. Items has one line for each role or
// person the command was about, in the order of the command.
type Result struct {
	Items  []ItemResult `json:"items,omitempty"`
	Notes  []Note       `json:"notes,omitempty"`  // about the command as a whole
	Person PersonID     `json:"person,omitempty"` // that was added
	System SystemID     `json:"system,omitempty"` // that was added
	Roles  []RoleID     `json:"roles,omitempty"`  // that were added
	Group  GroupID      `json:"group,omitempty"`  // that was added
	// Secret is shown once: the first password of a person who was added or reset.
	Secret string `json:"secret,omitempty"`
	// Codes are recovery codes, shown once.
	Codes []string `json:"codes,omitempty"`
	Seq   int64    `json:"seq,omitempty"` // of the last audit entry written
}

// ItemResult is the outcome for one role or person. Err is set where that one
// was refused; others may have been done (rules.md section 2, bundles).
type ItemResult struct {
	Principal  PersonID     `json:"principal,omitempty"`
	Group      GroupID      `json:"group,omitempty"` // instead
	Role       RoleID       `json:"role,omitempty"`
	Scope      string       `json:"scope,omitempty"`
	Request    RequestID    `json:"request,omitempty"`
	Assignment AssignmentID `json:"assignment,omitempty"`
	Status     Status       `json:"status,omitempty"`
	Start      time.Time    `json:"start,omitzero"`
	End        time.Time    `json:"end,omitzero"`
	Err        *Error       `json:"error,omitempty"`
	Notes      []Note       `json:"notes,omitempty"` // worth knowing before agreeing
}

// Note is a sentence for the review page, in the catalogue like an error's.
type Note struct {
	Key  TextKey           `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}

// NoteSystemAway says that what is asked for comes when its system is back.
const NoteSystemAway TextKey = "note.system_away"

// English says it in English; about one thing in the words for one, where there
// are some.
func (n Note) English() string {
	if one := n.Key + ".one"; n.Args["n"] == "1" && English(one) != string(one) {
		return Fill(English(one), n.Args)
	}
	return Fill(English(n.Key), n.Args)
}

// --- assignments -----------------------------------------------------------

// Assign makes people eligible for a role, or active in it (adminAssign).
type Assign struct {
	Role          RoleID         `json:"role"`
	Principals    []PersonID     `json:"principals"`       // with Groups 1 to 200, each once
	Groups        []GroupID      `json:"groups,omitempty"` // each member has it for himself alone
	Scope         string         `json:"scope,omitempty"`
	Kind          AssignmentKind `json:"kind"`
	Start         time.Time      `json:"start,omitzero"` // zero: now
	End           time.Time      `json:"end,omitzero"`   // zero: permanent
	Justification string         `json:"justification"`
}

// UpdateAssignment changes the dates of an assignment (adminUpdate).
type UpdateAssignment struct {
	Assignment    AssignmentID `json:"assignment"`
	Start         time.Time    `json:"start,omitzero"` // of a scheduled one; zero: unchanged
	End           time.Time    `json:"end,omitzero"`   // zero with Permanent: permanent
	Permanent     bool         `json:"permanent,omitempty"`
	Justification string       `json:"justification"`
}

// RemoveAssignments ends assignments at once, with every activation that
// stands on them (adminRemove).
type RemoveAssignments struct {
	Assignments   []AssignmentID `json:"assignments"` // 1 to 200
	Justification string         `json:"justification"`
}

// ActivationItem is one role to activate: the eligible assignment it stands
// on, and a scope at or below that assignment's (empty: the same).
type ActivationItem struct {
	Assignment AssignmentID `json:"assignment"`
	Scope      string       `json:"scope,omitempty"`
}

// Activate turns eligible assignments of the actor into active ones for a
// while (selfActivate).
type Activate struct {
	Items         []ActivationItem `json:"items"`          // 1 to 20, each assignment once
	Start         time.Time        `json:"start,omitzero"` // zero: now
	Duration      Duration         `json:"duration"`       // from the start
	Justification string           `json:"justification"`
	Ticket        Ticket           `json:"ticket,omitzero"`
}

// Drop ends running activations of the actor before their time, or cancels
// scheduled ones (selfDeactivate). Administrators may drop anybody's.
type Drop struct {
	Assignments []AssignmentID `json:"assignments"` // 1 to 200
	// Reason says what happened at the person's computer, where that is why
	// (Policy.DropOn); empty: somebody wants to.
	Reason DropReason `json:"reason,omitempty"`
}

// Prolong moves the end of a running activation of the actor (selfProlong).
// The new end is now + Duration, at most the policy's maximum from now, and
// never earlier than the present end.
type Prolong struct {
	Assignment    AssignmentID `json:"assignment"`
	Duration      Duration     `json:"duration"`
	Justification string       `json:"justification"`
	Ticket        Ticket       `json:"ticket,omitzero"`
}

// ExtendAssignments moves the end of assignments that end within ExtendWindow
// (adminExtend). One's refusal does not hinder the others.
type ExtendAssignments struct {
	Assignments   []AssignmentID `json:"assignments"` // 1 to 200
	End           time.Time      `json:"end,omitzero"`
	Permanent     bool           `json:"permanent,omitempty"` // instead of End
	Justification string         `json:"justification"`
}

// RenewAssignments puts assignments in force again that expired within
// RenewWindow (adminRenew). One's refusal does not hinder the others.
type RenewAssignments struct {
	Assignments   []AssignmentID `json:"assignments"`    // 1 to 200
	Start         time.Time      `json:"start,omitzero"` // zero: now
	End           time.Time      `json:"end,omitzero"`
	Permanent     bool           `json:"permanent,omitempty"` // instead of End
	Justification string         `json:"justification"`
}

// RequestExtension asks the administrators of a role to extend an assignment
// of the actor (selfExtend).
type RequestExtension struct {
	Assignment    AssignmentID `json:"assignment"`
	End           time.Time    `json:"end,omitzero"`
	Permanent     bool         `json:"permanent,omitempty"` // instead of End
	Justification string       `json:"justification"`       // always needed
}

// RequestRenewal asks the administrators of a role to renew an assignment of
// the actor that expired (selfRenew).
type RequestRenewal struct {
	Assignment    AssignmentID `json:"assignment"`
	Start         time.Time    `json:"start,omitzero"` // zero: as soon as it is approved
	End           time.Time    `json:"end,omitzero"`
	Permanent     bool         `json:"permanent,omitempty"` // instead of End
	Justification string       `json:"justification"`       // always needed
}

// DecideRequests answers requests that wait for approval, of whom the actor is
// an approver or a deputy.
type DecideRequests struct {
	Requests      []RequestID `json:"requests"` // 1 to 50
	Approve       bool        `json:"approve"`
	Justification string      `json:"justification"`
	// Duration shortens what was asked for; 0: as asked.
	Duration Duration `json:"duration,omitempty"`
	// Of extensions and renewals: another type or other dates than the assignment
	// has and were asked for. Without them it is as asked. What is in force goes on
	// without a break, so a later start is of a renewal, or of another type.
	Kind      AssignmentKind `json:"kind,omitempty"`
	Start     time.Time      `json:"start,omitzero"`
	End       time.Time      `json:"end,omitzero"`
	Permanent bool           `json:"permanent,omitempty"` // instead of End
}

// CancelRequests takes back requests that wait for approval: the actor's own,
// or anybody's for administrators.
type CancelRequests struct {
	Requests []RequestID `json:"requests"` // 1 to 50
}

// SetDeputy names who decides requests for the actor between two dates; an
// empty Deputy is nobody.
type SetDeputy struct {
	Deputy PersonID  `json:"deputy"`
	Login  string    `json:"login,omitempty"` // instead of Deputy: not everybody may list people
	From   time.Time `json:"from,omitzero"`   // zero: now
	Until  time.Time `json:"until,omitzero"`
}

// MaxDecide is how many requests are answered or taken back at once.
const MaxDecide = 50

// SaveFavourite keeps a role or a bundle for the actor; an empty ID makes a new one.
type SaveFavourite struct {
	Favourite Favourite `json:"favourite"`
}

// RemoveFavourite forgets one of the actor's favourites.
type RemoveFavourite struct {
	ID FavouriteID `json:"id"`
}

// --- systems, roles, settings ----------------------------------------------

// SystemSpec is how a system is reached.
type SystemSpec struct {
	Name     string            `json:"name"`
	Kind     Kind              `json:"kind"`
	Settings map[string]string `json:"settings"`
	Secret   Secret            `json:"secret"`
}

// NewRole is a role to be managed.
type NewRole struct {
	External    string `json:"external"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Privileged  bool   `json:"privileged"`
	Protected   bool   `json:"protected"`
}

// AddSystem begins to manage a system, with some of its roles.
type AddSystem struct {
	SystemSpec
	Roles []NewRole `json:"roles"` // at most 500
}

// UpdateSystem changes how a system is reached. An empty Secret keeps the present one.
type UpdateSystem struct {
	System SystemID `json:"system"`
	SystemSpec
}

// RemoveSystem ends all assignments on a system, takes back its grants, and
// then forgets how to reach it (R7).
type RemoveSystem struct {
	System        SystemID `json:"system"`
	Justification string   `json:"justification"`
}

// AddRoles manages more roles of a system.
type AddRoles struct {
	System SystemID  `json:"system"`
	Roles  []NewRole `json:"roles"` // 1 to 500
}

// UpdateRole changes how a role is shown and protected.
type UpdateRole struct {
	Role        RoleID `json:"role"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Privileged  bool   `json:"privileged"`
	Protected   bool   `json:"protected"`
}

// RemoveOutside takes away on the system what was assigned there outside Stint.
// It is done when the system has been read back: the row of drift is gone then.
type RemoveOutside struct {
	Drift         DriftID `json:"drift"`
	Justification string  `json:"justification"`
}

// AcceptDrift says why a system may hold something otherwise than Stint left
// it. The row stays listed as accepted while it is so; of what was taken away
// on the system it is forgotten.
type AcceptDrift struct {
	Drift         DriftID `json:"drift"`
	Justification string  `json:"justification"`
}

// SetPolicy replaces the settings made at one level: "default", a system or a role.
type SetPolicy struct {
	Level    string         `json:"level"`
	Settings PolicySettings `json:"settings"`
}

// ChangeSettings replaces the settings of the installation. An empty
// MailPassword keeps the present one.
type ChangeSettings struct {
	Settings     Settings `json:"settings"`
	MailPassword Secret   `json:"mail_password"`
}

// --- people ------------------------------------------------------------------

// AddPerson adds somebody who can sign in. The result carries a first password
// that is shown once and must be changed at the first sign-in.
type AddPerson struct {
	FullName string              `json:"name"`
	Login    string              `json:"login"`
	Mail     string              `json:"mail"`
	Language string              `json:"language,omitempty"` // empty: "en"
	Accounts map[SystemID]string `json:"accounts,omitempty"`
	// hash is the argon2id hash of the first password; the service fills it.
	Hash string `json:"-"`
}

// UpdatePerson changes a person's name, login, mail and language.
type UpdatePerson struct {
	Person   PersonID `json:"person"`
	FullName string   `json:"name"`
	Login    string   `json:"login"`
	Mail     string   `json:"mail"`
	Language string   `json:"language"`
	NoDigest *bool    `json:"no_digest,omitempty"` // see Person; nil: as it was. Everyone decides for himself alone
}

// DisablePerson ends a person's sessions, activations and whatever was
// scheduled, and keeps him from signing in. His assignments stay and give
// nothing while he is disabled.
type DisablePerson struct {
	Person        PersonID `json:"person"`
	Justification string   `json:"justification"`
}

// EnablePerson lets a disabled person in again.
type EnablePerson struct {
	Person PersonID `json:"person"`
}

// AddGroup makes a group of people.
type AddGroup struct {
	GroupName   string     `json:"name"`
	Description string     `json:"description"`
	Members     []PersonID `json:"members,omitempty"` // at most 200
}

// UpdateGroup changes how a group is called.
type UpdateGroup struct {
	Group       GroupID `json:"group"`
	GroupName   string  `json:"name"`
	Description string  `json:"description"`
}

// RemoveGroup ends what the group was given, with all that its members have
// through it, and forgets the group.
type RemoveGroup struct {
	Group         GroupID `json:"group"`
	Justification string  `json:"justification"`
}

// AddMembers puts people into a group: they have at once what it was given.
type AddMembers struct {
	Group  GroupID    `json:"group"`
	People []PersonID `json:"people"` // 1 to 200
}

// RemoveMembers takes people out of a group. What they have through it ends at
// once, with every activation that stands on it.
type RemoveMembers struct {
	Group         GroupID    `json:"group"`
	People        []PersonID `json:"people"` // 1 to 200
	Justification string     `json:"justification"`
}

// SetAccount says who a person is on a system; an empty External removes it.
// An account with live grants can't be changed or removed.
type SetAccount struct {
	Person   PersonID `json:"person"`
	System   SystemID `json:"system"`
	External string   `json:"external"`
}

// ResetPassword gives somebody else a new first password, shown once.
type ResetPassword struct {
	Person PersonID `json:"person"`
	Hash   string   `json:"-"` // filled by the service
}

// ResetFactor takes a lost second factor away, so that its owner enrols a new
// one at the next sign-in. Nobody resets his own.
type ResetFactor struct {
	Person PersonID `json:"person"`
}

// EndSessions signs a person out everywhere; everyone may do it for himself.
type EndSessions struct {
	Person PersonID `json:"person"`
}

func (Assign) Verb() string            { return "assign" }
func (UpdateAssignment) Verb() string  { return "update-assignment" }
func (RemoveAssignments) Verb() string { return "remove-assignments" }
func (Activate) Verb() string          { return "activate" }
func (Drop) Verb() string              { return "drop" }
func (Prolong) Verb() string           { return "prolong" }
func (ExtendAssignments) Verb() string { return "extend-assignments" }
func (RenewAssignments) Verb() string  { return "renew-assignments" }
func (RequestExtension) Verb() string  { return "request-extension" }
func (RequestRenewal) Verb() string    { return "request-renewal" }
func (DecideRequests) Verb() string    { return "decide-requests" }
func (CancelRequests) Verb() string    { return "cancel-requests" }
func (SetDeputy) Verb() string         { return "set-deputy" }
func (SaveFavourite) Verb() string     { return "save-favourite" }
func (RemoveFavourite) Verb() string   { return "remove-favourite" }
func (AddSystem) Verb() string         { return "add-system" }
func (UpdateSystem) Verb() string      { return "update-system" }
func (RemoveSystem) Verb() string      { return "remove-system" }
func (AddRoles) Verb() string          { return "add-roles" }
func (UpdateRole) Verb() string        { return "update-role" }
func (RemoveOutside) Verb() string     { return "remove-outside" }
func (AcceptDrift) Verb() string       { return "accept-drift" }
func (SetPolicy) Verb() string         { return "set-policy" }
func (ChangeSettings) Verb() string    { return "change-settings" }
func (AddPerson) Verb() string         { return "add-person" }
func (UpdatePerson) Verb() string      { return "update-person" }
func (DisablePerson) Verb() string     { return "disable-person" }
func (EnablePerson) Verb() string      { return "enable-person" }
func (SetAccount) Verb() string        { return "set-account" }
func (AddGroup) Verb() string          { return "add-group" }
func (UpdateGroup) Verb() string       { return "update-group" }
func (RemoveGroup) Verb() string       { return "remove-group" }
func (AddMembers) Verb() string        { return "add-members" }
func (RemoveMembers) Verb() string     { return "remove-members" }
func (ResetPassword) Verb() string     { return "reset-password" }
func (ResetFactor) Verb() string       { return "reset-factor" }
func (EndSessions) Verb() string       { return "end-sessions" }
func (AcceptClock) Verb() string       { return "accept-clock" }
