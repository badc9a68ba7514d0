package memory

import (
	"context"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/filter"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// entries returns those that fit, oldest first.
func (s *Store) entries(ctx context.Context, f core.EntryFilter) ([]core.Entry, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	fits, err := filter.Entry(f)
	if err != nil {
		return nil, err
	}
	var out []core.Entry
	for i := range st.entries {
		if e := &st.entries[i]; fits(e) {
			out = append(out, *e)
		}
	}
	return out, nil
}

// Entries implements core.Query.
func (s *Store) Entries(ctx context.Context, f core.EntryFilter, p core.Page) (l core.List[core.Entry], err error) {
	es, err := s.entries(ctx, f)
	if err != nil {
		return l, err
	}
	return page("entries", p, es, newestFirst, func(e core.Entry) paging.Key { return paging.Key{Num: e.Seq} })
}

// CountEntries implements core.Query.
func (s *Store) CountEntries(ctx context.Context, f core.EntryFilter) (int64, error) {
	es, err := s.entries(ctx, f)
	return int64(len(es)), err
}

// EachEntry implements core.Query.
func (s *Store) EachEntry(ctx context.Context, f core.EntryFilter, do func(*core.Entry) error) error {
	es, err := s.entries(ctx, f)
	if err != nil {
		return err
	}
	for i := range es {
		if err := s.open(ctx); err != nil {
			return err
		}
		if err := do(&es[i]); err != nil {
			return err
		}
	}
	return nil
}

// Story implements core.Query.
func (s *Store) Story(ctx context.Context, id core.AssignmentID) ([]core.Entry, error) {
	st, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	a, ok := st.assignments.get(id)
	if !ok {
		return nil, nil
	}
	var out []core.Entry
	over := false // the grant was proven to be gone after the end
	for _, e := range st.entries {
		own := e.Assignment == a.ID || a.Basis != "" && e.Assignment == a.Basis
		proof := a.Grant != "" && e.Principal == a.Principal && a.Principal != "" && e.Role == a.Role &&
			strings.HasPrefix(string(e.Action), "grant.")
		if own || proof && !over && !e.Time.Before(a.Start) {
			out = append(out, e)
		}
		if proof && !a.State.Live() && !e.Time.Before(a.Ended) && (e.Action == core.GrantRemoved || e.Action == core.GrantLeft) {
			over = true
		}
		if len(out) == 500 {
			break
		}
	}
	return out, nil
}
