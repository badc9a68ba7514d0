package core

import (
	"slices"
	"time"
)

// Who may answer a request. Nobody answers his own, by any path: not as
// approver, not as a deputy, and not through one.

// holdersLimit bounds how many holders of a role are looked at as approvers.
const holdersLimit = 200

// listed returns who stands in a list of approvers now, without the disabled.
func listed(v View, list []Approver, now time.Time) []PersonID {
	if len(list) == 0 {
		list = standardApprovers()
	}
	var out []PersonID
	seen := map[PersonID]bool{}
	add := func(id PersonID) {
		if p, ok := v.Person(id); ok && !p.Disabled && !seen[id] {
			seen[id], out = true, append(out, id)
		}
	}
	for _, a := range list {
		switch {
		case a.Person != "":
			add(a.Person)
		case a.Group != "":
			for _, m := range v.MembersOf(a.Group) {
				add(m.Person)
			}
		default:
			for _, as := range v.LiveFor(a.Role, Active, holdersLimit) {
				if as.holds(now) {
					add(as.Principal)
				}
			}
		}
	}
	return out
}

// holds reports whether an active assignment gives its role at this moment.
func (a Assignment) holds(now time.Time) bool {
	return a.Kind == Active && a.State == InForce && (a.End.IsZero() || now.Before(a.End))
}

// ApproversOf returns who may answer a stage of a request today, the requester
// left out, whether or not they have answered; deputies are not among them.
func ApproversOf(v View, r Request, stage int, now time.Time) []PersonID {
	if r.Approval == nil || stage < 0 || stage >= len(r.Approval.Stages) {
		return nil
	}
	who := approversIn(r.Approval.Stages[stage])
	if stage == r.Approval.Stage {
		who = r.Approval.Asked()
	}
	return slices.DeleteFunc(listed(v, who, now), func(p PersonID) bool { return p == r.Requester || p == r.Principal })
}

// approversOf returns who may answer the open stage of a request, without the
// requester and who has answered already; deputies are not among them.
func approversOf(v View, r Request, now time.Time) []PersonID {
	if r.Status != PendingApproval || r.Approval == nil {
		return nil
	}
	return slices.DeleteFunc(ApproversOf(v, r, r.Approval.Stage, now), func(p PersonID) bool { return voted(r, p) })
}

// voted reports whether a person's voice has been heard on a request, in
// whichever stage: as himself, or through his deputy.
func voted(r Request, p PersonID) bool {
	return slices.ContainsFunc(r.Approval.Votes, func(v Vote) bool { return v.By == p || v.For == p })
}

// Seats is where somebody sits among approvers at a moment: himself, his groups
// and what he holds, and the same of those whose deputy he is. It is made of
// what one person has, so that a request is asked about him and not about all
// who could answer it.
type Seats struct {
	person PersonID
	own    seat
	lent   []seat // of whom he is the deputy, in order of person
}

// seat is what makes one person an approver.
type seat struct {
	person PersonID
	ids    map[string]bool // of Approver.ID
}

// SeatsOf returns the seats of a person now.
func SeatsOf(v View, p PersonID, now time.Time) Seats {
	s := Seats{person: p, own: seatOf(v, p, now)}
	for _, dep := range v.DeputyFor(p) {
		if dep.Acts(now) {
			s.lent = append(s.lent, seatOf(v, dep.Person, now))
		}
	}
	return s
}

func seatOf(v View, p PersonID, now time.Time) seat {
	s := seat{p, map[string]bool{}}
	if per, ok := v.Person(p); !ok || per.Disabled {
		return s
	}
	s.ids[string(p)] = true
	for _, m := range v.GroupsOf(p) {
		s.ids[string(m.Group)] = true
	}
	for _, a := range v.LiveOf(p) {
		if a.holds(now) {
			s.ids[string(a.Role)] = true
		}
	}
	return s
}

// in reports whether the seat is one of a list of approvers.
func (s seat) in(list []Approver) bool {
	return slices.ContainsFunc(list, func(a Approver) bool { return s.ids[a.ID()] })
}

// People are those for whom the person could answer: himself first.
func (s Seats) People() []PersonID {
	out := []PersonID{s.person}
	for _, l := range s.lent {
		out = append(out, l.person)
	}
	return out
}

// MayAnswer says whether the person may answer a request now, and for whom: an
// empty seat means for himself.
func (s Seats) MayAnswer(r Request) (seat PersonID, ok bool) {
	if r.Status != PendingApproval || r.Requester == s.person || r.Principal == s.person || r.Approval == nil || voted(r, s.person) {
		return "", false
	}
	asked := r.Approval.Asked()
	if s.own.in(asked) {
		return "", true
	}
	if r.Action.OfAssignment() {
		return "", false // who assigns is an administrator himself, not his deputy
	}
	for _, l := range s.lent {
		if l.person != r.Requester && l.person != r.Principal && !voted(r, l.person) && l.in(asked) {
			return l.person, true
		}
	}
	return "", false
}

