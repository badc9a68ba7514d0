package storagetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// contains is what a text filter means.
func contains(s, part string) bool { return strings.Contains(paging.Fold(s), paging.Fold(part)) }

func testNew(t *testing.T, s core.Store) {
	read(t, s, func(v core.View) {
		alike(t, "settings", v.Settings(), core.DefaultSettings())
		sys, ok := v.System(core.StintSystem)
		alike(t, "Stint's system", sys, core.System{ID: core.StintSystem, Name: "Stint", Kind: core.KindStint, State: core.SystemConnected})
		alike(t, "Stint's system is there", ok, true)
		for _, r := range core.BuiltInRoles() {
			got, _ := v.Role(r.ID)
			alike(t, "role", got, r)
		}
		alike(t, "people", v.People(), 0)
		alike(t, "protected", ids(v.ProtectedRoles(), func(r core.Role) string { return r.External }),
			[]string{core.GlobalAdministrator, core.PrivilegedRoleAdministrator})
	})
	if last := must[time.Time](t)(s.LastTime(t.Context())); !last.IsZero() {
		t.Errorf("a new store has seen the time %v", last)
	}
	if _, ok, err := s.NextDue(t.Context()); ok || err != nil {
		t.Errorf("a new store has something due: %v", err)
	}
}

// stored reads a change back by its key.
func stored(v core.View, c core.Change) (any, bool) {
	switch c := c.(type) {
	case core.Settings:
		return v.Settings(), true
	case core.DigestMark:
		return v.Digest(), true
	case core.System:
		return got(v.System(c.ID))
	case core.Role:
		return got(v.Role(c.ID))
	case core.PolicyLevel:
		_, _, role := v.PolicyLevels(core.RoleID(c.Level))
		return core.PolicyLevel{Level: c.Level, Settings: role}, true
	case core.Person:
		return got(v.Person(c.ID))
	case core.Account:
		return got(v.Account(c.Person, c.System))
	case core.Credential:
		return got(v.Credential(c.Person))
	case core.Factor:
		return got(v.Factor(c.Person))
	case core.Session:
		return got(v.Session(c.ID))
	case core.Assignment:
		return got(v.Assignment(c.ID))
	case core.Request:
		return got(v.Request(c.ID))
	case core.Grant:
		return got(v.Grant(c.ID))
	case core.Group:
		return got(v.Group(c.ID))
	case core.Favourite:
		return got(v.Favourite(c.ID))
	case core.Drift:
		return got(v.Drift(c.ID))
	}
	return nil, false
}

func got[T any](v T, ok bool) (any, bool) { return v, ok }

// cutTimes returns c as it must come back: its times in microseconds, in UTC.
func cutTimes(c core.Change) core.Change {
	cut := func(ts ...*time.Time) {
		for _, t := range ts {
			if !t.IsZero() {
				*t = t.UTC().Truncate(time.Microsecond)
			}
		}
	}
	switch c := c.(type) {
	case core.System:
		cut(&c.Created, &c.Health.Checked, &c.Health.LastOK, &c.Health.Since)
		return c
	case core.DigestMark:
		cut(&c.Next, &c.Until)
		return c
	case core.Person:
		cut(&c.Created)
		return c
	case core.Credential:
		cut(&c.Changed, &c.LockedTill, &c.SignedIn)
		return c
	case core.Factor:
		cut(&c.LockedTill)
		return c
	case core.Session:
		cut(&c.Created, &c.LastSeen, &c.Expires)
		return c
	case core.Assignment:
		cut(&c.Start, &c.End, &c.Ended, &c.Created, &c.Remind)
		return c
	case core.Request:
		cut(&c.Start, &c.End, &c.Created, &c.Completed)
		return c
	case core.Grant:
		cut(&c.Until, &c.Evidence.At, &c.Since, &c.Failing, &c.NextTry)
		return c
	case core.Drift:
		cut(&c.First, &c.Accepted)
		return c
	}
	return c
}

