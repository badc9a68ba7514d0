package storage

import "github.com/stint-pim/stint/core"

// keptMax bounds how many rows of one kind are kept in memory.
const keptMax = 4096

// kept are rows that the rules ask for again and again and that hardly ever
// change: who somebody is, what a role is called, what its settings are. Only
// write transactions use it, of which there is one at a time, and only where
// this process alone writes to the database. What is put is forgotten, and all
// of it after a transaction that did not commit.
type kept struct {
	systems  map[core.SystemID]core.System
	roles    map[core.RoleID]core.Role
	levels   map[core.RoleID][3]core.PolicySettings
	approval map[string][]core.PolicyLevel // under the empty name
	people   map[core.PersonID]core.Person
	accounts map[accountKey]core.Account
	holders  map[string][]core.Person
}

type accountKey struct {
	person core.PersonID
	system core.SystemID
}

// recall returns m[k], or asks for it and keeps it.
func recall[K comparable, V any](t *tx, m func(*kept) *map[K]V, k K, ask func() (V, bool)) (V, bool) {
	if t.db.kept == nil {
		return ask()
	}
	in := m(t.db.kept)
	if v, ok := (*in)[k]; ok {
		return v, true
	}
	v, ok := ask()
	if ok && t.err == nil {
		if *in == nil || len(*in) >= keptMax {
			*in = map[K]V{}
		}
		(*in)[k] = v
	}
	return v, ok
}

// forget drops what a change makes untrue.
func (k *kept) forget(c core.Change) {
	if k == nil {
		return
	}
	switch c := c.(type) {
	case core.System:
		delete(k.systems, c.ID)
	case core.Role:
		delete(k.roles, c.ID)
		delete(k.levels, c.ID)
	case core.PolicyLevel:
		k.levels, k.approval = nil, nil
	case core.Person:
		delete(k.people, c.ID)
		k.holders = nil
	case core.Account:
		delete(k.accounts, accountKey{c.Person, c.System})
	case core.AccountRemoved:
		delete(k.accounts, accountKey{c.Person, c.System})
	case core.Assignment:
		if c.System == core.StintSystem {
			k.holders = nil
		}
	}
}

// System implements core.View, as do the methods below.
func (t *tx) System(id core.SystemID) (core.System, bool) {
	return recall(t, func(k *kept) *map[core.SystemID]core.System { return &k.systems }, id,
		func() (core.System, bool) { return t.view.System(id) })
}

func (t *tx) Role(id core.RoleID) (core.Role, bool) {
	return recall(t, func(k *kept) *map[core.RoleID]core.Role { return &k.roles }, id,
		func() (core.Role, bool) { return t.view.Role(id) })
}

func (t *tx) PolicyLevels(id core.RoleID) (def, system, role core.PolicySettings) {
	l, _ := recall(t, func(k *kept) *map[core.RoleID][3]core.PolicySettings { return &k.levels }, id,
		func() (l [3]core.PolicySettings, ok bool) {
			l[0], l[1], l[2] = t.view.PolicyLevels(id)
			return l, true
		})
	return l[0], l[1], l[2]
}

// ApprovalLevels returns a list of its own each time, as Holders does.
func (t *tx) ApprovalLevels() []core.PolicyLevel {
	list, _ := recall(t, func(k *kept) *map[string][]core.PolicyLevel { return &k.approval }, "",
		func() ([]core.PolicyLevel, bool) { return t.view.ApprovalLevels(), true })
	return append([]core.PolicyLevel(nil), list...)
}

func (t *tx) Person(id core.PersonID) (core.Person, bool) {
	return recall(t, func(k *kept) *map[core.PersonID]core.Person { return &k.people }, id,
		func() (core.Person, bool) { return t.view.Person(id) })
}

func (t *tx) Account(p core.PersonID, s core.SystemID) (core.Account, bool) {
	return recall(t, func(k *kept) *map[accountKey]core.Account { return &k.accounts }, accountKey{p, s},
		func() (core.Account, bool) { return t.view.Account(p, s) })
}

// Holders returns a list of its own each time: the rules take people out of it.
func (t *tx) Holders(roles ...core.RoleID) []core.Person {
	key := ""
	for _, r := range roles {
		key += string(r) + "\x00"
	}
	list, _ := recall(t, func(k *kept) *map[string][]core.Person { return &k.holders }, key,
		func() ([]core.Person, bool) { return t.view.Holders(roles...), true })
	return append([]core.Person(nil), list...)
}
