package core_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
)

// levelsOf reads what is set at some levels.
func (s *stage) levelsOf(names ...string) (out []core.PolicySettings) {
	s.View(func(v core.View) {
		for _, n := range names {
			out = append(out, v.PolicyLevel(n))
		}
	})
	return out
}

// TestSetPolicies: many levels in one command, each with its entry; asked again
// it changes nothing.
func TestSetPolicies(t *testing.T) {
	s := newStage(t)
	was := core.PolicySettings{RequireTicket: ptr(true)}
	s.policy(s.ops, was)
	hour := core.Duration(time.Hour)
	c := core.SetPolicies{Levels: []core.LevelChange{
		{Level: core.DefaultLevel, Settings: core.PolicySettings{MaxDuration: &hour}},
		{Level: string(s.db), Settings: core.PolicySettings{AllowProlong: ptr(false)}},
		{Level: string(s.ops), Was: was},
		{Level: string(s.dba)}, // as it is already
	}}
	before := s.Head().Seq
	s.Must(s.Boss, c)
	want := []core.PolicySettings{c.Levels[0].Settings, c.Levels[1].Settings, {}, {}}
	names := []string{core.DefaultLevel, string(s.db), string(s.ops), string(s.dba)}
	if diff := cmp.Diff(want, s.levelsOf(names...)); diff != "" {
		t.Error(diff)
	}
	details := func(after int64) (out []string) {
		for _, e := range s.Entries(after) {
			if e.Action == core.PolicyChanged {
				out = append(out, e.SystemName+"/"+e.RoleName+" "+e.Detail)
			}
		}
		return out
	}
	log := []string{"/ defaults: max_duration from “inherited” to “1 h”", "db/ allow_prolong from “inherited” to “false”", "db/ops require_ticket from “true” to “inherited”"}
	if diff := cmp.Diff(log, details(before)); diff != "" {
		t.Error(diff)
	}
	before = s.Head().Seq
	s.Must(s.Boss, c)
	if diff := cmp.Diff([]string{"/ 4 levels: nothing changed"}, details(before)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, s.levelsOf(names...)); diff != "" {
		t.Error(diff)
	}
}

// TestSetPoliciesAllOrNothing: what is wrong with one level, whatever it is,
// keeps the others from being changed, and the refusal says where it was.
func TestSetPoliciesAllOrNothing(t *testing.T) {
	s := newStage(t)
	ga := string(core.StintRole(core.GlobalAdministrator))
	good := core.LevelChange{Level: core.DefaultLevel, Settings: core.PolicySettings{RequireTicket: ptr(true)}}
	far := core.Duration(25 * time.Hour)
	lonely := []core.Stage{{Quorum: 9}}
	for name, tt := range map[string]struct {
		bad   core.LevelChange
		key   core.TextKey
		field string
	}{
		"a limit":          {core.LevelChange{Level: string(s.ops), Settings: core.PolicySettings{MaxDuration: &far}}, "duration.between", string(s.ops) + ".max_duration"},
		"no such role":     {core.LevelChange{Level: "ro_none", Settings: core.PolicySettings{RequireMFA: ptr(true)}}, "role.unknown", "ro_none.level"},
		"no such system":   {core.LevelChange{Level: "sy_none", Settings: core.PolicySettings{RequireMFA: ptr(true)}}, "system.unknown", "sy_none.level"},
		"too few to agree": {core.LevelChange{Level: ga, Settings: core.PolicySettings{Stages: &lonely}}, "stages.few", ga + ".approval_stages"},
		"twice":            {good, "policy.level_twice", core.DefaultLevel},
		"changed meanwhile": {core.LevelChange{Level: string(s.ops), Was: core.PolicySettings{RequireMFA: ptr(false)}, Settings: core.PolicySettings{RequireMFA: ptr(true)}},
			"policy.changed_meanwhile", string(s.ops)},
	} {
		_, err := s.Do(s.Boss, core.SetPolicies{Levels: []core.LevelChange{good, tt.bad}})
		e, ok := err.(*core.Error)
		if !ok || e.Key != tt.key || e.Field != tt.field {
			t.Errorf("%s: got %v (field %v), want %s at %s", name, err, e, tt.key, tt.field)
		}
		if got := s.levelsOf(core.DefaultLevel)[0]; got.RequireTicket != nil {
			t.Fatalf("%s: half of it was done: %+v", name, got)
		}
	}
	s.Refused("batch.size", s.Boss, core.SetPolicies{})
	s.Refused("batch.size", s.Boss, core.SetPolicies{Levels: make([]core.LevelChange, core.MaxRolesAtOnce+1)})
	s.Refused("rights.missing", s.ann, core.SetPolicies{Levels: []core.LevelChange{good}})
}

// TestSetPoliciesLocksNobodyOut: the rule of the last administrator looks at
// what all the levels together would give.
func TestSetPoliciesLocksNobodyOut(t *testing.T) {
	s := newStage(t)
	ga := core.StintRole(core.GlobalAdministrator)
	who := s.lonely(ga) // left is somebody without a factor, while none is asked for
	_, err := s.Do(who, core.SetPolicies{Levels: []core.LevelChange{
		{Level: core.DefaultLevel, Settings: core.PolicySettings{RequireTicket: ptr(true)}},
		{Level: string(ga), Was: s.levelsOf(string(ga))[0], Settings: core.PolicySettings{RequireMFA: ptr(true)}},
	}})
	if core.CodeOf(err) != core.Refused {
		t.Errorf("got %v, want a refusal", err)
	}
	if got := s.levelsOf(core.DefaultLevel)[0]; got.RequireTicket != nil {
		t.Error("half of it was done")
	}
}

func TestComparePolicies(t *testing.T) {
	page := func(own core.PolicySettings) (p core.RolePage) {
		p.Policy, p.Origins = core.ResolvePolicy(core.PolicySettings{RequireTicket: ptr(true)}, core.PolicySettings{}, own)
		return p
	}
	a, b := page(core.PolicySettings{RequireMFA: ptr(true), DropOn: &[]core.DropReason{core.DropOnLock}}), page(core.PolicySettings{RequireTicket: ptr(false)})
	want := []core.PolicyDifference{
		{Name: "require_ticket", A: "true", B: "false", FromA: core.OriginDefault, FromB: core.OriginRole},
		{Name: "drop_on", A: "lock", B: "nothing", FromA: core.OriginRole, FromB: core.OriginBuiltIn},
	}
	if diff := cmp.Diff(want, core.ComparePolicies(a, b)); diff != "" {
		t.Error(diff)
	}
	if got := core.ComparePolicies(a, a); got != nil {
		t.Errorf("a role differs from itself: %+v", got)
	}
}