func testRoundTrip(t *testing.T, s core.Store) {
	empty := []core.Change{ // the same keys with nothing in them: replaced as a whole
		core.Settings{}, core.DigestMark{}, core.System{ID: "sy_1"}, core.Role{ID: "ro_1", System: "sy_1"}, core.PolicyLevel{Level: "ro_1"}, core.Person{ID: "pe_1"},
		core.Account{Person: "pe_1", System: "sy_1"}, core.Credential{Person: "pe_1"}, core.Factor{Person: "pe_1"}, core.Session{ID: "se_1"},
		core.Assignment{ID: "as_1"}, core.Request{ID: "re_1"}, core.Grant{ID: "gr_1"}, core.Drift{ID: "dr_1"}, core.Favourite{ID: "fa_1", Person: "pe_1"},
	}
	for _, set := range [][]core.Change{oneOfEach(), empty, oneOfEach()} {
		put(t, s, set...)
		read(t, s, func(v core.View) {
			for _, c := range set {
				back, ok := stored(v, c)
				if !ok {
					t.Errorf("%T is not there", c)
				}
				alike(t, "stored", back, any(cutTimes(c)))
			}
		})
	}
	put(t, s, core.AccountRemoved{Person: "pe_1", System: "sy_1"}, core.SessionEnded{ID: "se_1"}, core.FavouriteRemoved{ID: "fa_1"})
	read(t, s, func(v core.View) {
		if _, ok := v.Account("pe_1", "sy_1"); ok {
			t.Error("the removed account is there")
		}
		if _, ok := v.AccountOwner("sy_1", "asa_db"); ok {
			t.Error("the removed account has an owner")
		}
		if _, ok := v.Session("se_1"); ok {
			t.Error("the ended session is there")
		}
		if _, ok := v.Favourite("fa_1"); ok {
			t.Error("the removed favourite is there")
		}
	})
	// Removing what isn't there is no fault.
	put(t, s, core.AccountRemoved{Person: "pe_1", System: "sy_1"}, core.SessionEnded{ID: "se_1"}, core.FavouriteRemoved{ID: "fa_1"})
}

