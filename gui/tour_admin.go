package gui

import (
	"slices"
	"strconv"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/gui/part"
)

// administration shows the administrators' pages and their wizards.
func (x *walk) administration() {
	x.assignments()
	x.assigning()
	x.roles()
	x.log()
	x.systems()
	x.people()
	x.open("settings")
	x.both("settings")
	s := screenOf[*settings](x)
	x.do(func() { s.scroll.Reveal(s.fields["digest.at"]) })
	x.both("settings-digest")
	x.do(func() { s.scroll.Bottom() })
	x.both("settings-below")
	x.do(s.backup.ask)
	x.both("backup")
	x.dismiss()
	x.do(func() { s.scroll.Top() })
	x.stuck()
}

// stuck takes access back on the system that is away, last of all: from then on
// every page says so.
func (x *walk) stuck() {
	x.open("assignments")
	s := screenOf[*assignments](x)
	x.do(func() { s.tabs.Pick(1) })
	x.do(func() {
		r := find(x, s.table.Rows(), "what runs on "+awaySystem, func(r core.AssignmentRow) bool {
			return r.SystemName == awaySystem && r.Origin == core.Activated && r.State == core.InForce
		})
		s.kit.do(core.RemoveAssignments{Assignments: []core.AssignmentID{r.ID}}, "", func(_ core.Result, err error) {
			if err != nil {
				x.fail("%w", err)
			}
		})
	})
	x.until("what can't be taken back", func() bool {
		return slices.ContainsFunc(s.table.Rows(), func(r core.AssignmentRow) bool { return r.Stuck(s.kit.Now()) })
	})
	x.choose(s, "what can't be taken back", func(r core.AssignmentRow) bool { return r.Stuck(s.kit.Now()) })
	x.both("stuck-revocation")
}

func (x *walk) assignments() {
	x.open("assignments")
	s := screenOf[*assignments](x)
	x.both("assignments")
	x.choose(s, "an assignment", func(core.AssignmentRow) bool { return true })
	x.both("assignments-details")
	x.do(func() {
		for _, r := range s.table.Rows()[:3] {
			s.table.Tick(string(r.ID), true)
		}
		s.close()
		s.ticked()
	})
	x.light("assignments-chosen")
	x.do(func() { removeAssignments(s.kit, s.table.Ticked(), func() {}) })
	x.light("assignments-remove")
	x.dismiss()
	x.do(func() { s.table.Untick(); s.ticked(); s.tabs.Pick(1) })
	x.light("assignments-active")
	x.do(func() { s.tabs.Pick(2) })
	x.light("assignments-expired")
	x.do(func() { s.tabs.Pick(0) })
}

// choose shows the details of the first row that fits.
func (x *walk) choose(s *assignments, what string, fits func(core.AssignmentRow) bool) {
	x.do(func() {
		r := find(x, s.table.Rows(), what, fits)
		if x.err == nil {
			s.table.Choose(string(r.ID))
			s.show(r)
		}
	})
}

// assigning goes through the assignment wizard.
func (x *walk) assigning() {
	x.open("assignments")
	list := screenOf[*assignments](x)
	x.do(func() { list.kit.Frame.Push(newAssignWizard(list.kit, "")) })
	s := screenOf[*assignWizard](x)
	x.write("prod-db")
	x.until("the roles found", func() bool { n := len(s.roles.table.Rows()); return n > 0 && n < 8 })
	x.do(func() {
		if r := find(x, s.roles.table.Rows(), "db-admin", func(r core.RoleRow) bool { return r.Name == "db-admin" }); x.err == nil {
			s.choose(r.ID, func() {})
		}
	})
	x.both("assign-1-role")
	x.do(s.wizard.Forward)
	x.do(func() {
		n := 0
		for _, r := range s.people.people.table.Rows() {
			if n < 3 && !r.Disabled && r.ID != s.kit.Me.Person.ID && n*4 <= len(s.people.people.table.Rows()) {
				s.people.people.table.Tick(string(r.ID), true)
				n++
			}
		}
	})
	x.both("assign-2-members")
	x.do(func() {
		for _, m := range s.w.Members {
			if s.w.NeedsAccount() && m.Account == "" {
				s.people.takeOff(m)
			}
		}
		if len(s.w.Members) == 0 {
			x.fail("people with an account: %w", errNothing)
		}
		s.people.draw()
		s.wizard.Forward()
	})
	x.do(func() {
		s.how.why.SetValue("On call for the data team")
		s.w.Justification = "On call for the data team"
	})
	x.both("assign-3-setting")
	x.do(s.wizard.Forward)
	x.both("assign-4-review")
	x.do(s.wizard.Forward)
	x.light("assign-5-results")
	x.do(x.w.frame.Pop)
}

func (x *walk) roles() {
	x.open("roles")
	s := screenOf[*roles](x)
	x.both("roles")
	var r core.RoleRow
	x.do(func() {
		r = find(x, s.list, "db-admin", func(r core.RoleRow) bool { return r.Name == "db-admin" && r.Eligible > 0 })
		if x.err == nil {
			s.kit.Frame.Push(newRoleScreen(s.kit, r.ID, r.Name))
		}
	})
	p := screenOf[*roleScreen](x)
	x.both("role-settings")
	for i, name := range []string{"role-eligible", "role-active", "role-history"} {
		x.do(func() { p.tabs.Pick(i + 1) })
		x.light(name)
	}
	x.do(x.w.frame.Pop)
	x.do(func() { s.kit.Frame.Push(newPolicyScreen(s.kit, core.DefaultLevel, "")) })
	x.light("role-defaults")
	x.do(x.w.frame.Pop)
	x.settingsOfMany(s)
}

