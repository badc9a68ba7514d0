package simulate

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
)

// book is what was committed, written down beside the store by the wrapper
// around it. It outlives every process, so what a store forgot is missed.
type book struct {
	w           *world
	systems     map[core.SystemID]core.System
	roles       map[core.RoleID]core.Role
	levels      map[string]core.PolicySettings
	people      map[core.PersonID]core.Person
	accounts    map[core.Account]bool // by person and system, External empty
	account     map[core.Account]string
	credentials map[core.PersonID]core.Credential
	factors     map[core.PersonID]core.Factor
	sessions    map[core.SessionID]core.Session
	assignments map[core.AssignmentID]core.Assignment
	requests    map[core.RequestID]core.Request
	grants      map[core.GrantID]core.Grant
	drift       map[core.DriftID]core.Drift
	groups      map[core.GroupID]core.Group
	members     map[core.GroupID][]core.PersonID // as they joined
	lost        map[through]bool                 // what a member had through his group, and has no longer

	order []core.AssignmentID // all, oldest first
	live  []core.AssignmentID // scheduled or in force, oldest first
	// pending are the requests that wait for approval, oldest first.
	pending []core.RequestID
	held    []core.GrantID // all grants, oldest first
	at      map[place][]core.GrantID
	drifts  []core.DriftID  // rows of drift, oldest first
	lands   []core.SystemID // all systems but Stint itself, oldest first
	folk    []core.PersonID
	titles  []core.RoleID  // all roles, in the order in which they came
	teams   []core.GroupID // groups that were not removed, oldest first

	entries []core.Entry
	last    time.Time // the highest time of an entry, or noted
	commits int
	ver     core.Verifier
}

func newBook(w *world) *book {
	b := &book{w: w,
		systems: map[core.SystemID]core.System{}, roles: map[core.RoleID]core.Role{}, levels: map[string]core.PolicySettings{},
		people: map[core.PersonID]core.Person{}, account: map[core.Account]string{}, credentials: map[core.PersonID]core.Credential{},
		factors: map[core.PersonID]core.Factor{}, sessions: map[core.SessionID]core.Session{}, assignments: map[core.AssignmentID]core.Assignment{},
		requests: map[core.RequestID]core.Request{}, grants: map[core.GrantID]core.Grant{}, drift: map[core.DriftID]core.Drift{}, at: map[place][]core.GrantID{},
		groups: map[core.GroupID]core.Group{}, members: map[core.GroupID][]core.PersonID{}, lost: map[through]bool{},
	}
	for _, r := range core.BuiltInRoles() {
		b.roles[r.ID] = r
		b.titles = append(b.titles, r.ID)
	}
	b.systems[core.StintSystem] = core.System{ID: core.StintSystem, Kind: core.KindStint, State: core.SystemConnected}
	return b
}

// commit writes down what one transaction did.
func (b *book) commit(events []core.Event) {
	b.commits++
	b.checkEntries(events)
	for i, e := range events {
		for _, c := range e.Changes {
			b.put(c)
		}
		if e.Entry.Action == "" {
			continue
		}
		if bad := b.ver.Check(&e.Entry); bad != nil {
			b.w.fail("theChainVerifies", "entry %d: %s", bad.Seq, bad.Reason)
		}
		if e.Entry.Action == core.GrantLost && i > 0 {
			b.checkLost(events[i-1])
		}
		b.entries = append(b.entries, e.Entry)
		b.noted(e.Entry.Time)
		b.w.tell("    log %d: %s %s %s %s", e.Entry.Seq, e.Entry.Action, e.Entry.PrincipalName, e.Entry.RoleName, e.Entry.Detail)
	}
}

// checkLost wants somebody to have taken away what the log says was taken away;
// which grant that is, stands in the event before the entry.
func (b *book) checkLost(before core.Event) {
	if len(before.Changes) != 1 {
		return
	}
	g, _ := before.Changes[0].(core.Grant)
	h := b.w.hostWith(g.External)
	if h != nil && !h.at(place{g.External, g.Account}).robbed {
		b.w.fail("lostWasTaken", "the log says that %s/%s was taken away on %s, and nobody did that", g.External, g.Account, h.name)
	}
}

func (b *book) noted(t time.Time) {
	if t.After(b.last) {
		b.last = t
	}
}

