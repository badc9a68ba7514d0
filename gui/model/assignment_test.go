package model_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

func TestAssignmentMark(t *testing.T) {
	say := speak(t, "en")
	row := func(k core.AssignmentKind, s core.AssignmentState, g core.GrantState, end time.Duration) core.AssignmentRow {
		r := core.AssignmentRow{Assignment: core.Assignment{Kind: k, State: s, Origin: core.Assigned}, GrantState: g}
		if end != 0 {
			r.End = noon.Add(end)
		}
		return r
	}
	stuck := row(core.Active, core.Removed, core.GrantRemoving, 0)
	stuck.GrantFailing = noon.Add(-time.Minute)
	activated := row(core.Active, core.InForce, core.GrantPresent, 10*time.Minute)
	activated.Origin = core.Activated
	for _, c := range []struct {
		name string
		row  core.AssignmentRow
		want model.Mark
	}{
		{"eligible", row(core.Eligible, core.InForce, "", 0), model.Mark{Word: "eligible", Tone: model.ToneEligible}},
		{"eligible, ends next week", row(core.Eligible, core.InForce, "", 7*24*time.Hour), model.Mark{Word: "ends soon", Tone: model.ToneWarn}},
		{"scheduled", row(core.Eligible, core.Scheduled, "", 0), model.Mark{Word: "scheduled", Tone: model.TonePending}},
		{"active", row(core.Active, core.InForce, core.GrantPresent, 0), model.Mark{Word: "active", Tone: model.ToneGood}},
		{"was there before us", row(core.Active, core.InForce, core.GrantFound, 0), model.Mark{Word: "active", Tone: model.ToneGood}},
		{"granting", row(core.Active, core.InForce, core.GrantGranting, 0), model.Mark{Word: "granting", Tone: model.TonePending}},
		{"lost", row(core.Active, core.InForce, core.GrantAbsent, 0), model.Mark{Word: "missing", Tone: model.ToneBad}},
		{"removing outranks removed", row(core.Active, core.Removed, core.GrantRemoving, 0), model.Mark{Word: "removing", Tone: model.TonePending}},
		{"stuck outranks all", stuck, model.Mark{Word: "stuck", Tone: model.ToneBad}},
		{"activated, ending", activated, model.Mark{Word: "ends soon", Tone: model.ToneWarn}},
		{"expired", row(core.Eligible, core.Expired, "", 0), model.Mark{Word: "expired", Tone: model.TonePlain}},
	} {
		if diff := cmp.Diff(c.want, model.AssignmentMark(say, noon, c.row)); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

func TestActiveTabShowsWhatIsStillOnASystem(t *testing.T) {
	f := model.AssignmentQuery{Tab: model.TabActive, Text: "x"}.Filter(noon)
	want := core.AssignmentFilter{
		Kind: core.Active, Text: "x", States: []core.AssignmentState{core.Scheduled, core.InForce},
		GrantStates: []core.GrantState{core.GrantRemoving},
	}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
}

func TestParseMoment(t *testing.T) {
	for _, c := range []struct {
		text string
		end  bool
		want string // RFC 3339, or empty where it is refused
	}{
		{"2027-03-31", false, "2027-03-31T00:00:00Z"},
		{"2027-03-31", true, "2027-04-01T00:00:00Z"},
		{"31.03.2027", true, "2027-04-01T00:00:00Z"},
		{"31 Mar 2027", true, "2027-04-01T00:00:00Z"},
		{" 2027-03-31   14:30 ", true, "2027-03-31T14:30:00Z"},
		{"90d", true, "2027-02-21T12:00:00Z"},
		{"+8h", false, "2026-11-23T20:00:00Z"},
		{"31.02.2027", false, ""},
		{"20270-01-01", false, ""},
		{"03/31/2027", false, ""},
		{"", false, ""},
		{strings.Repeat("9", 400), false, ""},
	} {
		got, err := model.ParseMoment(c.text, noon, c.end)
		if c.want == "" {
			if core.CodeOf(err) != core.Invalid {
				t.Errorf("%q: got %v, %v, want it refused", c.text, got, err)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339) != c.want {
			t.Errorf("%q: got %v, %v, want %s", c.text, got, err, c.want)
		}
		back, err := model.ParseMoment(model.WriteMoment(got, time.UTC, c.end), noon, c.end)
		if err != nil || !back.Equal(got) {
			t.Errorf("%q: written and read again it is %v, %v", c.text, back, err)
		}
	}
}

func TestUpdateForm(t *testing.T) {
	row := core.AssignmentRow{Assignment: core.Assignment{ID: "as_1", State: core.InForce, Start: noon.AddDate(0, -1, 0), End: noon.AddDate(0, 1, 0)}}
	u := model.UpdateOf(row, time.UTC)
	u.End, u.Justification = "2027-06-30", "longer project"
	got, err := u.Command(noon)
	if err != nil {
		t.Fatal(err)
	}
	want := core.UpdateAssignment{Assignment: "as_1", End: time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC), Justification: "longer project"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	u.End = "2026-11-01"
	var e *core.Error
	if _, err := u.Command(noon); !errors.As(err, &e) || e.Field != "end" {
		t.Errorf("an end in the past: got %v", err)
	}
}

func TestRemovalNamesItsEffect(t *testing.T) {
	say := speak(t, "en")
	var rows []core.AssignmentRow
	for i := range 10 {
		rows = append(rows, core.AssignmentRow{PrincipalName: "p" + strconv.Itoa(i), RoleName: "r", SystemName: "s"})
	}
	plan := core.Plan{NeedsCode: true, Result: core.Result{Items: []core.ItemResult{
		{Notes: []core.Note{{Key: "x.note"}}}, {Notes: []core.Note{{Key: "x.note"}}},
		{Err: &core.Error{Code: core.Refused, Message: "the last one stays"}},
	}}}
	got := model.RemovalOf(say, rows, plan)
	if got.Button != "Remove 10 assignments" || len(got.Lines) != 9 || got.Possible != 9 || !got.NeedsCode {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff([]string{"x.note", "the last one stays"}, got.Also); diff != "" {
		t.Error(diff)
	}
	if one := model.RemovalOf(say, rows[:1], core.Plan{}); one.Button != "Remove 1 assignment" {
		t.Errorf("got %q", one.Button)
	}
}

// pages serves n assignments, and counts how many lists were asked for.
type pages struct{ n, asked int }

func (p *pages) CountAssignments(context.Context, core.AssignmentFilter) (int, error) {
	return p.n, nil
}

func (p *pages) Assignments(_ context.Context, _ core.AssignmentFilter, page core.Page) (core.List[core.AssignmentRow], error) {
	p.asked++
	from, _ := strconv.Atoi(page.After)
	var l core.List[core.AssignmentRow]
	for i := from; i < min(from+page.Limit, p.n); i++ {
		l.Items = append(l.Items, core.AssignmentRow{Assignment: core.Assignment{ID: core.AssignmentID(fmt.Sprint(i))}, PrincipalName: "=cmd|'/c calc'!A1"})
	}
	if end := from + page.Limit; end < p.n {
		l.Next = strconv.Itoa(end)
	}
	return l, nil
}

func TestExportAssignments(t *testing.T) {
	src := &pages{n: 1201}
	var out bytes.Buffer
	var last [2]int64
	n, err := model.ExportAssignments(t.Context(), src, core.AssignmentFilter{}, &out, func(done, total int64) { last = [2]int64{done, total} })
	if err != nil || n != 1201 || src.asked != 3 || last != [2]int64{1201, 1201} {
		t.Fatalf("got %d rows in %d pages, last told %v, %v", n, src.asked, last, err)
	}
	recs, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(recs) != 1202 {
		t.Fatalf("got %d records, %v", len(recs), err)
	}
	if got := recs[1][1]; got != "'=cmd|'/c calc'!A1" {
		t.Errorf("a formula was written as %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := model.ExportAssignments(ctx, src, core.AssignmentFilter{}, &out, nil); !errors.Is(err, context.Canceled) || n != 500 {
		t.Errorf("canceled: got %d, %v", n, err)
	}
}

func TestSafeCell(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "alice": "alice", "=1+1": "'=1+1", "+49": "'+49", "-1": "'-1", "@a": "'@a", "  =1": "'  =1", "\t=1": "'\t=1", "＝1": "'＝1", "a=b": "a=b",
	} {
		if got := model.SafeCell(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
