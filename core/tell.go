package core

import "slices"

// noticesOf tells the person, and the administrators but the one who did it, as
// the role's settings want it. What went wrong is told whatever they say.
func (d *decider) noticesOf(kind NoticeKind, a Assignment) []Notice {
	role, _ := d.Role(a.Role)
	sys, _ := d.System(a.System)
	who, ok := d.Person(a.Principal)
	if !ok && !a.OfGroup() {
		return nil
	}
	n := Notice{
		Kind: kind, Own: true, Assignment: a.ID, Request: a.Request, Setting: a.Kind, Who: d.holder(a), By: d.byName(), Role: role.Name, System: sys.Name,
		Scope: a.Scope, From: a.Start, Until: a.End, Why: a.Justification, Ticket: a.Ticket, Where: d.actor.From, At: d.env.Now,
	}
	if g, ok := d.Grant(a.Grant); ok && !g.Evidence.At.IsZero() {
		n.Evidence = proof(g.Evidence)
	}
	if a.Origin == Activated {
		n.By = who.Name
	}
	// Told when a system was read back, and asked for by a person before.
	if r, ok := d.Request(a.Request); ok && d.actor.IsEngine() && r.From != "" {
		n.Where = r.From
	}
	if kind == NoticeEnded {
		// These are of the activation, and would read as if they were of its end.
		n.By, n.Where = "", ""
		if a.State == Removed {
			n.Was, n.Until = a.End, a.Ended
		}
	}
	person, admins := &Recipients{Defaults: true}, &Recipients{Defaults: true}
	roles := []RoleID{StintRole(GlobalAdministrator), StintRole(PrivilegedRoleAdministrator)}
	if kind != NoticeStuck && kind != NoticeLost {
		p := d.policy(a.Role)
		person, admins = p.Notify(a.event(), ToThePerson), p.Notify(a.event(), ToAdministrators)
		roles = append(roles, StintRole(SecurityAdministrator))
	}
	people := []Person{who}
	if a.OfGroup() {
		n.Through = n.Who
		people = nil // of what comes through it the members hear by themselves
		if kind == NoticeExpiring || kind == NoticeExpired || kind == NoticeExtended {
			people = d.members(a.Group)
		}
	}
	out := d.tell(nil, n, person, people, who.Language)
	if kind == NoticeEnded || kind == NoticeEnding || a.Via != "" && kind != NoticeStuck && kind != NoticeLost {
		return out // of what was given to a group administrators hear once
	}
	n.Own = false
	others := slices.DeleteFunc(d.inForce(roles...), func(p Person) bool { return p.ID == who.ID || p.ID == d.actor.Person })
	return d.tell(out, n, admins, others, who.Language)
}

// announce adds notices to what happened last.
func (d *decider) announce(n []Notice) {
	last := &d.events[len(d.events)-1]
	last.Notices = append(last.Notices, n...)
}

// warnOwner tells a person what happened to the way he signs in. He is told
// whoever did it: where it was himself, he knows, and where it wasn't, this is
// how he learns of it.
func (d *decider) warnOwner(kind NoticeKind, p Person) []Notice {
	if p.ID == "" {
		return nil
	}
	by := d.me.Name
	if d.actor.Person == "" && !d.actor.IsEngine() {
		by = "" // somebody who has not signed in: nobody knows who
	}
	return []Notice{to(Notice{Kind: kind, Own: true, Who: p.Name, By: by, Where: d.actor.From, At: d.env.Now}, p)}
}

func to(n Notice, p Person) Notice {
	n.To, n.ToName, n.Address, n.Language = p.ID, p.Name, p.Mail, p.Language
	return n
}

func (d *decider) byName() string {
	if d.actor.IsEngine() {
		return "Stint"
	}
	return d.me.Name
}

func (d *decider) administrators() []Person {
	return d.inForce(StintRole(GlobalAdministrator), StintRole(PrivilegedRoleAdministrator))
}

// inForce returns who holds one of these roles of Stint, without the disabled.
func (d *decider) inForce(roles ...RoleID) []Person {
	people := d.Holders(roles...)
	return slices.DeleteFunc(people, func(p Person) bool { return p.Disabled })
}

// systemNotices tells the administrators about a system as a whole.
func (d *decider) systemNotices(n Notice, s System) []Notice {
	n.System, n.By, n.Where, n.At = s.Name, d.byName(), d.actor.From, d.env.Now
	if d.actor.IsEngine() {
		n.Where = "stint"
	}
	var out []Notice
	for _, p := range d.inForce(StintRole(GlobalAdministrator), StintRole(PrivilegedRoleAdministrator), StintRole(SecurityAdministrator)) {
		if p.ID != d.actor.Person {
			out = append(out, to(n, p))
		}
	}
	return out
}

// endedNotices tells a person that a system was read back and no longer holds
// the privilege. Where an assignment reached its end he was told of that end
// already; what can't be taken away after it is told as stuck.
func (d *decider) endedNotices(g Grant) []Notice {
	a, ok := d.Assignment(g.For)
	if !ok || a.Origin == Assigned && a.State == Expired {
		return nil
	}
	a.Grant = g.ID
	return d.noticesOf(NoticeEnded, a)
}

func (d *decider) stuckNotices(g Grant) []Notice {
	a, ok := d.Assignment(g.For)
	if !ok {
		return nil
	}
	out := d.noticesOf(NoticeStuck, a)
	for i := range out {
		out[i].Evidence = g.LastErr
	}
	return out
}
