package core_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pgregory.net/rapid"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/memory"
)

// When a digest is due, by the clock on a wall: also in the nights in which that
// is set forward or back, and where a whole day was left out.
func TestDigestAfter(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		name                      string
		weekday, clock, zone      string
		after, want, next, server string // in UTC; next is the one behind want
	}{
		{"nothing said", "", "", "", "2026-11-24 12:00", "2026-11-30 08:00", "2026-12-07 08:00", ""},
		{"by the server's clock", "", "", "", "2026-11-24 12:00", "2026-11-30 13:00", "2026-12-07 13:00", "America/New_York"},
		{"later today", "tuesday", "17:30", "UTC", "2026-11-24 17:29", "2026-11-24 17:30", "2026-12-01 17:30", "America/New_York"},
		{"this very moment is over", "tuesday", "17:30", "UTC", "2026-11-24 17:30", "2026-12-01 17:30", "2026-12-08 17:30", ""},
		{"Monday there, Sunday here", "monday", "08:00", "Pacific/Auckland", "2026-11-24 12:00", "2026-11-29 19:00", "2026-12-06 19:00", ""},
		{"from summer to winter", "monday", "08:00", "Europe/Berlin", "2026-10-19 06:00", "2026-10-26 07:00", "2026-11-02 07:00", ""},
		{"from winter to summer", "monday", "08:00", "Europe/Berlin", "2026-03-23 07:00", "2026-03-30 06:00", "2026-04-06 06:00", ""},
		{"an hour that is left out", "sunday", "02:30", "Europe/Berlin", "2026-03-22 12:00", "2026-03-29 01:00", "2026-04-05 00:30", ""},
		{"an hour that comes twice", "sunday", "02:30", "Europe/Berlin", "2026-10-18 12:00", "2026-10-25 00:30", "2026-11-01 01:30", ""},
		{"in the second of the two", "sunday", "02:30", "Europe/Berlin", "2026-10-25 00:45", "2026-11-01 01:30", "2026-11-08 01:30", ""},
		{"half an hour, on an island", "sunday", "02:15", "Australia/Lord_Howe", "2026-10-01 12:00", "2026-10-03 15:30", "2026-10-10 15:15", ""},
		{"midnight is left out", "sunday", "00:00", "Asia/Beirut", "2026-03-25 12:00", "2026-03-28 22:00", "2026-04-04 21:00", ""},
		{"a day is left out", "friday", "08:00", "Pacific/Apia", "2011-12-29 12:00", "2011-12-30 10:00", "2012-01-05 18:00", ""},
	} {
		var here *time.Location
		if c.server != "" {
			here, _ = time.LoadLocation(c.server)
		}
		s := core.DigestSettings{Weekday: c.weekday, At: c.clock, Zone: c.zone}
		got := s.After(at(c.after), here)
		if !got.Equal(at(c.want)) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if next := s.After(got, here); !next.Equal(at(c.next)) {
			t.Errorf("%s: behind it %v, want %v", c.name, next, c.next)
		}
	}
}

