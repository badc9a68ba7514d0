package core_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// Bad input (rules.md section 10): each refusal names its field and its limit,
// leaves one entry and no other trace, the code included.
func TestRefusals(t *testing.T) {
	s := newStage(t)
	run := s.Activate(s.ann, s.annOps, time.Hour)
	s.Must(s.Boss, core.SaveFavourite{Favourite: core.Favourite{Name: "none of Ann's", Items: []core.ActivationItem{{Assignment: s.Eligible(s.Boss, core.StintRole(core.UserAdministrator))}}}})
	var bossFav core.FavouriteID
	s.View(func(v core.View) { bossFav = v.FavouritesOf(s.Boss)[0].ID })
	gone := s.Eligible(s.bob, s.dba)
	s.Must(s.Boss, core.RemoveAssignments{Assignments: []core.AssignmentID{gone}})
	off := s.Person("Otto")
	s.Must(s.Boss, core.DisablePerson{Person: off})
	s.policy(s.dba, core.PolicySettings{RequireTicket: ptr(true), TicketPattern: ptr(`CHG-\d{4}`), PermanentEligible: ptr(false), AllowProlong: ptr(false)})
	now := s.now()
	long := func(n int) string { return strings.Repeat("ä", n) }
	many := func(n int) []core.NewRole { return make([]core.NewRole, n) }

	assign := func(change func(*core.Assign)) core.Assign {
		c := core.Assign{Role: s.ops, Principals: []core.PersonID{s.ann}, Scope: "/free", Kind: core.Eligible, Justification: why}
		change(&c)
		return c
	}
	act := func(change func(*core.Activate)) core.Activate {
		c := activate(s.annDBA)
		c.Ticket.Number = "CHG-0001"
		change(&c)
		return c
	}
	person := func(change func(*core.AddPerson)) core.AddPerson {
		c := core.AddPerson{FullName: "Cleo", Login: "cleo", Mail: "cleo@example.org"}
		change(&c)
		return c
	}
	system := func(change func(*core.AddSystem)) core.AddSystem {
		c := core.AddSystem{SystemSpec: core.SystemSpec{Name: "new", Kind: core.KindSample}}
		change(&c)
		return c
	}
	fav := func(change func(*core.Favourite)) core.SaveFavourite {
		f := core.Favourite{Name: "mine", Items: []core.ActivationItem{{Assignment: s.annDBA}}}
		change(&f)
		return core.SaveFavourite{Favourite: f}
	}
	role := func(change func(*core.UpdateRole)) core.UpdateRole {
		c := core.UpdateRole{Role: s.dba, Name: "dba"}
		change(&c)
		return c
	}
	set := func(p core.PolicySettings) core.SetPolicy { return core.SetPolicy{Level: string(s.ops), Settings: p} }
	cell := core.NotifyField(core.EventActivated, core.ToAdministrators)
	told := func(r core.Recipients) core.SetPolicy {
		return set(core.PolicySettings{NotifyActivatedAdmins: &r})
	}
	mail := func(change func(*core.MailSettings)) core.ChangeSettings {
		m := core.MailSettings{Host: "mail.example.org", Port: 587, Security: core.MailSTARTTLS, Auth: core.MailAuthNone, From: "stint@example.org"}
		change(&m)
		return core.ChangeSettings{Settings: core.Settings{Mail: m}}
	}
	for _, tt := range []struct {
		name  string
		who   core.PersonID // empty: the boss
		cmd   core.Command
		key   core.TextKey
		field string
		says  string // the limit, in the message
	}{
		// assign
		{"role unknown", "", assign(func(c *core.Assign) { c.Role = "ro_none" }), "role.unknown", "role", ""},
		{"nobody", "", assign(func(c *core.Assign) { c.Principals = nil }), "batch.size", "principals", "200"},
		{"201 people", "", assign(func(c *core.Assign) { c.Principals = make([]core.PersonID, 201) }), "batch.size", "principals", "200"},
		{"kind", "", assign(func(c *core.Assign) { c.Kind = "often" }), "kind.unknown", "kind", "eligible or active"},
		{"scope of 501", "", assign(func(c *core.Assign) { c.Scope = "/" + long(500) }), "field.long", "scope", "500"},
		{"scope not rooted", "", assign(func(c *core.Assign) { c.Scope = "billing" }), "scope.malformed", "scope", "billing"},
		{"scope climbs", "", assign(func(c *core.Assign) { c.Scope = "/a/../b" }), "scope.malformed", "scope", "/a/../b"},
		{"scope with a slash too many", "", assign(func(c *core.Assign) { c.Scope = "/a//b" }), "scope.malformed", "scope", ""},
		{"scope ends in a slash", "", assign(func(c *core.Assign) { c.Scope = "/a/" }), "scope.malformed", "scope", ""},
		{"part of Stint", "", assign(func(c *core.Assign) { c.Role = core.StintRole(core.UserAdministrator); c.Scope = "/people" }), "scope.stint", "scope", "/"},
		{"4 characters", "", assign(func(c *core.Assign) { c.Justification = "abcd" }), "field.short", "justification", "5"},
		{"4 characters and spaces", "", assign(func(c *core.Assign) { c.Justification = "   abcd   " }), "field.short", "justification", "5"},
		{"501 characters", "", assign(func(c *core.Assign) { c.Justification = long(501) }), "field.long", "justification", "500"},
		{"active without a reason", "", assign(func(c *core.Assign) { c.Kind = core.Active; c.Justification = " \u00a0 " }), "justification.needed", "justification", "5"},
		{"reason with a NUL", "", assign(func(c *core.Assign) { c.Justification = "why\x00 not" }), "field.control", "justification", ""},
		{"reason with a line break", "", assign(func(c *core.Assign) { c.Justification = "fine\ndone: granted" }), "field.control", "justification", ""},
		{"reason that turns round", "", assign(func(c *core.Assign) { c.Justification = "invoice \u202efdp.exe" }), "field.control", "justification", ""},
		{"reason of nothing seen", "", assign(func(c *core.Assign) { c.Justification = strings.Repeat("\u200b", 10) }), "field.control", "justification", ""},
		{"reason that is no text", "", assign(func(c *core.Assign) { c.Justification = "abc\xff\xfe def" }), "field.not_text", "justification", ""},
		{"start past", "", assign(func(c *core.Assign) { c.Start = now.Add(-3 * time.Minute) }), "start.past", "start", "2026-11-23"},
		{"start too far", "", assign(func(c *core.Assign) { c.Start = now.Add(core.MaxAhead + time.Second) }), "start.far", "start", "730 d"},
		{"end before start", "", assign(func(c *core.Assign) { c.Start = now.Add(2 * time.Hour); c.End = now.Add(time.Hour) }), "end.before_start", "end", ""},
		{"end is start", "", assign(func(c *core.Assign) { c.Start = now.Add(time.Hour); c.End = c.Start }), "end.before_start", "end", ""},
		{"four minutes", "", assign(func(c *core.Assign) { c.End = now.Add(4 * time.Minute) }), "end.short", "end", "5 min"},
		{"eligible for too long", "", assign(func(c *core.Assign) { c.End = now.Add(365*24*time.Hour + time.Second) }), "end.long", "end", "365 d"},
		{"active for too long", "", assign(func(c *core.Assign) { c.Kind = core.Active; c.End = now.Add(180*24*time.Hour + time.Second) }), "end.long", "end", "180 d"},
		{"no permanent ones", "", assign(func(c *core.Assign) { c.Role = s.dba }), "end.permanent_not_allowed", "end", "365 d"},
		{"person unknown", "", assign(func(c *core.Assign) { c.Principals[0] = "pe_none" }), "person.unknown", "principals", ""},
		{"person disabled", "", assign(func(c *core.Assign) { c.Principals[0] = off }), "person.disabled", "principals", "Otto"},
		{"no account", "", assign(func(c *core.Assign) { c.Role = s.wheel }), "account.missing", "principals", "web"},
		{"again", "", assign(func(c *core.Assign) { c.Scope = "/" }), "assignment.exists_always", "principals", "Ann"},

		// update and remove
		{"update unknown", "", core.UpdateAssignment{Assignment: "as_none", Permanent: true}, "assignment.unknown", "assignment", ""},
		{"update ended", "", core.UpdateAssignment{Assignment: gone, Permanent: true}, "assignment.not_live", "assignment", ""},
		{"update activated", "", core.UpdateAssignment{Assignment: run, End: now.Add(time.Hour)}, "assignment.not_live", "assignment", ""},
		{"update to the past", "", core.UpdateAssignment{Assignment: s.annOps, End: now.Add(-time.Hour)}, "end.past", "end", ""},
		{"update to now", "", core.UpdateAssignment{Assignment: s.annOps, End: now}, "end.past", "end", ""},
		{"update to nothing", "", core.UpdateAssignment{Assignment: s.annOps}, "end.or_permanent", "end", ""},
		{"update to both", "", core.UpdateAssignment{Assignment: s.annOps, End: now.Add(time.Hour), Permanent: true}, "end.or_permanent", "end", ""},
		{"update the start of what runs", "", core.UpdateAssignment{Assignment: s.annOps, Start: now.Add(time.Hour), Permanent: true}, "start.fixed", "start", "2026-11-23"},
		{"update too long", "", core.UpdateAssignment{Assignment: s.annOps, End: now.Add(366 * 24 * time.Hour)}, "end.long", "end", "365 d"},
		{"update to permanent", "", core.UpdateAssignment{Assignment: s.annDBA, Permanent: true}, "end.permanent_not_allowed", "end", "365 d"},
		{"remove none", "", core.RemoveAssignments{}, "batch.size", "assignments", "200"},
		{"remove 201", "", core.RemoveAssignments{Assignments: make([]core.AssignmentID, 201)}, "batch.size", "assignments", "200"},
		{"remove unknown", "", core.RemoveAssignments{Assignments: []core.AssignmentID{s.annOps, "as_none"}}, "assignment.unknown", "assignments", ""},
		{"remove ended", "", core.RemoveAssignments{Assignments: []core.AssignmentID{s.annOps, gone}}, "assignment.not_live", "assignments", ""},
		{"remove twice", "", core.RemoveAssignments{Assignments: []core.AssignmentID{s.annOps, s.annOps}}, "batch.twice", "assignments", ""},
		{"remove with a short reason", "", core.RemoveAssignments{Assignments: []core.AssignmentID{s.annOps}, Justification: "no"}, "field.short", "justification", "5"},

		// activate
		{"activate nothing", s.ann, core.Activate{}, "batch.size", "items", "20"},
		{"activate 21", s.ann, act(func(c *core.Activate) { c.Items = make([]core.ActivationItem, 21) }), "batch.size", "items", "20"},
		{"activate unknown", s.ann, act(func(c *core.Activate) { c.Items[0].Assignment = "as_none" }), "assignment.unknown", "items", ""},
		{"activate Bob's", s.ann, act(func(c *core.Activate) { c.Items[0].Assignment = s.bobOps }), "assignment.unknown", "items", ""},
		{"activate what is active", s.ann, act(func(c *core.Activate) { c.Items[0].Assignment = run }), "assignment.not_eligible", "items", "ops"},
		{"activate again", s.ann, act(func(c *core.Activate) { c.Items[0].Assignment = s.annOps }), "activation.exists", "items", "13:00"},
		{"activate removed", s.bob, act(func(c *core.Activate) { c.Items[0].Assignment = gone }), "assignment.not_eligible", "items", "dba"},
		{"five minutes are least", s.ann, act(func(c *core.Activate) { c.Duration = core.Duration(5*time.Minute - 1) }), "duration.short", "duration", "5 min"},
		{"no time", s.ann, act(func(c *core.Activate) { c.Duration = 0 }), "duration.short", "duration", "5 min"},
		{"time backwards", s.ann, act(func(c *core.Activate) { c.Duration = core.Duration(-time.Hour) }), "duration.short", "duration", "5 min"},
		{"eight hours are most", s.ann, act(func(c *core.Activate) { c.Duration = core.Duration(8*time.Hour + 1) }), "duration.long", "duration", "8 h"},
		{"activate in the past", s.ann, act(func(c *core.Activate) { c.Start = now.Add(-3 * time.Minute) }), "start.past", "start", "2026-11-23"},
		{"activate far ahead", s.ann, act(func(c *core.Activate) { c.Start = now.Add(90*24*time.Hour + time.Second) }), "start.far", "start", "90 d"},
		{"no reason", s.ann, act(func(c *core.Activate) { c.Justification = "" }), "justification.needed", "justification", "5"},
		{"no ticket", s.ann, act(func(c *core.Activate) { c.Ticket = core.Ticket{} }), "ticket.needed", "ticket_number", ""},
		{"ticket of spaces", s.ann, act(func(c *core.Activate) { c.Ticket.Number = "  " }), "ticket.needed", "ticket_number", ""},
		{"ticket of 65", s.ann, act(func(c *core.Activate) { c.Ticket.Number = long(65) }), "field.long", "ticket_number", "64"},
		{"ticket system of 65", s.ann, act(func(c *core.Activate) { c.Ticket.System = long(65) }), "field.long", "ticket_system", "64"},
		{"ticket of another shape", s.ann, act(func(c *core.Activate) { c.Ticket.Number = "CHG-00010" }), "ticket.pattern", "ticket_number", `CHG-\d{4}`},
		{"ticket with something before", s.ann, act(func(c *core.Activate) { c.Ticket.Number = "xCHG-0001" }), "ticket.pattern", "ticket_number", ""},
		{"scope not a path", s.ann, act(func(c *core.Activate) { c.Items[0].Scope = "x" }), "scope.malformed", "scope", "x"},
		{"part of a role of Stint", s.Boss, act(func(c *core.Activate) {
			c.Items[0] = core.ActivationItem{Assignment: s.mine(s.Boss, core.UserAdministrator), Scope: "/a"}
		}), "scope.stint", "scope", "/"},

		// drop and prolong
		{"drop nothing", s.ann, core.Drop{}, "batch.size", "assignments", "200"},
		{"drop unknown", s.ann, core.Drop{Assignments: []core.AssignmentID{"as_none"}}, "assignment.unknown", "assignments", ""},
		{"drop Ann's", s.bob, core.Drop{Assignments: []core.AssignmentID{run}}, "assignment.unknown", "assignments", ""},
		{"drop eligible", s.ann, core.Drop{Assignments: []core.AssignmentID{s.annOps}}, "drop.assigned", "assignments", ""},
		{"prolong unknown", s.ann, core.Prolong{Assignment: "as_none", Duration: core.Duration(time.Hour), Justification: why}, "assignment.unknown", "assignment", ""},
		{"prolong Ann's", s.bob, core.Prolong{Assignment: run, Duration: core.Duration(2 * time.Hour), Justification: why}, "assignment.unknown", "assignment", ""},
		{"prolong eligible", s.ann, core.Prolong{Assignment: s.annOps, Duration: core.Duration(time.Hour), Justification: why}, "activation.not_running", "assignment", ""},
		{"prolong to earlier", s.ann, core.Prolong{Assignment: run, Duration: core.Duration(30 * time.Minute), Justification: why}, "prolong.earlier", "duration", "13:00"},
		{"prolong beyond", s.ann, core.Prolong{Assignment: run, Duration: core.Duration(9 * time.Hour), Justification: why}, "duration.long", "duration", "8 h"},
		{"prolong without a reason", s.ann, core.Prolong{Assignment: run, Duration: core.Duration(2 * time.Hour)}, "justification.needed", "justification", "5"},

		// favourites
		{"favourite without a name", s.ann, fav(func(f *core.Favourite) { f.Name = " " }), "field.missing", "name", ""},
		{"favourite of 121", s.ann, fav(func(f *core.Favourite) { f.Name = long(121) }), "field.long", "name", "120"},
		{"favourite of nothing", s.ann, fav(func(f *core.Favourite) { f.Items = nil }), "batch.size", "items", "20"},
		{"favourite twice", s.ann, fav(func(f *core.Favourite) { f.Items = append(f.Items, f.Items[0]) }), "batch.twice", "items", ""},
		{"favourite of Bob's", s.ann, fav(func(f *core.Favourite) { f.Items[0].Assignment = s.bobOps }), "assignment.unknown", "items", ""},
		{"favourite of 25 hours", s.ann, fav(func(f *core.Favourite) { f.Duration = core.Duration(25 * time.Hour) }), "duration.between", "duration", "1 d"},
		{"favourite of a minute", s.ann, fav(func(f *core.Favourite) { f.Duration = core.Duration(time.Minute) }), "duration.between", "duration", "5 min"},
		{"favourite of another", s.ann, fav(func(f *core.Favourite) { f.ID = bossFav }), "favourite.unknown", "favourite", ""},
		{"forget another's", s.ann, core.RemoveFavourite{ID: bossFav}, "favourite.unknown", "favourite", ""},

		// people
		{"no name", "", person(func(c *core.AddPerson) { c.FullName = "" }), "field.missing", "name", ""},
		{"name of 121", "", person(func(c *core.AddPerson) { c.FullName = long(121) }), "field.long", "name", "120"},
		{"name of spaces", "", person(func(c *core.AddPerson) { c.FullName = "\u2003 " }), "field.missing", "name", ""},
		{"name with a tab", "", person(func(c *core.AddPerson) { c.FullName = "Cleo\tX" }), "field.control", "name", ""},
		{"no login", "", person(func(c *core.AddPerson) { c.Login = "" }), "field.missing", "login", ""},
		{"login of 121", "", person(func(c *core.AddPerson) { c.Login = long(121) }), "field.long", "login", "120"},
		{"login with a space", "", person(func(c *core.AddPerson) { c.Login = "c leo" }), "login.spaces", "login", ""},
		{"login with a wide space", "", person(func(c *core.AddPerson) { c.Login = "ann\u00a0" }), "login.spaces", "login", ""},
		{"login that looks like Ann's", "", person(func(c *core.AddPerson) { c.Login = "an\u200bn" }), "field.control", "login", ""},
		{"login that hides a mark", "", person(func(c *core.AddPerson) { c.Login = "ann\u200e" }), "field.control", "login", ""},
		{"login taken", "", person(func(c *core.AddPerson) { c.Login = "ANN" }), "login.taken", "login", "ANN"},
		{"mail without a host", "", person(func(c *core.AddPerson) { c.Mail = "cleo" }), "mail.malformed", "mail", "cleo"},
		{"mail with a name", "", person(func(c *core.AddPerson) { c.Mail = "Cleo <cleo@example.org>" }), "mail.malformed", "mail", ""},
		{"mail with a second header", "", person(func(c *core.AddPerson) { c.Mail = "cleo@example.org\r\nBcc: x@example.org" }), "field.control", "mail", ""},
		{"mail of 255", "", person(func(c *core.AddPerson) { c.Mail = long(243) + "@example.org" }), "field.long", "mail", "254"},
		{"language", "", person(func(c *core.AddPerson) { c.Language = "tlh" }), "language.unknown", "language", "tlh"},
		{"account on no system", "", person(func(c *core.AddPerson) { c.Accounts = map[core.SystemID]string{"sy_none": "cleo"} }), "system.unknown", "system", ""},
		{"account on Stint", "", person(func(c *core.AddPerson) { c.Accounts = map[core.SystemID]string{core.StintSystem: "cleo"} }), "system.unknown", "system", ""},
		{"account of Ann", "", person(func(c *core.AddPerson) { c.Accounts = map[core.SystemID]string{s.db: "ann"} }), "account.taken", "external", "Ann"},
		{"update nobody", "", core.UpdatePerson{Person: "pe_none"}, "person.unknown", "person", ""},
		{"update to a taken login", "", core.UpdatePerson{Person: s.ann, FullName: "Ann", Login: "Bob"}, "login.taken", "login", ""},
		{"disable nobody", "", core.DisablePerson{Person: "pe_none"}, "person.unknown", "person", ""},
		{"disable again", "", core.DisablePerson{Person: off}, "person.disabled", "person", "Otto"},
		{"disable oneself", "", core.DisablePerson{Person: s.Boss}, "person.disable_self", "person", ""},
		{"enable again", "", core.EnablePerson{Person: s.ann}, "person.enabled", "person", "Ann"},
		{"account of nobody", "", core.SetAccount{Person: "pe_none", System: s.web, External: "x"}, "person.unknown", "person", ""},
		{"account nowhere", "", core.SetAccount{Person: s.ann, System: "sy_none", External: "x"}, "system.unknown", "system", ""},
		{"account of 256 bytes", "", core.SetAccount{Person: s.ann, System: s.web, External: long(128)}, "field.long", "external", "255"},
		{"account with a NUL", "", core.SetAccount{Person: s.ann, System: s.web, External: "a\x00b"}, "field.not_text", "external", ""},
		{"account of Bob", "", core.SetAccount{Person: s.Boss, System: s.db, External: "bob"}, "account.taken", "external", "Bob"},
		{"account in use", "", core.SetAccount{Person: s.ann, System: s.db, External: "annie"}, "account.in_use", "external", "ann"},
		{"account still needed", "", core.SetAccount{Person: s.bob, System: s.db}, "account.assigned", "external", "Bob"},
		{"no account to remove", "", core.SetAccount{Person: s.ann, System: s.web}, "account.none", "external", ""},
		{"password of one's own", "", core.ResetPassword{Person: s.Boss}, "password.own", "person", ""},
		{"password of nobody", "", core.ResetPassword{Person: "pe_none"}, "person.unknown", "person", ""},
		{"factor of one's own", "", core.ResetFactor{Person: s.Boss}, "factor.own", "person", ""},
		{"factor of nobody", "", core.ResetFactor{Person: "pe_none"}, "person.unknown", "person", ""},
		{"sessions of nobody", "", core.EndSessions{Person: "pe_none"}, "person.unknown", "person", ""},

		// systems, roles, settings
		{"system without a name", "", system(func(c *core.AddSystem) { c.Name = "" }), "field.missing", "name", ""},
		{"system of 121", "", system(func(c *core.AddSystem) { c.Name = long(121) }), "field.long", "name", "120"},
		{"system taken", "", system(func(c *core.AddSystem) { c.Name = "DB" }), "system.taken", "name", "DB"},
		{"system without a kind", "", system(func(c *core.AddSystem) { c.Kind = "" }), "system.kind", "kind", ""},
		{"a second Stint", "", system(func(c *core.AddSystem) { c.Kind = core.KindStint }), "system.kind", "kind", ""},
		{"setting of 2001", "", system(func(c *core.AddSystem) { c.Settings = map[string]string{"host": long(2001)} }), "field.long", "settings.host", "2000"},
		{"setting without a name", "", system(func(c *core.AddSystem) { c.Settings = map[string]string{"": "x"} }), "field.missing", "settings", ""},
		{"setting with a name of 65", "", system(func(c *core.AddSystem) { c.Settings = map[string]string{long(65): "x"} }), "field.long", "settings", "64"},
		{"setting with an unseen name", "", system(func(c *core.AddSystem) { c.Settings = map[string]string{"ho\nst": "x"} }), "field.control", "settings", ""},
		{"33 settings", "", system(func(c *core.AddSystem) { c.Settings = settings(33) }), "batch.size", "settings", "32"},
		{"role without a name there", "", system(func(c *core.AddSystem) { c.Roles = many(1) }), "field.missing", "external", ""},
		{"the same role twice", "", system(func(c *core.AddSystem) { c.Roles = []core.NewRole{{External: "a"}, {External: "a"}} }), "role.exists", "roles", "a"},
		{"501 roles", "", system(func(c *core.AddSystem) { c.Roles = many(501) }), "batch.size", "roles", "500"},
		{"101 protected roles", "", system(func(c *core.AddSystem) {
			for i := range 101 {
				c.Roles = append(c.Roles, core.NewRole{External: strconv.Itoa(i), Protected: true})
			}
		}), "role.protected_many", "protected", "100"},
		{"no roles", "", core.AddRoles{System: s.db}, "batch.size", "roles", "500"},
		{"roles of nothing", "", core.AddRoles{System: "sy_none", Roles: []core.NewRole{{External: "x"}}}, "system.unknown", "system", ""},
		{"roles of Stint", "", core.AddRoles{System: core.StintSystem, Roles: []core.NewRole{{External: "x"}}}, "system.unknown", "system", ""},
		{"role there", "", core.AddRoles{System: s.db, Roles: []core.NewRole{{External: "dba"}}}, "role.exists", "roles", "dba"},
		{"update no system", "", core.UpdateSystem{System: "sy_none", SystemSpec: core.SystemSpec{Name: "x"}}, "system.unknown", "system", ""},
		{"update Stint", "", core.UpdateSystem{System: core.StintSystem, SystemSpec: core.SystemSpec{Name: "x"}}, "system.unknown", "system", ""},
		{"another kind", "", core.UpdateSystem{System: s.db, SystemSpec: core.SystemSpec{Name: "db", Kind: core.KindLinux}}, "system.kind_fixed", "kind", ""},
		{"name of another", "", core.UpdateSystem{System: s.db, SystemSpec: core.SystemSpec{Name: "web"}}, "system.taken", "name", "web"},
		{"remove no system", "", core.RemoveSystem{System: "sy_none"}, "system.unknown", "system", ""},
		{"remove Stint", "", core.RemoveSystem{System: core.StintSystem}, "system.unknown", "system", ""},
		{"remove with a short reason", "", core.RemoveSystem{System: s.web, Justification: "old"}, "field.short", "justification", "5"},
		{"no role", "", role(func(c *core.UpdateRole) { c.Role = "ro_none" }), "role.unknown", "role", ""},
		{"role without a name", "", role(func(c *core.UpdateRole) { c.Name = "" }), "field.missing", "name", ""},
		{"role of 121", "", role(func(c *core.UpdateRole) { c.Name = long(121) }), "field.long", "name", "120"},
		{"description of 1001", "", role(func(c *core.UpdateRole) { c.Description = long(1001) }), "field.long", "description", "1000"},
		{"role of Stint", "", role(func(c *core.UpdateRole) { c.Role = core.StintRole(core.GlobalAdministrator) }), "role.built_in", "role", ""},
		{"settings of nothing", "", core.SetPolicy{Level: "ro_none"}, "role.unknown", "level", ""},
		{"settings of no system", "", core.SetPolicy{Level: "sy_none"}, "system.unknown", "level", ""},
		{"29 minutes", "", set(core.PolicySettings{MaxDuration: ptr(core.Duration(29 * time.Minute))}), "duration.between", "max_duration", "30 min"},
		{"25 hours", "", set(core.PolicySettings{MaxDuration: ptr(core.Duration(25 * time.Hour))}), "duration.between", "max_duration", "1 d"},
		{"eligible for an hour", "", set(core.PolicySettings{EligibleFor: ptr(core.Duration(time.Hour))}), "duration.between", "eligible_for", "1 d"},
		{"active for eleven years", "", set(core.PolicySettings{ActiveFor: ptr(core.Duration(11 * 365 * 24 * time.Hour))}), "duration.between", "active_for", "3650 d"},
		{"pattern of 201", "", set(core.PolicySettings{TicketPattern: ptr(long(201))}), "field.long", "ticket_pattern", "200"},
		{"pattern with a hole", "", set(core.PolicySettings{TicketPattern: ptr("a)(b")}), "pattern.malformed", "ticket_pattern", "RE2"},
		{"pattern that eats its frame", "", set(core.PolicySettings{TicketPattern: ptr(`\Qabc`)}), "pattern.malformed", "ticket_pattern", "RE2"},
		{"dropped by rain", "", set(core.PolicySettings{DropOn: ptr([]core.DropReason{core.DropOnLock, "rain"})}), "drop_on.unknown", "drop_on", "rain"},
		{"dropped twice", "", set(core.PolicySettings{DropOn: ptr([]core.DropReason{core.DropOnLock, core.DropOnLock})}), "drop_on.unknown", "drop_on", "lock"},
		{"mail to nobody", "", told(core.Recipients{Extra: []string{""}}), "mail.malformed", cell, ""},
		{"mail to a name", "", told(core.Recipients{Extra: []string{"Ann <ann@example.org>"}}), "mail.malformed", cell, "Ann"},
		{"mail to two in one", "", told(core.Recipients{Extra: []string{"a@example.org,b@example.org"}}), "mail.malformed", cell, "a@example"},
		{"mail to a quoted one", "", told(core.Recipients{Extra: []string{`"a b"@example.org`}}), "mail.malformed", cell, "a b"},
		{"mail to another script", "", told(core.Recipients{Extra: []string{"ä@example.org"}}), "mail.malformed", cell, "ä"},
		{"mail with a line", "", told(core.Recipients{Extra: []string{"a@example.org\r\nBcc: b@example.org"}}), "field.control", cell, ""},
		{"mail twice", "", told(core.Recipients{Extra: []string{"a@example.org", "A@Example.org"}}), "notify.twice", cell, "A@Example"},
		{"mail to 21", "", told(core.Recipients{Extra: slices.Repeat([]string{"a@example.org"}, 21)}), "notify.many", cell, "20"},
		{"organisation of 121", "", core.ChangeSettings{Settings: core.Settings{Organisation: long(121)}}, "field.long", "organisation", "120"},
		{"lock after a second", "", core.ChangeSettings{Settings: core.Settings{IdleLock: core.Duration(time.Second)}}, "duration.between", "idle_lock", "1 min"},
		{"lock after 13 hours", "", core.ChangeSettings{Settings: core.Settings{IdleLock: core.Duration(13 * time.Hour)}}, "duration.between", "idle_lock", "12 h"},
		{"mail port", "", mail(func(m *core.MailSettings) { m.Port = 65536 }), "mail.port", "mail.port", "65535"},
		{"mail from nobody", "", mail(func(m *core.MailSettings) { m.From = "" }), "field.missing", "mail.from", ""},
		{"mail from nowhere", "", mail(func(m *core.MailSettings) { m.From = "stint" }), "mail.malformed", "mail.from", "stint"},
		{"mail in some way", "", mail(func(m *core.MailSettings) { m.Security = "rot13" }), "mail.security", "mail.security", "starttls"},
		{"mail as nobody", "", mail(func(m *core.MailSettings) { m.Auth = core.MailAuthPlain }), "field.missing", "mail.user", ""},
		{"password in the clear", "", mail(func(m *core.MailSettings) {
			m.Auth, m.User, m.Security = core.MailAuthPlain, "stint", core.MailPlain
		}), "mail.clear_password", "mail.security", "STARTTLS"},
		{"host with a line break", "", mail(func(m *core.MailSettings) { m.Host = "a\nb" }), "field.control", "mail.host", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			who := tt.who
			if who == "" {
				who = s.Boss
			}
			before, head := s.picture(), s.Head().Seq
			res, err := s.Do(who, tt.cmd)
			e := wantKey(t, err, tt.key)
			if e.Field != tt.field {
				t.Errorf("field: got %q, want %q", e.Field, tt.field)
			}
			if !strings.Contains(e.Message, tt.says) {
				t.Errorf("message %q does not say %q", e.Message, tt.says)
			}
			if regexp.MustCompile(`\{[a-z_]+\}`).MatchString(e.Message) {
				t.Errorf("message %q has an empty place", e.Message)
			}
			if len(res.Items) > 0 {
				t.Errorf("a refused command has lines: %v", res.Items)
			}
			entries := s.Entries(head)
			if len(entries) != 1 || entries[0].Action != core.CommandRefused || entries[0].Outcome != core.OutcomeRefused {
				t.Fatalf("entries: %v", entries)
			}
			if en := entries[0]; en.Actor != who || !strings.HasPrefix(en.Detail, tt.cmd.Verb()+": ") || !utf8.ValidString(en.Justification) || strings.ContainsAny(en.Detail+en.Justification, "\x00\n\u200b\u202e") {
				t.Errorf("entry: %+v", en)
			}
			equal(t, "trace", s.picture(), before)
		})
	}
	s.Verify()
}

