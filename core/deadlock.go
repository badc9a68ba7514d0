package core

import (
	"maps"
	"slices"
	"strconv"
)

// Approver deadlock (rules.md section 5): approval is required and nobody is
// left who could give it. What counts is not who is there at this minute but
// who could ever be: people who were assigned, and people who are eligible and
// could become active, alone or by the approval of such people again.

// reach is who could ever hold some roles, without what runs out by itself.
type reach struct {
	v    View
	able map[RoleID]map[PersonID]bool
}

// reachOf follows roles through the approvers of their policies. Approvers may
// be holders of roles that need approval themselves: it begins with who was
// assigned and adds whom those can approve, until there is nobody to add, so
// that two who could only approve each other never count.
func reachOf(v View, roles []RoleID) reach {
	r := reach{v: v, able: map[RoleID]map[PersonID]bool{}}
	type wish struct {
		role RoleID
		who  PersonID
		p    Policy
	}
	var wishes []wish
	for queue := slices.Clone(roles); len(queue) > 0; {
		id := queue[0]
		queue = queue[1:]
		if r.able[id] != nil {
			continue
		}
		r.able[id] = map[PersonID]bool{}
		role, ok := v.Role(id)
		if sys, _ := v.System(role.System); !ok || sys.State != SystemConnected {
			continue
		}
		p := PolicyOf(v, id)
		for _, a := range v.LiveFor(id, Active, guardLimit) {
			if a.Origin == Assigned && a.State == InForce && r.comesIn(a.Principal, p, id) {
				r.able[id][a.Principal] = true
			}
		}
		for _, a := range v.LiveFor(id, Eligible, guardLimit) {
			if a.State == InForce && r.comesIn(a.Principal, p, id) {
				wishes = append(wishes, wish{id, a.Principal, p})
			}
		}
		if p.RequireApproval {
			queue = append(queue, asked(stagesOf(p))...)
		}
	}
	for more := true; more; {
		more = false
		for _, w := range wishes {
			if r.able[w.role][w.who] {
				continue
			}
			if _, _, short := r.short(w.p, w.who); !short {
				r.able[w.role][w.who], more = true, true
			}
		}
	}
	return r
}

// comesIn reports whether a person could use a role. Who lacks a factor or a
// password of his own gets it by signing in; only where nobody else could give
// it to him, in the roles that mend everything, does that count against him.
func (r reach) comesIn(p PersonID, pol Policy, role RoleID) bool {
	if role == StintRole(GlobalAdministrator) || role == StintRole(PrivilegedRoleAdministrator) {
		return lacks(r.v, p, pol) == ""
	}
	per, ok := r.v.Person(p)
	return ok && !per.Disabled
}

func (r reach) people(id RoleID) []PersonID { return slices.Sorted(maps.Keys(r.able[id])) }

// short returns the first stage of a policy in which fewer people could ever
// agree than have to, except left out; those who escalate don't count, because a
// request isn't even taken without the others.
func (r reach) short(p Policy, except PersonID) (stage, have int, short bool) {
	if !p.RequireApproval {
		return 0, 0, false
	}
	for i, s := range stagesOf(p) {
		who := map[PersonID]bool{}
		for _, a := range approversIn(s) {
			named := []Member{{Person: a.Person}}
			if a.Group != "" {
				named = r.v.MembersOf(a.Group)
			}
			for _, m := range named {
				if per, ok := r.v.Person(m.Person); ok && !per.Disabled {
					who[m.Person] = true
				}
			}
			for id := range r.able[a.Role] {
				who[id] = true
			}
		}
		delete(who, except)
		if len(who) < s.Quorum {
			return i, len(who), true
		}
	}
	return 0, 0, false
}

// stagesOf returns the stages of a policy that asks for approval.
func stagesOf(p Policy) []Stage {
	if len(p.Stages) == 0 {
		return []Stage{{Quorum: 1}}
	}
	return p.Stages
}

// approversIn returns the approvers of a stage, or the default ones.
func approversIn(s Stage) []Approver {
	if len(s.Approvers) == 0 {
		return standardApprovers()
	}
	return s.Approvers
}

func standardApprovers() []Approver {
	return []Approver{{Role: StintRole(GlobalAdministrator)}, {Role: StintRole(PrivilegedRoleAdministrator)}}
}

// asked returns the roles whose holders stand in stages.
func asked(stages []Stage) []RoleID {
	var out []RoleID
	for _, s := range stages {
		for _, a := range approversIn(s) {
			if a.Role != "" {
				out = append(out, a.Role)
			}
		}
	}
	return out
}

// deadlock is a place in the settings whose approval nobody could give any more.
type deadlock struct {
	level      string
	stage      int
	have, want int
}

