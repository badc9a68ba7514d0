package model

import (
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// SystemCard is a system as the page shows it.
type SystemCard struct {
	ID        core.SystemID
	Name, How string
	Health    Mark
	Contact   string // "answered 2 min ago", or the problem and since when
	Problem   string
	Numbers   []Fact
	Drift     string // how much is held otherwise than Stint left it; empty: nothing
	Residual  string
	Removable bool // Stint itself can't be removed, and removing twice means nothing
	Editable  bool
}

// SystemCards are the cards in the order of rows. kinds give the residual
// access that a connector declares.
func SystemCards(say *Text, now time.Time, rows []core.SystemRow, kinds []core.KindInfo) []SystemCard {
	out := make([]SystemCard, 0, len(rows))
	for _, r := range rows {
		out = append(out, systemCard(say, now, r, kinds))
	}
	return out
}

func systemCard(say *Text, now time.Time, r core.SystemRow, kinds []core.KindInfo) SystemCard {
	as := core.Kind(r.Settings["as"])
	c := SystemCard{
		ID: r.ID, Name: r.Name, How: place(say.KindBeside(r.Name, r.Kind, as), r.Health.Version),
		Removable: r.Kind != core.KindStint && r.State == core.SystemConnected,
		Editable:  r.Kind != core.KindStint && r.State == core.SystemConnected,
	}
	h := r.Health
	switch {
	case r.State == core.SystemDraining:
		c.Health = Mark{say.T("pages.system.draining"), TonePending}
		c.Contact = Count(say, "pages.system.draining.left", r.Active+r.Pending)
	case r.State == core.SystemRemoved:
		c.Health = Mark{say.T("pages.system.removed"), TonePlain}
	case r.Kind == core.KindStint:
		c.Health = Mark{say.T("pages.system.built_in"), ToneGood}
		c.Contact = say.T("pages.system.built_in.text")
	case h.OK():
		c.Health = Mark{say.T("pages.system.healthy"), ToneGood}
		c.Contact = say.T("pages.system.answered", "ago", say.Ago(h.LastOK, now))
	case h.Error != "":
		c.Health = Mark{say.T("pages.system.unreachable"), ToneBad}
		c.Contact = say.T("pages.system.failing", "since", say.Ago(h.Since, now), "last", say.Ago(h.LastOK, now))
		c.Problem = h.Error
	default:
		c.Health = Mark{say.T("pages.system.untried"), TonePending}
		c.Contact = say.T("pages.system.untried.text")
	}
	for _, n := range []struct {
		key   string
		count int
	}{{"pages.system.roles", r.Roles}, {"pages.system.active", r.Active}, {"pages.system.pending", r.Pending}, {"pages.system.stuck", r.Stuck}} {
		c.Numbers = append(c.Numbers, Fact{Label: say.T(n.key), Value: say.Number(int64(n.count))})
	}
	if r.Drift > 0 && r.State == core.SystemConnected {
		c.Drift = Count(say, "pages.system.drift", r.Drift)
	}
	if t, ok := traitsOf(kinds, r.Kind, as); ok {
		c.Residual = say.T("pages.system.residual.none")
		if t.Residual != "" {
			c.Residual = say.Key(t.Residual)
		}
	}
	return c
}

func traitsOf(kinds []core.KindInfo, kind, as core.Kind) (core.Traits, bool) {
	if as != "" {
		kind = as
	}
	for _, k := range kinds {
		if k.Kind == kind {
			return k.Traits, true
		}
	}
	return core.Traits{}, false
}

// SystemRemoval is what the question before removing a system says: it drains
// first, so nothing is left behind on it (R7).
func SystemRemoval(say *Text, r core.SystemRow) (title, text, button string) {
	title = say.T("pages.system.remove.title", "system", r.Name)
	text = say.T("pages.system.remove.text", "roles", Count(say, "pages.system.remove.roles", r.Roles), "grants", Count(say, "pages.system.remove.grants", r.Active))
	return title, text, say.T("pages.system.remove.button", "system", r.Name)
}

// SystemForm is the connection of a system as it is filled in.
type SystemForm struct {
	ID     core.SystemID // of one that is stored
	Kind   core.KindInfo
	Name   string
	Values map[string]string
	Secret string
}

// NewSystemForm begins a connection of a kind with its defaults.
func NewSystemForm(k core.KindInfo) *SystemForm {
	f := &SystemForm{Kind: k, Values: map[string]string{}}
	for _, x := range k.Fields {
		f.Values[x.Name] = x.Default
	}
	return f
}

// FormOfSystem is the connection of a stored system. Its secret stays where it
// is; an empty field keeps it.
func FormOfSystem(k core.KindInfo, s core.System) *SystemForm {
	f := NewSystemForm(k)
	f.ID, f.Name = s.ID, s.Name
	for n, v := range s.Settings {
		f.Values[n] = v
	}
	return f
}

// Check says what is missing or too long, or nil; the error's field is the
// setting's name, "name" or "secret".
func (f *SystemForm) Check() error {
	if err := CheckName("name", f.Name); err != nil {
		return err
	}
	for _, x := range f.Kind.Fields {
		v := strings.TrimSpace(f.Values[x.Name])
		if x.Required && v == "" {
			return core.Errorf(core.Invalid, x.Name, "pages.field.empty")
		}
		if utf8.RuneCountInString(v) > 2000 {
			return core.Errorf(core.Invalid, x.Name, "pages.field.too_long", "max", "2000")
		}
	}
	return nil
}

// Spec is the connection for the service.
func (f *SystemForm) Spec() core.SystemSpec {
	s := core.SystemSpec{Name: strings.TrimSpace(f.Name), Kind: f.Kind.Kind, Settings: map[string]string{}, Secret: core.NewSecret(f.Secret)}
	for _, x := range f.Kind.Fields {
		if v := strings.TrimSpace(f.Values[x.Name]); v != "" {
			s.Settings[x.Name] = v
		}
	}
	return s
}

// ProbeLine is one step of trying a connection.
type ProbeLine struct {
	Name, Took, Problem string
	OK                  bool
}

// ProbeLines are the steps in their order.
func ProbeLines(say *Text, p core.Probe) []ProbeLine {
	out := make([]ProbeLine, 0, len(p.Steps))
	for _, s := range p.Steps {
		out = append(out, ProbeLine{Name: say.Key(s.Name), Took: Took(s.Took), Problem: s.Problem, OK: s.OK})
	}
	return out
}

// FoundLine is a role that a system has, to be chosen.
type FoundLine struct {
	core.FoundRole
	Holding string // who holds it today
	Chosen  bool
}

// RoleChoice is the wizard's page of roles: found ones, privileged first.
type RoleChoice struct {
	lines []FoundLine
}

// NewRoleChoice takes the roles of a probe; those that Stint manages already
// can't be chosen again and are left out.
func NewRoleChoice(say *Text, p core.Probe) *RoleChoice {
	c := &RoleChoice{}
	for _, r := range p.Roles {
		if r.Managed {
			continue
		}
		c.lines = append(c.lines, FoundLine{FoundRole: r, Holding: holders(say, r.Holders)})
	}
	sort.SliceStable(c.lines, func(i, j int) bool { return c.lines[i].Privileged && !c.lines[j].Privileged })
	return c
}

// holders names three and counts the rest.
func holders(say *Text, h []string) string {
	switch {
	case len(h) == 0:
		return say.T("pages.system.holders.none")
	case len(h) <= 3:
		return strings.Join(h, ", ")
	}
	return Count(say, "pages.system.holders.more", len(h)-3, "names", strings.Join(h[:3], ", "))
}

// Lines are those whose name or description has text in it; each index is good
// for Choose.
func (c *RoleChoice) Lines(text string) (lines []FoundLine, index []int) {
	text = strings.ToLower(strings.TrimSpace(text))
	for i, l := range c.lines {
		if strings.Contains(strings.ToLower(l.External+"\n"+l.Description), text) {
			lines, index = append(lines, l), append(index, i)
		}
	}
	return lines, index
}

// Choose marks a role or takes the mark away.
func (c *RoleChoice) Choose(i int, on bool) { c.lines[i].Chosen = on }

// Chosen are the roles to be managed, at most 500 (core.AddSystem).
func (c *RoleChoice) Chosen() []core.NewRole {
	var out []core.NewRole
	for _, l := range c.lines {
		if l.Chosen {
			out = append(out, core.NewRole{External: l.External, Name: core.Clip(l.External, 120), Description: l.Description, Privileged: l.Privileged})
		}
	}
	return out
}

// Check refuses more than one command takes.
func (c *RoleChoice) Check() error {
	if n := len(c.Chosen()); n > 500 {
		return core.Errorf(core.Invalid, "roles", "pages.system.roles.too_many", "max", "500")
	}
	return nil
}
