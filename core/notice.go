package core

import "time"

// NoticeKind says what people are told about.
type NoticeKind string

const (
	NoticeAssigned   NoticeKind = "assigned"   // made eligible or active by an administrator
	NoticeUnassigned NoticeKind = "unassigned" // an assignment was removed
	NoticeActivated  NoticeKind = "activated"  // an activation is on the system, read back
	NoticeProlonged  NoticeKind = "prolonged"  // the end of a running activation was moved
	NoticeEnding     NoticeKind = "ending"     // a mail 15 minutes before the end; on the desktop the window says it itself, at 15, 5 and 1
	NoticeEnded      NoticeKind = "ended"      // it is gone from the system, read back
	NoticeStuck      NoticeKind = "stuck"      // attempts have failed for StuckAfter
	NoticeOutside    NoticeKind = "outside"    // somebody was given something on a system, not by Stint
	NoticeManaged    NoticeKind = "managed"    // Stint begins to manage a system
	NoticeLost       NoticeKind = "lost"       // it was taken away on the system, not by Stint

	// About the way a person signs in (ASVS 6.3.5, 6.3.7). They go to that person
	// alone, and name no role, no system and no assignment.
	NoticeClock NoticeKind = "clock" // the machine's clock stepped, or a corrected one was accepted

	NoticeCodeReused      NoticeKind = "code-reused"      // a code was typed that had been used before
	NoticeFactorLocked    NoticeKind = "factor-locked"    // too many wrong codes after the right password
	NoticeFactorChanged   NoticeKind = "factor-changed"   // another second factor counts from now on
	NoticeFactorReset     NoticeKind = "factor-reset"     // an administrator took the second factor away
	NoticePasswordChanged NoticeKind = "password-changed" // by the person
	NoticePasswordReset   NoticeKind = "password-reset"   // by an administrator
	NoticeLoginChanged    NoticeKind = "login-changed"    // an administrator changed login or mail; the former address is told
	NoticeGuessing        NoticeKind = "guessing"         // so many wrong passwords that tries are held back

	NoticeExtended NoticeKind = "extended" // an assignment was extended or renewed by an administrator
	NoticeExpiring NoticeKind = "expiring" // an assignment ends within ExtendWindow, or within a day
	NoticeExpired  NoticeKind = "expired"  // an assignment reached its end

	NoticeApprove  NoticeKind = "approve"  // a request waits for this person's answer
	NoticeDeadlock NoticeKind = "deadlock" // nobody is left who could approve what settings ask for; Who names the settings
	NoticeDecided  NoticeKind = "decided"  // a request was approved, denied, canceled or not answered

	NoticeDigest NoticeKind = "digest" // the week in numbers, to administrators, by mail alone
)

// OfSignIn reports whether the notice is about the way a person signs in.
func (k NoticeKind) OfSignIn() bool {
	switch k {
	case NoticeCodeReused, NoticeFactorLocked, NoticeFactorChanged, NoticeFactorReset, NoticePasswordChanged, NoticePasswordReset, NoticeLoginChanged, NoticeGuessing:
		return true
	}
	return false
}

// Notice is one thing to tell one person, with everything that the mail or the
// desktop notice says, as it was when it happened: names are not looked up
// again later.
type Notice struct {
	Kind       NoticeKind     `json:"kind"`
	To         PersonID       `json:"to"`
	Address    string         `json:"address"` // of mail; empty: no mail
	Language   string         `json:"language"`
	ToName     string         `json:"to_name"`
	Own        bool           `json:"own"`             // To is the person whose access it is; else an administrator
	Extra      bool           `json:"extra,omitempty"` // the address stands in the role's settings and belongs to nobody known
	Assignment AssignmentID   `json:"assignment"`
	Request    RequestID      `json:"request"`
	Setting    AssignmentKind `json:"setting"` // eligible or active
	Who        string         `json:"who"`     // the principal
	By         string         `json:"by"`      // who did it
	Role       string         `json:"role"`
	System     string         `json:"system"`
	Scope      string         `json:"scope"`
	From       time.Time      `json:"from"`
	Until      time.Time      `json:"until,omitzero"`    // zero: permanent
	Lasts      Duration       `json:"lasts,omitempty"`   // of a request: how long the access shall last
	Status     Status         `json:"status,omitempty"`  // of a request that was decided
	Through    string         `json:"through,omitempty"` // the group whose assignment it is
	Action     Action         `json:"action,omitempty"`  // of a request, and of what was extended or renewed
	Was        time.Time      `json:"was,omitzero"`      // of these: the end before
	Why        string         `json:"why"`
	Ticket     Ticket         `json:"ticket,omitzero"`
	Where      string         `json:"where"` // where the command came from
	Evidence   string         `json:"evidence,omitempty"`
	Count      int            `json:"count,omitempty"` // of what was found outside; of the roles of a system
	At         time.Time      `json:"at"`
	Digest     *Digest        `json:"digest,omitempty"`
	// Ended is read from the log when the mail is made: the entry that has it is older
	// than the one by which the system was seen to hold it no longer.
	Ended Ended `json:"-"`
}

// Delivery is a notice on its way by mail. Its ID is also the mail's
// Message-ID, so that a server that gets it twice can tell.
type Delivery struct {
	ID     DeliveryID
	Notice Notice
}

// MailSample chooses one of the mails that Stint sends, to look at it or to try it.
type MailSample struct {
	Kind     NoticeKind `json:"kind,omitempty"`     // empty: the test of the settings
	Language string     `json:"language,omitempty"` // empty: that of who asks
	Other    bool       `json:"other,omitempty"`    // as administrators and approvers get it
}

// MailPreview is a mail as it would be sent.
type MailPreview struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
}

// MailKinds are the notices that are mailed, in the order in which they are shown.
func MailKinds() []NoticeKind {
	return []NoticeKind{
		NoticeAssigned, NoticeUnassigned, NoticeExpiring, NoticeExpired, NoticeExtended,
		NoticeApprove, NoticeDecided, NoticeActivated, NoticeProlonged, NoticeEnding, NoticeEnded,
		NoticeStuck, NoticeLost, NoticeOutside, NoticeManaged, NoticeDeadlock, NoticeClock, NoticeDigest,
		NoticeCodeReused, NoticeFactorLocked, NoticeFactorChanged, NoticeFactorReset, NoticePasswordChanged, NoticePasswordReset, NoticeLoginChanged, NoticeGuessing,
	}
}
