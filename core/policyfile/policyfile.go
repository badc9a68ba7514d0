// Package policyfile is the form in which settings of roles are kept outside of
// Stint: one YAML document with the settings made for everything, for systems
// by their names, and for roles by their names or their external ids. Write
// makes it, Read takes it apart and says what is wrong in which line. Neither
// stores anything.
//
//	stint: policy
//	version: 1
//	default:
//	  max_duration: 4h
//	systems:
//	- name: prod-db
//	  settings:
//	    require_ticket: true
//	  roles:
//	  - name: db-owner
//	    external: db-owner
//	    settings:
//	      drop_on: [lock, signout]
//
// A level that stands in the file is replaced as a whole: what is not set there
// is inherited. A level that doesn't stand there is no concern of the file.
//
// What is read is less than YAML: one document, no anchors, aliases or merge
// keys, no tags. So no file can be much larger than it looks, and no value be
// another than the one that a reader sees.
package policyfile

import (
	"github.com/stint-pim/stint/core"
)

// Version of the format.
const Version = 1

// Catalog is what names in a file stand for.
type Catalog struct {
	Systems []core.System // not removed
	Roles   []core.Role   // of these systems
	// Login is a person's login, Person whose login it is, without regard to case.
	Login  func(core.PersonID) (string, bool)
	Person func(login string) (core.PersonID, bool)
	// GroupName is the name of a group, unless it was removed; Group whose name it
	// is, without regard to case, or the group with that identifier.
	GroupName func(core.GroupID) (string, bool)
	Group     func(name string) (core.GroupID, bool)
}

// Level is the settings made at one level.
type Level struct {
	Level    string
	Name     string // for people
	Settings core.PolicySettings
	Line     int            // of the level in the file, from 1
	Lines    map[string]int // of each setting, by its JSON name
}

// maxProblems is how many are told at once.
const maxProblems = 20

// maxDepth bounds how deep a file is nested; the format needs eight.
const maxDepth = 16

func (c Catalog) system(id core.SystemID) (core.System, bool) {
	for _, s := range c.Systems {
		if s.ID == id {
			return s, true
		}
	}
	return core.System{}, false
}

func (c Catalog) role(id core.RoleID) (core.Role, bool) {
	for _, r := range c.Roles {
		if r.ID == id {
			return r, true
		}
	}
	return core.Role{}, false
}

// Name is the name of a level for people: a role as role@system.
func (c Catalog) Name(level string) string {
	if r, ok := c.role(core.RoleID(level)); ok {
		s, _ := c.system(r.System)
		return r.Name + "@" + s.Name
	}
	if s, ok := c.system(core.SystemID(level)); ok {
		return s.Name
	}
	return level
}
