package reconcile_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/engine/enginetest"
	"github.com/stint-pim/stint/core/reconcile"
)

// drift lists the rows of a system as "kind role account".
func drift(t *testing.T, c *enginetest.Company, sys core.SystemID) (list []string, rows []core.Drift, last core.Reading) {
	t.Helper()
	rows, last, err := c.Store.DriftOf(t.Context(), sys)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		var role core.Role
		c.View(func(v core.View) { role, _ = v.Role(r.Role) })
		list = append(list, fmt.Sprint(r.Kind, " ", role.External, " ", r.Account))
	}
	return list, rows, last
}

func shows(t *testing.T, c *enginetest.Company, sys core.SystemID, want ...string) []core.Drift {
	t.Helper()
	list, rows, _ := drift(t, c, sys)
	slices.Sort(list)
	slices.SortFunc(rows, func(a, b core.Drift) int { return strings.Compare(a.Account, b.Account) })
	check(t, "drift", strings.Join(list, ", "), strings.Join(want, ", "))
	return rows
}

// F22: a privilege of ours is taken away by hand. It is seen within a minute,
// not given back, what stood on it ends, and sessions go with it.
func TestF22TakenByHand(t *testing.T) {
	c, sys, ann, basis := set(t)
	id := c.Activate(ann, basis, time.Hour)
	c.Pass(time.Minute)
	system := c.Assignment(id).System
	sys.Connect("ann", 1) // one that did SET ROLE
	sys.Put("dba", "ann", false)
	before := c.Head().Seq
	c.Pass(time.Minute)
	check(t, "story", c.Actions(before), "grant.lost activation.ended grant.removed")
	check(t, "activation", c.Assignment(id).State, core.Removed)
	check(t, "sessions ended", c.Grant(id).Evidence.Ended, 1)
	shows(t, c, system, "lost dba ann")
	for range 10 {
		c.Pass(time.Minute)
	}
	check(t, "given back by itself", sys.Holds("dba", "ann"), false)
	// An old server answers again, or a backup is restored: nothing else would end it.
	before = c.Head().Seq
	sys.Put("dba", "ann", true)
	c.Pass(time.Minute)
	check(t, "what came back", sys.Holds("dba", "ann"), false)
	check(t, "its story", c.Actions(before), "grant.returned grant.removed")
	// She may activate again; that goes as ever.
	again := c.Activate(ann, basis, time.Hour)
	check(t, "again", c.Grant(again).State, core.GrantPresent)
	c.Pass(time.Hour)
	check(t, "after the second end", sys.Holds("dba", "ann"), false)
	// Once an administrator has dismissed it, what is given by hand is by hand.
	c.Must(c.Boss, core.AcceptDrift{Drift: shows(t, c, system, "lost dba ann")[0].ID, Justification: "it was me"})
	shows(t, c, system)
	sys.Put("dba", "ann", true)
	c.Pass(time.Minute)
	shows(t, c, system, "outside dba ann")
	check(t, "left to a person", sys.Holds("dba", "ann"), true)
	c.Verify()
}

// An administrator's own assignment ends as well: it stands for something that
// is not so.
func TestF22AssignedTakenByHand(t *testing.T) {
	c, sys, ann, basis := set(t)
	role := c.Assignment(basis).Role
	id := c.Must(c.Boss, core.Assign{Role: role, Principals: []core.PersonID{ann}, Kind: core.Active, Justification: "on duty"}).Items[0].Assignment
	c.Settle()
	sys.Put("dba", "ann", false)
	before := c.Head().Seq
	c.Pass(time.Minute)
	check(t, "assignment", c.Assignment(id).State, core.Removed)
	check(t, "story", c.Actions(before), "grant.lost assignment.removed grant.removed")
	check(t, "eligible as before", c.Assignment(basis).State, core.InForce)
	c.Verify()
}

