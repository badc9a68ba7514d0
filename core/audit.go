package core

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// Outcome of what an audit entry tells.
type Outcome string

const (
	OutcomeDone    Outcome = "done"    // a command was carried out, or a system proved it
	OutcomeRefused Outcome = "refused" // a rule, a policy or a limit said no
	OutcomeFailed  Outcome = "failed"  // a system or a proof failed
)

// Entry is one line of the audit log. Names stand beside identifiers because
// an auditor reads names, and because names change.
type Entry struct {
	Seq           int64        `json:"seq"` // from 1, without gaps
	Time          time.Time    `json:"time"`
	Actor         PersonID     `json:"actor,omitempty"` // empty: Stint itself, or somebody unknown who tried to sign in
	ActorName     string       `json:"actor_name"`
	Strength      Strength     `json:"strength"`
	From          string       `json:"from"`
	Action        EventKind    `json:"action"`
	Outcome       Outcome      `json:"outcome"`
	System        SystemID     `json:"system,omitempty"`
	SystemName    string       `json:"system_name,omitempty"`
	Role          RoleID       `json:"role,omitempty"`
	RoleName      string       `json:"role_name,omitempty"`
	Scope         string       `json:"scope,omitempty"`
	Principal     PersonID     `json:"principal,omitempty"`
	PrincipalName string       `json:"principal_name,omitempty"`
	Assignment    AssignmentID `json:"assignment,omitempty"`
	Request       RequestID    `json:"request,omitempty"`
	Justification string       `json:"justification,omitempty"`
	TicketSystem  string       `json:"ticket_system,omitempty"`
	TicketNumber  string       `json:"ticket_number,omitempty"`
	Detail        string       `json:"detail,omitempty"` // a sentence in English; evidence of grants
	Prev          Hash         `json:"prev"`             // Hash of the entry before; zero for the first
	Hash          Hash         `json:"hash"`
}

// Hash is a SHA-256, written as 64 hexadecimal digits.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(b []byte) error {
	if hex.DecodedLen(len(b)) != len(h) {
		return Errorf(Invalid, "hash", "hash.malformed")
	}
	if _, err := hex.Decode(h[:], b); err != nil {
		return Errorf(Invalid, "hash", "hash.malformed")
	}
	return nil
}

// Head is the last link of the chain: where the next entry hangs on.
type Head struct {
	Seq  int64
	Hash Hash
	Time time.Time
}

// Seal gives e its number, its link to head and its hash, and returns the new
// head. The time is cut to microseconds, which is what stores keep.
func (e *Entry) Seal(head Head) Head {
	e.Seq, e.Prev = head.Seq+1, head.Hash
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	e.Hash = e.Sum()
	return Head{Seq: e.Seq, Hash: e.Hash, Time: e.Time}
}

// Sum computes the hash that e must have: SHA-256 over Prev, Seq, the time in
// microseconds since 1970 and then each field, in the order of the columns of
// Fields, as its length in bytes (eight bytes, big endian) and its text.
func (e *Entry) Sum() Hash {
	buf := make([]byte, 0, 512)
	buf = append(buf, "stint audit entry 1\n"...)
	buf = append(buf, e.Prev[:]...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.Seq))
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.Time.UnixMicro()))
	for _, s := range e.Fields() {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	return sha256.Sum256(buf)
}

// Fields returns the text fields in the order in which they are hashed and
// exported; FieldNames has their names.
func (e *Entry) Fields() [19]string {
	return [19]string{
		string(e.Actor), e.ActorName, string(e.Strength), e.From, string(e.Action), string(e.Outcome),
		string(e.System), e.SystemName, string(e.Role), e.RoleName, e.Scope,
		string(e.Principal), e.PrincipalName, string(e.Assignment), string(e.Request),
		e.Justification, e.TicketSystem, e.TicketNumber, e.Detail,
	}
}

// SetFields is the inverse of Fields: it fills e's text fields from an export.
func (e *Entry) SetFields(f [19]string) {
	e.Actor, e.ActorName, e.Strength, e.From, e.Action, e.Outcome = PersonID(f[0]), f[1], Strength(f[2]), f[3], EventKind(f[4]), Outcome(f[5])
	e.System, e.SystemName, e.Role, e.RoleName, e.Scope = SystemID(f[6]), f[7], RoleID(f[8]), f[9], f[10]
	e.Principal, e.PrincipalName, e.Assignment, e.Request = PersonID(f[11]), f[12], AssignmentID(f[13]), RequestID(f[14])
	e.Justification, e.TicketSystem, e.TicketNumber, e.Detail = f[15], f[16], f[17], f[18]
}

// FieldNames are the names of Fields, as in JSON.
func FieldNames() [19]string {
	return [19]string{
		"actor", "actor_name", "strength", "from", "action", "outcome",
		"system", "system_name", "role", "role_name", "scope",
		"principal", "principal_name", "assignment", "request",
		"justification", "ticket_system", "ticket_number", "detail",
	}
}

// Break is the first fault that verification found.
type Break struct {
	Seq    int64  `json:"seq"` // the number the entry should have
	Reason string `json:"reason"`
}

// Verifier checks a chain entry by entry. The zero value begins at the first
// entry; set Head to begin behind one whose hash is trusted.
type Verifier struct {
	Head  Head
	Count int64
}

// Check takes the next entry and returns the fault in it, or nil.
func (v *Verifier) Check(e *Entry) *Break {
	want := v.Head.Seq + 1
	switch {
	case e.Seq != want:
		return &Break{want, "the entry is missing or out of order"}
	case e.Prev != v.Head.Hash:
		return &Break{want, "the link to the entry before does not fit: that entry or this link was changed"}
	case e.Sum() != e.Hash:
		return &Break{want, "the entry was changed after it was written"}
	}
	v.Head = Head{Seq: e.Seq, Hash: e.Hash, Time: e.Time}
	v.Count++
	return nil
}
