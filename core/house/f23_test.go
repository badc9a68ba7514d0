package house_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/core/house"
)

// TestF23OlderBackup restores a backup that doesn't know of access granted
// after it. What was active in it is taken back from the real server, whether
// its end has passed or not; the ten privileges that nobody knows of any more
// are found at the first start and listed, and left to a person.
func TestF23OlderBackup(t *testing.T) {
	ends := []bool{false} // whether the end of what is active in the backup has passed
	if !testing.Short() {
		ends = append(ends, true)
	}
	for _, overdue := range ends {
		t.Run(fmt.Sprint("overdue ", overdue), func(t *testing.T) {
			pg := pgtest.New(t)
			pg.Exec(t, `create role dba`, `create role ann login`)
			path := filepath.Join(t.TempDir(), "stint.db")
			m := open(t, house.Options{Path: path})
			m.secret = m.setUp()
			basis := m.eligible(pg, "dba", "ann")
			m.do(core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "add an index"}, "")
			m.until("active", func() bool {
				return holds(t, pg, "dba", "ann") && len(m.active()) == 1 && m.active()[0].GrantState == core.GrantPresent
			})
			file := m.backup()

			// After the backup ten people get access.
			systems, err := m.svc.Systems(t.Context())
			m.ok(err)
			at := systems[slices.IndexFunc(systems, func(s core.SystemRow) bool { return s.Name == "prod-db" })].ID
			roles, err := m.svc.Roles(t.Context(), core.RoleFilter{System: at}, core.Page{})
			m.ok(err)
			var people []core.PersonID
			var accounts []string
			for i := range 10 {
				account := fmt.Sprintf("p%02d", i)
				pg.Exec(t, `create role `+account+` login`)
				res := m.do(core.AddPerson{FullName: "Person " + account, Login: account, Mail: account + "@example.org", Accounts: map[core.SystemID]string{at: account}}, "")
				people, accounts = append(people, res.Person), append(accounts, account)
			}
			m.do(core.Assign{Role: roles.Items[0].ID, Principals: people, Kind: core.Active, End: m.h.Engine.Now().Add(2 * time.Hour), Justification: "the migration"}, "")
			all := func() bool {
				return !slices.ContainsFunc(accounts, func(a string) bool { return !holds(t, pg, "dba", a) })
			}
			m.until("ten more", all)
			m.stop()

			c := &clock{}
			c.ahead.Store(m.clock.ahead.Load() + int64(mfa.Step))
			if overdue {
				c.ahead.Add(int64(90 * time.Minute))
			}
			done, err := restore(t, file, path, func(o *house.Restore) { o.Replace, o.Clock = true, c })
			m.ok(err)
			if want := map[bool]int{true: 0, false: 1}[overdue]; done.Ended != want {
				t.Errorf("%d running activations were ended, want %d", done.Ended, want)
			}
			if !holds(t, pg, "dba", "ann") {
				t.Fatal("restoring touched the system")
			}

			n := openAt(t, house.Options{Path: path}, time.Duration(c.ahead.Load()+int64(2*mfa.Step)))
			n.secret = m.secret
			a, err := n.h.Gate.SignIn(t.Context(), core.SignIn{Login: "ann", Password: core.NewSecret("correct horse battery staple"), From: "window", Code: core.NewSecret(mfa.Code(n.secret, n.clock.Now()))})
			m.ok(err)
			n.svc = a.Service
			listed := func() (out []string) {
				rep, err := n.svc.Drift(t.Context(), at)
				m.ok(err)
				for _, r := range rep.Items {
					if r.Kind == core.DriftOutside && r.Open() {
						out = append(out, r.Account)
					}
				}
				slices.Sort(out)
				return out
			}
			n.until("the ten are listed and the old one is taken back", func() bool {
				return slices.Equal(listed(), accounts) && !holds(t, pg, "dba", "ann")
			})
			if !all() {
				t.Error("what nobody knows was taken away unasked")
			}
			// It is said loudly, to everybody who may see it, and in the log.
			me, err := n.svc.Me(t.Context())
			m.ok(err)
			i := slices.IndexFunc(me.Troubles, func(t core.Trouble) bool { return t.Kind == core.TroubleRestored })
			if i < 0 || me.Troubles[i].Args["n"] != "10" || me.Troubles[i].Args["system"] != "prod-db" {
				t.Errorf("no trouble tells of the ten: %+v", me.Troubles)
			}
			reread, err := n.svc.Entries(t.Context(), core.EntryFilter{Action: core.SystemReread}, core.Page{})
			m.ok(err)
			if len(reread.Items) != 1 || !strings.Contains(reread.Items[0].Detail, "10 privileges are there") {
				t.Errorf("the log says %+v", reread.Items)
			}
			// The log tells of nothing that it doesn't know.
			made, err := n.svc.Entries(t.Context(), core.EntryFilter{Action: core.GrantMade}, core.Page{})
			m.ok(err)
			v, err := n.svc.VerifyAudit(t.Context(), core.Hash{}, nil)
			m.ok(err)
			if len(made.Items) != 1 || v.Break != nil {
				t.Errorf("%d grants in the log, want that of the backup; break %v", len(made.Items), v.Break)
			}
		})
	}
}
