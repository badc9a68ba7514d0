package service_test

import (
	"strings"
	"testing"

	"github.com/stint-pim/stint/core"
)

// A setting that a kind doesn't have is refused on every way, as is a kind that
// there is not: somebody may believe that it protects him.
func TestNoSuchSetting(t *testing.T) {
	h := newHouse(t, nil)
	ctx := t.Context()
	id, _ := h.system()
	slip := core.SystemSpec{Name: "db", Kind: core.KindSample, Settings: map[string]string{"as": "postgres", "host": "db.example.org", "ssl": "verify-full"}}
	_, err := h.boss.Probe(ctx, id, slip)
	h.key(err, "connector.setting_unknown")
	_, err = h.boss.Do(ctx, core.Call{Command: core.UpdateSystem{System: id, SystemSpec: slip}})
	h.key(err, "connector.setting_unknown")
	slip.Name = "another"
	_, err = h.boss.Do(ctx, core.Call{Command: core.AddSystem{SystemSpec: slip}})
	h.key(err, "connector.setting_unknown")
	delete(slip.Settings, "ssl")
	slip.Kind = "oracle"
	_, err = h.boss.Do(ctx, core.Call{Command: core.AddSystem{SystemSpec: slip}})
	h.key(err, "system.kind_unknown")
	if a := h.actions(); !strings.HasSuffix(a, "command.refused command.refused command.refused") {
		t.Errorf("what was refused is not in the log: %s", a)
	}
}
