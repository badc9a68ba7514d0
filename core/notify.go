package core

import (
	"slices"
	"strconv"
	"strings"
)

// Recipients says who is told of one kind of event: a cell of the notification
// matrix (rules.md section 3).
type Recipients struct {
	Defaults bool     `json:"defaults"`        // those whom it concerns by themselves
	Extra    []string `json:"extra,omitempty"` // mail addresses besides; at most 20
	// Critical leaves only what somebody has to act on at once, such as a request
	// that waits for an answer.
	Critical bool `json:"critical"`
}

// MaxExtra is how many addresses a cell of the matrix holds.
const MaxExtra = 20

// PolicyEvent is a row of the notification matrix, Audience a column.
type PolicyEvent string

// Audience see PolicyEvent.
type Audience string

const (
	EventEligible  PolicyEvent = "eligible"  // an eligible assignment is made, changed, ends
	EventActive    PolicyEvent = "active"    // an active assignment is made, changed, ends
	EventActivated PolicyEvent = "activated" // an eligible person activates, or asks to

	ToAdministrators Audience = "admins"    // Global, Privileged Role and Security Administrators in force
	ToThePerson      Audience = "person"    // whose access it is, or who asked
	ToApprovers      Audience = "approvers" // of the request, with their deputies
)

// PolicyEvents and Audiences are all of them, in the order in which they are shown.
func PolicyEvents() []PolicyEvent {
	return []PolicyEvent{EventEligible, EventActive, EventActivated}
}

// Audiences see PolicyEvents.
func Audiences() []Audience { return []Audience{ToAdministrators, ToThePerson, ToApprovers} }

// NotifyField is the JSON name of the setting of a cell.
func NotifyField(e PolicyEvent, a Audience) string {
	return "notify_" + string(e) + "_" + string(a)
}

// Notify returns who is told of an event. There is no such cell but the nine.
func (p *Policy) Notify(e PolicyEvent, a Audience) *Recipients {
	return [3][3]*Recipients{
		{&p.NotifyEligibleAdmins, &p.NotifyEligiblePerson, &p.NotifyEligibleApprovers},
		{&p.NotifyActiveAdmins, &p.NotifyActivePerson, &p.NotifyActiveApprovers},
		{&p.NotifyActivatedAdmins, &p.NotifyActivatedPerson, &p.NotifyActivatedApprovers},
	}[slices.Index(PolicyEvents(), e)][slices.Index(Audiences(), a)]
}

// Notify returns where the setting of a cell is made, or isn't (nil).
func (s *PolicySettings) Notify(e PolicyEvent, a Audience) **Recipients {
	return [3][3]**Recipients{
		{&s.NotifyEligibleAdmins, &s.NotifyEligiblePerson, &s.NotifyEligibleApprovers},
		{&s.NotifyActiveAdmins, &s.NotifyActivePerson, &s.NotifyActiveApprovers},
		{&s.NotifyActivatedAdmins, &s.NotifyActivatedPerson, &s.NotifyActivatedApprovers},
	}[slices.Index(PolicyEvents(), e)][slices.Index(Audiences(), a)]
}

// notifyFields are the nine cells for the list of settings.
func notifyFields() []policyField {
	var out []policyField
	for _, e := range PolicyEvents() {
		for _, a := range Audiences() {
			out = append(out, field(NotifyField(e, a), func(p *Policy) *Recipients { return p.Notify(e, a) },
				func(s *PolicySettings) **Recipients { return s.Notify(e, a) }, recipientsText))
		}
	}
	return out
}

// recipientsText writes a cell for the log.
func recipientsText(r Recipients) string {
	var who []string
	if r.Defaults {
		who = append(who, "default recipients")
	}
	who = append(who, r.Extra...)
	if len(who) == 0 {
		return "nobody"
	}
	text := strings.Join(who, ", ")
	if r.Critical {
		text += "; only what is critical"
	}
	return text
}

// CheckRecipients checks a cell: so many addresses, each one that mail can be sent
// to, none twice.
func CheckRecipients(field string, r Recipients) error {
	if err := recipients(field, r); err != nil {
		return err
	}
	return nil
}

func recipients(field string, r Recipients) *Error {
	if len(r.Extra) > MaxExtra {
		return Errorf(Invalid, field, "notify.many", "max", strconv.Itoa(MaxExtra))
	}
	for i, s := range r.Extra {
		if s == "" {
			return Errorf(Invalid, field, "mail.malformed", "value", "")
		}
		if err := address(field, s); err != nil {
			return err
		}
		// Few mail servers take an address in another script (RFC 6531).
		if strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`<>()[]\,;:"`, c) }) {
			return Errorf(Invalid, field, "mail.malformed", "value", Clip(s, 60))
		}
		if slices.ContainsFunc(r.Extra[:i], func(t string) bool { return strings.EqualFold(s, t) }) {
			return Errorf(Invalid, field, "notify.twice", "value", Clip(s, 60))
		}
	}
	return nil
}

// Critical reports whether a notice asks somebody to act at once.
func (k NoticeKind) Critical() bool {
	return k == NoticeApprove || k == NoticeStuck || k == NoticeLost || k == NoticeOutside || k == NoticeClock || k == NoticeDeadlock || k.OfSignIn()
}

// event says which row of the matrix an assignment belongs to.
func (a Assignment) event() PolicyEvent {
	switch {
	case a.Origin == Activated:
		return EventActivated
	case a.Kind == Eligible:
		return EventEligible
	}
	return EventActive
}

// tell adds to list the notices of one event for one audience: n for each of
// the people, as the settings of the role want it. Nobody is told twice of one
// event, and lang is the language of the addresses that belong to nobody known.
//
// The settings are about mail. Whom a matter concerns himself, or waits for,
// finds it on his own desktop whatever they say.
func (d *decider) tell(list []Notice, n Notice, cell *Recipients, people []Person, lang string) []Notice {
	mails := true
	if cell.Critical && !n.Kind.Critical() {
		mails = false
	}
	for _, p := range people {
		if slices.ContainsFunc(list, func(x Notice) bool { return x.To == p.ID }) {
			continue
		}
		x := to(n, p)
		if !mails || !cell.Defaults {
			if !n.Own && n.Kind != NoticeApprove {
				continue
			}
			x.Address = "" // no mail
		}
		list = append(list, x)
	}
	if !mails {
		return list
	}
	for _, address := range cell.Extra {
		if slices.ContainsFunc(list, func(x Notice) bool { return strings.EqualFold(x.Address, address) }) {
			continue
		}
		n.Own, n.Extra = false, true
		n.To, n.ToName, n.Address, n.Language = "", "", address, lang
		list = append(list, n)
	}
	return list
}
