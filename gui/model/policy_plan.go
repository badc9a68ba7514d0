package model

import (
	"strconv"
	"strings"

	"github.com/stint-pim/stint/core"
)

// PlanView is a plan for settings in words.
type PlanView struct {
	Changes  []PlanChange
	Summary  string // whom it concerns
	Problems []PlanProblem
}

// PlanChange is what changes at one level.
type PlanChange struct {
	Title, Text string // the level, and how many people have the role
	Rows        []PlanRow
}

// PlanRow is one setting before and after.
type PlanRow struct {
	Label, Before, From, After, To string
}

// PlanProblem is why nothing can be changed, and where.
type PlanProblem struct{ Place, Text string }

// PlanOf puts a plan into words.
func PlanOf(say *Text, p core.PolicyPlan) PlanView {
	v := PlanView{}
	for _, x := range p.Problems {
		var at []string
		if x.Line > 0 {
			at = append(at, say.T("pages.plan.line", "line", strconv.Itoa(x.Line)))
		}
		if x.Where == core.DefaultLevel {
			at = append(at, say.T("pages.plan.defaults"))
		} else if x.Where != "" {
			at = append(at, x.Where)
		}
		if label := settingLabel(say, x.Field); label != "" {
			at = append(at, label)
		}
		v.Problems = append(v.Problems, PlanProblem{Place: strings.Join(at, " · "), Text: say.Error(x.Err)})
	}
	for _, c := range p.Changes {
		v.Changes = append(v.Changes, planChange(say, c, p.Names))
	}
	switch {
	case len(v.Problems) > 0:
	case len(v.Changes) == 0:
		v.Summary = say.T("pages.plan.nothing")
	default:
		v.Summary = say.T("pages.plan.summary", "roles", Count(say, "pages.role.count", p.Roles), "eligible", planPeople(say, p.Eligible, p.More), "active", planPeople(say, p.Active, p.More))
	}
	return v
}

func planPeople(say *Text, n int, more bool) string {
	if more {
		return say.T("pages.plan.at_least", "people", Count(say, "pages.plan.people", n))
	}
	return Count(say, "pages.plan.people", n)
}

func planChange(say *Text, c core.PolicyChange, names map[string]string) PlanChange {
	out := PlanChange{Title: say.T("pages.plan.defaults"), Text: say.T("pages.plan.defaults.text")}
	switch {
	case c.RoleName != "":
		out.Title = say.T("pages.plan.role", "role", c.RoleName, "system", c.SystemName)
		out.Text = say.T("pages.plan.role.text", "eligible", planPeople(say, c.Eligible, false), "active", planPeople(say, c.Active, false))
		if c.Before.Equal(c.After) { // it concerns nobody, which is not that nobody has the role
			out.Text = say.T("pages.plan.role.same")
		}
	case c.SystemName != "":
		out.Title, out.Text = c.SystemName, say.T("pages.plan.system.text")
	}
	was, is := valuesOf(say, c.Before, names), valuesOf(say, c.After, names)
	for _, f := range c.Fields {
		out.Rows = append(out.Rows, PlanRow{Label: was[f].Label, Before: was[f].Value, From: planOrigin(say, c.From[f]), After: is[f].Value, To: planOrigin(say, c.To[f])})
	}
	return out
}

// planOrigin says where a setting is made; unlike in the editor of a level,
// there is no “here”.
func planOrigin(say *Text, o core.PolicyOrigin) string {
	return say.T("pages.plan.origin." + string(o))
}

// valuesOf are the rows of the settings made in s, by their names.
func valuesOf(say *Text, s core.PolicySettings, names map[string]string) map[string]PolicyRow {
	f := newPolicyForm(core.DefaultLevel, core.OriginDefault, core.PolicySettings{}, core.PolicySettings{}, s)
	f.Names = names
	out := map[string]PolicyRow{}
	for _, r := range f.Rows(say) {
		out[r.Name] = r
	}
	return out
}

// settingLabel is the label of a setting by its JSON name; empty: there is none.
func settingLabel(say *Text, name string) string {
	for _, r := range DefaultPolicyForm(core.PolicySettings{}).Rows(say) {
		if r.Name == name {
			return r.Label
		}
	}
	return ""
}

// SettingNames are the JSON names and the labels of all settings, in the order
// of the page.
func SettingNames(say *Text) (names, labels []string) {
	for _, r := range DefaultPolicyForm(core.PolicySettings{}).Rows(say) {
		names, labels = append(names, r.Name), append(labels, r.Label)
	}
	return names, labels
}

// BulkPolicyForm is a form of settings to be made at many levels; none is made
// at first.
func BulkPolicyForm() *PolicyForm {
	return newPolicyForm("", core.OriginRole, core.PolicySettings{}, core.PolicySettings{}, core.PolicySettings{})
}

// Choose makes a setting at this level, with the value that it has without.
func (f *PolicyForm) Choose(name string) { f.own.Make(f.inherited, name) }

// Own are the settings made at this level.
func (f *PolicyForm) Own() core.PolicySettings { return f.own }

// Comparison is where two roles differ, in words.
type Comparison struct {
	A, B string // their names
	Rows []PlanRow
}

// CompareRoles puts the difference of two roles into words. Before and From are
// of the first one.
func CompareRoles(say *Text, a, b core.RolePage, names map[string]string) Comparison {
	name := func(p core.RolePage) string {
		return say.T("pages.plan.role", "role", p.Role.Name, "system", p.Role.SystemName)
	}
	c := Comparison{A: name(a), B: name(b)}
	rows := func(p core.Policy) map[string]PolicyRow {
		var s core.PolicySettings
		for _, f := range core.PolicyFields() {
			s.Make(p, f)
		}
		return valuesOf(say, s, names)
	}
	x, y := rows(a.Policy), rows(b.Policy)
	for _, d := range core.ComparePolicies(a, b) {
		c.Rows = append(c.Rows, PlanRow{Label: x[d.Name].Label, Before: x[d.Name].Value, From: planOrigin(say, d.FromA), After: y[d.Name].Value, To: planOrigin(say, d.FromB)})
	}
	return c
}