// deadlocks returns them by level. Each level is judged with what it inherits.
func deadlocks(v View) map[string]deadlock {
	policies, roles := map[string]Policy{}, []RoleID(nil)
	for _, l := range v.ApprovalLevels() {
		p := resolvedAt(v, l)
		if p.RequireApproval {
			policies[l.Level] = p
			roles = append(roles, asked(stagesOf(p))...)
		}
	}
	if len(policies) == 0 {
		return nil
	}
	r, out := reachOf(v, roles), map[string]deadlock{}
	for level, p := range policies {
		if stage, have, short := r.short(p, ""); short {
			out[level] = deadlock{level, stage, have, stagesOf(p)[stage].Quorum}
		}
	}
	return out
}

func resolvedAt(v View, l PolicyLevel) Policy {
	def := v.PolicyLevel(DefaultLevel)
	var p Policy
	switch _, isSystem := v.System(SystemID(l.Level)); {
	case l.Level == DefaultLevel:
		p, _ = ResolvePolicy(l.Settings, PolicySettings{}, PolicySettings{})
	case isSystem:
		p, _ = ResolvePolicy(def, l.Settings, PolicySettings{})
	default:
		p = PolicyOf(v, RoleID(l.Level))
	}
	return p
}

// newDeadlocks judges what a command would make undecidable. A policy that says
// so is refused: who writes it is there to write another. Whatever takes people
// away is done all the same, noted for whoever does it, written and told to
// administrators, who can change the policy.
func (d *decider) newDeadlocks() *Error {
	if !d.takesApprovers() {
		return nil
	}
	after := deadlocks(d.scratch)
	before := deadlocks(d.View)
	for _, level := range slices.Sorted(maps.Keys(after)) {
		if _, already := before[level]; already {
			continue
		}
		x := after[level]
		e := d.entry(ApprovalDeadlock)
		e.Outcome = OutcomeFailed
		name, of := d.aboutLevel(&e, level)
		args := []string{"settings", name, "stage", strconv.Itoa(x.stage + 1), "have", strconv.Itoa(x.have), "want", strconv.Itoa(x.want)}
		if len(d.levels) > 0 {
			return Errorf(Refused, "approval_stages", "stages.deadlock"+of, args...)
		}
		note := Errorf(Refused, "", "note.deadlock"+of, args...)
		e.Detail = note.Message
		d.result.Notes = append(d.result.Notes, Note{note.Key, note.Args})
		d.record(e).Notices = d.deadlockNotices(e, name)
	}
	return nil
}

// takesApprovers reports whether somebody whom a policy names, or one of its
// roles, was taken from. Most of what ends concerns nobody's approvers, and ends
// by the thousand.
func (d *decider) takesApprovers() bool {
	levels := d.ApprovalLevels()
	if len(levels) == 0 {
		return false
	}
	if len(d.levels) > 0 || len(d.systems) > 0 || len(d.factors) > 0 || len(d.credentials) > 0 {
		return true
	}
	taken := map[string]bool{} // of Approver.ID
	for _, a := range d.assignments {
		if a.Origin == Assigned && a.State != InForce {
			taken[string(a.Role)] = true
		}
	}
	for id, p := range d.people {
		if !p.Disabled {
			continue
		}
		taken[string(id)] = true
		for _, m := range d.GroupsOf(id) {
			taken[string(m.Group)] = true
		}
		for _, a := range d.LiveOf(id) {
			taken[string(a.Role)] = true
		}
	}
	for k, m := range d.scratch.members {
		if m == nil {
			taken[string(k.Group)] = true
		}
	}
	return slices.ContainsFunc(levels, func(l PolicyLevel) bool {
		return slices.ContainsFunc(stagesOf(resolvedAt(d, l)), func(s Stage) bool {
			return slices.ContainsFunc(approversIn(s), func(a Approver) bool { return taken[a.ID()] })
		})
	})
}

// aboutLevel names in an entry what the settings of a level are of, and says
// which sentence about them fits.
func (d *decider) aboutLevel(e *Entry, level string) (name string, sentence TextKey) {
	if level == DefaultLevel {
		return "", "_all"
	}
	if s, ok := d.System(SystemID(level)); ok {
		e.System, e.SystemName = s.ID, s.Name
		return s.Name, ""
	}
	d.aboutRole(e, RoleID(level))
	return e.RoleName, ""
}

func (d *decider) deadlockNotices(e Entry, name string) []Notice {
	n := Notice{Kind: NoticeDeadlock, Who: name, By: d.byName(), Role: e.RoleName, System: e.SystemName, Where: d.actor.From, At: d.env.Now, Evidence: e.Detail}
	var out []Notice
	for _, p := range d.administrators() {
		out = append(out, to(n, p))
	}
	return out
}
