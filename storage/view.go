package storage

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// view is core.View inside one transaction. It keeps the context because the
// rules, which ask it, know of none; it lives no longer than the call that
// gave the context.
type view struct {
	ctx context.Context
	q   *gen.Queries
	tx  *sql.Tx // for queries that vary with a filter
	db  *DB
	err error // the first that a read met
}

// Err implements core.View.
func (v *view) Err() error { return v.db.translate(v.err) }

// fail notes a failed read; that nothing was found is no failure.
func (v *view) fail(err error) bool {
	if err != nil && v.err == nil && !errors.Is(err, sql.ErrNoRows) {
		v.err = err
	}
	return err != nil
}

// found turns the answer of a query for one row into that of a View.
func found[R, T any](v *view, r R, err error, to func(R) (T, error)) (T, bool) {
	var none T
	if v.fail(err) {
		return none, false
	}
	t, err := to(r)
	if v.fail(err) {
		return none, false
	}
	return t, true
}

// all turns the rows of a query into a list.
func all[R, T any](v *view, rs []R, err error, to func(R) (T, error)) []T {
	if v.fail(err) {
		return nil
	}
	ts, err := each(rs, to)
	if v.fail(err) {
		return nil
	}
	return ts
}

func each[R, T any](rs []R, to func(R) (T, error)) ([]T, error) {
	ts := make([]T, 0, len(rs))
	for _, r := range rs {
		t, err := to(r)
		if err != nil {
			return nil, err
		}
		ts = append(ts, t)
	}
	return ts, nil
}

func (v *view) Settings() core.Settings {
	r, err := v.q.GetSettings(v.ctx)
	s, _ := found(v, r, err, toSettings)
	return s
}

func (v *view) System(id core.SystemID) (core.System, bool) {
	r, err := v.q.GetSystem(v.ctx, string(id))
	return found(v, r, err, toSystem)
}

func (v *view) SystemByName(name string) (core.System, bool) {
	r, err := v.q.GetSystemByName(v.ctx, paging.Fold(name))
	return found(v, r, err, toSystem)
}

func (v *view) Role(id core.RoleID) (core.Role, bool) {
	r, err := v.q.GetRole(v.ctx, string(id))
	return found(v, r, err, toRole)
}

func (v *view) RoleByExternal(system core.SystemID, external string) (core.Role, bool) {
	r, err := v.q.GetRoleByExternal(v.ctx, gen.GetRoleByExternalParams{SystemID: string(system), External: external})
	return found(v, r, err, toRole)
}

func (v *view) ProtectedRoles() []core.Role {
	rs, err := v.q.ListProtectedRoles(v.ctx)
	return all(v, rs, err, toRole)
}

func (v *view) PolicyLevel(level string) core.PolicySettings {
	r, err := v.q.GetPolicyLevel(v.ctx, level)
	l, _ := found(v, r, err, toPolicyLevel)
	return l.Settings
}

func (v *view) ApprovalLevels() []core.PolicyLevel {
	rs, err := v.q.ListApprovalLevels(v.ctx)
	// A pattern of a ticket may look like the name of a setting.
	return slices.DeleteFunc(all(v, rs, err, toPolicyLevel), func(l core.PolicyLevel) bool { return !l.Approves() })
}

func (v *view) PolicyLevels(id core.RoleID) (def, system, role core.PolicySettings) {
	rows, err := v.q.GetPolicyLevels(v.ctx, string(id))
	for _, l := range all(v, rows, err, toPolicyLevel) {
		switch l.Level {
		case core.DefaultLevel:
			def = l.Settings
		case string(id):
			role = l.Settings
		default:
			system = l.Settings
		}
	}
	return def, system, role
}

func (v *view) People() int {
	n, err := v.q.CountPeople(v.ctx)
	v.fail(err)
	return int(n)
}

func (v *view) Person(id core.PersonID) (core.Person, bool) {
	r, err := v.q.GetPerson(v.ctx, string(id))
	return found(v, r, err, toPerson)
}

func (v *view) PersonByLogin(login string) (core.Person, bool) {
	r, err := v.q.GetPersonByLogin(v.ctx, paging.Fold(login))
	return found(v, r, err, toPerson)
}

func (v *view) Account(p core.PersonID, s core.SystemID) (core.Account, bool) {
	r, err := v.q.GetAccount(v.ctx, gen.GetAccountParams{PersonID: string(p), SystemID: string(s)})
	return found(v, r, err, toAccount)
}

