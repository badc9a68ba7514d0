package main

import (
	"context"
	"sort"
	"strings"

	"github.com/stint-pim/stint/core"
)

// thing is something that can be named on the command line: a role, an
// assignment of one, a person.
type thing[T any] struct {
	id     string
	role   string // or the name of whatever it is
	system string
	scope  string
	value  T
}

func (t thing[T]) name() string {
	name := t.role
	if t.system != "" {
		name += "@" + t.system
	}
	return name
}

// find returns the things that name names: by identifier, as role@system, or
// as the beginning of it where only one begins so. A whole name outranks a
// beginning, case counts only where it must. Several things of one name (the
// same role in several scopes) all come back; what begins different names is
// refused with the list of them.
func find[T any](things []thing[T], name string) ([]thing[T], error) {
	lower := strings.ToLower(name)
	tests := []func(thing[T]) bool{
		func(t thing[T]) bool { return t.id == name },
		func(t thing[T]) bool { return t.name() == name || t.role == name },
		func(t thing[T]) bool {
			return strings.ToLower(t.name()) == lower || strings.ToLower(t.role) == lower
		},
		func(t thing[T]) bool { return begins(t.role, t.system, lower) },
	}
	for _, test := range tests {
		var hits []thing[T]
		names := map[string]bool{}
		for _, t := range things {
			if test(t) {
				hits = append(hits, t)
				names[t.name()] = true
			}
		}
		switch {
		case len(names) == 1:
			return hits, nil
		case len(names) > 1:
			return nil, core.Errorf(core.Invalid, "name", "cli.ambiguous", "name", core.Clip(name, 80), "names", list(names))
		}
	}
	return nil, core.Errorf(core.NotFound, "name", "cli.unknown", "name", core.Clip(name, 80))
}

// findActive is find among what is active: what isn't there may well be a role.
func findActive[T any](things []thing[T], name string) ([]thing[T], error) {
	found, err := find(things, name)
	if core.CodeOf(err) == core.NotFound {
		err = core.Errorf(core.NotFound, "name", "cli.not_active", "name", core.Clip(name, 80))
	}
	return found, err
}

// begins reports whether lower is the beginning of role@system, or has the
// beginnings of both on either side of an @.
func begins(role, system, lower string) bool {
	role, system = strings.ToLower(role), strings.ToLower(system)
	if strings.HasPrefix(role+"@"+system, lower) {
		return true
	}
	i := strings.LastIndexByte(lower, '@')
	return i > 0 && strings.HasPrefix(role, lower[:i]) && strings.HasPrefix(system, lower[i+1:])
}

// list shows at most eight names in order.
func list(names map[string]bool) string {
	all := make([]string, 0, len(names))
	for n := range names {
		all = append(all, n)
	}
	sort.Strings(all)
	if len(all) > 8 {
		all = append(all[:8], "…")
	}
	return strings.Join(all, ", ")
}

// findRole finds one role of all that the person may see.
func findRole(ctx context.Context, svc core.Service, name string) (core.RoleRow, error) {
	roles, err := all(ctx, func(ctx context.Context, p core.Page) (core.List[core.RoleRow], error) {
		return svc.Roles(ctx, core.RoleFilter{}, p)
	})
	if err != nil {
		return core.RoleRow{}, err
	}
	things := make([]thing[core.RoleRow], len(roles))
	for i, r := range roles {
		things[i] = thing[core.RoleRow]{id: string(r.ID), role: r.Name, system: r.SystemName, value: r}
	}
	found, err := find(things, name)
	if err != nil {
		return core.RoleRow{}, err
	}
	if len(found) > 1 { // two roles that look the same
		return core.RoleRow{}, core.Errorf(core.Invalid, "name", "cli.same_name", "name", core.Clip(name, 80))
	}
	return found[0].value, nil
}

// findPerson finds one person by login, mail address, name or identifier.
func findPerson(ctx context.Context, svc core.Service, name string) (core.PersonRow, error) {
	people, err := all(ctx, func(ctx context.Context, p core.Page) (core.List[core.PersonRow], error) {
		f := core.PersonFilter{Text: name}
		if strings.HasPrefix(name, "pe_") {
			f = core.PersonFilter{ID: core.PersonID(name)}
		}
		return svc.People(ctx, f, p)
	})
	if err != nil {
		return core.PersonRow{}, err
	}
	var hits []core.PersonRow
	names := map[string]bool{}
	for _, p := range people {
		if string(p.ID) == name || strings.EqualFold(p.Login, name) {
			return p, nil // logins are unique
		}
		if strings.EqualFold(p.Mail, name) || strings.EqualFold(p.Name, name) {
			hits = append(hits, p)
			names[p.Login] = true
		}
	}
	switch len(hits) {
	case 0:
		return core.PersonRow{}, core.Errorf(core.NotFound, "person", "cli.unknown_person", "name", core.Clip(name, 80))
	case 1:
		return hits[0], nil
	}
	return core.PersonRow{}, core.Errorf(core.Invalid, "person", "cli.ambiguous", "name", core.Clip(name, 80), "names", list(names))
}

// all reads a list to its end, page by page; at most 20,000 things.
func all[T any](ctx context.Context, read func(context.Context, core.Page) (core.List[T], error)) ([]T, error) {
	var items []T
	page := core.Page{Limit: 500}
	for range 40 {
		l, err := read(ctx, page)
		if err != nil {
			return nil, err
		}
		items = append(items, l.Items...)
		if l.Next == "" {
			return items, nil
		}
		page.After = l.Next
	}
	return nil, core.Errorf(core.Invalid, "", "cli.too_many")
}

// scoped keeps the things of one scope, and insists on a single one for each
// name that the caller gave.
func scoped[T any](found []thing[T], name, scope string) (T, error) {
	var none T
	var hits []thing[T]
	scopes := map[string]bool{}
	for _, t := range found {
		scopes[t.scope] = true
		if scope == "" || t.scope == scope {
			hits = append(hits, t)
		}
	}
	switch {
	case len(hits) == 1:
		return hits[0].value, nil
	case len(hits) == 0:
		return none, core.Errorf(core.NotFound, "scope", "cli.no_scope", "name", core.Clip(name, 80), "scopes", list(scopes))
	case len(scopes) > 1 && scope == "":
		return none, core.Errorf(core.Invalid, "scope", "cli.say_scope", "name", core.Clip(name, 80), "scopes", list(scopes))
	}
	ids := map[string]bool{}
	for _, t := range hits {
		ids[t.id] = true
	}
	return none, core.Errorf(core.Invalid, "name", "cli.say_id", "name", core.Clip(name, 80), "ids", list(ids))
}