// F22: a privilege is given by hand. It is shown within a minute and left,
// until an administrator has it taken away or says why it may stay.
func TestF22GivenByHand(t *testing.T) {
	c, sys, ann, basis := set(t)
	system := c.Assignment(basis).System
	sys.AddAccount("zoe", "ed")
	sys.Put("dba", "zoe", true)
	sys.Put("dba", "ed", true)
	before := c.Head().Seq
	c.Pass(time.Minute)
	check(t, "story", c.Actions(before), "drift.seen drift.seen")
	rows := shows(t, c, system, "outside dba ed", "outside dba zoe")
	for range 5 {
		c.Pass(time.Minute)
	}
	check(t, "left", sys.Holds("dba", "zoe"), true)
	check(t, "written once", c.Actions(before), "drift.seen drift.seen")

	c.Refused("rights.missing", ann, core.RemoveOutside{Drift: rows[1].ID, Justification: "not hers"})
	before = c.Head().Seq
	c.Must(c.Boss, core.RemoveOutside{Drift: rows[1].ID, Justification: "not hers"})
	c.Refused("drift.removing", c.Boss, core.RemoveOutside{Drift: rows[1].ID, Justification: "not hers"})
	c.Settle()
	check(t, "taken away", sys.Holds("dba", "zoe"), false)
	check(t, "its story", c.Actions(before), "drift.removing command.refused grant.removed")
	shows(t, c, system, "outside dba ed")

	c.Must(c.Boss, core.AcceptDrift{Drift: rows[0].ID, Justification: "batch account"})
	c.Pass(time.Minute)
	rows = shows(t, c, system, "outside dba ed")
	check(t, "accepted", rows[0].Open(), false)
	check(t, "left", sys.Holds("dba", "ed"), true)
	before = c.Head().Seq
	sys.Put("dba", "ed", false)
	c.Pass(time.Minute)
	check(t, "gone by hand", c.Actions(before), "drift.ended")
	shows(t, c, system)
	c.Verify()
}

// What was there before us is outside, too, and can be taken away; not while
// somebody's activation stands on it.
func TestF22FoundIsOutside(t *testing.T) {
	c := enginetest.New(t, nil)
	ann := c.Person("Ann")
	system, roles := c.System("db", []string{"dba"}, ann)
	sys := c.Kind.System("db")
	sys.Put("dba", "ann", true)
	basis := c.Eligible(ann, roles[0])
	c.Pass(time.Minute)
	row := shows(t, c, system, "outside dba ann")[0]
	id := c.Activate(ann, basis, time.Hour)
	c.Refused("drift.in_use", c.Boss, core.RemoveOutside{Drift: row.ID, Justification: "in due form"})
	c.Pass(time.Hour)
	check(t, "left", sys.Holds("dba", "ann"), true)
	c.Must(c.Boss, core.RemoveOutside{Drift: row.ID, Justification: "in due form"})
	c.Settle()
	check(t, "taken away", sys.Holds("dba", "ann"), false)
	shows(t, c, system)
	id = c.Activate(ann, basis, time.Hour)
	check(t, "ours from now on", c.Grant(id).State, core.GrantPresent)
	c.Verify()
}

// An account is renamed while Stint is down, and somebody else gets its name.
func TestF22RenamedWhileDown(t *testing.T) {
	c, sys, ann, basis := set(t)
	id := c.Activate(ann, basis, time.Hour)
	system := c.Assignment(id).System
	sys.RenameAccount("ann", "ann_old")
	sys.AddAccount("ann") // an impostor
	sys.Put("dba", "ann", true)
	c.Restart()
	c.Pass(time.Minute)
	check(t, "still in force", c.Assignment(id).State, core.InForce)
	shows(t, c, system, "outside dba ann", "renamed dba ann")
	c.Pass(time.Hour)
	check(t, "held under the new name", sys.Holds("dba", "ann_old"), false)
	check(t, "what the impostor has is not ours", sys.Holds("dba", "ann"), true)
	check(t, "grant", c.Grant(id).State, core.GrantAbsent)
	// Nothing is granted to who has got the name, until that is confirmed.
	sys.Put("dba", "ann", false)
	res := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "again"})
	c.Settle()
	check(t, "granted to the impostor", sys.Holds("dba", "ann"), false)
	if g := c.Grant(res.Items[0].Assignment); g.State != core.GrantGranting || !strings.Contains(g.LastErr, "ann_old") {
		t.Fatalf("the refusal must name the new name: %s %q", g.State, g.LastErr)
	}
	c.Must(c.Boss, core.SetAccount{Person: ann, System: system, External: "ann"})
	c.Pass(5 * time.Minute)
	check(t, "after it was confirmed", sys.Holds("dba", "ann"), true)
	c.Verify()
}