func (v *view) AccountOwner(s core.SystemID, external string) (core.PersonID, bool) {
	r, err := v.q.GetAccountOwner(v.ctx, gen.GetAccountOwnerParams{SystemID: string(s), External: external})
	return found(v, r, err, func(id string) (core.PersonID, error) { return core.PersonID(id), nil })
}

func (v *view) Group(id core.GroupID) (core.Group, bool) {
	r, err := v.q.GetGroup(v.ctx, string(id))
	return found(v, r, err, toGroup)
}

func (v *view) GroupByName(name string) (core.Group, bool) {
	r, err := v.q.GetGroupByName(v.ctx, paging.Fold(name))
	return found(v, r, err, toGroup)
}

func (v *view) MembersOf(id core.GroupID) []core.Member {
	rs, err := v.q.ListMembersOf(v.ctx, string(id))
	return all(v, rs, err, toMember)
}

func (v *view) GroupsOf(p core.PersonID) []core.Member {
	rs, err := v.q.ListGroupsOf(v.ctx, string(p))
	return all(v, rs, err, toMember)
}

func (v *view) GivenTo(id core.GroupID) []core.Assignment {
	rs, err := v.q.ListGivenTo(v.ctx, string(id))
	return all(v, rs, err, toAssignment)
}

func (v *view) Through(id core.AssignmentID) []core.Assignment {
	rs, err := v.q.ListThrough(v.ctx, string(id))
	return all(v, rs, err, toAssignment)
}

func (v *view) Credential(p core.PersonID) (core.Credential, bool) {
	r, err := v.q.GetCredential(v.ctx, string(p))
	return found(v, r, err, toCredential)
}

func (v *view) Factor(p core.PersonID) (core.Factor, bool) {
	r, err := v.q.GetFactor(v.ctx, string(p))
	return found(v, r, err, toFactor)
}

func (v *view) Session(id core.SessionID) (core.Session, bool) {
	r, err := v.q.GetSession(v.ctx, string(id))
	return found(v, r, err, toSession)
}

func (v *view) SessionsOf(p core.PersonID) []core.Session {
	rs, err := v.q.ListSessionsOf(v.ctx, string(p))
	return all(v, rs, err, toSession)
}

func (v *view) Favourite(id core.FavouriteID) (core.Favourite, bool) {
	r, err := v.q.GetFavourite(v.ctx, string(id))
	return found(v, r, err, toFavourite)
}

func (v *view) FavouritesOf(p core.PersonID) []core.Favourite {
	rs, err := v.q.ListFavouritesOf(v.ctx, string(p))
	return all(v, rs, err, toFavourite)
}

func (v *view) Assignment(id core.AssignmentID) (core.Assignment, bool) {
	r, err := v.q.GetAssignment(v.ctx, string(id))
	return found(v, r, err, toAssignment)
}

func (v *view) LiveOf(p core.PersonID) []core.Assignment {
	rs, err := v.q.ListLiveOf(v.ctx, string(p))
	return all(v, rs, err, toAssignment)
}

func (v *view) LiveFor(role core.RoleID, kind core.AssignmentKind, limit int) []core.Assignment {
	return v.live([]core.AssignmentKind{kind}, limit, func(kind, state string, limit int32) ([]gen.Assignment, error) {
		return v.q.ListStateFor(v.ctx, gen.ListStateForParams{RoleID: string(role), Kind: kind, State: state, Limit: limit})
	})
}

// LiveOn returns the oldest first.
func (v *view) LiveOn(system core.SystemID, limit int) []core.Assignment {
	return v.live(allKinds, limit, func(kind, state string, limit int32) ([]gen.Assignment, error) {
		return v.q.ListStateOn(v.ctx, gen.ListStateOnParams{SystemID: string(system), Kind: kind, State: state, Limit: limit})
	})
}

// Activations returns the oldest first.
func (v *view) Activations(limit int) []core.Assignment {
	return v.live([]core.AssignmentKind{core.Active}, limit, func(_, state string, limit int32) ([]gen.Assignment, error) {
		return v.q.ListActivations(v.ctx, gen.ListActivationsParams{State: state, Limit: limit})
	})
}

// live reads each kind and state in the order of an index and merges them.
func (v *view) live(kinds []core.AssignmentKind, limit int, read func(kind, state string, limit int32) ([]gen.Assignment, error)) []core.Assignment {
	var out []core.Assignment
	for _, k := range kinds {
		for _, s := range []core.AssignmentState{core.Scheduled, core.InForce} {
			rs, err := read(string(k), string(s), bound(limit))
			out = append(out, all(v, rs, err, toAssignment)...)
		}
	}
	return firstBy(out, limit, func(a, b core.Assignment) int {
		return compareTimeID(a.Created, b.Created, a.ID, b.ID)
	})
}

