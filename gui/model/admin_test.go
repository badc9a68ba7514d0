package model_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

func ptr[T any](v T) *T { return &v }

func TestPolicyForm(t *testing.T) {
	say := speak(t, "en")
	f := model.RolePolicyForm("ro_1",
		core.PolicySettings{RequireTicket: ptr(true)},
		core.PolicySettings{MaxDuration: ptr(core.Duration(4 * time.Hour))},
		core.PolicySettings{RequireMFA: ptr(false)})
	origin := func(name string) model.PolicyRow {
		for _, r := range f.Rows(say) {
			if r.Name == name {
				return r
			}
		}
		t.Fatalf("no row %q", name)
		return model.PolicyRow{}
	}
	for name, want := range map[string]core.PolicyOrigin{
		"allow_prolong": core.OriginBuiltIn, "require_ticket": core.OriginDefault, "max_duration": core.OriginSystem, "require_mfa": core.OriginRole,
	} {
		if r := origin(name); r.Origin != want || r.Own != (want == core.OriginRole) || strings.HasPrefix(r.OriginText, "pages.") {
			t.Errorf("%s: got %+v, want from %s", name, r, want)
		}
	}
	if err := f.SetText("max_duration", "1h30m"); err != nil {
		t.Fatal(err)
	}
	if r := origin("max_duration"); r.Value != "1 h 30 min" || r.Edit != "1h30m" || !r.Own {
		t.Errorf("got %+v", r)
	}
	for name, bad := range map[string]string{"max_duration": "25h", "eligible_for": "12h", "active_for": "soon", "ticket_pattern": "("} {
		var e *core.Error
		if err := f.SetText(name, bad); !errors.As(err, &e) || e.Code != core.Invalid || e.Field != name {
			t.Errorf("%s = %q: got %v", name, bad, err)
		}
	}
	f.Reset("require_mfa")
	f.SetSwitch("allow_prolong", false)
	for name, bad := range map[string]string{"notify_active_person": "nobody", "notify_eligible_admins": "a@example.org; A@example.org"} {
		var e *core.Error
		if err := f.SetRecipients(name, true, false, bad); !errors.As(err, &e) || e.Field != name {
			t.Errorf("%s = %q: got %v", name, bad, err)
		}
	}
	if err := f.SetRecipients("notify_activated_admins", true, true, "soc@example.org;\n desk@example.org, "); err != nil {
		t.Error(err)
	}
	if r := origin("notify_activated_admins"); r.Value != "default recipients, soc@example.org, desk@example.org · only what is critical" || !r.Own {
		t.Errorf("got %+v", r)
	}
	f.SetDrop(core.DropOnSignOut, true)
	f.SetDrop(core.DropOnSleep, true)
	f.SetDrop(core.DropOnLock, true)
	f.SetDrop(core.DropOnSleep, false)
	if r := origin("drop_on"); r.Value != "screen locked, signed out" || !r.Own {
		t.Errorf("got %+v", r)
	}
	want := core.SetPolicy{Level: "ro_1", Settings: core.PolicySettings{
		MaxDuration: ptr(core.Duration(90 * time.Minute)), AllowProlong: ptr(false),
		NotifyActivatedAdmins: &core.Recipients{Defaults: true, Critical: true, Extra: []string{"soc@example.org", "desk@example.org"}},
		DropOn:                ptr([]core.DropReason{core.DropOnLock, core.DropOnSignOut}),
	}}
	if diff := cmp.Diff(want, f.Command()); diff != "" {
		t.Error(diff)
	}
}

func TestPolicyRowsCoverEverySetting(t *testing.T) {
	_, origins := core.ResolvePolicy(core.PolicySettings{}, core.PolicySettings{}, core.PolicySettings{})
	rows := model.DefaultPolicyForm(core.PolicySettings{}).Rows(speak(t, "de"))
	for _, r := range rows {
		if _, ok := origins[r.Name]; !ok {
			t.Errorf("%q is no setting", r.Name)
		}
		delete(origins, r.Name)
		if strings.HasPrefix(r.Label, "pages.") || strings.HasPrefix(r.Help, "pages.") {
			t.Errorf("%s has no text", r.Name)
		}
	}
	if len(origins) > 0 {
		t.Errorf("no row for %v", origins)
	}
}

func TestRoleGroups(t *testing.T) {
	say := speak(t, "en")
	got := model.RoleGroups(say, []core.RoleRow{
		{Role: core.Role{ID: "1", System: "a", Name: "x", External: "cn=x", Privileged: true}, SystemName: "A"},
		{Role: core.Role{ID: "2", System: "b", Name: "y", Gone: true}, SystemName: "B", Overrides: true},
		{Role: core.Role{ID: "3", System: "a", Name: "z"}, SystemName: "A", Eligible: 1200},
	})
	if len(got) != 2 || got[0].Count != "2 roles" || got[1].Count != "1 role" || got[0].Roles[1].Eligible != "1,200" || got[0].Roles[0].About != "cn=x" {
		t.Errorf("got %+v", got)
	}
	if m := got[1].Roles[0].Marks; len(m) != 1 || m[0].Tone != model.ToneBad {
		t.Errorf("a role that is gone: got %+v", m)
	}
}

