package core

import "time"

// NoticeKind says what people are told about.
type NoticeKind string

const (
	NoticeAssigned   NoticeKind = "assigned"   // made eligible or active by an administrator
	NoticeUnassigned NoticeKind = "unassigned" // an assignment was removed
	NoticeActivated  NoticeKind = "activated"  // an activation is on the system, read back
	NoticeEnding     NoticeKind = "ending"     // 15, 5 or 1 minutes before the end; the window makes these itself
	NoticeEnded      NoticeKind = "ended"      // it is gone from the system, read back
	NoticeStuck      NoticeKind = "stuck"      // attempts have failed for StuckAfter
)

// Notice is one thing to tell one person, with everything that the mail or the
// desktop notice says, as it was when it happened: names are not looked up
// again later.
type Notice struct {
	Kind       NoticeKind     `json:"kind"`
	To         PersonID       `json:"to"`
	Address    string         `json:"address"` // of mail; empty: no mail
	Language   string         `json:"language"`
	ToName     string         `json:"to_name"`
	Own        bool           `json:"own"` // To is the person whose access it is; else an administrator
	Assignment AssignmentID   `json:"assignment"`
	Request    RequestID      `json:"request"`
	Setting    AssignmentKind `json:"setting"` // eligible or active
	Who        string         `json:"who"`     // the principal
	By         string         `json:"by"`      // who did it
	Role       string         `json:"role"`
	System     string         `json:"system"`
	Scope      string         `json:"scope"`
	From       time.Time      `json:"from"`
	Until      time.Time      `json:"until,omitzero"` // zero: permanent
	Why        string         `json:"why"`
	Ticket     Ticket         `json:"ticket,omitzero"`
	Where      string         `json:"where"` // where the command came from
	Evidence   string         `json:"evidence,omitempty"`
	At         time.Time      `json:"at"`
}

// Delivery is a notice on its way by mail. Its ID is also the mail's
// Message-ID, so that a server that gets it twice can tell.
type Delivery struct {
	ID     DeliveryID
	Notice Notice
}