// Asked reports whether the person stands in any stage of a request, himself or
// as a deputy, or has answered it: he may see it.
func (s Seats) Asked(r Request) bool {
	if r.Approval == nil {
		return false
	}
	for _, st := range r.Approval.Stages {
		for _, list := range [][]Approver{approversIn(st), st.EscalateTo} {
			if s.own.in(list) || !r.Action.OfAssignment() && slices.ContainsFunc(s.lent, func(l seat) bool { return l.in(list) }) {
				return true
			}
		}
	}
	return slices.ContainsFunc(r.Approval.Votes, func(v Vote) bool { return v.By == s.person })
}

// MayAnswer is that of a person's seats.
func MayAnswer(v View, r Request, p PersonID, now time.Time) (seat PersonID, ok bool) {
	return SeatsOf(v, p, now).MayAnswer(r)
}

// seat is MayAnswer for the actor, with the refusal that says why not.
func (d *decider) seat(r Request) (PersonID, *Error) {
	seat, ok := MayAnswer(d, r, d.me.ID, d.env.Now)
	switch {
	case ok:
		return seat, nil
	case voted(r, d.me.ID):
		return "", Errorf(Conflict, "requests", "approval.answered")
	}
	return "", Errorf(Forbidden, "requests", "approval.not_asked")
}

// mayKnow reports whether the actor may be told about a request at all.
func (d *decider) mayKnow(r Request) bool { return SeatsOf(d, d.me.ID, d.env.Now).Asked(r) }

// approverNotices asks those who may answer the open stage, and their deputies.
func (d *decider) approverNotices(r Request) []Notice {
	var people []Person
	tell := func(id PersonID) {
		if p, ok := d.Person(id); ok && !p.Disabled && id != r.Requester && id != r.Principal {
			people = append(people, p)
		}
	}
	for _, id := range approversOf(d, r, d.env.Now) {
		tell(id)
		if dep, ok := d.Deputy(id); ok && dep.Acts(d.env.Now) && !r.Action.OfAssignment() {
			tell(dep.Deputy)
		}
	}
	p := d.policy(r.Role)
	return d.tell(nil, d.requestNotice(NoticeApprove, r), p.Notify(d.eventOf(r), ToApprovers), people, d.languageOf(r.Principal))
}

// decidedNotices tell the requester what became of a request, and those who
// were asked that nothing is left to do.
func (d *decider) decidedNotices(r Request, detail string) []Notice {
	n := d.requestNotice(NoticeDecided, r)
	n.Status = r.Status
	if r.Status == Failed {
		n.Evidence = detail
	} else if r.Approval != nil && len(r.Approval.Votes) > 0 {
		n.Evidence = r.Approval.Votes[len(r.Approval.Votes)-1].Why
	}
	policy, lang := d.policy(r.Role), d.languageOf(r.Principal)
	var own []Person
	if p, ok := d.Person(r.Requester); ok && r.Requester != d.actor.Person {
		own = append(own, p)
	}
	n.Own = true
	out := d.tell(nil, n, policy.Notify(d.eventOf(r), ToThePerson), own, lang)
	if r.Approval == nil {
		return out
	}
	n.Own = false
	var others []Person
	for i, s := range r.Approval.Stages {
		if i > r.Approval.Stage {
			break
		}
		for _, id := range listed(d, s.Approvers, d.env.Now) {
			if p, ok := d.Person(id); ok && id != r.Requester && id != d.actor.Person {
				others = append(others, p)
			}
		}
	}
	return d.tell(out, n, policy.Notify(d.eventOf(r), ToApprovers), others, lang)
}

// eventOf says which row of the matrix a request belongs to.
func (d *decider) eventOf(r Request) PolicyEvent {
	if a, ok := d.Assignment(r.Basis); ok && r.Action.OfAssignment() {
		return a.event()
	}
	return EventActivated
}

func (d *decider) languageOf(p PersonID) string {
	per, _ := d.Person(p)
	return per.Language
}

func (d *decider) requestNotice(kind NoticeKind, r Request) Notice {
	role, _ := d.Role(r.Role)
	sys, _ := d.System(r.System)
	n := Notice{
		Kind: kind, Assignment: r.Basis, Request: r.ID, Action: r.Action, Setting: Active, Who: d.nameOf(r.Principal), By: d.byName(), Role: role.Name, System: sys.Name,
		Scope: r.Scope, From: r.Start, Lasts: r.Duration, Why: r.Justification, Ticket: r.Ticket, Where: r.From, At: d.env.Now,
	}
	if a, ok := d.Assignment(r.Basis); ok && r.Action.OfAssignment() {
		n.Setting, n.Until = r.kindOf(a), r.End
		if !a.End.Equal(r.End) { // else it is carried out, and this is the new one
			n.Was = a.End
		}
	}
	return n
}
