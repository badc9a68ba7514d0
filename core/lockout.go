package core

import (
	"slices"
	"strconv"
)

// The last administrator, and lock-out at large (rules.md section 5). Every
// command is simulated: Decide lays its changes over the view, and lockOut
// compares what is with what would be. So no command has to think of it, and
// none can forget it.
//
// The holders that count are those whose hold doesn't end by itself and who can
// use it: permanent active assignments, in force, of people who are enabled,
// have a password of their own and, where the policy asks for a second factor,
// have one. A first password that an administrator made is good for a few days
// only, so whoever still has it may be unable to come in when he is needed.
// Time-bound and activated holds count only while they last, so they can't be
// what remains.
//
// While one of these stays Global Administrator, all the rest can be mended:
// whatever a policy asks for, he can change it. That is why a role that nobody
// could approve any more is refused only where a policy says so or nobody is
// left to mend it, and is told otherwise (deadlock.go): taking somebody's access
// away must never wait for the settings of another role.

// guardLimit bounds how many assignments of a protected role are looked at.
const guardLimit = 2000

type guardState struct {
	lasting  []Assignment // of holders that count
	assigned []Assignment // active ones that were not activated, lasting ones among them
	active   []Assignment // in force, active, of any kind, whose holder counts
}

func guardOf(v View, role Role) guardState {
	p := PolicyOf(v, role.ID)
	var s guardState
	for _, a := range v.LiveFor(role.ID, Active, guardLimit) {
		if a.State != InForce || lacks(v, a.Principal, p) != "" {
			continue
		}
		s.active = append(s.active, a)
		if a.Origin != Assigned {
			continue
		}
		s.assigned = append(s.assigned, a)
		if a.Permanent() {
			s.lasting = append(s.lasting, a)
		}
	}
	return s
}

// lacks says why a person can't use what he holds, as the sentence of the
// refusal that would make it so; empty: he can.
func lacks(v View, id PersonID, p Policy) TextKey {
	per, ok := v.Person(id)
	if !ok || per.Disabled {
		return "last.disabled"
	}
	if f, ok := v.Factor(id); p.RequireMFA && (!ok || !f.Confirmed) {
		return "last.factor"
	}
	if cr, ok := v.Credential(id); !ok || cr.MustChange {
		return "last.password"
	}
	return ""
}

// takes reports whether the changes laid over the view take something away that
// others may stand on. Ends of activations don't: those never count. It is
// asked of every command, so it reads only what could be such a change.
func (s *scratch) takes() bool {
	if len(s.levels) > 0 {
		return true
	}
	for id, a := range s.assignments {
		if a.Origin != Assigned {
			continue
		}
		if was, ok := s.View.Assignment(id); ok && was.State == InForce && (a.State != InForce || !a.End.Equal(was.End)) {
			return true
		}
	}
	for k, m := range s.members {
		if m == nil && slices.ContainsFunc(s.View.MembersOf(k.Group), func(m Member) bool { return m.Person == k.Person }) {
			return true
		}
	}
	for id, p := range s.people {
		if was, ok := s.View.Person(id); p.Disabled && ok && !was.Disabled {
			return true
		}
	}
	for id, f := range s.factors {
		if was, ok := s.View.Factor(id); !f.Confirmed && ok && was.Confirmed {
			return true
		}
	}
	for id, c := range s.credentials {
		if was, ok := s.View.Credential(id); c.MustChange && ok && !was.MustChange {
			return true
		}
	}
	for id, y := range s.systems {
		if was, ok := s.View.System(id); y.State != SystemConnected && ok && was.State == SystemConnected {
			return true
		}
	}
	return false
}

// touches reports whether the changes may concern who holds a role. Where only
// assignments end, thousands of them in a second, it spares asking about roles
// that none of them is of.
func (s *scratch) touches(id RoleID) bool {
	if len(s.levels)+len(s.members)+len(s.people)+len(s.factors)+len(s.credentials)+len(s.systems)+len(s.roles) > 0 {
		return true
	}
	for _, a := range s.assignments {
		if a.Role == id {
			return true
		}
	}
	return false
}

// simulate judges what a command that was decided would leave. Stint itself
// commands no more than what it has asked (keeps) or has found done, such as a
// privilege taken away on its system: there is nothing to refuse in that.
func (d *decider) simulate() *Error {
	if !d.takes() {
		return nil
	}
	if !d.actor.IsEngine() {
		if err := lockOut(d.View, d.scratch); err != nil {
			return err
		}
	}
	return d.newDeadlocks()
}

