package gui

import "github.com/stint-pim/stint/gui/model"

// DataFacts says where data and keys of this computer are, for the settings'
// page; nothing where the window talks to a server elsewhere.
func (f *frame) DataFacts() []model.Fact {
	if f.w.deps.DataFacts == nil {
		return nil
	}
	return f.w.deps.DataFacts(f.kit.Text)
}

// Version is the program's, for the settings' page.
func (f *frame) Version() string { return f.w.deps.Version }