func TestDigestSettings(t *testing.T) {
	for _, s := range []core.DigestSettings{{}, core.DefaultDigest(), {Weekday: "sunday", At: "00:00", Zone: "America/Argentina/ComodRivadavia"}, {Off: true}} {
		if err := core.CheckDigest(s); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for field, bad := range map[string][]core.DigestSettings{
		"digest.weekday": {{Weekday: "Monday"}, {Weekday: "montag"}, {Weekday: "1"}},
		"digest.at":      {{At: "8:00"}, {At: "24:00"}, {At: "08:00:00"}, {At: "08.00"}, {At: "noon"}},
		"digest.zone":    {{Zone: "Local"}, {Zone: "../../etc/passwd"}, {Zone: "/etc/localtime"}, {Zone: "Mars/Olympus"}, {Zone: "europe\x00berlin"}, {Zone: strings.Repeat("UTC", 100)}},
	} {
		for _, s := range bad {
			err := core.CheckDigest(s)
			if e, ok := err.(*core.Error); !ok || e.Field != field || e.Code != core.Invalid {
				t.Errorf("%+v: %v, want a refusal of %s", s, err, field)
			}
		}
	}
}

// mailed is a company with mail, whose digests are collected.
type mailed struct {
	*stage
	store *memory.Store
	seen  int
}

func newMailed(t *testing.T) *mailed {
	m := &mailed{stage: newStage(t)}
	m.store = m.Store.(*memory.Store)
	m.settings(func(s *core.Settings) {
		s.Mail = core.MailSettings{Host: "127.0.0.1", Port: 25, Security: core.MailPlain, Auth: core.MailAuthNone, From: "stint@example.org"}
	})
	m.seen = len(m.store.Deliveries())
	return m
}

func (m *mailed) settings(f func(*core.Settings)) {
	m.T.Helper()
	var s core.Settings
	m.View(func(v core.View) { s = v.Settings() })
	f(&s)
	m.Must(m.Boss, core.ChangeSettings{Settings: s})
}

// until lets time pass with Stint running, and returns "first last name" of the
// digests that were mailed meanwhile.
func (m *mailed) until(at time.Time) []string {
	m.T.Helper()
	m.Clock.Set(at)
	m.Engine.Turn(context.Background())
	return m.mails()
}

func (m *mailed) mails() (out []string) {
	all := m.store.Deliveries()
	for _, d := range all[m.seen:] {
		if d.Notice.Kind == core.NoticeDigest {
			out = append(out, fmt.Sprint(d.Notice.Digest.First, " ", d.Notice.Digest.Last, " ", d.Notice.ToName))
		}
	}
	m.seen = len(all)
	return out
}

func (m *mailed) wants(at string, want ...string) {
	m.T.Helper()
	t, err := time.Parse("2006-01-02 15:04", at)
	if err != nil {
		m.T.Fatal(err)
	}
	if d := cmp.Diff(want, m.until(t)); d != "" {
		m.T.Errorf("at %s (-want +got)\n%s", at, d)
	}
}

// One for each week, whatever becomes of settings, clock and server.
func TestDigestOncePerWeek(t *testing.T) {
	m := newMailed(t) // on Monday the 23rd, at noon
	m.wants("2026-11-30 07:59")
	m.wants("2026-11-30 08:00", "2026-11-23 2026-11-29 Bo Boss")
	m.wants("2026-11-30 08:01")
	m.wants("2026-12-07 08:00", "2026-11-30 2026-12-06 Bo Boss")

	// Another day does not bring a second one in the same week.
	m.settings(func(s *core.Settings) { s.Digest.Weekday = "wednesday" })
	m.wants("2026-12-09 08:00")
	m.wants("2026-12-16 07:59")
	m.wants("2026-12-16 08:00", "2026-12-07 2026-12-15 Bo Boss")
	// An earlier hour, a day earlier: that is the next week.
	m.settings(func(s *core.Settings) { s.Digest.Weekday, s.Digest.At = "tuesday", "06:15" })
	m.wants("2026-12-22 06:15", "2026-12-16 2026-12-21 Bo Boss")

	// Off, and on again before anybody noticed.
	m.settings(func(s *core.Settings) { s.Digest.Off = true })
	m.settings(func(s *core.Settings) { s.Digest.Off = false })
	m.wants("2026-12-29 06:15", "2026-12-22 2026-12-28 Bo Boss")
	// Off for long: nobody gets what he had switched off.
	m.settings(func(s *core.Settings) { s.Digest.Off = true })
	m.wants("2027-02-01 12:00")
	m.settings(func(s *core.Settings) { s.Digest.Off = false })
	m.wants("2027-02-02 06:15", "2027-01-26 2027-02-01 Bo Boss")

	// The server was away for weeks: one, that says of which time it tells.
	m.Restart()
	m.wants("2027-03-03 10:00", "2027-02-02 2027-03-01 Bo Boss")
	m.wants("2027-03-09 06:15", "2027-03-02 2027-03-08 Bo Boss")
	m.Verify()
}

// Who may not, or does not want to, gets none.
func TestDigestRecipients(t *testing.T) {
	m := newMailed(t)
	cleo, dan, eve, fay := m.Person("Cleo"), m.Person("Dan"), m.Person("Eve"), m.Person("Fay")
	m.hold(cleo, core.SecurityAdministrator)
	m.hold(dan, core.PrivilegedRoleAdministrator)
	m.hold(eve, core.PrivilegedRoleAdministrator)
	m.hold(fay, core.UserAdministrator)
	self := func(p core.PersonID) core.UpdatePerson {
		who := m.PersonOf(p)
		return core.UpdatePerson{Person: p, FullName: who.Name, Login: who.Login, Mail: who.Mail, Language: who.Language}
	}
	off := self(cleo)
	off.NoDigest = ptr(true)
	m.Refused("digest.other", m.Boss, off)
	head := m.Head().Seq
	m.Must(cleo, off)
	if e := m.Entries(head); len(e) != 1 || e[0].Action != core.PersonUpdated || e[0].Detail != "weekly digest from “on” to “off”" {
		t.Errorf("the log says %+v", e)
	}
	m.Must(cleo, self(cleo)) // who changes something else keeps it
	none := self(dan)
	none.Mail = ""
	m.Must(m.Boss, none)
	m.Must(m.Boss, core.DisablePerson{Person: eve})
	m.wants("2026-11-30 08:00", "2026-11-23 2026-11-29 Bo Boss")

	on := self(cleo)
	on.NoDigest = ptr(false)
	m.Must(cleo, on)
	m.wants("2026-12-07 08:00", "2026-11-30 2026-12-06 Bo Boss", "2026-11-30 2026-12-06 Cleo")

	// Without a mail server nothing is written, and nothing is sent later.
	m.settings(func(s *core.Settings) { s.Mail = core.MailSettings{} })
	m.wants("2027-01-04 08:00")
	m.settings(func(s *core.Settings) {
		s.Mail = core.MailSettings{Host: "127.0.0.1", Port: 25, Security: core.MailPlain, Auth: core.MailAuthNone, From: "stint@example.org"}
	})
	m.wants("2027-01-11 08:00", "2027-01-04 2027-01-10 Bo Boss", "2027-01-04 2027-01-10 Cleo")
}

// A clock that is wrong sends none twice, and none is waited for until a time
// that is far off.
func TestDigestClock(t *testing.T) {
	m := newMailed(t)
	m.wants("2026-11-28 12:00")
	m.Clock.Step(48 * time.Hour)
	if got := m.until(m.Clock.Now()); len(got) != 1 {
		t.Errorf("the clock is on Monday: %q", got)
	}
	m.Clock.Step(-48 * time.Hour)
	m.Must(m.Boss, core.AcceptClock{Justification: "it was two days ahead"})
	m.wants("2026-11-30 08:00")
	m.wants("2026-12-07 08:00", "2026-11-30 2026-12-06 Bo Boss")

	const years = 10 * 365 * 24 * time.Hour
	m.Clock.Step(years)
	if got := m.until(m.Clock.Now()); len(got) != 1 {
		t.Errorf("in ten years: %q", got)
	}
	m.Clock.Step(-years)
	m.Must(m.Boss, core.AcceptClock{Justification: "it was ten years ahead"})
	m.wants("2026-12-14 08:00", "2026-12-07 2026-12-13 Bo Boss")
	m.Verify()
}

// A store of an earlier version knows of no digest: it is planned, and sent when
// its time comes.
func TestDigestOfAnOldStore(t *testing.T) {
	m := newMailed(t)
	forget := func(tx core.Tx) error { return tx.Apply(core.Event{Changes: []core.Change{core.DigestMark{}}}) }
	if err := m.Store.Update(context.Background(), forget); err != nil {
		t.Fatal(err)
	}
	m.Restart()
	m.wants("2026-11-25 12:00")
	m.wants("2026-11-30 08:00", "2026-11-23 2026-11-29 Bo Boss")
}

// The first one is late, too: it tells of all that would have been told.
func TestDigestFirstMissed(t *testing.T) {
	m := newMailed(t)
	m.Restart()
	m.wants("2026-12-16 10:00", "2026-11-23 2026-12-13 Bo Boss")
	m.wants("2026-12-21 08:00", "2026-12-14 2026-12-20 Bo Boss")
}

// What it tells is what happened, and the log has an entry for it.
func TestDigestTells(t *testing.T) {
	m := newMailed(t)
	m.wants("2026-12-02 12:00", "2026-11-23 2026-11-29 Bo Boss")
	yes := true
	m.policy(m.ops, core.PolicySettings{RequireApproval: &yes})
	decide := func(approve bool) {
		r := m.Must(m.ann, activate(m.annOps)).Items[0].Request
		m.Must(m.Boss, core.DecideRequests{Requests: []core.RequestID{r}, Approve: approve, Justification: why})
		m.Settle()
		m.Pass(2 * time.Hour)
	}
	decide(true)
	decide(false)
	m.Must(m.bob, activate(m.bobOps)) // which nobody answers
	m.Activate(m.ann, m.annDBA, time.Hour)
	m.Pass(26 * time.Hour)
	m.Activate(m.ann, m.annDBA, time.Hour)
	m.Refused("rights.missing", m.bob, core.DisablePerson{Person: m.ann})
	forGood := core.Assign{Role: m.dba, Principals: []core.PersonID{m.bob}, Kind: core.Active, Justification: why}
	given := m.Must(m.Boss, forGood).Items[0].Assignment
	m.Pass(time.Hour)
	m.Must(m.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{given}, Justification: why})
	bounded := core.Assign{Role: m.dba, Principals: []core.PersonID{m.bob}, Kind: core.Eligible, End: m.now().Add(10 * 24 * time.Hour), Justification: why}
	bound := m.Must(m.Boss, bounded).Items[0].Assignment
	m.Must(m.Boss, core.UpdateAssignment{Assignment: bound, Permanent: true, Justification: why})
	m.Must(m.Boss, core.UpdateAssignment{Assignment: bound, End: m.now().Add(9 * 24 * time.Hour), Justification: why})
	m.Settle()
	head := m.Head().Seq
	m.seen = len(m.store.Deliveries())
	m.Clock.Set(time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC))
	m.Engine.Turn(context.Background())
	all := m.store.Deliveries()
	if len(all) == m.seen {
		t.Fatal("no mail")
	}
	n := all[len(all)-1].Notice
	g := *n.Digest
	if d := cmp.Diff(core.Week{People: 1, Activations: 3, Approved: 1, Denied: 1, Unanswered: 1, MadeEligible: 1, MadeActive: 1, Ended: 1, Refused: 1}, g.Week); d != "" {
		t.Errorf("the week (-want +got)\n%s", d)
	}
	if d := cmp.Diff([]core.Made{{Who: "Bob", Role: "dba", System: "db", Kind: core.Eligible}, {Who: "Bob", Role: "dba", System: "db", Kind: core.Active}}, g.Made); d != "" {
		t.Errorf("for good (-want +got)\n%s", d)
	}
	days := []core.DayCount{{Date: "2026-11-30"}, {Date: "2026-12-01"}, {Date: "2026-12-02", N: 2}, {Date: "2026-12-03", N: 1}, {Date: "2026-12-04"}, {Date: "2026-12-05"}, {Date: "2026-12-06"}}
	if d := cmp.Diff(days, g.Days); d != "" {
		t.Errorf("by day (-want +got)\n%s", d)
	}
	if g.Before != nil {
		t.Errorf("the log begins later, and yet it was compared with %+v", g.Before)
	}
	if g.Permanent != 2 || g.Eligible != 4 || g.Ending != 1 || g.Waiting != 0 || len(g.Systems) != 3 || g.Systems[0].Name != "db" || g.Systems[0].Activations != 3 {
		t.Errorf("now: %+v", g)
	}
	top := map[string]core.RoleCount{}
	for _, r := range g.Top[:2] { // of as many; who is first says the ID
		top[r.Name] = core.RoleCount{Eligible: r.Eligible, Activations: r.Activations}
	}
	if d := cmp.Diff(map[string]core.RoleCount{"dba": {Eligible: 2, Activations: 2}, "ops": {Eligible: 2, Activations: 1}}, top); d != "" {
		t.Errorf("roles (-want +got)\n%s", d)
	}
	var said []string
	for _, e := range m.Entries(head) {
		if e.Action == core.DigestSent {
			said = append(said, e.ActorName+": "+e.Detail)
		}
	}
	if d := cmp.Diff([]string{"Stint: 2026-11-30 to 2026-12-06, to 1 administrator"}, said); d != "" {
		t.Errorf("the log (-want +got)\n%s", d)
	}

	// A week later the log reaches back far enough.
	m.Clock.Set(time.Date(2026, 12, 14, 8, 0, 0, 0, time.UTC))
	m.Engine.Turn(context.Background())
	all = m.store.Deliveries()
	if g := all[len(all)-1].Notice.Digest; g == nil || g.Before == nil || g.Before.Activations != 3 || g.Before.People != 1 || !g.Week.Quiet() {
		t.Errorf("a week later: %+v", g)
	}
}

