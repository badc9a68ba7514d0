package main

import (
	"path/filepath"

	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/gui/model"
)

// facts says where data and key of this computer are; nothing where the
// window talks to a server elsewhere.
func (in *inside) facts(t *model.Text) []model.Fact {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.house == nil {
		return nil
	}
	return append(factsOf(t, in.house), model.Fact{Label: t.T("desktop.data.socket"), Value: in.socket, Mono: true})
}

// facts says where the sample is while it is open, and else what home says.
func (r *sampleRoom) facts(home func(*model.Text) []model.Fact) func(*model.Text) []model.Fact {
	return func(t *model.Text) []model.Fact {
		r.mu.Lock()
		h := r.house
		r.mu.Unlock()
		switch {
		case h != nil:
			return factsOf(t, h)
		case home != nil:
			return home(t)
		}
		return nil
	}
}

func factsOf(t *model.Text, h *house.House) []model.Fact {
	key := t.T("desktop.data.keyring")
	if h.Key.Source == seal.FromFile {
		key = h.Key.Path
	}
	path, err := filepath.Abs(h.Path)
	if err != nil {
		path = h.Path // as it was given
	}
	return []model.Fact{
		{Label: t.T("desktop.data.folder"), Value: filepath.Dir(path), Mono: true},
		{Label: t.T("desktop.data.key"), Value: key, Mono: h.Key.Source == seal.FromFile},
		{Label: t.T("desktop.data.fingerprint"), Value: h.Key.Fingerprint(), Mono: true},
	}
}
