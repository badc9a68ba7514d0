package service

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/policyfile"
)

// ExportPolicies see core.Service.
func (s *Service) ExportPolicies(ctx context.Context) (string, error) {
	rows, err := s.roleRows(ctx)
	if err != nil {
		return "", err
	}
	var file []byte
	err = s.reading(ctx, func(v core.View) error {
		c := catalogOf(v, rows)
		levels := map[string]core.PolicySettings{core.DefaultLevel: v.PolicyLevel(core.DefaultLevel)}
		for _, sys := range c.Systems {
			levels[string(sys.ID)] = v.PolicyLevel(string(sys.ID))
		}
		for _, r := range rows {
			if r.Overrides {
				levels[string(r.ID)] = v.PolicyLevel(string(r.ID))
			}
		}
		var err error
		file, err = policyfile.Write(c, levels)
		return err
	})
	return string(file), err
}

// PlanPolicyFile see core.Service.
func (s *Service) PlanPolicyFile(ctx context.Context, file string, prune bool) (core.PolicyPlan, error) {
	rows, err := s.roleRows(ctx)
	if err != nil {
		return core.PolicyPlan{}, err
	}
	d := draft{rows: rows}
	var lines []policyfile.Level
	err = s.reading(ctx, func(v core.View) error {
		d.catalog = catalogOf(v, rows)
		levels, problems := policyfile.Read([]byte(file), d.catalog)
		d.plan.Problems, lines = problems, levels
		if len(problems) > 0 {
			return nil
		}
		for _, l := range levels {
			d.change(v, l.Level, l.Settings)
		}
		if prune {
			d.prune(v, levels)
		}
		d.measure(v)
		return nil
	})
	if err != nil {
		return core.PolicyPlan{}, err
	}
	return s.previewed(ctx, &d, func(level, field string) int {
		for _, l := range lines {
			if l.Level == level {
				if line := l.Lines[field]; line > 0 {
					return line
				}
				return l.Line
			}
		}
		return 0
	})
}

// PlanPolicyEdit see core.Service.
func (s *Service) PlanPolicyEdit(ctx context.Context, edit core.PolicyEdit) (core.PolicyPlan, error) {
	rows, err := s.roleRows(ctx)
	if err != nil {
		return core.PolicyPlan{}, err
	}
	if n := len(edit.Levels); n == 0 || n > core.MaxRolesAtOnce {
		return core.PolicyPlan{}, core.Errorf(core.Invalid, "levels", "policy.levels", "max", "500")
	}
	for _, name := range edit.Unset {
		if !slices.Contains(core.PolicyFields(), name) {
			return core.PolicyPlan{}, core.Errorf(core.Invalid, "unset", "policy.no_setting", "value", core.Clip(name, 60))
		}
		if _, both := edit.Set.Value(name); both {
			return core.PolicyPlan{}, core.Errorf(core.Invalid, "unset", "policy.set_and_unset", "value", name)
		}
	}
	d := draft{rows: rows}
	err = s.reading(ctx, func(v core.View) error {
		d.catalog = catalogOf(v, rows)
		for _, level := range edit.Levels {
			if d.catalog.Name(level) == level && level != core.DefaultLevel {
				return core.Errorf(core.NotFound, "levels", "role.unknown")
			}
			set := v.PolicyLevel(level)
			for _, name := range edit.Set.Made() {
				set.Take(edit.Set, name)
			}
			for _, name := range edit.Unset {
				set.Take(core.PolicySettings{}, name)
			}
			d.change(v, level, set)
		}
		d.measure(v)
		return nil
	})
	if err != nil {
		return core.PolicyPlan{}, err
	}
	return s.previewed(ctx, &d, func(string, string) int { return 0 })
}

// reading runs f for whoever may read everything.
func (s *Service) reading(ctx context.Context, f func(core.View) error) error {
	return s.read(ctx, func(v core.View, r reader) error {
		if !r.rights.Read {
			return core.Errorf(core.Forbidden, "", "rights.read")
		}
		return f(v)
	})
}

// roleRows reads all roles of systems that are not removed.
func (s *Service) roleRows(ctx context.Context) ([]core.RoleRow, error) {
	if _, err := s.allowed(ctx, reading); err != nil {
		return nil, err
	}
	var out []core.RoleRow
	page := core.Page{Limit: 500}
	for {
		l, err := s.store.Roles(ctx, core.RoleFilter{}, page)
		if err != nil {
			return nil, plain(err)
		}
		out = append(out, l.Items...)
		if page.After = l.Next; page.After == "" {
			return out, nil
		}
	}
}