// mine returns the eligible assignment of a role of Stint.
func (s *stage) mine(p core.PersonID, role string) (id core.AssignmentID) {
	s.View(func(v core.View) {
		for _, a := range v.LiveOf(p) {
			if a.Role == core.StintRole(role) && a.Kind == core.Eligible {
				id = a.ID
			}
		}
	})
	return id
}

func settings(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[string(rune('a'+i))] = "x"
	}
	return m
}

// What lies on the limit is taken, and taken as it was typed.
func TestLimitsAreInclusive(t *testing.T) {
	s := newStage(t)
	s.policy(s.dba, core.PolicySettings{RequireTicket: ptr(true)})
	start := s.now().Add(core.MaxActivateAhead)
	res := s.Must(s.ann, core.Activate{
		Items: []core.ActivationItem{{Assignment: s.annDBA, Scope: "/" + strings.Repeat("é", core.MaxScope-1)}}, Start: start,
		Duration: core.Duration(core.MinActivation), Justification: strings.Repeat("é", core.MaxJustification),
		Ticket: core.Ticket{System: strings.Repeat("ß", core.MaxTicket), Number: strings.Repeat("日", core.MaxTicket)},
	})
	a := s.Assignment(res.Items[0].Assignment)
	equal(t, "start", a.Start, start)
	equal(t, "justification", a.Justification, strings.Repeat("é", 500))
	equal(t, "ticket", a.Ticket, core.Ticket{System: strings.Repeat("ß", 64), Number: strings.Repeat("日", 64)})
	s.Must(s.ann, core.Activate{Items: []core.ActivationItem{{Assignment: s.annOps}}, Duration: core.DefaultPolicy().MaxDuration, Justification: "12345"})

	name := `Robert'); DROP TABLE people;-- <b>%_\`
	p := s.Must(s.Boss, core.AddPerson{FullName: name, Login: `x'"*()\`, Mail: "o'brien@example.org", Hash: "h", Accounts: map[core.SystemID]string{s.web: "cn=a,ou=b\n$(reboot)"}}).Person
	equal(t, "name", s.PersonOf(p).Name, name)
	equal(t, "login", s.PersonOf(p).Login, `x'"*()\`)
	s.View(func(v core.View) {
		acc, _ := v.Account(p, s.web)
		equal(t, "account", acc.External, "cn=a,ou=b\n$(reboot)")
	})
	// The joiners that real names are written with.
	s.Must(s.Boss, core.AddPerson{FullName: "می\u200cخواهم", Login: "persian", Hash: "h"})
	s.Verify()
}

// A start a little in the past means now: people and clocks are slow.
func TestStartJustNow(t *testing.T) {
	s := newStage(t)
	c := activate(s.annDBA)
	c.Start = s.now().Add(-2 * time.Minute)
	res := s.Must(s.ann, c)
	equal(t, "start", res.Items[0].Start, s.now())
	equal(t, "end", res.Items[0].End, s.now().Add(time.Hour))
}

// A bundle does what it can and says of each what became of it.
func TestBundle(t *testing.T) {
	s := newStage(t)
	s.policy(s.dba, core.PolicySettings{MaxDuration: ptr(core.Duration(30 * time.Minute))})
	head := s.Head().Seq
	res, err := s.Do(s.ann, core.Activate{Items: []core.ActivationItem{{Assignment: s.annDBA}, {Assignment: s.annOps}, {Assignment: s.annOps}, {Assignment: s.bobOps}}, Duration: core.Duration(time.Hour), Justification: why})
	if err != nil {
		t.Fatal(err)
	}
	var keys []core.TextKey
	for _, it := range res.Items {
		k := core.TextKey("")
		if it.Err != nil {
			k = it.Err.Key
		}
		keys = append(keys, k)
	}
	equal(t, "lines", keys, []core.TextKey{"duration.long", "", "batch.twice", "assignment.unknown"})
	equal(t, "story", s.Actions(head), "activation.requested command.refused command.refused command.refused")
	if res.Items[3].Role != "" || res.Items[3].Principal == s.bob {
		t.Errorf("the line tells whose assignment it is: %+v", res.Items[3])
	}
}

// Where the system did not answer when it was last asked, the plan says that the
// role comes later, as long as that is so, and only of what would begin now.
func TestActivateWhereTheSystemIsAway(t *testing.T) {
	s := newStage(t)
	away := []core.Note{{Key: core.NoteSystemAway, Args: map[string]string{"system": "db"}}}
	for _, c := range []struct {
		problem string
		later   time.Duration
		want    []core.Note
	}{{"", 0, nil}, {"It does not answer.", 0, away}, {"It does not answer.", time.Hour, nil}, {"", 0, nil}} {
		s.engineDoes(core.RecordHealth{System: s.db, Problem: c.problem})
		cmd := activate(s.annDBA)
		if c.later > 0 {
			cmd.Start = s.now().Add(c.later)
		}
		plan, err := s.Engine.Preview(t.Context(), core.Actor{Person: s.ann, Strength: core.StrengthFactor}, cmd)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "plan", plan.Result.Items[0].Notes, c.want)
	}
	s.engineDoes(core.RecordHealth{System: s.db, Problem: "It does not answer."})
	equal(t, "done", s.Must(s.ann, activate(s.annDBA)).Items[0].Notes, away)
	// What others have to agree to comes when they have, and no sooner.
	s.policy(s.ops, core.PolicySettings{RequireApproval: ptr(true)})
	equal(t, "asked", s.Must(s.ann, activate(s.annOps)).Items[0].Notes, []core.Note(nil))
}

// Removing an eligible assignment together with the activation that stands on
// it does not depend on which was ticked first.
func TestRemoveBoth(t *testing.T) {
	for _, first := range []string{"basis", "activation"} {
		s := newStage(t)
		run := s.Activate(s.ann, s.annDBA, time.Hour)
		ids := []core.AssignmentID{s.annDBA, run}
		if first == "activation" {
			ids = []core.AssignmentID{run, s.annDBA}
		}
		res := s.Must(s.Boss, core.RemoveAssignments{Assignments: ids, Justification: why})
		equal(t, first+": lines", len(res.Items), 2)
		equal(t, first+": activation", s.Assignment(run).State, core.Removed)
		equal(t, first+": basis", s.Assignment(s.annDBA).State, core.Removed)
		s.Settle()
		if s.Kind.System("db").Holds("dba", "ann") {
			t.Errorf("%s first: still held", first)
		}
	}
}

// The due loop may be a moment late; what has ended is over all the same.
func TestOverBeforeItIsExpired(t *testing.T) {
	s := newStage(t)
	run := s.Activate(s.ann, s.annDBA, time.Hour)
	timed := s.Must(s.Boss, core.Assign{Role: s.dba, Principals: []core.PersonID{s.bob}, Kind: core.Active, End: s.now().Add(time.Hour), Justification: why}).Items[0].Assignment
	s.Clock.Set(s.Clock.Now().Add(time.Hour))
	s.Refused("activation.not_running", s.ann, core.Prolong{Assignment: run, Duration: core.Duration(time.Hour), Justification: why})
	s.Refused("assignment.not_live", s.Boss, core.UpdateAssignment{Assignment: timed, End: s.now().Add(time.Hour), Justification: why})
}

// An activation may narrow the scope of what it stands on, never widen it.
func TestScopes(t *testing.T) {
	s := newStage(t)
	id := s.Must(s.Boss, core.Assign{Role: s.dba, Principals: []core.PersonID{s.bob}, Scope: "/billing/eu", Kind: core.Eligible, Justification: why}).Items[0].Assignment
	for _, tt := range []struct{ ask, get string }{
		{"/", ""}, {"/billing", ""}, {"/billing/e", ""}, {"/billing/euro", ""}, {"/billing/EU", ""}, {"/hr", ""},
		{"", "/billing/eu"}, {"/billing/eu", "/billing/eu"}, {"/billing/eu/de", "/billing/eu/de"},
	} {
		c := activate(id)
		c.Items[0].Scope = tt.ask
		res, err := s.Do(s.bob, c)
		if tt.get == "" {
			e := wantKey(t, err, "scope.wider")
			if tt.ask == "/" {
				equal(t, "error", e.Field+" "+e.Args["scope"], "scope /billing/eu")
			}
			continue
		}
		if err != nil {
			t.Fatalf("%q: %v", tt.ask, err)
		}
		a := s.Assignment(res.Items[0].Assignment)
		equal(t, "scope", a.Scope, tt.get)
		equal(t, "scope of the grant", s.Grant(a.ID).Scope, tt.get)
		s.Must(s.bob, core.Drop{Assignments: []core.AssignmentID{a.ID}})
	}
}
