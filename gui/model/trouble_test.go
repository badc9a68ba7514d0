package model_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

func TestBannersTellTheWorstFirst(t *testing.T) {
	now := time.Date(2026, 3, 31, 14, 0, 0, 0, time.UTC)
	away := func(system string, ago time.Duration) core.Trouble {
		return core.Trouble{Kind: core.TroubleSystem, Severity: core.SeverityWarn, Since: now.Add(-ago), Args: map[string]string{"system": system, "why": "It does not answer."}}
	}
	stuck := func(n string) core.Trouble {
		return core.Trouble{Kind: core.TroubleStuck, Severity: core.SeverityBad, Since: now.Add(-time.Minute),
			Args: map[string]string{"system": "orders", "n": n, "role": "owner", "person": "Bob Lee", "why": "It does not answer."}}
	}
	say := tongue("en")
	got := model.Banners(say, now, []core.Trouble{away("crm", time.Minute), away("web", time.Hour), stuck("2"), {Kind: core.TroubleDisk, Severity: core.SeverityInfo}}, false)
	var titles []string
	for _, b := range got {
		titles = append(titles, b.Title)
	}
	want := []string{"2 accesses on orders could not be taken back yet · since 13:59", "Stint can't work with web right now · since 13:00",
		"Stint can't work with crm right now · since 13:59", "The disk is full"}
	if d := cmp.Diff(want, titles); d != "" {
		t.Errorf("titles (-want +got):\n%s", d)
	}
	if b := got[0]; b.Tone != model.ToneBad || b.Page != "assignments" || b.Key != "" {
		t.Errorf("what access may outlast can be put away, or leads nowhere: %+v", b)
	}
	if b := got[1]; b.Tone != model.ToneWarn || b.Page != "systems" || b.Key == "" || b.Key == got[2].Key {
		t.Errorf("a system that is away: %+v", b)
	}
	if got[3].Tone != model.ToneEligible {
		t.Errorf("good to know is %q", got[3].Tone)
	}
	one := model.Banners(say, now, []core.Trouble{stuck("1")}, false)[0]
	if !strings.HasPrefix(one.Title, "owner on orders ") || !strings.Contains(one.Text, "Bob Lee's access") {
		t.Errorf("a single one: %q, %q", one.Title, one.Text)
	}
	if got := model.Banners(say, now, []core.Trouble{stuck("1")}, true); len(got) != 1 || got[0].Title != "The server can't be reached" {
		t.Errorf("away: %+v", got)
	}
}
