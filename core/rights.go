package core

import (
	"strings"
	"time"
)

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

// ownProof refuses to let a User Administrator replace the password or factor
// of somebody who may hold a privileged role anywhere: with both new he could
// sign in as that person and activate it. Whoever may hand that role out to
// himself anyway gains nothing by it.
func (d *decider) ownProof(p PersonID) *Error {
	if err := d.guarded(p); err != nil || d.actor.IsEngine() || d.may(PrivilegedRoleAdministrator) == nil {
		return err
	}
	for _, a := range d.LiveOf(p) {
		if r, ok := d.Role(a.Role); ok && (r.Privileged || r.Protected) {
			return Errorf(Forbidden, "", "rights.privileged_proof", "person", d.nameOf(p), "role", r.Name)
		}
	}
	return nil
}

// Rights say which pages and actions a person has, from the roles of Stint he
// holds in force. They hide what would be refused anyway; Decide refuses.
type Rights struct {
	Read     bool // everything
	Access   bool // systems, roles, their settings, assignments
	People   bool
	Export   bool // the whole audit log
	Settings bool
}

// RightsOf returns what roles allow.
func RightsOf(roles []RoleID) Rights {
	var r Rights
	for _, role := range roles {
		r.Read = true
		switch role {
		case StintRole(GlobalAdministrator):
			return Rights{true, true, true, true, true}
		case StintRole(PrivilegedRoleAdministrator):
			r.Access, r.Export = true, true
		case StintRole(UserAdministrator):
			r.People = true
		case StintRole(SecurityAdministrator), StintRole(SecurityReader):
			r.Export = true
		}
	}
	return r
}

// LiveSession checks that a session is there and good (CheckSession).
func LiveSession(v View, id SessionID, now time.Time) (Session, Person, *Error) {
	s, ok := v.Session(id)
	p, known := v.Person(s.Person)
	if !ok || !known {
		return Session{}, Person{}, Errorf(Unauthenticated, "", "session.none")
	}
	if err := CheckSession(s, p, now); err != nil {
		return Session{}, Person{}, err
	}
	return s, p, nil
}

// CheckSession checks that a session is not too old and its person enabled
// (ASVS 7.3.1, 7.4.2, 8.3.2).
func CheckSession(s Session, p Person, now time.Time) *Error {
	if p.Disabled || !now.Before(s.Expires) || now.Sub(s.LastSeen) >= SessionIdle {
		return Errorf(Unauthenticated, "", "session.none")
	}
	return nil
}
