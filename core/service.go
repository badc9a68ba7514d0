package core

import (
	"context"
	"io"
	"time"
)

// Gate lets people in. It is the only way to a Service.
type Gate interface {
	// State says whether there is anybody yet, and whom one talks to. Anyone may ask.
	State(context.Context) (GateState, error)
	// SetUp makes the first person of an empty store and signs him in with
	// strength Password: what he may do next is to enrol his second factor.
	SetUp(context.Context, FirstPerson) (Admission, error)
	// SignIn opens a session. Without a right code it is refused with
	// ProofRequired where the person has a factor; a person who has none gets
	// a session of strength Password. Wrong login, wrong password and disabled
	// are told apart neither by text nor by time.
	SignIn(context.Context, SignIn) (Admission, error)
	// Resume returns the service of a session that is still good.
	Resume(context.Context, Secret) (Service, error)
}

// GateState is what may be known before sign-in.
type GateState struct {
	Empty        bool   `json:"empty"`    // nobody yet: SetUp is open
	Sample       bool   `json:"sample"`   // sample data
	Embedded     bool   `json:"embedded"` // the server inside the window
	Host         string `json:"host"`
	Version      string `json:"version"`
	Organisation string `json:"organisation"`
	// Clock says when it is for Stint. Before sign-in, too: who can't come in may
	// find the reason there.
	Clock ClockState `json:"clock"`
}

// FirstPerson is who sets Stint up.
type FirstPerson struct {
	FullName     string
	Login        string
	Mail         string
	Language     string
	Password     Secret
	Organisation string
	From         string
}

// SignIn is what somebody types to come in.
type SignIn struct {
	Login    string
	Password Secret
	Code     Secret // empty: asked for if needed
	Device   Secret // what the last Admission on this device said; empty: a device not seen before
	From     string // "window", "command line"; the server sets an address for the API
}

// Admission is a session just opened.
type Admission struct {
	Token   Secret // 256 random bits; keep it in the keyring or a 0600 file
	Session Session
	// Device shows at the next sign-in that this person has been at this device
	// before, so that what strangers try elsewhere doesn't concern him. It lets
	// nobody in. Keep it like the token, beyond the end of the session.
	Device Secret
	// MustChangePassword and MustEnrol say what has to be done before anything else.
	MustChangePassword bool
	MustEnrol          bool
	Service            Service
}

