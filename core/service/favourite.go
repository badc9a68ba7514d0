package service

import (
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
)

// follow lets favourites lead on where the assignment that they were made on is
// over and the same role can be had again at the same scope: what a member has
// through his group is another assignment each time it is renewed or he comes
// back, and so is what an administrator assigns anew. What people meant is the
// role. Where there are several, of his own and through groups, they give the
// same; it is the one that lasts longest. What is live stays what it is, and so
// does what nothing took the place of: the window says that it is gone.
func follow(v core.View, list []core.Favourite, live []core.AssignmentRow) []core.Favourite {
	for i, f := range list {
		for j, it := range f.Items {
			was, ok := v.Assignment(it.Assignment)
			if !ok || was.State.Live() {
				continue
			}
			id := successor(was, live)
			taken := slices.ContainsFunc(f.Items, func(o core.ActivationItem) bool { return o.Assignment == id })
			if id == "" || taken {
				continue
			}
			f.Items = slices.Clone(f.Items)
			f.Items[j].Assignment = id
		}
		list[i] = f
	}
	return list
}

// successor is the eligible assignment in force that gives what one gave, or "".
func successor(was core.Assignment, live []core.AssignmentRow) core.AssignmentID {
	var best core.AssignmentRow
	for _, a := range live {
		fits := a.Kind == core.Eligible && a.State == core.InForce && a.Role == was.Role && a.Scope == was.Scope
		if fits && (best.ID == "" || lasts(a.End, best.End) || a.End.Equal(best.End) && a.ID < best.ID) {
			best = a
		}
	}
	return best.ID
}

// lasts reports whether what ends at a goes on for longer than what ends at b; the
// zero time is no end.
func lasts(a, b time.Time) bool { return !b.IsZero() && (a.IsZero() || a.After(b)) }
