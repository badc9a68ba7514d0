package core_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// crew is a company with a group of Ann and Bob.
type crew struct {
	*stage
	wim   core.PersonID // looks after people
	cleo  core.PersonID // has no account on db
	group core.GroupID
}

func newCrew(t *testing.T) *crew {
	c := &crew{stage: newStage(t)}
	c.wim, c.cleo = c.Person("Wim"), c.Person("Cleo")
	c.hold(c.wim, core.UserAdministrator)
	c.Must(c.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{c.annDBA}})
	c.group = c.Must(c.wim, core.AddGroup{GroupName: "Operators", Description: "who is on call", Members: []core.PersonID{c.ann, c.bob}}).Group
	return c
}

// gives gives the group a role, and returns its assignment.
func (c *crew) gives(kind core.AssignmentKind, end time.Time) core.AssignmentID {
	c.T.Helper()
	it := c.Must(c.Boss, core.Assign{Role: c.dba, Groups: []core.GroupID{c.group}, Kind: kind, End: end, Justification: why}).Items[0]
	if it.Group != c.group || it.Principal != "" || it.Status != core.Provisioned {
		c.T.Errorf("given: %+v", it)
	}
	c.Settle()
	return it.Assignment
}

// through is what a person has through an assignment of the group.
func (c *crew) through(id core.AssignmentID, p core.PersonID) core.Assignment {
	c.T.Helper()
	var found core.Assignment
	c.View(func(v core.View) {
		for _, a := range v.Through(id) {
			if a.Principal == p {
				found = a
			}
		}
	})
	return found
}

func (c *crew) holds(p string, want bool) {
	c.T.Helper()
	c.Settle()
	if got := c.Kind.System("db").Holds("dba", p); got != want {
		c.T.Errorf("%s holds it: %v, want %v", p, got, want)
	}
}

// A group is eligible; a member activates for himself alone, and who leaves has
// nothing any more, at once.
func TestGroupIsEligible(t *testing.T) {
	c := newCrew(t)
	given := c.gives(core.Eligible, time.Time{})
	own := c.through(given, c.ann)
	if own.Kind != core.Eligible || own.State != core.InForce || own.Group != c.group {
		t.Fatalf("Ann has %+v", own)
	}
	c.Refused("assignment.unknown", c.ann, activate(given))
	c.Refused("assignment.unknown", c.bob, activate(own.ID))
	run := c.Activate(c.ann, own.ID, time.Hour)
	bobs := c.Activate(c.bob, c.through(given, c.bob).ID, time.Hour)
	c.holds("ann", true)
	c.holds("bob", true)
	// Leaving ends what runs.
	before := c.Head().Seq
	c.Must(c.wim, core.RemoveMembers{Group: c.group, People: []core.PersonID{c.ann}, Justification: "left the team"})
	if got, want := c.Actions(before), "group.member_removed assignment.removed activation.ended"; got != want {
		t.Errorf("story %q, want %q", got, want)
	}
	for _, id := range []core.AssignmentID{own.ID, run} {
		if a := c.Assignment(id); a.State != core.Removed {
			t.Errorf("%s is %s", id, a.State)
		}
	}
	c.holds("ann", false)
	c.holds("bob", true)
	if a := c.Assignment(bobs); a.State != core.InForce {
		t.Error("Bob's activation ended with Ann's membership")
	}
	c.Refused("group.no_member", c.wim, core.RemoveMembers{Group: c.group, People: []core.PersonID{c.ann}})
	// Who comes has it at once, if who may assign it lets him in; what waits goes
	// with leaving.
	c.Refused("rights.missing", c.wim, core.AddMembers{Group: c.group, People: []core.PersonID{c.ann}})
	c.Must(c.Boss, core.AddMembers{Group: c.group, People: []core.PersonID{c.ann}})
	c.policy(c.dba, core.PolicySettings{RequireApproval: ptr(true), Stages: &[]core.Stage{{Approvers: by(c.cleo), Quorum: 1}}})
	wish := c.Must(c.ann, activate(c.through(given, c.ann).ID)).Items[0].Request
	c.Must(c.wim, core.RemoveMembers{Group: c.group, People: []core.PersonID{c.ann}})
	c.View(func(v core.View) {
		if r, _ := v.Request(wish); r.Status != core.CanceledRequest {
			t.Errorf("the request is %s", r.Status)
		}
	})
	c.Verify()
}

