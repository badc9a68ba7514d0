package core

import (
	"strconv"
	"strings"
)

func (d *decider) addRoles(c AddRoles) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	s, ok := d.System(c.System)
	if !ok || s.ID == StintSystem {
		return Errorf(NotFound, "system", "system.unknown")
	}
	if s.State != SystemConnected {
		return Errorf(Refused, "system", "system.not_connected", "system", s.Name)
	}
	if len(c.Roles) == 0 {
		return Errorf(Invalid, "roles", "batch.size", "field", "roles", "max", strconv.Itoa(MaxRolesAtOnce))
	}
	return d.newRoles(s, c.Roles)
}

func (d *decider) newRoles(s System, roles []NewRole) *Error {
	if len(roles) > MaxRolesAtOnce {
		return Errorf(Invalid, "roles", "batch.size", "field", "roles", "max", strconv.Itoa(MaxRolesAtOnce))
	}
	seen := map[string]bool{}
	for _, n := range roles {
		if err := external("external", n.External); err != nil {
			return err
		}
		if n.Name == "" {
			n.Name = Clip(printable(n.External), MaxName)
		}
		if err := roleText(n.Name, n.Description); err != nil {
			return err
		}
		if _, ok := d.RoleByExternal(s.ID, n.External); ok || seen[n.External] {
			return Errorf(Conflict, "roles", "role.exists", "role", n.Name, "system", s.Name)
		}
		seen[n.External] = true
		r := Role{ID: RoleID(d.env.NewID("ro")), System: s.ID, External: n.External, Name: n.Name, Description: n.Description, Privileged: n.Privileged, Protected: n.Protected}
		e := d.entry(RoleAdded)
		e.Role, e.RoleName, e.System, e.SystemName = r.ID, r.Name, s.ID, s.Name
		e.Detail = "“" + Clip(r.External, 255) + "”"
		d.record(e, r)
		d.result.Roles = append(d.result.Roles, r.ID)
	}
	return d.fewProtected()
}

// fewProtected refuses more protected roles than the last-holder rule looks
// at: else enough of them would push Stint's own out of its sight.
func (d *decider) fewProtected() *Error {
	if len(d.ProtectedRoles()) > MaxProtected {
		return Errorf(Refused, "protected", "role.protected_many", "max", strconv.Itoa(MaxProtected))
	}
	return nil
}

// printable replaces what line would refuse, for a name taken from a system;
// the external name itself is kept verbatim.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unseen(r) {
			return '�'
		}
		return r
	}, s)
}

func roleText(name, description string) *Error {
	if err := line("name", name, 1, MaxName); err != nil {
		return err
	}
	return line("description", strings.ReplaceAll(description, "\n", " "), 0, MaxDescription)
}

func (d *decider) updateRole(c UpdateRole) *Error {
	if err := d.may(PrivilegedRoleAdministrator); err != nil {
		return err
	}
	r, ok := d.Role(c.Role)
	if !ok {
		return Errorf(NotFound, "role", "role.unknown")
	}
	if err := roleText(c.Name, c.Description); err != nil {
		return err
	}
	was := r
	if r.System == StintSystem && (c.Name != r.Name || c.Description != r.Description || c.Protected != r.Protected || c.Privileged != r.Privileged) {
		return Errorf(Refused, "role", "role.built_in")
	}
	r.Name, r.Description, r.Privileged, r.Protected = c.Name, c.Description, c.Privileged, c.Protected
	e := d.entry(RoleUpdated)
	d.aboutRole(&e, r.ID)
	e.RoleName = r.Name
	e.Detail = changed("name", was.Name, r.Name, "description", was.Description, r.Description,
		"privileged", strconv.FormatBool(was.Privileged), strconv.FormatBool(r.Privileged),
		"protected", strconv.FormatBool(was.Protected), strconv.FormatBool(r.Protected))
	d.record(e, r)
	if r.Protected && !was.Protected {
		return d.fewProtected()
	}
	return nil
}
