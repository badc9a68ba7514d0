package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/stint-pim/stint/core"
)

// Model gives two stores the same random changes, kept, refused and given up,
// and asks both the same questions: the answers must be the same. open makes
// fresh ones; what they leave behind is its business.
func Model(t *testing.T, open func() (reference, other core.Store)) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := open()
		defer func() {
			if err := errors.Join(a.Close(), b.Close()); err != nil {
				rt.Error(err)
			}
		}()
		for range rapid.IntRange(1, 12).Draw(rt, "transactions") {
			changes := rapid.SliceOfN(rapid.Custom(drawChange), 1, 8).Draw(rt, "changes")
			entries := rapid.SliceOfN(rapid.Custom(drawEntry), 0, 3).Draw(rt, "entries")
			giveUp := rapid.IntRange(0, 9).Draw(rt, "give up") == 0
			commit := func(s core.Store) error {
				return s.Update(context.Background(), func(tx core.Tx) error {
					for _, c := range changes {
						if err := tx.Apply(core.Event{Changes: []core.Change{c}}); err != nil {
							return err
						}
					}
					for _, e := range entries {
						e.Seal(tx.Head())
						if err := tx.Apply(core.Event{Entry: e}); err != nil {
							return err
						}
					}
					if giveUp {
						return errBoom
					}
					return nil
				})
			}
			ea, eb := commit(a), commit(b)
			if core.CodeOf(ea) != core.CodeOf(eb) || keyOf(ea) != keyOf(eb) {
				rt.Fatalf("one says %v, the other %v", ea, eb)
			}
		}
		same(rt, a, b)
	})
}

func keyOf(err error) core.TextKey {
	var e *core.Error
	if errors.As(err, &e) {
		return e.Key
	}
	return ""
}

// same asks both stores everything there is to ask.
func same(rt *rapid.T, a, b core.Store) {
	qa, qb := answers(rt, a), answers(rt, b)
	for name := range qa {
		if d := cmp.Diff(qa[name], qb[name], cmpopts.EquateEmpty(), cmpopts.EquateComparable()); d != "" {
			rt.Fatalf("%s: -one +other\n%s", name, d)
		}
	}
}

