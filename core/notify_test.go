package core_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine/enginetest"
)

// matrixLine is one notice of the day that matrixDay plays, with the cell of
// the matrix that it obeys; no cell: none.
type matrixLine struct {
	event    core.PolicyEvent
	audience core.Audience
	kind     core.NoticeKind
	to       string
}

// matrixLines is who is told of what where nobody set anything else. Boss
// assigns, so he isn't told of it; Bob answers, so he isn't told of that.
var matrixLines = []matrixLine{
	{core.EventEligible, core.ToThePerson, core.NoticeAssigned, "Ann"},
	{core.EventEligible, core.ToAdministrators, core.NoticeAssigned, "Sid"},
	{core.EventActive, core.ToThePerson, core.NoticeAssigned, "Dan"},
	{core.EventActive, core.ToAdministrators, core.NoticeAssigned, "Sid"},
	{core.EventActivated, core.ToApprovers, core.NoticeApprove, "Bob"},
	{core.EventActivated, core.ToApprovers, core.NoticeApprove, "Cleo"},
	{core.EventActivated, core.ToThePerson, core.NoticeDecided, "Ann"},
	{core.EventActivated, core.ToApprovers, core.NoticeDecided, "Cleo"},
	{core.EventActivated, core.ToThePerson, core.NoticeActivated, "Ann"},
	{core.EventActivated, core.ToAdministrators, core.NoticeActivated, "Bo Boss"},
	{core.EventActivated, core.ToAdministrators, core.NoticeActivated, "Sid"},
	{core.EventActivated, core.ToThePerson, core.NoticeEnded, "Ann"},
	{core.EventEligible, core.ToThePerson, core.NoticeUnassigned, "Ann"},
	{core.EventEligible, core.ToAdministrators, core.NoticeUnassigned, "Sid"},
	{core.EventActive, core.ToThePerson, core.NoticeUnassigned, "Dan"},
	{core.EventActive, core.ToThePerson, core.NoticeEnded, "Dan"},
	{core.EventActive, core.ToAdministrators, core.NoticeUnassigned, "Sid"},
}

func (l matrixLine) text() string { return fmt.Sprintf("%s: %s", l.kind, l.to) }

// matrixDay plays everything that the matrix is about with one cell set so,
// and returns who was told of what.
func matrixDay(t *testing.T, set core.PolicySettings) []string {
	t.Helper()
	c := enginetest.New(t, nil)
	o := &office{Company: c, ann: c.Person("Ann"), bob: c.Person("Bob"), cleo: c.Person("Cleo"), dan: c.Person("Dan")}
	_, roles := c.System("db", []string{"dba"}, o.ann, o.dan)
	o.role = roles[0]
	o.Must(o.Boss, core.Assign{Role: core.StintRole(core.SecurityAdministrator), Principals: []core.PersonID{c.Person("Sid")}, Kind: core.Active, Justification: why})
	yes, stages := true, []core.Stage{{Approvers: by(o.bob, o.cleo), Quorum: 1}}
	set.RequireApproval, set.Stages = &yes, &stages
	o.Must(o.Boss, core.SetPolicy{Level: string(o.role), Settings: set})
	c.Settle()
	sub := o.Engine.Subscribe()
	defer sub.Close()

	o.basis = o.Must(o.Boss, core.Assign{Role: o.role, Principals: []core.PersonID{o.ann}, Kind: core.Eligible, Justification: why}).Items[0].Assignment
	active := o.Must(o.Boss, core.Assign{Role: o.role, Principals: []core.PersonID{o.dan}, Kind: core.Active, Justification: why}).Items[0].Assignment
	o.Settle()
	id := o.ask(time.Hour)
	o.says(o.bob, id, true, core.PendingProvisioning)
	o.Settle()
	o.Pass(2 * time.Hour)
	o.Must(o.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{o.basis, active}, Justification: why})
	o.Settle()
	var got []string
	for _, n := range sub.Take().Notices {
		who := n.Address
		if n.To != "" {
			who = o.PersonOf(n.To).Name
		}
		if n.Extra != (n.To == "") || n.Extra && (n.Own || n.ToName != "") {
			t.Errorf("a notice to %q is %+v", who, n)
		}
		got = append(got, fmt.Sprintf("%s: %s", n.Kind, who))
	}
	return got
}

// TestNotificationMatrix sets each of the nine cells in each way, and wants just
// that cell's notices to change.
func TestNotificationMatrix(t *testing.T) {
	const desk = "desk@example.org"
	for _, way := range []struct {
		name string
		cell *core.Recipients
	}{
		{"inherited", nil},
		{"off", &core.Recipients{}},
		{"an address besides", &core.Recipients{Defaults: true, Extra: []string{desk}}},
		{"an address instead", &core.Recipients{Extra: []string{desk}}},
		{"only what is critical", &core.Recipients{Defaults: true, Extra: []string{desk}, Critical: true}},
	} {
		for _, e := range core.PolicyEvents() {
			for _, a := range core.Audiences() {
				var set core.PolicySettings
				*set.Notify(e, a) = way.cell
				var want []string
				told := map[string]bool{}
				for _, l := range matrixLines {
					mine := way.cell != nil && l.event == e && l.audience == a
					switch {
					case !mine:
						want = append(want, l.text())
						continue
					case way.cell.Critical && l.kind != core.NoticeApprove:
						continue
					case way.cell.Defaults:
						want = append(want, l.text())
					}
					// Once for each event, however many others are told.
					if key := fmt.Sprint(l.kind); len(way.cell.Extra) > 0 && !told[key] {
						told[key] = true
						want = append(want, fmt.Sprintf("%s: %s", l.kind, desk))
					}
				}
				got := matrixDay(t, set)
				slices.Sort(got)
				slices.Sort(want)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s of %s to %s (-want +got):\n%s", way.name, e, a, diff)
				}
				if way.cell == nil {
					break // one is as good as nine
				}
			}
		}
	}
}

// TestOneNoticePerEvent: an address that belongs to a default recipient, in
// whatever case, gets no second copy; the language is that of the person whom
// it is about.
func TestOneNoticePerEvent(t *testing.T) {
	s := newStage(t)
	res := s.Must(s.Boss, core.AddPerson{FullName: "Grit", Login: "grit", Mail: "grit@example.org", Language: "de"})
	s.policy(core.StintRole(core.SecurityReader), core.PolicySettings{
		NotifyEligiblePerson: &core.Recipients{Defaults: true, Extra: []string{"GRIT@example.org", "desk@example.org"}},
		NotifyEligibleAdmins: &core.Recipients{Extra: []string{"Desk@example.org"}}})
	sub := s.Engine.Subscribe()
	defer sub.Close()
	s.Must(s.Boss, core.Assign{Role: core.StintRole(core.SecurityReader), Principals: []core.PersonID{res.Person}, Kind: core.Eligible})
	var got []string
	for _, n := range sub.Take().Notices {
		got = append(got, n.Address+" "+n.Language)
	}
	if diff := cmp.Diff([]string{"grit@example.org de", "desk@example.org de"}, got); diff != "" {
		t.Error(diff)
	}
}
