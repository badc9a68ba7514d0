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
	{core.EventActivated, core.ToThePerson, core.NoticeEnding, "Ann"},
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
	o.Pass(50 * time.Minute)
	o.Pass(time.Hour)
	o.Must(o.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{o.basis, active}, Justification: why})
	o.Settle()
	var got []string
	for _, n := range sub.Take().Notices {
		who := n.Address
		if n.To != "" {
			who = o.PersonOf(n.To).Name
		}
		if n.Address == "" { // on the desktop alone
			who += " (desktop)"
		}
		if n.Extra != (n.To == "") || n.Extra && (n.Own || n.ToName != "") {
			t.Errorf("a notice to %q is %+v", who, n)
		}
		got = append(got, fmt.Sprintf("%s: %s", n.Kind, who))
	}
	return got
}

// TestEndedSaysWhenAndNotByWhom: what was ended before its time says when it
// really ended and when it would have, and doesn't pass off whoever activated it
// as the one who ended it.
func TestEndedSaysWhenAndNotByWhom(t *testing.T) {
	for _, early := range []bool{true, false} {
		c := enginetest.New(t, nil)
		ann := c.Person("Ann")
		_, roles := c.System("db", []string{"dba"}, ann)
		a := c.Activate(ann, c.Eligible(ann, roles[0]), time.Hour)
		c.Settle()
		planned := c.Assignment(a).End
		sub := c.Engine.Subscribe()
		defer sub.Close()
		ended := planned
		if c.Pass(10 * time.Minute); early {
			c.Must(c.Boss, core.Drop{Assignments: []core.AssignmentID{a}})
			ended = c.Assignment(a).Ended
		} else {
			c.Pass(time.Hour)
		}
		c.Settle()
		var got []core.Notice
		for _, n := range sub.Take().Notices {
			if n.Kind == core.NoticeEnded {
				got = append(got, n)
			}
		}
		if len(got) != 1 || got[0].By != "" || got[0].Where != "" || !got[0].Until.Equal(ended) || early != got[0].Was.Equal(planned) {
			t.Errorf("early %v: got %+v, want one, until %v of %v", early, got, ended, planned)
		}
	}
}

