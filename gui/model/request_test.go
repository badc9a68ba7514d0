package model_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/model"
)

// A request by which an assignment shall go on says what is asked only while it
// waits; then it says what was decided, and until when the assignment lasts.
func TestCaseOfWhatGoesOn(t *testing.T) {
	april, may := time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)
	open := []string{"Shall last until", "Until now", "Soll gelten bis", "Bisher bis", "as soon as", "sobald"}
	for _, c := range []struct {
		name    string
		action  core.Action
		change  func(*core.Case)
		en, de  string   // the title, the mark, then the facts
		without []string // facts that there must not be
	}{
		{"waits", core.SelfExtend, func(*core.Case) {},
			"Bob Novak asks to keep db-owner|Waits for approval|Until now: 2 Dec 2026, 12:00|Shall last until: 31 Mar 2027",
			"Bob Novak möchte db-owner behalten|Wartet auf Genehmigung|Bisher bis: 2. Dez. 2026, 12:00|Soll gelten bis: 31. März 2027", nil},
		{"extended", core.SelfExtend, func(c *core.Case) { c.Request.Status, c.Present.End = core.Provisioned, april },
			"Bob Novak asked to keep db-owner|Extended|Extended until: 31 Mar 2027",
			"Bob Novak wollte db-owner behalten|Verlängert|Verlängert bis: 31. März 2027", append(open, "Lasts until", "Gilt bis")},
		{"extended, then again", core.SelfExtend, func(c *core.Case) { c.Request.Status, c.Present.End = core.Provisioned, may },
			"Bob Novak asked to keep db-owner|Extended|Extended until: 31 Mar 2027|Lasts until: 30 Apr 2027",
			"Bob Novak wollte db-owner behalten|Verlängert|Verlängert bis: 31. März 2027|Gilt bis: 30. Apr. 2027", open},
		{"extended, then removed", core.SelfExtend, func(c *core.Case) {
			c.Request.Status, c.Present.State, c.Present.End, c.Present.Ended = core.Provisioned, core.Removed, april, noon.Add(-time.Hour)
		},
			"Bob Novak asked to keep db-owner|Extended|Extended until: 31 Mar 2027|Removed: 11:00",
			"Bob Novak wollte db-owner behalten|Verlängert|Verlängert bis: 31. März 2027|Entfernt: 11:00", append(open, "Lasts until", "Gilt bis")},
		{"for good", core.SelfExtend, func(c *core.Case) {
			c.Request.Status, c.Request.End, c.Present.End = core.Provisioned, time.Time{}, time.Time{}
		},
			"Bob Novak asked to keep db-owner|Extended|Extended until: permanent",
			"Bob Novak wollte db-owner behalten|Verlängert|Verlängert bis: unbefristet", append(open, "Lasts until", "Gilt bis")},
		{"as the other type", core.SelfExtend, func(c *core.Case) {
			c.Request.Status, c.Request.Start, c.Present.State, c.Present.Ended, c.Request.Approval.Kind = core.Provisioned, noon, core.Removed, noon, core.Active
		},
			"Bob Novak asked to keep db-owner|Extended|Extended until: 31 Mar 2027|Goes on as: Active|Started: 12:00",
			"Bob Novak wollte db-owner behalten|Verlängert|Verlängert bis: 31. März 2027|Gilt weiter als: Aktiv|Begann: 12:00", append(open, "Removed", "Entfernt")},
		{"denied", core.SelfExtend, func(c *core.Case) { c.Request.Status = core.Denied },
			"Bob Novak asked to keep db-owner|Denied|Asked until: 31 Mar 2027|Lasts until: 2 Dec 2026, 12:00",
			"Bob Novak wollte db-owner behalten|Abgelehnt|Erbeten bis: 31. März 2027|Gilt bis: 2. Dez. 2026, 12:00", append(open, "Extended until", "Verlängert bis")},
		{"renewed from a later day on", core.SelfRenew, func(c *core.Case) {
			c.Request.Status, c.Request.Start = core.Granted, noon.AddDate(0, 0, 1)
			c.Present.State, c.Present.End = core.Scheduled, april
		},
			"Bob Novak asked to have db-owner again|Scheduled|Renewed until: 31 Mar 2027|Starts: tomorrow 12:00",
			"Bob Novak wollte db-owner wieder haben|Geplant|Erneuert bis: 31. März 2027|Beginnt: morgen 12:00", open},
		{"not answered", core.SelfRenew, func(c *core.Case) { c.Request.Status, c.Request.Completed = core.TimedOut, noon },
			"Bob Novak asked to have db-owner again|Not answered|Asked until: 31 Mar 2027|Expired: 14 Nov 2026, 12:00|Ended: 23 Nov 2026, 12:00",
			"Bob Novak wollte db-owner wieder haben|Nicht beantwortet|Erbeten bis: 31. März 2027|Abgelaufen: 14. Nov. 2026, 12:00|Beendet: 23. Nov. 2026, 12:00", append(open, "Starts", "Beginnt", "Decided", "Entschieden")},
		{"an administrator did it", core.AdminExtend, func(c *core.Case) {
			c.Request.Status, c.Request.Approval, c.Present = core.Provisioned, nil, core.Assignment{}
		},
			"db-owner of Bob Novak was extended|Extended|Extended until: 31 Mar 2027",
			"db-owner von Bob Novak wurde verlängert|Verlängert|Verlängert bis: 31. März 2027", open},
	} {
		for lang, want := range map[string]string{"en": c.en, "de": c.de} {
			longing := guitest.Longing(noon, c.action)
			c.change(&longing)
			v := model.CaseOf(tongue(lang), longing, noon)
			got, labels := []string{v.Title, v.State.Word}, []string{}
			for _, f := range v.Facts {
				got, labels = append(got, f.Label+": "+f.Value), append(labels, f.Label)
			}
			for _, w := range strings.Split(want, "|") {
				if !slices.Contains(got, w) {
					t.Errorf("%s, %s: no %q in %q", c.name, lang, w, got)
				}
			}
			for _, not := range c.without {
				if slices.Contains(labels, not) || strings.Contains(strings.Join(got, "|"), ": "+not) {
					t.Errorf("%s, %s: %q in %q", c.name, lang, not, got)
				}
			}
		}
	}
}

// What somebody asked to activate is spoken of in the past, too, once it was
// answered, and its stages say where it ended.
func TestCaseOfWhatWasDenied(t *testing.T) {
	c := guitest.Longing(noon, core.SelfActivate)
	c.Request.Duration, c.Request.Status, c.Present = core.Duration(time.Hour), core.Denied, core.Assignment{}
	c.Stages = []core.CaseStage{{Approvers: []string{"Ann"}, Quorum: 1, Agreed: 1}, {Approvers: []string{"Bo"}, Quorum: 1}, {Approvers: []string{"Cleo"}, Quorum: 1}}
	c.Request.Approval.Stage = 1
	v := model.CaseOf(tongue("en"), c, noon)
	var got []string
	for _, s := range v.Stages {
		got = append(got, s.State.Word)
	}
	if want := "Agreed Denied Not asked"; strings.Join(got, " ") != want || v.Title != "Bob Novak asked for db-owner" || v.Heading != "Who had to agree" {
		t.Errorf("%q %q %q, want %q", v.Title, v.Heading, got, want)
	}
	for _, f := range v.Facts {
		if strings.Contains(f.Value, "as soon as") {
			t.Errorf("it still says %q: %q", f.Label, f.Value)
		}
	}
}
