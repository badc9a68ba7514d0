package simulate

import (
	"fmt"
	"slices"

	"github.com/stint-pim/stint/core"
)

// groupActs are what is done with groups. Their members activate like others.
func groupActs() map[string]func(*world, Step) {
	return map[string]func(*world, Step){
		"gather": func(w *world, s Step) { // a new group, or somebody new in one
			who := w.admin(s, core.PrivilegedRoleAdministrator, core.UserAdministrator)
			var people []core.PersonID
			for i := range 1 + s.N[1]%3 {
				if p, _ := pick(s.N[0]+5*i, w.people); !slices.Contains(people, p) {
					people = append(people, p)
				}
			}
			g, ok := pick(s.N[2], w.book.teams)
			if !ok || len(w.book.teams) < 4 && s.N[2]>>6%3 == 0 {
				w.hand++
				w.as(who, s, core.AddGroup{GroupName: fmt.Sprint("team", w.hand), Members: people})
				return
			}
			w.as(who, s, core.AddMembers{Group: g, People: people})
		},
		"scatter": func(w *world, s Step) {
			g, ok := pick(s.N[2], w.book.teams)
			if p, in := pick(s.N[0], w.book.members[g]); ok && in {
				w.as(w.admin(s, core.PrivilegedRoleAdministrator, core.UserAdministrator), s, core.RemoveMembers{Group: g, People: []core.PersonID{p}, Justification: why})
			}
		},
		"team": func(w *world, s Step) { // a group is given a role, or something that it has changes
			admin := w.admin(s, core.PrivilegedRoleAdministrator)
			given, had := pick(s.N[0], w.book.liveOnes(core.Assignment.OfGroup))
			switch g, ok := pick(s.N[2], w.book.teams); {
			case !ok:
			case had && s.N[1]%4 == 0:
				w.as(admin, s, core.UpdateAssignment{Assignment: given.ID, End: w.Now().Add(span(s.N[2] >> 4)), Justification: why})
			case had && s.N[1]%4 == 1:
				w.as(admin, s, core.RemoveAssignments{Assignments: []core.AssignmentID{given.ID}, Justification: why})
			case had && s.N[1]%8 == 2:
				w.as(admin, s, core.ExtendAssignments{Assignments: []core.AssignmentID{given.ID}, End: w.Now().Add(span(s.N[2] >> 4)), Justification: why})
			default:
				c := core.Assign{Role: w.someRole(s.N[0]), Groups: []core.GroupID{g}, Kind: core.Eligible, Justification: why}
				if s.N[1]>>3%3 == 0 {
					c.Kind = core.Active
				}
				if s.N[1]>>5%4 == 0 {
					c.Start = w.Now().Add(span(s.N[0] >> 3))
				}
				if s.N[1]>>7%3 > 0 {
					c.End = w.Now().Add(span(s.N[0]>>3) + span(s.N[0]>>6))
				}
				if p, _ := pick(s.N[0]>>2, w.people); s.N[1]>>9%4 == 0 {
					c.Principals = []core.PersonID{p}
				}
				w.as(admin, s, c)
			}
		},
		"disband": func(w *world, s Step) {
			if g, ok := pick(s.N[2], w.book.teams); ok {
				w.as(w.admin(s, core.PrivilegedRoleAdministrator), s, core.RemoveGroup{Group: g, Justification: why})
			}
		},
	}
}

func (b *book) putGroup(c core.Group) {
	if _, ok := b.groups[c.ID]; !ok {
		b.teams = append(b.teams, c.ID)
	}
	if c.Removed {
		b.teams = slices.DeleteFunc(b.teams, func(id core.GroupID) bool { return id == c.ID })
	}
	b.groups[c.ID] = c
}

// through is whose what comes through a group's assignment is.
type through struct {
	of  core.AssignmentID
	who core.PersonID
}

// checkThroughGroup holds what a member has to what his group was given.
func (w *world) checkThroughGroup(a core.Assignment) {
	b := w.book
	of := b.assignments[a.Via]
	in := slices.Contains(b.members[a.Group], a.Principal)
	if !in || !of.State.Live() || of.Group != a.Group || a.State != of.State || !a.End.Equal(of.End) || a.Kind != of.Kind || a.Role != of.Role {
		w.fail("membersHaveWhatTheirGroupHas", "%s of %s, a member %v, is %s until %v; through %s, %s until %v",
			a.ID, b.nameOf(a.Principal), in, a.State, a.End, of.ID, of.State, of.End)
	}
}

// checkMembers holds what a group was given to what its members have.
func (w *world) checkMembers(a core.Assignment, have map[through]int) {
	b := w.book
	for _, p := range b.members[a.Group] {
		if a.Kind == core.Active && (a.System != core.StintSystem && b.account[core.Account{Person: p, System: a.System}] == "" || b.lost[through{a.ID, p}]) {
			continue // it waits until there is an account; or was taken away on the system, and is not given back unseen
		}
		if n := have[through{a.ID, p}]; n != 1 {
			w.fail("membersHaveWhatTheirGroupHas", "%s, in %s, has %d times what it was given by %s, %s", b.nameOf(p), b.groups[a.Group].Name, n, a.ID, a.State)
		}
	}
}