// Service is everything one signed-in person may do. The window, the API's
// handlers and the command line all use it, in process or over HTTP; it is
// safe for concurrent use. Methods return *Error for whatever a person can
// understand. Lists hold only what the person may see.
type Service interface {
	// Do carries a command out and returns when it is durable. For grants that
	// is the intent; Call.Wait stays until the system has been read back, and
	// Watch tells of it.
	Do(context.Context, Call) (Result, error)
	// Preview decides without committing anything: what Do would answer now,
	// with Notes for a review page. A missing code is not held against it;
	// NeedsCode of the plan says whether Do will want one.
	Preview(context.Context, Command) (Plan, error)

	Me(context.Context) (Me, error)
	Access(context.Context) (Access, error)
	Reasons(ctx context.Context) ([]string, error) // my last ten different justifications

	Assignments(context.Context, AssignmentFilter, Page) (List[AssignmentRow], error)
	CountAssignments(context.Context, AssignmentFilter) (int, error)
	Roles(context.Context, RoleFilter, Page) (List[RoleRow], error)
	RolePage(context.Context, RoleID) (RolePage, error)
	// Policies returns the settings made at one level, as SetPolicy takes them.
	Policies(ctx context.Context, level string) (PolicySettings, error)
	// ExportPolicies returns the settings made at all levels as a file in YAML.
	ExportPolicies(context.Context) (string, error)
	// PlanPolicyFile says what such a file would change, and PlanPolicyEdit what
	// single settings made or taken back at many levels would. They change
	// nothing: Do takes the plan's command, which is refused if the settings were
	// changed meanwhile. With prune, settings at levels that don't stand in the
	// file are taken back as well. What is wrong with the file or the change stands in
	// the plan's Problems.
	PlanPolicyFile(ctx context.Context, file string, prune bool) (PolicyPlan, error)
	PlanPolicyEdit(context.Context, PolicyEdit) (PolicyPlan, error)
	People(context.Context, PersonFilter, Page) (List[PersonRow], error)
	PersonPage(context.Context, PersonID) (PersonPage, error)
	// Approvers finds whom stages may name, by their names: at most 20 people, 20
	// groups and 20 roles, each in order of name. With IDs it names exactly these,
	// in their order, without those that there never were.
	Approvers(context.Context, ApproverFilter) ([]ApproverRow, error)
	Groups(context.Context, GroupFilter, Page) (List[GroupRow], error)
	GroupPage(context.Context, GroupID) (GroupPage, error)
	Systems(context.Context) ([]SystemRow, error)
	// Drift returns what a system holds otherwise than Stint left it, and when
	// it was last read. Systems are read at start and about once a minute.
	Drift(context.Context, SystemID) (DriftReport, error)
	Requests(context.Context, RequestFilter, Page) (List[RequestRow], error)
	// Cases returns the requests that wait for an answer of the person signed
	// in, newest first. A page may hold more than its limit.
	Cases(context.Context, Page) (List[RequestRow], error)
	// Case returns a request with what it takes to answer it, to whoever asked
	// it, may answer it, or may read everything.
	Case(context.Context, RequestID) (Case, error)
	// Deputies says who decides for the person signed in, and for whom he does.
	Deputies(context.Context) (Deputies, error)
	Entries(context.Context, EntryFilter, Page) (List[Entry], error)
	Story(context.Context, AssignmentID) ([]Entry, error)
	Settings(context.Context) (Settings, error)

	// Kinds lists the connectors and the settings each needs.
	Kinds(context.Context) ([]KindInfo, error)
	// Probe tries a system that may not be stored yet: connects, finds roles
	// and who holds them. It changes nothing. For a stored system whose
	// Secret is empty, ID makes it use the stored credential.
	Probe(ctx context.Context, id SystemID, spec SystemSpec) (Probe, error)
	// SendTestMail sends one mail with the settings given. An empty password
	// uses the stored one. It is the mail of a sample, or with a zero one the
	// plain test.
	SendTestMail(ctx context.Context, settings MailSettings, password Secret, to string, sample MailSample) error
	// PreviewMail makes the mail of a sample, with made-up names.
	PreviewMail(context.Context, MailSample) (MailPreview, error)

	// ExportAudit streams the entries that match to w and writes an entry
	// about it. tell, if not nil, is called at most ten times a second with
	// how many of how many are done.
	ExportAudit(ctx context.Context, f EntryFilter, format ExportFormat, w io.Writer, tell Progress) error
	// VerifyAudit checks the whole chain.
	// kept is the hash of an entry that was noted elsewhere and must still be
	// there, or zero: without one nothing tells that the end was cut off.
	VerifyAudit(ctx context.Context, kept Hash, tell Progress) (Verification, error)
	// Backup streams the whole store to w, sealed with a passphrase that is as
	// strong as a password; it takes a Global Administrator and a fresh code.
	// Others go on meanwhile. What was written is a backup only if the error is
	// nil. tell, if not nil, is told of bytes; their total may be unknown.
	Backup(ctx context.Context, passphrase, code Secret, w io.Writer, tell Progress) (BackupFile, error)

	ChangePassword(ctx context.Context, present, next Secret) error
	// BeginFactor makes a new second factor for the person signed in. It
	// counts only after ConfirmFactor, which returns the recovery codes. A
	// person who has a confirmed factor must prove it with code.
	BeginFactor(ctx context.Context, code Secret) (FactorOffer, error)
	ConfirmFactor(ctx context.Context, code Secret) ([]string, error)
	RenewRecovery(ctx context.Context, code Secret) ([]string, error)
	// Unlock compares the password of the person signed in, for a window that
	// locked itself. Wrong ones count as at sign-in.
	Unlock(ctx context.Context, password Secret) error
	SignOut(context.Context) error

	// Watch sends an Update at once and after every change that concerns the
	// person, until ctx ends; then the channel is closed. A slow reader gets
	// updates merged, never an endless queue.
	Watch(ctx context.Context) (<-chan Update, error)
}

// Progress is told how far a long work is; total is 0 while unknown.
type Progress func(done, total int64)

// ExportFormat of the audit log.
type ExportFormat string

const (
	ExportCSV   ExportFormat = "csv"
	ExportJSONL ExportFormat = "jsonl"
)

// Plan is the answer of Preview.
type Plan struct {
	Result    Result `json:"result"`
	NeedsCode bool   `json:"needs_code"`
}

// Update says that something changed.
type Update struct {
	Seq     int64    `json:"seq"`     // of the last audit entry
	Topics  []Topic  `json:"topics"`  // what to read again; empty in the first update
	Notices []Notice `json:"notices"` // for the person, to show on the desktop
}

