package core_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// FuzzHash reads the text of a hash, as it stands in exported files.
func FuzzHash(f *testing.F) {
	f.Add(strings.Repeat("0f", 32))
	f.Add(strings.Repeat("0F", 32))
	f.Fuzz(func(t *testing.T, text string) {
		var h core.Hash
		if h.UnmarshalText([]byte(text)) == nil && !strings.EqualFold(h.String(), text) {
			t.Errorf("%q is read as %s", text, h)
		}
	})
}

// FuzzCommands gives every text that a command has to the rules, as whoever may
// give the command: each is refused or taken, the log stays whole, and an entry
// is one line.
func FuzzCommands(f *testing.F) {
	f.Add("Ann", "ann", "ann@example.org", "/", "^JIRA-[0-9]+$")
	f.Add("\x00\u202e", "a b", "a@b, c@d", "/../..", `\Qa`)
	f.Add("\xff\xfe", "ß", "\"x\r\nBcc: y\"@z", "//", "(a+)+$")
	f.Fuzz(func(t *testing.T, name, login, mail, scope, pattern string) {
		s := newStage(t)
		for _, c := range []core.Command{
			core.AddPerson{FullName: name, Login: login, Mail: mail, Language: name, Hash: "hash", Accounts: map[core.SystemID]string{s.db: login}},
			core.UpdatePerson{Person: s.bob, FullName: name, Login: login, Mail: mail, Language: "en"},
			core.SetAccount{Person: s.bob, System: s.web, External: login},
			core.AddRoles{System: s.web, Roles: []core.NewRole{{External: name, Description: pattern}}},
			core.UpdateRole{Role: s.ops, Name: name, Description: pattern},
			core.SetPolicy{Level: string(s.ops), Settings: core.PolicySettings{RequireTicket: ptr(true), TicketPattern: &pattern}},
			core.SetPolicy{Level: scope},
			core.Assign{Role: s.dba, Principals: []core.PersonID{s.bob}, Scope: scope, Kind: core.Eligible, Justification: name},
			core.AddSystem{SystemSpec: core.SystemSpec{Name: name, Kind: core.Kind(login), Settings: map[string]string{login: mail}}},
			core.ChangeSettings{Settings: core.Settings{Organisation: name, Mail: core.MailSettings{Host: login, Port: 25, From: mail, Security: core.MailTLS, Auth: core.MailAuthNone, CAFile: scope}}},
		} {
			if _, err := s.Do(s.Boss, c); core.CodeOf(err) == core.Internal || core.CodeOf(err) == core.Unavailable {
				t.Fatalf("%T: %v", c, err)
			}
		}
		_, err := s.Do(s.ann, core.Activate{
			Items: []core.ActivationItem{{Assignment: s.annOps, Scope: scope}}, Duration: core.Duration(time.Hour), Justification: name, Ticket: core.Ticket{System: login, Number: mail},
		})
		if core.CodeOf(err) == core.Internal || core.CodeOf(err) == core.Unavailable {
			t.Fatal(err)
		}
		s.Verify()
		for _, e := range s.Entries(0) {
			for _, text := range e.Fields() {
				if !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r\x00\u2028") {
					t.Fatalf("an entry holds %q", text)
				}
			}
		}
	})
}
