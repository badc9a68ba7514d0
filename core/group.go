package core

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Group is some people who are given roles together. What a group is given, each
// member has for himself alone, as an assignment of his own that comes Via the
// group's: so everything that holds for a person's assignments holds for it. It
// comes with membership and ends with it, at once, together with whatever stands
// on it.
//
// Groups are never deleted, only removed, so that lists of what was keep their names.
type Group struct {
	ID          GroupID   `json:"id"`
	Name        string    `json:"name"` // 1 to 120 characters, unique without regard to case
	Description string    `json:"description"`
	Removed     bool      `json:"removed,omitempty"`
	Created     time.Time `json:"created"`
}

// Member is a person in a group.
type Member struct {
	Group  GroupID   `json:"group"`
	Person PersonID  `json:"person"`
	Since  time.Time `json:"since"`
}

// MemberRemoved deletes a member.
type MemberRemoved struct {
	Group  GroupID
	Person PersonID
}

type memberKey MemberRemoved

func (Group) change()         {}
func (Member) change()        {}
func (MemberRemoved) change() {}

// Limits of groups: one command on a group touches a row for each member and
// assignment.
const (
	MaxMembers = 500
	MaxGiven   = 100 // live assignments of a group
)

func (d *decider) addGroup(c AddGroup) *Error {
	if err := d.may(UserAdministrator, PrivilegedRoleAdministrator); err != nil {
		return err
	}
	if err := d.groupFields("", c.GroupName, c.Description); err != nil {
		return err
	}
	if len(c.Members) > MaxBatch {
		return Errorf(Invalid, "members", "batch.size", "field", "members", "max", strconv.Itoa(MaxBatch))
	}
	g := Group{ID: GroupID(d.env.NewID("gp")), Name: strings.TrimSpace(c.GroupName), Description: strings.TrimSpace(c.Description), Created: d.env.Now}
	e := d.entry(GroupAdded)
	e.PrincipalName = g.Name
	d.record(e, g)
	for _, p := range c.Members {
		if err := d.join(g, p); err != nil {
			return err
		}
	}
	d.result.Group = g.ID
	return nil
}

func (d *decider) groupFields(id GroupID, name, description string) *Error {
	if err := line("name", name, 1, MaxName); err != nil {
		return err
	}
	if err := line("description", description, 0, MaxDescription); err != nil {
		return err
	}
	if other, ok := d.GroupByName(strings.TrimSpace(name)); ok && other.ID != id {
		return Errorf(Conflict, "name", "group.taken", "name", strings.TrimSpace(name))
	}
	return nil
}

// changeOf is what somebody does to a group.
type changeOf int

const (
	itsName changeOf = iota
	itsMembers
	letIn
	itsEnd
)

// group returns a group that the actor may change so. Whoever lets people in
// gives them what the group was given, or a voice where it is an approver, be it
// to himself or to somebody he made: that takes who may assign it or name
// approvers. Taking out is for who looks after people, but not out of what is
// privileged, as in the reference product.
func (d *decider) group(id GroupID, how changeOf) (Group, *Error) {
	if err := d.may(UserAdministrator, PrivilegedRoleAdministrator); err != nil {
		return Group{}, err
	}
	g, ok := d.Group(id)
	if !ok || g.Removed {
		return g, Errorf(NotFound, "group", "group.unknown")
	}
	if (how == letIn || how == itsEnd) && (len(asking(d, id)) > 0 || d.Named(id)) {
		return g, d.may(PrivilegedRoleAdministrator)
	}
	for _, a := range d.GivenTo(id) {
		r, _ := d.Role(a.Role)
		if how == letIn || how == itsEnd || how == itsMembers && (r.Privileged || r.Protected) {
			return g, d.may(PrivilegedRoleAdministrator)
		}
	}
	return g, nil
}

func (d *decider) updateGroup(c UpdateGroup) *Error {
	g, err := d.group(c.Group, itsName)
	if err != nil {
		return err
	}
	if err := d.groupFields(g.ID, c.GroupName, c.Description); err != nil {
		return err
	}
	was := g
	g.Name, g.Description = strings.TrimSpace(c.GroupName), strings.TrimSpace(c.Description)
	e := d.entry(GroupUpdated)
	e.PrincipalName, e.Detail = g.Name, changed("name", was.Name, g.Name, "description", was.Description, g.Description)
	d.record(e, g)
	return nil
}

