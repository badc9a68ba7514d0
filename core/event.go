package core

// EventKind names what happened, in the past tense; it is the action of the
// audit entry.
type EventKind string

const (
	StintSetUp EventKind = "stint.set_up"

	SignedIn       EventKind = "session.opened"
	SignInFailed   EventKind = "session.refused"
	SignedOut      EventKind = "session.closed"
	SessionRevoked EventKind = "session.revoked"

	PersonAdded     EventKind = "person.added"
	PersonUpdated   EventKind = "person.updated"
	PersonDisabled  EventKind = "person.disabled"
	PersonEnabled   EventKind = "person.enabled"
	GroupAdded      EventKind = "group.added"
	GroupUpdated    EventKind = "group.updated"
	GroupDropped    EventKind = "group.removed"
	MemberAdded     EventKind = "group.member_added"
	MemberLeft      EventKind = "group.member_removed"
	AccountSet      EventKind = "account.set"
	AccountCleared  EventKind = "account.removed"
	PasswordChanged EventKind = "password.changed"
	PasswordReset   EventKind = "password.reset"
	FactorEnrolled  EventKind = "factor.enrolled"
	FactorReset     EventKind = "factor.reset"
	FactorRenewed   EventKind = "factor.recovery_renewed"
	FactorFailed    EventKind = "factor.failed"
	FactorLocked    EventKind = "factor.locked"
	RecoveryUsed    EventKind = "factor.recovery_used"
	CodeReused      EventKind = "factor.code_reused"

	SystemAdded       EventKind = "system.added"
	SystemUpdated     EventKind = "system.updated"
	DrainStarted      EventKind = "system.draining"
	SystemDropped     EventKind = "system.removed"
	SystemReachable   EventKind = "system.reachable"
	SystemUnreachable EventKind = "system.unreachable"
	SystemReread      EventKind = "system.reread" // for the first time since a backup was restored
	RoleAdded         EventKind = "role.added"
	RoleUpdated       EventKind = "role.updated"
	PolicyChanged     EventKind = "policy.changed"
	SettingsChanged   EventKind = "settings.changed"

	RoleAssigned        EventKind = "assignment.added"
	AssignmentUpdated   EventKind = "assignment.updated"
	AssignmentExtended  EventKind = "assignment.extended"
	AssignmentRenewed   EventKind = "assignment.renewed"
	AssignmentReminded  EventKind = "assignment.reminded" // people were told that it ends soon
	AssignmentStarted   EventKind = "assignment.started"
	AssignmentExpired   EventKind = "assignment.expired"
	AssignmentKept      EventKind = "assignment.kept" // its end came, but it is the last one (rules.md section 5)
	AssignmentRemoved   EventKind = "assignment.removed"
	RoleActivated       EventKind = "activation.requested"
	ActivationStarted   EventKind = "activation.started"
	ActivationActive    EventKind = "activation.active" // the system was read back and holds it
	ActivationDropped   EventKind = "activation.dropped"
	ActivationProlonged EventKind = "activation.prolonged"
	ActivationExpired   EventKind = "activation.expired"
	ActivationCanceled  EventKind = "activation.canceled"
	ActivationEnded     EventKind = "activation.ended" // because what it stood on ended

	RequestPending     EventKind = "request.pending" // it waits for approval
	RequestApproved    EventKind = "request.approved"
	RequestDenied      EventKind = "request.denied"
	RequestCanceled    EventKind = "request.canceled"
	RequestTimedOut    EventKind = "request.timed_out"
	RequestEscalated   EventKind = "request.escalated"
	RequestFailed      EventKind = "request.failed" // approved, and it could not be any more
	ActivationApproved EventKind = "activation.approved"
	DeputySet          EventKind = "deputy.set"
	ApprovalDeadlock   EventKind = "approval.deadlock" // nobody is left who could approve what settings ask for

	GrantObserved EventKind = "grant.observed"
	GrantMade     EventKind = "grant.made"
	GrantRemoved  EventKind = "grant.removed"
	GrantLeft     EventKind = "grant.left" // was there before us, so not removed
	GrantFailed   EventKind = "grant.failed"
	GrantStuck    EventKind = "grant.stuck"
	GrantLost     EventKind = "grant.lost"     // taken away on the system, not by Stint
	GrantReturned EventKind = "grant.returned" // what had been lost is there again, and is removed

	DriftSeen      EventKind = "drift.seen"     // a system holds something otherwise than Stint left it
	DriftEnded     EventKind = "drift.ended"    // and does no longer
	DriftAccepted  EventKind = "drift.accepted" // and may
	OutsideRemoval EventKind = "drift.removing" // and is made to end

	FavouriteSaved   EventKind = "favourite.saved"
	FavouriteDropped EventKind = "favourite.removed"
	AuditExported    EventKind = "audit.exported"
	AuditVerified    EventKind = "audit.verified"
	MailTested       EventKind = "mail.tested"
	MailRefused      EventKind = "mail.refused"
	DigestSent       EventKind = "digest.sent" // the week in numbers, to administrators
	BackupBegun      EventKind = "backup.begun"
	BackupMade       EventKind = "backup.made"
	BackupRestored   EventKind = "backup.restored"

	StoreFull   EventKind = "store.full"   // the disk is; what ends access uses the reserve
	StoreMended EventKind = "store.mended" // there is room again

	ClockStepped  EventKind = "clock.stepped"  // the machine's clock jumped, or the machine slept
	ClockBehind   EventKind = "clock.behind"   // found at the start: it is behind the time seen last
	ClockRight    EventKind = "clock.right"    // it has caught up by itself
	ClockAccepted EventKind = "clock.accepted" // an administrator set Stint's time back to it

	CommandRefused EventKind = "command.refused"
)

// Event is something that happened: its line in the log, its effect on the
// tables and whom to tell. The engine commits all three in one transaction.
type Event struct {
	Entry   Entry    // Seq, Time, Prev and Hash are filled at commit; an empty Action means no line
	Changes []Change // rows to put or take away, in order
	Notices []Notice
}

// Change is one row to put (insert or replace by its key) or, for the types
// named …Removed and SessionEnded, to delete. ClockSet alone touches many rows.
// The set is closed.
type Change interface{ change() }

func (System) change()           {}
func (Role) change()             {}
func (PolicyLevel) change()      {}
func (Settings) change()         {}
func (Person) change()           {}
func (Account) change()          {}
func (AccountRemoved) change()   {}
func (Credential) change()       {}
func (Factor) change()           {}
func (Session) change()          {}
func (SessionEnded) change()     {}
func (Assignment) change()       {}
func (Request) change()          {}
func (Grant) change()            {}
func (Favourite) change()        {}
func (FavouriteRemoved) change() {}
func (Drift) change()            {}
func (DriftRemoved) change()     {}
func (Reading) change()          {}
func (Afresh) change()           {}
func (ClockMark) change()        {}
func (DigestMark) change()       {}
func (ClockSet) change()         {}