// settingsOfMany compares two roles and changes them together.
func (x *walk) settingsOfMany(s *roles) {
	var two []core.RoleRow
	x.do(func() {
		for _, name := range []string{"db-admin", "db-owner"} {
			two = append(two, find(x, s.list, name, func(r core.RoleRow) bool { return r.Name == name }))
			s.tick(two[len(two)-1].ID, true)
		}
		s.draw()
	})
	x.check()
	x.light("roles-chosen")
	x.do(func() { s.kit.Frame.Push(newPolicyCompare(s.kit, two[0], two[1])) })
	x.light("roles-compare")
	x.do(x.w.frame.Pop)
	x.do(func() { s.kit.Frame.Push(newPolicyBulk(s.kit, two, s.untick)) })
	b := screenOf[*policyBulk](x)
	x.do(func() {
		b.editor.form.Choose("max_duration")
		b.unset = []string{"allow_prolong"}
		b.draw()
		b.look()
	})
	x.until("the plan", func() bool { return b.plan.body.Visible() })
	x.both("roles-bulk")
	x.do(x.w.frame.Pop)
	x.do(s.untick)
	x.do(func() { s.kit.Frame.Push(newPolicyImport(s.kit)) })
	x.light("roles-import")
	x.do(x.w.frame.Pop)
}

func (x *walk) log() {
	x.open("audit")
	s := screenOf[*audit](x)
	x.both("audit")
	x.do(func() {
		e := find(x, s.table.Rows(), "an entry about an activation", func(e core.Entry) bool { return e.Assignment != "" && e.Justification != "" })
		if x.err == nil {
			s.table.Choose(strconv.FormatInt(e.Seq, 10))
			s.show(e)
		}
	})
	x.both("audit-entry")
	x.do(s.verify)
	x.both("audit-verified")
	x.dismiss()
	x.do(s.export)
	x.light("audit-export")
	x.dismiss()
	x.do(s.close)
}

func (x *walk) systems() {
	x.open("systems")
	list := screenOf[*systems](x)
	x.both("systems")
	x.do(func() {
		if r := find(x, list.rows, "a system to remove", func(r core.SystemRow) bool { return r.ID != core.StintSystem }); x.err == nil {
			removeSystem(list.kit, r, func() {})
		}
	})
	x.light("systems-remove")
	x.dismiss()
	x.do(func() {
		if r := find(x, list.rows, "what was done by hand", func(r core.SystemRow) bool { return r.Drift > 0 }); x.err == nil {
			list.kit.Frame.Push(newDrifts(list.kit, r.System))
		}
	})
	x.both("system-drift")
	x.do(x.w.frame.Pop)

	x.do(func() { list.kit.Frame.Push(newSystemWizard(list.kit)) })
	s := screenOf[*systemWizard](x)
	x.do(func() {
		if kind := find(x, s.kinds, "PostgreSQL", func(k core.KindInfo) bool { return k.Kind == core.KindPostgres }); x.err == nil {
			s.choose(kind)
		}
	})
	x.both("system-1-kind")
	x.do(s.wizard.Forward)
	for name, value := range map[string]string{"name": "orders-db", "host": "orders-db.example.com", "user": "stint", "secret": "correct horse"} {
		x.do(func() {
			f := s.fields.fields[name]
			if f == nil {
				x.fail("a system's connection has no field %q", name)
				return
			}
			part.FocusOn(f)
			f.SetValue("")
		})
		x.write(value)
	}
	x.do(func() { part.FocusOn(s.fields.fields["name"]) })
	x.both("system-2-connection")
	x.do(s.wizard.Forward)
	x.both("system-3-test")
	x.do(s.wizard.Forward)
	x.do(func() {
		for _, r := range s.roles.table.Rows() {
			if r.Privileged {
				s.roles.table.Tick(strconv.Itoa(r.at), true)
			}
		}
		s.roles.ticked()
	})
	x.both("system-4-roles")
	x.do(s.wizard.Forward)
	x.light("system-5-accounts")
	x.do(s.wizard.Forward)
	x.light("system-6-done")
	x.do(x.w.frame.Pop)
}

func (x *walk) people() {
	x.open("people")
	s := screenOf[*people](x)
	x.both("people")
	x.do(func() {
		if p := find(x, s.table.Rows(), "somebody active", func(p core.PersonRow) bool { return p.Active > 0 && p.Accounts > 2 && p.ID != s.kit.Me.Person.ID }); x.err == nil {
			s.open(p)
		}
	})
	p := screenOf[*personScreen](x)
	x.both("person-accounts")
	for i, name := range []string{"person-assignments", "person-sessions"} {
		x.do(func() { p.tabs.Pick(i + 1) })
		x.light(name)
	}
	x.do(x.w.frame.Pop)
	x.do(func() { editPerson(s.kit, &model.PersonForm{Language: "en"}, func() {}) })
	x.write("Frieda Groß")
	x.light("people-add")
	x.dismiss()
	x.groups()
}

// groups shows the groups of people, one of them, and what it was given.
func (x *walk) groups() {
	x.open("people")
	s := screenOf[*people](x)
	x.do(func() { s.which.Pick(1) })
	x.until("the groups", func() bool { return s.groups != nil && len(s.groups.table.Rows()) > 0 })
	x.both("groups")
	x.do(func() { s.groups.open(s.groups.table.Rows()[0]) })
	g := screenOf[*groupScreen](x)
	x.until("the members", func() bool { return len(g.page.Members) > 0 })
	x.both("group")
	x.do(func() { g.leave(g.page.Members[0]) })
	x.light("group-leave")
	x.dismiss()
	x.do(func() { g.tabs.Pick(1) })
	x.do(g.give)
	x.until("the roles", func() bool { return x.w.win.Canvas().Overlays().Top() != nil })
	x.both("group-give")
	x.dismiss()
	x.do(x.w.frame.Pop)
}