func (b *book) put(c core.Change) {
	switch c := c.(type) {
	case core.System:
		if _, ok := b.systems[c.ID]; !ok {
			b.lands = append(b.lands, c.ID)
		}
		b.systems[c.ID] = c
	case core.Role:
		if _, ok := b.roles[c.ID]; !ok {
			b.titles = append(b.titles, c.ID)
		}
		b.roles[c.ID] = c
	case core.PolicyLevel:
		b.levels[c.Level] = c.Settings
	case core.Person:
		if _, ok := b.people[c.ID]; !ok {
			b.folk = append(b.folk, c.ID)
		}
		b.people[c.ID] = c
	case core.Account:
		b.account[core.Account{Person: c.Person, System: c.System}] = c.External
	case core.AccountRemoved:
		delete(b.account, core.Account{Person: c.Person, System: c.System})
	case core.Credential:
		b.credentials[c.Person] = c
	case core.Factor:
		b.factors[c.Person] = c
	case core.Session:
		b.sessions[c.ID] = c
	case core.SessionEnded:
		delete(b.sessions, c.ID)
	case core.Assignment:
		b.putAssignment(c)
	case core.Request:
		b.putRequest(c)
	case core.Grant:
		b.putGrant(c)
	case core.Drift:
		if _, ok := b.drift[c.ID]; !ok {
			b.drifts = append(b.drifts, c.ID)
		}
		b.drift[c.ID] = c
	case core.Group:
		b.putGroup(c)
	case core.Member:
		b.members[c.Group] = append(b.members[c.Group], c.Person)
	case core.MemberRemoved:
		b.members[c.Group] = slices.DeleteFunc(b.members[c.Group], func(p core.PersonID) bool { return p == c.Person })
	case core.DriftRemoved:
		delete(b.drift, c.ID)
		b.drifts = slices.DeleteFunc(b.drifts, func(id core.DriftID) bool { return id == c.ID })
	}
}

func (b *book) putAssignment(c core.Assignment) {
	old, ok := b.assignments[c.ID]
	b.step("assignmentsFollowTheArrows", assignmentArrows, string(old.State), string(c.State), string(c.ID))
	if !ok {
		b.order = append(b.order, c.ID)
	}
	if c.State.Live() && !old.State.Live() {
		b.live = append(b.live, c.ID)
	}
	if c.State == core.InForce && old.State != core.InForce && c.Kind == core.Active {
		b.w.stats.Activations++
	}
	if c.Via != "" && c.Origin == core.Assigned {
		b.lost[through{c.Via, c.Principal}] = !c.State.Live()
	}
	if !c.State.Live() {
		if old.State.Live() || !ok {
			b.w.stats.Ended++
		}
		b.live = slices.DeleteFunc(b.live, func(id core.AssignmentID) bool { return id == c.ID })
	}
	b.assignments[c.ID] = c
}

func (b *book) putGrant(c core.Grant) {
	old, ok := b.grants[c.ID]
	b.step("grantsFollowTheArrows", grantArrows, string(old.State), string(c.State), string(c.ID))
	if !ok {
		b.held = append(b.held, c.ID)
		at := place{c.External, c.Account}
		b.at[at] = append(b.at[at], c.ID)
	}
	if c.State == core.GrantPresent && old.State != core.GrantPresent {
		b.w.stats.Grants++
	}
	if c.State == core.GrantAbsent && (old.State == core.GrantRemoving || old.State == core.GrantPresent) {
		b.w.stats.Removals++
	}
	b.grants[c.ID] = c
	if old.State != c.State || old.Wanted != c.Wanted {
		b.w.tell("    grant %s %s/%s: wanted %v, %s → %s", b.systems[c.System].Name, c.External, c.Account, c.Wanted, old.State, c.State)
		b.w.grantMoved(old, c)
	}
}

// Arrows as drawn beside the types in core, which core's own tests hold to the
// rules one by one; here they are held to whole lives.
var (
	assignmentArrows = arrows("→scheduled", "→in_force", "scheduled→in_force", "scheduled→expired", "in_force→expired", "scheduled→removed", "in_force→removed",
		"expired→scheduled", "expired→in_force")
	statusArrows = arrows("→Granted", "→PendingProvisioning", "→Provisioned", "→Revoked", "→Canceled",
		"Granted→PendingProvisioning", "Granted→Provisioned", "Granted→Canceled", "PendingProvisioning→Provisioned", "PendingProvisioning→Revoked",
		"→PendingApproval", "PendingApproval→Granted", "PendingApproval→PendingProvisioning", "PendingApproval→Provisioned",
		"PendingApproval→Denied", "PendingApproval→Canceled", "PendingApproval→TimedOut", "PendingApproval→Failed")
	grantArrows = arrows("→unknown", "→removing", "unknown→found", "unknown→absent", "unknown→granting", "absent→granting", "granting→present", "granting→found",
		"granting→removing", "granting→unknown", "present→removing", "present→absent", "present→granting", "removing→absent", "removing→found", "removing→granting",
		"absent→removing", "absent→unknown", "found→unknown", "found→absent", "found→removing")
)

func arrows(list ...string) map[string]bool {
	m := map[string]bool{}
	for _, a := range list {
		m[a] = true
	}
	return m
}

func (b *book) step(invariant string, known map[string]bool, from, to, id string) {
	if from != to && !known[from+"→"+to] {
		b.w.fail(invariant, "%s went from “%s” to “%s”", id, from, to)
	}
}

