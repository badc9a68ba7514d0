package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/gui/model"
)

// Servers are offered again with the last one first, each once, a few of them,
// and never with a secret that somebody typed into the address.
func TestRememberServer(t *testing.T) {
	var used []string
	for _, typed := range []string{"https://a.example", "b.example:8443/", " HTTPS://alice:hunter2@C.example/stint?token=hunter2#hunter2 ", "https://d.example", "https://a.example/", "https://e.example"} {
		used = model.RememberServer(used, typed)
	}
	if diff := cmp.Diff([]string{"https://e.example", "https://a.example", "https://d.example", "https://c.example/stint"}, used); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, typed := range []string{"", "https://", "https://[::1", "%zz"} {
		if got := model.RememberServer(used, typed); got != nil {
			t.Errorf("%q is kept: %q", typed, got)
		}
	}
}