// digest changes when a digest goes out, and whether mail does at all.
func (m *machine) digest(r *rapid.T) {
	s := core.DefaultSettings()
	s.Digest = core.DigestSettings{
		Off: rapid.IntRange(0, 3).Draw(r, "off") == 0, Weekday: rapid.SampledFrom(core.Weekdays()).Draw(r, "day"),
		At: rapid.SampledFrom([]string{"00:00", "02:30", "08:00", "23:59"}).Draw(r, "at"), Zone: rapid.SampledFrom([]string{"", "Europe/Berlin", "Pacific/Auckland"}).Draw(r, "zone"),
	}
	if rapid.IntRange(0, 3).Draw(r, "no mail") > 0 {
		s.Mail = core.MailSettings{Host: "127.0.0.1", Port: 25, Security: core.MailPlain, Auth: core.MailAuthNone, From: "stint@example.org"}
	}
	m.give(r, m.actor(r), core.ChangeSettings{Settings: s})
}

// digests looks at those that were mailed: whole days in order, never the same
// to the same person, never two in one week.
func (m *machine) digests(r *rapid.T) {
	all := m.w.Store.(*memory.Store).Deliveries()
	for _, d := range all[m.mails:] {
		g := d.Notice.Digest
		if d.Notice.Kind != core.NoticeDigest {
			continue
		}
		last := m.told[d.Notice.To]
		if g.From.Before(last) || !last.IsZero() && g.To.Sub(last) < 5*day || !g.From.Before(g.To) || g.To.After(m.now()) {
			r.Fatalf("%s got a digest of %v to %v after one until %v; it is %v", d.Notice.ToName, g.From, g.To, last, m.now())
		}
		m.told[d.Notice.To] = g.To
	}
	m.mails = len(all)
}

// nothingDue is so when everything was carried out.
func (m *machine) nothingDue() {
	m.View(func(v core.View) {
		s, next := v.Settings(), v.Digest().Next
		if want := !s.Digest.Off && s.Mail.Configured(); want == next.IsZero() || want && !next.After(m.now()) {
			m.T.Fatalf("the next digest is due at %v; it is %v; wanted: %v", next, m.now(), want)
		}
	})
}