// Topic is a part of the state that a screen shows.
type Topic string

const (
	TopicAccess      Topic = "access" // my own
	TopicAssignments Topic = "assignments"
	TopicRequests    Topic = "requests" // that wait for approval, or were decided
	TopicRoles       Topic = "roles"
	TopicSystems     Topic = "systems"
	TopicPeople      Topic = "people"
	TopicAudit       Topic = "audit"
	TopicSettings    Topic = "settings"
	TopicTroubles    Topic = "troubles" // Me.Troubles; everybody gets it
)

// Me is the person signed in.
type Me struct {
	Person             Person   `json:"person"`
	Session            Session  `json:"session"`
	HasFactor          bool     `json:"has_factor"`
	RecoveryLeft       int      `json:"recovery_left"`
	MustChangePassword bool     `json:"must_change_password"`
	MayRead            bool     `json:"may_read"`          // everything: any administrator or reader
	MayManageAccess    bool     `json:"may_manage_access"` // systems, roles, settings, assignments
	MayManagePeople    bool     `json:"may_manage_people"`
	MayExport          bool     `json:"may_export"`
	MayChangeSettings  bool     `json:"may_change_settings"`
	Roles              []RoleID `json:"roles"` // of Stint, in force
	// Troubles are wrong now and touch access, the person's own or, for who may
	// read everything, anybody's.
	Troubles []Trouble `json:"troubles"`
}

// Access is the page "My access".
type Access struct {
	Now time.Time `json:"now"` // the server's clock when this was read
	// Active holds what is in force, what is still being made and what is
	// still being removed, soonest end first.
	Active []AccessRow `json:"active"`
	// Scheduled holds activations whose start is still to come.
	Scheduled []AccessRow `json:"scheduled"`
	// Pending holds what waits for the approval of others, newest first.
	Pending []RequestRow `json:"pending"`
	// Eligible holds what may be activated.
	Eligible []EligibleRow `json:"eligible"`
	// Expired holds what was assigned, expired within RenewWindow and was not
	// assigned anew since.
	Expired    []AssignmentRow `json:"expired"`
	Favourites []Favourite     `json:"favourites"`
}

// Continuing returns the request by which an assignment shall go on, if one waits.
func (a Access) Continuing(id AssignmentID) (RequestRow, bool) {
	for _, q := range a.Pending {
		if q.Action.OfAssignment() && q.Basis == id {
			return q, true
		}
	}
	return RequestRow{}, false
}

// AccessRow is something active, with what the card shows.
type AccessRow struct {
	AssignmentRow
	Residual   string   `json:"residual,omitempty"` // what may outlive the end, in plain words; a TextKey
	MaxProlong Duration `json:"max_prolong"`        // from now; 0: prolonging isn't allowed
	Duration   Duration `json:"duration"`           // of the whole activation, for the ring
	// DropOn says what on the person's own computer ends the activation at once,
	// as the role's settings are now; it is empty for what an administrator assigned.
	DropOn []DropReason `json:"drop_on"`
}

// EligibleRow is something that may be activated, with its rules.
type EligibleRow struct {
	AssignmentRow
	Policy   Policy       `json:"policy"`
	Account  string       `json:"account,omitempty"`  // who one is on that system
	Residual string       `json:"residual,omitempty"` // what may outlive the end; a TextKey
	Now      AssignmentID `json:"now,omitempty"`      // the activation of it that is running or scheduled
	Asked    RequestID    `json:"asked,omitempty"`    // the request for it that waits for approval
	// Blocked says why it can't be activated now, or is nil.
	Blocked *Error `json:"blocked,omitempty"`
}

// Case is a request with what it takes to answer it.
type Case struct {
	Request RequestRow   `json:"request"`
	Stages  []CaseStage  `json:"stages"`
	May     bool         `json:"may"`             // answer it now
	Seat    string       `json:"seat,omitempty"`  // the name of the person for whom one would answer as deputy
	Policy  Policy       `json:"policy"`          // of the role, as it is now
	Recent  []RequestRow `json:"recent"`          // the last five activations of the same person
	Fails   *Error       `json:"fails,omitempty"` // why it could not be carried out now, if all agreed
	// Present is the assignment that shall go on, as it is now; empty where an
	// activation is asked for.
	Present Assignment `json:"present,omitzero"`
}