// checkEntries holds a commit to “every change of state has its entry”.
func (b *book) checkEntries(events []core.Event) {
	said := map[string]bool{} // whom and what an entry is about
	for _, e := range events {
		if a := string(e.Entry.Action); a != "" {
			said["assignment "+string(e.Entry.Assignment)] = true
			said["person "+string(e.Entry.Principal)] = true
			said["system "+string(e.Entry.System)] = true
			said["role "+string(e.Entry.Role)] = true
			said["grant "+string(e.Entry.Role)+string(e.Entry.Scope)] = said["grant "+string(e.Entry.Role)+string(e.Entry.Scope)] || a[:6] == "grant."
			said["of "+a[:6]] = true
			said["request "+string(e.Entry.Request)] = true
			said["renewal "+string(e.Entry.Assignment)] = said["renewal "+string(e.Entry.Assignment)] || e.Entry.Action == core.AssignmentRenewed
		}
	}
	need := func(what string, changed bool) {
		if changed && !said[what] {
			b.w.fail("everyChangeHasItsEntry", "%s changed, and the log does not say so", what)
		}
	}
	for _, e := range events {
		for _, c := range e.Changes {
			switch c := c.(type) {
			case core.Assignment:
				old := b.assignments[c.ID]
				need("renewal "+string(c.ID), old.State == core.Expired && c.State != core.Expired)
				if c.Via != "" && said["assignment "+string(c.Via)] {
					continue // what the log says of a group's holds for its members
				}
				need("assignment "+string(c.ID), old.State != c.State || !old.End.Equal(c.End) || !old.Start.Equal(c.Start))
			case core.Grant:
				old := b.grants[c.ID]
				proof := c.State == core.GrantPresent || c.State == core.GrantFound || c.State == core.GrantAbsent && (old.State == core.GrantRemoving || old.State == core.GrantPresent)
				need("grant "+string(c.Role)+c.Scope, proof && old.State != c.State)
			case core.Request:
				old := b.requests[c.ID].Status
				need("request "+string(c.ID), old != c.Status && (old == core.PendingApproval || c.Status == core.PendingApproval))
			case core.Person:
				need("person "+string(c.ID), b.people[c.ID] != c)
			case core.System:
				need("system "+string(c.ID), b.systems[c.ID].State != c.State || b.systems[c.ID].Name != c.Name || !maps.Equal(b.systems[c.ID].Settings, c.Settings))
			case core.Role:
				need("role "+string(c.ID), b.roles[c.ID] != c)
			case core.PolicyLevel:
				need("of policy", b.levels[c.Level] != c.Settings)
			case core.Group:
				need("of group.", b.groups[c.ID] != c)
			case core.Member:
				need("person "+string(c.Person), true)
			case core.MemberRemoved:
				need("person "+string(c.Person), !said["of group."])
			case core.Account:
				need("of accoun", b.account[core.Account{Person: c.Person, System: c.System}] != c.External)
			case core.Factor:
				need("of factor", b.factors[c.Person].Confirmed != c.Confirmed || !b.factors[c.Person].LockedTill.Equal(c.LockedTill))
			case core.Credential:
				old := b.credentials[c.Person]
				if old.Hash != c.Hash && !said["of passwo"] && !said["of person"] && !said["of stint."] {
					b.w.fail("everyChangeHasItsEntry", "the password of %s changed, and the log does not say so", c.Person)
				}
			}
		}
	}
}

// policy resolves the settings of a role.
func (b *book) policy(r core.RoleID) core.Policy {
	p, _ := core.ResolvePolicy(b.levels[core.DefaultLevel], b.levels[string(b.roles[r].System)], b.levels[string(r)])
	return p
}

// liveOnes returns the live assignments that fit, oldest first.
func (b *book) liveOnes(fits func(core.Assignment) bool) []core.Assignment {
	var out []core.Assignment
	for _, id := range b.live {
		if a := b.assignments[id]; fits(a) {
			out = append(out, a)
		}
	}
	return out
}

// nextDue returns when time next asks for something.
func (b *book) nextDue() (at time.Time, ok bool) {
	due := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	for _, id := range b.live {
		a := b.assignments[id]
		if a.State == core.Scheduled {
			due(a.Start)
		}
		if !a.End.IsZero() {
			due(a.End)
		}
		if !a.Remind.IsZero() {
			due(a.Remind)
		}
	}
	for _, id := range b.pending {
		if r := b.requests[id]; !r.Due.IsZero() {
			due(r.Due)
		}
	}
	return at, ok
}

// holds reports whether a person holds one of the roles of Stint in force.
func (b *book) holds(p core.PersonID, now time.Time, roles ...string) bool {
	for _, id := range b.live {
		a := b.assignments[id]
		if a.Principal == p && a.Kind == core.Active && a.State == core.InForce && (a.End.IsZero() || now.Before(a.End)) {
			for _, r := range roles {
				if a.Role == core.StintRole(r) {
					return true
				}
			}
		}
	}
	return false
}

func (b *book) nameOf(p core.PersonID) string { return b.people[p].Name }

func (b *book) roleName(r core.RoleID) string {
	return fmt.Sprintf("%s on %s", b.roles[r].Name, b.systems[b.roles[r].System].Name)
}
