package memory

import (
	"cmp"
	"context"
	"time"

	"github.com/stint-pim/stint/core"
)

// NextDue implements core.Work.
func (s *Store) NextDue(ctx context.Context) (at time.Time, access bool, err error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return at, false, err
	}
	due := func(t time.Time) {
		if !access || t.Before(at) {
			at, access = t, true
		}
	}
	for _, a := range st.assignments.rows {
		if a.State == core.Scheduled {
			due(a.Start)
		}
		if a.State.Live() && !a.End.IsZero() {
			due(a.End)
		}
		if !a.Remind.IsZero() {
			due(a.Remind)
		}
	}
	for _, r := range st.requests.rows {
		if !r.Due.IsZero() {
			due(r.Due)
		}
	}
	if next := st.digest.Next; !next.IsZero() && (!access || next.Before(at)) {
		at = next
	}
	return at, access, nil
}

// PendingGrants implements core.Work.
func (s *Store) PendingGrants(ctx context.Context, id core.SystemID, now time.Time, limit int) ([]core.Grant, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	now = cut(now)
	gs := pick(st.grants.rows, func(g core.Grant) bool { return g.System == id && g.Pending() && !g.NextTry.After(now) })
	rank := func(g core.Grant) int {
		if g.State == core.GrantRemoving {
			return 0
		}
		return 1
	}
	return first(gs, limit, func(a, b core.Grant) int {
		return cmp.Or(rank(a)-rank(b), byTime(a.Since, b.Since, a.ID, b.ID))
	}), nil
}

// Endings implements core.Work.
func (s *Store) Endings(ctx context.Context, now time.Time, after core.Ending, limit int) ([]core.Ending, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	now = cut(now)
	past := func(t time.Time) bool { return !t.IsZero() && !t.After(now) }
	var out []core.Ending
	for _, a := range st.assignments.rows {
		g, ok := st.grants.get(a.Grant)
		e := core.Ending{Assignment: a.ID, At: a.End, System: g.System, Grant: g.ID, Cycle: g.Cycle, External: g.External, Scope: g.Scope, Account: g.Account, Object: g.Object}
		role, managed := st.roles.get(g.Role)
		if ok && managed && a.State.Live() && past(a.End) && g.Wanted && g.State == core.GrantPresent && past(g.Until) && !role.Protected && behind(e, after) {
			out = append(out, e)
		}
	}
	return first(out, limit, func(a, b core.Ending) int { return byTime(a.At, b.At, a.Assignment, b.Assignment) }), nil
}

func behind(e, after core.Ending) bool {
	return byTime(e.At, cut(after.At), e.Assignment, after.Assignment) > 0
}

// NextTry implements core.Work.
func (s *Store) NextTry(ctx context.Context, id core.SystemID) (at time.Time, ok bool, err error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return at, false, err
	}
	for _, g := range st.grants.rows {
		if g.System == id && g.Pending() && (!ok || g.NextTry.Before(at)) {
			at, ok = g.NextTry, true
		}
	}
	return at, ok, nil
}

// Systems implements core.Work.
func (s *Store) Systems(ctx context.Context) ([]core.System, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	ss := pick(st.systems.rows, func(s core.System) bool { return s.State != core.SystemRemoved })
	ss = first(ss, len(ss), func(a, b core.System) int { return byName(a.Name, b.Name, a.ID, b.ID) })
	for i := range ss {
		ss[i] = system(ss[i])
	}
	return ss, nil
}

// Prune implements core.Work.
func (s *Store) Prune(ctx context.Context, before time.Time) error {
	before = cut(before)
	return s.Update(ctx, func(t core.Tx) error {
		st := t.(*tx).s
		for k, r := range st.remembered.rows {
			if r.at.Before(before) {
				st.remembered.remove(k)
			}
		}
		for k, r := range st.sessions.rows {
			if r.Expires.Before(before) {
				st.sessions.remove(k)
			}
		}
		return nil
	})
}

// Restored implements core.Work.
func (s *Store) Restored(ctx context.Context) (time.Time, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return st.restored, nil
}

// LastTime implements core.Work.
func (s *Store) LastTime(ctx context.Context) (time.Time, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return time.Time{}, err
	}
	last := st.noted
	if at := st.head().Time; at.After(last) {
		last = at
	}
	return last, nil
}

// NoteTime implements core.Work. A time before the one noted changes nothing.
func (s *Store) NoteTime(ctx context.Context, now time.Time) error {
	return s.Update(ctx, func(t core.Tx) error {
		if st := t.(*tx).s; cut(now).After(st.noted) {
			st.noted = cut(now)
		}
		return nil
	})
}