// catalogOf is what names in a file stand for.
func catalogOf(v core.View, rows []core.RoleRow) policyfile.Catalog {
	c := policyfile.Catalog{
		Login: func(p core.PersonID) (string, bool) { per, ok := v.Person(p); return per.Login, ok },
		Person: func(login string) (core.PersonID, bool) {
			if p, ok := v.PersonByLogin(login); ok {
				return p.ID, true
			}
			p, ok := v.Person(core.PersonID(login))
			return p.ID, ok
		},
		GroupName: func(id core.GroupID) (string, bool) { g, ok := v.Group(id); return g.Name, ok && !g.Removed },
		Group: func(name string) (core.GroupID, bool) {
			if g, ok := v.GroupByName(name); ok {
				return g.ID, true
			}
			g, ok := v.Group(core.GroupID(name))
			return g.ID, ok
		},
	}
	seen := map[core.SystemID]bool{}
	for _, r := range rows {
		c.Roles = append(c.Roles, r.Role)
		if !seen[r.System] {
			seen[r.System] = true
			if sys, ok := v.System(r.System); ok {
				c.Systems = append(c.Systems, sys)
			}
		}
	}
	return c
}

// draft is a plan in the making.
type draft struct {
	catalog policyfile.Catalog
	rows    []core.RoleRow
	plan    core.PolicyPlan
}

// change adds a level with the settings that it shall hold.
func (d *draft) change(v core.View, level string, set core.PolicySettings) {
	was := v.PolicyLevel(level)
	if was.Equal(set) {
		d.plan.Same++
		return
	}
	d.plan.Command.Levels = append(d.plan.Command.Levels, core.LevelChange{Level: level, Was: was, Settings: set})
}

// prune takes back what is set at levels that don't stand in a file.
func (d *draft) prune(v core.View, named []policyfile.Level) {
	drop := func(level string) {
		if !slices.ContainsFunc(named, func(l policyfile.Level) bool { return l.Level == level }) && len(v.PolicyLevel(level).Made()) > 0 {
			d.change(v, level, core.PolicySettings{})
		}
	}
	drop(core.DefaultLevel)
	for _, sys := range d.catalog.Systems {
		drop(string(sys.ID))
	}
	for _, r := range d.rows {
		if r.Overrides {
			drop(string(r.ID))
		}
	}
}

// maxCounted bounds how many assignments are looked at to count people.
const maxCounted = 20_000

// measure says what changes at each level, and counts whom it concerns: who
// has, or may have, a role that would have other settings than now.
func (d *draft) measure(v core.View) {
	next := map[string]core.PolicySettings{}
	for _, l := range d.plan.Command.Levels {
		next[l.Level] = l.Settings
	}
	after := func(level string) core.PolicySettings {
		if s, ok := next[level]; ok {
			return s
		}
		return v.PolicyLevel(level)
	}
	for _, l := range d.plan.Command.Levels {
		d.plan.Changes = append(d.plan.Changes, d.describe(v, l, after))
	}
	if len(next) == 0 {
		return
	}
	people := counter{left: maxCounted}
	for _, r := range d.rows {
		_, own := next[string(r.ID)]
		_, of := next[string(r.System)]
		_, all := next[core.DefaultLevel]
		if !own && !of && !all {
			continue
		}
		before := core.PolicyOf(v, r.ID)
		now := core.DefaultPolicy()
		for _, level := range []string{core.DefaultLevel, string(r.System), string(r.ID)} {
			now.Lay(after(level), "", nil)
		}
		if len(differing(before, now)) == 0 {
			continue
		}
		d.plan.Roles++
		eligible, active := people.role(v, r.ID)
		for i := range d.plan.Changes {
			if c := &d.plan.Changes[i]; c.Level == string(r.ID) {
				c.Eligible, c.Active = eligible, active
			}
		}
	}
	d.plan.Eligible, d.plan.Active, d.plan.More = len(people.eligible), len(people.active), people.left <= 0
}

// counter counts different people.
type counter struct {
	left             int
	eligible, active map[core.PersonID]bool
}

func (c *counter) role(v core.View, id core.RoleID) (eligible, active int) {
	count := func(kind core.AssignmentKind, all *map[core.PersonID]bool) int {
		if *all == nil {
			*all = map[core.PersonID]bool{}
		}
		here := map[core.PersonID]bool{}
		for _, a := range v.LiveFor(id, kind, min(max(c.left, 0), 2000)) {
			c.left--
			if a.State == core.InForce && !a.OfGroup() { // its members have theirs, each for himself
				here[a.Principal], (*all)[a.Principal] = true, true
			}
		}
		return len(here)
	}
	return count(core.Eligible, &c.eligible), count(core.Active, &c.active)
}

