package core

import "strings"

// may checks that the actor holds one of the given roles of Stint, in force.
// Global Administrators may do everything. The refusal names the roles that
// would allow it and says whether the actor could activate one of them.
func (d *decider) may(roles ...string) *Error {
	if d.actor.IsEngine() {
		return nil
	}
	roles = append(roles, GlobalAdministrator)
	eligible := ""
	for _, a := range d.LiveOf(d.me.ID) {
		if a.System != StintSystem || a.State != InForce || !a.End.IsZero() && !d.env.Now.Before(a.End) {
			continue
		}
		for _, r := range roles {
			if a.Role != StintRole(r) {
				continue
			}
			if a.Kind == Active {
				return nil
			}
			eligible = r
		}
	}
	var names []string
	for _, r := range roles {
		if role, ok := d.Role(StintRole(r)); ok {
			names = append(names, role.Name)
		}
	}
	if eligible != "" {
		role, _ := d.Role(StintRole(eligible))
		return Errorf(Forbidden, "", "rights.activate_first", "roles", strings.Join(names, " · "), "role", role.Name)
	}
	return Errorf(Forbidden, "", "rights.missing", "roles", strings.Join(names, " · "))
}

// StintRolesOf returns the roles of Stint that a person holds in force.
func StintRolesOf(v View, p Person, env Env) []RoleID {
	if p.Disabled || p.ID == "" {
		return nil
	}
	var out []RoleID
	for _, a := range v.LiveOf(p.ID) {
		if a.System == StintSystem && a.Kind == Active && a.State == InForce && (a.End.IsZero() || env.Now.Before(a.End)) {
			out = append(out, a.Role)
		}
	}
	return out
}

// guarded refuses what a User Administrator would do to somebody who holds or
// may activate a role of Stint: else he could take that person's place.
func (d *decider) guarded(p PersonID) *Error {
	if d.actor.IsEngine() || p == d.me.ID || d.may() == nil {
		return nil
	}
	for _, a := range d.LiveOf(p) {
		if a.System == StintSystem {
			return Errorf(Forbidden, "", "rights.privileged_person", "person", d.nameOf(p))
		}
	}
	return nil
}