// CaseStage is a stage with the names of who may answer it today.
type CaseStage struct {
	Approvers []string `json:"approvers"` // at most 20
	Others    int      `json:"others"`    // how many more there are
	Quorum    int      `json:"quorum"`
	Agreed    int      `json:"agreed"`
	Open      bool     `json:"open"`
}

// Deputies of a person.
type Deputies struct {
	Mine *DeputyRow  `json:"mine,omitempty"`
	For  []DeputyRow `json:"for"`
}

// DeputyRow is a deputy with the names.
type DeputyRow struct {
	Deputy
	PersonName string `json:"person_name"`
	DeputyName string `json:"deputy_name"`
}

// Ready reports whether it can be activated now.
func (r EligibleRow) Ready() bool { return r.Now == "" && r.Asked == "" && r.Blocked == nil }

// RolePage is a role with everything its page shows.
type RolePage struct {
	Role     RoleRow                 `json:"role"`
	Policy   Policy                  `json:"policy"`
	Origins  map[string]PolicyOrigin `json:"origins"` // by setting's JSON name
	Own      PolicySettings          `json:"own"`     // made at the role's level
	Residual string                  `json:"residual,omitempty"`
}

// PersonPage is a person with accounts and sessions.
type PersonPage struct {
	Person   PersonRow    `json:"person"`
	Accounts []AccountRow `json:"accounts"`
	Sessions []Session    `json:"sessions"`
	Roles    []RoleID     `json:"roles"` // of Stint, in force
}

// GroupPage is a group with who is in it and what it was given.
type GroupPage struct {
	Group   GroupRow        `json:"group"`
	Members []MemberRow     `json:"members"` // by name
	Given   []AssignmentRow `json:"given"`   // live assignments of the group itself, newest first
}

// FactorOffer is a new second factor to be put into an authenticator.
type FactorOffer struct {
	Secret Secret // base32, for typing
	URI    Secret // otpauth://…, for a QR code
}

// Verification is what checking the chain found.
type Verification struct {
	Count int64  `json:"count"`
	Head  Hash   `json:"head"`
	Seq   int64  `json:"seq"`
	Break *Break `json:"break,omitempty"`
}

// KindInfo describes a connector to people.
type KindInfo struct {
	Kind      Kind        `json:"kind"`
	Title     string      `json:"title"`
	Summary   TextKey     `json:"summary"`
	Fields    []KindField `json:"fields"`
	HasSecret bool        `json:"has_secret"`
	Available bool        `json:"available"`
	Why       TextKey     `json:"why,omitempty"` // why it is not available here
	Traits    Traits      `json:"traits"`
	// Statements make the account that Stint needs, for default settings.
	Statements string `json:"statements,omitempty"`
}

// KindField is one setting of a connector.
type KindField struct {
	Name     string   `json:"name"`
	Label    TextKey  `json:"label"`
	Help     TextKey  `json:"help"`
	Default  string   `json:"default,omitempty"`
	Example  string   `json:"example,omitempty"`
	Required bool     `json:"required"`
	Choices  []string `json:"choices,omitempty"`
	Switch   bool     `json:"switch"` // "true" or "false"
}

// Traits are what a connector can and can't promise (R36).
type Traits struct {
	NativeExpiry bool    `json:"native_expiry"` // the system can end a grant by itself
	EndsSessions bool    `json:"ends_sessions"` // live sessions can be ended with the grant
	Residual     TextKey `json:"residual"`      // what outlives the removal, in plain words; empty: nothing
}

// Probe is what trying a system showed.
type Probe struct {
	Steps    []ProbeStep `json:"steps"` // in the order tried; the last may have failed
	OK       bool        `json:"ok"`
	Version  string      `json:"version"`
	Roles    []FoundRole `json:"roles"`    // at most 2,000
	Accounts []string    `json:"accounts"` // at most 5,000
	// Statements create the account that Stint needs, with the least rights.
	Statements string `json:"statements,omitempty"`
}

// ProbeStep is one step of trying.
type ProbeStep struct {
	Name    TextKey       `json:"name"`
	OK      bool          `json:"ok"`
	Problem string        `json:"problem,omitempty"`
	Took    time.Duration `json:"took"`
}

// FoundRole is a role that a system has, with who holds it today.
type FoundRole struct {
	External    string   `json:"external"`
	Description string   `json:"description"`
	Privileged  bool     `json:"privileged"`
	Holders     []string `json:"holders"` // accounts; at most 1,000
	Managed     bool     `json:"managed"` // Stint manages it already
}