func answers(rt *rapid.T, s core.Store) map[string]any {
	ctx := context.Background()
	out := map[string]any{}
	ask := func(name string, v any, err error) {
		if err != nil {
			rt.Fatalf("%s: %v", name, err)
		}
		out[name] = v
	}
	err := s.Read(ctx, func(v core.View) error {
		for i := range 3 {
			p, r, sys := personOf(i), roleOf(i), systemOf(i)
			out[fmt.Sprint("of ", i)] = []any{v.LiveOf(p), v.SessionsOf(p), v.FavouritesOf(p), v.LiveOn(sys, 3), v.GrantsOn(sys),
				v.LiveFor(r, core.Eligible, 2), v.LiveFor(r, core.Active, 9), v.Holders(r), v.Wanting(grantOf(i)), v.StandingOn(assignmentOf(i)), v.Due(at(20*i), 4), v.RemindersDue(at(20*i), 4), v.MembersOf(groupOf(i)), v.GroupsOf(p), v.GivenTo(groupOf(i)), v.Through(assignmentOf(i))}
			def, system, role := v.PolicyLevels(r)
			out[fmt.Sprint("levels ", i)] = []core.PolicySettings{def, system, role}
			c, okC := v.Credential(p)
			f, okF := v.Factor(p)
			out[fmt.Sprint("proofs ", i)] = []any{c, okC, f, okF}
		}
		out["view"] = []any{v.Settings(), v.People(), v.ProtectedRoles(), v.ApprovalLevels(), v.Holders(roleOf(0), roleOf(1))}
		return v.Err()
	})
	ask("read", nil, err)
	for name, f := range map[string]core.AssignmentFilter{
		"all": {}, "text": {Text: "E"}, "live": {States: []core.AssignmentState{core.InForce, core.Scheduled}, GrantStates: []core.GrantState{core.GrantRemoving}},
		"mine": {Principal: personOf(1), Kind: core.Active, GrantStates: []core.GrantState{core.GrantPresent, core.GrantRemoving}, States: []core.AssignmentState{core.InForce}},
		"role": {Role: roleOf(1), Text: "a"}, "ends": {EndsBefore: at(30), System: systemOf(0)}, "ended": {EndedAfter: at(10), States: []core.AssignmentState{core.Expired, core.Removed}},
		"lapsed": {EndedAfter: at(10), Origin: core.Assigned, States: []core.AssignmentState{core.Expired}}, "my lapsed": {Principal: personOf(0), EndedAfter: at(5), Origin: core.Assigned, States: []core.AssignmentState{core.Expired}},
	} {
		l, err := s.Assignments(ctx, f, core.Page{Limit: 4})
		ask("assignments "+name, l, err)
		if l.Next != "" {
			l, err = s.Assignments(ctx, f, core.Page{Limit: 4, After: l.Next})
			ask("more assignments "+name, l, err)
		}
		n, err := s.CountAssignments(ctx, f)
		ask("count "+name, n, err)
	}
	for name, f := range entryFilters() {
		l, err := s.Entries(ctx, f, core.Page{Limit: 5})
		ask("entries "+name, l, err)
		n, err := s.CountEntries(ctx, f)
		ask("count entries "+name, n, err)
	}
	for i := range 4 {
		es, err := s.Story(ctx, assignmentOf(i))
		ask(fmt.Sprint("story ", i), es, err)
		rs, err := s.Reasons(ctx, personOf(i), 3)
		ask(fmt.Sprint("reasons ", i), rs, err)
		as, err := s.AccountsOf(ctx, personOf(i))
		ask(fmt.Sprint("accounts ", i), as, err)
		gs, err := s.PendingGrants(ctx, systemOf(i), at(30), 5)
		ask(fmt.Sprint("pending ", i), gs, err)
		next, ok, err := s.NextTry(ctx, systemOf(i))
		ask(fmt.Sprint("next try ", i), []any{next, ok}, err)
	}
	ends, err := s.Endings(ctx, at(30), core.Ending{}, 5)
	ask("endings", ends, err)
	next, ok, err := s.NextDue(ctx)
	ask("due", []any{next, ok}, err)
	last, err := s.LastTime(ctx)
	ask("last", last, err)
	groups, err := s.Groups(ctx, core.GroupFilter{Text: "a"}, core.Page{Limit: 3})
	ask("groups", groups, err)
	for i := range 3 {
		members, err := s.Members(ctx, groupOf(i))
		ask(fmt.Sprint("members ", i), members, err)
	}
	given, err := s.Assignments(ctx, core.AssignmentFilter{Group: groupOf(1)}, core.Page{})
	ask("given", given, err)
	people, err := s.PeopleList(ctx, core.PersonFilter{Text: "e"}, core.Page{})
	ask("people", people, err)
	roles, err := s.Roles(ctx, core.RoleFilter{Text: "A"}, core.Page{Limit: 3})
	ask("roles", roles, err)
	systems, err := s.SystemRows(ctx)
	ask("systems", systems, err)
	requests, err := s.Requests(ctx, core.RequestFilter{Statuses: []core.Status{core.Granted, core.Provisioned}}, core.Page{Limit: 3})
	ask("requests", requests, err)
	return out
}

func personOf(i int) core.PersonID         { return core.PersonID(fmt.Sprint("pe_", i)) }
func roleOf(i int) core.RoleID             { return core.RoleID(fmt.Sprint("ro_", i)) }
func systemOf(i int) core.SystemID         { return core.SystemID(fmt.Sprint("sy_", i)) }
func grantOf(i int) core.GrantID           { return core.GrantID(fmt.Sprint("gr_", i)) }
func groupOf(i int) core.GroupID           { return core.GroupID(fmt.Sprint("gp_", i)) }
func assignmentOf(i int) core.AssignmentID { return core.AssignmentID(fmt.Sprint("as_", i)) }