func TestAuditFilter(t *testing.T) {
	f, err := model.AuditQuery{Span: model.SpanWeek, Group: "grant.", Text: " x "}.Filter(noon)
	want := core.EntryFilter{From: noon.AddDate(0, 0, -7), Action: "grant.", Text: "x"}
	if err != nil || cmp.Diff(want, f) != "" {
		t.Error(err, cmp.Diff(want, f))
	}
	f, err = model.AuditQuery{Span: model.SpanCustom, From: "2026-11-01", To: "2026-11-02"}.Filter(noon)
	if err != nil || f.To.Sub(f.From) != 48*time.Hour {
		t.Errorf("two whole days: got %v to %v, %v", f.From, f.To, err)
	}
	for _, q := range []model.AuditQuery{{Span: model.SpanCustom, From: "x"}, {Span: model.SpanCustom, From: "2026-11-05", To: "2026-11-01"}} {
		if _, err := q.Filter(noon); core.CodeOf(err) != core.Invalid {
			t.Errorf("%+v: got %v", q, err)
		}
	}
}

func TestAuditLine(t *testing.T) {
	say := speak(t, "en")
	e := core.Entry{Seq: 48210, Time: noon.Add(-time.Hour), ActorName: "alice", Action: core.RoleActivated, Outcome: core.OutcomeDone, RoleName: "db-admin", SystemName: "prod-db", PrincipalName: "alice"}
	want := model.AuditLine{Seq: 48210, No: "48,210", Time: "11:00:00", TimeTip: "23 Nov 2026, 11:00:00", Who: "alice", What: "Activation requested", On: "db-admin on prod-db", Outcome: model.Mark{Word: "done", Tone: model.ToneGood}}
	if diff := cmp.Diff(want, model.AuditLineOf(say, noon, e)); diff != "" {
		t.Error(diff)
	}
	if got := model.ActionName(say, "review.finished"); got != "review.finished" {
		t.Errorf("an unknown event: got %q", got)
	}
	steps := model.StoryOf(say, noon, []core.Entry{e}, 48210, noon.Add(time.Hour))
	if len(steps) != 2 || !steps[0].Here || !steps[1].Open {
		t.Errorf("got %+v", steps)
	}
}

func TestAround(t *testing.T) {
	var all []core.Entry
	for i := range 20 {
		all = append(all, core.Entry{Seq: int64(i + 1)})
	}
	for _, c := range []struct{ seq, first, last int64 }{{10, 8, 12}, {1, 1, 3}, {20, 18, 20}, {99, 1, 20}} {
		got := model.Around(all, c.seq, 2)
		if got[0].Seq != c.first || got[len(got)-1].Seq != c.last {
			t.Errorf("around %d: got %d to %d", c.seq, got[0].Seq, got[len(got)-1].Seq)
		}
	}
}

// TestEveryGroupHasAName: those by which the log can be filtered.
func TestEveryGroupHasAName(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		say := speak(t, lang)
		for _, g := range model.ActionGroups() {
			if name := "pages.audit.group." + strings.TrimSuffix(g, "."); g != "" && say.T(name) == name {
				t.Errorf("%s: %s has no name", lang, name)
			}
		}
	}
}

func TestVerdict(t *testing.T) {
	say := speak(t, "en")
	good := model.VerdictOf(say, core.Verification{Count: 48211, Seq: 48211})
	if !good.Good || good.Mark != (model.Mark{Word: "verified to 48,211", Tone: model.ToneGood}) {
		t.Errorf("got %+v", good)
	}
	if strings.Contains(good.Text+good.Title, "{") || !strings.Contains(good.Text, "48,211") {
		t.Errorf("a place was left empty: %q", good.Text)
	}
	v := core.Verifier{}
	bad := model.VerdictOf(say, core.Verification{Break: v.Check(&core.Entry{Seq: 7})})
	if bad.Good || !strings.Contains(bad.Text, "missing") || bad.Mark.Tone != model.ToneBad {
		t.Errorf("got %+v", bad)
	}
	de := model.VerdictOf(speak(t, "de"), core.Verification{Break: v.Check(&core.Entry{Seq: 7})})
	if strings.Contains(de.Text, "the entry") {
		t.Errorf("the reason is not in German: %q", de.Text)
	}
}

