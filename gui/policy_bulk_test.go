package gui_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/guitest"
	"github.com/stint-pim/stint/gui/part"
)

// tickRoles ticks the first n boxes of the page with the keyboard.
func (s *stage) tickRoles(n int) {
	s.t.Helper()
	for _, o := range s.all(func(o fyne.CanvasObject) bool { _, ok := o.(*part.Check); return ok })[:n] {
		o.(*part.Check).TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	}
}

func (s *stage) lacks(text string) {
	s.t.Helper()
	if strings.Contains(s.words(), text) {
		s.t.Fatalf("the page says %q: %s", text, s.words())
	}
}

// choose takes an option of the select with a label.
func (s *stage) choose(label, option string) {
	s.t.Helper()
	for _, o := range s.objects() {
		if c, ok := o.(*part.Select); ok && c.Label() == label && c.Visible() {
			i := slices.Index(c.Options(), option)
			if i < 0 {
				s.t.Fatalf("%s has no option %q", label, option)
			}
			c.Pick(i)
			return
		}
	}
	s.t.Fatalf("no select %q; on the page: %s", label, s.words())
}

// look opens the lookup with a label, or with that hint, and types into it.
func (s *stage) look(label, text string) {
	s.t.Helper()
	for _, o := range s.objects() {
		if c, ok := o.(*part.Select); ok && c.Visible() && (c.Label() == label || c.Label() == "" && c.Hint() == label || slices.Equal(c.Options(), []string{label})) {
			c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
			s.write(text)
			return
		}
	}
	s.t.Fatalf("no lookup %q; on the page: %s", label, s.words())
}

// finds wants what an open lookup has found, and shuts it.
func (s *stage) finds(want ...string) {
	s.t.Helper()
	got := []string{}
	for _, o := range s.objects() {
		if t, ok := o.(*part.Table[part.Found]); ok {
			for _, f := range t.Rows() {
				got = append(got, f.Text+" · "+f.About)
			}
		}
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("found %q, want %q", got, want)
	}
	s.key(fyne.KeyEscape) // what was typed
	s.key(fyne.KeyEscape)
}

// find takes the first that a lookup finds for a text.
func (s *stage) find(label, text string) {
	s.t.Helper()
	s.look(label, text)
	s.key(fyne.KeyReturn)
}

// aPlan is what the fake service answers: one change, or a problem.
func aPlan() core.PolicyPlan {
	on, off, two := true, false, core.Duration(2*time.Hour)
	eight := core.Duration(8 * time.Hour)
	return core.PolicyPlan{Roles: 2, Eligible: 14, Active: 1, NeedsCode: true,
		Command: core.SetPolicies{Levels: []core.LevelChange{{Level: "ro_db-owner", Settings: core.PolicySettings{MaxDuration: &two}}}},
		Changes: []core.PolicyChange{
			{Level: core.DefaultLevel, Fields: []string{"require_ticket"}, Before: core.PolicySettings{RequireTicket: &off}, After: core.PolicySettings{RequireTicket: &on},
				From: map[string]core.PolicyOrigin{"require_ticket": core.OriginBuiltIn}, To: map[string]core.PolicyOrigin{"require_ticket": core.OriginDefault}},
			{Level: "ro_db-owner", RoleName: "db-owner", SystemName: "prod-db", Fields: []string{"max_duration"}, Eligible: 14, Active: 1,
				Before: core.PolicySettings{MaxDuration: &eight}, After: core.PolicySettings{MaxDuration: &two},
				From: map[string]core.PolicyOrigin{"max_duration": core.OriginSystem}, To: map[string]core.PolicyOrigin{"max_duration": core.OriginRole}},
		}}
}

// TestChangeManyRoles ticks two roles, chooses what to set and what to inherit
// again, looks at what would change and for how many, and makes it with a code.
func TestChangeManyRoles(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	s.fake.Plan, s.fake.AskCode = aPlan(), true
	s.w.Open("roles")
	before, _ := guitest.FindFirst(s.w.Window().Canvas(), "db-owner")
	s.tickRoles(2)
	s.sees("2 roles chosen")
	if after, ok := guitest.FindFirst(s.w.Window().Canvas(), "db-owner"); !ok || after != before {
		t.Errorf("ticking moved the roles from %v to %v, away from under the pointer", before, after)
	}
	s.press("Change settings…")
	s.sees("Settings of 2 roles")
	s.choose("Set", "Maximum duration")
	s.choose("Set", "Ask for a ticket")
	s.choose("Inherit again", "Allow prolonging")
	s.fill(0, "2h")
	s.w.Window().Resize(fyne.NewSize(1180, 560)) // where it would stand below what one sees
	s.press("Show what it changes")
	s.sees("2 roles would have other settings. Eligible: 14 people. Active now: 1 person.")
	if at, ok := guitest.Find(s.w.Window().Canvas(), "2 roles would have other settings. Eligible: 14 people. Active now: 1 person."); !ok || at.Y > 400 {
		t.Errorf("what it changes stands at %v, below what one sees", at)
	}
	s.sees("db-owner on prod-db")
	s.sees("set at the role")
	s.press("Change 2 places")
	s.write(guitest.Code)
	if diff := cmp.Diff(core.Command(s.fake.Plan.Command), s.last()); diff != "" {
		t.Error(diff)
	}
	two, off := core.Duration(2*time.Hour), false
	want := core.PolicyEdit{Levels: s.fake.Edit.Levels, Set: core.PolicySettings{MaxDuration: &two, RequireTicket: &off}, Unset: []string{"allow_prolong"}}
	if diff := cmp.Diff(want, s.fake.Edit); diff != "" || len(want.Levels) != 2 {
		t.Error(diff, want.Levels)
	}
	s.sees("The settings were changed at 2 places.")
}

// TestCompareTwoRoles shows only what differs.
func TestCompareTwoRoles(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Dark, "en")
	s.w.Open("roles")
	s.tickRoles(2)
	s.press("Compare")
	s.sees("Compare two roles")
	s.sees("Only what differs")
	s.sees("Maximum duration")
	s.lacks("Ask for a code")
}

// TestImportSettings chooses a file by typing its path: one that isn't there,
// one with something wrong, and then one that is taken.
func TestImportSettings(t *testing.T) {
	s := newStage(t, guitest.AdminTypical, gui.Light, "en")
	path := filepath.Join(t.TempDir(), "settings.yaml")
	s.w.Open("roles")
	s.press("Import…")
	if s.canvas().Focused() == nil {
		t.Error("the keyboard is nowhere")
	}
	s.press("Show what it changes")
	s.fill(0, path)
	s.press("Show what it changes")
	s.sees("This file can't be read.")
	if err := os.WriteFile(path, []byte("stint: policy\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.fake.Plan = core.PolicyPlan{Problems: []core.PolicyProblem{{Line: 12, Where: "db-owner@prod-db", Field: "max_duration",
		Err: core.Errorf(core.Invalid, "max_duration", "duration.between", "min", "30 min", "max", "1 d")}}}
	s.press("Show what it changes")
	s.sees("Line 12 · db-owner@prod-db · Maximum duration")
	s.sees("Nothing is changed: this has to be mended first.")
	s.fake.Plan, s.fake.AskCode = aPlan(), true
	s.press("Show what it changes")
	s.lacks("Line 12")
	s.press("Change 2 places")
	s.write(guitest.Code)
	if diff := cmp.Diff(core.Command(s.fake.Plan.Command), s.last()); diff != "" {
		t.Error(diff)
	}
	if s.fake.PlanFile != "stint: policy\n" {
		t.Errorf("sent %q", s.fake.PlanFile)
	}
}