// TestNotificationMatrix sets each of the nine cells in each way, and wants just
// that cell's mails to change. Whom it concerns sees it on his desktop anyway.
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
					case way.cell.Defaults && (!way.cell.Critical || l.kind == core.NoticeApprove):
						want = append(want, l.text())
					case a == core.ToThePerson || l.kind == core.NoticeApprove:
						want = append(want, l.text()+" (desktop)")
					}
					if way.cell.Critical && l.kind != core.NoticeApprove {
						continue
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

// TestEndingByMail: a quarter of an hour before the end who activated is told,
// once, whatever happens to the server; not of what is shorter, and anew where
// the end was moved.
func TestEndingByMail(t *testing.T) {
	s := newStage(t)
	sub := s.Engine.Subscribe()
	told := func() (out []core.Notice) {
		for _, n := range sub.Take().Notices {
			if n.Kind == core.NoticeEnding {
				out = append(out, n)
			}
		}
		return out
	}
	id := s.Activate(s.ann, s.annDBA, time.Hour)
	end := s.Assignment(id).End
	s.Pass(end.Add(-core.EndingSoon - time.Microsecond).Sub(s.now()))
	if got := told(); len(got) > 0 {
		t.Errorf("too early: %+v", got)
	}
	s.Pass(time.Microsecond)
	got := told()
	if len(got) != 1 || got[0].To != s.ann || !got[0].Own || !got[0].Until.Equal(end) || got[0].Lasts != core.DefaultPolicy().MaxDuration {
		t.Errorf("a quarter of an hour before: %+v", got)
	}
	sub.Close()
	s.Restart()
	sub = s.Engine.Subscribe()
	defer func() { sub.Close() }()
	s.Settle()
	s.Pass(time.Minute)
	if got := told(); len(got) > 0 {
		t.Errorf("after a restart again: %+v", got)
	}
	s.Must(s.ann, core.Prolong{Assignment: id, Duration: core.Duration(time.Hour), Justification: why})
	s.policy(s.dba, core.PolicySettings{AllowProlong: ptr(false)})
	s.Pass(time.Hour - core.EndingSoon)
	if got := told(); len(got) != 1 || got[0].Lasts != 0 {
		t.Errorf("before the new end: %+v", got)
	}
	s.Pass(time.Hour)
	s.Activate(s.ann, s.annOps, core.EndingSoon)
	s.Pass(time.Hour)
	if got := told(); len(got) > 0 {
		t.Errorf("of a quarter of an hour: %+v", got)
	}
}

// TestSystemNotices: administrators hear of a new system, but for who added
// it, and of what was given on one outside Stint, in one notice for each reading.
func TestSystemNotices(t *testing.T) {
	s := newStage(t)
	sid := s.Person("Sid")
	s.hold(sid, core.SecurityAdministrator)
	sub := s.Engine.Subscribe()
	defer sub.Close()
	told := func() (out []string) {
		for _, n := range sub.Take().Notices {
			out = append(out, fmt.Sprintf("%s to %s: %s, %d, %q", n.Kind, n.ToName, n.System, n.Count, n.Evidence))
		}
		slices.Sort(out)
		return out
	}
	s.Must(s.Boss, core.AddSystem{SystemSpec: core.SystemSpec{Name: "new", Kind: core.KindSample}, Roles: []core.NewRole{{External: "r"}}})
	if diff := cmp.Diff([]string{`managed to Sid: new, 1, "sample"`}, told()); diff != "" {
		t.Error(diff)
	}
	var seen []core.Sighting
	for i := range 25 {
		seen = append(seen, core.Sighting{Kind: core.DriftOutside, Role: s.dba, Scope: "/", Account: fmt.Sprint("old", i)})
	}
	seen[0].Account = "bob"
	read := core.RecordDrift{System: s.db, Began: s.now(), Seen: seen, Done: true}
	if _, err := s.bare(core.EngineActor(), read); err != nil {
		t.Fatal(err)
	}
	lines := `bob (Bob): dba`
	for i := range 19 {
		lines += fmt.Sprintf("\nold%d: dba", i+1)
	}
	want := []string{fmt.Sprintf("outside to Bo Boss: db, 25, %q", lines+"\n+ 5"), fmt.Sprintf("outside to Sid: db, 25, %q", lines+"\n+ 5")}
	if diff := cmp.Diff(want, told()); diff != "" {
		t.Error(diff)
	}
	read.Began = s.now()
	if _, err := s.bare(core.EngineActor(), read); err != nil {
		t.Fatal(err)
	}
	if got := told(); len(got) > 0 {
		t.Errorf("seen again: %v", got)
	}
	// A later command of a reading is silent where an earlier one has told, and
	// isn't where all that the earlier one saw was known before.
	s.Pass(time.Second)
	late := core.RecordDrift{System: s.db, Began: s.now(), Told: seen, Seen: []core.Sighting{{Kind: core.DriftOutside, Role: s.dba, Scope: "/", Account: "late"}}}
	for _, want := range []int{2, 0} {
		if _, err := s.bare(core.EngineActor(), late); err != nil {
			t.Fatal(err)
		}
		if got := told(); len(got) != want {
			t.Errorf("%s: told %v, want %d", late.Seen[0].Account, got, want)
		}
		late.Told, late.Seen = late.Seen, []core.Sighting{{Kind: core.DriftOutside, Role: s.dba, Scope: "/", Account: "later"}}
	}
}

// TestOneMailForOneEnd: an active assignment that reaches its end is told of once,
// and not again when the system was read back.
func TestOneMailForOneEnd(t *testing.T) {
	s := newStage(t)
	dan := s.Person("Dan")
	_, roles := s.System("other", []string{"r"}, dan)
	s.Must(s.Boss, core.Assign{Role: roles[0], Principals: []core.PersonID{dan}, Kind: core.Active, End: s.now().Add(time.Hour), Justification: why})
	s.Settle()
	sub := s.Engine.Subscribe()
	defer sub.Close()
	s.Pass(time.Hour + time.Minute)
	s.Settle()
	var got []core.NoticeKind
	for _, n := range sub.Take().Notices {
		if n.To == dan {
			got = append(got, n.Kind)
		}
	}
	if diff := cmp.Diff([]core.NoticeKind{core.NoticeExpired}, got); diff != "" {
		t.Error(diff)
	}
}
