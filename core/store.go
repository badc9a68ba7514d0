package core

import (
	"context"
	"time"
)

// View is what the rules may look at: the state inside one transaction, as it
// is at that moment. A method that finds nothing returns false or an empty
// list. A read that fails (a broken disk) also returns nothing, and Err then
// says why: whoever calls Decide must ask Err before acting on its answer.
//
// No method returns an unbounded list: limits are part of each contract.
type View interface {
	Settings() Settings
	Clock() ClockMark
	Digest() DigestMark
	System(SystemID) (System, bool)
	SystemByName(name string) (System, bool) // not removed; without regard to case
	Role(RoleID) (Role, bool)
	RoleByExternal(SystemID, string) (Role, bool)
	// ProtectedRoles returns the roles marked protected, at most 100.
	ProtectedRoles() []Role
	// PolicyLevels returns the settings made at the three levels of a role.
	PolicyLevels(RoleID) (def, system, role PolicySettings)
	// PolicyLevel returns the settings made at one level: "default", a SystemID or a RoleID.
	PolicyLevel(level string) PolicySettings
	// ApprovalLevels returns the levels at which something about approval is set,
	// whether that asks for it and by whom, in order of level; at most 5,000.
	ApprovalLevels() []PolicyLevel

	People() int // how many there are, disabled ones too
	Person(PersonID) (Person, bool)
	PersonByLogin(login string) (Person, bool) // without regard to case
	Account(PersonID, SystemID) (Account, bool)
	AccountOwner(SystemID, string) (PersonID, bool) // whose account it is, if anybody's
	Group(GroupID) (Group, bool)
	GroupByName(name string) (Group, bool) // not removed; without regard to case
	// MembersOf returns who is in a group, by person; at most MaxMembers.
	MembersOf(GroupID) []Member
	// GroupsOf returns in which groups a person is, by group; at most 500.
	GroupsOf(PersonID) []Member
	Credential(PersonID) (Credential, bool)
	Factor(PersonID) (Factor, bool)
	Session(SessionID) (Session, bool)
	SessionsOf(PersonID) []Session // at most 100, newest first
	Favourite(FavouriteID) (Favourite, bool)
	FavouritesOf(PersonID) []Favourite // at most 100

	Assignment(AssignmentID) (Assignment, bool)
	// LiveOf returns a person's assignments that are scheduled or in force,
	// oldest first; at most 5,000.
	LiveOf(PersonID) []Assignment
	// LiveFor returns the scheduled or in-force assignments of a role and
	// kind, oldest first; at most limit.
	LiveFor(role RoleID, kind AssignmentKind, limit int) []Assignment
	// LiveOn returns scheduled or in-force assignments of a system, at most limit.
	LiveOn(system SystemID, limit int) []Assignment
	// GivenTo returns the scheduled or in-force assignments of a group itself,
	// oldest first; at most MaxGiven.
	GivenTo(GroupID) []Assignment
	// Through returns what members have through a group's assignment, scheduled
	// or in force, oldest first; at most MaxMembers.
	Through(AssignmentID) []Assignment
	// StandingOn returns the live activations that stand on an eligible assignment.
	StandingOn(AssignmentID) []Assignment
	// Activations returns scheduled and running activations, at most limit.
	Activations(limit int) []Assignment
	// Wanting returns the in-force assignments that want a grant.
	Wanting(GrantID) []Assignment
	// Due returns live assignments whose start or end has come, at most limit:
	// ends first, oldest first.
	Due(now time.Time, limit int) []Assignment
	// RemindersDue returns assignments of whose end people are to be reminded
	// now, at most limit: oldest first.
	RemindersDue(now time.Time, limit int) []Assignment
	Request(RequestID) (Request, bool)
	// PendingOn returns the requests that wait for approval and stand on an
	// eligible assignment, oldest first; at most 100.
	PendingOn(AssignmentID) []Request
	// Named reports whether a request that waits for approval names a group in any
	// of its stages: it keeps those of its own time.
	Named(GroupID) bool
	// PendingOf returns the requests of a principal that wait for approval,
	// oldest first; at most 500.
	PendingOf(PersonID) []Request
	// RequestsDue returns requests of which time asks something, at most limit.
	RequestsDue(now time.Time, limit int) []Request
	// Deputy returns who decides for a person, now or at other times.
	Deputy(PersonID) (Deputy, bool)
	// DeputyFor returns for whom a person decides, now or at other times; at most 100.
	DeputyFor(PersonID) []Deputy
	Grant(GrantID) (Grant, bool)
	GrantFor(GrantKey) (Grant, bool)
	// GrantsOn counts the grants of a system that are wanted, or still to be made or
	// removed (for draining). Those that were only to be looked at don't count.
	GrantsOn(SystemID) int

	// Drift returns a row of drift; DriftFor that of a privilege and kind;
	// CountDrift how many a system has.
	Drift(DriftID) (Drift, bool)
	DriftFor(GrantKey, DriftKind) (Drift, bool)
	CountDrift(SystemID) int

	// Holders returns who is told as an administrator: people with an in-force
	// active assignment of one of the roles of Stint named; at most 100.
	Holders(roles ...RoleID) []Person

	// Err returns the first error that any read met.
	Err() error
}

