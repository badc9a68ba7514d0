package core

// maxRefusal bounds the sentence of a refusal in the log, in characters.
const maxRefusal = 1000

func (d *decider) refusal(c Command, err *Error) Event {
	e := d.entry(CommandRefused)
	e.Outcome = OutcomeRefused
	e.Detail = shown(c.Verb()+": "+err.Message, maxRefusal)
	d.subject(&e, c)
	return Event{Entry: e}
}

// subject names in an entry what a refused command was about, as far as it exists.
func (d *decider) subject(e *Entry, c Command) {
	switch c := c.(type) {
	case Assign:
		d.aboutRole(e, c.Role)
		if len(c.Principals) == 1 {
			d.about(e, c.Principals[0])
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case UpdateAssignment:
		d.aboutAssignment(e, c.Assignment)
	case RemoveAssignments:
		if len(c.Assignments) == 1 {
			d.aboutAssignment(e, c.Assignments[0])
		}
	case Activate:
		if len(c.Items) == 1 {
			d.aboutAssignment(e, c.Items[0].Assignment)
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case Drop:
		if len(c.Assignments) == 1 {
			d.aboutAssignment(e, c.Assignments[0])
		}
	case Prolong:
		d.aboutAssignment(e, c.Assignment)
	case ExtendAssignments:
		if len(c.Assignments) == 1 {
			d.aboutAssignment(e, c.Assignments[0])
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case RenewAssignments:
		if len(c.Assignments) == 1 {
			d.aboutAssignment(e, c.Assignments[0])
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case RequestExtension:
		d.aboutAssignment(e, c.Assignment)
		e.Justification = shown(c.Justification, MaxJustification)
	case RequestRenewal:
		d.aboutAssignment(e, c.Assignment)
		e.Justification = shown(c.Justification, MaxJustification)
	case DecideRequests:
		if len(c.Requests) == 1 {
			if r, ok := d.Request(c.Requests[0]); ok {
				d.aboutRequest(e, r)
			}
		}
		e.Justification = shown(c.Justification, MaxJustification)
	case UpdateRole:
		d.aboutRole(e, c.Role)
	case RemoveOutside:
		d.aboutDrift(e, c.Drift)
		e.Justification = shown(c.Justification, MaxJustification)
	case AcceptDrift:
		d.aboutDrift(e, c.Drift)
		e.Justification = shown(c.Justification, MaxJustification)
	case UpdateSystem:
		d.aboutSystem(e, c.System)
	case RemoveSystem:
		d.aboutSystem(e, c.System)
	case DisablePerson:
		d.about(e, c.Person)
	case ResetFactor:
		d.about(e, c.Person)
	case ResetPassword:
		d.about(e, c.Person)
	case UpdatePerson:
		d.about(e, c.Person)
	case SetAccount:
		d.about(e, c.Person)
		d.aboutSystem(e, c.System)
	}
}

// entry begins an audit entry by the actor.
func (d *decider) entry(kind EventKind) Entry {
	e := Entry{Time: d.env.Now, Actor: d.actor.Person, ActorName: d.me.Name, Strength: d.actor.Strength, From: d.actor.From, Action: kind, Outcome: OutcomeDone}
	if d.actor.IsEngine() {
		e.ActorName = "Stint"
	}
	if d.proven {
		e.Strength = StrengthFresh
	}
	return e
}

func (d *decider) about(e *Entry, p PersonID) {
	if per, ok := d.Person(p); ok {
		e.Principal, e.PrincipalName = per.ID, per.Name
	}
}

func (d *decider) aboutRole(e *Entry, id RoleID) {
	if r, ok := d.Role(id); ok {
		e.Role, e.RoleName = r.ID, r.Name
		d.aboutSystem(e, r.System)
	}
}

func (d *decider) aboutSystem(e *Entry, id SystemID) {
	if s, ok := d.System(id); ok {
		e.System, e.SystemName = s.ID, s.Name
	}
}

func (d *decider) aboutDrift(e *Entry, id DriftID) {
	if r, ok := d.Drift(id); ok {
		d.aboutRole(e, r.Role)
		if p, ok := d.AccountOwner(r.System, r.Account); ok {
			d.about(e, p)
		}
		e.Scope = r.Scope
	}
}

func (d *decider) aboutAssignment(e *Entry, id AssignmentID) {
	a, ok := d.Assignment(id)
	if !ok {
		return
	}
	d.aboutRole(e, a.Role)
	d.about(e, a.Principal)
	if a.OfGroup() {
		e.PrincipalName = d.holder(a)
	}
	e.Assignment, e.Scope = a.ID, a.Scope
}

// record adds an event with its entry, and lays its changes over the view.
func (d *decider) record(e Entry, changes ...Change) *Event {
	for _, c := range changes {
		d.put(c)
	}
	d.events = append(d.events, Event{Entry: e, Changes: changes})
	return &d.events[len(d.events)-1]
}