// The draws below take few values for everything, so that rows meet.

func small(rt *rapid.T, name string) int { return rapid.IntRange(0, 3).Draw(rt, name) }

func drawTime(rt *rapid.T, name string) time.Time {
	n := rapid.IntRange(0, 50).Draw(rt, name)
	if n == 0 {
		return time.Time{}
	}
	return epoch.Add(time.Duration(n)*time.Minute + time.Duration(rapid.IntRange(0, 2000).Draw(rt, name+" ns")))
}

func drawName(rt *rapid.T, name string) string {
	return rapid.OneOf(rapid.SampledFrom([]string{"", "Alice", "ALICE", "Größe", "a%_b", "x\x00y", "ς", "Σ", "İ"}), rapid.StringN(0, 6, 20)).Draw(rt, name)
}

func pickOf[T any](rt *rapid.T, name string, vs ...T) T { return rapid.SampledFrom(vs).Draw(rt, name) }

func drawState(rt *rapid.T) core.AssignmentState {
	return pickOf(rt, "state", core.Scheduled, core.InForce, core.InForce, core.Expired, core.Removed)
}

func drawChange(rt *rapid.T) core.Change {
	id := small(rt, "id")
	switch rapid.IntRange(0, 22).Draw(rt, "type") {
	case 0:
		return core.System{ID: systemOf(id), Name: drawName(rt, "name"), Kind: pickOf(rt, "kind", core.KindSample, core.KindLinux), Settings: map[string]string{"as": drawName(rt, "as")},
			State: pickOf(rt, "system state", core.SystemConnected, core.SystemRemoved), Created: drawTime(rt, "created")}
	case 1:
		return core.Role{ID: roleOf(id), System: systemOf(small(rt, "system")), External: drawName(rt, "external"), Name: drawName(rt, "name"),
			Description: drawName(rt, "description"), Protected: rapid.Bool().Draw(rt, "protected")}
	case 2, 3:
		return core.Person{ID: personOf(id), Name: drawName(rt, "name"), Login: drawName(rt, "login"), Mail: drawName(rt, "mail"), Disabled: rapid.Bool().Draw(rt, "disabled")}
	case 4:
		return core.Account{Person: personOf(id), System: systemOf(small(rt, "system")), External: drawName(rt, "external")}
	case 5:
		return core.AccountRemoved{Person: personOf(id), System: systemOf(small(rt, "system"))}
	case 6:
		return core.Session{ID: core.SessionID(fmt.Sprint("se_", id)), Person: personOf(small(rt, "person")), Created: drawTime(rt, "created"), LastSeen: drawTime(rt, "seen"),
			Expires: pickOf(rt, "expires", epoch, time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC))}
	case 7:
		return core.SessionEnded{ID: core.SessionID(fmt.Sprint("se_", id))}
	case 8:
		return core.Favourite{ID: core.FavouriteID(fmt.Sprint("fa_", id)), Person: personOf(small(rt, "person")), Name: drawName(rt, "name"), Items: []core.ActivationItem{{Assignment: assignmentOf(id)}}}
	case 9:
		return core.Credential{Person: personOf(id), LockedTill: drawTime(rt, "locked"), Failed: id}
	case 10:
		return core.Factor{Person: personOf(id), Confirmed: rapid.Bool().Draw(rt, "confirmed"), Recovery: []string{drawName(rt, "code")}}
	case 11:
		return core.PolicyLevel{Level: pickOf(rt, "level", core.DefaultLevel, string(systemOf(id)), string(roleOf(id))), Settings: core.PolicySettings{
			MaxDuration: pickOf(rt, "duration", nil, ptr(core.Duration(time.Hour))), TicketPattern: pickOf(rt, "pattern", nil, ptr("x")), RequireApproval: pickOf(rt, "approval", nil, ptr(true)),
		}}
	case 12, 13:
		return core.Request{ID: core.RequestID(fmt.Sprint("re_", id)), Status: pickOf(rt, "status", core.Granted, core.Provisioned, core.Denied), Requester: personOf(small(rt, "requester")),
			Principal: personOf(small(rt, "principal")), Role: roleOf(small(rt, "role")), Justification: drawName(rt, "reason"), Created: drawTime(rt, "created")}
	case 20:
		return core.Group{ID: groupOf(id), Name: drawName(rt, "name"), Description: drawName(rt, "description"), Removed: rapid.Bool().Draw(rt, "removed"), Created: drawTime(rt, "created")}
	case 21:
		return core.Member{Group: groupOf(id), Person: personOf(small(rt, "person")), Since: drawTime(rt, "since")}
	case 22:
		return core.MemberRemoved{Group: groupOf(id), Person: personOf(small(rt, "person"))}
	case 14, 15:
		return core.Grant{ID: grantOf(id), GrantKey: core.GrantKey{System: systemOf(small(rt, "system")), Role: roleOf(small(rt, "role"))}, Wanted: rapid.Bool().Draw(rt, "wanted"),
			State: pickOf(rt, "grant state", core.GrantUnknown, core.GrantGranting, core.GrantPresent, core.GrantRemoving, core.GrantAbsent, core.GrantFound),
			Since: drawTime(rt, "since"), NextTry: drawTime(rt, "next"), Failing: drawTime(rt, "failing"), Evidence: core.Evidence{At: drawTime(rt, "proof"), Answer: drawName(rt, "answer")}}
	}
	a := core.Assignment{ID: core.AssignmentID(fmt.Sprint("as_", rapid.IntRange(0, 9).Draw(rt, "assignment"))), Principal: personOf(small(rt, "principal")), Role: roleOf(small(rt, "role")),
		System: systemOf(small(rt, "system")), Kind: pickOf(rt, "kind", core.Eligible, core.Active), Origin: pickOf(rt, "origin", core.Assigned, core.Activated), State: drawState(rt),
		Start: drawTime(rt, "start"), End: drawTime(rt, "end"), Ended: drawTime(rt, "ended"), Created: drawTime(rt, "created"), Remind: drawTime(rt, "remind"), Request: core.RequestID(fmt.Sprint("re_", small(rt, "request")))}
	if rapid.Bool().Draw(rt, "has a grant") {
		a.Grant = grantOf(small(rt, "grant"))
	}
	if rapid.Bool().Draw(rt, "stands on one") {
		a.Basis = assignmentOf(small(rt, "basis"))
	}
	if rapid.Bool().Draw(rt, "is of a group") {
		a.Group = groupOf(small(rt, "group"))
		a.Via = pickOf(rt, "via", "", assignmentOf(small(rt, "through")))
		if a.Via == "" {
			a.Principal = ""
		}
	}
	return a
}

func drawEntry(rt *rapid.T) core.Entry {
	e := core.Entry{Time: drawTime(rt, "time").Truncate(time.Microsecond), Action: pickOf(rt, "action", core.SignedIn, core.GrantMade, core.GrantRemoved, core.GrantLeft, core.RoleActivated),
		Outcome: pickOf(rt, "outcome", core.OutcomeDone, core.OutcomeRefused), ActorName: drawName(rt, "actor name"), Detail: drawName(rt, "detail")}
	if rapid.Bool().Draw(rt, "has people") {
		e.Actor, e.Principal = personOf(small(rt, "actor")), personOf(small(rt, "principal"))
	}
	if rapid.Bool().Draw(rt, "has a role") {
		e.Role, e.System = roleOf(small(rt, "role")), systemOf(small(rt, "system"))
	}
	if rapid.Bool().Draw(rt, "has an assignment") {
		e.Assignment = assignmentOf(small(rt, "assignment"))
	}
	return e
}
