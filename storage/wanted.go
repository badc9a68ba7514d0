package storage

import (
	"slices"

	"github.com/stint-pim/stint/core"
)

// wantedMost is how many assignments may want a grant for the list of them to
// be kept. Of nearly all it is one.
const wantedMost = 64

// wanted keeps the lists that Wanting returned, up to date with what is written.
type wanted struct {
	by map[core.GrantID][]core.Assignment
	of map[core.AssignmentID]core.GrantID // which list it is in
}

func (w *wanted) keep(id core.GrantID, as []core.Assignment) {
	if len(as) > wantedMost {
		return
	}
	if w.by == nil || len(w.by) >= recentMax {
		w.by, w.of = map[core.GrantID][]core.Assignment{}, map[core.AssignmentID]core.GrantID{}
	}
	w.by[id] = as
	for _, a := range as {
		w.of[a.ID] = id
	}
}

// put takes an assignment as it was just written.
func (w *wanted) put(a core.Assignment) {
	if id, ok := w.of[a.ID]; ok {
		w.by[id] = slices.DeleteFunc(w.by[id], func(b core.Assignment) bool { return b.ID == a.ID })
		delete(w.of, a.ID)
	}
	as, ok := w.by[a.Grant]
	if !ok || a.State != core.InForce || a.Kind != core.Active {
		return
	}
	i, _ := slices.BinarySearchFunc(as, a, func(a, b core.Assignment) int { return compareTimeID(a.Created, b.Created, a.ID, b.ID) })
	w.by[a.Grant] = slices.Insert(as, i, a)
	w.of[a.ID] = a.Grant
}

// Wanting implements core.View. It returns a list of its own each time.
func (t *tx) Wanting(id core.GrantID) []core.Assignment {
	k := t.db.kept
	if k == nil {
		return t.view.Wanting(id)
	}
	if as, ok := k.wanted.by[id]; ok {
		return slices.Clone(as)
	}
	as := t.view.Wanting(id)
	if t.err == nil {
		k.wanted.keep(id, slices.Clone(as))
	}
	return as
}
