package model_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/resources"
)

func midday() time.Time { return time.Date(2026, time.November, 23, 13, 51, 0, 0, time.UTC) }

func tongue(lang string) *model.Text {
	return model.NewText(lang, resources.Texts(lang), resources.Texts("en"), time.UTC)
}

func TestCountdown(t *testing.T) {
	say, now := tongue("en"), midday()
	for _, c := range []struct {
		left, whole time.Duration
		want        model.Countdown
	}{
		{41 * time.Minute, time.Hour, model.Countdown{Share: 41.0 / 60, Big: "41", Small: "min left", Tone: model.ToneGood}},
		{41*time.Minute + 59*time.Second, time.Hour, model.Countdown{Share: 2519.0 / 3600, Big: "41", Small: "min left", Tone: model.ToneGood}},
		{15 * time.Minute, time.Hour, model.Countdown{Share: 0.25, Big: "15", Small: "min left", Tone: model.ToneWarn}},
		{15*time.Minute + time.Second, time.Hour, model.Countdown{Share: 901.0 / 3600, Big: "15", Small: "min left", Tone: model.ToneGood}},
		{5 * time.Minute, time.Hour, model.Countdown{Share: 5.0 / 60, Big: "5:00", Small: "left", Tone: model.ToneBad}},
		{250 * time.Second, time.Hour, model.Countdown{Share: 250.0 / 3600, Big: "4:10", Small: "left", Tone: model.ToneBad}},
		{time.Millisecond, time.Hour, model.Countdown{Share: 0.001 / 3600, Big: "0:01", Small: "left", Tone: model.ToneBad}},
		{0, time.Hour, model.Countdown{Big: "0:00", Small: "left", Tone: model.ToneBad}},
		{-time.Hour, time.Hour, model.Countdown{Big: "0:00", Small: "left", Tone: model.ToneBad}},
		{90 * time.Minute, time.Hour, model.Countdown{Share: 1, Big: "1:30", Small: "h left", Tone: model.ToneGood}},
		{49 * time.Hour, 0, model.Countdown{Big: "2", Small: "days left", Tone: model.ToneGood}},
	} {
		got := model.CountdownTo(say, now.Add(c.left), c.whole, now)
		near := cmp.Comparer(func(x, y float32) bool { return x-y < 1e-5 && y-x < 1e-5 })
		if diff := cmp.Diff(c.want, got, near); diff != "" {
			t.Errorf("%v of %v (-want +got)\n%s", c.left, c.whole, diff)
		}
	}
}

// TestRingsMoveTogether lets rings of all lengths run through their last hours:
// none is ever further than half a degree behind, none shows too little, and
// beside the texts all of them cost one painting in five seconds.
func TestRingsMoveTogether(t *testing.T) {
	say := tongue("en")
	const seconds = 1200
	for name, c := range map[string]struct {
		shortest, step time.Duration
		paintings      int
	}{
		"minutes": {15 * time.Minute, 2 * time.Minute, seconds}, // too few for half a degree in five seconds
		"hours":   {time.Hour, 7 * time.Minute, seconds / 5},
		"a day":   {12 * time.Hour, time.Hour, seconds / 60},
	} {
		painted := 0
		shares := make([]float32, 20)
		for s := range seconds {
			now, moved := midday().Add(time.Duration(s)*time.Second+317*time.Millisecond), false
			for i := range shares {
				whole := c.shortest + time.Duration(i)*c.step
				end := midday().Add(whole + time.Duration(i)*11*time.Second)
				left := end.Sub(now)
				if left <= 0 {
					continue
				}
				got := model.CountdownTo(say, end, whole, now).Share
				exact := min(1, float32(left)/float32(whole))
				if got < exact-1e-5 || got > exact+max(1.0/720, float32(time.Second)/float32(whole))+1e-5 {
					t.Fatalf("%s: a ring of %v shows %v with %v left, want %v", name, whole, got, left, exact)
				}
				moved = moved || got != shares[i]
				shares[i] = got
			}
			if moved {
				painted++
			}
		}
		if painted > c.paintings+1 {
			t.Errorf("%s: rings moved %d times in %d seconds, want %d", name, painted, seconds, c.paintings)
		}
	}
}

func row(state core.AssignmentState, grant core.GrantState, origin core.Origin, end time.Time) core.AccessRow {
	return core.AccessRow{AssignmentRow: core.AssignmentRow{
		Assignment: core.Assignment{ID: "as_1", State: state, Origin: origin, Start: midday().Add(-time.Hour), End: end, Scope: "/"},
		RoleName:   "db-admin", SystemName: "prod-db", SystemKind: core.KindPostgres, GrantState: grant,
		GrantEvidence: core.Evidence{At: midday().Add(-time.Minute)}},
		Duration: core.Duration(2 * time.Hour), MaxProlong: core.Duration(time.Hour)}
}