// A role renamed on the system keeps nobody's privilege, either.
func TestF22RoleRenamed(t *testing.T) {
	c, sys, ann, basis := set(t)
	id := c.Activate(ann, basis, time.Hour)
	system := c.Assignment(id).System
	sys.RenameRole("dba", "dba2")
	c.Restart()
	c.Pass(time.Minute)
	shows(t, c, system, "renamed dba ann")
	c.Pass(time.Hour)
	check(t, "held under the new name", sys.Holds("dba2", "ann"), false)
	shows(t, c, system)
	c.Verify()
}

// The number of rows is bounded, and what is left out is counted. However many
// there are, a reading is told in one mail.
func TestF22ManyOutside(t *testing.T) {
	c, sys, _, basis := set(t)
	system := c.Assignment(basis).System
	for i := range core.MaxDrift + 50 {
		sys.Put("dba", fmt.Sprintf("p%04d", i), true)
	}
	sub := c.Engine.Subscribe()
	defer sub.Close()
	c.Pass(time.Minute)
	var told []int
	for _, n := range sub.Take().Notices {
		if n.Kind == core.NoticeOutside {
			told = append(told, n.Count)
		}
	}
	if len(told) != 1 || told[0] != core.MaxDrift { // one administrator
		t.Errorf("told of %v, want once of %d", told, core.MaxDrift)
	}
	_, rows, last := drift(t, c, system)
	check(t, "rows", len(rows), core.MaxDrift)
	check(t, "more", last.More, 50)
	check(t, "held", last.Held, core.MaxDrift+50)
	for i := range core.MaxDrift {
		sys.Put("dba", fmt.Sprintf("p%04d", i), false)
	}
	c.Pass(time.Minute)
	_, rows, last = drift(t, c, system)
	check(t, "rows after they are gone", len(rows), 50)
	check(t, "more after they are gone", last.More, 0)
}

// deaf is a kind whose drivers never answer who holds what.
type deaf struct{ connector.Kind }

func (k deaf) Open(c connector.Config) (connector.Driver, error) {
	d, err := k.Kind.Open(c)
	return deafDriver{d}, err
}

type deafDriver struct{ connector.Driver }

func (deafDriver) Holders(ctx context.Context, _ []string) ([]connector.Privilege, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("%w: %w", connector.ErrUnreachable, ctx.Err())
}

// F22, F10: a reading that hangs holds up no removal on the same system.
func TestF22ReadingDelaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(enginetest.Start)) // the bubble's time begins long before the company's
		c := enginetest.New(t, nil)
		ann := c.Person("Ann")
		_, roles := c.System("db", []string{"dba"}, ann)
		sys := c.Kind.System("db")
		basis := c.Eligible(ann, roles[0])
		c.Rec.Close()
		eng, err := engine.New(t.Context(), engine.Config{Store: c.Store, Seal: func(string, core.Secret) ([]byte, error) { return nil, nil }})
		if err != nil {
			t.Fatal(err)
		}
		c.Engine = eng
		rec := reconcile.New(reconcile.Config{Engine: eng, Kinds: connector.Registry{core.KindSample: deaf{c.Kind}}, Unseal: func(core.System) (core.Secret, error) { return core.Secret{}, nil }})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{}, 2)
		go func() { _ = eng.Run(ctx); done <- struct{}{} }()
		go func() { _ = rec.Run(ctx); done <- struct{}{} }()
		synctest.Wait()
		res := c.Must(ann, core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(5 * time.Minute), Justification: "to do my work"})
		synctest.Wait()
		check(t, "held while the reading hangs", sys.Holds("dba", "ann"), true)
		time.Sleep(time.Until(res.Items[0].End))
		synctest.Wait()
		check(t, "held at the end", sys.Holds("dba", "ann"), false)
		cancel()
		<-done
		<-done
	})
}

var _ connector.Kind = deaf{&memory.Kind{}}
