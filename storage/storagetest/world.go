package storagetest

import (
	"time"

	"github.com/stint-pim/stint/core"
)

func ptr[T any](v T) *T { return &v }

// one of each change, with every field set, times finer than a microsecond and
// in another zone.
func oneOfEach() []core.Change {
	zone := time.FixedZone("X", 3*3600)
	moment := epoch.In(zone)
	return []core.Change{
		core.Settings{Organisation: "Müller & Söhne", IdleLock: core.Duration(90 * time.Second), Mail: core.MailSettings{
			Host: "mail.example", Port: 587, Security: core.MailSTARTTLS, Auth: core.MailAuthPlain, User: "u",
			Sealed: []byte{0, 1, 2}, From: "Stint <s@example>", CAFile: "/etc/ca.pem",
		}, Digest: core.DigestSettings{Off: true, Weekday: "friday", At: "17:30", Zone: "Europe/Berlin"}},
		core.DigestMark{Next: moment.AddDate(0, 0, 7), Until: moment},
		core.System{ID: "sy_1", Name: "Accounts", Kind: core.KindSample, Settings: map[string]string{"as": "postgres", "host": "h"},
			Sealed: []byte("sealed"), State: core.SystemConnected, Created: moment, Health: core.Health{
				Checked: moment, LastOK: moment.Add(-time.Minute), Since: moment.Add(time.Minute), Error: "gone", Version: "15.3",
			}},
		core.Role{ID: "ro_1", System: "sy_1", External: "db_admin", Name: "Database admin", Description: "All of it",
			Privileged: true, Protected: true, Gone: true},
		core.PolicyLevel{Level: "ro_1", Settings: core.PolicySettings{
			MaxDuration: ptr(core.Duration(4 * time.Hour)), RequireMFA: ptr(true), RequireJustification: ptr(false), RequireTicket: ptr(true),
			TicketPattern: ptr("CHG[0-9]+"), AllowProlong: ptr(false), PermanentEligible: ptr(true), EligibleFor: ptr(core.Duration(48 * time.Hour)),
			PermanentActive: ptr(false), ActiveFor: ptr(core.Duration(24 * time.Hour)), AssignMFA: ptr(true), AssignJustification: ptr(true),
		}},
		core.Person{ID: "pe_1", Name: "Åsa Öberg", Login: "Asa", Mail: "asa@example", Language: "de", Disabled: true, Created: moment, NoDigest: true},
		core.Account{Person: "pe_1", System: "sy_1", External: "asa_db"},
		core.Credential{Person: "pe_1", Hash: "$argon2id$", Changed: moment, MustChange: true, Failed: 3, LockedTill: moment.Add(time.Hour), SignedIn: moment},
		core.Factor{Person: "pe_1", Sealed: []byte{9, 0, 9}, Next: []byte{7, 0}, Confirmed: true, LastStep: 58_000_000, Failed: 2, LockedTill: moment, Recovery: []string{"h1", "h2"}},
		core.Session{ID: "se_1", Person: "pe_1", Created: moment, LastSeen: moment.Add(time.Second), Expires: moment.Add(time.Hour), From: "window", Strength: core.StrengthFactor},
		core.Assignment{ID: "as_1", Principal: "pe_1", Role: "ro_1", System: "sy_1", Scope: "/db", Kind: core.Active, Origin: core.Activated,
			Basis: "as_0", Start: moment, End: moment.Add(time.Hour), State: core.InForce, Ended: moment.Add(2 * time.Hour), Grant: "gr_1",
			Request: "re_1", Justification: "because", Ticket: core.Ticket{System: "Jira", Number: "OPS-1"}, Created: moment},
		core.Request{ID: "re_1", From: "command line", Action: core.SelfActivate, Status: core.PendingProvisioning, Requester: "pe_1", Principal: "pe_1", Role: "ro_1",
			System: "sy_1", Scope: "/db", Assignment: "as_1", Start: moment, End: moment.Add(time.Hour), Justification: "because",
			Ticket: core.Ticket{System: "Jira", Number: "OPS-1"}, Created: moment, Completed: moment.Add(time.Minute)},
		core.Grant{ID: "gr_1", GrantKey: core.GrantKey{System: "sy_1", Role: "ro_1", Scope: "/db", Account: "asa_db"}, External: "db_admin",
			Wanted: true, Until: moment.Add(time.Hour), State: core.GrantGranting, Evidence: core.Evidence{
				At: moment, Holds: true, Query: "select 1", Answer: "t", Ended: 2,
			}, Since: moment, Cycle: 7, Attempts: 3, Failing: moment, LastErr: "refused", NextTry: moment.Add(time.Second), Alarmed: true, Object: "7/8", For: "as_1"},
		core.Drift{ID: "dr_1", GrantKey: core.GrantKey{System: "sy_1", Role: "ro_1", Scope: "/db", Account: "asa_db"}, Kind: core.DriftOutside,
			Object: "7/8", First: moment, Detail: "member", Accepted: moment.Add(time.Hour), By: "pe_1", Why: "known"},
		core.Favourite{ID: "fa_1", Person: "pe_1", Name: "Morning", Items: []core.ActivationItem{{Assignment: "as_0", Scope: "/db"}, {Assignment: "as_9"}},
			Duration: core.Duration(90 * time.Minute), Justification: "daily"},
	}
}

// world is a small installation: two systems, four people, three roles.
func world() []core.Change {
	person := func(id core.PersonID, name, login string) core.Person {
		return core.Person{ID: id, Name: name, Login: login, Mail: login + "@example.org", Language: "en", Created: at(0)}
	}
	system := func(id core.SystemID, name string, k core.Kind) core.System {
		return core.System{ID: id, Name: name, Kind: k, State: core.SystemConnected, Created: at(0)}
	}
	role := func(id core.RoleID, s core.SystemID, name, desc string) core.Role {
		return core.Role{ID: id, System: s, External: "x-" + string(id), Name: name, Description: desc}
	}
	return []core.Change{
		system("sy_a", "Warehouse", core.KindPostgres), system("sy_b", "Jump host", core.KindLinux),
		role("ro_a", "sy_a", "Reader", "reads everything"), role("ro_b", "sy_a", "Writer", "100% of it"), role("ro_c", "sy_b", "Wheel", "root_access"),
		person("pe_a", "Alice", "alice"), person("pe_b", "Bob", "bob"), person("pe_c", "Çelik", "celik"), person("pe_m", "Mallory_100%", "mallory"),
	}
}

// assignment returns one of the world that was made n minutes into it.
func assignment(id core.AssignmentID, p core.PersonID, r core.RoleID, k core.AssignmentKind, s core.AssignmentState, n int) core.Assignment {
	sys := core.SystemID("sy_a")
	if r == "ro_c" {
		sys = "sy_b"
	}
	a := core.Assignment{ID: id, Principal: p, Role: r, System: sys, Scope: "/", Kind: k, Origin: core.Assigned, Start: at(n),
		State: s, Created: at(n), Justification: "story " + string(id)}
	if !s.Live() {
		a.Ended = at(n + 30)
	}
	return a
}