// A group's active assignment is on the system for each member, with who comes
// and goes; who has no account gets it with the account.
func TestGroupIsActive(t *testing.T) {
	c := newCrew(t)
	given := c.gives(core.Active, c.now().Add(time.Hour))
	c.holds("ann", true)
	c.holds("bob", true)
	c.Must(c.Boss, core.AddMembers{Group: c.group, People: []core.PersonID{c.cleo}})
	if c.through(given, c.cleo).ID != "" {
		t.Error("Cleo has something without an account")
	}
	c.Kind.System("db").AddAccount("cleo")
	c.Must(c.wim, core.SetAccount{Person: c.cleo, System: c.db, External: "cleo"})
	c.holds("cleo", true)
	c.Must(c.Boss, core.UpdateAssignment{Assignment: given, End: c.now().Add(2 * time.Hour), Justification: why})
	if got := c.through(given, c.cleo).End; !got.Equal(c.now().Add(2 * time.Hour)) {
		t.Errorf("Cleo's ends %v", got)
	}
	c.Pass(90 * time.Minute)
	c.holds("ann", true)
	c.Pass(30 * time.Minute)
	for _, p := range []string{"ann", "bob", "cleo"} {
		c.holds(p, false)
	}
	if a := c.Assignment(given); a.State != core.Expired {
		t.Errorf("the group's is %s", a.State)
	}
	// Renewed for the group, it is there again for who is in it now.
	c.Must(c.wim, core.RemoveMembers{Group: c.group, People: []core.PersonID{c.bob}})
	c.Must(c.Boss, core.RenewAssignments{Assignments: []core.AssignmentID{given}, End: c.now().Add(10 * 24 * time.Hour), Justification: why})
	c.holds("ann", true)
	c.holds("bob", false)
	c.Must(c.Boss, core.ExtendAssignments{Assignments: []core.AssignmentID{given}, End: c.now().Add(30 * 24 * time.Hour), Justification: why})
	if got := c.through(given, c.ann).End; !got.Equal(c.now().Add(30 * 24 * time.Hour)) {
		t.Errorf("Ann's ends %v", got)
	}
	c.Must(c.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{given}, Justification: "no longer"})
	c.holds("ann", false)
	c.Verify()
}

// Before a group is given something one is told how many people that is about,
// each counted once, and who of them can't use it yet.
func TestWhomAGiftConcerns(t *testing.T) {
	c := newCrew(t)
	third := c.Must(c.wim, core.AddGroup{GroupName: "Nobody"}).Group
	give := core.Assign{Role: c.dba, Groups: []core.GroupID{c.group}, Kind: core.Eligible, End: c.now().Add(time.Hour), Justification: why}
	notes := func(cmd core.Assign) (of string) {
		t.Helper()
		p, err := c.Engine.Preview(t.Context(), core.Actor{Person: c.Boss, Strength: core.StrengthFactor}, cmd)
		if err != nil {
			t.Fatal(err)
		}
		all := p.Result.Notes
		for _, it := range p.Result.Items {
			all = append(all, it.Notes...)
		}
		for _, n := range all {
			of += n.English() + "\n"
		}
		return of
	}
	want := "2 people are in the group now. Whoever joins later gets this, too; whoever leaves loses it at once.\n"
	equal(t, "with accounts", notes(give), want)
	c.Must(c.Boss, core.AddMembers{Group: c.group, People: []core.PersonID{c.cleo}})
	want = "3 people are in the group now. Whoever joins later gets this, too; whoever leaves loses it at once.\n" +
		"1 of them has no account on db, and can't use it before that.\n"
	equal(t, "without one", notes(give), want)
	give.Groups, give.Principals = append(give.Groups, third), []core.PersonID{c.ann}
	equal(t, "with others", notes(give), "Together this gives the role to 3 people.\n"+want+"Nobody is in the group yet. Whoever joins it gets this.\n")
	give.Role, give.Groups = core.StintRole(core.SecurityReader), []core.GroupID{c.group}
	equal(t, "on Stint nobody needs an account", notes(give), "Together this gives the role to 3 people.\n"+
		"3 people are in the group now. Whoever joins later gets this, too; whoever leaves loses it at once.\n")
}