func TestCard(t *testing.T) {
	say, now := tongue("en"), midday()
	type look struct {
		Chip, Line    string
		Prolong, Drop bool
	}
	stuck := row(core.Expired, core.GrantRemoving, core.Activated, now)
	stuck.GrantFailing, stuck.GrantAttempts, stuck.GrantError = now.Add(-time.Minute), 3, "refused"
	noProlong := row(core.InForce, core.GrantPresent, core.Activated, now.Add(time.Hour))
	noProlong.MaxProlong = 0
	for name, c := range map[string]struct {
		row  core.AccessRow
		want look
	}{
		"active":    {row(core.InForce, core.GrantPresent, core.Activated, now.Add(time.Hour)), look{"", "Ends 14:51", true, true}},
		"found":     {row(core.InForce, core.GrantFound, core.Activated, now.Add(time.Hour)), look{"", "Ends 14:51", true, true}},
		"ending":    {row(core.InForce, core.GrantPresent, core.Activated, now.Add(10*time.Minute)), look{"ending soon", "Ends 14:01", true, true}},
		"last":      {row(core.InForce, core.GrantPresent, core.Activated, now.Add(time.Minute)), look{"ending", "Ends 13:52", true, true}},
		"tomorrow":  {row(core.InForce, core.GrantPresent, core.Activated, now.Add(12*time.Hour)), look{"", "Ends tomorrow 01:51", true, true}},
		"no longer": {noProlong, look{"", "Ends 14:51", false, true}},
		"granting":  {row(core.InForce, core.GrantGranting, core.Activated, now.Add(time.Hour)), look{"being granted", "Writing to the system …", false, true}},
		"removing":  {row(core.Expired, core.GrantRemoving, core.Activated, now), look{"being removed", "Taking it back …", false, false}},
		"stuck":     {stuck, look{"stuck", "being removed", false, false}},
		"assigned":  {row(core.InForce, core.GrantPresent, core.Assigned, now.Add(time.Hour)), look{"", "Ends 14:51", false, false}},
		"permanent": {row(core.InForce, core.GrantPresent, core.Assigned, time.Time{}), look{"", "Assigned permanently", false, false}},
	} {
		got := model.CardOf(say, c.row, now)
		if diff := cmp.Diff(c.want, look{got.Chip.Word, got.Line, got.Prolong, got.Drop}); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// What keeps a system is said from the first failure on, not only once it
// counts as stuck.
func TestCardSaysWhatFails(t *testing.T) {
	say, now := tongue("en"), midday()
	r := row(core.Expired, core.GrantRemoving, core.Activated, now)
	if c := model.CardOf(say, r, now); c.Note != "Over once the system was read back." || c.NoteTone != model.TonePlain {
		t.Errorf("before the first failure: %q", c.Note)
	}
	r.GrantFailing, r.GrantAttempts, r.GrantError = now.Add(-time.Second), 1, "The system can't be reached"
	if c := model.CardOf(say, r, now); c.Note != "The system can't be reached. Stint goes on trying." || c.NoteTone != model.ToneWarn {
		t.Errorf("after it: %q, %v", c.Note, c.NoteTone)
	}
}

// What ends a role early on the person's own computer is said before he
// activates it, and while he has it: a surprise at a locked screen is too late.
func TestSaysWhatEndsItEarly(t *testing.T) {
	for lang, want := range map[string][3]string{
		"en": {"Ends at once when your screen is locked.", "Ends at once when your screen is locked or you sign out.", "Ends at once when your screen is locked, your computer sleeps or you sign out."},
		"de": {"Endet sofort, wenn Ihr Bildschirm gesperrt wird.", "Endet sofort, wenn Ihr Bildschirm gesperrt wird oder Sie sich abmelden.", "Endet sofort, wenn Ihr Bildschirm gesperrt wird, Ihr Rechner schlafen geht oder Sie sich abmelden."},
	} {
		say, now := tongue(lang), midday()
		for i, on := range [][]core.DropReason{{core.DropOnLock}, {core.DropOnLock, core.DropOnSignOut}, core.DropReasons()} {
			r := row(core.InForce, core.GrantPresent, core.Activated, now.Add(time.Hour))
			r.DropOn = on
			if got := model.CardOf(say, r, now).Sooner; got != want[i] {
				t.Errorf("card: got %q, want %q", got, want[i])
			}
			a := model.NewActivation([]core.EligibleRow{{Policy: core.Policy{MaxDuration: core.Duration(time.Hour), DropOn: on}}})
			if got := a.Review(say, core.Result{}, now)[0].Notes; !slices.Contains(got, want[i]) {
				t.Errorf("review: %q doesn't say %q", got, want[i])
			}
		}
	}
	if got := model.CardOf(tongue("en"), row(core.InForce, core.GrantPresent, core.Activated, midday().Add(time.Hour)), midday()).Sooner; got != "" {
		t.Errorf("a role without such a setting says %q", got)
	}
}

func TestEligibleLine(t *testing.T) {
	say, now := tongue("en"), midday()
	for left, want := range map[time.Duration]string{0: "permanent", 128 * 24 * time.Hour: "until 31 Mar 2027", 9 * 24 * time.Hour: "ends in 9 days",
		26 * time.Hour: "ends in 1 day", 90 * time.Minute: "ends in 1 h 30 min"} {
		r := core.EligibleRow{Policy: core.DefaultPolicy()}
		if left > 0 {
			r.End = now.Add(left)
		}
		l := model.EligibleLineOf(say, r, nil, now)
		if l.Until != want || l.Rules != "max 8 h" || !l.MayStart {
			t.Errorf("%v: %q, %q, %v; want %q", left, l.Until, l.Rules, l.MayStart, want)
		}
	}
	r := core.EligibleRow{AssignmentRow: core.AssignmentRow{Assignment: core.Assignment{ID: "as_7"}}, Blocked: &core.Error{Message: "not now"}}
	l := model.EligibleLineOf(say, r, []core.Favourite{{ID: "fa_1", Items: []core.ActivationItem{{Assignment: "as_7"}}}}, now)
	if l.MayStart || l.Blocked != "not now" || !l.Starred || l.Favour != "fa_1" {
		t.Errorf("%+v", l)
	}
}

func TestActivationSteps(t *testing.T) {
	say, now := tongue("en"), midday()
	bare := core.EligibleRow{Policy: core.Policy{MaxDuration: core.Duration(30 * time.Minute)}}
	a := model.NewActivation([]core.EligibleRow{bare})
	if a.NeedsCode() || a.NeedsWhy() || a.NeedsTicket() || a.WhyProblem(say) != "" || a.Duration != 30*time.Minute {
		t.Errorf("a role that asks for nothing: %+v", a)
	}
	full := core.EligibleRow{Policy: core.DefaultPolicy()}
	full.Policy.RequireTicket = true
	a = model.NewActivation([]core.EligibleRow{bare, full})
	if !a.NeedsCode() || !a.NeedsWhy() || !a.NeedsTicket() || a.Most() != 30*time.Minute {
		t.Errorf("a bundle takes the strictest of each: %+v", a)
	}
	a.Why = "1234"
	if a.WhyProblem(say) == "" || a.TicketProblem(say) == "" {
		t.Error("too short a reason or no ticket is no problem")
	}
	if got, want := a.Period(say, now), "now – 14:21"; got != want {
		t.Errorf("period %q, want %q", got, want)
	}
	a.Start = now.Add(20 * time.Hour)
	if got, want := a.Period(say, now), "tomorrow 09:51 – 10:21"; got != want {
		t.Errorf("period %q, want %q", got, want)
	}
}

func TestReadDurationAndMoment(t *testing.T) {
	say, now := tongue("de"), midday()
	for in, want := range map[string]time.Duration{"2h": 2 * time.Hour, "1 h 30 min": 90 * time.Minute, "45m": 45 * time.Minute, "PT1H": time.Hour} {
		if got, problem := model.ReadDuration(say, in, core.MinActivation, 4*time.Hour); got != want || problem != "" {
			t.Errorf("%q: %v %q", in, got, problem)
		}
	}
	for _, in := range []string{"", "x", "1m", "5h", "-1h", "1e9h"} {
		if _, problem := model.ReadDuration(say, in, core.MinActivation, 4*time.Hour); problem == "" {
			t.Errorf("%q was taken", in)
		}
	}
	for in, want := range map[string]time.Time{"24.11.2026 9:00": now.Add(19*time.Hour + 9*time.Minute), "2026-11-24 09:00": now.Add(19*time.Hour + 9*time.Minute), "15:00": now.Add(69 * time.Minute), "9:00": now.Add(19*time.Hour + 9*time.Minute)} {
		if got, problem := model.ReadMoment(say, in, now); !got.Equal(want) || problem != "" {
			t.Errorf("%q: %v %q, want %v", in, got, problem, want)
		}
	}
	for _, in := range []string{"", "yesterday", "2020-01-01 10:00", "25:00"} {
		if _, problem := model.ReadMoment(say, in, now); problem == "" {
			t.Errorf("%q was taken", in)
		}
	}
}

func TestTray(t *testing.T) {
	say, now := tongue("en"), midday()
	active := row(core.InForce, core.GrantPresent, core.Activated, now.Add(41*time.Minute-time.Second))
	ending := row(core.InForce, core.GrantPresent, core.Activated, now.Add(3*time.Minute))
	stuck := row(core.Expired, core.GrantRemoving, core.Activated, now)
	stuck.GrantFailing = now.Add(-time.Minute)
	for want, rows := range map[string][]core.AccessRow{"idle": nil, "active": {active}, "ending": {active, ending}, "attention": {active, stuck}} {
		if got := model.TrayState(core.Access{Active: rows}, now); got != want {
			t.Errorf("tray %s, want %s", got, want)
		}
	}
	got := model.TrayLines(say, core.Access{Active: []core.AccessRow{active, stuck}}, now)
	if diff := cmp.Diff([]string{"db-admin · prod-db: 41 min", "db-admin · prod-db: stuck"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWarnings(t *testing.T) {
	say, now := tongue("en"), midday()
	var w model.Warnings
	r := row(core.InForce, core.GrantPresent, core.Activated, now.Add(20*time.Minute))
	w.Know(core.Access{Active: []core.AccessRow{r}})
	var got []string
	for at := now; at.Before(now.Add(25 * time.Minute)); at = at.Add(time.Second) {
		for _, x := range w.Due(say, at) {
			got = append(got, x.Title)
		}
	}
	want := []string{"db-admin ends in 15 minutes", "db-admin ends in 5 minutes", "db-admin ends in 1 minute"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	r.End = now.Add(60 * time.Minute) // prolonged: warned anew, and slept through all but the last
	w.Know(core.Access{Active: []core.AccessRow{r}})
	if x := w.Due(say, now.Add(59*time.Minute+30*time.Second)); len(x) != 1 || x[0].Title != "db-admin ends in 1 minute" {
		t.Errorf("after sleep: %v", x)
	}
}

func TestWords(t *testing.T) {
	en, de := tongue("en"), tongue("de")
	at := time.Date(2027, time.March, 31, 14, 32, 5, 0, time.UTC)
	for _, c := range [][2]string{
		{en.Date(at), "31 Mar 2027"}, {de.Date(at), "31. März 2027"}, {en.Clock(at), "14:32"}, {en.Second(at), "14:32:05"},
		{en.Number(48211), "48,211"}, {de.Number(-1048211), "-1.048.211"}, {en.Duration(90 * time.Minute), "1 h 30 min"},
		{en.Duration(14 * 24 * time.Hour), "14 days"}, {de.Duration(24 * time.Hour), "1 Tag"}, {en.Ago(at, at.Add(3*time.Hour)), "3 h ago"},
		{de.Ago(time.Time{}, at), "nie"}, {en.T("no.such.key"), "no.such.key"}, {en.Error(nil), ""},
		{en.Error(&core.Error{Key: "brand.new", Message: "from a newer server"}), "from a newer server"},
		{en.T("access.bar", "n", "1"), "1 role chosen"}, {en.T("access.bar", "n", "2"), "2 roles chosen"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
}

func TestPasswordStrength(t *testing.T) {
	say := tongue("en")
	for in, want := range map[string]int{"": 0, "short": 1, "aaaaaaaaaaaaaaaa": 2, "abcdefghijkl": 2, "correct horse battery": 4, "longenoughpass7": 3} {
		if got, _, _ := model.PasswordStrength(say, in); got != want {
			t.Errorf("%q: %d bars, want %d", in, got, want)
		}
	}
}

// A favourite that can't be activated says why, before anybody types a code.
func TestFavouriteSaysWhatStopsIt(t *testing.T) {
	say := tongue("en")
	f := core.Favourite{ID: "fa_1", Items: []core.ActivationItem{{Assignment: "as_1"}, {Assignment: "as_2"}}}
	one, two := core.EligibleRow{AssignmentRow: core.AssignmentRow{Assignment: core.Assignment{ID: "as_1"}}}, core.EligibleRow{AssignmentRow: core.AssignmentRow{Assignment: core.Assignment{ID: "as_2"}}}
	two.Blocked = core.Errorf(core.Unavailable, "", "api.unreachable")
	for _, ready := range []bool{true, false} {
		if !ready {
			one.Now = "as_9"
		}
		l := model.FavouriteLineOf(say, f, []core.EligibleRow{one, two})
		if l.Ready != ready || l.Why != say.Error(two.Blocked) {
			t.Errorf("got ready %v, why %q", l.Ready, l.Why)
		}
	}
	two.Blocked = nil
	if l := model.FavouriteLineOf(say, f, []core.EligibleRow{one, two}); l.Why != "" {
		t.Errorf("one is ready: %q", l.Why)
	}
}
