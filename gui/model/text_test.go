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
// What was stored in English is said in the person's language, names and numbers
// in their places; what is nobody's sentence stays as it is.
func TestKnownSentences(t *testing.T) {
	say := tongue("de")
	for in, want := range map[string]string{
		"The mail server 127.0.0.1 broke off the connection.":          "Der Mailserver 127.0.0.1 hat die Verbindung abgebrochen.",
		"Nothing answers at mail.example.org on port 25.":              "Unter mail.example.org antwortet auf Port 25 niemand.",
		"The mail server m doesn't accept the address b@m: 550 no {x}": "Der Mailserver m nimmt die Adresse b@m nicht an: 550 no {x}",
		"SQLSTATE 42501": "SQLSTATE 42501",
		"":               "",
	} {
		if got := say.Known(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

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
