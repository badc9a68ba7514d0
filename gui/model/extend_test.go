package model_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/resources"
)

// The desktop tells the person, and the administrators, of ends and what to do.
func TestNoticesOfEnds(t *testing.T) {
	n := core.Notice{Role: "dba", System: "prod-db", Who: "Ann", By: "Bo Boss", Until: noon.AddDate(0, 0, 14), Why: "the project goes on"}
	for _, c := range []struct {
		kind   core.NoticeKind
		own    bool
		action core.Action
		want   string
	}{
		{core.NoticeExpiring, true, "", "dba ends soon|Ask to keep it"},
		{core.NoticeExpiring, false, "", "dba of Ann ends soon|Extend it"},
		{core.NoticeExpired, true, "", "dba has expired|renewed"},
		{core.NoticeExpired, false, "", "dba of Ann has expired|renewed"},
		{core.NoticeExtended, true, core.AdminExtend, "dba was extended|Bo Boss"},
		{core.NoticeExtended, true, core.AdminRenew, "You have dba again|Bo Boss"},
		{core.NoticeExtended, false, core.AdminRenew, ""},
		{core.NoticeApprove, false, core.SelfExtend, "Ann asks to keep dba|the project goes on"},
		{core.NoticeApprove, false, core.SelfRenew, "Ann asks to have dba again|the project goes on"},
	} {
		n.Kind, n.Own, n.Action = c.kind, c.own, c.action
		for _, lang := range []string{"en", "de"} {
			say := model.NewText(lang, resources.Texts(lang), resources.Texts("en"), time.UTC)
			title, text := model.NoticeText(say, n, noon)
			if (title == "") != (c.want == "") || strings.Contains(title+text, "notice.") || strings.Contains(title+text, "{") {
				t.Errorf("%s %s %v: %q %q", lang, c.kind, c.own, title, text)
			}
			if want := strings.Split(c.want+"|", "|"); lang == "en" && (title != want[0] || !strings.Contains(text, want[1])) {
				t.Errorf("%s %v: %q %q, want %q", c.kind, c.own, title, text, c.want)
			}
		}
	}
}

// Days are those that a person would count.
func TestEndsIn(t *testing.T) {
	for left, want := range map[time.Duration]string{
		13*24*time.Hour - time.Minute: "ends in 13 days", 13*24*time.Hour + time.Hour: "ends in 13 days", 20 * time.Hour: "ends in 20 h",
		24 * time.Hour: "ends in 1 day", 35 * time.Hour: "ends in 1 day", 37 * time.Hour: "ends in 2 days",
	} {
		if got := model.EndsIn(tongue("en"), noon.Add(left), noon); got != want {
			t.Errorf("%v: %q, want %q", left, got, want)
		}
	}
}

// What is not touched stays as it was asked for.
func TestDecideTerm(t *testing.T) {
	asked := model.DecisionOf(core.Request{Action: core.SelfRenew, Start: noon.AddDate(0, 0, 2), End: noon.AddDate(0, 3, 0)}, time.UTC)
	for name, c := range map[string]struct {
		change func(*model.Term)
		want   core.DecideRequests
		field  string
	}{
		"as asked":    {func(*model.Term) {}, core.DecideRequests{}, ""},
		"other end":   {func(f *model.Term) { f.End = "2027-01-31" }, core.DecideRequests{End: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)}, ""},
		"other start": {func(f *model.Term) { f.Start = "2026-12-01" }, core.DecideRequests{Start: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}, ""},
		"permanent":   {func(f *model.Term) { f.Permanent = true }, core.DecideRequests{Permanent: true}, ""},
		"no date":     {func(f *model.Term) { f.End = "soon" }, core.DecideRequests{}, "end"},
		"too early":   {func(f *model.Term) { f.End = "2026-11-01" }, core.DecideRequests{}, "end"},
		"no start":    {func(f *model.Term) { f.Start = "soon" }, core.DecideRequests{}, "start"},
	} {
		form := asked
		c.change(&form)
		got, err := form.Decide(core.DecideRequests{}, asked, noon)
		field := ""
		if e, ok := err.(*core.Error); ok {
			field = e.Field
		}
		if field != c.field || err == nil && (!got.Start.Equal(c.want.Start) || !got.End.Equal(c.want.End) || got.Permanent != c.want.Permanent) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