func (v *view) StandingOn(id core.AssignmentID) []core.Assignment {
	rs, err := v.q.ListStandingOn(v.ctx, string(id))
	return all(v, rs, err, toAssignment)
}

func (v *view) Wanting(id core.GrantID) []core.Assignment {
	rs, err := v.q.ListWanting(v.ctx, string(id))
	return all(v, rs, err, toAssignment)
}

func (v *view) Due(now time.Time, limit int) []core.Assignment {
	at := now.UnixMicro()
	rs, err := v.q.ListEndsDue(v.ctx, gen.ListEndsDueParams{EndAt: at, Limit: bound(limit)})
	out := all(v, rs, err, toAssignment)
	if rest := limit - len(out); rest > 0 {
		rs, err := v.q.ListStartsDue(v.ctx, gen.ListStartsDueParams{StartAt: at, Limit: bound(rest)})
		out = append(out, all(v, rs, err, toAssignment)...)
	}
	return out
}

func (v *view) RemindersDue(now time.Time, limit int) []core.Assignment {
	rs, err := v.q.ListRemindersDue(v.ctx, gen.ListRemindersDueParams{RemindAt: now.UnixMicro(), Limit: bound(limit)})
	return all(v, rs, err, toAssignment)
}

func (v *view) Request(id core.RequestID) (core.Request, bool) {
	r, err := v.q.GetRequest(v.ctx, string(id))
	return found(v, r, err, toRequest)
}

func (v *view) PendingOn(id core.AssignmentID) []core.Request {
	rs, err := v.q.ListPendingOn(v.ctx, string(id))
	return all(v, rs, err, toRequest)
}

func (v *view) Named(id core.GroupID) bool {
	is, err := v.q.NamedInPending(v.ctx, string(id))
	v.fail(err)
	return is
}

func (v *view) PendingOf(p core.PersonID) []core.Request {
	rs, err := v.q.ListPendingOf(v.ctx, string(p))
	return all(v, rs, err, toRequest)
}

func (v *view) RequestsDue(now time.Time, limit int) []core.Request {
	rs, err := v.q.ListRequestsDue(v.ctx, gen.ListRequestsDueParams{DueAt: now.UnixMicro(), Limit: bound(limit)})
	return all(v, rs, err, toRequest)
}

func (v *view) Deputy(p core.PersonID) (core.Deputy, bool) {
	r, err := v.q.GetDeputy(v.ctx, string(p))
	return found(v, r, err, toDeputy)
}

func (v *view) DeputyFor(p core.PersonID) []core.Deputy {
	rs, err := v.q.ListDeputyFor(v.ctx, string(p))
	return all(v, rs, err, toDeputy)
}

func (v *view) Grant(id core.GrantID) (core.Grant, bool) {
	r, err := v.q.GetGrant(v.ctx, string(id))
	return found(v, r, err, toGrant)
}

func (v *view) GrantFor(k core.GrantKey) (core.Grant, bool) {
	r, err := v.q.GetGrantFor(v.ctx, gen.GetGrantForParams{
		SystemID: string(k.System), RoleID: string(k.Role), Scope: k.Scope, Account: k.Account,
	})
	return found(v, r, err, toGrant)
}

func (v *view) GrantsOn(id core.SystemID) int {
	n, err := v.q.CountGrantsOn(v.ctx, string(id))
	v.fail(err)
	return int(n)
}

func (v *view) Holders(roles ...core.RoleID) []core.Person {
	if len(roles) == 0 {
		return nil
	}
	w := where{}
	w.in("a.role_id", texts(roles))
	rows, err := v.tx.QueryContext(v.ctx, `SELECT id, name, name_fold, login, login_fold, mail, search, language, disabled, created_at
FROM people WHERE id IN (SELECT a.principal_id FROM assignments a WHERE a.kind = 'active' AND a.state = 'in_force' AND `+w.sql()+`)
ORDER BY name_fold, id LIMIT 100`, w.args...)
	if v.fail(err) {
		return nil
	}
	ps, err := scan(rows, func(r *sql.Rows) (core.Person, error) {
		var p gen.Person
		if err := r.Scan(&p.ID, &p.Name, &p.NameFold, &p.Login, &p.LoginFold, &p.Mail, &p.Search, &p.Language, &p.Disabled, &p.CreatedAt); err != nil {
			return core.Person{}, err
		}
		return toPerson(p)
	})
	if v.fail(err) {
		return nil
	}
	return ps
}