func (d *decider) removeGroup(c RemoveGroup) *Error {
	g, err := d.group(c.Group, itsEnd)
	if err != nil {
		return err
	}
	if err := justification(c.Justification, false); err != nil {
		return err
	}
	why := strings.TrimSpace(c.Justification)
	for _, a := range d.GivenTo(g.ID) {
		d.removeOne(a, why)
	}
	g.Removed = true
	changes := []Change{g}
	for _, m := range d.MembersOf(g.ID) {
		changes = append(changes, MemberRemoved{g.ID, m.Person})
	}
	e := d.entry(GroupDropped)
	e.PrincipalName, e.Justification = g.Name, why
	if levels := asking(d, g.ID); len(levels) > 0 {
		e.Detail = "it stays named among the approvers " + d.stillNames(g, levels)
	}
	d.record(e, changes...)
	return nil
}

// asking returns the levels whose settings name a group as an approver, whether
// they ask for approval or would once that is turned on.
func asking(v View, id GroupID) []string {
	var out []string
	for _, l := range v.ApprovalLevels() {
		if l.Settings.Stages != nil && names(*l.Settings.Stages, Approver{Group: id}) {
			out = append(out, l.Level)
		}
	}
	return out
}

// stillNames notes that settings name a group that is no more, and says which in
// the words of the log: the first few.
func (d *decider) stillNames(g Group, levels []string) string {
	const few = 3
	var of []string
	all := false
	for _, level := range levels {
		if level == DefaultLevel {
			all = true
		} else {
			of = append(of, d.levelName(level))
		}
	}
	text := strings.Join(of[:min(few, len(of))], ", ")
	if len(of) > few {
		text += " …"
	}
	if len(of) > 0 {
		d.result.Notes = append(d.result.Notes, Note{"note.group_asked", map[string]string{"group": g.Name, "settings": text}})
		text = "of " + text
	}
	if all {
		d.result.Notes = append(d.result.Notes, Note{"note.group_asked_all", map[string]string{"group": g.Name}})
		text = strings.TrimSuffix("for all roles, "+text, ", ")
	}
	return text
}

// levelName names what the settings of a level are of: a system, or role@system.
func (d *decider) levelName(level string) string {
	if s, ok := d.System(SystemID(level)); ok {
		return s.Name
	}
	r, _ := d.Role(RoleID(level))
	s, _ := d.System(r.System)
	return r.Name + "@" + s.Name
}

func (d *decider) addMembers(c AddMembers) *Error {
	g, err := d.group(c.Group, letIn)
	if err != nil {
		return err
	}
	if len(c.People) == 0 || len(c.People) > MaxBatch {
		return Errorf(Invalid, "people", "batch.size", "field", "people", "max", strconv.Itoa(MaxBatch))
	}
	for _, p := range c.People {
		if err := d.join(g, p); err != nil {
			return err
		}
	}
	return nil
}

// join puts a person into a group and gives him what it was given.
func (d *decider) join(g Group, id PersonID) *Error {
	p, ok := d.Person(id)
	switch {
	case !ok:
		return Errorf(NotFound, "people", "person.unknown")
	case p.Disabled:
		return Errorf(Refused, "people", "person.disabled", "person", p.Name)
	}
	in := d.MembersOf(g.ID)
	switch {
	case slices.ContainsFunc(in, func(m Member) bool { return m.Person == id }):
		return Errorf(Conflict, "people", "group.member", "person", p.Name, "group", g.Name)
	case len(in) >= MaxMembers:
		return Errorf(Refused, "people", "group.full", "max", strconv.Itoa(MaxMembers))
	}
	e := d.entry(MemberAdded)
	d.about(&e, id)
	e.Detail = "group “" + g.Name + "”"
	d.record(e, Member{g.ID, id, d.env.Now})
	for _, a := range d.GivenTo(g.ID) {
		d.give(a, id)
	}
	return nil
}

func (d *decider) removeMembers(c RemoveMembers) *Error {
	g, err := d.group(c.Group, itsMembers)
	if err != nil {
		return err
	}
	if len(c.People) == 0 || len(c.People) > MaxBatch {
		return Errorf(Invalid, "people", "batch.size", "field", "people", "max", strconv.Itoa(MaxBatch))
	}
	if err := justification(c.Justification, false); err != nil {
		return err
	}
	why := strings.TrimSpace(c.Justification)
	for _, p := range c.People {
		if !slices.ContainsFunc(d.MembersOf(g.ID), func(m Member) bool { return m.Person == p }) {
			return Errorf(NotFound, "people", "group.no_member", "group", g.Name)
		}
		e := d.entry(MemberLeft)
		d.about(&e, p)
		e.Detail, e.Justification = "group “"+g.Name+"”", why
		d.record(e, MemberRemoved{g.ID, p})
		for _, a := range d.GivenTo(g.ID) {
			for _, o := range d.Through(a.ID) {
				if o.Principal == p {
					d.finish(o, Removed, AssignmentRemoved, endedLeft+g.Name, why)
					o, _ = d.Assignment(o.ID)
					d.announce(d.noticesOf(NoticeUnassigned, o))
				}
			}
		}
	}
	return nil
}

