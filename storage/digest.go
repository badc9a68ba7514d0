package storage

import (
	"context"
	"errors"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
)

// Marks of the digest: when the next one is due, and what the last one counted.
const (
	markDigest  = "digest"
	markCounted = "digest counted"
)

// Digest implements core.View.
func (v *view) Digest() core.DigestMark {
	return core.DigestMark{Next: toTime(v.mark(markDigest)), Until: toTime(v.mark(markCounted))}
}

func (t *tx) putDigestMark(m core.DigestMark) error {
	return errors.Join(
		t.q.SetMark(t.ctx, gen.SetMarkParams{Name: markDigest, Value: fromTime(m.Next)}),
		t.q.SetMark(t.ctx, gen.SetMarkParams{Name: markCounted, Value: fromTime(m.Until)}))
}

// Standing implements core.Work. All counts are of one moment.
func (db *DB) Standing(ctx context.Context, stuck, soon time.Time) (s core.Standing, err error) {
	err = db.read(ctx, func(v *view) error {
		systems, err := v.q.ListSystems(v.ctx)
		if err != nil {
			return err
		}
		at := map[string]*core.SystemCount{}
		s.By = make([]core.SystemCount, len(systems))
		for i, r := range systems {
			s.By[i] = core.SystemCount{System: core.SystemID(r.ID), Name: r.Name}
			at[r.ID] = &s.By[i]
		}
		of := func(id string) *core.SystemCount {
			if c, ok := at[id]; ok {
				return c
			}
			return &core.SystemCount{} // of a removed system: counted for nobody
		}
		held, err := v.q.CountHeldBySystem(v.ctx, fromTime(soon))
		for _, r := range held {
			c := of(r.SystemID)
			c.Permanent, c.Active, c.Eligible, c.Ending = int(r.Permanent), int(r.Active), int(r.Eligible), int(r.Ending)
		}
		running, err2 := v.q.CountRunningBySystem(v.ctx)
		for _, r := range running {
			of(r.SystemID).Running = int(r.N)
		}
		failing, err3 := v.q.CountStuckBySystem(v.ctx, fromTime(stuck))
		for _, r := range failing {
			of(r.SystemID).Stuck = int(r.N)
		}
		drift, err4 := v.q.CountOpenDrift(v.ctx)
		for _, r := range drift {
			of(r.SystemID).Outside = int(r.N)
		}
		most, err5 := v.q.ListMostHeld(v.ctx, core.DigestTop)
		for _, r := range most {
			s.Top = append(s.Top, core.RoleCount{Role: core.RoleID(r.RoleID), Name: r.Name, System: r.SystemName, Permanent: int(r.Permanent), Eligible: int(r.Eligible)})
		}
		waiting, err6 := v.q.CountWaiting(v.ctx)
		s.Waiting = int(waiting)
		s.Sum()
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
	return s, err
}
