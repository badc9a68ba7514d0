package model_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/model"
	"github.com/stint-pim/stint/resources"
)

// What the core says with an instant in it is shown in the window's own place and
// language, in refusals as in results.
func TestInstantsAreLocal(t *testing.T) {
	at := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)
	east := time.FixedZone("east", 2*60*60)
	for lang, want := range map[string]string{"en": "24 Nov 2026, 01:30", "de": "24. Nov. 2026, 01:30"} {
		say := model.NewText(lang, resources.Texts(lang), resources.Texts("en"), east)
		refused := say.Error(core.Errorf(core.Conflict, "items", "activation.exists", "until", core.Clock(at)))
		note := say.Note(core.Note{Key: "note.ends_activation", Args: map[string]string{"until": core.Clock(at)}})
		for _, got := range []string{refused, note} {
			if !strings.Contains(got, want) || strings.Contains(got, "UTC") {
				t.Errorf("%s: got %q, want %q in it", lang, got, want)
			}
		}
	}
	say := tongue("en")
	if got := say.Error(core.Errorf(core.Conflict, "principals", "assignment.exists", "person", "2026-11 UTC", "kind", "active", "until", core.Clock(at))); !strings.Contains(got, "2026-11 UTC") {
		t.Errorf("what is no instant is shown as %q", got)
	}
}

// What stands in the log in the words of the program is said in the window's.
func TestPlacesAndKindsAreSaid(t *testing.T) {
	de := tongue("de")
	for from, want := range map[string]string{"window": "Fenster von Stint", "command line": "Kommandozeile", "stint": "Stint selbst", "10.20.4.17": "10.20.4.17"} {
		if got := model.FromWhere(de, from); got != want {
			t.Errorf("%s: %q, want %q", from, got, want)
		}
	}
	refused := de.Error(core.Errorf(core.Conflict, "principals", "assignment.exists_always", "person", "Ann", "kind", "eligible"))
	if !strings.Contains(refused, "(berechtigt), dauerhaft") {
		t.Errorf("refused with %q", refused)
	}
}
