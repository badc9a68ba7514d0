package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
)

// TestPolicyFile carries settings out, looks at what a file would change, makes
// it, and sees that the same file then changes nothing.
func TestPolicyFile(t *testing.T) {
	h := newHouse(t, nil)
	ctx := t.Context()
	p := h.join("ann")
	_, role := h.system(p)
	h.eligible(p, role)
	h.boss.must(core.SetPolicy{Level: string(role), Settings: core.PolicySettings{RequireTicket: new(true)}})
	was, err := h.boss.ExportPolicies(ctx)
	h.ok(err)
	plan, err := h.boss.PlanPolicyFile(ctx, was, true)
	h.ok(err)
	if len(plan.Changes)+len(plan.Problems)+len(plan.Command.Levels) > 0 || plan.Same != 1 {
		t.Errorf("what was written would change something: %+v", plan)
	}
	file := strings.Replace(was, "require_ticket: true", "max_duration: 45m", 1)
	file = strings.Replace(file, "systems:", "default:\n  require_justification: false\nsystems:", 1)
	plan, err = h.boss.PlanPolicyFile(ctx, file, false)
	h.ok(err)
	if len(plan.Changes) != 2 || plan.Eligible != 1 || plan.Active < 1 || plan.Roles < 2 || plan.More {
		t.Fatalf("plan %+v", plan)
	}
	c := plan.Changes[1]
	hours, short := core.Duration(8*time.Hour), core.Duration(45*time.Minute)
	want := core.PolicyChange{Level: string(role), RoleName: c.RoleName, SystemName: "db", Fields: []string{"max_duration", "require_ticket"}, Eligible: 1,
		Before: core.PolicySettings{MaxDuration: &hours, RequireTicket: new(true)}, After: core.PolicySettings{MaxDuration: &short, RequireTicket: new(false)},
		From: map[string]core.PolicyOrigin{"max_duration": core.OriginBuiltIn, "require_ticket": core.OriginRole},
		To:   map[string]core.PolicyOrigin{"max_duration": core.OriginRole, "require_ticket": core.OriginBuiltIn}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	h.boss.must(plan.Command)
	again, err := h.boss.PlanPolicyFile(ctx, file, false)
	h.ok(err)
	if len(again.Changes) > 0 || again.Same != 2 {
		t.Errorf("after it was made it would change %+v", again.Changes)
	}
	// Somebody changes one level after the plan: nothing of it is made.
	back, err := h.boss.PlanPolicyFile(ctx, was, true)
	h.ok(err)
	if len(back.Changes) != 2 { // the default level is not in the file, and taken back
		t.Errorf("prune: %+v", back.Changes)
	}
	h.boss.must(core.SetPolicy{Level: string(role), Settings: core.PolicySettings{AllowProlong: new(false)}})
	_, err = h.boss.Do(ctx, core.Call{Command: back.Command, Code: h.boss.code()})
	h.key(err, "policy.changed_meanwhile")
}

// TestPolicyFileRefused: what only the rules know is told with the line it
// comes from, as what the file itself shows is.
func TestPolicyFileRefused(t *testing.T) {
	h := newHouse(t, nil)
	ctx := t.Context()
	for name, tt := range map[string]struct {
		file, where, field string
		line               int
		key                core.TextKey
	}{
		"unknown":  {"stint: policy\nversion: 1\ndefault:\n  max_durations: 1h\n", "default", "settings", 4, "policyfile.key"},
		"too few":  {"stint: policy\nversion: 1\ndefault:\n  require_mfa: true\n  approval_stages:\n  - quorum: 5\n", "default", "approval_stages", 5, "stages.few"},
		"two lies": {"stint: policy\nversion: 1\nsystems:\n- name: nowhere\n", "", "name", 4, "policyfile.system"},
	} {
		plan, err := h.boss.PlanPolicyFile(ctx, tt.file, false)
		h.ok(err)
		if len(plan.Problems) != 1 || len(plan.Command.Levels) > 0 || len(plan.Changes) > 0 {
			t.Fatalf("%s: %+v", name, plan)
		}
		if p := plan.Problems[0]; p.Line != tt.line || p.Where != tt.where || p.Field != tt.field || p.Err.Key != tt.key {
			t.Errorf("%s: got %+v (%s)", name, p, p.Err.Key)
		}
	}
}

// TestPolicyEdit makes and takes back single settings of several roles; what
// else they have stays.
func TestPolicyEdit(t *testing.T) {
	h := newHouse(t, nil)
	ctx := t.Context()
	p := h.join("ann")
	_, role := h.system(p)
	other := string(core.StintRole(core.SecurityReader))
	h.boss.must(core.SetPolicy{Level: string(role), Settings: core.PolicySettings{RequireTicket: new(true), TicketPattern: new("x")}})
	edit := core.PolicyEdit{Levels: []string{string(role), other}, Set: core.PolicySettings{AllowProlong: new(false)}, Unset: []string{"require_ticket"}}
	plan, err := h.boss.PlanPolicyEdit(ctx, edit)
	h.ok(err)
	var fields []string
	for _, c := range plan.Changes {
		fields = append(fields, fmt.Sprint(c.Level == other, c.Fields))
	}
	if diff := cmp.Diff([]string{"false [require_ticket allow_prolong]", "true [allow_prolong]"}, sortedFields(fields)); diff != "" {
		t.Error(diff)
	}
	h.boss.must(plan.Command)
	got, err := h.boss.Policies(ctx, string(role))
	h.ok(err)
	if diff := cmp.Diff(core.PolicySettings{TicketPattern: new("x"), AllowProlong: new(false)}, got); diff != "" {
		t.Error(diff)
	}
	for key, bad := range map[core.TextKey]core.PolicyEdit{
		"policy.levels":        {},
		"policy.no_setting":    {Levels: []string{other}, Unset: []string{"colour"}},
		"policy.set_and_unset": {Levels: []string{other}, Unset: []string{"allow_prolong"}, Set: edit.Set},
		"role.unknown":         {Levels: []string{"ro_none"}},
	} {
		_, err := h.boss.PlanPolicyEdit(ctx, bad)
		h.key(err, key)
	}
	far := core.Duration(48 * time.Hour)
	plan, err = h.boss.PlanPolicyEdit(ctx, core.PolicyEdit{Levels: []string{other}, Set: core.PolicySettings{MaxDuration: &far}})
	h.ok(err)
	if len(plan.Problems) != 1 || plan.Problems[0].Field != "max_duration" || !strings.HasPrefix(plan.Problems[0].Where, "Security Reader@") {
		t.Errorf("got %+v", plan)
	}
}

func sortedFields(s []string) []string {
	if len(s) == 2 && s[0] > s[1] {
		s[0], s[1] = s[1], s[0]
	}
	return s
}

// TestPolicyPlanCountsPeople: a group is no person. Those who are in it count,
// once, whether they have the role of their own or through it.
func TestPolicyPlanCountsPeople(t *testing.T) {
	h := newHouse(t, nil)
	ann, bob := h.join("Ann"), h.join("Bob")
	_, role := h.system(ann, bob)
	h.eligible(ann, role)
	group := h.boss.must(core.AddGroup{GroupName: "Operators", Members: []core.PersonID{ann.id}}).Group
	h.boss.must(core.Assign{Role: role, Groups: []core.GroupID{group}, Kind: core.Eligible, Justification: why})
	edit := core.PolicyEdit{Levels: []string{string(role)}, Set: core.PolicySettings{AllowProlong: new(false)}}
	for want := 1; want <= 2; want++ {
		plan, err := h.boss.PlanPolicyEdit(t.Context(), edit)
		h.ok(err)
		if plan.Eligible != want || plan.Changes[0].Eligible != want {
			t.Errorf("%d eligible, %d for the role, want %d", plan.Eligible, plan.Changes[0].Eligible, want)
		}
		if want == 1 {
			h.boss.must(core.AddMembers{Group: group, People: []core.PersonID{bob.id}})
		}
	}
}
