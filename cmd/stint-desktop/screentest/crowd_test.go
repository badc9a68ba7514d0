package screentest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/storage/sqlite"
)

const (
	crowdAssignments = 100_000
	crowdPeople      = 2_000
	crowdSystems     = 40
	crowdRoles       = 500
	crowdActive      = 20 // of the person who is signed in
)

// crowd makes an installation of many assignments, and 20 roles that run for
// the person signed in: she comes through the front door, the rest as fast as
// the store takes it.
func crowd(tb testing.TB, dir string, assignments int) {
	tb.Helper()
	ok := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	ctx := context.Background()
	path := filepath.Join(dir, house.FileName)
	h, err := house.Open(ctx, house.Options{Path: path, Host: "workstation", Version: "test"})
	ok(err)
	signedIn(ctx, tb, h, dir)
	ok(h.Close())
	db, err := sqlite.Open(ctx, path, sqlite.Options{Unsafe: true})
	ok(err)
	fill := func(n int, one func(i int) []core.Change) {
		tb.Helper()
		for from := 0; from < n; from += 2000 {
			ok(db.Update(ctx, func(tx core.Tx) error {
				for i := from; i < min(from+2000, n); i++ {
					if err := tx.Apply(core.Event{Changes: one(i)}); err != nil {
						return err
					}
				}
				return nil
			}))
		}
	}
	now := time.Now().UTC().Truncate(time.Second)
	system := func(i int) core.SystemID { return core.SystemID(fmt.Sprintf("sy_%02d", i%crowdSystems)) }
	role := func(i int) core.RoleID { return core.RoleID(fmt.Sprintf("ro_%03d", i%crowdRoles)) }
	person := func(i int) core.PersonID { return core.PersonID(fmt.Sprintf("pe_%04d", i%crowdPeople)) }
	fill(crowdSystems, func(i int) []core.Change {
		return []core.Change{core.System{ID: system(i), Name: fmt.Sprintf("prod-%02d", i), Kind: core.KindPostgres, State: core.SystemConnected,
			Settings: map[string]string{"host": "127.0.0.1", "port": "1"}, Created: now, Health: core.Health{Checked: now, LastOK: now, Version: "PostgreSQL 15.8"}}}
	})
	fill(crowdRoles, func(i int) []core.Change {
		return []core.Change{core.Role{ID: role(i), System: system(i), External: fmt.Sprintf("role_%03d", i), Name: fmt.Sprintf("role_%03d", i), Description: "Reads and writes orders"}}
	})
	fill(crowdPeople, func(i int) []core.Change {
		return []core.Change{core.Person{ID: person(i), Name: fmt.Sprintf("%s %s %d", givenNames[i%len(givenNames)], familyNames[i/7%len(familyNames)], i), Login: fmt.Sprintf("person%04d", i)}}
	})
	assignment := func(i int) core.Assignment {
		return core.Assignment{ID: core.AssignmentID(fmt.Sprintf("as_%08d", i)), Principal: person(i), Role: role(i/3 + i), System: system(i/3 + i), Scope: "/",
			Kind: core.Eligible, Origin: core.Assigned, State: core.InForce, Start: now.Add(-time.Hour), End: now.AddDate(0, 6, i%180),
			Created: now.Add(-time.Duration(assignments-i) * time.Second), Justification: "Looks after the orders", Request: core.RequestID(fmt.Sprintf("re_%08d", i))}
	}
	fill(assignments, func(i int) []core.Change {
		a := assignment(i)
		switch {
		case i%5 == 1: // people who have left, so that every list has rows
			a.State, a.Ended, a.End = core.Expired, now.Add(-time.Minute), now.Add(-time.Minute)
		case i%5 == 2:
			a.Kind = core.Active
		}
		return []core.Change{a, core.Request{ID: a.Request, Action: core.AdminAssign, Status: core.Provisioned, Requester: a.Principal, Principal: a.Principal, Role: a.Role,
			System: a.System, Assignment: a.ID, Created: a.Created, Justification: a.Justification}}
	})
	me := personOf(ctx, tb, db)
	fill(crowdActive, func(i int) []core.Change {
		a := assignment(i)
		a.ID, a.Principal, a.Kind, a.Origin = core.AssignmentID(fmt.Sprintf("as_mine%02d", i)), me, core.Active, core.Activated
		a.Start, a.End, a.Created = now.Add(-time.Minute), now.Add(time.Duration(30+20*i)*time.Minute), now
		a.Request, a.Grant = core.RequestID(fmt.Sprintf("re_mine%02d", i)), core.GrantID(fmt.Sprintf("gr_mine%02d", i))
		return []core.Change{a, core.Grant{ID: a.Grant, GrantKey: core.GrantKey{System: a.System, Role: a.Role, Scope: a.Scope, Account: "ann"}, Wanted: true,
			State: core.GrantPresent, Since: now, Until: a.End, Evidence: core.Evidence{At: now, Holds: true, Query: "pg_auth_members", Answer: "1 row"}, For: a.ID},
			core.Request{ID: a.Request, Action: core.SelfActivate, Status: core.Provisioned, Requester: me, Principal: me, Role: a.Role, System: a.System, Assignment: a.ID, Created: now}}
	})
	ok(db.Close())
}

// signedIn sets a house up with Ann, who has a second factor, and keeps her
// session where the window looks for it.
func signedIn(ctx context.Context, tb testing.TB, h *house.House, dir string) (core.Service, []string) {
	tb.Helper()
	a, err := h.Gate.SetUp(ctx, core.FirstPerson{FullName: "Ann Admin", Login: "ann", Mail: "ann@example.org", Language: "en",
		Password: core.NewSecret("correct horse battery staple"), Organisation: "Example", From: "window"})
	if err != nil {
		tb.Fatal(err)
	}
	offer, err := a.Service.BeginFactor(ctx, core.Secret{})
	if err != nil {
		tb.Fatal(err)
	}
	recovery, err := a.Service.ConfirmFactor(ctx, core.NewSecret(mfa.Code(offer.Secret, time.Now())))
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "window.token"), []byte(a.Token.Reveal()+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	return a.Service, recovery
}

func personOf(ctx context.Context, tb testing.TB, s core.Store) (id core.PersonID) {
	tb.Helper()
	err := s.Read(ctx, func(v core.View) error {
		p, ok := v.PersonByLogin("ann")
		if !ok {
			tb.Fatal("ann is not there")
		}
		id = p.ID
		return v.Err()
	})
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

var (
	givenNames  = []string{"Alex", "Bea", "Chidi", "Dana", "Emre", "Farah", "Giulia", "Hana", "Ivo", "Jonas", "Kaja", "Lena", "Milan"}
	familyNames = []string{"Morgan", "Lindqvist", "Okafor", "Novak", "Yilmaz", "Haddad", "Romano", "Suzuki", "Kovacs", "Berger", "Nowak", "Fischer"}
)

// token is the session that signedIn has kept.
func token(tb testing.TB, dir string) string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "window.token"))
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}