func TestSystemCards(t *testing.T) {
	say := speak(t, "en")
	rows := []core.SystemRow{
		{System: core.System{Name: "up", Kind: core.KindPostgres, State: core.SystemConnected, Health: core.Health{LastOK: noon.Add(-2 * time.Minute), Version: "16.1"}}, Active: 3},
		{System: core.System{Name: "down", Kind: core.KindLinux, State: core.SystemConnected, Health: core.Health{Error: "no route", Since: noon.Add(-time.Hour), LastOK: noon.Add(-2 * time.Hour)}}},
		{System: core.System{Name: "Stint", Kind: core.KindStint, State: core.SystemConnected}},
		{System: core.System{Name: "old", Kind: core.KindPostgres, State: core.SystemDraining}, Active: 2, Pending: 1},
	}
	kinds := []core.KindInfo{{Kind: core.KindPostgres, Traits: core.Traits{Residual: "x.residual"}}, {Kind: core.KindLinux}}
	cards := model.SystemCards(say, noon, rows, kinds)
	type brief struct {
		Tone    model.Tone
		Problem string
		Edit    bool
	}
	var got []brief
	for _, c := range cards {
		got = append(got, brief{c.Health.Tone, c.Problem, c.Editable})
	}
	want := []brief{{model.ToneGood, "", true}, {model.ToneBad, "no route", true}, {model.ToneGood, "", false}, {model.TonePending, "", false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if cards[0].Residual != "x.residual" || cards[1].Residual != say.T("pages.system.residual.none") {
		t.Errorf("residual: %q, %q", cards[0].Residual, cards[1].Residual)
	}
}

func TestDriftLines(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		say := speak(t, lang)
		row := func(k core.DriftKind, change func(*core.DriftRow)) core.DriftRow {
			r := core.DriftRow{Drift: core.Drift{ID: core.DriftID("dr_" + k), GrantKey: core.GrantKey{Account: "zoe"}, Kind: k, First: noon.Add(-time.Hour), Detail: "detail"}, RoleName: "dba", PersonName: "Zoe Z"}
			if change != nil {
				change(&r)
			}
			return r
		}
		lines, below := model.DriftLines(say, noon, "prod-db", core.DriftReport{Reading: core.Reading{At: noon.Add(-time.Minute), More: 3}, Items: []core.DriftRow{
			row(core.DriftOutside, nil), row(core.DriftLost, nil), row(core.DriftRenamed, nil),
			row(core.DriftOutside, func(r *core.DriftRow) { r.GrantState, r.GrantError = core.GrantRemoving, "refused" }),
			row(core.DriftOutside, func(r *core.DriftRow) { r.Accepted, r.ByName, r.Why = noon, "Bo", "batch account" }),
		}})
		type can struct{ remove, accept bool }
		for i, want := range []can{{true, true}, {false, true}, {false, true}, {false, false}, {true, false}} {
			l := lines[i]
			if (can{l.Removable, l.Open}) != want {
				t.Errorf("%s, line %d: %+v", lang, i, l)
			}
			for _, text := range []string{l.Title, l.Mark.Word, l.Meaning, l.Since} {
				if text == "" || strings.Contains(text, "pages.") || strings.Contains(text, "{") {
					t.Errorf("%s, line %d says %q", lang, i, text)
				}
			}
		}
		if lines[3].Problem != "refused" || !strings.Contains(lines[4].Meaning, "batch account") || !strings.Contains(below, "3") {
			t.Errorf("%s: %+v, %q", lang, lines[3:], below)
		}
		if _, below := model.DriftLines(say, noon, "prod-db", core.DriftReport{}); !strings.Contains(below, "prod-db") {
			t.Errorf("%s, never read: %q", lang, below)
		}
	}
}

func TestConnectionForm(t *testing.T) {
	f := model.NewSystemForm(core.KindInfo{Kind: core.KindPostgres, Fields: []core.KindField{{Name: "host", Required: true}, {Name: "port", Default: "5432"}, {Name: "note"}}})
	f.Name = "prod"
	var e *core.Error
	if err := f.Check(); !errors.As(err, &e) || e.Field != "host" {
		t.Errorf("got %v", err)
	}
	f.Values["host"] = " db.example.org "
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{"host": "db.example.org", "port": "5432"}, f.Spec().Settings); diff != "" {
		t.Error(diff)
	}
}

func TestRoleChoice(t *testing.T) {
	c := model.NewRoleChoice(speak(t, "en"), core.Probe{Roles: []core.FoundRole{
		{External: "app", Holders: []string{"a", "b", "c", "d"}}, {External: "mine", Managed: true}, {External: "dba", Privileged: true},
	}})
	lines, at := c.Lines("")
	if len(lines) != 2 || lines[0].External != "dba" || lines[1].Holding != "a, b, c and 1 more" {
		t.Fatalf("got %+v", lines)
	}
	c.Choose(at[0], true)
	if diff := cmp.Diff([]core.NewRole{{External: "dba", Name: "dba", Privileged: true}}, c.Chosen()); diff != "" {
		t.Error(diff)
	}
}

