package core

// The last administrator (rules.md section 5). The holders that count are
// those whose hold doesn't end by itself: permanent active assignments, in
// force, of people who are enabled and, where the policy asks for a second
// factor, have one. Time-bound and activated ones count only while they last,
// so they can't be what remains.

// guardLimit bounds how many assignments of a protected role are looked at.
const guardLimit = 2000

type guardState struct {
	lasting  []PersonID   // holders that count
	assigned []PersonID   // holders of active assignments that were not activated, lasting ones among them
	active   []Assignment // in-force active assignments of any kind whose holder counts
}

func (d *decider) holdersOf(v View, role Role) guardState {
	def, system, own := v.PolicyLevels(role.ID)
	p, _ := ResolvePolicy(def, system, own)
	var s guardState
	for _, a := range v.LiveFor(role.ID, Active, guardLimit) {
		if a.State != InForce {
			continue
		}
		per, ok := v.Person(a.Principal)
		if !ok || per.Disabled {
			continue
		}
		if f, ok := v.Factor(a.Principal); p.RequireMFA && (!ok || !f.Confirmed) {
			continue
		}
		s.active = append(s.active, a)
		if a.Origin != Assigned {
			continue
		}
		s.assigned = append(s.assigned, a.Principal)
		if a.Permanent() {
			s.lasting = append(s.lasting, a.Principal)
		}
	}
	return s
}

// keepAdministrators compares the state before the command with the state it
// would leave, for each protected role, and refuses what would lose the last
// lasting holder or, where there was none, the last that an administrator
// assigned. It runs after a command's changes are laid over the view.
func (d *decider) keepAdministrators(roles ...RoleID) *Error {
	for _, role := range d.View.ProtectedRoles() {
		if len(roles) > 0 && !containsRole(roles, role.ID) {
			continue
		}
		before, after := d.holdersOf(d.View, role), d.holdersOf(d, role)
		switch {
		case len(before.lasting) > 0 && len(after.lasting) == 0:
			return Errorf(Refused, "", "last.holder", "role", role.Name, "person", d.nameOf(before.lasting[0]))
		case len(before.assigned) > 0 && len(after.assigned) == 0:
			return Errorf(Refused, "", "last.holder", "role", role.Name, "person", d.nameOf(before.assigned[0]))
		}
	}
	return nil
}

// keepEligible refuses to lose an eligible assignment of a protected role
// while nobody would hold the role actively: an activation that stands on it
// goes with it, so it doesn't count.
func (d *decider) keepEligible(a Assignment) *Error {
	role, ok := d.Role(a.Role)
	if !ok || !role.Protected || a.Kind != Eligible || a.State != InForce {
		return nil
	}
	for _, on := range d.holdersOf(d, role).active {
		if on.Basis != a.ID {
			return nil
		}
	}
	return Errorf(Refused, "", "last.eligible", "role", role.Name, "person", d.nameOf(a.Principal))
}

// keepLast refuses to lose the last in-force hold that an administrator
// assigned. An activated one beside it doesn't save it: that ends by itself.
func (d *decider) keepLast(a Assignment) *Error {
	role, ok := d.Role(a.Role)
	if !ok || !role.Protected || a.Kind != Active || a.Origin != Assigned || a.State != InForce {
		return nil
	}
	if s := d.holdersOf(d, role); len(s.assigned) == 1 && s.assigned[0] == a.Principal {
		return Errorf(Refused, "", "last.holder", "role", role.Name, "person", d.nameOf(a.Principal))
	}
	return nil
}

func containsRole(list []RoleID, r RoleID) bool {
	for _, x := range list {
		if x == r {
			return true
		}
	}
	return false
}