// mayGive checks what mayAssign checks, for a group, and notes how many people
// that is about.
func (d *decider) mayGive(a Assignment, item *ItemResult) *Error {
	g, ok := d.Group(a.Group)
	if !ok || g.Removed {
		return Errorf(NotFound, "groups", "group.unknown")
	}
	given := d.GivenTo(a.Group)
	for _, o := range given {
		if o.ID != a.ID && o.Role == a.Role && o.Scope == a.Scope && o.Kind == a.Kind {
			return exists("groups", g.Name, o)
		}
	}
	if len(given) >= MaxGiven && a.ID == "" {
		return Errorf(Refused, "groups", "group.given", "group", g.Name, "max", strconv.Itoa(MaxGiven))
	}
	item.Notes = append(item.Notes, d.peopleOf(a)...)
	return nil
}

// peopleOf says who gets what a group is given: how many are in it, and how many
// of them have no account where the role is.
func (d *decider) peopleOf(a Assignment) []Note {
	in := d.MembersOf(a.Group)
	if len(in) == 0 {
		return []Note{{"note.group_empty", nil}}
	}
	out := []Note{{"note.group_people", map[string]string{"n": strconv.Itoa(len(in))}}}
	if a.System == StintSystem {
		return out
	}
	without := 0
	for _, m := range in {
		if _, ok := d.Account(m.Person, a.System); !ok {
			without++
		}
	}
	if without > 0 {
		sys, _ := d.System(a.System)
		out = append(out, Note{"note.group_account", map[string]string{"n": strconv.Itoa(without), "system": sys.Name}})
	}
	return out
}

// noteAll says how many people get what is assigned to groups and others at once:
// some may be in several of the groups, or named beside them.
func (d *decider) noteAll(list []Assignment, items []ItemResult) {
	all, groups, lines := map[PersonID]bool{}, 0, 0
	for i, a := range list {
		if items[i].Err != nil {
			continue
		}
		lines++
		if !a.OfGroup() {
			all[a.Principal] = true
			continue
		}
		groups++
		for _, m := range d.MembersOf(a.Group) {
			all[m.Person] = true
		}
	}
	if groups > 0 && lines > 1 {
		d.result.Notes = append(d.result.Notes, Note{"note.people_in_all", map[string]string{"n": strconv.Itoa(len(all))}})
	}
}

// spread gives each member what a group's assignment gives.
func (d *decider) spread(a Assignment) {
	for _, m := range d.MembersOf(a.Group) {
		d.give(a, m.Person)
	}
}

// give makes what a member has through a group's assignment. An active one needs
// an account on the system: it waits until there is one (catchUp).
func (d *decider) give(of Assignment, p PersonID) {
	for _, o := range d.Through(of.ID) {
		if o.Principal == p {
			return
		}
	}
	a := of
	a.Principal, a.Via, a.Grant = p, of.ID, ""
	if of.State == InForce {
		a.Start = d.env.Now
	}
	if _, ok := d.Account(p, a.System); !ok && a.Kind == Active && a.System != StintSystem {
		return
	}
	_ = d.assignOne(a, &ItemResult{}) // can only be refused for the lack of an account
}

// catchUp gives a person what his groups were given on a system where he had no
// account before.
func (d *decider) catchUp(acc Account) {
	for _, m := range d.GroupsOf(acc.Person) {
		for _, a := range d.GivenTo(m.Group) {
			if a.System == acc.System {
				d.give(a, acc.Person)
			}
		}
	}
}

// follow gives what members have through a group's assignment its dates.
func (d *decider) follow(of Assignment) {
	for _, a := range d.Through(of.ID) {
		a.End = of.End
		if a.State == Scheduled {
			a.Start = of.Start
		}
		d.change(a)
		d.moved(a)
	}
}

// throughIt is Through for an assignment of a group, and nothing for others.
func (d *decider) throughIt(a Assignment) []Assignment {
	if !a.OfGroup() {
		return nil
	}
	return d.Through(a.ID)
}

// ownOnly refuses to change for one member what all have through their group.
func (d *decider) ownOnly(a Assignment) *Error {
	if a.Via == "" {
		return nil
	}
	g, _ := d.Group(a.Group)
	return Errorf(Refused, "assignment", "group.through", "group", g.Name)
}

// holder names whose an assignment is.
func (d *decider) holder(a Assignment) string {
	if a.OfGroup() {
		g, _ := d.Group(a.Group)
		return g.Name
	}
	return d.nameOf(a.Principal)
}

// members are the people of a group who are enabled.
func (d *decider) members(id GroupID) []Person {
	var out []Person
	for _, m := range d.MembersOf(id) {
		if p, ok := d.Person(m.Person); ok && !p.Disabled {
			out = append(out, p)
		}
	}
	return out
}