// lockOut refuses a step from one state to another that would lose the last
// holder of a protected role, or the last who could mend everything. The refusal
// names the chain: who, which role, which rule.
func lockOut(before View, after *scratch) *Error {
	for _, role := range before.ProtectedRoles() {
		if !after.touches(role.ID) {
			continue
		}
		was := guardOf(before, role)
		if sys, _ := after.System(role.System); sys.State != SystemConnected {
			// It is being removed: that was agreed to, and is refused only at its
			// beginning.
			if old, _ := before.System(role.System); old.State == SystemConnected && len(was.active) > 0 {
				return Errorf(Refused, "system", "last.system", "role", role.Name, "system", sys.Name, "person", nameIn(after, was.active[0].Principal))
			}
			continue
		}
		is := guardOf(after, role)
		switch {
		case len(was.lasting) > 0 && len(is.lasting) == 0:
			return lastHolder(after, role, was.lasting[0])
		case len(was.assigned) > 0 && len(is.assigned) == 0:
			return lastHolder(after, role, was.assigned[0])
		case len(is.active) == 0:
			// Whoever is eligible is all that is left.
			if a, ok := lostEligible(before, after, role); ok {
				return Errorf(Refused, "", "last.eligible", "role", role.Name, "person", nameIn(after, a.Principal))
			}
		}
	}
	return nobodyMends(before, after)
}

// lastHolder says what makes that nobody would be left.
func lastHolder(after View, role Role, a Assignment) *Error {
	key := TextKey("last.holder")
	if is, _ := after.Assignment(a.ID); is.State == InForce {
		if why := lacks(after, a.Principal, PolicyOf(after, role.ID)); why != "" {
			key = why
		}
	}
	return Errorf(Refused, "", key, "role", role.Name, "person", nameIn(after, a.Principal))
}

func lostEligible(before, after View, role Role) (Assignment, bool) {
	for _, a := range before.LiveFor(role.ID, Eligible, guardLimit) {
		if is, _ := after.Assignment(a.ID); !a.OfGroup() && a.State == InForce && is.State != InForce {
			return a, true
		}
	}
	return Assignment{}, false
}

// nobodyMends refuses what would leave nobody who can come to be Global or
// Privileged Role Administrator: either may assign the other and change every
// policy. Where somebody holds one of them for good, there is no question. Only
// in a store that lost all of those by other ways than a command does it matter
// who is eligible, and who could approve that.
func nobodyMends(before, after View) *Error {
	menders := []RoleID{StintRole(GlobalAdministrator), StintRole(PrivilegedRoleAdministrator)}
	for _, id := range menders {
		if role, ok := after.Role(id); ok && len(guardOf(after, role).assigned) > 0 {
			return nil
		}
	}
	was, is := reachOf(before, menders), reachOf(after, menders)
	for _, id := range menders {
		if len(is.able[id]) > 0 {
			return nil
		}
	}
	for _, id := range menders {
		for _, p := range was.people(id) {
			role, _ := after.Role(id)
			err := Errorf(Refused, "", "last.eligible", "role", role.Name, "person", nameIn(after, p))
			if stage, have, short := is.short(PolicyOf(after, id), p); short {
				err = Errorf(Refused, "", "last.approver", "role", role.Name, "person", nameIn(after, p), "stage", strconv.Itoa(stage+1), "have", strconv.Itoa(have))
			}
			return err
		}
	}
	return nil
}

// keeps says why an assignment whose end has come may not end (rules.md section
// 5): the same simulation, with that end laid over what is.
func (d *decider) keeps(a Assignment) *Error {
	trial := newScratch(d.scratch)
	for _, on := range d.StandingOn(a.ID) {
		on.State = Removed
		trial.put(on)
	}
	for _, o := range d.throughIt(a) {
		for _, on := range d.StandingOn(o.ID) {
			on.State = Removed
			trial.put(on)
		}
		o.State = Expired
		trial.put(o)
	}
	a.State = Expired
	trial.put(a)
	if !trial.takes() {
		return nil
	}
	return lockOut(d.scratch, trial)
}

func nameIn(v View, p PersonID) string {
	per, _ := v.Person(p)
	return per.Name
}