// What comes through a group can't be changed for one, and isn't extended there.
func TestThroughAGroupOnly(t *testing.T) {
	c := newCrew(t)
	end := c.now().Add(5 * 24 * time.Hour)
	given := c.gives(core.Eligible, end)
	own := c.through(given, c.ann).ID
	longer := c.now().Add(30 * 24 * time.Hour)
	c.Refused("group.through", c.Boss, core.UpdateAssignment{Assignment: own, End: longer, Justification: why})
	c.Refused("group.through", c.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{own}})
	c.Refused("group.through", c.Boss, core.ExtendAssignments{Assignments: []core.AssignmentID{own}, End: longer, Justification: why})
	c.Refused("group.through", c.ann, core.RequestExtension{Assignment: own, End: longer, Justification: why})
	c.Refused("assignment.exists", c.Boss, core.Assign{Role: c.dba, Groups: []core.GroupID{c.group}, Kind: core.Eligible, Justification: why})
	// A person may have it of his own as well; either is enough.
	direct := c.assign(c.ann, c.dba, core.Eligible, 0)
	c.Must(c.wim, core.RemoveMembers{Group: c.group, People: []core.PersonID{c.ann}})
	if a := c.Assignment(direct); a.State != core.InForce {
		t.Errorf("Ann's own is %s", a.State)
	}
	// The members and the administrators are told of its end, once each.
	sub := c.Engine.Subscribe()
	defer sub.Close()
	c.Pass(4 * 24 * time.Hour)
	c.Pass(24 * time.Hour)
	var told []string
	for _, n := range sub.Take().Notices {
		if n.Kind == core.NoticeExpired || n.Kind == core.NoticeExpiring {
			told = append(told, string(n.Kind)+" "+n.ToName+" "+n.Who)
		}
	}
	slices.Sort(told)
	want := []string{"expired Bo Boss Operators", "expired Bob Operators", "expiring Bo Boss Operators", "expiring Bob Operators"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

// Who only looks after people can't come to a privileged role through a group.
func TestWhoChangesGroups(t *testing.T) {
	c := newCrew(t)
	c.Refused("rights.missing", c.ann, core.AddGroup{GroupName: "Mine"})
	c.Refused("group.taken", c.wim, core.AddGroup{GroupName: "operators"})
	c.Refused("group.member", c.wim, core.AddMembers{Group: c.group, People: []core.PersonID{c.ann}})
	c.Refused("field.missing", c.wim, core.UpdateGroup{Group: c.group})
	c.Refused("batch.size", c.wim, core.AddMembers{Group: c.group})
	c.Refused("person.unknown", c.wim, core.AddMembers{Group: c.group, People: []core.PersonID{"pe_none"}})
	c.Refused("group.unknown", c.wim, core.AddMembers{Group: "gp_none", People: []core.PersonID{c.wim}})
	c.Refused("group.unknown", c.Boss, core.Assign{Role: c.dba, Groups: []core.GroupID{"gp_none"}, Kind: core.Eligible, Justification: why})
	c.Must(c.wim, core.AddMembers{Group: c.group, People: []core.PersonID{c.wim}})
	c.Must(c.wim, core.RemoveMembers{Group: c.group, People: []core.PersonID{c.wim}})
	admins := c.Must(c.Boss, core.Assign{Role: core.StintRole(core.GlobalAdministrator), Groups: []core.GroupID{c.group}, Kind: core.Eligible, Justification: why}).Items[0].Assignment
	c.Refused("rights.missing", c.wim, core.AddMembers{Group: c.group, People: []core.PersonID{c.wim}})
	c.Refused("rights.missing", c.wim, core.RemoveMembers{Group: c.group, People: []core.PersonID{c.ann}})
	c.Refused("rights.missing", c.wim, core.RemoveGroup{Group: c.group})
	c.Must(c.wim, core.UpdateGroup{Group: c.group, GroupName: "On call"}) // its name gives nobody anything
	c.Must(c.Boss, core.AddMembers{Group: c.group, People: []core.PersonID{c.wim}})
	c.Activate(c.wim, c.through(admins, c.wim).ID, time.Hour)
	c.Must(c.wim, core.RemoveGroup{Group: c.group, Justification: "no longer needed"}) // as Global Administrator
	c.Refused("group.unknown", c.Boss, core.AddMembers{Group: c.group, People: []core.PersonID{c.ann}})
	if a := c.Assignment(admins); a.State != core.Removed {
		t.Errorf("what the group was given is %s", a.State)
	}
	c.Must(c.wim, core.AddGroup{GroupName: "On call"}) // the name is free again
	c.Verify()
}

// The last administrator may be one through a group: neither leaving, nor an end
// that comes, nor removing what the group has takes him.
func TestLastAdministratorThroughAGroup(t *testing.T) {
	c := newCrew(t)
	admins := c.Must(c.Boss, core.AddGroup{GroupName: "Administrators", Members: []core.PersonID{c.cleo}}).Group
	given := c.Must(c.Boss, core.Assign{Role: core.StintRole(core.GlobalAdministrator), Groups: []core.GroupID{admins}, Kind: core.Active, Justification: why}).Items[0].Assignment
	c.Must(c.cleo, core.RemoveAssignments{Assignments: []core.AssignmentID{c.permanent(c.Boss, core.StintRole(core.GlobalAdministrator))}})
	c.Refused("last.holder", c.cleo, core.RemoveMembers{Group: admins, People: []core.PersonID{c.cleo}})
	c.Refused("last.holder", c.cleo, core.RemoveGroup{Group: admins})
	c.Refused("last.holder", c.cleo, core.RemoveAssignments{Assignments: []core.AssignmentID{given}})
	c.Refused("last.holder", c.cleo, core.UpdateAssignment{Assignment: given, End: c.now().Add(time.Hour), Justification: why})
	// An end that comes is put off for all of them together.
	part := c.Must(c.cleo, core.AddGroup{GroupName: "DBA", Members: []core.PersonID{c.ann, c.bob}}).Group
	end := c.now().Add(time.Hour)
	dbas := c.Must(c.cleo, core.Assign{Role: c.dba, Groups: []core.GroupID{part}, Kind: core.Active, End: end, Justification: why}).Items[0].Assignment
	c.protect(c.dba)
	c.Pass(time.Hour)
	if a := c.Assignment(dbas); a.State != core.InForce || !a.End.After(end) || !c.through(dbas, c.bob).End.Equal(a.End) {
		t.Errorf("the last ones are %s until %v", a.State, a.End)
	}
	c.holds("ann", true)
	c.holds("bob", true)
	c.Must(c.cleo, core.AddMembers{Group: admins, People: []core.PersonID{c.ann}})
	c.Must(c.ann, core.RemoveMembers{Group: admins, People: []core.PersonID{c.cleo}})
	c.Verify()
}

// Disabled people have nothing through their groups; scheduled ones begin together.
func TestGroupLater(t *testing.T) {
	c := newCrew(t)
	start := c.now().Add(time.Hour)
	given := c.Must(c.Boss, core.Assign{Role: c.dba, Groups: []core.GroupID{c.group}, Kind: core.Active, Start: start, End: start.Add(time.Hour), Justification: why}).Items[0].Assignment
	c.Must(c.Boss, core.DisablePerson{Person: c.bob})
	c.Pass(time.Hour)
	c.holds("ann", true)
	c.holds("bob", false)
	c.Must(c.Boss, core.EnablePerson{Person: c.bob})
	c.holds("bob", true)
	if a := c.Assignment(given); a.State != core.InForce {
		t.Errorf("the group's is %s", a.State)
	}
	c.Refused("person.disabled", c.Boss, core.AddMembers{Group: c.group, People: []core.PersonID{c.disabled()}})
	c.Must(c.Boss, core.RemoveSystem{System: c.db})
	c.Settle()
	c.holds("ann", false)
	if a := c.Assignment(given); a.State != core.Removed {
		t.Errorf("the group's is %s", a.State)
	}
}

// Whoever is eligible from a later day needs no account before he activates: at
// its start the eligibility began and was taken away at once. (Found by the
// simulator, seed 11.)
func TestEligibleStartsWithoutAnAccount(t *testing.T) {
	c := newCrew(t)
	c.Must(c.Boss, core.AddMembers{Group: c.group, People: []core.PersonID{c.cleo}})
	later := c.now().Add(24 * time.Hour)
	id := c.Must(c.Boss, core.Assign{Role: c.dba, Groups: []core.GroupID{c.group}, Kind: core.Eligible, Start: later, Justification: why}).Items[0].Assignment
	c.Pass(25 * time.Hour)
	for _, p := range []core.PersonID{c.ann, c.cleo} {
		if a := c.through(id, p); a.State != core.InForce {
			t.Errorf("%s after its start: %q", p, a.State)
		}
	}
	mine := c.through(id, c.cleo)
	c.Refused("account.missing", c.cleo, core.Activate{Items: []core.ActivationItem{{Assignment: mine.ID}}, Duration: core.Duration(time.Hour), Justification: why})
}