// After a restore nothing that was proven before is good any more, and all else
// is as it was.
func testAfresh(t *testing.T, s core.Store) {
	put(t, s, oneOfEach()...)
	other := core.Factor{Person: "pe_2", Confirmed: true, LastStep: 59_000_001}
	put(t, s, other)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	remember := func(tx core.Tx) error { return tx.Remember("pe_1", "k", []byte{1}, []byte("{}"), now) }
	if err := s.Update(t.Context(), remember); err != nil {
		t.Fatal(err)
	}
	never, err := s.Restored(t.Context())
	alike(t, "restored", []any{never, err}, []any{time.Time{}, error(nil)})
	put(t, s, core.Afresh{Step: 59_000_000, At: now})
	at, err := s.Restored(t.Context())
	alike(t, "restored", []any{at, err}, []any{now, error(nil)})
	for _, c := range oneOfEach() {
		read(t, s, func(v core.View) {
			back, ok := stored(v, c)
			want := any(cutTimes(c))
			switch f := c.(type) {
			case core.Session:
				if ok {
					t.Error("a session outlived it")
				}
				return
			case core.Factor:
				f.LastStep = 59_000_000
				want = cutTimes(f)
			}
			alike(t, "kept", back, want)
		})
	}
	read(t, s, func(v core.View) {
		f, _ := v.Factor("pe_2")
		alike(t, "a later step", f, other)
	})
	err = s.Update(t.Context(), func(tx core.Tx) error {
		if _, _, ok := tx.Remembered("pe_1", "k"); ok {
			t.Error("a remembered result outlived it")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// foreign is a change no store knows.
type foreign struct{ core.Change }

func testUnique(t *testing.T, s core.Store) {
	put(t, s, world()...)
	live := assignment("as_1", "pe_a", "ro_a", core.Active, core.InForce, 1)
	live.Basis = "as_0"
	put(t, s, live,
		core.Account{Person: "pe_a", System: "sy_a", External: "alice"},
		core.Grant{ID: "gr_1", GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Scope: "/", Account: "alice"}, State: core.GrantUnknown},
		core.Drift{ID: "dr_1", GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Scope: "/", Account: "alice"}, Kind: core.DriftLost})
	second := live
	second.ID, second.State = "as_2", core.Scheduled
	gone := live
	gone.State = core.Expired
	removed := core.System{ID: "sy_a", Name: "Warehouse", State: core.SystemRemoved}
	for _, c := range []struct {
		name   string
		change core.Change
		key    core.TextKey
	}{
		{"a second live activation", second, "storage.basis_live"},
		{"a login in other case", core.Person{ID: "pe_x", Login: "ÇELIK"}, ""},
		{"the same login", core.Person{ID: "pe_x", Login: "ALICE"}, "storage.login_taken"},
		{"a name of a system", core.System{ID: "sy_x", Name: "WAREHOUSE", State: core.SystemConnected}, "storage.name_taken"},
		{"a role twice", core.Role{ID: "ro_x", System: "sy_a", External: "x-ro_a"}, "storage.role_taken"},
		{"somebody's account", core.Account{Person: "pe_b", System: "sy_a", External: "alice"}, "storage.account_taken"},
		{"a row of drift twice", core.Drift{ID: "dr_x", GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Scope: "/", Account: "alice"}, Kind: core.DriftLost}, "storage.drift_taken"},
		{"a grant twice", core.Grant{ID: "gr_x", GrantKey: core.GrantKey{System: "sy_a", Role: "ro_a", Scope: "/", Account: "alice"}}, "storage.grant_taken"},
	} {
		err := s.Update(t.Context(), func(tx core.Tx) error { return tx.Apply(core.Event{Changes: []core.Change{c.change}}) })
		if c.key == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		hasCode(t, c.name, err, core.Conflict)
		if !errors.Is(err, &core.Error{Code: core.Conflict, Key: c.key}) {
			t.Errorf("%s: got %v, want key %s", c.name, err, c.key)
		}
	}
	// The same things are free once the first has ended, and for another one.
	put(t, s, gone, second, removed, core.System{ID: "sy_x", Name: "warehouse", State: core.SystemConnected},
		core.Account{Person: "pe_b", System: "sy_b", External: "alice"})
	err := s.Update(t.Context(), func(tx core.Tx) error { return tx.Apply(core.Event{Changes: []core.Change{foreign{}}}) })
	hasCode(t, "an unknown change", err, core.Internal)
}

func testHostile(t *testing.T, s core.Store) {
	names := []string{
		`Robert'); DROP TABLE people;--`, `"quoted" and \escaped\`, "NUL\x00inside", "\u202egnirts ltr\u202c", "👩‍💻 Zoë", `100%_\`, "a\nb\tc",
		"ｆｕｌｌ", "ẞtraße", "İstanbul", "\x01", "--", "';", "$1", "${x}", "%", "_", `\`,
	}
	for i, n := range names {
		id := string(rune('a' + i))
		put(t, s,
			core.Person{ID: core.PersonID("pe_" + id), Name: n, Login: n + id, Mail: n},
			core.System{ID: core.SystemID("sy_" + id), Name: n, State: core.SystemConnected, Settings: map[string]string{n: n}},
			core.Role{ID: core.RoleID("ro_" + id), System: core.SystemID("sy_" + id), External: n, Name: n, Description: n},
			core.Account{Person: core.PersonID("pe_" + id), System: core.SystemID("sy_" + id), External: n},
			core.Grant{ID: core.GrantID("gr_" + id), GrantKey: core.GrantKey{System: core.SystemID("sy_" + id), Role: core.RoleID("ro_" + id), Scope: n, Account: n}},
		)
		log(t, s, core.Entry{Time: at(i), Action: core.PersonAdded, ActorName: n, Detail: n, Justification: n, TicketNumber: n, From: n, Scope: n})
	}
	read(t, s, func(v core.View) {
		for i, n := range names {
			id := string(rune('a' + i))
			p, _ := v.PersonByLogin(n + id)
			alike(t, "name", p.Name, n)
			sys, _ := v.SystemByName(n)
			alike(t, "settings", sys.Settings, map[string]string{n: n})
			r, _ := v.RoleByExternal(sys.ID, n)
			alike(t, "description", r.Description, n)
			owner, _ := v.AccountOwner(sys.ID, n)
			alike(t, "owner", owner, p.ID)
			g, _ := v.GrantFor(core.GrantKey{System: sys.ID, Role: r.ID, Scope: n, Account: n})
			alike(t, "grant", g.Account, n)
		}
	})
	for _, n := range names {
		for what, count := range map[string]int{
			"people":  len(must[core.List[core.PersonRow]](t)(s.PeopleList(t.Context(), core.PersonFilter{Text: n}, core.Page{Limit: 500})).Items),
			"roles":   len(must[core.List[core.RoleRow]](t)(s.Roles(t.Context(), core.RoleFilter{Text: n}, core.Page{Limit: 500})).Items),
			"entries": len(must[core.List[core.Entry]](t)(s.Entries(t.Context(), core.EntryFilter{Text: n}, core.Page{Limit: 500})).Items),
		} {
			// % and _ and \ have no special meaning: they fit where they stand.
			want := 0
			for _, m := range names {
				if contains(m, n) {
					want++
				}
			}
			if count != want {
				t.Errorf("%s with %q: got %d, want %d", what, n, count, want)
			}
		}
	}
	v := core.Verifier{}
	err := s.EachEntry(t.Context(), core.EntryFilter{}, func(e *core.Entry) error {
		if b := v.Check(e); b != nil {
			t.Errorf("entry %d: %s", b.Seq, b.Reason)
		}
		return nil
	})
	if err != nil || v.Count != int64(len(names)) {
		t.Errorf("checked %d entries: %v", v.Count, err)
	}
}
