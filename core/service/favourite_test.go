package service_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// leadsTo is the assignment that a person's only favourite leads to, and whether
// he can activate it.
func (p *person) leadsTo() (id core.AssignmentID, can bool) {
	p.h.t.Helper()
	acc, err := p.Access(p.h.t.Context())
	p.h.ok(err)
	if len(acc.Favourites) != 1 || len(acc.Favourites[0].Items) != 1 {
		p.h.t.Fatalf("favourites: %+v", acc.Favourites)
	}
	id = acc.Favourites[0].Items[0].Assignment
	for _, e := range acc.Eligible {
		can = can || e.ID == id
	}
	return id, can
}

// TestFavouriteFollowsTheRole: what a member has through a group is another
// assignment after the group's was renewed; the favourite leads to it.
func TestFavouriteFollowsTheRole(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.join("Ann")
	_, role := h.system(ann)
	group := h.boss.must(core.AddGroup{GroupName: "Operators", Members: []core.PersonID{ann.id}}).Group
	day := 24 * time.Hour
	given := h.boss.must(core.Assign{Role: role, Groups: []core.GroupID{group}, Kind: core.Eligible, End: h.clock.Now().Add(5 * day), Justification: why}).Items[0].Assignment
	acc, err := ann.Access(t.Context())
	h.ok(err)
	first := acc.Eligible[0].ID
	ann.must(core.SaveFavourite{Favourite: core.Favourite{Name: "dba", Items: []core.ActivationItem{{Assignment: first}}, Duration: core.Duration(time.Hour)}})
	if id, can := ann.leadsTo(); id != first || !can {
		t.Errorf("at first it leads to %s (%v), want %s", id, can, first)
	}
	h.clock.Set(h.clock.Now().Add(6 * day))
	h.settle()
	ann.signIn()
	h.boss.signIn()
	if id, can := ann.leadsTo(); id != first || can {
		t.Errorf("expired, it leads to %s (%v); nothing took its place", id, can)
	}
	h.boss.must(core.RenewAssignments{Assignments: []core.AssignmentID{given}, End: h.clock.Now().Add(5 * day), Justification: why})
	second, can := ann.leadsTo()
	if second == first || !can {
		t.Fatalf("renewed, it leads to %s (%v)", second, can)
	}
	res := ann.must(core.Activate{Items: []core.ActivationItem{{Assignment: second}}, Duration: core.Duration(time.Hour), Justification: why})
	ann.must(core.Drop{Assignments: []core.AssignmentID{res.Items[0].Assignment}})
	// Of two that give the same, the one that lasts.
	own := h.eligible(ann, role)
	h.boss.must(core.RemoveMembers{Group: group, People: []core.PersonID{ann.id}})
	if id, can := ann.leadsTo(); id != own || !can {
		t.Errorf("it leads to %s (%v), want her own, %s", id, can, own)
	}
	h.boss.must(core.AddMembers{Group: group, People: []core.PersonID{ann.id}})
	if id, _ := ann.leadsTo(); id != own {
		t.Errorf("it leads to %s, want what has no end, %s", id, own)
	}
	// Saved again, it stands on what it leads to.
	acc, err = ann.Access(t.Context())
	h.ok(err)
	ann.must(core.SaveFavourite{Favourite: acc.Favourites[0]})
	if again, _ := ann.leadsTo(); again != own {
		t.Errorf("saved, it leads to %s", again)
	}
}
