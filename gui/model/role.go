package model

import (
	"strings"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// RoleLine is a row of the roles' list.
type RoleLine struct {
	ID               core.RoleID
	Name, About      string
	Marks            []Mark
	Eligible, Active string
	Own              string // "own settings", where it has some
}

// RoleGroup is a system with its roles.
type RoleGroup struct {
	System    core.SystemID
	Name, How string
	Count     string
	Roles     []RoleLine
}

// About stands beside the group's name: kind and count.
func (g RoleGroup) About() string { return place(g.How, g.Count) }

// RoleGroups sorts rows into their systems, in the order in which they come.
func RoleGroups(say *Text, rows []core.RoleRow) []RoleGroup {
	var out []RoleGroup
	at := map[core.SystemID]int{}
	for _, r := range rows {
		i, ok := at[r.System]
		if !ok {
			i = len(out)
			at[r.System] = i
			out = append(out, RoleGroup{System: r.System, Name: r.SystemName, How: say.KindBeside(r.SystemName, r.SystemKind, r.SystemAs)})
		}
		out[i].Roles = append(out[i].Roles, RoleLineOf(say, r))
	}
	for i := range out {
		out[i].Count = Count(say, "pages.role.count", len(out[i].Roles))
	}
	return out
}

// RoleLineOf is the row of one role.
func RoleLineOf(say *Text, r core.RoleRow) RoleLine {
	l := RoleLine{
		ID: r.ID, Name: r.Name, About: r.Description, Marks: RoleMarks(say, r.Role),
		Eligible: say.Number(int64(r.Eligible)), Active: say.Number(int64(r.Active)),
	}
	if l.About == "" && r.External != r.Name {
		l.About = r.External
	}
	if r.Overrides {
		l.Own = say.T("pages.role.own_settings")
	}
	return l
}

// RoleMarks are the badges of a role.
func RoleMarks(say *Text, r core.Role) []Mark {
	var m []Mark
	if r.Gone {
		m = append(m, Mark{say.T("pages.role.gone"), ToneBad})
	}
	if r.Privileged {
		m = append(m, Mark{say.T("pages.role.privileged"), ToneWarn})
	}
	if r.Protected {
		m = append(m, Mark{say.T("pages.role.protected"), ToneEligible})
	}
	return m
}

// RoleFacts are the lines at the head of a role's page.
func RoleFacts(say *Text, p core.RolePage) []Fact {
	f := facts{say: say}
	f.add("pages.role.fact.system", place(p.Role.SystemName, say.KindBeside(p.Role.SystemName, p.Role.SystemKind, p.Role.SystemAs)))
	f.mono("pages.role.fact.external", p.Role.External)
	f.add("pages.role.fact.description", p.Role.Description)
	residual := say.T("pages.role.residual.none")
	if p.Residual != "" {
		residual = say.T(p.Residual)
	}
	f.add("pages.role.fact.residual", residual)
	return f.list
}

// RoleEdit is the form of a role's name and protection.
type RoleEdit struct {
	ID                    core.RoleID
	Name, Description     string
	Privileged, Protected bool
}

// EditOf is the form as it opens.
func EditOf(r core.Role) RoleEdit {
	return RoleEdit{ID: r.ID, Name: r.Name, Description: r.Description, Privileged: r.Privileged, Protected: r.Protected}
}

// Command reads the form.
func (e RoleEdit) Command() (core.UpdateRole, error) {
	c := core.UpdateRole{Role: e.ID, Name: strings.TrimSpace(e.Name), Description: strings.TrimSpace(e.Description), Privileged: e.Privileged, Protected: e.Protected}
	return c, CheckName("name", c.Name)
}

// CheckName refuses names that are empty or longer than 120 characters
// (rules.md section 10); field is the field of the command.
func CheckName(field, name string) error {
	switch n := utf8.RuneCountInString(strings.TrimSpace(name)); {
	case n == 0:
		return core.Errorf(core.Invalid, field, "pages.field.empty")
	case n > 120:
		return core.Errorf(core.Invalid, field, "pages.field.too_long", "max", "120")
	}
	return nil
}
