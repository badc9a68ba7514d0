package core_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
)

func TestTroubles(t *testing.T) {
	now := time.Date(2026, 3, 31, 14, 0, 0, 0, time.UTC)
	system := func(name string, why string, since time.Duration) core.SystemRow {
		return core.SystemRow{System: core.System{ID: core.SystemID("sy_" + name), Name: name, Kind: core.KindPostgres, State: core.SystemConnected,
			Health: core.Health{Error: why, Since: now.Add(-since)}}}
	}
	row := func(system, role string, state core.GrantState, failing time.Duration) core.AssignmentRow {
		r := core.AssignmentRow{Assignment: core.Assignment{System: core.SystemID("sy_" + system)}, SystemName: system, RoleName: role, PrincipalName: "Bob Lee",
			GrantState: state, GrantError: "It does not answer."}
		if failing > 0 {
			r.GrantFailing = now.Add(-failing)
		}
		return r
	}
	got := core.Troubles(now, []core.SystemRow{
		system("orders", "It does not answer.", time.Minute), system("crm", "The password was refused.", time.Hour),
		system("fine", "", 0), system("blink", "It does not answer.", core.StuckAfter-time.Second),
	}, []core.AssignmentRow{
		row("orders", "owner", core.GrantRemoving, 30*time.Second), row("orders", "reader", core.GrantRemoving, time.Minute),
		row("orders", "young", core.GrantRemoving, core.StuckAfter-1), row("orders", "new", core.GrantGranting, time.Hour), row("fine", "quick", core.GrantRemoving, 0),
	})
	want := []core.Trouble{
		{Kind: core.TroubleStuck, Severity: core.SeverityBad, Since: now.Add(-time.Minute),
			Args: map[string]string{"system": "orders", "n": "2", "role": "owner", "person": "Bob Lee", "why": "It does not answer."}},
		{Kind: core.TroubleSystem, Severity: core.SeverityWarn, Since: now.Add(-time.Hour), Args: map[string]string{"system": "crm", "why": "The password was refused."}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("troubles (-want +got):\n%s", d)
	}
}

// Mails that wait are a trouble once the server has had time to come back, and
// only where sending was tried: without a server none is expected.
func TestMailTrouble(t *testing.T) {
	now := time.Date(2026, 3, 31, 14, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		n    int
		age  time.Duration
		why  string
		want bool
	}{
		{2, core.MailLate, "It broke off.", true},
		{2, core.MailLate - time.Second, "It broke off.", false},
		{0, core.MailLate, "It broke off.", false},
		{2, time.Hour, "", false},
	} {
		got := core.MailTrouble(now, c.n, now.Add(-c.age), c.why)
		if (got != nil) != c.want || got != nil && (got.Severity != core.SeverityWarn || got.Args["n"] != "2" || got.Args["why"] != c.why || !got.Since.Equal(now.Add(-c.age))) {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
}

// Every kind has its sentences, or a person would be shown a key.
func TestTroublesHaveWords(t *testing.T) {
	for _, k := range []core.TroubleKind{core.TroubleClock, core.TroubleClockBehind, core.TroubleDisk, core.TroubleStuck, core.TroubleSystem, core.TroubleMail} {
		x := core.Trouble{Kind: k}
		for _, key := range []core.TextKey{x.Title(), x.Text()} {
			if core.English(key) == string(key) {
				t.Errorf("%s has no text", key)
			}
		}
	}
}