// Tx is one write transaction: reads see what it has written.
type Tx interface {
	View
	Head() Head
	// Apply puts e's changes and, if it has an Action, appends its entry,
	// which must be sealed onto Head. It refuses nothing but broken constraints.
	Apply(e Event) error
	// Deliver stores deliveries to be sent after the commit.
	Deliver([]Delivery) error
	// Remembered returns the result stored under an idempotency key of a
	// person, with the digest of the call that made it.
	Remembered(person PersonID, key string) (digest, result []byte, ok bool)
	// Remember stores a result for at least 24 hours.
	Remember(person PersonID, key string, digest, result []byte, now time.Time) error
}

// Store keeps the state. There is one writer at a time; readers don't wait for
// it. Every implementation passes storage/storagetest.
type Store interface {
	// Update runs f in one durable write transaction and commits it unless f
	// or a read in it failed. When it returns nil the change survives a power cut.
	// On a full disk it fails with KeyFull, unless ctx is of WithReserve and room
	// was kept; f may then run more than once.
	Update(ctx context.Context, f func(Tx) error) error
	// Read runs f on a consistent snapshot.
	Read(ctx context.Context, f func(View) error) error

	// Trouble says what is wrong with the store itself now, if anything is.
	Trouble() (Trouble, bool)

	Work
	Query
	Close() error
}

// Work is what the engine and the reconciler ask to learn what is to be done.
type Work interface {
	// NextDue returns the earliest start or end of a live assignment, moment to
	// remind of one, moment at which time asks something of a request, or moment
	// of the next digest; zero: nothing is due. access says that there is
	// something besides the digest: somebody's access hangs on the time.
	NextDue(ctx context.Context) (next time.Time, access bool, err error)
	// PendingGrants returns the grants of a system that are to be asked or told
	// now: removals first, then oldest first; at most limit.
	PendingGrants(ctx context.Context, system SystemID, now time.Time, limit int) ([]Grant, error)
	// Endings returns what has come to its end (Ending), in the order of At and
	// Assignment: at most limit behind after, of which only these two count.
	Endings(ctx context.Context, now time.Time, after Ending, limit int) ([]Ending, error)
	// NextTry returns the earliest NextTry of a system's pending grants; a zero
	// time and true means at once.
	NextTry(ctx context.Context, system SystemID) (time.Time, bool, error)
	// LiveGrants returns the grants of a system that are not proven absent, by
	// ID: at most limit behind after.
	LiveGrants(ctx context.Context, system SystemID, after GrantID, limit int) ([]Grant, error)
	// Attempted returns which grants of a system it may have been told of: all but
	// those that are proven absent, or were never granted by us. They come by ID, at
	// most limit behind after.
	Attempted(ctx context.Context, system SystemID, after GrantID, limit int) ([]GrantID, error)
	// DriftOf returns the rows of drift of a system, at most MaxDrift, and when
	// it was last read; open ones first, then newest first, then by ID.
	DriftOf(ctx context.Context, system SystemID) ([]Drift, Reading, error)
	// Standing counts what there is now for a digest: of assignments, those that
	// end before soon (Ending), of what fails, what does so since before stuck. By
	// holds all systems; Top the roles with the most permanent and eligible
	// together, at most DigestTop, of the same number by ID.
	Standing(ctx context.Context, stuck, soon time.Time) (Standing, error)
	// Restored returns when this store was last restored from a backup (Afresh);
	// zero: never.
	Restored(ctx context.Context) (time.Time, error)
	// Systems returns all systems that are not removed, in order of name.
	Systems(ctx context.Context) ([]System, error)
	// Prune deletes remembered results older than before, and sessions expired
	// before it.
	Prune(ctx context.Context, before time.Time) error
	// LastTime returns the time that Stint has come to: that of the last entry,
	// or a later one noted by NoteTime, so that a clock that went back across a
	// restart is noticed. Only a ClockSet makes it earlier.
	LastTime(ctx context.Context) (time.Time, error)
	NoteTime(ctx context.Context, now time.Time) error
}