// describe says what changes at one level, with what is in force there before
// and after.
func (d *draft) describe(v core.View, l core.LevelChange, after func(string) core.PolicySettings) core.PolicyChange {
	c := core.PolicyChange{Level: l.Level, From: map[string]core.PolicyOrigin{}, To: map[string]core.PolicyOrigin{}}
	chain := []string{core.DefaultLevel}
	if sys, ok := v.System(core.SystemID(l.Level)); ok {
		c.SystemName = sys.Name
		chain = append(chain, l.Level)
	} else if r, ok := v.Role(core.RoleID(l.Level)); ok {
		sys, _ := v.System(r.System)
		c.RoleName, c.SystemName = r.Name, sys.Name
		chain = append(chain, string(r.System), l.Level)
	}
	origins := []core.PolicyOrigin{core.OriginDefault, core.OriginSystem, core.OriginRole}
	before, now := core.DefaultPolicy(), core.DefaultPolicy()
	from, to := map[string]core.PolicyOrigin{}, map[string]core.PolicyOrigin{}
	for i, level := range chain {
		before.Lay(v.PolicyLevel(level), origins[i], from)
		now.Lay(after(level), origins[i], to)
	}
	for _, name := range core.PolicyFields() {
		was, had := l.Was.Value(name)
		is, has := l.Settings.Value(name)
		if had == has && was == is {
			continue
		}
		c.Fields = append(c.Fields, name)
		c.Before.Make(before, name)
		c.After.Make(now, name)
		c.From[name], c.To[name] = core.OriginBuiltIn, core.OriginBuiltIn
		if o, ok := from[name]; ok {
			c.From[name] = o
		}
		if o, ok := to[name]; ok {
			c.To[name] = o
		}
	}
	for _, set := range []core.PolicySettings{c.Before, c.After} {
		if set.Stages != nil {
			d.name(v, *set.Stages)
		}
	}
	return c
}

// name notes the names of who stands in stages.
func (d *draft) name(v core.View, stages []core.Stage) {
	if d.plan.Names == nil {
		d.plan.Names = map[string]string{}
	}
	for _, st := range stages {
		for _, a := range slices.Concat(st.Approvers, st.EscalateTo) {
			row, ok := approver(v, a.ID())
			if a.Role != "" {
				row.Name = d.catalog.Name(string(a.Role))
			}
			if ok {
				d.plan.Names[a.ID()] = row.Name
			}
		}
	}
}

// differing are the settings in which two policies differ.
func differing(a, b core.Policy) []string {
	var out []string
	for _, name := range core.PolicyFields() {
		var x, y core.PolicySettings
		x.Make(a, name)
		y.Make(b, name)
		if !x.Equal(y) {
			out = append(out, name)
		}
	}
	return out
}

// previewed asks the rules what they say to the plan, for whoever may carry it
// out. What they refuse is a problem of the plan, with the line it comes from.
func (s *Service) previewed(ctx context.Context, d *draft, line func(level, field string) int) (core.PolicyPlan, error) {
	p := d.plan
	if len(p.Problems) > 0 {
		return core.PolicyPlan{Problems: p.Problems}, nil
	}
	if len(p.Command.Levels) == 0 {
		return p, nil
	}
	if len(p.Command.Levels) > core.MaxRolesAtOnce {
		return core.PolicyPlan{Problems: []core.PolicyProblem{{Err: core.Errorf(core.Invalid, "levels", "policy.levels", "max", "500")}}}, nil
	}
	plan, err := s.Preview(ctx, p.Command)
	var e *core.Error
	switch {
	case err == nil:
		p.NeedsCode, p.Notes = plan.NeedsCode, plan.Result.Notes
		return p, nil
	case core.CodeOf(err) == core.Forbidden:
		return p, nil // he may look
	case !errors.As(err, &e) || e.Code == core.Unavailable || e.Code == core.Internal || e.Code == core.Unauthenticated || e.Code == core.Canceled:
		return core.PolicyPlan{}, err
	}
	level, field, of := strings.Cut(e.Field, ".")
	if !of {
		field = e.Field
	}
	problem := core.PolicyProblem{Line: line(level, field), Field: field, Err: e}
	if name := d.catalog.Name(level); name != level || level == core.DefaultLevel {
		problem.Where = name
	}
	return core.PolicyPlan{Problems: []core.PolicyProblem{problem}}, nil
}
