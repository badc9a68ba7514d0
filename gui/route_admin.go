package gui

import "github.com/stint-pim/stint/core"

// adminPages lists the pages of administrators and the settings.
func adminPages() []Page {
	reads := func(me core.Me) bool { return me.MayRead }
	return []Page{
		{Key: "assignments", Icon: "assignments", Group: 1, May: reads, New: newAssignments},
		{Key: "roles", Icon: "roles", Group: 1, May: reads, New: newRoles},
		{Key: "audit", Icon: "audit", Group: 1, May: reads, New: newAudit},
		{Key: "systems", Icon: "systems", Group: 1, May: reads, New: newSystems},
		{Key: "people", Icon: "people", Group: 1, May: func(me core.Me) bool { return me.MayRead || me.MayManagePeople }, New: newPeople},
		{Key: "settings", Icon: "settings", Foot: true, May: everyone, New: newSettings},
	}
}

// firstSystem is the wizard that the first start opens for the first system;
// nil if there is none.
func firstSystem(k Kit) Screen { return newSystemWizard(k) }
