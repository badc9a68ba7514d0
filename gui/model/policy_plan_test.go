package model_test

import (
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
)

// A change of a role that leaves what is in force as it was says so, instead of
// that nobody is eligible for the role.
func TestPlanSaysWhatConcernsNobody(t *testing.T) {
	eight, two := core.Duration(8*time.Hour), core.Duration(2*time.Hour)
	for want, c := range map[string]core.PolicyChange{
		"stays as it is for everybody; only where it is set changes": {Before: core.PolicySettings{MaxDuration: &eight}, After: core.PolicySettings{MaxDuration: &eight}},
		"eligible: 2 people · active now: 1 person":                  {Before: core.PolicySettings{MaxDuration: &eight}, After: core.PolicySettings{MaxDuration: &two}, Eligible: 2, Active: 1},
	} {
		c.RoleName, c.SystemName, c.Fields = "db-admin", "prod-db", []string{"max_duration"}
		got := model.PlanOf(tongue("en"), core.PolicyPlan{Roles: 1, Changes: []core.PolicyChange{c}}).Changes[0].Text
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