func TestMatchAccounts(t *testing.T) {
	people := []core.PersonRow{person("zoe", "Zoe"), person("alice", "Alice"), person("twin", "Twin")}
	gone := person("bob", "Bob")
	gone.Disabled = true
	m := model.MatchAccounts(append(people, gone), []string{"Alice", "bob", "Twin", "TWIN", "postgres"})
	if len(m) != 3 || m[0].Account != "Alice" || !m[0].Suggested || m[1].Account != "" || m[2].Account != "" {
		t.Errorf("got %+v", m)
	}
	if diff := cmp.Diff([]core.SetAccount{{Person: "alice", System: "sy", External: "Alice"}}, model.AccountCommands("sy", m)); diff != "" {
		t.Error(diff)
	}
}

func TestPersonForm(t *testing.T) {
	f := &model.PersonForm{Language: "en"}
	f.TypeName("Jürgen von der Höhe")
	if f.Login != "juergen.hoehe" {
		t.Errorf("got %q", f.Login)
	}
	f.TypeLogin("jh")
	f.TypeName("Somebody Else")
	if f.Login != "jh" {
		t.Errorf("a typed login was changed to %q", f.Login)
	}
	f.Mail = "not an address"
	var e *core.Error
	if err := f.Check(); !errors.As(err, &e) || e.Field != "mail" {
		t.Errorf("got %v", err)
	}
	f.Mail = "jh@example.org"
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	f.Name = strings.Repeat("é", 121)
	if err := f.Check(); !errors.As(err, &e) || e.Field != "name" {
		t.Errorf("got %v", err)
	}
}

func TestSettingForm(t *testing.T) {
	f := model.FormOfSettings(core.DefaultSettings())
	if f.IdleLock != "15m" || f.Security != core.MailSTARTTLS {
		t.Errorf("got %+v", f)
	}
	f.Host, f.From = "mail.example.org", "Stint <stint@example.org>"
	c, err := f.Command()
	if err != nil || c.Settings.Mail.Port != 587 || !c.Settings.Mail.Configured() {
		t.Errorf("got %+v, %v", c, err)
	}
	for field, spoil := range map[string]func(*model.SettingForm){
		"port":      func(f *model.SettingForm) { f.Port = "99999" },
		"from":      func(f *model.SettingForm) { f.From = "x" },
		"user":      func(f *model.SettingForm) { f.Auth = core.MailAuthPlain },
		"idle_lock": func(f *model.SettingForm) { f.IdleLock = "13h" },
	} {
		bad := *f
		spoil(&bad)
		var e *core.Error
		if _, err := bad.Command(); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if err := (model.PasswordForm{Present: "x", Next: "long enough for this", Again: "long enough for that"}).Check(); core.CodeOf(err) != core.Invalid {
		t.Errorf("got %v", err)
	}
}

// What was refused is listed by what it was, with the reason, and not as
// "Refused" alone; each command that the service takes has a name for that.
func TestRefusedIsNamed(t *testing.T) {
	en, de := speak(t, "en"), speak(t, "de")
	e := core.Entry{Seq: 1, Time: noon, ActorName: "bob", Action: core.CommandRefused, Outcome: core.OutcomeRefused, Detail: "add-system: Only an administrator may do that."}
	for say, want := range map[*model.Text]string{en: "Refused: adding a system", de: "Abgelehnt: ein System hinzufügen"} {
		l := model.AuditLineOf(say, noon, e)
		if l.What != want || l.On != "Only an administrator may do that." {
			t.Errorf("got %q on %q, want %q", l.What, l.On, want)
		}
	}
	for _, c := range core.Public() {
		e.Detail = c.Verb() + ": why"
		for _, say := range []*model.Text{en, de} {
			if got := model.AuditLineOf(say, noon, e).What; !strings.Contains(got, ": ") {
				t.Errorf("%s is shown as %q", c.Verb(), got)
			}
		}
	}
	e.Detail = "some-later-command: why"
	if got := model.AuditLineOf(en, noon, e).What; got != "Refused" {
		t.Errorf("of a later version: %q", got)
	}
}

// What can't be taken back says first why.
func TestStuckFactsBeginWithTheReason(t *testing.T) {
	say := speak(t, "en")
	r := core.AssignmentRow{RoleName: "dba", GrantError: "the connection was refused", GrantAttempts: 3, GrantFailing: noon.Add(-time.Minute)}
	if got := model.AssignmentFacts(say, noon, r)[0]; got.Value != r.GrantError {
		t.Errorf("the first fact is %+v", got)
	}
}
