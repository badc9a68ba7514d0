package main

import (
	"path/filepath"

	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/gui/model"
)

// embedded is the inside of a house that others opened.
func embedded(h *house.House, socket string) *inside {
	return &inside{gate: h.Gate, house: h, socket: socket}
}

// facts says where data and key of this computer are; nothing where the
// window talks to a server elsewhere.
func (in *inside) facts(t *model.Text) []model.Fact {
	if in.house == nil {
		return nil
	}
	h := in.house
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
		{Label: t.T("desktop.data.socket"), Value: in.socket, Mono: true},
	}
}
