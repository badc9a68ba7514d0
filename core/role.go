package core

// Role is what a system grants: a database role, a group, a role of Stint.
type Role struct {
	ID          RoleID   `json:"id"`
	System      SystemID `json:"system"`
	External    string   `json:"external"` // the system's own name for it, verbatim; 1 to 255 bytes
	Name        string   `json:"name"`     // as shown; 1 to 120 characters
	Description string   `json:"description"`
	Privileged  bool     `json:"privileged"`
	Protected   bool     `json:"protected"` // the last-holder rule applies (rules.md section 5)
	Gone        bool     `json:"gone"`      // the system no longer has it, as last asked
}

// Roles of Stint itself, by their External name; their identifiers are
// StintRole(name). Global Administrator and Privileged Role Administrator are
// protected.
const (
	GlobalAdministrator         = "global-administrator"
	PrivilegedRoleAdministrator = "privileged-role-administrator"
	UserAdministrator           = "user-administrator"
	SecurityAdministrator       = "security-administrator"
	SecurityReader              = "security-reader"
)

// StintRole returns the identifier of one of Stint's own roles.
func StintRole(external string) RoleID { return RoleID("ro_stint-" + external) }

// BuiltInRoles returns Stint's own roles as a new store must hold them.
func BuiltInRoles() []Role {
	role := func(ext, name, desc string, protected bool) Role {
		return Role{ID: StintRole(ext), System: StintSystem, External: ext, Name: name, Description: desc, Privileged: true, Protected: protected}
	}
	return []Role{
		role(GlobalAdministrator, "Global Administrator", "May do everything in Stint.", true),
		role(PrivilegedRoleAdministrator, "Privileged Role Administrator", "Manages systems, roles, their settings and assignments.", true),
		role(UserAdministrator, "User Administrator", "Manages people and their accounts.", false),
		role(SecurityAdministrator, "Security Administrator", "Manages alerts and where the audit log is sent.", false),
		role(SecurityReader, "Security Reader", "Reads everything and exports the audit log.", false),
	}
}
