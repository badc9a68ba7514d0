package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
)

func (t *tx) putDrift(c core.Drift) error {
	return t.q.PutDrift(t.ctx, gen.PutDriftParams{
		ID: string(c.ID), SystemID: string(c.System), RoleID: string(c.Role), Scope: c.Scope, Account: c.Account, Kind: string(c.Kind),
		Object: c.Object, FirstAt: fromTime(c.First), Detail: c.Detail, AcceptedAt: fromTime(c.Accepted), ByID: string(c.By), Why: c.Why,
	})
}

func toDrift(r gen.Drift) (core.Drift, error) {
	return core.Drift{
		ID:       core.DriftID(r.ID),
		GrantKey: core.GrantKey{System: core.SystemID(r.SystemID), Role: core.RoleID(r.RoleID), Scope: r.Scope, Account: r.Account},
		Kind:     core.DriftKind(r.Kind), Object: r.Object, First: toTime(r.FirstAt), Detail: r.Detail,
		Accepted: toTime(r.AcceptedAt), By: core.PersonID(r.ByID), Why: r.Why,
	}, nil
}

func (v *view) Drift(id core.DriftID) (core.Drift, bool) {
	r, err := v.q.GetDrift(v.ctx, string(id))
	return found(v, r, err, toDrift)
}

func (v *view) DriftFor(k core.GrantKey, kind core.DriftKind) (core.Drift, bool) {
	r, err := v.q.GetDriftFor(v.ctx, gen.GetDriftForParams{
		SystemID: string(k.System), RoleID: string(k.Role), Scope: k.Scope, Account: k.Account, Kind: string(kind),
	})
	return found(v, r, err, toDrift)
}

func (v *view) CountDrift(id core.SystemID) int {
	n, err := v.q.CountDrift(v.ctx, string(id))
	v.fail(err)
	return int(n)
}

// DriftOf implements core.Work.
func (db *DB) DriftOf(ctx context.Context, id core.SystemID) (rows []core.Drift, last core.Reading, err error) {
	last.System = id
	err = db.read(ctx, func(v *view) error {
		rs, err := v.q.ListDriftOf(v.ctx, string(id))
		rows = all(v, rs, err, toDrift)
		r, err := v.q.GetReading(v.ctx, string(id))
		if !errors.Is(err, sql.ErrNoRows) {
			v.fail(err)
			last.At, last.Held, last.More = toTime(r.ReadAt), int(r.Held), int(r.More)
		}
		return v.err
	})
	return rows, last, err
}

// Attempted implements core.Work.
func (db *DB) Attempted(ctx context.Context, id core.SystemID, after core.GrantID, limit int) (out []core.GrantID, err error) {
	err = db.glance(ctx, func(v *view) error {
		rs, err := v.q.ListAttempted(v.ctx, gen.ListAttemptedParams{SystemID: string(id), ID: string(after), Limit: bound(limit)})
		out = all(v, rs, err, func(r string) (core.GrantID, error) { return core.GrantID(r), nil })
		return v.err
	})
	return out, err
}

// LiveGrants implements core.Work.
func (db *DB) LiveGrants(ctx context.Context, id core.SystemID, after core.GrantID, limit int) (out []core.Grant, err error) {
	err = db.read(ctx, func(v *view) error {
		rs, err := v.q.ListLiveGrants(v.ctx, gen.ListLiveGrantsParams{SystemID: string(id), ID: string(after), Limit: bound(limit)})
		out = all(v, rs, err, toGrant)
		return v.err
	})
	return out, err
}
